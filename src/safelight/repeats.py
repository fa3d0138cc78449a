"""Creates that are sent again: a client whose connection broke must not get, and pay, two runs."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile
from types import TracebackType
from typing import Final

from safelight.store import Store

STORM: Final = 5.0
"""Seconds after a broken connection in which the same body is taken for the same wish."""
RETRY_WINDOW: Final = timedelta(minutes=5)
"""How far back a request that calls itself a retry may mean an earlier one."""
MOST_ANSWERED: Final = 20_000


class Attempt:
    """A create that is being answered."""

    def __init__(self, fingerprint: bytes, broken: "Attempt | None") -> None:
        self.fingerprint = fingerprint
        self.broken = broken
        """The one like it, a moment ago, whose caller hung up."""
        self.accepted: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        """The id of its prediction; None once it is refused."""
        self.is_broken = False
        """Its caller hung up before the answer."""

    def accept(self, prediction_id: str) -> None:
        """Its prediction is stored."""
        self.accepted.set_result(prediction_id)


class Repeats:
    """Knows which creates went unanswered, and finds what came of them.

    Official clients send no key: JavaScript's posts six times within 50 ms when a connection
    breaks, Python 2's up to three times within two minutes, and counts them in a header.
    """

    def __init__(self, store: Store, key: bytes) -> None:
        self._store = store
        self._key = key
        self._loop = asyncio.get_running_loop()
        self._open: dict[bytes, dict[Attempt, None]] = {}
        self._broken: dict[bytes, tuple[Attempt, float]] = {}
        self._answered: dict[str, None] = {}

    def fingerprint(self, token_id: str, path: str, body: bytes) -> bytes:
        """16 bytes that tell one create from another; keyed, as bodies hold secrets."""
        mac = hashlib.blake2b(key=self._key, digest_size=16, person=b"create")
        mac.update(f"{token_id}\n{path}\n".encode())
        mac.update(body)
        return mac.digest()

    async def earlier(
        self, attempt: Attempt, account: str, *, is_retry: bool, now: datetime
    ) -> str | None:
        """The prediction that an unanswered create like this one made, if there was one.

        It waits for attempts that came before this one, and so never in a circle.
        """
        if attempt.broken is not None:
            found = await asyncio.shield(attempt.broken.accepted)
            if found is not None:
                return found
        return await self._retried(attempt, account, now) if is_retry else None

    async def _retried(self, attempt: Attempt, account: str, now: datetime) -> str | None:
        before = takewhile(lambda other: other is not attempt, self._open[attempt.fingerprint])
        # A hang-up may be hidden by a proxy, so those without one are meant, too, but last.
        for other in sorted(before, key=lambda other: not other.is_broken):
            found = await asyncio.shield(other.accepted)
            if found is not None:
                return found
        since = now - RETRY_WINDOW
        for prediction_id in await self._store.created_like(attempt.fingerprint, account, since):
            if prediction_id not in self._answered:
                return prediction_id
        return None

    def attempt(self, fingerprint: bytes, hang_ups: set[Callable[[], None]]) -> "Answering":
        """A create while it is being answered; *hang_ups* are called when its caller is gone."""
        attempt = Attempt(fingerprint, self._just_broken(fingerprint))
        return Answering(self, attempt, hang_ups)

    def open(self, attempt: Attempt) -> None:
        """Its answer is on the way."""
        self._open.setdefault(attempt.fingerprint, {})[attempt] = None

    def close(self, attempt: Attempt, *, is_answered: bool) -> None:
        """Nothing more is done about it."""
        if is_answered and not attempt.is_broken:
            self._answer(attempt)
        if not attempt.accepted.done():
            attempt.accepted.set_result(None)
        attempt.broken = None  # or the last of a storm would hold on to all before it
        self._close(attempt)

    def _just_broken(self, fingerprint: bytes) -> Attempt | None:
        if not self._broken:
            return None
        broken, until = self._broken.get(fingerprint, (None, 0.0))
        return broken if until > self._loop.time() else None

    def hang_up(self, attempt: Attempt) -> None:
        """Its caller is gone."""
        attempt.is_broken = True
        now = self._loop.time()
        self._broken.pop(attempt.fingerprint, None)  # to stand behind what is forgotten sooner
        self._broken[attempt.fingerprint] = attempt, now + STORM
        while self._broken[first := next(iter(self._broken))][1] <= now:
            del self._broken[first]

    def _answer(self, attempt: Attempt) -> None:
        """Its caller has been told: the same body again is another wish."""
        if len(self._answered) >= MOST_ANSWERED:
            del self._answered[next(iter(self._answered))]
        if (prediction_id := attempt.accepted.result()) is not None:
            self._answered[prediction_id] = None

    def _close(self, attempt: Attempt) -> None:
        attempts = self._open[attempt.fingerprint]
        del attempts[attempt]
        if not attempts:
            del self._open[attempt.fingerprint]


class Answering:
    """A context that lasts while an attempt is being answered."""

    __slots__ = ("_attempt", "_hang_ups", "_repeats")

    def __init__(
        self, repeats: Repeats, attempt: Attempt, hang_ups: set[Callable[[], None]]
    ) -> None:
        self._repeats = repeats
        self._attempt = attempt
        self._hang_ups = hang_ups

    def __enter__(self) -> Attempt:
        """Listen for the caller's leaving."""
        self._hang_ups.add(self._hear)
        self._repeats.open(self._attempt)
        return self._attempt

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """It is answered, unless an exception left the context."""
        self._hang_ups.discard(self._hear)
        self._repeats.close(self._attempt, is_answered=kind is None)

    def _hear(self) -> None:
        self._repeats.hang_up(self._attempt)

"""Creates that are sent again: a client whose connection broke must not get, and pay, two runs."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from safelight.store import Store

STORM: Final = 5.0
"""Seconds after a broken connection in which the same body is taken for the same wish."""
RETRY_WINDOW: Final = timedelta(minutes=5)
"""How far back a request that calls itself a retry may mean an earlier one."""
MOST_ANSWERED: Final = 20_000


class Attempt:
    """A create that is being answered."""

    def __init__(self, is_gone: Callable[[], Awaitable[bool]]) -> None:
        self.is_gone = is_gone
        """Whether the caller has hung up."""
        self.accepted: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        """The id of its prediction; None once it is refused."""

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
        self._open: dict[bytes, list[Attempt]] = {}
        self._broken: dict[bytes, tuple[str, float]] = {}
        self._answered: dict[str, None] = {}

    def fingerprint(self, token_id: str, path: str, body: bytes) -> bytes:
        """16 bytes that tell one create from another; keyed, as bodies hold secrets."""
        mac = hashlib.blake2b(key=self._key, digest_size=16, person=b"create")
        mac.update(f"{token_id}\n{path}\n".encode())
        mac.update(body)
        return mac.digest()

    async def earlier(
        self, fingerprint: bytes, account: str, *, is_retry: bool, now: datetime
    ) -> str | None:
        """The prediction that an unanswered create like this one made, if there was one."""
        for attempt in list(self._open.get(fingerprint, ())):
            if is_retry or await self._has_broken(fingerprint, attempt):
                found = await asyncio.shield(attempt.accepted)
                if found is not None:
                    return found
        found, until = self._broken.get(fingerprint, ("", 0.0))
        if until > self._loop.time():
            return found
        return await self._unanswered(fingerprint, account, now) if is_retry else None

    async def _has_broken(self, fingerprint: bytes, attempt: Attempt) -> bool:
        # One that has been answered counts as gone, too, but is no longer among the open ones.
        return await attempt.is_gone() and attempt in self._open.get(fingerprint, ())

    async def _unanswered(self, fingerprint: bytes, account: str, now: datetime) -> str | None:
        since = now - RETRY_WINDOW
        for prediction_id in await self._store.created_like(fingerprint, account, since):
            if prediction_id not in self._answered:
                return prediction_id
        return None

    @contextmanager
    def attempt(
        self, fingerprint: bytes, is_gone: Callable[[], Awaitable[bool]]
    ) -> Generator[Attempt]:
        """A create while it is being answered."""
        attempt = Attempt(is_gone)
        attempts = self._open.setdefault(fingerprint, [])
        attempts.append(attempt)
        try:
            yield attempt
        finally:
            if not attempt.accepted.done():
                attempt.accepted.set_result(None)
            attempts.remove(attempt)
            if not attempts:
                self._open.pop(fingerprint, None)

    def answered(self, prediction_id: str) -> None:
        """Its caller has been told: the same body again is another wish."""
        if len(self._answered) >= MOST_ANSWERED:
            del self._answered[next(iter(self._answered))]
        self._answered[prediction_id] = None

    def broke(self, fingerprint: bytes, prediction_id: str) -> None:
        """Its caller hung up before the answer."""
        now = self._loop.time()
        self._broken = {name: kept for name, kept in self._broken.items() if kept[1] > now}
        self._broken[fingerprint] = prediction_id, now + STORM

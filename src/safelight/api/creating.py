"""Creates a prediction, or finds the one that the same create has made before, and answers it."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Mode, Token
from safelight.api.context import Context, answer
from safelight.api.headers import read_cancel_after, read_idempotency_key, read_wait
from safelight.correlation import PREDICTION
from safelight.errors import AlreadyAccepted, Conflict, NotFound, Stopping
from safelight.ids import in_order, prediction_id
from safelight.prediction import SOURCE, Prediction, Status
from safelight.registry import Runnable
from safelight.repeats import Attempt
from safelight.spending import providers_paid
from safelight.store import Once

HANG_UPS: Final = "safelight.hang_ups"
"""The extension of the ASGI scope that holds a set of callables."""
FRESH: Final = {"cache-control": "no-store"}
_REPLAYED: Final = {"idempotent-replayed": "true"}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A create as it was understood."""

    body: wire.Create
    runnable: Runnable
    sent: bytes
    """The body as it came."""
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the route adds to the prediction, such as its deployment."""


class Creating:
    """The one way in which predictions come to be."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def create(self, request: Request, token: Token, wish: Wish) -> Response:
        """Store the prediction, wait for it as long as the caller prefers, and show it."""
        waits = read_wait(request.headers.get("prefer"))
        key = read_idempotency_key(request.headers.get("idempotency-key"))
        repeats = self._context.repeats
        sent = repeats.fingerprint(token.id, request.scope["path"], wish.sent)
        with repeats.attempt(sent, _hang_ups(request)) as attempt:
            found = await self._earlier(request, token, attempt) if key is None else None
            is_new = found is None
            if found is None:
                prediction, is_new = await self._insert(request, token, wish, Once(sent, key))
            else:
                prediction = await self._context.store.get(found, token.account)
            attempt.accept(prediction.id)
            PREDICTION.set(prediction.id)
            if waits is not None:
                prediction = await self._ended(prediction, waits[0])
        headers = {} if is_new else dict(_REPLAYED)
        if waits is not None:
            headers["preference-applied"] = waits[1]
        return self._shown(request, prediction, headers)

    async def _earlier(self, request: Request, token: Token, attempt: Attempt) -> str | None:
        """What an unanswered create like this one made; for when no key tells that."""
        is_retry = request.headers.get("x-stainless-retry-count", "0") != "0"
        if attempt.broken is None and not is_retry:
            return None
        now = datetime.now(UTC)
        return await self._context.repeats.earlier(
            attempt, token.account, is_retry=is_retry, now=now
        )

    async def _insert(
        self, request: Request, token: Token, wish: Wish, once: Once
    ) -> tuple[Prediction, bool]:
        """The new prediction, or the one that was made under the same idempotency key."""
        deadline_after = read_cancel_after(request.headers.get("cancel-after"))
        checked, hidden = self._context.library.checked_input(wish.runnable, wish.body.input)
        prediction = _accepted(wish, checked, token, deadline_after)
        if request.scope.get(SOURCE) is not None:
            prediction = msgspec.structs.replace(prediction, source=request.scope[SOURCE])
        if prediction.webhook is not None:
            origin = self._context.origin(request)
            prediction = msgspec.structs.replace(prediction, origin=origin)
        if token.mode is Mode.LIVE:
            estimate = self._context.estimates.of(
                # A model of one's own costs what the one in the box does that runs it.
                wish.runnable.shares or prediction.model,
                checked,
                hidden,
                prediction.created_at,
                streamed=prediction.streamed,
            )
            brings_key = bool(hidden) and bool(providers_paid(hidden))
            prediction = msgspec.structs.replace(prediction, estimate=estimate, own_key=brings_key)
        sealed = self._context.vault.seal(hidden, prediction.id) if hidden else None
        try:
            await self._context.store.insert(prediction, sealed, once)
        except AlreadyAccepted as error:
            return await self._accepted_before(error.prediction_id, token), False
        return prediction, True

    async def _accepted_before(self, prediction_id: str, token: Token) -> Prediction:
        try:
            return await self._context.store.get(prediction_id, token.account)
        except NotFound:
            raise Conflict(
                f"This Idempotency-Key stands for prediction {prediction_id}, which was deleted."
                " Send a fresh key."
            ) from None

    async def _ended(self, prediction: Prediction, within: timedelta) -> Prediction:
        with suppress(Stopping):  # it is accepted: that must be told whatever happens
            prediction = await self._context.store.ended(prediction.id, within) or prediction
        # What is still running when the wait is over says `starting`: clients take anything else
        # for finished.
        return prediction if prediction.status.is_terminal else _as_accepted(prediction)

    def _shown(self, request: Request, prediction: Prediction, headers: dict[str, str]) -> Response:
        shown = self._context.wire.prediction(prediction, self._context.origin(request))
        return answer(shown, 201, {"location": shown["urls"]["get"], **FRESH, **headers})


def _hang_ups(request: Request) -> set[Callable[[], None]]:
    """What the server calls when the connection is lost; other ASGI servers do not tell."""
    extensions: dict[str, Any] = request.scope.get("extensions") or {}
    found: set[Callable[[], None]] | None = extensions.get(HANG_UPS)
    return set() if found is None else found


def _as_accepted(prediction: Prediction) -> Prediction:
    if prediction.status is Status.STARTING:
        return prediction
    return msgspec.structs.replace(
        prediction, status=Status.STARTING, started_at=None, output=None, files=(), logs=""
    )


def _accepted(
    wish: Wish, checked: wire.Json, token: Token, deadline_after: timedelta | None
) -> Prediction:
    now = datetime.now(UTC)
    created = now.replace(microsecond=now.microsecond // 1000 * 1000)
    model = wish.runnable.model
    return Prediction(
        # An id is a name, no secret: what opens without a token carries a MAC.
        id=prediction_id(in_order(created, random.randbytes(16))),  # noqa: S311 - see above
        account=token.account,
        token=token.id,
        model=model.full_name,
        version=wish.runnable.version.id,
        shares=wish.runnable.shares,
        hidden=model.is_official,
        streams_text=not wish.runnable.version.gives_files,
        mode=token.mode,
        streamed=wish.body.stream,
        input=checked,
        created_at=created,
        deadline=None if deadline_after is None else created + deadline_after,
        webhook=wish.body.webhook,
        webhook_events=wish.body.webhook_events,
        **wish.facts,
    )

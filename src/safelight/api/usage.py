"""Usage: what an account has spent, added up; and what a prediction may cost."""

from datetime import UTC, date, datetime

from starlette.requests import Request
from starlette.responses import Response

from safelight import wire
from safelight.account import Scope, Token
from safelight.api.context import Context, answer
from safelight.api.creating import FRESH
from safelight.api.operation import Operation
from safelight.errors import Malformed
from safelight.ids import Reference
from safelight.ledger import By, Span


class Usage:
    """The endpoints of `/usage` and of estimates, which Replicate does not have."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def operations(self) -> "list[Operation]":
        """What is answered here."""
        quote = "/v1/models/{owner}/{name}/estimate"
        return [
            Operation("usage.get", "GET", "/v1/usage", self.get, Scope.READ),
            Operation("models.estimate", "POST", quote, self.estimate, Scope.READ),
        ]

    async def get(self, request: Request, token: Token) -> Response:
        """`GET /usage`: of the caller's account, by default day by day in this month."""
        now = datetime.now(UTC)
        by, span = _by(request), _span(request, now.date())
        sums = await self._store.ledger.sums(token.account, span, by)
        if _wants_csv(request):
            return Response(wire.usage_csv(by, sums), 200, dict(FRESH), "text/csv")
        tokens = [one.id for one in await self._store.accounts.tokens(token.account)]
        standings = await self._store.ledger.standings(token.account, tokens, now)
        return answer(wire.usage(by, span, sums, standings), headers=dict(FRESH))

    async def estimate(self, request: Request, token: Token) -> Response:
        """`POST /models/{owner}/{name}/estimate`: takes what a create takes, and runs nothing."""
        owner, name = request.path_params["owner"], request.path_params["name"]
        library, estimates = self._context.library, self._context.estimates
        model = await library.model(owner, name, token.account)
        body = wire.read_create(await self._context.body(request), needs_version=False)
        runnable = await library.resolve(Reference(owner, name, None), token.account)
        asked = library.checked_input(runnable, body.input)
        now, paid_as = datetime.now(UTC), runnable.shares or model.full_name
        quotes = estimates.quotes(paid_as, *asked, now, streamed=body.stream)
        ours = estimates.of(paid_as, *asked, now, streamed=body.stream)
        return answer(wire.estimate(quotes, ours))


def _by(request: Request) -> By:
    try:
        return By(request.query_params.get("by", By.DAY))
    except ValueError:
        raise Malformed(f"`by` must be one of {', '.join(By)}.") from None


def _span(request: Request, today: date) -> Span:
    span = Span.of(_day(request, "from"), _day(request, "to"), today)
    if span.first > span.last:
        raise Malformed("`from` must not be later than `to`.")
    return span


def _day(request: Request, name: str) -> date | None:
    text = request.query_params.get(name)
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"`{name}` must be a day, such as 2026-11-21.") from None


def _wants_csv(request: Request) -> bool:
    form = request.query_params.get("format")
    if form not in {None, "csv", "json"}:
        raise Malformed("`format` must be csv or json.")
    accepted = request.headers.get("accept", "").partition(";")[0].strip().lower()
    return form == "csv" or (form is None and accepted.startswith("text/csv"))

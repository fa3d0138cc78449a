"""Routes with fallbacks: who is asked after whom, and who pays for it."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from tests.support.ticking import Clock

from safelight.errors import RunFailed
from safelight.paying import PAYER, Bill
from safelight.route import Route
from safelight.routing import Routed
from safelight.switchboard import Switchboard
from safelight.throttle import parse_limits
from safelight.upstream import (
    Fault,
    ImageRequest,
    ImageResult,
    OnPartial,
    Picture,
    UpstreamError,
)

ASKED = ImageRequest(model="whatever", prompt="a cat")
PICTURE = Picture(b"a picture", "image/png")


def error(fault: Fault, after: float | None = None, *, did_no_work: bool = True) -> UpstreamError:
    """What a provider says; *after* in seconds."""
    pause = None if after is None else timedelta(seconds=after)
    text = f"It said {fault.name}."
    return UpstreamError(text, fault, did_no_work=did_no_work, retry_after=pause)


class Scripted:
    """A provider that says what it was told to, in that order, and then paints."""

    def __init__(self, name: str, *script: BaseException | ImageResult) -> None:
        self.name = name
        self.script = list(script)
        self.asked: list[tuple[str, str | None]] = []
        self.arrived, self.release = asyncio.Event(), asyncio.Event()
        self.release.set()

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,  # noqa: ARG002 - the contract's
    ) -> ImageResult:
        self.asked.append((request.model, key))
        self.arrived.set()
        said = self.script.pop(0) if self.script else None
        await self.release.wait()
        if isinstance(said, BaseException):
            raise said
        return said or ImageResult(pictures=(PICTURE,), upstream=f"{self.name}:{request.model}")


class Book:
    """A payer that keeps its record in memory, in the order in which it was written."""

    def __init__(self, limit: int = 100) -> None:
        self.lines: list[str] = []
        self.limit = limit

    async def attempt(
        self, upstream: str, request: ImageRequest, *, by_caller: bool = False
    ) -> "Line":
        assert request.model == upstream.partition(":")[2]
        if len(self.lines) >= self.limit:
            raise RunFailed("The spend limit is reached.")
        self.lines.append(f"{upstream} {'caller' if by_caller else 'server'}")
        return Line(self)


class SlowBook(Book):
    """Writes when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived, self.release = asyncio.Event(), asyncio.Event()

    async def attempt(
        self, upstream: str, request: ImageRequest, *, by_caller: bool = False
    ) -> "Line":
        self.arrived.set()
        await self.release.wait()
        return await super().attempt(upstream, request, by_caller=by_caller)


class Line:
    def __init__(self, book: Book) -> None:
        self.book = book

    async def came(self, result: ImageResult) -> Bill | None:  # noqa: ARG002 - the contract's
        self.book.lines.append("came")
        return None

    async def failed(self, error: UpstreamError) -> None:
        self.book.lines.append(f"failed {error.fault.name}")


class Bench:
    """A model with its routes, on providers that say what they were told to."""

    def __init__(self, routes: str, limits: str = "", **scripts: Sequence[Any]) -> None:
        self.clock = Clock()
        self.logs: list[str] = []
        providers = ("openai", "google", "jigsawstack", "sketch")
        self.upstreams = {name: Scripted(name, *scripts.get(name, ())) for name in providers}
        self.switchboard = Switchboard(
            self.upstreams, parse_limits(limits), self.clock, self.clock.sleep
        )
        parsed = [Route.parse(text) for text in routes.split("|")]
        self.routed = Routed(parsed, self.switchboard, "openai", self.logs.append)

    async def ask(self, key: str | None = None) -> str:
        """Who answered, or the fault that came out."""
        try:
            return (await self.routed.generate(ASKED, key)).upstream
        except UpstreamError as failed:
            return failed.fault.name

    def asked(self, provider: str) -> list[tuple[str, str | None]]:
        """The models that a provider was asked for, each with the caller's key if it got one."""
        return self.upstreams[provider].asked


@pytest.fixture
def book() -> Iterator[Book]:
    """The record of who pays, in force."""
    kept = Book()
    token = PAYER.set(kept)
    yield kept
    PAYER.reset(token)


BOTH = "openai:gpt-image-2|google:gemini"


async def test_the_first_route_answers_and_the_others_are_not_asked() -> None:
    """The request names the model as its provider does."""
    bench = Bench(BOTH)
    assert await bench.ask() == "openai:gpt-image-2"
    assert bench.asked("openai") == [("gpt-image-2", None)]
    assert bench.asked("google") == []
    assert bench.logs == []


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.RETIRED, Fault.KEY, Fault.CREDIT])
async def test_what_another_provider_may_be_able_to_do_it_is_asked_for(fault: Fault) -> None:
    """And the logs say what was tried."""
    bench = Bench(BOTH, openai=[error(fault)])
    assert await bench.ask() == "google:gemini"
    assert bench.asked("google") == [("gemini", None)]
    assert bench.logs == [f"openai:gpt-image-2: It said {fault.name}. Trying google:gemini."]


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.FLAGGED])
async def test_a_refusal_is_not_got_around(fault: Fault) -> None:
    """What one provider does not want to paint, another is not asked for."""
    bench = Bench(BOTH, openai=[error(fault)])
    assert await bench.ask() == fault.name
    assert bench.asked("google") == []
    assert bench.logs[-1].endswith("No other upstream is tried.")


@pytest.mark.parametrize("fault", [*Fault])
async def test_what_may_have_been_bought_is_never_bought_again(fault: Fault, book: Book) -> None:
    """Whatever it is called."""
    bench = Bench(BOTH, openai=[error(fault, 1, did_no_work=False)])
    assert await bench.ask() == fault.name
    assert len(bench.asked("openai")) == 1
    assert bench.asked("google") == []
    assert book.lines == ["openai:gpt-image-2 server", f"failed {fault.name}"]


@pytest.mark.parametrize("fault", [Fault.KEY, Fault.CREDIT])
async def test_another_model_of_a_provider_that_refuses_the_key_is_not_asked(fault: Fault) -> None:
    """It is the same account."""
    bench = Bench("openai:gpt-image-2|openai:gpt-image-2.6|google:gemini", openai=[error(fault)])
    assert await bench.ask() == "google:gemini"
    assert len(bench.asked("openai")) == 1


async def test_a_callers_own_key_goes_to_its_own_provider_alone(book: Book) -> None:
    """A fallback uses the server's."""
    bench = Bench(BOTH, openai=[error(Fault.DOWN)])
    assert await bench.ask("sk-callers") == "google:gemini"
    assert bench.asked("openai") == [("gpt-image-2", "sk-callers")]
    assert bench.asked("google") == [("gemini", None)]
    assert book.lines == [
        "openai:gpt-image-2 caller",
        "failed DOWN",
        "google:gemini server",
        "came",
    ]


@pytest.mark.parametrize("fault", [Fault.KEY, Fault.CREDIT])
async def test_a_callers_own_key_that_does_not_do_is_told_to_the_caller(fault: Fault) -> None:
    """The server does not pay in its place."""
    bench = Bench(BOTH, openai=[error(fault)])
    assert await bench.ask("sk-callers") == fault.name
    assert bench.asked("google") == []


async def test_when_all_fail_the_first_that_is_no_news_is_told() -> None:
    """That a model is retired, its operator knows."""
    bench = Bench(BOTH, openai=[error(Fault.RETIRED)], google=[error(Fault.KEY)])
    assert await bench.ask() == "KEY"
    bench = Bench(BOTH, openai=[error(Fault.DOWN)], google=[error(Fault.KEY)])
    assert await bench.ask() == "DOWN"
    bench = Bench(BOTH, openai=[error(Fault.DOWN)], google=[error(Fault.FLAGGED)])
    assert await bench.ask() == "FLAGGED"
    bench = Bench(BOTH, openai=[error(Fault.RETIRED)], google=[error(Fault.RETIRED)])
    assert await bench.ask() == "RETIRED"
    assert [line.split(":")[0] for line in bench.logs] == ["openai", "google"]


async def test_a_retired_model_is_not_asked_for_again_within_a_day() -> None:
    """Then it may have come back."""
    bench = Bench(BOTH, openai=[error(Fault.RETIRED)])
    assert [await bench.ask() for _ in range(3)] == ["google:gemini"] * 3
    assert len(bench.asked("openai")) == 1
    bench.clock.now += 86401
    assert await bench.ask() == "openai:gpt-image-2"


async def test_a_retired_model_without_another_route_is_asked_for_each_time() -> None:
    """It costs nothing, and works as soon as the operator was given access to it."""
    bench = Bench("openai:gpt-image-2", openai=[error(Fault.RETIRED)] * 2)
    assert [await bench.ask() for _ in range(3)] == ["RETIRED", "RETIRED", "openai:gpt-image-2"]


async def test_what_a_callers_account_does_not_have_others_are_still_given() -> None:
    """A provider says of both that the model does not exist."""
    bench = Bench(BOTH, openai=[error(Fault.RETIRED)])
    assert await bench.ask("sk-callers") == "google:gemini"
    assert await bench.ask() == "openai:gpt-image-2"


async def test_who_is_busy_is_asked_again_when_it_said(book: Book) -> None:
    """Each attempt is on record; the logs say once why it takes time."""
    bench = Bench(BOTH, openai=[error(Fault.BUSY, 12), error(Fault.BUSY, 7)])
    assert await bench.ask() == "openai:gpt-image-2"
    assert bench.clock.now == 1019
    assert book.lines == ["openai:gpt-image-2 server", "failed BUSY"] * 2 + [
        "openai:gpt-image-2 server",
        "came",
    ]
    assert bench.logs == ["Waiting for openai:gpt-image-2: it is busy, and asked again in 12 s."]


async def test_who_stays_busy_is_given_up_after_three_times() -> None:
    """Then the next is asked."""
    bench = Bench(BOTH, openai=[error(Fault.BUSY)] * 3)
    assert await bench.ask() == "google:gemini"
    assert len(bench.asked("openai")) == 3
    assert bench.clock.slept == [1, 2]


async def test_who_is_busy_for_long_is_not_waited_for() -> None:
    """Nor is it called by others before it said."""
    bench = Bench(BOTH, openai=[error(Fault.BUSY, 51)])
    assert [await bench.ask() for _ in range(2)] == ["google:gemini"] * 2
    assert len(bench.asked("openai")) == 1
    assert bench.clock.slept == []
    bench.clock.now += 40
    assert await bench.ask() == "openai:gpt-image-2"
    assert bench.clock.now == 1051
    assert bench.logs[-1] == "Waiting for openai:gpt-image-2: it asked for a pause of 11 s."


async def test_a_pause_of_the_servers_account_does_not_hold_back_a_callers() -> None:
    """Nor the other way round."""
    bench = Bench("openai:gpt-image-2", openai=[error(Fault.BUSY, 51)])
    assert await bench.ask() == "BUSY"
    assert await bench.ask("sk-callers") == "openai:gpt-image-2"
    bench = Bench("openai:gpt-image-2", openai=[error(Fault.BUSY, 51)])
    assert await bench.ask("sk-callers") == "BUSY"
    assert await bench.ask() == "openai:gpt-image-2"


async def test_an_allowance_that_is_used_up_is_waited_for() -> None:
    """The answer said so, before any call was refused."""
    used_up = ImageResult(
        pictures=(PICTURE,), upstream="openai:x", next_call_in=timedelta(seconds=8)
    )
    bench = Bench("openai:gpt-image-2", openai=[used_up])
    await bench.ask()
    await bench.ask()
    assert bench.clock.slept == [8]


async def test_who_keeps_failing_is_left_alone_and_nothing_is_put_on_record(book: Book) -> None:
    """Until one call shows that somebody is there again."""
    bench = Bench("openai:gpt-image-2", openai=[error(Fault.DOWN)] * 5)
    assert [await bench.ask() for _ in range(7)] == ["DOWN"] * 7
    assert len(bench.asked("openai")) == 5
    assert len(book.lines) == 10
    with pytest.raises(UpstreamError, match=r"not called for another 30 s.*\(E004\)") as raised:
        await bench.routed.generate(ASKED)
    assert raised.value.did_no_work
    bench.clock.now += 30
    assert await bench.ask() == "openai:gpt-image-2"
    assert await bench.ask() == "openai:gpt-image-2"


async def test_one_call_at_a_time_finds_out_whether_it_is_back() -> None:
    """And one that is canceled makes room for another."""
    bench = Bench("openai:gpt-image-2", openai=[error(Fault.DOWN)] * 5)
    for _ in range(5):
        await bench.ask()
    bench.clock.now += 30
    bench.upstreams["openai"].release.clear()
    probe = asyncio.create_task(bench.ask())
    await asyncio.sleep(0)
    assert await bench.ask() == "DOWN"
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    bench.upstreams["openai"].release.set()
    assert await bench.ask() == "openai:gpt-image-2"


async def test_a_refusal_does_not_show_that_somebody_is_there() -> None:
    """It may have been made here, before anything was sent."""
    bench = Bench("openai:gpt-image-2", openai=[error(Fault.DOWN)] * 5)
    for _ in range(5):
        await bench.ask()
    bench.clock.now += 30
    bench.upstreams["openai"].script += [error(Fault.REFUSED), *[error(Fault.DOWN)] * 5]
    assert [await bench.ask() for _ in range(3)] == ["REFUSED", "DOWN", "DOWN"]
    assert len(bench.asked("openai")) == 7


async def test_another_model_of_a_provider_that_keeps_failing_is_left_alone_too() -> None:
    """Its answer would have closed the provider's circuit."""
    bench = Bench("openai:gpt-image-2|openai:gpt-image-2.6", openai=[error(Fault.DOWN)] * 4)
    await bench.ask()
    await bench.ask()
    assert await bench.ask() == "openai:gpt-image-2"
    bench.upstreams["openai"].script += [error(Fault.DOWN)] * 9
    for _ in range(4):
        await bench.ask()
    assert len(bench.asked("openai")) == 10


async def test_a_spend_limit_stops_before_anything_is_sent() -> None:
    """No other upstream is asked either."""
    token = PAYER.set(Book(limit=0))
    bench = Bench(BOTH)
    with pytest.raises(RunFailed, match="spend limit"):
        await bench.routed.generate(ASKED)
    PAYER.reset(token)
    assert bench.asked("openai") == bench.asked("google") == []


async def test_a_call_that_is_canceled_is_on_record_as_unknown(book: Book) -> None:
    """It may have been sent, and be billed."""
    bench = Bench(BOTH)
    bench.upstreams["openai"].release.clear()
    asking = asyncio.create_task(bench.ask())
    await bench.upstreams["openai"].arrived.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert book.lines == ["openai:gpt-image-2 server", "failed UNKNOWN"]


async def test_a_call_that_is_canceled_while_it_is_put_on_record_cost_nothing() -> None:
    """It is settled as not made, since it may be on disk by then."""
    book = SlowBook()
    token = PAYER.set(book)
    bench = Bench(BOTH)
    asking = asyncio.create_task(bench.ask())
    await book.arrived.wait()
    asking.cancel()
    await asyncio.sleep(0)
    book.release.set()
    await asyncio.gather(asking, return_exceptions=True)
    PAYER.reset(token)
    assert asking.cancelled()
    assert book.lines == ["openai:gpt-image-2 server", "failed REFUSED"]
    assert bench.asked("openai") == []


async def test_a_fault_of_ours_is_on_record_as_unknown(book: Book) -> None:
    """And no fallback hides it."""
    bench = Bench(BOTH, openai=[RuntimeError("a bug")])
    with pytest.raises(RuntimeError, match="a bug"):
        await bench.routed.generate(ASKED)
    assert book.lines == ["openai:gpt-image-2 server", "failed UNKNOWN"]
    assert bench.asked("google") == []


async def test_the_sketch_answers_last_when_a_route_names_it(book: Book) -> None:
    """It is no purchase."""
    bench = Bench("openai:gpt-image-2|sketch", openai=[error(Fault.DOWN)])
    assert await bench.ask() == "sketch:sketch"
    assert book.lines == ["openai:gpt-image-2 server", "failed DOWN"]


async def test_calls_wait_for_room_and_the_logs_say_so() -> None:
    """Once each."""
    bench = Bench("openai:gpt-image-2", "openai=2,5/m")
    await asyncio.gather(*(bench.ask() for _ in range(6)))
    assert bench.clock.now == 1060
    assert len(bench.asked("openai")) == 6
    assert len(bench.logs) <= 6
    assert all(line.startswith("Waiting for openai:gpt-image-2: ") for line in bench.logs)


async def test_who_is_canceled_while_waiting_was_never_put_on_record(book: Book) -> None:
    """Nothing was sent."""
    bench = Bench("openai:gpt-image-2", "openai=1")
    bench.upstreams["openai"].release.clear()
    first = asyncio.create_task(bench.ask())
    second = asyncio.create_task(bench.ask())
    await bench.upstreams["openai"].arrived.wait()
    await asyncio.sleep(0)
    assert len(bench.logs) == 1
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    bench.upstreams["openai"].release.set()
    assert await first == "openai:gpt-image-2"
    assert book.lines == ["openai:gpt-image-2 server", "came"]

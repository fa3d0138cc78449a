"""What this process knows of its upstreams, as whoever looks sees it."""

import asyncio

from tests.test_routing import PICTURE, Bench, error

from safelight.circuit import FAILURES
from safelight.overview import Answering, Overview, Provider, Reason, answering
from safelight.route import RETIREMENTS, Route
from safelight.switchboard import Health, RouteState
from safelight.throttle import UNLIMITED, Limit
from safelight.upstream import Fault, ImageResult

A, B = Route.parse("openai:a"), Route.parse("openai:b")


async def test_a_route_that_nobody_has_called_is_well() -> None:
    """And stays so when it has answered."""
    bench = Bench("openai:a")
    assert bench.switchboard.state(A) == RouteState(Health.OK, 0.0, 0)
    await bench.ask()
    assert bench.switchboard.state(A) == RouteState(Health.OK, 0.0, 0)


async def test_calls_on_their_way_are_counted() -> None:
    """Until they end, however they do."""
    bench = Bench("openai:a")
    upstream = bench.upstreams["openai"]
    upstream.release.clear()
    call = asyncio.create_task(bench.ask())
    await upstream.arrived.wait()
    assert bench.switchboard.state(A).in_flight == 1
    assert bench.switchboard.state(B).in_flight == 0
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert bench.switchboard.state(A).in_flight == 0


async def test_what_keeps_failing_rests_with_all_its_provider_has() -> None:
    """The seconds that are left go by."""
    bench = Bench("openai:a", openai=[error(Fault.DOWN)] * FAILURES)
    for _ in range(FAILURES):
        await bench.ask()
    state = bench.switchboard.state(A)
    assert state.health is Health.RESTING
    assert bench.switchboard.state(B).health is Health.RESTING
    await bench.clock.sleep(10)
    assert bench.switchboard.state(A).left == state.left - 10
    await bench.clock.sleep(state.left - 10)
    assert bench.switchboard.state(A).health is Health.OK


async def test_what_asked_for_a_pause_is_paused() -> None:
    """It alone, not its provider."""
    answered = ImageResult(
        pictures=(PICTURE,), upstream="openai:a", next_call_in=error(Fault.BUSY, 7).retry_after
    )
    bench = Bench("openai:a", openai=[answered])
    await bench.ask()
    assert bench.switchboard.state(A) == RouteState(Health.PAUSED, 7.0, 0)
    assert bench.switchboard.state(B).health is Health.OK


async def test_what_its_provider_does_not_have_is_retired_for_a_day() -> None:
    """Then it is tried again."""
    bench = Bench("openai:a", openai=[error(Fault.RETIRED)])
    await bench.ask()
    assert bench.switchboard.state(A) == RouteState(Health.RETIRED, 86400.0, 0)
    assert bench.switchboard.state(B).health is Health.OK


def test_each_route_has_its_reason() -> None:
    """The first is the model, its successor or a choice; the others are fallbacks."""
    own = {"openai:gpt-image-1"}
    old, other = Route.parse("openai:gpt-image-1"), Route.parse("google:x")
    retirement = RETIREMENTS["openai:gpt-image-1"]
    assert answering([A, old, other], own) == [
        Answering(A, Reason.SUCCESSOR, retirement),
        Answering(old, Reason.OWN),
        Answering(other, Reason.FALLBACK),
    ]
    assert answering([A], {"openai:current"}) == [Answering(A, Reason.CHOSEN)]
    assert answering([], own) == []


def test_a_provider_has_the_routes_of_all_models_once() -> None:
    """With what limits it."""
    providers = [Provider("openai", "api.test", is_configured=True)]
    models = {"x/1": answering([A, B], ()), "x/2": answering([B], ()), "x/3": ()}
    overview = Overview(providers, models, {"openai:a": Limit(3)})
    assert overview.routes("openai") == [A, B]
    assert overview.routes("google") == []
    assert overview.limit("openai:a") == Limit(3)
    assert overview.limit("openai:b") == UNLIMITED
    assert overview.state(A).health is Health.OK

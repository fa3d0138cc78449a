"""How much room there is for what waits, as the upstreams and what runs leave it."""

import asyncio
from collections.abc import Sequence

from tests.support.making import made
from tests.support.ticking import Clock
from tests.test_routing import ASKED, Scripted, error

from safelight.account import Mode
from safelight.prediction import Prediction
from safelight.queueing import Queueing, Seat
from safelight.route import Route
from safelight.routing import Routed
from safelight.switchboard import Switchboard
from safelight.throttle import LONGEST_PAUSE, LONGEST_WAIT, parse_limits
from safelight.upstream import Fault, UpstreamError

MODEL, OTHER = "acme/a", "acme/b"
OWN = f"{MODEL} (own key)"
TEST = f"{MODEL} (test)"


class Bench:
    """Two models with the same routes, of which OpenAI's says what it was told to."""

    def __init__(
        self,
        limits: str = "",
        routes: str = "openai:x",
        said: Sequence[BaseException] = (),
        keyless: Sequence[str] = (),
        each: int = 100,
    ) -> None:
        self.clock = Clock()
        names = ("openai", "google", "sketch")
        self.upstreams = {name: Scripted(name) for name in names}
        self.upstreams["openai"].script += said
        switchboard = Switchboard(
            self.upstreams, parse_limits(limits), self.clock, self.clock.sleep, keyless
        )
        parsed = [Route.parse(text) for text in routes.split("|")]
        self.routed = Routed(parsed, switchboard, "openai", lambda _: None)
        rooms = {(name, mode): each for name in (MODEL, OTHER) for mode in Mode}
        upstreams = {MODEL: self.routed, OTHER: self.routed}
        self.queueing = Queueing(rooms, 1000, upstreams, switchboard)
        self.looks = 0
        self.queueing.watch(self.look)

    def look(self) -> None:
        self.looks += 1

    def left(self, queue: str = MODEL) -> int:
        """For how many more there is room in one queue, if none is given to another."""
        return self.queueing.room().deal().left(queue)

    def reason(self, **facts: object) -> str | None:
        return self.queueing.reason(made(model=MODEL, **facts))

    def seat(self, **facts: object) -> Seat:
        return self.queueing.seat(made(model=MODEL, **facts))

    async def ask(self, seat: Seat | None = None, key: str | None = None) -> str:
        """Run one, up to its call's end; gives what came out."""
        if seat is not None:
            seat.take()
        try:
            return (await self.routed.generate(ASKED, key)).upstream
        except UpstreamError as failed:
            return failed.fault.name

    async def calling(self, seat: Seat | None = None, key: str | None = None) -> asyncio.Task[str]:
        """A call that is on its way until OpenAI is released."""
        upstream = self.upstreams["openai"]
        upstream.release.clear()
        upstream.arrived.clear()
        task = asyncio.create_task(self.ask(seat, key))
        await upstream.arrived.wait()
        return task


def test_without_limits_a_model_bounds_what_runs() -> None:
    """Each mode by itself; a caller's own key makes no room."""
    bench = Bench(each=2)
    assert [bench.left(queue) for queue in (MODEL, OWN, TEST)] == [2, 2, 2]
    seats = [bench.seat(), bench.seat(own_key=True)]
    assert [bench.left(queue) for queue in (MODEL, OWN, TEST)] == [0, 0, 2]
    assert bench.reason() == "acme/a runs 2 at once; there is no room for more."
    assert bench.reason(mode=Mode.TEST) is None
    assert bench.queueing.leave(seats[0])
    assert [bench.left(queue) for queue in (MODEL, OWN)] == [1, 1]
    assert not bench.queueing.leave(seats[1])


def test_what_one_queue_takes_another_does_not_have() -> None:
    """Where they share a model, or a limit of an upstream."""
    deal = Bench("openai=3", each=2).queueing.room().deal()
    deal.give(MODEL)
    deal.give(OWN)
    assert [deal.left(queue) for queue in (MODEL, OWN, TEST)] == [0, 0, 2]
    assert deal.left(OTHER) == 1
    assert deal.taken == {MODEL: 1, OWN: 1}


def test_all_together_are_bounded_too() -> None:
    """Also those whose model is gone, which are claimed to be ended."""
    queueing = Queueing({(MODEL, Mode.LIVE): 5}, 1)
    assert queueing.room().others == 1
    gone = queueing.seat(made(model="acme/gone"))
    assert queueing.room().total == 0
    assert queueing.reason(made(model=MODEL)) == (
        "This server runs 1 at once; there is no room for more."
    )
    assert queueing.reason(made(model="acme/gone")) is None
    assert queueing.leave(gone)


async def test_a_place_is_kept_from_the_claim_until_the_call_has_ended() -> None:
    """And is free for the next at that moment, though the run goes on."""
    bench = Bench("openai=1")
    seat = bench.seat()
    assert bench.left() == bench.left(OTHER) == bench.left(OWN) == 0
    assert bench.left(TEST) == 100
    task = await bench.calling(seat)
    assert bench.left() == 0
    looks = bench.looks
    bench.upstreams["openai"].release.set()
    await task
    assert bench.looks > looks
    assert bench.left() == 1
    bench.queueing.leave(seat)
    assert bench.left() == 1


def test_a_run_that_ends_before_its_call_gives_its_place_back() -> None:
    """An input could not be fetched, say."""
    bench = Bench("openai=1,1/m")
    seat = bench.seat()
    assert bench.left() == 0
    assert bench.reason() == "openai takes 1 call a minute."
    looks = bench.looks
    bench.queueing.leave(seat)
    assert bench.looks > looks
    assert bench.left() == 1


async def test_calls_in_a_time_are_told_to_the_second() -> None:
    """They bind the server's own key alone."""
    bench = Bench("openai=2/m")
    await bench.ask(bench.seat())
    bench.clock.now += 20
    assert bench.queueing.opens_in() is None
    await bench.ask(bench.seat())
    assert bench.left() == 0
    assert bench.left(OWN) == 98
    assert bench.queueing.opens_in() == 40
    assert bench.reason() == "openai takes 2 calls a minute; the next may start in 40 s."
    assert bench.reason(own_key=True) is None
    bench.clock.now += 40
    assert bench.left() == 1
    assert bench.queueing.opens_in() is None


async def test_a_callers_own_key_takes_none_of_the_servers_allowance() -> None:
    """But a place among the calls on their way."""
    bench = Bench("openai=1,1/m")
    task = await bench.calling(bench.seat(own_key=True), "sk-own")
    assert bench.left() == bench.left(OWN) == 0
    assert bench.reason() == "openai takes 1 call at once; there is no room for more."
    bench.upstreams["openai"].release.set()
    await task
    assert bench.left() == 1


async def test_a_pause_is_waited_for_and_its_end_is_known() -> None:
    """Without any limit; those with a key of their own pass by."""
    bench = Bench(said=[error(Fault.BUSY, 51)])
    assert await bench.ask(bench.seat()) == "BUSY"
    assert bench.looks > 0
    assert bench.left() == 0
    assert bench.left(OWN) == 99
    assert bench.queueing.opens_in() == 51
    assert bench.reason() == "openai:x asked for a pause; it ends in 51 s."
    bench.clock.now += 51
    assert bench.left() == 99
    assert bench.reason() is None


async def test_a_pause_of_hours_is_not_waited_for() -> None:
    """What waits is tried, and refused with the reason."""
    bench = Bench(said=[error(Fault.BUSY, LONGEST_WAIT + 1)])
    await bench.ask()
    assert bench.left() == 100
    assert bench.queueing.opens_in() is None


async def test_another_route_has_the_say_when_the_first_takes_a_long_pause() -> None:
    """A short one is waited for."""
    bench = Bench("google=3", "openai:x|google:y", said=[error(Fault.BUSY, LONGEST_PAUSE + 1)])
    await bench.ask()
    assert bench.left() == 3
    bench.clock.now += 1
    assert bench.left() == 0
    assert bench.queueing.opens_in() == LONGEST_PAUSE


async def test_what_cannot_be_called_is_not_waited_for() -> None:
    """One without a key, one that is retired, one that keeps failing: the next has the say."""
    routes = "openai:x|google:y"
    assert Bench("openai=1;google=3", routes).left() == 1
    assert Bench("openai=1;google=3", routes, keyless=["openai"]).left() == 3
    assert Bench("openai=1;google=3", routes, keyless=["openai"]).left(OWN) == 1
    for faults in ([error(Fault.RETIRED)], [error(Fault.DOWN)] * 5):
        bench = Bench("openai=1;google=3", routes, said=faults)
        for _ in faults:
            await bench.ask()
        assert bench.left() == 3


async def test_where_nobody_can_be_called_nobody_is_waited_for() -> None:
    """What waits is tried, and fails at once; or the sketch answers."""
    assert Bench("openai=1", keyless=["openai"]).left() == 100
    assert Bench("openai=1", "openai:x|sketch", keyless=["openai"]).left() == 100


def test_each_waits_where_the_same_binds_it() -> None:
    """By its model's room, its mode, and who pays."""

    def queue(**facts: object) -> str:
        prediction: Prediction = made(model=MODEL, **facts)
        return prediction.queue

    assert queue() == MODEL
    assert queue(shares=OTHER) == OTHER
    assert queue(own_key=True) == OWN
    assert queue(mode=Mode.TEST) == queue(mode=Mode.TEST, own_key=True) == TEST

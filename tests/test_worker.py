"""The worker on a real store: claims, starts, runs and ends, and what can go wrong meanwhile."""
# ruff: noqa: T201 - print() is how a Cog model logs

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cog
import msgspec
import pytest
from tests.support.engine import Bench, runnable
from tests.support.making import eventually, made

from safelight.blobs.directory import DirectoryBlobs
from safelight.carrier import ERASED, GAVE_UP, UNKNOWN
from safelight.errors import RunFailed
from safelight.model import Model
from safelight.prediction import Prediction, Status
from safelight.registry import Registry
from safelight.run import Run
from safelight.store import Claim, Claimed, Room
from safelight.stores.sqlite import SqliteStore
from safelight.vault import Vault
from safelight.webhook import Event

SOON = timedelta(milliseconds=50)
LEASE = timedelta(seconds=20)
HOOK = "https://hooks.test/"
SECRET = "sk-0123456789abcdef"
ROOM = Room(9, {"acme/waiting": 9, "acme/echo": 9, "acme/keyed": 9})


class Gate:
    """Holds the runs of `Waiting` until it is opened, and counts them."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.entered = 0
        self.running = 0
        self.most = 0
        self.left = 0


GATES: dict[str, Gate] = {}


class Echo(cog.BaseRunner):
    @cog.concurrent(max=100)
    async def run(self, prompt: str) -> str:
        print(f"echo {prompt}")
        self.record_metric("image_count", 1)
        return prompt


class Waiting(cog.BaseRunner):
    @cog.concurrent(max=3)
    async def run(self, gate: str) -> str:
        """Say that it has begun, and wait."""
        at = GATES[gate]
        at.entered += 1
        at.running += 1
        at.most = max(at.most, at.running)
        print("begun")
        try:
            await at.opened.wait()
        finally:
            at.running -= 1
            at.left += 1
        return "through"


class Counting(cog.BaseRunner):
    async def run(self, gate: str) -> AsyncIterator[str]:
        self.record_metric("steps", 1)
        yield "one"
        print("between")
        await GATES[gate].opened.wait()
        yield "two"


class Keyed(cog.BaseRunner):
    async def run(self, key: cog.Secret, how: str) -> str:
        secret = key.get_secret_value()
        print("the key is", secret)
        print(secret[:9], secret[9:], sep="")
        if how == "told":
            raise RunFailed(f"refused {secret}")
        if how == "broken":
            raise ValueError(secret)
        return f"used {secret}"


class Failing(cog.BaseRunner):
    async def run(self, how: str) -> str:
        print("trying")
        match how:
            case "told":
                raise RunFailed("Moderation refused the prompt.")
            case "silent":
                raise ZeroDivisionError
            case "canceled":
                raise asyncio.CancelledError
            case _:
                raise ValueError(how)


class Painting(cog.BaseRunner):
    async def run(self, folder: str, times: int) -> AsyncIterator[cog.Path]:
        path = cog.Path(folder) / "out.png"
        for step in range(times):
            path.write_text(f"picture {step}")
            yield path


class Twice(cog.BaseRunner):
    async def run(self, folder: str) -> list[cog.Path]:
        path = cog.Path(folder) / "out.png"
        path.write_text("picture")
        return [path, path]


class Lying(cog.BaseRunner):
    async def run(self) -> cog.Path:
        return cog.Path("/nowhere/at/all.png")


MODELS = {
    "echo": (Echo, True),
    "waiting": (Waiting, False),
    "again": (Waiting, True),
    "counting": (Counting, False),
    "keyed": (Keyed, True),
    "failing": (Failing, False),
    "painting": (Painting, False),
    "twice": (Twice, False),
    "lying": (Lying, False),
}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A store and the models above."""
    store = SqliteStore(tmp_path / "safelight.db")
    runnables = [
        runnable(model, name, number, is_repeatable=is_repeatable)
        for number, (name, (model, is_repeatable)) in enumerate(MODELS.items())
    ]
    yield Bench(store, Registry(runnables), DirectoryBlobs(tmp_path / "blobs"))
    await store.close()


@pytest.fixture
async def gate(request: pytest.FixtureRequest) -> Gate:
    """The gate named `g`."""
    GATES["g"] = Gate()
    return GATES["g"]


async def crashed(bench: Bench, name: str, **facts: object) -> Prediction:
    """A prediction that a worker was running when its process died."""
    created = await bench.create(name, **facts)
    now = datetime.now(UTC)
    (held,) = await bench.store.claim("dead", Room(1, {created.model: 1}), now + LEASE)
    started = held.prediction.start(now)
    await bench.store.save(started, Status.STARTING, held.claim)
    await bench.store.save(started.log("before\n"), Status.PROCESSING, held.claim)
    await bench.store.release("dead")
    return started


async def test_what_was_created_is_run(bench: Bench) -> None:
    """Before the worker came and while it works: output, logs, metrics and times."""
    early = await bench.create("echo", input={"prompt": "early"})
    async with bench.working():
        late = await bench.create("echo", input={"prompt": "late"})
        for created, text in ((early, "early"), (late, "late")):
            ended = await bench.end_of(created)
            assert (ended.status, ended.output, ended.error) == (Status.SUCCEEDED, text, None)
            assert ended.logs == f"echo {text}"
            assert ended.metrics["image_count"] == 1
            assert ended.started_at is not None
            assert ended.completed_at is not None
            assert ended.created_at <= ended.started_at <= ended.completed_at


async def test_a_quick_run_that_may_be_repeated_takes_one_commit(bench: Bench) -> None:
    """Its insert, start and end share an fsync: it may run before its start is on disk."""
    async with bench.working():
        await bench.run("echo", prompt="first")
        commits: list[float] = []
        bench.store.time_commits(commits.append)
        heard: list[Status] = []
        bench.store.watch(lambda prediction: heard.append(prediction.status))
        ended = await bench.run("echo", prompt="second")
        assert (ended.output, len(commits)) == ("second", 1)
    assert heard == [Status.STARTING, Status.PROCESSING, Status.SUCCEEDED]


async def test_a_run_that_costs_has_its_start_on_disk_before(bench: Bench, gate: Gate) -> None:
    """Whoever looks from outside sees it `processing` as soon as the model is entered."""
    async with bench.working():
        created = await bench.create("waiting", input={"gate": "g"})

        async def is_entered() -> bool:
            return gate.entered == 1

        assert await eventually(is_entered)
        assert (await bench.store.get(created.id, None)).status is Status.PROCESSING
        gate.opened.set()
        await bench.end_of(created)


async def test_hundreds_at_once_all_end_as_themselves(bench: Bench) -> None:
    """Through a model that takes a hundred at a time."""
    async with bench.working():
        prompts = [str(n) for n in range(300)]
        ended = await asyncio.gather(*(bench.run("echo", prompt=prompt) for prompt in prompts))
    assert [(p.output, p.logs) for p in ended] == [(n, f"echo {n}") for n in prompts]


@pytest.mark.parametrize(("running", "most"), [(100, 3), (2, 2)])
async def test_no_more_run_at_once_than_is_allowed(
    bench: Bench, gate: Gate, running: int, most: int
) -> None:
    """By the model's own word, and by the worker's limit; all come through in the end."""
    async with bench.working(running=running):
        created = [await bench.create("waiting", input={"gate": "g"}) for _ in range(7)]

        async def is_full() -> bool:
            return gate.running == most

        assert await eventually(is_full)
        statuses = [(await bench.store.get(p.id, None)).status for p in created]
        assert statuses.count(Status.PROCESSING) == most
        gate.opened.set()
        for prediction in created:
            assert (await bench.end_of(prediction)).status is Status.SUCCEEDED
    assert (gate.entered, gate.most) == (7, most)


async def test_logs_and_parts_of_the_output_show_while_it_runs(bench: Bench, gate: Gate) -> None:
    """Within a second, and a webhook is owed for them."""
    async with bench.working():
        created = await bench.create(
            "counting", input={"gate": "g"}, webhook=HOOK, webhook_events=frozenset(Event)
        )

        async def shows() -> Prediction | None:
            now = await bench.store.get(created.id, None)
            return now if now.output == ["one"] and "between" in now.logs else None

        shown = await eventually(shows)
        assert (shown.status, shown.metrics) == (Status.PROCESSING, {"steps": 1})
        gate.opened.set()
        assert (await bench.end_of(created)).output == ["one", "two"]
    events = [delivery.event for delivery in await bench.store.outbox.of_prediction(created.id)]
    assert events[0] is Event.START
    assert events[-1] is Event.COMPLETED
    assert Event.OUTPUT in events


async def test_a_cancel_reaches_a_running_call_at_once(bench: Bench, gate: Gate) -> None:
    """The model is stopped where it waits, and its place is free again."""
    async with bench.working():
        created = await bench.create("waiting", input={"gate": "g"})
        running = await bench.until(created, Status.PROCESSING)
        canceled = running.cancel(datetime.now(UTC))
        began = time.monotonic()
        await bench.store.save(canceled, Status.PROCESSING)

        async def has_stopped() -> bool:
            return gate.left == gate.entered

        assert await eventually(has_stopped)
        assert time.monotonic() - began < 0.5
        gate.opened.set()
        assert (await bench.run("waiting", gate="g")).status is Status.SUCCEEDED
    assert await bench.store.get(created.id, None) == canceled


async def test_a_cancel_while_it_waits_keeps_it_from_running(bench: Bench, gate: Gate) -> None:
    """It never reaches the model."""
    created = await bench.create("waiting", input={"gate": "g"})
    await bench.store.save(created.cancel(datetime.now(UTC)), Status.STARTING)
    async with bench.working():
        await bench.run("echo", prompt="meanwhile")
    assert gate.entered == 0


async def test_a_deadline_during_the_run_cancels_it(bench: Bench, gate: Gate) -> None:
    """What was printed stays; there is no error."""
    async with bench.working():
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        created = await bench.create("waiting", input={"gate": "g"}, deadline=soon)
        ended = await bench.end_of(created)
    assert (ended.status, ended.logs, ended.error) == (Status.CANCELED, "begun", None)
    assert ended.completed_at is not None
    assert ended.completed_at >= soon


async def test_a_deadline_while_it_waits_aborts_it(bench: Bench, gate: Gate) -> None:
    """Its model was busy all the time; it never ran."""
    async with bench.working():
        busy = [await bench.create("waiting", input={"gate": "g"}) for _ in range(3)]
        await bench.until(busy[-1], Status.PROCESSING)
        created = await bench.create(
            "waiting", input={"gate": "g"}, deadline=datetime.now(UTC) + SOON
        )
        ended = await bench.end_of(created)
        assert (ended.status, ended.started_at) == (Status.ABORTED, None)
        assert gate.entered == 3


async def test_a_deadline_that_struck_while_no_worker_was_there_aborts(bench: Bench) -> None:
    """The first thing that a worker looks at."""
    created = await bench.create(
        "echo", input={"prompt": "x"}, deadline=datetime.now(UTC) - timedelta(seconds=1)
    )
    async with bench.working():
        assert (await bench.end_of(created)).status is Status.ABORTED


async def test_a_run_over_the_maximum_time_fails(bench: Bench, gate: Gate) -> None:
    """In Replicate's words."""
    async with bench.working(run_time=SOON):
        ended = await bench.run("waiting", gate="g")
    assert (ended.status, ended.error) == (Status.FAILED, "Prediction timed out.")
    assert ended.logs == "begun"


async def test_a_failure_that_a_model_tells_is_shown_as_it_is(bench: Bench) -> None:
    """No traceback: nothing is broken."""
    async with bench.working():
        ended = await bench.run("failing", how="told")
    assert (ended.status, ended.error) == (Status.FAILED, "Moderation refused the prompt.")
    assert ended.logs == "trying"


async def test_a_model_that_breaks_fails_with_its_traceback_in_the_logs(bench: Bench) -> None:
    """The message is the error; an exception without one gives its name."""
    async with bench.working():
        broken = await bench.run("failing", how="no such thing")
        silent = await bench.run("failing", how="silent")
    assert (broken.status, broken.error) == (Status.FAILED, "no such thing")
    assert broken.logs.startswith("trying\nTraceback (most recent call last):")
    assert broken.logs.endswith("ValueError: no such thing")
    assert silent.error == "ZeroDivisionError"


async def test_a_model_that_is_canceled_from_within_fails(bench: Bench) -> None:
    """Nobody canceled the prediction, so it is not left hanging until its lease lapses."""
    async with bench.working():
        ended = await bench.run("failing", how="canceled")
    assert (ended.status, ended.error, ended.logs) == (Status.FAILED, GAVE_UP, "trying")


@pytest.mark.parametrize("how", ["fine", "told", "broken"])
async def test_secrets_are_shown_nowhere(bench: Bench, tmp_path: Path, how: str) -> None:
    """Neither in logs nor in output, error or traceback, nor printed in two halves."""
    async with bench.working():
        ended = await bench.run("keyed", key=SECRET, how=how)
    assert ended.status is (Status.SUCCEEDED if how == "fine" else Status.FAILED)
    assert ended.input["key"] == "[REDACTED]"
    assert "the key is [REDACTED]" in ended.logs
    text = f"{ended.output}{ended.error}"
    assert "[REDACTED]" in text
    stored = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("safelight.db*")))  # noqa: ASYNC240
    assert SECRET.encode() not in stored


async def test_secrets_that_cannot_be_opened_fail_their_own_prediction_only(bench: Bench) -> None:
    """HOME's key was replaced; the error says what to do, and the worker goes on."""
    created = await bench.create("keyed", input={"key": SECRET, "how": "fine"})
    async with bench.working(vault=Vault(b"x" * 32)):
        ended = await bench.end_of(created)
        assert ended.status is Status.FAILED
        assert ended.error is not None
        assert "Create it again" in ended.error
        assert (await bench.run("echo", prompt="x")).status is Status.SUCCEEDED


async def test_a_prediction_whose_version_is_gone_fails_by_its_name(bench: Bench) -> None:
    """The model was updated while it waited."""
    created = await bench.create("echo", input={"prompt": "x"}, version="f" * 64)
    async with bench.working():
        ended = await bench.end_of(created)
    assert ended.status is Status.FAILED
    assert ended.error == f"The model acme/echo (version {'f' * 64}) is no longer here."


async def test_an_orphan_that_may_be_repeated_runs_again(bench: Bench, gate: Gate) -> None:
    """From the beginning, and what it had reported before the crash is void."""
    gate.opened.set()
    started = await crashed(bench, "again", input={"gate": "g"})
    async with bench.working():
        ended = await bench.end_of(started)
    assert (ended.status, ended.output) == (Status.SUCCEEDED, "through")
    assert ended.logs == "begun"
    assert ended.started_at is not None
    assert started.started_at is not None
    assert ended.started_at > started.started_at, "the run that ended is the one that is timed"


async def test_an_orphan_that_may_have_cost_money_fails_instead(bench: Bench, gate: Gate) -> None:
    """It is not bought twice, and the error says that nobody knows."""
    started = await crashed(bench, "waiting", input={"gate": "g"}, webhook=HOOK)
    async with bench.working():
        ended = await bench.end_of(started)
    assert (ended.status, ended.error, ended.logs) == (Status.FAILED, UNKNOWN, "before")
    assert gate.entered == 0
    events = [delivery.event for delivery in await bench.store.outbox.of_prediction(started.id)]
    assert events[-1] is Event.COMPLETED


async def test_an_orphan_whose_secrets_are_erased_fails_and_says_so(bench: Bench) -> None:
    """Repeating would run it with `[REDACTED]` for a key."""
    started = await crashed(bench, "keyed", input={"key": SECRET, "how": "fine"})
    async with bench.working():
        ended = await bench.end_of(started)
    assert (ended.status, ended.error) == (Status.FAILED, ERASED)


async def test_one_claimed_by_a_worker_that_died_before_the_start_runs(bench: Bench) -> None:
    """Nothing was spent on it."""
    created = await bench.create("echo", input={"prompt": "x"})
    assert await bench.store.claim("dead", ROOM, datetime.now(UTC) + LEASE)
    await bench.store.release("dead")
    async with bench.working():
        assert (await bench.end_of(created)).output == "x"


async def test_the_result_of_a_worker_that_lost_its_lease_is_dropped(
    bench: Bench, gate: Gate
) -> None:
    """Another holds it now: what the first ends with changes nothing."""
    async with bench.working(owner="asleep"):
        created = await bench.create("waiting", input={"gate": "g"})
        await bench.until(created, Status.PROCESSING)
        later = datetime.now(UTC) + 2 * LEASE
        (taken,) = await bench.store.orphans("other", later, later + LEASE)
        gate.opened.set()

        async def has_left() -> bool:
            return gate.left == 1

        assert await eventually(has_left)
        assert (await bench.run("echo", prompt="meanwhile")).status is Status.SUCCEEDED
        assert (await bench.store.get(created.id, None)).status is Status.PROCESSING
        theirs = taken.prediction.fail(later, "theirs")
        await bench.store.save(theirs, Status.PROCESSING, taken.claim)
    assert (await bench.store.get(created.id, None)).error == "theirs"


async def test_a_flood_of_a_trained_model_leaves_room_for_others(bench: Bench, gate: Gate) -> None:
    """What its base has no room for waits untouched, and holds no place of the worker's."""
    trained = {"model": "me/tuned", "shares": "acme/waiting", "input": {"gate": "g"}}
    flood = [await bench.create("waiting", **trained) for _ in range(20)]
    async with bench.working(running=5):
        assert (await bench.run("echo", prompt="x")).output == "x"

        async def is_full() -> bool:
            return gate.running == 3

        await eventually(is_full)
        statuses = [(await bench.store.get(one.id, None)).status for one in flood]
        assert statuses.count(Status.STARTING) == 17
        gate.opened.set()
        assert {(await bench.end_of(one)).output for one in flood} == {"through"}


async def test_a_version_that_cannot_be_looked_up_for_a_while_is_waited_for(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """The disk failed to read it: that ends no prediction."""
    caplog.set_level(logging.CRITICAL, "safelight")
    base = bench.registry.model("acme", "echo").latest
    assert base is not None
    await bench.store.models.add(Model(owner="me", name="mine", created_at=base.created_at))
    version = msgspec.structs.replace(base, id="e" * 64, base=base.id)
    await bench.store.models.add_version("me", "mine", version)
    facts = {"model": "me/mine", "version": version.id, "shares": "acme/echo"}
    created = await bench.create("echo", input={"prompt": "x"}, **facts)
    refusals: list[int] = []
    bench.store._database._reading.set_progress_handler(lambda: refusals.append(1) or 1, 1)

    async def was_refused() -> bool:
        return len(refusals) > 0

    async with bench.working():
        await eventually(was_refused)
        bench.store._database._reading.set_progress_handler(None, 1)
        assert (await bench.end_of(created)).output == "x"


async def test_two_workers_share_the_work_and_repeat_none(bench: Bench, gate: Gate) -> None:
    """Each prediction runs once."""
    gate.opened.set()
    async with bench.working(owner="a"), bench.working(owner="b"):
        ended = await asyncio.gather(*(bench.run("waiting", gate="g") for _ in range(40)))
    assert {p.status for p in ended} == {Status.SUCCEEDED}
    assert gate.entered == 40


async def test_a_database_that_refuses_for_a_while_loses_no_result(
    bench: Bench, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    """The result waits in memory until it can be stored; the worker outlives the trouble."""
    caplog.set_level(logging.CRITICAL, "safelight")
    async with bench.working():
        created = await bench.create("waiting", input={"gate": "g"})
        await bench.until(created, Status.PROCESSING)
        bench.store._database._writing.execute("PRAGMA query_only = ON")
        gate.opened.set()

        async def has_left() -> bool:
            return gate.left == 1

        assert await eventually(has_left)
        assert await bench.store.ended(created.id, timedelta(seconds=0.2)) is None
        bench.store._database._writing.execute("PRAGMA query_only = OFF")
        ended = await bench.end_of(created)
        assert (ended.status, ended.output) == (Status.SUCCEEDED, "through")
        assert (await bench.run("echo", prompt="x")).output == "x"
    assert gate.entered == 1


async def test_a_lock_held_by_another_process_is_waited_for(
    bench: Bench, gate: Gate, tmp_path: Path
) -> None:
    """A backup, say: meanwhile nothing ends, afterwards everything has."""
    async with bench.working():
        created = await bench.create("waiting", input={"gate": "g"})
        await bench.until(created, Status.PROCESSING)
        database = tmp_path / "safelight.db"
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            gate.opened.set()
            assert await bench.store.ended(created.id, timedelta(seconds=0.2)) is None
            other.execute("COMMIT")
        assert (await bench.end_of(created)).output == "through"


async def test_finishing_lets_what_runs_end_and_claims_no_more(bench: Bench, gate: Gate) -> None:
    """A deployment loses nothing, and leaves what waits for the next."""
    async with bench.working() as worker:
        running = await bench.create("waiting", input={"gate": "g"})
        await bench.until(running, Status.PROCESSING)
        finish = asyncio.create_task(worker.finish(timedelta(seconds=20)))
        await asyncio.sleep(0)
        waiting = await bench.create("echo", input={"prompt": "next"})
        gate.opened.set()
        await finish
        assert (await bench.store.get(running.id, None)).status is Status.SUCCEEDED
        assert (await bench.store.get(waiting.id, None)).status is Status.STARTING
    async with bench.working(owner="next"):
        assert (await bench.end_of(waiting)).output == "next"


async def test_finishing_stops_what_does_not_end_in_time(bench: Bench, gate: Gate) -> None:
    """It is left as after a crash, for the next worker to judge at once."""
    async with bench.working() as worker:
        running = await bench.create("waiting", input={"gate": "g"})
        await bench.until(running, Status.PROCESSING)
        await worker.finish(SOON)
        assert (gate.left, gate.running) == (1, 0)
        assert (await bench.store.get(running.id, None)).status is Status.PROCESSING
    async with bench.working(owner="next"):
        assert (await bench.end_of(running)).error == UNKNOWN


@pytest.mark.parametrize("turns", range(12))
async def test_finishing_at_any_moment_leaves_nothing_running(
    bench: Bench, gate: Gate, turns: int
) -> None:
    """Also while a claim is on its way back from the database: it is for the next worker."""
    async with bench.working() as worker:
        await bench.run("echo", prompt="warm")
        create = asyncio.create_task(bench.create("waiting", input={"gate": "g"}))
        for _ in range(turns):
            await asyncio.sleep(0)
        await worker.finish(timedelta())
        created = await create
        await bench.store.renew({}, datetime.now(UTC))  # behind whatever was still asked
        left = await bench.store.get(created.id, None)
        assert gate.running == 0
    gate.opened.set()
    async with bench.working(owner="next"):
        ended = await bench.end_of(created)
    was_started = left.status is Status.PROCESSING
    assert ended.status is (Status.FAILED if was_started else Status.SUCCEEDED)
    assert gate.entered <= 1


async def test_a_file_written_again_and_again_is_kept_each_time(
    bench: Bench, tmp_path: Path
) -> None:
    """A model that shows its progress under one name."""
    async with bench.working():
        ended = await bench.run("painting", folder=str(tmp_path), times=3)
    assert ended.output == [{"$file": 0}, {"$file": 1}, {"$file": 2}]
    assert [file.name for file in ended.files] == ["out.png", "out-1.png", "out-2.png"]
    kept = [bench.blobs.path(file.blob.key).read_text() for file in ended.files]
    assert kept == ["picture 0", "picture 1", "picture 2"]


async def test_a_file_named_twice_in_one_output_is_kept_once(bench: Bench, tmp_path: Path) -> None:
    """Both places refer to it."""
    async with bench.working():
        ended = await bench.run("twice", folder=str(tmp_path))
    assert (ended.output, len(ended.files)) == ([{"$file": 0}, {"$file": 0}], 1)


async def test_a_file_that_is_not_there_fails_the_run_by_its_name(bench: Bench) -> None:
    """The model promised what it did not write."""
    async with bench.working():
        ended = await bench.run("lying")
    assert ended.status is Status.FAILED
    assert ended.error is not None
    assert "/nowhere/at/all.png" in ended.error


async def test_a_prediction_of_a_model_that_is_gone_fails_and_says_so(bench: Bench) -> None:
    """Nobody would ever run it, and whoever waits must learn that."""
    gone = made(model="acme/gone", created_at=datetime.now(UTC))
    await bench.store.insert(gone)
    async with bench.working():
        ended = await bench.store.ended(gone.id, timedelta(seconds=10))
    assert ended is not None
    assert ended.status is Status.FAILED
    assert "acme/gone" in (ended.error or "")


async def test_a_cancel_before_the_first_step_of_a_run_gives_its_place_back(bench: Bench) -> None:
    """A task that is cancelled before it starts never enters a cleaning up of its own."""
    waiting = await bench.create("echo", input={"prompt": "x"})
    worker = bench.worker()
    worker._work.set()
    # One commit holds both: the claim launches the run, the cancel stops it in the same turn.
    await asyncio.gather(
        worker._claim(), bench.store.save(waiting.cancel(datetime.now(UTC)), Status.STARTING)
    )

    async def is_free() -> bool:
        return not worker._runs and not +worker._queueing._running

    await eventually(is_free)


async def test_one_that_comes_back_while_it_still_stops_is_carried_and_counted(
    bench: Bench,
) -> None:
    """Another worker took it over and died: the first run ends without a trace in the second."""
    waiting = await bench.create("echo", input={"prompt": "x"})
    worker = bench.worker()
    ends = [asyncio.Event(), asyncio.Event()]
    runs: list[Run] = []

    async def way(run: Run) -> None:
        runs.append(run)
        await ends[run.claim.fence].wait()

    async def are_running(number: int) -> None:
        async def so_many() -> bool:
            return worker._queueing._total == number

        await eventually(so_many)

    for fence in range(2):
        worker._launch(Claimed(waiting, Claim("w1", fence)), way)
    await are_running(2)
    ends[0].set()
    await are_running(1)
    assert worker._runs == {waiting.id: runs[1]}
    ends[1].set()
    await are_running(0)
    assert worker._runs == {}

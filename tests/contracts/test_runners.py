"""What every runner promises: the run of a Cog model, and each report to its own prediction."""
# ruff: noqa: T201, B008 - print() is how a Cog model logs, and Input() how it declares

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import cog
import pytest

from safelight.errors import RunFailed
from safelight.runner import ProducedFile, Runner
from safelight.runners.capture import CURRENT, capture_output
from safelight.runners.inline import InlineRunner
from safelight.schema import InputSchema, openapi_schema

Fetch = Callable[[str, str, Path], Awaitable[Path]]


class Recorder:
    """Keeps what one run reports."""

    def __init__(self) -> None:
        self.text = ""
        self.metrics: list[tuple[str, object, str]] = []
        self.items: list[object] = []

    def log(self, text: str) -> None:
        self.text += text

    def metric(self, name: str, value: object, mode: str = "replace") -> None:
        self.metrics.append((name, value, mode))

    async def output(self, item: object) -> None:
        await asyncio.sleep(0)
        self.items.append(item)


async def nothing_to_fetch(account: str, name: str, url: str, folder: Path) -> Path:
    raise AssertionError(account, name, url, folder)


class Make(Protocol):
    def __call__(
        self, model: type[cog.BaseRunner], fetch: Fetch = ..., *, is_repeatable: bool = ...
    ) -> Runner: ...


def make_inline(
    model: type[cog.BaseRunner], fetch: Fetch = nothing_to_fetch, *, is_repeatable: bool = False
) -> Runner:
    schema = InputSchema(openapi_schema(model))
    return InlineRunner(model(), schema, fetch, is_repeatable=is_repeatable)


RUNNERS: dict[str, Make] = {"inline": make_inline}


@pytest.fixture(params=RUNNERS)
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a runner of a Cog model."""

    def make_it(
        model: type[cog.BaseRunner], fetch: Fetch = nothing_to_fetch, *, is_repeatable: bool = False
    ) -> Runner:
        capture_output()  # not before the test runs: until then pytest swaps stdout
        return RUNNERS[request.param](model, fetch, is_repeatable=is_repeatable)

    return make_it


async def ran(
    make: Make, model: type[cog.BaseRunner], fetch: Fetch = nothing_to_fetch, **inputs: object
) -> tuple[object, Recorder]:
    """The output of one run, and what it reported."""
    runner, report = make(model, fetch), Recorder()
    await runner.setup()
    return await runner.run(inputs, report, "me"), report


class Echo(cog.BaseRunner):
    async def run(self, prompt: str, times: int = 2, mark: str | None = None) -> str:
        return prompt * times + str(mark)


class Old(cog.BasePredictor):
    async def predict(self, prompt: str) -> str:
        return prompt.upper()


class Chatty(cog.BaseRunner):
    @cog.concurrent(max=500)
    async def run(self, name: str) -> str:
        for step in range(3):
            print(name, step)
            await asyncio.sleep(0)
            print(f"{name} warns", file=sys.stderr)
            await asyncio.to_thread(print, f"{name} in a thread")
            await asyncio.create_task(self.say(name))
        return name

    async def say(self, name: str) -> None:
        sys.stdout.write(f"{name} in a task")
        sys.stdout.flush()
        print(end="\n")


class Measuring(cog.BaseRunner):
    async def run(self) -> str:
        self.record_metric("image_count", 2)
        self.record_metric("steps", 1, mode="incr")
        self.scope.record_metric("names", "a", mode="append")
        return ""


class Words(cog.BaseRunner):
    async def run(self, text: str) -> AsyncIterator[str]:
        for word in text.split():
            print(f"saying {word}")
            yield word


class Painting(cog.BaseRunner):
    async def run(self, folder: str) -> list[cog.Path]:
        paths = [cog.Path(folder) / f"out-{n}.png" for n in range(2)]
        for path in paths:
            path.write_text(path.name)
        return paths


class Report(cog.BaseModel):
    picture: cog.Path
    words: list[str]
    note: str | None


class Structured(cog.BaseRunner):
    async def run(self, folder: str) -> Report:
        return Report(picture=cog.Path(folder) / "a.png", words=["x"], note=None)


class Keyed(cog.BaseRunner):
    async def run(self, key: cog.Secret, other: cog.Secret | None = None) -> str:
        print(key)
        assert other is None
        return key.get_secret_value()[::-1]


class Looking(cog.BaseRunner):
    async def run(self, image: cog.Path, more: list[cog.Path] = cog.Input(default=[])) -> str:
        assert all(isinstance(path, cog.Path) for path in (image, *more))
        return " ".join([path.read_text() for path in (image, *more)])


class Waiting(cog.BaseRunner):
    async def run(self, folder: str) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.to_thread((Path(folder) / "cleaned up").touch)
        return ""


class Failing(cog.BaseRunner):
    async def run(self, how: str) -> str:
        print("about to fail")
        raise RunFailed(how) if how == "told" else ZeroDivisionError(how)


class Readied(cog.BaseRunner):
    def setup(self) -> None:
        self.greeting = "ready"

    async def run(self) -> str:
        return self.greeting


class ReadiedSlowly(cog.BaseRunner):
    async def setup(self) -> None:
        await asyncio.sleep(0)
        self.greeting = "ready, slowly"

    async def run(self) -> str:
        return self.greeting


class Blocking(cog.BaseRunner):
    def run(self, prompt: str) -> str:
        return prompt


class Strange(cog.BaseRunner):
    async def run(self) -> Any:
        return {"x": [object()]}


async def test_a_run_gives_its_output(make: Make) -> None:
    """With defaults for what was not given, and None for what is optional."""
    assert (await ran(make, Echo, prompt="ab"))[0] == "ababNone"
    assert (await ran(make, Echo, prompt="ab", times=1, mark="!"))[0] == "ab!"


async def test_a_predictor_of_before_2026_runs_too(make: Make) -> None:
    """`BasePredictor` with `predict`."""
    assert (await ran(make, Old, prompt="ab"))[0] == "AB"


@pytest.mark.parametrize(
    ("model", "greeting"), [(Readied, "ready"), (ReadiedSlowly, "ready, slowly")]
)
async def test_setup_comes_before_the_run(
    make: Make, model: type[cog.BaseRunner], greeting: str
) -> None:
    """Whether it waits for something or not."""
    assert (await ran(make, model))[0] == greeting


async def test_what_each_of_many_runs_prints_is_its_own(make: Make) -> None:
    """Three hundred in flight: stdout, stderr, threads and tasks, nothing mixed, nothing lost."""
    runner = make(Chatty)
    reports = {f"run{n}": Recorder() for n in range(300)}
    await asyncio.gather(*(runner.run({"name": n}, report, "me") for n, report in reports.items()))
    for name, report in reports.items():
        said = "{0} {1}\n{0} warns\n{0} in a thread\n{0} in a task\n"
        assert report.text == "".join(said.format(name, step) for step in range(3))


async def test_what_others_print_goes_where_it_went(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server's own words are in no prediction's logs."""
    capture_output()
    task = asyncio.create_task(ran(make, Chatty, name="model"))
    for _ in range(3):
        print("server")
        await asyncio.sleep(0)
    _, report = await task
    assert "server" not in report.text
    shown = capsys.readouterr().out
    assert "server\nserver\n" in shown
    assert "model" not in shown
    assert CURRENT.get() is None


async def test_metrics_come_with_their_mode(make: Make) -> None:
    """Through `self.record_metric` and `self.scope.record_metric` alike."""
    _, report = await ran(make, Measuring)
    assert report.metrics == [
        ("image_count", 2, "replace"),
        ("steps", 1, "incr"),
        ("names", "a", "append"),
    ]


async def test_an_output_in_parts_is_reported_part_by_part_and_whole(make: Make) -> None:
    """The parts as they come, the list of them at the end."""
    output, report = await ran(make, Words, text="one two three")
    assert output == report.items == ["one", "two", "three"]
    assert report.text == "saying one\nsaying two\nsaying three\n"


async def test_files_are_told_from_text(make: Make, tmp_path: Path) -> None:
    """A path in the output is a file to be taken."""
    output, _ = await ran(make, Painting, folder=str(tmp_path))
    assert output == [ProducedFile(tmp_path / "out-0.png"), ProducedFile(tmp_path / "out-1.png")]


async def test_a_structured_output_is_json_with_files_in_it(make: Make, tmp_path: Path) -> None:
    """A Cog model's own fields, by their names."""
    output, _ = await ran(make, Structured, folder=str(tmp_path))
    picture = ProducedFile(tmp_path / "a.png")
    assert output == {"picture": picture, "words": ["x"], "note": None}


async def test_a_secret_reaches_the_model_wrapped(make: Make) -> None:
    """So that printing it by accident shows stars."""
    output, report = await ran(make, Keyed, key="sk-123456")
    assert output == "654321-ks"
    assert report.text == "**********\n"


async def test_files_are_fetched_before_the_run_and_gone_after_it(make: Make) -> None:
    """Each by its name and URL, in a folder of this run alone."""
    folders: set[Path] = set()

    async def fetch(account: str, name: str, url: str, folder: Path) -> Path:
        folders.add(folder)
        path = folder / name
        await asyncio.to_thread(path.write_text, f"{account}: {name}={url}")
        return path

    inputs = {"image": "https://a.test/1", "more": ["data:,2", "data:,3"]}
    output, _ = await ran(make, Looking, fetch, **inputs)
    assert output == "me: image=https://a.test/1 me: more.0=data:,2 me: more.1=data:,3"
    (folder,) = folders
    assert not folder.exists()


async def test_a_file_that_cannot_be_had_fails_the_run(make: Make) -> None:
    """In the words of whoever fetched it, and nothing is left on disk."""
    folders: list[Path] = []

    async def fetch(account: str, name: str, url: str, folder: Path) -> Path:
        folders.append(folder)
        raise RunFailed(f"{name} is not to be had from {url}")

    with pytest.raises(RunFailed, match=r"image is not to be had from data:,1"):
        await ran(make, Looking, fetch, image="data:,1")
    assert not folders[0].exists()


async def test_a_canceled_run_stops_after_cleaning_up(make: Make, tmp_path: Path) -> None:
    """The model's own `finally` runs, and the cancellation gets through."""
    runner = make(Waiting)
    task = asyncio.create_task(runner.run({"folder": str(tmp_path)}, Recorder(), "me"))
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (tmp_path / "cleaned up").exists()


@pytest.mark.parametrize(("how", "error"), [("told", RunFailed), ("fell over", ZeroDivisionError)])
async def test_what_a_model_raises_gets_through(
    make: Make, how: str, error: type[Exception]
) -> None:
    """With what it printed before."""
    report = Recorder()
    with pytest.raises(error, match=how):
        await make(Failing).run({"how": how}, report, "me")
    assert report.text == "about to fail\n"


async def test_an_output_that_is_no_json_is_refused_by_its_type(make: Make) -> None:
    """The message names it."""
    with pytest.raises(TypeError, match=r"returned object, which is neither JSON nor a file"):
        await ran(make, Strange)


def test_a_model_that_would_hold_up_the_server_is_refused_inline() -> None:
    """The event loop is for models that wait."""
    with pytest.raises(TypeError, match=r"Blocking\.run is not async"):
        make_inline(Blocking)


def test_a_runner_tells_how_many_runs_it_takes_at_once(make: Make) -> None:
    """What the model declares, or one."""
    assert (make(Chatty).concurrency, make(Echo).concurrency) == (500, 1)


@pytest.mark.parametrize("is_repeatable", [True, False])
def test_a_runner_tells_whether_a_run_may_be_repeated(make: Make, is_repeatable: bool) -> None:
    """As its builder knows."""
    assert make(Echo, is_repeatable=is_repeatable).is_repeatable is is_repeatable


async def test_inputs_are_the_runs_own(make: Make) -> None:
    """What was given is not changed by completing it."""
    given: Mapping[str, object] = {"prompt": "x"}
    await ran(make, Echo, **given)
    assert given == {"prompt": "x"}

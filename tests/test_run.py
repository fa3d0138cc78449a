"""What a run in a worker's hands makes of its model's reports."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.faults import FAULTS
from tests.support.making import NOW, made

from safelight.blobs.directory import DirectoryBlobs
from safelight.prediction import Prediction
from safelight.run import LONGEST_LOGS, Run, Stop, insist
from safelight.runner import ProducedFile
from safelight.store import Claim, Claimed
from safelight.vault import Vault

VAULT = Vault(b"k" * 32)
SECRETS = {"key": "sk-0123456789", "short": "12345"}
Begin = Callable[..., Run]


@pytest.fixture
def begin(tmp_path: Path) -> Begin:
    """A run of a prediction that has just started."""

    def begin(secrets: dict[str, str] | None = None, **facts: object) -> Run:
        started = made(**facts).start(NOW)
        sealed = VAULT.seal(secrets, started.id) if secrets else None
        run = Run(Claimed(started, Claim("w1", 1), sealed), DirectoryBlobs(tmp_path / "blobs"))
        run.unseal(VAULT)
        return run

    return begin


def written(folder: Path, content: bytes, name: str = "out.png") -> ProducedFile:
    """A file that a model has just written."""
    (folder / name).write_bytes(content)
    return ProducedFile(folder / name)


async def test_whatever_step_is_refused_once_the_files_are_kept(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may be paid for; a server that is out of open files soon has some again."""
    monkeypatch.setattr("safelight.run.TRY_AGAIN", timedelta())
    for step in range(100):
        run = begin()
        files = [written(tmp_path, f"{step} {n}".encode(), f"{n}.png") for n in range(2)]
        FAULTS.begin(step)
        done = await insist(lambda run=run, files=files: run.finish(files))
        assert [file.blob.size for file in done.files] == [len(f"{step} 0")] * 2
        assert [file.name for file in done.files] == ["0.png", "1.png"]
        if not FAULTS.end():
            break
    assert 10 < step < 100


def test_a_run_with_nothing_to_tell_is_saved_as_it_was(begin: Begin) -> None:
    """And has nothing unsaved."""
    run = begin()
    assert not run.is_unsaved
    assert run.current() == run.prediction


def test_reports_wait_until_they_are_asked_for(begin: Begin) -> None:
    """Then they are in the prediction, and no longer unsaved."""
    run = begin()
    run.log("one\n")
    run.log("two\n")
    run.metric("image_count", 1)
    assert run.is_unsaved
    assert run.prediction.logs == ""
    now = run.current()
    assert (now.logs, now.metrics) == ("one\ntwo\n", {"image_count": 1})
    assert not run.is_unsaved
    assert run.current() == now


def test_metrics_combine_by_their_mode(begin: Begin) -> None:
    """Cog's replace, incr and append; the first incr or append begins."""
    run = begin()
    for mode in ("replace", "incr", "append"):
        for value in (1, 2):
            run.metric(mode, value, mode)
    assert run.current().metrics == {"replace": 2, "incr": 3, "append": [1, 2]}


def test_a_metric_saved_once_does_not_change_later(begin: Begin) -> None:
    """The stored value is not the list that goes on growing."""
    run = begin()
    run.metric("names", "a", "append")
    first = run.current()
    run.metric("names", "b", "append")
    assert (first.metrics, run.current().metrics) == ({"names": ["a"]}, {"names": ["a", "b"]})


async def test_parts_of_the_output_show_as_they_come(begin: Begin) -> None:
    """Each new current has all so far; the end has them once."""
    run = begin()
    await run.output("a")
    assert run.current().output == ["a"]
    await run.output("b")
    assert run.current().output == ["a", "b"]
    assert (await run.finish(["a", "b"])).output == ["a", "b"]


async def test_files_are_kept_and_referred_to(begin: Begin, tmp_path: Path) -> None:
    """By their place in `files`, wherever they are in the output; the type is the content's."""
    run = begin()
    png = written(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(20), "picture.jpg")
    text = written(tmp_path, b"hello", "notes.txt")
    ended = await run.finish({"picture": png, "more": [text, "plain"]})
    assert ended.output == {"picture": {"$file": 0}, "more": [{"$file": 1}, "plain"]}
    assert [(f.name, f.media_type) for f in ended.files] == [
        ("picture.jpg", "image/png"),
        ("notes.txt", "text/plain"),
    ]
    assert not png.path.exists()


async def test_a_file_of_no_known_kind_is_bytes(begin: Begin, tmp_path: Path) -> None:
    """Nothing is guessed from nothing."""
    ended = await begin().finish(written(tmp_path, b"\x00\x01", "thing"))
    assert ended.files[0].media_type == "application/octet-stream"


async def test_files_of_one_name_are_told_apart(begin: Begin, tmp_path: Path) -> None:
    """Each keeps a name of its own, and its suffix."""
    run = begin()
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        await run.output(written(tmp_path / folder, folder.encode()))
    ended = await run.finish(None)
    assert [file.name for file in ended.files] == ["out.png", "out-1.png", "out-2.png"]


async def test_a_file_shown_as_a_part_is_not_kept_again_at_the_end(
    begin: Begin, tmp_path: Path
) -> None:
    """The whole output names the same file once more."""
    run = begin()
    part = written(tmp_path, b"x")
    await run.output(part)
    ended = await run.finish([part])
    assert (ended.output, len(ended.files)) == ([{"$file": 0}], 1)


async def test_a_path_written_anew_is_another_file(begin: Begin, tmp_path: Path) -> None:
    """Progress pictures under one name."""
    run = begin()
    for content in (b"first", b"second"):
        await run.output(written(tmp_path, content))
    ended = await run.finish([])
    assert ended.output == [{"$file": 0}, {"$file": 1}]
    assert ended.files[0].blob != ended.files[1].blob


@pytest.mark.parametrize("pieces", [1, 2, 13])
def test_secrets_are_hidden_in_logs_however_they_were_printed(begin: Begin, pieces: int) -> None:
    """In one piece, in two, or a letter at a time."""
    run, secret = begin(SECRETS), SECRETS["key"]
    size = -(-len(secret) // pieces)
    for start in range(0, len(secret), size):
        run.log(secret[start : start + size])
    assert run.current().logs == "[REDACTED]"


async def test_secrets_are_hidden_in_outputs(begin: Begin) -> None:
    """In text, at any depth."""
    run = begin(SECRETS)
    ended = await run.finish({"a": ["x sk-0123456789 y", 5]})
    assert ended.output == {"a": ["x [REDACTED] y", 5]}


def test_a_secret_too_short_to_be_one_hides_nothing(begin: Begin) -> None:
    """A key of five characters would punch holes into ordinary words."""
    run = begin(SECRETS)
    run.log("12345")
    assert run.current().logs == "12345"


def test_the_model_is_given_the_secrets_that_nobody_else_sees(begin: Begin) -> None:
    """In their places, although the stored input is redacted."""
    run = begin({"key": "sk-0123456789"}, input={"key": "[REDACTED]", "prompt": "x"})
    assert run.inputs == {"key": "sk-0123456789", "prompt": "x"}
    assert run.prediction.input["key"] == "[REDACTED]"


def test_endless_logs_are_cut_and_say_so(begin: Begin) -> None:
    """The row stays of a size that can be saved every half second."""
    run = begin()
    for _ in range(30):
        run.log("x" * 100_000)
    logs = run.current().logs
    assert logs.startswith("x" * LONGEST_LOGS)
    assert logs.endswith("\n[logs cut here]")
    assert len(logs) < LONGEST_LOGS + 100


async def stopped(run: Run, *reasons: Stop) -> bool:
    """Whether the run's task was canceled by these stops."""
    run.task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    for reason in reasons:
        run.stop(reason)
    await asyncio.sleep(0)
    was_canceled = run.task.cancelled()
    run.task.cancel()
    return was_canceled


async def test_the_first_reason_to_stop_is_the_one(begin: Begin) -> None:
    """A deadline that strikes after the cancel does not turn it into something else."""
    run = begin()
    assert await stopped(run, Stop.CANCELED, Stop.DEADLINE)
    assert run.stopped_for is Stop.CANCELED


async def test_a_run_that_is_ending_is_not_stopped(begin: Begin) -> None:
    """Its result is on the way to the store, which decides."""
    run = begin()
    run.is_ending = True
    assert not await stopped(run, Stop.TIME_LIMIT)
    assert run.stopped_for is None


def test_a_prediction_is_not_changed_by_its_run(begin: Begin) -> None:
    """What was claimed is a value of its own."""
    run = begin()
    before: Prediction = run.prediction
    run.log("x")
    run.current()
    assert before.logs == ""


def test_secrets_are_hidden_in_metrics_however_deep(begin: Begin) -> None:
    """A model may record the request that it has sent."""
    run, secret = begin(SECRETS), SECRETS["key"]
    run.metric("sent", {"headers": [{"authorization": f"Bearer {secret}"}], "tries": 1})
    run.metric("names", [secret], "append")
    assert secret not in str(run.current().metrics)
    assert run.current().metrics["sent"]["tries"] == 1

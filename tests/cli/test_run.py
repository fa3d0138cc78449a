"""`safelight run`: with a server or without one, the same files, texts and exit codes."""

import json
import signal
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

SKETCH = ("run", "safelight/sketch", "prompt=a red boat on a calm sea")
SLOW = ("run", "--test", "google/imagen-4-fast", "prompt=a snail [[delay: 60s]]")


@pytest.fixture(params=["with a server", "without a server"])
def program(request: pytest.FixtureRequest, make_program: Callable[..., Any]) -> Generator[Any]:
    """The program beside a server, and by itself."""
    program = make_program()
    if request.param == "without a server":
        yield program
        return
    with program.serving():
        yield program


def paths_in(program: Any, text: str) -> list[Path]:
    return [program.directory / line for line in text.splitlines()]


def test_a_picture_is_saved_where_one_is(program: Any) -> None:
    """Its path goes to stdout, everything else to stderr."""
    done = program.run(*SKETCH)
    assert done.returncode == 0, done.stderr
    (path,) = paths_in(program, done.stdout)
    assert path.parent == program.directory
    with Image.open(path) as image:
        image.load()
    assert "succeeded after" in done.stderr


def test_pictures_go_to_the_named_directory_and_over_nothing(program: Any) -> None:
    """A second run gives its files other names."""
    arguments = (
        *("run", "--test", "openai/gpt-image-2", "-o", "new"),
        "prompt=x",
        "number_of_images=2",
    )
    first, second = (program.run(*arguments) for _ in range(2))
    paths = paths_in(program, first.stdout + second.stdout)
    assert len(set(paths)) == 4
    assert all(path.parent == program.directory / "new" and path.exists() for path in paths)


def test_nothing_is_run_that_could_not_be_saved(program: Any) -> None:
    """A text needs no directory."""
    (program.directory / "file").touch()
    before = program.run("predictions", "list", "--json").stdout
    done = program.run(*SKETCH, "-o", "file/new")
    assert (done.returncode, done.stdout) == (2, "")
    assert "file/new cannot be written" in done.stderr
    assert program.run("predictions", "list", "--json").stdout == before
    assert program.run("run", "safelight/echo", "prompt=a", "-o", "file/new").returncode == 0


def test_a_text_is_printed(program: Any) -> None:
    """Nothing is saved then."""
    before = set(program.directory.iterdir())
    done = program.run("run", "safelight/echo", "prompt=hello there")
    assert (done.returncode, done.stdout) == (0, "hello there\n")
    assert set(program.directory.iterdir()) - before <= {program.directory / "home"}


def test_the_prediction_itself_can_be_had(program: Any) -> None:
    """As the API shows it."""
    done = program.run(*SKETCH, "--json")
    prediction = json.loads(done.stdout)
    assert prediction["status"] == "succeeded"
    assert prediction["model"] == "safelight/sketch"
    shown = json.loads(program.run("predictions", "show", prediction["id"], "--json").stdout)
    assert shown["id"] == prediction["id"]
    assert prediction["id"] in program.run("predictions", "list").stdout


def test_a_failure_says_why_and_exits_with_1(program: Any) -> None:
    """The error is the model's own."""
    done = program.run("run", "--test", "google/imagen-4-fast", "prompt=x [[fail: no film left]]")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "safelight: no film left" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_an_interrupt_cancels_at_the_server_and_exits_with_130(
    number: signal.Signals, program: Any
) -> None:
    """Nobody pays for a picture that nobody waits for."""
    with program.started(*SLOW) as process:
        line = process.stderr.readline()
        assert line.strip() in ("starting", "processing")
        began = time.monotonic()
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
        assert time.monotonic() - began < 10
    assert process.returncode == 130, errors
    assert "canceled after" in errors
    (prediction,) = json.loads(program.run("predictions", "list", "--json").stdout)
    assert prediction["status"] == "canceled"


def test_a_prediction_can_be_canceled_from_elsewhere(make_program: Callable[..., Any]) -> None:
    """The run that waits for it exits as if it had been interrupted."""
    program = make_program()
    with program.serving(), program.started(*SLOW) as process:
        process.stderr.readline()
        (prediction,) = json.loads(program.run("predictions", "list", "--json").stdout)
        done = program.run("predictions", "cancel", prediction["id"])
        assert done.stdout == f"{prediction['id']} canceled\n"
        process.communicate(timeout=20)
        assert process.returncode == 130


def test_looking_at_a_list_sets_nothing_going(make_program: Callable[..., Any]) -> None:
    """What waits would cost money; only `run` and `serve` run predictions."""
    program = make_program(SAFELIGHT_MAX_RUNNING="0")
    with program.started(*SKETCH) as process:
        assert process.stderr.readline() == "starting\n"
        process.kill()
        process.wait()
    del program.environment["SAFELIGHT_MAX_RUNNING"]
    looks = [json.loads(program.run("predictions", "list", "--json").stdout) for _ in range(2)]
    assert [prediction["status"] for (prediction,) in looks] == ["starting", "starting"]
    prediction = looks[0][0]
    done = program.run("predictions", "cancel", prediction["id"])
    assert done.stdout == f"{prediction['id']} canceled\n"


def test_a_version_can_be_named(served: Any) -> None:
    """With its 64 hex digits, or as `latest`."""
    model = json.loads(served.run("models", "show", "safelight/echo", "--json").stdout)
    for version in (model["latest_version"]["id"], "latest"):
        done = served.run("run", f"safelight/echo:{version}", "prompt=hi")
        assert (done.returncode, done.stdout) == (0, "hi\n")


def test_a_local_file_becomes_an_input(served: Any) -> None:
    """Twice the key makes a list of two."""
    for name in ("a.png", "b.png"):
        Image.new("RGB", (8, 8), "red").save(served.directory / name)
    arguments = ("run", "--test", "--json", "openai/gpt-image-2", "prompt=x")
    done = served.run(*arguments, "input_images=@a.png", "input_images=@b.png")
    assert done.returncode == 0, done.stderr
    images = json.loads(done.stdout)["input"]["input_images"]
    assert [image.split(",")[0] for image in images] == ["data:image/png;base64"] * 2


def test_a_missing_model_lists_close_names(served: Any) -> None:
    """One letter off is the usual case."""
    for command in (
        ("run", "openai/gpt-image2", "prompt=x"),
        ("models", "show", "openai/gpt-image2"),
    ):
        done = served.run(*command)
        assert done.returncode == 1
        assert "Did you mean openai/gpt-image-2" in done.stderr
    assert "models list" in served.run("run", "zz/qqqq").stderr


def test_a_missing_version_is_told_from_a_missing_model(served: Any) -> None:
    """The model is there, and runs without the version."""
    done = served.run("run", f"safelight/echo:{'0' * 64}", "prompt=x")
    assert done.returncode == 1
    assert "safelight/echo has no version" in done.stderr


def test_an_argument_that_does_not_fit_is_refused_before_anything_runs(served: Any) -> None:
    """Misspelt names and unreadable values here, the rest by the server, field by field."""
    done = served.run("run", "--test", "openai/gpt-image-2", "promt=x", "number_of_images=many")
    assert done.returncode == 2
    assert "did you mean prompt?" in done.stderr
    assert "number_of_images: 'many' is not a whole number" in done.stderr
    done = served.run("run", "--test", "openai/gpt-image-2", "number_of_images=99")
    assert done.returncode == 1
    assert "number_of_images: Must be less than or equal to 10" in done.stderr
    assert "prompt is required" in done.stderr


def test_models_are_listed_and_described(served: Any) -> None:
    """Name, runs and inputs, for people and as JSON."""
    assert "openai/gpt-image-1" in served.run("models", "list").stdout
    names = [model["name"] for model in json.loads(served.run("models", "list", "--json").stdout)]
    assert "imagen-4-fast" in names
    shown = served.run("models", "show", "openai/gpt-image-2").stdout
    assert "output_compression" in shown
    assert "required" in shown


def test_a_server_that_was_killed_is_not_waited_for(make_program: Callable[..., Any]) -> None:
    """Its announcement is still there; the port answers nobody, or somebody else."""
    program = make_program()
    with program.started("serve", "--port", "0", "--tls-port", "0") as process:
        process.stdout.readline()
        process.kill()
        process.wait()
    assert (program.directory / "home" / "server.json").exists()
    done = program.run("run", "safelight/echo", "prompt=still here")
    assert (done.returncode, done.stdout) == (0, "still here\n"), done.stderr


def test_a_token_made_elsewhere_works_at_once(served: Any) -> None:
    """The database is shared, not copied."""
    made = served.run("tokens", "create", "--test", "--name", "ci")
    secret = made.stdout.strip()
    listed = served.run("tokens", "list").stdout
    assert secret[-4:] in listed
    assert "bootstrap" in listed


def test_a_prediction_that_is_not_there_is_told_by_its_name(served: Any) -> None:
    """Whatever the id looks like, it is one path segment."""
    for command in ("show", "cancel"):
        for name in ("nothing", "../models"):
            done = served.run("predictions", command, name)
            assert done.returncode == 1
            assert f"there is no prediction {name}" in done.stderr


def test_a_prediction_says_that_its_data_went(make_program: Callable[..., Any]) -> None:
    """Not that it had none."""
    program = make_program(SAFELIGHT_RETENTION="1s")
    with program.serving():
        done = program.run("run", "--json", "safelight/echo", "prompt=a")
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up:
            shown = program.run("predictions", "show", json.loads(done.stdout)["id"]).stdout
            if "removed when their retention ended" in shown:
                assert "input:" not in shown
                return
    pytest.fail("its data is still there")


def test_a_run_that_waits_says_where_and_for_what(make_program: Callable[..., Any]) -> None:
    """Each news once; `predictions show` says it too, and nothing of it once it has started."""
    program = make_program(SAFELIGHT_MAX_RUNNING="1")
    line = "Waiting: place 1 in the queue. This server runs 1 at once; there is no room for more."
    with program.serving(), program.started(*SLOW) as busy:
        while "processing" not in busy.stderr.readline():
            pass
        with program.started("run", "--test", "safelight/echo", "prompt=a") as process:
            assert process.stderr.readline() == "starting\n"
            assert process.stderr.readline() == f"{line}\n"
            waiting, running = json.loads(program.run("predictions", "list", "--json").stdout)
            assert line in program.run("predictions", "show", waiting["id"]).stdout
            assert "Waiting" not in program.run("predictions", "show", running["id"]).stdout
            program.run("predictions", "cancel", running["id"])
            output, errors = process.communicate(timeout=20)
            assert (process.returncode, output) == (0, "a\n")
            assert "Waiting" not in errors

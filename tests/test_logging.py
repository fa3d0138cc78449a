"""Log lines: what they say, what they are about, and what they never hold."""

import io
import json
import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import cog
import httpx
import pytest
from tests.api.calls import ECHO
from tests.serving import serving
from tests.support.engine import Bench, runnable

from safelight.api.door import shown_path
from safelight.blobs.directory import DirectoryBlobs
from safelight.bootstrap import prepare_home
from safelight.correlation import PREDICTION, REQUEST, request_id
from safelight.engine import running_engine
from safelight.log_lines import log_handler
from safelight.registry import Registry
from safelight.settings import misspelt, read_settings
from safelight.stores.sqlite import SqliteStore

SECRET = "r8_" + "s" * 37
MADE = re.compile(r"req_[0-9a-f]{24}")


@contextmanager
def logged(form: str) -> Iterator[io.StringIO]:
    """What is written to the log meanwhile, in that form."""
    handler = log_handler(form)
    assert isinstance(handler, logging.StreamHandler)
    lines = io.StringIO()
    handler.setStream(lines)
    logger = logging.getLogger("safelight")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


@asynccontextmanager
async def calling(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an engine of its own."""
    environment = {"SAFELIGHT_HOME": str(tmp_path / "home"), "SAFELIGHT_GRACE": "0s"}
    settings = read_settings(environment, tmp_path)
    token = prepare_home(settings).test_token
    async with (
        running_engine(settings) as engine,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(engine.app),
            base_url="https://safelight.test",
            headers={"authorization": f"Bearer {token}"},
        ) as client,
    ):
        yield client


def objects(lines: io.StringIO) -> list[dict[str, Any]]:
    """Each line, read as JSON."""
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_line_of_json_holds_all_there_is_and_nothing_empty() -> None:
    """One object a line, whatever is in the message."""
    with logged("json") as lines:
        logging.getLogger("safelight.test").info("two\nlines, %s and \udcff half", 1)
    (line,) = objects(lines)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "safelight.test",
        "message": "two\nlines, 1 and ? half",
    }


def test_an_exception_is_a_field_of_the_line() -> None:
    """With its traceback, on the same line."""
    with logged("json") as lines:
        try:
            raise LookupError("gone")
        except LookupError:
            logging.getLogger("safelight.test").exception("it failed")
    (line,) = objects(lines)
    assert line["level"] == "error"
    assert "LookupError: gone" in line["exception"]


def test_a_message_cannot_forge_a_line_of_text() -> None:
    """Nor an exception, whose lines are set in; neither reaches the terminal's controls."""
    forged = "x\n2025-04-28 15:15:42,000 ERROR safelight: forged \x1b[2J\u2028"
    with logged("text") as lines:
        logging.getLogger("safelight.test").info("%s", forged)
        try:
            raise LookupError(forged)
        except LookupError:
            logging.getLogger("safelight.test").exception("it failed")
    first, second, *rest = lines.getvalue().splitlines()
    assert "x\\x0a2025" in first
    assert second.endswith("it failed")
    assert rest
    assert all(line.startswith("  ") for line in rest)
    assert "\x1b" not in lines.getvalue()


def test_lines_say_which_request_and_prediction_they_are_about() -> None:
    """In text within brackets, in JSON as fields of their own."""
    here = REQUEST.set("req_1"), PREDICTION.set("p1")
    try:
        with logged("json") as lines, logged("text") as text:
            logging.getLogger("safelight.test").info("hello")
    finally:
        REQUEST.reset(here[0])
        PREDICTION.reset(here[1])
    (line,) = objects(lines)
    assert (line["request_id"], line["prediction"]) == ("req_1", "p1")
    assert text.getvalue().endswith(" INFO safelight.test: hello [req_1 p1]\n")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/account", "/v1/account"),
        (f"/outputs/{'a' * 49}/x.png", "/outputs/aaaaaaaa.../x.png"),
        (f"/v1/files/bcwr-{'b' * 52}", "/v1/files/bcwr-bbb..."),
        (f"/v1/{SECRET}", "/v1/r8_sssss..."),
        ("/v1/predictions/x\nINFO forged", "/v1/predictions/x%0AINFO%20forged"),
    ],
)
def test_a_path_is_shown_without_what_it_could_open_or_forge(path: str, shown: str) -> None:
    """Names that open things are cut, and a line stays one line."""
    assert shown_path(path) == shown


def test_an_id_is_the_callers_or_a_fresh_one() -> None:
    """Safe characters only."""
    assert request_id(b"mine-1", 0) == "mine-1"
    assert MADE.fullmatch(request_id(b"not mine", 7))
    assert MADE.fullmatch(request_id(None, 2**96 - 1))


async def test_each_request_leaves_one_line(tmp_path: Path) -> None:
    """Method, path without its query, status, milliseconds, the id of the token."""
    async with calling(tmp_path) as client:
        with logged("json") as lines:
            answer = await client.get(f"/v1/predictions?cursor={SECRET}")
            await client.get("/v1/account", headers={"authorization": f"Bearer {SECRET}"})
        assert SECRET not in lines.getvalue()
        first, second = (line for line in objects(lines) if line["logger"] == "safelight.access")
        assert answer.status_code == 404
        assert first["request_id"] == answer.headers["x-request-id"]
        assert re.fullmatch(
            r"GET /v1/predictions 404 \d+\.\d ms bootstrap-test-\w{8}", first["message"]
        )
        assert re.fullmatch(r"GET /v1/account 401 \d+\.\d ms -", second["message"])


async def test_a_create_leaves_a_line_that_names_its_prediction(tmp_path: Path) -> None:
    """From there on, the id of the prediction leads further."""
    async with calling(tmp_path) as client:
        with logged("json") as lines:
            path = f"/v1/models/{ECHO}/predictions"
            created = await client.post(path, json={"input": {"prompt": "x"}})
        (line,) = (line for line in objects(lines) if line["logger"] == "safelight.access")
        assert line["prediction"] == created.json()["id"]


async def test_what_breaks_is_logged_without_what_its_path_could_open(tmp_path: Path) -> None:
    """Once, with its traceback; the caller is told no more than that something broke."""
    environment = {"SAFELIGHT_HOME": str(tmp_path / "home"), "SAFELIGHT_GRACE": "0s"}
    settings = read_settings(environment, tmp_path)
    headers = {"authorization": f"Bearer {prepare_home(settings).test_token}", "prefer": "wait"}
    async with running_engine(settings) as engine:
        transport = httpx.ASGITransport(engine.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            path = "/v1/models/safelight/sketch/predictions"
            made = await client.post(path, json={"input": {"prompt": "x"}}, headers=headers)
            (output,) = made.json()["output"]
            with closing(sqlite3.connect(settings.database)) as connection:
                connection.execute("UPDATE predictions SET body = x'00'")
                connection.commit()
            with logged("json") as lines:
                answer = await client.get(output)
    assert answer.status_code == 500
    (line,) = (line for line in objects(lines) if line["level"] == "error")
    capability = output.split("/")[4]
    assert line["message"].startswith(f"GET /outputs/{capability[:8]}.../")
    assert "Traceback" in line["exception"]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert capability not in lines.getvalue()


class Telling(cog.BaseRunner):
    """Writes to the server's log."""

    async def run(self) -> str:
        """Tell."""
        logging.getLogger("safelight.test").warning("from within")
        return "done"


async def test_what_a_run_logs_names_its_prediction(tmp_path: Path) -> None:
    """Also in the lines of whatever it calls."""
    store = SqliteStore(tmp_path / "safelight.db")
    registry = Registry([runnable(Telling, "telling")])
    bench = Bench(store, registry, DirectoryBlobs(tmp_path / "blobs"))
    with logged("json") as lines:
        async with bench.working():
            prediction = await bench.create("telling")
            await bench.end_of(prediction)
    (line,) = (line for line in objects(lines) if line["message"] == "from within")
    assert line["prediction"] == prediction.id
    await store.close()


def test_a_misspelt_variable_is_told_with_what_may_be_meant() -> None:
    """It would otherwise do nothing, in silence."""
    environment = {"SAFELIGHT_RATE_LIMIT": "x", "SAFELIGHT_XYZZY": "", "SAFELIGHT_PORT": "1"}
    assert misspelt(environment) == [
        "SAFELIGHT_RATE_LIMIT is no setting, and does nothing. Did you mean SAFELIGHT_RATE_LIMITS?",
        "SAFELIGHT_XYZZY is no setting, and does nothing.",
    ]


def test_a_server_writes_json_when_told_to(tmp_path: Path) -> None:
    """From its first line to its last, warnings about the start included."""
    with serving(
        tmp_path,
        SAFELIGHT_LOG_FORMAT="json",
        SAFELIGHT_LOG_LEVEL="info",
        SAFELIGHT_PROT="1",
    ) as server:
        answer = httpx.get(f"{server.http}/healthz")
        assert MADE.fullmatch(answer.headers["x-request-id"])
    lines = (tmp_path / "stderr").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    assert any("Did you mean SAFELIGHT_PORT?" in line["message"] for line in found)
    assert any(line["message"].startswith("GET /healthz 200") for line in found)

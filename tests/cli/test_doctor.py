"""`safelight doctor`: what is broken fails, what could be better is a hint."""

import json
import re
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


def findings(program: Any, *, exit_code: int = 0) -> dict[str, dict[str, str]]:
    done = program.run("doctor", "--json")
    assert done.returncode == exit_code, done.stdout + done.stderr
    return {finding["subject"]: finding for finding in json.loads(done.stdout)}


class Provider:
    """A provider that lists its models to who has the key, at the paths of both APIs."""

    KEY = "sk-secret-0123456789"

    def __init__(self) -> None:
        self.status = 200
        self.answer: object = {"data": []}
        """As JSON; bytes are sent as they are."""
        self.seen: list[tuple[str, str]] = []
        self.asked: list[tuple[dict[str, str], bytes]] = []
        provider = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                bearer = (self.headers["authorization"] or "").removeprefix("Bearer ")
                key = self.headers["x-goog-api-key"] or self.headers["x-api-key"] or bearer
                provider.seen.append((self.path, key))
                length = int(self.headers["content-length"] or 0)
                named = {name.lower(): text for name, text in self.headers.items()}
                provider.asked.append((named, self.rfile.read(length)))
                answer = provider.answer
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(provider.status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider on loopback."""
    made = Provider()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def program(make_program: Callable[..., Any]) -> Any:
    """One whose ports are free."""
    ports: list[int] = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    return make_program(SAFELIGHT_PORT=str(ports[0]), SAFELIGHT_TLS_PORT=str(ports[1]))


def test_a_fresh_place_has_hints_only(program: Any) -> None:
    """No key is no illness: test mode needs none."""
    found = findings(program)
    assert {f["state"] for f in found.values()} == {"ok", "hint"}
    assert "google/imagen-4-fast" in found["google"]["found"]
    assert "GEMINI_API_KEY" in found["google"]["advice"]
    assert "openai/gpt-image-1" in found["openai"]["found"]


def test_people_get_one_line_for_each_finding(program: Any) -> None:
    """With what to do under it."""
    done = program.run("doctor")
    assert done.returncode == 0
    assert "    ok settings: " in done.stdout
    assert "  hint openai: " in done.stdout
    assert "       Set OPENAI_API_KEY" in done.stdout


def test_a_key_or_another_route_is_enough(program: Any, provider: Provider) -> None:
    """A model that a second upstream answers for misses nothing."""
    program.environment.update(
        {
            "OPENAI_API_KEY": provider.KEY,
            "OPENAI_BASE_URL": provider.origin,
            "SAFELIGHT_ROUTES": "google/imagen-4-fast=google:imagen|openai:gpt-image-2",
        }
    )
    done = program.run("doctor", "--json")
    found = {finding["subject"]: finding for finding in json.loads(done.stdout)}
    assert found["openai"]["state"] == found["google"]["state"] == "ok"
    assert found["jigsawstack"]["state"] == "hint"
    assert provider.KEY not in done.stdout


def test_a_key_that_is_good_is_known_by_the_list_of_models(
    program: Any, provider: Provider
) -> None:
    """Which costs nothing, at OpenAI and at Google."""
    provider.answer = {
        "data": [{"id": "gpt-image-2"}],
        "models": [{"name": "models/gemini-3.1-flash-image"}],
    }
    program.environment.update(
        {
            "OPENAI_API_KEY": provider.KEY,
            "OPENAI_BASE_URL": f"{provider.origin}/v1",
            "GEMINI_API_KEY": provider.KEY,
            "GOOGLE_GEMINI_BASE_URL": provider.origin,
        }
    )
    found = findings(program)
    assert found["openai"]["found"] == "The key is good. Its models are there: gpt-image-2."
    assert found["google"]["found"].endswith("there: gemini-3.1-flash-image.")
    assert {found[name]["state"] for name in ("openai", "google")} == {"ok"}
    assert provider.seen == [
        ("/v1/models", provider.KEY),
        ("/v1beta/models?pageSize=1000", provider.KEY),
    ]


@pytest.mark.parametrize(
    ("status", "answer", "state", "told"),
    [
        (200, {"data": [{"id": "dall-e-4"}]}, "hint", "not among its models: gpt-image-2."),
        (200, {"data": []}, "ok", "The key is good."),
        (200, "what?", "hint", "answers 200, but not with a list of models"),
        (200, b"<html>Welcome</html>", "hint", "answers 200, but not with a list of models"),
        (301, {}, "hint", "sends callers elsewhere"),
        (
            401,
            {"error": {"message": "Incorrect key: sk-secret-0123456789."}},
            "broken",
            "not accepted.*401",
        ),
        (400, {"error": {"details": [{"reason": "API_KEY_INVALID"}]}}, "broken", "not accepted"),
        (403, {"error": {"message": "Missing scopes."}}, "hint", "may not list models.*scopes"),
        (
            403,
            {"error": {"message": "Your organization must be verified to use the model `x`."}},
            "hint",
            "organization must be verified",
        ),
        (404, {}, "hint", "no list of models"),
        (404, b"<html>Not Found</html>", "hint", "no list of models"),
        (429, {"error": {"message": "Slow down."}}, "hint", "not known.*429.*Slow down"),
        (503, {}, "hint", "not known.*503"),
    ],
)
def test_what_a_provider_says_of_a_key_is_told(
    program: Any, provider: Provider, *, status: int, answer: object, state: str, told: str
) -> None:
    """Only a key that is not accepted is broken; no finding holds it."""
    provider.status, provider.answer = status, answer
    program.environment["OPENAI_API_KEY"] = provider.KEY
    program.environment["OPENAI_BASE_URL"] = provider.origin
    found = findings(program, exit_code=int(state == "broken"))["openai"]
    assert found["state"] == state
    assert re.search(told, found["found"]), found
    assert "0123456789" not in str(found)


def test_a_provider_that_cannot_be_reached_is_a_hint(program: Any) -> None:
    """Test mode works all the same."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{probe.getsockname()[1]}"
    program.environment.update({"OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": origin})
    found = findings(program)["openai"]
    assert found["state"] == "hint"
    assert "could not be asked" in found["found"]


def test_what_stands_between_gets_its_headers(program: Any, provider: Provider) -> None:
    """As each live call does: without them the key would seem to be refused."""
    program.environment.update(
        {
            "OPENAI_API_KEY": provider.KEY,
            "OPENAI_BASE_URL": provider.origin,
            "OPENAI_ORG_ID": "org-1",
            "OPENAI_CUSTOM_HEADERS": "X-Gate: open\nX-Team: a",
        }
    )
    findings(program)
    ((headers, _),) = provider.asked
    given = [headers[name] for name in ("x-gate", "x-team", "openai-organization")]
    assert given == ["open", "a", "org-1"]


@pytest.mark.parametrize("url", ["api.openai.com/v1", "https://", "ftp://x/v1", "http://x:port/v1"])
def test_an_address_that_is_none_is_broken(program: Any, url: str) -> None:
    """Nothing is asked; the variable to correct is named."""
    program.environment.update({"OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": url})
    found = findings(program, exit_code=1)["openai"]
    assert (found["state"], "OPENAI_BASE_URL" in found["found"]) == ("broken", True)


@pytest.mark.parametrize("key", ["sk-secret-0123\n456789", "sk-secret-0123\u2026456789"])
def test_a_key_that_no_header_can_hold_is_not_shown(program: Any, key: str) -> None:
    """It was pasted with a line end, or cut short by a page."""
    program.environment.update({"OPENAI_API_KEY": key, "OPENAI_BASE_URL": "http://127.0.0.1:1"})
    found = findings(program, exit_code=1)["openai"]
    assert "characters that no key has" in found["found"]
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    ("status", "message", "state", "told"),
    [
        (400, "prompt is required", "ok", "The key is good."),
        (422, "prompt is required", "ok", "The key is good."),
        (401, "Invalid key sk-secret-0123456789", "broken", "not accepted.*401"),
        (403, "No permission.", "hint", "may not.*No permission"),
        (404, "Not found", "hint", "no image_generation at"),
        (500, "Oh.", "hint", "not known.*500: Oh"),
    ],
)
def test_jigsawstack_is_asked_for_nothing(
    program: Any, provider: Provider, *, status: int, message: str, state: str, told: str
) -> None:
    """Which it refuses for free, if the key is good; it has nothing to list."""
    provider.status, provider.answer = status, {"success": False, "message": message}
    environment = {"JIGSAWSTACK_API_KEY": provider.KEY, "JIGSAWSTACK_API_URL": provider.origin}
    program.environment.update(environment)
    found = findings(program, exit_code=int(state == "broken"))["jigsawstack"]
    assert (found["state"], bool(re.search(told, found["found"]))) == (state, True), found
    assert provider.seen == [("/v1/ai/image_generation", provider.KEY)]
    assert provider.asked[0][1] == b"{}"
    assert "0123456789" not in str(found)


@pytest.mark.parametrize(
    ("status", "answer", "state", "told"),
    [
        (200, {"totalTokens": 1}, "ok", "The key is good. Its models are there: gemini-3"),
        (200, {"hello": "there"}, "hint", "answers 200, but"),
        (401, {"error": {"message": "No."}}, "broken", "not accepted"),
        (404, {"error": {"message": "Publisher Model x was not found."}}, "hint", "is not there"),
    ],
)
def test_vertex_is_asked_to_count(
    program: Any, provider: Provider, *, status: int, answer: object, state: str, told: str
) -> None:
    """It lists its models only for OAuth; counting tokens costs nothing and needs the key."""
    provider.status, provider.answer = status, answer
    program.environment.update(
        {
            "GOOGLE_API_KEY": provider.KEY,
            "GOOGLE_GENAI_USE_ENTERPRISE": "true",
            "GOOGLE_VERTEX_BASE_URL": provider.origin,
        }
    )
    found = findings(program, exit_code=int(state == "broken"))["google"]
    assert (found["state"], bool(re.search(told, found["found"]))) == (state, True), found
    path = "/v1beta1/publishers/google/models/gemini-3.1-flash-image:countTokens"
    assert provider.seen == [(path, provider.KEY)]


def test_of_two_keys_of_google_the_one_in_use_is_told(program: Any, provider: Provider) -> None:
    """As its SDK warns."""
    program.environment.update(
        {
            "GOOGLE_API_KEY": provider.KEY,
            "GEMINI_API_KEY": "another",
            "GOOGLE_GEMINI_BASE_URL": provider.origin,
        }
    )
    found = findings(program)["google"]["found"]
    assert found.endswith("GOOGLE_API_KEY is in use; GEMINI_API_KEY, which differs, is not.")
    assert provider.seen[0][1] == provider.KEY


def test_vertex_by_project_is_told_to_need_a_key(program: Any) -> None:
    """Where a project is set, a key is easily thought to be superfluous."""
    program.environment.update(
        {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_PROJECT": "mine"}
    )
    found = findings(program)["google"]
    assert found["state"] == "hint"
    assert "OAuth" in found["advice"]


def test_a_route_to_a_model_that_is_shut_down_is_a_hint(program: Any) -> None:
    """With the day, and who might answer instead."""
    program.environment["SAFELIGHT_ROUTES"] = "openai/gpt-image-1=openai:gpt-image-1"
    found = findings(program)["routes"]
    assert found["state"] == "hint"
    assert "2026-10-23" in found["found"]
    assert found["advice"] == "Name another in SAFELIGHT_ROUTES, such as openai:gpt-image-2."


def test_a_route_that_cannot_be_read_is_broken(program: Any) -> None:
    """The server would not start with it."""
    program.environment["SAFELIGHT_ROUTES"] = "nonsense"
    assert findings(program, exit_code=1)["routes"]["state"] == "broken"


def test_a_setting_that_cannot_be_used_is_a_finding_too(program: Any) -> None:
    """`--json` stays JSON."""
    program.environment["SAFELIGHT_PORT"] = "http"
    found = findings(program, exit_code=1)
    assert found.keys() == {"settings"}
    assert "SAFELIGHT_PORT" in found["settings"]["found"]


def test_a_home_that_cannot_be_used_ends_the_examination(program: Any) -> None:
    """Everything else lies in it."""
    (program.directory / "file").write_bytes(b"")
    program.environment["SAFELIGHT_HOME"] = str(program.directory / "file" / "home")
    found = findings(program, exit_code=1)
    assert found["home"]["state"] == "broken"
    assert "database" not in found


def test_a_home_that_others_can_read_is_a_hint(program: Any) -> None:
    """It holds keys; the advice is the command to run."""
    home = program.directory / "home"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    found = findings(program)["home"]
    assert found["state"] == "hint"
    assert "chmod 700" in found["advice"]


def test_a_taken_port_is_broken(program: Any) -> None:
    """By another program, that is: our own server may have it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(program.environment["SAFELIGHT_PORT"])))
        other.listen()
        found = findings(program, exit_code=1)["port"]
    assert "SAFELIGHT_PORT" in found["advice"]


def test_a_database_that_is_none_is_broken(program: Any) -> None:
    """Nothing is done to it."""
    home = program.directory / "home"
    home.mkdir(mode=0o700)
    (home / "safelight.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    assert "cannot be read" in findings(program, exit_code=1)["database"]["found"]


def test_a_database_of_a_newer_safelight_is_broken(program: Any) -> None:
    """An old program must not write to it."""
    home = program.directory / "home"
    home.mkdir(mode=0o700)
    connection = sqlite3.connect(home / "safelight.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert findings(program, exit_code=1)["database"]["advice"] == "Update Safelight."


def test_a_running_server_is_known_and_trusted(served: Any) -> None:
    """Its ports are not called taken, and its certificate is verified as a client would."""
    found = findings(served)
    assert found["server"]["found"].startswith("Runs at http://127.0.0.1:")
    assert "trusts https://127.0.0.1:" in found["https"]["found"]
    assert "tables" in found["database"]["found"]

"""The code that the pages show, run as it stands against the server that showed it."""

import io
import json
import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from PIL import Image
from tests.clients.conftest import Done, Run
from tests.serving import PATIENCE, Server

MODELS = [
    "openai/gpt-image-1",
    "openai/gpt-image-2",
    "google/imagen-4-fast",
    "jigsawstack/image-generation",
    "safelight/sketch",
    "safelight/echo",
]
LANGUAGES = ["node", "python", "http"]
KEYS = {"OPENAI_API_KEY": "sk-any", "JIGSAWSTACK_API_KEY": "any ' $HOME"}
ODD = (
    'it\'s "quoted" \\ back\\slash \\n \\u0041 $HOME ${HOME} $(id) `id` !! !x %s %(x)s {x} '
    "</script><!-- --> 'single'\nnew line\ttab\r\n🦊 ü \u2028 \x7f # // */ 'end\\'"
)
"""What quoting has to survive, in three languages at once."""


@pytest.fixture(scope="session")
def browser(server: Server) -> Iterator[httpx.Client]:
    """Signed in by the printed link; in test mode."""
    announced = json.loads((server.home / "server.json").read_bytes())
    client = httpx.Client(base_url=server.http, timeout=PATIENCE)
    assert client.get(announced["entrance"]).status_code == 303
    yield client
    client.close()


def _shown(browser: httpx.Client, model: str, language: str, part: str = "run") -> str:
    page = browser.get(f"/{model}/api", params={"lang": language})
    assert page.status_code == 200
    found = re.search(rf'<pre id="code-{part}"[^>]*>(.*?)</pre>', page.text, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def _written(browser: httpx.Client, model: str, given: dict[str, object]) -> dict[str, str]:
    """The code for what is in the form."""
    page = browser.get("/").text
    csrf = page.partition('name="csrf" content="')[2].partition('"')[0]
    body = {"csrf": csrf, "input": json.dumps(given), "for": "here"}
    answer = browser.post(f"/{model}/code", data=body)
    assert answer.status_code == 200, answer.text
    code: dict[str, str] = answer.json()
    return code


@pytest.fixture
def execute(run: Run, run_python: Run, request: pytest.FixtureRequest) -> Run:
    """Runs code of a language, with keys in the environment."""

    def execute(language: str, code: str, **environment: str) -> Done:
        environment |= KEYS
        if language == "python":
            return run_python(code, **environment)
        if language == "node":
            run_node: Run = request.getfixturevalue("run_node")
            return run_node(code, **environment)
        return run("bash", "-c", code, **environment)

    return execute


def _output(language: str, done: Done) -> object:
    """The prediction's output as the code shows it: text, or the bytes of a picture."""
    assert done.code == 0, done.err
    if language != "http":
        files = list(done.folder.glob("my-image.*"))
        return files[0].read_bytes() if files else done.out.rstrip("\n")
    shown = json.loads(done.out)
    assert shown["status"] == "succeeded", shown
    output = shown["output"]
    return output[0] if isinstance(output, list) else output


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", MODELS)
def test_the_code_of_a_models_page_makes_its_picture(
    browser: httpx.Client, execute: Run, server: Server, model: str, language: str
) -> None:
    """In each language, for each model in the box, as it is shown."""
    output = _output(language, execute(language, _shown(browser, model, language)))
    if model == "safelight/echo":
        assert output
        return
    if language == "http":
        output = browser.get(httpx.URL(str(output)).path).content
    assert isinstance(output, bytes)
    with Image.open(io.BytesIO(output)) as image:
        image.verify()


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_prompt_survives_the_code(browser: httpx.Client, execute: Run, language: str) -> None:
    """What the model gets is what was in the form, to the character."""
    code = _written(browser, "safelight/echo", {"prompt": ODD})[language]
    done = execute(language, code)
    assert done.code == 0, done.err
    page = browser.get("/-/api/v1/predictions").json()["results"]
    run = browser.get(f"/-/api/v1/predictions/{page[0]['id']}").json()
    assert run["input"]["prompt"] == ODD
    assert run["output"] == ODD


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_is_read_from_the_environment_and_is_no_part_of_the_code(
    browser: httpx.Client, execute: Run, language: str
) -> None:
    """Whatever stood in the form."""
    given: dict[str, object] = {"prompt": "a fox", "openai_api_key": "sk-secret"}
    code = _written(browser, "openai/gpt-image-2", given)
    assert "sk-secret" not in json.dumps(code)
    assert "OPENAI_API_KEY" in code[language]
    assert "export OPENAI_API_KEY=" in code[f"{language}-setup"]
    done = execute(language, code[language])
    assert done.code == 0, done.err


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lifecycle_runs_to_its_end(browser: httpx.Client, execute: Run, language: str) -> None:
    """Create, ask, cancel: one after the other, with the id of the first."""
    code = _shown(browser, "safelight/echo", language, "follow")
    if language == "http":
        create, _, ask = code.partition("# With the id of the answer:\n")
        name = json.loads(execute(language, create).out)["id"]
        ask += _shown(browser, "safelight/echo", language, "cancel")
        done = execute(language, ask, PREDICTION_ID=name)
        assert done.out.count(name) >= 2
    else:
        done = execute(language, code + _shown(browser, "safelight/echo", language, "cancel"))
        assert "succeeded" in done.out
    assert done.code == 0, done.err


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_webhook_is_on_the_prediction(
    browser: httpx.Client, execute: Run, language: str
) -> None:
    """With the events that the code names."""
    done = execute(language, _shown(browser, "safelight/echo", language, "webhook"))
    assert done.code == 0, done.err
    page = browser.get("/-/api/v1/predictions").json()["results"]
    run = browser.get(f"/-/api/v1/predictions/{page[0]['id']}").json()
    assert run["webhook"] == "https://example.com/webhooks/replicate"
    assert run["webhook_events_filter"] == ["completed"]

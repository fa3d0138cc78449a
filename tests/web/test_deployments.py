"""Deployments in the browser: listed, made, released, run and deleted."""

import subprocess
import sys

import pytest
from tests.api.calls import ECHO, SKETCH, Api
from tests.api.deploying import deployed, latest
from tests.api.others import made, stranger, with_version
from tests.serving import Server
from tests.web.managing import Browser, browsing, narrowed

from safelight.web.deploying import code_for

APP = "/deployments/safelight/app"
NEW = {
    "name": "app",
    "model": ECHO,
    "version": "latest",
    "hardware": "cpu",
    "min_instances": "0",
    "max_instances": "2",
}


async def test_without_deployments_the_page_says_what_they_are(browser: Browser) -> None:
    """And leads to the form for the first one."""
    page = await browser.get("/deployments")
    assert page.status == 200
    assert "No deployments yet" in page.text
    assert "/deployments/new" in page.links


async def test_a_deployment_is_made_and_listed(api: Api, browser: Browser) -> None:
    """`latest` stands for the version that is the newest now."""
    form = await browser.get(f"/deployments/new?model={ECHO}")
    assert form.value("model") == ECHO
    assert {"value": SKETCH} in form.all("option")
    page = await browser.post("/deployments/new", NEW)
    assert "Release 1" in page.text
    shown = (await api.client.get("/v1/deployments/safelight/app")).json()
    assert shown["current_release"]["version"] == latest(api)
    assert shown["current_release"]["configuration"]["max_instances"] == 2
    listed = await browser.get("/deployments")
    assert APP in listed.links
    assert f"/{ECHO}" in listed.links


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"model": "nobody/nothing"}, "There is no model nobody/nothing."),
        ({"model": "../../x"}, "A model is named owner/name."),
        ({"version": "abc"}, "version"),
        ({"name": "Not Good"}, "name"),
        ({"hardware": "abacus"}, "hardware"),
        ({"min_instances": "3"}, "max_instances, which is 2"),
        ({"max_instances": "many"}, "integer"),
    ],
)
async def test_what_is_wrong_is_told_and_the_rest_is_kept(
    browser: Browser, wrong: dict[str, str], told: str
) -> None:
    """The form comes back with the refusal, at its field."""
    page = await browser.post("/deployments/new", NEW | wrong)
    assert page.status == 422
    assert told in page.text
    assert [tag for tag, a in page.tags if a.get("aria-invalid") == "true"]
    assert page.value("name") == (NEW | wrong)["name"]


async def test_a_name_that_is_taken_is_a_fault_of_the_name(api: Api, browser: Browser) -> None:
    """The API answers 409; so does the page."""
    await deployed(api)
    page = await browser.post("/deployments/new", NEW)
    assert page.status == 409
    assert page.all("input", id="name")[0]["aria-invalid"] == "true"
    assert "There is a deployment safelight/app already." in page.text


async def test_a_model_without_a_version_cannot_be_deployed(api: Api, browser: Browser) -> None:
    """It says so, instead of asking for 64 digits."""
    await made(api)
    page = await browser.post("/deployments/new", NEW | {"model": "safelight/mine"})
    assert page.status == 422
    assert "safelight/mine has no version to deploy yet." in page.text


async def test_a_change_makes_the_next_release(api: Api, browser: Browser) -> None:
    """Of what is different; nothing different makes none."""
    await made(api)
    old, new = [await with_version(api, "safelight/mine", number) for number in (1, 2)]
    await deployed(api, model="safelight/mine", version=old.id)
    page = await browser.get(APP)
    assert {"value": new.id} in page.all("option")
    same = {"version": old.id, "hardware": "cpu", "min_instances": "0", "max_instances": "1"}
    page = await browser.post(APP, same)
    assert "no new release" in page.text
    page = await browser.post(APP, same | {"version": new.id})
    assert "Release 2 is what runs from now on." in page.text
    page = await browser.post(APP, same | {"version": new.id, "min_instances": "3"})
    assert page.status == 422
    assert page.value("min_instances") == "3"


async def test_a_run_of_a_deployment_leads_to_its_page(api: Api, browser: Browser) -> None:
    """Without JavaScript, through the deployment, in the mode of the page."""
    await deployed(api)
    await browser.get(APP)
    answer = await browser.send(f"{APP}/run", {"mode": "test", "input.prompt": "a pear"})
    assert answer.status_code == 303
    run = await api.get(answer.headers["location"].removeprefix("/p/"))
    assert (run["deployment"], run["input"]["prompt"]) == ("app", "a pear")
    assert run["test"] is True
    page = await browser.get("/deployments/app")  # as a prediction names it
    assert page.status == 303
    assert page.headers["location"] == APP
    page = await browser.get(APP)
    assert "/predictions?deployment=app" in page.links


async def test_a_run_with_a_bad_input_shows_its_faults(api: Api, browser: Browser) -> None:
    """At the fields, with what was filled in."""
    await deployed(api, model=SKETCH, version=latest(api, SKETCH))
    given = {"mode": "test", "input.prompt": "a pear", "input.seed": "soon"}
    page = await browser.post(f"{APP}/run", given)
    assert page.status == 422
    assert "seed" in page.text
    assert "a pear" in page.source


async def test_deleting_asks_first(api: Api, browser: Browser) -> None:
    """The page that asks names it; only its answer deletes."""
    await deployed(api)
    page = await browser.post(f"{APP}/delete")
    assert "Delete safelight/app?" in page.text
    assert page.value("sure") == "1"
    assert (await browser.get(APP)).status == 200
    page = await browser.post(f"{APP}/delete", sure="1")
    assert "The deployment app is deleted." in page.text
    assert (await browser.get(APP)).status == 404


async def test_one_that_is_in_use_says_why_it_stays(api: Api, browser: Browser) -> None:
    """The refusal leads to the predictions that it waits for."""
    await deployed(api, model=SKETCH, version=latest(api, SKETCH))
    answer = await api.post(
        "/v1/deployments/safelight/app/predictions", {"input": {"prompt": "[[delay: 20s]]"}}
    )
    page = await browser.post(f"{APP}/delete", sure="1")
    assert page.status == 409
    assert "It was not deleted." in page.text
    assert "in use: 1 of its predictions" in page.text
    assert "/predictions?deployment=app&status=starting,processing" in page.links
    await api.post(f"/v1/predictions/{answer.json()['id']}/cancel", {})


async def test_those_of_another_account_are_not_found(api: Api, browser: Browser) -> None:
    """To look at, to change, to run and to delete."""
    theirs = await stranger(api)
    await deployed(api, theirs)
    path = "/deployments/stranger/app"
    assert (await browser.get(path)).status == 404
    await browser.get("/deployments")
    run = ("/run", {"mode": "test"})
    for end, fields in (("", {}), run, ("/delete", {}), ("/delete", {"sure": "1"})):
        assert (await browser.post(path + end, fields)).status == 404


async def test_a_forged_post_is_refused(api: Api, browser: Browser) -> None:
    """Without the hidden field of the page nothing is made or deleted."""
    await deployed(api)
    for path in ("/deployments/new", APP, f"{APP}/run", f"{APP}/delete"):
        answer = await browser.send(path, NEW | {"csrf": "x", "sure": "1"})
        assert answer.status_code == 403
    assert (await browser.get(APP)).status == 200


async def test_a_token_that_may_only_read_is_told_what_it_lacks(api: Api) -> None:
    """The create is refused by the API, in its words."""
    async with browsing(api, await narrowed(api, "read")) as reader:
        page = await reader.post("/deployments/new", NEW)
    assert page.status == 403
    assert "lacks the scope `write`" in page.text


@pytest.mark.parametrize("language", ["Python", "HTTP"])
def test_the_code_runs_as_it_is_shown(
    server: Server, client_environment: dict[str, str], language: str
) -> None:
    """Whatever the prompt is made of."""
    model = f"/models/{SKETCH}"
    shell = ["bash", "-c"]
    version = _curl(client_environment, model).split('"latest_version":{"id":"')[1][:64]
    name = f"code-{language.lower()}"
    body = (
        f'{{"name":"{name}","model":"{SKETCH}","version":"{version}","hardware":"cpu",'
        '"min_instances":0,"max_instances":1}'
    )
    _curl(client_environment, "/deployments", "-d", body, "-H", "content-type: application/json")
    prompt = "it's a \"pear\"\\n\n$HOME `x` ! \U0001f350 </script> %s {0} 'both' and a long end" * 2
    given = {"prompt": prompt, "seed": 7, "aspect_ratio": "1:1"}
    code = code_for({"owner": "safelight", "name": name}, given)[language]
    command = [sys.executable, "-c", code] if language == "Python" else [*shell, code]
    done = subprocess.run(
        command, env=client_environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "/outputs/" in done.stdout


def _curl(environment: dict[str, str], path: str, *more: str) -> str:
    return subprocess.run(
        [
            *("curl", "-s", "-H", f"authorization: Bearer {environment['REPLICATE_API_TOKEN']}"),
            *(*more, environment["REPLICATE_BASE_URL"] + path),
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout

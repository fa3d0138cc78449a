"""The tabs of a model: its code, its examples, its readme, its versions, and running it."""

import re

import pytest
from tests.api.calls import ECHO, Api
from tests.api.others import made, with_version
from tests.web.managing import MARKUP, Browser, Shown

TABS = ["", "/api", "/examples", "/readme", "/versions"]
BOX = ["openai/gpt-image-1", "jigsawstack/image-generation", "safelight/echo"]


@pytest.mark.parametrize("model", BOX)
async def test_every_tab_of_a_model_is_there(browser: Browser, model: str) -> None:
    """Each leads to the others, and is marked as the one that is open."""
    for tab in TABS:
        page = await browser.get(f"/{model}{tab}")
        assert page.status == 200
        assert page.all("a", href=f"/{model}{tab}", **{"aria-current": "page"})
        assert {f"/{model}{other}" for other in TABS} <= set(page.links)
        assert len(page.all("h1")) == 1


async def test_a_model_without_versions_says_so_on_every_tab(api: Api, browser: Browser) -> None:
    """Nothing to run is no error."""
    await made(api, name="mine")
    for tab in TABS:
        page = await browser.get(f"/safelight/mine{tab}")
        assert page.status == 200
        assert page.all("div", **{"class": "empty"})


async def test_a_model_that_is_not_there_is_not_found(browser: Browser) -> None:
    """On no tab."""
    for tab in TABS:
        assert (await browser.get(f"/safelight/none{tab}")).status == 404


async def test_an_own_model_has_code_with_its_version(api: Api, browser: Browser) -> None:
    """Only official models are called by their name alone."""
    await made(api, name="mine")
    version = await with_version(api, "safelight/mine")
    page = await browser.get("/safelight/mine/api?lang=python")
    assert f'"safelight/mine:{version.id}"' in page.text
    assert (
        '"openai/gpt-image-2",' in (await browser.get("/openai/gpt-image-2/api?lang=python")).text
    )


async def test_the_code_switches_between_servers_and_languages_by_links(browser: Browser) -> None:
    """Without JavaScript; what one came with is kept."""
    path = "/openai/gpt-image-2/api"
    here = await browser.get(f"{path}?lang=http")
    assert "$REPLICATE_BASE_URL/models/openai/gpt-image-2/predictions" in here.text
    assert 'eval "$(safelight env --test)"' in here.text
    there = await browser.get(f"{path}?lang=http&for=replicate")
    assert "https://api.replicate.com/v1/models/openai/gpt-image-2/predictions" in there.text
    assert "safelight env" not in there.text
    assert "?lang=python&for=replicate" in there.links
    assert (await browser.get(f"{path}?lang=cobol&for=mars")).status == 200


async def test_live_code_says_that_runs_cost_money(browser: Browser) -> None:
    """And signs in for live mode."""
    await browser.post("/mode", to="live")
    page = await browser.get("/openai/gpt-image-2/api")
    assert 'eval "$(safelight env)"' in page.text
    assert "runs cost money" in page.text


async def test_the_schema_is_a_table_of_all_inputs(browser: Browser) -> None:
    """With type, what it takes, what it is by itself, and whether it has to be there."""
    page = await browser.get("/openai/gpt-image-1/api")
    for told in ("openai_api_key", "number_of_images", "minimum: 1, maximum: 10", '"webp"'):
        assert told in page.text
    assert len(re.findall(r'class="needed"', page.source)) == 2
    assert "uri[]" in page.text
    schema = page.source.partition('id="openapi-json"')[2]
    assert "PredictionRequest" in schema


async def test_the_code_is_for_the_run_that_one_came_from(api: Api, browser: Browser) -> None:
    """Text with markup stays text."""
    shown = await api.run(ECHO, {"prompt": f"it's {MARKUP}"})
    page = await browser.get(f"/{ECHO}/api?prediction={shown['id']}&lang=http")
    assert MARKUP not in page.source
    assert f"it'\\''s {MARKUP}" in page.text
    assert f"?lang=node&prediction={shown['id']}" in page.links
    assert (await browser.get(f"/{ECHO}/api?prediction=none")).status == 404


@pytest.mark.parametrize("given", ["[]", "x", "1", '{"prompt":'])
async def test_code_for_what_is_no_input_is_refused(browser: Browser, given: str) -> None:
    """400."""
    answer = await browser.send(f"/{ECHO}/code", {"input": given})
    assert answer.status_code == 400


@pytest.mark.parametrize("model", BOX)
async def test_examples_show_what_was_made_from_what(browser: Browser, model: str) -> None:
    """Each can be used as input, and has its code."""
    page = await browser.get(f"/{model}/examples")
    uses = [one for one in page.links if one.startswith(f"/{model}?prediction=")]
    assert uses
    for picture in page.all("img", loading="lazy"):
        assert (await browser.client.get(picture["src"])).status_code == 200
    for address in uses:
        assert (await browser.get(address)).status == 200
        assert (await browser.get(address.replace("?", "/api?"))).status == 200


async def test_an_example_fills_in_the_form(browser: Browser) -> None:
    """But for its secrets, which nobody has."""
    page = await browser.get("/openai/gpt-image-1/examples")
    (use, *_) = [one for one in page.links if "?prediction=" in one and "/api" not in one]
    form = await browser.get(use)
    assert "A red fox in a snowy forest at dawn</textarea>" in form.source
    assert "[REDACTED]" not in form.source.partition('id="input"')[2].partition("</form>")[0]


async def test_versions_are_listed_with_what_calls_them(browser: Browser) -> None:
    """The latest is marked; ids can be copied."""
    page = await browser.get("/jigsawstack/image-generation/versions")
    copied = [one["data-copy"] for one in page.all("button") if len(one.get("data-copy", "")) == 64]
    assert len(copied) == 5
    assert page.source.count(">latest<") == 1
    assert f"jigsawstack/image-generation:{copied[0]}" in page.source


async def test_a_readme_is_markup_of_which_nothing_runs(api: Api, browser: Browser) -> None:
    """No script, no picture from elsewhere, no second title of the page."""
    told = f"# Title\n\n{MARKUP}\n\n![x](https://evil.example/x.png)\n\n[y](javascript:alert(1))"
    await made(api, name="mine", readme=told)
    page = await browser.get("/safelight/mine/readme")
    assert MARKUP not in page.source
    assert "https://evil.example/x.png" in page.links
    assert not [one for one in page.links if one.lower().startswith("javascript")]
    assert len(page.all("h1")) == 1
    assert all(one["src"].startswith("/") for one in page.all("img"))


async def test_links_of_a_model_run_nothing(api: Api, browser: Browser) -> None:
    """Its owner may have written anything."""
    answer = await api.client.post(
        "/v1/models",
        json={"owner": "safelight", "name": "mine", "visibility": "private", "hardware": "cpu"}
        | {"github_url": "javascript:alert(1)", "paper_url": 'https://paper.example/?a="><b>'},
    )
    if answer.status_code == 201:
        page = await browser.get("/safelight/mine")
        assert "<b>" not in page.source
        assert not [one for one in page.links if one.lower().startswith("javascript")]


async def test_the_form_runs_without_javascript(api: Api, browser: Browser) -> None:
    """And leads to the run beside the form."""
    answer = await browser.send(f"/{ECHO}", {"mode": "test", "input.prompt": "a\r\nb"})
    assert answer.status_code == 303
    name = answer.headers["location"].partition("?prediction=")[2]
    shown = await api.until(name, "succeeded")
    assert shown["output"] == "a\nb"
    page = await browser.get(answer.headers["location"])
    assert "a\nb</textarea>" in page.source


async def test_a_wrong_input_comes_back_with_what_is_wrong(browser: Browser) -> None:
    """What was written is still there, but for secrets."""
    given = {"input.prompt": MARKUP, "input.number_of_images": "11"}
    page = await browser.post(
        "/openai/gpt-image-1", given | {"input.openai_api_key": "sk-secret", "mode": "test"}
    )
    assert page.status == 422
    assert MARKUP in page.text
    assert MARKUP not in page.source
    assert "sk-secret" not in page.source
    assert page.all("input", id="input-number_of_images") or "number_of_images" in page.text


NAMES = [
    ("fox.png", "fox.png"),
    ('f"x\r\n.png', "f%22x%0D%0A.png"),
    ("日本 ü.png", "日本 ü.png"),
    ("<b>x.png", "<b>x.png"),
    ("../../x.png", "x.png"),
]


@pytest.mark.parametrize(("name", "held"), NAMES)
async def test_a_file_of_the_form_is_uploaded_and_given(
    api: Api, browser: Browser, name: str, held: str
) -> None:
    """Whatever it is called."""
    cover = (await browser.client.get("/covers/safelight/echo.webp")).content
    fields = {"mode": "test", "input.prompt": "a fox", "input.aspect_ratio": "1:1"}
    files = {"input.input_images": (name, cover, "image/webp")}
    answer = await browser.send("/safelight/sketch", fields, files=files)
    assert answer.status_code == 303, Shown(answer).text
    shown = await api.get(answer.headers["location"].partition("?prediction=")[2])
    (given,) = shown["input"]["input_images"]
    listed = (await api.client.get("/v1/files")).json()["results"]
    assert [one["urls"]["get"] for one in listed] == [given]
    assert listed[0]["size"] == len(cover)
    assert listed[0]["name"] == held

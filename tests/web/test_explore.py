"""The models as cards."""

import re

import pytest
from tests.api.calls import Api, Running
from tests.api.others import made, stranger, wanted, with_version
from tests.web.managing import Browser, browsing

BOX = [
    "safelight/sketch",
    "safelight/echo",
    "openai/gpt-image-2",
    "openai/gpt-image-1",
    "google/imagen-4-fast",
    "jigsawstack/image-generation",
]


def _cards(source: str) -> dict[str, str]:
    """What each card says, by the name of its model."""
    cards = re.findall(r'<li class="card">.*?</li>', source, re.DOTALL)
    named = (re.search(r'<h2><a href="/([^"]+)"', card) for card in cards)
    return {found[1]: card for card, found in zip(cards, named, strict=True) if found}


async def test_every_model_in_the_box_has_a_card_that_leads_to_it(browser: Browser) -> None:
    """With a picture of its own, and its name."""
    page = await browser.get("/")
    assert set(_cards(page.source)) == set(BOX)
    for name, card in _cards(page.source).items():
        assert f'src="/covers/{name}.webp"' in card


async def test_prices_are_those_of_a_run_with_the_key_that_it_takes(browser: Browser) -> None:
    """What is free says so; what is not known is not made up."""
    cards = _cards((await browser.get("/")).source)
    for name in ("safelight/sketch", "safelight/echo"):
        assert "<span>free</span>" in cards[name]
    assert re.search(
        r"up to \$0\.\d+ a live run with its defaults</span>", cards["openai/gpt-image-2"]
    )
    assert re.search(
        r"up to \$0\.\d+ a live run with its defaults</span>", cards["google/imagen-4-fast"]
    )
    assert re.search(
        r"up to \$0\.\d+ a live run with its defaults, on your own key", cards["openai/gpt-image-1"]
    )
    assert "<span>on your own key</span>" in cards["jigsawstack/image-generation"]


async def test_own_models_are_there_and_others_are_not(api: Api, browser: Browser) -> None:
    """A private one says so, and so does one without a version."""
    other = await stranger(api)
    await made(api, other, owner="stranger", name="theirs")
    await made(api, name="mine")
    await made(api, name="ready")
    await with_version(api, "safelight/ready")
    cards = _cards((await browser.get("/")).source)
    assert "stranger/theirs" not in cards
    assert "private" in cards["safelight/mine"]
    assert "no version yet" in cards["safelight/mine"]
    assert "no version yet" not in cards["safelight/ready"]
    assert "<svg" in cards["safelight/mine"]


@pytest.mark.parametrize(
    "cover",
    [
        "https://evil.example/x.png",
        "https://evil.example/covers/x/y.webp",
        "https://evil.example/outputs/a/b.png",
    ],
)
async def test_no_cover_is_loaded_from_elsewhere(api: Api, browser: Browser, cover: str) -> None:
    """A pattern of the name stands in for it."""
    await made(api, name="mine", cover_image_url=cover)
    page = await browser.get("/")
    assert "evil.example" not in page.source
    assert "<svg" in _cards(page.source)["safelight/mine"]
    assert all(one["src"].startswith("/") for one in page.all("img"))


@pytest.mark.parametrize("cover", ["http://[evil.example", "http://[x]/outputs/a/b.png", "http://"])
async def test_a_cover_without_an_address_is_refused(
    api: Api, browser: Browser, cover: str
) -> None:
    """No page could read it; that of all models would be gone for everybody who sees the model."""
    answer = await api.client.post("/v1/models", json=wanted(cover_image_url=cover))
    assert answer.status_code == 422
    assert (await browser.get("/")).status == 200


async def test_covers_are_shown_under_any_name_of_the_server(running: Running) -> None:
    """Also to who opens it by another one than SAFELIGHT_PUBLIC_URL says."""
    public = "https://pictures.example"
    async with (
        running(SAFELIGHT_PUBLIC_URL=public) as api,
        browsing(api, api.test_token) as browser,
    ):
        page = await browser.get("/")
        assert 'src="/covers/safelight/sketch.webp"' in page.source


async def test_a_search_finds_models_and_says_how_many(browser: Browser) -> None:
    """One that finds none says what to do."""
    page = await browser.get("/?q=jigsaw")
    assert "jigsawstack/image-generation" in _cards(page.source)
    assert page.all("input", name="q", value="jigsaw")
    nothing = await browser.get("/?q=zzzz%3Cb%3E")
    assert "No model fits" in nothing.text
    assert "<b>" not in nothing.source
    assert nothing.value("q") == "zzzz<b>"
    assert (await browser.get("/?q=%20")).text == (await browser.get("/")).text


async def test_a_collection_tells_what_it_is(browser: Browser) -> None:
    """Its description is text with markup, and its models are its own alone."""
    page = await browser.get("/collections/try-it-first")
    assert set(_cards(page.source)) == {"safelight/sketch", "safelight/echo"}
    assert "<strong>safelight/sketch</strong>" in page.source
    assert page.all("a", href="/collections/try-it-first", **{"aria-current": "page"})
    assert (await browser.get("/collections/none")).status == 404


async def test_more_models_than_fit_have_pages_there_and_back(api: Api, browser: Browser) -> None:
    """Every model is on one of them, once."""
    for n in range(30):
        await made(api, name=f"mine-{n}")
    seen: list[str] = []
    page = await browser.get("/")
    while following := page.all("a", rel="next"):
        seen += _cards(page.source)
        page = await browser.get(following[0]["href"])
    seen += _cards(page.source)
    assert len(seen) == len(set(seen)) == 36
    (back,) = page.all("a", rel="prev")
    assert _cards((await browser.get(back["href"])).source)


async def test_a_cursor_that_is_none_is_refused(browser: Browser) -> None:
    """As a page."""
    page = await browser.get("/?cursor=nonsense")
    assert page.status in (400, 404)
    assert page.all("a", href="/")

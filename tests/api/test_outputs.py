"""Output files: opened by an unguessable name, cached for good, served in parts."""

import io

import httpx
import pytest
from PIL import Image
from tests.api.calls import SKETCH, Api, problem

INPUT = {"prompt": "a red circle", "width": 256, "height": 256, "output_format": "png"}


@pytest.fixture
async def picture(api: Api) -> str:
    """The URL of a fresh picture."""
    output: list[str] = (await api.run(SKETCH, INPUT))["output"]
    return output[0]


@pytest.fixture
async def drawing(api: Api) -> str:
    """The URL of a fresh SVG."""
    value = {"prompt": "an ocean", "api_key": "none", "output_format": "svg"}
    output: str = (await api.run("jigsawstack/image-generation", value))["output"]
    return output


async def test_a_picture_is_what_was_asked_for(api: Api, picture: str) -> None:
    """Its name, its type and its bytes agree."""
    answer = await api.client.get(picture)
    assert answer.status_code == 200
    assert picture.endswith("/out-0.png")
    assert answer.headers["content-type"] == "image/png"
    assert int(answer.headers["content-length"]) == len(answer.content)
    with Image.open(io.BytesIO(answer.content)) as image:
        assert (image.format, image.size) == ("PNG", (256, 256))


@pytest.mark.parametrize("token", [None, "Bearer r8_wrong", "Basic Zm9v"])
async def test_no_token_is_needed_and_any_is_tolerated(
    api: Api, picture: str, token: str | None
) -> None:
    """Python's client sends one; JavaScript's and browsers do not."""
    del api.client.headers["authorization"]
    headers = {} if token is None else {"authorization": token}
    assert (await api.client.get(picture, headers=headers)).status_code == 200


async def test_an_output_may_be_kept_for_good(api: Api, picture: str) -> None:
    """It never changes under its name; pages anywhere may show it."""
    headers = (await api.client.get(picture)).headers
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_who_has_it_already_is_not_sent_it_again(api: Api, picture: str, form: str) -> None:
    """If-None-Match in any of its forms."""
    etag = (await api.client.get(picture)).headers["etag"]
    again = await api.client.get(picture, headers={"if-none-match": form.format(etag)})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == etag
    assert again.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_who_has_something_else_is_sent_it(api: Api, picture: str) -> None:
    """Another ETag is no reason to send nothing."""
    answer = await api.client.get(picture, headers={"if-none-match": '"something-else"'})
    assert answer.status_code == 200


async def test_a_range_is_sent_alone(api: Api, picture: str) -> None:
    """As a download that goes on needs it."""
    whole = (await api.client.get(picture)).content
    part = await api.client.get(picture, headers={"range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.content == whole[10:20]
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    rest = await api.client.get(picture, headers={"range": f"bytes={len(whole) - 5}-"})
    assert rest.content == whole[-5:]


async def test_a_range_beyond_the_end_is_refused(api: Api, picture: str) -> None:
    """With the size, so that the caller can do better."""
    size = len((await api.client.get(picture)).content)
    answer = await api.client.get(picture, headers={"range": f"bytes={size}-"})
    assert answer.status_code == 416
    assert str(size) in answer.headers["content-range"]


@pytest.mark.parametrize(
    "range_",
    [
        *("bytes=5-2", "bytes=abc", "bytes=,", "bytes=0--5", "items=0-1", "bytes=1_0-2_0", "bytes"),
        "bytes=" + "9" * 5000 + "-",
        "bytes=" + "0-0," * 200 + "1-2",
    ],
)
async def test_a_range_that_makes_no_sense_is_ignored(api: Api, picture: str, range_: str) -> None:
    """The caller gets the whole, as the standard has it."""
    whole = (await api.client.get(picture)).content
    answer = await api.client.get(picture, headers={"range": range_})
    assert (answer.status_code, answer.content) == (200, whole)


async def test_a_part_is_sent_only_of_what_the_caller_has(api: Api, picture: str) -> None:
    """By `If-Range`: a weak ETag, another one or a date gets the whole."""
    etag = (await api.client.get(picture)).headers["etag"]
    some = {"range": "bytes=0-9"}
    for known, status in (
        (etag, 206),
        (f"W/{etag}", 200),
        ('"other"', 200),
        ("Tue, 01 Jan 2030 00:00:00 GMT", 200),
    ):
        answer = await api.client.get(picture, headers=some | {"if-range": known})
        assert answer.status_code == status, known


async def test_nothing_tells_when_the_same_bytes_were_stored_last(api: Api, picture: str) -> None:
    """It would tell one account what another does."""
    assert "last-modified" not in (await api.client.get(picture)).headers


async def test_head_gives_the_headers_alone(api: Api, picture: str) -> None:
    """The same that GET gives."""
    got, head = await api.client.get(picture), await api.client.head(picture)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-length", "content-type", "etag"):
        assert head.headers[name] == got.headers[name]


async def test_a_wrong_capability_opens_nothing(api: Api, picture: str) -> None:
    """One changed letter, another file's name, the prediction's bare id."""
    before, capability, name = picture.rsplit("/", 2)
    wrong = capability[:-1] + ("0" if capability[-1] != "0" else "1")
    for path in (
        f"{before}/{wrong}/{name}",
        f"{before}/{capability}/out-1.png",
        f"{before}/{capability[:26]}/{name}",
        f"{before}/{capability.upper()}/{name}",
        f"{before}/{capability}x/{name}",
    ):
        problem(await api.client.get(path), 404)


@pytest.mark.parametrize("name", ["..%2f..%2fkey", "%2e%2e", "out-0.png%00", "safelight.db"])
async def test_no_name_leads_out_of_the_outputs(api: Api, picture: str, name: str) -> None:
    """Files are found in the prediction, not on the disk."""
    problem(await api.client.get(f"{picture.rsplit('/', 1)[0]}/{name}"), 404)


async def test_an_svg_cannot_run_scripts_here(api: Api, drawing: str) -> None:
    """A drawing is a document: opened by itself it gets no origin."""
    answer = await api.client.get(drawing)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert b"<svg" in answer.content


async def test_an_output_of_a_canceled_prediction_is_not_to_be_had(api: Api) -> None:
    """There is none."""
    shown = await api.echo("[[timeout]]")
    await api.client.post(shown["urls"]["cancel"])
    assert (await api.get(shown["id"]))["output"] is None


async def test_an_output_is_an_input_again(api: Api, picture: str) -> None:
    """Our own URL is read from the disk, under whatever host it was seen."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api.engine.app),
        base_url="http://elsewhere.test",
        headers=api.client.headers,
        timeout=30,
    ) as neighbour:
        value = {**INPUT, "input_images": [picture]}
        answer = await neighbour.post(
            f"/v1/models/{SKETCH}/predictions", json={"input": value}, headers={"prefer": "wait"}
        )
    assert answer.json()["status"] == "succeeded", answer.text
    assert answer.json()["input"]["input_images"] == [picture]

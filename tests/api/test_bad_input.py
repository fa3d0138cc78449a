"""Bodies and inputs that cannot be used: each gets an answer that says why, none a 500."""

import pytest
from tests.api.calls import ECHO, SKETCH, Api, problem

CREATE = f"/v1/models/{ECHO}/predictions"


async def _refused(api: Api, body: bytes, status: int) -> str:
    headers = {"content-type": "application/json"}
    document = problem(await api.client.post(CREATE, content=body, headers=headers), status)
    assert (await api.client.get("/v1/predictions")).json()["results"] == []
    detail: str = document["detail"]
    return detail


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"hello",
        b'{"input": {"prompt": "a"}',
        b'{"input": {"prompt": "a"},}',
        b"{'input': {}}",
        b'{"input": {"prompt": "a"}} {}',
        b"prompt=a&version=b",
        b"\x00\x01\x02",
        b'\xef\xbb\xbf{"input": {"prompt": "a"}}',
        '{"input": {"prompt": "a"}}'.encode("utf-16"),
        b'{"input": {"prompt": "\xff\xfe"}}',
        b'{"input": {"prompt": "a\nb"}}',
        b'{"input": {"prompt": "a\0b"}}',
    ],
)
async def test_a_body_that_is_no_json_is_refused(api: Api, body: bytes) -> None:
    """Whatever else it is."""
    assert (await _refused(api, body, 400)).startswith("The request body is not JSON: ")


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5000])
async def test_a_number_that_json_does_not_have_is_refused(api: Api, number: bytes) -> None:
    """Nor one that no computer has."""
    for body in (b'{"input": {"prompt": %s}}', b'{"input": {"prompt": "a", "other": %s}}'):
        assert "not JSON" in await _refused(api, body % number, 400)


@pytest.mark.parametrize("text", [rb"\ud800", rb"a\ud800b", rb"\udc00", rb"\ud800\ud800"])
async def test_half_a_character_is_refused(api: Api, text: bytes) -> None:
    """Lone surrogates, as value, as key, and where nobody looks."""
    for body in (
        b'{"input": {"prompt": "%s"}}',
        b'{"input": {"prompt": "a", "%s": 1}}',
        b'{"input": {"prompt": "a", "other": "%s"}}',
        b'{"input": {"prompt": "a"}, "webhook": "https://a/%s"}',
    ):
        assert "surrogate" in await _refused(api, body % text, 400)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"input": {"prompt": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    ],
)
async def test_a_body_nested_100000_deep_is_refused(api: Api, body: bytes) -> None:
    """Before it is too deep for the stack."""
    assert await _refused(api, body, 400) == "The request body is nested too deeply."


async def test_of_a_key_given_twice_the_last_counts(api: Api) -> None:
    """As in every common reader of JSON."""
    body = b'{"input": {"prompt": "a"}, "input": {"prompt": "b", "prompt": "c"}}'
    answer = await api.client.post(CREATE, content=body)
    assert answer.json()["input"] == {"prompt": "c"}


@pytest.mark.parametrize(
    ("body", "given"),
    [
        (b"null", "null"),
        (b"[]", "array"),
        (b'"a"', "string"),
        (b"1", "integer"),
        (b"true", "boolean"),
    ],
)
async def test_a_body_that_is_no_object_is_refused(api: Api, body: bytes, given: str) -> None:
    """The type that came is named."""
    detail = await _refused(api, body, 422)
    assert detail == f"- Invalid type. Expected: object, given: {given}\n"


@pytest.mark.parametrize(
    ("body", "given"), [(b"null", "null"), (b"[]", "array"), (b'"a"', "string"), (b"1.5", "number")]
)
async def test_an_input_that_is_no_object_is_refused(api: Api, body: bytes, given: str) -> None:
    """Under its own name."""
    detail = await _refused(api, b'{"input": %s}' % body, 422)
    assert detail == f"- input: Invalid type. Expected: object, given: {given}\n"


async def test_all_that_is_wrong_with_a_body_is_said_at_once(api: Api) -> None:
    """In the words of Replicate's validator."""
    body = {
        "version": 3,
        "stream": "yes",
        "webhook": "not-a-url",
        "webhook_events_filter": ["start", "end", [], {}, 3, None],
        "model": "a/b",
        "lifetime": "5m",
    }
    document = problem(await api.post("/v1/predictions", body), 422)
    assert document["title"] == "Input validation failed"
    known = '"start", "output", "logs", "completed"'
    expected = [
        ("required", "", "input is required"),
        ("invalid_type", "version", "Invalid type. Expected: string, given: integer"),
        ("invalid_type", "stream", "Invalid type. Expected: boolean, given: string"),
        ("format", "webhook", "Does not match format 'uri'"),
        *(
            (
                "enum",
                f"webhook_events_filter.{index}",
                f"webhook_events_filter.{index} must be one of the following: {known}",
            )
            for index in range(1, 6)
        ),
        ("additional_property_not_allowed", "", "Additional property model is not allowed"),
        ("additional_property_not_allowed", "", "Additional property lifetime is not allowed"),
    ]
    assert [tuple(field.values()) for field in document["invalid_fields"]] == expected
    assert document["detail"] == "".join(
        f"- {field}: {text}\n" if field else f"- {text}\n" for _, field, text in expected
    )


async def test_a_create_without_anything_names_what_is_required(api: Api) -> None:
    """Version and input."""
    document = problem(await api.post("/v1/predictions", {}), 422)
    assert document["detail"] == "- version is required\n- input is required\n"


async def test_all_that_is_wrong_with_an_input_is_said_at_once(api: Api) -> None:
    """Missing, of the wrong type, out of range, not a choice."""
    value = {
        "aspect_ratio": "7:5",
        "number_of_images": 11,
        "output_compression": -1,
        "quality": 3,
        "input_images": "https://example.com/a.png",
        "user_id": ["a"],
    }
    document = problem(await api.create("openai/gpt-image-1", value), 422)
    assert document["detail"] == (
        "- input: openai_api_key is required\n"
        "- input: prompt is required\n"
        '- input.aspect_ratio: aspect_ratio must be one of the following: "1:1", "3:2", "2:3"\n'
        "- input.aspect_ratio: Must validate all the schemas (allOf)\n"
        "- input.input_images: Invalid type. Expected: array, given: string\n"
        "- input.number_of_images: Must be less than or equal to 10\n"
        "- input.quality: Invalid type. Expected: string, given: integer\n"
        "- input.quality: Must validate all the schemas (allOf)\n"
        "- input.output_compression: Must be greater than or equal to 0\n"
        "- input.user_id: Invalid type. Expected: string, given: array\n"
    )
    assert len(document["invalid_fields"]) == 10


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"prompt": None}, "- input.prompt: Invalid type. Expected: string, given: null\n"),
        ({"prompt": 5}, "- input.prompt: Invalid type. Expected: string, given: integer\n"),
        ({"prompt": 5.5}, "- input.prompt: Invalid type. Expected: string, given: number\n"),
        ({"prompt": True}, "- input.prompt: Invalid type. Expected: string, given: boolean\n"),
        ({"prompt": ["a"]}, "- input.prompt: Invalid type. Expected: string, given: array\n"),
        ({"prompt": {}}, "- input.prompt: Invalid type. Expected: string, given: object\n"),
        ({}, "- input: prompt is required\n"),
    ],
)
async def test_a_prompt_that_is_no_text_is_refused(api: Api, value: object, text: str) -> None:
    """The type that came is named."""
    assert problem(await api.create(ECHO, value), 422)["detail"] == text


@pytest.mark.parametrize("seed", [1.5, "7", True, [7], 10**18 + 0.5, 1e300])
async def test_a_seed_that_is_no_integer_is_not_taken_for_one(api: Api, seed: object) -> None:
    """No text, no truth, no fraction; a float too large to tell is one."""
    answer = await api.create(SKETCH, {"prompt": "a", "seed": seed})
    assert answer.status_code == (201 if isinstance(seed, float) and seed.is_integer() else 422)


async def test_of_a_million_wrong_items_a_hundred_are_named(api: Api) -> None:
    """An answer is not to be larger than what it answers."""
    value = {"prompt": "a", "input_images": [1] * 1_000_000}
    document = problem(await api.create(SKETCH, value), 422)
    assert len(document["invalid_fields"]) == 100


async def test_a_prompt_of_a_million_characters_runs(api: Api) -> None:
    """The limit is where Replicate has it."""
    assert (await api.create(ECHO, {"prompt": "é" * 1_048_576})).status_code == 201
    detail = problem(await api.create(ECHO, {"prompt": "é" * 1_048_577}), 422)["detail"]
    assert detail == ("- input.prompt: String length must be less than or equal to 1048576\n")

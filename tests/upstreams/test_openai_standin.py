"""The stand-in for OpenAI, where nothing of ours asks it."""

import base64
import json
from datetime import timedelta

from tests.standins.openai import OpenAIStandIn
from tests.standins.openai_errors import KEY
from tests.standins.pictures import paint

from safelight.outbound.client import Client
from safelight.outgoing import Response


async def posted(client: Client, openai: OpenAIStandIn, fields: dict[str, object]) -> Response:
    """Ask for an edit in JSON."""
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    body = json.dumps(fields).encode()
    url = f"{openai.base_url}/images/edits"
    return await client.post(url, headers, body, within=timedelta(seconds=10), trusted=True)


async def test_an_edit_may_come_as_json(client: Client, openai: OpenAIStandIn) -> None:
    """With its pictures as data URLs, counted as those of a form."""
    image = f"data:image/png;base64,{base64.b64encode(paint()).decode()}"
    fields = {"model": "gpt-image-1", "prompt": "x", "images": [{"image_url": image}]}
    response = await posted(client, openai, fields)
    assert response.status == 200
    usage = json.loads(response.body)["usage"]
    assert usage["input_tokens_details"] == {"text_tokens": 1, "image_tokens": 194}


async def test_problems_are_found_in_the_live_apis_order(
    client: Client, openai: OpenAIStandIn
) -> None:
    """Model, unknown keys, prompt, n, compression, size."""
    wrong: dict[str, object] = {
        "model": "dall-e-3",
        "response_format": None,
        "prompt": "",
        "n": 11,
        "output_compression": 90,
        "size": "512x512",
    }
    right: dict[str, object] = {"model": "gpt-image-2", "prompt": "x", "n": 1, "size": "816x816"}
    found: list[str] = []
    while (response := await posted(client, openai, wrong)).status != 200:
        error = json.loads(response.body)["error"]
        name = error["param"] or "output_compression"
        found.append(name)
        wrong = {**wrong, name: right[name]} if name in right else _without(wrong, name)
    assert found == ["model", "response_format", "prompt", "n", "output_compression", "size"]


def _without(fields: dict[str, object], name: str) -> dict[str, object]:
    return {other: value for other, value in fields.items() if other != name}

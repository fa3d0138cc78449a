"""What is held for a prediction covers what the model then asks for."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import cog
import pytest

from safelight.catalog.google.imagen_4_fast import Imagen4Fast
from safelight.catalog.jigsawstack.image_generation import ImageGeneration
from safelight.catalog.openai.gpt_image_1 import GptImage1
from safelight.catalog.openai.gpt_image_2 import GptImage2
from safelight.price import PriceList
from safelight.route import Route
from safelight.schema import openapi_schema
from safelight.spending import Estimates

NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)
UPSTREAMS: Final = ("gpt-image-1", "gpt-image-2", "gpt-image-1-mini")
OWN_KEYS: Final = {GptImage1: {"openai_api_key": "sk-1"}, ImageGeneration: {"api_key": "sk_1"}}


def _ratios(model: type[cog.BaseRunner]) -> list[str]:
    schemas = openapi_schema(model)["components"]["schemas"]
    ratios: list[str] = schemas["aspect_ratio"]["enum"]
    return ratios


CASES: Final = [
    (model, {"aspect_ratio": ratio})
    for model in (GptImage1, GptImage2, Imagen4Fast, ImageGeneration)
    for ratio in _ratios(model)
] + [
    (ImageGeneration, {"width": 1920}),
    (ImageGeneration, {"height": 1920, "aspect_ratio": "9:21"}),
    (ImageGeneration, {"width": 1920, "height": 1920}),
    (GptImage2, {"number_of_images": 10, "aspect_ratio": "3840x2160", "quality": "high"}),
    (GptImage1, {"number_of_images": 10, "quality": "low", "prompt": "\u4e00" * 5000}),
]


@pytest.mark.parametrize("upstream", UPSTREAMS)
@pytest.mark.parametrize(("model", "asked"), CASES)
async def test_what_is_held_covers_each_attempt(
    run: Any, recorder: Any, model: Any, asked: dict[str, Any], upstream: str
) -> None:
    """Else one that was accepted could be refused in the middle of its run."""
    inputs = {"prompt": "a cat"} | asked
    await run(model, recorder, upstream, **inputs, **OWN_KEYS.get(model, {}))
    (request,) = recorder.requests
    prices, route = PriceList(), Route("openai", upstream)
    attempt = prices.estimate(str(route), request, NOW.date())
    held = Estimates(prices, {"a/b": [route]}).of("a/b", inputs, {}, NOW)
    assert attempt is not None
    assert held is not None
    assert Decimal() < attempt <= held

"""openai/gpt-image-2."""
# ruff: noqa: B008, PLR0913, PLR0917 - Cog reads a model's inputs from the defaults of its run()

import secrets
from typing import cast

import cog

from safelight.catalog.files import read_pictures
from safelight.catalog.keys import given_key
from safelight.catalog.openai import pictures
from safelight.upstream import Format, ImageRequest

_EXACT_SIZES = (
    "1024x1024",
    "1536x1024",
    "1024x1536",
    "2048x2048",
    "2048x1152",
    "1152x2048",
    "3840x2160",
    "2160x3840",
)
_WIDE = {"16:9": (2048, 1152), "9:16": (1152, 2048)}
"""Inferred: Replicate tells no sizes for these ratios, but its page offers these two by name."""
_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class GptImage2(pictures.OpenAIModel):
    """Creates and edits pictures from text, with sharp lettering; the key is optional."""

    full_name = "openai/gpt-image-2"
    own = frozenset({"openai:gpt-image-2", "openai:gpt-image-2-2026-04-21"})
    default_model = "gpt-image-2"

    @cog.concurrent(max=5000)
    async def run(
        self,
        openai_api_key: cog.Secret | None = cog.Input(
            description="Your OpenAI API key (optional - uses proxy if not provided)", default=None
        ),
        prompt: str = cog.Input(description=pictures.PROMPT),
        aspect_ratio: str = cog.Input(
            description=pictures.RATIO,
            choices=["1:1", "3:2", "2:3", "16:9", "9:16", "auto", *_EXACT_SIZES],
            default="1:1",
        ),
        input_images: list[cog.Path] | None = cog.Input(
            description=pictures.INPUT_IMAGES, default=None
        ),
        number_of_images: int = cog.Input(description=pictures.COUNT, ge=1, le=10, default=1),
        quality: str = cog.Input(
            description=pictures.QUALITY, choices=["low", "medium", "high", "auto"], default="auto"
        ),
        background: str = cog.Input(
            description=pictures.BACKGROUND,
            choices=["auto", "transparent", "opaque"],
            default="auto",
        ),
        output_compression: int = cog.Input(
            description=pictures.COMPRESSION, ge=0, le=100, default=90
        ),
        output_format: str = cog.Input(
            description=pictures.FORMAT, choices=["png", "jpeg", "webp"], default="webp"
        ),
        moderation: str = cog.Input(
            description=pictures.MODERATION, choices=["auto", "low"], default="auto"
        ),
        user_id: str | None = cog.Input(description=pictures.USER, default=None),
    ) -> list[cog.Path]:
        """Paint one request's pictures in one call."""
        images = await read_pictures(input_images)
        print("Model check completed.")
        print(f"Model: {self.default_model}")
        print("Generating image...")
        print(f"Sid {''.join(secrets.choice(_ID_ALPHABET) for _ in range(26))}")
        request = ImageRequest(
            model=self.model,
            prompt=prompt,
            count=number_of_images,
            size=_size(aspect_ratio),
            aspect_ratio=aspect_ratio,
            format=cast("Format", output_format),
            compression=pictures.compression(output_format, output_compression),
            quality=quality,
            background=background,
            moderation=moderation,
            user=user_id or None,
            images=images,
        )
        return await self.paint(request, given_key(openai_api_key))


def _size(aspect_ratio: str) -> tuple[int, int] | None:
    """Pixels of a ratio or an exact size; None for `auto`, which leaves it to OpenAI."""
    if aspect_ratio in _EXACT_SIZES:
        width, height = aspect_ratio.split("x")
        return int(width), int(height)
    return {**pictures.SIZES, **_WIDE}.get(aspect_ratio)

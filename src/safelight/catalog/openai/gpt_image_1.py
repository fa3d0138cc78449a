"""openai/gpt-image-1."""
# ruff: noqa: B008, PLR0913, PLR0917 - Cog reads a model's inputs from the defaults of its run()

from typing import cast

import cog

from safelight.catalog.files import read_pictures
from safelight.catalog.keys import given_key
from safelight.catalog.openai import pictures
from safelight.upstream import Format, ImageRequest


class GptImage1(pictures.OpenAIModel):
    """Creates and edits pictures from text; the caller brings the key."""

    full_name = "openai/gpt-image-1"
    own = frozenset({"openai:gpt-image-1"})
    default_model = "gpt-image-1"

    @cog.concurrent(max=5000)
    async def run(
        self,
        openai_api_key: cog.Secret = cog.Input(description=pictures.KEY),
        prompt: str = cog.Input(description=pictures.PROMPT),
        aspect_ratio: str = cog.Input(
            description=pictures.RATIO, choices=["1:1", "3:2", "2:3"], default="1:1"
        ),
        input_fidelity: str = cog.Input(
            description="Control how much effort the model will exert to match the style and "
            "features, especially facial features, of input images",
            choices=["low", "high"],
            default="low",
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
        print("Generating image...")
        for image in images:
            print(f"Image size: {len(image) / 1024:.1f}KB")
        takes_fidelity = bool(images) and self.model.startswith("gpt-image-1")
        request = ImageRequest(
            model=self.model,
            prompt=prompt,
            count=number_of_images,
            size=pictures.SIZES[aspect_ratio],
            aspect_ratio=aspect_ratio,
            format=cast("Format", output_format),
            compression=pictures.compression(output_format, output_compression),
            quality=quality,
            background=background,
            moderation=moderation,
            input_fidelity=input_fidelity if takes_fidelity else None,
            user=user_id or None,
            images=images,
        )
        paths = await self.paint(request, given_key(openai_api_key))
        self.record_metric("image_count", len(paths))
        return paths

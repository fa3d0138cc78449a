"""jigsawstack/image-generation."""
# ruff: noqa: B008, PLR0913, PLR0917 - Cog reads a model's inputs from the defaults of its run()

from typing import cast

import cog

from safelight.catalog.asking import AskingModel
from safelight.catalog.files import save_single
from safelight.catalog.keys import given_key
from safelight.catalog.shapes import PAINTED, completed
from safelight.upstream import Format, ImageRequest


class ImageGeneration(AskingModel):
    """Creates one picture from text; the caller brings the key."""

    full_name = "jigsawstack/image-generation"
    own = frozenset({"jigsawstack:image_generation"})
    default_model = "image_generation"

    @cog.concurrent(max=5000)
    async def run(
        self,
        prompt: str = cog.Input(description="The text to generate the image from."),
        aspect_ratio: str = cog.Input(
            description="The aspect ratio of the image.", choices=[*PAINTED], default="1:1"
        ),
        width: int | None = cog.Input(
            description="The width of the image, from 256 to 1920 pixels.", default=None
        ),
        height: int | None = cog.Input(
            description="The height of the image, from 256 to 1920 pixels.", default=None
        ),
        steps: int = cog.Input(
            description="The number of denoising steps.", ge=1, le=90, default=4
        ),
        output_format: str = cog.Input(
            description="The output format of the generated image.",
            choices=["png", "svg"],
            default="png",
        ),
        url: str | None = cog.Input(description="The URL of an image to start from.", default=None),
        file_store_key: str | None = cog.Input(
            description="The key of an image in JigsawStack's file store.", default=None
        ),
        negative_prompt: str | None = cog.Input(
            description="What the image should not show.", default=None
        ),
        guidance: float | None = cog.Input(
            description="How closely to follow the prompt; higher is closer.",
            ge=1,
            le=28,
            default=None,
        ),
        seed: int | None = cog.Input(
            description="A seed makes the image reproducible.", default=None
        ),
        api_key: cog.Secret = cog.Input(description="Your JigsawStack API key."),
    ) -> cog.Path:
        """Paint one picture."""
        request = ImageRequest(
            model=self.model,
            prompt=prompt,
            size=completed(width, height, aspect_ratio),
            aspect_ratio=aspect_ratio,
            format=cast("Format", output_format),
            negative_prompt=negative_prompt,
            guidance=guidance,
            steps=steps,
            seed=seed,
            url=url or None,
            file_store_key=file_store_key or None,
        )
        result = await self.ask(request, given_key(api_key))
        self.print_substitution(result)
        return await save_single(result.pictures)

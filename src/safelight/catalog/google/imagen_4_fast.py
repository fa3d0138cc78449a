"""google/imagen-4-fast."""

import cog

from safelight.catalog.asking import AskingModel
from safelight.catalog.files import save_single
from safelight.upstream import ImageRequest

_SIZES = {
    "1:1": (1024, 1024),
    "9:16": (768, 1408),
    "16:9": (1408, 768),
    "3:4": (896, 1280),
    "4:3": (1280, 896),
}
"""Pixels of each ratio at Imagen's 1K."""
_JPEG_QUALITY = 75


class Imagen4Fast(AskingModel):
    """Creates one picture from text; the key is the server's."""

    full_name = "google/imagen-4-fast"
    own = frozenset({"google:imagen-4.0-fast-generate-001"})
    default_model = "imagen-4.0-fast-generate-001"

    @cog.concurrent(max=5000)
    async def run(
        self,
        prompt: str = cog.Input(description="Text prompt for image generation"),
        aspect_ratio: str = cog.Input(
            description="Aspect ratio of the generated image", choices=[*_SIZES], default="1:1"
        ),
        output_format: str = cog.Input(
            description="Format of the output image", choices=["jpg", "png"], default="jpg"
        ),
        safety_filter_level: str = cog.Input(
            description="block_low_and_above is strictest, block_medium_and_above blocks some "
            "prompts, block_only_high is most permissive but some prompts will still be blocked",
            choices=["block_low_and_above", "block_medium_and_above", "block_only_high"],
            default="block_only_high",
        ),
    ) -> cog.Path:
        """Paint one picture."""
        is_jpeg = output_format == "jpg"
        request = ImageRequest(
            model=self.model,
            prompt=prompt,
            size=_SIZES[aspect_ratio],
            aspect_ratio=aspect_ratio,
            format="jpeg" if is_jpeg else "png",
            compression=_JPEG_QUALITY if is_jpeg else None,
            safety_filter_level=safety_filter_level,
        )
        result = await self.ask(request)
        self.print_substitution(result)
        path = await save_single(result.pictures)
        self.record_metric("image_count", 1)
        return path

"""safelight/sketch."""
# ruff: noqa: B008, PLR0913, PLR0917 - Cog reads a model's inputs from the defaults of its run()

import asyncio
import secrets

import cog

from safelight.catalog.files import read_pictures, save_numbered
from safelight.catalog.rehearsal import rehearse
from safelight.catalog.shapes import PAINTED, Size, completed
from safelight.errors import RunFailed
from safelight.sketch import Commission, paint_apart
from safelight.upstream import Format, Picture

_FORMATS: dict[str, Format] = {"webp": "webp", "png": "png", "jpg": "jpeg"}
_SHORTEST_SIDE, _LONGEST_SIDE = 256, 2048


class Sketch(cog.BaseRunner):
    """The offline illustrator: reads a prompt and paints a picture, without a neural network."""

    @cog.concurrent(max=64)
    async def run(
        self,
        prompt: str = cog.Input(description="What to paint"),
        aspect_ratio: str = cog.Input(
            description="The aspect ratio of the picture", choices=[*PAINTED], default="1:1"
        ),
        width: int | None = cog.Input(
            description="Width in pixels; wins over the aspect ratio",
            ge=_SHORTEST_SIDE,
            le=_LONGEST_SIDE,
            default=None,
        ),
        height: int | None = cog.Input(
            description="Height in pixels; wins over the aspect ratio",
            ge=_SHORTEST_SIDE,
            le=_LONGEST_SIDE,
            default=None,
        ),
        seed: int | None = cog.Input(
            description="The same seed and prompt paint the same picture", default=None
        ),
        output_format: str = cog.Input(
            description="Format of the picture", choices=[*_FORMATS], default="webp"
        ),
        output_quality: int = cog.Input(
            description="Quality of webp and jpg, 0 to 100", ge=0, le=100, default=80
        ),
        transparent: bool = cog.Input(
            description="Paint the subjects alone, on a transparent background (webp and png)",
            default=False,
        ),
        num_outputs: int = cog.Input(
            description="Number of pictures to paint", ge=1, le=4, default=1
        ),
        input_images: list[cog.Path] | None = cog.Input(
            description="Pictures to work into the painting", default=None
        ),
    ) -> list[cog.Path]:
        """Paint the pictures, each with a seed of its own."""
        if seed is None:
            seed = secrets.randbelow(2**31)
        prompt = await self.read(prompt)
        print(f"Using seed: {seed}")
        size = _size(width, height, aspect_ratio)
        kind = _FORMATS[output_format]
        inputs = await read_pictures(input_images)
        commissions = [
            Commission(
                prompt=prompt,
                width=size[0],
                height=size[1],
                format=kind,
                quality=output_quality,
                seed=seed + number,
                transparent=transparent and kind != "jpeg",
                inputs=inputs,
            )
            for number in range(num_outputs)
        ]
        return await self._paint(commissions)

    async def read(self, prompt: str) -> str:
        """What of the prompt is painted: all of it."""
        return prompt

    async def _paint(self, commissions: list[Commission]) -> list[cog.Path]:
        try:
            painted = await asyncio.gather(*(paint_apart(one) for one in commissions))
        except ValueError as error:
            raise RunFailed(str(error)) from error
        media_type = f"image/{commissions[0].format}"
        paths = await save_numbered([Picture(content, media_type) for content in painted])
        self.record_metric("image_count", len(paths))
        return paths


class RehearsedSketch(Sketch):
    """The same in test mode, where a prompt may ask for faults."""

    async def read(self, prompt: str) -> str:
        """Obey the directives; paint the rest."""
        return await rehearse(prompt)


def _size(width: int | None, height: int | None, aspect_ratio: str) -> Size:
    size = completed(width, height, aspect_ratio) or PAINTED[aspect_ratio]
    across, down = (min(max(side, _SHORTEST_SIDE), _LONGEST_SIDE) for side in size)
    return across, down

"""What OpenAI's picture models have in common."""

import time

import cog

from safelight.catalog.asking import AskingModel
from safelight.catalog.files import save_as_temporary
from safelight.upstream import ImageRequest, ImageResult

SIZES = {"1:1": (1024, 1024), "3:2": (1536, 1024), "2:3": (1024, 1536)}
"""The sizes that every one of these models paints."""

KEY = "Your OpenAI API key"
PROMPT = "A text description of the desired image"
RATIO = "The aspect ratio of the generated image"
INPUT_IMAGES = "A list of images to use as input for the generation"
COUNT = "Number of images to generate (1-10)"
QUALITY = "The quality of the generated image"
BACKGROUND = "Set whether the background is transparent or opaque or choose automatically"
COMPRESSION = "Compression level (0-100%)"
FORMAT = "Output format"
MODERATION = "Content moderation level"
USER = (
    "An optional unique identifier representing your end-user. "
    "This helps OpenAI monitor and detect abuse."
)


def compression(output_format: str, percent: int) -> int | None:
    """OpenAI refuses a compression of PNG, and Replicate's default is one."""
    return None if output_format == "png" else percent


class OpenAIModel(AskingModel):
    """Asks, and logs as these models do on Replicate."""

    async def paint(self, request: ImageRequest, key: str | None) -> list[cog.Path]:
        """Paint, log the time and the tokens, and save the pictures."""
        started = time.monotonic()
        result = await self.ask(request, key)
        print(f"Generated image in {time.monotonic() - started:.1f}sec")
        print(f"Generated {len(result.pictures)} images")
        _print_tokens(result)
        self.print_substitution(result)
        return await save_as_temporary(result.pictures)


def _print_tokens(result: ImageResult) -> None:
    if result.usage is not None:
        print(f"Input text token count: {result.usage.input_tokens}")
        print(f"Input image token count: {result.usage.input_image_tokens}")
        print(f"Output token count: {result.usage.output_tokens}")

"""Input pictures: checked before they are decoded, then made small enough to work into a painting."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

_MOST_PIXELS = 64_000_000
_LONGEST_SIDE = 1024  # pixels kept: no input is shown larger than that


def read_inputs(encoded: tuple[bytes, ...]) -> list[Image.Image]:
    """Decode every input to RGB, at most 1024 pixels a side.

    Raises ValueError naming the input's index when one is not a picture or has more than 64 megapixels.
    """
    return [_read(index, data) for index, data in enumerate(encoded)]


def _read(index: int, data: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size is checked here, with a message of our own
        try:
            picture = Image.open(io.BytesIO(data))
            _check_size(index, picture.size)
            picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            return _on_white(picture)
        except Image.DecompressionBombError as error:
            raise ValueError(_too_large(index)) from error
        except (UnidentifiedImageError, OSError, SyntaxError, EOFError) as error:
            message = (
                f"inputs[{index}] is not a picture that can be read (png, jpeg, webp and gif are)"
            )
            raise ValueError(message) from error


def _check_size(index: int, size: tuple[int, int]) -> None:
    if size[0] * size[1] > _MOST_PIXELS:
        raise ValueError(_too_large(index))


def _too_large(index: int) -> str:
    return (
        f"inputs[{index}] has more than {_MOST_PIXELS // 1_000_000} megapixels; send a smaller one"
    )


def _on_white(picture: Image.Image) -> Image.Image:
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    whole = picture.convert("RGBA")
    ground = Image.new("RGBA", whole.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, whole).convert("RGB")

"""Pictures to send, and what a picture that came back is."""

import base64
import io

from PIL import Image


def picture(colour: str = "red", kind: str = "PNG", side: int = 64) -> bytes:
    """A square of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(file, kind)
    return file.getvalue()


def form(content: bytes | str) -> str | None:
    """The format of a picture; text is base64."""
    content = base64.b64decode(content) if isinstance(content, str) else content
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image.format

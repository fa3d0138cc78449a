"""What a form posts, read up to a size: neither memory nor disk are filled by more."""

from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

LARGEST_TEXT: Final = 8_000_000
"""Bytes of a form without files, and of any one text in a form: they are held in memory."""
_MOST: Final = 1_000
"""Fields, and files, of a form."""
_TOO_LARGE: Final = "What was sent is larger than this server takes."


async def form_of(request: Request, largest: int) -> FormData:
    """The fields and files of a form of no more than *largest* bytes.

    Raises:
        HTTPException: 413 for more; 400 for what is no form.
    """
    if not _kind(request).startswith("multipart/"):
        largest = min(largest, LARGEST_TEXT)
    told = request.headers.get("content-length", "0")
    if not told.isdecimal() or int(told) > largest:
        raise HTTPException(413, _TOO_LARGE)
    left = largest

    async def receive() -> Message:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, _TOO_LARGE)
        return message

    bounded = Request(request.scope, receive)
    return await bounded.form(max_files=_MOST, max_fields=_MOST, max_part_size=LARGEST_TEXT)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").strip().lower()

"""A file from a form, uploaded as any client uploads one."""

import secrets
from typing import Final

from starlette.datastructures import UploadFile

from safelight.web.caller import Caller

_PLAIN: Final = "application/octet-stream"
_ESCAPED: Final = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A", "\\": "%5C", "\0": "%00"})
"""In a name, as browsers do it."""


async def uploaded(api: Caller, file: UploadFile) -> str:
    """The address under which it can be an input.

    Raises:
        Refused: It is too large, or nothing can be stored.
    """
    boundary = secrets.token_hex(16)
    name = (file.filename or "file").translate(_ESCAPED)
    head = (
        f'--{boundary}\r\ncontent-disposition: form-data; name="content"; filename="{name}"\r\n'
        f"content-type: {_media_type(file)}\r\n\r\n"
    )
    end = f"\r\n--{boundary}--\r\n"
    content = b"".join((head.encode(errors="replace"), await file.read(), end.encode()))
    kind = f"multipart/form-data; boundary={boundary}".encode()
    length = str(len(content)).encode()
    headers = [(b"content-type", kind), (b"content-length", length)]
    made = (await api.send("POST", "/v1/files", "", content, headers)).json()
    return str(made["urls"]["get"])


def _media_type(file: UploadFile) -> str:
    told = file.content_type or _PLAIN
    return told if told.isascii() and told.isprintable() else _PLAIN

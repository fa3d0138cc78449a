"""The line between the pool and a worker process: messages after their length."""

import struct
from typing import IO

PAINTED, REFUSED, FAILED = b"p", b"r", b"f"  # the first byte of an answer

_LENGTH = struct.Struct(">Q")


def send(line: IO[bytes], message: bytes) -> None:
    """Write one message. Raises OSError (BrokenPipeError) when the other side is gone."""
    line.write(_LENGTH.pack(len(message)))
    line.write(message)
    line.flush()


def receive(line: IO[bytes]) -> bytes | None:
    """Read one message; None when the line ended before or within it."""
    head = line.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    message = line.read(length)
    return message if len(message) == length else None

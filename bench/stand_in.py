"""A stand-in for OpenAI's images API that costs next to nothing: prepared bytes, and a count.

    python -m bench.stand_in BYTES_A_PICTURE

Prints its port. Every picture is a little different, so that no store can keep one for all.
`POST /hold` has it keep its answers back, `POST /release/RATE` lets so many a second go,
`GET /state` tells what was asked, and when the last byte of each answer that was held back left.
"""

import asyncio
import json
import os
import re
import resource
import sys
import time
from base64 import b64encode
from typing import Final, cast

import uvloop

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x04\0\x08\x02\0\0\0"
_HEAD: Final = _SIGNATURE + bytes(-len(_SIGNATURE) % 3)
_SERIAL: Final = 12
"""Characters in each answer that are its own: nine bytes, hence whole groups of base64."""
_USAGE: Final = {
    "input_tokens": 17,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 17},
    "output_tokens": 272,
    "total_tokens": 289,
}
_NUMBER: Final = re.compile(rb"number (\d+)")
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Answer:
    """The bytes of an answer with one picture, of which only a serial number changes."""

    def __init__(self, size: int) -> None:
        rest = os.urandom(size - len(_HEAD) - _SERIAL // 4 * 3)
        begin = b'{"created":1,"background":"opaque","data":[{"b64_json":"' + b64encode(_HEAD)
        end = b64encode(rest) + b'"}],"output_format":"png","quality":"low","size":"1024x1024",'
        end += b'"usage":' + json.dumps(_USAGE, separators=(",", ":")).encode() + b"}"
        length = len(begin) + _SERIAL + len(end)
        self._begin = _head("application/json", length) + begin
        self._end = end

    def parts(self, serial: int) -> tuple[bytes, bytes, bytes]:
        """Head and beginning, the serial number, and all the rest."""
        return self._begin, b64encode(serial.to_bytes(_SERIAL // 4 * 3, "big")), self._end


class Provider:
    """What it was asked, and what it holds back."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.calls = 0
        self.is_holding = False
        self.held: list[Caller] = []
        self.left: dict[int, float] = {}
        """When the last byte of the answer to the prompt with this number was handed over."""
        self._releasing: asyncio.Task[None] | None = None

    def asked(self, caller: "Caller") -> None:
        """Answer now, or when told to."""
        self.calls += 1
        if self.is_holding:
            self.held.append(caller)
        else:
            caller.answer(self.calls)

    def told(self, path: bytes) -> bytes:
        """Do what the bench says, and give the state."""
        if path == b"/hold":
            self.is_holding = True
        elif path.startswith(b"/release/"):
            self._releasing = asyncio.create_task(self._release(float(path[9:])))
        state = {"calls": self.calls, "held": len(self.held), "left": self.left}
        return json.dumps(state).encode()

    async def _release(self, rate: float) -> None:
        self.is_holding = False
        held, self.held = self.held, []
        begun = time.monotonic()
        for number, caller in enumerate(held):
            await asyncio.sleep(begun + number / rate - time.monotonic())
            caller.answer(number)


class Caller(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._request = b""
        self._number = -1
        self._is_leaving = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self._transport.set_write_buffer_limits(high=0)  # `resume_writing` tells that all has left

    def data_received(self, data: bytes) -> None:
        self._request += data
        head, found, body = self._request.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or (length and len(body) < int(length[1])):
            return
        self._request = b""
        path = head.split(b" ", 2)[1]
        if path.endswith(b"/images/generations"):
            number = _NUMBER.search(body)
            self._number = int(number[1]) if number else -1
            self._provider.asked(self)
        else:
            state = self._provider.told(path)
            self._transport.write(_head("application/json", len(state)) + state)

    def answer(self, serial: int) -> None:
        """Write the picture; when the last byte has left is noted."""
        if self._transport.is_closing():
            return
        self._is_leaving = True
        self._transport.writelines(self._provider.answer.parts(serial))
        if self._transport.get_write_buffer_size() == 0:
            self.resume_writing()

    def resume_writing(self) -> None:
        if self._is_leaving and self._number >= 0:
            self._provider.left[self._number] = time.monotonic()
        self._is_leaving = False


def _head(media_type: str, length: int) -> bytes:
    lines = (
        "HTTP/1.1 200 OK",
        f"content-type: {media_type}",
        f"content-length: {length}",
        "x-request-id: req_stand_in",
    )
    return "\r\n".join((*lines, "", "")).encode()


async def _serve(size: int) -> None:
    provider = Provider(Answer(size))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Caller(provider), "127.0.0.1", 0, backlog=8192)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(_serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()

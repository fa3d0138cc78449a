"""The HTTP client for calls to providers: aiohttp beside httpx2 on a 1.5 MB picture in JSON.

    .venv/bin/python bench/outbound_clients.py

Makes its own temporary environment with both clients, so that neither is a dependency for this.
Figures are CPU and wall time per call in the client's process; the server is a process of its own.
"""

import argparse
import asyncio
import base64
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Coroutine
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import msgspec
import uvloop

try:
    import httpx2
except ImportError:  # outside the environment that this file makes
    httpx2 = None

_PICTURE = 1_500_000
_PACKAGES = ("aiohttp>=3.14,<4", "httpx2>=2.16,<3", "msgspec>=0.20", "uvloop>=0.22")
_REQUEST = json.dumps({"model": "gpt-image-2", "prompt": "a lighthouse", "n": 1}).encode()
_HEADERS = {"authorization": "Bearer none", "content-type": "application/json"}

_Load = Callable[[str, int, int], Coroutine[Any, Any, None]]


class _Datum(msgspec.Struct):
    b64_json: bytes


class _Answer(msgspec.Struct):
    data: list[_Datum]


_decoder = msgspec.json.Decoder(_Answer)


def _answer() -> bytes:
    text = base64.b64encode(os.urandom(_PICTURE))
    body = b'{"created":1,"data":[{"b64_json":"' + text + b'"}],"usage":{"output_tokens":1}}'
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _serve(ready: Connection) -> None:
    """Answer every request with the same bytes, as cheaply as a server can."""
    answer = _answer()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(len(_REQUEST))
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


async def _with_aiohttp(url: str, calls: int, ways: int) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, read_bufsize=1 << 20) as session:

        async def some() -> None:
            for _ in range(calls // ways):
                async with session.post(url, data=_REQUEST, headers=_HEADERS) as response:
                    _check(await response.read())

        await asyncio.gather(*(some() for _ in range(ways)))


async def _with_httpx2(url: str, calls: int, ways: int) -> None:
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as client:

        async def some() -> None:
            for _ in range(calls // ways):
                response = await client.post(url, content=_REQUEST, headers=_HEADERS)
                _check(response.content)

        await asyncio.gather(*(some() for _ in range(ways)))


def _check(body: bytes) -> None:
    assert len(_decoder.decode(body).data[0].b64_json) == _PICTURE


def _measure(name: str, load: _Load, port: int, calls: int) -> None:
    """Print CPU and wall milliseconds per call: one after another, then eight at a time."""
    url = f"http://127.0.0.1:{port}/v1/images/generations"
    for ways in (1, 8):
        rows: list[tuple[float, float]] = []
        for _ in range(5):
            cpu, wall = time.process_time(), time.perf_counter()
            uvloop.run(load(url, calls, ways))
            rows.append((time.process_time() - cpu, time.perf_counter() - wall))
        cpu_ms, wall_ms = (median(column) * 1000 / calls for column in zip(*rows, strict=True))
        print(f"{name:8} {ways} at a time: {cpu_ms:6.2f} ms CPU, {wall_ms:6.2f} ms wall a call")


def _inside(calls: int) -> None:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(sender,), daemon=True
    )
    server.start()
    port = int(receiver.recv())
    try:
        for name, load in (("aiohttp", _with_aiohttp), ("httpx2", _with_httpx2)):
            _measure(name, load, port, calls)
    finally:
        server.terminate()
        server.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=64)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        _inside(arguments.calls)
        return
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        python = Path(place, "bin", "python")
        subprocess.run([python, "-m", "pip", "install", "-q", *_PACKAGES], check=True)
        command = [python, __file__, "--inside", "--calls", str(arguments.calls)]
        sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()

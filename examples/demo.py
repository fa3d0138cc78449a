"""Make four pictures in test mode through the official, unmodified Python client.

The server is this folder's own: its data lies in demo/.safelight, its ports are free ones. No key
and no network are needed.
"""

import base64
import contextlib
import io
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from PIL import Image, ImageDraw
from replicate.client import Client
from replicate.helpers import FileOutput
from rich import box
from rich.console import Console
from rich.table import Table

DEMO = Path("demo")
SAFELIGHT = (sys.executable, "-m", "safelight")
PATIENCE = 30.0
"""Seconds for the server to start, and to stop."""


@dataclass(frozen=True)
class Order:
    """One call of the client."""

    reference: str
    input: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What came of it."""

    model: str
    seconds: float
    paths: tuple[Path, ...]


TODAY = Order(
    "openai/gpt-image-1",
    {
        "aspect_ratio": "3:2",
        "background": "auto",
        "moderation": "auto",
        "number_of_images": 2,
        "openai_api_key": "[REDACTED]",
        "output_compression": 90,
        "output_format": "webp",
        "prompt": "<today's date>",
        "quality": "auto",
    },
)
RACING_JACKET = Order(
    "google/imagen-4-fast",
    {
        "prompt": (
            "The photo: Create a cinematic, photorealistic medium shot capturing the dynamic "
            "energy of a high-octane action film. The focus is a young woman with wind-swept dark "
            "hair streaked with pink highlights and determined features, looking directly and "
            "intently into the camera lens, she is slightly off-center. She wears a fitted pink "
            'and gold racing jacket over a black tank top with "Imagen 4 Fast" in motion-stylized '
            'lettering and on the next line "on Replicate" emblazoned across the chest and '
            "aviator sunglasses pushed up on her head. The lighting is dramatic with motion blur "
            "streaks and neon reflections from passing city lights, creating dynamic lens flares "
            "and light trails (they do not cover her face). The background shows a blurred urban "
            "nightscape with streaking car headlights and illuminated skyscrapers rushing past, "
            "rendered with heavy motion blur and shallow depth of field. High contrast lighting, "
            "vibrant neon color palette with deep blues and electric yellows, and razor-sharp "
            "focus on her intense eyes enhance the fast-paced, electrifying atmosphere. She is "
            "illuminated while the background is darker."
        ),
        "aspect_ratio": "4:3",
    },
)
OCEAN = Order(
    "jigsawstack/image-generation:43d5bce2e1c97fa1e7d8996187a85cd5c882787989091af3b135c7a16ca23b79",
    {
        "api_key": "a-key-that-test-mode-never-uses",
        "aspect_ratio": "16:9",
        "output_format": "png",
        "prompt": "Generate me an image of ocean",
        "steps": 4,
    },
)


def playlist() -> Order:
    """The order with a picture of its own to start from."""
    return Order(
        "openai/gpt-image-2",
        {
            "prompt": (
                "A photo of a computer screen displaying a Spotify playlist in golden hour evening "
                "in a living room with lots of green plants in the background. The playlist says "
                'GPT-image-2. caption is "this new image model from OpenAI is dope." and the '
                "artists are Replicate. the songs are themes about open source AI and Machine "
                "learning. the account name is Replicate. use the logo for replicate as the "
                "profile picture and artist image."
            ),
            "quality": "auto",
            "background": "auto",
            "moderation": "auto",
            "aspect_ratio": "3:2",
            "input_images": [logo()],
            "output_format": "webp",
            "number_of_images": 1,
            "output_compression": 90,
        },
    )


def logo() -> str:
    """A small picture in the manner of a logo, as a data URI."""
    image = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(image)
    for step, length in enumerate((176, 128, 80)):
        near, far = 40 + 48 * step, 40 + 48 * step + 24
        draw.rectangle((216 - length, near, 216, far), fill="black")
        draw.rectangle((near, 216 - length, far, 216), fill="black")
    file = io.BytesIO()
    image.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def main() -> None:
    """Start the server, make the pictures, show them in a table, stop the server."""
    DEMO.mkdir(exist_ok=True)
    environment = os.environ | {
        "SAFELIGHT_HOME": str((DEMO / ".safelight").absolute()),
        "SAFELIGHT_PORT": str(free_port()),
        "SAFELIGHT_TLS_PORT": str(free_port()),
    }
    with serving(environment):
        os.environ.update(client_environment(environment))
        orders = (TODAY, playlist(), RACING_JACKET, OCEAN)
        with ThreadPoolExecutor(len(orders)) as pool:
            results = list(pool.map(made, orders))
    show(results)


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return cast("int", listening.getsockname()[1])


@contextlib.contextmanager
def serving(environment: dict[str, str]) -> Generator[None]:
    """`safelight serve` while the context lasts."""
    with subprocess.Popen(  # noqa: S603 - our own program
        (*SAFELIGHT, "serve"), env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        first_line = server.stdout.readline()  # it is printed when connections are taken
        if not first_line:
            sys.exit("The server did not start; it says why above.")
        print(first_line, end="")
        try:
            yield
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=PATIENCE)


def client_environment(environment: dict[str, str]) -> dict[str, str]:
    """The variables that `safelight env --test` exports."""
    lines = subprocess.run(  # noqa: S603 - our own program
        (*SAFELIGHT, "env", "--test"), env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return dict(shlex.split(line)[1].split("=", 1) for line in lines)


def made(order: Order) -> Result:
    """Run one order with a client of its own, and save its pictures."""
    began = time.monotonic()
    output = Client().run(order.reference, input=order.input)
    files = cast("Sequence[FileOutput]", output if isinstance(output, list) else [output])
    model = order.reference.split(":")[0]
    name = model.split("/")[1]
    paths = tuple(
        saved(file, f"{name}-{index}" if len(files) > 1 else name)
        for index, file in enumerate(files, 1)
    )
    return Result(model, time.monotonic() - began, paths)


def saved(file: FileOutput, stem: str) -> Path:
    """Write one output file to the demo's folder, with the ending that the server gave it."""
    path = DEMO / f"{stem}{Path(file.url).suffix}"
    path.write_bytes(file.read())
    return path


def show(results: Sequence[Result]) -> None:
    """Print what was made."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, collapse_padding=True, pad_edge=False)
    table.add_column("Model", no_wrap=True)
    table.add_column("Time", justify="right", no_wrap=True)
    table.add_column("Pixels", justify="right", no_wrap=True)
    table.add_column("Bytes", justify="right", no_wrap=True)
    table.add_column(f"File in {DEMO}/", overflow="fold")
    for result in results:
        for path in result.paths:
            with Image.open(path) as image:
                pixels = f"{image.width}x{image.height}"
            size = f"{path.stat().st_size:,}"
            table.add_row(result.model, f"{result.seconds:.1f} s", pixels, size, path.name)
    Console().print(table)


if __name__ == "__main__":
    main()

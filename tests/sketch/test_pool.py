"""The worker processes: they paint, survive a killed worker, and end."""

import asyncio
import multiprocessing
import subprocess
import sys

import pytest

from safelight.sketch import Commission, close_pool, paint, paint_apart


def test_painting_apart_gives_the_same_bytes_and_survives_a_killed_worker() -> None:
    """The pool paints what `paint` paints, and is replaced when a worker is killed."""
    commission = Commission("ocean", 256, 256)

    async def both() -> tuple[bytes, bytes]:
        first = await paint_apart(commission)
        for worker in multiprocessing.active_children():
            worker.kill()
            worker.join()
        return first, await paint_apart(commission)

    try:
        first, second = asyncio.run(both())
        assert first == second == paint(commission)
        with pytest.raises(ValueError, match=r"inputs\[0\]"):
            asyncio.run(paint_apart(Commission("ocean", 256, 256, inputs=(b"?",))))
    finally:
        close_pool()
    assert multiprocessing.active_children() == []


def test_importing_the_package_loads_no_painter() -> None:
    """The server's process pays for the painter only when it paints itself."""
    code = "import safelight.sketch, sys; print('numpy' in sys.modules or 'PIL' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "False"

"""The worker processes: they paint, survive what may befall them, and end."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvloop

from safelight.sketch import Commission, close_pool, paint, paint_apart
from safelight.sketch.hands import Hand, HandLost

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc"
)

OCEAN = Commission("ocean", 256, 256)
LARGE = Commission("a dragon over a castle in a storm", 1536, 1536)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    close_pool()
    yield
    close_pool()


def _status(pid: int) -> tuple[str, int] | None:
    """Name the parent and the state of a process; None when it is gone or a zombie."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state in "ZX" else (state, int(parent))


def _workers(parent: int) -> list[int]:
    """Return the worker processes that `parent` has started."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid, status = int(folder.name), _status(int(folder.name))
        if status is None or status[1] != parent:
            continue
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"safelight.sketch.worker" in line:
            found.append(pid)
    return found


def _until(claim: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _script(tmp_path: Path, body: str) -> list[str]:
    """Write a script without a main guard, and return the command that runs it."""
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(body))
    return [sys.executable, str(path)]


def test_painting_apart_gives_the_same_bytes() -> None:
    """The pool paints what `paint` paints."""
    assert asyncio.run(paint_apart(OCEAN)) == paint(OCEAN)


def test_a_malformed_prompt_reaches_the_worker() -> None:
    """A lone surrogate, which UTF-8 cannot carry, is painted apart too."""
    lone = Commission("\ud800 lone", 256, 256)
    assert asyncio.run(paint_apart(lone)) == paint(lone)


def test_a_refusal_keeps_its_words_and_its_worker() -> None:
    """ValueError passes through with its message; the worker that refused paints on."""
    asyncio.run(paint_apart(OCEAN))
    before = _workers(os.getpid())
    with pytest.raises(ValueError, match=r"inputs\[0\] is not a picture"):
        asyncio.run(paint_apart(Commission("ocean", 256, 256, inputs=(b"?",))))
    assert asyncio.run(paint_apart(OCEAN)) == paint(OCEAN)
    assert _workers(os.getpid()) == before


def test_a_failure_of_the_painter_is_told_and_keeps_the_worker() -> None:
    """What is no ValueError comes back as RuntimeError with the worker's traceback."""
    broken = Commission(None, 256, 256)  # pyright: ignore[reportArgumentType]
    with pytest.raises(RuntimeError, match="Traceback"):
        asyncio.run(paint_apart(broken))
    assert asyncio.run(paint_apart(OCEAN)) == paint(OCEAN)


def test_an_idle_worker_that_was_killed_is_replaced() -> None:
    """Nobody notices a worker that died between two pictures."""
    asyncio.run(paint_apart(OCEAN))
    (first,) = _workers(os.getpid())
    os.kill(first, signal.SIGKILL)
    assert asyncio.run(paint_apart(OCEAN)) == paint(OCEAN)
    assert first not in _workers(os.getpid())


def test_a_worker_killed_while_it_paints_is_replaced_and_its_commission_painted_again() -> None:
    """The caller gets the picture all the same."""

    async def killed() -> bytes:
        task = asyncio.create_task(paint_apart(LARGE))
        while not (workers := _workers(os.getpid())):  # noqa: ASYNC110 - a process starting sets no event
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        os.kill(workers[0], signal.SIGKILL)
        return await task

    assert asyncio.run(killed()) == paint(LARGE)


def test_a_second_death_is_an_error() -> None:
    """A commission that kills its workers is not tried for ever."""

    async def hunted() -> bytes:
        task = asyncio.create_task(paint_apart(LARGE))
        seen: set[int] = set()
        while not task.done():
            for pid in set(_workers(os.getpid())) - seen:
                seen.add(pid)
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.005)
        assert len(seen) == 2
        return await task

    with pytest.raises(HandLost, match="died while it painted"):
        asyncio.run(hunted())
    assert asyncio.run(paint_apart(OCEAN)) == paint(OCEAN)


def test_a_canceled_caller_leaves_the_pool_as_it_was() -> None:
    """Others get their own pictures, and the same workers paint them."""

    async def canceled() -> bytes:
        await paint_apart(OCEAN)
        before = _workers(os.getpid())
        tasks = [asyncio.create_task(paint_apart(LARGE)) for _ in range(3)]
        await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        picture = await paint_apart(OCEAN)
        assert set(before) <= set(_workers(os.getpid()))
        return picture

    assert asyncio.run(canceled()) == paint(OCEAN)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_several_event_loops_share_the_pool(run: Callable[..., bytes]) -> None:
    """One loop after another, of either kind, is served by the same worker."""
    assert run(paint_apart(OCEAN)) == paint(OCEAN)
    workers = _workers(os.getpid())
    assert run(paint_apart(OCEAN)) == asyncio.run(paint_apart(OCEAN))
    assert _workers(os.getpid()) == workers


def test_there_are_never_more_workers_than_cpus_but_one() -> None:
    """Many commissions at once share max(1, cpus - 1) workers."""

    async def many() -> None:
        small = [Commission("a lake", 256, 256, seed=seed) for seed in range(6)]
        await asyncio.gather(*(paint_apart(one) for one in small))

    asyncio.run(many())
    assert 1 <= len(_workers(os.getpid())) <= max(1, (os.cpu_count() or 2) - 1)


def test_close_pool_ends_the_workers_and_the_next_picture_starts_new_ones() -> None:
    """Closing twice does no harm."""
    asyncio.run(paint_apart(OCEAN))
    gone = _workers(os.getpid())
    close_pool()
    close_pool()
    assert gone
    assert not any(_status(pid) for pid in gone)
    assert asyncio.run(paint_apart(OCEAN)) == paint(OCEAN)


def test_a_script_without_a_main_guard_paints_and_ends(tmp_path: Path) -> None:
    """Workers do not run the parent's main module, and end with it if nobody closed them."""
    command = _script(
        tmp_path,
        """
        import asyncio, os
        from safelight.sketch import Commission, paint_apart
        print("started", len(asyncio.run(paint_apart(Commission("ocean", 256, 256)))) > 999)
        """,
    )
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("started True\n", "")


@pytest.mark.parametrize("busy", [False, True])
def test_no_worker_outlives_a_killed_parent(tmp_path: Path, *, busy: bool) -> None:
    """Kill -9 of the parent ends its workers, idle or painting."""
    command = _script(
        tmp_path,
        f"""
        import asyncio, time
        from safelight.sketch import Commission, paint_apart
        async def main():
            await paint_apart(Commission("ocean", 256, 256))
            print("painted", flush=True)
            while {busy}:
                await paint_apart(Commission("a dragon over a castle in a storm", 2048, 2048))
            time.sleep(600)
        asyncio.run(main())
        """,
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"painted\n"
        workers = _workers(parent.pid)
        parent.kill()
    assert workers
    _until(lambda: not any(_status(pid) for pid in workers))


def test_what_a_worker_prints_does_not_fall_between_the_answers() -> None:
    """A worker's standard output is its error stream; its line to the parent is its own."""
    hand = Hand()
    try:
        assert hand.paint(OCEAN) == paint(OCEAN)
        ends = Path(f"/proc/{hand.pid}/fd")
        assert (ends / "1").readlink() == (ends / "2").readlink()
    finally:
        hand.dismiss()


def test_importing_the_pool_loads_no_painter() -> None:
    """The server's process pays for the painter only when it paints itself."""
    code = "import sys, safelight.sketch.pool; print({'numpy', 'PIL'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "set()"

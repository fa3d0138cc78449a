"""Engines that come and go on one HOME, while others look for dead ones."""

import threading
from pathlib import Path
from typing import Final

from safelight.presence import bury, dead, present, scratch

STARTS: Final = 500


def test_a_starting_engine_is_never_taken_for_a_dead_one(tmp_path: Path) -> None:
    """It would be buried alive: its leases released, its temporary files gone."""
    taken_for_dead: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            taken_for_dead.extend(dead(tmp_path))

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(STARTS):
        with present(tmp_path):
            pass
    over.set()
    looking.join()
    assert taken_for_dead == []


def test_a_living_engine_is_seen_and_a_leaving_one_leaves_nothing(tmp_path: Path) -> None:
    """Two may live on one HOME; neither finds the other dead."""
    with present(tmp_path) as one, present(tmp_path) as other:
        scratch(tmp_path, one).mkdir()
        assert one != other
        assert dead(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_dead_engine_is_found_until_it_is_buried(tmp_path: Path) -> None:
    """Its temporary files go with it."""
    with present(tmp_path) as name:
        lock = (tmp_path / f"{name}.lock").read_bytes()
    (tmp_path / f"{name}.lock").write_bytes(lock)
    scratch(tmp_path, name).mkdir()
    (scratch(tmp_path, name) / "half.png").touch()
    assert dead(tmp_path) == [name]
    bury(tmp_path, name)
    assert dead(tmp_path) == []
    assert list(tmp_path.iterdir()) == []

"""A HOME with a million ended predictions in it, made once and kept in build/."""

import hashlib
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

from safelight.blob import Blob, OutputFile
from safelight.ids import prediction_id
from safelight.prediction import Prediction
from safelight.stores.changes import Insert
from safelight.stores.migrating import migrate

COUNT: Final = 1_000_000
APART: Final = timedelta(seconds=31)
"""Between one prediction and the next: a million in a year."""
ACCOUNT: Final = "safelight"
"""Whose they are: the account of the first tokens."""
_MODEL: Final = "openai/gpt-image-2"
_WORDS: Final = (
    *("lighthouse", "storm", "harbour", "evening", "lantern", "copper", "meadow", "quiet"),
    *("glass", "winter", "orchard", "heron", "bridge", "velvet", "smoke", "river"),
    *("granite", "painter", "shadow", "kettle", "saffron", "balcony", "ferry", "thunder"),
)


def history(build: Path) -> Path:
    """The folder of the HOME; another schema, or another maker, makes another one."""
    folder = build / f"history-{_digest()}"
    if not folder.exists():
        for outdated in build.glob("history-*"):
            shutil.rmtree(outdated)
        making = folder.with_name("history-making")
        _make(making / "home")
        making.rename(folder)
    return folder


def _digest() -> str:
    schema = files("safelight.stores") / "migrations"
    scripts = sorted((entry.name, entry.read_bytes()) for entry in schema.iterdir())
    parts = [Path(__file__).read_bytes(), *(script for _, script in scripts)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _make(home: Path) -> None:
    home.mkdir(parents=True, mode=0o700)
    with closing(sqlite3.connect(home / "safelight.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        migrate(connection)
        connection.execute("BEGIN")
        for prediction in _predictions():
            Insert(prediction, None, None)(connection)
        connection.execute("COMMIT")


def _predictions() -> Iterator[Prediction]:
    chance = random.Random(1)  # noqa: S311 - the same rows each time
    first = datetime.now(UTC) - COUNT * APART
    return (_ended(chance, number, first + number * APART) for number in range(COUNT))


def _ended(chance: random.Random, number: int, now: datetime) -> Prediction:
    seconds = 4 + 20 * chance.random()
    prompt = " ".join(chance.choices(_WORDS, k=30))
    # Not in any order in life; in order here, so that the making takes half a minute.
    blob = Blob(key=f"{number:064x}", size=1_500_000)
    file = OutputFile(name="output.webp", media_type="image/webp", blob=blob)
    return (
        Prediction(
            id=prediction_id(chance.randbytes(23)),
            account=ACCOUNT,
            token="bootstrap",  # noqa: S106 - an id
            model=_MODEL,
            version="9ea921ca" * 8,
            hidden=True,
            input={
                "prompt": prompt,
                "quality": "auto",
                "background": "auto",
                "moderation": "auto",
                "aspect_ratio": "3:2",
                "output_format": "webp",
                "number_of_images": 1,
                "output_compression": 90,
            },
            created_at=now,
        )
        .start(now + timedelta(milliseconds=2))
        .log(
            f"Model: {_MODEL}\nGenerating image...\n"
            f"Generated image in {seconds:.1f}sec\nInput text token count: {len(prompt) // 4}\n"
            "Output token count: 1372\n"
        )
        .produce([{"$file": 0}], (file,))
        .measure({"image_count": 1})
        .succeed(now + timedelta(seconds=seconds))
    )


def main() -> None:
    """Make it, if need be, and say where it is."""
    print(history(Path("build")))


if __name__ == "__main__":
    main()

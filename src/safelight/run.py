"""One run in a worker's hands: what its model has reported so far."""

import asyncio
import errno
import logging
import mimetypes
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec

from safelight.blob import Blob, BlobStore, OutputFile
from safelight.errors import RunFailed, StoreUnavailable
from safelight.media import sniff
from safelight.prediction import FILE, Prediction
from safelight.runner import ProducedFile
from safelight.spooled import spooled_at
from safelight.store import Claimed
from safelight.vault import Vault

LONGEST_LOGS: Final = 2_000_000
"""Characters; what a model prints beyond is dropped, and the logs say so."""
TRY_AGAIN: Final = timedelta(seconds=1)
"""How soon what the storage refused is offered again."""
encode_json: Final = msgspec.json.Encoder().encode
_REDACTED: Final = "[REDACTED]"
_SHORTEST_SECRET: Final = 6
_PASSING: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""The machine has too much to do: what may be paid waits for it."""

T = TypeVar("T")
_log: Final = logging.getLogger("safelight.run")


async def insist(act: Callable[[], Awaitable[T]]) -> T:
    """Do *act*, again and again until the storage takes it: what may be paid waits in memory."""
    while True:
        try:
            return await act()
        except StoreUnavailable as error:
            _log.error("%s Trying again.", error)
            await asyncio.sleep(TRY_AGAIN.total_seconds())


class Stop(Enum):
    """Why a run was told to stop."""

    CANCELED = auto()
    """The caller's cancel is already stored."""
    LOST = auto()
    """The lease went to another worker."""
    DEADLINE = auto()
    TIME_LIMIT = auto()


class Run:
    """Implements `safelight.runner.Report` for one claimed prediction."""

    def __init__(self, claimed: Claimed, blobs: BlobStore) -> None:
        self.prediction = claimed.prediction
        self.claim = claimed.claim
        self.task: asyncio.Task[None] | None = None
        self.stopped_for: Stop | None = None
        self.is_ending = False
        """Its end is on the way to the store: too late to stop it."""
        self.is_unsaved = False
        """It has reported what the store has not been told yet."""
        self._blobs = blobs
        self._sealed = claimed.secrets
        self._secrets: dict[str, str] = {}
        self._hidden: list[str] = []
        self._logs: list[str] = []
        self._logged = 0
        self._metrics: dict[str, Any] = {}
        self._items: list[object] = []
        self._files: list[OutputFile] = []
        self._kept: dict[Path, dict[str, int]] = {}
        self._partials: list[OutputFile] = []
        self._previews_in_list = False

    @property
    def inputs(self) -> dict[str, Any]:
        """What the runner is given: the input with its secrets back in their places."""
        return self.prediction.input | self._secrets

    @property
    def is_canceled(self) -> bool:
        """Whether its task was told to stop; a model can also be canceled by what it waits for."""
        return self.task is not None and self.task.cancelling() > 0

    def unseal(self, vault: Vault) -> None:
        """Open its secret inputs.

        Raises:
            RunFailed: They cannot be opened.
        """
        if self._sealed is not None:
            self._secrets = vault.open(self._sealed, self.prediction.id)
            long_enough = (t for t in self._secrets.values() if len(t) >= _SHORTEST_SECRET)
            # Longest first: one secret may begin another.
            self._hidden = sorted(long_enough, key=len, reverse=True)

    def stop(self, reason: Stop) -> None:
        """Have it stop, unless it is ending by itself."""
        if not self.is_ending and self.stopped_for is None and self.task is not None:
            self.stopped_for = reason
            self.task.cancel()

    def log(self, text: str) -> None:
        """See `Report.log`."""
        room = LONGEST_LOGS - self._logged
        if room >= 0 and text:
            self._logged += len(text)
            self._logs.append(text if len(text) <= room else text[:room] + "\n[logs cut here]")
            self.is_unsaved = True

    def metric(self, name: str, value: object, mode: str = "replace") -> None:
        """See `Report.metric`."""
        combined = _combined(self._metrics.get(name), self._scrubbed(value), mode)
        try:
            encode_json(combined)
        except (TypeError, ValueError) as error:
            raise RunFailed(f"The metric {name} is not JSON: {error}.") from error
        self._metrics[name] = combined
        self.is_unsaved = True

    async def output(self, item: object) -> None:
        """See `Report.output`."""
        self._items.append(await insist(lambda: self._kept_files(item)))
        self.is_unsaved = True

    async def preview(self, path: Path, *, in_list: bool) -> None:
        """Take an unfinished picture, which is the output until there is another.

        Raises:
            StoreUnavailable: It could not be stored; nothing has changed.
        """
        media_type = await asyncio.to_thread(_media_type, path)
        blob = await self._take(path)
        name = f"partial-{len(self._partials) + 1}{path.suffix}"
        self._partials.append(OutputFile(name=name, media_type=media_type, blob=blob))
        self._previews_in_list = in_list
        self.is_unsaved = True

    async def finish(self, output: object) -> Prediction:
        """Everything reported; an output that came in parts is its parts."""
        whole = list(self._items) if self._items else await self._kept_files(output)
        current = self.current()
        return current.produce(whole, tuple(self._files))

    def current(self, *, is_last: bool = True) -> Prediction:
        """The prediction with everything reported so far.

        Before the last time, the end of the logs is kept back where it could be half a secret.
        """
        self.is_unsaved = False
        now = self.prediction
        text = self.scrub("".join(self._logs))
        keep = 0 if is_last or not self._hidden else len(self._hidden[0]) - 1
        shown = len(text) - min(keep, len(text))
        self._logs[:] = [text[shown:]]
        if shown:
            now = now.log(text[:shown])
        if self._metrics != now.metrics:
            now = now.measure(dict(self._metrics))
        if self._items:
            now = now.produce(list(self._items), tuple(self._files))
        elif self._partials:
            now = now.preview(tuple(self._partials), in_list=self._previews_in_list)
        self.prediction = now
        return now

    def scrub(self, text: str) -> str:
        """*text* without any secret of this run, and without halves of surrogate pairs."""
        for secret in self._hidden:
            text = text.replace(secret, _REDACTED)
        return text if text.isascii() else text.encode(errors="replace").decode()

    def _scrubbed(self, value: object) -> object:
        match value:
            case str():
                return self.scrub(value)
            case list() | tuple():
                return [self._scrubbed(item) for item in cast("list[object]", value)]
            case dict():
                fields = cast("dict[str, object]", value).items()
                return {name: self._scrubbed(item) for name, item in fields}
            case _:
                return value

    async def _kept_files(self, value: object) -> object:
        """*value* with each file in the blob store, and a reference in its place."""
        match value:
            case ProducedFile():
                return await self._keep(value.path)
            case list():
                items = cast("list[object]", value)
                return [await self._kept_files(item) for item in items]
            case dict():
                fields = cast("dict[str, object]", value).items()
                return {name: await self._kept_files(item) for name, item in fields}
            case str():
                return self.scrub(value)
            case _:
                return value

    async def _keep(self, path: Path) -> dict[str, int]:
        try:
            media_type = await asyncio.to_thread(_media_type, path)
        except FileNotFoundError:
            if path in self._kept:  # named twice, taken once
                return self._kept[path]
            raise
        except OSError as error:
            if error.errno in _PASSING:
                raise StoreUnavailable(f"{path.name} cannot be read: {error}.") from error
            raise
        blob = await self._take(path)
        name = _unique(path.name, [file.name for file in self._files])
        self._files.append(OutputFile(name=name, media_type=media_type, blob=blob))
        self._kept[path] = {FILE: len(self._files) - 1}
        return self._kept[path]

    async def _take(self, path: Path) -> Blob:
        came = spooled_at(path)
        known = None if came is None else Blob(key=came.sha256, size=came.size)
        return await self._blobs.take(path, known)


def _media_type(path: Path) -> str:
    with path.open("rb") as file:
        found = sniff(file.read(4096))
    return found or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _unique(name: str, taken: Iterable[str]) -> str:
    taken = set(taken)
    stem, suffix = Path(name).stem, Path(name).suffix
    candidates = (f"{stem}-{n}{suffix}" for n in range(1, len(taken) + 1))
    return name if name not in taken else next(c for c in candidates if c not in taken)


def _combined(old: Any, new: Any, mode: str) -> object:  # noqa: ANN401 - a metric is any JSON
    if mode == "incr":
        return new if old is None else old + new
    if mode == "append":
        return [new] if old is None else [*old, new]
    return new

"""JSON that is read while it comes, its long strings cut: a list may hold a gigabyte of inputs."""

import re
from typing import Final

_ENDS: Final = re.compile(rb'["\\]')


class Cutting:
    """Keeps so many bytes of each string; what is given in pieces is cut between characters."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._left: int | None = None
        """Bytes of the string that may still be kept; None outside of strings."""
        self._begun = b""
        """The beginning of an escape, the rest of which is in the next piece."""

    def __call__(self, piece: bytes) -> bytes:
        """What is kept of the next piece."""
        whole, self._begun = self._begun + piece, b""
        kept: list[bytes] = []
        at = 0
        while at < len(whole):
            at = self._outside(whole, at, kept) if self._left is None else self._in(whole, at, kept)
        return b"".join(kept)

    def _outside(self, whole: bytes, at: int, kept: list[bytes]) -> int:
        end = whole.find(b'"', at) + 1
        if end:
            self._left = self._longest
        kept.append(whole[at : end or len(whole)])
        return end or len(whole)

    def _in(self, whole: bytes, at: int, kept: list[bytes]) -> int:
        """The text up to an escape or to the end of the string, and that."""
        found = _ENDS.search(whole, at)
        end = found.start() if found else len(whole)
        self._keep(whole, at, end, kept)
        if found is None:
            return end
        if found[0] == b'"':
            self._left = None
            kept.append(b'"')
            return end + 1
        after = end + (6 if whole[end + 1 : end + 2] == b"u" else 2)
        if after > len(whole):
            self._begun = whole[end:]
        else:
            self._keep(whole, end, after, kept, is_one=True)
        return after

    def _keep(
        self, whole: bytes, at: int, end: int, kept: list[bytes], *, is_one: bool = False
    ) -> None:
        left, size = self._left or 0, end - at
        if size <= left:
            kept.append(whole[at:end])
        elif left and not is_one:
            kept.append(whole[at : at + left].decode(errors="ignore").encode())
        self._left = left - size if size <= left else 0

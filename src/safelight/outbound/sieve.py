"""Takes pictures out of JSON while it comes: its long base64 strings go to files."""

import re
from collections.abc import Callable, Collection
from typing import Final

import msgspec

from safelight.outbound.spool import SMALL, Spool
from safelight.spooled import Content

_CONTEXT: Final = 256
"""Bytes looked at again when more comes: a name, and the white space before its string."""
_PREFIX: Final = re.compile(rb"\s*(?:data:[^,]{0,200}?;base64,)?", re.IGNORECASE)
_HALF_ESCAPE: Final = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?$")
_ESCAPE: Final = re.compile(rb"\\(?:u00([0-7][0-9a-fA-F])|([/nrtf]))")
_MEANT: Final = {b"/": b"/"}
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_WHITE: Final = b" \t\r\n\f\v"


class Sieve:
    """Text comes out as it went in, but for base64 strings of some length under certain names.

    In the place of such a string is the number of its content in `found`. A string that begins as
    base64 and does not go on so leaves behind what is no JSON.

    No JSON is parsed: in valid JSON, a quoted name that is followed by a colon is nothing else.
    """

    def __init__(self, names: Collection[str]) -> None:
        either = b"|".join(re.escape(name.encode()) for name in names)
        self._start = re.compile(rb'(?<!\\)"(?:%b)"\s*:\s*"' % either)
        self.found: list[Content] = []
        """What the numbers stand for, each after `flush`."""
        self._context = b""
        self._held: bytearray | None = None
        self._value: Base64 | None = None
        self._spools: list[Spool] = []

    @property
    def pending(self) -> int:
        """Bytes that wait for `flush`."""
        return sum(spool.pending for spool in self._spools)

    @property
    def has_found(self) -> bool:
        """Whether something has come whole, and waits for `flush`."""
        return len(self._spools) > (self._value is not None)

    def feed(self, piece: bytes) -> bytes:
        """Take more, and give what of it is text."""
        text: list[bytes] = []
        while piece:
            if self._value is not None:
                piece = self._take(self._value, piece, text)
            elif self._held is not None:
                piece = self._hold(self._held, piece, text)
            else:
                piece = self._pass(piece, text)
        return b"".join(text)

    def end(self) -> bytes:
        """Give what was held back; a string without an end leaves behind what is no JSON."""
        if self._value is not None:
            self._spoil()
            return b"!"
        held, self._held = self._held, None
        return b"" if held is None else b'"' + held

    def flush(self) -> None:
        """Write to the disk what waits for that; this may block."""
        for spool in self._spools:
            spool.flush()
        whole = len(self._spools) - (self._value is not None)
        self.found += [spool.content() for spool in self._spools[:whole]]
        del self._spools[:whole]

    def drop(self) -> None:
        """Let go of everything: an error that is kept would keep its files, too."""
        self._value = None
        self._spools.clear()
        self.found.clear()

    def _pass(self, piece: bytes, text: list[bytes]) -> bytes:
        seen = self._context + piece
        start = self._start.search(seen)
        if start is None:
            text.append(piece)
            self._context = seen[-_CONTEXT:]
            return b""
        at = start.end() - len(self._context)
        text.append(piece[: at - 1])  # without the quote, which goes with its string
        self._held = bytearray()
        return piece[at:]

    def _hold(self, held: bytearray, piece: bytes, text: list[bytes]) -> bytes:
        """Keep the beginning of a string until it is known what it is."""
        end = piece.find(b'"')
        held += piece if end < 0 else piece[:end]
        if len(held) <= SMALL and end < 0:
            return b""
        self._held = None
        if len(held) > SMALL and self._begin(bytes(held)):
            text.append(b"%d" % (len(self.found) + len(self._spools) - 1))
        else:
            text.append(b'"' + held)
            self._context = bytes(held[-1:])
        return piece[end:] if end >= 0 else b""

    def _begin(self, beginning: bytes) -> bool:
        """Read the string as base64 if it is some so far."""
        prefix = _PREFIX.match(beginning)
        spool = Spool()
        value = Base64(spool.write)
        if not value.write(beginning[prefix.end() if prefix else 0 :]):
            return False
        self._value = value
        self._spools.append(spool)
        return True

    def _take(self, value: "Base64", piece: bytes, text: list[bytes]) -> bytes:
        end = piece.find(b'"')
        is_sound = value.write(piece if end < 0 else piece[:end])
        if end >= 0 and is_sound:
            is_sound = value.end()
        if not is_sound:
            self._spoil()
            text.append(b"!")
        if end >= 0 or not is_sound:
            self._value, self._context = None, b""
        return piece[end + 1 :] if end >= 0 else b""

    def _spoil(self) -> None:
        """Let go of a string that cannot be read; its number stays its own."""
        self._value = None
        self._spools[-1] = Spool()


class Base64:
    """Base64 in a JSON string that comes in pieces, cut anywhere.

    Either alphabet, with or without padding, with white space; escaped as JSON may.
    """

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self._sink = sink
        self._rest: bytes = b""
        self._is_over = False
        """There was padding."""

    def write(self, text: bytes) -> bool:
        """Decode what comes next; False when it is not base64."""
        left = (len(self._rest) + len(text)) & 3
        whole = len(text) - left
        if whole >= 0 and self._decode(self._rest, memoryview(text)[:whole]):
            self._rest = text[whole:]
            return True
        text = self._rest + text
        half = _HALF_ESCAPE.search(text)
        cut = half.start() if half else len(text)
        text, escape = _cleaned(text[:cut]), text[cut:]
        whole = len(text) & ~3
        self._rest = text[whole:] + escape
        return self._decode(text[:whole])

    def end(self) -> bool:
        """Decode the last of it; False when something is missing."""
        rest = _cleaned(self._rest).rstrip(b"=")
        return len(rest) != 1 and self._decode(rest + b"=" * (-len(rest) % 4))

    def _decode(self, text: bytes, more: memoryview | bytes = b"") -> bool:
        if not text and not more:
            return True
        if self._is_over:
            return False
        try:
            # Five times as fast as binascii, which looks at each digit by itself.
            content = msgspec.convert(str(text, "ascii") + str(more, "ascii"), bytes)
        except (msgspec.ValidationError, UnicodeDecodeError):
            return False
        self._is_over = len(content) % 3 != 0
        self._sink(content)
        return True


def _cleaned(text: bytes) -> bytes:
    """Without escapes and white space, in the usual alphabet."""
    if b"\\" in text:
        text = text.replace(b"\\/", b"/").replace(b"\\n", b"").replace(b"\\r", b"")
        text = _ESCAPE.sub(_unescaped, text)
    return text.translate(_URL_SAFE, _WHITE)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code, letter = escape.groups()
    return bytes([int(code, 16)]) if code else _MEANT.get(letter, b" ")

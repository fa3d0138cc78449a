"""How a line of the server's log looks: text for people, or JSON for machines."""

import logging
from datetime import UTC, datetime
from textwrap import indent
from typing import Any, Final

import msgspec

from safelight.correlation import PREDICTION, REQUEST

FORMATS: Final = ("text", "json")
_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s%(marks)s"
_CONTROLS: Final = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
}
_CONTROLS_BUT_LINES: Final = {code: text for code, text in _CONTROLS.items() if code != 0x0A}
_encode: Final = msgspec.json.Encoder().encode


class Marks(logging.Filter):
    """Adds to each record what it is about; for a handler, which sees those of all loggers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mark the record, and let it pass."""
        record.request_id = REQUEST.get()
        record.prediction = PREDICTION.get()
        marks = [mark for mark in (REQUEST.get(), PREDICTION.get()) if mark]
        record.marks = f" [{' '.join(marks)}]" if marks else ""
        return True


class TextLines(logging.Formatter):
    """Time, level, logger, message, and in brackets the request and the prediction."""

    def __init__(self) -> None:
        super().__init__(_TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - of the library
        """The line, without its exception; whatever is in the message, it stays one line."""
        record.message = record.message.translate(_CONTROLS)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - of the library
        """The exception, set in: none of its lines can pass for one of the log."""
        return indent(super().formatException(ei).translate(_CONTROLS_BUT_LINES), "  ")


class JsonLines(logging.Formatter):
    """One object a line; what a record does not have is left out."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        marks = {
            "request_id": getattr(record, "request_id", ""),
            "prediction": getattr(record, "prediction", ""),
            "exception": self.formatException(record.exc_info) if record.exc_info else "",
        }
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        } | {name: text for name, text in marks.items() if text}
        return _encode({name: _sound(text) for name, text in line.items()}).decode()


def log_handler(form: str) -> logging.Handler:
    """Writes lines of that form, one of FORMATS, to stderr."""
    handler = logging.StreamHandler()
    handler.addFilter(Marks())
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    return handler


def _sound(text: str) -> str:
    """*text* without halves of surrogate pairs, which are no JSON."""
    return text if text.isascii() else text.encode(errors="replace").decode()

"""Spans of what takes time, for whoever has plugged a tracer in; nothing, and nearly free, else."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

Value = str | int | float | bool


class Naming(Protocol):
    """Gives a span the name and the attributes that are only known later."""

    def __call__(self, name: str | None = None, **attributes: Value) -> None:
        """Set them."""
        ...


Span = AbstractContextManager[Naming]
Tracer = Callable[[str, str, dict[str, Value]], Span]
"""Starts a span: its name, its parent's `traceparent` or nothing, its attributes.

An exception that leaves it is recorded on it.
"""


def _name_nothing(name: str | None = None, **attributes: Value) -> None:
    """Nobody listens to the *name* or the *attributes*."""


_NO_SPAN: Final[Span] = nullcontext(_name_nothing)


class _Plug:
    tracer: Tracer | None = None


def plug_in(tracer: Tracer | None) -> None:
    """Have every span of this process made by *tracer*; None ends that."""
    _Plug.tracer = tracer


def is_plugged_in() -> bool:
    """Whether anybody gets what `span` makes."""
    return _Plug.tracer is not None


def span(name: str, parent: Callable[[], bytes | None] | None = None, **attributes: Value) -> Span:
    """What happens within the context, as one span.

    *parent* gives the `traceparent` of the span that it belongs to, when that is not ours.
    """
    if _Plug.tracer is None:
        return _NO_SPAN
    traceparent = (parent and parent()) or b""
    return _Plug.tracer(name, traceparent.decode("latin-1"), attributes)

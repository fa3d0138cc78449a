"""Which request, and which prediction, the code at hand works for: every log line says it."""

import re
from contextvars import ContextVar
from typing import Final

REQUEST: Final[ContextVar[str]] = ContextVar("safelight_request", default="")
"""The id of the request at hand; empty outside of one."""
PREDICTION: Final[ContextVar[str]] = ContextVar("safelight_prediction", default="")
"""The id of the prediction at hand; empty where there is none."""
_SAFE: Final = re.compile(r"[A-Za-z0-9._:=-]{1,64}")


def request_id(given: bytes | None, bits: int) -> str:
    """The caller's own id if it is 1 to 64 safe characters, else one made of 96 random *bits*."""
    if given is not None and _SAFE.fullmatch(text := given.decode("latin-1")):
        return text
    return f"req_{bits:024x}"

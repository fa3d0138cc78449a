"""Which models their providers have shut down, and what is said when something else answers."""

from datetime import date
from typing import NamedTuple

REHEARSED = "test"
"""What a rehearsal gives as the upstream: it stands in for every model and is no substitute."""


class Retirement(NamedTuple):
    """Who shut a model down, and when."""

    provider: str
    on: date


RETIRED = {
    "openai/gpt-image-1": Retirement("OpenAI", date(2026, 10, 23)),
    "google/imagen-4-fast": Retirement("Google", date(2026, 8, 17)),
}


def substitution(full_name: str, own: frozenset[str], answered: str) -> str | None:
    """The log line that says who answered for `full_name`; None when that was the model itself.

    `own` and `answered` are written `provider:model`.
    """
    if answered == REHEARSED or answered in own:
        return None
    retirement = RETIRED.get(full_name)
    if retirement is None:
        return f"{full_name}: {answered} answered."
    who, when = retirement
    return f"{full_name}: {who} shut this model down on {when.isoformat()}; {answered} answered."

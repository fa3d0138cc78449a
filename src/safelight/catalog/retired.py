"""What is said when something else answers for a model."""

from safelight.route import RETIREMENTS

REHEARSED = "test"
"""What a rehearsal gives as the upstream: it stands in for every model and is no substitute."""


def substitution(full_name: str, own: frozenset[str], answered: str) -> str | None:
    """The log line that says who answered for `full_name`; None when that was the model itself.

    `own` and `answered` are written `provider:model`.
    """
    if answered == REHEARSED or answered in own:
        return None
    retirements = [RETIREMENTS[name] for name in own if name in RETIREMENTS]
    if not retirements:
        return f"{full_name}: {answered} answered."
    last = max(retirements, key=lambda retirement: retirement.on)
    shut = f"{last.by} shut this model down on {last.on.isoformat()}"
    return f"{full_name}: {shut}; {answered} answered."

"""A provider key as a caller gave it, told from what only stands in its place."""

import cog

from safelight.schema import REDACTED


def given_key(secret: cog.Secret | None) -> str | None:
    """The caller's own key; None, and so the server's, for blanks, `[REDACTED]` and `<your key>`.

    Replicate's own snippets carry such placeholders in a required field.
    """
    key = ((secret.get_secret_value() if secret else None) or "").strip()
    is_placeholder = key in {"", REDACTED} or (key.startswith("<") and key.endswith(">"))
    return None if is_placeholder else key

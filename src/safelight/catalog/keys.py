"""A provider key as a caller gave it, told from what only stands in its place."""

import cog

from safelight.schema import is_placeholder


def given_key(secret: cog.Secret | None) -> str | None:
    """The caller's own key; None, and so the server's, for what only stands in its place."""
    key = ((secret.get_secret_value() if secret else None) or "").strip()
    return None if is_placeholder(key) else key

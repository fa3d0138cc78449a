"""Reads what a picture holds, wherever it lies."""

from safelight.upstream import Picture


def content_of(picture: Picture) -> bytes:
    """Its bytes, from memory or from their file."""
    content = picture.content
    return content if isinstance(content, bytes) else content.path.read_bytes()

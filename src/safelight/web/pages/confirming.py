"""Asking once more before something is gone, for those without JavaScript."""

from collections.abc import Sequence

from starlette.responses import Response

from safelight.web.visitor import Visitor


def confirm(  # noqa: PLR0913 - what is asked, each by name
    visitor: Visitor,
    *,
    title: str,
    text: str,
    verb: str,
    back: str,
    fields: Sequence[tuple[str, str]] = (),
) -> Response:
    """A page that posts to the same address once more, with *fields* and with `sure`."""
    return visitor.page("confirm.html", title=title, text=text, verb=verb, back=back, fields=fields)

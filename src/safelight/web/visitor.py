"""One request for a page: who asks, and how it is answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from safelight.web.caller import Caller
from safelight.web.rendering import Rendering
from safelight.web.sessions import Session, Sessions

_NOBODY: Final = ""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody who has signed in, and what a page needs to answer them."""

    request: Request
    session: Session
    api: Caller
    rendering: Rendering
    sessions: Sessions
    form: FormData
    """What was posted; empty for a page that is only looked at."""

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address; of one that is there twice, the last."""
        return dict(self.request.query_params)

    @property
    def path(self) -> dict[str, str]:
        """The parameters in the path."""
        return self.request.path_params

    def field(self, name: str) -> str:
        """A text that was posted, or nothing."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else _NOBODY

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - whatever the template shows
        """Render a page."""
        return self.rendering.page(template, self.request, self.session, status, values)

    def to(self, path: str) -> Response:
        """Send the browser elsewhere on this server; after a post it gets that page."""
        return RedirectResponse(here(path), 303)


Shows = Callable[[Visitor], Awaitable[Response]]


@dataclass(frozen=True)
class Page:
    """A row of the table of all pages: `GET` shows, `POST` changes and is guarded."""

    method: str
    path: str
    shows: Shows
    runs: bool = False
    """Whether it may cost money: what is posted has to say in which mode."""


def here(address: str) -> str:
    """An address on this server, without its origin; another server's is none of ours."""
    try:
        parts = urlsplit(address)
    except ValueError:  # such as `//[`
        return "/"
    if not parts.path.startswith("/") or parts.path.startswith("//") or "\\" in address:
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def enter(request: Request) -> Response:
    """Send somebody who has not signed in to where one does, and then back."""
    wanted = here(str(request.url)) if request.method == "GET" else "/"
    return RedirectResponse("/enter" + (f"?next={quote(wanted)}" if wanted != "/" else ""), 303)

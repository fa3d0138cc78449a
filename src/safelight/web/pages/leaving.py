"""Signing out, and switching between live and test, light and dark."""

from datetime import timedelta
from typing import Final

from starlette.responses import Response

from safelight.account import Mode
from safelight.web.visitor import Page, Visitor

_YEAR: Final = timedelta(days=365)


async def leave(visitor: Visitor) -> Response:
    """`POST /leave`."""
    response = visitor.to("/enter")
    visitor.sessions.end(visitor.request, response)
    return response


async def switch(visitor: Visitor) -> Response:
    """`POST /mode`: what new predictions run on from now on; back to where it was asked for."""
    response = visitor.to(visitor.field("back") or "/")
    to = visitor.field("to")
    if to in list(Mode):
        session = visitor.session.switched(Mode(to))
        visitor.sessions.write(session, visitor.request, response)
    return response


async def theme(visitor: Visitor) -> Response:
    """`POST /theme`: light, dark, or whatever the system has."""
    response = visitor.to(visitor.field("back") or "/")
    wanted = visitor.field("to")
    if wanted in ("light", "dark"):
        age = int(_YEAR.total_seconds())
        response.set_cookie("safelight-theme", wanted, max_age=age, samesite="lax", httponly=True)
    else:
        response.delete_cookie("safelight-theme")
    return response


PAGES: Final = (
    Page("POST", "/leave", leave),
    Page("POST", "/mode", switch),
    Page("POST", "/theme", theme),
)

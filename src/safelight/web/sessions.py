"""Who is signed in: tokens sealed in a cookie that no script can read."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from safelight.account import Mode, token_mode
from safelight.errors import RunFailed
from safelight.vault import Vault

LASTS: Final = timedelta(days=30)
_SEALED_FOR: Final = "session"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A browser that has signed in, with one token or with one for each mode."""

    username: str
    live: str | None = None
    test: str | None = None
    mode: Mode
    """What new predictions run on; its token is there."""
    csrf: str
    """Has to come with whatever changes something."""
    until: datetime

    @property
    def token(self) -> str:
        """The token of the mode that is on."""
        return self.token_of(self.mode) or ""

    @property
    def has_both(self) -> bool:
        """Whether there is something to switch."""
        return self.live is not None and self.test is not None

    def token_of(self, mode: Mode) -> str | None:
        """The token of a mode, if it was signed in with one."""
        return self.live if mode is Mode.LIVE else self.test

    def switched(self, mode: Mode) -> "Session":
        """The same in the other mode; unchanged without a token for it."""
        there = self.token_of(mode) is not None
        return msgspec.structs.replace(self, mode=mode) if there else self

    def with_token(self, token: str) -> "Session":
        """With one more token of the same account, in its mode."""
        mode = token_mode(token)
        return msgspec.structs.replace(self, **{mode.value: token}, mode=mode)

    def may_post(self, given: str | None) -> bool:
        """Whether a form or a script was given by a page of this session."""
        return hmac.compare_digest((given or "").encode(), self.csrf.encode())


class Sessions:
    """Reads and writes the cookie; nothing is kept here: revoking a token ends its sessions."""

    def __init__(self, vault: Vault, public_url: str | None = None) -> None:
        self._vault = vault
        self._public = urlsplit(public_url or "")

    def begin(self, username: str, live: str | None, test: str | None) -> Session:
        """A new session, in test mode if it can be."""
        return Session(
            username=username,
            live=live,
            test=test,
            mode=Mode.LIVE if test is None else Mode.TEST,
            csrf=secrets.token_urlsafe(24),
            until=datetime.now(UTC) + LASTS,
        )

    def read(self, request: Request) -> Session | None:
        """The session that a request belongs to, unless it is over."""
        cookie = request.cookies.get(self._cookie(request))
        if not cookie:
            return None
        try:
            sealed = urlsafe_b64decode(cookie.encode())
            session = _opened(self._vault.open(sealed, _SEALED_FOR))
        except (RunFailed, NotBase64, UnicodeEncodeError, ValueError, msgspec.ValidationError):
            return None
        return session if session.until > datetime.now(UTC) else None

    def write(self, session: Session, request: Request, response: Response) -> None:
        """Have the browser keep it."""
        told = {name: text for name, text in msgspec.to_builtins(session).items() if text}
        sealed = urlsafe_b64encode(self._vault.seal(told, _SEALED_FOR)).decode()
        response.set_cookie(
            self._cookie(request),
            sealed,
            max_age=int((session.until - datetime.now(UTC)).total_seconds()),
            path="/",
            secure=self._is_secure(request),
            httponly=True,
            samesite="lax",
        )

    def end(self, request: Request, response: Response) -> None:
        """Have the browser forget it."""
        name, is_secure = self._cookie(request), self._is_secure(request)
        response.delete_cookie(name, secure=is_secure, httponly=True, samesite="lax")

    def _cookie(self, request: Request) -> str:
        """Cookies know no ports: servers on one machine would sign each other out."""
        if self._is_secure(request):
            return f"__Host-safelight-{request.url.port or 443}"
        return f"safelight-{request.url.port or 80}"

    def _is_secure(self, request: Request) -> bool:
        """Whether the browser speaks HTTPS, with us or with the proxy before us."""
        if request.url.scheme == "https":
            return True
        if self._public.scheme != "https":
            return False
        is_public = request.headers.get("host") == self._public.netloc
        return is_public or request.headers.get("x-forwarded-proto") == "https"


def is_from_elsewhere(request: Request) -> bool:
    """Whether a page of another site asks, by what the browser says: no page can change that.

    Browsers that are old, or that speak plain HTTP over a network, tell the origin alone.
    """
    told = request.headers.get("sec-fetch-site")
    if told is not None:
        return told not in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False
    ours = (request.headers.get("host"), request.headers.get("x-forwarded-host"))
    return urlsplit(origin).netloc not in ours


def _opened(told: dict[str, str]) -> Session:
    return msgspec.convert(told, Session, strict=False)

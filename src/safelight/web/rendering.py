"""Templates, and the files that they load."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from safelight.web import shown
from safelight.web.sessions import Session

_HERE: Final = Path(__file__).parent
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_THEMES: Final = frozenset({"light", "dark"})


@dataclass(frozen=True)
class Asset:
    """A file that pages load, whole and compressed."""

    content: bytes
    media_type: str

    @cached_property
    def compressed(self) -> bytes:
        """With gzip."""
        return gzip.compress(self.content, mtime=0)


class Rendering:
    """Renders pages; every text is escaped unless a template says that it is markup."""

    def __init__(self) -> None:
        self.assets = _assets()
        content = b"".join(asset.content for asset in self.assets.values())
        self.edition = hashlib.sha256(content).hexdigest()[:12]
        """Changes with any of the files, so that browsers may keep each for ever."""
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._templates.filters.update(shown.FILTERS)

    def page(
        self,
        template: str,
        request: Request,
        session: Session | None,
        status: int,
        values: Mapping[str, Any],
    ) -> Response:
        """Render a page for whoever asks; without a session there is no menu."""
        theme = request.cookies.get("safelight-theme")
        common = {
            "session": session,
            "theme": theme if theme in _THEMES else None,
            "here": request.url.path,
            "came_by": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "static": self._static,
        }
        text = self._templates.get_template(template).render({**common, **values})
        return HTMLResponse(text, status, {"cache-control": "private, no-store"})

    def _static(self, name: str) -> str:
        if name not in self.assets:
            raise LookupError(name)
        return f"/-/{self.edition}/{name}"


def _assets() -> Mapping[str, Asset]:
    files = sorted(path for path in (_HERE / "static").iterdir() if path.suffix in _TYPES)
    return {path.name: Asset(path.read_bytes(), _TYPES[path.suffix]) for path in files}

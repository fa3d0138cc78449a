"""JigsawStack's image generation API as it behaves, and the store that its addresses lead to."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from tests.standins.pictures import SVG, paint
from tests.standins.server import Seen, StandIn

KEY = "sk_41b7e0c2d9f853a6_live_7Qx"
_STATUSES = {"forbidden": 403, "rate": 429, "broken": 500, "bad": 400}


@dataclass
class JigsawStackStandIn(StandIn):
    """`POST /v1/ai/image_generation`, also behind a double slash.

    Answers in the kind asked for, or in the one that `answer_as` says: url, base64 or binary.
    """

    answer_as: str | None = None
    stored: str = "/stored/picture.png?signature=1"

    def answer(self, seen: Seen, directive: str) -> web.StreamResponse:
        """Answer as the API does."""
        if seen.path.startswith("/stored/"):
            return web.Response(body=paint(), content_type="image/png")
        return _refused(seen, directive) or self._paint(json.loads(seen.body))

    def _paint(self, body: dict[str, Any]) -> web.Response:
        self.paid += 1
        content = SVG if body["output_format"] == "svg" else paint((96, 54))
        kind = self.answer_as or body.get("return_type", "url")
        if kind == "binary":
            return web.Response(body=content, content_type="image/png")
        url = base64.b64encode(content).decode() if kind == "base64" else self.origin + self.stored
        usage = {"input_tokens": 18, "output_tokens": 77, "inference_time_tokens": 2030}
        return web.json_response({"success": True, "url": url, "_usage": usage})


def _refused(seen: Seen, directive: str) -> web.Response | None:
    if seen.path.replace("//", "/") != "/v1/ai/image_generation":
        return _error(404, "Not found")
    if seen.headers.get("x-api-key") != KEY:
        return _error(401, f"Invalid API key {seen.headers.get('x-api-key')}")
    if directive == "broken-text":
        return web.Response(status=500, text="upstream connect error")
    if directive in _STATUSES:
        return _error(_STATUSES[directive], f"It is {directive} for {KEY[3:12]}.")
    return None


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"success": False, "message": message}, status=status)

"""JigsawStack's image generation API as it behaves, and the store that its addresses lead to."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from tests.standins.pictures import SVG, paint
from tests.standins.server import Seen, StandIn

KEY = "sk_41b7e0c2d9f853a6_live_7Qx"
_STATUSES = {
    "bad": 400,
    "no-credit": 402,
    "forbidden": 403,
    "gone": 404,
    "wrong-method": 405,
    "rate": 429,
    "broken": 500,
    "away": 503,
}
RESETS_IN = 40
"""Seconds until the limit starts anew, as the answers tell."""
_FIELDS = frozenset(
    {
        "prompt",
        "aspect_ratio",
        "width",
        "height",
        "steps",
        "output_format",
        "advance_config",
        "url",
        "file_store_key",
        "return_type",
    }
)


@dataclass
class JigsawStackStandIn(StandIn):
    """`POST /v1/ai/image_generation`, also behind a double slash.

    Answers in the kind asked for, or in the one that `answer_as` says: url, base64, data-uri, text
    (an SVG as it is) or binary. Words: a status of the table, `!broken-text`, `!says-error`,
    `!odd-error`, `!no-success`, `!no-url`, `!odd-usage`, `!last` (the allowance is then used up).
    """

    answer_as: str | None = None
    resets_in: float = RESETS_IN
    stored: str = "/stored/picture.png?signature=1"

    def answer(self, seen: Seen, directive: str) -> web.StreamResponse:
        """Answer as the API does."""
        if seen.path.startswith("/stored/"):
            return web.Response(body=paint(), content_type="image/png")
        refused = _refused(seen, directive)
        if refused is None:
            return self._paint(json.loads(seen.body), directive)
        if refused.content_type == "application/json":
            refused.headers.update(_limits(self.resets_in, used_up=refused.status == 429))
        return refused

    def _paint(self, body: dict[str, Any], directive: str) -> web.Response:
        self.paid += 1
        is_svg = body.get("output_format") == "svg"
        content = SVG if is_svg else paint((96, 54))
        kind = self.answer_as or body.get("return_type", "url")
        if kind == "binary":
            media_type = "image/svg+xml" if is_svg else "image/png"
            return web.Response(body=content, content_type=media_type)
        encoded = base64.b64encode(content).decode()
        urls = {
            "base64": encoded,
            "data-uri": f"data:image/png;base64,{encoded}",
            "text": content.decode("latin-1"),
        }
        answer: dict[str, Any] = {"success": True, "url": urls.get(kind, self.origin + self.stored)}
        if directive == "no-url":
            del answer["url"]
        answer["_usage"] = {
            "input_tokens": "18" if directive == "odd-usage" else 18,
            "output_tokens": 77,
            "inference_time_tokens": 2030,
            "total_tokens": 2125,
        }
        limits = _limits(self.resets_in, used_up=directive == "last")
        return web.json_response(answer, headers=limits)


def _refused(seen: Seen, directive: str) -> web.Response | None:
    if seen.path.replace("//", "/") != "/v1/ai/image_generation":
        return _error(404, "Not found")
    if seen.headers.get("x-api-key") != KEY:
        return _error(401, f"Invalid API key {seen.headers.get('x-api-key')}")
    if directive in _STATUSES:
        return _error(_STATUSES[directive], f"It is {directive} for {KEY[3:12]}.")
    return _odd(directive) or _unknown(seen)


def _odd(directive: str) -> web.Response | None:
    """Answer with a failure in another form than the usual one."""
    if directive == "broken-text":
        return web.Response(status=500, text="upstream connect error")
    if directive == "no-success":
        return web.json_response({"success": False, "message": f"No luck with {KEY}."})
    if directive == "says-error":
        return web.json_response({"success": False, "error": "It is no prompt."}, status=400)
    if directive == "odd-error":
        body = {"success": False, "message": "No such ratio.", "error": {"code": 7}}
        return web.json_response(body, status=400)
    return None


def _unknown(seen: Seen) -> web.Response | None:
    unknown = json.loads(seen.body).keys() - _FIELDS
    return _error(400, f"Unknown fields: {sorted(unknown)}") if unknown else None


def _error(status: int, message: str) -> web.Response:
    body = {"success": False, "message": message}
    return web.json_response(body, status=status)


def _limits(resets_in: float, *, used_up: bool) -> dict[str, str]:
    return {
        "x-jigsaw-rate-limit-limit": "50",
        "x-jigsaw-rate-limit-remaining": "0" if used_up else "49",
        "x-jigsaw-rate-limit-reset": str(int((time.time() + resets_in) * 1000)),
    }

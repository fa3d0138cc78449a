"""One prediction: its page, the part of it that changes, and running it again."""

from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import unquote

import msgspec
from starlette.responses import Response

from safelight.web.caller import Caller, Refused
from safelight.web.listed import OVER, output_path
from safelight.web.shown import shortened
from safelight.web.visitor import Page, Visitor

Json = dict[str, Any]
REDACTED: Final = "[REDACTED]"
_LOGS: Final = 200_000
"""Characters of the end of the logs that a page shows."""
_TITLE: Final = 1_000
"""Bytes of a text that names another run."""


class Moment(msgspec.Struct, frozen=True):
    """A move in the life of a prediction."""

    name: str
    at: str
    seconds: float | None
    """Since the one before."""


async def prediction(visitor: Visitor) -> Response:
    """`GET /p/{id}`."""
    raw = await visitor.api.get(_api(visitor))
    run = await with_facts(visitor.api, raw)
    return visitor.page(
        "prediction.html",
        run=run | {"input": shortened(run["input"])},
        raw=shortened(raw),
        moments=moments(run),
        deliveries=await _deliveries(visitor.api, run["id"]),
        others=await _others(visitor.api, run),
        has_secrets=REDACTED in run["input"].values(),
    )


async def part(visitor: Visitor) -> Response:
    """`GET /p/{id}/part`: what changes while it runs, for the page that follows it."""
    return visitor.page("parts/run.html", run=await _run(visitor))


async def cancel(visitor: Visitor) -> Response:
    """`POST /p/{id}/cancel`: without JavaScript."""
    await visitor.api.post(f"{_api(visitor)}/cancel")
    return visitor.to(f"/p/{visitor.path['id']}")


async def again(visitor: Visitor) -> Response:
    """`POST /p/{id}/again`: the same input once more; one with secrets goes to the form first."""
    run = await visitor.api.get(_api(visitor))
    if REDACTED in run["input"].values():
        return visitor.to(f"/{run['model']}?prediction={run['id']}")
    made = await visitor.api.post(*create(run, visitor.session.username))
    return visitor.to(f"/p/{made['id']}")


async def delete(visitor: Visitor) -> Response:
    """`POST /p/{id}/delete`: with its files, for good."""
    answer = await visitor.api.call("DELETE", _api(visitor))
    if answer.status >= 400:
        answer.json()
    return visitor.to("/predictions")


def create(run: Json, owner: str) -> tuple[str, Json]:
    """Where a prediction is made again, and the body; *owner* has the deployment."""
    if deployment := run.get("deployment"):
        return f"/v1/deployments/{owner}/{deployment}/predictions", {"input": run["input"]}
    if run["version"] == "hidden":
        return f"/v1/models/{run['model']}/predictions", {"input": run["input"]}
    return "/v1/predictions", {"version": run["version"], "input": run["input"]}


def moments(run: Json) -> list[Moment]:
    """The moves that it has made, each with the time since the one before."""
    ends = run["status"] if run["status"] in OVER else "completed"
    named = (("created", "created_at"), ("processing", "started_at"), (ends, "completed_at"))
    found: list[Moment] = []
    for name, key in named:
        at: str | None = run.get(key)
        if at is not None:
            since = None if not found else _between(found[-1].at, at)
            found.append(Moment(name, at, since))
    return found


async def with_facts(api: Caller, run: Json) -> Json:
    """A prediction with what a page shows of it besides: its files, their types and sizes."""
    output: Any = run["output"]
    items = cast("list[Any]", output) if isinstance(output, list) else [output]
    files = [await _file(api, item, there) for item in items if (there := output_path(item))]
    logs: str = run["logs"] or ""
    return run | {
        "files": files,
        "told": [shortened(i) for i in items if i is not None and not output_path(i)],
        "is_over": run["status"] in OVER,
        "logs_end": logs[-_LOGS:],
        "logs_cut": max(0, len(logs) - _LOGS),
        "is_test": bool(run.get("test")),
    }


async def _run(visitor: Visitor) -> Json:
    return await with_facts(visitor.api, await visitor.api.get(_api(visitor)))


async def _deliveries(api: Caller, prediction_id: str) -> list[Json] | None:
    """What was sent of it to its webhook, with every attempt; None for a token that may not see."""
    try:
        page = await api.get("/v1/webhooks/deliveries", {"prediction": prediction_id})
    except Refused:
        return None
    found: list[Json] = page["results"]
    return [await api.get(f"/v1/webhooks/deliveries/{one['id']}") for one in found[:20]]


async def _others(api: Caller, run: Json) -> list[Json]:
    """Runs of the same model, the newest first: what it can be compared with."""
    try:
        page = await api.brief("/v1/predictions", {"model": run["model"]}, _TITLE)
    except Refused:
        return []
    found: list[Json] = page.json()["results"]
    return [one for one in found if one["id"] != run["id"]][:40]


async def _file(api: Caller, address: str, there: str) -> Json:
    """An output file; of one that is gone, its address alone."""
    head = await api.call("HEAD", there)
    media_type = head.headers.get("content-type", "").partition(";")[0]
    return {
        "url": address,
        "path": there,
        "name": unquote(there.rpartition("/")[2]),
        "media_type": media_type,
        "bytes": int(head.headers.get("content-length", 0)),
        "is_there": head.status == 200,
        "is_picture": media_type.startswith("image/"),
    }


def _between(earlier: str, later: str) -> float:
    passed = datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
    return max(0.0, passed.total_seconds())


def _api(visitor: Visitor) -> str:
    return f"/v1/predictions/{visitor.path['id']}"


PAGES: Final = (
    Page("GET", "/p/{id}", prediction),
    Page("GET", "/p/{id}/part", part),
    Page("POST", "/p/{id}/cancel", cancel),
    Page("POST", "/p/{id}/again", again, runs=True),
    Page("POST", "/p/{id}/delete", delete),
)

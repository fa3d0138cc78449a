"""What Google answers when it refuses, word for word as far as it is known."""

from typing import Any, NamedTuple

from aiohttp import web

_FAILED = "Image generation failed with the following error: "
_RPC = "type.googleapis.com/google.rpc."


class _Refusal(NamedTuple):
    status: int
    name: str
    message: str
    details: tuple[dict[str, Any], ...] = ()


def _info(reason: str) -> dict[str, Any]:
    return {"@type": f"{_RPC}ErrorInfo", "reason": reason, "domain": "googleapis.com"}


def _quota(quota_id: str) -> dict[str, Any]:
    return {"@type": f"{_RPC}QuotaFailure", "violations": [{"quotaId": quota_id}]}


_RETRY = {"@type": f"{_RPC}RetryInfo", "retryDelay": "3.29s"}
_HELP = {"@type": f"{_RPC}Help", "links": [{"description": "Learn more", "url": "https://x"}]}
_ODD = {"@type": f"{_RPC}BadRequest", "reason": 7, "fieldViolations": [{"field": "x"}]}

REFUSALS = {
    "bad-key": _Refusal(
        400,
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.",
        (_info("API_KEY_INVALID"),),
    ),
    "unauthenticated": _Refusal(401, "UNAUTHENTICATED", "Request had invalid credentials."),
    "unbilled": _Refusal(
        400, "FAILED_PRECONDITION", "Imagen API is only accessible to billed users at this time."
    ),
    "billing-off": _Refusal(
        403, "PERMISSION_DENIED", "This API method requires billing.", (_info("BILLING_DISABLED"),)
    ),
    "level": _Refusal(
        400, "INVALID_ARGUMENT", "Only block_low_and_above is supported for safetySetting."
    ),
    "rai-level": _Refusal(
        400, "FAILED_PRECONDITION", f"{_FAILED}Invalid rai level from the request"
    ),
    "blocked-prompt": _Refusal(
        400,
        "INVALID_ARGUMENT",
        f"{_FAILED}The prompt could not be submitted. This prompt contains sensitive words that"
        " violate Google's Responsible AI practices. Try rephrasing the prompt. If you think this"
        " was an error, send feedback. Support codes: 42876398",
    ),
    "not-allowlisted": _Refusal(
        400,
        "FAILED_PRECONDITION",
        f"{_FAILED}Project or the user is not allowlisted to turn off child detection filter",
    ),
    "seed": _Refusal(400, "INVALID_ARGUMENT", "Seed is not supported when watermark is enabled."),
    "count": _Refusal(400, "INVALID_ARGUMENT", "sampleCount must be in the range 1 to 4."),
    "unknown-field": _Refusal(
        400,
        "INVALID_ARGUMENT",
        'Invalid JSON payload received. Unknown name "imageOutputOptions"',
        (_ODD,),
    ),
    "forbidden": _Refusal(
        403,
        "PERMISSION_DENIED",
        "Generative Language API has not been used in project 1 before or it is disabled.",
        (_info("SERVICE_DISABLED"), _HELP),
    ),
    "retired": _Refusal(
        404, "NOT_FOUND", "{} is not found for API version {}, or is not supported for {}."
    ),
    "retired-listed": _Refusal(
        404,
        "NOT_FOUND",
        "{} is not found for API version {}, or is not supported for {}. Call ListModels to see the"
        " list of available models and their supported methods.",
    ),
    "rate": _Refusal(
        429,
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Generate Content API requests per minute'.",
        (_ODD, _info("RATE_LIMIT_EXCEEDED"), _RETRY),
    ),
    "rate-told": _Refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded. Please retry in 24.5s."),
    "rate-bare": _Refusal(429, "RESOURCE_EXHAUSTED", "Resource exhausted."),
    "day-quota": _Refusal(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota.",
        (_quota("GenerateRequestsPerDayPerProjectPerModel"), _RETRY),
    ),
    "no-quota": _Refusal(
        429, "RESOURCE_EXHAUSTED", "You exceeded your current quota: free tier, limit: 0", (_RETRY,)
    ),
    "internal": _Refusal(500, "INTERNAL", "An internal error has occurred."),
    "down": _Refusal(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "late": _Refusal(504, "DEADLINE_EXCEEDED", "The request timed out."),
}


def refused(word: str, *told: str) -> web.Response:
    """Answer with the refusal of that name; *told* fills the gaps in its text."""
    refusal = REFUSALS[word]
    message = refusal.message.format(*told) if told else refusal.message
    error: dict[str, Any] = {"code": refusal.status, "message": message, "status": refusal.name}
    if refusal.details:
        error["details"] = list(refusal.details)
    return web.json_response({"error": error}, status=refusal.status)

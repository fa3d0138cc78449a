"""What OpenAI's errors are called here."""

import logging
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from safelight.outgoing import Response
from safelight.upstream import Fault, UpstreamError
from safelight.upstreams.calls import Call, Said, refusal, retired

_log: Final = logging.getLogger("safelight.upstreams")
_CODES: Mapping[str, Fault] = {
    "invalid_api_key": Fault.KEY,
    "insufficient_quota": Fault.CREDIT,
    "billing_hard_limit_reached": Fault.CREDIT,
    "moderation_blocked": Fault.FLAGGED,
    "content_policy_violation": Fault.FLAGGED,
    "rate_limit_exceeded": Fault.BUSY,
    "model_not_found": Fault.RETIRED,
    "image_generation_failed": Fault.DOWN,
}
_NO_MODEL = re.compile(r"\bmodel\b.{1,200}does not exist", re.IGNORECASE)
_NAMED = re.compile(r"(?:parameter|field|argument)s?: ?['\"`]?([a-z_]{1,40})\b", re.IGNORECASE)
_NOT_TAKEN = frozenset({"unknown_parameter", "invalid_value", "unsupported_parameter"})
_WORDS = re.compile(r"[a-z][a-z/_-]{0,40}")
_VIOLATIONS = re.compile(r"safety_violations=\[([a-z/_, -]{1,200})\]")
_CODE = re.compile(r"[a-z0-9_.-]{1,60}", re.IGNORECASE)


class _Moderation(msgspec.Struct, frozen=True):
    moderation_stage: str | None = None
    categories: tuple[str, ...] = ()


class Problem(msgspec.Struct, frozen=True):
    """The error object of an answer, or of an event in a stream."""

    message: str | None = None
    type: str | None = None
    param: str | None = None
    code: str | int | None = None
    moderation_details: msgspec.Raw = msgspec.Raw()

    @property
    def is_the_callers(self) -> bool:
        """Whether its type says that the request is at fault."""
        return self.type in {"invalid_request_error", "image_generation_user_error"}

    @property
    def may_be_billed(self) -> bool:
        """Whether a picture was made before the safety system stepped in."""
        return _moderated(self).moderation_stage == "output"


class _Refusal(msgspec.Struct, frozen=True):
    error: Problem = Problem()


class _Complaint(msgspec.Struct, frozen=True):
    loc: tuple[str | int, ...] = ()
    msg: str = ""


class _OtherRefusal(msgspec.Struct, frozen=True):
    """The forms of other servers that speak this API: vLLM's, FastAPI's and the plainest."""

    error: str | None = None
    message: str | None = None
    detail: str | tuple[_Complaint, ...] | None = None

    @property
    def problem(self) -> Problem:
        """The same in OpenAI's form."""
        if not isinstance(self.detail, tuple):
            return Problem(self.error or self.message or self.detail)
        if not self.detail:
            return Problem(self.message)
        first = self.detail[0]
        named = str(first.loc[-1]) if first.loc else None
        return Problem(f"{named}: {first.msg}" if named else first.msg, param=named)


_refusal = msgspec.json.Decoder(_Refusal)
_other_refusal = msgspec.json.Decoder(_OtherRefusal)
_moderation = msgspec.json.Decoder(_Moderation)


def read_problem(body: bytes) -> Problem:
    """The error in an answer; an empty one for a page of HTML from something in between."""
    try:
        problem = _refusal.decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = Problem()
    if problem.message or problem.code:
        return problem
    try:
        return _other_refusal.decode(body).problem
    except (msgspec.DecodeError, UnicodeDecodeError):
        return problem


def failure(call: Call, response: Response, problem: Problem, model: str) -> UpstreamError:
    """Name what went wrong, and tell the run's log what its error does not say."""
    request_id = response.headers.get("x-request-id")
    fault = fault_of(problem) if response.status < 500 else None
    tell(problem, fault, request_id)
    said = Said(
        message=problem.message,
        fault=fault,
        request_id=request_id,
        may_be_billed=problem.may_be_billed,
    )
    error = refusal(call, response, said)
    return retired(error, model) if fault is Fault.RETIRED else error


def tell(problem: Problem, fault: Fault | None, request_id: str | None) -> None:
    """Print for what it was flagged, and the id that the provider's support asks for.

    The id goes to the server's log too, with the code: no more of it, for a message may quote.
    """
    if fault is Fault.FLAGGED:
        print(_flagged(problem))
    if request_id:
        print(f"OpenAI request ID: {request_id}")
        named = _CODE.fullmatch(str(problem.code or problem.type or ""))
        why = named[0] if named else "no code"
        _log.warning("OpenAI refused or failed (%s); its request ID is %s.", why, request_id)


def fault_of(problem: Problem) -> Fault | None:
    """By its code, or the one message that comes with several; None leaves it to the status."""
    if _NO_MODEL.search(problem.message or ""):
        return Fault.RETIRED
    by_type = _CODES.get(str(problem.type))  # `insufficient_quota` is a type as well
    return _CODES.get(str(problem.code), by_type)


def refused_parameter(response: Response, problem: Problem) -> str | None:
    """The name of a parameter that a server does not take, or not with this value."""
    if response.status not in {400, 422} or problem.code not in {None, *_NOT_TAKEN}:
        return None
    named = _NAMED.search(problem.message or "")
    return problem.param or (named[1] if named else None)


def _flagged(problem: Problem) -> str:
    details = _moderated(problem)
    stage = details.moderation_stage if details.moderation_stage in {"input", "output"} else None
    named = details.categories or _violations(problem.message or "")
    categories = ", ".join(c for c in named if _WORDS.fullmatch(c))
    for_what = f" for {categories}" if categories else ""
    return f"OpenAI's safety system refused the {stage or 'request'}{for_what}."


def _violations(message: str) -> tuple[str, ...]:
    """The categories as its sentence ends with them, where there are no details."""
    found = _VIOLATIONS.search(message)
    return tuple(found[1].replace(" ", "").split(",")) if found else ()


def _moderated(problem: Problem) -> _Moderation:
    try:
        return _moderation.decode(problem.moderation_details)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Moderation()

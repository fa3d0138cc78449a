"""What Google answers when it refuses or fails: its statuses, reasons and quotas as faults."""

import re
from datetime import timedelta

import msgspec

from safelight.outgoing import Response
from safelight.upstream import Fault, UpstreamError
from safelight.upstreams.calls import Call, Said, read_if_fit, refusal, retired
from safelight.upstreams.google_codes import rules_named
from safelight.upstreams.scrub import scrub

_BAD_KEY = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED", "CONSUMER_SUSPENDED"})
_NO_BILLING = frozenset({"BILLING_DISABLED", "BILLING_NOT_ENABLED"})
_FLAGGED = ("Responsible AI practices", "usage guidelines")
_SECONDS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)s")
_SPOKEN = re.compile(r"retry in ([0-9]{1,6}(?:\.[0-9]{1,9})?s)", re.IGNORECASE)
_NO_QUOTA = re.compile(r"\blimit: 0\b")


class _Violation(msgspec.Struct, frozen=True, rename="camel"):
    quota_id: str = ""


class _Detail(msgspec.Struct, frozen=True, rename="camel"):
    reason: str | None = None
    retry_delay: str | None = None
    violations: tuple[_Violation, ...] = ()


class _Error(msgspec.Struct, frozen=True):
    message: str | None = None
    status: str | None = None
    details: tuple[msgspec.Raw, ...] = ()


class _Failed(msgspec.Struct, frozen=True):
    error: _Error = _Error()


_failed = msgspec.json.Decoder(_Failed)
_detail = msgspec.json.Decoder(_Detail)


def failure(call: Call, response: Response, model: str) -> UpstreamError:
    """Name what went wrong when the status is not 200, and log Google's own words for it."""
    try:
        error = _failed.decode(response.body).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = _Error()  # a page of HTML from something in between
    message = error.message or ""
    # Only a few of the kinds of details are of use, and each kind has a form of its own.
    details = [known for raw in error.details if (known := read_if_fit(_detail, raw))]
    said = Said(
        message=error.message,
        fault=_fault(response.status, message, details),
        retry_after=_pause(message, details),
    )
    named = refusal(call, response, said)
    if message and named.fault not in {Fault.REFUSED, Fault.KEY}:
        _log(call, response.status, message)
    # Google's 404 always names the model; one without its words is from a wrong address.
    return retired(named, model) if response.status == 404 and message else named


def _fault(status: int, message: str, details: list[_Detail]) -> Fault | None:
    reasons = {detail.reason for detail in details}
    if reasons & _BAD_KEY or message.startswith(("API key not valid", "API key expired")):
        return Fault.KEY
    if reasons & _NO_BILLING or "only accessible to billed users" in message:
        return Fault.CREDIT
    if any(words in message for words in _FLAGGED):
        return Fault.FLAGGED
    if status == 429 and _is_used_up(message, details):
        return Fault.CREDIT
    return None


def _is_used_up(message: str, details: list[_Detail]) -> bool:
    """Whether waiting is of no use today: a quota by day, or one of nothing, as without billing."""
    quotas = [violation.quota_id for detail in details for violation in detail.violations]
    return any("PerDay" in quota for quota in quotas) or bool(_NO_QUOTA.search(message))


def _pause(message: str, details: list[_Detail]) -> timedelta | None:
    """Read google.rpc.RetryInfo (`3.29s`), else the sentence that says the same."""
    spoken = _SPOKEN.search(message)
    said = [detail.retry_delay or "" for detail in details] + [spoken[1] if spoken else ""]
    read = next(filter(None, (_SECONDS.fullmatch(text) for text in said)), None)
    return timedelta(seconds=float(read[1])) if read and float(read[1]) else None


def _log(call: Call, status: int, message: str) -> None:
    name, rules = call.provider.name, rules_named(message)
    said = f"blocked it: {rules}." if rules else f"said ({status}): {scrub(message, call.key)}"
    print(f"{name} {said}")

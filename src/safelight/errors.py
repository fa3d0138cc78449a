"""Every error that a caller can meet: HTTP status, title, detail."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec


class InvalidField(msgspec.Struct, frozen=True):
    """One thing wrong with a request body, in the words of Replicate's validator."""

    type: str
    field: str
    """Dotted path such as `input.images.0`; empty for the body itself."""
    description: str


class SafelightError(Exception):
    """A condition that the caller can be told about."""

    status: ClassVar[int] = 500
    title: ClassVar[str | None] = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InternalError(SafelightError):
    """A fault of ours; what happened is in the log of the server."""

    title = "Internal error"

    def __init__(self) -> None:
        super().__init__("Something went wrong here, and was logged. Nothing you sent is at fault.")


class Malformed(SafelightError):
    """The request cannot be read at all."""

    status = 400
    title = "Bad request"


class Unauthenticated(SafelightError):
    """No token, or one that is not known."""

    status = 401
    title = "Unauthenticated"


class SpendLimitReached(SafelightError):
    """What may be spent is spent, or held for what has not ended; nothing was bought."""

    status = 402
    title = "Insufficient credit"


class Forbidden(SafelightError):
    """The token is known, and not allowed this."""

    status = 403
    title = "Forbidden"


class NotFound(SafelightError):
    """Nothing by that name that this account may see."""

    status = 404
    title = "Not found"

    def __init__(self, detail: str = "The requested resource could not be found.") -> None:
        super().__init__(detail)


class MethodNotAllowed(SafelightError):
    """The path exists, the method does not."""

    status = 405
    title = "Method not allowed"


class Conflict(SafelightError):
    """The request contradicts an earlier one."""

    status = 409
    title = "Conflict"


class AlreadyAccepted(SafelightError):
    """The same create, under the same key, has made a prediction before."""

    status = 409
    title = "Conflict"

    def __init__(self, prediction_id: str) -> None:
        super().__init__(f"This was accepted before, as prediction {prediction_id}.")
        self.prediction_id = prediction_id


class TooLarge(SafelightError):
    """The body is over the limit; nothing was stored."""

    status = 413
    title = "Request body too large"


class UnsupportedMedia(SafelightError):
    """The body is of a type that is not read here."""

    status = 415
    title = "Unsupported media type"


class InvalidVersion(SafelightError):
    """The version does not exist here."""

    status = 422
    title = "Invalid version or not permitted"

    def __init__(self) -> None:
        super().__init__(
            "The specified version does not exist (or perhaps you don't have permission to use it?)"
        )


class Untrainable(SafelightError):
    """The version has no trainer."""

    status = 422
    title = "Training not possible"

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} cannot be trained: this version of it has no trainer.")


class InvalidHeader(SafelightError):
    """A request header with a meaning has a value without one."""

    status = 422
    title = "Invalid header"


class InvalidInput(SafelightError):
    """The body does not fit its schema; every bad field is named at once."""

    status = 422
    title = "Input validation failed"

    def __init__(self, fields: Sequence[InvalidField]) -> None:
        lines = (
            f"- {f.field}: {f.description}\n" if f.field else f"- {f.description}\n" for f in fields
        )
        super().__init__("".join(lines))
        self.fields = tuple(fields)


class NothingToDownload(SafelightError):
    """None of the predictions has a file."""

    status = 422
    title = "Nothing to download"

    def __init__(self) -> None:
        super().__init__(
            "None of these predictions has files: they have not ended, have failed, or gave text."
        )


class Throttled(SafelightError):
    """The token has made too many requests; this one had no effect."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Request was throttled. Your rate limit resets in ~{retry_after}s.")
        self.retry_after = retry_after
        """Seconds until one more is allowed."""


class StoreUnavailable(SafelightError):
    """The database refuses to write (disk full, read-only, locked); nothing was accepted."""

    status = 503
    title = "Storage unavailable"


class SecretLost(SafelightError):
    """The signing secret cannot be opened: the key in SAFELIGHT_HOME is another one."""

    title = "Signing secret lost"

    def __init__(self) -> None:
        super().__init__(
            "The signing secret cannot be read: the key in SAFELIGHT_HOME has changed since it was "
            "made. Rotate it to get a new one."
        )


class Stopping(SafelightError):
    """The server is stopping; what it has accepted goes on after the next start."""

    status = 503
    title = "Stopping"

    def __init__(self) -> None:
        super().__init__("The server is stopping. Ask again in a moment.")


class StaleWrite(SafelightError):
    """The row is no longer where the mover saw it; nothing was written."""

    status = 409
    title = "Conflict"


class RunFailed(SafelightError):
    """A run ended without output; the message becomes the prediction's `error`."""

    title = "Prediction failed"

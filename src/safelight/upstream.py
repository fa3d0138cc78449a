"""An upstream: one provider's image API, asked for pictures in one neutral form."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal, Protocol

import msgspec

from safelight.errors import RunFailed
from safelight.spooled import Content

Format = Literal["png", "jpeg", "webp", "svg"]

PARTIALS: Final = 2
"""How many unfinished pictures are asked for of each, where somebody looks on."""


class ImageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a model wants painted; each upstream sends what its API knows and drops the rest."""

    model: str
    """The provider's own model id, e.g. `gpt-image-2`."""
    prompt: str
    count: int = 1
    size: tuple[int, int] | None = None
    """Width and height in pixels; None leaves the choice to the provider."""
    aspect_ratio: str = "1:1"
    format: Format = "png"
    compression: int | None = None
    """0..100, for jpeg and webp."""
    quality: str = "auto"
    background: str = "auto"
    moderation: str = "auto"
    input_fidelity: str | None = None
    safety_filter_level: str | None = None
    negative_prompt: str | None = None
    guidance: float | None = None
    steps: int | None = None
    seed: int | None = None
    user: str | None = None
    url: str | None = None
    file_store_key: str | None = None
    images: tuple[bytes, ...] = ()
    """Input images, encoded, as fetched."""
    partials: int = 0
    """Unfinished pictures to show of each, where the provider can: OpenAI charges for them."""


class Picture(msgspec.Struct, frozen=True):
    """One encoded picture, as the provider sent it, and its media type (`image/webp`)."""

    content: Content
    media_type: str


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says it used, in tokens. `input_tokens` is the total, images included."""

    input_tokens: int = 0
    input_image_tokens: int = 0
    output_tokens: int = 0


class ImageResult(msgspec.Struct, frozen=True, kw_only=True):
    """What an upstream answered."""

    pictures: tuple[Picture, ...]
    upstream: str
    """Who answered, as `provider:model`."""
    usage: Usage | None = None
    request_id: str | None = None
    """The provider's own id of the call, for its support desk."""
    next_call_in: timedelta | None = None
    """When it will take another call with this key, if it said that its allowance is used up."""


class Fault(StrEnum):
    """What went wrong at a provider; those with a code of Replicate's are told by it."""

    CREDIT = "E001"
    """The account behind the key has no credit left, or is at its limit."""
    KEY = "E002"
    """The key is not accepted, or may not do this."""
    BUSY = "E003"
    """Too many calls just now; nothing was done."""
    DOWN = "E004"
    """The provider is at fault, or not to be reached."""
    FLAGGED = "E005"
    """The input or the output was refused for what it shows."""
    RETIRED = "retired"
    """The provider does not have the model, or not any more."""
    REFUSED = "refused"
    """The request is at fault: it will be refused each time, and costs nothing."""
    UNKNOWN = "unknown"
    """It may have been done, and billed."""


class UpstreamError(RunFailed):
    """A provider refused, failed or could not be reached; the message is fit for the caller.

    It never holds a key nor part of one.
    """

    def __init__(
        self,
        message: str,
        fault: Fault = Fault.REFUSED,
        *,
        did_no_work: bool = True,
        retry_after: timedelta | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.did_no_work = did_no_work and fault is not Fault.UNKNOWN
        """False when the provider may have done, and billed, the work: nobody may buy it again."""
        self.retry_after = retry_after
        """When the provider said to come back."""
        self.request_id = request_id

    @property
    def outcome_unknown(self) -> bool:
        """Whether the provider may have done, and billed, the work."""
        return not self.did_no_work


OnPartial = Callable[["Picture"], Awaitable[None]]
"""Told of each unfinished picture as it comes."""


class Upstream(Protocol):
    """One provider's image API."""

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,
    ) -> ImageResult:
        """Ask for pictures once, with the caller's key or else the server's own.

        With *on_partial*, a provider that can is asked to show so many unfinished pictures of each
        meanwhile as the request says.

        Raises:
            UpstreamError: Nothing usable came back.
        """
        ...

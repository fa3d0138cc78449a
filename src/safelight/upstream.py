"""An upstream: one provider's image API, asked for pictures in one neutral form."""

from typing import Literal, Protocol

import msgspec

from safelight.errors import RunFailed

Format = Literal["png", "jpeg", "webp", "svg"]


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


class Picture(msgspec.Struct, frozen=True):
    """One encoded picture, as the provider sent it, and its media type (`image/webp`)."""

    content: bytes
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


class UpstreamError(RunFailed):
    """A provider refused, failed or could not be reached; the message is fit for the caller.

    It never holds a key nor part of one.
    """

    def __init__(
        self, message: str, *, outcome_unknown: bool = False, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.outcome_unknown = outcome_unknown
        """True when the provider may have done, and billed, the work."""
        self.request_id = request_id


class Upstream(Protocol):
    """One provider's image API."""

    async def generate(self, request: ImageRequest, key: str | None = None) -> ImageResult:
        """Ask for pictures once, with the caller's key or else the server's own.

        Raises:
            UpstreamError: Nothing usable came back.
        """
        ...

"""Google's upstream against its stand-in, and what it is asked."""

from tests.standins.google import KEY, GoogleStandIn

from safelight.outbound.client import Client
from safelight.upstream import ImageRequest
from safelight.upstreams.google import Google, GoogleConfig

GEMINI = "gemini-3.1-flash-image"
IMAGEN = "imagen-4.0-fast-generate-001"


def upstream(client: Client, standin: GoogleStandIn, **more: object) -> Google:
    """Make one that knows the stand-in and its key; *more* are settings."""
    settings = {"base_url": standin.origin, "key": KEY, **more}
    return Google(GoogleConfig(**settings), client)


def asking(prompt: str = "hi", model: str = GEMINI, **more: object) -> ImageRequest:
    """Ask a model of Google's for a picture."""
    return ImageRequest(model=model, prompt=prompt, **more)

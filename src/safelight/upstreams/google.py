"""Google's image APIs: Gemini's generateContent and Imagen's predict, at either of its services."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from safelight.outgoing import Poster
from safelight.upstream import Fault, ImageRequest, ImageResult, OnPartial, UpstreamError
from safelight.upstreams import google_answers, google_bodies, google_failures
from safelight.upstreams.calls import Call, Provider, send

_GOOGLE = Provider(
    "Google",
    "GOOGLE_API_KEY (or GEMINI_API_KEY)",
    pictures=frozenset({"data", "bytesBase64Encoded"}),
)
_VERTEX = "https://aiplatform.googleapis.com"
_VERTEX_SWITCHES = ("GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE")
_MOST_PICTURES = 4  # of Imagen's, a call


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleConfig:
    """Which service, where it is and who pays, in the SDK's own variables.

    Both services are used with an API key. Vertex by project and location, which takes an OAuth
    token, is not supported: GOOGLE_CLOUD_PROJECT and _LOCATION are read only to say so.
    """

    base_url: str = "https://generativelanguage.googleapis.com"
    vertex: bool = False
    api_version: str | None = None
    """Instead of the one that the SDK uses for the service and method."""
    key: str | None = field(default=None, repr=False)
    project: str | None = None
    within: timedelta = timedelta(seconds=300)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read GOOGLE_API_KEY (it wins over GEMINI_API_KEY), the base URLs and the switches."""
        vertex = any(environment.get(n, "").lower() in {"true", "1"} for n in _VERTEX_SWITCHES)
        if vertex:
            base_url = environment.get("GOOGLE_VERTEX_BASE_URL") or _VERTEX
        else:
            base_url = environment.get("GOOGLE_GEMINI_BASE_URL") or cls().base_url
        return cls(
            base_url=base_url.rstrip("/"),
            vertex=vertex,
            api_version=environment.get("GOOGLE_GENAI_API_VERSION") or None,
            key=environment.get("GOOGLE_API_KEY") or environment.get("GEMINI_API_KEY") or None,
            project=environment.get("GOOGLE_CLOUD_PROJECT") or None,
        )


class Google:
    """Pictures from text, and with Gemini models from text and pictures."""

    def __init__(self, config: GoogleConfig, poster: Poster) -> None:
        self._config = config
        self._poster = poster

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,
    ) -> ImageResult:
        """Ask once. No model shows unfinished pictures.

        Raises:
            UpstreamError: Nothing usable came back, or what is asked for cannot be made.
        """
        del on_partial
        imagen = request.model.startswith("imagen")
        _check(request, imagen=imagen)
        call = self._call(request, self._key(key), imagen=imagen)
        response = await send(self._poster, call)
        if response.status != 200:
            raise google_failures.failure(call, response, request.model)
        if imagen:
            return google_answers.predicted(_GOOGLE, request.model, request.count, response)
        return google_answers.generated(_GOOGLE, request.model, response)

    def _call(self, request: ImageRequest, key: str, *, imagen: bool) -> Call:
        config = self._config
        write = google_bodies.predict if imagen else google_bodies.generate_content
        headers = {
            "x-goog-api-key": key,
            "content-type": "application/json",
            # Nobody reads what comes later, so it need not be made.
            "x-server-timeout": f"{math.ceil(config.within.total_seconds())}",
        }
        url = self._url(request.model, imagen=imagen)
        body = write(request, vertex=config.vertex)
        return Call(_GOOGLE, url, headers, body, key, config.within)

    def _key(self, callers: str | None) -> str:
        if self._config.vertex and self._config.project and not (callers or self._config.key):
            raise UpstreamError(
                "Vertex by project needs OAuth, which is not supported: set GOOGLE_API_KEY where"
                " Safelight runs, to a key that may use Vertex.",
                Fault.KEY,
            )
        return _GOOGLE.key(callers, self._config.key)

    def _url(self, model: str, *, imagen: bool) -> str:
        base, vertex = self._config.base_url, self._config.vertex
        method = "predict" if imagen else "generateContent"
        usual = "v1beta1" if vertex else "v1beta" if imagen else "v1"
        version = self._config.api_version or usual
        place = "publishers/google/models" if vertex else "models"
        return f"{base}/{version}/{place}/{model}:{method}"


def _check(request: ImageRequest, *, imagen: bool) -> None:
    """Refuse what would be paid for and not be what was asked."""
    most = _MOST_PICTURES if imagen else 1
    if request.count > most:
        makes = f"at most {most} pictures" if most > 1 else "one picture"
        raise UpstreamError(f"Google's {request.model} makes {makes} a call: ask for no more.")
    if imagen and request.images:
        raise UpstreamError(f"Google's {request.model} takes no input images.")

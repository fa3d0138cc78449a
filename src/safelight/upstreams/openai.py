"""OpenAI's image API, and whatever else speaks it at another base URL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from safelight.outgoing import Outgoing, Response
from safelight.spooled import Content
from safelight.upstream import ImageRequest, ImageResult, OnPartial
from safelight.upstreams import openai_bodies as bodies
from safelight.upstreams.calls import Call, fetch_made, send, sending
from safelight.upstreams.openai_answers import OPENAI, read_result
from safelight.upstreams.openai_failures import failure, read_problem, refused_parameter
from safelight.upstreams.openai_inputs import Part, parts
from safelight.upstreams.openai_streams import Painting

_BASE_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIConfig:
    """Where the API is and who pays, in the SDK's own variables."""

    base_url: str = _BASE_URL
    key: str | None = field(default=None, repr=False)
    organization: str | None = None
    project: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Sent with each call, for what stands between; the key is not given here."""
    within: timedelta = timedelta(seconds=600)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read OPENAI_API_KEY, _BASE_URL, _ORG_ID, _PROJECT_ID and _CUSTOM_HEADERS."""
        return cls(
            base_url=(environment.get("OPENAI_BASE_URL") or _BASE_URL).rstrip("/"),
            key=environment.get("OPENAI_API_KEY") or None,
            organization=environment.get("OPENAI_ORG_ID") or None,
            project=environment.get("OPENAI_PROJECT_ID") or None,
            headers=_read_headers(environment.get("OPENAI_CUSTOM_HEADERS", "")),
        )

    @property
    def is_elsewhere(self) -> bool:
        """Whether another server answers, which may know less of the API."""
        return self.base_url != _BASE_URL


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is bought: a request, the pictures that go with it, and who is shown its progress."""

    request: ImageRequest
    pictures: tuple[Part, ...]
    on_partial: OnPartial | None


class OpenAI:
    """Pictures from text, and from text and pictures."""

    def __init__(self, config: OpenAIConfig, outgoing: Outgoing) -> None:
        self._config = config
        self._outgoing = outgoing

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,
    ) -> ImageResult:
        """Ask once for all the pictures.

        A server that is not OpenAI's may refuse a parameter that can be done without: it is asked
        again, without that one. It has done nothing until then.

        Raises:
            UpstreamError: Nothing usable came back.
        """
        if self._config.is_elsewhere:
            request = bodies.without_commands(request)
        in_use = OPENAI.key(key, self._config.key)
        asked = _Asked(request, await parts(request.images), on_partial)
        headers = {**self._config.headers, **self._account(key)}
        headers["authorization"] = f"Bearer {in_use}"
        fields = self._fields(asked)
        while True:
            call = self._call(asked, fields, headers, in_use)
            answered = await self._ask(asked, call, stream="stream" in fields)
            if isinstance(answered, ImageResult):
                return answered
            refused = self._dispensable(answered, fields)
            if refused is None:
                raise failure(call, answered, read_problem(answered.body), request.model)
            print(f"{self._config.base_url} does not take {refused} as sent: left out.")
            fields = bodies.without(fields, refused)

    def _fields(self, asked: _Asked) -> bodies.Fields:
        write = bodies.edit if asked.pictures else bodies.generation
        return write(asked.request, stream=asked.on_partial is not None)

    def _call(
        self, asked: _Asked, fields: bodies.Fields, headers: Mapping[str, str], key: str
    ) -> Call:
        if asked.pictures:
            path, (media_type, body) = "edits", bodies.as_multipart(fields, asked.pictures)
        else:
            path, (media_type, body) = "generations", bodies.as_json(fields)
        headers = {**headers, "accept": "application/json", "content-type": media_type}
        url = f"{self._config.base_url}/images/{path}"
        return Call(OPENAI, url, headers, body, key, self._config.within)

    def _account(self, callers_key: str | None) -> Mapping[str, str]:
        """The server's organization and project, which a caller's own key does not belong to."""
        if (callers_key or "").strip():
            return {}
        named = {
            "openai-organization": self._config.organization,
            "openai-project": self._config.project,
        }
        return {name: value for name, value in named.items() if value}

    async def _ask(self, asked: _Asked, call: Call, *, stream: bool) -> ImageResult | Response:
        """Give the result, or the answer that is none."""
        if stream and asked.on_partial is not None:
            return await self._streamed(asked, call, asked.on_partial)
        return await self._read(asked, await send(self._outgoing, call))

    async def _read(self, asked: _Asked, response: Response) -> ImageResult | Response:
        if response.status != 200:
            return response
        return await read_result(asked.request.model, response, self._fetch)

    async def _streamed(
        self, asked: _Asked, call: Call, on_partial: OnPartial
    ) -> ImageResult | Response:
        with sending(call):
            async with self._outgoing.stream(
                call.url,
                call.headers,
                call.body,
                within=call.within,
                trusted=True,
                pictures=OPENAI.pictures,
            ) as streamed:
                media_type = streamed.headers.get("content-type", "")
                if streamed.status == 200 and media_type.startswith("text/event-stream"):
                    model, count = asked.request.model, asked.request.count
                    return await Painting(call, model, count, on_partial).follow(streamed)
                response = await streamed.read()
        return await self._read(asked, response)  # it does not stream, or refuses

    async def _fetch(self, url: str) -> Content:
        base_url, within = self._config.base_url, self._config.within
        return await fetch_made(self._outgoing, OPENAI, url, base_url=base_url, within=within)

    def _dispensable(self, response: Response, fields: bodies.Fields) -> str | None:
        """A parameter that was sent, that the server refuses, and that can be left out."""
        if not self._config.is_elsewhere:
            return None
        refused = refused_parameter(response, read_problem(response.body))
        return refused if refused and bodies.is_dispensable(fields, refused) else None


def _read_headers(text: str) -> Mapping[str, str]:
    """One header a line, as the SDK reads them."""
    pairs = (line.split(":", 1) for line in text.split("\n") if ":" in line)
    return {name.strip().lower(): value.strip() for name, value in pairs}

"""The calls by which the doctor asks providers about a key: each costs nothing."""

import http.client
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

from safelight.upstreams.google import GoogleConfig
from safelight.upstreams.jigsawstack import JigsawStackConfig
from safelight.upstreams.openai import OpenAIConfig

_PATIENCE: Final = 5.0
_MOST_BYTES: Final = 4_000_000
_COUNTED: Final = b'{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}'


class Kind(StrEnum):
    """What a provider is asked for."""

    LIST = "a list of models"
    COUNT = "a count of tokens"
    """Of one model, which has to be there."""
    NOTHING = "image_generation"
    """A picture of nothing: who has a good key is told what is missing."""


class NoAddress(ValueError):
    """A base URL is none."""


@dataclass(frozen=True)
class Question:
    """A call that costs nothing and needs a key."""

    kind: Kind
    url: str
    key: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    place: str
    """The variable that says where the provider is."""
    body: bytes | None = None

    @property
    def host(self) -> str:
        """Who is asked, without what a URL may hold of passwords."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def question_for(
    provider: str, environment: Mapping[str, str], models: Iterable[str]
) -> Question | None:
    """Give the cheapest call that tells whether the key is good; None when there is none.

    *models* are those that the provider is to answer for.
    """
    if provider == "openai":
        return _to_openai(OpenAIConfig.from_environment(environment))
    if provider == "google":
        return _to_google(GoogleConfig.from_environment(environment), models)
    return _to_jigsawstack(JigsawStackConfig.from_environment(environment))


def _to_openai(config: OpenAIConfig) -> Question:
    account = {
        "authorization": f"Bearer {config.key}",
        "openai-organization": config.organization,
        "openai-project": config.project,
    }
    headers = {**config.headers, **{name: text for name, text in account.items() if text}}
    url = f"{config.base_url}/models"
    return Question(Kind.LIST, url, config.key or "", headers, "OPENAI_BASE_URL")


def _to_google(config: GoogleConfig, models: Iterable[str]) -> Question | None:
    key = config.key or ""
    headers = {"x-goog-api-key": key}
    if not config.vertex:
        url = f"{config.base_url}/{config.api_version or 'v1beta'}/models?pageSize=1000"
        return Question(Kind.LIST, url, key, headers, "GOOGLE_GEMINI_BASE_URL")
    # Vertex lists its models only for OAuth, and counts for those that read text.
    counting = [model for model in models if model.startswith("gemini")]
    if not counting:
        return None
    place = f"{config.base_url}/{config.api_version or 'v1beta1'}/publishers/google/models"
    headers["content-type"] = "application/json"
    url = f"{place}/{counting[0]}:countTokens"
    return Question(Kind.COUNT, url, key, headers, "GOOGLE_VERTEX_BASE_URL", _COUNTED)


def _to_jigsawstack(config: JigsawStackConfig) -> Question:
    key = config.key or ""
    headers = {"x-api-key": key, "content-type": "application/json", "accept": "application/json"}
    url = f"{config.base_url}/v1/ai/image_generation"
    return Question(Kind.NOTHING, url, key, headers, "JIGSAWSTACK_API_URL", b"{}")


def ask(question: Question) -> Answer:
    """Send it once; a redirect is an answer.

    Raises:
        NoAddress: The URL is not one of the web.
        OSError: Nobody answers there.
        http.client.HTTPException: Who answers does not speak HTTP.
    """
    address = urlsplit(question.url)
    connection = _connection(address)
    path = f"{address.path}?{address.query}" if address.query else address.path
    method = "GET" if question.body is None else "POST"
    try:
        connection.request(method, path, question.body, dict(question.headers))
        response = connection.getresponse()
        return Answer(response.status, response.read(_MOST_BYTES))
    finally:
        connection.close()


def _connection(address: SplitResult) -> http.client.HTTPConnection:
    try:
        host, port = address.hostname, address.port
    except ValueError as error:
        raise NoAddress(str(error)) from error
    if not host or address.scheme not in {"http", "https"}:
        raise NoAddress("write it as https://host/path")
    if address.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=_PATIENCE, context=context)

"""What the tests of the catalog share: a recording upstream, and a way to run a model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import cog
import pytest

from safelight.catalog.asking import AskingModel
from safelight.schema import InputSchema, openapi_schema
from safelight.sketch import close_pool
from safelight.upstream import ImageRequest, ImageResult, OnPartial, Picture, Upstream, Usage


class Recorder:
    """An upstream that keeps what it was asked and answers with pictures of a few bytes."""

    def __init__(self, upstream: str = "openai:gpt-image-2", usage: Usage | None = None) -> None:
        self.requests: list[ImageRequest] = []
        self.keys: list[str | None] = []
        self._upstream = upstream
        self._usage = usage

    async def generate(
        self,
        request: ImageRequest,
        key: str | None = None,
        on_partial: OnPartial | None = None,  # noqa: ARG002 - the contract's
    ) -> ImageResult:
        self.requests.append(request)
        self.keys.append(key)
        kinds = {"svg": "image/svg+xml"}
        media_type = kinds.get(request.format, f"image/{request.format}")
        pictures = tuple(Picture(b"picture %d" % n, media_type) for n in range(request.count))
        return ImageResult(pictures=pictures, upstream=self._upstream, usage=self._usage)


class Outcome(NamedTuple):
    output: Any
    metrics: dict[str, object]


class Run(Protocol):
    async def __call__(
        self,
        runner: type[cog.BaseRunner],
        upstream: Upstream | None = None,
        model: str | None = None,
        **inputs: object,
    ) -> Outcome: ...


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def recorder_type() -> type[Recorder]:
    return Recorder


@pytest.fixture
def run() -> Run:
    """Run a model as a server does: inputs checked and completed, metrics kept."""

    async def run(
        runner: type[cog.BaseRunner],
        upstream: Upstream | None = None,
        model: str | None = None,
        **inputs: object,
    ) -> Outcome:
        metrics: dict[str, object] = {}

        class Recording(runner):
            def record_metric(self, key: str, value: object, mode: str = "replace") -> None:
                assert mode == "replace"
                metrics[key] = value

        schema = InputSchema(openapi_schema(runner))
        complete = schema.complete(schema.check(inputs))
        for name in schema.secret_names & inputs.keys():
            complete[name] = cog.Secret(complete[name])
        for name in schema.file_list_names & inputs.keys():
            complete[name] = [cog.Path(url.removeprefix("http://x/")) for url in complete[name]]
        instance = Recording(upstream, model) if issubclass(runner, AskingModel) else Recording()
        instance.setup()
        return Outcome(await instance.run(**complete), metrics)

    return run


@pytest.fixture
def picture_urls(tmp_path: Path) -> list[str]:
    """Two input images, as the fixture `run` takes them."""
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    paths[0].write_bytes(b"a" * 387_379)
    paths[1].write_bytes(b"b" * 512)
    return [f"http://x/{path}" for path in paths]


@pytest.fixture(scope="session", autouse=True)
def _painters() -> Iterator[None]:
    yield
    close_pool()

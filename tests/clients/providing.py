"""A live server whose providers are stand-ins, and the official client of its caller."""

import asyncio
import threading
from collections.abc import Coroutine, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from replicate.client import Client
from replicate.exceptions import ModelError
from replicate.prediction import Prediction
from tests.serving import PATIENCE, Server, serving
from tests.standins import google as google_standin
from tests.standins import jigsawstack as jigsawstack_standin
from tests.standins.google import GoogleStandIn
from tests.standins.jigsawstack import JigsawStackStandIn
from tests.standins.openai import OpenAIStandIn
from tests.standins.openai_errors import KEY as OPENAI_KEY
from tests.standins.server import Seen, StandIn

_Result = TypeVar("_Result")

GPT_1, GPT_2 = "openai/gpt-image-1", "openai/gpt-image-2"
IMAGEN, OCEAN = "google/imagen-4-fast", "jigsawstack/image-generation"
IMAGEN_4 = "imagen-4.0-fast-generate-001"
KEYS: Mapping[str, Mapping[str, str]] = {
    GPT_1: {"openai_api_key": OPENAI_KEY},
    GPT_2: {"openai_api_key": OPENAI_KEY},
    IMAGEN: {},
    OCEAN: {"api_key": jigsawstack_standin.KEY},
}
"""What a caller gives of a key."""
_SECRETS = (OPENAI_KEY, google_standin.KEY, jigsawstack_standin.KEY)
_PART = 6  # characters: fewer tell nothing of a key


@dataclass(frozen=True)
class Providers:
    """The stand-ins, the server that knows them, and a client of it in live mode."""

    openai: OpenAIStandIn
    google: GoogleStandIn
    jigsawstack: JigsawStackStandIn
    server: Server
    client: Client

    def run(self, model: str, prompt: str, **value: object) -> Any:
        """Run a model with a key of the caller's, and give its output."""
        return self.client.run(model, input={"prompt": prompt, **KEYS[model], **value})

    def fail(self, model: str, prompt: str, **value: object) -> Prediction:
        """Run a model, and give the prediction that the client's exception holds."""
        with pytest.raises(ModelError) as caught:
            self.run(model, prompt, **value)
        assert str(caught.value) == caught.value.prediction.error
        return caught.value.prediction

    def seen(self) -> list[Seen]:
        """What all the providers were asked, and not looked at before."""
        found: list[Seen] = []
        for standin in (self.openai, self.google, self.jigsawstack):
            found += standin.seen
            standin.seen.clear()
        return found


def holds_a_key(text: str) -> bool:
    """Whether any part of any key that is worth hiding is there."""
    parts = {key[at : at + _PART] for key in _SECRETS for at in range(len(key) - _PART + 1)}
    return any(part in text for part in parts)


@contextmanager
def providing(folder: Path, **environment: str) -> Generator[Providers]:
    """The stand-ins on a thread of their own, as the official client blocks this one."""
    with ExitStack() as stack:
        loop = stack.enter_context(_running_loop())
        openai, google = OpenAIStandIn(), GoogleStandIn()
        jigsawstack = JigsawStackStandIn()
        for standin in (openai, google, jigsawstack):
            stack.enter_context(_standing_in(standin, loop))
        told = {
            "OPENAI_BASE_URL": openai.base_url,
            "GOOGLE_GEMINI_BASE_URL": google.origin,
            "GOOGLE_API_KEY": google_standin.KEY,
            "JIGSAWSTACK_API_URL": jigsawstack.origin,
        }
        server = stack.enter_context(serving(folder, **(told | environment)))
        with pytest.MonkeyPatch.context() as patch:
            for name, text in server.client_environment(test=False).items():
                patch.setenv(name, text)
            client = Client()
            yield Providers(openai, google, jigsawstack, server, client)
            client._client.close()


@contextmanager
def _running_loop() -> Generator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def _standing_in(standin: StandIn, loop: asyncio.AbstractEventLoop) -> Generator[None]:
    _on(loop, standin.__aenter__())
    try:
        yield
    finally:
        _on(loop, standin.__aexit__(None, None, None))


def _on(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, _Result]) -> _Result:
    return asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE)

"""The client and the stand-ins, each running for one test."""

from collections.abc import AsyncIterator

import pytest
from tests.standins.google import GoogleStandIn
from tests.standins.jigsawstack import JigsawStackStandIn
from tests.standins.openai import OpenAIStandIn

from safelight.outbound.client import Client


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client() as client:
        yield client


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIStandIn]:
    async with OpenAIStandIn() as standin:
        yield standin


@pytest.fixture
async def google() -> AsyncIterator[GoogleStandIn]:
    async with GoogleStandIn() as standin:
        yield standin


@pytest.fixture
async def jigsawstack() -> AsyncIterator[JigsawStackStandIn]:
    async with JigsawStackStandIn() as standin:
        yield standin

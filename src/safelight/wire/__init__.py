"""Replicate's JSON, both ways: the only place that spells wire fields."""

from safelight.wire.bodies import Create, read_create, read_json
from safelight.wire.encoding import Json, encode, instant, page, problem
from safelight.wire.models import account, hardware, model, version
from safelight.wire.predictions import Wire

__all__ = [
    "Create",
    "Json",
    "Wire",
    "account",
    "encode",
    "hardware",
    "instant",
    "model",
    "page",
    "problem",
    "read_create",
    "read_json",
    "version",
]

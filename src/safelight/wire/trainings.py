"""Trainings, both ways."""

from itertools import chain
from typing import Final

import msgspec

from safelight.prediction import Prediction
from safelight.wire.bodies import Create, create_faults, create_of
from safelight.wire.encoding import Json
from safelight.wire.fields import Field, faults_of, read_object, refuse
from safelight.wire.predictions import Wire

_DESTINATION: Final = {"destination": Field(str, is_required=True)}
_SHARED: Final = ("input", "webhook", "webhook_events_filter", "webhook_completed")


class TrainingCreate(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a training create."""

    destination: str
    create: Create
    """What it has in common with that of a prediction."""


def read_training(body: bytes) -> TrainingCreate:
    """The body of a training create; unknown fields are ignored, as Replicate does.

    Raises:
        Malformed: It is not JSON.
        InvalidInput: It is not such a body; every fault is named.
    """
    given = read_object(body)
    shared = {name: given[name] for name in _SHARED if name in given}
    own = {name: given[name] for name in _DESTINATION if name in given}
    refuse(chain(faults_of(own, _DESTINATION), create_faults(shared, needs_version=False)))
    return TrainingCreate(destination=given["destination"], create=create_of(shared))


def training(wire: Wire, prediction: Prediction, origin: str) -> Json:
    """A training at its own address."""
    shown = wire.prediction(prediction, origin)
    api = f"{origin}/v1/trainings/{prediction.id}"
    return shown | {
        "destination": prediction.destination,
        "urls": shown["urls"] | {"get": api, "cancel": f"{api}/cancel"},
    }

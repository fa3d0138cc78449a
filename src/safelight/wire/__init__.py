"""Replicate's JSON, both ways: the only place that spells wire fields."""

from safelight.wire.archives import read_archive
from safelight.wire.bodies import Create, read_create
from safelight.wire.deployments import (
    DeploymentChange,
    DeploymentCreate,
    deployment,
    read_deployment,
    read_deployment_change,
)
from safelight.wire.encoding import Json, encode, instant, page, problem
from safelight.wire.fields import read_json
from safelight.wire.files import (
    CONTENT,
    UNKNOWN_TYPE,
    ContentPart,
    Description,
    file,
    read_upload,
)
from safelight.wire.models import (
    account,
    hardware,
    model,
    read_model_changes,
    read_new_model,
    version,
)
from safelight.wire.predictions import Wire
from safelight.wire.searches import (
    collection,
    findings,
    found_model,
    found_models,
    read_search,
    whole_collection,
)
from safelight.wire.tokens import TokenCreate, created_token, read_token, token
from safelight.wire.trainings import TrainingCreate, read_training, training
from safelight.wire.upstreams import findings_of_providers, upstreams
from safelight.wire.usage import estimate, usage, usage_csv
from safelight.wire.webhooks import delivery, read_rotation, signing_secret, webhook_body

__all__ = [
    "CONTENT",
    "UNKNOWN_TYPE",
    "ContentPart",
    "Create",
    "DeploymentChange",
    "DeploymentCreate",
    "Description",
    "Json",
    "TokenCreate",
    "TrainingCreate",
    "Wire",
    "account",
    "collection",
    "created_token",
    "delivery",
    "deployment",
    "encode",
    "estimate",
    "file",
    "findings",
    "findings_of_providers",
    "found_model",
    "found_models",
    "hardware",
    "instant",
    "model",
    "page",
    "problem",
    "read_archive",
    "read_create",
    "read_deployment",
    "read_deployment_change",
    "read_json",
    "read_model_changes",
    "read_new_model",
    "read_rotation",
    "read_search",
    "read_token",
    "read_training",
    "read_upload",
    "signing_secret",
    "token",
    "training",
    "upstreams",
    "usage",
    "usage_csv",
    "version",
    "webhook_body",
    "whole_collection",
]

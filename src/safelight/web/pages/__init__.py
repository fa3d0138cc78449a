"""The pages, and the table of all of them."""

from collections.abc import Sequence
from typing import Final

from safelight.web.pages import (
    comparing,
    deployments,
    explore,
    files,
    leaving,
    models,
    predictions,
    runs,
    tokens,
    upstreams,
    usage,
    webhooks,
)
from safelight.web.visitor import Page

PAGES: Final[Sequence[Page]] = (
    *explore.PAGES,
    *leaving.PAGES,
    *runs.PAGES,
    *comparing.PAGES,
    *predictions.PAGES,
    *deployments.PAGES,
    *files.PAGES,
    *tokens.PAGES,
    *webhooks.PAGES,
    *usage.PAGES,
    *upstreams.PAGES,
    *models.PAGES,
)
"""In the order in which they are tried: those of fixed words before `/{owner}/{name}`."""

"""Where each page is, once there is something on it."""

from collections.abc import Mapping

from tests.browser.seeding import Seeds

EMPTY: Mapping[str, str] = {
    "explore": "/",
    "collection": "/collections/text-to-image",
    "search-without-result": "/?q=xylophone",
    "model": "/openai/gpt-image-2",
    "model-with-key": "/openai/gpt-image-1",
    "api": "/openai/gpt-image-2/api",
    "examples": "/openai/gpt-image-2/examples",
    "readme": "/openai/gpt-image-2/readme",
    "versions": "/openai/gpt-image-2/versions",
    "predictions": "/predictions",
    "predictions-without-result": "/predictions?prompt=nothing-like-it",
    "files": "/files",
    "deployments": "/deployments",
    "deployment-new": "/deployments/new",
    "usage": "/usage",
    "webhooks": "/webhooks",
    "tokens": "/tokens",
    "token-new": "/tokens/new",
    "upstreams": "/upstreams",
    "enter": "/enter",
    "not-found": "/nobody/nothing",
}
"""Pages that need nothing; where there is nothing, each says what would be there."""


def full(seeds: Seeds) -> Mapping[str, str]:
    """Pages that show what was made."""
    one, other = seeds.runs[-2:]
    several = next(run for run, of in zip(seeds.runs, seeds.many, strict=True) if of > 1)
    return {
        **{name: EMPTY[name] for name in ("model", "files", "deployments", "webhooks", "tokens")},
        "model-run": f"/safelight/sketch?prediction={one}",
        "predictions": "/predictions",
        "predictions-table": "/predictions?view=table",
        "prediction": f"/p/{one}",
        "prediction-of-many": f"/p/{several}",
        "prediction-failed": f"/p/{seeds.runs[1]}",
        "prediction-hooked": f"/p/{seeds.hooked}",
        "compare": f"/compare?a={one}&b={other}",
        "deployment": f"/deployments/{seeds.deployment}",
        "delivery": f"/webhooks/{seeds.delivery}",
    }

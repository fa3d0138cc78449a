"""Models as answers show them: with their runs, their cover and their default example."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request

from safelight import wire
from safelight.api.context import Context
from safelight.errors import NotFound
from safelight.model import EXAMPLES, Model
from safelight.prediction import Prediction


async def shown_models(
    context: Context, request: Request, models: Sequence[Model]
) -> list[wire.Json]:
    """These models, in this order."""
    runs = await context.store.run_counts()
    return [await _shown(context, request, model, runs) for model in models]


async def shown_model(context: Context, request: Request, model: Model) -> wire.Json:
    """One model."""
    (shown,) = await shown_models(context, request, [model])
    return shown


async def examples_of(context: Context, model: Model, most: int) -> list[Prediction]:
    """The first of its examples: those that are (still) here."""
    found: list[Prediction] = []
    for prediction_id in model.examples[:most]:
        try:
            found.append(await context.store.get(prediction_id, EXAMPLES))
        except NotFound:
            continue
    return found


async def _shown(
    context: Context, request: Request, model: Model, runs: Mapping[str, int]
) -> wire.Json:
    origin = context.origin(request)
    examples = await examples_of(context, model, most=1)
    shown = [context.wire.prediction(prediction, origin) for prediction in examples]
    return wire.model(model, runs.get(model.full_name, 0), origin, next(iter(shown), None))

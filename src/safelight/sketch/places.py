"""The list of places and the painter of each."""

from collections.abc import Callable
from types import ModuleType

from safelight.sketch import elsewhere, forests, interiors, landscapes, seascapes, urban
from safelight.sketch.stage import Stage

Painter = Callable[[Stage], None]


def _of(module: ModuleType, names: str) -> dict[str, Painter]:
    found: dict[str, Painter] = {name: getattr(module, name) for name in names.split()}
    return found


PLACES: dict[str, Painter] = {
    **_of(seascapes, "ocean beach island lake river waterfall harbour bridge arctic underwater"),
    **_of(
        landscapes,
        "mountains snowymountains hills flowers farm sunflowers desert savanna canyon volcano snowfield",
    ),
    **_of(forests, "forest snowyforest pineforest jungle swamp bamboo park garden"),
    **_of(urban, "skyline street neonstreet road brickwall rushing"),
    **_of(interiors, "livingroom bedroom kitchen tabletop cafe office library classroom"),
    **_of(elsewhere, "space moon sky cave studio stadium village castlehill temple"),
    "planet": elsewhere.alien,
    "stage": elsewhere.stage_lights,
}

"""The list of places and the painter of each."""

from collections.abc import Callable
from types import ModuleType

from safelight.sketch import (
    cosmos,
    forests,
    interiors,
    landscapes,
    seascapes,
    settlements,
    shores,
    urban,
    venues,
)
from safelight.sketch.reefs import underwater
from safelight.sketch.skylines import skyline
from safelight.sketch.stage import Stage

Painter = Callable[[Stage], None]


def _of(module: ModuleType, names: str) -> dict[str, Painter]:
    found: dict[str, Painter] = {name: getattr(module, name) for name in names.split()}
    return found


PLACES: dict[str, Painter] = {
    **_of(seascapes, "ocean beach island lake river waterfall arctic"),
    **_of(shores, "harbour bridge"),
    **_of(
        landscapes,
        "mountains snowymountains hills flowers farm sunflowers desert savanna canyon volcano snowfield",
    ),
    **_of(forests, "forest snowyforest pineforest jungle swamp bamboo park garden"),
    **_of(urban, "street neonstreet road brickwall"),
    **_of(interiors, "livingroom bedroom kitchen tabletop cafe office library classroom"),
    **_of(cosmos, "space moon sky"),
    **_of(venues, "cave studio stadium"),
    **_of(settlements, "village castlehill temple"),
    "underwater": underwater,
    "skyline": skyline,
    "planet": cosmos.alien,
    "stage": venues.stage_lights,
}

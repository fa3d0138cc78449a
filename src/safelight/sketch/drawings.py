"""The list of subjects drawn by hand; each drawing is SVG in its own units."""

from collections.abc import Callable
from functools import partial

from safelight.sketch import animals, buildings, objects, vehicles
from safelight.sketch.colours import Colour
from safelight.sketch.dragons import dragon
from safelight.sketch.figures import COSTUMES, couple, figure

# variant (which of several looks), colour asked for, words said of it -> width, height, SVG elements
Drawing = Callable[[int, Colour | None, frozenset[str]], tuple[int, int, str]]

DRAWINGS: dict[str, Drawing] = {
    **{name: partial(figure, name) for name in COSTUMES},
    "couple": couple,
    "cat": animals.cat, "dog": animals.dog, "horse": animals.horse, "blackcat": animals.black_cat, "dragon": dragon,
    "car": vehicles.car, "taxi": vehicles.taxi, "sportscar": vehicles.sportscar, "airballoon": vehicles.airballoon,
    "sailboat": vehicles.sailboat, "galleon": vehicles.galleon, "rowboat": vehicles.rowboat,
    "lighthouse": buildings.lighthouse, "castle": buildings.castle, "house": buildings.house, "cabin": buildings.cabin,
    "windmill": buildings.windmill, "fox": objects.fox, "robot": objects.robot, "cup": objects.cup,
    "fruitbowl": objects.fruitbowl, "sushi": objects.sushi, "piano": objects.piano, "monitor": objects.monitor,
    "laptop": objects.laptop, "phone": objects.phone, "lamp": objects.lamp, "lantern": objects.lantern,
    "armchair": objects.armchair, "sofa": objects.sofa, "hat": objects.hat, "tree": objects.tree, "pine": objects.pine,
    "palm": objects.palm, "sunflower": objects.sunflower,
}  # fmt: skip

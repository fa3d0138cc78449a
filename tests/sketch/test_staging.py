"""Where things stand: relations, riders, what carries lettering, and letters no font has."""

import numpy as np
import pytest
from PIL import Image

from safelight.sketch.brief import Brief, Lettering, Thing
from safelight.sketch.composing import compose
from safelight.sketch.groups import composed, joined
from safelight.sketch.lettering import FACES, spelled, text_mask
from safelight.sketch.light import light_of
from safelight.sketch.reading import read
from safelight.sketch.relations import Placed, relate
from safelight.sketch.stage import Ground, Stage


def _stage(brief: Brief | None = None) -> Stage:
    canvas = Image.new("RGB", (400, 400))
    stage = Stage(brief or Brief(), light_of("day", ""), np.random.default_rng(1), canvas)
    stage.ground = Ground("ground", 240, 380)
    return stage


def _placed(relation: str = "", x: float = 100, size: tuple[int, int] = (60, 80)) -> Placed:
    cut = Image.new("RGBA", size, (90, 90, 90, 255))
    return Placed(cut, x, 350, "land", Thing("dog", relation=relation))


@pytest.mark.parametrize("word", ["under", "behind", "in front of", "leaning against", "beside"])
def test_relations_are_read(word: str) -> None:
    """The relation goes to the thing it leads to."""
    dog, tree = read(f"a dog {word} a tree").things
    assert dog.relation == ""
    assert word.endswith(tree.relation or "?")


def test_what_is_under_a_thing_stands_below_it() -> None:
    """Both share a column; the cover is taller and drawn first."""
    first, cover = _placed(), _placed("under", 300)
    relate(_stage(), [[first], [cover]])
    assert first.x == cover.x
    assert first.y > cover.y
    assert cover.cut.height > first.cut.height


def test_what_is_behind_a_thing_is_farther_and_still_seen() -> None:
    """Its feet are higher in the picture, and it shows beside what hides it."""
    first, hiding = _placed(), _placed("behind", 200)
    relate(_stage(), [[first], [hiding]])
    assert first.y < hiding.y
    assert abs(first.x - hiding.x) > hiding.cut.width * 0.4


def test_what_leans_on_a_thing_touches_it() -> None:
    """The leaning one is tilted, and the two overlap a little."""
    first, wall = _placed(), _placed("leaning against", 250)
    relate(_stage(), [[first], [wall]])
    assert first.cut.size != (60, 80)
    assert 0 < wall.x - first.x < (first.cut.width + wall.cut.width) / 2


def test_a_rider_and_its_horse_are_one_cut_out() -> None:
    """The astronaut sits on the horse rather than beside it."""
    ((rider, mount, how),) = joined(list(read("an astronaut riding a horse").things))
    assert how == "rides"
    cut = composed(rider, mount, how, 200, 1)
    alone = composed(rider, None, "", 200, 1)
    assert cut.width > 1.5 * alone.width


@pytest.mark.parametrize("carrier", ["mug", "book", "shirt"])
def test_a_carrier_alone_gets_the_lettering(carrier: str) -> None:
    """Two pictures with other words differ in the middle, where the carrier is."""
    shown = [
        np.asarray(compose(_stage(Brief(carrier=carrier, lettering=(text,))), transparent=False))
        for text in (Lettering("HELLO"), Lettering("WORLD"))
    ]
    difference = np.abs(shown[0].astype(np.int16) - shown[1]).max(axis=-1)
    assert (difference[100:360, 100:300] > 90).sum() > 60


@pytest.mark.parametrize(
    "text", ["\u55b6\u696d\u4e2d", "\u0645\u0631\u062d\u0628\u0627", "\U0001f600\U0001f680"]
)
def test_a_script_the_fonts_lack_is_left_out(text: str) -> None:
    """Rather no text than empty boxes."""
    assert read(f'a sign that says "{text}"').lettering == ()


@pytest.mark.parametrize("face", FACES)
def test_no_face_draws_an_empty_box(face: str) -> None:
    """Letters that a face lacks are set in the plain one; those that it lacks too are left out."""
    assert spelled("OPEN \U0001f600 \u55b6", face) == ("OPEN", "sans")
    assert spelled("Open", face) == ("Open", face)
    boxes = text_mask("\u55b6\u696d", face, (200, 80))
    assert boxes.getbbox() is None

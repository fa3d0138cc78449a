"""Where subjects stand to one another: under, behind, in front, leaning, beside."""

from dataclasses import dataclass
from itertools import pairwise

from PIL import Image

from safelight.sketch.brief import Thing
from safelight.sketch.stage import Stage


@dataclass(slots=True)
class Placed:
    """A cut-out with the place of its feet (middle of its lower edge), pixels."""

    cut: Image.Image
    x: float
    y: float
    habitat: str
    thing: Thing


_LEAN = 9  # degrees


def relate(stage: Stage, groups: list[list[Placed]]) -> None:
    """Move what the prompt relates: a group's relation says where the group before it is."""
    for before, group in pairwise(groups):
        if not before or not group:
            continue
        first, second = before[0], group[0]
        flies = "air" in {first.habitat, second.habitat}
        move = (_ALOFT if flies else _MOVES).get(second.thing.relation)
        if move is not None:
            move(stage, first, second)
            for one in (first, second):
                half = min(one.cut.width, stage.width) * 0.46
                one.x = min(max(one.x, half), stage.width - half)


def _span(stage: Stage) -> float:
    return max(stage.ground.near - stage.ground.far, stage.height * 0.06)


def _under(stage: Stage, first: Placed, second: Placed) -> None:
    """The second rises behind the first, over its head."""
    low = first.cut.height * 1.5
    if second.cut.height < low:
        grown = min(low, stage.height * 0.7) / second.cut.height
        second.cut = second.cut.resize(
            (max(1, int(second.cut.width * grown)), max(1, int(second.cut.height * grown))),
            Image.Resampling.BICUBIC,
        )
    first.x = second.x = (first.x + second.x) / 2
    first.y = max(first.y, second.y + 0.02 * stage.height)


def _behind(stage: Stage, first: Placed, second: Placed) -> None:
    """The first shows beside or above the second, farther off."""
    side = -1 if second.x > stage.width / 2 else 1
    hidden = first.cut.height < second.cut.height * 1.15
    first.x = second.x + side * second.cut.width * (0.46 if hidden else 0.2)
    first.y = second.y - 0.18 * _span(stage)


def _before(stage: Stage, first: Placed, second: Placed) -> None:
    first.x = second.x + 0.12 * second.cut.width
    first.y = max(first.y, second.y + 0.25 * _span(stage))


def _leaning(_stage: Stage, first: Placed, second: Placed) -> None:
    """The first is tilted toward the second and touches it."""
    first.cut = first.cut.rotate(-_LEAN, Image.Resampling.BICUBIC, expand=True)
    seen = first.cut.getchannel("A").getbbox()
    first.cut = first.cut.crop(seen) if seen else first.cut
    first.x = second.x - 0.44 * (first.cut.width + second.cut.width)
    first.y = second.y + 1


def _beside(_stage: Stage, first: Placed, second: Placed) -> None:
    middle, apart = (first.x + second.x) / 2, 0.52 * (first.cut.width + second.cut.width)
    share = first.cut.width / (first.cut.width + second.cut.width)
    first.x, second.x = middle - apart * (1 - share), middle + apart * share
    first.y = second.y = max(first.y, second.y)


def _over(stage: Stage, first: Placed, second: Placed) -> None:
    """The first flies before the upper part of the second."""
    if first.habitat == "air":
        side = -1 if second.x > stage.width / 2 else 1
        first.x = second.x + side * second.cut.width * 0.28
        first.y = max(first.cut.height * 1.03, second.y - second.cut.height * 0.42)


_ALOFT = {"over": _over, "above": _over, "flying": _over, "on top of": _over}
_MOVES = {
    "under": _under, "below": _under, "beneath": _under, "underneath": _under, "behind": _behind,
    "in front of": _before, "leaning against": _leaning, "against": _leaning, "next to": _beside, "beside": _beside,
}  # fmt: skip

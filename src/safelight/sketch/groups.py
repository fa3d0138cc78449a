"""One cut-out of several: what wears, holds or rides what; and cut-outs on a clear ground."""

from dataclasses import replace

from PIL import Image

from safelight.sketch.brief import Thing
from safelight.sketch.drawings import DRAWINGS
from safelight.sketch.lexicon import subjects
from safelight.sketch.subjects import cutout

_CARRYING = {"riding", "on", "on top of", "driving", "in", "sitting", "standing", "sleeping"}


_WORN = {"hat", "top hat", "cap", "crown", "sunglasses", "glasses", "headphones"}


_HELD = {"holding", "reading", "playing", "eating", "drinking", "carrying", "with"}


_CARRIERS = {"riding", "driving"}


_SEATS = {
    "horse", "unicorn", "zebra", "camel", "bactrian camel", "elephant", "dragon", "chair", "couch", "bed", "bicycle",
    "motorcycle", "scooter", "skateboard", "boat", "canoe", "whale", "dolphin", "llama", "cow", "turtle", "giraffe",
    "bear", "polar bear", "tiger", "lion", "t-rex", "sauropod", "piano", "books", "suitcase", "treasure chest", "barrel",
}  # fmt: skip


_SADDLES = {
    "bicycle": 0.2,
    "horse": 0.36,
    "unicorn": 0.4,
    "dragon": 0.5,
    "elephant": 0.14,
    "camel": 0.24,
}


_ENCLOSING = {"whale", "dolphin"}


_FOUR_LEGGED = {"cat", "black cat", "dog", "fox", "horse"}


def joined(things: list[Thing]) -> list[tuple[Thing, Thing | None, str]]:
    """Pair subjects that hold, wear or ride one another: (main, other, how)."""
    groups: list[tuple[Thing, Thing | None, str]] = []
    waiting = list(things)
    while waiting:
        first = waiting.pop(0)
        other = waiting[0] if waiting else None
        how = "" if other is None else _bond(first, other)
        if how:
            waiting.pop(0)
        groups.append((first, other if how else None, how))
    return groups


def _bond(first: Thing, other: Thing) -> str:
    living = subjects()[first.name].habitat in {"land", "space", "air", "sea", "water"}
    if other.name in _WORN and living and other.relation in {"with", "wearing", "in", "and"}:
        return "wears"
    if first.name == "dragon" and other.name == "fire":
        return "breathes"
    if other.relation in _CARRIERS or (other.relation in _CARRYING and other.name in _SEATS):
        return "rides"
    if other.relation in _HELD and living and subjects()[other.name].habitat == "table":
        return "holds"
    return ""


def composed(
    thing: Thing, other: Thing | None, how: str, height: float, variant: int
) -> Image.Image:
    """Return one cut-out: the subject alone, or with what it wears, holds or rides."""
    if how == "breathes":
        thing = replace(thing, words=thing.words | {"fire"})
    if how == "rides" and other is not None:
        return _mounted(thing, other, height, variant)
    main = cutout(thing, max(8, int(height)), variant)
    if other is None or how == "breathes":
        return main
    if how == "wears":
        return _with_hat(main, other, variant)
    return _with_held(main, other, variant)


def clear(width: int, height: int) -> Image.Image:
    """Return an empty transparent picture, at least a pixel wide and high."""
    return Image.new("RGBA", (max(1, width), max(1, height)))


def _head_of(cut: Image.Image) -> tuple[int, int, int]:
    """Find the head of a cut-out: the middle column and width of its topmost part, and its first row."""
    band = cut.getchannel("A").crop(
        (
            0,
            int(cut.height * 0.06),
            cut.width,
            max(int(cut.height * 0.06) + 1, int(cut.height * 0.2)),
        )
    )
    box = band.getbbox() or (0, 0, cut.width, 1)
    left, right = box[0], box[2]
    if right - left > cut.width * 0.6:
        right = left + int(cut.width * 0.4)
    return (left + right) // 2, max(8, right - left), box[1]


def _with_hat(main: Image.Image, hat: Thing, variant: int) -> Image.Image:
    column, width, _ = _head_of(main)
    worn = cutout(hat, 64, variant)
    eyes = hat.name in {"sunglasses", "glasses"}
    wide = max(12, int(max(width * 1.25, main.width * 0.3)))
    worn = (
        worn.resize((wide, max(1, worn.height * wide // worn.width)), Image.Resampling.LANCZOS)
        if worn.width >= wide
        else cutout(hat, max(8, worn.height * wide // worn.width), variant)
    )
    rise = 0 if eyes else int(worn.height * 0.52)
    whole = clear(max(main.width, column + worn.width), main.height + rise)
    whole.alpha_composite(main, (0, rise))
    top = int(main.height * 0.17) if eyes else 0
    whole.alpha_composite(worn, (max(0, column - worn.width // 2), top))
    return whole


def _with_held(main: Image.Image, held: Thing, variant: int) -> Image.Image:
    natural = subjects()[held.name].height
    height = int(main.height * min(0.5, max(0.2, natural**0.5 * 0.42)))
    item = cutout(held, height, variant)
    whole = clear(max(main.width, item.width), main.height)
    whole.alpha_composite(main, ((whole.width - main.width) // 2, 0))
    whole.alpha_composite(item, ((whole.width - item.width) // 2, int(main.height * 0.53)))
    return whole


def _mounted(rider: Thing, mount: Thing, height: float, variant: int) -> Image.Image:
    sizes = subjects()
    below = cutout(
        mount,
        max(
            8,
            int(
                max(
                    height,
                    0.72 * height * (sizes[mount.name].height / sizes[rider.name].height) ** 0.4,
                )
            ),
        ),
        variant,
    )
    furniture = sizes[mount.name].habitat == "room" or mount.name in {"boat", "canoe"}
    pose = "seated" if furniture or mount.name in _ENCLOSING else "astride"
    seat = replace(rider, words=rider.words | {pose})
    above = cutout(
        seat, max(8, int(below.height * (0.62 if sizes[rider.name].height > 1 else 0.5))), variant
    )
    saddle, hips = (0.74, 0.97) if furniture else (_SADDLES.get(mount.name, 0.34), 0.62)
    if rider.name not in DRAWINGS or rider.name in _FOUR_LEGGED:
        hips = 0.97 if furniture else 0.9
    in_front = furniture or pose == "astride"
    rise = max(0, int(above.height * hips - below.height * saddle))
    whole = clear(max(below.width, above.width), below.height + rise)
    seats = min(rider.count, 4) if furniture else 1
    top = rise + int(below.height * saddle - above.height * hips)
    mount_layer = (below, ((whole.width - below.width) // 2, rise))
    riders = [
        (above, (int(whole.width * (0.52 + 0.17 * (k - (seats - 1) / 2))) - above.width // 2, top))
        for k in range(seats)
    ]
    for layer, at in [mount_layer, *riders] if in_front else [*riders, mount_layer]:
        whole.alpha_composite(layer, (max(0, at[0]), max(0, at[1])))
    return whole

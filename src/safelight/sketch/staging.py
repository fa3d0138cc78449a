"""Setting the subjects into the scene: size by distance, shadow, mirror image, water line, flight."""

from dataclasses import replace

from PIL import Image, ImageChops, ImageFilter, ImageOps

from safelight.sketch.brief import Thing
from safelight.sketch.colours import byte, mix, times
from safelight.sketch.fields import ramp
from safelight.sketch.groups import clear, composed, joined
from safelight.sketch.lettering import text_mask
from safelight.sketch.lexicon import Subject, subjects
from safelight.sketch.light import light_of
from safelight.sketch.relations import Placed, relate
from safelight.sketch.stage import Stage, mask_of
from safelight.sketch.subjects import lit


def stage_subjects(stage: Stage) -> None:
    """Place every subject of the brief in the painted scene, far ones first."""
    things = [thing for thing in stage.brief.things if not _is_scenery(stage, thing)]
    groups = joined(things)
    placed = [_place(stage, group, index, len(groups)) for index, group in enumerate(groups)]
    relate(stage, placed)
    everyone = [one for group in placed for one in group]
    for one in sorted(everyone, key=lambda item: (item.habitat == "air", item.y)):
        _set_in(stage, one)


def _is_scenery(stage: Stage, thing: Thing) -> bool:
    """A place may be made of the thing already (sunflowers in their field, trees in a forest)."""
    words = {
        "sunflowers": {"sunflower"},
        "calendar": {"calendar"},
        "forest": {"tree"},
        "pineforest": {"pine", "tree"},
    }
    return thing.name in words.get(stage.brief.place, set())


def _place(
    stage: Stage, group: tuple[Thing, Thing | None, str], index: int, groups: int
) -> list[Placed]:
    thing, other, how = group
    shared = how == "rides" and other is not None and subjects()[other.name].habitat == "room"
    count = 1 if shared else min(thing.count, 16)
    rng = stage.rng
    spots = _spots(stage, subjects()[thing.name], count, index, groups)
    placed: list[Placed] = []
    for x, y, scale in spots:
        cut = composed(thing, other, how, scale, int(rng.integers(24)))
        cut = _within(cut, stage.width * 0.78 / max(groups, min(count, 3)) ** 0.7)
        if rng.random() < 0.35 and count > 1:
            cut = ImageOps.mirror(cut)
        half = cut.width / 2
        left = (
            min(max(x, half * 0.92), stage.width - half * 0.92)
            if cut.width < stage.width
            else stage.width / 2
        )
        placed.append(Placed(cut, left, y, _habitat(stage, thing), thing))
    return placed


def _within(cut: Image.Image, most: float) -> Image.Image:
    """Return the cut-out, made smaller when it is wider than `most` pixels."""
    if cut.width <= most:
        return cut
    size = (max(1, int(most)), max(1, int(cut.height * most / cut.width)))
    return cut.resize(size, Image.Resampling.LANCZOS)


def _habitat(stage: Stage, thing: Thing) -> str:
    habitat = subjects()[thing.name].habitat
    if thing.words & {"flying", "floating", "soaring", "falling"} and stage.ground.kind != "table":
        return "air"
    if stage.ground.kind in {"space", "under", "air"}:
        return "air"
    if habitat in {"water", "sea"} and stage.ground.kind != "water":
        return "land" if habitat == "water" or stage.ground.kind in {"table", "floor"} else "air"
    if stage.ground.kind in {"table", "floor"} and habitat == "air" and thing.name != "balloon":
        return "air" if stage.ground.kind == "floor" else "land"
    if stage.ground.kind == "water" and habitat in {
        "land",
        "table",
        "road",
        "plant",
        "building",
        "room",
        "space",
    }:
        return "water"
    return habitat


def _height(stage: Stage, subject: Subject, count: int) -> float:
    """Return the height in pixels of one of `count` such subjects standing nearest."""
    share = stage.ground.hold * subject.height**0.45 * count**-0.3
    most = 0.62 if stage.width > stage.height else 0.5
    reach = 0.9 * stage.width / max(1, min(count, 4)) / stage.height
    return stage.height * min(max(share, 0.07), most, reach)


def _spots(
    stage: Stage, subject: Subject, count: int, index: int, groups: int
) -> list[tuple[float, float, float]]:
    """Return columns and rows of the feet, and heights, for `count` subjects of group `index`."""
    rng, ground = stage.rng, stage.ground
    centre = ground.middle if groups == 1 else (index + 0.75) / (groups + 0.5)
    span = 0.82 / groups if count > 1 else 0.0
    tall = _height(stage, subject, count)
    thing = stage.brief.things[index] if index < len(stage.brief.things) else None
    flies = thing is not None and _habitat(stage, thing) == "air"
    spots: list[tuple[float, float, float]] = []
    for k in range(count):
        share = (k + 0.5) / count - 0.5
        jitter = float(rng.uniform(-0.4, 0.4)) / count
        x = (centre + (share + jitter) * span * 1.1) * stage.width
        away = float(rng.random()) ** 1.2 if count > 1 else 0.12
        if flies:
            low = (
                stage.height * 0.8
                if ground.kind in {"space", "under", "air"}
                else min(ground.far * 1.02, stage.height * 0.62)
            )
            y = tall * 1.02 + max(0.0, low - tall) * (
                0.42 if count == 1 else float(rng.uniform(0.05, 0.95))
            )
            spots.append((x, y, tall * float(rng.uniform(0.6, 1.1) if count > 1 else 1)))
            continue
        if subject.habitat == "building" and ground.kind not in {"table", "floor"}:
            away = 0.8
        y = ground.near + (ground.far - ground.near) * away
        spots.append((x, y, tall * (1 - 0.55 * away if subject.habitat != "building" else 1.0)))
    return spots


def _set_in(stage: Stage, one: Placed) -> None:
    """Light one cut-out like the scene and paint it with its shadow, reflection or water line."""
    ground = stage.ground
    span = max(1.0, ground.near - ground.far)
    depth = max(0.0, min(1.0, (ground.near - one.y) / span)) if one.habitat != "air" else 0.12
    haze = depth * (0.34 if ground.kind in {"ground", "snow", "water", "road"} else 0.06)
    light = stage.light
    if one.habitat == "air" and light.dark > 0.4:  # an edge of light parts it from the dark sky
        light = replace(
            light, direct=max(light.direct, 0.85), sun=mix(light.sun, (0.8, 0.88, 1.0), 0.6)
        )
    cut = lit(one.cut, light, depth=haze)
    at = (int(one.x - cut.width / 2), int(one.y - cut.height))
    if one.habitat == "air":
        stage.put(cut, at)
        return
    if one.habitat in {"water", "sea"}:
        _float(stage, cut, at, one.habitat)
        return
    _shadow(stage, cut, at)
    if ground.kind in {"table", "road"} or stage.brief.has("reflection"):
        _mirror(stage, cut, at, 0.16)
    stage.put(cut, at)


def _shadow(stage: Stage, cut: Image.Image, at: tuple[int, int]) -> None:
    """Cast a soft shadow away from the sun, and a dark contact line under the feet."""
    side = -1 if stage.light.sun_at[0] > 0.5 else 1
    alpha = cut.getchannel("A")
    low = max(3, int(cut.height * 0.24))
    lean = int(low * 1.5) * side
    flat = ImageOps.flip(alpha).resize((cut.width, low), Image.Resampling.BOX)
    wide = cut.width + abs(lean)
    origin = -abs(lean) if side < 0 else 0
    shear = flat.transform(
        (wide, low),
        Image.Transform.AFFINE,
        (1, -lean / low, origin, 0, 1, 0),
        Image.Resampling.BILINEAR,
    )
    fade = mask_of(ramp(low, 0.55, 0.05)[:, None].repeat(wide, axis=1))
    soft = ImageChops.multiply(shear, fade)
    pad = max(2, low // 5)
    padded = ImageOps.expand(soft, pad).filter(ImageFilter.GaussianBlur(pad * 0.45))
    strength = 0.35 + 0.45 * stage.light.direct * (1 - 0.5 * stage.light.dark)
    tone = times(stage.light.shade, 0.35)
    stage.fill(
        padded.point([int(value * strength) for value in range(256)]),
        tone,
        (at[0] + origin - pad, at[1] + cut.height - pad - max(1, low // 9)),
    )
    foot = alpha.crop((0, int(cut.height * 0.86), cut.width, cut.height)).resize(
        (cut.width, max(2, cut.height // 22)), Image.Resampling.BOX
    )
    rim = max(2, cut.height // 40)
    contact = (
        ImageOps.expand(foot, rim)
        .filter(ImageFilter.GaussianBlur(rim * 0.8))
        .point([int(value * 0.6) for value in range(256)])
    )
    stage.fill(
        contact,
        times(stage.light.shade, 0.25),
        (at[0] - rim, at[1] + cut.height - rim - contact.height // 3),
    )


def _mirror(stage: Stage, cut: Image.Image, at: tuple[int, int], strength: float) -> None:
    image = ImageOps.flip(cut)
    low = max(2, int(cut.height * 0.5))
    image = image.crop((0, 0, cut.width, low)).filter(
        ImageFilter.GaussianBlur(1 + cut.height / 120)
    )
    fade = mask_of(ramp(low, strength * 1.6, 0.0)[:, None].repeat(cut.width, axis=1))
    image.putalpha(ImageChops.multiply(image.getchannel("A"), fade))
    stage.put(image, (at[0], at[1] + cut.height - max(1, cut.height // 60)))


def _float(stage: Stage, cut: Image.Image, at: tuple[int, int], habitat: str) -> None:
    """Set a cut-out in water: the lower part under, a rippled mirror image, a line of foam."""
    drown = 0.38 if habitat == "sea" else 0.07
    keep = max(2, int(cut.height * (1 - drown)))
    above = cut.crop((0, 0, cut.width, keep))
    line = at[1] + cut.height - int(cut.height * 0.02)
    top = line - keep
    mirrored = ImageOps.flip(above).resize(
        (cut.width, max(2, int(keep * 0.62))), Image.Resampling.BILINEAR
    )
    mirrored = _rippled(mirrored, stage.unit)
    fade = mask_of(ramp(mirrored.height, 0.62, 0.05)[:, None].repeat(mirrored.width, axis=1))
    mirrored.putalpha(ImageChops.multiply(mirrored.getchannel("A"), fade))
    stage.put(mirrored, (at[0], line))
    stage.put(above, (at[0], top))
    foot = (
        above.getchannel("A")
        .crop((0, max(0, keep - 3), cut.width, keep))
        .resize((cut.width, max(3, cut.height // 50)))
    )
    pad = max(2, cut.height // 45)
    foam = (
        ImageOps.expand(foot, pad)
        .filter(ImageFilter.GaussianBlur(pad * 0.6))
        .point([int(value * 0.55) for value in range(256)])
    )
    stage.fill(
        foam,
        times((0.95, 0.98, 1.0), 0.35 + 0.65 * (1 - stage.light.dark)),
        (at[0] - pad, line - pad - foam.height // 4),
    )


def _rippled(image: Image.Image, unit: float) -> Image.Image:
    """Shift rows sideways in widening waves."""
    out = clear(image.width, image.height)
    band = max(1, int(2 * unit))
    for row in range(0, image.height, band):
        share = row / image.height
        shift = int(((row // band * 37) % 11 - 5) * unit * (0.5 + 1.8 * share))
        out.paste(image.crop((0, row, image.width, min(image.height, row + band))), (shift, row))
    return out


def lone_subjects(stage: Stage) -> Image.Image:
    """Return the subjects alone, in even light, on a clear ground; the lettering alone when there are none."""
    whole = clear(stage.width, stage.height)
    light = light_of("day", "")
    groups = joined(list(stage.brief.things)) or (
        [] if stage.brief.lettering else [(Thing("star"), None, "")]
    )
    cells = [group for group in groups for _ in range(min(group[0].count, 9))][:12]
    columns = max(1, round((len(cells) * stage.width / stage.height) ** 0.5)) if cells else 1
    rows = -(-len(cells) // columns) or 1
    wide, high = (
        stage.width * 0.92 / columns,
        stage.height * (0.9 if not stage.brief.lettering else 0.66) / rows,
    )
    for k, (thing, other, how) in enumerate(cells):
        cut = composed(thing, other, how, high * 0.86, int(stage.rng.integers(24)))
        scale = min(wide * 0.94 / cut.width, high * 0.94 / cut.height)
        cut = lit(
            cut.resize(
                (max(1, int(cut.width * scale)), max(1, int(cut.height * scale))),
                Image.Resampling.LANCZOS,
            ),
            light,
            strength=0.8,
        )
        x = stage.width * 0.04 + wide * (k % columns + 0.5) - cut.width / 2
        whole.alpha_composite(
            cut,
            (
                max(0, int(x)),
                max(0, int(stage.height * 0.05 + high * (k // columns + 0.5) - cut.height / 2)),
            ),
        )
    _letter_alone(stage, whole, filled=bool(cells))
    return whole


def _letter_alone(stage: Stage, whole: Image.Image, *, filled: bool) -> None:
    """Set the texts on the clear ground, with a white edge so that they read on any colour."""
    lines = [item.text for item in stage.brief.lettering][:4]
    top = stage.height * (0.72 if filled else 0.2)
    step = (stage.height * (0.97 if filled else 0.8) - top) / max(1, len(lines))
    tone = stage.brief.palette[0] if stage.brief.palette else (0.12, 0.14, 0.2)
    for index, text in enumerate(lines):
        mask = text_mask(text, "display", (stage.width * 0.86, step * 0.9))
        edge = mask.filter(ImageFilter.MaxFilter(max(3, int(step * 0.03) // 2 * 2 + 1)))
        at = (int(stage.width * 0.07), int(top + step * index))
        for cover, colour in ((edge, (1.0, 1.0, 1.0)), (mask, tone)):
            layer = Image.new("RGBA", cover.size, (*byte(colour), 0))
            layer.putalpha(cover)
            whole.alpha_composite(layer, at)

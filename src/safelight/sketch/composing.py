"""Putting a painting together: the place, the subjects, the lettering, the style and the finish."""

from PIL import Image

from safelight.sketch.brief import Brief
from safelight.sketch.figures import COSTUMES
from safelight.sketch.finishing import bloomed, grained, vignetted
from safelight.sketch.interiors import wall_of_inputs
from safelight.sketch.lexicon import subjects
from safelight.sketch.light import light_of, toward
from safelight.sketch.pages import calendar, card, logo
from safelight.sketch.places import PLACES, Painter
from safelight.sketch.portraits import paint_bust, sitter_of
from safelight.sketch.rooms import defocus
from safelight.sketch.screens import screen_scene
from safelight.sketch.signs import set_lettering
from safelight.sketch.speed import rushing
from safelight.sketch.stage import Stage
from safelight.sketch.staging import lone_subjects, stage_subjects
from safelight.sketch.styles import STYLES
from safelight.sketch.weathers import paint_weather

_FOR_NOTHING = (
    "lake",
    "mountains",
    "ocean",
    "hills",
    "pineforest",
    "flowers",
    "beach",
    "desert",
    "snowymountains",
)
_SWIMMERS = {
    "fish", "tropical fish", "jellyfish", "octopus", "squid", "pufferfish", "mermaid", "shark", "turtle",
}  # fmt: skip
_FAIR_HOURS = ("golden", "sunset", "dawn", "day", "golden")
_BY_HABITAT = {
    "table": ("tabletop",), "room": ("livingroom",), "water": ("ocean", "lake"), "sea": ("ocean",), "space": ("space",),
    "road": ("road",), "building": ("hills",), "air": ("sky", "hills"), "plant": ("hills",),
    "land": ("hills", "forest", "flowers", "park"),
}  # fmt: skip
_PAGES: dict[str, Painter] = {"card": card, "logo": logo}
_PRINTED: dict[str, set[str]] = {
    "shirt": set(), "mug": {"coffee", "tea", "mug", "cup"}, "book": {"book", "books", "open book"},
}  # fmt: skip
_CLEAN = {
    "pixel",
    "ink",
    "pencil",
    "blueprint",
    "flat",
    "comic",
    "watercolour",
    "lowpoly",
    "stained",
}


def compose(stage: Stage, *, transparent: bool) -> Image.Image:
    """Paint the stage's brief; RGBA when `transparent`, else RGB, at the stage's size."""
    if transparent:
        return lone_subjects(stage)
    _set_hour(stage)
    _scene(stage)(stage)
    if not (stage.staged or _is_printed(stage.brief)):
        stage_subjects(stage)
    if stage.inputs and not stage.used_inputs:
        wall_of_inputs(stage, stage.inputs[0])
    paint_weather(stage)
    set_lettering(stage)
    return _finished(stage)


def _is_printed(brief: Brief) -> bool:
    """Whether the thing the prompt names is the one that carries its lettering, which is painted with it."""
    if not brief.lettering or brief.carrier not in _PRINTED:
        return False
    return (
        brief.carrier == "shirt"
        or {thing.name for thing in brief.things} <= _PRINTED[brief.carrier]
    )


def _set_hour(stage: Stage) -> None:
    """An open prompt gets a beautiful hour by lot."""
    brief = stage.brief
    if not (brief.hour or brief.place or brief.things or brief.weather):
        hour = _FAIR_HOURS[int(stage.rng.integers(len(_FAIR_HOURS)))]
        stage.light = toward(light_of(hour, ""), brief.palette)


def _scene(stage: Stage) -> Painter:
    brief = stage.brief
    if brief.place == "calendar":
        return calendar
    if brief.carrier == "screen" and (
        brief.lettering or stage.inputs or brief.has("playlist", "code")
    ):
        return screen_scene
    if brief.carrier in _PAGES:
        return _PAGES[brief.carrier]
    if _is_portrait(brief):
        return _portrait
    return PLACES[brief.place] if brief.place in PLACES else PLACES[_place_for(stage)]


def _is_portrait(brief: Brief) -> bool:
    return brief.has("portrait") and any(thing.name in COSTUMES for thing in brief.things[:2])


def _place_for(stage: Stage) -> str:
    """Choose a place where the first subject is at home."""
    things, rng = stage.brief.things, stage.rng
    names, homes = (
        {thing.name for thing in things},
        [subjects()[one.name].habitat for one in things],
    )
    sure = (
        ("tabletop", stage.brief.carrier in {"mug", "book"} and _is_printed(stage.brief)),
        ("neonstreet", not things and stage.brief.carrier == "neon"),
        ("castlehill", "castle" in names),
        ("underwater", bool(things) and things[0].name in _SWIMMERS),
        ("beach", bool(things) and things[0].name == "lighthouse"),
        ("livingroom", "room" in homes),
        ("studio", homes[:1] == ["table"] and stage.brief.style == "photo"),
    )
    found = next((place for place, fits in sure if fits), "")
    choices = _BY_HABITAT[homes[0]] if homes else _FOR_NOTHING
    return found or choices[int(rng.integers(len(choices)))]


def _portrait(stage: Stage) -> None:
    """A bust before the named place out of focus, or before rushing lights, or a studio wall."""
    brief = stage.brief
    if brief.has("motion"):
        rushing(stage)
    else:
        PLACES[brief.place if brief.place in PLACES else "studio"](stage)
        defocus(stage, 9)
    person = next(thing for thing in brief.things if thing.name in COSTUMES)
    centre = 0.56 if stage.width > stage.height * 1.2 else 0.5
    printed = (
        [item.text for item in brief.lettering]
        if brief.carrier in {"shirt", ""} or brief.words & {"jacket", "shirt", "top"}
        else []
    )
    paint_bust(stage, sitter_of(stage, brief.words, person.name), printed, centre)
    if brief.has("flare", "motion"):
        _flare(stage)
    stage.staged, stage.lettered = True, bool(printed)


def _flare(stage: Stage) -> None:
    """A lens flare from the upper left, clear of the face."""
    width, height, unit = stage.width, stage.height, stage.unit
    x, y = width * 0.1, height * 0.2
    stage.glow((x, y), 300 * unit, (1.0, 0.88, 0.5), 0.85)
    stage.glow((x, y), 90 * unit, (1.0, 1.0, 0.95), 0.95)
    streak = f'<rect x="0" y="{y - 2.5 * unit}" width="{width * 0.46}" height="{5 * unit}" fill="#bfe0ff" fill-opacity=".7"/>'
    stage.draw(streak, (0, y - 30 * unit, width * 0.5, y + 30 * unit), blur=4 * unit, fine=0.5)
    for share, size, tone in (
        (0.16, 34, (0.3, 0.5, 1.0)),
        (0.92, 46, (0.9, 0.4, 0.8)),
        (0.98, 90, (0.3, 0.4, 0.9)),
    ):
        stage.glow(
            (x + (width - x) * share, y + (height * 0.9 - y) * share), size * unit, tone, 0.4
        )


def _finished(stage: Stage) -> Image.Image:
    style = stage.brief.style
    image = bloomed(stage.image, 0.3)
    if style in STYLES:
        image = STYLES[style](image, stage.rng)
    if style in _CLEAN:
        return image
    strength = 0.34 if style in {"photo", "vintage", "mono"} else 0.2
    return grained(
        vignetted(image, strength),
        int(stage.rng.integers(8)),
        7 if style in {"vintage", "mono"} else 4,
    )

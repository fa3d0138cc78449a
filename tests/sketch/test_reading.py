"""Reading a prompt: places, hours, subjects with their counts and colours, lettering, styles."""

import time

import pytest

from safelight.sketch.drawings import DRAWINGS
from safelight.sketch.lexicon import subjects
from safelight.sketch.places import PLACES
from safelight.sketch.reading import read
from safelight.sketch.styles import STYLES
from safelight.sketch.subjects import library_body


@pytest.mark.parametrize(
    ("prompt", "place", "hour", "weather", "style"),
    [
        ("Generate me an image of ocean", "ocean", "", "", ""),
        ("a red fox in a snowy forest", "snowyforest", "", "snow", ""),
        (
            "three hot air balloons over mountains at sunrise, watercolour",
            "mountains",
            "dawn",
            "",
            "watercolour",
        ),
        ("pixel art castle at night", "", "night", "", "pixel"),
        ("a cup of coffee on a wooden table by a rainy window", "tabletop", "", "rain", ""),
        ("sailboat on a calm lake at sunset", "lake", "sunset", "", ""),
        ("a dragon over a castle in a storm", "", "", "storm", ""),
        ("<today's date>", "calendar", "", "", ""),
        ("a bowl of fruit, oil painting", "", "", "", "oil"),
        ("", "", "", "", ""),
    ],
)
def test_place_hour_weather_and_style_are_read(
    prompt: str, place: str, hour: str, weather: str, style: str
) -> None:
    """The scene of a prompt is found in its words."""
    brief = read(prompt)
    assert (brief.place, brief.hour, brief.weather, brief.style) == (place, hour, weather, style)


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("three cats", [("cat", 3)]),
        ("a pair of dogs", [("dog", 2)]),
        ("two red foxes and a wolf", [("fox", 2), ("wolf", 1)]),
        ("underwater coral reef with yellow fish", [("tropical fish", 4)]),
        ("a beach with no people", []),
    ],
)
def test_subjects_are_counted(prompt: str, named: list[tuple[str, int]]) -> None:
    """Numbers, plurals and negations are bound to their noun."""
    assert [(thing.name, thing.count) for thing in read(prompt).things] == named


def test_a_colour_belongs_to_its_noun() -> None:
    """Each thing keeps the colour said before it; a colour without a noun goes to the palette."""
    car, bird = read("a red car and a blue bird").things
    assert car.colour is not None
    assert bird.colour is not None
    assert car.colour[0] > car.colour[2]
    assert bird.colour[2] > bird.colour[0]
    assert len(read("an abstract wallpaper, teal and orange").palette) == 2


@pytest.mark.parametrize(
    ("prompt", "texts"),
    [
        ('a sign that says "OPEN"', ["OPEN"]),
        ("a card that says 'Happy Birthday Ada'", ["Happy Birthday Ada"]),
        ("a poster titled \u201cLa Mer\u201d", ["La Mer"]),
        ("The playlist says GPT-image-2. the artists are Replicate.", ["GPT-image-2", "Replicate"]),
        ("<today's date>", ["today's date"]),
        ("it's the dog's bowl", []),
        ('"a red fox in a snowy forest"', []),
    ],
)
def test_lettering_is_found_and_spelled_as_given(prompt: str, texts: list[str]) -> None:
    """Texts are set letter for letter; apostrophes and a wholly quoted prompt are not texts."""
    assert [item.text for item in read(prompt).lettering] == texts


def test_quoted_words_are_not_subjects() -> None:
    """What is to be lettered is not painted as a thing."""
    assert read('a banner that says "cat dog horse"').things == ()


def test_every_subject_has_a_picture() -> None:
    """Each row of the subject list is in the library or drawn by hand."""
    for subject in subjects().values():
        if subject.picture.startswith("@"):
            assert subject.picture[1:] in DRAWINGS
        else:
            assert library_body(subject.picture).startswith("<")


def test_every_place_and_style_the_words_name_has_a_painter() -> None:
    """No word leads to a place or a style that nobody paints."""
    for word in ("ocean", "desert", "living room", "mars", "concert", "temple"):
        assert read(word).place in PLACES
    for word in ("watercolour", "oil painting", "pixel art", "blueprint", "comic"):
        assert read(word).style in STYLES
    assert len(PLACES) >= 40


def test_a_huge_prompt_is_read_at_once() -> None:
    """Thirty-two thousand characters of any script take well under a second."""
    begun = time.perf_counter()
    read(("\u6d77 \U0001f98a '\"<\u202e a fox says " * 3000)[:32000])
    assert time.perf_counter() - begun < 1

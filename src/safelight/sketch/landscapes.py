"""Scenes of open land: mountains, hills, fields, deserts, snow."""

from dataclasses import replace

import numpy as np

from safelight.sketch.brief import Thing
from safelight.sketch.colours import Colour, mix, rgb, times
from safelight.sketch.fields import line_noise, smooth
from safelight.sketch.plants import leafy, paint_pines
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Stage
from safelight.sketch.subjects import cutout, lit
from safelight.sketch.terrain import Floor, Ridge, paint_floor, paint_grass, paint_ridge, scatter

GRASS = Floor(rgb("#4c7a2c"), rgb("#86a653"), rgb("#2f5c22"), 0.9)
SNOW = Floor(rgb("#dfe8f5"), rgb("#f2f6fb"), rgb("#b9cbe4"), 0.35, 2.0)
SAND = Floor(rgb("#d6a868"), rgb("#e9c68c"), rgb("#b98347"), 0.4, 2.0, ripples=0.05)
GREENS = [rgb("#3f7a2e"), rgb("#58933a"), rgb("#2f6428"), rgb("#75a544")]
AUTUMN = [rgb("#c9641f"), rgb("#e09a2d"), rgb("#a83a1e"), rgb("#d7b23a")]
BLOSSOM = [rgb("#f4b6cf"), rgb("#f9d3e0"), rgb("#e88fb4"), rgb("#f7c4d8")]


def leaves_of(stage: Stage) -> list[Colour]:
    """Return the colours of leaves in the season the prompt names."""
    if stage.brief.has("autumn"):
        return AUTUMN
    return BLOSSOM if stage.brief.has("blossom") else GREENS


def dark(stage: Stage, colour: Colour, haze: float = 0.0) -> Colour:
    """Return a colour as the scene's light shows it at a distance (`haze` 0..1)."""
    seen = times(times(colour, stage.light.tint), 1 - 0.7 * stage.light.dark)
    return mix(seen, stage.light.haze, haze)


def _ground(stage: Stage, kind: str, near: float = 0.9, hold: float = 0.36) -> None:
    surface = "snow" if kind == "snow" else "ground"
    stage.ground = Ground(
        surface, stage.horizon + 0.10 * (stage.height - stage.horizon), stage.height * near, hold
    )


def _ranges(stage: Stage, rock: Colour, snow: float, tall: float = 0.34) -> None:
    height = stage.height
    for k, haze in enumerate((0.74, 0.5, 0.24)):
        rise = height * tall * (1.0, 0.82, 0.5)[k]
        paint_ridge(
            stage,
            Ridge(
                stage.horizon + height * 0.012 * k,
                rise,
                0.3 - 0.05 * k,
                rock,
                haze,
                1.0,
                snow * (1 - 0.3 * k),
            ),
        )


def mountains(stage: Stage) -> None:
    """Mountain ranges over a meadow with firs."""
    _mountains(stage, 0.42, GRASS if stage.brief.weather != "snow" else SNOW)


def snowymountains(stage: Stage) -> None:
    """White peaks over a snowfield."""
    _mountains(stage, 0.95, SNOW)


def _mountains(stage: Stage, snow: float, floor: Floor) -> None:
    stage.horizon = stage.height * 0.64
    paint_sky(stage)
    _ranges(stage, rgb("#64708a"), snow, 0.42)
    paint_floor(stage, floor)
    white = 0.7 if floor is SNOW else 0.0
    paint_pines(
        stage,
        stage.horizon + stage.height * 0.03,
        stage.height * 0.07,
        46,
        dark(stage, rgb("#274a3a"), 0.42),
        snow=white * 0.6,
    )
    paint_pines(
        stage,
        stage.horizon + stage.height * 0.12,
        stage.height * 0.17,
        16,
        dark(stage, rgb("#1d3d2e"), 0.14),
        snow=white,
        gap=True,
    )
    if floor is GRASS:
        scatter(
            stage,
            [rgb("#f5d75c"), rgb("#ffffff"), rgb("#c78fe0")],
            260,
            7,
            stage.horizon + stage.height * 0.1,
        )
        paint_grass(stage, rgb("#5b8a34"), stage.horizon + stage.height * 0.16, 900, 50)
    _ground(stage, "snow" if floor is SNOW else "ground")


def hills(stage: Stage) -> None:
    """Rolling green hills with trees."""
    paint_rolling(stage, GRASS)
    paint_grass(stage, rgb("#5f9138"), stage.horizon + stage.height * 0.12, 1000, 52)


def paint_rolling(stage: Stage, floor: Floor, ridge: Colour = (0.33, 0.5, 0.24)) -> None:
    """Paint hills, trees and a floor for a scene to be built on."""
    stage.horizon = stage.height * 0.55
    paint_sky(stage)
    height = stage.height
    paint_ridge(stage, Ridge(stage.horizon + 2, height * 0.15, 0.3, rgb("#5d7389"), 0.68, 0.5))
    crest = paint_ridge(stage, Ridge(stage.horizon + 2, height * 0.09, 0.45, ridge, 0.42, 0.0))
    for _ in range(26):
        x = int(stage.rng.integers(stage.width))
        leafy(
            stage,
            x,
            float(crest[x]) + 3,
            height * float(stage.rng.uniform(0.02, 0.035)),
            [mix(tone, stage.light.haze, 0.4) for tone in leaves_of(stage)],
        )
    paint_floor(stage, floor, until=stage.horizon + height * 0.1)
    crest = paint_ridge(
        stage,
        Ridge(
            stage.horizon + height * 0.09,
            height * 0.08,
            0.7,
            mix(ridge, floor.near, 0.5),
            0.14,
            0.0,
        ),
    )
    for _ in range(5):
        x = int(stage.rng.integers(stage.width))
        leafy(
            stage,
            x,
            float(crest[x]) + 4,
            height * float(stage.rng.uniform(0.07, 0.12)),
            leaves_of(stage),
        )
    paint_floor(stage, floor, stage.horizon + height * 0.085)
    _ground(stage, "ground")


def flowers(stage: Stage) -> None:
    """A meadow in bloom; a named flower or colour decides which."""
    words = stage.brief.words
    kinds = {
        "lavender": ["#8f6fd0", "#a78be0", "#6f50b8"],
        "poppy": ["#d8322f", "#e8503a"],
        "poppies": ["#d8322f", "#e8503a"],
        "tulip": ["#e0405a", "#f6cf3b", "#f08327", "#e88fc0"],
        "tulips": ["#e0405a", "#f6cf3b", "#f08327", "#e88fc0"],
    }
    chosen = next(
        (kinds[word] for word in kinds if word in words),
        ["#f6d44a", "#ffffff", "#e56b9c", "#9b7be0", "#f0803c"],
    )
    tones = list(stage.brief.palette) or [rgb(code) for code in chosen]
    paint_rolling(
        stage,
        replace(
            GRASS,
            patch=mix(GRASS.patch, tones[0], 0.35),
            furrows=0.16 if "lavender" in words else 0.0,
        ),
    )
    paint_grass(stage, rgb("#4f8a38"), stage.horizon + stage.height * 0.1, 700, 58)
    scatter(stage, tones, 2300, 15, stage.horizon + stage.height * 0.07, stems=True)


def farm(stage: Stage) -> None:
    """Fields in rows running to the horizon, a barn between trees."""
    wheat = bool(stage.brief.words & {"wheat", "golden", "corn"}) or stage.brief.hour in {
        "golden",
        "sunset",
    }
    floor = (
        Floor(rgb("#c79a3a"), rgb("#e2c169"), rgb("#9a6f24"), 0.9, 1.0, 0.13)
        if wheat
        else replace(GRASS, furrows=0.13)
    )
    paint_rolling(stage, floor)
    x, y, size = stage.width * 0.2, stage.horizon + stage.height * 0.09, stage.height * 0.15
    roof, wall = times(rgb("#5d3a35"), 1 - 0.5 * stage.light.dark), dark(stage, rgb("#a8322a"))
    stage.draw(_barn(x, y, size, wall, roof), (x - size, y - size * 1.2, x + size, y + 4))
    if wheat:
        paint_grass(stage, rgb("#d9ab47"), stage.horizon + stage.height * 0.12, 1500, 80)


def _barn(x: float, y: float, size: float, wall: Colour, roof: Colour) -> str:
    tones = [
        f"rgb({int(c[0] * 255)},{int(c[1] * 255)},{int(c[2] * 255)})"
        for c in (wall, times(wall, 0.7), roof)
    ]
    return (
        f'<g transform="translate({x} {y}) scale({size / 100})"><path d="M-60 0V-46L-30 -82L0 -46V0Z" fill="{tones[0]}"/><path d="M0 0V-46H74V0Z" fill="{tones[1]}"/>'
        f'<path d="M-66 -44L-30 -88L46 -88L80 -44H6L-30 -84L-60 -42Z" fill="{tones[2]}"/><path d="M-44 0V-30H-16V0ZM-44 -30L-16 0M-16 -30L-44 0" fill="{tones[1]}" stroke="#f2e6d8" stroke-width="2.4"/>'
        '<path d="M-36 -52h12v-12h-12z" fill="#f2e6d8"/></g>'
    )


def sunflowers(stage: Stage) -> None:
    """A field of sunflowers, row behind row."""
    paint_rolling(stage, Floor(rgb("#5c7d26"), rgb("#c2a93a"), rgb("#d6a91f"), 1.0))
    scatter(
        stage,
        [rgb("#f4bd1c"), rgb("#e8a915"), rgb("#ffd23a")],
        1500,
        9,
        stage.horizon + stage.height * 0.09,
    )
    paint_grass(stage, rgb("#4a7a2a"), stage.horizon + stage.height * 0.2, 700, 95)
    for share in np.linspace(0.02, 1.0, 46).tolist():
        size = stage.height * (0.05 + 0.36 * share**2.2) * float(stage.rng.uniform(0.85, 1.12))
        foot = stage.horizon + (stage.height - stage.horizon) * (0.26 + 1.02 * share) + size * 0.2
        cut = lit(cutout(Thing("sunflower"), int(size)), stage.light, depth=0.4 * (1 - share) ** 2)
        stage.put(cut, (int(float(stage.rng.uniform(-0.04, 1.0)) * stage.width), int(foot - size)))
    stage.ground = replace(
        stage.ground, far=stage.horizon + stage.height * 0.2, near=stage.height * 1.02
    )


def desert(stage: Stage) -> None:
    """Dunes with lit and shaded flanks."""
    stage.horizon = stage.height * 0.52
    paint_sky(stage)
    height = stage.height
    paint_ridge(stage, Ridge(stage.horizon + 2, height * 0.10, 0.3, rgb("#a7795a"), 0.62, 0.6))
    paint_floor(stage, SAND)
    for k, (foot, rise) in enumerate(((0.60, 0.10), (0.74, 0.13), (1.02, 0.2))):
        tone = mix(rgb("#dba25c"), rgb("#c98242"), k / 3)
        line = line_noise(stage.rng, stage.width, stage.width * 0.7, 2, 0.3) * 0.5 + 0.5
        paint_ridge(
            stage,
            Ridge(height * foot, height * rise, 0.8, tone, 0.3 - 0.13 * k, 0.0),
            line.astype(np.float32),
        )
    stage.ground = Ground("ground", height * 0.7, height * 0.93, 0.34)


def savanna(stage: Stage) -> None:
    """Dry grass and flat-topped acacias."""
    stage.horizon = stage.height * 0.58
    paint_sky(stage)
    height = stage.height
    paint_ridge(stage, Ridge(stage.horizon + 2, height * 0.07, 0.4, rgb("#8b7a68"), 0.6, 0.4))
    paint_floor(stage, Floor(rgb("#b98d3e"), rgb("#d9b765"), rgb("#8d6a2c"), 1.0))
    for _ in range(4):
        size = height * float(stage.rng.uniform(0.12, 0.3))
        x, y = float(stage.rng.random()) * stage.width, stage.horizon + height * 0.02 + size * 0.22
        stage.draw(_acacia(stage, x, y, size), (x - size, y - size * 1.2, x + size, y + 3))
    paint_grass(stage, rgb("#c79c48"), stage.horizon + height * 0.1, 1300, 70)
    _ground(stage, "ground")


def _acacia(stage: Stage, x: float, y: float, size: float) -> str:
    tone = dark(stage, rgb("#3c4a22"), 0.15)
    fill = f"rgb({int(tone[0] * 255)},{int(tone[1] * 255)},{int(tone[2] * 255)})"
    bark = dark(stage, rgb("#4a3526"), 0.1)
    stem = f"rgb({int(bark[0] * 255)},{int(bark[1] * 255)},{int(bark[2] * 255)})"
    return (
        f'<g transform="translate({x} {y}) scale({size / 100})"><path d="M-4 0C-2 -30 -4 -50 -34 -78M0 -40C10 -60 30 -70 44 -80M-3 -40L6 -84" stroke="{stem}" stroke-width="6" fill="none"/>'
        f'<g fill="{fill}"><ellipse cx="-34" cy="-84" rx="44" ry="11"/><ellipse cx="40" cy="-86" rx="42" ry="10"/><ellipse cx="4" cy="-96" rx="56" ry="12"/></g></g>'
    )


def canyon(stage: Stage) -> None:
    """Layered red walls receding on both sides."""
    stage.horizon = stage.height * 0.6
    paint_sky(stage)
    height = stage.height
    for k, haze in enumerate((0.62, 0.42, 0.2)):
        paint_ridge(
            stage,
            Ridge(
                stage.horizon + height * 0.03 * k,
                height * (0.3 + 0.06 * k),
                0.28 - 0.04 * k,
                mix(rgb("#c9764a"), rgb("#a8492c"), k / 2),
                haze,
                0.0,
                strata=True,
            ),
        )
    paint_floor(
        stage,
        Floor(rgb("#a8593a"), rgb("#c98a62"), rgb("#7d3d28"), 0.9),
        stage.horizon + height * 0.05,
    )
    across = np.linspace(0, 1, stage.width, dtype=np.float32)
    walls = np.clip(
        1
        - smooth(np.minimum(across, 1 - across), 0.02, 0.2)
        + 0.05 * line_noise(stage.rng, stage.width, 60, 4),
        0,
        1,
    )
    paint_ridge(
        stage,
        Ridge(height * 0.92, height * 0.75, 0.2, rgb("#963f26"), 0.02, 0.0, strata=True),
        walls.astype(np.float32),
    )
    paint_floor(stage, Floor(rgb("#9c5234"), rgb("#b97650"), rgb("#7a3b26"), 0.9), height * 0.86)
    _ground(stage, "ground", 0.94)


def volcano(stage: Stage) -> None:
    """A smoking cone with lava running down."""
    stage.horizon = stage.height * 0.68
    paint_sky(stage)
    width, height = stage.width, stage.height
    paint_ridge(stage, Ridge(stage.horizon + 2, height * 0.16, 0.3, rgb("#57525e"), 0.6, 0.8))
    across = np.abs(np.linspace(-0.5, 0.5, width, dtype=np.float32) + 0.04)
    cone = np.clip(1.08 - across * 2.5, 0, 0.9) ** 1.5 + 0.02 * line_noise(stage.rng, width, 50, 4)
    crest = paint_ridge(
        stage,
        Ridge(stage.horizon + 3, height * 0.52, 0.2, rgb("#4b3f42"), 0.16, 0.7),
        np.clip(cone, 0, 0.82).astype(np.float32),
    )
    top, middle = float(crest.min()), width * 0.46
    for _ in range(16):
        drift = float(stage.rng.random())
        stage.draw(
            f'<ellipse cx="{middle + drift * width * 0.2 - 20}" cy="{top - drift * height * 0.2}" rx="{(30 + 80 * drift) * stage.unit}" ry="{(24 + 50 * drift) * stage.unit}" fill="#6a6068" fill-opacity=".35"/>',
            (middle - 60, max(0, top - height * 0.3), middle + width * 0.35, top + 60),
            blur=14 * stage.unit,
            fine=0.25,
        )
    lava = "".join(
        f'<path d="M{middle + 6 * k} {top + 4}q{-26 + 30 * k} {height * 0.12} {-30 + 40 * k} {height * (0.24 + 0.05 * k)}t{20 * k - 14} {height * 0.16}" stroke="{c}" stroke-width="{w * stage.unit}" fill="none" stroke-linecap="round"/>'
        for k in (-1, 0, 1)
        for c, w in (("#ff5a1a", 13), ("#ffd25a", 5))
    )
    stage.draw(
        lava,
        (middle - width * 0.15, top, middle + width * 0.15, stage.horizon),
        blur=1.5 * stage.unit,
    )
    stage.glow((middle, top), 260 * stage.unit, (1.0, 0.42, 0.12), 0.9)
    paint_floor(stage, Floor(rgb("#3a3434"), rgb("#6b5c58"), rgb("#241f22"), 1.0))
    _ground(stage, "ground")


def snowfield(stage: Stage) -> None:
    """A winter plain with bare hills and firs."""
    stage.horizon = stage.height * 0.56
    paint_sky(stage)
    paint_ridge(
        stage, Ridge(stage.horizon + 2, stage.height * 0.16, 0.3, rgb("#7d8ca6"), 0.62, 0.7, 1.0)
    )
    paint_floor(stage, SNOW)
    paint_pines(
        stage,
        stage.horizon + stage.height * 0.02,
        stage.height * 0.09,
        40,
        dark(stage, rgb("#2b4a44"), 0.5),
        snow=0.4,
    )
    paint_pines(
        stage,
        stage.horizon + stage.height * 0.1,
        stage.height * 0.2,
        10,
        dark(stage, rgb("#22423a"), 0.15),
        snow=0.85,
        gap=True,
    )
    _ground(stage, "snow")

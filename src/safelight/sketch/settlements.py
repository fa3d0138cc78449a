"""Villages, castles and temples in their land."""

import numpy as np

from safelight.sketch.brief import Thing
from safelight.sketch.colours import hexa, rgb
from safelight.sketch.fields import line_noise
from safelight.sketch.landscapes import GRASS, SNOW, dark, leaves_of, paint_rolling
from safelight.sketch.plants import leafy, paint_pines
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Stage
from safelight.sketch.subjects import cutout, lit
from safelight.sketch.terrain import Floor, Ridge, paint_floor, paint_grass, paint_ridge


def _settle(
    stage: Stage, name: str, places: list[tuple[float, float, float]], depth: float = 0.25
) -> None:
    """Set cut-outs of a subject at (column share, foot row share, height share) into the scenery."""
    for k, (x, y, tall) in enumerate(sorted(places, key=lambda item: item[1])):
        cut = lit(
            cutout(Thing(name), max(12, int(stage.height * tall)), k),
            stage.light,
            depth=depth * (1 - y) * 2,
        )
        stage.put(cut, (int(stage.width * x - cut.width / 2), int(stage.height * y - cut.height)))


def village(stage: Stage) -> None:
    """Houses among trees on rolling land."""
    paint_rolling(stage, SNOW if stage.brief.weather == "snow" else GRASS)
    rng = stage.rng
    _settle(
        stage,
        "house",
        [(float(rng.uniform(0.05, 0.95)), 0.62 + 0.018 * k, 0.1 + 0.012 * k) for k in range(9)],
    )
    _settle(stage, "church", [(0.5, 0.63, 0.24)])
    for k in range(8):
        leafy(
            stage,
            stage.width * float(rng.random()),
            stage.height * (0.66 + 0.02 * k),
            stage.height * (0.09 + 0.014 * k),
            leaves_of(stage),
        )
    if stage.brief.weather != "snow":
        paint_grass(stage, rgb("#5f9138"), stage.height * 0.74, 700, 50)


def castlehill(stage: Stage) -> None:
    """A castle upon a hill above forests."""
    height, width = stage.height, stage.width
    stage.horizon = height * 0.66
    paint_sky(stage)
    paint_ridge(stage, Ridge(stage.horizon, height * 0.24, 0.3, rgb("#5d6f88"), 0.64, 0.9, 0.3))
    paint_floor(stage, GRASS)
    across = np.linspace(-1, 1, width, dtype=np.float32)
    hill = np.exp(-(((across - 0.1) / 0.5) ** 2)) * 0.9 + 0.04 * line_noise(
        stage.rng, width, 130, 4
    )
    paint_ridge(
        stage,
        Ridge(stage.horizon + height * 0.06, height * 0.24, 0.3, rgb("#4f6a45"), 0.24, 0.1),
        np.clip(hill, 0, 1).astype(np.float32),
    )
    if "castle" not in [thing.name for thing in stage.brief.things]:
        _settle(stage, "castle", [(0.55, 0.53, 0.36)])
    paint_floor(stage, GRASS, stage.horizon + height * 0.04)
    paint_pines(
        stage, stage.horizon + height * 0.07, height * 0.1, 44, dark(stage, rgb("#274a3a"), 0.3)
    )
    paint_pines(
        stage,
        stage.horizon + height * 0.16,
        height * 0.2,
        14,
        dark(stage, rgb("#1d3d2e"), 0.08),
        gap=True,
    )
    stage.ground = Ground("ground", stage.horizon - height * 0.13, height * 0.92, 0.3)


def temple(stage: Stage) -> None:
    """A pagoda among blossoming trees, a torii at the path."""
    words = stage.brief.words
    if words & {"pyramid", "pyramids"}:
        _pyramids(stage)
        return
    height = stage.height
    stage.horizon = height * 0.58
    paint_sky(stage)
    paint_ridge(stage, Ridge(stage.horizon, height * 0.22, 0.34, rgb("#64748a"), 0.66, 0.9, 0.4))
    paint_floor(stage, GRASS)
    greek = bool(words & {"greek", "parthenon", "ruins", "roman"})
    _settle(stage, "torii gate" if not greek else "mosque", [] if greek else [(0.3, 0.8, 0.3)])
    if greek:
        _columns(stage)
    else:
        _settle(stage, "pagoda", [(0.66, 0.68, 0.44)])
    blossom = [rgb("#f4b6cf"), rgb("#f9d3e0"), rgb("#e88fb4")] if not greek else leaves_of(stage)
    for x, size in ((0.06, 0.5), (0.95, 0.46), (0.42, 0.2), (0.86, 0.24)):
        leafy(stage, stage.width * x, stage.horizon + height * size * 0.36, height * size, blossom)
    paint_grass(stage, rgb("#5f9138"), stage.horizon + height * 0.18, 700, 46)
    stage.ground = Ground("ground", stage.horizon + height * 0.14, height * 0.93, 0.36)


def _columns(stage: Stage) -> None:
    width, height = stage.width, stage.height
    x, y, wide, high = width * 0.3, stage.horizon + height * 0.09, width * 0.44, height * 0.34
    stone, dim = hexa(dark(stage, rgb("#e9dfc9"))), hexa(dark(stage, rgb("#a89878")))
    posts = "".join(
        f'<rect x="{x + wide * (0.06 + 0.126 * k)}" y="{y - high * 0.66}" width="{wide * 0.07}" height="{high * 0.58}" fill="{stone}"/><rect x="{x + wide * (0.1 + 0.126 * k)}" y="{y - high * 0.66}" width="{wide * 0.03}" height="{high * 0.58}" fill="{dim}"/>'
        for k in range(7)
    )
    stage.draw(
        f'<rect x="{x}" y="{y - high * 0.1}" width="{wide}" height="{high * 0.1}" fill="{stone}"/>{posts}<rect x="{x + wide * 0.02}" y="{y - high * 0.76}" width="{wide * 0.96}" height="{high * 0.1}" fill="{dim}"/><path d="M{x} {y - high * 0.76}L{x + wide / 2} {y - high}L{x + wide} {y - high * 0.76}Z" fill="{stone}"/>'
    )


def _pyramids(stage: Stage) -> None:
    stage.horizon = stage.height * 0.62
    paint_sky(stage)
    width, height = stage.width, stage.height
    body = ""
    for x, size, haze in ((0.24, 0.2, 0.5), (0.52, 0.34, 0.22), (0.84, 0.26, 0.36)):
        lit_side, dim = (
            hexa(dark(stage, rgb("#e0b774"), haze)),
            hexa(dark(stage, rgb("#a87a44"), haze)),
        )
        px, py, s = width * x, stage.horizon + 4, height * size
        body += f'<path d="M{px} {py - s}L{px + s * 0.95} {py}H{px - s * 0.3}Z" fill="{lit_side}"/><path d="M{px} {py - s}L{px - s * 0.3} {py}H{px - s * 0.9}Z" fill="{dim}"/>'
    stage.draw(body, (0, 0, width, stage.horizon + 6))
    paint_floor(
        stage, Floor(rgb("#d6a868"), rgb("#e9c68c"), rgb("#b98347"), 0.5, 2.0, ripples=0.04)
    )
    stage.ground = Ground("ground", stage.horizon + height * 0.08, height * 0.93, 0.34)

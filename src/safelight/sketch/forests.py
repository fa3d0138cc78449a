"""Scenes among trees."""

from safelight.sketch.colours import Colour, mix, rgb
from safelight.sketch.landscapes import GRASS, SNOW, dark, leaves_of
from safelight.sketch.plants import foliage, leafy, paint_pines, trunks
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Stage
from safelight.sketch.terrain import Floor, paint_floor, paint_grass, scatter

_MOSS = Floor(rgb("#3b4f25"), rgb("#7d9054"), rgb("#253718"), 1.0)
_LEAF = Floor(rgb("#7c4a22"), rgb("#c08a4a"), rgb("#54301a"), 1.1)


def _veil(stage: Stage, haze: Colour, row: float, strength: float) -> None:
    body = f'<defs><linearGradient id="v" y2="1" x2="0"><stop stop-color="#fff" stop-opacity="0"/><stop offset=".6" stop-color="rgb({int(haze[0] * 255)},{int(haze[1] * 255)},{int(haze[2] * 255)})" stop-opacity="{strength}"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></linearGradient></defs><rect x="0" y="{row - stage.height * 0.2}" width="{stage.width}" height="{stage.height * 0.28}" fill="url(#v)"/>'
    stage.draw(
        body.replace(
            'stop-color="#fff"',
            f'stop-color="rgb({int(haze[0] * 255)},{int(haze[1] * 255)},{int(haze[2] * 255)})"',
        ),
        (0, row - stage.height * 0.2, stage.width, row + stage.height * 0.08),
        fine=0.2,
    )


def _rays(stage: Stage) -> None:
    """Slant shafts of light through the trees."""
    if stage.light.dark > 0.6 or stage.light.direct < 0.3:
        return
    rng, sun = stage.rng, stage.light.sun_at[0] * stage.width
    body = ""
    for _ in range(7):
        x = sun + float(rng.uniform(-0.3, 0.3)) * stage.width
        wide = float(rng.uniform(0.02, 0.07)) * stage.width
        lean = (stage.width * 0.5 - sun) * 0.9
        body += f'<path d="M{x} 0h{wide}l{lean + wide} {stage.height * 0.85}h{-wide * 2.4}Z" fill="#fff3c9" fill-opacity="{float(rng.uniform(0.05, 0.13)):.2f}"/>'
    stage.draw(body, None, blur=16 * stage.unit, fine=0.2)


def _wood(stage: Stage, kind: str) -> None:
    snowy = kind == "snowy" or stage.brief.weather == "snow"
    stage.horizon = stage.height * 0.6
    paint_sky(stage)
    stage.glow(
        (stage.light.sun_at[0] * stage.width, stage.horizon * 0.72),
        520 * stage.unit,
        mix(stage.light.low, stage.light.sun, 0.5),
        0.5 * stage.light.direct,
    )
    paint_floor(stage, SNOW if snowy else _MOSS)
    height, tone = stage.height, rgb("#1f3b2f") if not snowy else rgb("#2a4250")
    rows = (
        (0.0, 0.30, 34, 0.78),
        (0.035, 0.42, 24, 0.58),
        (0.09, 0.56, 16, 0.34),
        (0.19, 0.8, 9, 0.1),
    )
    for k, (down, tall, count, haze) in enumerate(rows):
        paint_pines(
            stage,
            stage.horizon + down * height,
            tall * height,
            count,
            dark(stage, tone, haze),
            snow=(0.25 + 0.2 * k) if snowy else 0.0,
            gap=k > 1,
        )
        if k < 3:
            _veil(stage, stage.light.haze, stage.horizon + down * height, 0.5)
    _rays(stage)
    if snowy:
        scatter(stage, [rgb("#ffffff"), rgb("#c4d4ea")], 240, 8, stage.horizon + height * 0.12)
    else:
        paint_grass(stage, rgb("#41602c"), stage.horizon + height * 0.12, 900, 62)
    stage.ground = Ground(
        "snow" if snowy else "ground", stage.horizon + height * 0.08, height * 0.92, 0.42
    )


def snowyforest(stage: Stage) -> None:
    """Firs under snow with open ground between them."""
    _wood(stage, "snowy")


def pineforest(stage: Stage) -> None:
    """Conifers row behind row in mist."""
    _wood(stage, "pine")


def forest(stage: Stage) -> None:
    """Broad-leaved trunks, a canopy and shafts of light."""
    _grove(stage, leaves_of(stage), rgb("#4a3a2c"), _LEAF if stage.brief.has("autumn") else _MOSS)


def jungle(stage: Stage) -> None:
    """Dense wet green with vines."""
    _grove(
        stage,
        [rgb("#1f6b34"), rgb("#2f8a3e"), rgb("#155228"), rgb("#5aa83c")],
        rgb("#3a3a26"),
        _MOSS,
    )
    vines = "".join(
        f'<path d="M{x} 0q{d} {stage.height * 0.3} {d * 0.3} {stage.height * long}" stroke="#1d4a25" stroke-width="{5 * stage.unit}" fill="none"/>'
        for x, d, long in (
            (
                float(stage.rng.random()) * stage.width,
                float(stage.rng.uniform(-90, 90)),
                float(stage.rng.uniform(0.3, 0.6)),
            )
            for _ in range(9)
        )
    )
    stage.draw(vines, None, fine=0.7)


def swamp(stage: Stage) -> None:
    """Murky water between mossy trunks."""
    _grove(
        stage,
        [rgb("#4a5a2c"), rgb("#5f6f38"), rgb("#37462a")],
        rgb("#35332a"),
        Floor(rgb("#2f3a26"), rgb("#75805a"), rgb("#52602f"), 0.5, 3.0),
    )


def bamboo(stage: Stage) -> None:
    """Tall stems on both sides of a path."""
    stage.horizon = stage.height * 0.62
    paint_sky(stage)
    paint_floor(stage, _MOSS)
    height = stage.height
    for k, (width, count, haze) in enumerate(
        ((5, 60, 0.7), (9, 40, 0.48), (17, 22, 0.24), (30, 12, 0.04))
    ):
        trunks(
            stage,
            stage.horizon + height * (0.02 + 0.07 * k),
            count,
            width * stage.unit,
            dark(stage, rgb("#6f9440"), haze),
            gap=0.09 + 0.05 * k,
        )
        foliage(stage, 0, height * 0.34, dark(stage, rgb("#5f8f3a"), haze), 60, 70 * stage.unit)
    _rays(stage)
    stage.ground = Ground("ground", stage.horizon + height * 0.08, height * 0.92, 0.4)


def _stand(stage: Stage, leaves: list[Colour], bark: Colour) -> None:
    """Paint the trunks and the canopy, far ones first."""
    height, unit = stage.height, stage.unit
    for k, (width, count, haze) in enumerate(
        ((7, 40, 0.74), (14, 22, 0.5), (28, 12, 0.26), (60, 5, 0.04))
    ):
        trunks(
            stage,
            stage.horizon + height * (0.01, 0.04, 0.1, 0.24)[k],
            count,
            width * unit,
            dark(stage, bark, haze),
            gap=(0.0, 0.06, 0.18, 0.3)[k],
        )
        tone = dark(stage, leaves[k % len(leaves)], haze * 0.8)
        foliage(
            stage,
            -10,
            height * (0.42, 0.36, 0.27, 0.16)[k],
            tone,
            (150, 130, 90, 60)[k],
            (46, 60, 84, 120)[k] * unit,
        )
        if k < 2:
            foliage(
                stage,
                stage.horizon - height * 0.05,
                stage.horizon + height * 0.02,
                tone,
                60,
                40 * unit,
            )


def _grove(stage: Stage, leaves: list[Colour], bark: Colour, floor: Floor) -> None:
    stage.horizon = stage.height * 0.6
    paint_sky(stage)
    height, unit = stage.height, stage.unit
    glow = mix(stage.light.low, leaves[-1], 0.35)
    stage.glow(
        (stage.width * 0.5, stage.horizon * 0.8),
        700 * unit,
        glow,
        0.55 * (1 - 0.7 * stage.light.dark),
    )
    paint_floor(stage, floor)
    _stand(stage, leaves, bark)
    _rays(stage)
    if stage.brief.has("autumn"):
        scatter(stage, leaves, 700, 9, stage.horizon + height * 0.05)
    else:
        paint_grass(
            stage, mix(leaves[0], rgb("#3f5f2a"), 0.5), stage.horizon + height * 0.08, 900, 66
        )
    stage.ground = Ground("ground", stage.horizon + height * 0.1, height * 0.92, 0.4)


def park(stage: Stage) -> None:
    """A lawn with a path and shady trees."""
    stage.horizon = stage.height * 0.5
    paint_sky(stage)
    width, height = stage.width, stage.height
    foliage(
        stage,
        stage.horizon - height * 0.09,
        stage.horizon,
        dark(stage, leaves_of(stage)[0], 0.45),
        160,
        46 * stage.unit,
    )
    paint_floor(stage, GRASS)
    path = f'<path d="M{width * 0.49} {stage.horizon}C{width * 0.4} {height * 0.62} {width * 0.7} {height * 0.7} {width * 0.5} {height}H{width * 0.16}C{width * 0.5} {height * 0.74} {width * 0.36} {height * 0.6} {width * 0.475} {stage.horizon}Z" fill="#d9c6a2" fill-opacity="{0.85 - 0.5 * stage.light.dark}"/>'
    stage.draw(path, (0, stage.horizon, width, height), blur=1.5 * stage.unit)
    for x, size in ((0.1, 0.5), (0.9, 0.56), (0.3, 0.26), (0.72, 0.24)):
        leafy(
            stage, width * x, stage.horizon + height * size * 0.34, height * size, leaves_of(stage)
        )
    paint_grass(stage, rgb("#578f37"), stage.horizon + height * 0.16, 800, 44)
    stage.ground = Ground("ground", stage.horizon + height * 0.1, height * 0.92, 0.38)


def garden(stage: Stage) -> None:
    """Flower beds before a hedge and trees."""
    park(stage)
    foliage(
        stage,
        stage.horizon + stage.height * 0.02,
        stage.horizon + stage.height * 0.1,
        dark(stage, rgb("#2f6a34"), 0.1),
        120,
        44 * stage.unit,
    )
    tones = list(stage.brief.palette) or [
        rgb(code) for code in ("#e8486e", "#f6cf3b", "#ffffff", "#8f6fd0", "#f08327")
    ]
    scatter(stage, tones, 900, 14, stage.horizon + stage.height * 0.09, stems=True)

"""Scenes of other kinds: space, sky, caves, stages, studios, villages, temples."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from safelight.sketch.brief import Thing
from safelight.sketch.colours import Colour, byte, hexa, mix, rgb, shifted, times
from safelight.sketch.fields import line_noise, ramp, sample, smooth, tile
from safelight.sketch.landscapes import GRASS, SNOW, dark, leaves_of, paint_rolling
from safelight.sketch.light import Light, light_of
from safelight.sketch.plants import leafy, paint_pines
from safelight.sketch.skies import paint_sky, scatter_stars
from safelight.sketch.stage import Ground, Stage
from safelight.sketch.subjects import cutout, lit
from safelight.sketch.terrain import Floor, Ridge, paint_floor, paint_grass, paint_ridge, scatter


def space(stage: Stage) -> None:
    """Nebulae, stars and planets."""
    _cosmos(stage)
    width, height, rng = stage.width, stage.height, stage.rng
    planet(
        stage,
        width * float(rng.uniform(0.12, 0.3)),
        height * float(rng.uniform(0.65, 0.85)),
        min(width, height) * 0.26,
        rgb("#c9743f"),
        ringed=bool(rng.random() < 0.5),
    )  # noqa: PLR2004
    planet(stage, width * 0.84, height * 0.2, min(width, height) * 0.09, rgb("#5f8fd0"))
    stage.horizon = height * 0.5
    stage.ground = Ground("space", height * 0.3, height * 0.75, 0.42)


def _cosmos(stage: Stage) -> None:
    width, height, rng = stage.width, stage.height, stage.rng
    rows, columns = height // 2, width // 2
    square = tile(rng, 256, 1.9)
    y, x = np.meshgrid(
        np.arange(rows, dtype=np.float32), np.arange(columns, dtype=np.float32), indexing="ij"
    )
    step = np.float32(190 / max(rows, columns))
    warp = sample(square, x * step, y * step) * 13
    cloud = sample(square, x * step * 0.8 + warp, y * step * 0.8 + 70)
    second = sample(square, x * step * 0.7 + 120, y * step * 0.7 + warp)
    plate = np.broadcast_to(np.asarray((0.012, 0.014, 0.045), dtype=np.float32), (rows, columns, 3))
    tones = list(stage.brief.palette) or [
        rgb(code)
        for code in (
            ("#7a2fb0", "#1f6ad0", "#ff6a8a"),
            ("#1f8a9a", "#6a3fd0", "#ffb05a"),
            ("#b02f6a", "#3f2fa0", "#5ad0ff"),
        )[int(rng.integers(3))]
    ]
    for k, field in enumerate((cloud, second, cloud * second)):
        plate = plate + (smooth(field, 0.0, 2.4) * (0.75, 0.55, 0.5)[k])[..., None] * np.asarray(
            tones[k % len(tones)], dtype=np.float32
        )
    plate = plate + (smooth(cloud + 0.5 * second, 1.5, 3.0) * 0.6)[..., None]
    plate = (
        plate
        * (1 - 0.6 * smooth(sample(square, x * step * 1.7 + 33, y * step * 1.7), 0.5, 1.8))[
            ..., None
        ]
    )
    stage.lay(np.clip(plate, 0, 1).astype(np.float32))
    scatter_stars(stage, 900, height)


def planet(
    stage: Stage, x: float, y: float, radius: float, base: Colour, *, ringed: bool = False
) -> None:
    """Paint a lit globe with bands and a thin glowing air."""
    size = max(16, int(radius * 2))
    axis = ramp(size, -1, 1)
    gx, gy = axis[None, :], axis[:, None]
    inside = 1 - gx**2 - gy**2
    gz = np.sqrt(np.clip(inside, 0, 1))
    light = np.clip(
        0.75 * gx * (1 if stage.light.sun_at[0] > 0.5 else -1) - 0.35 * gy + 0.55 * gz, 0, 1
    )  # noqa: PLR2004
    square = tile(stage.rng, 128, 1.8)
    bands = sample(
        square,
        (gx / (gz + 0.6) * 20 + 64).astype(np.float32),
        np.broadcast_to(gy * 60 + 64, (size, size)).astype(np.float32),
    )
    surface = (
        np.asarray(base, dtype=np.float32) * (1 + 0.22 * bands)[..., None] + 0.06 * bands[..., None]
    )
    body = surface * (0.03 + 1.1 * light)[..., None] + (np.exp(-gz * 5) * light * 0.5)[
        ..., None
    ] * np.asarray(mix(base, (0.7, 0.9, 1), 0.7), dtype=np.float32)
    at = (int(x - radius), int(y - radius))
    stage.glow((x, y), radius * 1.35, mix(base, (0.6, 0.8, 1.0), 0.6), 0.35)
    rgba = np.concatenate(
        [np.clip(body, 0, 1), np.clip(inside * radius * 0.7, 0, 1)[..., None]], axis=-1
    )
    ring = (
        f'<g transform="rotate(-18 {x} {y})" fill="none">'
        + "".join(
            f'<path d="M{x - radius * r} {y}A{radius * r} {radius * r * 0.3} 0 0 {{0}} {x + radius * r} {y}" stroke="{hexa(mix(base, (1, 0.95, 0.85), 0.5))}" stroke-opacity="{o}" stroke-width="{radius * 0.1}"/>'
            for r, o in ((1.45, 0.75), (1.6, 0.45), (1.78, 0.6))
        )
        + "</g>"
    )
    if ringed:
        stage.draw(ring.replace("{0}", "1"))
    stage.put(_image(rgba), at)
    if ringed:
        stage.draw(ring.replace("{0}", "0"))


def _image(rgba: npt.NDArray[np.float32]) -> Image.Image:
    return Image.fromarray((rgba * 255).astype(np.uint8), "RGBA")


def moon(stage: Stage) -> None:
    """The grey ground of the moon under a black sky, the earth above."""
    _barren(stage, rgb("#8f9096"), rgb("#c9cace"))
    width, height = stage.width, stage.height
    planet(stage, width * 0.78, height * 0.2, min(width, height) * 0.11, rgb("#3f7ac9"))


def _barren(stage: Stage, near: Colour, far: Colour) -> None:
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    stage.light = light_of("day", "")
    stage.image.paste((3, 4, 10), (0, 0, width, height))
    stage.horizon = height * 0.56
    scatter_stars(stage, 520, stage.horizon)
    airless = rgb("#b4b5ba")
    stage.light = _with_haze(stage, mix(far, airless, 0.5))
    paint_ridge(stage, Ridge(stage.horizon + 3, height * 0.13, 0.35, near, 0.12, 0.35))
    paint_floor(stage, Floor(near, far, times(near, 0.72), 1.0))
    craters = ""
    for _ in range(34):
        share = float(rng.random()) ** 1.6
        y, r = (
            stage.horizon + (height - stage.horizon) * (0.04 + share),
            (8 + 120 * share) * unit * float(rng.uniform(0.4, 1)),
        )
        x = float(rng.random()) * width
        craters += f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{r:.0f}" ry="{r * 0.3:.0f}" fill="#000" fill-opacity=".32"/><path d="M{x - r:.0f} {y:.0f}A{r:.0f} {r * 0.3:.0f} 0 0 0 {x + r:.0f} {y:.0f}" stroke="#fff" stroke-opacity=".45" stroke-width="{r * 0.07:.1f}" fill="none"/>'
    stage.draw(craters, (0, stage.horizon, width, height), blur=1.2 * unit)
    scatter(stage, [times(near, 0.6), times(near, 1.2)], 260, 7, stage.horizon + height * 0.04)
    stage.ground = Ground("ground", stage.horizon + height * 0.1, height * 0.9, 0.38)


def _with_haze(stage: Stage, haze: Colour) -> Light:
    return replace(stage.light, haze=haze, sun_at=(0.2, 0.8), tint=(1.0, 0.98, 0.95))


def alien(stage: Stage) -> None:
    """A strange world: coloured sky, spires, a ringed planet overhead."""
    red = bool(stage.brief.words & {"mars", "martian", "red"})
    tones = (
        [rgb("#8a4a2f"), rgb("#d99a6a"), rgb("#f2c9a0")]
        if red
        else [rgb("#2f1f5a"), rgb("#8a4fb0"), rgb("#ffb0a0")]
    )
    if not stage.brief.hour:
        stage.light = replace(
            stage.light,
            top=tones[0],
            middle=tones[1],
            low=tones[2],
            haze=mix(tones[1], tones[2], 0.5),
            stars=0.4,
            cloud=0.2,
        )
    stage.horizon = stage.height * 0.58
    paint_sky(stage)
    planet(
        stage,
        stage.width * 0.27,
        stage.height * 0.22,
        min(stage.width, stage.height) * 0.15,
        rgb("#d9a05a") if red else rgb("#4fb0a0"),
        ringed=True,
    )
    rock = rgb("#9a4a2c") if red else rgb("#4a3a7a")
    for k, haze in enumerate((0.6, 0.3)):
        paint_ridge(
            stage,
            Ridge(
                stage.horizon + 4,
                stage.height * (0.26 - 0.08 * k),
                0.2,
                rock,
                haze,
                1.0,
                strata=red,
            ),
        )
    paint_floor(stage, Floor(rock, mix(rock, tones[2], 0.5), times(rock, 0.7), 1.0))
    scatter(
        stage, [times(rock, 0.6), times(rock, 1.3)], 240, 9, stage.horizon + stage.height * 0.05
    )
    stage.ground = Ground("ground", stage.horizon + stage.height * 0.1, stage.height * 0.92, 0.38)


def sky(stage: Stage) -> None:
    """High among the clouds, a sea of cloud below."""
    stage.horizon = stage.height * 0.7
    stage.light = replace(
        stage.light, cloud=max(0.45, stage.light.cloud) if stage.brief.weather != "clear" else 0.1
    )
    paint_sky(stage)
    height, width = stage.height, stage.width
    stage.image.paste(byte(shifted(stage.light.haze, light=1.08)), (0, int(stage.horizon), width, height))
    for k in range(5):
        share = k / 4
        tone = mix(
            stage.light.haze, mix(stage.light.cloud_lit, stage.light.cloud_shade, 0.25), share
        )
        line = (
            line_noise(stage.rng, width, width * (0.12 + 0.2 * share), 5, 0.55) * 0.5 + 0.5
        ).astype(np.float32)
        paint_ridge(
            stage,
            Ridge(
                height * (0.76 + 0.3 * share),
                height * (0.06 + 0.12 * share),
                0.3,
                shifted(tone, light=1.15),
                0.35 * (1 - share),
                0.0,
            ),
            line,
        )
    stage.ground = Ground("air", height * 0.3, height * 0.7, 0.34)


def cave(stage: Stage) -> None:
    """A dark vault opening on the light, with glowing crystals."""
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    stage.horizon = height * 0.62
    paint_sky(stage)
    paint_floor(stage, Floor(rgb("#3f3a40"), rgb("#8a8078"), rgb("#26232a"), 1.0))
    for k, (rx, ry) in enumerate(((0.2, 0.3), (0.3, 0.42), (0.42, 0.56))):
        y, x = np.meshgrid(ramp(height // 2, -1, 1), ramp(width // 2, -1, 1), indexing="ij")
        angle = np.arctan2(y + 0.1, x)
        rough = np.interp(
            angle, np.linspace(-np.pi, np.pi, 256), line_noise(rng, 256, 26, 4)
        ).astype(np.float32)
        mask = smooth(
            np.hypot(x / (rx * 2), (y + 0.12) / (ry * 1.7)).astype(np.float32) + 0.16 * rough,
            0.95,
            1.0,
        )
        tone = mix(rgb("#5a5058"), rgb("#0f0d13"), k / 2)
        stage.fill(_mask(mask).resize(stage.image.size), times(tone, 0.9))
    body = ""
    for _ in range(26):
        side = float(rng.choice([-1, 1]))
        x, y, s = (
            width * (0.5 + side * float(rng.uniform(0.24, 0.48))),
            height * float(rng.uniform(0.7, 1.0)),
            float(rng.uniform(20, 90)) * unit,
        )
        tone = hexa(rgb(("#5ad0ff", "#b07aff", "#6affc9")[int(rng.integers(3))]))
        body += f'<path transform="translate({x:.0f} {y:.0f}) rotate({float(rng.uniform(-35, 35)):.0f})" d="M{-s * 0.18} 0L{-s * 0.2} {-s * 0.8}L0 {-s}L{s * 0.2} {-s * 0.78}L{s * 0.16} 0Z" fill="{tone}" fill-opacity=".85"/><path transform="translate({x:.0f} {y:.0f})" d="M0 0V{-s * 0.9}" stroke="#fff" stroke-opacity=".6" stroke-width="{s * 0.04}"/>'
        stage.glow((x, y - s * 0.5), s * 2.2, rgb("#5a9aff"), 0.35)
    stage.draw(body)
    stage.ground = Ground("ground", height * 0.72, height * 0.9, 0.4)


def _mask(field: npt.NDArray[np.float32]) -> Image.Image:
    return Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))


def studio(stage: Stage) -> None:
    """A seamless backdrop with a soft pool of light."""
    width, height = stage.width, stage.height
    base = (
        stage.brief.palette[0]
        if stage.brief.palette
        else rgb(
            ("#d9c9b8", "#b9c9d0", "#d0b8b0", "#c2c9b8", "#b8b4c9")[int(stage.rng.integers(5))]
        )
    )
    if "white" in stage.brief.words:
        base = rgb("#eceae6")
    stage.light = replace(
        light_of("day", ""),
        shade=times(base, 0.45),
        tint=(1.0, 0.99, 0.97),
        sun_at=(0.25, 0.8),
        haze=base,
    )
    stage.horizon = height * 0.62
    rows, columns = height // 3, width // 3
    y, x = np.meshgrid(ramp(rows, 0, 1), ramp(columns, -1, 1), indexing="ij")
    wall = np.exp(-(((x - 0.05) / 0.9) ** 2) - ((y - 0.42) / 0.5) ** 2)
    floor = smooth(y, 0.6, 0.78)
    tone = (
        0.62
        + 0.46 * wall
        + 0.16 * floor * np.exp(-((x / 0.8) ** 2))
        - 0.12 * smooth(y, 0.5, 0.64) * (1 - floor)
    )
    stage.lay((np.asarray(base, dtype=np.float32) * tone[..., None]).astype(np.float32))
    stage.ground = Ground("table", height * 0.72, height * 0.84, 1.0)


def stage_lights(stage: Stage) -> None:
    """A stage with beams of light, haze and a crowd."""
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    stage.light = replace(
        light_of("night", ""), tint=(0.95, 0.9, 1.0), direct=0.9, sun_at=(0.5, 0.9), dark=0.35
    )
    stage.horizon = height * 0.7
    stage.draw(
        f'<defs><linearGradient id="b" y2="1" x2="0"><stop stop-color="#0c0718"/><stop offset=".7" stop-color="#35154a"/><stop offset="1" stop-color="#0a0612"/></linearGradient></defs><rect width="{width}" height="{height}" fill="url(#b)"/>',
        fine=0.2,
    )
    tones = list(stage.brief.palette) or [
        rgb(code) for code in ("#ff3fa0", "#4f8aff", "#ffd25a", "#9a5aff", "#3fe0d0")
    ]
    beams, lamps = "", ""
    for k in range(9):
        x, aim, tone = (
            width * (k + 0.5) / 9,
            width * float(rng.uniform(0.2, 0.8)),
            hexa(tones[k % len(tones)]),
        )
        beams += f'<path d="M{x - 6 * unit} 0H{x + 6 * unit}L{aim + 90 * unit} {height * 0.86}H{aim - 90 * unit}Z" fill="{tone}" fill-opacity=".3"/>'
        lamps += f'<rect x="{x - 18 * unit}" y="0" width="{36 * unit}" height="{30 * unit}" rx="6" fill="#1a1622"/><ellipse cx="{x}" cy="{32 * unit}" rx="{16 * unit}" ry="{7 * unit}" fill="#fff"/>'
    stage.draw(beams, None, blur=12 * unit, fine=0.3)
    stage.draw(
        f'{lamps}<path d="M0 {height * 0.78}H{width}V{height}H0Z" fill="#120b1c"/><path d="M0 {height * 0.78}H{width}" stroke="#ff8ad0" stroke-opacity=".6" stroke-width="{3 * unit}"/>'
    )
    for k in range(3):
        stage.glow((width * (0.3 + 0.2 * k), height * 0.8), 300 * unit, tones[k % len(tones)], 0.4)
    heads = "".join(
        f'<path d="M{x - 26 * unit} {height}V{y + 30 * unit}q{26 * unit} {-26 * unit} {52 * unit} 0V{height}Z" fill="#050309"/><circle cx="{x}" cy="{y}" r="{17 * unit}" fill="#050309"/>'
        + (
            f'<path d="M{x + 20 * unit} {y + 40 * unit}L{x + 34 * unit} {y - 50 * unit}" stroke="#050309" stroke-width="{13 * unit}" stroke-linecap="round"/>'
            if rng.random() < 0.5
            else ""
        )
        for x, y in (
            (width * (k + 0.5) / 16, height * float(rng.uniform(0.92, 0.97))) for k in range(16)
        )
    )  # noqa: PLR2004
    stage.ground = Ground(
        "floor",
        height * 0.8,
        height * 0.86,
        0.4,
        letters=(width * 0.15, height * 0.12, width * 0.85, height * 0.4),
    )
    stage.draw(heads)


def stadium(stage: Stage) -> None:
    """A striped pitch under floodlights, stands full of people."""
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    stage.horizon = height * 0.52
    paint_sky(stage)
    pen = ImageDraw.Draw(stage.image)
    pen.polygon(
        [
            (0, height * 0.2),
            (width * 0.5, height * 0.3),
            (width, height * 0.2),
            (width, stage.horizon + 2),
            (0, stage.horizon + 2),
        ],
        fill=byte(dark(stage, rgb("#3a4356"))),
    )
    for _ in range(5200):
        x, y = float(rng.random()) * width, float(rng.uniform(0.29, 0.5)) * height
        tone = dark(
            stage,
            rgb(
                ("#e0504a", "#f4f0e6", "#4a7ad0", "#f2c94a", "#2a2f3a", "#c98a6a")[
                    int(rng.integers(6))
                ]
            ),
        )
        pen.ellipse((x, y, x + 4 * unit, y + 5 * unit), fill=byte(tone))
    paint_floor(stage, Floor(rgb("#3f8a35"), rgb("#6fae55"), rgb("#357a2e"), 0.4))
    low = height - stage.horizon
    bands = "".join(
        f'<path d="M{width * (0.5 + (k - 8) * 0.07)} {stage.horizon}h{width * 0.035}L{width * (0.5 + (k - 7.5) * 0.22)} {height}h{-width * 0.11}Z" fill="#fff" fill-opacity=".08"/>'
        for k in range(17)
    )
    lines = f'<path d="M0 {stage.horizon + low * 0.1}H{width}M{width * 0.5} {stage.horizon + low * 0.1}V{height}" stroke="#fff" stroke-opacity=".85" stroke-width="{5 * unit}"/><ellipse cx="{width * 0.5}" cy="{stage.horizon + low * 0.52}" rx="{width * 0.22}" ry="{low * 0.22}" stroke="#fff" stroke-opacity=".85" stroke-width="{5 * unit}" fill="none"/>'
    stage.draw(bands + lines, (0, stage.horizon, width, height))
    for x in (0.1, 0.9):
        stage.draw(
            f'<path d="M{width * x} {stage.horizon}V{height * 0.1}" stroke="#2a2f38" stroke-width="{10 * unit}"/><rect x="{width * x - 60 * unit}" y="{height * 0.05}" width="{120 * unit}" height="{60 * unit}" fill="#fdfbe8"/>'
        )
        stage.glow((width * x, height * 0.08), 320 * unit, (1.0, 0.98, 0.88), 0.8)
    stage.ground = Ground("ground", stage.horizon + low * 0.25, height * 0.92, 0.4)


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

"""Caves, studios, stages and stadiums."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from safelight.sketch.colours import byte, hexa, mix, rgb, times
from safelight.sketch.fields import line_noise, ramp, smooth
from safelight.sketch.landscapes import dark
from safelight.sketch.light import light_of
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Stage
from safelight.sketch.terrain import Floor, paint_floor


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


def _crowd(stage: Stage) -> None:
    """Draw the heads of the front rows, some with an arm raised."""
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
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
    )
    stage.draw(heads)


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
    _crowd(stage)
    stage.ground = Ground(
        "floor",
        height * 0.8,
        height * 0.86,
        0.4,
        letters=(width * 0.15, height * 0.12, width * 0.85, height * 0.4),
    )


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
    codes = ("#e0504a", "#f4f0e6", "#4a7ad0", "#f2c94a", "#2a2f3a", "#c98a6a")
    shirts = [byte(dark(stage, rgb(code))) for code in codes]
    for _ in range(5200):
        x, y = float(rng.random()) * width, float(rng.uniform(0.29, 0.5)) * height
        pen.ellipse((x, y, x + 4 * unit, y + 5 * unit), fill=shirts[int(rng.integers(6))])
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

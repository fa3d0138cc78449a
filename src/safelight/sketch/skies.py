"""Skies: the air from zenith to horizon, clouds, sun, moon, stars and aurora."""

import numpy as np

from safelight.sketch.colours import mix
from safelight.sketch.fields import Field, Random, blend, noise, ramp, resized, sample, smooth, tile
from safelight.sketch.light import Light
from safelight.sketch.stage import Stage

_SHARE = 3  # skies are soft: painted at a third of the size and stretched


def paint_sky(stage: Stage, down_to: float | None = None) -> None:
    """Paint the sky from the top of the picture to a little below the horizon (or to row `down_to`)."""
    bottom = min(
        stage.height, int((stage.horizon if down_to is None else down_to) + 4 * stage.unit + 2)
    )
    plate = sky_plate(
        stage, stage.width // _SHARE, max(8, bottom // _SHARE), max(8, int(stage.horizon) // _SHARE)
    )
    stage.lay(plate, 0, bottom)
    _hang_lights(stage)


def sky_plate(stage: Stage, width: int, height: int, horizon: int) -> Field:
    """Return the sky as a plate whose row `horizon` lies at the horizon."""
    light, rng = stage.light, stage.rng
    up = np.clip((horizon - np.arange(height, dtype=np.float32)) / horizon, -0.05, 1).astype(
        np.float32
    )
    plate = _air(light, up, width)
    x, y = _sun_row(light, width, horizon)
    distance = np.hypot(np.arange(width)[None, :] - x, 1.25 * (np.arange(height)[:, None] - y)) / (
        width * 0.5 + horizon * 0.4
    )
    distance = distance.astype(np.float32)
    if stage.brief.has("stars", "milkyway", "galaxy") or light.dark > 0.9:
        plate = _milky(plate, rng, 0.5 if stage.brief.has("milkyway", "galaxy") else 0.16)
    plate += (
        np.exp(-distance * 5)[..., None]
        * np.asarray(light.sun, dtype=np.float32)
        * (0.45 * light.direct)
    )
    plate += (
        np.exp(-distance * 1.6)[..., None]
        * np.asarray(light.low, dtype=np.float32)
        * (0.16 * light.direct)
    )
    if stage.brief.has("aurora"):
        plate = _aurora(plate, rng)
    if light.cloud > 0.02:
        plate = _clouds(plate, stage, up, distance)
    return np.clip(plate, 0, 1).astype(np.float32)


def _sun_row(light: Light, width: int, horizon: int) -> tuple[float, float]:
    return light.sun_at[0] * width, horizon * (1 - light.sun_at[1])


def _air(light: Light, up: Field, width: int) -> Field:
    stops = np.asarray(
        [light.low, mix(light.low, light.middle, 0.55), light.middle, light.top], dtype=np.float32
    )
    places = np.asarray([0.0, 0.12, 0.4, 1.0], dtype=np.float32)
    rows = np.stack([np.interp(up, places, stops[:, k]) for k in range(3)], axis=-1).astype(
        np.float32
    )
    return np.repeat(rows[:, None, :], width, axis=1)


def _clouds(plate: Field, stage: Stage, up: Field, distance: Field) -> Field:
    light, rng = stage.light, stage.rng
    height, width = distance.shape
    square = tile(rng, 256, 1.75)
    depth = 1 / (np.maximum(up, 0) + 0.13)
    x = (np.arange(width, dtype=np.float32)[None, :] / width - 0.5) * depth[:, None]
    z = np.broadcast_to(depth[:, None], (height, width))
    offset, drift = rng.random(2) * 256
    x, z = (x * 46 + offset).astype(np.float32), (z * 34 + drift).astype(np.float32)
    billow = sample(square, x, z) + 0.35 * sample(square, x * 3.1, z * 3.1)
    threshold = 1.25 - 2.3 * light.cloud
    cover = smooth(billow, threshold, threshold + 0.95)
    toward_sun = np.float32(1 if light.sun_at[0] > 0.5 else -1)
    behind = sample(square, x + 3.2 * toward_sun, z + 3.0)
    lit = np.clip(0.62 + 0.30 * (billow - behind) - 0.16 * (billow - threshold - 0.4), 0, 1)
    lit = np.clip(lit + 0.35 * np.exp(-distance * 3.2) * light.direct, 0, 1.15)
    shade = np.asarray(light.cloud_shade, dtype=np.float32)
    colour = shade + (np.asarray(light.cloud_lit, dtype=np.float32) - shade) * lit[..., None]
    colour += (
        np.asarray(light.sun, dtype=np.float32)
        * (np.exp(-distance * 4.5) * (1 - cover) * 0.5 * light.direct)[..., None]
    )
    fade = np.clip(up * 9, 0, 1)[:, None] * 0.95
    haze = np.asarray(light.low, dtype=np.float32)
    colour = haze + (colour - haze) * np.clip(0.25 + up * 3.2, 0, 1)[:, None, None]
    return blend(plate, colour, cover * fade)


def _milky(plate: Field, rng: Random, strength: float) -> Field:
    height, width = plate.shape[:2]
    lean = float(rng.uniform(-0.9, 0.9))
    x, y = ramp(width, -1, 1)[None, :], ramp(height, -1, 1)[:, None]
    dust = resized(tile(rng, 128, 1.5), width, height)
    band = np.exp(-(((y * 0.8 + x * lean) + 0.12 * dust) ** 2) * 9) * (1 + 0.4 * dust)
    glow = (
        np.clip(band, 0, 1.4)[..., None]
        * np.asarray((0.42, 0.40, 0.62), dtype=np.float32)
        * strength
    )
    return (plate + glow).astype(np.float32)


def _aurora(plate: Field, rng: Random) -> Field:
    height, width = plate.shape[:2]
    rows = np.arange(height, dtype=np.float32)[:, None] / height
    for colour, base, strength in (
        ((0.15, 0.95, 0.55), 0.72, 0.85),
        ((0.3, 0.7, 0.95), 0.56, 0.5),
        ((0.75, 0.3, 0.85), 0.48, 0.4),
    ):
        path = (
            noise(rng, width, 1, (width / 3.5, 1))[0] * 0.2
            + noise(rng, width, 1, (width / 9, 1))[0] * 0.05
        )
        rays = (
            0.55
            + 0.45 * noise(rng, width, 1, (width / 90, 1))[0]
            + 0.35 * noise(rng, width, 1, (width / 14, 1))[0]
        )
        above = (base + path)[None, :] - rows
        below, over = np.minimum(above, 0), np.maximum(above, 0)
        curtain = np.exp(below * 40 - over * 4.2) * np.clip(rays, 0.05, 1.4)[None, :]
        glow = np.asarray(colour, dtype=np.float32) * np.float32(strength)
        plate = (plate + curtain[..., None] * glow).astype(np.float32)
    return plate


def _hang_lights(stage: Stage) -> None:
    light, unit = stage.light, stage.unit
    stars = max(
        light.stars,
        1.0 if stage.brief.has("stars", "milkyway", "galaxy") and light.dark > 0.3 else 0.0,
    )
    if stars > 0.05:
        scatter_stars(stage, int(420 * stars), stage.horizon)
    x, y = light.sun_at[0] * stage.width, stage.horizon * (1 - light.sun_at[1])
    if light.cloud > 0.8:
        return
    if light.moon:
        _moon(stage, x, y, (52 if stage.brief.has("moon") else 34) * unit)
    else:
        stage.glow((x, y), 300 * unit, light.sun, 0.55 * light.direct)
        stage.glow((x, y), 90 * unit, (1, 1, 0.94), 0.95 * light.direct)
        if light.sun_at[1] < 0.3:
            disc = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{26 * unit:.1f}" fill="#fffbe6"/>'
            reach = 34 * unit
            stage.draw(
                disc,
                (x - reach, y - reach, x + reach, min(y + reach, stage.horizon)),
                blur=1.2 * unit,
            )


def _moon(stage: Stage, x: float, y: float, radius: float) -> None:
    stage.glow((x, y), radius * 7, (0.55, 0.65, 0.9), 0.55)
    stage.glow((x, y), radius * 2.2, (0.8, 0.86, 1.0), 0.6)
    seas = "".join(
        f'<circle cx="{x + a * radius:.1f}" cy="{y + b * radius:.1f}" r="{c * radius:.1f}" fill="#c4cad8" fill-opacity=".55"/>'
        for a, b, c in (
            (-0.3, -0.25, 0.3),
            (0.2, -0.4, 0.2),
            (0.32, 0.2, 0.27),
            (-0.2, 0.36, 0.22),
            (0.02, 0.02, 0.15),
        )
    )
    body = (
        f'<defs><radialGradient id="m" cx=".38" cy=".36" r=".75"><stop stop-color="#fffef6"/><stop offset=".75" '
        f'stop-color="#e9ecf4"/><stop offset="1" stop-color="#b9c3da"/></radialGradient></defs>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="url(#m)"/>{seas}'
    )
    reach = radius * 1.1
    stage.draw(body, (x - reach, y - reach, x + reach, y + reach), blur=0.7 * stage.unit)


def scatter_stars(stage: Stage, count: int, down_to: float) -> None:
    """Scatter stars over the rows above `down_to`, thinning toward it."""
    rng = stage.rng
    x = rng.random(count) * stage.width
    y = rng.random(count) ** 1.3 * down_to
    bright = rng.random(count) ** 3
    pixels = stage.image.load()
    if pixels is None:
        return
    for k in range(count):
        column, row = int(x[k]), int(y[k])
        glow = int(90 + 165 * bright[k])
        old = pixels[column, row]
        if isinstance(old, tuple):
            pixels[column, row] = (
                max(old[0], glow),
                max(old[1], glow),
                max(old[2], min(255, glow + 15)),
            )
        if bright[k] > 0.55:
            stage.glow((x[k], y[k]), (2.5 + 5 * bright[k]) * stage.unit, (0.85, 0.9, 1.0), 0.9)

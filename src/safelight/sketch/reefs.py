"""The world under water."""

import numpy as np

from safelight.sketch.colours import hexa, mix, rgb, times
from safelight.sketch.fields import blend, line_noise, ramp, sample, smooth, tile
from safelight.sketch.stage import Ground, Stage, mask_of


def _beds(stage: Stage, dim: float) -> None:
    """Paint three beds of rock and coral, the far ones blue."""
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    for k, haze in enumerate((0.72, 0.4, 0.05)):
        tone = mix(rgb("#2a3f4a"), rgb("#0f4f78"), haze)
        profile = np.clip(
            0.35
            + 0.3 * line_noise(rng, width, width * 0.3, 4)
            + 0.4 * np.abs(np.linspace(-1, 1, width)),
            0,
            1,
        )
        crest = height * (0.98 + 0.05 * k) - height * (0.3 - 0.04 * k) * profile
        mask = mask_of(
            np.clip(
                np.arange(height, dtype=np.float32)[:, None] - crest[None, :].astype(np.float32),
                0,
                1,
            )
        )
        stage.fill(mask, times(tone, dim))
        _corals(stage, crest.astype(np.float32), haze, (34, 26, 16)[k], (60, 100, 170)[k] * unit)


def underwater(stage: Stage) -> None:
    """Shafts of light in blue water over a reef."""
    width, height, rng, unit = stage.width, stage.height, stage.rng, stage.unit
    dim = 1 - 0.6 * stage.light.dark
    rows, columns = height // 2, width // 2
    down = ramp(rows, 0, 1)[:, None]
    plate = np.broadcast_to(np.asarray((0.42, 0.86, 0.92), dtype=np.float32), (rows, columns, 3))
    plate = blend(
        plate, (0.07, 0.42, 0.66), np.broadcast_to(smooth(down, 0.0, 0.5), (rows, columns))
    )
    plate = blend(
        plate, (0.01, 0.12, 0.27), np.broadcast_to(smooth(down, 0.35, 1.0), (rows, columns))
    )
    across = ramp(columns, -1, 1)[None, :]
    fan = sample(
        tile(rng, 128, 1.2),
        ((across - 0.2) / (down + 0.35) * 26 + 40).astype(np.float32),
        np.broadcast_to(down * 2, (rows, columns)).astype(np.float32),
    )
    plate = plate + (np.clip(fan, 0, 2) * np.exp(-down * 2.4) * 0.16)[..., None] * np.asarray(
        (0.7, 1, 0.95), dtype=np.float32
    )
    stage.lay(np.clip(plate * dim, 0, 1).astype(np.float32))
    stage.glow((width * 0.6, -height * 0.05), width * 0.5, (0.8, 1.0, 0.95), 0.6 * dim)
    _beds(stage, dim)
    bubbles = "".join(
        f'<circle cx="{float(rng.random()) * width:.0f}" cy="{float(rng.random()) * height:.0f}" r="{float(rng.uniform(2, 9)) * unit:.1f}" fill="#dffaff" fill-opacity=".16" stroke="#e9fdff" stroke-opacity=".6" stroke-width="{1.3 * unit:.1f}"/>'
        for _ in range(46)
    )
    stage.draw(bubbles, None, fine=0.6)
    stage.horizon = height * 0.2
    stage.ground = Ground("under", height * 0.3, height * 0.8, 0.36)


def _corals(
    stage: Stage,
    crest: np.ndarray[tuple[int], np.dtype[np.float32]],
    haze: float,
    count: int,
    size: float,
) -> None:
    rng, body = stage.rng, ""
    tones = ("#ff6f61", "#ffa94d", "#f06fb0", "#9a6fe0", "#ffd75a", "#3fc9a0", "#e04a7a")
    for _ in range(count):
        x = int(rng.integers(stage.width))
        y, high = float(crest[x]) + 6, size * float(rng.uniform(0.4, 1.0))
        tone = hexa(mix(rgb(tones[int(rng.integers(7))]), rgb("#0f5a80"), haze))
        kind = int(rng.integers(4))
        if kind == 0:
            body += "".join(
                f'<path d="M{x} {y}q{dx * high * 0.4:.0f} {-high * 0.4:.0f} {dx * high * 0.5:.0f} {-high * (0.9 - 0.3 * abs(dx)):.0f}" stroke="{tone}" stroke-width="{high * 0.09:.1f}" fill="none" stroke-linecap="round"/>'
                for dx in (-1, -0.5, 0, 0.5, 1)
            )
        elif kind == 1:
            body += (
                f'<path d="M{x - high * 0.5:.0f} {y:.0f}C{x - high * 0.6:.0f} {y - high * 0.7:.0f} {x + high * 0.6:.0f} {y - high * 0.7:.0f} {x + high * 0.5:.0f} {y:.0f}Z" fill="{tone}"/>'
                + "".join(
                    f'<path d="M{x + dx * high * 0.3:.0f} {y:.0f}q{dx * high * 0.2:.0f} {-high * 0.3:.0f} {-dx * high * 0.1:.0f} {-high * 0.5:.0f}" stroke="#fff" stroke-opacity=".3" stroke-width="{high * 0.03:.1f}" fill="none"/>'
                    for dx in (-1, 0, 1)
                )
            )
        elif kind == 2:
            body += "".join(
                f'<path d="M{x + k * high * 0.12:.0f} {y:.0f}q{high * 0.2:.0f} {-high * 0.4:.0f} 0 {-high * 0.7:.0f}t{high * 0.1:.0f} {-high * (0.4 + 0.1 * k):.0f}" stroke="{hexa(mix(rgb("#3fa05a"), rgb("#0f5a80"), haze))}" stroke-width="{high * 0.07:.1f}" fill="none" stroke-linecap="round"/>'
                for k in range(4)
            )
        else:
            body += "".join(
                f'<rect x="{x + k * high * 0.22:.0f}" y="{y - high * (0.4 + 0.15 * (k % 3)):.0f}" width="{high * 0.18:.1f}" height="{high:.0f}" rx="{high * 0.09:.1f}" fill="{tone}"/>'
                for k in range(4)
            )
    box = (0, float(crest.min()) - size * 1.3, stage.width, stage.height)
    stage.draw(body, box, blur=4 * haze * stage.unit, fine=1.0 if haze < 0.3 else 0.4)

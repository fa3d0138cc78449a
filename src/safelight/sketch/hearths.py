"""A fireplace with its fire."""

from safelight.sketch.colours import hexa, rgb, times
from safelight.sketch.rooms import warm
from safelight.sketch.stage import Stage

_FLAMES = (
    ("M-52 0C-64 -44 -30 -66 -36 -104C-14 -86 -8 -62 -12 -44C0 -74 -4 -104 8 -132C30 -100 26 -74 24 -50C36 -62 38 -78 36 -92C58 -62 62 -30 50 0Z", "#f2651d", 0.9),
    ("M-36 0C-44 -32 -22 -48 -24 -76C-8 -60 -6 -44 -6 -30C4 -52 2 -72 8 -92C24 -66 20 -46 20 -32C30 -42 30 -52 28 -60C42 -40 44 -18 36 0Z", "#ffab2e", 0.95),
    ("M-20 0C-24 -20 -10 -30 -10 -46C0 -36 4 -24 4 -16C12 -24 12 -34 12 -42C22 -26 24 -10 18 0Z", "#fff0a8", 1.0),
)  # fmt: skip


def fireplace(stage: Stage, x: float, foot: float, wide: float) -> None:
    """Paint a brick fireplace `wide` pixels broad, its hearth on row `foot`, and the light it throws."""
    scale = wide / 400
    box = (x - wide * 0.62, foot - wide * 0.86, x + wide * 0.62, foot + wide * 0.1)
    stage.draw(
        f'<g transform="translate({x} {foot}) scale({scale})">{_mantel(stage)}{_bricks(stage)}{_fire(stage)}</g>',
        box,
    )
    stage.glow((x, foot - wide * 0.22), wide * 1.25, (1.0, 0.55, 0.2), 0.5)
    stage.glow((x, foot - wide * 0.14), wide * 0.4, (1.0, 0.72, 0.35), 0.55)
    stage.glow((x, foot + wide * 0.16), wide * 0.6, (1.0, 0.5, 0.18), 0.3)


def _mantel(stage: Stage) -> str:
    wood, stone = warm(stage, rgb("#7a4a2c")), warm(stage, rgb("#8f857a"))
    return (
        f'<rect x="-206" y="-262" width="412" height="262" fill="{hexa(warm(stage, rgb("#8a4a38")))}"/>'
        f'<rect x="-236" y="-296" width="472" height="34" rx="4" fill="{hexa(wood)}"/><rect x="-236" y="-266" width="472" height="8" fill="#000" fill-opacity=".35"/>'
        f'<rect x="-250" y="-6" width="500" height="34" rx="4" fill="{hexa(stone)}"/><rect x="-250" y="18" width="500" height="12" fill="{hexa(times(stone, 0.6))}"/>'
        '<g transform="translate(-170 -296)"><path d="M-16 0V-30C-16 -36 16 -36 16 -30V0Z" fill="#d9d2c3"/><path d="M-8 -30C-30 -70 -10 -80 -4 -40C-4 -90 20 -84 4 -40C14 -70 34 -60 8 -30Z" fill="#5f8a4f"/></g>'
        '<g transform="translate(150 -296)"><rect x="-9" y="-52" width="18" height="52" fill="#f1e6cf"/><path d="M0 -82C10 -68 8 -56 0 -54C-8 -56 -10 -68 0 -82Z" fill="#ffc24a"/><rect x="24" y="-34" width="15" height="34" fill="#f1e6cf"/><path d="M31 -62C40 -50 38 -38 31 -36C24 -38 22 -50 31 -62Z" fill="#ffc24a"/></g>'
    )


def _bricks(stage: Stage) -> str:
    body = ""
    for row in range(13):
        for column in range(-5, 6):
            x, y = column * 42 - 21 * (row % 2), -262 + row * 20
            left, right = max(x, -204), min(x + 39, 204)
            if right - left > 4:
                tone = warm(stage, rgb("#a85a42"), 0.8 + 0.07 * ((row * 7 + column * 5) % 5))
                body += f'<rect x="{left}" y="{y}" width="{right - left}" height="17" fill="{hexa(tone)}"/>'
    arch = '<path d="M-126 -4V-128C-126 -216 126 -216 126 -128V-4Z" fill="#140c0a"/><path d="M-126 -4V-128C-126 -216 126 -216 126 -128V-4" fill="none" stroke="#5a3328" stroke-width="14"/>'
    return body + arch


def _fire(stage: Stage) -> str:
    glow = '<defs><radialGradient id="fg" cy=".9"><stop stop-color="#ff8a2a" stop-opacity=".85"/><stop offset="1" stop-color="#7a1f08" stop-opacity="0"/></radialGradient></defs><path d="M-118 -4V-128C-118 -204 118 -204 118 -128V-4Z" fill="url(#fg)"/>'
    logs = '<g fill="#4a2d1c"><rect x="-84" y="-30" width="168" height="24" rx="12"/><rect x="-64" y="-48" width="140" height="22" rx="11" transform="rotate(-9)"/><rect x="-76" y="-48" width="140" height="22" rx="11" transform="rotate(9)"/></g><path d="M-70 -18H70M-50 -40L50 -32" stroke="#ff7a2a" stroke-width="5" stroke-opacity=".8" stroke-linecap="round"/>'
    tongues = ""
    for dx, size in ((-50, 0.8), (46, 0.86), (0, 1.2)):
        lean = float(stage.rng.uniform(-8, 8))
        tongues += (
            f'<g transform="translate({dx} -24) rotate({lean:.1f}) scale({size})">'
            + "".join(
                f'<path d="{path}" fill="{tone}" fill-opacity="{cover}"/>'
                for path, tone, cover in _FLAMES
            )
            + "</g>"
        )
    return glow + logs + tongues

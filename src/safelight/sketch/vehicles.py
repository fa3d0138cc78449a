"""Cars, boats and balloons."""

from safelight.sketch.colours import Colour, hexa, mix, rgb, times

_PAINTS = ("#c9302f", "#2f5fb0", "#e0a92f", "#2f8a6a", "#d9dde2", "#7a3f9a")


def _gloss(name: str, base: Colour) -> str:
    return f'<linearGradient id="{name}" x2="0" y2="1"><stop stop-color="{hexa(mix(base, (1, 1, 1), 0.45))}"/><stop offset=".3" stop-color="{hexa(base)}"/><stop offset=".62" stop-color="{hexa(times(base, 0.82))}"/><stop offset="1" stop-color="{hexa(times(base, 0.42))}"/></linearGradient>'


_GLASS = '<linearGradient id="glass" x2=".4" y2="1"><stop stop-color="#dff1fb"/><stop offset=".5" stop-color="#6f93ab"/><stop offset="1" stop-color="#243a4a"/></linearGradient>'


def _wheel(x: float, y: float, r: float) -> str:
    spokes = "".join(
        f'<path d="M{x} {y}L{x + r * 0.58 * dx:.1f} {y + r * 0.58 * dy:.1f}" stroke="#8e98a3" stroke-width="{r * 0.13:.1f}"/>'
        for dx, dy in ((0, -1), (0.95, -0.31), (0.59, 0.81), (-0.59, 0.81), (-0.95, -0.31))
    )
    return f'<circle cx="{x}" cy="{y}" r="{r}" fill="#1a1b1f"/><circle cx="{x}" cy="{y}" r="{r * 0.66}" fill="#3a3f46"/><circle cx="{x}" cy="{y}" r="{r * 0.62}" fill="none" stroke="#c6ced6" stroke-width="{r * 0.09}"/>{spokes}<circle cx="{x}" cy="{y}" r="{r * 0.16}" fill="#dfe5ea"/>'


def car(variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A rounded saloon, 600 by 230."""
    return 600, 230, _car(colour or rgb(_PAINTS[variant % 6]))


def taxi(_variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A cab with a roof light, 600 by 230."""
    squares = "".join(
        f'<rect x="{120 + 20 * k}" y="{128 + 9 * (k % 2)}" width="20" height="9" fill="#1c1c1c"/>'
        for k in range(18)
    )
    return (
        600,
        230,
        _car(colour or rgb("#f4bd22"))
        + squares
        + '<rect x="262" y="6" width="76" height="22" rx="5" fill="#fff2c0" stroke="#2a2a2a" stroke-width="3"/>',
    )


def _car(base: Colour) -> str:
    return (
        f"<defs>{_gloss('body', base)}{_GLASS}</defs>"
        '<path d="M24 176C14 150 22 120 60 108C104 98 134 96 154 88C186 46 226 28 308 28C384 28 420 50 456 90C510 94 560 104 578 128C590 148 590 166 582 178L560 190H40Z" fill="url(#body)"/>'
        '<path d="M176 90C202 56 236 44 288 43V92Z" fill="url(#glass)"/><path d="M302 43C366 42 396 60 424 92H302Z" fill="url(#glass)"/><path d="M206 84L246 50L262 48L222 86Z" fill="#fff" fill-opacity=".4"/>'
        f'<path d="M295 44V180M168 96C164 130 168 160 180 182M440 96C446 130 440 160 430 182" stroke="{hexa(times(base, 0.45))}" stroke-width="3" fill="none"/>'
        '<rect x="262" y="108" width="26" height="7" rx="3" fill="#e3e8ec"/><rect x="392" y="108" width="26" height="7" rx="3" fill="#e3e8ec"/>'
        '<path d="M564 122C580 126 588 138 586 148L560 146Z" fill="#ff5a44"/><path d="M28 130C36 116 56 112 66 114L60 138L26 146Z" fill="#fff7d0"/><path d="M30 122C120 104 460 104 574 130" stroke="#fff" stroke-opacity=".35" stroke-width="4" fill="none"/>'
        '<path d="M22 166H584V182H34Z" fill="#23262b"/><path d="M82 184a58 58 0 0 1 116 0zM402 184a58 58 0 0 1 116 0z" fill="#14161a"/>'
        f"{_wheel(140, 184, 46)}{_wheel(460, 184, 46)}"
    )


def sportscar(variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A low sports car, 640 by 190."""
    base = colour or rgb(_PAINTS[variant % 4])
    return (
        640,
        190,
        (
            f"<defs>{_gloss('body', base)}{_GLASS}</defs>"
            '<path d="M14 146C10 116 40 98 120 90C170 84 196 78 226 58C270 30 350 22 400 34C444 44 470 66 500 78C560 82 606 88 622 108C634 126 630 142 620 152H30Z" fill="url(#body)"/>'
            '<path d="M232 84C268 52 310 42 352 41L366 84Z" fill="url(#glass)"/><path d="M364 41C410 42 440 62 462 82L378 84Z" fill="url(#glass)"/>'
            f'<path d="M520 78L548 50H628L618 62L560 66L548 82Z" fill="{hexa(times(base, 0.6))}"/>'
            '<path d="M26 120C50 104 80 102 104 104L84 122L24 132Z" fill="#fff6c8"/><path d="M600 104L626 108L628 122L596 118Z" fill="#ff4a3a"/>'
            f'<path d="M220 100C300 110 420 108 500 96L486 130C420 140 300 140 240 134Z" fill="{hexa(times(base, 0.62))}"/><path d="M40 100C160 86 480 76 610 104" stroke="#fff" stroke-opacity=".45" stroke-width="4" fill="none"/>'
            f'<path d="M16 140H626V156H24Z" fill="#1b1d21"/>{_wheel(130, 142, 46)}{_wheel(518, 142, 47)}'
        ),
    )


def airballoon(variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A hot air balloon with gores in two or three colours, 300 by 420."""
    sets = (
        ("#e0403a", "#f6d25a", "#f4efe2"),
        ("#2f6fb5", "#f4efe2", "#e8703a"),
        ("#7a3f9a", "#f2b03f", "#e85a7a"),
        ("#2f9a7a", "#f6e07a", "#e0503a"),
    )
    tones = [rgb(code) for code in sets[variant % 4]]
    if colour is not None:
        tones = [colour, mix(colour, (1, 1, 1), 0.75), times(colour, 0.7)]
    gores = ""
    for k in range(8):
        a, b = -1 + k / 4, -1 + (k + 1) / 4
        x0, x1 = 150 + 134 * _bend(a), 150 + 134 * _bend(b)
        gores += f'<path d="M150 8C{150 + (x0 - 150) * 1.02:.0f} 20 {x0:.0f} 80 {x0:.0f} 136C{x0:.0f} 210 {150 + (x0 - 150) * 0.5:.0f} 270 {150 + 26 * _bend(a):.0f} 318H{150 + 26 * _bend(b):.0f}C{150 + (x1 - 150) * 0.5:.0f} 270 {x1:.0f} 210 {x1:.0f} 136C{x1:.0f} 80 {150 + (x1 - 150) * 1.02:.0f} 20 150 8Z" fill="{hexa(tones[k % 3 if variant % 2 else k % 2])}"/>'
    zig = "".join(f"L{16 + 268 * k / 12:.0f} {150 if k % 2 else 118}" for k in range(13))
    return (
        300,
        420,
        (
            '<defs><radialGradient id="vol" cx=".36" cy=".28" r=".8"><stop stop-color="#fff" stop-opacity=".5"/><stop offset=".4" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#1a1030" stop-opacity=".6"/></radialGradient>'
            '<clipPath id="c"><path d="M150 8C60 12 16 76 16 136C16 210 90 270 124 318H176C210 270 284 210 284 136C284 76 240 12 150 8Z"/></clipPath></defs>'
            f'{gores}<g clip-path="url(#c)"><path d="M0 134{zig}L300 134" fill="none" stroke="{hexa(tones[2])}" stroke-width="13"/><rect width="300" height="330" fill="url(#vol)"/></g>'
            '<path d="M126 318L132 366M174 318L168 366M150 318V366" stroke="#3a2c20" stroke-width="2.5"/><ellipse cx="150" cy="322" rx="22" ry="7" fill="#ffb94a"/><path d="M126 364H174L168 404C160 410 140 410 132 404Z" fill="#8a5a30"/><path d="M124 360H176V370H124Z" fill="#5f3c1e"/><path d="M128 378H172M130 390H170" stroke="#5f3c1e" stroke-width="2.5"/>'
        ),
    )


def _bend(share: float) -> float:
    return (1 if share > 0 else -1) * (1 - (1 - abs(share)) ** 1.7)


def sailboat(variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A sloop under sail, 360 by 440."""
    hull = colour or rgb(("#f1ece2", "#2f4f7a", "#a83a2f", "#2f6a5f")[variant % 4])
    sail = '<linearGradient id="sail" x2="1" y2=".4"><stop stop-color="#fffdf6"/><stop offset=".6" stop-color="#efe6d4"/><stop offset="1" stop-color="#bfb4a2"/></linearGradient>'
    return (
        360,
        440,
        (
            f"<defs>{sail}{_gloss('hull', hull)}</defs>"
            '<path d="M178 12L172 372" stroke="#6a4a30" stroke-width="7"/><path d="M186 24C226 130 282 250 300 344C262 352 220 354 184 350Z" fill="url(#sail)"/><path d="M168 44C140 150 90 250 44 332C90 346 132 350 166 346Z" fill="url(#sail)"/>'
            '<path d="M186 120C206 122 224 122 236 124M185 200C220 204 246 204 268 204M184 280C226 286 264 284 288 282" stroke="#a89c88" stroke-width="2" fill="none"/><path d="M178 12l34 8l-34 10z" fill="#d0403a"/>'
            '<path d="M20 366C120 380 250 380 346 356C336 400 314 428 286 434H78C50 424 32 400 20 366Z" fill="url(#hull)"/><path d="M22 374C120 390 250 388 342 366" stroke="#fff" stroke-opacity=".7" stroke-width="5" fill="none"/><path d="M126 362L150 344H228L246 362Z" fill="#8a5f3a"/>'
        ),
    )


def galleon(_variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A three-masted ship, 520 by 480."""
    cloth = colour or rgb("#efe3c8")
    sails = "".join(
        f'<path d="M{x - w} {y}C{x - w * 0.6} {y + h * 0.5} {x - w * 0.6} {y + h * 0.7} {x - w * 1.1} {y + h}C{x - w * 0.3} {y + h * 0.86} {x + w * 0.3} {y + h * 0.86} {x + w * 1.1} {y + h}C{x + w * 1.3} {y + h * 0.6} {x + w * 1.2} {y + h * 0.3} {x + w} {y}Z" fill="url(#sl)"/>'
        for x, w, y, h in (
            (150, 46, 110, 80),
            (150, 60, 198, 120),
            (270, 54, 60, 90),
            (270, 72, 158, 150),
            (390, 42, 120, 74),
            (390, 54, 202, 110),
        )
    )
    return (
        520,
        480,
        (
            f'<defs>{_gloss("hl", rgb("#6a4426"))}<linearGradient id="sl" x2="1"><stop stop-color="{hexa(mix(cloth, (1, 1, 1), 0.3))}"/><stop offset="1" stop-color="{hexa(times(cloth, 0.66))}"/></linearGradient></defs>'
            f'<path d="M150 70V400M270 20V400M390 80V400M40 330L-10 280" stroke="#4a3020" stroke-width="9"/>{sails}<path d="M270 20l60 10l-60 16z" fill="#1c1c1f"/>'
            '<path d="M30 330C80 372 380 380 430 356L436 300H506C500 380 480 440 440 464H120C80 440 50 390 30 330Z" fill="url(#hl)"/><path d="M46 366C160 404 380 404 496 366" stroke="#d9a94a" stroke-width="6" fill="none"/>'
            + "".join(
                f'<rect x="{130 + 52 * k}" y="408" width="20" height="18" fill="#1c120a" stroke="#d9a94a" stroke-width="3"/>'
                for k in range(6)
            )
        ),
    )


def rowboat(_variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A wooden rowing boat, 420 by 150."""
    hull = colour or rgb("#9a6238")
    return (
        420,
        150,
        (
            f"<defs>{_gloss('rb', hull)}</defs><path d='M6 40C60 66 360 66 414 36C404 100 372 140 330 144H92C48 138 18 100 6 40Z' fill='url(#rb)'/>"
            f'<path d="M6 40C60 20 360 16 414 36C360 66 60 66 6 40Z" fill="{hexa(times(hull, 0.42))}"/><path d="M110 34V54M210 28V60M310 32V54" stroke="{hexa(mix(hull, (1, 1, 1), 0.3))}" stroke-width="14"/><path d="M20 74C120 100 300 100 402 70M40 104C130 124 290 124 384 100" stroke="#000" stroke-opacity=".3" stroke-width="3" fill="none"/><path d="M60 10L330 130" stroke="#c9a06a" stroke-width="7"/>'
        ),
    )

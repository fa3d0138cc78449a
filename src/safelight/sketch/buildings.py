"""Single buildings seen from without."""

from safelight.sketch.colours import Colour, hexa, mix, rgb, times


def _side(name: str, base: Colour) -> str:
    return f'<linearGradient id="{name}"><stop stop-color="{hexa(mix(base, (1, 1, 1), 0.16))}"/><stop offset=".5" stop-color="{hexa(base)}"/><stop offset="1" stop-color="{hexa(times(base, 0.52))}"/></linearGradient>'


def lighthouse(
    _variant: int, colour: Colour | None, _words: frozenset[str]
) -> tuple[int, int, str]:
    """A banded lighthouse on its rock, 260 by 560."""
    band = colour or rgb("#c8372f")
    bands = "".join(
        f'<path d="M{92 - 5 * k} {180 + 80 * k}H{168 + 5 * k}L{171 + 5 * k} {220 + 80 * k}H{89 - 5 * k}Z" fill="url(#rd)"/>'
        for k in range(4)
    )
    return (
        260,
        560,
        (
            f"<defs>{_side('wt', rgb('#f2efe8'))}{_side('rd', band)}{_side('dk', rgb('#3a3f48'))}{_side('rk', rgb('#6d675f'))}</defs>"
            '<path d="M0 560C10 500 60 490 80 484H190C220 494 254 510 260 560Z" fill="url(#rk)"/><path d="M94 150H166L190 492H70Z" fill="url(#wt)"/>'
            f'{bands}<rect x="82" y="138" width="96" height="14" fill="url(#dk)"/><path d="M86 138V118M104 138V118M130 138V118M156 138V118M174 138V118M84 118H176" stroke="#3a3f48" stroke-width="4"/>'
            '<rect x="102" y="74" width="56" height="64" fill="#ffe9a0"/><path d="M102 74V138M120 74V138M140 74V138M158 74V138" stroke="#3a3f48" stroke-width="4"/><path d="M94 76C100 40 160 40 166 76Z" fill="url(#rd)"/><path d="M130 46V20" stroke="#3a3f48" stroke-width="5"/>'
            '<path d="M116 492V452C116 432 144 432 144 452V492Z" fill="#4a3526"/><rect x="122" y="250" width="16" height="24" rx="7" fill="#3a4a5a"/><rect x="122" y="350" width="16" height="24" rx="7" fill="#3a4a5a"/>'
        ),
    )


def castle(_variant: int, colour: Colour | None, words: frozenset[str]) -> tuple[int, int, str]:
    """A castle with pointed towers, 640 by 560."""
    stone = colour or rgb("#9a948c")
    roof = rgb("#3f4f73") if "red" not in words else rgb("#a83a30")
    towers = "".join(
        _tower(x, y, w, h)
        for x, y, w, h in (
            (250, 120, 70, 340),
            (330, 70, 84, 400),
            (150, 200, 70, 290),
            (440, 180, 74, 310),
            (50, 280, 74, 230),
            (530, 270, 76, 240),
        )
    )
    crenels = "".join(
        f'<rect x="{96 + 30 * k}" y="352" width="18" height="24" fill="url(#st)"/>'
        for k in range(16)
    )
    marks = "".join(
        f'<rect x="{110 + (k * 83) % 420}" y="{392 + (k * 37) % 100}" width="22" height="10" rx="2" fill="#000" fill-opacity=".14"/>'
        for k in range(20)
    )
    return (
        640,
        560,
        (
            f"<defs>{_side('st', stone)}{_side('rf', roof)}</defs>{towers}"
            f'<path d="M90 372H560V530H90Z" fill="url(#st)"/>{crenels}{marks}<path d="M280 530V450C280 400 366 400 366 450V530Z" fill="#2b211a"/><path d="M296 530V420M322 530V412M348 530V420M280 462H366M280 494H366" stroke="#6a5a48" stroke-width="4"/>'
            '<path d="M0 560C40 520 120 526 200 522H450C540 526 610 520 640 560Z" fill="#54614a"/>'
        ),
    )


def _tower(x: float, y: float, w: float, h: float) -> str:
    window = "".join(
        f'<path d="M{x + w * 0.4} {y + 40 + 80 * k}v-14q{w * 0.1} -14 {w * 0.2} 0v14z" fill="#ffd98a"/>'
        for k in range(max(1, int(h / 110)))
    )
    crown = "".join(
        f'<rect x="{x - 8 + (w + 4) * k / 4}" y="{y - 14}" width="{w * 0.16}" height="16" fill="url(#st)"/>'
        for k in range(5)
    )
    return (
        f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="url(#st)"/><rect x="{x - 8}" y="{y}" width="{w + 16}" height="18" fill="url(#st)"/>{crown}{window}'
        f'<path d="M{x - 12} {y - 10}L{x + w / 2} {y - w * 1.5}L{x + w + 12} {y - 10}Z" fill="url(#rf)"/><path d="M{x + w / 2} {y - w * 1.5}v-30l26 9l-26 10" fill="#c8372f" stroke="#4a3a2a" stroke-width="3"/>'
    )


def house(variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A gabled house with a porch, 520 by 400."""
    wall = colour or rgb(("#e6d6b8", "#c9d2d6", "#d9a58a", "#b9c4a6")[variant % 4])
    window = "".join(
        f'<g transform="translate({x} {y})"><rect width="52" height="58" fill="#fff"/><rect x="5" y="5" width="42" height="48" fill="#ffdf9a"/><path d="M26 5V53M5 28H47" stroke="#fff" stroke-width="4"/><rect x="-12" width="10" height="58" fill="#4a6a6a"/><rect x="54" width="10" height="58" fill="#4a6a6a"/></g>'
        for x, y in ((70, 250), (380, 250), (120, 140), (340, 140))
    )
    return (
        520,
        400,
        (
            f"<defs>{_side('wl', wall)}{_side('rf', rgb('#6a3f38'))}</defs><rect x='380' y='30' width='46' height='100' fill='#8a5a4a'/>"
            f'<path d="M40 200H480V390H40Z" fill="url(#wl)"/><path d="M60 210L260 50L460 210Z" fill="url(#wl)"/><path d="M16 216L260 26L504 216L486 232L260 58L34 232Z" fill="url(#rf)"/>'
            f'{window}<path d="M226 390V270H294V390Z" fill="#6a3a2a"/><circle cx="282" cy="332" r="5" fill="#e6c25a"/><path d="M200 268H320L300 244H220Z" fill="url(#rf)"/><rect x="190" y="386" width="140" height="14" fill="#a39a8c"/>'
        ),
    )


def cabin(_variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A log cabin, 480 by 340."""
    wall = colour or rgb("#8a5a34")
    logs = "".join(
        f'<rect x="50" y="{160 + 24 * k}" width="380" height="22" rx="11" fill="url(#lg)"/>'
        for k in range(7)
    )
    return (
        480,
        340,
        (
            f"<defs><linearGradient id='lg' x2='0' y2='1'><stop stop-color='{hexa(mix(wall, (1, 1, 1), 0.2))}'/><stop offset='1' stop-color='{hexa(times(wall, 0.55))}'/></linearGradient>{_side('rf', rgb('#4a3a34'))}</defs>"
            f'<rect x="350" y="20" width="44" height="90" fill="#7d7872"/>{logs}<path d="M80 168L240 52L400 168Z" fill="{hexa(times(wall, 0.8))}"/><path d="M10 178L240 20L470 178L452 194L240 52L28 194Z" fill="url(#rf)"/>'
            '<path d="M200 330V230H270V330Z" fill="#3f2616"/><rect x="90" y="220" width="70" height="60" fill="#ffd583" stroke="#3f2616" stroke-width="7"/><path d="M125 220V280M90 250H160" stroke="#3f2616" stroke-width="5"/><rect x="320" y="220" width="70" height="60" fill="#ffd583" stroke="#3f2616" stroke-width="7"/><path d="M355 220V280M320 250H390" stroke="#3f2616" stroke-width="5"/>'
        ),
    )


def windmill(_variant: int, colour: Colour | None, _words: frozenset[str]) -> tuple[int, int, str]:
    """A tower mill, 460 by 560."""
    wall = colour or rgb("#e9e2d2")
    blade = '<path d="M-6 0L-4 -210H4L6 0Z" fill="#5a4030"/><path d="M6 -50H42V-206H6Z" fill="#f4eee0" stroke="#6a4a34" stroke-width="3"/><path d="M18 -50V-206M30 -50V-206M6 -90H42M6 -130H42M6 -170H42" stroke="#6a4a34" stroke-width="2"/>'
    blades = "".join(
        f'<g transform="translate(230 210) rotate({24 + 90 * k})">{blade}</g>' for k in range(4)
    )
    return (
        460,
        560,
        (
            f"<defs>{_side('wl', wall)}{_side('cp', rgb('#6a4a3a'))}</defs><path d='M176 220H284L320 556H140Z' fill='url(#wl)'/><path d='M166 224C170 150 290 150 294 224Z' fill='url(#cp)'/>"
            f'<path d="M206 556V490C206 466 254 466 254 490V556Z" fill="#5a3a26"/><rect x="214" y="320" width="32" height="40" fill="#4a5a66" stroke="#fff" stroke-width="5"/><rect x="150" y="430" width="160" height="10" fill="#6a4a34"/>{blades}<circle cx="230" cy="210" r="14" fill="#3a2a20"/>'
        ),
    )

"""People at full length: one figure, many costumes."""

from dataclasses import dataclass

from safelight.sketch.colours import NAMED, Colour, hexa, mix, rgb, shifted, times

_SKINS = ("#f3c9a5", "#e0ac80", "#c68a5e", "#8d5a3b")
_HAIRS = ("#2b1d17", "#5a3826", "#b58a4c", "#1c1a1f", "#8c3f22")


@dataclass(frozen=True, slots=True)
class Costume:
    """What a figure wears: colours of top and legs, and the names of further parts."""

    top: str
    legs: str
    parts: frozenset[str] = frozenset()
    head: float = 1.0  # size of the head: larger for children
    female: bool = False


def _wears(
    top: str, legs: str, parts: str = "", head: float = 1.0, *, female: bool = False
) -> Costume:
    return Costume(top, legs, frozenset(parts.split()), head, female)


COSTUMES: dict[str, Costume] = {
    "woman": _wears("#c4536a", "#2f4058", "", female=True), "man": _wears("#3f6a8a", "#33384a"),
    "girl": _wears("#e08a5a", "#4a6aa0", "skirt", 1.25, female=True), "boy": _wears("#4f9a6a", "#3a4a6a", "", 1.25),
    "person": _wears("#b5653f", "#3a4356", "backpack"), "child": _wears("#e0b03f", "#4a6a9a", "", 1.35),
    "astronaut": _wears("#eef1f5", "#e3e8ee", "helmet pack boots"), "knight": _wears("#a9b3bf", "#8d97a5", "visor sword"),
    "wizard": _wears("#4a3f9a", "#4a3f9a", "robe cone beard staff"), "witch": _wears("#2f2440", "#2f2440", "robe cone broom", female=True),
    "princess": _wears("#e58ab5", "#e58ab5", "robe crown", female=True), "king": _wears("#9a2f3f", "#5a2f4a", "robe crown beard"),
    "samurai": _wears("#8a2f2f", "#2a2a33", "robe sword bun"), "chef": _wears("#f4f4f0", "#3a3f4a", "toque"),
    "doctor": _wears("#f2f5f7", "#5a86a0", "coat"), "businessman": _wears("#2f3a4f", "#2a3344", "tie"),
    "farmer": _wears("#b5503f", "#3f5f8a", "brim"), "pirate": _wears("#7a2a2a", "#2f2a2a", "tricorn sword"),
    "musician": _wears("#26262e", "#3a3a4a", "guitar"), "superhero": _wears("#2f5fc0", "#2f5fc0", "cape emblem"),
    "worker": _wears("#e8822a", "#3f4a5a", "hardhat"),
}  # fmt: skip


def figure(
    name: str, variant: int, colour: Colour | None, words: frozenset[str]
) -> tuple[int, int, str]:
    """Return a standing (or seated, when `words` say so) person in a 320 by 720 box."""
    wear = COSTUMES[name]
    named = [rgb(NAMED[word]) for word in words if word in NAMED]
    top = colour or (named[0] if named else shifted(rgb(wear.top), hue=((variant % 7) - 3) * 0.012))
    skin, hair = rgb(_SKINS[variant % 4]), rgb(_HAIRS[variant // 4 % 5])
    if words & {"old", "elderly"} or "beard" in wear.parts:
        hair = rgb("#dcdad6")
    defs = (
        _shade("top", top)
        + _shade("legs", rgb(wear.legs) if "robe" not in wear.parts else top)
        + _shade("skin", skin)
        + _shade("hair", hair)
    )
    body = (
        _back(wear, top)
        + _legs(wear, words)
        + _torso(wear, top)
        + _head(wear, skin, hair, words)
        + _carried(wear)
    )
    return 384, 720, f'<defs>{defs}</defs><g transform="scale(1.2 1)">{body}</g>'


def _shade(name: str, colour: Colour) -> str:
    return f'<linearGradient id="{name}"><stop stop-color="{hexa(mix(colour, (1, 1, 1), 0.12))}"/><stop offset=".55" stop-color="{hexa(colour)}"/><stop offset="1" stop-color="{hexa(times(colour, 0.6))}"/></linearGradient>'


def _back(wear: Costume, top: Colour) -> str:
    parts = {
        "cape": '<path d="M118 168C60 330 50 500 40 600C120 570 220 570 290 610C270 480 250 320 204 168Z" fill="#c0303f"/><path d="M204 168C250 320 270 480 290 610L250 590C240 440 220 300 196 180Z" fill="#8a1f30"/>',
        "pack": '<rect x="84" y="170" width="154" height="190" rx="26" fill="#b9c2cc"/><rect x="84" y="170" width="154" height="190" rx="26" fill="#6f7a88" fill-opacity=".4"/>',
        "backpack": f'<rect x="94" y="180" width="134" height="150" rx="34" fill="{hexa(times(top, 0.6))}"/>',
        "broom": '<path d="M270 90L236 700" stroke="#6a4a2c" stroke-width="9"/><path d="M222 610L206 716H262L254 614Z" fill="#c99a4a"/>',
        "staff": '<path d="M262 120L250 700" stroke="#6a4a2c" stroke-width="10"/><circle cx="262" cy="110" r="20" fill="#7fe0ff"/><circle cx="256" cy="104" r="8" fill="#fff" fill-opacity=".8"/>',
    }
    return "".join(part for key, part in parts.items() if key in wear.parts)


def _legs(wear: Costume, words: frozenset[str]) -> str:
    shoe = "#2a2522" if "boots" not in wear.parts else "#9aa4b0"
    if "astride" in words:
        return (
            '<path d="M120 340C112 384 92 410 84 452C78 486 92 530 100 566H142C138 530 138 496 146 466C156 434 200 420 208 340Z" fill="url(#legs)"/>'
            f'<path d="M98 556H144V580C132 590 96 592 72 590C66 574 84 566 98 556Z" fill="{shoe}"/>'
        )
    if "seated" in words:
        return (
            '<path d="M122 380C110 430 90 450 84 500L96 590H134L138 500L168 430Z" fill="url(#legs)"/><path d="M198 380C214 430 224 460 220 510L214 590H178L172 500L156 430Z" fill="url(#legs)"/>'
            f'<path d="M92 584h44v22H76z" fill="{shoe}"/><path d="M176 584h40l14 22h-54z" fill="{shoe}"/>'
        )
    if "robe" in wear.parts:
        return '<path d="M116 330C96 470 76 600 62 700C120 716 204 716 262 700C246 600 226 470 206 330Z" fill="url(#legs)"/><path d="M160 350C154 470 150 600 150 708L186 708C184 600 176 470 166 350Z" fill="#000" fill-opacity=".12"/>'
    skirt = (
        '<path d="M114 340L84 500H240L208 340Z" fill="url(#top)"/>' if "skirt" in wear.parts else ""
    )
    return (
        '<path d="M118 356C112 460 112 580 108 690H148L158 440L160 372Z" fill="url(#legs)"/><path d="M204 356C212 460 216 580 222 690H180L166 440L160 372Z" fill="url(#legs)"/>'
        f'<path d="M104 680H150V706H84C84 692 94 686 104 680Z" fill="{shoe}"/><path d="M178 680H224C236 686 246 692 246 706H178Z" fill="{shoe}"/>{skirt}'
    )


def _torso(wear: Costume, top: Colour) -> str:
    arms = (
        '<path d="M118 172C84 178 78 260 74 330L84 400H104L106 330L128 230Z" fill="url(#top)"/><path d="M204 172C238 178 244 260 248 330L238 400H218L216 330L194 230Z" fill="url(#top)"/>'
        '<circle cx="94" cy="408" r="16" fill="url(#skin)"/><circle cx="228" cy="408" r="16" fill="url(#skin)"/>'
    )
    waist = (
        "M116 166C140 154 182 154 206 166C216 230 206 300 210 380H112C116 300 106 230 116 166Z"
        if not wear.female
        else "M120 168C140 156 182 156 202 168C212 220 192 280 208 380H114C130 280 110 220 120 168Z"
    )
    trims = {
        "tie": '<path d="M140 160L160 210L182 160L172 156H150Z" fill="#f4f4f4"/><path d="M154 178h14l5 80l-12 16l-12 -16z" fill="#a82f3a"/>',
        "coat": '<path d="M150 160L160 380M138 160L160 220L184 160" stroke="#b9c6cf" stroke-width="5" fill="none"/><path d="M140 170C140 230 180 230 180 170" stroke="#3a4a5a" stroke-width="5" fill="none"/>',
        "emblem": '<path d="M136 206H186L161 254Z" fill="#ffd23a"/>',
        "helmet": '<rect x="128" y="226" width="66" height="52" rx="10" fill="#aab4c0"/><circle cx="144" cy="244" r="7" fill="#e0504a"/><circle cx="164" cy="244" r="7" fill="#4a90e0"/><path d="M112 360H210" stroke="#8f9aa8" stroke-width="12"/><path d="M84 300l24 4M214 304l24 -4" stroke="#e0703a" stroke-width="12"/>',
        "visor": '<path d="M116 210H206M112 290H208M112 340H210" stroke="#6f7a88" stroke-width="6"/><path d="M160 170V370" stroke="#6f7a88" stroke-width="5"/>',
        "toque": '<path d="M148 180V370M176 210v.1M176 260v.1M176 310v.1" stroke="#c9c9c4" stroke-width="7" stroke-linecap="round"/>',
        "backpack": f'<path d="M132 166V300M190 166V300" stroke="{hexa(times(top, 0.5))}" stroke-width="12"/>',
    }
    belt = f'<path d="M114 352H208V368H114Z" fill="{hexa(times(top, 0.45))}"/>'
    return f'<path d="{waist}" fill="url(#top)"/>{belt}{arms}' + "".join(
        part for key, part in trims.items() if key in wear.parts
    )


def _head(wear: Costume, skin: Colour, hair: Colour, words: frozenset[str]) -> str:
    dim = hexa(times(skin, 0.7))
    neck = f'<path d="M144 130H178V172C166 182 156 182 144 172Z" fill="{dim}"/>'
    long_hair = (
        '<path d="M106 96C100 30 222 30 216 96C224 150 222 190 210 206H112C100 190 98 150 106 96Z" fill="url(#hair)"/>'
        if wear.female
        else ""
    )
    face = (
        '<path d="M116 92C114 48 208 48 206 92C206 132 184 156 161 156C138 156 116 132 116 92Z" fill="url(#skin)"/>'
        '<circle cx="142" cy="102" r="5.5" fill="#201a18"/><circle cx="180" cy="102" r="5.5" fill="#201a18"/><circle cx="140.5" cy="100" r="1.8" fill="#fff"/><circle cx="178.5" cy="100" r="1.8" fill="#fff"/>'
        f'<path d="M130 90q12 -7 22 -1M170 89q11 -6 22 1" stroke="{hexa(times(hair, 0.8))}" stroke-width="4" fill="none" stroke-linecap="round"/><path d="M161 104q6 14 -2 18" stroke="{dim}" stroke-width="3" fill="none"/><path d="M148 134q13 9 26 0" stroke="#8a3f3a" stroke-width="4" fill="none" stroke-linecap="round"/>'
        '<circle cx="131" cy="122" r="9" fill="#e0605a" fill-opacity=".25"/><circle cx="191" cy="122" r="9" fill="#e0605a" fill-opacity=".25"/>'
    )
    fringe = '<path d="M112 100C104 34 218 34 210 100C204 76 190 70 176 66C160 80 126 78 112 100Z" fill="url(#hair)"/>'
    beard = (
        '<path d="M118 112C120 190 150 220 161 220C174 220 202 190 204 112C190 138 176 128 161 128C146 128 132 138 118 112Z" fill="url(#hair)"/>'
        if "beard" in wear.parts or "beard" in words
        else ""
    )
    turn = f' transform="translate({161 * (1 - wear.head):.0f} {150 * (1 - wear.head):.0f}) scale({wear.head})"'
    return f"{neck}<g{turn}>{long_hair}{face}{fringe}{beard}{_hat(wear)}</g>"


def _hat(wear: Costume) -> str:
    hats = {
        "helmet": '<defs><radialGradient id="vis" cx=".35" cy=".3"><stop stop-color="#ffe9a8"/><stop offset=".35" stop-color="#c98a3a"/><stop offset="1" stop-color="#1a2036"/></radialGradient></defs><circle cx="161" cy="98" r="78" fill="#f4f6f9"/><path d="M161 20A78 78 0 0 1 161 176A90 90 0 0 0 161 20Z" fill="#9aa6b5" fill-opacity=".5"/><ellipse cx="158" cy="102" rx="58" ry="50" fill="url(#vis)"/><path d="M118 84C126 66 150 60 166 66" stroke="#fff" stroke-width="9" fill="none" stroke-linecap="round" stroke-opacity=".8"/>',
        "visor": '<path d="M108 150V90C108 30 214 30 214 90V150C190 166 132 166 108 150Z" fill="#b9c3cf"/><path d="M161 40V160M120 96H202" stroke="#3a424e" stroke-width="9"/><path d="M161 44C176 -10 230 0 236 30C210 20 190 40 170 52Z" fill="#c0303f"/>',
        "cone": '<path d="M82 84C120 60 202 60 240 84C200 96 120 96 82 84Z" fill="url(#top)"/><path d="M116 74C140 10 150 -10 196 -34C186 0 196 40 206 74C180 84 140 84 116 74Z" fill="url(#top)"/><path d="M116 72C140 84 180 84 206 72L204 60C180 70 140 70 120 60Z" fill="#e0b34a"/>',
        "crown": '<path d="M118 62L112 20L138 42L161 10L184 42L210 20L204 62Z" fill="#f0c040"/><circle cx="161" cy="48" r="7" fill="#d0304a"/><circle cx="136" cy="52" r="5" fill="#3a80e0"/><circle cx="186" cy="52" r="5" fill="#3a80e0"/>',
        "toque": '<path d="M120 66V36C92 26 104 -12 132 -4C146 -30 184 -26 192 -4C222 -10 228 28 202 36V66Z" fill="#fbfbf8"/><path d="M120 54H202V68H120Z" fill="#dcdcd6"/>',
        "brim": '<path d="M66 70C110 50 212 50 256 70C210 86 112 86 66 70Z" fill="#d9b96a"/><path d="M112 66C114 20 208 20 210 66C180 76 142 76 112 66Z" fill="#e6c97c"/><path d="M112 62C142 72 180 72 210 62V52C180 62 142 62 112 52Z" fill="#7a3a2a"/>',
        "tricorn": '<path d="M84 72C100 20 140 22 161 30C182 22 222 20 238 72C200 56 122 56 84 72Z" fill="#26221f"/><path d="M150 40h22M161 32v18" stroke="#fff" stroke-width="5"/>',
        "hardhat": '<path d="M108 70C108 16 214 16 214 70Z" fill="#f6c52e"/><rect x="98" y="64" width="126" height="11" rx="5" fill="#d9a81e"/>',
        "bun": '<circle cx="161" cy="34" r="15" fill="url(#hair)"/>',
    }
    return "".join(part for key, part in hats.items() if key in wear.parts)


def _carried(wear: Costume) -> str:
    items = {
        "sword": '<path d="M236 400L300 180" stroke="#dfe5ec" stroke-width="10"/><path d="M238 400L302 180" stroke="#8a95a3" stroke-width="3"/><path d="M218 378L258 396" stroke="#c9a03a" stroke-width="9"/>',
        "guitar": '<g transform="rotate(-28 170 330)"><path d="M190 316H330" stroke="#5a3a22" stroke-width="13"/><path d="M60 330C50 280 110 270 130 300C150 284 196 290 196 330C196 370 150 376 130 360C110 390 50 380 60 330Z" fill="#c0682a"/><circle cx="140" cy="330" r="18" fill="#2a1a10"/><path d="M90 330H330" stroke="#f0e6d0" stroke-width="2"/></g>',
    }
    return "".join(part for key, part in items.items() if key in wear.parts)


def couple(variant: int, colour: Colour | None, words: frozenset[str]) -> tuple[int, int, str]:
    """Return two people side by side in a 560 by 720 box."""
    first = figure("woman", variant, colour, words)[2]
    second = figure("man", variant // 3, None, words)[2]
    for name in ("top", "legs", "skin", "hair"):
        second = second.replace(f'id="{name}"', f'id="{name}2"').replace(
            f"url(#{name})", f"url(#{name}2)"
        )
    return (
        560,
        720,
        f'<g transform="translate(10 26) scale(.96)">{first}</g><g transform="translate(270 0)">{second}</g>',
    )

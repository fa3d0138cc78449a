"""Portraits: a drawn bust with hair, face, clothes and lettering, before a soft backdrop."""

from dataclasses import dataclass

from PIL import Image

from safelight.sketch.colours import NAMED, Colour, hexa, mix, rgb, shifted, times
from safelight.sketch.lettering import skewed, text_mask
from safelight.sketch.stage import Stage
from safelight.sketch.vectors import drawn

_SKINS = ("#f3c9a5", "#e8b48c", "#d39b73", "#a9714b", "#7c4f33")
_HAIRS = ("#2b1d17", "#4a2f20", "#7a4b2a", "#b98a4a", "#1c1a1f", "#8c3f22")


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who sits: what of the head and clothes is drawn, and in which colours."""

    skin: Colour
    hair: Colour
    streak: Colour | None
    coat: Colour
    trim: Colour
    shirt: Colour
    long_hair: bool
    beard: bool
    old: bool
    shades: str  # "", "up" on the head, "on" before the eyes
    windy: bool
    hat: bool


def _hair_of(stage: Stage, words: frozenset[str], *, old: bool) -> Colour:
    hair = rgb(_HAIRS[int(stage.rng.integers(len(_HAIRS)))])
    for tone, code in (
        ("blonde", "#d9b265"),
        ("blond", "#d9b265"),
        ("dark", "#1d1a20"),
        ("ginger", "#b5562a"),
        ("redhead", "#a8431f"),
    ):
        hair = rgb(code) if tone in words else hair
    if old:
        hair = rgb("#d5d3cf")
    return hair


def _coat_of(stage: Stage, words: frozenset[str]) -> Colour:
    coats = [
        rgb(NAMED[word])
        for word in ("pink", "red", "blue", "green", "yellow", "purple", "orange", "teal", "brown")
        if word in words
    ]
    return (
        coats[0]
        if coats and words & {"jacket", "coat", "suit", "hoodie", "dress", "sweater", "shirt"}
        else rgb(("#31506f", "#6b3a3f", "#3f5c4a", "#57466f")[int(stage.rng.integers(4))])
    )


def sitter_of(stage: Stage, words: frozenset[str], name: str) -> Sitter:
    """Choose the sitter from the words of the prompt and, where it is silent, by lot."""
    rng = stage.rng
    female = name in {"woman", "girl", "princess", "witch"} or bool(
        words & {"woman", "girl", "she", "her", "lady"}
    )
    old = bool(words & {"old", "elderly", "grandfather", "grandmother", "wise", "aged"})
    hair, coat = _hair_of(stage, words, old=old), _coat_of(stage, words)
    shades = (
        ""
        if not words & {"sunglasses", "aviator", "aviators"}
        else ("up" if words & {"pushed", "up"} else "on")
    )
    return Sitter(
        skin=rgb(_SKINS[int(rng.integers(len(_SKINS) - (2 if female else 1)))]),
        hair=hair,
        streak=rgb("#ff5fa8")
        if words & {"streaked", "streaks", "highlights"} and "pink" in words
        else None,
        coat=coat,
        trim=rgb("#e3b04a") if words & {"gold", "golden"} else mix(coat, (1, 1, 1), 0.25),
        shirt=rgb("#17171c") if "black" in words else rgb("#e9e6df"),
        long_hair=female or "long" in words,
        beard=bool(words & {"beard", "bearded"}) or (old and not female and rng.random() < 0.6),
        old=old,
        shades=shades,
        windy=bool(words & {"wind", "wind-swept", "windswept", "windy"}),
        hat=bool(words & {"hat", "cap"}),
    )


def paint_bust(stage: Stage, sitter: Sitter, texts: list[str], centre: float = 0.5) -> None:
    """Paint the bust over the scene: about 0.86 of the height, its middle at `centre` of the width."""
    height = (
        stage.height * 0.9
        if stage.width >= stage.height
        else min(stage.height * 0.8, stage.width * 1.1)
    )
    scale = height / 1000
    coarse = drawn(_bust(stage, sitter), (0, 20, 1120, 960), scale * 0.86)
    size = (round(1120 * scale), round(940 * scale))
    layer = coarse.resize(size, Image.Resampling.BICUBIC)
    left = int(stage.width * centre - 560 * scale)
    top = stage.height - layer.height
    stage.put(layer, (left, top))
    if texts:
        _emblazon(stage, texts, (left + int(560 * scale), top + int(830 * scale)), scale)


def _emblazon(stage: Stage, lines: list[str], centre: tuple[int, int], scale: float) -> None:
    """Set the lettering across the chest, leaning, with a metallic edge."""
    wide, high = int(268 * scale), int(78 * scale)
    for index, text in enumerate(lines[:3]):
        mask = skewed(
            text_mask(
                text,
                "display",
                (wide * (1 if index == 0 else 0.82), high * (1 if index == 0 else 0.72)),
            ),
            0.14,
        )
        at = (centre[0] - mask.width // 2, centre[1] - high // 2 + int(index * high * 0.92))
        stage.fill(
            mask, rgb("#ff2f8e"), (at[0] + max(1, int(4 * scale)), at[1] + max(1, int(4 * scale)))
        )
        stage.fill(mask, rgb("#fff3d0") if index == 0 else rgb("#ffd24a"), at)


def _bust(stage: Stage, who: Sitter) -> str:
    """Return the bust in a 1000 by 1000 box: back hair, shoulders, neck, head, face, front hair."""
    skin, dim = who.skin, shifted(mix(who.skin, (0.55, 0.12, 0.2), 0.25), light=0.82)
    rim = mix(stage.light.sun, (1, 1, 1), 0.2)
    left, right = (
        (rgb("#3ad6ff"), rgb("#ff4fae"))
        if stage.brief.has("motion") or stage.light.dark > 0.6
        else (stage.light.low, rim)
    )
    defs = (
        _gradient("skin", mix(skin, (1, 1, 1), 0.14), skin, dim)
        + _gradient("coat", shifted(who.coat, light=1.12), who.coat, shifted(who.coat, light=0.5))
        + _gradient("hair", shifted(who.hair, light=1.5), who.hair, times(who.hair, 0.55))
        + f'<linearGradient id="rimL"><stop stop-color="{hexa(left)}" stop-opacity=".75"/><stop offset=".28" stop-color="{hexa(left)}" stop-opacity="0"/></linearGradient>'
        + f'<linearGradient id="rimR" x1="1" x2="0"><stop stop-color="{hexa(right)}" stop-opacity=".8"/><stop offset=".3" stop-color="{hexa(right)}" stop-opacity="0"/></linearGradient>'
        + f'<linearGradient id="neck" y2="1" x2="0"><stop stop-color="{hexa(times(dim, 0.72))}"/><stop offset=".8" stop-color="{hexa(skin)}"/></linearGradient>'
        + '<radialGradient id="blush"><stop stop-color="#e8506a" stop-opacity=".34"/><stop offset="1" stop-color="#e8506a" stop-opacity="0"/></radialGradient>'
    )
    return f"<defs>{defs}</defs>{_back_hair(who)}{_body(who)}{_head(who)}{_face(who)}{_front_hair(who)}{_extras(who)}"


def _gradient(name: str, first: Colour, second: Colour, third: Colour) -> str:
    return (
        f'<linearGradient id="{name}" x1=".2" y1="0" x2=".85" y2="1"><stop stop-color="{hexa(first)}"/>'
        f'<stop offset=".5" stop-color="{hexa(second)}"/><stop offset="1" stop-color="{hexa(third)}"/></linearGradient>'
    )


def _back_hair(who: Sitter) -> str:
    if not who.long_hair:
        return ""
    if who.windy:
        shape = "M560 90C380 70 330 220 345 380C300 500 330 620 280 720C400 700 440 640 470 600L640 600C720 640 860 600 990 660C930 590 960 540 1040 500C930 500 900 430 960 370C880 390 850 320 830 260C790 130 690 80 560 90Z"
    else:
        shape = "M560 88C390 80 330 210 338 380C340 520 300 640 330 790C420 800 470 760 480 680L640 680C650 760 700 800 792 790C820 640 780 520 782 380C790 210 730 80 560 88Z"
    wisps = "".join(
        f'<path d="M{610 + 24 * k} {190 + 62 * k}C{800 + 25 * k} {270 + 50 * k} {870 + 20 * k} {330 + 40 * k} {1010 + 6 * k} {250 + 85 * k}" '
        f'stroke="{hexa(who.streak or shifted(who.hair, light=1.7))}" stroke-width="{13 - 2 * k}" fill="none" stroke-linecap="round" opacity=".85"/>'
        for k in range(5)
    ) if who.windy else ""  # fmt: skip
    return f'<path d="{shape}" fill="url(#hair)"/>{_strands(who)}{wisps}'


def _strands(who: Sitter) -> str:
    """Return the sheen of single strands over the falling hair."""
    sheens: dict[str, str] = {}
    light, deep = hexa(shifted(who.hair, light=1.9)), hexa(times(who.hair, 0.5))
    for k in range(13):
        if who.windy:
            right = f"M{600 + 14 * k} {130 + 6 * k}C{720 + 10 * k} {260 + 8 * k} {740 + 12 * k} {420 + 6 * k} {800 + 17 * k} {500 + 11 * k}"
        else:
            right = f"M{620 + 9 * k} {130 + 8 * k}C{740 + 3 * k} {300} {700 + 8 * k} {560} {690 + 8 * k} {760}"
        left = f"M{500 - 9 * k} {130 + 8 * k}C{380 - 3 * k} {300} {420 - 8 * k} {500} {400 - 7 * k} {690 + 4 * k}"
        tone = light if k % 3 else deep
        sheens[tone] = sheens.get(tone, "") + right + left
    return "".join(
        f'<path d="{path}" stroke="{tone}" stroke-width="2.7" fill="none" stroke-opacity=".42"/>'
        for tone, path in sheens.items()
    )


def _body(who: Sitter) -> str:
    coat = hexa(who.coat)
    trim = hexa(who.trim)
    dark = hexa(shifted(who.coat, light=0.55))
    return (
        '<path d="M484 560L480 690C480 760 640 760 640 690L636 560Z" fill="url(#neck)"/>'
        f'<path d="M400 742C440 712 470 700 484 676C520 742 600 742 636 676C650 700 690 716 730 742L720 1000H410Z" fill="{hexa(who.shirt)}"/>'
        f'<path d="M482 672C520 748 600 748 638 672L652 700C612 776 508 776 468 700Z" fill="{hexa(times(who.shirt, 0.7))}"/>'
        f'<path d="M462 692C400 724 250 742 172 800C110 850 84 930 70 1000H424C396 920 400 800 462 692Z" fill="url(#coat)"/>'
        f'<path d="M660 692C720 724 872 742 950 800C1010 850 1040 930 1052 1000H696C726 920 724 800 660 692Z" fill="url(#coat)"/>'
        f'<path d="M462 692C418 780 404 900 424 1000H372C352 900 376 790 432 706Z" fill="{trim}"/>'
        f'<path d="M660 692C706 780 718 900 696 1000H748C770 900 746 790 690 706Z" fill="{trim}"/>'
        f'<path d="M448 652L402 722L470 800L486 690Z M676 652L720 722L654 800L636 690Z" fill="{coat}" stroke="{dark}" stroke-width="4"/>'
        f'<path d="M250 752C230 830 236 930 250 1000M872 752C892 830 888 930 872 1000" stroke="{dark}" stroke-width="7" fill="none"/>'
        f'<path d="M172 800C150 880 150 940 156 1000M214 778C196 860 196 930 202 1000" stroke="{trim}" stroke-width="17" fill="none"/>'
        f'<path d="M950 800C972 880 972 940 966 1000M908 778C928 860 926 930 920 1000" stroke="{trim}" stroke-width="17" fill="none"/>'
        '<path d="M462 692C400 724 250 742 172 800C110 850 84 930 70 1000H424C396 920 400 800 462 692Z" fill="url(#rimL)"/>'
        '<path d="M660 692C720 724 872 742 950 800C1010 850 1040 930 1052 1000H696C726 920 724 800 660 692Z" fill="url(#rimR)"/>'
    )


_HEAD = "M560 130C440 130 392 220 396 350C398 430 412 490 446 540C482 592 522 622 560 622C598 622 640 592 676 540C710 490 722 430 724 350C728 220 680 130 560 130Z"


def _head(who: Sitter) -> str:
    ears = "" if who.long_hair else (
        '<path d="M398 352C372 336 362 372 374 412C382 440 398 448 408 440Z M722 352C748 336 758 372 746 412C738 440 722 448 712 440Z" fill="url(#skin)"/>'
    )  # fmt: skip
    jaw = (
        ""
        if who.long_hair
        else f'<path d="M446 540C482 596 522 626 560 626C598 626 640 596 676 540C660 640 460 640 446 540Z" fill="{hexa(times(who.skin, 0.8))}" opacity=".4"/>'
    )
    return (
        f'{ears}<path d="{_HEAD}" fill="url(#skin)"/>'
        '<ellipse cx="462" cy="470" rx="62" ry="48" fill="url(#blush)"/><ellipse cx="660" cy="470" rx="62" ry="48" fill="url(#blush)"/>'
        f'<path d="{_HEAD}" fill="url(#rimL)" opacity=".7"/><path d="{_HEAD}" fill="url(#rimR)" opacity=".75"/>{jaw}'
    )


def _eye(x: float, flip: int, who: Sitter) -> str:
    lash = "#1a1216"
    lid = hexa(times(who.skin, 0.72))
    return (
        f'<g transform="translate({x} 392) scale({flip} 1)">'
        f'<path d="M-44 8C-26 -20 18 -24 42 4C20 22 -20 24 -44 8Z" fill="#f7f3ee"/>'
        f'<circle cx="-2" cy="-1" r="19" fill="#3d5f70"/><circle cx="-2" cy="-1" r="19" fill="none" stroke="#1c2a33" stroke-width="4"/>'
        f'<circle cx="-2" cy="-1" r="9" fill="#0c0d10"/><circle cx="{-9 * flip}" cy="-8" r="5.5" fill="#fff"/><circle cx="{6 * flip}" cy="6" r="2.6" fill="#fff" opacity=".7"/>'
        f'<path d="M-48 8C-28 -26 20 -30 46 2C24 -16 -24 -14 -48 8Z" fill="{lash}"/>'
        f'<path d="M-46 9L-60 -2L-42 0Z" fill="{lash}"/>'
        f'<path d="M-44 10C-20 27 20 24 42 6" stroke="{lid}" stroke-width="3" fill="none"/>'
        f'<path d="M-46 -16C-26 -36 16 -40 40 -18" stroke="{lid}" stroke-width="4" fill="none" opacity=".8"/></g>'
    )


def _face(who: Sitter) -> str:
    line = hexa(times(who.skin, 0.62))
    brow = hexa(times(who.hair, 0.9) if not who.old else rgb("#b9b6b1"))
    lip = hexa(mix(who.skin, (0.72, 0.16, 0.26), 0.62 if who.long_hair else 0.35))
    eyes = "" if who.shades == "on" else _eye(482, 1, who) + _eye(638, -1, who)
    age = (
        f'<path d="M430 300C480 284 520 288 540 294M580 294C620 286 650 288 690 302M440 270C500 254 620 254 680 270M418 420L398 436M418 404L394 408M704 420L722 436M704 404L726 408M470 462C480 500 476 520 462 540M650 462C640 500 644 520 658 540" stroke="{line}" stroke-width="4" fill="none" opacity=".6"/>'
        if who.old else ""
    )  # fmt: skip
    return (
        f"{age}{eyes}"
        f'<path d="M424 346C452 318 500 318 536 340C500 332 456 334 430 354Z M696 346C668 318 620 318 584 340C620 332 664 334 690 354Z" fill="{brow}" stroke="{brow}" stroke-width="5" stroke-linejoin="round"/>'
        f'<path d="M548 390C546 430 534 456 530 474C540 488 580 488 590 474" stroke="{line}" stroke-width="4.5" fill="none" stroke-linecap="round" opacity=".75"/>'
        f'<path d="M566 340C572 400 574 440 572 462" stroke="#fff" stroke-width="9" opacity=".2" fill="none" stroke-linecap="round"/>'
        f'<path d="M500 534C526 520 546 518 560 524C574 518 594 520 620 534C596 542 526 542 500 534Z" fill="{lip}"/>'
        f'<path d="M500 534C528 542 592 542 620 534C600 566 520 566 500 534Z" fill="{hexa(mix(rgb(lip), (1, 1, 1), 0.16))}"/>'
        f'<path d="M494 533C526 541 594 541 626 533" stroke="{hexa(times(rgb(lip), 0.5))}" stroke-width="4" fill="none" stroke-linecap="round"/>'
        f"{_beard(who)}"
    )


def _beard(who: Sitter) -> str:
    if not who.beard:
        return ""
    strands = "".join(
        f'<path d="M{430 + 20 * k} {540 + 4 * (k % 3)}C{436 + 19 * k} {610} {450 + 17 * k} {660} {470 + 14 * k} {720 - abs(6 - k) * 12}" stroke="{hexa(shifted(who.hair, light=0.78 if k % 2 else 1.1))}" stroke-width="5" fill="none" opacity=".6"/>'
        for k in range(14)
    )
    return (
        '<path d="M404 430C408 600 470 760 560 764C650 760 712 600 716 430C700 500 668 510 634 500C600 486 574 500 560 508C546 500 520 486 486 500C452 510 420 500 404 430Z" fill="url(#hair)"/>'
        f'{strands}<path d="M508 540C536 532 584 532 612 540C590 562 530 562 508 540Z" fill="#8a4038"/>'
        '<path d="M440 512C480 480 530 486 560 508C590 486 640 480 680 512C640 524 590 530 560 520C530 530 480 524 440 512Z" fill="url(#hair)"/>'
    )


def _front_hair(who: Sitter) -> str:
    streak = hexa(who.streak or shifted(who.hair, light=1.55))
    if who.old and not who.long_hair:
        return '<path d="M392 380C376 240 430 120 560 116C690 120 744 240 728 380C716 320 706 270 680 236C640 196 480 196 440 236C414 270 404 320 392 380Z" fill="url(#hair)"/>'
    if not who.long_hair:
        return (
            '<path d="M388 360C366 200 440 84 580 88C700 92 756 200 732 360C722 320 716 282 690 250C640 262 560 246 520 214C500 250 440 262 420 280C402 300 396 330 388 360Z" fill="url(#hair)"/>'
            f'<path d="M470 130C520 110 600 108 650 140M440 190C480 150 560 136 620 160" stroke="{streak}" stroke-width="7" fill="none" opacity=".55" stroke-linecap="round"/>'
        )
    lock = "".join(
        f'<path d="M{540 - 18 * k} {132 + 6 * k}C{470 - 22 * k} {170 + 10 * k} {420 - 10 * k} {260 + 12 * k} {392 - 8 * k} {420 + 34 * k}" stroke="{streak if k % 2 == 0 else hexa(times(who.hair, 0.7))}" stroke-width="{10 - k}" fill="none" stroke-linecap="round" opacity=".9"/>'
        f'<path d="M{600 + 16 * k} {136 + 6 * k}C{670 + 18 * k} {180 + 10 * k} {716 + 8 * k} {260 + 14 * k} {736 + 12 * k} {400 + 30 * k}" stroke="{streak if k % 2 else hexa(times(who.hair, 0.7))}" stroke-width="{9 - k}" fill="none" stroke-linecap="round" opacity=".85"/>'
        for k in range(4)
    )
    return (
        '<path d="M566 100C420 84 352 200 372 360C376 440 360 520 350 580C400 540 416 470 412 400C440 330 500 270 556 190C620 268 690 320 708 400C708 470 730 540 776 590C756 520 748 440 752 360C766 200 706 90 566 100Z" fill="url(#hair)"/>'
        + lock
    )


def _extras(who: Sitter) -> str:
    lens = '<linearGradient id="lens" x2=".6" y2="1"><stop stop-color="#ffcf5a"/><stop offset=".45" stop-color="#d0407a"/><stop offset="1" stop-color="#20264f"/></linearGradient>'
    drop = "C-60 -34 52 -38 72 -22C82 16 50 58 8 60C-40 58 -66 18 -70 -22Z"
    pair = "".join(
        f'<path transform="translate({x} 0) scale({s} 1)" d="M-70 -22{drop}" fill="url(#lens)" stroke="#e9c15a" stroke-width="7"/>'
        f'<path transform="translate({x} 0) scale({s} 1)" d="M-44 -14C-30 -24 10 -26 24 -20L-20 34C-40 20 -46 4 -44 -14Z" fill="#fff" opacity=".28"/>'
        for x, s in ((-84, 1), (84, -1))
    )
    frame = f'<defs>{lens}</defs>{pair}<path d="M-18 -22C-8 -32 8 -32 18 -22M-150 -26L-180 0M150 -26L180 0" stroke="#e9c15a" stroke-width="8" fill="none" stroke-linecap="round"/>'
    if who.shades:
        y, squash = (186, 0.72) if who.shades == "up" else (396, 1.0)
        return f'<g transform="translate(560 {y}) scale(1 {squash})">{frame}</g>'
    if who.hat:
        return '<path d="M360 236C380 60 470 40 560 40C650 40 740 60 760 236C640 200 480 200 360 236Z" fill="url(#coat)"/><path d="M300 250C400 190 720 190 820 250C720 236 400 236 300 250Z" fill="url(#coat)"/>'
    return ""

"""What carries lettering in a scene: neon, boards, billboards, banners, shirts, chalk, titles."""

from collections.abc import Callable

from safelight.sketch.colours import Colour, hexa, mix, rgb, times
from safelight.sketch.facades import NEON
from safelight.sketch.lettering import letter, neon_letters, texts
from safelight.sketch.stage import Box, Stage


def set_lettering(stage: Stage) -> None:
    """Set the texts of the brief on what the prompt says carries them; a title where it says nothing."""
    lines = texts(stage)
    if lines and not stage.lettered:
        _CARRIERS.get(stage.brief.carrier, _title)(stage, lines)


def _tone(stage: Stage, fallback: str) -> Colour:
    return stage.brief.palette[0] if stage.brief.palette else rgb(fallback)


def _neon(stage: Stage, lines: list[str]) -> None:
    width, height = stage.width, stage.height
    middle = (width * 0.14, height * 0.1, width * 0.86, height * 0.5)
    left, top, right, bottom = stage.ground.letters or middle
    if stage.ground.kind == "table":
        top, bottom = height * 0.07, height * 0.5
    pad = 26 * stage.unit
    box = f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" rx="{30 * stage.unit}" fill="#07070f" fill-opacity=".72" stroke="#000" stroke-opacity=".5" stroke-width="{4 * stage.unit}"/>'
    stage.draw(box, (left - 9, top - 9, right + 9, bottom + 9))
    first = _tone(stage, "#ff2f8e") if stage.brief.palette else NEON[int(stage.rng.integers(2))]
    glow = NEON[1] if first == NEON[0] else NEON[0]
    frame = f'<rect x="{left + pad * 0.7}" y="{top + pad * 0.7}" width="{right - left - 1.4 * pad}" height="{bottom - top - 1.4 * pad}" rx="{24 * stage.unit}" fill="none" stroke="{{0}}" stroke-width="{{1}}"/>'
    span = (left, top, right, bottom)
    stage.draw(
        frame.replace("{0}", hexa(glow)).replace("{1}", f"{16 * stage.unit}"),
        span,
        blur=10 * stage.unit,
        fine=0.4,
    )
    stage.draw(
        frame.replace("{0}", hexa(mix(glow, (1, 1, 1), 0.55))).replace("{1}", f"{5 * stage.unit}"),
        span,
    )
    step = (bottom - top - 3 * pad) / len(lines)
    for index, text in enumerate(lines):
        row = top + 1.5 * pad + step * index
        face = "display" if text.isupper() else "script"
        neon_letters(
            stage,
            text,
            (left + 2 * pad, row, right - 2 * pad, row + step),
            NEON[(NEON.index(first) + index) % 6] if first in NEON else first,
            face,
        )
    stage.glow(
        ((left + right) / 2, stage.horizon + (height - stage.horizon) * 0.5),
        (right - left) * 0.6,
        times(first, 0.8),
        0.45,
    )


def _board(stage: Stage, lines: list[str]) -> None:
    """A wooden board on posts beside the subject."""
    width, height, unit = stage.width, stage.height, stage.unit
    alone = not stage.brief.things
    wide = min(width * (0.66 if alone else 0.4), height * 0.9)
    high = wide * (0.42 if len(" ".join(lines)) < 26 else 0.58)
    x = width * (0.5 if alone else 0.74) - wide / 2
    foot = (
        stage.ground.near
        if alone
        else stage.ground.far + (stage.ground.near - stage.ground.far) * 0.6
    )
    y = foot - high * (1.75 if alone else 1.6)
    wood = times(rgb("#a9743f"), 1 - 0.45 * stage.light.dark)
    planks = "".join(
        f'<rect x="{x}" y="{y + high * k / 4}" width="{wide}" height="{high / 4 - 2 * unit}" rx="{5 * unit}" fill="{hexa(times(wood, 0.9 + 0.07 * ((k * 7) % 3)))}"/>'
        for k in range(4)
    )
    posts = "".join(
        f'<rect x="{px}" y="{y - high * 0.1}" width="{wide * 0.05}" height="{foot - y + high * 0.1}" fill="{hexa(times(wood, 0.6))}"/>'
        for px in (x + wide * 0.12, x + wide * 0.83)
    )
    shade = f'<ellipse cx="{x + wide / 2}" cy="{foot}" rx="{wide * 0.5}" ry="{high * 0.05}" fill="#000" fill-opacity=".4"/>'
    nails = "".join(
        f'<circle cx="{px}" cy="{y + high * (0.12 + 0.25 * k)}" r="{4 * unit}" fill="#3a2a1c"/>'
        for px in (x + wide * 0.145, x + wide * 0.855)
        for k in range(4)
    )
    stage.draw(
        shade + posts + planks + nails, (x - 9, y - high * 0.15, x + wide + 9, foot + high * 0.08)
    )
    _stack(
        stage,
        lines,
        (x + wide * 0.05, y + high * 0.06, x + wide * 0.95, y + high * 0.94),
        "display",
        mix(rgb("#fff4dc"), (0, 0, 0), 0.25 * stage.light.dark),
        shade=0.55,
    )


def _billboard(stage: Stage, lines: list[str]) -> None:
    width, height, unit = stage.width, stage.height, stage.unit
    left, top, right, bottom = width * 0.14, height * 0.08, width * 0.86, height * 0.46
    tone = _tone(stage, "#f4efe2")
    body = (
        f'<path d="M{width * 0.3} {bottom}V{stage.ground.far + height * 0.1}M{width * 0.7} {bottom}V{stage.ground.far + height * 0.1}" stroke="#3a3f48" stroke-width="{22 * unit}"/>'
        f'<rect x="{left - 14 * unit}" y="{top - 14 * unit}" width="{right - left + 28 * unit}" height="{bottom - top + 28 * unit}" fill="#2a2e36"/><rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" fill="{hexa(tone)}"/>'
        + "".join(
            f'<path d="M{left + (right - left) * s} {top - 14 * unit}v{-22 * unit}h{26 * unit}" stroke="#2a2e36" stroke-width="{6 * unit}" fill="none"/>'
            for s in (0.2, 0.5, 0.8)
        )
    )
    stage.draw(body, (left - 30, 0, right + 30, stage.ground.far + height * 0.12))
    _stack(
        stage,
        lines,
        (left + 30 * unit, top + 20 * unit, right - 30 * unit, bottom - 20 * unit),
        "display",
        rgb("#1d2430"),
    )


def _stack(
    stage: Stage, lines: list[str], box: Box, face: str, colour: Colour, *, shade: float = 0.0
) -> None:
    """Set several texts one under the other, the first the largest."""
    left, top, right, bottom = box
    weights = [1.0 if index == 0 else 0.62 for index in range(len(lines))]
    y = top
    for text, weight in zip(lines, weights, strict=True):
        step = (bottom - top) * weight / sum(weights)
        letter(
            stage,
            text,
            (left, y, right, y + step),
            face if weight == 1 else "strong",
            colour,
            shade=shade,
        )
        y += step


def _banner(stage: Stage, lines: list[str]) -> None:
    width, height = stage.width, stage.height
    tone = _tone(stage, "#c0303f")
    y, high, left, right = height * 0.07, height * 0.17, width * 0.12, width * 0.88
    fold = hexa(times(tone, 0.6))
    body = (
        f'<path d="M{left - width * 0.08} {y + high * 0.25}L{left + width * 0.06} {y + high * 0.25}V{y + high * 1.2}H{left - width * 0.08}L{left - width * 0.04} {y + high * 0.72}Z M{right + width * 0.08} {y + high * 0.25}L{right - width * 0.06} {y + high * 0.25}V{y + high * 1.2}H{right + width * 0.08}L{right + width * 0.04} {y + high * 0.72}Z" fill="{fold}"/>'
        f'<path d="M{left} {y}Q{width / 2} {y - high * 0.14} {right} {y}V{y + high}Q{width / 2} {y + high * 0.86} {left} {y + high}Z" fill="{hexa(tone)}"/><path d="M{left} {y + high * 0.1}Q{width / 2} {y - high * 0.04} {right} {y + high * 0.1}M{left} {y + high * 0.9}Q{width / 2} {y + high * 0.76} {right} {y + high * 0.9}" stroke="#fff" stroke-opacity=".6" stroke-width="{3 * stage.unit}" fill="none"/>'
    )
    stage.draw(body, (0, 0, width, y + high * 1.3))
    _stack(
        stage,
        lines,
        (left + width * 0.07, y + high * 0.1, right - width * 0.07, y + high * 0.85),
        "serif",
        (1, 0.98, 0.92),
    )


def _shirt(stage: Stage, lines: list[str]) -> None:
    """A shirt hung before the scene, printed with the texts."""
    width, height = stage.width, stage.height
    size = min(width * 0.9, height * 0.86)
    x, y = width / 2, height * 0.53
    tone = next(
        (thing.colour for thing in stage.brief.things if thing.colour), _tone(stage, "#f2f0ea")
    )
    scale = size / 420
    body = (
        f'<defs><linearGradient id="ts"><stop stop-color="{hexa(times(tone, 1.04))}"/><stop offset=".6" stop-color="{hexa(tone)}"/><stop offset="1" stop-color="{hexa(times(tone, 0.66))}"/></linearGradient></defs>'
        f'<g transform="translate({x} {y}) scale({scale})"><path d="M-66 -190L-190 -120L-150 -34L-108 -54V190H108V-54L150 -34L190 -120L66 -190C40 -150 -40 -150 -66 -190Z" fill="url(#ts)"/><path d="M-66 -190C-40 -150 40 -150 66 -190L52 -196C30 -166 -30 -166 -52 -196Z" fill="{hexa(times(tone, 0.8))}"/><path d="M-108 -54C-100 20 -104 120 -96 190M108 -54C100 20 104 120 96 190M-60 -140C-70 -60 -60 20 -80 100" stroke="#000" stroke-opacity=".12" stroke-width="5" fill="none"/></g>'
    )
    stage.draw(body)
    ink = rgb("#1c2028") if sum(tone) > 1.5 else (1.0, 0.97, 0.9)
    _stack(
        stage,
        lines,
        (x - 88 * scale, y - 80 * scale, x + 88 * scale, y + 70 * scale),
        "display",
        ink,
    )
    stage.staged = True


def _chalk(stage: Stage, lines: list[str]) -> None:
    width, height = stage.width, stage.height
    left, top, right, bottom = stage.ground.letters or (
        width * 0.12,
        height * 0.1,
        width * 0.88,
        height * 0.5,
    )
    _stack(
        stage,
        lines,
        (left + width * 0.04, top + height * 0.03, right - width * 0.04, bottom - height * 0.03),
        "hand",
        (0.95, 0.96, 0.93),
    )


def _title(stage: Stage, lines: list[str]) -> None:
    """Set the texts over the picture itself: the first large at the top, the rest at the foot."""
    width, height = stage.width, stage.height
    face = (
        ("display", "serif", "strong")[int(stage.rng.integers(3))]
        if stage.brief.style != "pixel"
        else "mono"
    )
    dim = f'<defs><linearGradient id="tt" y2="1" x2="0"><stop stop-color="#05060c" stop-opacity=".55"/><stop offset="1" stop-color="#05060c" stop-opacity="0"/></linearGradient></defs><rect width="{width}" height="{height * 0.4}" fill="url(#tt)"/>'
    stage.draw(dim, (0, 0, width, height * 0.4), fine=0.2)
    colour = mix(_tone(stage, "#fff6e6"), (1, 1, 1), 0.5)
    letter(
        stage,
        lines[0],
        (width * 0.06, height * 0.045, width * 0.94, height * 0.28),
        face,
        colour,
        shade=0.8,
        most=height * 0.19,
    )
    if len(lines) > 1:
        _stack(
            stage,
            lines[1:],
            (width * 0.1, height * (0.97 - 0.07 * len(lines)), width * 0.9, height * 0.965),
            "strong",
            colour,
            shade=0.9,
        )


def _mug(stage: Stage, lines: list[str]) -> None:
    """A mug standing on the table, the texts printed on it."""
    high = min(stage.height * 0.5, stage.width * 0.6)
    x, foot, scale = stage.width * 0.5, stage.ground.near, high / 360
    tone = next((one.colour for one in stage.brief.things if one.colour), _tone(stage, "#f2efe6"))
    body = (
        f'<defs><linearGradient id="mg"><stop stop-color="{hexa(mix(tone, (1, 1, 1), 0.3))}"/><stop offset=".5" stop-color="{hexa(tone)}"/><stop offset="1" stop-color="{hexa(times(tone, 0.6))}"/></linearGradient></defs>'
        f'<g transform="translate({x} {foot}) scale({scale})"><ellipse cx="10" cy="4" rx="190" ry="20" fill="#000" fill-opacity=".28"/><path d="M140 -290C250 -310 260 -90 132 -90" fill="none" stroke="url(#mg)" stroke-width="34"/>'
        '<path d="M-160 -345L-150 -24C-148 6 148 6 150 -24L160 -345Z" fill="url(#mg)"/><ellipse cy="-345" rx="160" ry="26" fill="url(#mg)"/><ellipse cy="-343" rx="146" ry="20" fill="#2a1a12"/><path d="M-136 -300L-128 -60" stroke="#fff" stroke-opacity=".45" stroke-width="14" stroke-linecap="round"/></g>'
    )
    stage.draw(body, (x - 210 * scale, foot - 380 * scale, x + 270 * scale, foot + 30 * scale))
    ink = rgb("#23272f") if sum(tone) > 1.5 else (1.0, 0.97, 0.9)
    area = (x - 112 * scale, foot - 280 * scale, x + 112 * scale, foot - 60 * scale)
    _stack(stage, lines, area, "strong", ink)


def _book(stage: Stage, lines: list[str]) -> None:
    """A book standing upright, the texts on its cover."""
    high = min(stage.height * 0.66, stage.width * 0.84)
    x, foot, scale = stage.width * 0.5, stage.ground.near, high / 440
    tone = next((one.colour for one in stage.brief.things if one.colour), _tone(stage, "#7a2f36"))
    body = (
        f'<defs><linearGradient id="bk"><stop stop-color="{hexa(times(tone, 0.7))}"/><stop offset=".08" stop-color="{hexa(mix(tone, (1, 1, 1), 0.12))}"/><stop offset="1" stop-color="{hexa(times(tone, 0.84))}"/></linearGradient></defs>'
        f'<g transform="translate({x} {foot}) scale({scale})"><ellipse cx="8" cy="2" rx="190" ry="16" fill="#000" fill-opacity=".35"/><path d="M150 -432L182 -418V-12L150 0Z" fill="#efe6d0"/><path d="M158 -420V-8M166 -418V-10M174 -416V-12" stroke="#b9ab8a" stroke-width="1.6"/>'
        '<rect x="-156" y="-440" width="312" height="440" rx="6" fill="url(#bk)"/><rect x="-124" y="-416" width="256" height="392" fill="none" stroke="#e6c879" stroke-opacity=".8" stroke-width="4"/><path d="M-136 -440V0" stroke="#000" stroke-opacity=".3" stroke-width="4"/></g>'
    )
    stage.draw(body, (x - 200 * scale, foot - 450 * scale, x + 210 * scale, foot + 24 * scale))
    area = (x - 106 * scale, foot - 390 * scale, x + 116 * scale, foot - 130 * scale)
    _stack(stage, lines, area, "serif", rgb("#f6e6b8") if sum(tone) < 1.9 else rgb("#3a2a22"))


_CARRIERS: dict[str, Callable[[Stage, list[str]], None]] = {
    "neon": _neon, "sign": _board, "billboard": _billboard, "banner": _banner, "shirt": _shirt, "board": _chalk,
    "mug": _mug, "book": _book,
}  # fmt: skip

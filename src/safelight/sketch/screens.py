"""A monitor on a desk and what it shows: a playlist, code, a chart, or the texts of the prompt."""

from PIL import Image

from safelight.sketch.brief import Brief
from safelight.sketch.colours import hexa, mix, rgb
from safelight.sketch.interiors import livingroom, office, table_top
from safelight.sketch.lettering import font, letter, texts
from safelight.sketch.rooms import cropped, defocus, paint_wall, paint_window, pot_plant
from safelight.sketch.stage import Box, Ground, Stage

_SONGS = (
    "Open Weights", "Gradient Descent", "Attention Is All We Need", "Merge Request", "Backpropagate My Heart", "Latent Space",
    "Fork Me Tonight", "Hello, Transformer", "Zero to One Shot", "Community License", "Epoch by Epoch", "Overfitting Again",
)  # fmt: skip
_PLAIN = (
    "First Light",
    "Paper Boats",
    "Slow Morning",
    "Half Awake",
    "Copper Wire",
    "Northbound",
    "Small Hours",
    "Undertow",
    "Glass Garden",
    "Long Way Down",
)


def screen_scene(stage: Stage) -> None:
    """Paint a desk with a monitor in the room the prompt names; plants when it asks for them."""
    _room_behind(stage)
    width, height, unit = stage.width, stage.height, stage.unit
    high = min(height * 0.66, width * 0.5)
    wide = high * 1.62
    left, top = (width - wide) / 2, height * 0.86 - high - height * 0.06
    box = (left, top, left + wide, top + high)
    stage.glow((width / 2, top + high * 0.5), wide * 0.7, (0.55, 0.62, 0.75), 0.16)
    _stand(stage, box)
    inner = (left + 16 * unit, top + 16 * unit, left + wide - 16 * unit, top + high - 22 * unit)
    _show(stage, inner)
    sheen = f'<path d="M{inner[0]} {inner[1]}H{inner[0] + wide * 0.42}L{inner[0] + wide * 0.2} {inner[3]}H{inner[0]}Z" fill="#fff" fill-opacity=".045"/>'
    warm = f'<path d="M{inner[2]} {inner[1]}V{inner[3]}H{inner[2] - wide * 0.3}Z" fill="{hexa(stage.light.sun)}" fill-opacity=".07"/>'
    stage.draw(sheen + warm, inner)
    _desk_things(stage, box)
    stage.ground = Ground("table", height * 0.9, height * 0.96, 0.5, middle=0.14)
    stage.lettered = stage.used_inputs = stage.staged = True


def _room_behind(stage: Stage) -> None:
    """Paint the room at less than half the size (it is out of focus), then the desk."""
    size = (max(64, int(stage.width * 0.4)), max(64, int(stage.height * 0.4)))
    small = Stage(stage.brief, stage.light, stage.rng, Image.new("RGB", size))
    _furnish(small)
    defocus(small, 5)
    stage.image.paste(small.image.resize(stage.image.size, Image.Resampling.BICUBIC))
    stage.horizon = stage.height * 0.83
    table_top(stage, stage.horizon, rgb("#9a6a3f"))


def _furnish(stage: Stage) -> None:
    width, height = stage.width, stage.height
    if "living" in stage.brief.words or stage.brief.place == "livingroom":
        livingroom(stage)
    elif stage.brief.has("plants"):
        stage.horizon = height * 0.8
        paint_wall(stage, rgb("#d9cbb4"), stage.horizon)
        paint_window(stage, (width * 0.62, height * 0.05, width * 0.97, height * 0.5))
    else:
        office(stage)
    if stage.brief.has("plants"):
        for x, tall, kind in (
            (0.03, 0.78, 0),
            (0.97, 0.74, 1),
            (0.15, 0.5, 2),
            (0.86, 0.5, 0),
            (0.28, 0.36, 1),
            (0.75, 0.34, 2),
        ):
            pot_plant(stage, width * x, height * 0.9, height * tall, kind)
    stage.glow(
        (stage.light.sun_at[0] * width, height * 0.25),
        width * 0.5,
        stage.light.sun,
        0.32 * stage.light.direct,
    )


def _stand(stage: Stage, box: Box) -> None:
    left, top, right, bottom = box
    unit, middle, desk = stage.unit, (left + right) / 2, stage.height * 0.9
    shadow = f'<ellipse cx="{middle}" cy="{desk + 6 * unit}" rx="{(right - left) * 0.4}" ry="{26 * unit}" fill="#1a0e06" fill-opacity=".5"/>'
    stage.draw(shadow, (left, desk - 60 * unit, right, desk + 70 * unit), blur=12 * unit, fine=0.4)
    body = (
        '<defs><linearGradient id="al"><stop stop-color="#dfe3e8"/><stop offset=".5" stop-color="#aeb5bd"/><stop offset="1" stop-color="#747c86"/></linearGradient></defs>'
        f'<path d="M{middle - 60 * unit} {bottom}H{middle + 60 * unit}L{middle + 74 * unit} {desk - 6 * unit}H{middle - 74 * unit}Z" fill="url(#al)"/><rect x="{middle - 130 * unit}" y="{desk - 10 * unit}" width="{260 * unit}" height="{14 * unit}" rx="{7 * unit}" fill="url(#al)"/>'
        f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" rx="{18 * unit}" fill="#15171b"/><rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" rx="{18 * unit}" fill="none" stroke="#4a4f57" stroke-width="{2 * unit}"/>'
    )
    stage.draw(body, (left - 4, top - 4, right + 4, desk + 8 * unit))


def _desk_things(stage: Stage, box: Box) -> None:
    """A keyboard and a small cup before the monitor."""
    unit, width, y = stage.unit, stage.width, stage.height * 0.945
    keys = "".join(
        f'<rect x="{width / 2 - 196 * unit + 26.2 * unit * (k % 15)}" y="{y - 17 * unit + 14 * unit * (k // 15)}" width="{22 * unit}" height="{11 * unit}" rx="{3 * unit}" fill="#f4f5f6"/>'
        for k in range(45)
    )
    body = f'<rect x="{width / 2 - 208 * unit}" y="{y - 26 * unit}" width="{416 * unit}" height="{62 * unit}" rx="{12 * unit}" fill="#c9ced4"/><rect x="{width / 2 - 208 * unit}" y="{y + 30 * unit}" width="{416 * unit}" height="{7 * unit}" rx="{3 * unit}" fill="#6f767e"/>{keys}<ellipse cx="{width / 2 + 270 * unit}" cy="{y + 6 * unit}" rx="{26 * unit}" ry="{36 * unit}" fill="#e6e9ec"/><path d="M{width / 2 + 270 * unit} {y - 28 * unit}v{26 * unit}" stroke="#9aa1a9" stroke-width="{3 * unit}"/>'
    stage.draw(body, (box[0] - 60, y - 50 * unit, box[2] + 60, y + 60 * unit))


def _show(stage: Stage, box: Box) -> None:
    if stage.brief.has("playlist"):
        _playlist(stage, box)
    elif stage.brief.has("code"):
        _code(stage, box)
    else:
        _words(stage, box)


def _cover(stage: Stage, side: int) -> Image.Image:
    """The first input, or a small painting of its own."""
    if stage.inputs:
        return cropped(stage.inputs[0], side, side)
    small = Stage(Brief(), stage.light, stage.rng, Image.new("RGB", (160, 160)))
    livingroom(small)
    return small.image.resize((side, side), Image.Resampling.BICUBIC)


def _line(
    stage: Stage, text: str, at: tuple[float, float], size: float, face: str, tone: str, wide: float
) -> None:
    """Set one line from its left middle, shortened to `wide` pixels."""
    kind, shown = font(face, int(size)), text
    while shown and kind.getlength(shown) > wide:
        shown = shown[:-2].rstrip() + "\u2026" if len(shown) > 2 else ""
    from_left = (at[0], at[1] - size * 0.75, at[0] + wide, at[1] + size * 0.75)
    letter(stage, shown, from_left, face, rgb(tone), align="left", most=size)


def _playlist(stage: Stage, box: Box) -> None:
    """A music player: sidebar, cover, title, caption, artists, account, rows of songs, the bar below."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    u = high / 100
    side, foot = left + wide * 0.2, bottom - 11 * u
    gradient = '<defs><linearGradient id="pg" y2="1" x2="0"><stop stop-color="#7a4a2e"/><stop offset=".55" stop-color="#2a1d18"/><stop offset="1" stop-color="#121212"/></linearGradient></defs>'
    rows = "".join(
        f'<rect x="{left + 2.4 * u}" y="{top + 31 * u + 8.6 * u * k}" width="{6 * u}" height="{6 * u}" rx="{u}" fill="{("#3f7ad0", "#c0508a", "#4fa06a", "#d09a3f", "#7a5ad0", "#d0604a")[k]}"/><rect x="{left + 10 * u}" y="{top + 32 * u + 8.6 * u * k}" width="{(17 - 2.2 * (k % 3)) * u}" height="{1.6 * u}" rx="{0.8 * u}" fill="#b9b9b9"/><rect x="{left + 10 * u}" y="{top + 35 * u + 8.6 * u * k}" width="{(11 + 2 * (k % 2)) * u}" height="{1.3 * u}" rx="{0.6 * u}" fill="#6a6a6a"/>'
        for k in range(6)
    )
    dots = "".join(
        f'<circle cx="{left + (3.6 + 3.4 * k) * u}" cy="{top + 4 * u}" r="{1.05 * u}" fill="{tone}"/>'
        for k, tone in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))
    )
    play = f'<circle cx="{side + 6.2 * u}" cy="{top + 44 * u}" r="{4.2 * u}" fill="#1ed760"/><path d="M{side + 4.8 * u} {top + 41.7 * u}v{4.6 * u}l{4 * u} {-2.3 * u}z" fill="#0a0a0a"/><path d="M{side + 14 * u} {top + 44 * u}m0 {1.7 * u}l{-2.2 * u} {-2.2 * u}a{1.4 * u} {1.4 * u} 0 0 1 {2.2 * u} {-1.6 * u}a{1.4 * u} {1.4 * u} 0 0 1 {2.2 * u} {1.6 * u}z" fill="#1ed760"/>'
    bar = f'<rect x="{left}" y="{foot}" width="{wide}" height="{11 * u}" fill="#181818"/><circle cx="{(left + right) / 2}" cy="{foot + 4.2 * u}" r="{2.5 * u}" fill="#fff"/><path d="M{(left + right) / 2 - 0.9 * u} {foot + 3 * u}v{2.4 * u}M{(left + right) / 2 + 0.9 * u} {foot + 3 * u}v{2.4 * u}" stroke="#000" stroke-width="{0.8 * u}"/><rect x="{left + wide * 0.32}" y="{foot + 8.4 * u}" width="{wide * 0.36}" height="{0.9 * u}" rx="{0.4 * u}" fill="#4d4d4d"/><rect x="{left + wide * 0.32}" y="{foot + 8.4 * u}" width="{wide * 0.13}" height="{0.9 * u}" rx="{0.4 * u}" fill="#1ed760"/><path d="M{(left + right) / 2 - 6 * u} {foot + 4.2 * u}l{2.2 * u} {-1.5 * u}v{3 * u}zM{(left + right) / 2 + 6 * u} {foot + 4.2 * u}l{-2.2 * u} {-1.5 * u}v{3 * u}z" fill="#d9d9d9"/>'
    stage.draw(
        f'{gradient}<rect x="{left}" y="{top}" width="{wide}" height="{high}" fill="#000"/><rect x="{side}" y="{top}" width="{right - side}" height="{foot - top}" fill="url(#pg)"/>{dots}{rows}{play}{bar}',
        box,
    )
    for k, name in enumerate(("Home", "Search", "Your Library")):
        _line(
            stage, name, (left + 3 * u, top + (11 + 6 * k) * u), 3 * u, "strong", "#e8e8e8", 20 * u
        )
    _headline(stage, (side + 2.6 * u, top + 5 * u, right - 2 * u, top + 38 * u), u)
    _songs(stage, (side + 2.6 * u, top + 50 * u, right - 2 * u, foot), u)
    now = _cover(stage, int(8 * u))
    stage.image.paste(now, (int(left + 2 * u), int(foot + 1.5 * u)))
    song, at = _song_names(stage)[0], (left + 12 * u, foot + 4 * u)
    _line(stage, song, at, 2.6 * u, "strong", "#ffffff", 26 * u)
    _line(
        stage, _artist(stage), (left + 12 * u, foot + 7.6 * u), 2.2 * u, "sans", "#b3b3b3", 26 * u
    )


def _artist(stage: Stage) -> str:
    return next(iter(texts(stage, "artist", "account")), "Various Artists")


def _song_names(stage: Stage) -> tuple[str, ...]:
    technical = bool(
        stage.brief.words & {"ai", "machine", "learning", "model", "open", "source", "code"}
    )
    return _SONGS if technical else _PLAIN


def _headline(stage: Stage, box: Box, u: float) -> None:
    left, top, right, _ = box
    side = int(33 * u)
    stage.draw(
        f'<rect x="{left}" y="{top + 2 * u}" width="{side}" height="{side}" fill="#000" fill-opacity=".6"/>',
        (left - 4 * u, top - 2 * u, left + side + 4 * u, top + side + 5 * u),
        blur=2 * u,
        fine=0.4,
    )
    stage.image.paste(_cover(stage, side), (int(left), int(top)))
    x, wide = left + side + 4 * u, right - left - side - 5 * u
    title = next(iter(texts(stage, "says", "title", "text")), "Playlist")
    _line(stage, "Playlist", (x, top + 5 * u), 2.8 * u, "sans", "#f0f0f0", wide)
    span = (x, top + 7.5 * u, x + wide, top + 20 * u)
    letter(stage, title, span, "strong", (1, 1, 1), align="left", most=11 * u)
    caption = " ".join(texts(stage, "caption")) or "Made for you"
    span = (x, top + 21 * u, x + wide, top + 28 * u)
    letter(stage, caption, span, "sans", rgb("#d5cdc6"), align="left", most=3.1 * u)
    avatar = int(4.4 * u)
    stage.image.paste(_cover(stage, avatar), (int(x), int(top + 29 * u)))
    account = next(iter(texts(stage, "account", "artist")), "You")
    _line(
        stage,
        f"{account}  \u00b7  12 songs, 42 min",
        (x + 6 * u, top + 31.3 * u),
        2.8 * u,
        "strong",
        "#ffffff",
        wide - 6 * u,
    )


def _songs(stage: Stage, box: Box, u: float) -> None:
    left, top, right, bottom = box
    step, y, index = 6.4 * u, top, 0
    names, artist, thumb = _song_names(stage), _artist(stage), _cover(stage, int(5.0 * u))
    while y + step < bottom and index < len(names):
        if index == 0:
            stage.draw(
                f'<rect x="{left - u}" y="{y}" width="{right - left + u}" height="{step}" rx="{u}" fill="#fff" fill-opacity=".09"/>',
                (left - 2 * u, y, right, y + step),
            )
        middle, tone = y + step / 2, "#1ed760" if index == 0 else "#ffffff"
        half, length = (right - left) * 0.5, f"{2 + index * 7 % 3}:{(index * 37 + 11) % 60:02d}"
        number = "#1ed760" if index == 0 else "#a0a0a0"
        _line(stage, str(index + 1), (left, middle), 2.7 * u, "sans", number, 4 * u)
        stage.image.paste(thumb, (int(left + 4.6 * u), int(middle - thumb.height / 2)))
        at = (left + 12.4 * u, middle - 1.5 * u)
        _line(stage, names[index], at, 2.9 * u, "strong", tone, half)
        at = (left + 12.4 * u, middle + 1.9 * u)
        _line(stage, artist, at, 2.3 * u, "sans", "#b3b3b3", half)
        _line(stage, length, (right - 9 * u, middle), 2.6 * u, "sans", "#a0a0a0", 8 * u)
        y += step
        index += 1


_TONES = (
    "#7fd0ff", "#ffffff", "#c79aff", "#8aa07a", "#e6e6e6", "#e6e6e6", "#c79aff", "#ffd27a", "#ff9ab0", "#ffffff", "#8affb0",
)  # fmt: skip


def _code(stage: Stage, box: Box) -> None:
    left, top, right, bottom = box
    u = (bottom - top) / 100
    stage.draw(
        f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" fill="#14161f"/><rect x="{left}" y="{top}" width="{(right - left) * 0.2}" height="{bottom - top}" fill="#0e1017"/>',
        box,
    )
    program = (
        "import safelight",
        "",
        "def develop(prompt: str) -> Picture:",
        '    """Paint what the words ask for."""',
        "    brief = read(prompt)",
        "    stage = compose(brief)",
        "    for layer in stage.layers:",
        "        layer.paint(light=brief.hour)",
        "    return stage.finish()",
        "",
        "print(develop('" + (texts(stage) or ["hello, light"])[0][:34] + "'))",
    )
    for k, text in enumerate(program):
        indent = len(text) - len(text.lstrip())
        row, wide = top + (8 + 7.6 * k) * u, right - left
        _line(stage, str(k + 1), (left + wide * 0.21, row), 3.4 * u, "mono", "#4a5060", 6 * u)
        at = (left + wide * 0.25 + indent * 2.1 * u, row)
        _line(stage, text.strip(), at, 3.6 * u, "mono", _TONES[k], wide * 0.72)


def _words(stage: Stage, box: Box) -> None:
    left, top, right, bottom = box
    if stage.inputs:
        stage.image.paste(
            cropped(stage.inputs[0], int(right - left), int(bottom - top)), (int(left), int(top))
        )
    else:
        first, second = (
            hexa(mix(stage.light.top, rgb("#5a4ad0"), 0.5)),
            hexa(mix(stage.light.low, rgb("#ff7a9a"), 0.5)),
        )
        stage.draw(
            f'<defs><linearGradient id="sg" x2="1" y2="1"><stop stop-color="{first}"/><stop offset="1" stop-color="{second}"/></linearGradient></defs><rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" fill="url(#sg)"/>',
            box,
        )
    lines, step = texts(stage), 0.0
    for index, text in enumerate(lines[:5]):
        step = (bottom - top) * 0.8 / min(5, len(lines))
        y = top + (bottom - top) * 0.1 + step * index
        letter(
            stage,
            text,
            (left + (right - left) * 0.08, y, right - (right - left) * 0.08, y + step),
            "strong" if index else "display",
            (1, 1, 1),
            shade=0.6,
        )

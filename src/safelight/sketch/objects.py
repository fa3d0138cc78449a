"""Things for tables and rooms, plants, the fox and the robot."""

import math

from safelight.sketch.colours import Colour, hexa, mix, rgb, times

Drawn = tuple[int, int, str]


def _side(name: str, base: Colour) -> str:
    return f'<linearGradient id="{name}"><stop stop-color="{hexa(mix(base, (1, 1, 1), 0.28))}"/><stop offset=".45" stop-color="{hexa(base)}"/><stop offset="1" stop-color="{hexa(times(base, 0.5))}"/></linearGradient>'


def _ball(name: str, base: Colour) -> str:
    return f'<radialGradient id="{name}" cx=".35" cy=".3" r=".8"><stop stop-color="{hexa(mix(base, (1, 1, 1), 0.5))}"/><stop offset=".4" stop-color="{hexa(base)}"/><stop offset="1" stop-color="{hexa(times(base, 0.45))}"/></radialGradient>'


def fox(_variant: int, colour: Colour | None, words: frozenset[str]) -> Drawn:
    """A sitting fox with its brush around it, 420 by 460."""
    coat = rgb("#d8662a") if colour is None or colour[0] > 0.7 > colour[2] else colour
    if "arctic" in words:
        coat = rgb("#e9edf2")
    strands = "".join(
        f'<path d="M{186 + 9 * k} {250 + (k % 3) * 12}q{-4 + k} 18 {-2 + k * 0.6} 40" stroke="#fff" stroke-opacity=".5" stroke-width="3" fill="none"/>'
        for k in range(7)
    )
    return (
        420,
        460,
        (
            f"<defs>{_side('ct', coat)}{_side('cd', times(coat, 0.8))}<linearGradient id='wh' x2='0' y2='1'><stop stop-color='#fffaf2'/><stop offset='1' stop-color='#d9d2c8'/></linearGradient></defs>"
            '<path d="M268 420C360 430 420 360 404 270C398 236 376 222 366 204C362 250 340 270 316 300C290 334 262 380 268 420Z" fill="url(#cd)"/><path d="M366 204C398 226 404 250 404 280C392 262 372 258 352 262C362 246 366 226 366 204Z" fill="url(#wh)"/>'
            '<path d="M150 230C116 300 110 390 122 444H300C320 400 316 300 268 226Z" fill="url(#ct)"/><path d="M232 300C290 300 330 360 316 444H236C226 400 220 340 232 300Z" fill="url(#cd)"/>'
            f'<path d="M164 222C160 300 176 360 196 400C222 360 240 300 244 222Z" fill="url(#wh)"/>{strands}'
            '<path d="M158 330C152 380 152 420 150 446H190C196 410 190 370 192 340Z" fill="url(#ct)"/><path d="M212 340C206 380 208 420 206 446H246C250 410 246 370 242 330Z" fill="url(#ct)"/><path d="M150 420C148 436 146 448 146 452H192C192 440 192 430 190 418Z M206 420L204 452H250C250 440 248 430 246 418Z" fill="#3a241a"/>'
            '<path d="M112 30C96 80 100 120 120 150L176 96C160 66 138 44 112 30Z M296 30C312 80 308 120 288 150L232 96C248 66 270 44 296 30Z" fill="url(#cd)"/><path d="M118 58C112 90 116 116 128 132L158 100C148 84 134 68 118 58Z M290 58C296 90 292 116 280 132L250 100C260 84 274 68 290 58Z" fill="#3a241a"/>'
            '<path d="M204 84C150 80 112 120 92 184C110 196 130 206 150 214C170 240 188 262 204 262C220 262 238 240 258 214C278 206 298 196 316 184C296 120 258 80 204 84Z" fill="url(#ct)"/>'
            '<path d="M92 184C120 176 150 180 176 206C188 220 196 236 204 240C212 236 220 220 232 206C258 180 288 176 316 184C298 196 278 208 258 214C238 242 220 262 204 262C188 262 170 242 150 214C130 208 110 196 92 184Z" fill="url(#wh)"/>'
            '<path d="M188 238C192 232 216 232 220 238C218 252 210 258 204 258C198 258 190 252 188 238Z" fill="#201510"/><ellipse cx="199" cy="240" rx="5" ry="3" fill="#fff" fill-opacity=".6"/>'
            '<path d="M138 168C148 152 172 156 178 176C166 182 150 180 138 168Z M270 168C260 152 236 156 230 176C242 182 258 180 270 168Z" fill="#201510"/><circle cx="160" cy="167" r="7" fill="#c98a2a"/><circle cx="248" cy="167" r="7" fill="#c98a2a"/><circle cx="160" cy="167" r="4" fill="#0c0805"/><circle cx="248" cy="167" r="4" fill="#0c0805"/><circle cx="158" cy="164" r="2.4" fill="#fff"/><circle cx="246" cy="164" r="2.4" fill="#fff"/>'
        ),
    )


def robot(variant: int, colour: Colour | None, words: frozenset[str]) -> Drawn:
    """A friendly robot at full length, 340 by 600."""
    shell = colour or rgb(("#d9dfe6", "#e8b04a", "#7fa8c9", "#c96a5a")[variant % 4])
    legs = '<path d="M110 400H150L146 560H104ZM190 400H230L236 560H194Z" fill="url(#jt)"/><rect x="86" y="548" width="74" height="44" rx="18" fill="url(#sh)"/><rect x="182" y="548" width="74" height="44" rx="18" fill="url(#sh)"/>'
    if "seated" in words:
        legs = '<path d="M110 390L70 470L84 560H124L120 480L156 420ZM230 390L270 470L256 560H216L220 480L184 420Z" fill="url(#jt)"/>'
    return (
        340,
        600,
        (
            f"<defs>{_side('sh', shell)}{_side('jt', rgb('#5a636e'))}<radialGradient id='ey'><stop stop-color='#e8ffff'/><stop offset='.5' stop-color='#4fe0ff'/><stop offset='1' stop-color='#0a6a9a'/></radialGradient></defs>"
            f'<path d="M170 60V20" stroke="#5a636e" stroke-width="8"/><circle cx="170" cy="18" r="14" fill="#ff5a4a"/>{legs}'
            '<path d="M76 250C40 270 36 330 44 390M264 250C300 270 304 330 296 390" stroke="url(#jt)" stroke-width="26" fill="none"/><circle cx="46" cy="400" r="24" fill="url(#sh)"/><circle cx="294" cy="400" r="24" fill="url(#sh)"/><circle cx="74" cy="252" r="28" fill="url(#sh)"/><circle cx="266" cy="252" r="28" fill="url(#sh)"/>'
            '<rect x="140" y="194" width="60" height="40" fill="url(#jt)"/><path d="M84 236C84 214 256 214 256 236L244 390C240 410 100 410 96 390Z" fill="url(#sh)"/><rect x="122" y="262" width="96" height="72" rx="12" fill="#26323e"/><circle cx="146" cy="286" r="9" fill="#5aff9a"/><circle cx="172" cy="286" r="9" fill="#ffd23a"/><path d="M136 314H204" stroke="#4fe0ff" stroke-width="6"/>'
            '<rect x="76" y="54" width="188" height="148" rx="52" fill="url(#sh)"/><rect x="60" y="104" width="20" height="50" rx="8" fill="url(#jt)"/><rect x="260" y="104" width="20" height="50" rx="8" fill="url(#jt)"/><rect x="96" y="84" width="148" height="84" rx="36" fill="#1c2630"/><circle cx="136" cy="122" r="21" fill="url(#ey)"/><circle cx="204" cy="122" r="21" fill="url(#ey)"/><circle cx="130" cy="115" r="6" fill="#fff"/><circle cx="198" cy="115" r="6" fill="#fff"/><path d="M152 152q18 11 36 0" stroke="#4fe0ff" stroke-width="5" fill="none" stroke-linecap="round"/><path d="M104 78C130 62 180 60 214 66" stroke="#fff" stroke-width="9" stroke-opacity=".6" stroke-linecap="round" fill="none"/>'
        ),
    )


def cup(variant: int, colour: Colour | None, words: frozenset[str]) -> Drawn:
    """A steaming cup on its saucer, 460 by 420."""
    glaze = colour or rgb(("#f3efe6", "#3f6a7a", "#c9744a", "#e0c9a0")[variant % 4])
    drink = "#8a4a1a" if "tea" in words else "#3b2114"
    steam = "".join(
        f'<path d="M{170 + 50 * k} 130C{140 + 50 * k} 90 {206 + 50 * k} 70 {172 + 54 * k} 10" stroke="#fff" stroke-opacity="{0.28 - 0.05 * abs(k - 1)}" stroke-width="{13 - 2 * k}" fill="none" stroke-linecap="round"/>'
        for k in range(3)
    )
    return (
        460,
        420,
        (
            f"<defs>{_side('gl', glaze)}{_side('sc', mix(glaze, (1, 1, 1), 0.1))}<radialGradient id='cf' cx='.4' cy='.4'><stop stop-color='#a86a35'/><stop offset='.5' stop-color='{drink}'/><stop offset='1' stop-color='#1c0e07'/></radialGradient></defs>"
            '<ellipse cx="220" cy="380" rx="210" ry="36" fill="url(#sc)"/><ellipse cx="220" cy="374" rx="150" ry="22" fill="#000" fill-opacity=".2"/>'
            '<path d="M346 200C450 180 450 320 318 322" stroke="url(#gl)" stroke-width="26" fill="none"/><path d="M80 160C84 280 120 370 170 380H270C320 370 356 280 360 160Z" fill="url(#gl)"/><path d="M104 190C110 260 130 320 160 356" stroke="#fff" stroke-opacity=".55" stroke-width="14" fill="none" stroke-linecap="round"/>'
            f'<ellipse cx="220" cy="160" rx="140" ry="34" fill="url(#sc)"/><ellipse cx="220" cy="163" rx="126" ry="27" fill="url(#cf)"/><path d="M150 160C180 150 210 172 240 160C262 150 282 160 290 166" stroke="#e0b07a" stroke-opacity=".75" stroke-width="7" fill="none"/>{steam}'
        ),
    )


def fruitbowl(_variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A bowl of fruit, 560 by 400."""
    glaze = colour or rgb("#4f7a9a")
    kinds = {"ap": "#c9302a", "og": "#f0902a", "gr": "#8ab53a", "pr": "#d9b53a", "pl": "#6a2f6a"}
    defs = "".join(_ball(name, rgb(code)) for name, code in kinds.items())
    grapes = "".join(
        f'<circle cx="{392 + 26 * (k % 4) - 12 * (k // 4)}" cy="{176 + 25 * (k // 4)}" r="18" fill="url(#pl)"/>'
        for k in range(12)
    )
    return (
        560,
        400,
        (
            f"<defs>{defs}{_side('bw', glaze)}</defs>"
            '<path d="M120 120C150 30 260 10 320 60C270 60 190 90 160 170Z" fill="#f2cf3f"/><path d="M140 150C180 60 280 40 340 80C280 80 210 110 180 180Z" fill="#dcb32a"/><circle cx="150" cy="176" r="66" fill="url(#ap)"/><path d="M150 114C148 100 154 90 162 84" stroke="#4a3018" stroke-width="6" fill="none"/><path d="M160 96C180 78 200 84 206 92C190 104 172 106 160 96Z" fill="#5a9a3a"/>'
            '<circle cx="270" cy="160" r="70" fill="url(#og)"/><path d="M380 90C410 90 420 130 440 160C460 200 430 236 384 234C340 232 320 200 340 160C352 134 350 90 380 90Z" fill="url(#pr)"/><path d="M381 92C380 76 388 66 394 60" stroke="#4a3018" stroke-width="6" fill="none"/><circle cx="212" cy="204" r="58" fill="url(#gr)"/><circle cx="320" cy="214" r="56" fill="url(#ap)"/>'
            f'{grapes}<path d="M56 214C70 330 170 372 216 376H344C390 372 490 330 504 214C430 250 130 250 56 214Z" fill="url(#bw)"/><path d="M56 214C130 250 430 250 504 214" stroke="#fff" stroke-opacity=".5" stroke-width="6" fill="none"/><path d="M100 262C120 310 160 340 200 352" stroke="#fff" stroke-opacity=".35" stroke-width="12" fill="none" stroke-linecap="round"/><path d="M214 374H346L356 396H204Z" fill="url(#bw)"/>'
        ),
    )


def sushi(_variant: int, _colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """Nigiri and maki on a dark plate, 640 by 300."""

    def nigiri(x: float, y: float, tone: str) -> str:
        lines = "".join(
            f'<path d="M{x + 26 + 28 * k} {y + 2}q14 22 8 44" stroke="#fff" stroke-opacity=".55" stroke-width="5" fill="none"/>'
            for k in range(4)
        )
        grains = "".join(
            f'<ellipse cx="{x + 14 + (k * 29) % 126}" cy="{y + 52 + (k * 13) % 34}" rx="7" ry="4" fill="#fff" transform="rotate({k * 37} {x + 14 + (k * 29) % 126} {y + 52 + (k * 13) % 34})"/>'
            for k in range(16)
        )
        return f'<rect x="{x}" y="{y + 34}" width="150" height="58" rx="27" fill="#ece7dc"/>{grains}<path d="M{x - 8} {y + 50}C{x - 4} {y} {x + 60} {y - 14} {x + 110} {y - 4}C{x + 150} {y + 4} {x + 168} {y + 30} {x + 158} {y + 56}C{x + 120} {y + 34} {x + 40} {y + 38} {x - 8} {y + 50}Z" fill="{tone}"/>{lines}<path d="M{x + 10} {y + 22}C{x + 40} {y} {x + 80} {y - 4} {x + 116} {y + 4}" stroke="#fff" stroke-opacity=".5" stroke-width="5" fill="none" stroke-linecap="round"/>'

    def maki(x: float, y: float, tone: str) -> str:
        return f'<path d="M{x - 42} {y}V{y + 52}C{x - 42} {y + 76} {x + 42} {y + 76} {x + 42} {y + 52}V{y}Z" fill="#16241c"/><ellipse cx="{x}" cy="{y}" rx="42" ry="25" fill="#1c2e24"/><ellipse cx="{x}" cy="{y}" rx="36" ry="21" fill="#f4f0e6"/><ellipse cx="{x}" cy="{y}" rx="15" ry="9" fill="{tone}"/>'

    return 640, 300, (
        "<defs><linearGradient id='pl' x2='0' y2='1'><stop stop-color='#4a5560'/><stop offset='1' stop-color='#1c2229'/></linearGradient></defs>"
        "<path d='M20 190H620L590 270C580 286 60 286 50 270Z' fill='url(#pl)'/><ellipse cx='320' cy='192' rx='304' ry='62' fill='#39434d'/><ellipse cx='320' cy='188' rx='280' ry='52' fill='#47525d'/>"
        + nigiri(90, 66, "#f0783f") + nigiri(262, 52, "#d93f4a") + maki(450, 110, "#f0783f") + maki(536, 128, "#7fb53a") + nigiri(176, 130, "#f5a06a") + maki(380, 160, "#e04a5a") + maki(470, 176, "#f0c03f")
        + '<path d="M560 180C590 160 600 190 580 204C560 210 548 196 560 180Z" fill="#8ab84a"/><path d="M60 196L30 120M100 210L20 108" stroke="none"/>'
    )  # fmt: skip


def piano(_variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A grand piano, 560 by 460."""
    body = colour or rgb("#1d1c20")
    keys = "".join(
        f'<rect x="{76 + 13 * k}" y="246" width="11.5" height="26" fill="#f6f2ea"/>'
        for k in range(28)
    ) + "".join(
        f'<rect x="{85 + 13 * k}" y="246" width="7" height="16" fill="#111"/>'
        for k in range(27)
        if k % 7 not in (2, 6)
    )
    return (
        560,
        460,
        (
            f"<defs>{_side('bd', body)}</defs><path d='M150 216L120 30C260 -10 420 40 500 216Z' fill='url(#bd)'/><path d='M168 206L146 54C260 24 380 60 470 206Z' fill='#7a4a20'/>"
            f'<path d="M60 216H510C530 216 530 300 500 300H60Z" fill="url(#bd)"/><rect x="60" y="238" width="390" height="36" fill="#0c0c0e"/>{keys}<path d="M90 300V450M440 300V450M300 300V440" stroke="{hexa(body)}" stroke-width="20"/><path d="M60 220H506" stroke="#fff" stroke-opacity=".4" stroke-width="4"/><path d="M220 240L232 180H330L340 240Z" fill="#f4efe2"/>'
        ),
    )


def monitor(_variant: int, _colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A desktop monitor with a bright screen, 560 by 440."""
    return (
        560,
        440,
        f'{_screen_defs()}<rect x="10" y="10" width="540" height="340" rx="14" fill="#1c1f24"/><rect x="26" y="26" width="508" height="300" fill="url(#scr)"/>{_windows()}<path d="M240 350H320L336 410H224Z" fill="#9aa3ad"/><rect x="170" y="408" width="220" height="18" rx="9" fill="#b9c1ca"/>',
    )


def laptop(_variant: int, _colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """An open laptop, 600 by 400."""
    return (
        600,
        400,
        f'{_screen_defs()}<g transform="translate(20 0)"><rect x="10" y="10" width="540" height="330" rx="16" fill="#24272d"/><rect x="26" y="26" width="508" height="298" fill="url(#scr)"/>{_windows()}</g><path d="M10 344H590L600 376C600 390 590 396 576 396H24C10 396 0 390 0 376Z" fill="#c2c8cf"/><path d="M60 350H540L552 368H48Z" fill="#5d646c"/><rect x="236" y="374" width="128" height="14" rx="5" fill="#a5acb4"/>',
    )


def _screen_defs() -> str:
    return '<defs><linearGradient id="scr" x2="1" y2="1"><stop stop-color="#2f4a8a"/><stop offset=".5" stop-color="#6a4aa8"/><stop offset="1" stop-color="#e07a8a"/></linearGradient></defs>'


def _windows() -> str:
    rows = "".join(
        f'<rect x="{96 + (k * 17) % 40}" y="{92 + 24 * k}" width="{90 + (k * 53) % 130}" height="9" rx="4" fill="{tone}"/>'
        for k, tone in enumerate(
            ("#7fd0ff", "#ffd27a", "#c79aff", "#8affb0", "#7fd0ff", "#ff9ab0", "#ffd27a")
        )
    )
    return f'<rect x="66" y="56" width="300" height="230" rx="10" fill="#161a26" fill-opacity=".92"/><circle cx="84" cy="72" r="6" fill="#ff5f56"/><circle cx="104" cy="72" r="6" fill="#ffbd2e"/><circle cx="124" cy="72" r="6" fill="#27c93f"/>{rows}<path d="M26 26H300L120 326H26Z" fill="#fff" fill-opacity=".07"/>'


def phone(_variant: int, _colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A smartphone with app tiles, 240 by 480."""
    tiles = "".join(
        f'<rect x="{36 + 60 * (k % 3)}" y="{120 + 62 * (k // 3)}" width="46" height="46" rx="12" fill="{("#ff7a6a", "#ffd23a", "#6ad08a", "#5aa8ff", "#c78aff", "#ffffff")[k % 6]}"/>'
        for k in range(15)
    )
    return (
        240,
        480,
        f'{_screen_defs()}<rect x="8" y="4" width="224" height="472" rx="38" fill="#17181c"/><rect x="18" y="14" width="204" height="452" rx="30" fill="url(#scr)"/><rect x="84" y="24" width="72" height="18" rx="9" fill="#0c0c0e"/>{tiles}<path d="M18 44C18 24 30 14 48 14H150L30 300H18Z" fill="#fff" fill-opacity=".1"/>',
    )


def lamp(_variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A table lamp, 260 by 420."""
    base = colour or rgb("#c98a4a")
    return (
        260,
        420,
        f"<defs>{_side('bs', base)}<linearGradient id='sd' x2='0' y2='1'><stop stop-color='#fff3cf'/><stop offset='1' stop-color='#f2c678'/></linearGradient></defs><path d='M80 20H180L240 200H20Z' fill='url(#sd)'/><path d='M118 200H142V240C190 270 190 350 150 380H110C70 350 70 270 118 240Z' fill='url(#bs)'/><ellipse cx='130' cy='392' rx='70' ry='14' fill='url(#bs)'/>",
    )


def lantern(_variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A paper lantern, 240 by 320."""
    base = colour or rgb("#e0503a")
    ribs = "".join(
        f'<path d="M{30 + abs(k - 4) * 4} {70 + 24 * k}H{210 - abs(k - 4) * 4}" stroke="#000" stroke-opacity=".22" stroke-width="3"/>'
        for k in range(9)
    )
    return (
        240,
        320,
        f"<defs><radialGradient id='ln'><stop stop-color='#fff0b0'/><stop offset='.5' stop-color='{hexa(mix(base, (1, 0.8, 0.4), 0.4))}'/><stop offset='1' stop-color='{hexa(times(base, 0.7))}'/></radialGradient></defs><path d='M70 50C-6 100 -6 220 70 276H170C246 220 246 100 170 50Z' fill='url(#ln)'/>{ribs}<rect x='76' y='34' width='88' height='18' rx='4' fill='#2a1a12'/><rect x='76' y='274' width='88' height='18' rx='4' fill='#2a1a12'/><path d='M120 34V4M120 292V318' stroke='#2a1a12' stroke-width='5'/>",
    )


def armchair(variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """An armchair, 380 by 400."""
    cloth = colour or rgb(("#5f7a86", "#a85a4a", "#7a8a5f", "#c99a4a")[variant % 4])
    return (
        380,
        400,
        f"<defs>{_side('ac', cloth)}{_side('ad', times(cloth, 0.78))}</defs><path d='M70 360L56 398M310 360L324 398' stroke='#4a3020' stroke-width='14'/><rect x='60' y='16' width='260' height='270' rx='60' fill='url(#ad)'/><rect x='84' y='44' width='212' height='200' rx='40' fill='url(#ac)'/><rect x='70' y='226' width='240' height='70' rx='26' fill='url(#ac)'/><rect x='50' y='290' width='280' height='78' rx='20' fill='url(#ad)'/><rect x='16' y='170' width='74' height='196' rx='34' fill='url(#ac)'/><rect x='290' y='170' width='74' height='196' rx='34' fill='url(#ac)'/>",
    )


def sofa(variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A two-seat sofa, 620 by 340."""
    cloth = colour or rgb(("#5f7a86", "#a85a4a", "#7a8a5f", "#8a6f9a")[variant % 4])
    return (
        620,
        340,
        f"<defs>{_side('ac', cloth)}{_side('ad', times(cloth, 0.78))}</defs><path d='M70 300L60 336M550 300L560 336' stroke='#4a3020' stroke-width='14'/><rect x='50' y='16' width='520' height='230' rx='46' fill='url(#ad)'/><rect x='72' y='40' width='232' height='170' rx='30' fill='url(#ac)'/><rect x='316' y='40' width='232' height='170' rx='30' fill='url(#ac)'/><rect x='66' y='190' width='240' height='62' rx='24' fill='url(#ac)'/><rect x='314' y='190' width='240' height='62' rx='24' fill='url(#ac)'/><rect x='40' y='244' width='540' height='70' rx='18' fill='url(#ad)'/><rect x='10' y='130' width='74' height='184' rx='34' fill='url(#ac)'/><rect x='536' y='130' width='74' height='184' rx='34' fill='url(#ac)'/>",
    )


def hat(_variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A brimmed hat with a band, 360 by 190."""
    felt = colour or rgb("#6a4a34")
    return (
        360,
        190,
        f"<defs>{_side('ft', felt)}</defs><path d='M6 146C60 120 300 120 354 146C330 186 30 186 6 146Z' fill='url(#ft)'/><path d='M84 148C80 60 110 16 150 20C170 22 190 22 210 20C250 16 280 60 276 148C230 164 130 164 84 148Z' fill='url(#ft)'/><path d='M83 126C130 144 230 144 277 126V150C230 166 130 166 83 150Z' fill='{hexa(times(felt, 0.4))}'/><path d='M120 50C130 34 150 32 166 36' stroke='#fff' stroke-opacity='.4' stroke-width='9' fill='none' stroke-linecap='round'/>",
    )


def tree(variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A broad tree of many leaf clumps, 480 by 560."""
    leaf = colour or rgb("#4a8a3a")
    clumps = ""
    for k in range(90):
        angle, reach = (k * 2.399 + variant % 6), math.sqrt(k / 90)
        x, y = 240 + 200 * reach * math.cos(angle), 210 - 30 + 170 * reach * math.sin(angle)
        shade = 0.65 + 0.5 * (1 - y / 400) + 0.06 * math.sin(k * 7.3)
        clumps = (
            f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="44" ry="36" fill="{hexa(times(leaf, shade))}"/>'
            + clumps
            if y > 180
            else clumps
            + f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="40" ry="32" fill="{hexa(times(leaf, shade))}"/>'
        )
    return (
        480,
        560,
        f"<defs>{_side('bk', rgb('#6a4a30'))}</defs><path d='M206 560C226 480 220 400 210 320L120 250L216 290L236 200L262 300L360 240L272 330C264 420 264 490 284 560Z' fill='url(#bk)'/>{clumps}",
    )


def pine(_variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A fir with drooping tiers, 320 by 560."""
    leaf = colour or rgb("#2f6a44")
    tiers = "".join(
        f'<path d="M160 {10 + 56 * k}C{150 - 10 * k} {70 + 60 * k} {120 - 14 * k} {110 + 60 * k} {96 - 12 * k} {132 + 58 * k}Q160 {112 + 60 * k} {224 + 12 * k} {132 + 58 * k}C{200 + 14 * k} {110 + 60 * k} {170 + 10 * k} {70 + 60 * k} 160 {10 + 56 * k}Z" fill="{hexa(times(leaf, 1.15 - 0.07 * k))}"/>'
        for k in reversed(range(7))
    )
    return 320, 560, f"<rect x='146' y='460' width='28' height='100' fill='#5a3f2a'/>{tiers}"


def palm(variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A leaning palm, 460 by 600."""
    leaf = colour or rgb("#3f8a44")
    fronds = ""
    for k in range(11):
        angle = -2.9 + 2.7 * k / 10 + (0.08 if (k + variant) % 2 else -0.05)
        x, y = 250 + 200 * math.cos(angle), 150 + 130 * math.sin(angle) + 70
        fronds += f'<path d="M250 140Q{250 + 150 * math.cos(angle):.0f} {120 + 150 * math.sin(angle):.0f} {x:.0f} {y:.0f}Q{250 + 110 * math.cos(angle):.0f} {150 + 90 * math.sin(angle):.0f} 250 152Z" fill="{hexa(times(leaf, 0.7 + 0.05 * k))}"/>'
    rings = "".join(
        f'<path d="M{196 + 4 * k * 0.9:.0f} {560 - 30 * k}q16 8 30 0" stroke="#000" stroke-opacity=".25" stroke-width="4" fill="none"/>'
        for k in range(13)
    )
    return (
        460,
        600,
        f"<defs>{_side('tk', rgb('#9a7448'))}</defs><path d='M190 600C210 430 220 290 240 150L264 150C252 290 244 430 236 600Z' fill='url(#tk)'/>{rings}{fronds}<circle cx='238' cy='160' r='15' fill='#6a4426'/><circle cx='262' cy='164' r='15' fill='#5a381e'/>",
    )


def sunflower(_variant: int, colour: Colour | None, _words: frozenset[str]) -> Drawn:
    """A sunflower on its stem, 360 by 640."""
    petal = colour or rgb("#f6bd1e")
    petals = "".join(
        f'<path transform="translate(180 160) rotate({k * 360 / 21 + 8 * (k % 2):.0f})" d="M-17 -60C-30 -110 -12 -146 0 -154C12 -146 30 -110 17 -60Z" fill="{hexa(times(petal, 0.82 if k % 2 else 1.05))}"/>'
        for k in range(42)
    )
    seeds = "".join(
        f'<circle cx="{180 + 6.6 * math.sqrt(k) * math.cos(k * 2.399):.1f}" cy="{160 + 6.6 * math.sqrt(k) * math.sin(k * 2.399):.1f}" r="3.4" fill="{"#2a1608" if k < 60 else "#7a4a1a"}"/>'
        for k in range(110)
    )
    leaves = '<path d="M182 430C230 360 310 370 344 400C310 450 230 470 184 446Z" fill="#4f8a34"/><path d="M180 500C120 440 50 460 20 490C60 540 130 540 178 516Z" fill="#3f7a2c"/>'
    return (
        360,
        640,
        f"<path d='M180 200C186 360 176 500 182 640' stroke='#4a7a2c' stroke-width='16' fill='none'/>{leaves}{petals}<circle cx='180' cy='160' r='70' fill='#4a2a12'/>{seeds}",
    )

"""The animals people ask for most: cat, dog and horse."""

from safelight.sketch.colours import Colour, hexa, luminance, mix, rgb, times

Drawn = tuple[int, int, str]

_WHITE = (1.0, 0.98, 0.94)
_CATS = ("#8f867c", "#d98a3f", "#6b655f", "#c9a57a", "#b9743a", "#9a9ca3")
_DOGS = ("#c98f4f", "#8a5a34", "#e0c290", "#5a4638", "#d9a560", "#a9a39a")
_HORSES = ("#8a4f2a", "#5f3a24", "#b0703a", "#3a2c26", "#d9cfc0", "#a08a78")


def _coat(name: str, base: Colour) -> str:
    return (
        f'<linearGradient id="{name}" x1=".1" y1="0" x2=".8" y2="1"><stop stop-color="{hexa(mix(base, _WHITE, 0.24))}"/>'
        f'<stop offset=".5" stop-color="{hexa(base)}"/><stop offset="1" stop-color="{hexa(times(base, 0.58))}"/></linearGradient>'
    )


def _both(path: str, fill: str, middle: float) -> str:
    """Return a shape and its mirror image about the column `middle`."""
    shape = f'<path d="{path}" fill="{fill}"/>'
    return f'{shape}<g transform="translate({2 * middle} 0) scale(-1 1)">{shape}</g>'


def cat(variant: int, colour: Colour | None, words: frozenset[str]) -> Drawn:
    """A sitting cat with its tail around it, 400 by 470; striped unless it is black or white."""
    coat = colour or (rgb("#33323a") if "black" in words else rgb(_CATS[variant % len(_CATS)]))
    plain = luminance(coat) < 0.22 or luminance(coat) > 0.85
    pale = mix(coat, _WHITE, 0.16 if luminance(coat) < 0.22 else 0.68)
    eyes = ("#8fbf4a", "#d9a83a", "#6fb5c9")[variant // 6 % 3]
    dark = hexa(times(coat, 0.6))
    stripes = "" if plain else _tabby(dark)
    return 400, 470, (
        f"<defs>{_coat('ca', coat)}{_coat('cb', times(coat, 0.82))}{_coat('cw', pale)}</defs>"
        '<path d="M280 446C364 462 396 396 372 336C362 312 338 318 342 342C352 382 330 404 284 400Z" fill="url(#cb)"/>'
        '<path d="M200 186C136 200 100 284 98 366C96 426 122 456 164 458H242C286 456 306 420 302 356C296 280 262 200 200 186Z" fill="url(#ca)"/>'
        f'<path d="M200 214C170 240 164 310 178 372C190 396 212 396 222 372C236 310 230 240 200 214Z" fill="url(#cw)"/>{stripes}'
        f"{_both('M122 352C92 386 92 440 122 458H170C158 424 152 386 122 352Z', 'url(#cb)', 200)}"
        f"{_both('M166 300C156 362 158 410 152 442C150 464 196 464 197 444C201 402 198 342 192 304Z', 'url(#ca)', 200)}"
        f"{_both('M153 438C148 464 196 466 197 444C184 434 166 432 153 438Z', 'url(#cw)', 200)}"
        f'<path d="M168 444v14M180 446v14M220 446v14M232 444v14" stroke="{dark}" stroke-width="2.5"/>'
        f"{_cat_head(eyes, dark, striped=not plain)}"
    )  # fmt: skip


def black_cat(variant: int, colour: Colour | None, words: frozenset[str]) -> Drawn:
    """A cat that is black unless another colour was named."""
    return cat(variant, colour, words | {"black"})


def _tabby(dark: str) -> str:
    return (
        f'<path d="M114 300C134 296 148 304 156 316M106 336C128 330 144 338 152 352M286 300C266 296 252 304 244 316M294 336C272 330 256 338 248 352M126 264C144 262 156 270 162 280M274 264C256 262 244 270 238 280'
        f'M364 352L344 356M362 384L340 380M340 414L326 402" stroke="{dark}" stroke-opacity=".6" stroke-width="9" fill="none" stroke-linecap="round"/>'
    )


def _cat_head(eyes: str, dark: str, *, striped: bool) -> str:
    marks = (
        f'<path d="M180 78L186 108M200 74V110M220 78L214 108M118 152L142 156M120 172L144 170M282 152L258 156M280 172L256 170" stroke="{dark}" stroke-opacity=".65" stroke-width="7" stroke-linecap="round"/>'
        if striped
        else ""
    )
    eye = (
        f'<path d="M136 142C144 120 174 120 184 146C172 160 148 160 136 142Z" fill="#1a1412"/><path d="M140 142C148 125 172 126 180 145C170 155 150 156 140 142Z" fill="{eyes}"/>'
        '<ellipse cx="161" cy="141" rx="6" ry="14" fill="#0d0b0a"/>'
    )
    lights = '<circle cx="156" cy="134" r="4.5" fill="#fff"/><circle cx="234" cy="134" r="4.5" fill="#fff"/>'
    return (
        f"{_both('M118 126C106 74 110 38 120 22C148 38 172 62 184 88Z', 'url(#cb)', 200)}{_both('M126 108C120 76 122 54 127 44C146 56 160 72 168 88Z', '#d99a92', 200)}"
        f'<path d="M200 66C254 66 292 100 294 148C296 196 252 222 200 222C148 222 104 196 106 148C108 100 146 66 200 66Z" fill="url(#ca)"/>{marks}'
        '<path d="M200 164C222 152 244 168 240 190C234 212 216 218 200 218C184 218 166 212 160 190C156 168 178 152 200 164Z" fill="url(#cw)"/>'
        f'{eye}<g transform="translate(400 0) scale(-1 1)">{eye}</g>{lights}'
        f'<path d="M187 164C192 160 208 160 213 164C211 174 205 179 200 179C195 179 189 174 187 164Z" fill="#c9756f"/><path d="M200 179V190C194 200 182 201 176 194M200 190C206 200 218 201 224 194" stroke="{dark}" stroke-width="3.4" fill="none" stroke-linecap="round"/>'
        '<path d="M166 182C130 172 106 172 78 176M168 190C130 188 108 194 84 204M234 182C270 172 294 172 322 176M232 190C270 188 292 194 316 204" stroke="#fff" stroke-opacity=".8" stroke-width="2.4" fill="none" stroke-linecap="round"/>'
    )


def dog(variant: int, colour: Colour | None, words: frozenset[str]) -> Drawn:
    """A sitting dog with hanging ears, a collar and a wagging tail, 420 by 480."""
    coat = colour or (rgb("#2f2b2b") if "black" in words else rgb(_DOGS[variant % len(_DOGS)]))
    pale = mix(coat, _WHITE, 0.7 if luminance(coat) > 0.25 else 0.3)
    collar = ("#c0392f", "#2f6fb0", "#3f8f5a")[variant // 6 % 3]
    dark = hexa(times(coat, 0.5))
    blaze = (
        '<path d="M210 64C222 90 222 120 228 150H192C198 120 198 90 210 64Z" fill="url(#dw)"/>'
        if variant % 2
        else ""
    )
    return 420, 480, (
        f"<defs>{_coat('da', coat)}{_coat('db', times(coat, 0.74))}{_coat('dw', pale)}</defs>"
        '<path d="M296 440C356 430 392 366 384 312C380 292 358 294 360 316C362 356 330 386 290 392Z" fill="url(#db)"/>'
        '<path d="M210 196C144 206 110 290 104 372C102 432 126 466 170 468H254C298 464 318 428 314 364C308 288 274 206 210 196Z" fill="url(#da)"/>'
        '<path d="M210 222C172 244 164 320 182 384C194 410 226 410 238 384C256 320 248 244 210 222Z" fill="url(#dw)"/>'
        f"{_both('M130 356C96 388 92 446 122 468H176C166 430 160 390 130 356Z', 'url(#db)', 210)}"
        f"{_both('M170 300C160 366 164 416 156 450C154 474 206 474 207 452C211 410 206 348 200 306Z', 'url(#da)', 210)}"
        f"{_both('M158 444C150 476 206 476 207 452C192 440 174 438 158 444Z', 'url(#dw)', 210)}"
        f'<path d="M174 454v14M188 456v14M232 456v14M246 454v14" stroke="{dark}" stroke-width="3"/>'
        f'<path d="M150 214C170 250 250 250 270 214L274 234C252 270 168 270 146 234Z" fill="{collar}"/><circle cx="210" cy="266" r="12" fill="#e6bf4a"/><circle cx="206" cy="262" r="4" fill="#fff6cf"/>'
        '<path d="M210 56C268 56 300 94 298 148C297 180 284 194 274 208C264 238 240 254 210 254C180 254 156 238 146 208C136 194 123 180 122 148C120 94 152 56 210 56Z" fill="url(#da)"/>'
        f"{blaze}{_dog_face(dark)}"
        f"{_both('M140 78C96 72 66 122 74 190C78 228 108 232 122 206C136 178 138 128 156 98Z', 'url(#db)', 210)}"
    )  # fmt: skip


def _dog_face(dark: str) -> str:
    eye = '<path d="M156 144C160 126 188 126 192 146C184 158 164 158 156 144Z" fill="#17100c"/><circle cx="175" cy="143" r="11" fill="#4a2a16"/><circle cx="175" cy="143" r="6" fill="#0c0806"/>'
    lights = (
        '<circle cx="171" cy="138" r="4" fill="#fff"/><circle cx="241" cy="138" r="4" fill="#fff"/>'
    )
    return (
        '<path d="M210 148C244 146 268 182 264 212C258 244 236 256 210 256C184 256 162 244 156 212C152 182 176 146 210 148Z" fill="url(#dw)"/>'
        f'{eye}<g transform="translate(420 0) scale(-1 1)">{eye}</g>{lights}<path d="M152 122C162 112 180 112 190 120M230 120C240 112 258 112 268 122" stroke="{dark}" stroke-width="5" stroke-opacity=".6" fill="none" stroke-linecap="round"/>'
        '<path d="M194 226C192 264 200 282 211 282C222 282 230 264 226 226C216 234 204 234 194 226Z" fill="#e07a80"/><path d="M210 232V268" stroke="#b9505a" stroke-width="3"/>'
        '<path d="M180 182C182 164 238 164 240 182C238 200 222 208 210 208C198 208 182 200 180 182Z" fill="#1a1414"/><ellipse cx="202" cy="177" rx="11" ry="5" fill="#fff" fill-opacity=".5"/>'
        f'<path d="M210 206V220C202 236 182 236 172 224M210 220C218 236 238 236 248 224" stroke="{dark}" stroke-width="4.5" fill="none" stroke-linecap="round"/><path d="M184 216v.1M176 208v.1M192 208v.1M236 216v.1M244 208v.1M228 208v.1" stroke="{dark}" stroke-width="4" stroke-linecap="round"/>'
    )


def horse(variant: int, colour: Colour | None, words: frozenset[str]) -> Drawn:
    """A trotting horse seen from its left, 640 by 560; its back is a third of the way down."""
    coat = colour or (rgb("#e6e2da") if "white" in words else rgb(_HORSES[variant % len(_HORSES)]))
    hair = times(coat, 0.42) if luminance(coat) > 0.12 else mix(coat, _WHITE, 0.1)
    sock = "#efe9df" if variant % 2 else hexa(times(coat, 0.5))
    return 640, 560, (
        f"<defs>{_coat('ha', coat)}{_coat('hb', times(coat, 0.6))}{_coat('hm', hair)}</defs>"
        '<path d="M516 214C566 190 606 240 596 330C592 376 606 400 622 420C576 420 556 380 556 330C556 280 546 250 512 246Z" fill="url(#hm)"/>'
        '<path d="M232 316C206 350 158 366 146 402C142 424 158 446 170 466L196 454C184 434 178 418 188 406C214 390 256 376 272 340Z" fill="url(#hb)"/><path d="M168 462L196 450L204 474L176 484Z" fill="#231c1a"/>'
        '<path d="M424 316C412 366 398 392 396 424C396 456 380 486 366 508L396 518C412 490 424 460 428 428C436 396 462 366 470 330Z" fill="url(#hb)"/><path d="M364 506L396 516L390 538H356Z" fill="#231c1a"/>'
        '<path d="M150 76C182 88 214 142 260 174C300 196 380 198 432 188C486 180 526 206 530 252C534 300 514 332 480 342C420 362 322 368 262 354C218 342 188 306 180 262C174 226 168 204 152 188C136 194 122 198 106 206C92 214 74 216 65 207C55 196 56 182 64 172C84 146 100 114 112 94C122 78 136 72 150 76Z" fill="url(#ha)"/>'
        '<path d="M196 292C192 350 208 390 206 432C205 462 200 492 198 516L230 516C232 488 236 454 238 432C244 392 264 352 262 318Z" fill="url(#ha)"/>'
        '<path d="M436 292C448 356 500 376 508 414C508 450 500 486 496 516L528 516C534 482 542 446 540 408C538 370 542 330 529 256Z" fill="url(#ha)"/>'
        f'<path d="M203 470L200 516H230L234 470ZM504 470L497 516H528L535 470Z" fill="{sock}"/><path d="M199 512H231L236 540H190ZM496 512H529L534 540H486Z" fill="#231c1a"/>'
        f"{_horse_head(coat)}"
    )  # fmt: skip


def _horse_head(coat: Colour) -> str:
    dark, light = hexa(times(coat, 0.45)), hexa(mix(coat, _WHITE, 0.4))
    return (
        '<path d="M128 84C124 60 130 44 140 30C152 46 156 66 152 86Z" fill="url(#hb)"/><path d="M142 82C146 56 156 44 166 36C172 54 170 74 162 92Z" fill="url(#ha)"/>'
        '<path d="M138 66C190 56 236 110 280 176C268 196 256 204 244 196C214 176 184 130 158 104C160 130 150 150 138 160C144 130 138 100 124 92Z" fill="url(#hm)"/>'
        f'<path d="M208 320C240 346 300 356 350 352" stroke="{light}" stroke-opacity=".25" stroke-width="14" fill="none" stroke-linecap="round"/><path d="M190 262C206 286 222 296 240 300M470 214C500 236 506 280 490 320" stroke="{dark}" stroke-opacity=".4" stroke-width="7" fill="none" stroke-linecap="round"/>'
        f'<path d="M104 122C110 112 124 112 130 122C124 132 112 132 104 122Z" fill="#120c0a"/><circle cx="114" cy="119" r="3" fill="#fff"/><path d="M72 186C74 178 82 178 84 184" stroke="#120c0a" stroke-width="5" fill="none" stroke-linecap="round"/><path d="M72 204C84 204 96 200 104 192" stroke="{dark}" stroke-width="4" fill="none" stroke-linecap="round"/><path d="M96 128C84 146 72 164 66 174" stroke="{light}" stroke-width="9" stroke-opacity=".45" stroke-linecap="round"/>'
    )

"""The dragon, in flight."""

from safelight.sketch.colours import Colour, hexa, mix, rgb, times

_SCALES = ("#3d7a5a", "#8a2f38", "#5a4f86", "#3f6488", "#8a6a34")

_BODY = "M92 150C118 126 150 116 178 122C208 126 230 150 246 184C264 216 290 232 330 234C400 236 450 250 500 288C550 326 606 328 636 290C656 262 662 232 650 200C692 236 692 302 650 342C600 386 520 374 470 346C440 372 400 382 360 376C310 370 270 342 250 302C232 264 214 222 190 204C170 214 150 214 134 210C116 208 98 204 84 198C92 191 110 187 126 184C104 183 82 179 70 168C76 158 82 154 92 150Z"
_NEAR_WING = "M318 250C300 170 330 70 430 12C422 42 428 60 436 76C470 58 510 58 552 76C530 94 520 114 522 138C556 134 592 148 616 176C574 176 548 190 532 212C500 204 470 214 450 236C420 258 360 270 318 250Z"
_FAR_WING = "M306 244C254 184 226 92 256 14C274 36 284 54 290 74C312 62 336 64 356 76C342 104 338 150 346 214Z"


def _shade(name: str, top: Colour, foot: Colour) -> str:
    return f'<linearGradient id="{name}" x2=".25" y2="1"><stop stop-color="{hexa(top)}"/><stop offset="1" stop-color="{hexa(foot)}"/></linearGradient>'


def dragon(variant: int, colour: Colour | None, words: frozenset[str]) -> tuple[int, int, str]:
    """A winged dragon flying to the left, 720 by 470; with its breath of fire 720 wide too."""
    scale = colour or rgb(_SCALES[variant % len(_SCALES)])
    skin, bone = mix(scale, (0.95, 0.55, 0.3), 0.22), hexa(times(scale, 0.45))
    pale = mix(scale, (0.98, 0.9, 0.7), 0.5)
    defs = (
        _shade("dg", mix(scale, (1, 1, 1), 0.22), times(scale, 0.42))
        + _shade("dw", times(skin, 1.05), times(skin, 0.4))
        + _shade("df", times(skin, 0.62), times(skin, 0.3))
        + _shade("dp", pale, times(pale, 0.6))
    )
    fire = _fire() if words & {"fire", "breathing", "flames", "fiery"} else ""
    return 720, 470, (
        f'<defs>{defs}</defs>{fire}<path d="{_FAR_WING}" fill="url(#df)"/><path d="M308 240C270 170 254 90 256 14M314 244C304 180 296 120 290 74" stroke="{bone}" stroke-width="6" fill="none"/>'
        f'<path d="M424 340C410 376 430 396 420 424L388 440L424 438L434 450L444 436L466 444C462 414 474 380 478 340Z" fill="url(#df)"/>'
        f'<path d="{_spikes()}" fill="{bone}"/><path d="M650 202C628 180 630 148 652 122C664 148 692 158 704 176C692 198 670 208 650 202Z" fill="url(#dw)"/><path d="{_BODY}" fill="url(#dg)"/>{_belly(bone)}'
        '<path d="M296 326C272 358 286 388 272 410L242 424L276 426L288 440L298 424L318 432C314 400 336 372 350 344C346 300 306 296 296 326Z" fill="url(#dg)"/><path d="M380 330C380 380 414 392 404 424L372 440L408 442L420 454L430 438L452 446C446 410 470 370 462 330C452 284 390 284 380 330Z" fill="url(#dg)"/>'
        f'<path d="{_NEAR_WING}" fill="url(#dw)"/><path d="M320 250C336 166 372 84 430 12M330 252C384 182 446 116 552 76M340 254C410 208 500 170 616 176" stroke="{bone}" stroke-width="8" fill="none" stroke-linecap="round"/><path d="M322 248C310 170 340 76 430 12" stroke="#fff" stroke-opacity=".25" stroke-width="5" fill="none"/>'
        f"{_skull(bone)}"
    )  # fmt: skip


def _spikes() -> str:
    places = (
        (196, 124, -8), (216, 138, -16), (234, 162, -30), (250, 188, -34), (272, 214, -24), (300, 228, -10),
        (470, 264, 20), (500, 284, 26), (528, 304, 22), (558, 316, 8), (590, 318, -10), (618, 304, -34),
    )  # fmt: skip
    return "".join(
        f"M{x - 11} {y + 7}L{x + 6 + lean * 0.1:.0f} {y - 21}L{x + 13} {y + 10}Z"
        for x, y, lean in places
    )


def _belly(bone: str) -> str:
    band = "M190 204C214 222 232 264 250 302C270 342 310 370 360 376C384 378 410 374 430 366C380 362 320 340 294 290C276 252 250 204 214 182Z"
    plates = "".join(
        f"M{200 + 12 * k} {212 + 21 * k - max(0, k - 5) * 8}l{22 + k} {-10 - k}" for k in range(9)
    )
    return f'<path d="{band}" fill="url(#dp)"/><path d="{plates}" stroke="{bone}" stroke-opacity=".45" stroke-width="3"/>'


def _skull(bone: str) -> str:
    return (
        '<path d="M182 130C206 98 240 86 272 92C246 104 226 124 214 146Z" fill="#e6d9bd"/><path d="M168 126C180 98 206 80 234 76C214 92 202 112 196 132Z" fill="#b8a98a"/><path d="M196 150C216 150 236 160 250 178C230 174 210 176 192 182Z" fill="url(#dw)"/>'
        f'<path d="M132 148C140 136 156 134 166 142C158 154 144 158 132 148Z" fill="#ffd84a"/><path d="M149 138V152" stroke="#120c08" stroke-width="4.5"/><path d="M124 142C138 126 158 126 174 138" stroke="{bone}" stroke-width="6" fill="none" stroke-linecap="round"/><path d="M82 160C84 154 92 154 94 158" stroke="#120c08" stroke-width="4" fill="none"/>'
        '<path d="M90 180L94 190L100 182ZM108 183L112 193L118 184ZM98 200L102 190L108 202Z" fill="#fff8e6"/>'
    )


def _fire() -> str:
    return (
        '<defs><linearGradient id="br" x1="1" x2="0"><stop stop-color="#fff6b0"/><stop offset=".4" stop-color="#ffb02e"/><stop offset="1" stop-color="#e8401a" stop-opacity=".2"/></linearGradient></defs>'
        '<path d="M92 186C60 170 40 196 8 178C20 206 0 226 4 258C30 240 60 262 96 202Z" fill="url(#br)"/>'
    )

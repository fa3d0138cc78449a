"""The light of a scene: what an hour and a weather do to sky, haze and things."""

from dataclasses import dataclass, replace

from safelight.sketch.colours import Colour, luminance, mix, rgb, shifted, times


@dataclass(frozen=True, slots=True)
class Light:
    """Sky colours from zenith to horizon, the sun (or moon), and what they do to everything else.

    `sun_at` is a fraction of the width and a fraction of the sky's height above the horizon. `tint` multiplies the
    colours of lit things; `shade` is the colour of unlit ground. `dark` is 0 in daylight and 1 in deep night;
    `cloud` is the covered share of the sky, 0..1; `direct` how strong the sun is.
    """

    top: Colour
    middle: Colour
    low: Colour
    sun: Colour
    haze: Colour
    tint: Colour
    shade: Colour
    sun_at: tuple[float, float]
    dark: float = 0.0
    cloud: float = 0.35
    cloud_lit: Colour = (1.0, 1.0, 1.0)
    cloud_shade: Colour = (0.7, 0.75, 0.82)
    direct: float = 1.0
    stars: float = 0.0
    moon: bool = False


def _light(colours: str, sun_at: tuple[float, float], cloud_colours: str, **rest: float) -> Light:
    top, middle, low, sun, haze, tint, shade = (rgb(part) for part in colours.split())
    lit, dim = (rgb(part) for part in cloud_colours.split())
    base = Light(top, middle, low, sun, haze, tint, shade, sun_at, cloud_lit=lit, cloud_shade=dim)
    return replace(base, moon=bool(rest.pop("moon", 0)), **rest)


HOURS: dict[str, Light] = {
    "day": _light("#1f66c4 #5a9fe2 #cfe6f4 #fff6dc #c3dcec #fffaf0 #3d5066", (0.72, 0.72), "#ffffff #9fb4cb", cloud=0.46),
    "dawn": _light(
        "#4a6aa8 #a99cc4 #ffd0b0 #ffe2b8 #e8c3b8 #ffe6d8 #4d4a63", (0.3, 0.1), "#ffd9c9 #9287ad", cloud=0.4
    ),
    "golden": _light(
        "#3a6aa8 #c6a79a #ffcf86 #ffe0a0 #f2c493 #ffdcae #5c4338", (0.7, 0.17), "#ffe3b3 #a5807f", cloud=0.42
    ),
    "sunset": _light(
        "#2c3a74 #a5527f #ff9a52 #ffd479 #e58a63 #ffc39a #46304a", (0.64, 0.09), "#ff9f6b #6a3f6b", cloud=0.5
    ),
    "dusk": _light(
        "#141f4b #4a4584 #d98a8f #ffc9a8 #8d6d90 #b9a6cf #262649", (0.35, 0.03), "#b27797 #3a3464", dark=0.5, stars=0.3
    ),
    "night": _light(
        "#050b20 #0e1e44 #2b4673 #eaf1ff #24395f #95a6d8 #0b1226", (0.7, 0.7), "#4b618f #131f3e",
        dark=1.0, stars=1.0, moon=1, cloud=0.22, direct=0.4,
    ),
}  # fmt: skip


def _overcast(light: Light) -> Light:
    grey = times(
        (0.80, 0.84, 0.89), 0.35 + 0.65 * luminance(light.low) if light.dark < 0.9 else 0.3
    )
    return replace(
        light, top=mix(light.top, times(grey, 0.72), 0.75), middle=mix(light.middle, times(grey, 0.9), 0.75),
        low=mix(light.low, grey, 0.65), haze=mix(light.haze, grey, 0.7), tint=mix(light.tint, (0.85, 0.89, 0.95), 0.6),
        cloud=0.85, cloud_lit=mix(light.cloud_lit, grey, 0.6), cloud_shade=mix(light.cloud_shade, times(grey, 0.55), 0.6),
        direct=0.25, stars=light.stars * 0.2,
    )  # fmt: skip


def _storm(light: Light) -> Light:
    cold = _overcast(light)
    deep = (0.16, 0.19, 0.27)
    return replace(
        cold, top=mix(cold.top, times(deep, 0.6), 0.8), middle=mix(cold.middle, deep, 0.7),
        low=mix(cold.low, (0.45, 0.48, 0.5), 0.6), haze=mix(cold.haze, (0.32, 0.36, 0.42), 0.7),
        tint=times(cold.tint, (0.66, 0.7, 0.78)), cloud=1.0, cloud_lit=(0.5, 0.53, 0.58), cloud_shade=(0.12, 0.14, 0.2),
        direct=0.1, dark=max(0.45, light.dark), stars=0.0,
    )  # fmt: skip


def _fog(light: Light) -> Light:
    veil = mix(light.haze, light.low, 0.5)
    pale = mix(veil, (0.86, 0.88, 0.9), 0.5 * (1 - light.dark))
    return replace(
        light, top=mix(light.top, pale, 0.75), middle=mix(light.middle, pale, 0.85), low=mix(light.low, pale, 0.8),
        haze=pale, cloud=0.3, direct=0.35 * light.direct, tint=mix(light.tint, (0.9, 0.92, 0.94), 0.4),
        stars=light.stars * 0.1,
    )  # fmt: skip


def _snow(light: Light) -> Light:
    soft = _overcast(light)
    return replace(
        soft, cloud=0.6, low=mix(soft.low, (0.93, 0.95, 0.98), 0.35 * (1 - light.dark)), direct=0.4
    )


def _clear(light: Light) -> Light:
    return replace(light, cloud=min(light.cloud, 0.12))


WEATHERS = {
    "cloudy": _overcast,
    "rain": _overcast,
    "storm": _storm,
    "snow": _snow,
    "fog": _fog,
    "clear": _clear,
}


def light_of(hour: str, weather: str) -> Light:
    """Return the light of an hour (a key of HOURS) under a weather (a key of WEATHERS, or anything for fair)."""
    change = WEATHERS.get(weather)
    base = HOURS.get(hour, HOURS["day"])
    return base if change is None else change(base)


def toward(light: Light, palette: tuple[Colour, ...]) -> Light:
    """Lean a light toward a palette: its colours go, in turn, to the zenith, the horizon and the clouds."""
    if not palette:
        return light
    first, second, third = (palette[k % len(palette)] for k in range(3))
    scale = 0.5 + 0.5 * (1 - light.dark)
    return replace(
        light, top=mix(light.top, times(first, scale), 0.6), middle=mix(light.middle, times(mix(first, second, 0.5), scale), 0.5),
        low=mix(light.low, shifted(second, light=1.25), 0.5), haze=mix(light.haze, times(second, scale), 0.35),
        tint=mix(light.tint, second, 0.12), cloud_lit=mix(light.cloud_lit, shifted(third, light=1.3), 0.5),
        cloud_shade=mix(light.cloud_shade, times(third, 0.5), 0.4),
    )  # fmt: skip

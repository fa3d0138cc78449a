"""Water: seas in perspective with waves, glitter and foam; calm lakes that mirror what is above them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from safelight.sketch.colours import Colour, mix, rgb, times
from safelight.sketch.fields import Field, blend, resized, sample, smooth, tile
from safelight.sketch.stage import Stage, plate_of

_EYE, _RIM = 0.16, 0.012  # the height of the eye, and how far below the horizon the sea ends

OCEAN = (rgb("#06355c"), rgb("#1f93a6"))  # the deep and the shallow colour of open sea
LAKE = (rgb("#17404f"), rgb("#3f7f86"))


@dataclass(frozen=True, slots=True)
class Sea:
    """How a water looks: wave height (0 calm to 2 storm), its own colour, and the share of mirroring."""

    waves: float
    deep: Colour
    shallow: Colour
    foam: float = 0.6
    mirror: float = 0.55


@lru_cache(maxsize=4)
def _swell(seed: int) -> tuple[Field, Field, Field]:
    """Return a seamless wind sea: height, slope across and slope along the view (Phillips-like spectrum)."""
    size = 256
    rng = np.random.default_rng(seed)
    along = np.fft.fftfreq(size)[:, None] * size
    across = np.fft.rfftfreq(size)[None, :] * size
    k = np.hypot(along, across)
    k[0, 0] = 1
    wind = (along * 0.93 + across * 0.36) / k
    power = np.exp(-((5.0 / k) ** 2)) / k**3.3 * (0.15 + wind**2)
    power[0, 0] = 0
    spectrum = (rng.standard_normal(k.shape) + 1j * rng.standard_normal(k.shape)) * np.sqrt(power)
    height = np.fft.irfft2(spectrum, (size, size))
    slope_x = np.fft.irfft2(spectrum * 1j * across, (size, size))
    slope_z = np.fft.irfft2(spectrum * 1j * along, (size, size))
    parts = (height / height.std(), slope_x / slope_x.std(), slope_z / slope_z.std())
    return tuple(part.astype(np.float32) for part in parts)  # pyright: ignore[reportReturnType]


def paint_sea(stage: Stage, sea: Sea, *, until: float | None = None) -> None:
    """Paint water from the horizon to row `until` (the bottom when None), mirroring the sky already painted."""
    top = int(stage.horizon)
    bottom = stage.height if until is None else int(until)
    rows, columns = (bottom - top) * 2 // 3, stage.width * 2 // 3
    if rows < 4:
        return
    view = _View(stage, sea, rows, columns, (stage.height - top) / (bottom - top))
    stage.lay(view.plate(), top, bottom)


class _View:
    """One look across the water: every pixel's place on the sea, its slope, and its colour."""

    def __init__(self, stage: Stage, sea: Sea, rows: int, columns: int, extent: float) -> None:
        self.stage, self.sea = stage, sea
        self.down = ((np.arange(rows, dtype=np.float32) + 0.7) / rows / extent)[:, None]
        self.tiles = _swell(int(stage.rng.integers(64)))
        self.shift = stage.rng.random(2).astype(np.float32) * 256
        self.turn = float(stage.rng.uniform(-0.25, 0.25))
        depth = self._depth(columns)
        self.x, self.z = self._place(depth, columns)
        self.far = smooth(self.down, 0.0, 0.30)

    def _place(self, depth: Field, columns: int) -> tuple[Field, Field]:
        """Return the place on the sea, in cells of the swell, of points at `depth` in each column."""
        across = (np.arange(columns, dtype=np.float32) / columns - 0.5)[None, :]
        x = across * (self.stage.width / self.stage.height) * depth * 92
        z = depth * 98
        x, z = x - z * self.turn, z + x * self.turn
        return (x + self.shift[0]).astype(np.float32), (z + self.shift[1]).astype(np.float32)

    def _depth(self, columns: int) -> Field:
        """Return how far away the water seen at each pixel is: near waves rise and hide what is behind them."""
        flat = np.asarray(_EYE / (self.down + np.float32(_RIM)), dtype=np.float32)
        if self.sea.waves < 0.3:
            return np.broadcast_to(flat, (self.down.shape[0], columns))
        few = max(48, columns // 2)
        steps = np.geomspace(_EYE / (_RIM + 1.25), _EYE / (_RIM + 0.002), 340)
        steps = steps.astype(np.float32)[:, None]
        x, z = self._place(steps, few)
        lift = np.float32(0.075 * self.sea.waves) * np.clip(steps * 4, 0.4, 1)
        risen = (_EYE * (1 - lift * self._height(x, z))) / steps - _RIM
        seen = np.minimum.accumulate(risen, axis=0)[::-1]
        wanted, away = self.down[:, 0], steps[::-1, 0]
        found = [np.interp(wanted, seen[:, k], away) for k in range(few)]
        return resized(np.stack(found, axis=1).astype(np.float32), columns, self.down.shape[0])

    def _height(self, x: Field, z: Field) -> Field:
        return (
            sample(self.tiles[0], x * 0.62, z * 0.62)
            + 0.34 * sample(self.tiles[0], x * 1.7 + 40, z * 1.7)
        ).astype(np.float32)

    def plate(self) -> Field:
        """Return the coloured water (rows, columns, 3)."""
        height, across, along = self._slopes()
        reflected = self._mirrored(along, across)
        facing = np.clip(
            0.12 + 0.62 * self.down**0.55 + 0.15 * along * (0.4 + self.far), 0.02, 0.97
        )
        fresnel = np.clip((1 - facing) ** 2.2 * 0.95 + 0.06, 0, 1) * self.sea.mirror / 0.55
        body = self._body(height, along)
        mixed = body + (reflected - body) * np.clip(fresnel, 0, 1)[..., None]
        plate = mixed.astype(np.float32)
        plate = self._glitter(plate, along)
        plate = self._foam(plate, height, along)
        haze = np.asarray(self.stage.light.haze, dtype=np.float32)
        veil = np.exp(-self.down * 16) * 0.6
        return np.clip(plate + (haze - plate) * veil[..., None], 0, 1).astype(np.float32)

    def _slopes(self) -> tuple[Field, Field, Field]:
        """Return the height, and the slopes across and along the view."""
        height = self._height(self.x, self.z)
        _, across, along = (sample(part, self.x * 0.62, self.z * 0.62) for part in self.tiles)
        small_x = sample(self.tiles[1], self.x * 1.7 + 40, self.z * 1.7)
        small_z = sample(self.tiles[2], self.x * 1.7 + 40, self.z * 1.7)
        fine = sample(self.tiles[2], self.x * 5.3, self.z * 5.3 + 77)
        fine = fine + 0.9 * self.far * sample(self.tiles[2], self.x * 13.7 + 9, self.z * 13.7)
        swell = np.float32(0.35 + 0.65 * min(1.5, self.sea.waves))
        self.glints = 0.42 * along + 0.4 * small_z + 0.3 * small_x + 0.5 * fine
        slope_x = swell * (across + 0.5 * small_x)
        slope_z = swell * (0.8 * along + 0.6 * small_z) + 0.36 * fine
        return height, slope_x.astype(np.float32), slope_z.astype(np.float32)

    def _mirrored(self, along: Field, across: Field) -> Field:
        """Look up the painted sky (or bank) mirrored at the horizon, blurred by the slopes."""
        stage = self.stage
        above = stage.image.crop((0, 0, stage.width, max(2, int(stage.horizon))))
        small = plate_of(above.resize((192, 128), Image.Resampling.BOX))[::-1]
        rough = 0.02 + 0.2 * min(1.2, self.sea.waves)
        row = self.down * (stage.height - stage.horizon) / max(stage.horizon, 1)
        row = np.clip(
            row * (1 - 0.45 * min(1, self.sea.waves))
            + rough * (0.35 + np.abs(along) * 0.5 + along * 0.35) * (0.3 + self.far),
            0,
            0.999,
        )
        columns = np.linspace(0, 191, self.x.shape[1], dtype=np.float32)[None, :] + across * (
            1.2 + 2 * self.far
        )
        picked = small[(row * 127).astype(np.int32), np.clip(columns, 0, 191).astype(np.int32)]
        return np.asarray(picked, dtype=np.float32) * np.float32(0.94)

    def _body(self, height: Field, along: Field) -> Field:
        light = self.stage.light
        dim = 0.2 + 0.8 * (1 - light.dark)
        deep, shallow = (
            times(times(self.sea.deep, light.tint), dim),
            times(times(self.sea.shallow, light.tint), dim),
        )
        clear = np.clip(0.32 + 0.2 * height * self.far + 0.17 * along, 0, 1)
        ground = np.broadcast_to(np.asarray(deep, dtype=np.float32), (*height.shape, 3))
        return blend(ground, shallow, clear)

    def _glitter(self, plate: Field, along: Field) -> Field:
        light, stage = self.stage.light, self.stage
        if light.direct < 0.2:
            return plate
        columns = np.linspace(0, 1, plate.shape[1], dtype=np.float32)[None, :]
        low = light.sun_at[1] < 0.4 or light.moon
        spread = (0.035 + 0.20 * self.down) if low else (0.12 + 0.45 * self.down)
        off = (columns - light.sun_at[0]) * stage.width / stage.height / spread
        path = np.exp(-(off**2))
        sparkle = smooth(self.glints + 0.9 * path - 0.55 * self.far, 1.05, 2.3) * path
        soft = (
            path
            * np.clip(0.5 + 0.28 * along, 0, 1)
            * (0.42 if low else 0.10)
            * np.exp(-self.down * 1.6)
        )
        gain = np.float32(1.0 if low else 0.75) * min(1.0, light.direct + 0.25)
        shine = plate + ((sparkle * gain * 1.15) + soft)[..., None] * np.asarray(
            mix(light.sun, (1, 1, 1), 0.25), dtype=np.float32
        )
        return shine.astype(np.float32)

    def _foam(self, plate: Field, height: Field, along: Field) -> Field:
        """Lay white on the crests, torn into lace, and thin nets of old foam on the water between."""
        if self.sea.foam <= 0:
            return plate
        lace = sample(tile(self.stage.rng, 256, 1.15), self.x * 6.1, self.z * 4.2)
        net = sample(tile(self.stage.rng, 128, 1.6), self.x * 3.3 + 0.5 * lace, self.z * 2.1)
        rough = self.sea.waves * (0.6 + 0.4 * self.sea.foam)
        level = 2.45 - 0.8 * min(rough, 1.6)
        crest = smooth(height + 0.16 * along, level, level + 0.9)
        white = np.sqrt(crest) * smooth(lace + 0.9 * crest - 0.5 * np.abs(net), 0.1, 1.7)
        old = smooth(height, 0.1, 1.4) * (1 - smooth(np.abs(net), 0.0, 0.16)) * self.far
        cover = np.clip(white * 0.95 + 0.24 * rough * old * smooth(lace, -0.6, 0.9), 0, 0.95)
        tone = times(mix((1, 1, 1), self.stage.light.tint, 0.7), 1 - 0.65 * self.stage.light.dark)
        return blend(plate, tone, cover * (0.3 + 0.7 * self.far))

"""Scenes of open water."""

from safelight.sketch.colours import rgb
from safelight.sketch.skies import paint_sky
from safelight.sketch.stage import Ground, Stage
from safelight.sketch.water import Sea, paint_sea


def ocean(stage: Stage) -> None:
    """Open sea to the horizon."""
    stage.horizon = stage.height * 0.44
    rough = {"storm": 1.7, "rain": 1.2, "wind": 1.3, "fog": 0.6, "clear": 0.8}.get(stage.brief.weather, 1.0)
    paint_sky(stage)
    paint_sea(stage, Sea(rough, rgb("#06355c"), rgb("#1f93a6"), foam=0.5 + 0.3 * rough))
    stage.ground = Ground("water", stage.horizon + 0.05 * stage.height, stage.height * 0.8, 0.27)

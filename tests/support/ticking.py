"""A clock that goes when somebody waits for it, so that minutes pass at once."""

import asyncio


class Clock:
    """Seconds; `sleep` moves it on, and lets others run."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """What time it is."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        self.slept.append(round(seconds, 6))
        self.now += seconds
        await asyncio.sleep(0)

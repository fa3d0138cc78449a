"""safelight/echo."""

import cog

from safelight.catalog.rehearsal import rehearse

_PROMPT = "The text to give back"


class Echo(cog.BaseRunner):
    """Gives back its prompt: what benches and load tests run."""

    @cog.concurrent(max=5000)
    async def run(self, prompt: str = cog.Input(description=_PROMPT)) -> str:
        """No work at all."""
        return prompt


class RehearsedEcho(cog.BaseRunner):
    """The same in test mode, where a prompt may ask for faults."""

    @cog.concurrent(max=5000)
    async def run(self, prompt: str = cog.Input(description=_PROMPT)) -> str:
        """Obey the directives; give back the rest."""
        return await rehearse(prompt)

"""JavaScript's official client, 1.4.0: trainings."""

import uuid
from typing import Any

from tests.clients.conftest import Run
from tests.clients.trainable import client_environment, server

__all__ = ["client_environment", "server"]

STYLE = """
const { latest_version: { id: version } } = await replicate.models.get("tests", "style");
const options = { visibility: "private", hardware: "cpu" };
const mine = await replicate.models.create("safelight", NAME, options);
const create = (style, destination = `safelight/${mine.name}`) =>
  replicate.trainings.create("tests", "style", version, { destination, input: { style } });
"""


def _named() -> str:
    return f'const NAME = "mine-{uuid.uuid4().hex[:8]}";{STYLE}'


def test_a_training_leaves_a_version_that_can_be_run(js: Run) -> None:
    """Its weights are those that were trained."""
    told: Any = js(f"""{_named()}
        const made = await create("loud");
        let got = made;
        while (["starting", "processing"].includes(got.status)) {{
          await new Promise((resolve) => setTimeout(resolve, 50));
          got = await replicate.trainings.get(made.id);
        }}
        const weights = await (await fetch(got.output.weights)).text();
        const said = await replicate.run(got.output.version, {{ input: {{ prompt: "hello" }} }});
        tell([got.status, got.model, weights, said]);
    """)
    assert told == ["succeeded", "tests/style", "loud", "hello (loud)"]


def test_a_training_is_read_listed_and_canceled(js: Run) -> None:
    """Its destination has to exist."""
    told: Any = js(f"""{_named()}
        const made = await create("never");
        const got = await replicate.trainings.get(made.id);
        const listed = [];
        for await (const page of replicate.paginate(replicate.trainings.list))
          listed.push(...page.map((one) => one.id));
        const canceled = await replicate.trainings.cancel(made.id);
        const lost = await refused(() => create("a", "safelight/nope"));
        const missing = await refused(() => replicate.trainings.get("nope"));
        tell([made, got, listed.includes(made.id), canceled, lost, missing[0]]);
    """)
    made, got, is_listed, canceled, lost, missing = told
    assert got["id"] == canceled["id"] == made["id"]
    assert is_listed
    assert canceled["status"] == "canceled"
    assert lost[0] == missing == 404
    assert "training destination does not exist" in lost[1]

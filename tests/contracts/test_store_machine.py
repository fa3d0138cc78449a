"""Any order of moves, by anyone, in two processes: every store beside a plain model of it."""

import asyncio
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from tests.contracts.stores import EVERYTHING, HOOK, STORES, OpenStore
from tests.support.making import NOW, SOON, made

from safelight.errors import StaleWrite
from safelight.prediction import Prediction, Status
from safelight.store import Claim, Claimed, Room, Store
from safelight.webhook import Event

T = TypeVar("T")

MODELS = ("a/a", "b/b")
OWNERS = st.sampled_from(["w1", "w2"])
STORE = st.integers(0, 1)
"""Which of the two processes asks."""


@dataclass
class Row:
    """What the model knows of a prediction."""

    prediction: Prediction
    claim: Claim | None = None
    fence: int = 0
    lease_until: datetime | None = None
    owed: list[Event] = field(default_factory=list[Event])
    history: list[Prediction] = field(default_factory=list[Prediction])
    """What it was before its end."""

    def __post_init__(self) -> None:
        self.history.append(self.prediction)

    def has_lapsed(self, now: datetime) -> bool:
        return self.lease_until is not None and self.lease_until <= now

    def take(self, owner: str, until: datetime) -> Claimed:
        self.fence += 1
        self.claim, self.lease_until = Claim(owner, self.fence), until
        return Claimed(self.prediction, self.claim)

    def let_go(self) -> None:
        self.claim = self.lease_until = None


def events_of(before: Prediction, after: Prediction) -> list[Event]:
    if after.status.is_terminal:
        return [Event.COMPLETED]
    if before.status is Status.STARTING:
        return [Event.START]
    news = {Event.OUTPUT: before.output != after.output, Event.LOGS: before.logs != after.logs}
    return [event for event, is_new in news.items() if is_new]


class StoreMachine(RuleBasedStateMachine):
    """Asks the store and the model the same, and compares after each step."""

    open_store: OpenStore
    held = Bundle("held")
    """Claims that somebody has, or believes to have."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.rows: dict[str, Row] = {}
        self.now = NOW

    @initialize()
    def open(self) -> None:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.stores = [self.run(type(self).open_store(folder)) for _ in range(2)]
        for store in self.stores:
            self.stack.push_async_callback(store.close)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)

    @rule(model=st.sampled_from(MODELS), store=STORE, has_deadline=st.booleans())
    def insert(self, model: str, store: int, has_deadline: bool) -> None:
        self.now += timedelta(microseconds=1)
        prediction = made(
            model=model,
            created_at=self.now,
            webhook=HOOK,
            webhook_events=EVERYTHING,
            deadline=self.now + SOON / 2 if has_deadline else None,
        )
        self.run(self.stores[store].insert(prediction))
        self.rows[prediction.id] = Row(prediction)

    @rule(seconds=st.sampled_from([1, 9, 21]))
    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(
        target=held,
        owner=OWNERS,
        store=STORE,
        total=st.integers(0, 4),
        room_of_one=st.integers(0, 2),
        starts=st.booleans(),
    )
    def claim(self, owner: str, store: int, total: int, room_of_one: int, starts: bool) -> Any:
        """Take waiting rows; a worker starts them next, unless it dies before."""
        room = Room(total, dict(zip(MODELS, (room_of_one, 2), strict=True)))
        until = self.now + SOON
        taken = self.run(self.stores[store].claim(owner, room, self.now, until))
        expected: list[Claimed] = []
        left = dict(room.queues)
        for row in self.waiting():
            model = row.prediction.model
            if left[model] > 0 and len(expected) < total:
                left[model] -= 1
                expected.append(row.take(owner, until))
        assert in_order(taken) == in_order(expected)
        for claimed in taken if starts else ():
            self.move(claimed.prediction.id, self.stores[store], "start", claimed.claim)
        return multiple(*taken)

    def waiting(self) -> list[Row]:
        """What a claim may take, oldest first."""
        waiting = [
            row
            for row in self.rows.values()
            if row.prediction.status is Status.STARTING and row.claim is None
        ]
        return sorted(waiting, key=lambda row: row.prediction.created_at)

    @rule(target=held, owner=OWNERS, store=STORE)
    def take_orphans(self, owner: str, store: int) -> Any:
        return multiple(*self.orphans_of(owner, store))

    @rule(
        claimed=held, store=STORE, move=st.sampled_from(["start", "log", "produce", "end", "fail"])
    )
    def save_as_holder(self, claimed: Claimed, store: int, move: str) -> None:
        """By the holder or by one who only believes to be it."""
        self.move(claimed.prediction.id, self.stores[store], move, claimed.claim)

    @rule(data=st.data(), store=STORE, has_claim=st.booleans())
    def save_from_the_past(self, data: st.DataObject, store: int, has_claim: bool) -> None:
        """By somebody who saw the row at any time before, with or without the live claim."""
        if self.rows:
            row = self.rows[data.draw(st.sampled_from(sorted(self.rows)))]
            seen = data.draw(st.sampled_from(row.history))
            moved = (
                seen.start(self.now) if seen.status is Status.STARTING else seen.cancel(self.now)
            )
            claim = row.claim if has_claim else None
            self.save(moved, seen.status, self.stores[store], claim)

    @rule(data=st.data(), store=STORE)
    def cancel(self, data: st.DataObject, store: int) -> None:
        """By the caller, who holds no claim."""
        if self.rows:
            name = data.draw(st.sampled_from(sorted(self.rows)))
            self.move(name, self.stores[store], "cancel", None)

    @rule(store=STORE)
    def abort_overdue(self, store: int) -> None:
        late = self.run(self.stores[store].overdue(self.now))
        expected = {
            name
            for name, row in self.rows.items()
            if row.prediction.status is Status.STARTING
            and row.prediction.deadline is not None
            and row.prediction.deadline <= self.now
        }
        assert {prediction.id for prediction in late} == expected
        for prediction in late:
            self.save(prediction.abort(self.now), Status.STARTING, self.stores[store], None)

    @rule(claimed=held, store=STORE)
    def renew(self, claimed: Claimed, store: int) -> None:
        name, until = claimed.prediction.id, self.now + SOON
        kept = self.run(self.stores[store].renew({name: claimed.claim}, until))
        row = self.rows[name]
        assert kept == ({name} if row.claim == claimed.claim else frozenset())
        if kept:
            row.lease_until = until

    @rule(target=held, owner=OWNERS, heir=OWNERS, store=STORE)
    def release(self, owner: str, heir: str, store: int) -> Any:
        """One worker lets go of everything, and one, maybe itself, takes over what ran."""
        self.run(self.stores[store].release(owner))
        for row in self.rows.values():
            if row.claim is not None and row.claim.owner == owner:
                row.lease_until = NOW - SOON
        return multiple(*self.orphans_of(heir, store))

    def orphans_of(self, owner: str, store: int) -> Sequence[Claimed]:
        """What *owner* takes over, the same in the store and in the model."""
        until = self.now + SOON
        taken = self.run(self.stores[store].orphans(owner, self.now, until))
        expected: list[Claimed] = []
        for row in self.rows.values():
            if row.has_lapsed(self.now) and row.prediction.status is Status.PROCESSING:
                expected.append(row.take(owner, until))
            elif row.has_lapsed(self.now):
                row.let_go()
        assert in_order(taken) == in_order(expected)
        return taken

    def move(self, name: str, store: Store, move: str, claim: Claim | None) -> None:
        """Make a move of the row as it is, where the lifecycle has such a move."""
        now = self.rows[name].prediction
        waits, runs = now.status is Status.STARTING, now.status is Status.PROCESSING
        if move == "start" and waits:
            self.save(now.start(self.now), now.status, store, claim)
        elif move == "log" and runs:
            self.save(now.log("x"), now.status, store, claim)
        elif move == "produce" and runs:
            self.save(now.produce(["x"], ()), now.status, store, claim)
        elif move == "end" and runs:
            self.save(now.succeed(self.now), now.status, store, claim)
        elif move == "fail" and (waits or runs):
            self.save(now.fail(self.now, "x"), now.status, store, claim)
        elif move == "cancel" and (waits or runs):
            self.save(now.cancel(self.now), now.status, store, claim)

    def save(self, after: Prediction, was: Status, store: Store, claim: Claim | None) -> None:
        row = self.rows[after.id]
        is_allowed = row.prediction.status is was and claim in (None, row.claim)
        if not is_allowed:
            with pytest.raises(StaleWrite):
                self.run(store.save(after, was, claim))
            return
        self.run(store.save(after, was, claim))
        assert not row.prediction.status.is_terminal
        news = events_of(row.prediction, after)
        row.prediction = after
        row.owed = [old for old in row.owed if old not in news] + news
        if after.status.is_terminal:
            row.let_go()
        else:
            row.history.append(after)

    @invariant()
    def store_and_model_agree(self) -> None:
        for name, row in self.rows.items():
            for store in self.stores:
                assert self.run(store.get(name, "me")) == row.prediction
            owed = self.run(self.stores[0].outbox.of_prediction(name))
            assert [delivery.event for delivery in owed] == row.owed
            assert row.owed.count(Event.COMPLETED) == row.prediction.status.is_terminal
            assert row.owed.count(Event.START) <= 1

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()


def in_order(claims: Any) -> list[tuple[str, Claim, Prediction]]:
    return sorted(
        ((c.prediction.id, c.claim, c.prediction) for c in claims), key=lambda facts: facts[0]
    )


@pytest.mark.parametrize("open_store", STORES.values(), ids=STORES)
def test_no_order_of_moves_parts_the_store_from_its_model(open_store: OpenStore) -> None:
    """Nothing ends twice, one claim is live, fences rise, ends stay, deliveries are the moves'."""
    machine = type("Machine", (StoreMachine,), {"open_store": staticmethod(open_store)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

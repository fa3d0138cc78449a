"""Limits are set, and usage is read, on the database itself."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from safelight.cli import main
from safelight.ledger import LedgerEntry, Settlement, State
from safelight.prediction import Prediction, Status
from safelight.store import Room
from safelight.stores.sqlite import SqliteStore

Call = Callable[..., Result]
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def safelight(home: Path) -> Call:
    def call(*arguments: str) -> Result:
        environment = {"SAFELIGHT_HOME": str(home), "COLUMNS": "200"}
        return CliRunner().invoke(main, arguments, env=environment)

    return call


def spend(home: Path, dollars: str) -> None:
    """A paid attempt of the account `safelight`."""

    async def write() -> None:
        now = datetime.now(UTC)
        store = SqliteStore(home / "safelight.db")
        facts = {"account": "safelight", "token": "t1", "model": "openai/gpt-image-2"}
        waiting = Prediction(id="p1", version="v" * 64, created_at=now, **facts)
        await store.insert(waiting)
        (claimed,) = await store.claim("w", Room(1, {}, others=1), now)
        await store.save(claimed.prediction.start(now), Status.STARTING, claimed.claim)
        entry = LedgerEntry(prediction="p1", upstream="openai:gpt-image-2", created_at=now, **facts)
        number = await store.ledger.open(entry, claimed.claim.owner, claimed.claim.fence)
        paid = Settlement(state=State.PAID, cost=Decimal(dollars), pictures=2)
        await store.ledger.settle("p1", number, paid, now)
        await store.close()

    asyncio.run(write())


def test_usage_is_shown_with_its_sum_and_the_limits(safelight: Call, home: Path) -> None:
    """Day by day, unless something else is asked."""
    limited = safelight("accounts", "limit", "safelight", "10.00", "--per", "day")
    assert limited.exit_code == 0, limited.output
    assert "Account safelight may spend $10.00 a day." in limited.stdout
    spend(home, "0.0445")
    shown = safelight("usage")
    assert shown.exit_code == 0, shown.output
    assert TODAY in shown.stdout
    assert "0.0445" in shown.stdout
    assert "total" in shown.stdout
    assert "Account safelight may spend $10.00 a day: $0.0445 is spent" in shown.stdout
    assert "openai/gpt-image-2" in safelight("usage", "--by", "model").stdout


def test_usage_is_written_as_a_table(safelight: Call, home: Path) -> None:
    """For other programs: nothing but the table, to the last digit."""
    assert safelight("accounts", "list").exit_code == 0
    spend(home, "0.044523")
    head, row = safelight("usage", "--csv", "--by", "token").stdout.splitlines()
    assert head.startswith("token,paid,free,unknown,pending,pictures")
    assert row.startswith("t1,1,0,0,0,2,0,0,0.044523000")


def test_usage_of_one_account_leaves_out_the_others(safelight: Call, home: Path) -> None:
    """And one that is not there is no account without usage."""
    assert safelight("accounts", "create", "ann").exit_code == 0
    spend(home, "1")
    assert TODAY not in safelight("usage", "--account", "ann").stdout
    assert TODAY in safelight("usage", "--account", "safelight").stdout
    missing = safelight("usage", "--account", "nobody")
    assert missing.exit_code == 1
    assert "There is no account named nobody." in missing.stderr


def test_usage_of_no_days_is_refused(safelight: Call) -> None:
    """The ends are the wrong way round."""
    refused = safelight("usage", "--from", "2026-02-02", "--to", "2026-02-01")
    assert refused.exit_code == 2
    assert "--from must not be later than --to" in refused.stderr


def test_a_token_is_limited_and_freed(safelight: Call) -> None:
    """By the month, unless something else is said."""
    assert safelight("tokens", "create", "--name", "ci").exit_code == 0
    token = next(
        line.split()[0]
        for line in safelight("tokens", "list").stdout.splitlines()
        if " ci " in line
    )
    limited = safelight("tokens", "limit", token, "2.50")
    assert limited.exit_code == 0, limited.output
    assert f"Token {token} may spend $2.50 a month." in limited.stdout
    assert f"Token {token} may spend $2.50 a month: $0.0000 is spent" in safelight("usage").stdout
    assert safelight("tokens", "limit", token, "none").exit_code == 0
    assert token not in safelight("usage").stdout


@pytest.mark.parametrize("amount", ["ten", "-1", "1e9", "", "1/day"])
def test_what_is_no_amount_limits_nothing(safelight: Call, amount: str) -> None:
    """It is refused before anything is written."""
    refused = safelight("accounts", "limit", "safelight", "--", amount)
    assert refused.exit_code == 2
    assert "write dollars" in refused.stderr


@pytest.mark.parametrize("what", [("tokens", "limit", "t9", "1"), ("accounts", "limit", "x", "1")])
def test_what_is_not_there_cannot_be_limited(safelight: Call, what: tuple[str, ...]) -> None:
    """A limit for a misspelt name would bind nobody."""
    refused = safelight(*what)
    assert refused.exit_code == 1
    assert "there is no" in refused.stderr.lower()

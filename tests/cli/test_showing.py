"""Tables fit the terminal, and never cut what is to be copied."""

import pytest

from safelight.cli.showing import print_table, table

NAME, URL = "msg_e07009817295fcb9ebf2da4a", "https://pictures.example/hooks/7"


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of a table with a name that may not fold, one that is empty, and a URL."""
    rows = table("ID", "Error", "URL")
    rows.columns[0].no_wrap = True
    for _ in range(2):
        rows.add_row(NAME, "", URL)
    print_table(rows)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("columns", [None, "80"])
def test_a_table_that_fits_is_one(
    columns: str | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever reads it without a terminal gets each row on one line."""
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    lines = printed(capsys)
    assert lines[0].split() == ["ID", "Error", "URL"]
    assert [line.split() for line in lines[2:]] == [[NAME, URL]] * 2


def test_a_long_text_folds_while_it_can_be_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name stays whole."""
    monkeypatch.setenv("COLUMNS", "60")
    lines = printed(capsys)
    assert lines[2].startswith(NAME)
    assert URL not in lines[2]


def test_a_terminal_too_narrow_gets_a_block_for_each_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is cut, and what is empty is left out."""
    monkeypatch.setenv("COLUMNS", "40")
    block = [f"ID:    {NAME}", f"URL:   {URL}", ""]
    assert printed(capsys) == block * 2

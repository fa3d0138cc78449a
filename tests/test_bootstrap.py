"""The first start: private files, made once, the same for all who ask."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from safelight.bootstrap import Home, prepare_home, write_private
from safelight.settings import InvalidSetting, Settings, read_settings

LIVE, TEST = "r8_" + "a" * 37, "r8_test_" + "b" * 32


def settings_in(home: Path, **variables: str) -> Settings:
    return read_settings({"SAFELIGHT_HOME": str(home), **variables}, home.parent)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_makes_private_files(tmp_path: Path) -> None:
    """Only the owner can read HOME, the tokens and the key."""
    home = tmp_path / "deep" / "home"
    made = prepare_home(settings_in(home))
    assert mode(home) == 0o700
    assert mode(home / "tokens.json") == mode(home / "key") == 0o600
    assert made.live_token.startswith("r8_")
    assert made.test_token.startswith("r8_test_")
    assert len(made.live_token) == len(made.test_token) == 40
    assert len(made.key) == 32
    assert {path.name for path in home.iterdir()} == {"tokens.json", "key"}


def test_later_starts_find_what_the_first_made(tmp_path: Path) -> None:
    """Tokens and key last."""
    settings = settings_in(tmp_path / "home")
    assert prepare_home(settings) == prepare_home(settings)


def test_many_at_once_agree(tmp_path: Path) -> None:
    """Whoever comes first makes the tokens; the others take those."""
    settings = settings_in(tmp_path / "home")
    with ThreadPoolExecutor(16) as pool:
        made: set[Home] = set(pool.map(prepare_home, [settings] * 64))
    assert len(made) == 1


def test_tokens_that_are_set_are_used_and_not_written(tmp_path: Path) -> None:
    """A token from the environment stays there."""
    home = tmp_path / "home"
    made = prepare_home(settings_in(home, SAFELIGHT_API_TOKEN=LIVE, SAFELIGHT_TEST_API_TOKEN=TEST))
    assert (made.live_token, made.test_token) == (LIVE, TEST)
    assert not (home / "tokens.json").exists()


def test_one_token_that_is_set_leaves_the_other_to_be_made(tmp_path: Path) -> None:
    """Each of the two can be given alone."""
    home = tmp_path / "home"
    made = prepare_home(settings_in(home, SAFELIGHT_API_TOKEN=LIVE))
    assert made.live_token == LIVE
    assert made.test_token == json.loads((home / "tokens.json").read_bytes())["test"]
    assert LIVE not in (home / "tokens.json").read_text()


@pytest.mark.parametrize(
    "variables", [{"SAFELIGHT_API_TOKEN": TEST}, {"SAFELIGHT_TEST_API_TOKEN": LIVE}]
)
def test_a_token_of_the_wrong_mode_is_refused(variables: dict[str, str], tmp_path: Path) -> None:
    """A live token where tests look for theirs would spend money."""
    with pytest.raises(InvalidSetting, match=next(iter(variables))):
        prepare_home(settings_in(tmp_path / "home", **variables))


@pytest.mark.parametrize("name", ["tokens.json", "key"])
def test_a_damaged_file_is_named_and_left_alone(name: str, tmp_path: Path) -> None:
    """Nothing is made anew over what may yet be restored."""
    home = tmp_path / "home"
    prepare_home(settings_in(home))
    (home / name).write_bytes(b"damaged")
    with pytest.raises(InvalidSetting, match=name):
        prepare_home(settings_in(home))
    assert (home / name).read_bytes() == b"damaged"


def test_a_home_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    """The message names the setting and the reason."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidSetting, match=r"SAFELIGHT_HOME=.*cannot be used"):
        prepare_home(settings_in(tmp_path / "file" / "home"))


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    """The new one is private though the old one was not, and nothing else is left."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]

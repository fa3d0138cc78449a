"""The settings: read once, from the environment, else from a file, else by default."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from safelight.settings import SETTINGS, InvalidSetting, Settings, read_settings


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    """An empty environment and no file give a server on this machine alone."""
    settings = read_settings({"HOME": "/home/ann"}, tmp_path)
    assert (settings.host, settings.port, settings.tls_port) == ("127.0.0.1", 8484, 8443)
    assert settings.api_token is None
    assert settings.home.is_absolute()
    assert settings.database == settings.home / "safelight.db"


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    """What is set for this one start beats what is written down."""
    (tmp_path / "safelight.toml").write_text('port = 9000\nhost = "0.0.0.0"\nshow_aborted = true\n')
    settings = read_settings({"SAFELIGHT_PORT": "9001"}, tmp_path)
    assert settings.port == 9001
    assert settings.host == "0.0.0.0"
    assert settings.show_aborted


def test_home_is_made_absolute_and_the_tilde_is_expanded(tmp_path: Path) -> None:
    """HOME does not move when the process changes its directory."""
    settings = read_settings({"SAFELIGHT_HOME": "~/pictures"}, tmp_path)
    assert settings.home == Path.home() / "pictures"
    assert read_settings({"SAFELIGHT_HOME": "here"}, tmp_path).home.is_absolute()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("1.5s", 1.5), ("250ms", 0.25), ("2m", 120), ("1h", 3600), ("7d", 604800)],
)
def test_durations_are_read_with_their_unit(text: str, expected: float, tmp_path: Path) -> None:
    """Every unit that the message names is understood."""
    settings = read_settings({"SAFELIGHT_GRACE": text}, tmp_path)
    assert settings.grace == timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("text", "expected"), [("1000", 1000), ("2MB", 2097152), ("3 mb", 3145728)]
)
def test_sizes_are_bytes_or_megabytes(text: str, expected: int, tmp_path: Path) -> None:
    """A number alone is bytes."""
    assert read_settings({"SAFELIGHT_MAX_BODY": text}, tmp_path).max_body == expected


@pytest.mark.parametrize(
    "environment",
    [
        {"SAFELIGHT_PORT": "70000"},
        {"SAFELIGHT_PORT": "http"},
        {"SAFELIGHT_TLS_PORT": "-1"},
        {"SAFELIGHT_GRACE": "soon"},
        {"SAFELIGHT_MAX_BODY": "1GB"},
        {"SAFELIGHT_MAX_RUNNING": "many"},
        {"SAFELIGHT_SHOW_ABORTED": "perhaps"},
        {"SAFELIGHT_API_TOKEN": "secret"},
        {"SAFELIGHT_ACCOUNT": "Ann"},
        {"SAFELIGHT_ACCOUNT": "examples"},
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    """The message says which variable, so that nobody has to search."""
    ((variable, _),) = environment.items()
    with pytest.raises(InvalidSetting, match=variable):
        read_settings(environment, tmp_path)


@pytest.mark.parametrize(
    "origin", ["https://sass.example.com", "http://localhost:3000", "https://[::1]:8443", "*"]
)
def test_an_origin_is_any_scheme_and_host(origin: str, tmp_path: Path) -> None:
    """With a port or without, and with any letter in its name."""
    settings = read_settings({"SAFELIGHT_CORS_ORIGINS": f"{origin}/, {origin}"}, tmp_path)
    assert settings.cors_origins == (origin, origin)


@pytest.mark.parametrize(
    "origin", ["app.example.com", "https://a b", "https://a\\b", "https://*.a.com", "https://u@a"]
)
def test_what_is_no_origin_is_refused(origin: str, tmp_path: Path) -> None:
    """It would never match what a browser says."""
    with pytest.raises(InvalidSetting, match="CORS_ORIGINS"):
        read_settings({"SAFELIGHT_CORS_ORIGINS": origin}, tmp_path)


def test_a_file_with_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    """A misspelt setting must not be passed over in silence."""
    (tmp_path / "safelight.toml").write_text("prot = 9000\n")
    with pytest.raises(InvalidSetting, match="prot"):
        read_settings({}, tmp_path)


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    """The message names the file."""
    (tmp_path / "safelight.toml").write_text("port 9000")
    with pytest.raises(InvalidSetting, match=r"safelight\.toml is not TOML"):
        read_settings({}, tmp_path)


def test_every_row_of_the_table_is_a_field_and_has_help() -> None:
    """The table of settings in the docs is made from these rows."""
    named = {setting.name for setting in SETTINGS}
    assert named | {"environment"} == set(Settings.__dataclass_fields__)
    assert all(setting.help.endswith(".") for setting in SETTINGS)
    assert all(setting.variable == f"SAFELIGHT_{setting.name.upper()}" for setting in SETTINGS)

"""All settings: one frozen value, read once from the environment and `safelight.toml`."""

import os
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from safelight.account import check_username
from safelight.ledger import SpendLimit, parse_limit
from safelight.limits import Rates, parse_rates
from safelight.log_lines import FORMATS
from safelight.price import Prices, parse_prices
from safelight.throttle import Limits, parse_limits

_PREFIX: Final = "SAFELIGHT_"
_MEGABYTE: Final = 1024 * 1024


class InvalidSetting(Exception):
    """A setting that cannot be used; the message names it and says what would do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator decides."""

    host: str
    port: int
    tls_port: int
    tls_cert: Path | None
    tls_key: Path | None
    home: Path
    public_url: str | None
    api_token: str | None
    test_api_token: str | None
    account: str
    routes: str
    upstream_limits: Limits
    prices: Prices
    spend_limit: SpendLimit | None
    allow_private_urls: str | None
    max_body: int
    max_file: int
    file_expiry: timedelta | None
    max_running: int
    max_run_time: timedelta
    grace: timedelta
    show_aborted: bool
    log_level: str
    log_format: str
    rate_limits: Rates | None
    cors_origins: tuple[str, ...]
    retention: timedelta | None
    webhook_retry: timedelta
    delivery_log: timedelta
    environment: Mapping[str, str]
    """The process environment, for the providers' own variables."""

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.home / "safelight.db"


@dataclass(frozen=True)
class Setting:
    """One row of the table of settings."""

    name: str
    """The variable without its prefix, in lower case; the key in `safelight.toml`."""
    default: str
    help: str
    read: Callable[[str], Any]

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"SAFELIGHT_{self.name.upper()}"


def _maybe(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text else None


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError("a port is between 0 and 65535")
    return port


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+)\s*(MB)?", text.strip(), re.IGNORECASE)
    if not match:
        raise ValueError("write bytes, or megabytes as in `100MB`")
    return int(match[1]) * (_MEGABYTE if match[2] else 1)


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?", text.strip())
    if not match:
        raise ValueError("write a duration such as `30s`, `30m` or `1h`")
    seconds = {"ms": 0.001, "s": 1, None: 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
    return timedelta(seconds=float(match[1]) * seconds)


def _duration_or_keep(text: str) -> timedelta | None:
    return None if text.strip().lower() == "keep" else _duration(text)


def _boolean(text: str) -> bool:
    if text.lower() not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ValueError("write true or false")
    return text.lower() in {"1", "true", "yes", "on"}


def _level(text: str) -> str:
    if text.lower() not in {"debug", "info", "warning", "error"}:
        raise ValueError("write debug, info, warning or error")
    return text.lower()


def _log_format(text: str) -> str:
    if text.lower() not in FORMATS:
        raise ValueError("write text or json")
    return text.lower()


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[^/\s\\?#@*]+", origin):
            raise ValueError("write origins such as `https://app.example.com`, or `*`")
    return origins


def _token(text: str) -> str:
    if not re.fullmatch(r"r8_[A-Za-z0-9_]{16,200}", text):
        raise ValueError("a token begins with `r8_` (test: `r8_test_`) and is letters and digits")
    return text


def _data_directory() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "safelight"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "safelight"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "safelight"


SETTINGS: Final = (
    Setting("host", "127.0.0.1", "Address to listen on.", str),
    Setting("port", "8484", "Port for plain HTTP.", _port),
    Setting("tls_port", "8443", "Port for HTTPS with the local authority; 0 turns it off.", _port),
    Setting(
        "tls_cert",
        "",
        "Your own certificate chain (PEM) instead of the local authority's.",
        _maybe(Path),
    ),
    Setting("tls_key", "", "The key of that certificate (PEM).", _maybe(Path)),
    Setting(
        "home",
        "",
        "Database, blobs, keys and certificates; by default the platform's data directory.",
        _maybe(Path),
    ),
    Setting("public_url", "", "Origin used in URLs; by default that of each request.", _maybe(str)),
    Setting(
        "api_token", "", "The first live token; by default made on first start.", _maybe(_token)
    ),
    Setting(
        "test_api_token",
        "",
        "The first test token; by default made on first start.",
        _maybe(_token),
    ),
    Setting(
        "account",
        "safelight",
        "Username of the account that the first tokens speak for.",
        check_username,
    ),
    Setting(
        "routes",
        "",
        "Which upstream answers for a model, e.g. `openai/gpt-image-1=openai:gpt-image-2`; "
        "joined by `|` with those to try after it; by default the successors that the providers "
        "name.",
        str,
    ),
    Setting(
        "upstream_limits",
        "",
        "Most calls at once, and in a second, minute or hour, for a provider or `provider:model`, "
        "e.g. `openai=20,5/m;google=150/m`; by default none.",
        parse_limits,
    ),
    Setting(
        "prices",
        "",
        "What upstreams charge, where that is not known here or has changed: dollars a picture, or "
        "a million tokens of text in, pictures in and pictures out, e.g. "
        "`openai:my-model=0.04,openai:gpt-image-2=5/8/30`.",
        parse_prices,
    ),
    Setting(
        "spend_limit",
        "",
        "What each account may spend that has no limit of its own, in dollars, e.g. `10/day`, "
        "`250/month` or `100/ever`; by default anything.",
        _maybe(parse_limit),
    ),
    Setting(
        "allow_private_urls",
        "",
        "Hosts and networks that webhooks and file inputs may reach though private, e.g. "
        "`localhost,10.0.0.0/8`; by default loopback when HOST is loopback.",
        _maybe(str),
    ),
    Setting("max_body", "100MB", "Largest request body.", _size),
    Setting("max_file", "100MB", "Largest file that can be uploaded.", _size),
    Setting(
        "file_expiry",
        "24h",
        "How long an uploaded file is kept; `keep` for ever.",
        _duration_or_keep,
    ),
    Setting("max_running", "10000", "Most predictions running at once.", int),
    Setting("max_run_time", "30m", "After this a running prediction fails.", _duration),
    Setting(
        "grace", "30s", "How long running predictions may finish when the server stops.", _duration
    ),
    Setting(
        "show_aborted",
        "false",
        "Show `aborted`, not `canceled`, for predictions whose deadline struck before they ran.",
        _boolean,
    ),
    Setting("log_level", "warning", "debug, info, warning or error.", _level),
    Setting("log_format", "text", "text, or json for one object a line.", _log_format),
    Setting(
        "rate_limits",
        "off",
        "Requests a minute for each token: off, `replicate` for 600 creates and 3000 others, or "
        "numbers as in `creates=60,others=600`.",
        parse_rates,
    ),
    Setting(
        "cors_origins",
        "",
        "Origins whose pages may call the API from a browser, separated by commas; `*` for all.",
        _origins,
    ),
    Setting(
        "retention",
        "keep",
        "How long after its end a prediction keeps its input, output, logs and files, e.g. `1h`; "
        "`keep` for ever.",
        _duration_or_keep,
    ),
    Setting(
        "webhook_retry",
        "1d",
        "How long a `completed` webhook that fails is sent again; `0s` for one attempt only.",
        _duration,
    ),
    Setting(
        "delivery_log",
        "7d",
        "How long sent webhooks, and how each attempt ended, are remembered.",
        _duration,
    ),
)


def read_settings(environment: Mapping[str, str], directory: Path) -> Settings:
    """Settings from SAFELIGHT_* variables, else `safelight.toml` in *directory*, else defaults.

    Raises:
        InvalidSetting: One has a value that cannot be used, or does not exist.
    """
    written = _read_file(directory / "safelight.toml")
    values: dict[str, Any] = {"environment": environment}
    for setting in SETTINGS:
        text = environment.get(setting.variable, written.get(setting.name, setting.default))
        try:
            values[setting.name] = setting.read(text)
        except ValueError as error:
            raise InvalidSetting(f"{setting.variable} cannot be {text!r}: {error}.") from error
    values["home"] = (values["home"] or _data_directory()).expanduser().absolute()
    assert values.keys() == {field.name for field in fields(Settings)}
    return Settings(**values)


def misspelt(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each SAFELIGHT_* variable that is none, with the nearest that there is."""
    known = {setting.name.upper() for setting in SETTINGS}
    given = {name.removeprefix(_PREFIX) for name in environment if name.startswith(_PREFIX)}
    return [_unknown(name, get_close_matches(name, known, 1)) for name in sorted(given - known)]


def _unknown(name: str, nearest: list[str]) -> str:
    meant = f" Did you mean {_PREFIX}{nearest[0]}?" if nearest else ""
    return f"{_PREFIX}{name} is no setting, and does nothing.{meant}"


def _read_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise InvalidSetting(f"{path} is not TOML: {error}.") from error
    known = {setting.name for setting in SETTINGS}
    if unknown := sorted(table.keys() - known):
        raise InvalidSetting(f"{path} sets what does not exist: {', '.join(unknown)}.")
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in table.items()
    }

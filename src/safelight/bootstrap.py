"""The first start: HOME, the first tokens, and the key that seals secrets and signs names."""

import json
import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from safelight import ids
from safelight.settings import InvalidSetting, Settings

_KEY_LENGTH: Final = 32


@dataclass(frozen=True)
class Home:
    """What every start finds in HOME."""

    live_token: str
    test_token: str
    key: bytes
    """32 random bytes."""


def prepare_home(settings: Settings) -> Home:
    """HOME with its tokens and key, made where missing; two processes may do this at once.

    Raises:
        InvalidSetting: HOME cannot be written, or holds something that is not Safelight's.
    """
    _check_modes(settings)
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        live, test = _tokens(settings)
        key = made_once(settings.home / "key", lambda: secrets.token_bytes(_KEY_LENGTH))
    except OSError as error:
        raise InvalidSetting(
            f"SAFELIGHT_HOME={settings.home} cannot be used: {error.strerror}."
            " Choose a directory that you may write."
        ) from error
    if len(key) != _KEY_LENGTH:
        raise InvalidSetting(
            f"{settings.home / 'key'} is {len(key)} bytes long instead of {_KEY_LENGTH}:"
            " restore it from a backup, or remove it; inputs sealed with it are then lost."
        )
    return Home(live, test, key)


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step by one that only its owner may read."""
    _temporary(path, content).replace(path)


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """A private file's content; made first where missing, the same for all who make it at once."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        temporary = _temporary(path, make())
    try:
        # Unlike a rename, a link never replaces what another process made a moment ago.
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return path.read_bytes()


def _check_modes(settings: Settings) -> None:
    # A live token in the test place would spend money where none is meant to be spent.
    if settings.api_token and settings.api_token.startswith("r8_test_"):
        raise InvalidSetting("SAFELIGHT_API_TOKEN is a test token: a live one lacks the `test_`.")
    if settings.test_api_token and not settings.test_api_token.startswith("r8_test_"):
        raise InvalidSetting("SAFELIGHT_TEST_API_TOKEN must begin with `r8_test_`.")


def _tokens(settings: Settings) -> tuple[str, str]:
    if settings.api_token and settings.test_api_token:
        return settings.api_token, settings.test_api_token
    path = settings.home / "tokens.json"
    try:
        made: dict[str, Any] = json.loads(made_once(path, _new_tokens))
        live, test = made["live"], made["test"]
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidSetting(
            f"{path} is damaged: restore it, or remove it to have new tokens made."
        ) from error
    return settings.api_token or live, settings.test_api_token or test


def _new_tokens() -> bytes:
    tokens = {
        "live": ids.api_token(secrets.token_bytes(32), test=False),
        "test": ids.api_token(secrets.token_bytes(32), test=True),
    }
    return json.dumps(tokens, indent=2).encode() + b"\n"


def _temporary(path: Path, content: bytes) -> Path:
    """A file beside *path*, whole on disk, that only its owner may read."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)

"""What the crash suite works with."""

from pathlib import Path

import pytest
from tests.crash.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A HOME before its first start."""
    return Home(tmp_path)

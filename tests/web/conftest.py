"""An engine in this process, a browser without JavaScript, and a server of its own."""

from tests.api.conftest import api, pytest_runtest_call, running
from tests.serving import client_environment, server
from tests.web.managing import browser

__all__ = ["api", "browser", "client_environment", "pytest_runtest_call", "running", "server"]

"""A client of the Model Context Protocol, over the stdio of a server that it starts."""

import json
import subprocess
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds after which a server that has not answered is ended."""
PROTOCOL = "2025-06-18"


class ToolFailed(Exception):
    """A tool answered that it could not do it."""


@dataclass
class Mcp:
    """A session with one server."""

    process: subprocess.Popen[bytes]
    count: int = 0

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one request.

        Raises:
            ToolFailed: The answer is an error.
        """
        self.count += 1
        self._send({"id": self.count, "method": method, "params": parameters})
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise ToolFailed(answer["error"]["message"])
                result: dict[str, Any] = answer["result"]
                return result
        raise AssertionError("The server is gone.")

    def call(self, tool: str, **arguments: Any) -> Any:
        """What a tool gives; text is read as JSON where it is.

        Raises:
            ToolFailed: It says that it failed.
        """
        result = self.ask("tools/call", name=tool, arguments=arguments)
        content = result["content"][0]
        if result.get("isError"):
            raise ToolFailed(content["text"])
        return json.loads(content["text"]) if content["type"] == "text" else content

    def start(self) -> dict[str, Any]:
        """Agree on a version of the protocol; what the server says of itself."""
        about = {"name": "tests", "version": "1"}
        result = self.ask("initialize", protocolVersion=PROTOCOL, capabilities={}, clientInfo=about)
        self._send({"method": "notifications/initialized"})
        return result

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()


@contextmanager
def mcp_server(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Generator[Mcp]:
    """A server while the context lasts."""
    with (
        (folder / "mcp-stderr").open("wb") as stderr,
        subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        ) as process,
    ):
        guard = threading.Timer(PATIENCE, process.kill)
        guard.start()
        try:
            yield Mcp(process)
        finally:
            guard.cancel()
            process.terminate()

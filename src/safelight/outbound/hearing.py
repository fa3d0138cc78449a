"""Hears what others answer, and hangs up on those who say `100 Continue` without an end."""

import asyncio
from functools import partial
from typing import Any, Final

from aiohttp import ServerDisconnectedError, TCPConnector
from aiohttp.client_proto import ResponseHandler

MOST_INTERIM: Final = 16
"""Answers of status 1xx before the real one; a few are usual."""
_END: Final = b"\r\n\r\n"
_INTERIM: Final = b"HTTP/1.1 1"


class _Hearer(ResponseHandler):
    """One connection. Without a bound, its other end could keep the loop busy with nothing."""

    _interim = 0

    def set_response_params(self, **params: Any) -> None:  # noqa: ANN401 - passed on as they are
        """See `ResponseHandler.set_response_params`: an answer is about to come."""
        self._interim = 0
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """See `ResponseHandler.data_received`."""
        if self._interim <= MOST_INTERIM and _counted(data, self._interim) > MOST_INTERIM:
            self._hang_up()
        elif self._interim <= MOST_INTERIM:
            super().data_received(data)

    def feed_data(self, data: Any, size: int = 0) -> None:  # noqa: ANN401 - of an untyped queue
        """See `ResponseHandler.feed_data`: a whole head has come."""
        code = data[0].code
        self._interim = self._interim + 1 if 100 <= code < 200 else 0
        super().feed_data(data, size)
        if self._interim > MOST_INTERIM:
            self._hang_up()

    def _hang_up(self) -> None:
        self._interim = MOST_INTERIM + 1
        if self.transport is not None:
            self.transport.abort()
        self.set_exception(ServerDisconnectedError())


def _counted(data: bytes, count: int) -> int:
    """How many there are with those in *data*, if it is nothing else; the parser takes its time."""
    if b"\r" not in data:  # found out much faster, and true of most pieces of a body
        return count
    at = 0 if data.startswith(b"HTTP/") else data.find(_END) + len(_END)
    while count <= MOST_INTERIM and data.startswith(_INTERIM, at):
        count += 1
        at = data.find(_END, at) + len(_END)
        if at < len(_END):
            break
    return count


class Connector(TCPConnector):
    """Makes such connections."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - passed on as they are
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType] - theirs
        self._factory = partial(_Hearer, loop=asyncio.get_running_loop())

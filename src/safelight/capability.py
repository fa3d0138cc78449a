"""Capability names: unguessable URLs that open one prediction's stream or files without a token."""

import hashlib
import hmac
from typing import Final

_ID_LENGTH: Final = 26


class Capabilities:
    """Mints and reads names made of a prediction's id and a MAC, so none needs to be stored."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def stream(self, prediction_id: str) -> str:
        """The end of a stream URL: `bcwr-` and 52 letters and digits."""
        return "bcwr-" + self._sign(prediction_id, b"stream", 26)

    def output(self, prediction_id: str) -> str:
        """The middle of an output file's URL: 49 letters and digits."""
        return self._sign(prediction_id, b"output", 23)

    def read_stream(self, name: str) -> str | None:
        """The prediction that a stream name opens, if it is one of ours."""
        prediction_id = name[5 : 5 + _ID_LENGTH]
        is_ours = name.isascii() and hmac.compare_digest(self.stream(prediction_id), name)
        return prediction_id if is_ours else None

    def read_output(self, name: str) -> str | None:
        """The prediction whose files a name opens, if it is one of ours."""
        prediction_id = name[:_ID_LENGTH]
        is_ours = name.isascii() and hmac.compare_digest(self.output(prediction_id), name)
        return prediction_id if is_ours else None

    def _sign(self, prediction_id: str, purpose: bytes, length: int) -> str:
        # Keyed BLAKE2b is a MAC by design, and costs a tenth of HMAC through OpenSSL.
        mac = hashlib.blake2b(prediction_id.encode(), key=self._key, person=purpose)
        return prediction_id + mac.hexdigest()[:length]

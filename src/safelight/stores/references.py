"""Which prediction refers to which blob: written in the transaction that makes it so."""

import sqlite3
from typing import Final

from safelight.prediction import Prediction

_REFER: Final = "INSERT OR IGNORE INTO blob_references (blob, prediction) VALUES (?, ?)"
_LET_GO: Final = "DELETE FROM blob_references WHERE prediction = ?"
_FORGET: Final = "UPDATE deliveries SET snapshot = NULL WHERE prediction = ?"


def refer(connection: sqlite3.Connection, prediction: Prediction) -> None:
    """Note the blobs of its output; until it ends with others, they stay."""
    keys = {file.blob.key for file in prediction.files}
    connection.executemany(_REFER, [(key, prediction.id) for key in keys])


def let_go(connection: sqlite3.Connection, prediction_id: str) -> None:
    """It has no output any more."""
    connection.execute(_LET_GO, (prediction_id,))


def forget_deliveries(connection: sqlite3.Connection, prediction_id: str) -> None:
    """Take the data out of what its webhooks were, or will be, told."""
    # Without one of its own, a delivery tells the prediction as it is now.
    connection.execute(_FORGET, (prediction_id,))

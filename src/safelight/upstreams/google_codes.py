"""Google's support codes: which category of its rules a prompt or a picture was blocked by."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_PROMPT, _PICTURE, _EITHER = "prompt", "picture", "prompt or picture"


class _Rule(NamedTuple):
    category: str
    of: str


_CODES: Mapping[str, _Rule] = {
    "58061214": _Rule("child", _PROMPT),
    "17301594": _Rule("child", _PICTURE),
    "29310472": _Rule("celebrity", _PROMPT),
    "15236754": _Rule("celebrity", _PICTURE),
    "64151117": _Rule("celebrity or child", _EITHER),
    "62263041": _Rule("dangerous content", _PROMPT),
    "57734940": _Rule("hate", _PROMPT),
    "22137204": _Rule("hate", _PICTURE),
    "42876398": _Rule("other", _PROMPT),
    "29578790": _Rule("other", _PICTURE),
    "74803281": _Rule("other", _PICTURE),
    "39322892": _Rule("people or face", _PICTURE),
    "92201652": _Rule("personal information", _PROMPT),
    "89371032": _Rule("prohibited content", _PROMPT),
    "49114662": _Rule("prohibited content", _PICTURE),
    "72817394": _Rule("prohibited content", _PICTURE),
    "90789179": _Rule("sexual", _PROMPT),
    "63429089": _Rule("sexual", _PICTURE),
    "43188360": _Rule("sexual", _PICTURE),
    "35561574": _Rule("third-party content", _EITHER),
    "35561575": _Rule("third-party content", _EITHER),
    "78610348": _Rule("toxic", _PROMPT),
    "61493863": _Rule("violence", _PROMPT),
    "56562880": _Rule("violence", _PICTURE),
    "32635315": _Rule("vulgar", _PROMPT),
}
"""As its page on responsible use of Imagen lists them."""
_CODE = re.compile(r"\b[0-9]{8}\b")


def rules_named(text: str) -> str:
    """Say what the codes in a message of Google's mean: `sexual (picture), other (prompt)`.

    Empty when it has none that are known.
    """
    rules = (_CODES[code] for code in _CODE.findall(text) if code in _CODES)
    return ", ".join(dict.fromkeys(f"{rule.category} ({rule.of})" for rule in rules))

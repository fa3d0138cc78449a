"""JSON values as literals of a language; a secret is the name of a variable that holds it."""

import json
import re
from typing import Any, Final, cast

import msgspec

Json = dict[str, Any]
_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_HELD: Final = re.compile("\x01([^\x01]*)\x01")


class Variable(msgspec.Struct, frozen=True):
    """A variable of the environment, in place of a secret: no key is ever part of the code."""

    name: str


class Notation(msgspec.Struct, frozen=True, kw_only=True):
    """How a language writes values."""

    indent: str
    true: str = "true"
    false: str = "false"
    null: str = "null"
    has_bare_keys: bool = False
    variable: str
    """With `%s` for its name."""

    def literal(self, value: object, depth: int = 0) -> str:  # noqa: PLR0911 - a line each
        """The value, its further lines indented as deep as it stands."""
        match value:
            case None:
                return self.null
            case bool():
                return self.true if value else self.false
            case str():
                return text(value)
            case Variable():
                return self.variable % value.name
            case dict():
                pairs = cast("Json", value).items()
                items = [f"{self._key(k)}: {self.literal(v, depth + 1)}" for k, v in pairs]
                return self._block("{", items, "}", depth)
            case list() | tuple():
                ones = cast("list[object]", value)
                items = [self.literal(one, depth + 1) for one in ones]
                return self._block("[", items, "]", depth)
            case _:
                return json.dumps(value)

    def _block(self, left: str, items: list[str], right: str, depth: int) -> str:
        if not items:
            return left + right
        inner = self.indent * (depth + 1)
        lines = ",\n".join(inner + item for item in items)
        return f"{left}\n{lines}\n{self.indent * depth}{right}"

    def _key(self, name: str) -> str:
        return name if self.has_bare_keys and _NAME.fullmatch(name) else text(name)


def text(value: str) -> str:
    """A string literal that JSON, JavaScript and Python read alike."""
    return json.dumps(value, ensure_ascii=False)


JAVASCRIPT: Final = Notation(indent="  ", has_bare_keys=True, variable="process.env.%s")
PYTHON: Final = Notation(
    indent="    ", true="True", false="False", null="None", variable='os.environ["%s"]'
)
_JSON: Final = Notation(indent="  ", variable="\x01%s\x01")  # no text has that: JSON escapes it


def shell(value: object) -> str:
    """JSON between single quotes, in which a shell changes nothing; variables are put in."""
    quoted = _JSON.literal(value).replace("'", "'\\''")
    return "'" + _HELD.sub('"\'"$\\1"\'"', quoted) + "'"

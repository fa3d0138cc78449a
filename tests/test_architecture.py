"""The habits that a linter does not know: sizes, names, docstrings, and who spells the wire."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import safelight
from safelight.prediction import TRANSITIONS, Status

ROOT = Path(safelight.__file__).parent
LIFECYCLE = ROOT.parent.parent / "docs" / "lifecycle.md"
TREES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text(), str(path))
    for path in sorted(ROOT.rglob("*.py"))
}
"""Every module, by its path in the package."""

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONGEST_DRAWING = 60
"""In the sketch a function is one thing drawn: a plain list of its shapes, read from top to end."""
FORBIDDEN_NAMES = frozenset(
    {
        *("utils", "util", "core", "common", "base", "manager", "handler", "service"),
        *("helpers", "helper", "interfaces"),
    }
)
WIRE_WORDS = frozenset(
    {
        *("data_removed", "webhook_events_filter", "webhook_completed", "invalid_fields"),
        *("openapi_schema", "latest_version", "cog_version", "run_count", "default_example"),
        *("cover_image_url", "is_official", "weights_url"),
    }
)
"""Fields that mean nothing but Replicate's JSON; others, like `status`, are words of ours too."""
READERS = ("cli/", "web/")
"""Folders that read the wire as any client does."""


def functions(module: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of what it does: a model has as many inputs as it has."""
    first, *rest = function.body
    if ast.get_docstring(function) is not None and rest:
        first = rest[0]
    return (function.end_lineno or 0) - first.lineno + 1


def test_a_module_says_in_one_line_what_it_owns() -> None:
    """The summary is one line that ends; what follows it, if anything, stands apart."""
    wrong = []
    for name, module in TREES.items():
        first, *rest = (ast.get_docstring(module) or "").splitlines() or [""]
        if not first.endswith(".") or (rest and rest[0]):
            wrong.append(name)
    assert wrong == []


def test_a_file_can_be_read_in_one_sitting() -> None:
    """No longer than the limit; a longer one is divided by what it owns."""
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in TREES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_a_function_can_be_seen_at_once() -> None:
    """No longer than the limit, without its signature and docstring."""
    long = [
        f"{name}:{function.name} has {length(function)} lines"
        for name, module in TREES.items()
        for function in functions(module)
        if length(function) > (LONGEST_DRAWING if name.startswith("sketch/") else LONGEST_FUNCTION)
    ]
    assert long == []


def test_imports_stand_at_the_top() -> None:
    """None hides inside a function, where no layer rule and no reader sees it."""
    hidden = [
        f"{name}:{node.lineno}"
        for name, module in TREES.items()
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_a_module_is_named_for_what_it_is() -> None:
    """Not for being useful."""
    vague = [name for name in TREES if FORBIDDEN_NAMES & set(Path(name).with_suffix("").parts)]
    assert vague == []


def test_only_wire_spells_the_fields_of_the_wire() -> None:
    """A change of Replicate's JSON is a change of one folder."""
    spelled = [
        f"{name}:{node.lineno} {node.value}"
        for name, module in TREES.items()
        if not name.startswith("wire/") and not name.startswith(READERS)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and node.value in WIRE_WORDS
        and node.value not in exported(module)
    ]
    assert spelled == []


def exported(module: ast.Module) -> set[object]:
    """The names in `__all__`."""
    return {
        constant.value
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for constant in ast.walk(node.value)
        if isinstance(constant, ast.Constant)
    }


def test_the_drawing_of_the_lifecycle_is_its_table() -> None:
    """docs/lifecycle.md shows every move that there is, and no other."""
    arrows = re.findall(r"^\s*(\S+) --> (\S+)", LIFECYCLE.read_text(), re.MULTILINE)
    table = {(was.value, to.value) for was in Status for to in TRANSITIONS[was]}
    begin = {("[*]", Status.STARTING.value)}
    end = {(status.value, "[*]") for status in Status if status.is_terminal}
    assert len(arrows) == len(set(arrows)), "an arrow is drawn twice"
    assert set(arrows) == table | begin | end


def test_the_page_on_the_lifecycle_speaks_of_every_status() -> None:
    """Beside the drawing, in words."""
    words = re.sub(r"```mermaid.*?```", "", LIFECYCLE.read_text(), flags=re.DOTALL)
    assert [status.value for status in Status if status.value not in words] == []

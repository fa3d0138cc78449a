"""The documentation says what is so."""

import re
from pathlib import Path

from tests.clients.faults import KNOWN_FAULTS

from safelight.api.app import create_app
from safelight.cli import COMMANDS
from safelight.route import RETIREMENTS, Route
from safelight.settings import SETTINGS

DOCS = Path(__file__).parent.parent / "docs"
ROOT = DOCS.parent


def test_every_setting_stands_in_the_table_with_its_default() -> None:
    """The table of settings is the one in the code."""
    text = (DOCS / "operating.md").read_text()
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default else ""
        assert f"| `{setting.variable}` | {default} | {setting.help} |" in text


def test_every_command_is_documented() -> None:
    """The table of commands names each command."""
    text = (DOCS / "operating.md").read_text()
    for command in COMMANDS:
        assert f"`safelight {command}" in text


def test_every_operation_of_the_api_stands_in_the_coverage_table() -> None:
    """None is served without a row in docs/api.md."""
    table = (DOCS / "api.md").read_text()
    sources = [
        path.read_text() for path in Path(create_app.__code__.co_filename).parent.glob("*.py")
    ]
    names = [name for text in sources for name in re.findall(r'Operation\(\s*"([\w.]+)"', text)]
    assert len(names) > 35
    assert [name for name in names if f" {name} |" not in table] == []


def test_what_clients_cannot_do_is_told() -> None:
    """Each known fault of a client, and what to do instead."""
    told = (DOCS / "clients.md").read_text()
    for fault in KNOWN_FAULTS:
        assert f"| {fault.client} | {fault.what} | {fault.instead} |" in told


def test_every_shut_down_is_told() -> None:
    """With its day, and what to name instead."""
    rows = [line for line in (DOCS / "models.md").read_text().splitlines() if line[:1] == "|"]
    for name, (_, on, successor) in RETIREMENTS.items():
        row = next(row for row in rows if f"| {on} |" in row and Route.parse(name).model in row)
        assert successor in row


def test_links_between_documents_lead_somewhere() -> None:
    """A relative link names a file that exists."""
    for document in [*ROOT.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_no_document_names_what_this_machine_has() -> None:
    """Paths of a developer's machine stay out of the documents."""
    for document in [*ROOT.glob("*.md"), *DOCS.glob("*.md")]:
        assert not re.search(r"(^|[\s`(])/(root|tmp|home|work)/", document.read_text()), document

"""The documentation says what is so."""

import re
from pathlib import Path

from safelight.api.app import create_app
from safelight.cli import COMMANDS
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


def test_every_route_of_the_api_stands_in_the_coverage_table() -> None:
    """No operation is served without a row in docs/api.md."""
    table = (DOCS / "api.md").read_text()
    source = Path(create_app.__code__.co_filename).read_text()
    paths = re.findall(r'Route\(f?"(/v1[^"]*|\{model\}[^"]*)"', source)
    assert paths
    for path in paths:
        plain = path.replace("{model}", "/v1/models/{owner}/{name}").replace("{{id}}", "{id}")
        plain = plain.removeprefix("/v1")
        assert f"`{plain}`" in table or "capability" in plain


def test_links_between_documents_lead_somewhere() -> None:
    """A relative link names a file that exists."""
    for document in [*ROOT.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_no_document_names_what_this_machine_has() -> None:
    """Paths of a developer's machine stay out of the documents."""
    for document in [*ROOT.glob("*.md"), *DOCS.glob("*.md")]:
        assert not re.search(r"(^|[\s`(])/(root|tmp|home|work)/", document.read_text()), document

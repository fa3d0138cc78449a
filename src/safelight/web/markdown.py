"""Readmes as markup: what is markup in them already stays text."""

from collections.abc import Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape


def markup(text: str) -> Markup:
    """Markdown as HTML; links to scripts are left as text."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - the parser escapes all markup


def _below_the_title(state: StateCore) -> None:
    """A readme is part of a page that has its title: its headings are one level less."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"


def _link_to_picture(
    _renderer: RendererHTML, tokens: Sequence[Token], n: int, _options: OptionsDict, _env: EnvType
) -> str:
    """Pictures from elsewhere are not loaded: whoever wants to see one follows the link."""
    source, told = str(tokens[n].attrs.get("src", "")), tokens[n].content or "Picture"
    return f'<a href="{escape(source)}">{escape(told)}</a>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    parser.core.ruler.push("below_the_title", _below_the_title)
    parser.add_render_rule("image", _link_to_picture)
    return parser


_MARKDOWN: Final = _parser()

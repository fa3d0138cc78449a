"""Finding the words a prompt wants to see set in the picture."""

import re

from safelight.sketch.brief import Lettering, Role

_QUOTED = re.compile(
    r"[\"\u201c\u201d\u201e\u00ab\u300c]([^\"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\n]{1,160})[\"\u201c\u201d\u00bb\u300d]"
    r"|(?:(?<=\s)|(?<=^)|(?<=[(:]))['\u2018]([^'\u2018\n]{1,160}?)['\u2019](?=[\s.,;:!?)]|$)"
    r"|<([^<>\n]{1,160})>"
    r"|\{\{?([^{}\n]{1,160})\}\}?"
)
_SPOKEN = re.compile(
    r"\b(?:says|saying|reads|reading:|that reads|titled|entitled|labelled|labeled|captioned|with the words?|with the text|"
    r"text says|lettering|inscribed|spelling|account name is|artists are|artist is|caption is|title is|name is|called|named)"
    r"[:\s]+(?!that|the\s+(?:text|words?))([^\n.,;:!?\"\u201c<\x00]{1,60}(?:\.\d[^\s.,;]*)?)",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\s+(?:and|with|on|in|at|from|for|by|under|over|near|next|behind|who|that|which|is|are)\s",
    re.IGNORECASE,
)
_NEEDS_CAPITAL = re.compile(
    r"called|named|lettering|reading:|name is|spelling|titled|entitled", re.IGNORECASE
)
_ROLES: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"caption", re.IGNORECASE), "caption"),
    (re.compile(r"artist", re.IGNORECASE), "artist"),
    (re.compile(r"account|user ?name|profile", re.IGNORECASE), "account"),
    (re.compile(r"titled|entitled|title|called|named|headline", re.IGNORECASE), "title"),
    (re.compile(r"says|saying|reads", re.IGNORECASE), "says"),
)
_SETTABLE = re.compile(
    r"[\u0020-\u024f\u0370-\u03ff\u0400-\u045f\u2010-\u2027\u2030-\u203a\u20ac\u2122\u2190-\u2193\u2212\u2605]"
)  # what the fonts of the package can draw
_MOST = 8  # texts set in one picture
_GONE = "\x00"  # stands for what has been taken out


def find_lettering(prompt: str) -> tuple[tuple[Lettering, ...], str]:
    """Return the texts to set, in order, and the prompt with those in quotes taken out."""
    found: list[tuple[int, Lettering]] = []
    rest = prompt
    for match in _QUOTED.finditer(prompt):
        text = next(group for group in match.groups() if group is not None).strip()
        if _is_wrapped_prompt(prompt, match, text):
            return (), text
        found.append(
            (
                match.start(),
                Lettering(_tidy(text), _role(prompt[max(0, match.start() - 40) : match.start()])),
            )
        )
        rest = rest[: match.start()] + _GONE * (match.end() - match.start()) + rest[match.end() :]
    for match in _SPOKEN.finditer(rest):
        text = _spoken(match)
        if text:
            found.append(
                (
                    match.start(),
                    Lettering(text, _role(match.group(0)[: match.start(1) - match.start()])),
                )
            )
            rest = rest[: match.start(1)] + _GONE * len(match.group(1)) + rest[match.end(1) :]
    found.sort(key=lambda pair: pair[0])
    texts = dict.fromkeys(text for _, text in found if _can_be_set(text.text))
    return tuple(texts)[:_MOST], rest.replace(_GONE, " ")


def _can_be_set(text: str) -> bool:
    """Whether the fonts can draw at least half of the text: a script they lack is left out rather than boxed."""
    signs = "".join(text.split())
    return bool(signs) and 2 * len(_SETTABLE.findall(signs)) >= len(signs)


def _is_wrapped_prompt(prompt: str, match: re.Match[str], text: str) -> bool:
    alone = len(prompt) - (match.end() - match.start()) <= 2
    return alone and len(text.split()) > 4 and match.group(3) is None


def _tidy(text: str) -> str:
    return " ".join(text.strip(" ,;").split())


def _spoken(match: re.Match[str]) -> str:
    text = _STOP.split(match.group(1) + " ")[0].strip(" '\u2019\u201d")
    words = text.split()
    if not words or len(words) > 7:
        return ""
    keyword = match.group(0)[: match.start(1) - match.start()]
    if _NEEDS_CAPITAL.search(keyword) and not any(
        word[:1].isupper() or word[:1].isdigit() for word in words
    ):
        return ""
    return _tidy(text)


def _role(before: str) -> Role:
    last: tuple[int, Role] = (-1, "text")
    for pattern, role in _ROLES:
        for match in pattern.finditer(before):
            last = max(last, (match.start(), role))
    return last[1]

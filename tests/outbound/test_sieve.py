"""Pictures are taken out of JSON while it comes, however it is cut."""

import base64
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.outbound.sieve import Sieve
from safelight.spooled import Content

NAMES = ("b64_json", "url")
LONG = bytes(range(256)) * 40
FILLER = st.text(max_size=20) | st.sampled_from(NAMES) | st.just('"b64_json":"')
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | FILLER


def objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists, and objects whose names are often those that are looked for."""
    return st.lists(values, max_size=3) | st.dictionaries(FILLER, values, max_size=3)


class Wanted(msgspec.Struct):
    """What an answer is read as."""

    b64_json: bytes | int
    more: int


JSON = st.recursive(LEAVES, objects, max_leaves=12)


def pieces(text: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    """The text, cut where it is said."""
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    yield from (text[a:b] for a, b in pairwise(places))


def sifted(text: bytes, cuts: Sequence[int] = ()) -> tuple[bytes, list[bytes]]:
    """What comes out of a sieve, and what stays in it."""
    sieve = Sieve(NAMES)
    rest = b"".join(sieve.feed(piece) for piece in pieces(text, cuts)) + sieve.end()
    sieve.flush()
    return rest, [read(content) for content in sieve.found]


def read(content: Content) -> bytes:
    """The bytes, wherever they are."""
    return content if isinstance(content, bytes) else content.path.read_bytes()


def put_back(value: Any, found: Sequence[bytes]) -> Any:
    """The JSON with what was taken out in its place again, as base64."""
    if isinstance(value, dict):
        return {name: put_back(item, found) for name, item in value.items()}
    if isinstance(value, list):
        return [put_back(item, found) for item in value]
    if isinstance(value, float) and value >= OFFSET:
        return base64.b64encode(found[int(value - OFFSET)]).decode()
    return value


OFFSET = 0.5
"""Added to the numbers of what was taken out, so that no number of the JSON is taken for one."""


@given(
    JSON,
    st.binary(min_size=3072, max_size=9000),
    st.lists(st.integers(0, 99_999), max_size=40),
    st.booleans(),
)
def test_any_json_cut_anywhere_is_read_as_if_it_came_whole(
    other: object, content: bytes, cuts: list[int], escaped: bool
) -> None:
    """One picture between whatever else; its slashes escaped or not."""
    encoded = base64.b64encode(content).decode()
    text = msgspec.json.encode({"other": other, "b64_json": encoded, "more": [other]})
    rest, found = sifted(text.replace(b"/", b"\\/") if escaped else text, cuts)
    taken_out = re.sub(rb'("b64_json":)(\d+)(,"more")', rb"\g<1>\g<2>.5\3", rest)
    assert put_back(msgspec.json.decode(taken_out), found) == msgspec.json.decode(text)
    if len(encoded) > 4096:
        assert found == [content]


@given(st.integers(0, 5), st.lists(st.integers(0, 99_999), max_size=40))
def test_binary_of_any_length_is_decoded(tail: int, cuts: list[int]) -> None:
    """With one, two or no digits of padding, wherever the groups of four are cut."""
    content = LONG + b"x" * tail
    text = b'{"b64_json" :\n "%b"}' % base64.b64encode(content)
    assert sifted(text, cuts) == (b'{"b64_json" :\n 0}', [content])


@pytest.mark.parametrize(
    "write",
    [
        lambda text: b"data:image/png;base64," + text,
        lambda text: b"data:image\\/png;base64," + text,
        lambda text: text.rstrip(b"="),
        lambda text: text.replace(b"+", b"-").replace(b"/", b"_"),
        lambda text: text.replace(b"/", b"\\/"),
        lambda text: text.replace(b"+", b"\\u002b").replace(b"=", b"\\u003D"),
        lambda text: b"\\r\\n".join(text[n : n + 76] for n in range(0, len(text), 76)),
        lambda text: b" " + text[:5000] + b" \\t" + text[5000:] + b"\\n",
    ],
    ids=["data URI", "escaped URI", "no padding", "URL", "slashes", "codes", "lines", "spaces"],
)
@given(cuts=st.lists(st.integers(0, 99_999), max_size=60))
def test_base64_is_read_as_people_write_it(write: Any, cuts: list[int]) -> None:
    """Each piece may end within an escape."""
    content = LONG + b"\xff\xfe\xfb\xef\xbe"
    text = b'[{"b64_json":"%b"}, {"url":"x"}]' % write(base64.b64encode(content))
    assert sifted(text, cuts) == (b'[{"b64_json":0}, {"url":"x"}]', [content])


@pytest.mark.parametrize(
    "text",
    [
        b"a page of text, and no JSON",
        b'{"url":"https://a.test/' + b"signed" * 2000 + b'"}',
        b'{"url":"<svg xmlns=\\"x\\">' + b"<path/>" * 2000 + b'</svg>"}',
        b'{"other":"' + b"QUJD" * 3000 + b'"}',
        b'{"b64_json":"QUJD","url":""}',
        b'{"b64\\u005fjson":"' + b"QUJD" * 3000 + b'"}',
        b'{"x\\"b64_json":"' + b"QUJD" * 3000 + b'"}',
        b'{"say":"\\"b64_json\\":\\"' + b"QUJD" * 3000 + b'"}',
        b'{"b64_json"' + b" " * 300 + b':"QUJD"}',
        b"[" * 5000 + b"]" * 5000,
        b'{"b64_json":"QUJD',
        b'{"b64_json":"',
    ],
)
@given(cuts=st.lists(st.integers(0, 99_999), max_size=20))
def test_what_is_no_long_base64_under_a_name_is_left_alone(text: bytes, cuts: list[int]) -> None:
    """A long address, a drawing in text, another name, a short picture, or no JSON at all."""
    assert sifted(text, cuts) == (text, [])


@pytest.mark.parametrize(
    "text",
    [
        b"QUJD" * 3000 + b"!" + b"QUJD" * 3000,
        b"QUJD" * 3000 + b"Q",
        b"QUJD" * 3000 + b"QQ==QUJD",
        b"QUJD" * 3000 + b'\\"QUJD',
        b"QUJD" * 3000 + b"\\\\QUJ",
    ],
)
@given(cuts=st.lists(st.integers(0, 99_999), max_size=20))
def test_base64_that_breaks_is_not_read(text: bytes, cuts: list[int]) -> None:
    """An answer with half a picture is not taken for one with a picture, nor with a number."""
    rest, _ = sifted(b'{"b64_json":"%b","more":1}' % text, cuts)
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(rest, type=Wanted)


def test_a_string_without_an_end_leaves_no_json() -> None:
    """Even where the answer ends like one."""
    rest, _ = sifted(b'{"b64_json":"' + b"QUJD" * 3000)
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(rest + b"}")


def test_several_are_numbered_in_their_order() -> None:
    """Short ones stay where they are, between long ones."""
    long, other = (base64.b64encode(c) for c in (LONG, LONG[::-1]))
    text = b'[{"b64_json":"%b"},{"b64_json":"QUJD"},{"url":"%b"}]' % (long, other)
    expected = b'[{"b64_json":0},{"b64_json":"QUJD"},{"url":1}]'
    for size in (1, 7, 4096, 65_536):
        cuts = range(0, len(text), size)
        assert sifted(text, cuts) == (expected, [LONG, LONG[::-1]])

"""A search finds what was meant, however it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.search import Document, ranked

DOCUMENTS = [
    Document(
        key="1",
        name="openai/gpt-image-1",
        text="A multimodal image generation model. Bring your own key.",
        extra="Edits pictures and writes lettering.",
    ),
    Document(
        key="2", name="openai/gpt-image-2", text="Create and edit images with sharp lettering."
    ),
    Document(key="3", name="google/imagen-4", text="Google's Imagen, at its best."),
    Document(key="4", name="google/imagen-4-fast", text="Google's Imagen, for speed."),
    Document(
        key="5",
        name="safelight/sketch",
        text="An offline illustrator: paints a café or a Gemälde without a neural network.",
        extra="Similar to gpt image models; 東京 by night.",
    ),
]


def keys(query: str) -> list[str]:
    return [document.key for document, _ in ranked(query, DOCUMENTS)]


@pytest.mark.parametrize("query", ["", "   ", "\n\t", "!?…", "--/--", "_", "\u0301", "🙂"])
def test_a_query_without_a_word_finds_nothing(query: str) -> None:
    """Rather than everything."""
    assert keys(query) == []


def test_nothing_is_found_where_nothing_is() -> None:
    """No document, no answer."""
    assert ranked("image", []) == []


def test_a_word_that_nobody_has_finds_nothing() -> None:
    """Rather than everything."""
    assert keys("zeppelin") == []


@pytest.mark.parametrize(
    "query", ["gpt image 2", "gpt-image-2", "GPT_IMAGE_2", "openai/gpt-image-2", '"gpt image" 2!']
)
def test_punctuation_and_case_are_passed_over(query: str) -> None:
    """All of these are the same question."""
    assert keys(query)[0] == "2"


def test_a_name_weighs_more_than_a_description() -> None:
    """The sketch only mentions these words, at the end of its text."""
    assert keys("gpt image") == ["1", "2", "5"]


def test_a_name_written_together_is_found() -> None:
    """As people type it."""
    assert keys("gptimage1") == ["1"]


def test_all_words_are_to_match() -> None:
    """Google alone would find both."""
    assert keys("google fast") == ["4"]


def test_when_none_has_all_words_those_with_any_are_given() -> None:
    """Better than nothing; rarer words come first."""
    assert keys("google zeppelin") == ["3", "4"]
    assert keys("lettering illustrator") == ["5", "2", "1"]


def test_words_that_say_nothing_are_passed_over() -> None:
    """Unless there are no others."""
    assert keys("a zeppelin with the") == []
    assert keys("an image for the web")[:2] == keys("image web")[:2]
    assert keys("a") == ["1", "5"]


def test_a_whole_name_comes_before_a_longer_one() -> None:
    """However the documents are ordered."""
    assert keys("imagen-4") == ["3", "4"]
    assert [d.key for d, _ in ranked("imagen-4", DOCUMENTS[::-1])] == ["3", "4"]
    assert keys("imagen-4-fast") == ["4"]


def test_a_word_finds_those_that_begin_with_it() -> None:
    """So that a search can follow the typing."""
    assert keys("sket") == ["5"]
    assert keys("illus") == ["5"]
    assert keys("ketch") == []


def test_one_character_finds_only_itself() -> None:
    """Or a single letter would find everything."""
    assert keys("4") == ["3", "4"]
    assert keys("s") == ["3", "4"]  # Google's


def test_a_word_itself_counts_more_than_its_beginning() -> None:
    """In the same place."""
    documents = [Document(key="long", name="images"), Document(key="same", name="image")]
    assert [document.key for document, _ in ranked("image", documents)] == ["same", "long"]


@pytest.mark.parametrize("query", ["cafe", "CAFÉ", "cafe\u0301", "gemalde", "GEMÄLDE", "ｃａｆé"])
def test_diacritics_and_widths_are_passed_over(query: str) -> None:
    """Composed or not, in the query or in the document."""
    assert keys(query) == ["5"]


def test_other_scripts_are_found() -> None:
    """A word is letters and digits of any script."""
    assert keys("東京") == ["5"]


@pytest.mark.parametrize(("query", "name"), [("STRASSE", "Straße"), ("istanbul", "İstanbul")])
def test_case_is_folded_as_unicode_says(query: str, name: str) -> None:
    """Not only lowered."""
    assert len(ranked(query, [Document(key="it", name=name)])) == 1


def test_equal_scores_keep_their_order() -> None:
    """So that pages do not change from call to call."""
    documents = [Document(key=str(number), name="same") for number in range(20)]
    assert [document.key for document, _ in ranked("same", documents)] == [
        str(number) for number in range(20)
    ]


def test_a_very_long_query_is_answered() -> None:
    """By what it says first; the rest is cut."""
    assert keys("sketch " * 100_000) == ["5"]
    many = " ".join(f"word{number}" for number in range(100_000))
    assert keys(f"sketch {many}") == ["5"]
    assert keys("x" * 1_000_000) == []


@given(st.text(max_size=200), st.lists(st.text(max_size=40), max_size=6))
def test_every_answer_is_a_document_with_a_score_and_the_best_comes_first(
    query: str, names: list[str]
) -> None:
    """Whatever was typed."""
    documents = [Document(key=str(number), name=name) for number, name in enumerate(names)]
    found = ranked(query, documents)
    scores = [score for _, score in found]
    assert all(score > 0 for score in scores)
    assert scores == sorted(scores, reverse=True)
    assert len({document.key for document, _ in found}) == len(found)
    assert {document.key for document, _ in found} <= {document.key for document in documents}


@given(st.text(alphabet="abcdeé东 -_/", min_size=1, max_size=40))
def test_a_document_is_found_by_its_own_name(name: str) -> None:
    """Unless it has no word in it, or more than are looked at."""
    document = Document(key="it", name=name)
    has_word = any(character.isalnum() for character in name)
    assert [found.key for found, _ in ranked(name, [document])] == (["it"] if has_word else [])


def test_of_a_long_text_the_beginning_is_read() -> None:
    """A readme of a megabyte costs no more than one of a page."""
    long = [Document(key="1", name="a/b", extra="begun " + "word " * 1000 + "hidden")]
    assert [document.key for document, _ in ranked("begun", long)] == ["1"]
    assert ranked("hidden", long) == []

"""Routes: reading SAFELIGHT_ROUTES."""

from datetime import date

import pytest

from safelight.route import DEFAULT_ROUTES, RETIREMENTS, InvalidRoute, Route, parse_routes


def test_several_models_each_keep_the_order_of_their_routes() -> None:
    """Entries are parted by commas, and the routes of one model by bars, tried first to last."""
    assert parse_routes(" a/b = openai:x | google:y , c/d=jigsawstack:image_generation,") == {
        "a/b": (Route("openai", "x"), Route("google", "y")),
        "c/d": (Route("jigsawstack", "image_generation"),),
    }


def test_no_text_means_no_routes() -> None:
    """An empty setting changes nothing."""
    assert parse_routes("") == {}


def test_a_route_is_written_as_it_is_read() -> None:
    """str() gives what parse() takes."""
    assert str(Route.parse("google:gemini-3.1-flash-image")) == "google:gemini-3.1-flash-image"


def test_the_sketch_needs_no_model() -> None:
    """There is only one sketch."""
    assert Route.parse("sketch") == Route("sketch", "sketch")


def test_retired_models_go_to_their_successors() -> None:
    """The defaults name upstreams that still answer."""
    assert {name: [str(r) for r in routes] for name, routes in DEFAULT_ROUTES.items()} == {
        "openai/gpt-image-1": ["openai:gpt-image-2"],
        "openai/gpt-image-2": ["openai:gpt-image-2"],
        "google/imagen-4-fast": ["google:gemini-3.1-flash-image"],
        "jigsawstack/image-generation": ["jigsawstack:image_generation"],
    }


@pytest.mark.parametrize(
    "text",
    [
        "a/b",
        "=openai:x",
        "b=openai:x",
        "a/b/c=openai:x",
        "a/b:v=openai:x",
        "a/b=",
        "a/b=openai",
        "a/b=openai:",
        "a/b=openai:x y",
        "a/b=bing:x",
        "a/b=openai:x|",
        "a/b=openai:x=y",
    ],
)
def test_nonsense_is_answered_with_the_form(text: str) -> None:
    """The message quotes how a route is written."""
    with pytest.raises(InvalidRoute, match=r"owner/name=provider:model"):
        parse_routes(text)


def test_an_unknown_provider_is_answered_with_the_known_ones() -> None:
    """The message lists the providers."""
    with pytest.raises(InvalidRoute, match=r"'bing'.*openai, google, jigsawstack, sketch"):
        parse_routes("a/b=bing:x")


def test_a_model_named_twice_is_refused() -> None:
    """Which of two entries holds is not left to order."""
    with pytest.raises(InvalidRoute, match=r"join them with |"):
        parse_routes("a/b=openai:x,a/b=google:y")


def test_the_days_on_which_models_are_shut_down_are_known() -> None:
    """As their providers have published them, those to come among them."""
    assert {name: one.on for name, one in RETIREMENTS.items()} == {
        "openai:dall-e-2": date(2026, 5, 12),
        "openai:dall-e-3": date(2026, 5, 12),
        "google:imagen-4.0-fast-generate-001": date(2026, 8, 17),
        "openai:gpt-image-1": date(2026, 10, 23),
        "openai:gpt-image-1-mini": date(2026, 12, 1),
        "openai:gpt-image-1.5": date(2026, 12, 1),
        "openai:chatgpt-image-latest": date(2026, 12, 1),
    }


def test_a_successor_is_not_itself_shut_down() -> None:
    """It is a route of the same provider, and the defaults lead to none that ends either."""
    for name, retirement in RETIREMENTS.items():
        successor = Route.parse(retirement.successor)
        assert successor.provider == Route.parse(name).provider
        assert str(successor) not in RETIREMENTS
    assert not RETIREMENTS.keys() & {str(r) for tried in DEFAULT_ROUTES.values() for r in tried}

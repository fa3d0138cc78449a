"""What every upstream does alike when a call fails, asked of each by its own tests."""

import pytest

from safelight.upstream import ImageRequest, Upstream, UpstreamError


async def failure(
    upstream: Upstream, request: ImageRequest, key: str | None = None
) -> UpstreamError:
    """Ask, and give the error that comes."""
    with pytest.raises(UpstreamError) as caught:
        await upstream.generate(request, key)
    return caught.value


def assert_hides(error: BaseException, key: str) -> None:
    """No six characters of the key are in the message, nor in those that caused it."""
    told: BaseException | None = error
    while told is not None:
        text = f"{told} {told!r}"
        assert not any(key[at : at + 6] in text for at in range(len(key) - 5))
        told = told.__cause__

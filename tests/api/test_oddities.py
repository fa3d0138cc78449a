"""What no client sends and somebody will: odd names, queries, headers and bodies, everywhere."""

import base64
from typing import Final

import httpx
import pytest
from tests.api.calls import ORIGIN, Api
from tests.api.test_scopes import NEEDS, every

NAMES: Final = (
    "%00",
    "%FF%FE",
    "%ED%A0%80",
    "%F0%9F%98%80",
    "%0A",
    "%25",
    "..%2F..",
    "%2E%2E",
    "a%3Fb%23c",
    "'%22;--",
    "e%CC%81",
    "x" * 5000,
)
BODIES: Final = (
    b"null",
    b"[]",
    b'""',
    b"1e999",
    b"-" * 10,
    b"NaN",
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b'{"a": "\xff"}',
    b'{"input": {"prompt": "\\ud800"}}',
    b'{"input": {"prompt": "\\udc00\\ud800"}, "version": "safelight/echo"}',
    b'{"input": {"prompt": "\\u0000"}, "version": "safelight/echo\\u0000"}',
    b'{"input": {"prompt": 1' + b"0" * 400 + b'}, "version": 1' + b"0" * 400 + b"}",
    b'{"input": {"prompt": 1e400}, "min_instances": 1e400, "overlap": -1e400}',
    b'{"overlap": 18446744073709551616, "max_instances": 18446744073709551616}',
    b'{"overlap": true, "name": [], "owner": {}, "model": null, "destination": 0}',
    b'{"destination": "\\u0000/\\u0000", "input": {}}',
    b'{"destination": "/", "input": {}, "name": "\\ud83d\\ude00"}',
    b'{"input": {}, "input": [], "version": "\\n"}',
    b'{"": "", "\\u0000": "\\u0000", "__proto__": {}}',
    b"[" * 100_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
    b"--x\r\n\r\n",
    b"%",
)
MOMENTS: Final = (
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01",
    "9999-12-31T23:59:59Z",
    "2025-01-01T00:00:00+99:99",
    "2025-W01-1",
    "\u0662\u0660\u0662\u0665-01-01",
    "x" * 5000,
)


def _cursor(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode()


QUERIES: Final = (
    *({"created_after": moment, "created_before": moment} for moment in MOMENTS),
    *({"cursor": _cursor(f"p={moment}&i=a")} for moment in MOMENTS),
    *({"cursor": _cursor(f"r=1&p={moment}&i=a")} for moment in MOMENTS),
    {"cursor": "\x00"},
    {"cursor": "=" * 5},
    {"cursor": "a" * 50_000},
    {"limit": "9" * 5000, "query": "a"},
    {"limit": "000000001" + "9" * 5000, "query": "a"},
    {"limit": "\u0661", "query": "a"},
    {"query": "\x00"},
    {"query": "(" * 5000},
    {"query": "a " * 5000},
    {"query": "\U0001f600%_\\"},
    {"prediction": "\x00", "source": "\x00", "sort_by": "\x00"},
)
HEADERS: Final = (
    {"prefer": b"wait=\xff"},
    {"prefer": b"wait=" + b"9" * 5000},
    {"prefer": b"wait=-1"},
    {"cancel-after": b"9999999999999999999h"},
    {"cancel-after": b"\xb2s"},
    {"idempotency-key": b"\xff\x00"},
    {"content-type": b"multipart/form-data"},
    {"content-type": b"multipart/form-data; boundary=" + b"x" * 5000},
    {"content-type": b'multipart/form-data; boundary="\xff"'},
    {"content-type": b"\xff/\xff"},
    {"content-length": b"-1"},
    {"content-length": b"\xb2"},
    {"content-length": b"9" * 30},
    {"host": b"\xff"},
    {"host": b""},
    {"host": b"evil.test/x?y="},
    {"host": b"[::1]:8484"},
    {"content-length": b"9" * 5000},
    {"x-stainless-retry-count": b"\xff"},
    {"x-request-id": b"\xff\x00"},
    {"last-event-id": b"\xff"},
)
PLAIN: Final = b'{"input": {"prompt": "a"}, "version": "safelight/echo"}'


def _calls(api: Api, *, with_names: bool = False) -> list[tuple[str, str, str]]:
    """Every operation; or those alone of which the path names something."""
    found = [(name, *every(api)[name]) for name in NEEDS]
    return [call for call in found if "nothing" in call[2]] if with_names else found


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:20])
async def test_an_odd_name_is_not_found(api: Api, name: str) -> None:
    """Or leads to no operation at all."""
    for operation, method, path in _calls(api, with_names=True):
        url = httpx.URL(ORIGIN).copy_with(raw_path=path.replace("nothing", name).encode())
        answer = await api.client.request(method, url, content=PLAIN)
        assert answer.status_code in {307, 404, 405}, f"{operation}: {answer.text}"


@pytest.mark.parametrize("body", BODIES, ids=lambda body: ascii(body[:30]))
async def test_an_odd_body_is_no_fault_of_ours(api: Api, body: bytes) -> None:
    """The answer is one that the document tells of, which every answer here is checked for."""
    targets = {"owner": "safelight", "name": "echo"}
    for operation, method, path in _calls(api):
        if method in {"POST", "PATCH", "QUERY"}:
            named = path.replace("nothing/nothing", "{owner}/{name}").format(**targets)
            for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
                headers = {"content-type": kind}
                answer = await api.client.request(method, named, content=body, headers=headers)
                assert answer.status_code < 500, f"{operation}: {answer.text}"


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query)[:60])
async def test_an_odd_query_is_no_fault_of_ours(api: Api, query: dict[str, str]) -> None:
    """Whether the operation reads it or not."""
    await api.echo()
    for operation, method, path in _calls(api):
        if method == "GET":
            answer = await api.client.get(path, params=query)
            assert answer.status_code < 500, f"{operation}: {answer.text}"


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: ascii(headers)[:60])
async def test_an_odd_header_is_no_fault_of_ours(api: Api, headers: dict[str, bytes]) -> None:
    """Whether the operation reads it or not."""
    for operation, method, path in _calls(api):
        named = path.replace("nothing/nothing", "safelight/echo")
        answer = await api.client.request(method, named, content=PLAIN, headers=headers)
        assert answer.status_code < 500, f"{operation}: {answer.text}"

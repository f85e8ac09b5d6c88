from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import msgspec
import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from crossbook.api.guard import CONTENT_POLICY, Guard, foreign
from crossbook.api.settings import LONGEST_MESSAGE
from tests.api.made_up import QUICK, house

TOKEN = "a token that is long enough"
GUARDED = msgspec.structs.replace(QUICK, token=TOKEN)

HERE = [
    "localhost",
    "localhost:8000",
    "LOCALHOST:8000",
    "127.0.0.1",
    "127.0.0.1:8000",
    "127.9.9.9:1",
    "[::1]:8000",
]
ELSEWHERE = [
    *(
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:8000",
        "192.168.1.5:8000",
    ),
    *("0.0.0.0:8000", "[::]:80", "2130706433", "127.1", "0177.0.0.1", "localhost:x", "localhost:", "", " "),
    *(
        "a@localhost",
        "localhost@evil.example",
        "localhost/evil",
        "[::1",
        "localhost:99999",
        "localhost#.evil.example",
    ),
]


def scope(peer: str = "127.0.0.1", host: str | None = "localhost:8000", **headers: str) -> Scope:
    named = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [(name.encode(), value.encode()) for name, value in named.items() if value is not None]
    return {
        "type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": lines, "client": (peer, 5),
    }  # fmt: skip


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", HERE)
def test_this_machine_is_at_home(peer: str, host: str) -> None:
    assert foreign(scope(peer, host)) is None
    assert foreign(scope(peer, host, origin=f"http://{host}")) is None


@pytest.mark.parametrize(
    "peer", ["192.168.1.5", "8.8.8.8", "::", "fe80::1", "::ffff:8.8.8.8", "", "unix", "0.0.0.0"]
)
def test_other_machines_are_not(peer: str) -> None:
    assert foreign(scope(peer)) is not None


def test_an_unknown_peer_is_not() -> None:
    assert foreign({**scope(), "client": None}) is not None


@pytest.mark.parametrize("host", ELSEWHERE)
def test_names_of_others_are_refused(host: str) -> None:
    found = foreign(scope(host=host))
    assert found is not None
    assert found[0] == "Host"
    found = foreign(scope(origin=f"http://{host}"))
    assert found is not None
    assert found[0] == "Origin"


@pytest.mark.parametrize(
    "origin", ["null", "", "file://", "chrome-extension://localhost", "localhost:8000", "http://"]
)
def test_an_origin_that_is_no_page_of_this_machine(origin: str) -> None:
    found = foreign(scope(origin=origin))
    assert found is not None
    assert found[0] == "Origin"


def test_host_is_needed_once() -> None:
    twice = scope()
    twice["headers"].append((b"host", b"localhost"))
    for each in (scope(host=None), twice):
        found = foreign(each)
        assert found is not None
        assert found[0] == "Host"


@pytest.mark.parametrize("header", ["forwarded", "x_forwarded_for", "x_real_ip", "via"])
def test_what_a_proxy_passes_on_comes_from_elsewhere(header: str) -> None:
    assert foreign(scope(**{header: "127.0.0.1"})) is not None


def test_a_page_of_another_site_may_link_here_but_not_load() -> None:
    assert foreign(scope(sec_fetch_site="cross-site", sec_fetch_mode="navigate")) is None
    assert foreign(scope(sec_fetch_site="cross-site", sec_fetch_mode="no-cors")) is not None
    assert foreign(scope(sec_fetch_site="same-origin", sec_fetch_mode="cors")) is None


async def through(guard: Guard, asked: Scope) -> int:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await guard(asked, receive, send)
    headers = dict(sent[0]["headers"])
    assert headers[b"content-security-policy"] == CONTENT_POLICY.encode()
    assert headers[b"x-content-type-options"] == b"nosniff"
    return int(sent[0]["status"])


async def fine(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@given(
    peer=st.sampled_from(["127.0.0.1", "::1", "10.0.0.1", "2001:db8::1"]),
    host=st.sampled_from(["localhost:8000", "127.0.0.1", "evil.example", None]),
    origin=st.sampled_from([None, "http://localhost:3000", "https://evil.example", "null"]),
    shown=st.sampled_from([None, TOKEN, TOKEN + "x", "", "é"]),
    in_address=st.booleans(),
    guarded=st.booleans(),
)
def test_the_whole_matrix(
    peer: str, host: str | None, origin: str | None, shown: str | None, in_address: bool, guarded: bool
) -> None:
    asked = scope(peer, host)
    if origin is not None:
        asked["headers"].append((b"origin", origin.encode()))
    if shown is not None and in_address:
        asked["query_string"] = b"verdict=pure&token=" + shown.replace(" ", "%20").encode()
    elif shown is not None:
        asked["headers"].append((b"authorization", b"Bearer " + shown.encode()))
    at_home = peer in ("127.0.0.1", "::1") and host in ("localhost:8000", "127.0.0.1")
    at_home = at_home and origin in (None, "http://localhost:3000")
    status = asyncio.run(through(Guard(fine, TOKEN if guarded else None), asked))
    if guarded and shown is not None:
        assert status == (200 if shown == TOKEN else 401)
    else:
        assert status == (200 if at_home else 401 if guarded else 403)
    assert b"token" not in asked["query_string"], "it would stand in a log"


async def answer(client: aiohttp.ClientSession, address: str, **given: Any) -> tuple[int, Any]:
    async with client.get(address, **given) as response:
        problem = await response.json(content_type=None)
        if response.status >= 400:
            assert response.content_type == "application/problem+json"
            assert problem["status"] == response.status
            assert problem["remedy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in response.headers
        return response.status, problem


def test_a_real_server_refuses_a_foreign_page() -> None:
    async def run() -> None:
        async with house() as here:
            assert (await answer(here.client, here.address))[0] == 200
            foreign_origin = {"Origin": "https://evil.example"}
            status, problem = await answer(here.client, here.address, headers=foreign_origin)
            assert (status, problem["field"]) == (403, "Origin")
            status, problem = await answer(here.client, here.address, headers={"Host": "evil.example"})
            assert (status, problem["field"]) == (403, "Host")
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(here.socket, origin=websockets.Origin("https://evil.example"))
            assert refused.value.response.status_code == 403
            assert b"Origin" in (refused.value.response.body or b"")

    asyncio.run(run())


def test_a_real_server_with_a_token() -> None:
    async def run() -> None:
        async with house(GUARDED) as here:
            elsewhere = {"Host": "crossbook.example"}
            status, _ = await answer(here.client, here.address, headers=elsewhere)
            assert status == 401
            shown = {**elsewhere, "Authorization": f"Bearer {TOKEN}"}
            assert (await answer(here.client, here.address, headers=shown))[0] == 200
            asked = f"{here.address}/opportunities"
            status, _ = await answer(here.client, asked, params={"token": TOKEN}, headers=elsewhere)
            assert status == 200
            assert (await answer(here.client, asked, params={"token": "wrong"}))[0] == 401
            async with here.client.get(
                here.address, params={"token": TOKEN}, headers={**elsewhere, "Accept": "text/html"}
            ) as page:
                text = await page.text()
            assert "page.js?token=a%20token" in text
            assert '?token"' not in text

    asyncio.run(run())


def test_a_body_that_is_too_large() -> None:
    async def run() -> None:
        async with house() as here:
            headers = {"Content-Length": str(LONGEST_MESSAGE + 1)}
            status, problem = await answer(here.client, f"{here.address}/health", headers=headers)
            assert (status, problem["field"]) == (413, "body")

    asyncio.run(run())

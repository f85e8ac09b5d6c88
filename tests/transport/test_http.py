"""HTTP questions against a server that behaves, hangs, drips, bursts, sends us on, or lies."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable

import pytest
from aiohttp import web
from yarl import URL

from crossbook.base.errors import BadData, CrossbookError, Misconfigured, Refused, Retry
from crossbook.transport import http
from crossbook.transport.addresses import address_of, shown, without
from crossbook.transport.http import Answer
from crossbook.venues.asking import Question
from tests.transport.servers import Handler, http_server, tcp_server

SECRET = "secret-8861"
LIMIT = 10_000


def ask(handler: Handler, timeout_s: float = 30.0) -> Answer:
    async def run() -> Answer:
        async with http_server(handler) as base, http.session() as client:
            url = address_of(
                base, Question(path="/v4/odds", query=(("apiKey", SECRET), ("markets", "h2h,totals")))
            )
            return await http.get(client, url, timeout_s=timeout_s, max_bytes=LIMIT)

    return asyncio.run(run())


def refused(handler: Handler, error: type[CrossbookError], words: str, timeout_s: float = 30.0) -> None:
    with pytest.raises(error, match=words) as caught:
        ask(handler, timeout_s)
    assert SECRET not in str(caught.value)
    assert "apiKey=***" in str(caught.value)


def answering(body: bytes, **headers: str) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(
            body=body, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    return handler


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://[oops", "***"),
        ("me:secret@host/x", "***"),
        ("//me:secret@host/x", "//host/x"),
        ("odds.example/v4", "odds.example/v4"),
        ("https://me:secret@[::1]:8000/v4?token=secret&a=b", "https://[::1]:8000/v4?token=***&a=b"),
    ],
)
def test_addresses_are_shown_without_secrets(address: str, words: str) -> None:
    assert shown(address) == words
    assert shown(address, query=False) == words.partition("?")[0]


def test_the_question_arrives_and_the_answer_comes_back() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.path == "/v4/odds"
        assert dict(request.query) == {"apiKey": SECRET, "markets": "h2h,totals"}
        return web.Response(body=b"[1]", headers={"X-Requests-Remaining": "7"})

    answer = ask(handler)
    assert (answer.status, answer.body, answer.headers["x-requests-remaining"]) == (200, b"[1]", "7")


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_packed_answers(coding: str, pack: Callable[[bytes], bytes]) -> None:
    assert ask(answering(pack(b"[1, 2]"), Content_Encoding=coding)).body == b"[1, 2]"


@pytest.mark.parametrize(
    ("body", "coding", "words"),
    [
        (b"x" * (LIMIT + 1), "identity", "larger than"),
        (gzip.compress(b"0" * 5_000_000), "gzip", "unpacks to more"),
        (gzip.compress(b"[1]")[:-9], "gzip", "ends too soon"),
        (gzip.compress(b"[1]") + b"more", "gzip", "follows the packed answer"),
        (b"\x1f", "gzip", "ends too soon"),
        (b"no gzip", "gzip", "cannot be unpacked"),
        (b"?", "br", "packed as 'br'"),
    ],
)
def test_what_is_no_honest_answer(body: bytes, coding: str, words: str) -> None:
    refused(answering(body, Content_Encoding=coding), BadData, words)


def test_redirects_are_not_followed() -> None:
    async def handler(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"http://elsewhere.example/v4/odds?apiKey={SECRET}")

    refused(handler, Refused, "sends us on to 'http://elsewhere.example")


def test_a_server_that_hangs() -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    refused(handler, Retry, "no whole answer", timeout_s=0.1)


def test_a_server_that_drips() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.01)

    refused(handler, Retry, "no whole answer", timeout_s=0.2)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1]", Retry),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", CrossbookError),
        (b"SSH-2.0-OpenSSH\r\n\r\n", BadData),
        (b"", Retry),
    ],
    ids=["cut", "bad chunk", "another protocol", "nothing"],
)
def test_a_server_that_breaks_off(said: bytes, error: type[CrossbookError]) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()
        writer.close()

    async def run() -> None:
        async with tcp_server(talk) as port, http.session() as client:
            await http.get(client, URL(f"http://127.0.0.1:{port}/?token={SECRET}"))

    with pytest.raises(error) as caught:
        asyncio.run(run())
    assert SECRET not in str(caught.value)


def test_nobody_there() -> None:
    async def run() -> None:
        async with tcp_server(lambda reader, writer: asyncio.sleep(0)) as port:
            pass
        async with http.session() as client:
            await http.get(client, URL(f"http://127.0.0.1:{port}/"))

    with pytest.raises(Retry, match="no connection"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("999999", 3600.0), ("-1", 0.0)],
)
def test_retry_after(text: str, seconds: float) -> None:
    assert Answer(429, {"retry-after": text}, b"").retry_after_s() == seconds


@pytest.mark.parametrize(
    "base", ["", "ftp://host", "host:80", "http://", "http://host:99999999", "http://[::1"]
)
def test_addresses_that_are_none(base: str) -> None:
    with pytest.raises(Misconfigured, match="is no address"):
        address_of(base, Question(path="/x"))


def test_nothing_secret_is_shown() -> None:
    assert shown("wss://a:b@[::1]:9/x?token=abc&Key=1&x=2") == "wss://[::1]:9/x?token=***&Key=***&x=2"
    assert shown("http://[bad") == "***"
    assert without("no abc here", ("abc",)) == "no *** here"

"""WebSocket connections against servers that talk, cut, hang, refuse or send too much."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from websockets.asyncio.server import ServerConnection
from websockets.utils import accept_key

from crossbook.base.errors import BadData, CrossbookError, Misconfigured, Refused, Retry
from crossbook.transport import socket
from tests.transport.servers import http_server, socket_server, tcp_server

Talk = Callable[[ServerConnection], Awaitable[None]]


def talk_to(server: Talk, first: str = "", **limits: float) -> tuple[list[bytes], CrossbookError]:
    """Everything that was received, and how the connection ended."""
    received: list[bytes] = []

    async def run() -> None:
        async with (
            socket_server(server) as url,
            socket.connected(url, received.append, largest_message=100_000, **limits) as connection,  # type: ignore[arg-type]
        ):
            if first:
                connection.send(first)
            await connection.lost()

    with pytest.raises(CrossbookError) as caught:
        asyncio.run(run())
    return received, caught.value


def test_messages_come_whole() -> None:
    async def server(connection: ServerConnection) -> None:
        assert await connection.recv() == "subscribe"
        await connection.send("one")
        await connection.send(b"two")
        await connection.send(["th", "r", "ee"])
        await connection.send("")
        await connection.close(1000, "bye")

    received, ended = talk_to(server, "subscribe")
    assert received == [b"one", b"two", b"three", b""]
    assert isinstance(ended, Retry)
    assert "closed by the other side (1000, 'bye')" in str(ended)


def test_a_cut() -> None:
    async def server(connection: ServerConnection) -> None:
        await connection.send("one")
        connection.transport.abort()

    received, ended = talk_to(server)
    assert isinstance(ended, Retry)
    assert received in ([b"one"], [])


@pytest.mark.parametrize("parts", [["x" * 200_000], ["x" * 60_000, "x" * 60_000]], ids=["frame", "message"])
def test_too_large(parts: list[str]) -> None:
    async def server(connection: ServerConnection) -> None:
        await connection.send("one")
        await connection.send(parts)
        await connection.wait_closed()

    received, ended = talk_to(server)
    assert received == [b"one"]
    assert isinstance(ended, BadData)
    assert "larger than 100000 bytes" in str(ended)


def test_a_side_that_answers_no_ping() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        key = request[request.lower().index(b"sec-websocket-key: ") + 19 :].partition(b"\r\n")[0]
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept_key(key.decode()).encode() + b"\r\n\r\n"
        )
        await reader.read(-1)

    async def run() -> None:
        async with (
            tcp_server(talk) as port,
            socket.connected(f"ws://127.0.0.1:{port}/", lambda data: None, ping_s=0.05) as connection,
        ):
            await connection.lost()

    with pytest.raises(Retry, match="lost"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "error"), [(401, Refused), (404, Refused), (429, Retry), (503, Retry), (200, Retry)]
)
def test_no_websocket(status: int, error: type[CrossbookError]) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status)

    async def run() -> None:
        async with http_server(handler) as base:
            url = base.replace("http://", "ws://") + "/ws?token=hidden"
            async with socket.connected(url, lambda data: None):
                pass

    with pytest.raises(error, match=str(status)) as caught:
        asyncio.run(run())
    assert "hidden" not in str(caught.value)


def test_what_the_receiver_raises_is_not_lost() -> None:
    async def server(connection: ServerConnection) -> None:
        await connection.send("one")
        await connection.wait_closed()

    def full(data: bytes) -> None:
        raise OSError("the disk is full")

    async def run() -> None:
        async with socket_server(server) as url, socket.connected(url, full) as connection:
            await connection.lost()

    with pytest.raises(OSError, match="the disk is full"):
        asyncio.run(run())


def test_no_address() -> None:
    async def run() -> None:
        async with socket.connected("http://host/", lambda data: None):
            pass

    with pytest.raises(Misconfigured):
        asyncio.run(run())

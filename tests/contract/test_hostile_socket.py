"""Strangers at the sockets of a running `crossbook up`: a good worker is answered all the while, memory stays flat."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import socket as sockets
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import pytest
import websockets

from crossbook.api.settings import LONGEST_MESSAGE
from tests.live.product import Product, serving, until

MOST_GROWTH = 64 * 1024 * 1024
CONNECTIONS = 50
_KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
_UPGRADE = (
    f"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{_KEY}\r\n".encode()
)
_AT = "2024-12-10T10:00:00"
_DEEP = "[" * 200_000


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    # Pings are frequent, so that a connection whose other end is gone is found within the test.
    with serving("[doors]\nports = [0]\nping_s = 0.5\nregister_within_s = 3\n") as found:
        yield found


def register(worker: str) -> str:
    return json.dumps({"type": "worker:register", "worker_id": worker, "site": "sbo", "timestamp": _AT})


def update(worker: str, matches: list[Any] | None = None) -> str:
    data = {"matches": matches if matches is not None else [match("Chelsea", 1.9)]}
    head = {"type": "odds:update", "worker_id": worker, "site": "sbo", "timestamp": _AT}
    return json.dumps({**head, "data": data})


def match(home: str, price: float) -> dict[str, Any]:
    return {
        "home_team": home,
        "away_team": "Fulham",
        "odds": {"ft_ou": {"over": price, "under": 1.9, "line": 2.5}},
    }


class Good:
    """A worker that behaves; each of its messages has one fault, so that it is told of that one."""

    def __init__(self, product: Product) -> None:
        self.port = product.port()
        self.answered = 0
        self._product = product

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Send and be answered for the length of the block, and once more when it is over."""
        async with websockets.connect(f"ws://127.0.0.1:{self.port}/ws") as socket:
            await socket.send(register("good"))
            task = asyncio.create_task(self._work(socket))
            try:
                yield
                before = self.answered
                async with asyncio.timeout(60):
                    while self.answered < before + 3:
                        assert not task.done(), task.exception()
                        await asyncio.sleep(0.01)
            finally:
                task.cancel()
                await asyncio.wait([task])

    async def _work(self, socket: websockets.ClientConnection) -> None:
        for number in itertools.count():
            wrong = {**match("Chelsea", 1.9), "odds": {f"ft_none_{number}": {"over": 2}}}
            await socket.send(update("good", [match("Chelsea", 1.5 + number % 500 / 1000), wrong]))
            async with asyncio.timeout(60):
                told = json.loads(await socket.recv())
            assert (told["type"], f"ft_none_{number}" in told["message"]) == ("error", True), told
            self.answered += 1
            await asyncio.sleep(0.02)


Attack = Callable[[int], Awaitable[None]]


async def opened(port: int, before: bytes = _UPGRADE) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    writer.write(before)
    if before == _UPGRADE:
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def framed(payload: bytes, opcode: int = 1, final: bool = True) -> bytes:
    first = (0x80 if final else 0) | opcode
    if len(payload) < 126:
        length = struct.pack("!BB", first, 0x80 | len(payload))
    elif len(payload) < 1 << 16:
        length = struct.pack("!BBH", first, 0x80 | 126, len(payload))
    else:
        length = struct.pack("!BBQ", first, 0x80 | 127, len(payload))
    return length + b"\0\0\0\0" + payload


async def ended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read until the other end has let go."""
    try:
        with contextlib.suppress(OSError):
            async with asyncio.timeout(60):
                while await reader.read(1 << 16):
                    pass
    finally:
        writer.transport.abort()


async def malformed(port: int) -> None:
    texts = [
        "",
        "{",
        "null",
        "[]",
        '"',
        "\x00",
        '{"type":5}',
        _DEEP,
        '{"type":' + _DEEP,
        "é" * 1000,
        "NaN",
        "1e999999",
    ]
    async with websockets.connect(f"ws://127.0.0.1:{port}/ws") as socket:
        await socket.send(register("malformed"))
        for text in texts:
            await socket.send(text)
            assert json.loads(await socket.recv())["type"] == "error"
        nested: Any = []
        for _ in range(500):
            nested = [nested]
        for matches in (
            [nested],
            [{"home_team": nested}],
            [None] * 1000,
            [match("\ud800", 1.9)],
            [match("x" * 9999, 0)],
        ):
            await socket.send(update("malformed", matches))
            assert json.loads(await socket.recv())["type"] == "error"


async def binary(port: int) -> None:
    async with websockets.connect(f"ws://127.0.0.1:{port}/ws") as socket:
        for size in (1, 100, 100_000):
            await socket.send(os.urandom(size))
            assert json.loads(await socket.recv())["type"] == "error"


async def oversize(port: int) -> None:
    """One message too long, said to be, in one frame and in many."""
    for lies in (framed(b"x" * (LONGEST_MESSAGE + 1)), b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"\0\0\0\0abc"):
        reader, writer = await opened(port)
        writer.write(lies)
        await ended(reader, writer)
    reader, writer = await opened(port)
    writer.write(framed(b"x" * 1000, final=False))
    with contextlib.suppress(OSError):
        for _ in range(2000):
            writer.write(framed(b"x" * 1000, opcode=0, final=False))
            await writer.drain()
    await ended(reader, writer)


async def slow(port: int) -> None:
    """A byte now and then, of the handshake and of a message; it is for us to have had enough."""
    for before, rest in ((b"", _UPGRADE), (_UPGRADE, framed(register("slow").encode()))):
        reader, writer = await opened(port, before)
        with contextlib.suppress(OSError):
            for byte in rest[:6]:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
        writer.transport.abort()
        del reader


async def half_open(port: int) -> None:
    """Never answers a ping and reads nothing, over connections that were registered."""
    loop = asyncio.get_running_loop()
    raws = []
    for number in range(10):
        raw = sockets.socket()
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        raw.setblocking(False)
        raws.append(raw)
        await loop.sock_connect(raw, ("127.0.0.1", port))
        await loop.sock_sendall(raw, _UPGRADE)
        assert b" 101 " in await loop.sock_recv(raw, 4096)
        await loop.sock_sendall(raw, framed(register(f"deaf-{number}").encode()))
        if number % 2:
            raw.shutdown(sockets.SHUT_RD)
    try:
        await asyncio.to_thread(until, lambda: not deaf(port), "the end of who is deaf")
    finally:
        for raw in raws:
            raw.close()


def deaf(port: int) -> list[str]:
    with sockets.create_connection(("127.0.0.1", port), 30) as asking:
        asking.sendall(b"GET /workers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: asking.recv(1 << 16), b""))
    found = json.loads(answer.partition(b"\r\n\r\n")[2])
    return [each["worker_id"] for each in found["workers"] if each["worker_id"].startswith("deaf")]


async def flood(port: int) -> None:
    """Everybody at once, as fast as can be, each under a name of its own."""

    async def one(number: int) -> None:
        name = f"flood-{number}"
        many = [match(f"Club {number} {index}", 1.5 + index / 1000) for index in range(20)]
        text = update(name, many)
        with contextlib.suppress(OSError, websockets.WebSocketException):
            async with websockets.connect(f"ws://127.0.0.1:{port}/ws", close_timeout=1) as socket:
                await socket.send(register(name))
                for _ in range(400):
                    await socket.send(text)
                    await socket.send("{nonsense")

    await asyncio.gather(*map(one, range(CONNECTIONS)))


async def garbage(port: int) -> None:
    """Before any handshake."""
    pieces = [
        os.urandom(5000),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(512),
        b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /ws HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(20_000)),
        b"POST /odds HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + b"ffffffffff\r\n",
        _UPGRADE.replace(b"13", b"99"),
        _UPGRADE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"no key"),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]
    for piece in pieces:
        reader, writer = await opened(port, piece if piece != _UPGRADE else b"")
        with contextlib.suppress(OSError):
            writer.write_eof()
        await ended(reader, writer)
    for frame in (
        framed(b"\xff\xfe"),
        framed(b"x", opcode=3),
        framed(b"x" * 200, opcode=9),
        b"\x81\x05hello",
    ):
        reader, writer = await opened(port)
        writer.write(frame)
        await ended(reader, writer)


ATTACKS: tuple[Attack, ...] = (malformed, binary, oversize, slow, half_open, garbage, flood)


def memory(product: Product) -> int:
    return int(psutil.Process(product.running.pid).memory_info().rss)


def test_strangers_harm_nobody(product: Product) -> None:
    port = product.port()
    assert port is not None

    async def attacked() -> int:
        good = Good(product)
        async with good.at_work():
            await asyncio.gather(*(attack(port) for attack in ATTACKS))
        return good.answered

    asyncio.run(attacked())  # fills what is kept on purpose, such as the queues
    before = memory(product)
    began = time.monotonic()
    answered = sum(asyncio.run(attacked()) for _ in range(2))
    took = time.monotonic() - began
    grown = memory(product) - before
    print(f"{answered} messages answered in {took:.0f} s under attack; memory grew by {grown / 1e6:.1f} MB")
    assert answered > 6
    assert grown < MOST_GROWTH, f"{grown / 1e6:.0f} MB more"
    until(lambda: product.ask("/workers")["count"] == 0, "the end of all connections")
    assert product.ask("/health")["status"] in ("ok", "degraded")

"""Lines over TCP against a server that talks, cuts, hangs or babbles."""

from __future__ import annotations

import asyncio

import pytest

from crossbook.base.errors import BadData, CrossbookError, Retry
from crossbook.transport import lines
from tests.transport.servers import Talk, tcp_server


def said(*pieces: bytes, hang: bool = False) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if hang:
            await reader.read()
        writer.close()

    return talk


def heard(talk: Talk, count: int, within_s: float = 30.0) -> list[bytes]:
    async def run() -> list[bytes]:
        async with (
            tcp_server(talk) as port,
            lines.connected("127.0.0.1", port, tls=False, longest_line=1_000) as connection,
        ):
            return [await connection.read(within_s) for _ in range(count)]

    return asyncio.run(run())


def test_lines_come_whole_and_as_they_were() -> None:
    assert heard(said(b'{"a":', b"1}\r\n{}\r", b"\n", b"x" * 900 + b"\r\n"), 3) == [
        b'{"a":1}\r\n',
        b"{}\r\n",
        b"x" * 900 + b"\r\n",
    ]


@pytest.mark.parametrize(
    ("talk", "error", "words"),
    [
        (said(b"one\r\n"), Retry, "closed by the other side"),
        (said(b"one\r\ntw"), Retry, "in the middle of a line"),
        (said(b"one\r\n" + b"x" * 5_000, hang=True), BadData, "longer than the limit"),
        (said(b"one\r\n" + b"x" * 5_000 + b"\r\n", hang=True), BadData, "longer than the limit"),
    ],
    ids=["cut", "torn", "endless", "long"],
)
def test_how_it_ends(talk: Talk, error: type[CrossbookError], words: str) -> None:
    assert heard(talk, 1) == [b"one\r\n"]
    with pytest.raises(error, match=words):
        heard(talk, 2)


def test_silence_is_noticed() -> None:
    with pytest.raises(Retry, match="silent for"):
        heard(said(b"one\r\n", hang=True), 2, within_s=0.1)


def test_what_is_written_arrives() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readuntil(b"\r\n"))
        await reader.read()

    async def run() -> bytes:
        async with tcp_server(echo) as port, lines.connected("127.0.0.1", port, tls=False) as connection:
            await connection.write(b"hello\r\n")
            return await connection.read(30)

    assert asyncio.run(run()) == b"hello\r\n"


def test_nobody_there() -> None:
    async def run() -> None:
        async with tcp_server(said()) as port:
            pass
        async with lines.connected("127.0.0.1", port, tls=False):
            pass

    with pytest.raises(Retry, match="no connection"):
        asyncio.run(run())


def test_no_encryption_where_it_is_asked_for() -> None:
    async def run() -> None:
        async with tcp_server(said(b"hello\r\n")) as port, lines.connected("127.0.0.1", port, tls=True):
            pass

    with pytest.raises(Retry, match="no connection"):
        asyncio.run(run())

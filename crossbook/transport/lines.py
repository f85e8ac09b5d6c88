"""A stream of lines over TCP, with or without TLS: each ends in CR LF, none is longer than a limit."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from crossbook.base.errors import BadData, Refused, Retry

LONGEST_LINE: Final = 16 * 1024 * 1024
_END: Final = b"\r\n"


class Lines:
    """An open connection. `read` gives one line after the other, with its end as it came."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> None:
        self._reader = reader
        self._writer = writer
        self._name = name

    async def read(self, within_s: float) -> bytes:
        """The next line. Raises Retry when none comes in time or the other side is gone, BadData for a line
        beyond the limit.
        """
        try:
            async with asyncio.timeout(within_s):
                return await self._reader.readuntil(_END)
        except TimeoutError:
            raise Retry(f"{self._name}: silent for {within_s:g} s") from None
        except asyncio.IncompleteReadError as error:
            cut = " in the middle of a line" if error.partial else ""
            raise Retry(f"{self._name}: closed by the other side{cut}") from None
        except asyncio.LimitOverrunError:
            raise BadData(f"{self._name}: a line is longer than the limit") from None
        except OSError as error:
            raise Retry(f"{self._name}: lost ({type(error).__name__})") from None

    async def write(self, data: bytes) -> None:
        """Send a line that already has its end. Raises Retry when the connection is gone."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise Retry(f"{self._name}: lost ({type(error).__name__})") from None


@asynccontextmanager
async def connected(
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | bool,
    timeout_s: float = 10.0,
    longest_line: int = LONGEST_LINE,
) -> AsyncIterator[Lines]:
    """A connection for the length of the block. Raises Retry when there is none in time, Refused for a
    certificate that is not trusted.
    """
    name = f"{host}:{port}"
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port, ssl=tls or None, limit=longest_line)
    except TimeoutError:
        raise Retry(f"{name}: no connection within {timeout_s:g} s") from None
    except ssl.SSLCertVerificationError:
        raise Refused(f"{name}: its certificate is not trusted") from None
    except OSError as error:
        raise Retry(f"{name}: no connection ({type(error).__name__})") from None
    try:
        yield Lines(reader, writer, name)
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await writer.wait_closed()

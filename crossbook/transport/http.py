"""HTTP questions: one GET, one answer, within a time and a size, before and after unpacking."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import msgspec
from yarl import URL

from crossbook.base.errors import BadData, Refused, Retry
from crossbook.transport.addresses import shown

LARGEST_ANSWER: Final = 32 * 1024 * 1024
_CHUNK: Final = 65_536
_LONGEST_WAIT_S: Final = 3_600.0
_HEADERS: Final = {"Accept-Encoding": "gzip, deflate", "Accept": "application/json"}
_MOVED: Final = frozenset({301, 302, 303, 307, 308})


class Answer(msgspec.Struct, frozen=True):
    """An answer: its status, its headers (names in small letters), and its unpacked body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def retry_after_s(self) -> float:
        """The seconds the server asks us to wait, 0 where it asks for none or names a date; an hour at most."""
        text = self.headers.get("retry-after", "").strip()
        seconds = float(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0.0
        return min(seconds, _LONGEST_WAIT_S)


@asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Connections that are kept between questions. No cookies, no proxies from the environment."""
    connector = aiohttp.TCPConnector(limit=32, limit_per_host=8)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
    ) as found:
        yield found


async def get(
    client: aiohttp.ClientSession,
    url: URL,
    *,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 10.0,
    max_bytes: int = LARGEST_ANSWER,
) -> Answer:
    """Ask once; redirects are not followed, for a secret in the address would go along.

    `timeout_s` is for the whole of it, so a server that drips gains nothing. Raises Retry when no answer came in
    time, Refused for a redirect, BadData when the answer is larger than `max_bytes` or cannot be unpacked. No
    message holds a secret of the address.
    """
    where = shown(url)
    try:
        async with client.get(
            url,
            headers={**_HEADERS, **(headers or {})},
            timeout=aiohttp.ClientTimeout(total=timeout_s),
            allow_redirects=False,
        ) as response:
            if response.status in _MOVED:
                target = shown(response.headers.get("Location", ""))
                raise Refused(
                    f"{where}: sends us on to {target[:200]!r}; set the source's url to where it is"
                )
            body = await _body(response, max_bytes, where)
            names = {name.casefold(): value for name, value in response.headers.items()}
            return Answer(response.status, names, body)
    except TimeoutError:
        raise Retry(f"{where}: no whole answer within {timeout_s:g} s") from None
    except aiohttp.ClientPayloadError:
        raise Retry(f"{where}: the answer broke off") from None
    except aiohttp.ClientConnectorCertificateError:
        raise Refused(f"{where}: its certificate is not trusted") from None
    except aiohttp.ClientConnectionError as error:
        raise Retry(f"{where}: no connection ({type(error).__name__})") from None
    except (aiohttp.ClientError, ValueError) as error:
        raise BadData(f"{where}: not an answer in HTTP ({type(error).__name__})") from None


async def _body(response: aiohttp.ClientResponse, most: int, where: str) -> bytes:
    coding = response.headers.get("Content-Encoding", "identity").strip().casefold()
    unpack = _Unpacking(coding, most, where)
    received = 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        received += len(chunk)
        if received > most:
            raise BadData(f"{where}: the answer is larger than {most} bytes")
        unpack.take(chunk)
    return unpack.whole()


class _Unpacking:
    """Unpacks as it comes, and stops at the limit: a small answer may unpack to more than a machine holds."""

    def __init__(self, coding: str, most: int, where: str) -> None:
        self._most = most
        self._where = where
        self._pieces: list[bytes] = []
        self._size = 0
        self._begun = False
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise BadData(f"{where}: the answer is packed as {coding[:40]!r}, which was not asked for")
        self._unpacker = None if coding in ("", "identity") else zlib.decompressobj(wbits=47)

    def take(self, chunk: bytes) -> None:
        """Add a piece of the answer. Raises BadData at the limit, or when it cannot be unpacked."""
        self._begun = True
        if self._unpacker is not None:
            try:
                chunk = self._unpacker.decompress(chunk, self._most - self._size + 1)
            except zlib.error:
                raise BadData(f"{self._where}: the answer cannot be unpacked") from None
        self._size += len(chunk)
        if self._size > self._most:
            raise BadData(f"{self._where}: the answer unpacks to more than {self._most} bytes")
        self._pieces.append(chunk)

    def whole(self) -> bytes:
        """All of it. Raises BadData when the end is missing."""
        if self._unpacker is not None and self._begun and not self._unpacker.eof:
            raise BadData(f"{self._where}: the packed answer ends too soon")
        if self._unpacker is not None and self._unpacker.unused_data:
            raise BadData(f"{self._where}: something follows the packed answer")
        return b"".join(self._pieces)

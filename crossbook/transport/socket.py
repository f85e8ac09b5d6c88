"""WebSocket connections: each whole message is handed on the moment it is there."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import picows

from crossbook.base.errors import BadData, Refused, Retry
from crossbook.transport.addresses import checked, shown

LARGEST_MESSAGE: Final = 16 * 1024 * 1024
_DATA: Final = (picows.WSMsgType.TEXT, picows.WSMsgType.BINARY, picows.WSMsgType.CONTINUATION)


class Socket(picows.WSListener):
    """An open connection. Messages go to `receive` as bytes, whole, in their order; pings are answered."""

    def __init__(self, receive: Callable[[bytes], None], name: str, largest: int) -> None:
        super().__init__()
        self._receive = receive
        self._name = name
        self._largest = largest
        self._pieces: list[bytes] = []
        self._size = 0
        self._lost: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._transport: picows.WSTransport | None = None

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """Called by the library when the connection stands."""
        self._transport = transport

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        """Called by the library for every frame; parts of one message are put together."""
        if frame.msg_type is picows.WSMsgType.CLOSE:
            code, reason = frame.get_close_code(), frame.get_close_message() or b""
            said = f"closed by the other side ({getattr(code, 'value', code)}"
            said += f", {reason[:80].decode('utf-8', 'replace')!r})" if reason else ")"
            self._end(Retry(f"{self._name}: {said}"))
            transport.disconnect()
        if frame.msg_type not in _DATA:
            return
        if frame.fin and not self._pieces:
            self._take(frame.get_payload_as_bytes())
            return
        self._pieces.append(frame.get_payload_as_bytes())
        self._size += len(self._pieces[-1])
        if self._size > self._largest:
            self._end(self._too_large())
            transport.disconnect(graceful=False)
        elif frame.fin:
            whole, self._pieces, self._size = b"".join(self._pieces), [], 0
            self._take(whole)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        """Called by the library when the connection is gone."""
        handshake: picows.picows.WSCloseHandshake | None = transport.close_handshake
        sent = None if handshake is None else handshake.sent
        if sent is not None and sent.code is picows.WSCloseCode.MESSAGE_TOO_BIG:
            self._end(self._too_large())
        self._end(Retry(f"{self._name}: the connection is lost"))

    def send(self, text: str) -> None:
        """Send a text message. Raises Retry when the connection is gone."""
        if self._transport is None or self._transport.is_disconnected:
            raise Retry(f"{self._name}: the connection is lost")
        self._transport.send(picows.WSMsgType.TEXT, text.encode())

    async def lost(self) -> None:
        """Wait until the connection is gone. Always raises: Retry, BadData for a message beyond the limit, or what
        `receive` raised.
        """
        raise await asyncio.shield(self._lost)

    def _take(self, data: bytes) -> None:
        if self._lost.done():
            return
        try:
            self._receive(data)
        except BaseException as error:
            self._end(error)
            raise

    def _too_large(self) -> BadData:
        return BadData(f"{self._name}: a message is larger than {self._largest} bytes")

    def _end(self, reason: BaseException) -> None:
        if not self._lost.done():
            self._lost.set_result(reason)


@asynccontextmanager
async def connected(
    url: str,
    receive: Callable[[bytes], None],
    *,
    tls: ssl.SSLContext | None = None,
    timeout_s: float = 10.0,
    ping_s: float = 10.0,
    largest_message: int = LARGEST_MESSAGE,
) -> AsyncIterator[Socket]:
    """A connection for the length of the block; a side that answers no ping for `ping_s` twice is lost.

    Raises Retry when there is no connection in time, Refused where the server does not want us.
    """
    checked(url, ("ws", "wss"))
    name = shown(url)
    socket = Socket(receive, name, largest_message)
    try:
        async with asyncio.timeout(timeout_s):
            transport, _ = await picows.ws_connect(
                lambda: socket,
                url,
                ssl_context=tls,
                websocket_handshake_timeout=timeout_s,
                enable_auto_ping=True,
                auto_ping_idle_timeout=ping_s,
                auto_ping_reply_timeout=ping_s,
                max_frame_size=largest_message,
                max_redirects=0,
            )
    except TimeoutError:
        raise Retry(f"{name}: no connection within {timeout_s:g} s") from None
    except picows.WSInvalidStatusError as error:
        status = getattr(getattr(error, "response", None), "status", None)
        number = int(getattr(status, "value", 0))
        said = f"{name}: the server answered {number or 'something else'} and opened no WebSocket"
        raise (
            Refused(said) if 400 <= number < 500 and number not in (408, 425, 429) else Retry(said)
        ) from None
    except ssl.SSLCertVerificationError:
        raise Refused(f"{name}: its certificate is not trusted") from None
    except (OSError, picows.WSError) as error:
        raise Retry(f"{name}: no connection ({type(error).__name__})") from None
    try:
        yield socket
    finally:
        transport.disconnect(graceful=False)
        with contextlib.suppress(Exception):  # why it was lost is what `lost` raises
            await transport.wait_disconnected()

"""The floor under every server of site workers: the same framework and protocol, and nothing done with what comes.

uvicorn with its websockets-sansio protocol, as Crossbook's doors run it, and an application that takes messages and
forgets them. A message that ends with a mark, which the benchmark waits for, is told to everybody at once.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]
_NEWS = '{"type":"arbitrage:opportunities","count":1,"opportunities":[{"event":{"home":"%s","away":""},"legs":[]}]}'


async def serve(ready: Callable[[int], None], stopped: asyncio.Event) -> None:
    """Serve on a free port of this machine, which `ready` is told, until it is stopped."""
    everybody: set[Callable[[Message], Awaitable[None]]] = set()

    async def app(
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        everybody.add(send)
        while (message := await receive())["type"] != "websocket.disconnect":
            text: str = message["text"]
            if text.endswith('"}') and '"mark":"' in text:  # whole boards end with brackets
                news = _NEWS % text.rpartition('"mark":"')[2][:-2]
                for each in list(everybody):
                    await each({"type": "websocket.send", "text": news})
        everybody.discard(send)

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            http="httptools",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
    )
    ready(listening.getsockname()[1])
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await stopped.wait()
    server.should_exit = True
    await serving

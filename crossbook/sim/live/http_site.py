"""What the simulated HTTP services have in common: a port on loopback, and doing nothing while cut or hushed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from crossbook.base.clock import Clock
from crossbook.sim.live.conductor import LOOPBACK
from crossbook.sim.live.wire import Wire

JSON: Final = "application/json"
_LONGEST_BODY: Final = 65_536

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """An aiohttp application on a port of its own."""

    def __init__(self, routes: dict[str, Handler], port: int) -> None:
        self.port = port
        app = web.Application(client_max_size=_LONGEST_BODY)
        app.add_routes([web.get(path, handler) for path, handler in routes.items()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Listen on loopback."""
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port and all connections."""
        await self._runner.cleanup()


async def silenced(request: web.Request, wire: Wire, clock: Clock) -> bool:
    """Whether the source is cut or hushed; then the connection is dropped, after the hush and without an answer."""
    if wire.is_hushed(clock.now()):
        await wire.until_it_may_speak(clock)
    elif not wire.is_cut(clock.now()):
        return False
    hang_up(request)
    return True


def hang_up(request: web.Request) -> None:
    """Drop the connection of a request."""
    if request.transport is not None:
        request.transport.abort()


def json_answer(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """An answer whose body is JSON already."""
    return web.Response(body=body, status=status, content_type=JSON, charset="utf-8", headers=headers)

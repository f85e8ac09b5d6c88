"""The doors opened: one application on several ports, in the event loop that is running."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from crossbook.api.guard import Guard
from crossbook.api.health import Health
from crossbook.api.live_feed import LiveFeed
from crossbook.api.problem import on_fault, on_http_error, on_invalid
from crossbook.api.routes import NAME, make_routes
from crossbook.api.settings import LONGEST_MESSAGE, DoorSettings
from crossbook.api.site_gateway import SiteGateway
from crossbook.base.clock import Clock
from crossbook.base.errors import Misconfigured
from crossbook.pipeline.view import Engine

_DONE_BY_CALLERS: Final = frozenset(
    ("Invalid UTF-8 sequence received from client.", "ASGI callable returned without completing handshake.")
)
# Any caller could fill the log with these, the first with a traceback each time.
logging.getLogger("uvicorn.error").addFilter(lambda record: record.msg not in _DONE_BY_CALLERS)

_STOP_WITHIN_S: Final = 3
_SILENT_WITHIN_MS: Final = 45_000
"""The system gives a connection up when what was sent is not taken for this long."""


class Doors:
    """The application and the parts behind it."""

    def __init__(self, engine: Engine, clock: Clock, settings: DoorSettings) -> None:
        self.gateway = SiteGateway(engine, clock, settings)
        self.feed = LiveFeed(engine, clock, settings)
        self.health = Health(engine, clock)
        api = FastAPI(
            title=NAME,
            version=engine.view().version,
            docs_url=None,
            redoc_url=None,
            exception_handlers={
                HTTPException: on_http_error,
                RequestValidationError: on_invalid,
                Exception: on_fault,
            },
        )
        api.include_router(make_routes(engine, clock, self.gateway, self.feed, self.health))
        self.app: ASGIApp = Guard(api, settings.token)

    def close(self) -> None:
        """Let everybody go who would stay."""
        self.feed.close()
        self.gateway.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program, not to its doors."""
        yield


@asynccontextmanager
async def serve(
    engine: Engine, clock: Clock, settings: DoorSettings | None = None
) -> AsyncIterator[tuple[int, ...]]:
    """Open the doors; gives the ports, in the order of the settings, where 0 asks for a free one.

    Within the context all ports answer; leaving it lets all callers go and closes them. Raises Misconfigured,
    before anything is open, when a port is taken or the settings would let strangers in.
    """
    settings = settings or DoorSettings()
    for field, wrong in settings.doubts():
        raise Misconfigured(f"{field}: {wrong}")
    sockets = _bound(settings)
    try:
        doors = Doors(engine, clock, settings)
        servers = [_Server(_configuration(doors.app, settings)) for _ in sockets]
    except BaseException:
        for each in sockets:
            each.close()
        raise
    try:
        async with asyncio.TaskGroup() as tasks:
            pumps = [tasks.create_task(part.run()) for part in (doors.gateway, doors.feed, doors.health)]
            running = [
                tasks.create_task(server.serve(sockets=[each]))
                for server, each in zip(servers, sockets, strict=True)
            ]
            try:
                while not all(server.started for server in servers):
                    await asyncio.sleep(0.005)
                yield tuple(each.getsockname()[1] for each in sockets)
            finally:
                doors.close()
                for server in servers:
                    server.should_exit = True
                await asyncio.wait(running)
                for server in servers:
                    _abort_what_is_left(server)
                for pump in pumps:
                    pump.cancel()
    except BaseExceptionGroup as group:
        # What was raised within the context goes on as it is.
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None
        raise


def _configuration(app: ASGIApp, settings: DoorSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",  # a warning tells only of what a caller did wrong
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=LONGEST_MESSAGE,
        ws_ping_interval=settings.ping_s,
        ws_ping_timeout=settings.ping_s,
        ws_per_message_deflate=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_STOP_WITHIN_S,
    )


def _abort_what_is_left(server: uvicorn.Server) -> None:
    for connection in list(server.server_state.connections):
        abort = getattr(getattr(connection, "transport", None), "abort", None)
        if abort is not None:
            abort()


def _bound(settings: DoorSettings) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    try:
        for port in settings.ports:
            try:
                sockets.append(_listening(settings.host, port))
            except (OSError, OverflowError) as error:
                raise Misconfigured(
                    f"ports: {settings.host}:{port} cannot be opened ({error}); close what uses it, or choose another"
                ) from None
    except Misconfigured:
        for each in sockets:
            each.close()
        raise
    return sockets


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, else asyncio does not turn Nagle's delay off for what is accepted: 40 ms on every answer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere this would let two programs share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(512)
    except BaseException:
        listening.close()
        raise
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections inherit it
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENT_WITHIN_MS)
    listening.setblocking(False)
    return listening

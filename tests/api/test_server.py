from __future__ import annotations

import asyncio
import socket

import aiohttp
import msgspec
import pytest

from crossbook.api.server import serve
from crossbook.api.settings import DoorSettings
from crossbook.base.clock import SystemClock
from crossbook.base.errors import Misconfigured
from tests.api.made_up import QUICK, FakeEngine, house
from tests.api.messages import asked


async def enter(settings: DoorSettings) -> None:
    async with serve(FakeEngine(), SystemClock(), settings):
        pass


def test_several_ports_show_the_same() -> None:
    async def run() -> None:
        async with house(msgspec.structs.replace(QUICK, ports=(0, 0))) as here:
            assert len(set(here.ports)) == 2
            for port in here.ports:
                async with here.client.get(f"http://localhost:{port}/health") as response:
                    assert (await response.json())["status"] == "ok"
        for port in here.ports:
            with socket.create_server(("127.0.0.1", port)):
                pass

    asyncio.run(run())


def test_a_taken_port_is_named_and_nothing_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
        port, other = taken.getsockname()[1], free.getsockname()[1]
        free.close()
        with pytest.raises(Misconfigured, match=rf"^ports: 127\.0\.0\.1:{port} cannot be opened"):
            asyncio.run(enter(DoorSettings(ports=(other, port))))
        socket.create_server(("127.0.0.1", other)).close()


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (DoorSettings(host="0.0.0.0"), "host"),
        (DoorSettings(host="crossbook.example"), "host"),
        (DoorSettings(token="short"), "token"),
        (DoorSettings(ports=()), "ports"),
        (DoorSettings(ports=(70_000,)), "ports"),
        (DoorSettings(ports=(8_000, 8_000)), "ports"),
        (DoorSettings(push_s=0), "push_s"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings: DoorSettings, field: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{field}:"):
        asyncio.run(enter(settings))


def test_what_is_raised_within_goes_on_as_it_is() -> None:
    async def run() -> None:
        async with serve(FakeEngine(), SystemClock(), QUICK):
            raise KeyError("within")

    with pytest.raises(KeyError, match="within"):
        asyncio.run(run())


def test_it_stops_while_callers_hold_connections_open() -> None:
    async def run() -> None:
        async with aiohttp.ClientSession() as client:
            engine = FakeEngine()
            async with house(engine=engine) as here:
                idle = await asyncio.open_connection("127.0.0.1", here.ports[0])
                async with client.get(f"{here.address}/health") as response:
                    await response.read()
                await asked(here, "/health")
            assert await idle[0].read() == b""
            idle[1].close()
            await idle[1].wait_closed()
            assert not engine.subscriptions

    asyncio.run(run())


def test_uvloop_will_do() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def run() -> None:
        async with house() as here:
            assert (await asked(here, "/health"))["status"] == "ok"

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())

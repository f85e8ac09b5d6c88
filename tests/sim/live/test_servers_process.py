"""The simulated world as a process: all sources at once, its truth log, and its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from crossbook.base.errors import Retry, Unknown
from crossbook.sim.live.process import LiveProcess, live_process
from crossbook.sim.live.truth import Delivered, End, Posted, Up, read_truth_log
from tests.sim.live.standing_world import PATIENCE_S


async def first_clients(world: LiveProcess, stack: AsyncExitStack) -> None:
    """One client for every source that waits for one; they only listen."""
    session = await stack.enter_async_context(ClientSession())
    for address in world.sources.values():
        if address["kind"] == "the-odds-api":
            query = {"apiKey": address["api_key"], **address["query"]}
            async with session.get(address["url"], params=query) as response:
                assert response.status == 200
        elif address["kind"] == "betfair-stream":
            _, writer = await asyncio.open_connection(address["host"], address["port"])
            stack.callback(writer.close)
            login = {"op": "authentication", "appKey": address["app_key"], "session": address["session"]}
            for request in (login, {"op": "marketSubscription", "id": 1, "heartbeatMs": 500}):
                writer.write(json.dumps(request).encode() + b"\r\n")
        elif address["kind"] == "polymarket":
            async with session.get(f"{address['gamma_url']}/events") as response:
                markets = [market for event in await response.json() for market in event["markets"]]
            tokens = [token for market in markets for token in json.loads(market["clobTokenIds"])]
            socket = await stack.enter_async_context(connect(address["ws_url"], max_size=2**22))
            await socket.send(json.dumps({"type": "market", "assets_ids": tokens}))


async def drained(socket: ServerConnection) -> None:
    with suppress(ConnectionClosed):
        while True:
            await socket.recv()


def test_nothing_moves_before_it_is_told_to_go_and_then_all_of_it_does(tmp_path: Path) -> None:
    async def run() -> None:
        async with AsyncExitStack() as stack:
            door = await stack.enter_async_context(serve(drained, "127.0.0.1", 0))
            port = next(iter(door.sockets)).getsockname()[1]
            world = await stack.enter_async_context(live_process(tmp_path / "run", seed=5))
            await first_clients(world, stack)
            start = read_truth_log(world.truth).head.at
            still = [each for each in read_truth_log(world.truth).records if isinstance(each, Posted)]
            assert {each.at for each in still} == {start}
            await world.go(f"ws://127.0.0.1:{port}/ws")
            sources = set(world.sources)
            pushed = {name for name in sources if not name.startswith("the-odds-api/")}
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    records = read_truth_log(world.truth).records
                    moved = {each.source for each in records if isinstance(each, Posted) and each.at > start}
                    numbers = {each.source: each.number for each in records if isinstance(each, Posted)}
                    told = {each.source: each.up_to for each in records if isinstance(each, Delivered)}
                    if pushed <= moved and all(told.get(name) == numbers[name] for name in pushed):
                        break
                    await asyncio.sleep(0.05)
            assert {each.source for each in records if isinstance(each, Up)} == sources
            assert await world.stop() == 0
            assert (tmp_path / "run" / "world.log").read_bytes() == b""
            log = read_truth_log(world.truth)
            assert isinstance(log.records[-1], End)
            assert not log.cut
            times = [each.at for each in log.records]
            assert times == sorted(times)
            with pytest.raises(Retry):
                await world.go()

    asyncio.run(run())


def test_it_begins_by_itself_when_every_source_has_a_client_and_ends_in_time(tmp_path: Path) -> None:
    async def run() -> None:
        async with AsyncExitStack() as stack:
            door = await stack.enter_async_context(serve(drained, "127.0.0.1", 0))
            url = f"ws://127.0.0.1:{next(iter(door.sockets)).getsockname()[1]}/ws"
            world = await stack.enter_async_context(
                live_process(tmp_path, seconds=0.5, ws_url=url, auto=True, speed=2)
            )
            await first_clients(world, stack)
            async with asyncio.timeout(PATIENCE_S):
                assert await world.wait() == 0
            records = read_truth_log(world.truth).records
            assert isinstance(records[-1], End)
            assert any(isinstance(each, Posted) and each.at > records[0].at for each in records)

    asyncio.run(run())


def test_a_signal_ends_it_in_order(tmp_path: Path) -> None:
    async def run() -> None:
        async with live_process(tmp_path) as world:
            os.kill(world.pid, signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                assert await world.wait() == 0
            assert isinstance(read_truth_log(world.truth).records[-1], End)

    asyncio.run(run())


def test_it_does_not_outlive_who_started_it(tmp_path: Path) -> None:
    code = (
        "import asyncio, os, pathlib, signal, sys\n"
        "from crossbook.sim.live.process import live_process\n"
        "async def run():\n"
        "    async with live_process(pathlib.Path(sys.argv[1])):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(run())\n"
    )

    async def run() -> None:
        parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(tmp_path))
        assert await parent.wait() == -signal.SIGKILL
        async with asyncio.timeout(PATIENCE_S):
            while not any(isinstance(each, End) for each in read_truth_log(tmp_path / "truth.jsonl").records):
                await asyncio.sleep(0.02)
            pid = json.loads((tmp_path / "ports.json").read_bytes())["pid"]
            while running(pid):
                await asyncio.sleep(0.02)

    asyncio.run(run())


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan that nobody waits for stays as a zombie where the first process does not collect them.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_what_keeps_it_from_serving_is_said(tmp_path: Path) -> None:
    async def run() -> None:
        (tmp_path / "truth.jsonl").write_bytes(b"")
        with pytest.raises(Unknown, match="FileExistsError"):
            async with live_process(tmp_path):
                pass

    asyncio.run(run())

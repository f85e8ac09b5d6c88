"""The simulated site workers, as Crossbook's own door would see them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from crossbook.base.clock import parse_time
from crossbook.sim.live.names import IBC, SBO
from crossbook.sim.live.truth import Delivered, Lost, Up
from crossbook.sim.live.world import Deed
from tests.sim.live.standing_world import Offer, Play, StandingWorld, played, until

MARKETS = {
    "ft_1x2": ("1x2", None, ("home", "draw", "away")),
    "ft_hdp": ("asian_handicap", "handicap", ("home", "away")),
    "ft_ou": ("total", "line", ("over", "under")),
}
SOURCES = {"sbo": SBO, "ibc": IBC}


class Door:
    """A WebSocket server that keeps what each worker said on each of its connections."""

    def __init__(self) -> None:
        self.said: dict[str, list[dict[str, Any]]] = {"sbo-1": [], "ibc-1": []}
        self.broken = 0
        self.connections = 0
        self.deaf = False
        self.sockets: list[ServerConnection] = []

    async def serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        self.sockets.append(socket)
        while True:
            try:
                text = await socket.recv()
            except ConnectionClosed:
                return
            try:
                message = json.loads(text, parse_float=Decimal, parse_int=Decimal)
                matches = message["type"] == "worker:register" or message["data"]["matches"]
                assert isinstance(matches, list | bool)
                assert message["type"] in ("worker:register", "odds:update")
            except (ValueError, KeyError, TypeError, AssertionError):
                self.broken += 1
                continue
            self.said[message["worker_id"]].append(message)

    def updates(self, worker: str) -> list[dict[str, Any]]:
        return [each for each in self.said[worker] if each["type"] == "odds:update"]

    def offers(self, play: Play, worker: str) -> set[Offer]:
        """What the last update says."""
        last = self.updates(worker)[-1]
        source = SOURCES[last["site"]]
        ids = {each.names[source]: each.ids[source] for each in play.world.fixtures}
        found = set()
        for match in last["data"]["matches"]:
            for word, shown in match["odds"].items():
                market, line, selections = MARKETS[word]
                for each in shown if isinstance(shown, list) else [shown]:
                    for selection in selections:
                        offer = Offer(
                            ids[match["home_team"], match["away_team"]],
                            last["site"],
                            market,
                            selection,
                            Fraction(each[line]) if line else None,
                            "back",
                            Fraction(each[selection]),
                            not each.get("suspended", False),
                        )
                        found.add(offer)
        return found

    async def has_all(self, play: Play) -> None:
        await until(
            lambda: all(
                self.updates(f"{site}-1") and self.offers(play, f"{site}-1") == play.world.offers(source)
                for site, source in SOURCES.items()
            )
        )


@asynccontextmanager
async def connected(path: Path) -> AsyncIterator[tuple[Play, Door]]:
    door = Door()
    async with (
        serve(door.serve, "127.0.0.1", 0) as server,
        played(StandingWorld(path / "truth")) as play,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        for worker in play.workers:
            worker.call(f"ws://127.0.0.1:{port}/ws")
        await until(lambda: all(door.updates(worker) for worker in door.said))
        yield play, door


def test_a_worker_registers_and_then_tells_its_whole_board(tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(tmp_path) as (play, door):
            for site, source in SOURCES.items():
                first, second = door.said[f"{site}-1"][:2]
                assert first.keys() == {"type", "worker_id", "site", "timestamp"}
                assert (first["type"], first["site"]) == ("worker:register", site)
                assert second.keys() == {"type", "worker_id", "site", "timestamp", "data"}
                assert parse_time(first["timestamp"]) <= parse_time(second["timestamp"])
                starts = {parse_time(each["start_time"]) for each in second["data"]["matches"]}
                assert starts == {each.kick_off for each in play.world.fixtures}
                told = play.world.told(source)
                assert isinstance(told[0], Up)
                assert isinstance(told[1], Delivered)
            for step in range(12):
                market = ("1x2", "total", "asian_handicap")[step % 3]
                play.world.move(step % 6, ("sbo", "ibc")[step % 2], market)
                play.conductor.wake()
                await door.has_all(play)
            play.world.suspend(3, "sbo", "total")
            play.world.withdraw(4, "ibc", "1x2")
            play.conductor.wake()
            await door.has_all(play)
            last = play.world.told(SBO)[-1]
            assert isinstance(last, Delivered)
            assert last.up_to == play.world.posted_up_to(SBO)
            assert door.broken == 0

    asyncio.run(run())


def test_nothing_new_is_told_again_and_replies_are_read(tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(tmp_path) as (play, door):
            for socket in door.sockets:
                await socket.send('{"type": "arbitrage:opportunities", "count": 0}')
                await socket.send("{")
            heard = {"arbitrage:opportunities": 1, "unreadable": 1}
            await until(lambda: all(worker.replies == heard for worker in play.workers))
            before = len(door.updates("sbo-1"))
            await until(lambda: len(door.updates("sbo-1")) >= before + 2)

    asyncio.run(run())


def test_a_worker_comes_back_when_the_door_closes(tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(tmp_path) as (play, door):
            assert door.connections == 2
            for socket in list(door.sockets):
                await socket.close()
            await until(lambda: door.connections >= 4)
            kinds = [type(each) for each in play.world.told(SBO)]
            assert Lost in kinds
            await until(lambda: [type(each) for each in play.world.told(SBO)].count(Up) == 2)
            await door.has_all(play)

    asyncio.run(run())


def test_a_cut_stays_away_until_it_is_over(tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(tmp_path) as (play, door):
            end = play.world.clock.now() + 600_000_000
            play.world.order(Deed.CUT, SBO, 0.6)
            play.conductor.catch_up()
            assert isinstance(play.world.told(SBO)[-1], Lost)
            await until(lambda: sum(isinstance(each, Up) for each in play.world.told(SBO)) == 2)
            back = [each for each in play.world.told(SBO) if isinstance(each, Up)][-1]
            assert back.at >= end
            assert door.connections == 3
            assert not any(isinstance(each, Lost) for each in play.world.told(IBC))
            await door.has_all(play)

    asyncio.run(run())


def test_a_hush_says_nothing_on_an_open_connection(tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(tmp_path) as (play, door):
            before = len(play.world.told(SBO))
            play.world.order(Deed.HUSH, SBO, 0.8)
            end = play.world.clock.now() + 800_000_000
            play.conductor.catch_up()
            play.world.move(0, "sbo", "1x2")
            await until(lambda: len(play.world.told(SBO)) > before)
            assert all(
                isinstance(each, Delivered) and each.at >= end for each in play.world.told(SBO)[before:]
            )
            await door.has_all(play)
            assert door.connections == 2

    asyncio.run(run())


def test_broken_messages_come_beside_the_right_ones(tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(tmp_path) as (play, door):
            play.world.order(Deed.GARBLE, IBC)
            play.conductor.catch_up()
            await until(lambda: door.broken >= 2)
            play.world.move(0, "ibc", "total")
            play.conductor.wake()
            await door.has_all(play)

    asyncio.run(run())


def test_an_old_state_comes_once_with_its_old_time(tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(tmp_path) as (play, door):
            world = play.world
            old, stamp = world.prices(SBO, 4, "asian_handicap"), world.clock.now() - 5_000_000_000
            world.move(4, "sbo", "asian_handicap")
            play.conductor.wake()
            await door.has_all(play)
            world.order(Deed.REPEAT_OLD, SBO, fixture=4, prices=old, stamp=stamp)
            play.conductor.catch_up()

            def late() -> list[dict[str, Any]]:
                updates = door.updates("sbo-1")
                return [each for each in updates if parse_time(each["timestamp"]) < stamp + 2_000_000]

            await until(lambda: len(late()) == 1)
            names = world.fixtures[4].names[SBO]
            match = next(
                each
                for each in late()[0]["data"]["matches"]
                if (each["home_team"], each["away_team"]) == names
            )
            shown = match["odds"]["ft_hdp"]
            assert {Fraction(shown["home"]), Fraction(shown["away"])} == {price.odds for price in old}
            await door.has_all(play)

    asyncio.run(run())

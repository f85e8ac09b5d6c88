"""The simulated exchange, spoken to by a plain socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crossbook.model.quote import Snapshot
from crossbook.sim.live.exchange import APP_KEY, SESSION
from crossbook.sim.live.names import EXCHANGE
from crossbook.sim.live.truth import Delivered, Lost, Up
from crossbook.sim.live.world import Deed
from crossbook.venues._betfair_shapes import StreamMessage
from crossbook.venues.betfair import MarketStream
from tests.sim.live.standing_world import PATIENCE_S, Play, StandingWorld, best_of, played, until

VENUE = "betfair_exchange"
LOGIN = {"op": "authentication", "id": 1, "appKey": APP_KEY, "session": SESSION}
ALL = {"op": "marketSubscription", "id": 2, "heartbeatMs": 500, "marketFilter": {"eventTypeIds": ["1"]}}


class Client:
    """A plain client: keeps all lines, and has Crossbook's reader read every one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.lines: list[dict[str, Any]] = []
        self.stream = MarketStream()
        self.faults: list[str] = []
        self.broken = 0
        self.snapshots: dict[str, Snapshot] = {}

    def ask(self, request: dict[str, Any]) -> None:
        self.writer.write(json.dumps(request).encode() + b"\r\n")

    async def hear(self) -> dict[str, Any] | None:
        """The next line, None at the end; broken ones are counted and passed over."""
        while True:
            async with asyncio.timeout(PATIENCE_S):
                line = await self.reader.readline()
            if not line:
                return None
            assert line.endswith(b"\r\n")
            try:
                message = msgspec.json.decode(line, type=StreamMessage)
            except (msgspec.DecodeError, UnicodeDecodeError):
                self.broken += 1
                continue
            self.faults += self.stream.apply(message)
            for snapshot in self.stream.snapshots():
                self.snapshots[snapshot.listing.key] = snapshot
            self.lines.append(json.loads(line))
            return self.lines[-1]

    async def hear_change(self, **wanted: Any) -> dict[str, Any]:
        while True:
            message = await self.hear()
            assert message is not None
            if message["op"] == "mcm" and all(message.get(key) == value for key, value in wanted.items()):
                return message

    async def hear_until(self, play: Play) -> None:
        """Listen until the reader has what the boards have."""
        wanted = play.world.offers(EXCHANGE)
        while best_of(self.snapshots.values()) != wanted:
            assert await self.hear() is not None


@asynccontextmanager
async def client_of(play: Play, *requests: dict[str, Any]) -> AsyncIterator[Client]:
    address = play.addresses[EXCHANGE]
    reader, writer = await asyncio.open_connection(address["host"], address["port"], limit=2**22)
    client = Client(reader, writer)
    try:
        for request in requests:
            client.ask(request)
        yield client
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def test_an_image_and_what_follows_give_the_boards(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play, LOGIN, ALL) as client:
            world = play.world
            await client.hear_until(play)
            words = [(line["op"], line.get("statusCode"), line.get("ct")) for line in client.lines]
            assert words == [
                ("connection", None, None),
                ("status", "SUCCESS", None),
                ("status", "SUCCESS", None),
                ("mcm", None, "SUB_IMAGE"),
            ]
            for step in range(30):
                market = ("1x2", "total", "btts")[step % 3]
                world.move(step % 6, VENUE, market)
                if step == 20:
                    world.withdraw(1, VENUE, "btts")
                play.conductor.wake()
                await client.hear_until(play)
            assert client.faults == []
            assert not any(change.get("img") for line in client.lines[4:] for change in line.get("mc", ()))
            clocks = [line["clk"] for line in client.lines if line["op"] == "mcm"]
            assert len(set(clocks)) == len(clocks)
            told = world.told(EXCHANGE)
            assert isinstance(told[0], Up)
            last = [each for each in told if isinstance(each, Delivered)][-1]
            assert last.up_to == world.posted_up_to(EXCHANGE)

    asyncio.run(run())


def test_a_suspended_market_takes_no_bets_and_opens_again(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play, LOGIN, ALL) as client:
            await client.hear_until(play)
            play.world.suspend(2, VENUE, "total")
            play.conductor.wake()
            await client.hear_until(play)
            definition = client.lines[-1]["mc"][0]["marketDefinition"]
            assert (definition["status"], definition["version"]) == ("SUSPENDED", 2)
            play.world.suspend(2, VENUE, "total", on=False)
            play.conductor.wake()
            await client.hear_until(play)
            assert client.lines[-1]["mc"][0]["marketDefinition"]["status"] == "OPEN"

    asyncio.run(run())


def test_heartbeats_confirm_what_stands(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play, LOGIN, ALL) as client:
            await client.hear_until(play)
            before = len(play.world.told(EXCHANGE))
            beat = await client.hear_change(ct="HEARTBEAT")
            assert "mc" not in beat
            assert len(play.world.told(EXCHANGE)) > before

    asyncio.run(run())


@pytest.mark.parametrize(
    ("request_", "code", "closed"),
    [
        ({"op": "authentication", "id": 1, "session": SESSION}, "NO_APP_KEY", True),
        ({"op": "authentication", "id": 1, "appKey": "x", "session": SESSION}, "INVALID_APP_KEY", True),
        ({"op": "authentication", "id": 1, "appKey": APP_KEY}, "NO_SESSION", True),
        (
            {"op": "authentication", "id": 1, "appKey": APP_KEY, "session": "x"},
            "INVALID_SESSION_INFORMATION",
            True,
        ),
        (ALL, "NOT_AUTHORIZED", True),
        ({"op": "order", "id": 1}, "INVALID_REQUEST", False),
        ({"op": 7}, "INVALID_INPUT", True),
        ({"op": "heartbeat", "id": 1, "filler": "x" * 70_000}, "INVALID_INPUT", True),
    ],
)
def test_a_wrong_request_is_refused_by_name(
    tmp_path: Path, request_: dict[str, Any], code: str, closed: bool
) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play, request_) as client:
            await client.hear()
            answer = await client.hear()
            assert answer is not None
            assert (answer["statusCode"], answer["errorCode"]) == ("FAILURE", code)
            assert answer["connectionClosed"] is closed
            if closed:
                with suppress(ConnectionError):
                    assert await client.hear() is None
            else:
                client.ask({"op": "heartbeat", "id": 5})
                answer = await client.hear()
                assert answer is not None
                assert (answer["id"], answer["statusCode"]) == (5, "SUCCESS")

    asyncio.run(run())


def test_a_second_client_gets_its_own_fields_in_segments(tmp_path: Path) -> None:
    async def run() -> None:
        best = {
            **ALL,
            "segmentationEnabled": True,
            "marketDataFilter": {"fields": ["EX_BEST_OFFERS", "EX_MARKET_DEF"], "ladderLevels": 2},
        }
        async with (
            played(StandingWorld(tmp_path / "truth", fixtures=40)) as play,
            client_of(play, LOGIN, ALL) as first,
            client_of(play, LOGIN, best) as second,
        ):
            await first.hear_until(play)
            await second.hear_until(play)
            words = [line.get("segmentType") for line in second.lines if line["op"] == "mcm"]
            assert words == ["SEG_START", "SEG", "SEG_END"]
            for step in range(10):
                play.world.move(step, VENUE, "1x2")
                play.conductor.wake()
                await first.hear_until(play)
                await second.hear_until(play)
            rows = [row for line in second.lines if "mc" in line for each in line["mc"] for row in each["rc"]]
            assert all(row.keys() <= {"id", "batb", "batl"} for row in rows)
            assert all(level[0] < 2 for row in rows for level in row.get("batb", []))
            assert first.faults + second.faults == []

    asyncio.run(run())


def test_a_client_that_comes_back_gets_only_what_changed(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play:
            async with client_of(play, LOGIN, ALL) as client:
                await client.hear_until(play)
                initial, last = client.lines[-1]["initialClk"], client.lines[-1]["clk"]
            await until(lambda: any(isinstance(each, Lost) for each in play.world.told(EXCHANGE)))
            play.world.move(3, VENUE, "btts")
            again = {**ALL, "initialClk": initial, "clk": last}
            async with client_of(play, LOGIN, again) as back:
                delta = await back.hear_change(ct="RESUB_DELTA")
                assert [change["id"][-1] for change in delta["mc"]] == ["2"]
                assert not delta["mc"][0].get("img")
            async with client_of(play, LOGIN, {**again, "clk": "unknown"}) as fresh:
                await fresh.hear_change(ct="SUB_IMAGE")
                await fresh.hear_until(play)

    asyncio.run(run())


def test_conflated_changes_come_together(tmp_path: Path) -> None:
    async def run() -> None:
        slow = {**ALL, "conflateMs": 400}
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play, LOGIN, slow) as client:
            await client.hear_until(play)
            before = len(client.lines)
            for fixture in range(6):
                play.world.move(fixture, VENUE, "1x2")
                play.conductor.catch_up()
            await client.hear_until(play)
            assert len(client.lines) == before + 1
            assert len(client.lines[-1]["mc"]) == 6

    asyncio.run(run())


def test_a_cut_closes_and_refuses_until_it_is_over(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play:
            async with client_of(play, LOGIN, ALL) as client:
                await client.hear_until(play)
                play.world.order(Deed.CUT, EXCHANGE, 0.5)
                play.conductor.catch_up()
                while await client.hear() is not None:
                    pass
            assert isinstance(play.world.told(EXCHANGE)[-1], Lost)
            with suppress(ConnectionError):
                async with client_of(play, LOGIN, ALL) as refused:
                    assert await refused.hear() is None
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    with suppress(ConnectionError):
                        async with client_of(play, LOGIN, ALL) as back:
                            if await back.hear() is not None:
                                await back.hear_until(play)
                                break
                    await asyncio.sleep(0.05)
            told = play.world.told(EXCHANGE)
            place = max(number for number, each in enumerate(told) if isinstance(each, Up))
            assert isinstance(told[place - 1], Lost)
            assert isinstance(told[place + 1], Delivered)

    asyncio.run(run())


def test_a_hush_sends_nothing_and_then_all_of_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play, LOGIN, ALL) as client:
            await client.hear_until(play)
            play.world.order(Deed.HUSH, EXCHANGE, 1.2)
            play.conductor.catch_up()
            until_ = play.world.clock.now() + 1_100_000_000
            before = len(play.world.told(EXCHANGE))
            play.world.move(0, VENUE, "total")
            play.conductor.wake()
            client.ask({"op": "heartbeat", "id": 9})
            message = await client.hear()
            assert play.world.clock.now() > until_  # more than two heartbeats were left out
            assert message is not None
            await client.hear_until(play)
            later = play.world.told(EXCHANGE)[before:]
            assert all(isinstance(each, Delivered) and each.at > until_ for each in later)

    asyncio.run(run())


def test_broken_messages_come_beside_the_right_ones(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play, LOGIN, ALL) as client:
            await client.hear_until(play)
            play.world.order(Deed.GARBLE, EXCHANGE)
            play.conductor.catch_up()
            while client.broken < 4:
                assert await client.hear() is not None
            play.world.move(0, VENUE, "1x2")
            await client.hear_until(play)

    asyncio.run(run())


def test_an_old_state_comes_once_with_its_old_time(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play, LOGIN, ALL) as client:
            world = play.world
            await client.hear_until(play)
            old, stamp = world.prices(EXCHANGE, 4, "1x2"), world.clock.now() - 5_000_000_000
            world.move(4, VENUE, "1x2")
            play.conductor.wake()
            await client.hear_until(play)
            before = len(world.told(EXCHANGE))
            world.order(Deed.REPEAT_OLD, EXCHANGE, fixture=4, prices=old, stamp=stamp)
            play.conductor.catch_up()
            message = await client.hear_change(pt=stamp // 1_000_000)
            assert message["mc"][0]["id"].endswith("0")
            offers = {offer for offer in best_of(client.snapshots.values()) if offer.market == "1x2"}
            assert {price.odds for price in old} <= {offer.odds for offer in offers}
            assert not any(
                isinstance(each, Delivered) and each.at <= stamp for each in world.told(EXCHANGE)[before:]
            )

    asyncio.run(run())

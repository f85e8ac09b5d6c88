"""The simulated prediction market: its events over HTTP, its books over a WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage

from crossbook.model.quote import Snapshot
from crossbook.sim.live.names import CONTRACTS
from crossbook.sim.live.truth import Delivered, Lost, Up
from crossbook.sim.live.world import Deed
from crossbook.venues.polymarket import READER
from crossbook.venues.reader import Document
from tests.sim.live.standing_world import PATIENCE_S, Play, StandingWorld, best_of, played, until


class Client:
    """A plain client: keeps every message; a reader sees the events and all messages as one document."""

    def __init__(self, socket: ClientConnection, events: list[Any]) -> None:
        self.socket = socket
        self.events = events
        self.messages: list[dict[str, Any]] = []
        self.texts: list[str] = []

    async def hear(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            text = await self.socket.recv()
        assert isinstance(text, str)
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            self.texts.append(text)
            return
        self.messages += found if isinstance(found, list) else [found]

    async def hear_the_end(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self.hear()

    def offers(self) -> set[Any]:
        told = [each for each in self.messages if "asset_id" in each or "price_changes" in each]
        document = Document(("stream.json",), json.dumps(self.events + told).encode())
        read = list(READER.read(document))
        faults = [each for each in read if not isinstance(each, Snapshot)]
        assert all("no offers in it" in str(fault) for fault in faults), faults
        return best_of(each for each in read if isinstance(each, Snapshot))

    async def hear_until(self, play: Play, without: str = "") -> None:
        """Listen until the reader has what the boards have, an event's offers left out."""
        wanted = {offer for offer in play.world.offers(CONTRACTS) if offer.event != without}
        while self.offers() != wanted:
            await self.hear()


async def events_of(play: Play, **query: int) -> list[Any]:
    async with (
        ClientSession() as session,
        session.get(f"{play.addresses[CONTRACTS]['gamma_url']}/events", params=query) as response,
    ):
        assert response.status == 200
        return list(await response.json())


def tokens_of(events: list[Any]) -> list[str]:
    return [
        token
        for event in events
        for market in event["markets"]
        for token in json.loads(market["clobTokenIds"])
    ]


@asynccontextmanager
async def client_of(play: Play, subscribed: bool = True) -> AsyncIterator[Client]:
    events = await events_of(play)
    async with connect(play.addresses[CONTRACTS]["ws_url"], max_size=2**22) as socket:
        client = Client(socket, events)
        if subscribed:
            await socket.send(json.dumps({"assets_ids": tokens_of(events), "type": "market"}))
            await client.hear()
        yield client


def test_events_alone_have_the_boards_prices_and_come_in_pages(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth", 7)) as play:
            pages = [await events_of(play, limit=3, offset=offset) for offset in (0, 3, 6, 9)]
            assert [len(page) for page in pages] == [3, 3, 1, 0]
            assert not any(isinstance(each, Delivered) for each in play.world.told(CONTRACTS))
            whole = await events_of(play)
            assert whole == [event for page in pages for event in page]
            read = list(READER.read(Document(("events.json",), json.dumps(whole).encode())))
            snapshots = [each for each in read if isinstance(each, Snapshot)]
            assert len(snapshots) == len(read) == 7
            assert best_of(snapshots) == play.world.offers(CONTRACTS)
            fixture = play.world.fixtures[0]
            listing = next(each.listing for each in snapshots if each.listing.key == fixture.ids[CONTRACTS])
            assert (listing.home, listing.away) == fixture.names[CONTRACTS]
            assert listing.start == fixture.kick_off
            assert isinstance(play.world.told(CONTRACTS)[-1], Delivered)

    asyncio.run(run())


def test_books_and_their_changes_give_the_boards(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play) as client:
            await client.hear_until(play)
            assert {each["event_type"] for each in client.messages} == {"book"}
            for step in range(34):
                play.world.move(step % 6, "polymarket", "1x2")
                play.conductor.wake()
                await client.hear_until(play)
            kinds = {each["event_type"] for each in client.messages}
            assert kinds == {"book", "price_change", "tick_size_change"}
            told = play.world.told(CONTRACTS)
            assert isinstance(told[0], Up)
            assert told[-1].up_to == play.world.posted_up_to(CONTRACTS)  # type: ignore[union-attr]

    asyncio.run(run())


def test_both_tokens_say_the_same(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play) as client:
            await client.hear_until(play)
            books = {each["asset_id"]: each for each in client.messages}
            for event in client.events:
                for market in event["markets"]:
                    yes, no = (books[token] for token in json.loads(market["clobTokenIds"]))
                    cents = [
                        [round(100 * float(level["price"])) for level in book[side]]
                        for book, side in ((yes, "bids"), (no, "asks"))
                    ]
                    assert cents[0] == [100 - price for price in cents[1]]
                    assert max(cents[0]) == cents[0][-1]

    asyncio.run(run())


def test_a_suspended_market_has_empty_books(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play) as client:
            await client.hear_until(play)
            play.world.suspend(2, "polymarket", "1x2")
            play.conductor.wake()
            await client.hear_until(play, without=play.world.fixtures[2].ids[CONTRACTS])
            play.world.suspend(2, "polymarket", "1x2", on=False)
            play.conductor.wake()
            await client.hear_until(play)

    asyncio.run(run())


def test_a_ping_is_answered_and_nonsense_refused(tmp_path: Path) -> None:
    async def run() -> None:
        async with (
            played(StandingWorld(tmp_path / "truth")) as play,
            client_of(play) as client,
            client_of(play, subscribed=False) as other,
        ):
            before = len(play.world.told(CONTRACTS))
            await client.socket.send("PING")
            await until(lambda: len(play.world.told(CONTRACTS)) > before)
            while "PONG" not in client.texts:
                await client.hear()
            for nonsense in ("{", "[]", '{"assets_ids": 7}', '{"assets_ids": ["1"], "type": "user"}'):
                await other.socket.send(nonsense)
                await other.hear()
            assert other.texts == ["INVALID OPERATION"] * 4
            tokens = tokens_of(other.events)[:2]
            await other.socket.send(json.dumps({"assets_ids": tokens, "operation": "subscribe"}))
            await other.hear()
            assert [each["asset_id"] for each in other.messages] == tokens
            await other.socket.send("x" * (1024 * 1024 + 1))
            await other.hear_the_end()
            play.world.move(0, "polymarket", "1x2")
            play.conductor.wake()
            await client.hear_until(play)

    asyncio.run(run())


def test_a_cut_closes_and_refuses_until_it_is_over(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play:
            async with client_of(play) as client:
                await client.hear_until(play)
                play.world.order(Deed.CUT, CONTRACTS, 0.5)
                play.conductor.catch_up()
                await client.hear_the_end()
            assert isinstance(play.world.told(CONTRACTS)[-1], Lost)
            with pytest.raises(ClientError):
                await events_of(play)
            with pytest.raises((InvalidMessage, ConnectionError)):
                async with connect(play.addresses[CONTRACTS]["ws_url"]):
                    pass
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    with suppress(ClientError):
                        async with client_of(play) as back:
                            await back.hear_until(play)
                            break
                    await asyncio.sleep(0.05)
            told = play.world.told(CONTRACTS)
            place = max(number for number, each in enumerate(told) if isinstance(each, Up))
            assert isinstance(told[place - 1], Lost)

    asyncio.run(run())


def test_a_hush_answers_neither_pings_nor_questions(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play) as client:
            await client.hear_until(play)
            before = len(play.world.told(CONTRACTS))
            play.world.order(Deed.HUSH, CONTRACTS, 0.6)
            end = play.world.clock.now() + 600_000_000
            play.conductor.catch_up()
            play.world.move(1, "polymarket", "1x2")
            play.conductor.wake()
            await client.socket.send("PING")
            await events_of(play)  # aiohttp asks once more by itself when its connection is dropped
            assert play.world.clock.now() >= end
            await client.hear_until(play)
            while "PONG" not in client.texts:
                await client.hear()
            later = play.world.told(CONTRACTS)[before:]
            assert later
            assert all(each.at >= end for each in later)

    asyncio.run(run())


def test_broken_messages_come_beside_the_right_ones(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play) as client:
            await client.hear_until(play)
            whole = len(client.messages)
            play.world.order(Deed.GARBLE, CONTRACTS)
            play.conductor.catch_up()
            while len(client.messages) < whole + 2 or not client.texts:
                await client.hear()
            broken = client.messages[whole:]
            assert all(each.get("price_changes") == "none" or each.get("bids") == 1 for each in broken)

    asyncio.run(run())


def test_an_old_state_comes_once_with_its_old_time(tmp_path: Path) -> None:
    async def run() -> None:
        async with played(StandingWorld(tmp_path / "truth")) as play, client_of(play) as client:
            world = play.world
            await client.hear_until(play)
            old, stamp = world.prices(CONTRACTS, 4, "1x2"), world.clock.now() - 5_000_000_000
            world.move(4, "polymarket", "1x2")
            play.conductor.wake()
            await client.hear_until(play)
            before = len(world.told(CONTRACTS))
            world.order(Deed.REPEAT_OLD, CONTRACTS, fixture=4, prices=old, stamp=stamp)
            play.conductor.catch_up()
            heard = len(client.messages)
            while len(client.messages) < heard + 6:
                await client.hear()
            late = client.messages[heard:]
            assert {each["timestamp"] for each in late} == {str(stamp // 1_000_000)}
            event = world.fixtures[4].ids[CONTRACTS]
            assert {price.odds for price in old} == {
                offer.odds for offer in client.offers() if offer.event == event
            }
            assert len(world.told(CONTRACTS)) == before

    asyncio.run(run())

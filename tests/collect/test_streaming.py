"""Betfair's stream and Polymarket's books, held open against real servers that cut, hang, refuse or babble."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from crossbook.base.clock import SystemClock
from crossbook.collect import Collector, State
from crossbook.model.quote import Snapshot
from crossbook.venues import readers
from tests.collect.listening import CLOSED, DATA, OPENED, Ear, Stumbling, collecting, source
from tests.transport.servers import http_server, socket_server, tcp_server
from tests.venues import betfair_messages, polymarket_messages
from tests.venues.test_sessions import book

HELLO = {"op": "connection", "connectionId": "1"}


def fine(number: int) -> dict[str, Any]:
    return {"op": "status", "id": number, "statusCode": "SUCCESS", "connectionClosed": False}


class Betfair:
    """A faithful little Exchange Stream: greets, wants authentication, then a subscription, then talks."""

    def __init__(self, then: Callable[[Betfair, asyncio.StreamWriter], Awaitable[None]]) -> None:
        self.connections = 0
        self.requests: list[dict[str, Any]] = []
        self.refuses = ""
        """A session that the first connection is refused for."""
        self._then = then

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.say(writer, HELLO)
        for number in (1, 2):
            request = json.loads(await reader.readuntil(b"\r\n"))
            self.requests.append(request)
            assert request["id"] == number
            if request.get("appKey") == "wrong":
                failure = {"op": "status", "id": 1, "statusCode": "FAILURE", "errorMessage": "no"}
                self.say(writer, {**failure, "errorCode": "INVALID_APP_KEY", "connectionClosed": True})
                return
            session = request.get("session")
            if session == "wrong" or (session and self.connections == 1 and session == self.refuses):
                failure = {
                    "op": "status",
                    "id": 1,
                    "statusCode": "FAILURE",
                    "errorMessage": f"no session {session}",
                }
                self.say(
                    writer, {**failure, "errorCode": "INVALID_SESSION_INFORMATION", "connectionClosed": True}
                )
                return
            self.say(writer, fine(number))
        await self._then(self, writer)

    @staticmethod
    def say(writer: asyncio.StreamWriter, *messages: Any) -> None:
        for message in messages:
            writer.write(message if isinstance(message, bytes) else json.dumps(message).encode() + b"\r\n")


async def cut_first(server: Betfair, writer: asyncio.StreamWriter) -> None:
    """An image; the first connection is cut after it, the others are kept."""
    server.say(writer, betfair_messages.image({"id": 11, "atb": [[3, 10]]}))
    await writer.drain()
    if server.connections > 1:
        await asyncio.Event().wait()


def betfair(
    server: Betfair,
    condition: Callable[[Ear], bool],
    act: Callable[[Collector, Ear], None] = lambda *_: None,
    ear: Ear | None = None,
    **fields: Any,
) -> Ear:
    async def run() -> Ear:
        async with tcp_server(server.talk) as port:
            plain = {"name": "bf", "format": "betfair-stream", "key": "app", "token": "session-1"}
            where = {"host": "127.0.0.1", "port": port, "tls": False}
            async with collecting(source(**{**plain, **where, **fields}), ear) as (collector, heard):
                await heard.until(lambda ear: bool(ear.frames))
                act(collector, heard)
                await heard.until(condition)
                return heard

    return asyncio.run(run())


class TestBetfair:
    def test_it_authenticates_subscribes_and_hands_on_every_line(self) -> None:
        server = Betfair(cut_first)
        ear = betfair(server, lambda ear: ear.kinds().count(DATA) >= 4, market_types=["MATCH_ODDS"], beat_s=2)
        first, second = server.requests[:2]
        assert (first["op"], first["appKey"], first["session"]) == ("authentication", "app", "session-1")
        assert second["op"] == "marketSubscription"
        assert second["heartbeatMs"] == 2_000
        assert second["marketFilter"] == {"eventTypeIds": ["1"], "marketTypes": ["MATCH_ODDS"]}
        assert all(line.endswith(b"\r\n") for line in ear.data())
        live = readers()["betfair-stream"].live
        assert live is not None
        session = live(ear.info())
        told = [one for line in ear.data()[:4] for one in session.read(line, 1) if isinstance(one, Snapshot)]
        assert [len(one.quotes) for one in told] == [1]

    def test_a_cut_closes_the_stream_and_it_is_opened_again(self) -> None:
        ear = betfair(Betfair(cut_first), lambda ear: ear.kinds().count(DATA) >= 8)
        assert ear.kinds() == [OPENED, *[DATA] * 4, CLOSED, OPENED, *[DATA] * 4]
        assert "closed by the other side" in ear.reasons()[0]
        (health,) = ear.health
        assert (health.state, health.reconnects, health.frames) == (State.OPEN, 1, 8)

    def test_a_silent_stream_is_lost(self) -> None:
        async def hang(server: Betfair, writer: asyncio.StreamWriter) -> None:
            await asyncio.Event().wait()

        ear = betfair(Betfair(hang), lambda ear: CLOSED in ear.kinds(), life_s=0.3)
        assert "silent for 0.3 s" in ear.reasons()[0]

    def test_heartbeats_keep_it(self) -> None:
        async def beat(server: Betfair, writer: asyncio.StreamWriter) -> None:
            while True:
                server.say(writer, {"op": "mcm", "ct": "HEARTBEAT", "pt": 1})
                await writer.drain()
                await asyncio.sleep(0.02)

        ear = betfair(Betfair(beat), lambda ear: len(ear.data()) >= 60, life_s=20)
        assert ear.kinds() == [OPENED, *[DATA] * len(ear.data())]

    def test_a_wrong_session_is_refused_and_not_shown(self) -> None:
        server = Betfair(cut_first)
        ear = betfair(server, lambda ear: CLOSED in ear.kinds(), token="wrong")
        assert server.connections == 1
        (health,) = ear.health
        assert health.state is State.REFUSED
        assert "INVALID_SESSION_INFORMATION" in health.reason
        assert "wrong" not in health.reason

    def test_a_session_that_is_known_again_is_let_in(self) -> None:
        server = Betfair(cut_first)
        server.refuses = "session-1"
        ear = betfair(
            server,
            lambda ear: b'"mcm"' in b"".join(ear.data()),
            refused_wait_s=0.01,
        )
        assert server.connections == 2
        assert "INVALID_SESSION_INFORMATION: 'no session ***'" in ear.reasons()[0]
        assert ear.health[0].state is State.OPEN

    def test_a_wrong_key_is_final(self) -> None:
        async def run() -> tuple[Betfair, Collector]:
            server = Betfair(cut_first)
            async with tcp_server(server.talk) as port, asyncio.timeout(60):
                plain = {"name": "bf", "format": "betfair-stream", "key": "wrong", "token": "session-1"}
                chosen = source(**plain, host="127.0.0.1", port=port, tls=False, refused_wait_s=0.01)
                collector = Collector(chosen, Ear().receive, SystemClock())
                await collector.run()
                return server, collector

        server, collector = asyncio.run(run())
        assert server.connections == 1
        (health,) = collector.health()
        assert health.state is State.REFUSED
        assert health.reason == "INVALID_APP_KEY: 'no'; check the source's key, then start again"

    def test_a_fault_of_ours_closes_the_stream_and_begins_it_again(self) -> None:
        server = Betfair(cut_first)
        ear = betfair(server, lambda ear: DATA in ear.kinds(), ear=Stumbling("bf", TypeError("stumbled")))
        assert ear.kinds()[:4] == [OPENED, CLOSED, OPENED, DATA]
        assert ear.reasons()[0] == "the collector failed: TypeError: stumbled"

    @pytest.mark.parametrize(
        ("said", "words"),
        [(b"x" * 20_000, "longer than the limit"), (b"\r\n{\r\n\xff\r\n", "closed by the other side")],
        ids=["endless line", "garbage"],
    )
    def test_babble(self, said: bytes, words: str) -> None:
        async def babble(server: Betfair, writer: asyncio.StreamWriter) -> None:
            server.say(writer, said)
            await writer.drain()
            if len(said) > 10_000:
                await asyncio.Event().wait()

        ear = betfair(Betfair(babble), lambda ear: CLOSED in ear.kinds(), largest_bytes=10_000)
        assert words in ear.reasons()[0]

    def test_dropped_frames_begin_it_again(self) -> None:
        async def stay(server: Betfair, writer: asyncio.StreamWriter) -> None:
            await asyncio.Event().wait()

        server = Betfair(stay)
        ear = betfair(
            server, lambda ear: ear.kinds().count(OPENED) == 2, lambda collector, ear: collector.resync("bf")
        )
        assert ear.reasons() == ["frames were dropped; begun again"]

    def test_a_stopped_collector_closes_the_stream(self) -> None:
        server = Betfair(cut_first)
        ear = betfair(server, lambda ear: ear.kinds().count(DATA) >= 8)
        assert [(frame.kind, frame.data) for frame in ear.afterwards] == [(CLOSED, b"no longer held open")]


class Exchange:
    """Gamma and the market channel: events by pages, and what the channel does."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self.events = list(events)
        self.subscriptions: list[dict[str, Any]] = []
        self.count = Counter[str]()
        self.answers = True
        self.cuts = False

    async def gamma(self, request: web.Request) -> web.Response:
        self.count["gamma"] += 1
        offset, limit = int(request.query["offset"]), int(request.query["limit"])
        assert request.query["closed"] == "false"
        return web.json_response(self.events[offset : offset + limit])

    async def channel(self, connection: ServerConnection) -> None:
        self.count["sockets"] += 1
        try:
            async for message in connection:
                if message == "PING":
                    if self.answers:
                        await connection.send("PONG")
                    continue
                wanted = json.loads(message)
                self.subscriptions.append(wanted)
                books = [book(token, "0.4", "0.5", token[:-1]) for token in wanted["assets_ids"]]
                await connection.send(json.dumps(books))
                if self.cuts and self.count["sockets"] == 1:
                    connection.transport.abort()
        except ConnectionClosed:
            pass


def polymarket(exchange: Exchange, condition: Callable[[Ear], bool], **fields: Any) -> Ear:
    async def run() -> Ear:
        async with http_server(exchange.gamma) as base, socket_server(exchange.channel) as url:
            plain = {"name": "poly", "format": "polymarket", "url": base, "socket_url": url, "every_s": 30}
            async with collecting(source(**{**plain, **fields})) as (_, ear):
                await ear.until(condition)
                return ear

    return asyncio.run(run())


def weather(condition: str) -> dict[str, Any]:
    return polymarket_messages.event(polymarket_messages.market(condition), id=condition)


def books(ear: Ear) -> list[bytes]:
    return [data for data in ear.data() if b"asset_id" in data]


class TestPolymarket:
    def test_gamma_first_then_the_books(self) -> None:
        exchange = Exchange(weather("0xa"), weather("0xb"))
        ear = polymarket(exchange, lambda ear: bool(books(ear)))
        assert ear.kinds()[:2] == [OPENED, DATA]
        assert exchange.subscriptions == [{"type": "market", "assets_ids": ["0xa1", "0xa2", "0xb1", "0xb2"]}]
        live = readers()["polymarket"].live
        assert live is not None
        session = live(ear.info())
        told = [one for data in ear.data() for one in session.read(data, 1) if isinstance(one, Snapshot)]
        assert {one.listing.key: len(one.quotes) for one in told} == {"0xa": 2, "0xb": 2}

    def test_all_pages_are_asked(self) -> None:
        exchange = Exchange(*[weather(f"0x{number}c") for number in range(230)])
        polymarket(exchange, lambda ear: bool(books(ear)))
        assert exchange.count["gamma"] == 3
        assert len(exchange.subscriptions[0]["assets_ids"]) == 460

    def test_new_events_are_subscribed_to(self) -> None:
        exchange = Exchange(weather("0xa"))

        def condition(ear: Ear) -> bool:
            if len(exchange.events) == 1 and books(ear):
                exchange.events.append(weather("0xb"))
            return len(books(ear)) == 2

        polymarket(exchange, condition, every_s=0.05)
        assert exchange.subscriptions[1] == {"operation": "subscribe", "assets_ids": ["0xb1", "0xb2"]}

    def test_a_cut_closes_and_begins_again(self) -> None:
        exchange = Exchange(weather("0xa"))
        exchange.cuts = True
        ear = polymarket(
            exchange,
            lambda ear: (
                CLOSED in ear.kinds() and exchange.count["sockets"] > 1 and ear.kinds().count(OPENED) == 2
            ),
        )
        assert ear.kinds().count(OPENED) == 2

    def test_a_channel_that_answers_no_beat_is_lost(self) -> None:
        exchange = Exchange(weather("0xa"))
        exchange.answers = False
        ear = polymarket(exchange, lambda ear: CLOSED in ear.kinds(), beat_s=0.05, life_s=0.3)
        assert "silent for 0.3 s" in ear.reasons()[0]

    def test_gamma_that_fails_later_costs_no_books(self) -> None:
        exchange = Exchange(weather("0xa"))
        asked = Counter[str]()

        async def run() -> Ear:
            async def gamma(request: web.Request) -> web.Response:
                asked["gamma"] += 1
                return await exchange.gamma(request) if asked["gamma"] == 1 else web.Response(status=500)

            async with http_server(gamma) as base, socket_server(exchange.channel) as url:
                plain = {"name": "poly", "format": "polymarket", "url": base, "socket_url": url}
                async with collecting(source(**plain, every_s=0.02, beat_s=0.02)) as (_, ear):
                    await ear.until(lambda ear: asked["gamma"] >= 3 and len(ear.data()) > 5)
                    return ear

        ear = asyncio.run(run())
        assert ear.health[0].reason == "Gamma answered with status 500"
        assert ear.kinds()[: len(ear.data()) + 1] == [OPENED, *[DATA] * len(ear.data())]

    def test_a_wrong_address_is_refused_and_asked_again(self) -> None:
        exchange = Exchange(weather("0xa"))

        async def run() -> Ear:
            async def gamma(request: web.Request) -> web.Response:
                known = exchange.count["404"] > 1
                exchange.count["404"] += 1
                return await exchange.gamma(request) if known else web.Response(status=404)

            async with http_server(gamma) as base, socket_server(exchange.channel) as url:
                plain = {"name": "poly", "format": "polymarket", "url": base, "socket_url": url}
                async with collecting(source(**plain, refused_wait_s=0.01)) as (_, ear):
                    await ear.until(lambda ear: bool(books(ear)))
                    return ear

        (health,) = asyncio.run(run()).health
        assert exchange.count["404"] > 2
        assert (health.state, health.reconnects) == (State.OPEN, 0)
        assert "check the source's url" in health.reason

    def test_a_page_that_cannot_be_read_is_kept(self) -> None:
        async def run() -> Ear:
            async def gamma(request: web.Request) -> web.Response:
                return web.Response(body=b"<html>")

            async with http_server(gamma) as base:
                plain = {"name": "poly", "format": "polymarket", "url": base}
                async with collecting(source(**plain)) as (_, ear):
                    await ear.until(lambda ear: CLOSED in ear.kinds())
                    return ear

        ear = asyncio.run(run())
        assert ear.kinds()[:3] == [OPENED, DATA, CLOSED]
        assert ear.data()[0] == b"<html>"


def test_a_receiver_that_takes_nothing_at_all_ends_the_collector() -> None:
    async def run() -> None:
        exchange = Exchange(weather("0xa"))

        def full(*frame: Any) -> None:
            raise OSError("the disk is full")

        async with http_server(exchange.gamma) as base, asyncio.timeout(60):
            await Collector(source(name="poly", format="polymarket", url=base), full, SystemClock()).run()

    with pytest.raises(OSError, match="the disk is full"):
        asyncio.run(run())

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest
import websockets

from crossbook.model.frame import FrameKind, StreamInfo
from crossbook.model.opportunity import Reason, Verdict
from crossbook.model.report import opportunity_object
from tests.api.made_up import QUICK, FakeEngine, house, opened, opportunity
from tests.api.messages import REGISTER, UPDATE, asked, heard, worker

OPENED, DATA, CLOSED = FrameKind.OPENED, FrameKind.DATA, FrameKind.CLOSED
STREAM = "worker/worker-sbo-12345"
REFUSED = opportunity(verdict=Verdict.REJECTED, reasons=(Reason("stale", "too old"),))


def test_an_old_client_is_a_stream() -> None:
    register, update = json.dumps(REGISTER), json.dumps(UPDATE)

    async def run() -> None:
        async with house() as here:
            async with worker(here) as socket:
                await socket.send(register)
                await socket.send(update)
                await here.engine.until(STREAM, OPENED, DATA, DATA)
                workers = await asked(here, "/workers")
                assert workers["count"] == 1
                assert (
                    workers["workers"][0] | {"worker_id": "worker-sbo-12345", "site": "sbo"}
                    == workers["workers"][0]
                )
                assert (workers["workers"][0]["messages"], workers["workers"][0]["matches"]) == (2, 1)
                odds = await asked(here, "/odds")
                assert odds["odds"][0]["data"] == UPDATE["data"]
                assert odds["odds"][0]["timestamp"] == UPDATE["timestamp"]
            await here.engine.until(STREAM, OPENED, DATA, DATA, CLOSED)
            assert await asked(here, "/workers") == {"count": 0, "workers": []}
            assert await asked(here, "/odds") == {"count": 0, "odds": []}
            said = [data for _, _, data in here.engine.frames]
            info = msgspec.json.decode(said[0], type=StreamInfo)
            assert (info.format, info.life_ns, info.settings) == (
                "site-worker",
                90_000_000_000,
                {"site": "sbo", "worker_id": "worker-sbo-12345"},
            )
            assert said[1:3] == [register.encode(), update.encode()]

    asyncio.run(run())


def test_a_binary_message_is_taken_alike() -> None:
    async def run() -> None:
        async with house() as here, worker(here) as socket:
            await socket.send(json.dumps(REGISTER).encode())
            await here.engine.until(STREAM, OPENED, DATA)
            await socket.send(b"\xff\xfe{}")
            reply = await heard(socket)
            assert (reply["error"], reply["field"]) == ("malformed", "message")

    asyncio.run(run())


def test_opportunities_are_told_when_they_change() -> None:
    async def run() -> None:
        engine = FakeEngine()
        async with house(engine=engine) as here, worker(here, "a") as first, worker(here, "b") as second:
            await engine.until("worker/a", OPENED, DATA)
            await engine.until("worker/b", OPENED, DATA)
            engine.set(open=[opened(1), opened(2, REFUSED)])
            for socket in (first, second):
                message = await heard(socket)
                assert set(message) == {"type", "timestamp", "count", "opportunities"}
                assert (message["type"], message["count"]) == ("arbitrage:opportunities", 1)
                assert message["opportunities"] == [opportunity_object(opportunity())]
            async with worker(here, "c") as third:
                assert (await heard(third))["count"] == 1, "a newcomer hears at once what is open"
            engine.set(open=[opened(1), opened(3, REFUSED)])
            async with worker(here, "d") as fourth:
                assert (await heard(fourth))["count"] == 1
            engine.set(open=[])
            message = await heard(first)
            assert (message["count"], message["opportunities"]) == (0, []), "a refused one alone says nothing"

    asyncio.run(run())


def test_a_second_connection_takes_over() -> None:
    async def run() -> None:
        async with house() as here, worker(here, "w") as first:
            await here.engine.until("worker/w", OPENED, DATA)
            async with worker(here, "w") as second:
                with pytest.raises(websockets.ConnectionClosed) as ended:
                    await first.recv()
                assert ended.value.rcvd is not None
                assert ended.value.rcvd.code == 4001
                assert "w connected again" in ended.value.rcvd.reason
                await here.engine.until("worker/w", OPENED, DATA, CLOSED, OPENED, DATA)
                await second.send(json.dumps({**UPDATE, "worker_id": "w"}))
                await here.engine.until("worker/w", OPENED, DATA, CLOSED, OPENED, DATA, DATA)
                assert (await asked(here, "/workers"))["count"] == 1
            await here.engine.until("worker/w", OPENED, DATA, CLOSED, OPENED, DATA, DATA, CLOSED)

    asyncio.run(run())


def test_it_registers_first_and_stays_who_it_is() -> None:
    async def run() -> None:
        async with house() as here, worker(here) as socket:
            await socket.send(json.dumps(UPDATE))
            reply = await heard(socket)
            assert (reply["type"], reply["error"], reply["field"]) == ("error", "not_registered", "type")
            await socket.send(json.dumps(REGISTER))
            for name, other in (("worker_id", "somebody"), ("site", "ibc")):
                await socket.send(json.dumps({**UPDATE, name: other}))
                reply = await heard(socket)
                assert (reply["error"], reply["field"]) == ("mismatch", name)
            await socket.send(json.dumps({**UPDATE, "site": "SBO"}))
            # What is refused is kept like all that a registered worker says: its session is to judge it.
            await here.engine.until(STREAM, OPENED, DATA, DATA, DATA, DATA)
            assert (await asked(here, "/workers"))["workers"][0]["refused"] == 2

    asyncio.run(run())


def test_a_worker_that_registers_again_is_kept_like_any_message() -> None:
    async def run() -> None:
        async with house() as here, worker(here) as socket:
            again = json.dumps({**REGISTER, "timestamp": "2024-12-10T10:05:00"})
            for message in (json.dumps(REGISTER), again):
                await socket.send(message)
            await here.engine.until(STREAM, OPENED, DATA, DATA)
            assert here.engine.frames[-1][2] == again.encode()

    asyncio.run(run())


def test_trouble_is_told_as_nothing_open() -> None:
    async def run() -> None:
        engine = FakeEngine()
        async with house(engine=engine) as here, worker(here, "w") as socket:
            await engine.until("worker/w", OPENED, DATA)
            engine.set(open=[opened(1)])
            assert (await heard(socket))["count"] == 1
            engine.set(open=[], trouble="the disk is full")
            assert (await heard(socket))["count"] == 0
            engine.set(trouble="the disk is still full")
            engine.set(open=[opened(1), opened(2)], trouble="")
            assert (await heard(socket))["count"] == 2, "it was told once"

    asyncio.run(run())


def test_telling_workers_costs_no_view() -> None:
    async def run() -> None:
        engine = FakeEngine()
        async with house(engine=engine) as here, worker(here, "w") as socket:
            await engine.until("worker/w", OPENED, DATA)
            views = engine.views
            for number in range(1, 10):
                engine.set(open=[opened(each) for each in range(number)])
                assert (await heard(socket))["count"] == number
            assert engine.views == views

    asyncio.run(run())


def test_a_connection_that_is_not_taken_leaves_no_complaint(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with house(msgspec.structs.replace(QUICK, most_workers=1)) as here, worker(here, "w"):
            await here.engine.until("worker/w", OPENED, DATA)
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(here.socket)
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(
                    here.socket, additional_headers={"Origin": "http://elsewhere.example"}
                )

    asyncio.run(run())
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_price_that_cannot_be_read_is_named_and_the_rest_is_used() -> None:
    broken = json.loads(json.dumps(UPDATE))
    broken["data"]["matches"][0]["odds"]["ft_hdp"]["home"] = "none"

    async def run() -> None:
        async with house() as here, worker(here) as socket:
            await socket.send(json.dumps(REGISTER))
            await socket.send(json.dumps(broken))
            reply = await heard(socket)
            assert (reply["error"], reply["field"]) == ("partly_unusable", "data.matches[0].odds.ft_hdp.home")
            await here.engine.until(STREAM, OPENED, DATA, DATA)

    asyncio.run(run())


def test_fifty_workers_at_once() -> None:
    names = [f"worker-{number}" for number in range(50)]

    async def one(name: str, ready: asyncio.Barrier, engine: FakeEngine) -> int:
        async with worker(here_now[0], name) as socket:
            for second in range(5):
                stamp = f"2024-12-10T10:00:{second:02}"
                await socket.send(json.dumps({**UPDATE, "worker_id": name, "timestamp": stamp}))
            await engine.until(f"worker/{name}", OPENED, *[DATA] * 6)
            await ready.wait()
            return int((await heard(socket))["count"])

    here_now = []

    async def run() -> None:
        engine, ready = FakeEngine(), asyncio.Barrier(len(names) + 1)
        async with house(engine=engine) as here, asyncio.TaskGroup() as tasks:
            here_now.append(here)
            told = [tasks.create_task(one(name, ready, engine)) for name in names]
            await ready.wait()
            engine.set(open=[opened(1), opened(2)])
            assert (await asyncio.gather(*told)) == [2] * len(names)
        assert {stream for stream, _, _ in engine.frames} == {f"worker/{name}" for name in names}

    asyncio.run(run())


def test_no_more_workers_than_the_setting() -> None:
    async def run() -> None:
        async with house(msgspec.structs.replace(QUICK, most_workers=1)) as here:
            async with worker(here, "w"):
                await here.engine.until("worker/w", OPENED, DATA)
                with pytest.raises(websockets.InvalidStatus) as refused:
                    await websockets.connect(here.socket)
                assert refused.value.response.status_code == 503
                assert b"most_workers" in (refused.value.response.body or b"")
            await here.engine.until("worker/w", OPENED, DATA, CLOSED)
            async with worker(here, "again"):
                await here.engine.until("worker/again", OPENED, DATA)

    asyncio.run(run())


def test_the_server_says_goodbye() -> None:
    async def run() -> None:
        engine = FakeEngine()
        async with house(engine=engine) as here:
            socket = await websockets.connect(here.socket)
            await socket.send(json.dumps(REGISTER))
            await engine.until(STREAM, OPENED, DATA)
        with pytest.raises(websockets.ConnectionClosed) as ended:
            await socket.recv()
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 1001
        assert engine.kinds(STREAM) == [OPENED, DATA, CLOSED]

    asyncio.run(run())

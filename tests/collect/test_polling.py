"""The Odds API, asked of a real server that answers well, late, wrongly or not at all."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from crossbook.base.clock import SystemClock
from crossbook.base.errors import BadData
from crossbook.collect import Collector, Health, State
from crossbook.model.quote import Snapshot
from crossbook.venues import readers
from tests.collect.listening import CLOSED, DATA, OPENED, Ear, Stumbling, collecting, source
from tests.transport.servers import Handler, http_server
from tests.venues.test_sessions import game

KEY = "key-55301"


def listen(handler: Handler, condition: Callable[[Ear], bool], ear: Ear | None = None, **fields: Any) -> Ear:
    async def run() -> Ear:
        async with http_server(handler) as base:
            chosen = {
                "name": "feed",
                "format": "the-odds-api",
                "key": KEY,
                "sports": ["soccer_epl"],
                "url": base,
            }
            async with collecting(source(**{**chosen, **fields}), ear) as (_, heard):
                await heard.until(condition)
            return heard

    return asyncio.run(run())


async def good(request: web.Request) -> web.Response:
    answer = [game("a", "one")]
    return web.Response(body=json.dumps(answer).encode(), headers={"x-requests-remaining": "42"})


def test_every_answer_is_a_frame_and_can_be_read() -> None:
    asked: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request)
        return await good(request)

    ear = listen(handler, lambda ear: len(ear.data()) >= 3)
    assert ear.kinds()[:4] == [OPENED, DATA, DATA, DATA]
    assert {frame.stream for frame in ear.frames} == {"feed/soccer_epl"}
    assert asked[0].path == "/v4/sports/soccer_epl/odds"
    assert asked[0].query["apiKey"] == KEY
    assert asked[0].query["markets"] == "h2h,spreads,totals"
    info = ear.info()
    assert info.life_ns == 30_000_000_000
    live = readers()[info.format].live
    assert live is not None
    told = [one for one in live(info).read(ear.data()[0], 1) if isinstance(one, Snapshot)]
    assert [len(one.quotes) for one in told] == [3]
    (health,) = ear.health
    assert health.credits == 42
    assert health.frames >= 3
    assert health.last_frame is not None


def test_every_sport_is_a_stream() -> None:
    sports = ["soccer_epl", "soccer_spl", "tennis"]
    ear = listen(good, lambda ear: len({f.stream for f in ear.frames if f.kind is DATA}) == 3, sports=sports)
    assert {frame.stream for frame in ear.frames} == {f"feed/{sport}" for sport in sports}


@pytest.mark.parametrize(
    "bad",
    [
        web.Response(status=500, text="oops"),
        web.Response(status=429, headers={"Retry-After": "0"}),
        web.Response(body=b"x", headers={"Content-Encoding": "gzip"}),
        web.Response(body=b"x" * 5_000),
    ],
    ids=["500", "429", "garbled", "oversize"],
)
def test_a_failure_closes_nothing_and_is_tried_again(bad: web.Response) -> None:
    count = Counter[str]()

    async def handler(request: web.Request) -> web.Response:
        count["asked"] += 1
        if count["asked"] in (2, 3):
            return web.Response(status=bad.status, body=bad.body, headers=bad.headers)
        return await good(request)

    ear = listen(handler, lambda ear: len(ear.data()) >= 3, largest_bytes=4_000)
    assert CLOSED not in ear.kinds()[:4]
    assert ear.health[0].reason


def test_the_stream_closes_when_nothing_was_heard_for_its_life_and_opens_again() -> None:
    async def handler(request: web.Request) -> web.Response:
        if listening and DATA in listening[0].kinds() and CLOSED not in listening[0].kinds():
            await asyncio.Event().wait()
        return await good(request)

    listening: list[Ear] = []

    def condition(ear: Ear) -> bool:
        listening[:] = [ear]
        kinds = ear.kinds()
        return CLOSED in kinds and DATA in kinds[kinds.index(CLOSED) :]

    ear = listen(handler, condition, life_s=0.3, timeout_s=0.5)
    kinds = ear.kinds()
    after = kinds[kinds.index(CLOSED) :]
    assert after[:3] == [CLOSED, OPENED, DATA]
    assert "no answer for 0.3 s" in ear.reasons()[0]
    assert ear.health[0].reconnects >= 1


def test_a_wrong_key_ends_the_asking_and_says_so() -> None:
    count = Counter[str]()

    async def handler(request: web.Request) -> web.Response:
        count["asked"] += 1
        return web.json_response({"message": f"no: {KEY}", "error_code": "INVALID_KEY"}, status=401)

    async def run() -> tuple[Ear, Health]:
        async with http_server(handler) as base, asyncio.timeout(60):
            ear = Ear()
            chosen = source(
                name="feed", format="the-odds-api", key=KEY, sports=["x"], url=base, refused_wait_s=0.01
            )
            collector = Collector(chosen, ear.receive, SystemClock())
            await collector.run()
            (health,) = collector.health()
            return ear, health

    ear, health = asyncio.run(run())
    assert ear.kinds() == [OPENED, CLOSED]
    assert count["asked"] == 1
    assert health.state is State.REFUSED
    assert "status 401" in health.reason
    assert "check the source's key, then start again" in health.reason
    assert KEY not in health.reason
    assert KEY not in ear.reasons()[0]


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "DEACTIVATED_KEY", "check the source's key"),
        (404, "UNKNOWN_SPORT", "check the source's sports"),
        (422, "", "check the source's sports"),
        (302, "", "sends us on"),
    ],
)
def test_who_refuses_is_asked_again(status: int, code: str, words: str) -> None:
    count = Counter[str]()

    async def handler(request: web.Request) -> web.Response:
        count["asked"] += 1
        if count["asked"] > 2:
            return await good(request)
        answer = {"message": f"no: {KEY}", "error_code": code}
        return web.json_response(answer, status=status, headers={"Location": f"/?apiKey={KEY}"})

    ear = listen(handler, lambda ear: bool(ear.data()), refused_wait_s=0.01)
    assert ear.kinds()[:4] == [OPENED, CLOSED, OPENED, DATA]
    assert words in ear.reasons()[0]
    assert KEY not in ear.reasons()[0]
    assert ear.health[0].state is State.OPEN


def test_who_refuses_is_left_alone_for_a_good_while_and_stays_refused() -> None:
    count = Counter[str]()

    async def handler(request: web.Request) -> web.Response:
        count[request.path] += 1
        return web.Response(status=404) if "first" in request.path else await good(request)

    def condition(ear: Ear) -> bool:
        return CLOSED in ear.kinds("feed/first") and ear.kinds("feed/second").count(DATA) >= 30

    ear = listen(handler, condition, sports=["first", "second"], life_s=0.05)
    assert count["/v4/sports/first/odds"] == 1
    (first,) = [health for health in ear.health if health.stream == "feed/first"]
    assert (first.state, first.reason.partition(";")[0]) == (State.REFUSED, "status 404")


def test_an_answer_that_cannot_be_kept_closes_nothing() -> None:
    ear = listen(
        good, lambda ear: len(ear.data()) >= 2, ear=Stumbling("feed/soccer_epl", BadData("too large"))
    )
    assert ear.kinds()[:3] == [OPENED, DATA, DATA]
    assert ear.health[0].reason == "too large"


def test_a_fault_of_ours_closes_its_stream_alone_which_begins_again(caplog: pytest.LogCaptureFixture) -> None:
    ear = listen(
        good,
        lambda ear: ear.kinds("feed/first").count(DATA) >= 2 and ear.kinds("feed/second").count(DATA) >= 2,
        ear=Stumbling("feed/first", RuntimeError(f"stumbled over {KEY}")),
        sports=["first", "second"],
    )
    assert ear.kinds("feed/first")[:4] == [OPENED, CLOSED, OPENED, DATA]
    assert ear.reasons() == ["the collector failed: RuntimeError: stumbled over ***"]
    assert CLOSED not in ear.kinds("feed/second")
    assert "feed/first: the collector failed" in caplog.text
    assert KEY not in caplog.text


def test_spent_credits_are_no_refusal() -> None:
    count = Counter[str]()
    spent = {"message": "Usage quota has been reached", "error_code": "OUT_OF_USAGE_CREDITS"}

    async def handler(request: web.Request) -> web.Response:
        count["asked"] += 1
        return await good(request) if count["asked"] == 1 else web.json_response(spent, status=401)

    ear = listen(handler, lambda ear: CLOSED in ear.kinds(), life_s=0.5)
    assert count["asked"] == 2  # the next question is an hour away
    assert "OUT_OF_USAGE_CREDITS" in ear.reasons()[0]
    assert ear.health[0].state is State.LOST


def test_a_stopped_collector_closes_its_streams() -> None:
    ear = listen(good, lambda ear: bool(ear.data()))
    assert CLOSED not in ear.kinds()
    assert [(frame.kind, frame.data) for frame in ear.afterwards] == [(CLOSED, b"no longer asked")]


def test_a_source_that_keeps_failing_is_left_alone_and_then_tried_by_one_question() -> None:
    asked: list[str] = []
    well = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return await good(request) if well.is_set() else web.Response(status=503)

    async def run() -> list[int]:
        async with http_server(handler) as base:
            sports = [f"sport_{number}" for number in range(8)]
            chosen = source(
                name="feed", format="the-odds-api", key=KEY, sports=sports, url=base, longest_wait_s=0.4
            )
            async with collecting(chosen) as (collector, ear):
                while not any("left alone" in health.reason for health in collector.health()):
                    await asyncio.sleep(0.01)
                failed = len(asked)
                well.set()
                await ear.until(
                    lambda ear: len({f.stream for f in ear.frames if f.kind is DATA}) == len(sports)
                )
                return [failed, ear.kinds().count(CLOSED)]

    failed, closed = asyncio.run(asyncio.wait_for(run(), 60))
    assert failed < 40
    assert closed == 0


def test_the_wait_a_server_asks_for_is_honoured() -> None:
    count = Counter[str]()

    async def handler(request: web.Request) -> web.Response:
        count[request.path] += 1
        if "first" in request.path and count[request.path] > 1:
            return web.Response(status=429, headers={"Retry-After": "3600"})
        return await good(request)

    def condition(ear: Ear) -> bool:
        return count["/v4/sports/first/odds"] > 1 and ear.kinds("feed/second").count(DATA) >= 30

    listen(handler, condition, sports=["first", "second"])
    assert count["/v4/sports/first/odds"] == 2

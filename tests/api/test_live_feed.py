from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import msgspec
from hypothesis import given
from hypothesis import strategies as st

from crossbook.api.live_feed import LiveFeed, Picture
from crossbook.base.clock import SECOND, SystemClock
from crossbook.model.report import change_object
from tests.api.made_up import QUICK, START, FakeEngine, closed, house, opened, stream, venue


async def event(response: aiohttp.ClientResponse, *, but: tuple[str, ...] = ("alive",)) -> tuple[str, Any]:
    """The next event that is not one of `but`."""
    while True:
        block = (await response.content.readuntil(b"\n\n")).decode()
        if not block.startswith("event: "):
            continue
        head, _, data = block.partition("\n")
        name = head.removeprefix("event: ")
        if name not in but:
            return name, json.loads(data.removeprefix("data: "))


def test_a_full_state_then_what_changes() -> None:
    async def run() -> None:
        engine = FakeEngine()
        engine.set(open=[opened(1)], venues=[venue("sbo", "SBO")], streams=[stream("worker/a")])
        async with house(engine=engine) as here, here.client.get(f"{here.address}/live") as response:
            assert response.content_type == "text/event-stream"
            assert response.headers["Cache-Control"] == "no-store"
            name, state = await event(response)
            assert name == "state"
            assert state["summary"]["mode"] == "REPLAY · PAPER"
            assert state["venues"][0]["name"] == "SBO"
            assert state["streams"][0]["stream"] == "worker/a"
            assert state["open"][0] | change_object(opened(1)) == state["open"][0]
            assert state["open"][0]["seen_ms"] == [START // 1_000_000] * 2

            engine.set(open=[opened(1), opened(2)])
            name, change = await event(response)
            assert name == "change"
            assert [life["id"] for life in change["open"]] == ["opportunity-2"]
            assert set(change) == {"at", "open"}

            engine.set(open=[opened(2)], recent=[closed(opened(1), "moved", "2.1 to 1.9", START + SECOND)])
            _, change = await event(response)
            assert change["gone"] == ["opportunity-1"]
            assert change["closed"][0]["why"] == ["moved: 2.1 to 1.9"]

            engine.set(quotes=17)
            _, change = await event(response)
            assert set(change) == {"at", "summary"}
            assert change["summary"]["quotes"] == 17

    asyncio.run(run())


def test_a_change_costs_no_whole_view_and_trouble_is_shown_at_once() -> None:
    async def run() -> None:
        engine = FakeEngine()
        engine.set(open=[opened(0)])
        rarely = msgspec.structs.replace(QUICK, refresh_s=3_600.0)
        async with house(rarely, engine) as here, here.client.get(f"{here.address}/live") as response:
            _, state = await event(response)
            assert state["summary"]["trouble"] == ""
            views = engine.views
            for number in range(1, 60):
                over = closed(opened(number - 1), "moved", "2.1 to 1.9", START + SECOND)
                engine.set(open=[opened(number)], recent=[over, *engine.now.recent][:50])
                _, change = await event(response)
                assert [life["id"] for life in change["open"]] == [f"opportunity-{number}"]
                assert change["gone"] == [f"opportunity-{number - 1}"]
                assert [life["why"] for life in change["closed"]] == [["moved: 2.1 to 1.9"]]
            assert engine.views == views

            async with here.client.get(f"{here.address}/live") as newcomer:
                _, state = await event(newcomer)
                assert [life["id"] for life in state["closed"]] == [
                    f"opportunity-{number}" for number in range(58, 8, -1)
                ]

            engine.set(open=[], trouble="the disk is full")
            _, change = await event(response)
            assert change["summary"]["trouble"] == "the disk is full"
            assert change["gone"] == ["opportunity-59"]
            engine.set(open=[opened(59)], trouble="")
            _, change = await event(response)
            assert (change["summary"]["trouble"], len(change["open"])) == ("", 1)

    asyncio.run(run())


def test_a_reader_of_batches_that_missed_some_takes_a_whole_view() -> None:
    async def run() -> None:
        engine = FakeEngine()
        rarely = msgspec.structs.replace(QUICK, refresh_s=3_600.0)
        async with house(rarely, engine) as here, here.client.get(f"{here.address}/live") as response:
            await event(response)
            for heard in engine.subscriptions:
                heard.dropped += 1
            engine.set(open=[opened(1)], quotes=17)
            _, change = await event(response)
            assert change["summary"]["quotes"] == 17

    asyncio.run(run())


def test_it_says_that_it_is_there_when_nothing_changes() -> None:
    async def run() -> None:
        async with house() as here, here.client.get(f"{here.address}/live") as response:
            assert (await event(response))[0] == "state"
            name, alive = await event(response, but=())
            assert (name, set(alive)) == ("alive", {"at"})

    asyncio.run(run())


def test_a_reader_that_does_not_read_holds_up_nobody_and_gets_the_newest() -> None:
    async def run() -> None:
        engine = FakeEngine()
        engine.set(open=[opened(number) for number in range(300)])
        async with (
            house(engine=engine) as here,
            aiohttp.ClientSession(read_bufsize=1_024) as lazy,
            lazy.get(f"{here.address}/live") as late,
        ):
            async with here.client.get(f"{here.address}/live") as quick:
                assert (await event(quick))[0] == "state"
                for changed in range(1, 40):
                    engine.set(open=[opened(number, changed=changed) for number in range(300)])
                    _, change = await event(quick)
                    assert len(change["open"]) == 300
            seen = 0
            async with asyncio.timeout(30):
                while True:
                    _, change = await lazy_event(late)
                    seen += 1
                    if change["open"][0]["at_ms"] == (START + 39 * SECOND) // 1_000_000:
                        break
            assert seen < 40, "what is old by the time it can be sent is not sent"

    asyncio.run(run())


async def lazy_event(response: aiohttp.ClientResponse) -> tuple[str, Any]:
    """The next event, however long: the reader's buffer is smaller than it."""
    data = b""
    while True:
        data += await response.content.readany()
        lines = data.split(b"\n\n")
        for block in lines[:-1]:
            if block.startswith((b"event: state", b"event: change")):
                head, _, text = block.decode().partition("\ndata: ")
                found = head, json.loads(text)
        if (
            any(block.startswith((b"event: state", b"event: change")) for block in lines[:-1])
            and not lines[-1]
        ):
            return found


def test_no_more_watchers_than_the_setting() -> None:
    async def run() -> None:
        async with house(msgspec.structs.replace(QUICK, most_watchers=1)) as here:
            async with here.client.get(f"{here.address}/live") as first:
                await event(first)
                async with here.client.get(f"{here.address}/live") as second:
                    assert second.status == 503
                    assert "most_watchers" in (await second.json(content_type=None))["remedy"]
            async with asyncio.timeout(30):
                while True:
                    async with here.client.get(f"{here.address}/live") as third:
                        if third.status == 200:
                            break

    asyncio.run(run())


def test_watchers_are_let_go_when_the_doors_close() -> None:
    async def run() -> None:
        async with aiohttp.ClientSession() as client:
            async with house() as here:
                response = await client.get(f"{here.address}/live")
                await event(response)
            async with asyncio.timeout(30):
                while await response.content.readany():
                    pass

    asyncio.run(run())


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[int, int]]]:
    """Which opportunities are open, with how often each has changed, at some moments."""
    one = st.dictionaries(st.integers(0, 5), st.integers(0, 3), max_size=5)
    return [sorted(each.items()) for each in draw(st.lists(one, min_size=1, max_size=6))]


@given(histories(), st.lists(st.booleans(), min_size=6, max_size=6))
def test_states_and_changes_lead_to_the_same_picture(
    history: list[list[tuple[int, int]]], whole: list[bool]
) -> None:
    engine = FakeEngine()
    feed = LiveFeed(engine, SystemClock(), QUICK)
    shown: dict[str, Any] = {}
    before: Picture | None = None
    for moment, anew in zip(history, whole, strict=False):
        engine.set(open=[opened(number, changed=changed) for number, changed in moment])
        picture = feed.taken() if before is None or anew else feed.moved_on(before)
        text = picture.full() if before is None else picture.since(before)
        before = picture
        if text is not None:
            content = json.loads(text.partition(b"data: ")[2])
            for identity in content.get("gone", ()):
                del shown[identity]
            shown |= {life["id"]: life["at"] for life in content.get("open", ())}
        assert shown == {
            f"opportunity-{number}": change_object(opened(number, changed=changed))["at"]
            for number, changed in moment
        }

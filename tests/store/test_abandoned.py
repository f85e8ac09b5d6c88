"""What a killed run left open is closed by the next, with its life whole, and by nobody who is not alone."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from crossbook.model.life import Moment
from crossbook.model.opportunity import Reason
from crossbook.store.abandoned import WHY, at_work, close_abandoned
from crossbook.store.record import Store
from tests.store.asking import value
from tests.store.made_up import NOON, batch, change, life

LATER = NOON + 1_000


def shown(told: dict[str, Any], at: int, why: Reason) -> dict[str, Any]:
    return {**told, "at": at, "why": str(why)}


async def left_open(url: str) -> None:
    """One that closed in order, one that had opened, one that had changed too and whose name cannot be in jsonb."""
    changed = [
        change(1, Moment.OPENED, "changed"),
        change(2, Moment.CHANGED, "changed", shown={"name": "a\0b"}),
    ]
    async with await Store.open(url) as store:
        await store.write(batch(1, changes=[*life("done"), change(1, Moment.OPENED, "opened"), *changed]))


async def closed(url: str, at: int = LATER) -> list[str]:
    async with at_work(url) as presence:
        return await close_abandoned(url, presence, at, shown)


def test_what_was_left_open_is_closed_and_reads_back_whole(url: str) -> None:
    async def close() -> None:
        await left_open(url)
        assert await closed(url) == ["changed", "opened"]
        async with await Store.open(url) as store:
            assert await store.read.open_opportunities() == []
            found = await store.read.opportunity("changed")
            assert found is not None
            now, its_life = found
            assert (now.closed, now.at, now.number) == (LATER, LATER, 3)
            assert now.object == {"name": "a\0b", "at": LATER, "why": str(WHY)}
            assert [each.number for each in its_life] == [1, 2, 3]
            assert its_life[-1].moment is Moment.CLOSED
            assert its_life[-1].why() == (WHY,)
            told = msgspec.json.decode(its_life[-1].text)
            assert list(told) == list(msgspec.json.decode(its_life[0].text))
            assert (told["opened"], told["at"]) == (NOON, LATER)
            done = await store.read.opportunity("done")
            assert done is not None
            assert done[0].closed == NOON + 3
            assert await store.read.counts() == {**await store.read.counts(), "open": 0, "changes": 8}

    asyncio.run(close())
    asked = "SELECT close_reasons ->> 0 FROM crossbook.opportunity WHERE id = 'opened'"
    assert "Crossbook stopped while it was open" in asyncio.run(value(url, asked))


def test_it_is_closed_once(url: str) -> None:
    asyncio.run(left_open(url))
    assert len(asyncio.run(closed(url))) == 2
    assert asyncio.run(closed(url, LATER + 1)) == []


def test_what_this_run_opened_stays_open(url: str) -> None:
    asyncio.run(left_open(url))
    assert asyncio.run(closed(url, NOON + 2)) == ["opened"]  # the other changed at that moment


def test_nothing_is_closed_while_somebody_else_is_at_work(url: str) -> None:
    async def two() -> None:
        await left_open(url)
        async with at_work(url):
            assert await closed(url) == []
        assert len(await closed(url)) == 2

    asyncio.run(two())


def test_nobody_is_kept_out_after_the_closing(url: str) -> None:
    async def two() -> None:
        async with at_work(url) as presence:
            await close_abandoned(url, presence, LATER, shown)
            async with asyncio.timeout(30), at_work(url):
                pass

    asyncio.run(two())

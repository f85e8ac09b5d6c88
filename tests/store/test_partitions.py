"""The hours of quotes: every row finds its hour, old hours go whole, and an interruption is made good."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from crossbook.base.errors import Retry
from crossbook.store.partitions import HOUR, Partitions, hour_of, name_of
from crossbook.store.record import Store
from crossbook.store.rows import QuoteRow
from tests.store.asking import connected, value, with_store
from tests.store.made_up import NOON, batch, offer

FULL_HOUR = NOON - 1
NAMES = """SELECT coalesce(array_agg(relname::text ORDER BY relname), '{}') FROM pg_class
    WHERE relnamespace = 'crossbook'::regnamespace AND relname ~ '^quote_[0-9]+$'"""


def test_rows_on_both_sides_of_every_boundary_are_kept(url: str) -> None:
    edges = [FULL_HOUR, 0, -HOUR, FULL_HOUR + 1_000 * HOUR]
    ats = sorted(edge + step for edge in edges for step in (-1, 0, 1))
    rows = [offer(at) for at in ats]

    async def write(store: Store) -> list[QuoteRow]:
        await store.write(batch(1, quotes=rows))
        return await store.read.quotes_between(ats[0], ats[-1] + 1)

    assert with_store(url, write) == rows


def test_the_next_hour_is_there_before_it_is_needed(url: str) -> None:
    with_store(url, lambda store: store.write(batch(1, quotes=[offer(NOON)])))
    assert asyncio.run(value(url, NAMES)) == ["quote_2025112012", "quote_2025112013"]


def test_many_old_hours_at_once(url: str) -> None:
    rows = [offer(NOON - hours * HOUR) for hours in range(120)]
    with_store(url, lambda store: store.write(batch(1, quotes=rows)))
    assert len(asyncio.run(value(url, NAMES))) == 121


def test_two_processes_that_need_the_same_hours(url: str) -> None:
    async def write(recording: str) -> None:
        async with await Store.open(url) as store:
            for hours in range(6):
                await store.write(batch(hours, recording, quotes=[offer(NOON + hours * HOUR)]))

    async def three() -> None:
        await asyncio.gather(*(write(name) for name in ("one", "two", "three")))

    asyncio.run(three())
    assert len(asyncio.run(value(url, NAMES))) == 7
    assert asyncio.run(value(url, "SELECT count(*) FROM crossbook.quote")) == 18


def test_old_hours_are_dropped_and_the_rest_stays(url: str) -> None:
    rows = [offer(NOON + hours * HOUR) for hours in range(-9, 1)]

    async def retain(store: Store) -> None:
        await store.write(batch(1, at=NOON - 9 * HOUR, quotes=rows))
        await store.write(batch(2, at=NOON))
        dropped = await store.retain(NOON, 6)
        assert dropped == [name_of(hour_of(NOON) - hours) for hours in (9, 8, 7)]
        assert await store.read.quotes_between(NOON - 20 * HOUR, NOON + HOUR) == rows[3:]
        assert await store.retain(NOON, 6) == []
        # A late row of an hour that is gone gets its hour back.
        late = offer(NOON - 8 * HOUR)
        await store.write(batch(3, quotes=[late]))
        assert await store.read.quotes_between(NOON - 9 * HOUR, NOON - 7 * HOUR) == [late]

    with_store(url, retain)
    assert asyncio.run(value(url, "SELECT array_agg(number ORDER BY number) FROM crossbook.batch")) == [2, 3]


def test_an_hour_that_another_process_dropped_is_asked_for_again(url: str) -> None:
    async def write(store: Store) -> None:
        await store.write(batch(1, quotes=[offer(NOON)]))
        async with await Store.open(url) as other:
            assert await other.retain(NOON + 9 * HOUR, 1) == [
                name_of(hour_of(NOON) + step) for step in (0, 1)
            ]
        second = batch(2, quotes=[offer(NOON + 1)])
        with pytest.raises(Retry, match="dropped meanwhile"):
            await store.write(second)
        assert (await store.write(second)).quotes == 1

    with_store(url, write)


def test_what_an_interrupted_retention_left_is_cleared_away(url: str) -> None:
    first, second = (name_of(hour_of(NOON) - hours) for hours in (9, 8))

    async def interrupt(store: Store) -> None:
        await store.write(batch(1, quotes=[offer(NOON - 9 * HOUR), offer(NOON - 8 * HOUR), offer(NOON)]))
        async with connected(url) as other, connected(url) as reader:
            await other.execute(f"ALTER TABLE crossbook.quote DETACH PARTITION crossbook.{first}")
            # A reader makes the second one stop half-way, and there its connection is lost.
            reading = reader.transaction()
            await reading.start()
            await reader.fetch("SELECT count(*) FROM crossbook.quote")
            await other.execute("SET statement_timeout = '300ms'")
            with pytest.raises(Exception, match="statement timeout"):
                await other.execute(
                    f"ALTER TABLE crossbook.quote DETACH PARTITION crossbook.{second} CONCURRENTLY"
                )
            await reading.rollback()
        second_write = batch(2, quotes=[offer(NOON - 9 * HOUR + 1)])
        with pytest.raises(Retry):  # this store believes that the hour is still there
            await store.write(second_write)
        await store.write(second_write)  # and then it is made anew
        assert await store.read.quotes_between(NOON - 10 * HOUR, NOON - 9 * HOUR + 2) == [
            offer(NOON - 9 * HOUR + 1)
        ]
        assert set(await store.retain(NOON, 6)) == {first, second}
        assert first not in await value(url, NAMES)

    with_store(url, interrupt)


def test_names_follow_each_other_in_time() -> None:
    hours = [hour_of(NOON) + step for step in (-9_000, -1, 0, 1, 9_000)]
    assert all(name_of(one) < name_of(next_one) for one, next_one in pairwise(hours))


def test_known_hours_ask_nobody(url: str) -> None:
    async def twice(store: Store) -> None:
        partitions = Partitions(store._pool)
        assert await partitions.ensure([hour_of(NOON)]) != []
        await store.close()
        assert await partitions.ensure([hour_of(NOON)]) == []

    with_store(url, twice)

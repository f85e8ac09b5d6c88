"""The writer: never waits, gives up old quotes only, and outlives its connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from crossbook.base.errors import Misconfigured, Retry
from crossbook.model.life import Moment
from crossbook.store.record import Store
from crossbook.store.rows import Batch, Written
from crossbook.store.writer import Writer
from tests.store.asking import PATIENCE_S, connected, until, value
from tests.store.made_up import NOON, batch, change, life, offer, offers

BLOCKED = """SELECT pid FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database() AND application_name = 'crossbook'"""


@asynccontextmanager
async def writing(url: str) -> AsyncIterator[tuple[Store, Writer]]:
    async with await Store.open(url) as store, asyncio.timeout(PATIENCE_S), Writer(store) as writer:
        yield store, writer


def test_small_batches_are_written_together_and_each_once(url: str) -> None:
    async def write() -> None:
        async with writing(url) as (store, writer):
            for number in range(200):
                writer.offer(
                    batch(number, quotes=[offer(NOON + number)], changes=life(f"opportunity-{number}"))
                )
            writer.offer(batch(7, quotes=[offer(NOON + 7)]))
            await writer.drain()
            done = writer.counters()
            assert (done.written_batches, done.written_quotes, done.written_changes) == (200, 200, 600)
            assert (done.waiting, done.waiting_batches, done.dropped, done.failures) == (0, 0, 0, 0)
            assert len(await store.read.quotes_between(NOON, NOON + 200)) == 200

    asyncio.run(write())
    transactions = "SELECT count(DISTINCT xmin::text) FROM crossbook.batch"
    assert asyncio.run(value(url, transactions)) < 200


def test_a_full_queue_gives_up_the_oldest_quotes_and_nothing_else(url: str) -> None:
    rows = offers(100)

    async def write() -> None:
        async with await Store.open(url) as store:
            writer = Writer(store, most_quotes=25)
            for number in range(10):
                told = life("kept") if number == 0 else []
                plain = Batch(
                    recording="live", number=number, at=NOON, quotes=rows[number * 10 : number * 10 + 10]
                )
                writer.offer(plain if number % 2 else batch(number, quotes=plain.quotes, changes=told))
            waiting = writer.counters()
            assert (waiting.dropped, waiting.waiting) == (75, 25)
            writer.start()
            async with asyncio.timeout(PATIENCE_S):
                await writer.drain()
            assert await writer.close() == 0
            assert await store.read.quotes_between(NOON, NOON + 100) == rows[75:]
            found = await store.read.opportunity("kept")
            assert found is not None
            assert len(found[1]) == 3

    asyncio.run(write())
    told = asyncio.run(
        value(url, "SELECT array_agg((number, dropped)::text ORDER BY number) FROM crossbook.batch")
    )
    assert told == ["(0,10)", "(2,10)", "(4,10)", "(6,10)", "(7,5)", "(8,0)", "(9,0)"]


def test_a_lost_connection_costs_nothing(url: str) -> None:
    async def write() -> None:
        async with connected(url) as other, writing(url) as (store, writer):
            blocking = other.transaction()
            await blocking.start()
            await other.execute("LOCK TABLE crossbook.opportunity IN ACCESS EXCLUSIVE MODE")
            writer.offer(batch(1, quotes=offers(5), changes=life()))
            blocked = await until(url, BLOCKED)
            await other.execute("SELECT pg_terminate_backend($1)", blocked)
            writer.offer(batch(2, quotes=offers(5, NOON + 5)))
            await until(url, BLOCKED.replace("pid FROM", "pid <> $1 FROM"), blocked)
            await blocking.rollback()
            await writer.drain()
            done = writer.counters()
            assert (done.failures, done.written_quotes, done.written_changes) == (1, 10, 3)
            assert "terminat" in str(done.last_error)
            assert len(await store.read.quotes_between(NOON, NOON + 10)) == 10

    asyncio.run(write())


class _LosesAnswers:
    """A store whose first answers never arrive, although the batch was written."""

    def __init__(self, store: Store, losses: int) -> None:
        self._store = store
        self._losses = losses

    async def write(self, *batches: Batch) -> Written:
        written = await self._store.write(*batches)
        if self._losses:
            self._losses -= 1
            raise Retry("the answer was lost")
        return written


def test_a_lost_answer_writes_nothing_twice(url: str) -> None:
    async def write() -> None:
        async with await Store.open(url) as store, Writer(_LosesAnswers(store, 2)) as writer:
            writer.offer(batch(1, quotes=offers(4), changes=life()))
            async with asyncio.timeout(PATIENCE_S):
                await writer.drain()
            assert writer.counters().failures == 2
            assert len(await store.read.quotes_between(NOON, NOON + 4)) == 4
            assert (await store.read.counts())["changes"] == 3

    asyncio.run(write())


def test_what_is_never_taken_is_set_aside_and_the_rest_goes_on(url: str) -> None:
    async def write() -> None:
        async with writing(url) as (store, writer):
            writer.offer(batch(1, quotes=offers(1), changes=life()))
            writer.offer(batch(2, quotes=offers(1, NOON + 1), changes=[change(2, shown={"other": 1})]))
            astray = [offer(NOON + 2), *offers(1, NOON + 3)]
            astray[0] = type(astray[0])(NOON + 2, "nowhere", "1", "silent", astray[0].quote)
            writer.offer(batch(3, quotes=astray, changes=[change(1, Moment.OPENED, "saved")]))
            writer.offer(batch(4, quotes=offers(1, NOON + 4)))
            await writer.drain()
            done = writer.counters()
            assert (done.aside, done.written_batches) == (2, 3)
            assert "no listing '1' of 'nowhere'" in str(done.last_error)
            assert [(each.number, len(each.quotes), len(each.changes)) for each in writer.aside] == [
                (2, 1, 1),
                (3, 2, 0),
            ]
            assert await store.read.opportunity("saved") is not None
            found = await store.read.quotes_between(NOON, NOON + 9)
            assert [row.at - NOON for row in found] == [0, 4]

    asyncio.run(write())


def test_closing_writes_what_waits_and_says_what_could_not_be(url: str) -> None:
    async def write() -> None:
        async with connected(url) as other, await Store.open(url) as store:
            writer = Writer(store)
            writer.offer(batch(1, quotes=offers(1)))
            writer.start()
            assert await writer.close() == 0
            assert (await store.write(batch(1, quotes=offers(1)))).batches == 0
            blocking = other.transaction()
            await blocking.start()
            await other.execute("LOCK TABLE crossbook.batch IN ACCESS EXCLUSIVE MODE")
            stuck = Writer(store)
            stuck.start()
            stuck.offer(batch(2))
            await until(url, BLOCKED)
            assert await stuck.close(timeout_s=0.1) == 1
            await blocking.rollback()

    asyncio.run(write())


def test_a_writer_takes_batches_before_there_is_a_store(url: str) -> None:
    async def write() -> None:
        writer = Writer()
        for number in range(1, 12_000):
            writer.offer(batch(number, changes=[change(number)] if number <= 3 else []))
        with pytest.raises(Misconfigured, match="start it with a store"):
            writer.start()
        async with await Store.open(url) as store:
            writer.start(store)
            async with asyncio.timeout(PATIENCE_S), writer:
                await writer.drain()
            assert writer.counters().written_changes == 3

    asyncio.run(write())


class _Away:
    """A database that does not answer until it is told to."""

    def __init__(self) -> None:
        self.back = asyncio.Event()
        self.asked = asyncio.Event()
        self.taken: list[Batch] = []

    async def write(self, *batches: Batch) -> Written:
        self.asked.set()
        await self.back.wait()
        self.taken += batches
        return Written(len(batches), 0, sum(len(each.changes) for each in batches))


def test_many_waiting_changes_are_warned_of_and_kept(caplog: pytest.LogCaptureFixture) -> None:
    async def write() -> None:
        away = _Away()
        async with Writer(away, many_changes=10) as writer:
            writer.offer(batch(0, changes=[change(1)]))
            await away.asked.wait()
            for number in range(1, 10):
                writer.offer(batch(number, changes=[change(number + 1)]))
            assert (writer.counters().waiting_changes, writer.counters().too_many_changes) == (10, False)
            for number in range(10, 50):
                writer.offer(batch(number, changes=[change(number + 1)]))
            assert (writer.counters().waiting_changes, writer.counters().too_many_changes) == (50, True)
            away.back.set()
            await writer.drain()
            assert [row.number for each in away.taken for row in each.changes] == list(range(1, 51))
            assert (writer.counters().waiting_changes, writer.counters().too_many_changes) == (0, False)

    asyncio.run(write())
    warnings = [record for record in caplog.records if "changes wait in memory" in record.getMessage()]
    assert 1 <= len(warnings) <= 3  # told now and then, not for each batch


def test_offers_before_the_start_wait(url: str) -> None:
    async def write() -> None:
        async with await Store.open(url) as store:
            writer = Writer(store)
            writer.offer(batch(1))
            assert writer.counters().waiting_batches == 1
            assert await writer.close() == 1

    asyncio.run(write())

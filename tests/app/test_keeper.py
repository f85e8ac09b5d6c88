"""The keeper: nothing that matters is lost while the database is still on its way up."""

from __future__ import annotations

import asyncio

import pytest

from crossbook.app.keeper import Keeper
from crossbook.app.recorder import Recorder
from crossbook.base.clock import ManualClock
from crossbook.model.life import Moment
from crossbook.pipeline.live import Pipeline, Tick
from crossbook.pipeline.options import Options
from crossbook.store.record import Store
from crossbook.store.rows import Batch, FaultRow
from tests.store.asking import PATIENCE_S
from tests.store.conftest import database, postgres
from tests.store.made_up import NOON, batch, change

__all__ = ["database", "postgres"]
EARLY = 12_000


class _MadeUp(Recorder):
    """Every tick has a fault; the first three open something too."""

    def batch(self, tick: Tick) -> Batch | None:
        if tick.number <= 3:
            return batch(tick.number, changes=[change(1, Moment.OPENED, f"opened-{tick.number}")])
        faults = [FaultRow("feed", tick.at, "price: not a number")]
        return Batch(recording="live", number=tick.number, at=tick.at, faults=faults)


def made_up() -> Recorder:
    return _MadeUp(Pipeline({}, Options()), "live")


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue("database")
    return found


def test_what_ticks_say_before_the_database_is_there_is_kept(url: str) -> None:
    async def keep() -> None:
        keeper = Keeper(made_up(), url, None, ManualClock(NOON))
        for number in range(1, EARLY + 1):
            keeper.take(Tick(number, NOON + number, [], [], [], [], 0))
        assert keeper.counters() is None
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
            tasks.create_task(keeper.run())
            await keeper.ready.wait()
            counters = keeper.counters()
            assert counters is not None
            assert (counters["dropped"], counters["aside"]) == (0, 0)
            keeper.stop()
        async with await Store.open(url) as store:
            opened = [each.id for each in await store.read.open_opportunities()]
            assert sorted(opened) == ["opened-1", "opened-2", "opened-3"]
            counts = await store.read.counts()
            assert counts["faults"] == EARLY - 3

    asyncio.run(keep())

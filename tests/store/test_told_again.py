"""Told again: numbers of a recording given twice, and what a replay knows better than the database."""

from __future__ import annotations

import pytest

from crossbook.base.errors import BadData
from crossbook.model.life import Moment
from crossbook.model.opportunity import Reason
from crossbook.store.abandoned import WHY, at_work, close_abandoned
from crossbook.store.record import Store
from crossbook.store.rows import Written
from tests.store.asking import with_store
from tests.store.made_up import NOON, batch, change, life, offers


def test_numbers_given_again_after_a_power_cut_are_other_batches(url: str) -> None:
    """The recording lost its last second; what the database has of it stays, and the new run is written too."""
    before = batch(7, quotes=offers(2), changes=life("before"))
    after = batch(7, at=NOON + 500, quotes=offers(3, NOON + 500), changes=life("after"))

    async def write(store: Store) -> None:
        assert await store.write(before) == Written(1, 2, 3)
        assert await store.write(after, before) == Written(1, 3, 3)
        assert await store.write(after) == Written(0, 0, 0)
        assert len(await store.read.quotes_between(NOON, NOON + 1_000)) == 5

    with_store(url, write)


@pytest.mark.parametrize("together", [False, True])
def test_abandoned_gives_way_to_what_really_came_next(url: str, together: bool) -> None:
    """A replay knows what the run that was killed had recorded and the database was never told."""
    opened, moved, ended = life()

    async def replayed(store: Store) -> None:
        await store.write(batch(1, changes=[opened]))
        async with at_work(url) as presence:
            closed = await close_abandoned(url, presence, NOON + 100, lambda told, at, why: told)
        assert closed == [opened.change.id]
        if together:
            assert (await store.write(batch(3, changes=[moved, ended]))).changes == 2
        else:
            assert (await store.write(batch(3, quotes=offers(1), changes=[moved]))) == Written(1, 1, 1)
            (standing,) = await store.read.open_opportunities()
            assert (standing.number, standing.object) == (2, moved.object)
            assert (await store.write(batch(4, changes=[ended]))).changes == 1
        found = await store.read.opportunity(opened.change.id)
        assert found is not None
        assert [each.text for each in found[1]] == [row.text() for row in life()]
        assert (found[0].number, found[0].closed, found[0].object) == (3, NOON + 3, ended.object)

    with_store(url, replayed)


def test_only_abandoned_gives_way(url: str) -> None:
    async def contradict(store: Store) -> None:
        await store.write(batch(1, changes=[*life(), change(1, Moment.OPENED, "other")]))
        given_up = change(2, Moment.CLOSED, "other", (WHY,))
        await store.write(batch(2, changes=[given_up]))
        other = change(3, Moment.CLOSED, why=(Reason("moved", "somewhere else"),))
        with pytest.raises(BadData, match="change 3 of opportunity opportunity-1"):
            await store.write(batch(3, changes=[change(2, Moment.CHANGED, "other"), other]))
        assert (await store.write(batch(4, changes=[given_up]))).changes == 0
        found = await store.read.opportunity("other")
        assert found is not None
        assert [each.text for each in found[1]][1:] == [given_up.text()]

    with_store(url, contradict)

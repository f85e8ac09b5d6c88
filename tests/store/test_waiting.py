"""What waits for a database that is away: little, however long it takes, and nothing of it said wrongly later."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from crossbook.store.rows import Batch, EventRow, FaultRow, Identity, LinkRow, StreamRow
from crossbook.store.waiting import OTHER_FAULTS, Queue
from tests.store.made_up import LISTING, NOON, PINNACLE, batch, change, offer, offers

ALL = 1_000_000


def bare(number: int, **parts: Any) -> Batch:
    return Batch(recording="live", number=number, at=NOON + number, **parts)


def test_faults_that_wait_are_counted_together_and_bounded() -> None:
    queue = Queue(most_faults=100)
    for number in range(3_000):
        rows = [FaultRow("busy", NOON + number, "price: not a number")]
        rows.append(FaultRow(f"feed/{number % 3}", NOON + number, f"never said before: {number}"))
        queue.put(bare(number, faults=rows))
        assert len(queue) <= 100
    left = queue.take(ALL)
    faults = [row for each in left for row in each.faults]
    assert len(faults) <= 210
    told: Counter[str] = Counter()
    for row in faults:
        told[row.stream] += row.count
    assert told == {"busy": 3_000, "feed/0": 1_000, "feed/1": 1_000, "feed/2": 1_000}
    busy = [row for row in faults if row.stream == "busy" and row.count > 1]
    assert [row.reason for row in busy] == ["price: not a number"]
    assert any(row.reason == OTHER_FAULTS for row in faults)
    assert left[-1].number == 2_999
    assert max(row.at for row in faults) == NOON + 2_999


def test_references_that_wait_are_told_as_they_stood_last() -> None:
    queue = Queue(most_references=50)
    for number in range(2_000):
        listing = msgspec.structs.replace(LISTING, key=str(number % 7), date=str(number))
        queue.put(bare(number, listings=[listing], venues=[PINNACLE]))
        assert len(queue) <= 50
    rows = [row for each in queue.take(ALL) for row in each.listings]
    assert len(rows) <= 60
    assert {row.key: row.date for row in rows} == {str(n % 7): str(n) for n in range(1_993, 2_000)}


def test_changes_are_never_given_up_nor_put_together() -> None:
    queue = Queue(most_quotes=10, most_faults=10, most_references=10)
    for number in range(1, 300):
        fault = FaultRow("feed", NOON, f"{number}")
        queue.put(batch(number, changes=[change(number)], faults=[fault], quotes=offers(3, NOON + number)))
    assert (queue.changes, queue.quotes, queue.dropped) == (299, 10, 299 * 3 - 10)
    taken = queue.take(ALL)
    assert [(each.number, row.number) for each in taken for row in each.changes] == [
        (number, number) for number in range(1, 300)
    ]
    assert (len(queue), queue.changes, queue.quotes) == (0, 0, 0)


def test_a_batch_that_must_stay_lets_those_behind_it_go() -> None:
    """What was given up behind a batch with a change leaves no trace in memory."""
    queue = Queue(most_quotes=5)
    queue.put(bare(0, changes=[change(1)]))
    for number in range(1, 20_000):
        queue.put(bare(number, quotes=[offer(NOON + number)]))
        assert len(queue) <= 6
    assert len(queue._batches) < 3_000
    assert [each.number for each in queue.take(ALL)] == [0, *range(19_995, 20_000)]


def test_a_listing_that_left_every_event_is_in_none() -> None:
    """What an event of before said must not come back because later ones are told once only."""
    here = (LISTING.source, LISTING.key)
    told = [("one", (here,)), ("two", (here,)), ("two", ()), ("three", ()), ("four", ()), ("five", ())]
    queue = Queue(most_references=4)
    for number, (name, members) in enumerate(told):
        queue.put(bare(number, events=[EventRow(name, "", members)]))
    (first, *_) = left = queue.take(ALL)
    assert len(first.events) == 4  # put together
    assert [event.id for each in left for event in each.events] == ["one", "two", "three", "four", "five"]
    assert not any(event.listings for each in left for event in each.events)


names = st.sampled_from("abc")
identities = st.tuples(st.just("aggregator"), names)
batches = st.lists(
    st.fixed_dictionaries(
        {
            "listings": st.lists(
                st.builds(
                    lambda key, date: msgspec.structs.replace(LISTING, key=key, date=date), names, names
                ),
                max_size=2,
            ),
            "events": st.lists(
                st.builds(EventRow, names, names, st.lists(identities, max_size=3, unique=True).map(tuple)),
                max_size=2,
                unique_by=lambda event: event.id,
            ),
            "links": st.lists(
                st.builds(
                    LinkRow,
                    st.just("aggregator"),
                    names,
                    names,
                    st.sampled_from(["accept", "reject"]),
                    st.just(()),
                    st.integers(0, 9),
                ),
                max_size=2,
            ),
            "streams": st.lists(
                st.builds(StreamRow, name=names, format=names, opened=st.integers(0, 2)), max_size=2
            ),
            "faults": st.lists(st.builds(FaultRow, names, st.integers(0, 9), names), max_size=3),
            "quotes": st.integers(0, 2).map(offers),
            "changes": st.lists(st.integers(1, 5).map(change), max_size=1),
        }
    ),
    max_size=30,
)


class Told:
    """What somebody knows who was told these batches in order."""

    def __init__(self, told: list[Batch]) -> None:
        self.listings: dict[Identity, Any] = {}
        self.event_of: dict[Identity, str] = {}
        self.titles: dict[str, str] = {}
        self.links: dict[tuple[str, ...], int] = {}
        self.streams: dict[tuple[str, int], StreamRow] = {}
        self.faults: Counter[str] = Counter()
        self.changes = [(each.number, row.number) for each in told for row in each.changes]
        for each in told:
            self.listings.update({(row.source, row.key): row for row in each.listings})
            for event in each.events:
                self._event(event)
            self.links.update({(row.source, row.key, row.event, row.decision): row.at for row in each.links})
            self.streams.update({(row.name, row.opened): row for row in each.streams})
            for fault in each.faults:
                self.faults[fault.stream] += fault.count

    def _event(self, event: EventRow) -> None:
        self.titles[event.id] = event.title
        self.event_of = {
            listing: owner for listing, owner in self.event_of.items() if owner != event.id
        } | dict.fromkeys(event.listings, event.id)


@given(batches, st.integers(1, 10), st.integers(1, 10))
def test_what_was_put_together_says_the_same(
    told: list[dict[str, Any]], most_faults: int, most_references: int
) -> None:
    all_of_it = [bare(number, **parts) for number, parts in enumerate(told)]
    queue = Queue(10, most_faults, most_references)
    for each in all_of_it:
        queue.put(each)
    assert queue.changes == sum(len(each.changes) for each in all_of_it)
    left = queue.take(ALL)
    assert vars(Told(left)) == vars(Told(all_of_it))
    rows = [row for each in all_of_it for row in each.quotes]
    assert [row for each in left for row in each.quotes] == rows[queue.dropped :]
    assert queue.dropped == max(0, len(rows) - 10)
    assert [each.number for each in left] == sorted({each.number for each in left})
    assert (len(queue), queue.quotes, queue.changes) == (0, 0, 0)


@given(batches)
def test_what_is_known_of_a_listing_is_never_behind_the_quotes_that_need_it(
    told: list[dict[str, Any]],
) -> None:
    queue = Queue(1_000, 3, 3)
    known: set[str] = set()
    for number, parts in enumerate(told):
        known |= {row.key for row in parts["listings"]}
        quotes = [msgspec.structs.replace(offer(NOON), key=key) for key in sorted(known)]
        queue.put(bare(number, **{**parts, "quotes": quotes}))
    seen: set[str] = set()
    while taken := queue.take(1):
        for each in taken:
            seen |= {row.key for row in each.listings}
            assert {row.key for row in each.quotes} <= seen

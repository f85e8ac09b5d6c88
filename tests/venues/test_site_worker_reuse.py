"""A site worker's unchanged matches: not read again, for a minute, and never another price than a fresh reading."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.clock import SECOND, format_time
from crossbook.model.quote import Basis, Listing, Quote, Snapshot
from crossbook.venues._site_matches import Matches
from crossbook.venues._site_wire import Update
from crossbook.venues.session import Session
from crossbook.venues.site_worker import check
from tests.venues.test_site_worker import START, match, opened, priced, say, update

BROKEN = match("E", "F", odds={"ft_1x2": {"home": "x", "draw": 3, "away": 4}})
PLACE = re.compile(r"data\.matches\[\d+\]")


def told_at(session: Session, seconds: int, *matches: Any, **more: Any) -> tuple[list[Snapshot], list[str]]:
    """What a worker with a perfect clock has told, so many seconds after START."""
    at = START + seconds * SECOND
    return say(session, update(*matches, at=format_time(at), **more), at)


def test_a_match_that_did_not_change_is_the_same_list() -> None:
    session = opened()
    (first, other), _ = told_at(session, 0, match("A", "B"), match("C", "D"))
    changed = match("C", "D", odds={"ft_1x2": {"home": 5, "draw": 3, "away": 4}})
    (again, moved), _ = told_at(session, 1, match("A", "B"), changed)
    assert again.quotes is first.quotes
    assert moved.quotes is not other.quotes
    assert [int(quote.odds) for quote in moved.quotes] == [5, 3, 4]
    assert {quote.happened for quote in moved.quotes} == {START + SECOND}


def test_its_place_in_the_update_does_not_matter() -> None:
    session = opened()
    (first,), _ = told_at(session, 0, match("A", "B"))
    (_, again), _ = told_at(session, 1, match("C", "D"), match("A", "B"))
    assert again.quotes is first.quotes


def test_after_a_minute_it_is_read_anew() -> None:
    session = opened()
    (first,), _ = told_at(session, 0, match())
    assert told_at(session, 60, match())[0][0].quotes is first.quotes
    (later,), _ = told_at(session, 61, match())
    assert later.quotes is not first.quotes
    assert {(quote.happened, quote.received) for quote in later.quotes} == {(START + 61 * SECOND,) * 2}


def test_a_match_that_is_under_way_is_read_anew_within_seconds() -> None:
    session = opened()
    (first,), _ = told_at(session, 0, match(live=True))
    assert told_at(session, 5, match(live=True))[0][0].quotes is first.quotes
    (later,), _ = told_at(session, 6, match(live=True))
    assert {quote.happened for quote in later.quotes} == {START + 6 * SECOND}


def test_a_match_that_starts_is_live() -> None:
    session = opened()
    row = match(start_time=format_time(START + 5 * SECOND))
    bases = [{quote.basis for quote in told_at(session, at, row)[0][0].quotes} for at in (0, 5, 6)]
    assert bases == [{Basis.PREMATCH}, {Basis.PREMATCH}, {Basis.LIVE}]


def test_another_format_of_the_message_is_another_price() -> None:
    session = opened()
    told_at(session, 0, match())
    (snapshot,), _ = told_at(session, 1, match(), odds_format="hk")
    assert [int(quote.odds) for quote in snapshot.quotes] == [3, 4, 5]


def test_what_is_wrong_is_said_once_per_change() -> None:
    session = opened()
    worse = match("E", "F", odds={"ft_1x2": {"home": "y", "draw": 3, "away": 4}})
    said = [told_at(session, at, row)[1] for at, row in enumerate([BROKEN, BROKEN, worse, worse, BROKEN])]
    assert list(map(len, said)) == [1, 0, 1, 0, 1]
    assert told_at(session, 90, BROKEN)[1] == []


def test_a_new_registration_begins_anew() -> None:
    session = opened()
    told_at(session, 0, BROKEN)
    say(session, {**update(), "type": "worker:register", "timestamp": format_time(START)}, START)
    assert len(told_at(session, 1, BROKEN)[1]) == 1


def test_rows_of_one_listing_are_joined_once() -> None:
    session = opened()
    rows = [priced(ft_ou={"over": 2, "under": 2, "line": line}) for line in (1, 2, 2)]
    (first,), faults = told_at(session, 0, *rows)
    assert (len(first.quotes), len(faults)) == (4, 2)
    (again,), faults = told_at(session, 1, *rows)
    assert again.quotes is first.quotes
    assert faults == []
    (fewer,), _ = told_at(session, 2, *rows[:1])
    assert len(fewer.quotes) == 2


def test_what_is_not_named_any_more_is_forgotten() -> None:
    session = opened()
    first, _ = told_at(session, 0, match("A", "B"), match("C", "D"))
    told_at(session, 1, match("C", "D"))
    back, _ = told_at(session, 2, match("A", "B"), match("C", "D"))
    assert back[0].quotes is not first[0].quotes
    assert back[1].quotes is first[1].quotes


def test_a_gap_withdraws_and_the_next_update_tells_all() -> None:
    session = opened()
    told_at(session, 0, match())
    session.gap()
    (snapshot,), _ = told_at(session, 1, match())
    assert len(snapshot.quotes) == 3


ROWS = st.sampled_from(
    [
        match("A", "B"),
        match("a", "B"),
        match("A", "B", odds={"ft_ou": {"over": 2, "under": 1.8, "line": 2.5}}),
        match("A", "B", odds={"ft_ou": [{"over": 2.1, "under": 1.8, "line": 2.5}, 5]}),
        match("A", "B", suspended=True),
        match("C", "D", start_time=format_time(START + 40 * SECOND)),
        match("C", "D", start_time=format_time(START + 40 * SECOND), live=False),
        match("C", "D", odds_format="hk"),
        BROKEN,
        match("", "F"),
        7,
    ]
)
UPDATES = st.lists(
    st.tuples(st.integers(0, 50), st.lists(ROWS, max_size=5), st.sampled_from([None, "hk"]), st.booleans()),
    max_size=8,
)


def plain(snapshot: Snapshot) -> tuple[Listing, list[Quote]]:
    """What a snapshot says, apart from when."""
    timeless = [msgspec.structs.replace(quote, happened=None, received=None) for quote in snapshot.quotes]
    return snapshot.listing, timeless


@given(UPDATES)
def test_a_long_session_says_what_a_fresh_one_says(updates: list[Any]) -> None:
    kept, now = Matches(), START
    said: set[str] = set()
    for pause, rows, form, partial in updates:
        now += pause * SECOND
        body = update(*rows, odds_format=form, partial=partial)
        message = check(json.dumps(body).encode())
        assert isinstance(message, Update)
        seen, fresh = kept.read(message, now, now), Matches().read(message, now, now)
        assert list(map(plain, seen.snapshots.values())) == list(map(plain, fresh.snapshots.values()))
        quotes = [quote for one in seen.snapshots.values() for quote in one.quotes]
        assert all(now - 60 * SECOND <= (quote.happened or 0) <= now for quote in quotes)
        said |= {PLACE.sub("", fault.reason) for fault in seen.faults}
        assert {PLACE.sub("", fault.reason) for fault in fresh.faults} <= said
        assert len(seen.faults) <= len(fresh.faults)
        assert len(kept) <= len(rows)

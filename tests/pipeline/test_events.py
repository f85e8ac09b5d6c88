"""Events of the live board: names that stay, and only what changed is told."""

from __future__ import annotations

from crossbook.base.clock import parse_time
from crossbook.book.board import Identity
from crossbook.model.quote import Listing
from crossbook.pipeline.events import Event, Events

START = parse_time("2026-11-20T15:00:00Z")
Listings = dict[Identity, Listing]


def add(
    listings: Listings, source: str, key: str, home: str = "Harbour Town", away: str = "Hill Rovers"
) -> None:
    listings[source, key] = Listing(
        source=source,
        key=key,
        sport="football",
        competition="Coast League",
        home=home,
        away=away,
        start=START,
    )


def members(told: list[Event]) -> list[list[str]]:
    return [["/".join(each) for each in event.members] for event in told]


def test_a_name_stays_when_others_join_whatever_their_names_are() -> None:
    events, listings = Events(), Listings()
    add(listings, "m", "1")
    (alone,) = events.regroup(listings)
    add(listings, "a", "2", home="Harbour Town FC")
    add(listings, "z", "3")
    (together,) = events.regroup(listings)
    assert together.id == alone.id
    assert members([together]) == [["m/1", "a/2", "z/3"]]
    assert events.matched == 1
    assert len(events.decisions) == 3
    assert events.of(("a", "2")) is together


def test_only_events_that_are_new_or_have_other_members_are_told() -> None:
    events, listings = Events(), Listings()
    add(listings, "m", "1")
    add(listings, "m", "2", home="Lakeside", away="Moor End")
    assert members(events.regroup(listings)) == [["m/1"], ["m/2"]]
    assert events.regroup(listings) == []
    add(listings, "a", "3", home="Lakeside", away="Moor End")
    assert members(events.regroup(listings)) == [["m/2", "a/3"]]
    assert len(events.ids()) == 2


def test_a_listing_that_turns_out_to_be_another_match_leaves() -> None:
    events, listings = Events(), Listings()
    add(listings, "m", "1")
    add(listings, "a", "2")
    (before,) = events.regroup(listings)
    add(listings, "a", "2", home="Lakeside", away="Moor End")
    told = events.regroup(listings)
    assert members(told) == [["m/1"], ["a/2"]]
    assert told[0].id == before.id != told[1].id


def test_what_is_gone_is_forgotten_and_comes_back_at_the_end() -> None:
    events, listings = Events(), Listings()
    add(listings, "m", "1")
    add(listings, "m", "2", home="Lakeside", away="Moor End")
    first = events.regroup(listings)
    del listings["m", "1"]
    assert events.regroup(listings) == []
    assert events.of(("m", "1")) is None
    assert events.ids() == {first[1].id}
    add(listings, "m", "1")
    again = events.regroup(listings)
    assert [event.id for event in again] == [first[0].id]
    everything = {event.id: event for event in (*first, *again)}
    assert members(events.in_order(everything)) == [["m/2"], ["m/1"]]


def test_what_a_person_has_to_say_is_counted() -> None:
    events, listings = Events(), Listings()
    add(listings, "m", "1")
    add(listings, "a", "2", home="Hill Rovers", away="Harbour Town")
    assert len(events.regroup(listings)) == 2
    assert (events.matched, events.review) == (0, 1)


def test_no_two_listings_have_one_name() -> None:
    events, listings = Events(), Listings()
    for number in range(200):
        add(listings, "m", str(number), home=f"Home {number}", away=f"Away {number}")
    events.regroup(listings)
    assert len(events.ids()) == 200

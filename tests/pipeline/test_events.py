"""Events of the live board: names that stay, and only what changed is told."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crossbook.base.clock import parse_time
from crossbook.book.board import Identity
from crossbook.matching.group import events as matched_events
from crossbook.matching.match import Decision, Outcome, link
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


NAMES = ("Harbour Town", "Harbour Town FC", "Harbour", "Hill Rovers", "Hill", "Lakeside", "Lakeside Women")
keys = st.tuples(st.sampled_from("abc"), st.sampled_from("12345"))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dictionaries(keys, st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=6),
            st.sets(keys, max_size=3),
            st.sampled_from([1, 2, 100]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_after_any_history_the_events_are_those_of_grouping_everything(
    history: list[tuple[dict[Identity, tuple[str, str]], set[Identity], int]],
) -> None:
    events, listings = Events(), Listings()
    told: dict[tuple[Identity, Identity], Decision | None] = {}
    for come, go, most in history:
        for identity, names in come.items():
            add(listings, *identity, *names)
        for identity in go:
            listings.pop(identity, None)
        events.waiting = True
        while events.waiting:
            events.regroup(listings, most)
            told |= events.decided
        whole = matched_events(listings.values(), link(listings.values()))
        groups = {frozenset((each.source, each.key) for each in group.listings) for group in whole.groups}
        found = {event for identity in listings if (event := events.of(identity)) is not None}
        assert {frozenset(event.members) for event in found} == groups
        assert events.decisions == whole.decisions
        assert events.matched == sum(len(group) > 1 for group in groups)
        assert events.review == sum(each.outcome is Outcome.REVIEW for each in whole.decisions)
        assert [each for _, each in sorted(told.items()) if each is not None] == list(whole.decisions)


def test_many_new_listings_are_taken_in_by_turns_and_no_source_has_to_wait_for_another() -> None:
    events, listings = Events(), Listings()
    for number in range(20):
        add(listings, "flood", str(number), home=f"Home {number}", away=f"Away {number}")
    for source in ("quiet", "still"):
        add(listings, source, "1")
    told = [members(events.regroup(listings, most=20))]
    assert told[0][-1] == ["quiet/1", "still/1"]
    assert ["flood/0"] in told[0]
    assert events.of(("flood", "19")) is None
    while events.waiting:
        told.append(members(events.regroup(listings, most=20)))
    assert all(len(each) < 10 for each in told)
    assert sum(map(len, told)) == 21
    assert events.regroup(listings, most=20) == []
    assert events.work == 0


def test_every_source_comes_first_at_times() -> None:
    """Where there is work for one listing only, a source with many does not keep the others out."""
    events, listings = Events(), Listings()
    for number in range(5):
        add(listings, "flood", str(number), home=f"Home {number}", away=f"Away {number}")
    add(listings, "quiet", "1")
    first = members(events.regroup(listings, most=1)) + members(events.regroup(listings, most=1))
    assert sorted(first) == [["flood/0"], ["quiet/1"]]


def test_a_listing_that_became_another_match_is_no_member_until_it_is_grouped() -> None:
    events, listings = Events(), Listings()
    for source in "abc":
        add(listings, source, "1")
    (event,) = events.regroup(listings)
    assert events.together(event, listings) == event.members
    add(listings, "b", "1", home="Lakeside", away="Moor End")
    assert events.together(event, listings) == (("a", "1"), ("c", "1"))
    assert members(events.regroup(listings)) == [["a/1", "c/1"], ["b/1"]]


def test_one_listing_among_many_costs_little() -> None:
    events, listings = Events(), Listings()
    for number in range(60):
        for source in "ab":
            add(listings, source, str(number), home=f"H{number}me Town", away=f"V{number}s Rovers")
    events.regroup(listings, most=10**6)
    everything = events.work
    add(listings, "c", "1", home="H7me Town", away="V7s Rovers")
    assert members(events.regroup(listings)) == [["a/7", "b/7", "c/1"]]
    assert events.work < everything / 4

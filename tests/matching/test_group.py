from __future__ import annotations

from crossbook.matching.group import events
from crossbook.matching.match import Outcome, link
from tests.matching.listings import listing

START = "2024-03-02T15:00:00Z"


def grouped(*listings):
    found = events(listings, link(listings))
    return [[(each.source, each.home) for each in group.listings] for group in found.groups], found.decisions


def test_accepted_links_make_events_and_everybody_is_in_one():
    groups, _ = grouped(
        listing("a", "Leeds", "Hull"),
        listing("b", "Leeds United", "Hull City"),
        listing("c", "Leeds Utd", "Hull"),
        listing("c", "Arsenal", "Chelsea"),
    )
    assert groups == [[("a", "Leeds"), ("b", "Leeds United"), ("c", "Leeds Utd")], [("c", "Arsenal")]]


def test_an_event_never_has_two_listings_of_one_source():
    early, late = listing("a", "Leeds", "Hull", START), listing("a", "Leeds", "Hull", "2024-03-02T17:00:00Z")
    between = [
        listing("b", "Leeds", "Hull", "2024-03-02T15:05:00Z", ids={"x": "1"}),
        listing("c", "Leeds", "Hull", "2024-03-02T16:55:00Z", ids={"x": "1"}),
    ]
    groups, decisions = grouped(early, late, *between)
    assert all(len({source for source, _ in group}) == len(group) for group in groups)
    weaker = [each for each in decisions if "joins_two_events" in each.names]
    assert weaker
    assert {each.outcome for each in weaker} == {Outcome.REVIEW}


def test_a_contradiction_between_two_keeps_a_third_from_joining_them():
    starts = {"a": START, "b": "2024-03-02T15:55:00Z", "c": "2024-03-02T17:10:00Z"}
    groups, decisions = grouped(
        *(listing(source, "Leeds", "Hull", start) for source, start in starts.items())
    )
    assert groups == [[("a", "Leeds"), ("b", "Leeds")], [("c", "Leeds")]]
    assert [each.names for each in decisions] == [("names",), ("kick_off_gap",), ("joins_two_events",)]


def test_the_order_of_the_decisions_does_not_matter():
    listings = [listing(source, "Leeds", "Hull", START) for source in "abc"]
    decisions = link(listings)
    assert events(listings, decisions).groups == events(listings[::-1], decisions[::-1]).groups


def test_a_chain_of_accepts_does_not_join_two_listings_of_a_source():
    first, last = listing("a", "Leeds", "Hull", START), listing("a", "Leeds", "Hull", "2024-03-02T17:00:00Z")
    middle = listing("b", "Leeds", "Hull", "2024-03-02T15:40:00Z")
    chain = [*link([first, middle]), *link([middle, last])]
    assert [each.outcome for each in chain] == [Outcome.ACCEPT] * 2
    found = events([first, middle, last], chain)
    assert [len(group.listings) for group in found.groups] == [2, 1]
    assert [each.outcome for each in found.decisions] == [Outcome.ACCEPT, Outcome.REVIEW]

"""Events solved together: what is never mixed, what stops nobody else, and always the same answer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from crossbook.arbitrage.decide import Unsolved
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Kind, Period
from crossbook.model.opportunity import Opportunity
from crossbook.model.quote import Contest, Listing, Quote
from tests.arbitrage.answers import plain
from tests.arbitrage.checks import check_bases_stay_apart, fair_books, made_up_events, two_way
from tests.arbitrage.worlds import (
    ALPHA,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    CARGO,
    DNB_HOME,
    HOME,
    back,
    claim,
    event,
    lay,
    pair,
    search,
    total,
)


def test_bases_are_never_mixed() -> None:
    check_bases_stay_apart()


def test_spaces_are_never_mixed() -> None:
    corners = claim(Kind.TOTAL, "under", "2.5", subject="corners")
    assert search([back(ALPHA, total("over", "2.5"), "2.1"), back(BRAVO, corners, "2.1")]) == []
    overtime = claim(Kind.MONEYLINE, "away", None, Period.OVERTIME)
    assert search([back(ALPHA, DNB_HOME, "2.1"), back(BRAVO, overtime, "2.1")]) == []
    one, two = (claim(Kind.CONTRACT, "yes", subject=name) for name in ("x", "y"))
    assert search([back(ALPHA, one, "2.1"), lay(BRAVO, two, "1.5")]) == []
    corner_pair = pair(
        ALPHA,
        claim(Kind.TOTAL, "over", "9.5", subject="corners"),
        "2.05",
        claim(Kind.TOTAL, "under", "9.5", subject="corners"),
        "1.7",
    )
    more = [
        *corner_pair,
        back(BRAVO, claim(Kind.TOTAL, "under", "9.5", subject="corners"), 2),
        *two_way("2.1", "2.1"),
    ]
    assert {frozenset(leg.quote.claim.space for leg in one.legs) for one in search(more)} == {
        frozenset({"corners/regulation"}),
        frozenset({"goals/regulation"}),
    }


def test_events_of_one_batch_are_never_mixed() -> None:
    over, under = two_way("2.1", "2.1")
    assert (
        list(
            opportunities(
                [
                    (event("a"), [over, back(ALPHA, BTTS_YES, 2)]),
                    (event("b"), [under, back(BRAVO, BTTS_NO, 2)]),
                ],
                Terms(),
            )
        )
        == []
    )


def test_large_and_small_events_share_a_batch() -> None:
    rng = random.Random(2)
    events: list[tuple[Listing, Sequence[Quote]]] = [
        (event("small"), two_way("2.1", "2.1")),
        (event("none"), fair_books()),
    ]
    events += [
        (event(f"big{place}"), quotes) for place, quotes in enumerate(made_up_events(6, rng.randint(0, 99)))
    ]
    together = list(opportunities(events, Terms()))
    alone = [one for pair_ in events for one in opportunities([pair_], Terms())]

    def told(found: Sequence[Opportunity | Unsolved]) -> set[tuple[str, str, Fraction]]:
        return {
            (one.listing.key, one.verdict.value, one.guaranteed_return)
            for one in found
            if isinstance(one, Opportunity)
        }

    assert told(together) == told(alone)
    assert ("small", "pure", Fraction("1.05")) in told(together)


def test_contests_that_change_between_snapshots_of_one_batch() -> None:
    """The same prices in the same race are an arbitrage while two can win it, and none once a third may."""
    quotes = [
        back(venue, claim(Kind.WINNER, name, subject="race"), "2.1")
        for venue, name in ((ALPHA, "a"), (BRAVO, "b"))
    ]
    pairs = [
        (event("two", (Contest("race", ("a", "b")),)), quotes),
        (event("three", (Contest("race", ("a", "b", "c")),)), quotes),
        (event("open", (Contest("race", ("a", "b"), complete=False),)), quotes),
        (event("unknown"), quotes),
        (event("two again", (Contest("race", ("a", "b")),)), quotes),
    ]
    for order in (pairs, pairs[::-1]):
        found = list(opportunities(order, Terms()))
        assert {one.listing.key for one in found} == {"two", "two again"}
        for one in found:
            assert isinstance(one, Opportunity)
            assert one.guaranteed_return == Fraction("1.05")


def test_laying_runners_of_an_open_contest() -> None:
    """Laying everyone known needs no list to be complete: at most one of them can win."""
    claims = [claim(Kind.WINNER, name, subject="race") for name in ("a", "b", "c")]
    quotes = [lay(venue, one, "2.4") for venue, one in zip((ALPHA, BRAVO, CARGO), claims, strict=True)]
    found = search(quotes, contests=(Contest("race", ("a", "b", "c"), complete=False),))
    (one,) = found
    # A third of a unit on each at k = 1/1.4 wins 2/3 (1 + k) when one of them wins.
    assert one.guaranteed_return == Fraction(2, 3) * (1 + 1 / Fraction("1.4"))


def test_a_contest_too_large_is_told_and_stops_nobody() -> None:
    names = tuple(f"r{number}" for number in range(40))
    places = [back(ALPHA, claim(Kind.PLACE, name, subject="place"), 3) for name in names]
    large = event("large", (Contest("place", names, places=10),))
    answers = list(opportunities([(large, places), (event("fine"), two_way("2.1", "2.1"))], Terms()))
    (unsolved,) = [one for one in answers if isinstance(one, Unsolved)]
    assert unsolved.listing.key == "large"
    assert "cannot be looked at" in unsolved.reason
    assert [one.listing.key for one in answers if isinstance(one, Opportunity)] == ["fine"]


def test_one_impossible_event_does_not_spoil_its_batch() -> None:
    far = [claim(Kind.TOTAL, side, "400.5", Period.FIRST_HALF) for side in ("over", "under")]
    impossible = pair(ALPHA, far[0], "2.1", far[1], "2.1")
    answers = list(
        opportunities(
            [(event("far"), [*impossible, back(ALPHA, HOME, 2)]), (event("fine"), two_way("2.1", "2.1"))],
            Terms(),
        )
    )
    assert [(type(one).__name__, one.listing.key) for one in answers] == [
        ("Unsolved", "far"),
        ("Opportunity", "fine"),
    ]


def test_the_same_input_gives_the_same_answer() -> None:
    events = [(event(str(place)), quotes) for place, quotes in enumerate(made_up_events(25, 3))]
    first, second = (
        msgspec.json.encode([plain(one) for one in opportunities(events, Terms())]) for _ in range(2)
    )
    assert first == second
    assert len(first) > 1000


def test_the_order_of_quotes_and_events_changes_no_return() -> None:
    rng = random.Random(4)
    events = [(event(str(place)), quotes) for place, quotes in enumerate(made_up_events(25, 3))]
    expected = {(one[0], one[1], one[2]) for one in map(plain, opportunities(events, Terms()))}
    shuffled = [
        (listing, rng.sample(quotes, len(quotes))) for listing, quotes in rng.sample(events, len(events))
    ]
    assert {(one[0], one[1], one[2]) for one in map(plain, opportunities(shuffled, Terms()))} == expected

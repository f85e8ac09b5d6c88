"""The crossbook: what stands after several snapshots, and which listing speaks for the event."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.book.crossbook import Crossbook
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Listing, Quote, Side, Snapshot
from crossbook.model.venue import Venue, bookmaker

ONE, OTHER = bookmaker("one", "Book One"), bookmaker("other", "Other Book")
HOME, DRAW = Claim.of(Kind.MATCH_RESULT, "home"), Claim.of(Kind.MATCH_RESULT, "draw")


def listing(source: str = "feed", key: str = "1", **more: str | int) -> Listing:
    usual = {"sport": "football", "competition": "Cup", "home": "Northgate", "away": "Southport"}
    return Listing(source=source, key=key, **{**usual, **more})  # type: ignore[arg-type]


def quote(
    odds: str,
    happened: int | None = None,
    venue: Venue = ONE,
    claim: Claim = HOME,
    side: Side = Side.BACK,
    basis: Basis = Basis.PREMATCH,
    market: str = "",
) -> Quote:
    return Quote(venue, claim, side, Fraction(odds), basis=basis, happened=happened, market_id=market)


def standing(*snapshots: Snapshot) -> list[str]:
    book = Crossbook()
    for snapshot in snapshots:
        book.apply(snapshot)
    return sorted(f"{each.venue.id} {float(each.odds):g}" for each in book.quotes())


def of(*quotes: Quote, source: str = "feed", key: str = "1") -> Snapshot:
    return Snapshot(listing(source, key), list(quotes))


def test_a_later_price_replaces_an_earlier_one_whatever_the_order_of_arrival() -> None:
    old, new = of(quote("2.0", 100)), of(quote("2.2", 200))
    assert standing(old, new) == ["one 2.2"]
    assert standing(new, old) == ["one 2.2"]


def test_of_prices_of_one_time_the_one_read_last_stands() -> None:
    assert standing(of(quote("2.0", 100)), of(quote("1.9", 100))) == ["one 1.9"]
    assert standing(of(quote("2.0")), of(quote("1.9"))) == ["one 1.9"]


def test_a_price_that_says_its_time_is_not_replaced_by_one_that_does_not() -> None:
    assert standing(of(quote("2.0", 100)), of(quote("1.9"))) == ["one 2"]


def test_a_worse_price_replaces_a_better_one_and_a_lay_likewise() -> None:
    assert standing(of(quote("3", 1)), of(quote("1.5", 2))) == ["one 1.5"]
    assert standing(of(quote("3", 1, side=Side.LAY)), of(quote("4", 2, side=Side.LAY))) == ["one 4"]


def test_what_one_snapshot_offers_stands_together() -> None:
    offer = of(quote("2.0", 5), quote("2.2", 3, claim=DRAW), quote("2.3", 2, side=Side.LAY), quote("1.9", 5))
    assert len(standing(offer)) == 4


def test_different_markets_stand_beside_each_other() -> None:
    snapshots = [
        of(quote("2.0", 5)),
        of(quote("2.1", 4, venue=OTHER)),
        of(quote("2.4", 1, basis=Basis.LIVE)),
        of(quote("2.5", 0, market="m2")),
    ]
    assert len(standing(*snapshots)) == 4


def test_a_price_that_a_later_offer_no_longer_holds_is_gone() -> None:
    both, one = of(quote("2.0", 5), quote("3.3", 5, claim=DRAW)), of(quote("2.1", 6))
    assert standing(both, one) == standing(one, both) == ["one 2.1"]


def test_two_listings_do_not_replace_each_other_even_for_one_venue() -> None:
    assert standing(of(quote("2.0", 1), source="a"), of(quote("2.2", 2), source="b")) == ["one 2", "one 2.2"]
    assert standing(of(quote("2.0", 1), key="1"), of(quote("2.2", 2), key="2")) == ["one 2", "one 2.2"]


def test_the_best_offer_of_one_reading_is_not_lost_to_the_ones_behind_it() -> None:
    depth = of(*(quote(odds, 7, market="m") for odds in ("2.2", "2.18", "2.16")))
    assert "one 2.2" in standing(depth)


def test_the_listing_that_says_most_speaks_for_the_event() -> None:
    book = Crossbook()
    book.apply(Snapshot(listing("a", date="2024-03-01"), []))
    book.apply(Snapshot(listing("b", date="2024-03-01", start=1_709_305_200_000_000_000), []))
    book.apply(Snapshot(listing("c"), []))
    assert book.listing.source == "b"


def test_what_only_others_say_of_the_event_is_filled_in() -> None:
    book = Crossbook()
    book.apply(Snapshot(listing("a", date="2024-03-01", start=1), []))
    book.apply(Snapshot(listing("b", season="2324"), []))
    assert (book.listing.source, book.listing.season, book.listing.date) == ("a", "2324", "2024-03-01")


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ((None, True), True),
        ((False, None), False),
        ((True, True), True),
        ((True, False), None),
        ((None, None), None),
    ],
)
def test_whether_a_match_decides_is_known_where_nobody_contradicts(
    said: tuple[bool | None, ...], known: bool | None
) -> None:
    book = Crossbook()
    for source, decider in zip("ab", said, strict=True):
        book.apply(Snapshot(msgspec.structs.replace(listing(source), decider=decider), []))
    assert book.listing.decider is known


def test_a_listing_seen_again_with_less_in_it_keeps_what_was_known() -> None:
    book = Crossbook()
    book.apply(Snapshot(listing(date="2024-03-01", start=1), []))
    book.apply(Snapshot(listing(), []))
    assert (book.listing.start, book.listing.date) == (1, "2024-03-01")


@given(st.permutations([10, 20, 30, 40]))
def test_the_order_of_arrival_does_not_matter_where_times_differ(times: list[int]) -> None:
    assert standing(*(of(quote(str(1 + time), time)) for time in times)) == ["one 41"]

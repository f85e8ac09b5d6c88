"""Quotes: which of two offers pays more, exactly, and that facts stay as they are."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Contest, Fault, Listing, Quote, Side, Snapshot
from crossbook.model.venue import bookmaker

F = Fraction
VENUE = bookmaker("hill", "The Hill")
CLAIM = Claim.of(Kind.MATCH_RESULT, "home")
LISTING = Listing(source="made-up", key="1", sport="football", competition="X", home="A", away="B")

odds = st.fractions(1, 1000, max_denominator=10**20).filter(lambda value: value > 1)
sides = st.sampled_from(Side)


def quote(price: Fraction, side: Side = Side.BACK, **more: Any) -> Quote:
    return Quote(VENUE, CLAIM, side, price, **more)


def better(one: Fraction, other: Fraction, side: Side) -> bool:
    return quote(one, side).better_than(quote(other, side))


class TestBetter:
    def test_a_backer_wants_more_and_a_layer_gives_less(self) -> None:
        assert better(F(3), F(2), Side.BACK)
        assert not better(F(2), F(3), Side.BACK)
        assert better(F(2), F(3), Side.LAY)
        assert not better(F(3), F(2), Side.LAY)

    @pytest.mark.parametrize("side", Side)
    def test_equal_offers_are_not_better_than_each_other(self, side: Side) -> None:
        assert not better(F(13, 7), F(26, 14), side)

    def test_prices_too_near_for_floating_point(self) -> None:
        low, high = F(2), F(2) + F(1, 10**30)
        assert quote(low).rank == quote(high).rank
        assert better(high, low, Side.BACK)
        assert not better(low, high, Side.BACK)
        assert better(low, high, Side.LAY)
        assert not better(high, low, Side.LAY)

    @given(odds, odds, sides)
    def test_it_is_the_exact_order(self, one: Fraction, other: Fraction, side: Side) -> None:
        assert better(one, other, side) == (one > other if side is Side.BACK else one < other)

    @given(odds, st.fractions(F(-1, 10**14), F(1, 10**14), max_denominator=10**25), sides)
    def test_it_is_the_exact_order_of_neighbours_too(
        self, one: Fraction, apart: Fraction, side: Side
    ) -> None:
        other = one + apart
        assert better(one, other, side) == (one > other if side is Side.BACK else one < other)

    @given(odds, odds, sides)
    def test_rank_never_contradicts_it(self, one: Fraction, other: Fraction, side: Side) -> None:
        if quote(one, side).rank > quote(other, side).rank:
            assert better(one, other, side)


class TestRank:
    def test_it_is_the_odds_and_negative_for_a_lay(self) -> None:
        assert quote(F(5, 2)).rank == 2.5
        assert quote(F(5, 2), Side.LAY).rank == -2.5

    def test_it_is_made_from_the_odds_never_given(self) -> None:
        assert quote(F(5, 2), rank=99.0).rank == 2.5

    def test_a_replaced_price_brings_its_rank(self) -> None:
        assert msgspec.structs.replace(quote(F(5, 2)), odds=F(4)).rank == 4.0
        assert msgspec.structs.replace(quote(F(5, 2)), side=Side.LAY).rank == -2.5

    def test_long_fractions_do_not_overflow(self) -> None:
        assert quote(F(2 * 10**400 + 1, 10**400)).rank == 2.0

    @given(odds, sides)
    def test_it_survives_pickling(self, price: Fraction, side: Side) -> None:
        before = quote(price, side)
        after = pickle.loads(pickle.dumps(before))
        assert after == before
        assert after.rank == before.rank
        assert after.claim is before.claim


class TestFacts:
    @pytest.mark.parametrize(
        "fact",
        [
            quote(F(2)),
            LISTING,
            Contest("race", ("A", "B")),
            Snapshot(LISTING, [quote(F(2))]),
            Fault(3, "no price"),
            VENUE,
        ],
        ids=lambda fact: type(fact).__name__,
    )
    def test_they_cannot_be_changed(self, fact: msgspec.Struct) -> None:
        for field in msgspec.structs.fields(fact):
            before = getattr(fact, field.name)
            with pytest.raises(AttributeError):
                setattr(fact, field.name, None)
            assert getattr(fact, field.name) is before

    def test_what_a_quote_says_when_the_venue_says_nothing_more(self) -> None:
        plain = quote(F(2))
        assert (plain.size, plain.happened, plain.received, plain.step) == (None, None, None, None)
        assert (plain.basis, plain.tradable, plain.market_id) == (Basis.PREMATCH, True, "")

    def test_a_contest_pays_one_place_and_is_complete_unless_it_says_otherwise(self) -> None:
        assert Contest("race", ("A",)) == Contest("race", ("A",), places=1, complete=True)

    def test_listings_share_nothing(self) -> None:
        other = Listing(source="made-up", key="2", sport="football", competition="X", home="A", away="B")
        LISTING.ids["x"] = "1"
        try:
            assert other.ids == {}
        finally:
            del LISTING.ids["x"]

    @pytest.mark.parametrize("word", [*Side, *Basis])
    def test_words_hash_and_compare_as_their_text(self, word: Side | Basis) -> None:
        assert word == str(word) == word.value
        assert {word.value: 1}[word] == 1

    def test_the_words(self) -> None:
        assert [side.value for side in Side] == ["back", "lay"]
        assert [basis.value for basis in Basis] == ["prematch", "closing", "live"]

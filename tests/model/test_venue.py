"""Venues: what is known of each type before any source says more."""

from __future__ import annotations

from fractions import Fraction

from crossbook.model.venue import NO_COMMISSION, Venue, VenueType, bookmaker, exchange, prediction


def test_a_bookmaker_takes_no_commission_and_prices_for_itself() -> None:
    assert bookmaker("hill", "The Hill") == Venue(
        id="hill",
        name="The Hill",
        type=VenueType.BOOKMAKER,
        desk="hill",
        rules="bookmaker",
        commission=Fraction(0),
        step=None,
        smallest=None,
    )
    assert NO_COMMISSION == 0


def test_a_bookmaker_may_take_its_prices_from_another_desk() -> None:
    sister = bookmaker("dale", "The Dale", desk="hill")
    assert (sister.id, sister.desk) == ("dale", "hill")
    assert sister.rules == bookmaker("hill", "The Hill").rules


def test_an_exchanges_commission_is_unknown_until_it_is_stated() -> None:
    assert exchange("pit", "The Pit") == Venue(
        id="pit", name="The Pit", type=VenueType.EXCHANGE, desk="pit", rules="exchange", commission=None
    )
    assert exchange("pit", "The Pit", Fraction(1, 50)).commission == Fraction(1, 50)
    assert exchange("pit", "The Pit", Fraction(0)).commission == 0


def test_every_prediction_market_has_rules_of_its_own() -> None:
    assert prediction("oracle", "The Oracle") == Venue(
        id="oracle",
        name="The Oracle",
        type=VenueType.PREDICTION,
        desk="oracle",
        rules="oracle",
        commission=None,
    )
    assert prediction("oracle", "The Oracle").rules != prediction("sibyl", "The Sibyl").rules


def test_the_three_types_have_three_sets_of_rules() -> None:
    three = (bookmaker("a", "A"), exchange("a", "A"), prediction("a", "A"))
    assert len({venue.type for venue in three}) == len({venue.rules for venue in three}) == 3
    assert [kind.value for kind in VenueType] == ["bookmaker", "exchange", "prediction"]

"""Venues: where claims are offered, and what is known of how each one pays."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Final

import msgspec

from crossbook.model.rule_sets import rules_at

NO_COMMISSION: Final = Fraction(0)


class VenueType(StrEnum):
    """What stands on the other side of a bet, and so which fees and rules to expect."""

    BOOKMAKER = "bookmaker"
    EXCHANGE = "exchange"
    PREDICTION = "prediction"


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """One place to bet or trade.

    `desk` names the trading desk that makes its prices: brands of one desk are not independent. `rules` names the
    set of settlement rules: one that was read (`model.rule_sets`), else ``bookmaker``, ``exchange`` or the venue's id,
    which say no more than what it is. `commission` is the share of net market winnings it keeps, None where no source
    states it. `step` is the smallest amount a stake moves by, `smallest` the least stake; None means the plan's unit.
    """

    id: str
    name: str
    type: VenueType = VenueType.BOOKMAKER
    desk: str
    rules: str
    commission: Fraction | None = NO_COMMISSION
    step: Fraction | None = None
    smallest: Fraction | None = None


def bookmaker(venue_id: str, name: str, desk: str | None = None) -> Venue:
    """A bookmaker that takes no commission; where nobody has read its rules, they are ordinary house rules."""
    return Venue(id=venue_id, name=name, desk=desk or venue_id, rules=rules_at(venue_id, "bookmaker"))


def exchange(venue_id: str, name: str, commission: Fraction | None = None) -> Venue:
    """A betting exchange; its commission is None until a source or a setting states it."""
    return Venue(
        id=venue_id,
        name=name,
        type=VenueType.EXCHANGE,
        desk=venue_id,
        rules=rules_at(venue_id, "exchange"),
        commission=commission,
    )


def prediction(venue_id: str, name: str) -> Venue:
    """A prediction market; every one writes its own resolution rules, so unread ones are named after it."""
    return Venue(
        id=venue_id,
        name=name,
        type=VenueType.PREDICTION,
        desk=venue_id,
        rules=rules_at(venue_id, venue_id),
        commission=None,
    )

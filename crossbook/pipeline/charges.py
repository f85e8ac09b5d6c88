"""Commissions that a person states, put in the place of those a source states."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

import msgspec

from crossbook.model.quote import Quote
from crossbook.model.venue import Venue


def charged(quote: Quote, commissions: Mapping[str, Fraction]) -> Quote:
    """The quote at a venue that takes the commission given for it, if one is."""
    rate = commissions.get(quote.venue.id)
    if rate is None:
        return quote
    return msgspec.structs.replace(quote, venue=_with_commission(quote.venue, rate))


@lru_cache(maxsize=256)
def _with_commission(venue: Venue, rate: Fraction) -> Venue:
    return msgspec.structs.replace(venue, commission=rate)

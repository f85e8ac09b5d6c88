"""The further kinds of opportunity, chosen by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from crossbook.arbitrage.decide import Unsolved
from crossbook.arbitrage.free_bet import free_bets
from crossbook.arbitrage.low_hold import low_holds
from crossbook.arbitrage.middles import middles
from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.value import values
from crossbook.arbitrage.wanted import Wanted
from crossbook.base.errors import BadData
from crossbook.model.opportunity import FREE_BET, LOW_HOLD, MIDDLE, VALUE, Opportunity
from crossbook.model.quote import Listing, Quote


def further(
    events: Iterable[tuple[Listing, Sequence[Quote]]], wanted: Wanted, terms: Terms
) -> Iterator[Opportunity | Unsolved]:
    """The opportunities of the wanted kinds in these events, kind by kind in alphabetical order."""
    for listing, quotes in events:
        for kind in sorted(wanted.kinds):
            try:
                yield from KINDS[kind](listing, quotes, wanted, terms)
            except BadData as error:
                yield Unsolved(listing, f"{kind}: {error}")


_Search = Callable[[Listing, Sequence[Quote], Wanted, Terms], Iterator[Opportunity]]


def _free(listing: Listing, quotes: Sequence[Quote], wanted: Wanted, terms: Terms) -> Iterator[Opportunity]:
    for each in wanted.free_bets:
        yield from free_bets(listing, quotes, each, terms, wanted.returned)


KINDS: Final[dict[str, _Search]] = {
    VALUE: lambda listing, quotes, wanted, terms: values(listing, quotes, wanted.method, wanted.least_edge),
    MIDDLE: lambda listing, quotes, wanted, terms: middles(
        listing, quotes, terms, msgspec.structs.replace(wanted.method, least_voices=1)
    ),
    LOW_HOLD: lambda listing, quotes, wanted, terms: low_holds(listing, quotes, terms, wanted.most_cost),
    FREE_BET: _free,
}
"""What finds each kind, by its name."""

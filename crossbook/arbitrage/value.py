"""Value: odds above the fair ones by a margin. It may lose every time; only the average is said to gain.

With p the fair chance of winning where the stake is not refunded (by all desks but the price's own), W what a unit
gives back when the bet wins after commission, and r the share that is refunded on average:

- the edge is p W − 1, and the expected return 1 + (1 − r)(p W − 1);
- the break-even chance is 1 / W;
- the part of a bank that grows it fastest is (p W − 1) / (W − 1): J. L. Kelly, "A new interpretation of information
  rate" (Bell System Technical Journal 35, 1956). It is information: nobody knows p that well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from crossbook.arbitrage.consensus import FairChance, Method
from crossbook.arbitrage.decide import MARGIN_CAP, Market
from crossbook.arbitrage.instrument import instrument_of
from crossbook.arbitrage.states import States, states_of
from crossbook.arbitrage.wanted import LEAST_EDGE, OTHERS
from crossbook.arbitrage.worth import Estimated, estimate_of, estimated, net_odds, unstated
from crossbook.base.exact import decimal_text
from crossbook.model.claim import Claim
from crossbook.model.opportunity import VALUE, Estimate, Leg, Opportunity, Reason, Verdict
from crossbook.model.quote import Listing, Quote, Side

_ONE: Final = Fraction(1)


def values(
    listing: Listing, quotes: Sequence[Quote], method: Method = OTHERS, least_edge: Fraction = LEAST_EDGE
) -> Iterator[Opportunity]:
    """Every price of one event that is worth more than it costs by more than `least_edge`, the greatest edge first.

    Of each claim and side only the best. `guaranteed_return` is that of the worst state: as a rule nothing. The
    verdict is estimated, or rejected where a screen does not believe the price or the edge is above the margin cap.
    """
    for space in estimated(listing, quotes, method):
        best: dict[tuple[Claim, Side], tuple[float, Quote, FairChance]] = {}
        for quote in space.market.quotes:
            fair = space.consensus.chance(quote.claim, without=quote.venue.desk)
            if fair is None or not quote.tradable:
                continue
            edge = edge_of(quote, fair.chance)
            known = best.get((quote.claim, quote.side))
            if edge > least_edge and (known is None or edge > known[0]):
                best[quote.claim, quote.side] = edge, quote, fair
        for edge, quote, fair in sorted(best.values(), key=lambda found: -found[0]):
            yield _opportunity(space, quote, fair, edge)


def edge_of(quote: Quote, chance: float) -> float:
    """What a unit on the quote gains on average where it is not refunded; `chance` is the claim's fair chance."""
    paid = chance if quote.side is Side.BACK else 1 - chance
    return paid * float(net_odds(quote)) - 1


def kelly(quote: Quote, chance: float) -> float:
    """The part of a bank to put at risk that makes it grow fastest, if the chance is true; not below nothing."""
    return max(0.0, edge_of(quote, chance) / float(net_odds(quote) - 1))


def fair_odds(chance: float) -> Fraction:
    """The odds at which a claim of this chance neither gains nor loses."""
    return estimate_of(1 / chance)


def worst_return(quote: Quote, market: Market) -> Fraction:
    """What a unit at risk on the quote gives back in the worst state of its claim, after commission."""
    states: States = states_of(frozenset([quote.claim]), market.contest, market.course)
    returns = instrument_of(quote).returns(states.codes[0].tolist(), taxed=True)
    return min(returns.values())


def _opportunity(space: Estimated, quote: Quote, fair: FairChance, edge: float) -> Opportunity:
    market = space.market
    against = [*space.doubts[id(quote)][1]] if id(quote) in space.doubts else []
    if edge > MARGIN_CAP:
        against.append(
            Reason("margin_cap", f"{edge * 100:.1f} % above fair is more than any venue gives away")
        )
    refunded = space.refunded(quote.claim)
    paid = fair.chance if quote.side is Side.BACK else 1 - fair.chance
    odds = decimal_text(fair_odds(fair.chance), 3)
    words = f"it may lose all; the fair odds are {odds} by {fair.method}"
    if refunded is None:
        words += "; the figures are of what is not refunded"
    return Opportunity(
        listing=market.listing,
        basis=market.basis,
        kind=VALUE,
        verdict=Verdict.REJECTED if against else Verdict.ESTIMATED,
        reasons=(*against, Reason("may_lose", words), *unstated([quote])),
        guaranteed_return=worst_return(quote, market),
        legs=(Leg(quote, _ONE),),
        plan=None,
        unplanned="no stake is planned for what may lose",
        estimate=Estimate(
            method=fair.method,
            expected_return=estimate_of(1 + (1 - (refunded or 0.0)) * edge),
            chance=estimate_of(paid),
            break_even=1 / net_odds(quote),
            kelly=estimate_of(kelly(quote, fair.chance)),
            fair_odds=fair_odds(fair.chance),
        ),
    )

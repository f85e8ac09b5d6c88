"""What the kinds of opportunity that may lose have in common: who is believed, what a quote is worth, near stakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import floor
from typing import Final

import msgspec

from crossbook.arbitrage.consensus import Consensus, Method
from crossbook.arbitrage.decide import Market
from crossbook.arbitrage.find import markets_of
from crossbook.arbitrage.instrument import Instrument, instrument_of, worst_and_best
from crossbook.arbitrage.likelihood import Likelihood, likelihood_of
from crossbook.arbitrage.screens import Doubts, doubted
from crossbook.arbitrage.settled import code_of
from crossbook.arbitrage.solution import Solution
from crossbook.arbitrage.stakes import grid_of
from crossbook.arbitrage.states import States
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Claim
from crossbook.model.opportunity import Leg, Plan, Reason, Stake
from crossbook.model.quote import Listing, Quote, Side
from crossbook.model.settlement import LOST, WON

_BILLION: Final = 10**9
_MOST_CORNERS: Final = 4_096
"""Ways to round the stakes up and down that are tried."""


class Estimated(msgspec.Struct, frozen=True):
    """One space of an event with what is thought of its prices."""

    market: Market
    doubts: Doubts
    consensus: Consensus
    likelihood: Likelihood | None

    def believed(self) -> list[Quote]:
        """The quotes that no screen refuses."""
        return [quote for quote in self.market.quotes if id(quote) not in self.doubts]

    def refunded(self, claim: Claim) -> float | None:
        """The share of a stake on the claim that is refunded on average; None where it may be and nobody knows."""
        if self.likelihood is not None and (shares := self.likelihood.shares(claim)) is not None:
            return shares[1]
        return None if refunds(claim) else 0.0


def estimated(listing: Listing, quotes: Sequence[Quote], method: Method) -> Iterator[Estimated]:
    """The spaces of an event, with fair chances by the quotes that no screen refuses.

    For the likelihood one voice on a market is enough: it only says how much is refunded, or falls into a gap.
    """
    for market in markets_of(listing, quotes):
        doubts = doubted(market.quotes, market.contest)
        believed = [quote for quote in market.quotes if id(quote) not in doubts]
        consensus = Consensus(believed, market.contest, method)
        yield Estimated(market, doubts, consensus, likelihood_of(consensus.chances(least_voices=1)))


def refunds(claim: Claim) -> bool:
    """Whether some result refunds a part of the stake: two-way results, and lines that are no half."""
    if claim.line is None:
        return claim.kind.value in ("draw_no_bet", "moneyline")
    return claim.line.denominator != 2 and claim.kind.value != "european_handicap"


def net_odds(quote: Quote) -> Fraction:
    """What a unit at risk gives back when the leg is paid in full, after commission on it alone."""
    code = code_of(WON if quote.side is Side.BACK else LOST)
    return instrument_of(quote).returns([code], taxed=True)[code]


def estimate_of(number: float) -> Fraction:
    """An estimate in floating point as a number to show, to nine digits."""
    return Fraction(round(number * _BILLION), _BILLION)


def unstated(quotes: Sequence[Quote]) -> tuple[Reason, ...]:
    """A reason for each venue whose commission no source states."""
    venues = sorted({quote.venue.id for quote in quotes if quote.venue.commission is None})
    return tuple(
        Reason("commission_unstated", f"{venue}: no source states its commission or fees, none are counted")
        for venue in venues
    )


def legs_of(solution: Solution) -> tuple[Leg, ...]:
    """The solution's legs with their shares."""
    return tuple(Leg(leg.quote, share) for leg, share in zip(solution.legs, solution.shares, strict=True))


def near_plan(
    legs: Sequence[Instrument], shares: Sequence[Fraction], states: States, terms: Terms
) -> Plan | str:
    """Whole stakes next to the shares of the bank, though they may lose; the sentence why there are none.

    Of all ways to round every stake up or down within the bank, the one whose worst state loses the least part of the
    money at risk (where legs are too many to try them all, every stake is rounded down). `worst` and `best` are summed
    exactly over all states.
    """
    grids = [grid_of(leg.quote, terms.bank, terms.unit) for leg in legs]
    choices = []
    for share, grid in zip(shares, grids, strict=True):
        below = floor(share * terms.bank / grid.risk)
        near = [below, below + 1] if 2 ** len(legs) <= _MOST_CORNERS else [below]
        choices.append([count for count in near if grid.least <= count <= grid.most])
    best: tuple[Fraction, Plan] | None = None
    for counts in product(*choices):
        risks = [count * grid.risk for count, grid in zip(counts, grids, strict=True)]
        staked = sum(risks, Fraction(0))
        if not 0 < staked <= terms.bank:
            continue
        worst, most = worst_and_best(legs, risks, states)
        if best is None or worst / staked > best[0]:
            stakes = tuple(
                Stake(count * grid.step, risk) for count, grid, risk in zip(counts, grids, risks, strict=True)
            )
            best = worst / staked, Plan(terms.bank, terms.unit, stakes, staked, worst, most)
    return best[1] if best else "no whole stakes near the shares fit the bank and the venues' limits"

"""Cases of the exhaustive stake search as instruments of ours.

A case says in numbers what each leg returns in each state. Every number it can draw (the odds, half of them, a refund,
nothing, or a layer's winnings) is some settlement of some price, so each leg becomes a quote on a made-up claim whose
settlement in every state is painted by hand; limits become the quote's size, its step and its venue's least stake.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.instrument import Instrument, instrument_of
from crossbook.arbitrage.settled import Settled, code_of
from crossbook.arbitrage.states import States
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Quote, Side
from crossbook.model.result import Score
from crossbook.model.settlement import Settlement
from crossbook.model.venue import Venue, VenueType
from tests.oracles.stake_search import Case, StakeLeg

HALF = Fraction(1, 2)


class Painted(Settled):
    """Claims with their settlement in each state given."""

    def __init__(self, settlements: dict[Claim, list[Settlement]], count: int) -> None:
        super().__init__([Score(place, 0) for place in range(count)])
        self._painted = settlements

    def codes(self, claim: Claim) -> NDArray[np.uint16]:
        """The codes of the claim's settlements."""
        return np.array([code_of(settlement) for settlement in self._painted[claim]], dtype=np.uint16)


def laid_odds(leg: StakeLeg) -> Fraction | None:
    """The odds laid at, where the leg's returns are those of a layer at odds with two decimals."""
    paid = max(leg.gross)
    if set(leg.gross) != {paid, Fraction(0)} or (paid * 100).denominator == 1:
        return None
    odds = paid / (paid - 1)
    return odds if (odds * 100).denominator == 1 else None


def settlement(returned: Fraction, odds: Fraction, lay: bool) -> Settlement:
    """The settlement that makes a price return this much."""
    if lay:
        return Settlement(Fraction(int(returned == 0)), Fraction(0))
    known = {
        (1 + odds) / 2: Settlement(HALF, HALF),
        Fraction(1): Settlement(Fraction(0), Fraction(1)),
        Fraction(0): Settlement(Fraction(0), Fraction(0)),
        odds: Settlement(Fraction(1), Fraction(0)),
    }
    return known[returned]


def venue_of(place: int, leg: StakeLeg, rate: Fraction) -> Venue:
    """A venue with the leg's least stake; legs taxed together are of one exchange."""
    name = "exchange" if rate else f"book{place}"
    return Venue(
        id=name,
        name=name,
        type=VenueType.EXCHANGE if rate else VenueType.BOOKMAKER,
        desk=name,
        rules="bookmaker",
        commission=rate,
    )


def instruments_of(case: Case) -> tuple[list[Instrument], States]:
    """The case's legs as instruments, with the states they live in."""
    rates = {index: rate for rate, members in case.groups for index in members}
    instruments, painted = [], {}
    for place, leg in enumerate(case.legs):
        laid = laid_odds(leg)
        odds = laid or max(leg.gross)
        what = Claim.of(Kind.CONTRACT, "yes", subject=f"painted {place}")
        painted[what] = [settlement(returned, odds, laid is not None) for returned in leg.gross]
        # A layer's stake is the backer's: the step and the limits are counted in that.
        step = leg.step / (laid - 1) if laid else leg.step
        venue = venue_of(place, leg, rates.get(place, Fraction(0)))
        venue = Venue(
            id=venue.id,
            name=venue.name,
            type=venue.type,
            desk=venue.desk,
            rules=venue.rules,
            commission=venue.commission,
            smallest=leg.min_count * step if leg.min_count else None,
        )
        quote = Quote(
            venue=venue,
            claim=what,
            side=Side.LAY if laid else Side.BACK,
            odds=odds,
            size=leg.max_count * step,
            step=step,
            market_id="m",
        )
        instruments.append(instrument_of(quote))
    return instruments, States(list(painted), Painted(painted, case.states))


def legs_used(case: Case, instruments: Sequence[Instrument], used: Sequence[Instrument]) -> Case:
    """The case with only these legs."""
    chosen = [place for place, one in enumerate(instruments) if any(one is other for other in used)]
    groups = tuple(
        (rate, members)
        for rate, indices in case.groups
        if (members := tuple(chosen.index(index) for index in indices if index in chosen))
    )
    return Case(tuple(case.legs[place] for place in chosen), case.bank, case.states, groups)

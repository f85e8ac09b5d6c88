"""Instruments: the quotes worth solving with, and exactly what they return in each state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

import msgspec
import numpy as np

from crossbook.arbitrage.settled import classes, settlement_of
from crossbook.arbitrage.states import States, gross_coefficients
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import NO_COMMISSION

_MANY_STATES = 200
"""Of so many states, those that some legs cannot tell apart are put together before anything exact is made of them."""


class Instrument(msgspec.Struct, frozen=True):
    """One quote as a possible leg.

    Commission is taken from the net winnings of a market, so instruments of one market are taxed together; `market`
    names it, "" where nothing is taken.
    """

    quote: Quote
    commission: Fraction
    market: str

    def returns(self, codes: Iterable[int], taxed: bool = False) -> dict[int, Fraction]:
        """Return per unit at risk in each settlement: gross, or (`taxed`) with commission taken from it alone."""
        a, b, c = gross_coefficients(self.quote.odds, self.quote.side is Side.LAY)
        found = {}
        for code in codes:
            won, refunded = settlement_of(code)
            gross = a * won + b * refunded + c
            tax = self.commission * (gross - 1) if taxed and self.commission and gross > 1 else 0
            found[code] = gross - tax if tax else gross
        return found


def best_instruments(quotes: Iterable[Quote]) -> list[Instrument]:
    """The best quote of every claim and side, and beside it that of every market that may take commission.

    A dearer quote of the same claim and side can never be part of a better plan unless it is taxed differently.
    """
    best: dict[tuple[object, ...], Quote] = {}
    for quote in quotes:
        commission = quote.venue.commission
        key: tuple[object, ...] = (quote.claim, quote.side)
        if commission is not NO_COMMISSION and (commission is None or commission):
            key = (*key, quote.venue.id, quote.market_id)
        known = best.get(key)
        if known is None or quote.rank > known.rank:
            best[key] = quote
        elif quote.rank < known.rank or quote.odds is known.odds:
            continue
        elif quote.better_than(known):
            best[key] = quote
    return [instrument_of(quote) for quote in best.values()]


def instrument_of(quote: Quote) -> Instrument:
    """The quote as an instrument."""
    commission = quote.venue.commission
    if commission is NO_COMMISSION or not commission:
        return Instrument(quote, NO_COMMISSION, "")
    return Instrument(quote, commission, f"{quote.venue.id}/{quote.market_id or _own_market(quote)}")


def shared_markets(instruments: Sequence[Instrument]) -> dict[str, list[int]]:
    """The markets that take commission and have several of these instruments, with the instruments' places."""
    markets: dict[str, list[int]] = {}
    for place, instrument in enumerate(instruments):
        if instrument.market:
            markets.setdefault(instrument.market, []).append(place)
    return {name: places for name, places in markets.items() if len(places) > 1}


def _own_market(quote: Quote) -> str:
    """What stands for the market where no id does: as narrow as can be, so that nothing is netted by mistake."""
    return f"{quote.claim.period} {quote.claim.market} {quote.claim.line}"


class Payouts(msgspec.Struct, frozen=True):
    """Every different combination of what some legs return over the states, in whole numbers of 1/`scale`."""

    scale: int
    rows: tuple[tuple[int, ...], ...]


def payouts(legs: Sequence[Instrument], states: States, taxed: bool) -> Payouts:
    """The legs' returns per unit at risk: gross, or (`taxed`) with each leg's commission taken from it alone."""
    codes = states.codes[[states.place[leg.quote.claim] for leg in legs]]
    if codes.shape[1] > _MANY_STATES:
        first, _ = classes(codes)
        codes = codes[:, np.sort(first)]
    different = codes.tolist()
    returns = [leg.returns(set(row), taxed) for leg, row in zip(legs, different, strict=True)]
    scale = lcm(*(each.denominator for known in returns for each in known.values()))
    whole = []
    for known, row in zip(returns, different, strict=True):
        scaled = {code: each.numerator * (scale // each.denominator) for code, each in known.items()}
        whole.append([scaled[code] for code in row])
    return Payouts(scale, tuple(dict.fromkeys(zip(*whole, strict=True))))


def worst_and_best(
    legs: Sequence[Instrument], risks: Sequence[Fraction], states: States
) -> tuple[Fraction, Fraction]:
    """The least and the most net profit over all states for money at risk on each leg, exactly."""
    table = payouts(legs, states, taxed=False)
    scale = lcm(*(risk.denominator for risk in risks))
    whole = [risk.numerator * (scale // risk.denominator) for risk in risks]
    groups: dict[tuple[str, Fraction], list[int]] = {}
    for place, leg in enumerate(legs):
        groups.setdefault((leg.market, leg.commission), []).append(place)
    outcomes = []
    for row in table.rows:
        outcome: Fraction | int = 0
        for (_, commission), places in groups.items():
            winnings = sum(whole[place] * (row[place] - table.scale) for place in places)
            outcome += winnings - commission * winnings if commission and winnings > 0 else winnings
        outcomes.append(outcome)
    return Fraction(min(outcomes)) / (scale * table.scale), Fraction(max(outcomes)) / (scale * table.scale)

"""Instruments: the quotes worth solving with, and exactly what they return in each state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

import msgspec

from crossbook.arbitrage.states import States, gross_coefficients, settlement_of
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import NO_COMMISSION


class Instrument(msgspec.Struct, frozen=True):
    """One quote as a possible leg.

    Commission is taken from the net winnings of a market, so instruments of one market are taxed together; `market`
    names it, "" where nothing is taken.
    """

    quote: Quote
    commission: Fraction
    market: str

    def gross(self, states: States) -> list[Fraction]:
        """Gross return per unit at risk in each state, before commission."""
        a, b, c = gross_coefficients(self.quote.odds, self.quote.side is Side.LAY)
        codes = states.codes[states.place[self.quote.claim]]
        returns = {}
        for code in set(codes):
            won, refunded = settlement_of(code)
            returns[code] = a * won + b * refunded + c
        return [returns[code] for code in codes]


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
    columns = [leg.gross(states) for leg in legs]
    if taxed:
        columns = [
            [gross - leg.commission * (gross - 1) if gross > 1 else gross for gross in column]
            if leg.commission
            else column
            for leg, column in zip(legs, columns, strict=True)
        ]
    scale = lcm(*(gross.denominator for column in columns for gross in set(column)))
    whole = [[gross.numerator * (scale // gross.denominator) for gross in column] for column in columns]
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

"""How much of one event is looked at, counted in instruments × states, so that no event can hold up the others.

What is left out is told, and is the same whenever the same quotes are looked at: work is counted, time is not.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Final, NamedTuple

import msgspec

from crossbook.arbitrage.changes import MARGIN, SUM, Direction, all_changes, changes
from crossbook.arbitrage.decide import Market, Unsolved
from crossbook.arbitrage.instrument import Instrument, best_instruments
from crossbook.arbitrage.states import states_of
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Quote

MOST_PAYOFFS: Final = 1_000_000
"""Instruments × states that are looked at together: some 80 totals and 80 handicaps, a whole apart each."""
_FEW = 40
"""So few instruments are never too many."""
_NOT_ON_SCORES = frozenset({Kind.WINNER, Kind.PLACE, Kind.CONTRACT})
_SPELLED = frozenset({Kind.CORRECT_SCORE, Kind.EXACT_TOTAL})


class Looked(NamedTuple):
    """A market and its instruments, few enough to be looked at together."""

    market: Market
    instruments: list[Instrument]


def within_limits(market: Market) -> Iterator[Looked | Unsolved]:
    """The market, or as much of it as can be looked at together, and what was left out.

    Of too many lines those nearest to even money stay. Where halves and the whole match make too many states
    together, each period is looked at by itself.
    """
    instruments = best_instruments(market.quotes)
    if len(instruments) <= _FEW or instruments[0].quote.claim.kind in _NOT_ON_SCORES:
        yield Looked(market, instruments)
        return
    parts: dict[Period, list[Instrument]] = {}
    for one in instruments:
        parts.setdefault(one.quote.claim.period, []).append(one)
    lines = kept = 0
    claims: set[Claim] = set()
    for some in parts.values():
        ladder = _by_nearness(some)
        near = list(_as_fit(ladder))
        while near and not _can_be_settled(market, near):
            near = near[: len(near) // 2]
        lines, kept = lines + len(ladder), kept + len(near)
        claims.update(one.quote.claim for line in near for one in line)
    if kept < lines:
        yield Unsolved(
            market.listing,
            f"lines: {kept} of {lines} were looked at, those nearest to even money; all of them are too many together",
        )
    together = _of_claims(market, claims) if kept < lines else Looked(market, instruments)
    if len(parts) == 1 or _fit_together(together):
        yield together
        return
    yield Unsolved(
        market.listing,
        "period: halves and the whole match were looked at apart; together they have too many states",
    )
    for period in parts:
        yield _of_claims(market, {claim for claim in claims if claim.period is period})


def _by_nearness(instruments: Sequence[Instrument]) -> list[list[Instrument]]:
    """The instruments of each line, or of each selection that is a line of its own, the nearest to even money first."""
    lines: dict[tuple[Kind, Fraction, str], list[Instrument]] = {}
    for one in instruments:
        claim = one.quote.claim
        key = claim.kind, claim.line or Fraction(0), claim.selection if claim.kind in _SPELLED else ""
        lines.setdefault(key, []).append(one)
    nearness = {key: min(_from_even(one.quote) for one in some) for key, some in lines.items()}
    return [lines[key] for key in sorted(lines, key=lambda key: (nearness[key], key))]


def _from_even(quote: Quote) -> float:
    return abs(1 / abs(quote.rank) - 0.5)


def _as_fit(lines: Sequence[list[Instrument]]) -> Iterator[list[Instrument]]:
    """The first of these lines, as many as can be looked at together.

    Lines at which claims change run in four directions, so n(i) of them in each part the scores into no more regions
    than 1 + Σ n(i) + Σ n(i) n(j).
    """
    counts: dict[Direction, set[int]] = {}
    instruments, parity = 0, 1
    for line in lines:
        instruments += len(line)
        for claim in {one.quote.claim for one in line}:
            if claim.kind is Kind.ODD_EVEN:
                parity = 2
            for direction, some in changes(claim).items():
                counts.setdefault(direction, set()).update(some)
        sizes = [len(each) for each in counts.values()]
        regions = 1 + sum(sizes) + sum(one * other for one, other in combinations(sizes, 2))
        if instruments * regions * parity > MOST_PAYOFFS:
            return
        yield line


def _can_be_settled(market: Market, lines: Sequence[list[Instrument]]) -> bool:
    """Whether the scores between the lines can be looked at: far team totals and scores may need too many."""
    claims = frozenset(one.quote.claim for line in lines for one in line)
    if all_changes(claims).keys() <= {MARGIN, SUM}:
        return True
    try:
        states_of(claims, market.contest, market.level)
    except BadData:
        return False
    return True


def _fit_together(looked: Looked) -> bool:
    """Whether the periods of a market can be looked at together."""
    market, instruments = looked
    claims = frozenset(one.quote.claim for one in instruments)
    try:
        states = states_of(claims, market.contest, market.level)
    except BadData:
        return False
    return len(instruments) * len(states.results) <= MOST_PAYOFFS


def _of_claims(market: Market, claims: Container[Claim]) -> Looked:
    quotes = [quote for quote in market.quotes if quote.claim in claims]
    return Looked(msgspec.structs.replace(market, quotes=quotes), best_instruments(quotes))

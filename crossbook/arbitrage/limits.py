"""How much of one event is looked at, counted in instruments × states, so that no event can hold up the others.

What is left out is told, and is the same whenever the same quotes are looked at: work is counted, time is not.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Final, NamedTuple

import msgspec

from crossbook.arbitrage.changes import (
    MARGIN,
    NOT_BY_COUNT,
    SUM,
    Direction,
    Look,
    all_changes,
    changes,
    look_of,
)
from crossbook.arbitrage.decide import Market, Unsolved
from crossbook.arbitrage.instrument import Instrument, best_instruments
from crossbook.arbitrage.states import states_of
from crossbook.base.errors import BadData
from crossbook.model.claim import RACES, Claim, Kind
from crossbook.model.quote import Quote

MOST_PAYOFFS: Final = 1_000_000
"""Instruments × states that are looked at together: some 80 totals and 80 handicaps, a whole apart each."""
_FEW = 40
"""So few instruments are never too many."""
_HALVES = "period: halves and the whole match were looked at apart; together they have too many states"
_TIED = "period: what is counted apart was looked at apart; together it has too many states"
_PLACES = "places: each number of places was looked at apart; together they have too many states"
_SPELLED = frozenset({Kind.CORRECT_SCORE, Kind.EXACT_TOTAL})


class Looked(NamedTuple):
    """A market and its instruments, few enough to be looked at together."""

    market: Market
    instruments: list[Instrument]


def within_limits(market: Market) -> Iterator[Looked | Unsolved]:
    """The market, or as much of it as can be looked at together, and what was left out.

    Of too many lines those nearest to even money stay. Where halves and the whole match, regulation and overtime, or
    several numbers of places make too many states together, each is looked at by itself.
    """
    instruments = best_instruments(market.quotes)
    first = instruments[0].quote.claim
    if first.kind in RACES:
        yield from _races(market, instruments)
        return
    tied = _is_tied(one.quote.claim for one in instruments)
    if (len(instruments) <= _FEW and not tied) or first.kind is Kind.CONTRACT:
        yield Looked(market, instruments)
        return
    parts: dict[Look, list[Instrument]] = {}
    for one in instruments:
        parts.setdefault(look_of(one.quote.claim), []).append(one)
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
    if tied and len({claim.space for claim in claims}) > 1:
        yield from _apart(market, claims, lambda claim: claim.space, _TIED)
    else:
        yield from _apart(market, claims, look_of, _HALVES)


def _is_tied(claims: Iterable[Claim]) -> bool:
    """Whether claims that say nothing of each other by themselves are tied here, which may be too much together."""
    first: str | None = None
    for claim in claims:
        if claim.kind in NOT_BY_COUNT or (first is not None and claim.space != first):
            return True
        first = claim.space
    return False


def _apart(
    market: Market, claims: Container[Claim], part: Callable[[Claim], str], reason: str
) -> Iterator[Looked | Unsolved]:
    """Each part of a market by itself; what cannot be looked at even so is told."""
    yield Unsolved(market.listing, reason)
    groups: dict[str, set[Claim]] = {}
    for quote in market.quotes:
        if quote.claim in claims:
            groups.setdefault(part(quote.claim), set()).add(quote.claim)
    for some in groups.values():
        looked = _of_claims(market, some)
        if reason is _TIED and len({look_of(claim) for claim in some}) > 1 and not _fit_together(looked):
            yield from _apart(market, some, look_of, _HALVES)
        else:
            yield looked


def _races(market: Market, instruments: list[Instrument]) -> Iterator[Looked | Unsolved]:
    claims = {one.quote.claim for one in instruments}
    if len({(claim.kind is Kind.WINNER, claim.places) for claim in claims}) > 1:
        try:
            states_of(frozenset(claims), market.contest, market.course)
        except BadData:
            yield from _apart(market, claims, lambda claim: str(claim.places), _PLACES)
            return
    yield Looked(market, instruments)


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
        states_of(claims, market.contest, market.course)
    except BadData:
        return False
    return True


def _fit_together(looked: Looked) -> bool:
    """Whether the parts of a market can be looked at together."""
    market, instruments = looked
    claims = frozenset(one.quote.claim for one in instruments)
    try:
        states = states_of(claims, market.contest, market.course)
    except BadData:
        return False
    return len(instruments) * len(states.results) <= MOST_PAYOFFS


def _of_claims(market: Market, claims: Container[Claim]) -> Looked:
    quotes = [quote for quote in market.quotes if quote.claim in claims]
    return Looked(msgspec.structs.replace(market, quotes=quotes), best_instruments(quotes))

"""From the quotes of many events to opportunities: the one way through this room.

Events are grouped by what decides them, cleared in batches by certificates, and what is left is decided one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.certificate import play
from crossbook.arbitrage.course import Course, course_of
from crossbook.arbitrage.decide import Market, Unsolved, decide
from crossbook.arbitrage.instrument import Instrument
from crossbook.arbitrage.limits import Looked, within_limits
from crossbook.arbitrage.solution import Solution, exact_solution
from crossbook.arbitrage.states import States, gross_returns, states_of
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.opportunity import Opportunity
from crossbook.model.quote import Basis, Contest, Listing, Quote

_NEAR = 1e-9
_MOST_STATES_SHARED = 400
"""Above this many states an event is looked at alone, with only the states its own claims can tell apart."""
_LONGEST_WALK = 50_000
"""Payoffs of one event above which the programme, which looks at few of the states, is sooner done than the walk."""
_LARGEST_BATCH = 4_000_000
"""Payoffs (events × instruments × states) that are looked at together."""


def opportunities(
    events: Iterable[tuple[Listing, Sequence[Quote]]], terms: Terms
) -> Iterator[Opportunity | Unsolved]:
    """Every opportunity in these events: first what may be acted on, then what the screens refused.

    Complete: for each event, basis and space the best guaranteed plan over all its quotes is found, or it is shown
    that there is none. Where screens refuse quotes, the search is made again without them.
    """
    groups: dict[tuple[str, Contest | None, Course], list[Market]] = defaultdict(list)
    for listing, quotes in events:
        for market in markets_of(listing, quotes):
            groups[market.quotes[0].claim.space, market.contest, market.course].append(market)
    for markets in groups.values():
        yield from _in_group(markets, terms)


def markets_of(listing: Listing, quotes: Sequence[Quote]) -> Iterator[Market]:
    """The quotes of one event in the groups that are decided together; a quote that is alone is in none."""
    groups: dict[tuple[Basis, str], list[Quote]] = defaultdict(list)
    for quote in quotes:
        groups[quote.basis, quote.claim.space].append(quote)
    contests = {contest.subject: contest for contest in listing.contests}
    course = course_of(listing)
    for (basis, _), together in course.joined(groups).items():
        if len(together) > 1:
            yield Market(listing, basis, together, contests.get(together[0].claim.subject), course)


def _in_group(markets: Iterable[Market], terms: Terms) -> Iterator[Opportunity | Unsolved]:
    """Markets of one space, contest and kind of ending."""
    looked = []
    for market in markets:
        for one in within_limits(market):
            if isinstance(one, Unsolved):
                yield one
            else:
                looked.append(one)
    yield from _together(looked, terms)


def decided_alone(looked: Looked, terms: Terms) -> Iterator[Opportunity | Unsolved]:
    """What there is in one market, or as much of it as can be looked at; no other has a part in the answer."""
    yield from _together([looked], terms)


def _together(looked: Sequence[Looked], terms: Terms) -> Iterator[Opportunity | Unsolved]:
    markets, instruments = [one.market for one in looked], [one.instruments for one in looked]
    claims = frozenset(one.quote.claim for some in instruments for one in some)
    try:
        states = states_of(claims, markets[0].contest, markets[0].course)
        if len(markets) > 1 and len(states.results) > _MOST_STATES_SHARED:
            raise BadData("too many states to look at together")
        proposals = dict(_proposals(instruments, states))
    except BadData as error:
        if len(markets) == 1:
            yield Unsolved(markets[0].listing, str(error))
            return
        for one in looked:
            yield from _together([one], terms)
        return
    for place in sorted(proposals):
        yield from decide(markets[place], instruments[place], proposals[place], terms)


def _proposals(
    instruments: Sequence[Sequence[Instrument]], states: States
) -> Iterator[tuple[int, Solution | None]]:
    """The places of the events that no certificate clears, each with the walk's solution where it is surely the best.

    Raises BadData when a single event is too large.
    """
    for places in _batches([len(some) for some in instruments], len(states.results)):
        if len(instruments[places[0]]) * len(states.results) > _LONGEST_WALK:
            yield from ((place, None) for place in places)
            continue
        games = play(_payoffs([instruments[place] for place in places], states))
        for row in np.flatnonzero(~games.certified):
            some = instruments[places[row]]
            yield places[row], _proposed(some, games.shares[row], float(games.bound[row]), states)


def _batches(sizes: Sequence[int], states: int) -> Iterator[list[int]]:
    """Places of events, those of like size together, so that padding them to one shape costs little."""
    batch: list[int] = []
    for place in sorted(range(len(sizes)), key=lambda place: -sizes[place]):
        width = sizes[batch[0]] if batch else sizes[place]
        if batch and (len(batch) + 1) * width * states > _LARGEST_BATCH:
            yield batch
            batch = []
        if sizes[place] * states > _LARGEST_BATCH:
            raise BadData(f"too large to look at: {sizes[place]} prices in {states} states")
        batch.append(place)
    yield batch


def _payoffs(instruments: Sequence[Sequence[Instrument]], states: States) -> NDArray[np.float64]:
    """Gross returns of each event's instruments, padded to one shape."""
    sizes = [len(some) for some in instruments]
    games = np.repeat(np.arange(len(instruments)), sizes)
    rows = np.concatenate([np.arange(size) for size in sizes])
    payoffs = np.zeros((len(instruments), max(sizes), len(states.results)))
    payoffs[games, rows] = gross_returns([one.quote for some in instruments for one in some], states)
    return payoffs


def _proposed(
    instruments: Sequence[Instrument], shares: NDArray[np.float64], bound: float, states: States
) -> Solution | None:
    """The walk's solution made exact, None where commission or rounding leaves doubt that nothing is better."""
    if any(one.commission for one in instruments):
        return None
    solution = exact_solution(instruments, shares[: len(instruments)], states)
    return solution if float(solution.guaranteed_return) >= bound - _NEAR else None

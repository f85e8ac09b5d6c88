"""From the quotes of events to opportunities: the one way through this room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import msgspec
import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.certificate import play
from crossbook.arbitrage.instrument import Instrument, best_instruments
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.screens import Doubts, doubted
from crossbook.arbitrage.solution import Solution, closed_form, exact_solution
from crossbook.arbitrage.stakes import plan_stakes
from crossbook.arbitrage.states import States, gross_returns, states_of
from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.verdict import judge, one_desk, sister_brand
from crossbook.base.errors import BadData
from crossbook.base.exact import decimal_text
from crossbook.model.opportunity import Leg, Opportunity, Plan, Reason, Verdict
from crossbook.model.quote import Basis, Contest, Listing, Quote

MARGIN_CAP = Fraction(1, 5)
"""A fifth for nothing is an error somewhere, even where no screen can say whose."""
_NEAR = 1e-9


class Market(msgspec.Struct, frozen=True):
    """The quotes of one event that are decided together: one basis, one space."""

    listing: Listing
    basis: Basis
    quotes: list[Quote]
    contest: Contest | None


class Unsolved(msgspec.Struct, frozen=True):
    """Quotes of an event that could not be looked at, and why."""

    listing: Listing
    reason: str


def opportunities(
    events: Iterable[tuple[Listing, Sequence[Quote]]], terms: Terms
) -> Iterator[Opportunity | Unsolved]:
    """Every opportunity in these events: first what may be acted on, then what the screens refused.

    Complete: for each event, basis and space the best guaranteed plan over all its quotes is found, or a certificate
    that there is none. Where screens refuse quotes, the search is made again without them.
    """
    batches: dict[tuple[str, Contest | None], list[Market]] = defaultdict(list)
    for listing, quotes in events:
        for market in _markets(listing, quotes):
            batches[market.quotes[0].claim.space, market.contest].append(market)
    for markets in batches.values():
        yield from _in_batch(markets, terms)


def _markets(listing: Listing, quotes: Sequence[Quote]) -> Iterator[Market]:
    groups: dict[tuple[Basis, str], list[Quote]] = defaultdict(list)
    for quote in quotes:
        groups[quote.basis, quote.claim.space].append(quote)
    contests = {contest.subject: contest for contest in listing.contests}
    for (basis, _), together in groups.items():
        if len(together) > 1:
            yield Market(listing, basis, together, contests.get(together[0].claim.subject))


def _in_batch(markets: list[Market], terms: Terms) -> Iterator[Opportunity | Unsolved]:
    instruments = [best_instruments(market.quotes) for market in markets]
    claims = frozenset(one.quote.claim for some in instruments for one in some)
    try:
        states = states_of(claims, markets[0].contest)
    except BadData as error:
        if len(markets) == 1:
            yield Unsolved(markets[0].listing, str(error))
            return
        for market in markets:
            yield from _in_batch([market], terms)
        return
    games = play(_payoffs(instruments, states))
    for place in np.flatnonzero(~games.certified):
        proposed = _proposed(instruments[place], games.shares[place], float(games.bound[place]), states)
        yield from _in_market(markets[place], instruments[place], proposed, terms)


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


def _in_market(
    market: Market, instruments: Sequence[Instrument], proposed: Solution | None, terms: Terms
) -> Iterator[Opportunity]:
    """The opportunity of one event that may be acted on, and the one the screens refused, where there are such."""
    solution = proposed or _solve(instruments, market.contest)
    if solution is None or not _worth(solution, terms):
        return
    refused, reasons, quotes = solution, list[Reason](), list(market.quotes)
    doubts = doubted(quotes)
    while (
        solution is not None
        and _worth(solution, terms)
        and (objection := _objection(solution, quotes, doubts))
    ):
        against, quotes = objection
        reasons += [reason for reason in against if reason not in reasons]
        solution = _solve(best_instruments(quotes), market.contest)
    if solution is not None and _worth(solution, terms):
        yield _opportunity(market, solution, terms, ())
    if reasons:
        yield _opportunity(market, refused, terms, reasons)


def _worth(solution: Solution, terms: Terms) -> bool:
    return solution.guaranteed_return > 1 + terms.least_margin


def _solve(instruments: Sequence[Instrument], contest: Contest | None) -> Solution | None:
    """The exact best solution, None where it surely loses."""
    if not instruments:
        return None
    states = states_of(frozenset(one.quote.claim for one in instruments), contest)
    solution = closed_form(instruments, states)
    if solution is not None:
        return solution
    profit, shares = best_shares(Columns(instruments, states))
    return exact_solution(instruments, shares, states) if profit > -_NEAR else None


def _objection(
    solution: Solution, quotes: Sequence[Quote], doubts: Doubts
) -> tuple[list[Reason], list[Quote]] | None:
    """The reasons against a solution, its own legs' first, and the quotes left to believe; None where all is well."""
    legs = [leg.quote for leg in solution.legs]
    own = {id(quote): doubts[id(quote)] for quote in legs if id(quote) in doubts}
    if own:
        others = [doubt for key, doubt in doubts.items() if key not in own]
        reasons = list(dict.fromkeys(reason for _, reasons in own.values() for reason in reasons))
        return [*reasons, *_in_short(others, reasons)], [quote for quote in quotes if id(quote) not in doubts]
    sister = sister_brand(legs)
    if sister is not None:
        reason, brand = sister
        return [reason], [quote for quote in quotes if quote.venue.name != brand]
    alone = one_desk(legs) or _too_good(solution)
    used = {id(quote) for quote in legs}
    return ([alone], [quote for quote in quotes if id(quote) not in used]) if alone else None


def _too_good(solution: Solution) -> Reason | None:
    margin = solution.guaranteed_return - 1
    if margin <= MARGIN_CAP:
        return None
    return Reason(
        "margin_cap", f"{decimal_text(margin * 100, 1)} % is more than any market leaves lying about"
    )


def _in_short(doubts: Iterable[tuple[Quote, list[Reason]]], said: Sequence[Reason]) -> Iterator[Reason]:
    """For each fault of each venue that is not said yet, one reason and how many more there are."""
    groups: dict[tuple[str, str], dict[Reason, None]] = defaultdict(dict)
    for quote, reasons in doubts:
        for reason in reasons:
            if reason not in said:
                groups[reason.name, quote.venue.id][reason] = None
    for (name, _), found in groups.items():
        first, *others = found
        more = f" (and {len(others)} more)" if others else ""
        yield Reason(name, f"elsewhere in the event: {first.detail}{more}")


def _opportunity(market: Market, solution: Solution, terms: Terms, against: Sequence[Reason]) -> Opportunity:
    states = states_of(frozenset(leg.quote.claim for leg in solution.legs), market.contest)
    verdict, reasons = (Verdict.REJECTED, tuple(against)) if against else judge(solution, states)
    plan = plan_stakes(solution, states, terms.bank, terms.unit)
    return Opportunity(
        listing=market.listing,
        basis=market.basis,
        verdict=verdict,
        reasons=reasons,
        guaranteed_return=solution.guaranteed_return,
        legs=tuple(Leg(leg.quote, share) for leg, share in zip(solution.legs, solution.shares, strict=True)),
        plan=plan if isinstance(plan, Plan) else None,
        unplanned=plan if isinstance(plan, str) else None,
    )

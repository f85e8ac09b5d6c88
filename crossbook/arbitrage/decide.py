"""The decision on one event: what may be acted on, what is refused, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import zip_longest

import msgspec

from crossbook.arbitrage.certificate import walk_one
from crossbook.arbitrage.course import Course
from crossbook.arbitrage.instrument import Instrument, best_instruments, instrument_of
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.screens import Doubts, doubted
from crossbook.arbitrage.solution import Solution, closed_form, exact_solution
from crossbook.arbitrage.stakes import plan_with_depth
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.sure import sure_plan
from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.verdict import judge, one_desk, rules_of, sister_brands
from crossbook.base.errors import BadData
from crossbook.base.exact import decimal_text
from crossbook.model.opportunity import NO_LOSS, Leg, Opportunity, Plan, Reason, Verdict
from crossbook.model.quote import Basis, Contest, Listing, Quote

MARGIN_CAP = Fraction(1, 5)
"""A fifth for nothing is an error somewhere, even where no screen can say whose."""
_NEAR = 1e-9
_MOST_REFUSALS = 50
_MOST_WORK = 6_000_000
"""Instruments × states, and what every search costs besides, that one market is searched for."""
_STATES_BESIDES = 500
_GIVEN_UP = Reason(
    "given_up", "the prices contradict each other in too many ways; what is left was not searched"
)


class Market(msgspec.Struct, frozen=True):
    """The quotes of one event that are decided together: one basis, one space, and how its sort of event runs."""

    listing: Listing
    basis: Basis
    quotes: list[Quote]
    contest: Contest | None
    course: Course


class Unsolved(msgspec.Struct, frozen=True):
    """Quotes of an event that could not be looked at, and why."""

    listing: Listing
    reason: str


def decide(
    market: Market, instruments: Sequence[Instrument], proposed: Solution | None, terms: Terms
) -> Iterator[Opportunity | Unsolved]:
    """The best opportunity that may be acted on, a pure one where that is not the best, and the one refused."""
    try:
        decision = _Decision(market, terms)
        first = proposed or decision.solve(instruments)
        if first is not None and decision.worth(first):
            yield from decision.opportunities(first)
        elif terms.no_loss:
            yield from decision.without_loss()
    except BadData as error:
        yield Unsolved(market.listing, str(error))


class _Decision:
    """One market on its way to a decision, with what the screens say of its quotes."""

    def __init__(self, market: Market, terms: Terms) -> None:
        self._market = market
        self._terms = terms
        self._doubts: Doubts = {}
        self._given_up = False
        self._work = 0

    def opportunities(self, first: Solution) -> Iterator[Opportunity | Unsolved]:
        """What follows from the best solution over all quotes."""
        market = self._market
        self._doubts = doubted(market.quotes, market.contest)
        objection = self._objection(first, market.quotes)
        sound, quotes = self._sound(first, market.quotes)
        if sound is not None:
            best = self._opportunity(sound, ())
            yield best
            if best.verdict is not Verdict.PURE and (pure := self._pure(quotes)) is not None:
                yield pure
        if objection is not None:
            more = [_GIVEN_UP] if self._given_up else []
            yield self._opportunity(first, [*objection[0], *more])
        elif self._given_up:
            yield Unsolved(market.listing, str(_GIVEN_UP))

    def without_loss(self) -> Iterator[Opportunity]:
        """A plan that guarantees its stakes back and no more, and wins in some states, if nothing speaks against it.

        Commission is taken from what is won, so only legs that pay none take part.
        """
        self._doubts = doubted(self._market.quotes, self._market.contest)
        believed = [quote for quote in self._market.quotes if id(quote) not in self._doubts]
        instruments = [one for one in best_instruments(believed) if not one.commission]
        if not instruments:
            return
        market = self._market
        states = states_of(frozenset(one.quote.claim for one in instruments), market.contest, market.course)
        plan = sure_plan(instruments, states, walk_one)
        if plan is not None and self._objection(plan.solution, believed) is None:
            opportunity = self._opportunity(plan.solution, ())
            yield msgspec.structs.replace(opportunity, kind=NO_LOSS, expected_return=plan.expected_return)

    def worth(self, solution: Solution) -> bool:
        """Whether it guarantees more than the terms ask for."""
        return solution.guaranteed_return > 1 + self._terms.least_margin

    def solve(self, instruments: Sequence[Instrument]) -> Solution | None:
        """The exact best solution, None where it surely loses."""
        if not instruments:
            return None
        claims = frozenset(one.quote.claim for one in instruments)
        states = states_of(claims, self._market.contest, self._market.course)
        self._work += len(instruments) * (len(states.results) + _STATES_BESIDES)
        solution = closed_form(instruments, states)
        if solution is not None:
            return solution
        profit, shares = best_shares(Columns(instruments, states))
        return exact_solution(instruments, shares, states) if profit > -_NEAR else None

    def _sound(
        self, solution: Solution | None, quotes: Sequence[Quote]
    ) -> tuple[Solution | None, Sequence[Quote]]:
        """The best solution nothing speaks against, and the quotes it was found in."""
        for _ in range(_MOST_REFUSALS):
            if solution is None or not self.worth(solution):
                return None, quotes
            objection = self._objection(solution, quotes)
            if objection is None:
                return solution, quotes
            if self._work > _MOST_WORK:
                break
            tries = [(self.solve(best_instruments(left)), left) for left in objection[1]]
            solution, quotes = max(tries, key=lambda each: each[0].guaranteed_return if each[0] else 0)
        self._given_up = True
        return None, quotes

    def _pure(self, quotes: Sequence[Quote]) -> Opportunity | None:
        """The best pure opportunity under one class of rules, which a better exposed one would hide."""
        classes: dict[str, list[Quote]] = defaultdict(list)
        for quote in quotes:
            if quote.venue.commission is not None:
                classes[rules_of(quote, self._market.listing.sport)].append(quote)
        found = []
        for together in classes.values():
            if self._work > _MOST_WORK:
                self._given_up = True
                break
            solution, _ = self._sound(self.solve(best_instruments(together)), together)
            if solution is not None:
                found.append(self._opportunity(solution, ()))
        pure = [each for each in found if each.verdict is Verdict.PURE]
        return max(pure, key=lambda each: each.guaranteed_return, default=None)

    def _objection(
        self, solution: Solution, quotes: Sequence[Quote]
    ) -> tuple[list[Reason], list[list[Quote]]] | None:
        """The reasons against a solution, its own legs' first, and the ways to go on with fewer quotes."""
        legs = [leg.quote for leg in solution.legs]
        own = {id(quote): self._doubts[id(quote)] for quote in legs if id(quote) in self._doubts}
        if own:
            others = [doubt for key, doubt in self._doubts.items() if key not in own]
            reasons = list(dict.fromkeys(reason for _, some in own.values() for reason in some))
            believed = [quote for quote in quotes if id(quote) not in self._doubts]
            return [*reasons, *_in_short(others, reasons)], [believed]
        if (sisters := sister_brands(legs)) is not None:
            reason, names = sisters
            kept = [
                [q for q in quotes if q.venue.name == name or q.venue.name not in names] for name in names
            ]
            return [reason], kept
        alone = one_desk(legs) or _too_good(solution)
        used = {id(quote) for quote in legs}
        return ([alone], [[quote for quote in quotes if id(quote) not in used]]) if alone else None

    def _deeper(self, solution: Solution) -> list[Instrument]:
        """Worse levels of the ladders whose best are the solution's legs, unless something speaks against them.

        The second level of each ladder comes first, then the third of each, and so on.
        """
        ladders = {_ladder(leg.quote): leg.quote for leg in solution.legs if leg.quote.size is not None}
        levels: dict[tuple[object, ...], list[Quote]] = {key: [] for key in ladders}
        for quote in self._market.quotes:
            key = _ladder(quote)
            if key in ladders and quote.rank < ladders[key].rank and id(quote) not in self._doubts:
                levels[key].append(quote)
        for ladder in levels.values():
            ladder.sort(key=lambda quote: -quote.rank)
        return [
            instrument_of(one) for step in zip_longest(*levels.values()) for one in step if one is not None
        ]

    def _opportunity(self, solution: Solution, against: Sequence[Reason]) -> Opportunity:
        market, terms = self._market, self._terms
        states = states_of(frozenset(leg.quote.claim for leg in solution.legs), market.contest, market.course)
        verdict, reasons = (
            (Verdict.REJECTED, tuple(against)) if against else judge(solution, states, market.listing.sport)
        )
        legs, plan = plan_with_depth(solution, self._deeper(solution), states, terms)
        shares = [*solution.shares, *[Fraction(0)] * (len(legs) - len(solution.legs))]
        return Opportunity(
            listing=market.listing,
            basis=market.basis,
            verdict=verdict,
            reasons=reasons,
            guaranteed_return=solution.guaranteed_return,
            legs=tuple(Leg(leg.quote, share) for leg, share in zip(legs, shares, strict=True)),
            plan=plan if isinstance(plan, Plan) else None,
            unplanned=plan if isinstance(plan, str) else None,
        )


def _ladder(quote: Quote) -> tuple[object, ...]:
    return quote.venue.id, quote.market_id, quote.claim, quote.side


def _too_good(solution: Solution) -> Reason | None:
    margin = solution.guaranteed_return - 1
    if margin <= MARGIN_CAP:
        return None
    percent = decimal_text(margin * 100, 1)
    return Reason("margin_cap", f"{percent} % is more than any market leaves lying about")


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

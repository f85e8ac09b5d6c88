"""An opportunity explained: what every leg pays in every state, what decides, and what would break it.

Everything is summed anew from odds and stakes, in fractions. Nothing is taken over from whoever found the opportunity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations, islice
from typing import Final

import msgspec

from crossbook.arbitrage.course import course_of
from crossbook.arbitrage.equations import solve
from crossbook.arbitrage.instrument import Instrument, instrument_of, shared_markets
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.regions import Region, regions_of
from crossbook.arbitrage.settled import settlement_of
from crossbook.arbitrage.solution import exact_solution
from crossbook.arbitrage.states import States, states_of
from crossbook.base.errors import BadData
from crossbook.model.claim import RACES
from crossbook.model.opportunity import FREE_BET, Leg, Opportunity
from crossbook.model.quote import Contest, Quote, Side
from crossbook.model.result import Score
from crossbook.model.settlement import Settlement

_BANK: Final = Fraction(100)
_STEP: Final = Fraction(1, 1000)
WORST_BACK: Final = 1 + _STEP
WORST_LAY: Final = Fraction(1000)
"""The furthest odds that are tried: where even these break nothing, any price will do."""
_MOST_SOLVED: Final = 300
"""Legs × states up to which prices are solved for anew."""
_MOST_STEPS: Final = 20_000
"""Tries × legs³, which is what all equations for state prices cost."""
_NOTHING: Final = Fraction(0)


class LegPays(msgspec.Struct, frozen=True):
    """What one leg does in one state: its settlement, and its net profit before commission."""

    settlement: Settlement
    net: Fraction


class StateLine(msgspec.Struct, frozen=True):
    """One state: where it is, what the legs do, the commission taken, the net profit, and the state's price.

    `price` is None where no state prices could be found.
    """

    region: Region
    legs: tuple[LegPays, ...]
    commission: Fraction
    net: Fraction
    price: Fraction | None


class Slip(msgspec.Struct, frozen=True):
    """How far one leg's price may move against us before the plan can lose, to a thousandth.

    The lowest odds of a back, the highest of a lay. `with_these` keeps all stakes as they are; `planned_anew` shares
    the bank out again. None where it loses as it stands, or where there is too much to solve.
    """

    with_these: Fraction | None
    planned_anew: Fraction | None


class VoidLoss(msgspec.Struct, frozen=True):
    """The worst net profit when the bets at one venue are void and all others stand."""

    venue: str
    legs: tuple[int, ...]
    worst: Fraction


class Explanation(msgspec.Struct, frozen=True):
    """All of it. Amounts are in the plan's money; without a plan, of a bank of 100 in exact shares (`planned` False).

    `guaranteed_return` is that of the legs' best shares, summed anew; None for a free bet, whose first leg risks
    nothing. `expected` is the plan's net profit under the state prices: what it is worth if the worst states are all
    that happens, each as often as the prices say. `assumed` says that runners who are not named were taken not to win.
    """

    legs: tuple[Leg, ...]
    amounts: tuple[Fraction, ...]
    risks: tuple[Fraction, ...]
    planned: bool
    states: tuple[StateLine, ...]
    worst: Fraction
    best: Fraction
    guaranteed_return: Fraction | None
    expected: Fraction | None
    slips: tuple[Slip, ...]
    voids: tuple[VoidLoss, ...]
    assumed: bool


def explained(opportunity: Opportunity, contests: Iterable[Contest] = ()) -> Explanation:
    """The explanation of an opportunity, from its legs and stakes alone; `contests` default to its listing's.

    Raises BadData where its legs are not decided together, or have too many states.
    """
    return _Explaining(opportunity, tuple(contests) or opportunity.listing.contests).explanation()


class _Explaining:
    """One opportunity with its states."""

    def __init__(self, opportunity: Opportunity, contests: Sequence[Contest]) -> None:
        self._opportunity = opportunity
        self._legs = [instrument_of(leg.quote) for leg in opportunity.legs]
        self._free = opportunity.kind == FREE_BET
        if opportunity.plan is not None:
            self._amounts = [stake.amount for stake in opportunity.plan.stakes]
        else:
            self._amounts = [_amount(leg.quote, leg.share * _BANK) for leg in opportunity.legs]
        self._states, self._assumed = _states(opportunity, contests)
        self._now = self._table([leg.quote for leg in self._legs])

    def explanation(self) -> Explanation:
        """All of it."""
        opportunity = self._opportunity
        table = self._now
        nets = [net for _, _, net in table]
        prices = None if self._free else _state_prices(self._legs, self._states)
        lines = tuple(
            StateLine(region, legs, commission, net, None if prices is None else prices[place])
            for place, (region, (legs, commission, net)) in enumerate(
                zip(regions_of(self._states), table, strict=True)
            )
        )
        lines = tuple(sorted(lines, key=_in_reading_order))
        expected = None
        if prices is not None:
            expected = sum((price * net for price, net in zip(prices, nets, strict=True)), _NOTHING)
        risks = [_risk(leg.quote, amount) for leg, amount in zip(self._legs, self._amounts, strict=True)]
        if self._free:
            risks[0] = _NOTHING
        return Explanation(
            legs=opportunity.legs,
            amounts=tuple(self._amounts),
            risks=tuple(risks),
            planned=opportunity.plan is not None,
            states=lines,
            worst=min(nets),
            best=max(nets),
            guaranteed_return=None if self._free else _best_return(self._legs, self._states),
            expected=expected,
            slips=tuple(self._slip(place, min(nets)) for place in range(len(self._legs))),
            voids=tuple(self._voids()),
            assumed=self._assumed,
        )

    def _table(
        self, quotes: Sequence[Quote], void: frozenset[int] = frozenset()
    ) -> list[tuple[tuple[LegPays, ...], Fraction, Fraction]]:
        """For each state the legs' settlements and nets, the commission of all markets, and the net profit."""
        legs = [instrument_of(quote) for quote in quotes]
        codes = [self._states.codes[self._states.place[quote.claim]].tolist() for quote in quotes]
        known = [
            {code: self._pays(place, quote, settlement_of(code), place in void) for code in set(row)}
            for place, (quote, row) in enumerate(zip(quotes, codes, strict=True))
        ]
        groups: dict[tuple[str, Fraction], list[int]] = {}
        for place, leg in enumerate(legs):
            groups.setdefault((leg.market, leg.commission), []).append(place)
        found = []
        for state in range(len(self._states.results)):
            pays = tuple(each[row[state]] for each, row in zip(known, codes, strict=True))
            commission = sum(
                (
                    rate * max(_NOTHING, sum((pays[place].net for place in places), _NOTHING))
                    for (_, rate), places in groups.items()
                ),
                _NOTHING,
            )
            found.append((pays, commission, sum((one.net for one in pays), _NOTHING) - commission))
        return found

    def _pays(self, place: int, quote: Quote, settlement: Settlement, void: bool) -> LegPays:
        if void:
            return LegPays(Settlement(_NOTHING, Fraction(1)), _NOTHING)
        won, refunded = settlement
        amount, lost = self._amounts[place], 1 - won - refunded
        if quote.side is Side.LAY:
            return LegPays(settlement, amount * (lost - won * (quote.odds - 1)))
        free = self._free and place == 0
        return LegPays(settlement, amount * (won * (quote.odds - 1) - (_NOTHING if free else lost)))

    def _worst(self, quotes: Sequence[Quote], void: frozenset[int] = frozenset()) -> Fraction:
        return min(net for _, _, net in self._table(quotes, void))

    def _voids(self) -> Iterable[VoidLoss]:
        """For each venue of several, all its bets void and the others settled."""
        quotes = [leg.quote for leg in self._legs]
        venues = list(dict.fromkeys(quote.venue.id for quote in quotes))
        for venue in venues if len(venues) > 1 else ():
            places = tuple(place for place, quote in enumerate(quotes) if quote.venue.id == venue)
            yield VoidLoss(venue, places, self._worst(quotes, frozenset(places)))

    def _rest(self, place: int) -> dict[int, Fraction] | None:
        """The least that all other legs net for each settlement of this one; None where it is taxed with others."""
        leg = self._legs[place]
        if any(place in places for places in shared_markets(self._legs).values()):
            return None
        codes = self._states.codes[self._states.place[leg.quote.claim]].tolist()
        least: dict[int, Fraction] = {}
        for code, (pays, _, net) in zip(codes, self._now, strict=True):
            others = net - _kept(pays[place].net, leg)
            least[code] = min(others, least.get(code, others))
        return least

    def _slip(self, place: int, worst: Fraction) -> Slip:
        quotes = [leg.quote for leg in self._legs]
        rest = self._rest(place)

        def moved(odds: Fraction) -> list[Quote]:
            return [
                msgspec.structs.replace(quote, odds=odds) if place == other else quote
                for other, quote in enumerate(quotes)
            ]

        def stands(odds: Fraction) -> bool:
            if rest is None:
                return self._worst(moved(odds)) >= 0
            quote = msgspec.structs.replace(quotes[place], odds=odds)
            return all(
                least + _kept(self._pays(place, quote, settlement_of(code), False).net, self._legs[place])
                >= 0
                for code, least in rest.items()
            )

        def plannable(odds: Fraction) -> bool:
            return _best_return([instrument_of(quote) for quote in moved(odds)], self._states) >= 1

        anew = None
        few = len(quotes) * len(self._states.results) <= _MOST_SOLVED
        if few and not self._free and plannable(quotes[place].odds):
            anew = _furthest(quotes[place], plannable)
        return Slip(_furthest(quotes[place], stands) if worst >= 0 else None, anew)


def _in_reading_order(line: StateLine) -> tuple[int, int]:
    """From the highest home win to the highest away win, and from few goals to many."""
    result = line.region.example
    return (result.away - result.home, result.home + result.away) if isinstance(result, Score) else (0, 0)


def _states(opportunity: Opportunity, contests: Sequence[Contest]) -> tuple[States, bool]:
    """The states of the legs' claims, and whether "none of these runners" was left out of them.

    An object that is read back does not say who else runs. If the legs would lose to somebody else although they
    are said to be an arbitrage, then they are all there is.
    """
    claims = frozenset(leg.quote.claim for leg in opportunity.legs)
    course = course_of(opportunity.listing)
    if len({course.space(claim.space) for claim in claims}) > 1:
        spaces = ", ".join(sorted({claim.space for claim in claims}))
        raise BadData(f"legs: they are not decided together ({spaces})")
    first = next(iter(claims))
    contest = next((one for one in contests if one.subject == first.subject), None)
    if first.kind not in RACES or contest is not None or opportunity.guaranteed_return <= 1:
        return states_of(claims, contest, course), False
    runners = tuple(sorted({claim.selection for claim in claims}))
    if len(runners) < 2:
        return states_of(claims, None, course), False
    alone = states_of(claims, None, course)
    if _best_return([instrument_of(leg.quote) for leg in opportunity.legs], alone) > 1:
        return alone, False
    return states_of(claims, Contest(first.subject, runners), course), True


def _best_return(legs: Sequence[Instrument], states: States) -> Fraction:
    """The guaranteed return of the legs' best shares."""
    _, shares = best_shares(Columns(legs, states))
    return exact_solution(legs, shares, states).guaranteed_return


def _state_prices(legs: Sequence[Instrument], states: States) -> list[Fraction] | None:
    """Prices of the states, adding up to one, under which every leg of the best shares is worth the same.

    They are the dual of the programme: no leg returns more than the guaranteed return R, and those with a share exactly
    R. None where several legs are taxed together or no such prices are found among the worst states.
    """
    if shared_markets(legs):
        return None
    _, shares = best_shares(Columns(legs, states))
    solution = exact_solution(legs, shares, states)
    every = [_taxed(leg, states) for leg in legs]
    used = [_taxed(leg, states) for leg in solution.legs]
    returns = [
        sum((share * row[state] for share, row in zip(solution.shares, used, strict=True)), _NOTHING)
        for state in range(len(states.results))
    ]
    binding = [state for state, one in enumerate(returns) if one == solution.guaranteed_return]
    # States that pay one leg in full come first: what ties them, such as dead heats, lies between them.
    binding.sort(key=lambda state: -max(row[state] for row in used))
    for chosen in islice(combinations(binding, len(used)), max(1, _MOST_STEPS // len(used) ** 3)):
        rows = [[*(row[state] for state in chosen), solution.guaranteed_return] for row in used[:-1]] + [
            [*[Fraction(1)] * len(chosen), Fraction(1)]
        ]
        found = solve(rows)
        if found is None or min(found) < 0:
            continue
        prices = [_NOTHING] * len(states.results)
        for state, price in zip(chosen, found, strict=True):
            prices[state] = price
        worth = [sum((p * one for p, one in zip(prices, row, strict=True)), _NOTHING) for row in every]
        if max(worth) <= solution.guaranteed_return:
            return prices
    return None


def _taxed(leg: Instrument, states: States) -> list[Fraction]:
    """The leg's return in each state, its commission taken."""
    codes = states.codes[states.place[leg.quote.claim]].tolist()
    returns = leg.returns(set(codes), taxed=True)
    return [returns[code] for code in codes]


def _furthest(quote: Quote, holds: Callable[[Fraction], bool]) -> Fraction:
    """The odds furthest against us, in thousandths, at which something that holds at the quote's still holds."""
    worst = WORST_LAY if quote.side is Side.LAY else WORST_BACK
    if holds(worst):
        return worst
    # In steps towards us from where it does not hold: from the worst odds to those that stand.
    breaks, towards_us = int(worst / _STEP), 1 if worst == WORST_BACK else -1
    steps = int(abs(quote.odds - worst) / _STEP) + 1
    first, last = 0, steps
    while last - first > 1:
        middle = (first + last) // 2
        if holds((breaks + towards_us * middle) * _STEP):
            last = middle
        else:
            first = middle
    return quote.odds if last == steps else (breaks + towards_us * last) * _STEP


def _kept(net: Fraction, leg: Instrument) -> Fraction:
    """The net profit of a leg that is taxed alone, after commission."""
    return net - leg.commission * net if net > 0 else net


def _amount(quote: Quote, risk: Fraction) -> Fraction:
    return risk / (quote.odds - 1) if quote.side is Side.LAY else risk


def _risk(quote: Quote, amount: Fraction) -> Fraction:
    return amount * (quote.odds - 1) if quote.side is Side.LAY else amount

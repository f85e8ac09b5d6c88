"""Middles: two bets at different lines that cost a little unless the count falls between them, and then both win.

Over L₁ and under L₂ with L₁ < L₂ (or the home side at a handicap and the away side at a lower one). With W₁, W₂ what a
unit gives back and S = 1/W₁ + 1/W₂, shares in proportion to 1/W return 1/S outside and 2/S between, where both lines
are halves; so the break-even chance of the gap is S − 1. Whole and quarter lines refund a part at the edges of the
gap. At large, with the least and the most that the two return over the states of their claims, the break-even chance
is (1 − least) / (most − least), and the chance is put on the same scale: (expected − least) / (most − least), which for
half lines is how likely the gap is.

S below one is an arbitrage, and is left to that search. Lines the other way round (a gap in which both lose) are never
put together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

import msgspec
import numpy as np

from crossbook.arbitrage.consensus import Method
from crossbook.arbitrage.instrument import Instrument, instrument_of, worst_and_best
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.settled import shares_of
from crossbook.arbitrage.solution import Solution, exact_solution
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.verdict import sister_brands
from crossbook.arbitrage.worth import (
    Estimated,
    estimate_of,
    estimated,
    legs_of,
    near_plan,
    net_odds,
    refunds,
    unstated,
)
from crossbook.base.exact import decimal_text, plain_text
from crossbook.model.claim import Kind
from crossbook.model.opportunity import MIDDLE, Estimate, Opportunity, Plan, Reason, Verdict
from crossbook.model.quote import Listing, Quote, Side

_UPPER: Final = frozenset({"over", "home"})
_KINDS: Final = frozenset({Kind.TOTAL, Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY, Kind.ASIAN_HANDICAP})


class _Gap(msgspec.Struct, frozen=True):
    upper: Quote
    lower: Quote
    expected: float


def middles(
    listing: Listing,
    quotes: Sequence[Quote],
    terms: Terms | None = None,
    method: Method | None = None,
    least_return: Fraction = Fraction(1),
) -> Iterator[Opportunity]:
    """Of every market with lines the middle with the greatest expected return, if that is above `least_return`.

    Prices that a screen refuses take no part, nor two brands of one desk together. The chance of the gap is that of
    the likelihood of scores where the event's prices say enough for one; else the difference of the two lines' own fair
    chances, for half lines. The verdict is estimated. The plan's `worst` is what it costs outside the gap.
    """
    for space in estimated(listing, quotes, method or Method()):
        ladders: dict[tuple[object, ...], dict[str, dict[Fraction, Quote]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        for quote in space.believed():
            claim = quote.claim
            if claim.kind in _KINDS and claim.line is not None and quote.side is Side.BACK:
                side = "upper" if claim.selection in _UPPER else "lower"
                lines = ladders[claim.kind, claim.period, claim.subject][side]
                known = lines.get(claim.line)
                if known is None or net_odds(quote) > net_odds(known):
                    lines[claim.line] = quote
        for ladder in ladders.values():
            gaps = [gap for gap in _gaps(ladder, space) if gap.expected > least_return]
            for gap in sorted(gaps, key=lambda one: -one.expected):
                found = _opportunity(space, gap, terms or Terms())
                if found is not None:
                    yield found
                    break


def _gaps(ladder: Mapping[str, Mapping[Fraction, Quote]], space: Estimated) -> Iterator[_Gap]:
    """Every pair of lines with room between them, with how likely that is and what a unit returns on average."""
    for low, upper in ladder["upper"].items():
        for high, lower in ladder["lower"].items():
            # The home side wins beyond minus its line, so for handicaps the higher line is the lower threshold.
            apart = low - high if upper.claim.kind is Kind.ASIAN_HANDICAP else high - low
            if apart <= 0 or sister_brands([upper, lower]) is not None:
                continue
            found = _looked_at(upper, lower, space)
            if found is not None:
                yield found


def _looked_at(upper: Quote, lower: Quote, space: Estimated) -> _Gap | None:
    first, second = float(net_odds(upper)), float(net_odds(lower))
    share = second / (first + second)
    likelihood = space.likelihood
    if likelihood is not None and likelihood.shares(upper.claim) is not None:
        expected = 0.0
        for quote, net, part in ((upper, first, share), (lower, second, 1 - share)):
            won, refunded = shares_of(likelihood.codes(quote.claim))
            expected += part * float((net * won + refunded) @ likelihood.chances)
        return _Gap(upper, lower, expected)
    over, under = space.consensus.chance(upper.claim), space.consensus.chance(lower.claim)
    if over is None or under is None or refunds(upper.claim) or refunds(lower.claim):
        return None
    expected = share * over.chance * first + (1 - share) * under.chance * second
    return _Gap(upper, lower, expected)


def _opportunity(space: Estimated, gap: _Gap, terms: Terms) -> Opportunity | None:
    """The middle as it is reported; None where it is an arbitrage, or one bet does better without the other."""
    market = space.market
    pair = [instrument_of(gap.upper), instrument_of(gap.lower)]
    states = states_of(frozenset(leg.quote.claim for leg in pair), market.contest, market.course)
    _, shares = best_shares(Columns(pair, states))
    solution: Solution = exact_solution(pair, shares, states)
    if len(solution.legs) != len(pair) or solution.guaranteed_return >= 1:
        return None
    worst, best = (1 + net for net in worst_and_best(solution.legs, solution.shares, states))
    plan = near_plan(solution.legs, solution.shares, states, terms)
    expected = _expected(solution.legs, solution.shares, space) or gap.expected
    cost, hope = decimal_text((1 - worst) * 100, 2), decimal_text((best - 1) * 100, 1)
    method = "likelihood of scores" if space.likelihood is not None else "fair chances of the two lines"
    return Opportunity(
        listing=market.listing,
        basis=market.basis,
        kind=MIDDLE,
        verdict=Verdict.ESTIMATED,
        reasons=(
            Reason("may_lose", f"it costs {cost} % unless {_gap_words(gap)}; then it gains up to {hope} %"),
            *unstated([gap.upper, gap.lower]),
        ),
        guaranteed_return=solution.guaranteed_return,
        legs=legs_of(solution),
        plan=plan if isinstance(plan, Plan) else None,
        unplanned=plan if isinstance(plan, str) else None,
        estimate=Estimate(
            method=f"{method}, {space.consensus.method.devig.value}, {space.consensus.method.choice.value}",
            expected_return=estimate_of(expected),
            chance=estimate_of((expected - float(worst)) / float(best - worst)),
            break_even=(1 - worst) / (best - worst),
        ),
    )


def _expected(legs: Sequence[Instrument], shares: Sequence[Fraction], space: Estimated) -> float | None:
    """What a unit returns on average over the likelihood of scores."""
    likelihood = space.likelihood
    if likelihood is None or likelihood.shares(legs[0].quote.claim) is None:
        return None
    total = np.zeros(len(likelihood.chances))
    for leg, share in zip(legs, shares, strict=True):
        won, refunded = shares_of(likelihood.codes(leg.quote.claim))
        total += float(share) * (float(net_odds(leg.quote)) * won + refunded)
    return float(total @ likelihood.chances)


def _gap_words(gap: _Gap) -> str:
    upper, lower = gap.upper.claim, gap.lower.claim
    first, second = plain_text(upper.line or Fraction(0)), plain_text(lower.line or Fraction(0))
    if upper.kind is Kind.ASIAN_HANDICAP:
        return f"both home {first} and away at {second} win"
    return f"the count falls between {first} and {second}"

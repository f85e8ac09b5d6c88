"""Made-up days of quotes on a few events, and a watch compared after every tick with solving all of it anew."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from fractions import Fraction

import msgspec
import numpy as np
from scipy.optimize import linprog

from crossbook.app.compiled import keep_compiled
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Quote, Side
from tests.arbitrage.worlds import (
    ALPHA,
    BRAVO,
    CARGO,
    EVERY_KIND,
    Floats,
    Scores,
    ah,
    back,
    best_guarantee,
    priced,
    random_claim,
    returns_on,
    settled,
    total,
)

keep_compiled()

from crossbook.arbitrage.sure import SurePlan  # noqa: E402
from crossbook.arbitrage.watching.watch import Watch  # noqa: E402

GRID = Scores(14)
HALVES = Scores(5, halves=True)
_NEAR = 1e-9
_VENUES = (ALPHA, BRAVO, CARGO)

Offers = dict[tuple[str, Claim, Side, str], Quote]


def most_without_loss(returns: Floats) -> float:
    """The greatest sum of profits over all states of a plan that loses in none, by scipy."""
    profits = returns - 1.0
    answer = linprog(
        -profits.sum(axis=1),
        A_ub=np.vstack([-profits.T, np.ones(len(profits))]),
        b_ub=np.concatenate([np.zeros(profits.shape[1]), [1.0]]),
        method="highs",
    )
    assert answer.fun is not None, answer.message
    return -float(answer.fun)


def check_plan(plan: SurePlan, standing: Iterable[Quote], scores: Scores) -> None:
    """The plan is made of offers that stand, its shares add up to one, and in every score it gives what it says."""
    legs = [leg.quote for leg in plan.solution.legs]
    there = {(quote.venue.id, quote.claim, quote.side, quote.odds) for quote in standing}
    offered = {(leg.venue.id, leg.claim, leg.side, leg.odds) for leg in legs}
    assert offered <= there, "a leg is not on offer"
    assert sum(plan.solution.shares) == 1
    assert all(share > 0 for share in plan.solution.shares)
    worst = _exact_worst(plan, scores)
    assert worst == plan.solution.guaranteed_return
    assert worst > 1 or (worst == 1 and plan.expected_return > 1)


def _exact_worst(plan: SurePlan, scores: Scores) -> Fraction:
    settlements = [settled(leg.quote.claim, scores) for leg in plan.solution.legs]
    table = np.unique(np.vstack([each for pair in settlements for each in pair]), axis=1)
    worst = None
    for column in table.T.tolist():
        value = Fraction(0)
        for place, (leg, share) in enumerate(zip(plan.solution.legs, plan.solution.shares, strict=True)):
            won, refunded = Fraction(column[2 * place]), Fraction(column[2 * place + 1])
            odds = leg.quote.odds
            if leg.quote.side is Side.LAY:
                won, odds = 1 - won - refunded, odds / (odds - 1)
            value += share * (odds * won + refunded)
        worst = value if worst is None else min(worst, value)
    assert worst is not None
    return worst


def check_event(plan: SurePlan | None, standing: list[Quote], scores: Scores) -> str:
    """Whether the answer is right; returns what it is."""
    if not standing:
        assert plan is None
        return "empty"
    returns = np.unique(returns_on(standing, scores), axis=1)
    value = best_guarantee(returns)
    if value > 1 + _NEAR:
        assert plan is not None, f"missed: {value}"
        assert abs(float(plan.solution.guaranteed_return) - value) < 1e-7
        check_plan(plan, standing, scores)
        return "arbitrage"
    if value < 1 - _NEAR:
        assert plan is None, f"made up: {value}"
        return "none"
    without = most_without_loss(returns)
    if without > 1e-7:
        assert plan is not None, f"missed: wins {without} and never loses"
        check_plan(plan, standing, scores)
        return "no loss"
    assert plan is None
    return "level"


def whole_lines(rng: random.Random) -> list[Quote]:
    """Both sides of whole lines at odds that meet at even money or just beyond it: pushes, and levels, everywhere."""
    line = rng.randint(-2, 2)
    odds = [Fraction(rng.choice((195, 200, 200, 205)), 100) for _ in range(4)]
    goals = rng.randint(1, 4)
    pairs = [ah("home", line), ah("away", line), total("over", goals), total("under", goals)]
    quotes = [back(rng.choice(_VENUES), one, price) for one, price in zip(pairs, odds, strict=True)]
    return [*quotes, back(ALPHA, pairs[0], 2, side=Side.LAY)] if rng.random() < 0.5 else quotes


def check_days(days: int, seed: int = 0, steps: int = 12) -> dict[str, int]:
    """Days of quotes on three events each; returns how often each kind of answer came."""
    rng = random.Random(seed)
    seen: dict[str, int] = {}
    for _ in range(days):
        halves = rng.random() < 0.1
        scores = HALVES if halves else GRID
        watch, offers = Watch(), Offers()
        answers: dict[str, SurePlan | None] = {}
        for step in range(steps):
            for event in ("one", "two", "three"):
                for quote in _news(rng, scores, halves):
                    dated = msgspec.structs.replace(quote, received=step)
                    watch.put(event, dated)
                    offers[event, dated.claim, dated.side, dated.venue.id] = dated
            for key in rng.sample(sorted(offers, key=str), min(len(offers), rng.randint(0, 4))):
                event, claim, side, venue = key
                watch.withdraw(event, venue, claim, side)
                del offers[key]
            if rng.random() < 0.2:
                watch.expire(step - 3)
                offers = {key: quote for key, quote in offers.items() if (quote.received or 0) >= step - 3}
            answers.update(watch.tick())
            for event in ("one", "two", "three"):
                standing = [quote for key, quote in offers.items() if key[0] == event]
                kind = check_event(answers.get(event), standing, scores)
                seen[kind] = seen.get(kind, 0) + 1
        assert not watch.refused
    return seen


def _news(rng: random.Random, scores: Scores, halves: bool) -> list[Quote]:
    if not halves and rng.random() < 0.3:
        return whole_lines(rng)
    periods = (Period.FULL_TIME, Period.FIRST_HALF) if halves else (Period.FULL_TIME,)
    kinds = (Kind.MATCH_RESULT, Kind.TOTAL, Kind.ASIAN_HANDICAP) if halves else EVERY_KIND
    limits = ((-2, 2), (0, 3)) if halves else ((-4, 4), (0, 6))
    claims = [random_claim(rng, kinds, *limits, rng.choice(periods)) for _ in range(rng.randint(0, 5))]
    return priced(rng, claims, scores)


if __name__ == "__main__":
    print(check_days(int(sys.argv[1]), int(sys.argv[2])))

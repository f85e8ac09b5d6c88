"""Compact checks: each fails, with a sentence, when the feature it is named after is broken.

The tests call them, and ``test_mutants.py`` calls them again with one thing broken on purpose.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from crossbook.arbitrage.instrument import best_instruments, instrument_of
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.solution import Solution, closed_form, exact_solution
from crossbook.arbitrage.stakes import plan_stakes
from crossbook.arbitrage.states import States, gross_returns, states_of
from crossbook.model.claim import Claim
from crossbook.model.opportunity import Opportunity, Plan
from crossbook.model.quote import Basis, Quote, Side
from crossbook.model.result import Score
from crossbook.model.venue import Venue, bookmaker
from tests.arbitrage.painted import instruments_of, legs_used
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    DRAW,
    FREE_EXCHANGE,
    HOME,
    TWO_PERCENT,
    Counts,
    Scores,
    ah,
    back,
    best_guarantee,
    best_on_scores,
    pair,
    priced,
    random_claim,
    returns_on,
    search,
    total,
)
from tests.oracles import settlement_reference
from tests.oracles.stake_search import Case, best_plan, naive_plan, random_case

_TOP = 12
SCORES = Scores(_TOP)


# ------------------------------------------------------------------ what quotes and stakes give, in plain sums


@lru_cache(maxsize=4096)
def _reference(one: Claim) -> list[settlement_reference.Settlement]:
    return [
        settlement_reference.settle(one.kind, one.selection, one.line, home, away)
        for home, away in product(range(_TOP + 1), repeat=2)
    ]


def nets(quotes: Sequence[Quote], risks: Sequence[Fraction]) -> Iterator[Fraction]:
    """The net profit of money at risk in every score, commission taken from each market's net winnings."""
    places = zip(*(_reference(quote.claim) for quote in quotes), strict=True)
    for joint in dict.fromkeys(places):
        winnings: dict[tuple[str, str, Fraction], Fraction] = defaultdict(Fraction)
        for quote, risk, (won, refunded) in zip(quotes, risks, joint, strict=True):
            lost = 1 - won - refunded
            gain = quote.odds - 1
            profit = won * gain - lost if quote.side is Side.BACK else lost / gain - won
            market = quote.market_id or quote.claim.market
            winnings[quote.venue.id, market, quote.venue.commission or Fraction(0)] += risk * profit
        yield sum(
            (sum_ - rate * max(sum_, Fraction(0)) for (*_, rate), sum_ in winnings.items()), Fraction(0)
        )


def least_of(solution: Solution, states: States) -> Fraction:
    """The least gross return of a solution's shares over every score, by the settlement reference."""
    assert states.results
    return 1 + min(nets([leg.quote for leg in solution.legs], solution.shares))


def check_sums(found: Opportunity) -> None:
    """An opportunity's return and plan are what its odds, shares and stakes say, and a step finer is none."""
    quotes = [leg.quote for leg in found.legs]
    shares = [leg.share for leg in found.legs]
    assert sum(shares) == 1
    assert min(shares) > 0
    assert found.guaranteed_return == 1 + min(nets(quotes, shares)), "the return is not what the shares give"
    if found.plan is None:
        assert found.unplanned
        return
    stakes = found.plan.stakes
    for quote, stake in zip(quotes, stakes, strict=True):
        assert stake.risk == (stake.amount if quote.side is Side.BACK else stake.amount * (quote.odds - 1))
        assert (stake.amount / (quote.step or quote.venue.step or found.plan.unit)).denominator == 1
    outcomes = list(nets(quotes, [stake.risk for stake in stakes]))
    assert (found.plan.worst, found.plan.best) == (min(outcomes), max(outcomes)), "worst or best is not so"
    assert found.plan.staked == sum(stake.risk for stake in stakes) <= found.plan.bank
    assert 0 < found.plan.worst <= found.plan.staked * (found.guaranteed_return - 1)


def solved(quotes: list[Quote]) -> tuple[Solution, States, float]:
    """The room's exact solution, its states, and scipy's value over every score."""
    states = states_of(frozenset(quote.claim for quote in quotes))
    instruments = [instrument_of(quote) for quote in quotes]
    _, shares = best_shares(Columns(instruments, states))
    groups: dict[tuple[str, str, Fraction], list[int]] = defaultdict(list)
    for place, quote in enumerate(quotes):
        if quote.venue.commission:
            groups[quote.venue.id, quote.market_id or quote.claim.market, quote.venue.commission].append(
                place
            )
    returns = np.unique(returns_on(quotes, SCORES), axis=1)
    taxed = [(float(rate), members) for (*_, rate), members in groups.items()]
    return exact_solution(instruments, shares, states), states, best_guarantee(returns, taxed)


# ------------------------------------------------------------------ states, returns, optima


def check_collapse_of_football(sets: int = 30, seed: int = 5) -> int:
    """Random claims near break-even: the optimum on collapsed states is that of the full grid. Counts arbitrages."""
    rng = random.Random(seed)
    scores = Scores(18)
    arbitrages = 0
    for _ in range(sets):
        quotes = priced(rng, [random_claim(rng) for _ in range(rng.randint(6, 16))], scores)
        states = states_of(frozenset(quote.claim for quote in quotes))
        profit, _ = best_shares(Columns([instrument_of(quote) for quote in quotes], states))
        expected = best_on_scores(quotes, scores)
        assert abs(1 + profit - expected) <= 1e-7, f"collapsed {1 + profit}, full grid {expected}"
        arbitrages += expected > 1
    return arbitrages


def gross_of(quote: Quote, states: States) -> tuple[Fraction, ...]:
    """What the quote returns per unit at risk in each state, exactly."""
    codes = states.codes[states.place[quote.claim]].tolist()
    returns = instrument_of(quote).returns(codes)
    return tuple(returns[code] for code in codes)


def check_sides_of_a_lay() -> None:
    """Returns in floats and in fractions are the reference's, for backs and lays."""
    rng = random.Random(9)
    for side in Side:
        for _ in range(25):
            one = random_claim(rng)
            quote = back(ALPHA, one, Fraction(rng.randint(110, 500), 100), side=side)
            states = states_of(frozenset([one]))
            exact = gross_of(quote, states)
            (row,) = gross_returns([quote], states)
            settle = settlement_reference.gross if side is Side.BACK else settlement_reference.lay_gross
            for place, result in enumerate(states.results):
                assert isinstance(result, Score)
                home, away = result.home, result.away
                expected = settle(one.kind, one.selection, one.line, quote.odds, home, away)
                assert exact[place] == expected, f"{side} {one} at {result}"
                assert abs(row[place] - float(expected)) < 1e-9


def check_exact_solutions(sets: int, seed: int = 4) -> tuple[int, int]:
    """Exact returns equal scipy's and the least of their own shares. Counts solutions with and without a vertex."""
    rng = random.Random(seed)
    vertices = others = 0
    for _ in range(sets):
        quotes = priced(rng, [random_claim(rng) for _ in range(rng.randint(2, 10))], SCORES)
        taxed = rng.random() < 0.4
        quotes = [
            back(
                rng.choice((FREE_EXCHANGE, TWO_PERCENT)) if taxed else quote.venue,
                quote.claim,
                quote.odds,
                side=quote.side,
                market_id=rng.choice(("", "m")),
            )
            for quote in quotes
        ]
        solution, states, value = solved(quotes)
        assert abs(float(solution.guaranteed_return) - value) <= 1e-9, (
            f"{float(solution.guaranteed_return)} {value}"
        )
        assert solution.guaranteed_return == least_of(solution, states)
        assert sum(solution.shares) == 1
        vertices += solution.vertex is not None
        others += solution.vertex is None
    return vertices, others


def check_commission() -> None:
    """Two per cent of an exchange's winnings turn a small arbitrage into none and make a large one smaller."""
    small = [back(TWO_PERCENT, BTTS_YES, "2.02"), back(ALPHA, BTTS_NO, 2)]
    assert search(small) == []
    (large,) = search([back(TWO_PERCENT, BTTS_YES, "2.2"), back(ALPHA, BTTS_NO, 2)])
    taxed = 1 + Fraction(12, 10) * Fraction(98, 100)
    assert large.guaranteed_return == 1 / (1 / taxed + Fraction(1, 2))
    check_sums(large)


def check_bases_stay_apart() -> None:
    """Over before the match and under at its start were never on offer together; each basis alone may have its own."""
    apart = [
        back(ALPHA, total("over", "2.5"), "2.1"),
        back(BRAVO, total("under", "2.5"), "2.1", basis=Basis.CLOSING),
    ]
    assert search(apart) == []
    later = [back(quote.venue, quote.claim, "2.2", basis=Basis.CLOSING) for quote in two_way("2.1", "2.1")]
    found = search([*two_way("2.1", "2.1"), *later])
    assert {(one.basis, one.guaranteed_return) for one in found} == {
        (Basis.PREMATCH, Fraction("1.05")),
        (Basis.CLOSING, Fraction("1.1")),
    }
    for one in found:
        assert {leg.quote.basis for leg in one.legs} == {one.basis}


def made_up_events(count: int, seed: int) -> Iterator[list[Quote]]:
    """Events whose quotes come near each other, some of them an arbitrage."""
    rng = random.Random(seed)
    for _ in range(count):
        claims = [HOME, DRAW, AWAY, *(random_claim(rng) for _ in range(rng.randint(0, 6)))]
        yield priced(rng, claims, SCORES)


def check_found_sums(count: int = 40, seed: int = 8) -> int:
    """Every opportunity of some events tells the truth about its return and its plan. Counts them."""
    found = [one for quotes in made_up_events(count, seed) for one in search(quotes)]
    for one in found:
        check_sums(one)
    return len(found)


# ------------------------------------------------------------------ whole stakes


def check_stakes_of_cases(count: int, seed: int) -> tuple[int, int, int]:
    """Plans for random cases have the worst case of the exhaustive search over the same legs.

    Returns how many have a plan, how many have none, and how many would do better on more legs than the optimum has.
    """
    rng = random.Random(seed)
    with_plan = without = more_legs = 0
    for number in range(count):
        case = random_case(rng)
        instruments, states = instruments_of(case)
        profit, shares = best_shares(Columns(instruments, states))
        whole = best_plan(case.legs, case.bank, case.states, case.groups)
        if profit <= 1e-9:
            assert whole is None, f"case {number}: a plan where the programme sees none"
            without += 1
            continue
        solution = closed_form(instruments, states) or exact_solution(instruments, shares, states)
        part = legs_used(case, instruments, solution.legs)
        expected = best_plan(part.legs, part.bank, part.states, part.groups)
        plan = plan_stakes(solution, states, case.bank, Fraction(1))
        check_plan_of_case(part, plan, expected, f"case {number} of seed {seed}")
        with_plan += expected is not None
        without += expected is None
        more_legs += (whole[1] if whole else Fraction(0)) > (expected[1] if expected else Fraction(0))
    return with_plan, without, more_legs


def check_plan_of_case(
    case: Case, plan: Plan | str, expected: tuple[tuple[int, ...], Fraction, Fraction] | None, name: str
) -> None:
    """The plan keeps every limit and does as well as the best there is."""
    if expected is None:
        assert isinstance(plan, str), f"{name}: a plan where there is none"
        return
    assert isinstance(plan, Plan), f"{name}: none ({plan}) where {expected} is one"
    assert plan.worst == expected[1], f"{name}: worst {plan.worst}, could be {expected[1]}"
    assert plan.staked <= case.bank
    for leg, stake in zip(case.legs, plan.stakes, strict=True):
        steps = stake.risk / leg.step
        assert steps.denominator == 1
        assert steps == 0 or max(leg.min_count, 1) <= steps <= leg.max_count


class Row(NamedTuple):
    """One row of the 1X2 baseline: its number, and the best odds with the books that give them."""

    number: int
    odds: tuple[Fraction, Fraction, Fraction]
    books: tuple[str, str, str]

    def quotes(self) -> list[Quote]:
        """The row's three best prices."""
        venues = [bookmaker(name, name) for name in self.books]
        return [
            back(venue, what, odds)
            for venue, what, odds in zip(venues, (HOME, DRAW, AWAY), self.odds, strict=True)
        ]


def baseline_rows(real_data: Path) -> list[Row]:
    """The pre-match rows of the 1X2 baseline."""
    with (real_data / "sports/arb_1x2_baseline.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["basis"] == "prematch"]
    return [
        Row(
            number,
            (Fraction(row["h_odds"]), Fraction(row["d_odds"]), Fraction(row["a_odds"])),
            (row["h_book"], row["d_book"], row["a_book"]),
        )
        for number, row in enumerate(rows)
    ]


def drawn_rows(count: int, seed: int = 6) -> list[Row]:
    """Made-up rows like those of the baseline: three odds whose inverses add up to a little below one."""
    rng = random.Random(seed)
    rows: list[Row] = []
    while len(rows) < count:
        odds = [Fraction(rng.randint(130, 900), 100) for _ in range(2)]
        left = 1 - sum(1 / one for one in odds) - Fraction(rng.randint(1, 40), 1000)
        if left > Fraction(1, 12):
            third = Fraction(int(100 / left) + 1, 100)
            rows.append(Row(len(rows), (odds[0], odds[1], third), ("a", "b", "c")))
    return rows


class ThreeWays:
    """Exhaustive search over all whole stakes on three disjoint legs, in 64-bit whole numbers."""

    def __init__(self, bank: int) -> None:
        first, second, third = np.meshgrid(*[np.arange(bank + 1)] * 3, indexing="ij")
        within = first + second + third <= bank
        self._counts: tuple[Counts, ...] = tuple(
            axis[within].astype(np.int64) for axis in (first, second, third)
        )
        self._staked = sum(self._counts[1:], self._counts[0])

    def best(self, odds: Sequence[Fraction]) -> Fraction | None:
        """The greatest worst case in units, None where no stakes profit in all three states."""
        scale = 10_000
        whole = [int(one * scale) for one in odds]
        assert [Fraction(one, scale) for one in whole] == list(odds)
        paid = [count * one for count, one in zip(self._counts, whole, strict=True)]
        worst = int((np.minimum(np.minimum(paid[0], paid[1]), paid[2]) - scale * self._staked).max())
        return Fraction(worst, scale) if worst > 0 else None


class Shares(NamedTuple):
    """Of how many rows the whole stakes profit in every state: ours, the naive ones, and the naive within the bank."""

    rows: int
    optimal: int
    naive: int
    naive_within_bank: int


def check_stakes_of_rows(rows: Sequence[Row], bank: int = 100) -> Shares:
    """Plans for three-way prices are the exhaustive search's; never worse than rounding the shares."""
    search_all = ThreeWays(bank)
    optimal = naive = within = 0
    for row in rows:
        quotes = row.quotes()
        states = states_of(frozenset(quote.claim for quote in quotes))
        solution = closed_form(best_instruments(quotes), states)
        assert solution is not None
        plan = plan_stakes(solution, states, Fraction(bank), Fraction(1))
        expected = search_all.best(row.odds)
        assert isinstance(plan, Plan) == (expected is not None), (
            f"row {row.number}: {plan}, best is {expected}"
        )
        if isinstance(plan, Plan):
            assert plan.worst == expected, f"row {row.number}: worst {plan.worst}, could be {expected}"
            resummed = resum(row.odds, [stake.amount for stake in plan.stakes])
            assert (plan.worst, plan.best) == (min(resummed), max(resummed)), f"row {row.number}: wrong sums"
            assert plan.staked == sum(stake.amount for stake in plan.stakes) <= bank
        rounded = naive_plan(solution.shares, Fraction(bank), Fraction(1))
        profits = min(resum(row.odds, [Fraction(count) for count in rounded])) > 0
        optimal += isinstance(plan, Plan)
        naive += profits
        within += profits and sum(rounded) <= bank
    return Shares(len(rows), optimal, naive, within)


def resum(odds: Sequence[Fraction], amounts: Sequence[Fraction]) -> list[Fraction]:
    """Net profits when the first, second, third leg wins and the other two lose."""
    staked = sum(amounts, Fraction(0))
    return [amount * one - staked for amount, one in zip(amounts, odds, strict=True)]


# ------------------------------------------------------------------ what a screen must catch, and what it must leave


class Scene(NamedTuple):
    """Quotes of one event; `refused` names the reason expected, None where nothing may be refused."""

    name: str
    quotes: list[Quote]
    refused: str | None


def check_scene(scene: Scene) -> None:
    """The screens refuse what they should for the reason they should, and leave alone what they should."""
    found = search(scene.quotes)
    assert found, f"{scene.name}: without screens there is an opportunity here"
    if scene.refused is None:
        assert [one.verdict.value for one in found] in (["pure"], ["rule_exposed"]), (
            f"{scene.name}: {found[-1].reasons}"
        )
        return
    last = found[-1]
    assert last.verdict.value == "rejected", f"{scene.name}: not refused"
    assert scene.refused in {reason.name for reason in last.reasons}, f"{scene.name}: {last.reasons}"


def sister(name: str, desk: Venue = ALPHA) -> Venue:
    """Another brand of the same desk."""
    return bookmaker(name.casefold(), name, desk.id)


def fair_books() -> list[Quote]:
    """Two desks' match results near each other, each above 100 %, together no arbitrage."""
    books = []
    for venue, odds in ((ALPHA, ("1.90", "3.60", "4.20")), (BRAVO, ("1.92", "3.55", "4.10"))):
        books += [back(venue, what, price) for what, price in zip((HOME, DRAW, AWAY), odds, strict=True)]
    return books


def two_way(over: str, under: str, line: str = "2.5") -> list[Quote]:
    """Over at one desk, under at another."""
    return [back(ALPHA, total("over", line), over), back(BRAVO, total("under", line), under)]


def handicaps(venue: Venue, line: str, home: str, away: str) -> list[Quote]:
    """Both sides of one handicap line."""
    return pair(venue, ah("home", line), home, ah("away", line), away)

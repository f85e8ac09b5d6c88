"""What one event may cost: honest boards are solved whole, and of the others it is said what was left out."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import highspy
import numpy as np
import pytest

from crossbook.arbitrage import decide, limits, program, settled
from crossbook.arbitrage.course import OPEN
from crossbook.arbitrage.decide import Market, Unsolved
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.instrument import best_instruments, instrument_of
from crossbook.arbitrage.limits import MOST_PAYOFFS, within_limits
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.model.quote import Basis, Contest, Quote
from crossbook.model.result import Result
from crossbook.model.settlement import Settlement, settle
from tests.arbitrage.boards import VENUES, honest, quarters, senseless, sides, with_halves
from tests.arbitrage.checks import check_sums
from tests.arbitrage.worlds import (
    TWO_PERCENT,
    Scores,
    back,
    best_guarantee,
    best_on_scores,
    claim,
    event,
    returns_on,
    total,
)

Patch = pytest.MonkeyPatch


def answers_of(quotes: list[Quote]) -> list[Opportunity | Unsolved]:
    return list(opportunities([(event(), quotes)], Terms()))


def market_of(quotes: list[Quote]) -> Market:
    return Market(event(), Basis.PREMATCH, quotes, None, OPEN)


def reasons_of(quotes: list[Quote]) -> list[str]:
    return [one.reason for one in within_limits(market_of(quotes)) if isinstance(one, Unsolved)]


def kept_of(quotes: list[Quote]) -> list[set[Claim]]:
    """The claims that are looked at, together with those they are looked at with."""
    looked = within_limits(market_of(quotes))
    return [
        {one.quote.claim for one in each.instruments} for each in looked if not isinstance(each, Unsolved)
    ]


# ------------------------------------------------------------------ honest boards are looked at whole


def test_sixty_totals_and_sixty_handicaps_of_ten_venues_are_solved() -> None:
    claims = sides(quarters("0.5", "15.25"), quarters("-7.5", "7.25"))
    assert len(claims) == 240
    quotes = honest(random.Random(5), claims)
    assert answers_of(quotes) == []
    over, under = total("over", "2.5"), total("under", "2.75")
    planted = [*quotes, back(VENUES[0], over, "2.3"), back(VENUES[1], under, "2.1")]
    found = answers_of(planted)
    best = found[0]
    assert isinstance(best, Opportunity)
    assert {leg.quote.claim for leg in best.legs} >= {over}
    assert not any(isinstance(one, Unsolved) for one in found)
    check_sums(best)
    assert float(best.guaranteed_return) <= best_on_scores(planted, Scores(30)) + 1e-9


def test_far_ladders_are_solved_whole() -> None:
    lines = [Fraction(2 * place + 1, 2) for place in range(200, 240)]
    claims = sides(lines, [line - 220 for line in lines])
    rng = random.Random(1)
    quotes = [back(venue, one, Fraction(rng.randint(110, 130), 100)) for venue in VENUES for one in claims]
    assert reasons_of(quotes) == []
    middle = [back(VENUES[0], total("over", "219.5"), "2.1"), back(VENUES[1], total("under", "219.5"), "2.1")]
    (found,) = answers_of([*quotes, *middle])
    assert isinstance(found, Opportunity)
    assert found.guaranteed_return == Fraction("1.05")


def test_the_first_half_and_the_whole_match_are_solved_together() -> None:
    quotes = honest(random.Random(2), [one for one in with_halves() if one.period is Period.FULL_TIME])
    halves = [back(VENUES[0], one, "1.5") for one in with_halves() if one.period is Period.FIRST_HALF]
    assert reasons_of([*quotes, *halves]) == []
    assert len(kept_of([*quotes, *halves])) == 1


def test_a_claim_is_settled_a_few_times_however_many_scores_there_are(monkeypatch: Patch) -> None:
    asked: Counter[Claim] = Counter()

    def counted(one: Claim, result: Result) -> Settlement:
        asked[one] += 1
        return settle(one, result)

    monkeypatch.setattr(settled, "settle", counted)
    claims = [
        *sides([Fraction(39, 2)], [Fraction(-77, 4)]),
        claim(Kind.CORRECT_SCORE, "3-19"),
        claim(Kind.EXACT_TOTAL, "4-17"),
    ]
    for one in claims:
        settled.SettledScores(np.array([(h, a) for h in range(30) for a in range(30)])).codes(one)
    assert set(asked) == set(claims)
    assert max(asked.values()) <= 9


# ------------------------------------------------------------------ of many states the solver is told few


@pytest.fixture
def rows(monkeypatch: Patch) -> list[int]:
    """How many rows the solver had each time it was asked."""
    asked: list[int] = []
    real = program.optimum

    def counted(model: highspy.Highs) -> None:
        asked.append(model.getNumRow())
        real(model)

    monkeypatch.setattr(program, "optimum", counted)
    return asked


@pytest.mark.parametrize("seed", range(4))
def test_few_states_give_the_optimum_of_all(seed: int, rows: list[int]) -> None:
    rng = random.Random(seed)
    quotes = senseless(rng, 24, 150, 260)
    instruments = best_instruments(quotes)
    states = states_of(frozenset(quote.claim for quote in quotes))
    profit, shares = best_shares(Columns(instruments, states))
    assert len(states.results) > 250
    assert max(rows) < 200
    returns = np.unique(returns_on([one.quote for one in instruments], Scores(60)), axis=1)
    assert 1 + profit == pytest.approx(best_guarantee(returns), abs=1e-7)
    assert float((shares @ returns).min()) == pytest.approx(1 + profit, abs=1e-7)


def test_few_states_give_the_optimum_of_all_with_taxed_markets(rows: list[int], monkeypatch: Patch) -> None:
    rng = random.Random(8)
    claims = sides(quarters("0.5", "6"), quarters("-5", "5"))
    quotes = [
        back(TWO_PERCENT, one, Fraction(rng.randint(150, 260), 100), market_id=one.market)
        if place % 3
        else back(VENUES[0], one, Fraction(rng.randint(140, 240), 100))
        for place, one in enumerate(claims)
        if rng.random() < 0.4
    ]
    states = states_of(frozenset(quote.claim for quote in quotes))
    columns = Columns([instrument_of(quote) for quote in quotes], states)
    assert len(columns.shared) == 2
    whole, _ = best_shares(columns)
    monkeypatch.setattr(program, "_FEW_STATES", 20)
    monkeypatch.setattr(program, "_FIRST_STATES", 10)
    monkeypatch.setattr(program, "_MORE_STATES", 5)
    few, _ = best_shares(columns)
    assert few == pytest.approx(whole, abs=1e-8)
    assert len(rows) > 3, "the programme is told of more states as it needs them"
    assert rows[1] < rows[0]


# ------------------------------------------------------------------ what is too much is left out and told


def test_the_lines_nearest_to_even_money_are_looked_at_and_the_others_told() -> None:
    quotes = senseless(random.Random(3), 100)
    (reason,) = reasons_of(quotes)
    assert reason.startswith("lines: ")
    assert " of 200 were looked at" in reason
    (kept,) = kept_of(quotes)
    states = states_of(frozenset(kept))
    assert 0.1 * MOST_PAYOFFS < len(kept) * len(states.results) <= MOST_PAYOFFS
    nearest: dict[tuple[Kind, object], float] = {}
    for quote in quotes:
        line = quote.claim.kind, quote.claim.line
        nearest[line] = min(nearest.get(line, 1.0), abs(1 / float(quote.odds) - 0.5))
    inside = {(one.kind, one.line) for one in kept}
    assert max(nearest[line] for line in inside) <= min(nearest[line] for line in nearest.keys() - inside)


def test_what_is_left_out_does_not_hang_on_the_order_of_quotes() -> None:
    rng = random.Random(4)
    quotes = senseless(rng, 90)
    expected = kept_of(quotes), reasons_of(quotes)
    for _ in range(3):
        rng.shuffle(quotes)
        assert (kept_of(quotes), reasons_of(quotes)) == expected


def test_what_is_near_even_money_is_found_beside_any_number_of_lines() -> None:
    far = [Fraction(2 * place + 1, 2) for place in range(20, 320)]
    quotes = [back(VENUES[0], one, "1.2") for one in sides(far, [-line for line in far])]
    quotes += [back(VENUES[1], total("over", "2.5"), "2.1"), back(VENUES[2], total("under", "2.5"), "2.1")]
    first, *found = answers_of(quotes)
    assert isinstance(first, Unsolved)
    assert any(isinstance(one, Opportunity) and one.guaranteed_return == Fraction("1.05") for one in found)


def test_many_correct_scores_are_bounded_too() -> None:
    names = [f"{home}-{away}" for home in range(40) for away in range(40)]
    quotes = [back(VENUES[0], claim(Kind.CORRECT_SCORE, name), 900) for name in names]
    (reason,) = reasons_of(quotes)
    assert " of 1600 were looked at" in reason


def test_periods_are_looked_at_apart_where_they_are_too_much_together() -> None:
    lines, margins = quarters("0.5", "15"), quarters("-9", "9")
    whole = sides(lines, margins)
    first = [claim(one.kind, one.selection, one.line, Period.FIRST_HALF) for one in whole]
    quotes = [back(VENUES[0], one, "1.2") for one in [*whole, *first]]
    assert [reason.partition(":")[0] for reason in reasons_of(quotes)] == ["period"]
    assert sorted(map(len, kept_of(quotes))) == [len(first), len(whole)]
    over, under = (claim(Kind.TOTAL, side, "1.5", Period.FIRST_HALF) for side in ("over", "under"))
    found = answers_of([*quotes, back(VENUES[1], over, "2.1"), back(VENUES[2], under, "2.1")])
    assert [one.guaranteed_return for one in found if isinstance(one, Opportunity)] == [Fraction("1.05")]


def test_far_scores_of_every_direction_are_bounded_too() -> None:
    rng = random.Random(2)
    names = [f"{rng.randint(0, 999)}-{rng.randint(0, 999)}" for _ in range(400)]
    quotes = [back(VENUES[0], claim(Kind.CORRECT_SCORE, name), 900) for name in names]
    (reason,) = reasons_of(quotes)
    assert reason.startswith("lines: ")
    assert len(kept_of(quotes)[0]) > 20
    assert [type(one) for one in answers_of(quotes)] == [Unsolved]


def test_a_half_by_itself_is_looked_at_without_the_other() -> None:
    """Ten handicaps and totals of the first half: no score of the second has to be looked at for them."""
    whole = sides(quarters("0.5", "30"), quarters("-20", "20"))
    for period in (Period.FIRST_HALF, Period.SECOND_HALF):
        half = [claim(one.kind, one.selection, one.line, period) for one in whole]
        assert reasons_of([back(VENUES[0], one, "1.2") for one in half]) == []
        over, under = (claim(Kind.TOTAL, side, "1.5", period) for side in ("over", "under"))
        quotes = [back(VENUES[0], one, "1.2") for one in half]
        (found,) = answers_of([*quotes, back(VENUES[1], over, "2.1"), back(VENUES[2], under, "2.1")])
        assert isinstance(found, Opportunity)
        assert found.guaranteed_return == Fraction("1.05")


def test_more_ways_to_finish_than_can_be_looked_at() -> None:
    names = tuple(f"r{number}" for number in range(150))
    quotes = [back(VENUES[0], claim(Kind.PLACE, name, subject="race"), 70) for name in names]
    listing = event(contests=(Contest("race", names, places=2),))
    (answer,) = opportunities([(listing, quotes)], Terms())
    assert isinstance(answer, Unsolved)
    assert answer.reason.startswith("runners: ")


# ------------------------------------------------------------------ and how often it may be searched again


@pytest.fixture
def work(monkeypatch: Patch) -> list[int]:
    """Instruments × states of every programme that is solved."""
    asked: list[int] = []

    class Counted(Columns):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]
            asked.append(self.profits.size)

    monkeypatch.setattr(decide, "Columns", Counted)
    return asked


@pytest.mark.parametrize("lines", [40, 100, 300])
def test_prices_that_mean_nothing_cost_no_more_than_the_budget(lines: int, work: list[int]) -> None:
    answers = answers_of(senseless(random.Random(3), lines, 150, 195))
    assert answers
    assert len(work) > 2, "prices that are refused are searched again without them"
    assert sum(work) <= decide._MOST_WORK + MOST_PAYOFFS


def test_a_spent_budget_is_told_beside_what_was_refused(monkeypatch: Patch) -> None:
    quotes = senseless(random.Random(3), 20)
    assert answers_of(quotes)[0].verdict is not Verdict.REJECTED  # type: ignore[union-attr]
    monkeypatch.setattr(decide, "_MOST_WORK", 0)
    (refused,) = answers_of(quotes)
    assert isinstance(refused, Opportunity)
    assert refused.verdict is Verdict.REJECTED
    assert refused.reasons[-1].name == "given_up"


def test_a_spent_budget_is_told_where_only_the_search_for_a_pure_one_was_cut(monkeypatch: Patch) -> None:
    """The best mixes an exchange's rules with a bookmaker's; under one set of rules there would be a pure one."""
    over, under = total("over", "2.5"), total("under", "2.5")
    quotes = [back(VENUES[0], over, "2.1"), back(VENUES[1], under, "2.1"), back(TWO_PERCENT, over, "2.2")]
    assert [one.verdict for one in answers_of(quotes) if isinstance(one, Opportunity)] == [
        Verdict.RULE_EXPOSED,
        Verdict.PURE,
    ]
    monkeypatch.setattr(decide, "_MOST_WORK", -1)
    exposed, told = answers_of(quotes)
    assert isinstance(exposed, Opportunity)
    assert isinstance(told, Unsolved)
    assert told.reason.startswith("given_up: ")


def test_equal_boards_give_equal_answers() -> None:
    answers = [answers_of(senseless(random.Random(6), 60)) for _ in range(2)]
    assert answers[0] == answers[1]


def test_boards_that_are_few_are_not_weighed() -> None:
    quotes = [back(VENUES[0], total(side, "2.5"), "1.9") for side in ("over", "under")]
    (looked,) = within_limits(market_of(quotes))
    assert isinstance(looked, limits.Looked)
    assert [one.quote for one in looked.instruments] == quotes

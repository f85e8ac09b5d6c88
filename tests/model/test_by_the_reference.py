"""Every kind of market settles as the independent references do, and as the published worked settlements say."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from random import Random
from typing import Final

import pytest

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period, parse_kind
from crossbook.model.result import Race, Resolution, Result, Score, Sets, Void
from crossbook.model.settlement import Settlement, settle
from tests.oracles import race_reference, sets_reference, settlement_reference
from tests.oracles.worked_settlements import Worked, all_worked

HALF: Final = Fraction(1, 2)
LEVELS: Final = ("home", "draw", "away")
QUARTERS: Final = tuple(Fraction(quarter, 4) for quarter in range(-14, 15))
COUNTS: Final = tuple(Fraction(quarter, 4) for quarter in range(2, 20))
LINED: Final = {
    "asian_handicap": (("home", "away"), QUARTERS),
    "european_handicap": (LEVELS, tuple(Fraction(line) for line in range(-3, 4) if line)),
    "total": (("over", "under"), COUNTS),
    "team_total_home": (("over", "under"), COUNTS),
    "team_total_away": (("over", "under"), COUNTS),
}
PLAIN: Final = {
    "1x2": LEVELS,
    "double_chance": ("home_draw", "home_away", "draw_away"),
    "draw_no_bet": ("home", "away"),
    "moneyline": ("home", "away"),
    "btts": ("yes", "no"),
    "odd_even": ("odd", "even"),
    "win_to_nil": ("home", "away"),
    "correct_score": tuple(f"{home}-{away}" for home, away in product(range(4), repeat=2)),
    "exact_total": ("0", "3", "2-3", "4-6", "5+"),
}
OF_SETS: Final = ("moneyline", "asian_handicap", "total", "team_total_home", "odd_even", "correct_score")


def bets(*kinds: str) -> Iterator[tuple[str, str, Fraction | None]]:
    for kind in kinds or (*LINED, *PLAIN):
        if kind in LINED:
            selections, lines = LINED[kind]
            yield from ((kind, selection, line) for selection, line in product(selections, lines))
        else:
            yield from ((kind, selection, None) for selection in PLAIN[kind])


def scores() -> Iterator[settlement_reference.Score]:
    """Scores with their halves, and with every way in which a level one was decided."""
    for home, away in product(range(5), repeat=2):
        for half_home, half_away in product(range(home + 1), range(away + 1)):
            if home != away:
                yield settlement_reference.Score(home, away, half_home, half_away, home, away, "home")
                continue
            for more in ((0, 0), (1, 0), (1, 2)):
                for through in ("home", "away"):
                    final = home + more[0], away + more[1]
                    yield settlement_reference.Score(home, away, half_home, half_away, *final, through)


def ours(theirs: settlement_reference.Score) -> Score:
    return Score(
        theirs.home,
        theirs.away,
        theirs.half_home,
        theirs.half_away,
        theirs.final_home,
        theirs.final_away,
        theirs.qualified,
    )


@pytest.mark.parametrize("period", ["ft", "1h", "2h", "ot"])
def test_every_bet_on_a_score(period: str) -> None:
    looked = 0
    every = list(scores())
    for kind, selection, line in bets():
        claim = Claim.of(Kind(kind), selection, line, Period(period))
        for score in every:
            expected = settlement_reference.settle_score(kind, selection, line, period, score)
            assert settle(claim, ours(score)) == expected, (claim, score)
            looked += 1
    assert looked > 20_000


def test_half_time_with_full_time_and_who_goes_through() -> None:
    for score in scores():
        for selection in (f"{first}/{last}" for first, last in product(LEVELS, repeat=2)):
            expected = settlement_reference.settle_score("ht_ft", selection, None, "ft", score)
            assert settle(Claim.of(Kind("ht_ft"), selection), ours(score)) == expected, (selection, score)
        for selection in ("home", "away"):
            expected = settlement_reference.settle_score("to_qualify", selection, None, "ft", score)
            assert settle(Claim.of(Kind("to_qualify"), selection), ours(score)) == expected, (
                selection,
                score,
            )


def matches(number: int, best_of: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """Whole matches of sets, at random."""
    random = Random(best_of)
    ends = [(6, games) for games in range(5)] + [(7, 5), (7, 6)]
    for _ in range(number):
        sets: list[tuple[int, int]] = []
        while max(sets_reference.sets_won(tuple(sets))) <= best_of // 2:
            won, lost = random.choice(ends)
            sets.append((won, lost) if random.random() < HALF else (lost, won))
        yield tuple(sets)


@pytest.mark.parametrize("best_of", [3, 5])
@pytest.mark.parametrize("subject", ["sets", "games"])
def test_every_bet_on_sets_and_games(best_of: int, subject: str) -> None:
    halves = [line for line in QUARTERS if line.denominator <= 2]
    counts = [Fraction(count, 2) for count in range(3, 60)]
    periods = ["ft", *(f"s{number}" for number in range(1, best_of + 1))]
    some = list(matches(60, best_of))
    for kind, period in product(OF_SETS, periods):
        if subject == "sets" and period != "ft":
            continue
        selections = ("over", "under") if "total" in kind else PLAIN.get(kind, ("home", "away"))
        lines: list[Fraction | None] = [None]
        if kind in LINED:
            lines = [*(halves if kind == "asian_handicap" else counts)]
        for selection, line, sets in product(selections, lines, some):
            expected = sets_reference.settle_sets(
                kind, selection, line, period, subject, sets_reference.Sets(sets, best_of)
            )
            claim = Claim.of(Kind(kind), selection, line, Period(period), subject)
            assert settle(claim, Sets(sets, best_of)) == expected, (claim, sets)


def test_a_retired_match_needs_the_venues_rule() -> None:
    with pytest.raises(BadData, match="retired"):
        settle(Claim.of(Kind.MONEYLINE, "home", subject="sets"), Sets(((6, 4), (2, 1)), 3, "away"))


def test_every_bet_on_a_race() -> None:
    random, runners = Random(9), "ABCDEFG"
    for _ in range(400):
        field = random.sample(runners, len(runners))
        out = frozenset(field[: random.randrange(3)])
        ranks: list[tuple[str, ...]] = []
        running = [each for each in field if each not in out]
        while running:
            size = random.choice((1, 1, 1, 2, 3))
            ranks.append(tuple(running[:size]))
            running = running[size:]
        reduction = Fraction(random.randrange(0, 10), 10) if out else Fraction(0)
        theirs = race_reference.Race(tuple(ranks), tuple(out), reduction)
        race = Race(tuple(map(frozenset, ranks)), out, reduction)
        for runner in runners:
            wins = race_reference.settle_race("winner", runner, None, None, theirs)
            assert settle(Claim.of(Kind.WINNER, runner, subject="the race"), race) == wins
            for places in (1, 2, 3, 4):
                place = race_reference.settle_race("place", runner, None, places, theirs)
                assert settle(Claim.of(Kind.PLACE, runner, subject="the race", places=places), race) == place
                for part in (Fraction(1, 4), Fraction(1, 5), Fraction(1)):
                    both = race_reference.settle_race("each_way", runner, part, places, theirs)
                    claim = Claim.of(Kind.EACH_WAY, runner, part, subject="the race", places=places)
                    assert settle(claim, race) == both, (claim, theirs)


def plainly(case: Worked) -> bool:
    """Whether a claim alone settles the case: the event ran its course, and no rule of the venue's own is asked."""
    retired = isinstance(case.result, sets_reference.Sets) and case.result.retired is not None
    of_the_venue = {"reduction_on", "withdrawn"} & case.rules.keys()
    return case.scenario is None and not retired and not of_the_venue


def result_of(case: Worked) -> Result:
    match case.result:
        case settlement_reference.Score() as score:
            return ours(score)
        case sets_reference.Sets() as sets:
            return Sets(sets.sets, sets.best_of)
        case race_reference.Race() as race:
            return Race(tuple(map(frozenset, race.ranks)), frozenset(race.withdrawn), race.reduction)
        case race_reference.Resolution() as resolution:
            return Resolution(resolution.numerator, resolution.denominator)
        case race_reference.Void() as void:
            return Void(void.reason)


def settled(case: Worked) -> Settlement:
    """What we pay; the NO of a contract is its lay, which is paid what the YES is not."""
    kind, _ = parse_kind(case.kind)
    of_runners = kind in (Kind.WINNER, Kind.PLACE, Kind.EACH_WAY)
    claim = Claim.of(
        kind,
        "yes" if case.family == "contract" else case.selection,
        case.line,
        Period(case.period),
        "the race" if of_runners else case.subject,
        places=(case.places or 0) if kind is not Kind.WINNER and of_runners else 0,
    )
    paid = settle(claim, result_of(case))
    if case.selection == "no" and case.family == "contract":
        return Settlement(1 - paid.won - paid.refunded, paid.refunded)
    return paid


@pytest.mark.parametrize("case", [each for each in all_worked() if plainly(each)], ids=lambda case: case.id)
def test_worked_settlements(case: Worked) -> None:
    assert settled(case) == (case.won, case.refunded), case.rule


def test_most_of_the_worked_settlements_are_looked_at() -> None:
    assert sum(map(plainly, all_worked())) > 350

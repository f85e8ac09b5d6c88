"""The oracle of completeness judged: hand-worked optima, exact arithmetic, and a plain solver over every quote."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Quote, Side
from tests.oracles import settlement_reference as reference
from tests.oracles.always_solve import Board, best_guarantee, fraction_of, pays
from tests.oracles.always_solve_exact import maximise, pivoted, proposed_vertex, solve_square
from tests.oracles.always_solve_states import Grid, grid_for, scores, settled, shares
from tests.oracles.event_worlds import BOOKMAKERS, random_quotes
from tests.oracles.event_worlds_menu import MENU

F = Fraction
BACK, LAY = Side.BACK, Side.LAY


def quote(
    kind: Kind,
    selection: str,
    odds: str | Fraction,
    line: str | None = None,
    side: Side = BACK,
    period: Period = Period.FULL_TIME,
) -> Quote:
    claim = Claim.of(kind, selection, None if line is None else F(line), period)
    return Quote(BOOKMAKERS[0], claim, side, F(odds))


def total(selection: str, line: str, odds: str | Fraction, side: Side = BACK) -> Quote:
    return quote(Kind.TOTAL, selection, odds, line, side)


def result(selection: str, odds: str | Fraction, side: Side = BACK) -> Quote:
    return quote(Kind.MATCH_RESULT, selection, odds, side=side)


# What is quoted; the best guaranteed return, worked by hand; whether there is a plan.
WORKED: list[tuple[str, list[Quote], Fraction, bool]] = [
    (
        "two sides of a half line",
        [total("over", "5/2", "2.1"), total("under", "5/2", "2.1")],
        F("1.05"),
        True,
    ),
    (
        "the refund is all a whole line guarantees",
        [total("over", "3", "2.1"), total("under", "3", "2.1")],
        F(1),
        True,
    ),
    ("fair to the last digit", [total("over", "5/2", "1.5"), total("under", "5/2", "3")], F(1), False),
    ("fair with a refund", [total("over", "3", "2"), total("under", "3", "2")], F(1), False),
    ("thirds", [result("home", "3"), result("draw", "3"), result("away", "3")], F(1), False),
    ("one state uncovered", [result("home", "30"), result("draw", "30")], F(0), False),
    ("two lines with a middle", [total("over", "3/2", "2"), total("under", "7/2", "2")], F(1), True),
    (
        # Shares a, b, c pay 2.2 a when home wins, a/2 + b + 8 c at a draw and 2.2 b when away wins: all are equal at
        # a = b = 80/167, c = 7/167.
        "a quarter line and the draw",
        [
            quote(Kind.ASIAN_HANDICAP, "home", "2.2", "-1/4"),
            quote(Kind.DRAW_NO_BET, "away", "2.2"),
            result("draw", "8"),
        ],
        F(176, 167),
        True,
    ),
    ("a lay is the other side", [result("home", "2.2"), result("home", "2", LAY)], F(22, 21), True),
    ("back and lay at one price", [result("home", "2"), result("home", "2", LAY)], F(1), False),
    (
        # Laying all three at o pays 1 + 1/(o − 1) twice over a third each: (2/3) · o/(o − 1), at o = 3 exactly one.
        "three lays",
        [result("home", "3", LAY), result("draw", "3", LAY), result("away", "3", LAY)],
        F(1),
        False,
    ),
    (
        "halves and whole",
        [
            quote(Kind.TOTAL, "over", "3.2", "1/2", period=Period.FIRST_HALF),
            quote(Kind.TOTAL, "over", "3.2", "1/2", period=Period.SECOND_HALF),
            total("under", "1/2", "3.2"),
        ],
        F("3.2") / 3,
        True,
    ),
    (
        "double chance and what it leaves out",
        [quote(Kind.DOUBLE_CHANCE, "home_draw", "1.6"), result("away", "3")],
        F("4.8") / F("4.6"),
        True,
    ),
]


@pytest.mark.parametrize(("name", "quotes", "value", "there_is"), WORKED, ids=[row[0] for row in WORKED])
def test_optima_worked_by_hand(name: str, quotes: list[Quote], value: Fraction, there_is: bool) -> None:
    found = best_guarantee(quotes)
    assert found.value == pytest.approx(float(value), abs=1e-12)
    assert found.there_is is there_is
    if value == 1:
        assert found.exact == 1
    paid = pays(found.legs)
    assert paid.min() == pytest.approx(float(value), abs=1e-12)
    if value >= 1:
        assert bool(paid.max() > 1 + 1e-9) is there_is


@pytest.mark.parametrize("power", [6, 9, 12, 15, 30])
def test_the_edge_is_decided_exactly(power: int) -> None:
    part = F(1, 10**power)
    thirds = [result("home", "3"), result("draw", "3")]
    assert best_guarantee([*thirds, result("away", 3 + part)]).there_is
    assert not best_guarantee([*thirds, result("away", 3 - part)]).there_is
    assert best_guarantee([total("over", "3", "2"), total("under", "3", 2 + part)]).there_is
    assert not best_guarantee([total("over", "3", "2"), total("under", "3", 2 - part)]).there_is


def test_nothing_quoted_is_nothing() -> None:
    assert best_guarantee([]).there_is is False
    with pytest.raises(ValueError, match="odds"):
        best_guarantee([result("home", "1", LAY), result("home", "2")])


def test_returns_are_those_of_the_reference() -> None:
    for kind, selection, line, home, away, _, _, _ in reference.WORKED:
        if kind == "asian_total":
            continue
        claim = Claim.of(Kind(kind), selection, line)
        halves = settled(claim, home, away)
        for odds in (F("1.37"), F(3)):
            numerators, denominator = fraction_of(Quote(BOOKMAKERS[0], claim, BACK, odds))
            paid = reference.gross(kind, selection, line, odds, home, away)
            assert F(numerators[halves], denominator) == paid
            numerators, denominator = fraction_of(Quote(BOOKMAKERS[0], claim, LAY, odds))
            paid = reference.lay_gross(kind, selection, line, odds, home, away)
            assert F(numerators[halves], denominator) == paid


def test_floats_and_fractions_of_a_board_agree() -> None:
    board = Board(random_quotes(random.Random(3), 8))
    returns = board.returns()
    for state, column in product(range(board.height), range(len(board.offers))):
        exact = F(board.numerator(state, column), board.denominators[column])
        assert returns[state, column] == pytest.approx(float(exact), rel=1e-12)
    alone = board.offers[0]
    assert {round(value, 9) for value in pays([(alone, 1.0)])} == {round(value, 9) for value in returns[:, 0]}


def over_everything(quotes: Sequence[Quote], grid: Grid) -> float:
    """The best guaranteed return by another solver, over every quote and every state, none put together."""
    matrix = np.stack([pays([(each, 1.0)], grid) for each in quotes], axis=1)
    height, width = matrix.shape
    found = linprog(
        np.append(np.zeros(width), -1.0),
        A_ub=np.hstack([-matrix, np.ones((height, 1))]),
        b_ub=np.zeros(height),
        A_eq=np.append(np.ones(width), 0.0)[None, :],
        b_eq=[1.0],
        method="highs",
    )
    assert found.fun is not None
    return -float(found.fun)


@pytest.mark.parametrize("seed", range(12))
def test_worse_prices_and_equal_states_change_nothing(seed: int) -> None:
    every = random_quotes(random.Random(seed), 7)
    quotes = [each for each in every if each.claim.period is Period.FULL_TIME] or [total("over", "5/2", "2")]
    grid = grid_for(each.claim for each in quotes)
    assert best_guarantee(quotes).value == pytest.approx(over_everything(quotes, grid), abs=1e-8)


@pytest.mark.parametrize("seed", range(12))
def test_greater_scores_say_nothing_new(seed: int) -> None:
    quotes = random_quotes(random.Random(f"greater/{seed}"), 7)
    grid = grid_for(each.claim for each in quotes)
    larger = Grid(grid.top + (2 if grid.halves else 4), grid.halves)
    small, large = ({row.tobytes() for row in Board(quotes, each).states} for each in (grid, larger))
    assert small == large


def test_the_whole_menu_fits_its_grid() -> None:
    claims = [claim for claim in MENU if claim.period is Period.FULL_TIME][::3]
    grid = grid_for(claims)
    assert not grid.halves

    def rows(top: int) -> set[bytes]:
        columns = [column for claim in claims for column in shares(claim, Grid(top, False))]
        return {row.tobytes() for row in np.stack(columns, axis=1)}

    assert rows(grid.top) == rows(grid.top + 4)


def test_a_grid_with_halves_holds_every_way_to_get_there() -> None:
    states = scores(Grid(3, True))
    assert len(states) == len(set(states)) == 100
    assert all(half_home <= home and half_away <= away for half_home, half_away, home, away in states)
    claim = Claim.of(Kind.TOTAL, "over", F(3, 2), Period.SECOND_HALF)
    won, refunded = shares(claim, Grid(3, True))
    assert not refunded.any()
    assert [bool(value) for value in won] == [home + away - one - two >= 2 for one, two, home, away in states]


@given(st.integers(0, 10**9))
def test_square_systems(seed: int) -> None:
    rng = random.Random(seed)
    size = rng.randint(1, 6)
    square = [[rng.choice((0, 0, rng.randint(-9, 9))) for _ in range(size)] for _ in range(size)]
    right = [rng.randint(-9, 9) for _ in range(size)]
    solved = solve_square(square, right)
    if solved is None:
        assert abs(np.linalg.det(np.array(square, dtype=float))) < 1e-6
    else:
        for line, value in zip(square, right, strict=True):
            assert sum(have * part for have, part in zip(line, solved, strict=True)) == value


@given(st.integers(0, 10**9))
def test_programmes_are_solved_with_their_proof(seed: int) -> None:
    rng = random.Random(seed)
    width, height = rng.randint(1, 6), rng.randint(1, 6)
    big = rng.choice((1, 1, 10**20))
    rows = [
        [rng.randint(-3, 9) * (big if column == 0 else 1) for column in range(width)] for _ in range(height)
    ]
    rows.append([1] * width)
    limits = [rng.choice((0, rng.randint(0, 9))) for _ in range(height)] + [rng.randint(1, 9)]
    objective = [rng.randint(-5, 9) for _ in range(width)]
    slow = pivoted(objective, rows, limits)
    for found in (slow, proposed_vertex(objective, rows, limits) or slow, maximise(objective, rows, limits)):
        assert min(found.variables + found.duals) >= 0
        for row, limit in zip(rows, limits, strict=True):
            assert sum(have * part for have, part in zip(row, found.variables, strict=True)) <= limit
        for column, worth in enumerate(objective):
            assert sum(row[column] * price for row, price in zip(rows, found.duals, strict=True)) >= worth
        assert found.value == sum(a * b for a, b in zip(objective, found.variables, strict=True))
        assert found.value == sum(a * b for a, b in zip(limits, found.duals, strict=True))


def test_programmes_without_an_end_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing limits"):
        pivoted([1], [[-1]], [1])
    with pytest.raises(ValueError, match="below zero"):
        maximise([1], [[1]], [-1])

"""The exchange's ladder: its 350 ticks, finding the nearest, and moving along it."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.ladder import TICKS, is_tick, move, tick_at_or_above, tick_at_or_below

F = Fraction
LOWEST, HIGHEST = F("1.01"), F(1000)

RANGES = [  # from, to, step, ticks above `from` up to `to`: the exchange's published price increments
    ("1.01", "2", "0.01", 99),
    ("2", "3", "0.02", 50),
    ("3", "4", "0.05", 20),
    ("4", "6", "0.1", 20),
    ("6", "10", "0.2", 20),
    ("10", "20", "0.5", 20),
    ("20", "30", "1", 10),
    ("30", "50", "2", 10),
    ("50", "100", "5", 10),
    ("100", "1000", "10", 90),
]

ticks = st.sampled_from(TICKS)
inside = st.fractions(LOWEST, HIGHEST, max_denominator=1_000)


def test_all_of_it() -> None:
    assert len(TICKS) == len(set(TICKS)) == 350
    assert (TICKS[0], TICKS[-1]) == (LOWEST, HIGHEST)
    assert list(TICKS) == sorted(TICKS)
    assert sum(count for *_, count in RANGES) + 1 == 350


@pytest.mark.parametrize(("low", "high", "step", "count"), RANGES)
def test_steps_of_each_range(low: str, high: str, step: str, count: int) -> None:
    found = [tick for tick in TICKS if F(low) <= tick <= F(high)]
    assert len(found) == count + 1
    assert {after - before for before, after in pairwise(found)} == {F(step)}


@pytest.mark.parametrize(
    "odds", ["1.01", "1.99", "2", "2.02", "3.05", "4.1", "6.2", "10.5", "21", "32", "55", "110", "1000"]
)
def test_ticks(odds: str) -> None:
    price = F(odds)
    assert is_tick(price)
    assert tick_at_or_below(price) == tick_at_or_above(price) == price


@pytest.mark.parametrize(
    ("odds", "below", "above"),
    [
        ("1.015", "1.01", "1.02"),
        ("2.01", "2", "2.02"),
        ("2.999", "2.98", "3"),
        ("3.01", "3", "3.05"),
        ("4.05", "4", "4.1"),
        ("6.1", "6", "6.2"),
        ("10.2", "10", "10.5"),
        ("20.5", "20", "21"),
        ("31", "30", "32"),
        ("52", "50", "55"),
        ("105", "100", "110"),
        ("999.99", "990", "1000"),
    ],
)
def test_between_ticks(odds: str, below: str, above: str) -> None:
    assert not is_tick(F(odds))
    assert tick_at_or_below(F(odds)) == F(below)
    assert tick_at_or_above(F(odds)) == F(above)


def test_beyond_the_ends() -> None:
    assert tick_at_or_above(F(1)) == tick_at_or_above(F(-5)) == LOWEST
    assert tick_at_or_below(F(10**9)) == HIGHEST
    for odds in (F(1), F("1.0099"), F(0), F(-5)):
        assert not is_tick(odds)
        with pytest.raises(BadData, match=r"^odds: .* is below the ladder$"):
            tick_at_or_below(odds)
    for odds in (F("1000.01"), F(1010)):
        assert not is_tick(odds)
        with pytest.raises(BadData, match=r"^odds: .* is above the ladder$"):
            tick_at_or_above(odds)


@given(inside)
def test_the_two_neighbours_enclose_the_price(odds: Fraction) -> None:
    below, above = tick_at_or_below(odds), tick_at_or_above(odds)
    assert below <= odds <= above
    assert is_tick(below)
    assert is_tick(above)
    assert (below == above) == is_tick(odds)
    assert not [tick for tick in TICKS if below < tick < above]


@pytest.mark.parametrize(
    ("tick", "steps", "there"),
    [
        ("1.99", 1, "2"),
        ("1.99", 2, "2.02"),
        ("2.02", -2, "1.99"),
        ("3", 1, "3.05"),
        ("3", -1, "2.98"),
        ("100", 1, "110"),
        ("100", -1, "95"),
        ("5", 0, "5"),
        ("1.01", 349, "1000"),
        ("1000", -349, "1.01"),
        ("1.01", -1, "1.01"),
        ("1000", 1, "1000"),
        ("2", 10**9, "1000"),
        ("2", -(10**9), "1.01"),
    ],
)
def test_moves(tick: str, steps: int, there: str) -> None:
    assert move(F(tick), steps) == F(there)


@given(ticks, st.integers(-400, 400))
def test_moving_counts_ticks_and_stops_at_the_ends(tick: Fraction, steps: int) -> None:
    there = move(tick, steps)
    assert is_tick(there)
    moved = TICKS.index(there) - TICKS.index(tick)
    assert moved == steps or (there == (HIGHEST if steps > 0 else LOWEST) and abs(moved) < abs(steps))


@given(ticks, st.integers(0, 20))
def test_there_and_back_away_from_the_ends(tick: Fraction, steps: int) -> None:
    if move(tick, steps) < HIGHEST:
        assert move(move(tick, steps), -steps) == tick


@pytest.mark.parametrize("odds", ["2.01", "1", "1000.5", "0", "-2"])
def test_no_move_from_off_the_ladder(odds: str) -> None:
    with pytest.raises(BadData, match=r"^odds: .* is not on the ladder$"):
        move(F(odds), 1)

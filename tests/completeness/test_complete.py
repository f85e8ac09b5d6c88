"""The proof of completeness in short, and what it is worth: every mutant of what is right is noticed.

The long form is ``python -m tests.completeness.prove``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.completeness import product
from tests.completeness.compare import Tally
from tests.completeness.drive import Factory, Piece, Work, run_piece
from tests.completeness.mutants import MUTANTS, shown, small_work
from tests.completeness.prove import factory_of, main, pieces
from tests.completeness.right import AlwaysSolve, Remembered
from tests.oracles.accused import Accused

SEED = 1


@pytest.fixture(scope="module")
def solve() -> Remembered:
    return Remembered()


@pytest.fixture(scope="module")
def right(solve: Remembered) -> Factory:
    return lambda: AlwaysSolve(solve)


def test_what_is_right_is_not_accused(right: Factory, solve: Remembered) -> None:
    whole = Tally()
    for piece in small_work(SEED, 3):
        whole.add(run_piece(piece, right, solve))
    assert whole.findings == {}, whole.examples
    assert whole.events == 36
    assert whole.close_events >= whole.events / 4
    assert min(whole.close_below, whole.close_above, whole.even_plans, whole.even_empty) > 3
    assert whole.plans > 50


@pytest.mark.parametrize("name", MUTANTS)
def test_every_mutant_shows(name: str, right: Factory, solve: Remembered) -> None:
    tally = shown(name, right, small_work(SEED, 12), solve)
    assert MUTANTS[name].is_shown(tally), tally


def test_the_product_finds_all_and_makes_nothing_up(solve: Remembered) -> None:
    try:
        product.make()
    except NotImplementedError as error:
        pytest.skip(str(error))
    whole = Tally()
    for piece in small_work(SEED, 3):
        whole.add(run_piece(piece, product.make, solve))
    assert whole.findings == {}, whole.examples
    assert whole.worst_difference <= 1e-7


def test_the_same_piece_gives_the_same(right: Factory, solve: Remembered) -> None:
    for work in Work:
        piece = Piece(work, SEED, 1, 12 if work is Work.EVENTS else 600, events=3, gap=50)
        first, second = (run_piece(piece, right, solve) for _ in range(2))
        first.seconds = second.seconds = 0.0
        assert first == second
        assert first.checks > 5


def test_the_whole_work_is_cut_up() -> None:
    work = pieces(7, 20_000, 2_000_000)
    assert sum(piece.count for piece in work if piece.work is Work.EVENTS) == 20_000
    assert sum(piece.count for piece in work if piece.work is Work.UPDATES) == 2_000_000
    assert len({piece.name for piece in work}) == len(work)


def wrong() -> Accused:
    """Sees a plan only where it guarantees something."""
    return MUTANTS["no_loss_forgotten"].spoil(AlwaysSolve())


def test_the_command_keeps_what_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--events", "6", "--updates", "400", "--processes", "1", "--keep", str(tmp_path)]
    given += ["--accused", "tests.completeness.right:make"]
    assert main(given) == 0
    assert "known from before" not in capsys.readouterr().out
    assert main(given) == 0
    assert "2 of 2 pieces were known from before" in capsys.readouterr().out
    assert main([*given[:-1], f"{__name__}:wrong", "--seed", str(SEED), "--events", "40"]) == 1
    assert "missed" in capsys.readouterr().out


def test_the_command_says_who_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--accused", "tests.completeness.right:nobody"]) == 2
    assert "no accused" in capsys.readouterr().err
    with pytest.raises(ValueError, match="module:callable"):
        factory_of("tests.completeness.right")

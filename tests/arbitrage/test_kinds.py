"""Further kinds by name: only those asked for, and none of them changes what the search for arbitrages says."""

from __future__ import annotations

from fractions import Fraction

import pytest

from crossbook.arbitrage.accounts import FreeBet
from crossbook.arbitrage.decide import Unsolved
from crossbook.arbitrage.kinds import KINDS, further
from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.wanted import Wanted
from crossbook.model.opportunity import Opportunity, Verdict
from tests.arbitrage.worlds import ALPHA, BRAVO, CARGO, DELTA, ah, back, book, event, pair, search, total

BOARD = [
    *book(ALPHA, "1.95", "3.6", "4.1"),
    *book(BRAVO, "1.9", "3.7", "4.3"),
    *book(CARGO, "1.92", "3.6", "4.2"),
    *book(DELTA, "2.0", "3.4", "3.8"),
    *pair(ALPHA, total("over", "2.5"), "1.9", total("under", "2.5"), "1.95"),
    *pair(BRAVO, total("over", "2.5"), "1.95", total("under", "2.5"), "1.9"),
    back(CARGO, total("over", "1.5"), "1.42"),
    back(DELTA, total("under", "3.5"), "1.52"),
    *pair(CARGO, ah("home", "-0.5"), "1.9", ah("away", "-0.5"), "1.86"),
]
TOKEN = FreeBet(name="welcome", venue="alpha", amount=Fraction(20))
ALL = Wanted(
    kinds=frozenset(KINDS), free_bets=(TOKEN,), least_edge=Fraction(1, 100), most_cost=Fraction(3, 100)
)


def found(wanted: Wanted) -> list[Opportunity]:
    every = list(further([(event(), BOARD)], wanted, Terms(bank=Fraction(1000))))
    return [one for one in every if not isinstance(one, Unsolved)]


def test_each_kind_is_found_when_it_is_named() -> None:
    assert not list(ALL.doubts())
    assert {one.kind for one in found(ALL)} == set(KINDS)
    for kind in KINDS:
        alone = found(
            Wanted(
                kinds=frozenset({kind}),
                free_bets=(TOKEN,),
                least_edge=ALL.least_edge,
                most_cost=ALL.most_cost,
            )
        )
        assert alone == [one for one in found(ALL) if one.kind == kind]
    assert found(Wanted()) == []


def test_what_may_lose_is_never_called_pure() -> None:
    for one in found(ALL):
        if one.kind in ("value", "middle"):
            assert one.verdict in (Verdict.ESTIMATED, Verdict.REJECTED)
            assert one.guaranteed_return < 1
            assert one.estimate is not None
            assert one.estimate.expected_return > 1
            assert one.estimate.chance > one.estimate.break_even
        else:
            assert one.verdict in (Verdict.PURE, Verdict.RULE_EXPOSED)
            assert one.estimate is None


def test_an_arbitrage_is_never_of_these_kinds() -> None:
    assert search(BOARD) == []


def test_what_cannot_be_looked_at_is_said() -> None:
    wrong = Wanted(
        kinds=frozenset({"free_bet"}), free_bets=(FreeBet(name="x", venue="alpha", amount=Fraction(0)),)
    )
    (unsolved,) = further([(event(), BOARD)], wrong, Terms())
    assert isinstance(unsolved, Unsolved)
    assert unsolved.reason.startswith("free_bet: amount: ")


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (Wanted(kinds=frozenset({"sure"})), "kinds"),
        (Wanted(least_edge=Fraction(-1)), "least_edge"),
        (Wanted(most_cost=Fraction(1)), "most_cost"),
        (Wanted(returned=Fraction(2)), "returned"),
        (Wanted(kinds=frozenset({"free_bet"})), "free_bets"),
    ],
)
def test_doubts_name_the_field(wanted: Wanted, name: str) -> None:
    assert [field for field, _ in wanted.doubts()] == [name]

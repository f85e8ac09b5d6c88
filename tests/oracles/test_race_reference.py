"""The judge of races and contracts judged: dead heats share out, each way is two bets, and the printed deductions."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from tests.oracles.race_reference import (
    Race,
    Resolution,
    Void,
    placed_share,
    rule_four,
    settle_contract,
    settle_race,
)
from tests.oracles.settlement_reference import LOST, PUSH, WON, settle_winner

F = Fraction
RUNNERS = ("A", "B", "C", "D", "E")


def _finishes() -> list[Race]:
    """Every order of five runners by name in which neighbours may be level."""
    found = []
    for joined in product((False, True), repeat=len(RUNNERS) - 1):
        ranks: list[tuple[str, ...]] = [RUNNERS[:1]]
        for runner, level in zip(RUNNERS[1:], joined, strict=True):
            if level:
                ranks[-1] = (*ranks[-1], runner)
            else:
                ranks.append((runner,))
        found.append(Race(tuple(ranks)))
    return found


FINISHES = _finishes()


def with_reduction(race: Race, reduction: Fraction) -> Race:
    return Race(race.ranks, race.withdrawn, reduction)


@pytest.mark.parametrize("places", range(1, 6))
def test_the_shares_of_a_race_add_up_to_the_places_paid(places: int) -> None:
    for race in FINISHES:
        shares = [placed_share(runner, places, race) for runner in RUNNERS]
        assert sum(shares) == places
        assert shares == sorted(shares, reverse=True)
        for equals in race.ranks:
            assert len({placed_share(runner, places, race) for runner in equals}) == 1


def test_more_places_pay_no_less() -> None:
    for race in FINISHES:
        for runner in RUNNERS:
            shares = [placed_share(runner, places, race) for places in range(1, 6)]
            assert shares == sorted(shares)


def test_a_winner_is_a_place_of_one_and_agrees_with_the_judge_of_winners() -> None:
    for race in FINISHES:
        for runner in RUNNERS:
            winner = settle_race("winner", runner, None, None, race)
            assert winner == settle_race("place", runner, None, 1, race)
            assert winner == settle_winner(runner, set(race.ranks[0]), 1)


@pytest.mark.parametrize("reduction", [F(0), F(1, 4), F(9, 10)])
@pytest.mark.parametrize("fraction", [F(1, 5), F(1, 4), F(1)])
def test_each_way_is_the_mean_of_its_two_parts(fraction: Fraction, reduction: Fraction) -> None:
    odds = F(11)
    for race in (with_reduction(one, reduction) for one in FINISHES):
        for runner in RUNNERS:
            won, refunded = settle_race("each_way", runner, fraction, 3, race)
            to_win = settle_race("winner", runner, None, None, race)
            place_odds = 1 + fraction * (odds - 1)
            place = settle_race("place", runner, None, 3, race)
            parts = to_win[0] * odds + to_win[1] + place[0] * place_odds + place[1]
            assert won * odds + refunded == parts / 2


@pytest.mark.parametrize("odds", [F(6, 5), F(3), F(41)])
def test_rule_four_takes_winnings_only_and_an_exchange_the_price(odds: Fraction) -> None:
    race = Race((("A",), ("B",)), ("F",), F(3, 10))
    won, refunded = settle_race("winner", "A", None, None, race)
    assert won * odds + refunded == 1 + (odds - 1) * F(7, 10)
    won, refunded = settle_race("winner", "A", None, None, race, {"reduction_on": "price"})
    assert won * odds + refunded == odds * F(7, 10)
    assert settle_race("winner", "B", None, None, race) == LOST


@pytest.mark.parametrize(
    ("odds", "pence"),
    [
        ("1/10", 90),
        ("1/9", 90),
        ("2/17", 85),
        ("2/11", 85),
        ("1/5", 80),
        ("1/4", 80),
        ("2/7", 75),
        ("3/10", 75),
        ("1/3", 70),
        ("2/5", 70),
        ("4/9", 65),
        ("8/15", 65),
        ("4/7", 60),
        ("8/13", 60),
        ("4/6", 55),
        ("4/5", 55),
        ("5/6", 50),
        ("20/21", 50),
        ("1/1", 45),
        ("6/5", 45),
        ("5/4", 40),
        ("6/4", 40),
        ("8/5", 35),
        ("7/4", 35),
        ("9/5", 30),
        ("9/4", 30),
        ("12/5", 25),
        ("3/1", 25),
        ("16/5", 20),
        ("4/1", 20),
        ("9/2", 15),
        ("11/2", 15),
        ("6/1", 10),
        ("9/1", 10),
        ("10/1", 5),
        ("14/1", 5),
        ("16/1", 0),
    ],
)
def test_the_printed_scale(odds: str, pence: int) -> None:
    """The two ends of every band as Betfair (6486) and winnerwinner.co.uk print them."""
    assert rule_four((F(odds),)) == F(pence, 100)


def test_deductions_add_up_to_nine_tenths_at_most_and_five_pence_may_be_waived() -> None:
    assert rule_four((F(4), F(9))) == F(3, 10)
    assert rule_four((F(1, 2), F(1))) == F(9, 10)
    assert rule_four((F(12),), five_pence_waived=True) == 0
    assert rule_four((F(12), F(12)), five_pence_waived=True) == F(1, 10)


def test_who_does_not_start() -> None:
    race = Race((("B",), ("C",)), ("A",), F(1, 10))
    for kind, line, places in (("winner", None, None), ("place", None, 2), ("each_way", F(1, 5), 2)):
        assert settle_race(kind, "A", line, places, race) == PUSH
        assert settle_race(kind, "A", line, places, race, {"withdrawn": "lose"}) == LOST


@pytest.mark.parametrize(
    ("kind", "line", "places"),
    [
        ("winner", F(1, 4), None),
        ("winner", None, 3),
        ("place", None, None),
        ("place", None, 0),
        ("place", F(1, 4), 3),
        ("each_way", None, 3),
        ("each_way", F(5, 4), 3),
        ("forecast", None, 2),
    ],
)
def test_what_is_no_bet_on_a_race_is_refused(kind: str, line: Fraction | None, places: int | None) -> None:
    with pytest.raises(ValueError, match=r"line|place|no such"):
        settle_race(kind, "A", line, places, FINISHES[0])


def test_the_two_sides_of_a_contract_share_its_face() -> None:
    for resolution in (Resolution(0, 1), Resolution(1, 1), Resolution(1, 2), Resolution(7, 12)):
        yes, no = settle_contract("yes", resolution), settle_contract("no", resolution)
        assert yes[0] + no[0] == 1
        assert yes[1] == no[1] == 0
    assert settle_contract("yes", Resolution(1, 1)) == WON
    assert settle_contract("yes", Void()) == settle_contract("no", Void()) == PUSH
    with pytest.raises(ValueError, match="between"):
        settle_contract("yes", Resolution(3, 2))
    with pytest.raises(ValueError, match="no such side"):
        settle_contract("maybe", Resolution(1, 2))

"""The judge of settlements judged: hand-worked cases, and identities that hold at every score."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.oracles.scores import SCORES
from tests.oracles.settlement_reference import (
    LOST,
    PUSH,
    WON,
    WORKED,
    Score,
    count_in,
    gross,
    lay_gross,
    settle,
    settle_score,
    settle_winner,
)

F = Fraction


@pytest.mark.parametrize(
    "case", WORKED, ids=lambda case: f"{case[0]} {case[1]} {case[2]} {case[3]}-{case[4]}"
)
def test_worked_settlements(
    case: tuple[str, str, Fraction | None, int, int, Fraction, Fraction, str],
) -> None:
    kind, selection, line, home, away, won, refunded, note = case
    assert settle(kind, selection, line, home, away) == (won, refunded), note


def test_there_are_enough_worked_settlements_and_none_twice() -> None:
    assert len(WORKED) >= 60
    assert len({case[:5] for case in WORKED}) == len(WORKED)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (("asian_handicap", "home", F(0)), ("draw_no_bet", "home", None)),
        (("asian_handicap", "away", F(0)), ("draw_no_bet", "away", None)),
        (("asian_handicap", "home", F(-1, 2)), ("1x2", "home", None)),
        (("asian_handicap", "away", F(-1, 2)), ("double_chance", "draw_away", None)),
        (("asian_handicap", "home", F(1, 2)), ("double_chance", "home_draw", None)),
        (("asian_handicap", "away", F(1, 2)), ("1x2", "away", None)),
        (("asian_handicap", "home", F(-3, 2)), ("european_handicap", "home", F(-1))),
        (("asian_handicap", "away", F(-1, 2)), ("european_handicap", "away", F(-1))),
        (("european_handicap", "draw", F(0)), ("1x2", "draw", None)),
        (("total", "under", F(1, 2)), ("exact_total", "0", None)),
        (("total", "over", F(13, 2)), ("exact_total", "7+", None)),
        (("total", "over", F(11, 4)), ("asian_total", "over", F(11, 4))),
    ],
)
def test_two_names_of_one_bet(
    one: tuple[str, str, Fraction | None], same: tuple[str, str, Fraction | None]
) -> None:
    for home, away in SCORES:
        assert settle(*one, home, away) == settle(*same, home, away)


@pytest.mark.parametrize("quarters", range(-16, 17))
def test_the_two_sides_of_a_line_mirror_each_other(quarters: int) -> None:
    line = F(quarters, 4)
    for kind, one, other in (("asian_handicap", "home", "away"), ("total", "over", "under")):
        for home, away in SCORES:
            won, refunded = settle(kind, one, line, home, away)
            assert settle(kind, other, line, home, away) == (1 - won - refunded, refunded)


@pytest.mark.parametrize("quarters", range(-15, 17, 2))
def test_a_quarter_line_is_half_of_each_neighbour(quarters: int) -> None:
    line = F(quarters, 4)
    for kind, selection in (("asian_handicap", "home"), ("asian_handicap", "away"), ("total", "over")):
        for home, away in SCORES:
            odds = F("1.95")
            below = gross(kind, selection, line - F(1, 4), odds, home, away)
            above = gross(kind, selection, line + F(1, 4), odds, home, away)
            assert gross(kind, selection, line, odds, home, away) == (below + above) / 2


def test_selections_of_one_market_share_out_every_score() -> None:
    markets: list[tuple[str, Fraction | None, tuple[str, ...], int]] = [
        ("1x2", None, ("home", "draw", "away"), 1),
        ("double_chance", None, ("home_draw", "draw_away", "home_away"), 2),
        ("european_handicap", F(-2), ("home", "draw", "away"), 1),
        ("btts", None, ("yes", "no"), 1),
        ("odd_even", None, ("odd", "even"), 1),
        ("exact_total", None, ("0", "1", "2", "3", "4", "5", "6", "7+"), 1),
        ("correct_score", None, tuple(f"{h}-{a}" for h, a in SCORES), 1),
    ]
    for kind, line, selections, winners in markets:
        for home, away in SCORES:
            assert sum(settle(kind, name, line, home, away)[0] for name in selections) == winners


def test_swapping_the_teams_swaps_the_sides() -> None:
    for home, away in SCORES:
        for quarters in range(-9, 10):
            line = F(quarters, 4)
            assert settle("asian_handicap", "home", line, home, away) == settle(
                "asian_handicap", "away", -line, away, home
            )
            assert settle("team_total_home", "over", line, home, away) == settle(
                "team_total_away", "over", line, away, home
            )
        assert settle("win_to_nil", "home", None, home, away) == settle(
            "win_to_nil", "away", None, away, home
        )


def test_gross_of_half_wins_and_half_losses() -> None:
    odds = F("1.90")
    assert gross("asian_handicap", "home", F(1, 4), odds, 0, 0) == (1 + odds) / 2
    assert gross("asian_handicap", "home", F(-1, 4), odds, 0, 0) == F(1, 2)


def test_backer_and_layer_only_pass_money_between_them() -> None:
    odds = F("3.4")
    for kind, selection, line in (
        ("1x2", "home", None),
        ("asian_handicap", "away", F(3, 4)),
        ("total", "under", F(2)),
    ):
        for home, away in SCORES:
            backers_profit = gross(kind, selection, line, odds, home, away) - 1
            layers_profit = (lay_gross(kind, selection, line, odds, home, away) - 1) * (odds - 1)
            assert backers_profit + layers_profit == 0


def test_a_won_lay_pays_the_backers_stake() -> None:
    assert lay_gross("1x2", "draw", None, F(5), 1, 0) == F(5, 4)
    assert lay_gross("1x2", "draw", None, F(5), 1, 1) == 0
    assert lay_gross("draw_no_bet", "home", None, F(5), 1, 1) == 1


def test_dead_heats() -> None:
    assert settle_winner("a", {"a"}, 1) == (F(1), F(0))
    assert settle_winner("b", {"a"}, 1) == (F(0), F(0))
    assert settle_winner("a", {"a", "b"}, 1) == (F(1, 2), F(0))
    assert settle_winner("a", {"a", "b", "c"}, 2) == (F(2, 3), F(0))
    assert settle_winner("a", {"a", "b"}, 3) == (F(1), F(0))


@pytest.mark.parametrize(
    ("kind", "selection", "line"),
    [
        ("1x2", "home", F(0)),
        ("1x2", "over", None),
        ("asian_handicap", "home", None),
        ("asian_handicap", "draw", F(0)),
        ("total", "over", F(1, 3)),
        ("european_handicap", "home", F(1, 2)),
        ("exact_total", "7-", None),
        ("exact_total", "3-2", None),
        ("moneyline", "home", None),
    ],
)
def test_what_is_no_bet_is_refused(kind: str, selection: str, line: Fraction | None) -> None:
    with pytest.raises(ValueError, match=r"line|no such|quarter|whole"):
        settle(kind, selection, line, 1, 0)


HALVES = [
    Score(home, away, half_home, half_away)
    for home in range(5)
    for away in range(5)
    for half_home in range(home + 1)
    for half_away in range(away + 1)
]
THREE = ("home", "draw", "away")


def test_who_wins_to_nil_wins() -> None:
    for home, away in SCORES:
        for side in ("home", "away"):
            to_nil = settle("win_to_nil", side, None, home, away)
            assert to_nil[0] <= settle("1x2", side, None, home, away)[0]
            assert to_nil[0] <= settle("btts", "no", None, home, away)[0]


def test_a_range_of_goals_is_the_sum_of_its_counts() -> None:
    for home, away in SCORES:
        both = sum(settle("exact_total", name, None, home, away)[0] for name in ("2", "3"))
        assert settle("exact_total", "2-3", None, home, away)[0] == both
        assert settle("exact_total", "3+", None, home, away) == settle("total", "over", F(5, 2), home, away)


def test_half_time_and_full_time_cover_everything_once() -> None:
    for score in HALVES:
        settled = {
            (first, last): settle_score("ht_ft", f"{first}/{last}", None, "ft", score)
            for first in THREE
            for last in THREE
        }
        assert sorted(settled.values()) == [LOST] * 8 + [WON]
        for name in THREE:
            at_half = sum(settled[name, last][0] for last in THREE)
            at_end = sum(settled[first, name][0] for first in THREE)
            assert (at_half, F(0)) == settle_score("1x2", name, None, "1h", score)
            assert (at_end, F(0)) == settle_score("1x2", name, None, "ft", score)


def test_the_halves_add_up() -> None:
    for score in HALVES:
        first, second = count_in(score, "1h"), count_in(score, "2h")
        assert (first[0] + second[0], first[1] + second[1]) == count_in(score, "ft")


def test_a_moneyline_is_a_draw_no_bet_of_its_period() -> None:
    level = Score(2, 2, 1, 0, 3, 2, "home")
    assert settle_score("moneyline", "home", None, "ft", level) == PUSH
    assert settle_score("moneyline", "away", None, "ft", level) == PUSH
    assert settle_score("moneyline", "home", None, "ot", level) == WON
    assert settle_score("moneyline", "away", None, "ot", level) == LOST
    for home, away in SCORES:
        for side in ("home", "away"):
            assert settle_score("moneyline", side, None, "ft", Score(home, away)) == settle(
                "asian_handicap", side, F(0), home, away
            )


def test_who_goes_through_is_one_of_two_whatever_the_score() -> None:
    for qualified, other in (("home", "away"), ("away", "home")):
        score = Score(0, 3, final_home=0, final_away=3, qualified=qualified)
        assert settle_score("to_qualify", qualified, None, "ft", score) == WON
        assert settle_score("to_qualify", other, None, "ft", score) == LOST


@pytest.mark.parametrize(
    ("kind", "selection", "period", "score"),
    [
        ("to_qualify", "home", "ft", Score(1, 0)),
        ("to_qualify", "draw", "ft", Score(1, 0, qualified="home")),
        ("ht_ft", "home/home", "ft", Score(1, 0)),
        ("ht_ft", "home", "ft", Score(1, 0, 0, 0)),
        ("1x2", "home", "ot", Score(1, 0)),
        ("1x2", "home", "2h", Score(1, 0)),
        ("1x2", "home", "q1", Score(1, 0, 0, 0)),
    ],
)
def test_what_a_score_does_not_say_is_not_guessed(
    kind: str, selection: str, period: str, score: Score
) -> None:
    with pytest.raises(ValueError, match=r"not known|no such"):
        settle_score(kind, selection, None, period, score)

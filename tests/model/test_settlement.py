"""Settlement: against the independent reference, by hand-worked cases, and by what must hold between bets."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from crossbook.base.errors import BadData
from crossbook.model import settlement
from crossbook.model.claim import RACES, Claim, Kind, Period
from crossbook.model.result import Race, Resolution, Result, Score, Sets, Void
from crossbook.model.settlement import (
    HALF_LOST,
    HALF_WON,
    LOST,
    REFUNDED,
    WON,
    Settlement,
    settle,
)
from tests.model.settlement_cases import (
    COUNTS,
    HANDICAPS,
    KIND_OF,
    NAMES_OF,
    PERIODS,
    SHARED,
    TOTALS,
    WHOLE,
    claims,
    example,
    first_difference,
    first_race_difference,
    score_with,
)
from tests.oracles.settlement_reference import KINDS_WITH_LINE, KINDS_WITHOUT_LINE, WORKED

F = Fraction
SCORES = [Score(home, away) for home, away in COUNTS]
IN_WHOLE = (Kind.HALF_TIME_FULL_TIME, Kind.TO_QUALIFY)
RACE = Race((frozenset({"yes"}),))
MATCH = Sets(((6, 4), (6, 4)))
OTHERS = (*IN_WHOLE, *sorted(RACES), Kind.CONTRACT)

Case = tuple[str, str, Fraction | None, int, int, Fraction, Fraction, str]


def paid(kind: Kind, selection: str, line: Fraction | None = None) -> list[Settlement]:
    """The settlements of a bet in every score up to ten all."""
    claim = Claim.of(kind, selection, line)
    return [settle(claim, score) for score in SCORES]


def flipped(settlements: list[Settlement]) -> list[Settlement]:
    """What a bet pays that wins what these lose."""
    return [Settlement(1 - one.won - one.refunded, one.refunded) for one in settlements]


def mean(one: list[Settlement], other: list[Settlement]) -> list[Settlement]:
    """What half a stake on each of two bets pays."""
    return [
        Settlement((left.won + right.won) / 2, (left.refunded + right.refunded) / 2)
        for left, right in zip(one, other, strict=True)
    ]


class TestReference:
    @pytest.mark.parametrize("period", PERIODS)
    @pytest.mark.parametrize("kind", SHARED)
    def test_every_bet_in_every_score(self, kind: Kind, period: Period) -> None:
        assert first_difference(kind, [period]) is None

    @pytest.mark.parametrize("kind", [Kind.WINNER, Kind.PLACE])
    def test_every_dead_heat_of_five_runners(self, kind: Kind) -> None:
        assert first_race_difference(kind) is None

    def test_nothing_that_can_be_compared_is_left_out(self) -> None:
        assert set(KIND_OF) == {*KINDS_WITH_LINE, *KINDS_WITHOUT_LINE}
        assert set(SHARED) == set(NAMES_OF) == set(settlement._BY_COUNT)
        assert {*SHARED, *OTHERS} == set(Kind)

    @pytest.mark.parametrize(
        "case", WORKED, ids=lambda case: f"{case[0]} {case[1]} {case[2]} {case[3]}-{case[4]}"
    )
    @pytest.mark.parametrize("period", PERIODS)
    def test_worked_by_hand(self, case: Case, period: Period) -> None:
        name, selection, line, home, away, won, refunded, note = case
        claim = Claim.of(KIND_OF[name], selection, line, period)
        assert settle(claim, score_with(period, home, away)) == (won, refunded), note


class TestIdentities:
    @pytest.mark.parametrize("selection", ["home", "away"])
    def test_level_handicap_is_draw_no_bet_is_moneyline(self, selection: str) -> None:
        level = paid(Kind.ASIAN_HANDICAP, selection, F(0))
        assert level == paid(Kind.DRAW_NO_BET, selection) == paid(Kind.MONEYLINE, selection)

    def test_half_a_goal_given_is_the_win(self) -> None:
        assert paid(Kind.ASIAN_HANDICAP, "home", F(-1, 2)) == paid(Kind.MATCH_RESULT, "home")
        assert paid(Kind.ASIAN_HANDICAP, "away", F(1, 2)) == paid(Kind.MATCH_RESULT, "away")

    def test_half_a_goal_received_is_double_chance(self) -> None:
        assert paid(Kind.ASIAN_HANDICAP, "home", F(1, 2)) == paid(Kind.DOUBLE_CHANCE, "home_draw")
        assert paid(Kind.ASIAN_HANDICAP, "away", F(-1, 2)) == paid(Kind.DOUBLE_CHANCE, "draw_away")

    @pytest.mark.parametrize("line", WHOLE)
    def test_european_home_is_asian_half_a_goal_lower(self, line: Fraction) -> None:
        half = F(1, 2)
        home = paid(Kind.EUROPEAN_HANDICAP, "home", line)
        away = paid(Kind.EUROPEAN_HANDICAP, "away", line)
        assert home == paid(Kind.ASIAN_HANDICAP, "home", line - half)
        assert away == paid(Kind.ASIAN_HANDICAP, "away", line + half)

    def test_european_level_is_the_match_result(self) -> None:
        for selection in ("home", "draw", "away"):
            assert paid(Kind.EUROPEAN_HANDICAP, selection, F(0)) == paid(Kind.MATCH_RESULT, selection)

    @pytest.mark.parametrize(
        ("kind", "selections", "lines"),
        [
            (Kind.ASIAN_HANDICAP, ("home", "away"), HANDICAPS),
            (Kind.TOTAL, ("over", "under"), TOTALS),
            (Kind.TEAM_TOTAL_HOME, ("over", "under"), TOTALS),
            (Kind.TEAM_TOTAL_AWAY, ("over", "under"), TOTALS),
        ],
    )
    def test_a_quarter_is_the_mean_of_its_neighbours(
        self, kind: Kind, selections: tuple[str, ...], lines: tuple[Fraction, ...]
    ) -> None:
        quarter = F(1, 4)
        quarters = [line for line in lines if line.denominator == 4]
        assert len(quarters) == 16
        for selection in selections:
            for line in quarters:
                neighbours = (paid(kind, selection, line + step) for step in (-quarter, quarter))
                assert paid(kind, selection, line) == mean(*neighbours)

    @pytest.mark.parametrize("kind", SHARED)
    def test_shares_lie_between_nothing_and_the_whole_stake(self, kind: Kind) -> None:
        for claim in claims(kind):
            for score in SCORES:
                won, refunded = settle(claim, score)
                assert 0 <= won <= 1
                assert 0 <= refunded <= 1
                assert won + refunded <= 1

    @pytest.mark.parametrize(
        ("kind", "one", "other", "lines"),
        [
            (Kind.DRAW_NO_BET, "home", "away", (None,)),
            (Kind.MONEYLINE, "home", "away", (None,)),
            (Kind.ASIAN_HANDICAP, "home", "away", HANDICAPS),
            (Kind.TOTAL, "over", "under", TOTALS),
            (Kind.TEAM_TOTAL_HOME, "over", "under", TOTALS),
            (Kind.TEAM_TOTAL_AWAY, "over", "under", TOTALS),
            (Kind.BOTH_TEAMS_TO_SCORE, "yes", "no", (None,)),
            (Kind.ODD_EVEN, "odd", "even", (None,)),
        ],
    )
    def test_one_side_wins_what_the_other_loses(
        self, kind: Kind, one: str, other: str, lines: tuple[Fraction | None, ...]
    ) -> None:
        for line in lines:
            assert paid(kind, one, line) == flipped(paid(kind, other, line))

    @pytest.mark.parametrize(
        ("kind", "selections", "winners"),
        [
            (Kind.MATCH_RESULT, ("home", "draw", "away"), 1),
            (Kind.DOUBLE_CHANCE, ("home_draw", "home_away", "draw_away"), 2),
            (Kind.EXACT_TOTAL, ("0", "1", "2", "3", "4", "5", "6", "7+"), 1),
            (Kind.EXACT_TOTAL, ("0-1", "2-3", "4-6", "7-12", "13+"), 1),
            (Kind.CORRECT_SCORE, tuple(f"{home}-{away}" for home, away in COUNTS), 1),
        ],
    )
    def test_of_all_selections_as_many_win_as_should(
        self, kind: Kind, selections: tuple[str, ...], winners: int
    ) -> None:
        for score in SCORES:
            settled = [settle(Claim.of(kind, selection), score) for selection in selections]
            assert sorted(settled) == [LOST] * (len(selections) - winners) + [WON] * winners

    def test_a_range_of_totals_is_the_sum_of_its_parts(self) -> None:
        parts = [paid(Kind.EXACT_TOTAL, str(count)) for count in range(2, 6)]
        whole = paid(Kind.EXACT_TOTAL, "2-5")
        assert [one.won for one in whole] == [
            sum(part.won for part in each) for each in zip(*parts, strict=True)
        ]

    def test_mirrored_match_mirrored_bets(self) -> None:
        for home, away in COUNTS:
            for line in HANDICAPS:
                there = settle(Claim.of(Kind.ASIAN_HANDICAP, "home", line), Score(home, away))
                back = settle(Claim.of(Kind.ASIAN_HANDICAP, "away", -line), Score(away, home))
                assert there == back


class TestPeriods:
    SCORE = Score(2, 1, half_home=0, half_away=1)

    @pytest.mark.parametrize(
        ("period", "winner"),
        [
            (Period.FULL_TIME, "home"),
            (Period.OVERTIME, "home"),
            (Period.FIRST_HALF, "away"),
            (Period.SECOND_HALF, "home"),
        ],
    )
    def test_each_period_has_its_own_count(self, period: Period, winner: str) -> None:
        for selection in ("home", "draw", "away"):
            claim = Claim.of(Kind.MATCH_RESULT, selection, period=period)
            assert settle(claim, self.SCORE) == (WON if selection == winner else LOST)

    def test_counts(self) -> None:
        assert {period: self.SCORE.of(period) for period in PERIODS} == {
            Period.FULL_TIME: (2, 1),
            Period.FIRST_HALF: (0, 1),
            Period.SECOND_HALF: (2, 0),
            Period.OVERTIME: (2, 1),
        }

    @pytest.mark.parametrize("half", [Period.FIRST_HALF, Period.SECOND_HALF])
    @pytest.mark.parametrize("score", [Score(1, 0), Score(1, 0, 1), Score(1, 0, None, 0)])
    def test_a_half_needs_the_half_time_score(self, half: Period, score: Score) -> None:
        with pytest.raises(BadData, match=r"^half_home: "):
            settle(Claim.of(Kind.TOTAL, "over", F(1, 2), half), score)

    def test_a_half_time_score_of_nothing_is_a_score(self) -> None:
        claim = Claim.of(Kind.CORRECT_SCORE, "0-0", period=Period.FIRST_HALF)
        assert settle(claim, Score(3, 3, 0, 0)) == WON

    def test_the_whole_match_does_not(self) -> None:
        assert settle(Claim.of(Kind.TOTAL, "over", F(1, 2)), Score(1, 0)) == WON


class TestResults:
    @pytest.mark.parametrize("kind", Kind)
    def test_a_void_event_refunds_everything(self, kind: Kind) -> None:
        every = claims(kind) if kind in SHARED else [example(kind)]
        assert {settle(claim, Void("abandoned")) for claim in every} == {REFUNDED}

    @pytest.mark.parametrize(
        ("kind", "results"),
        [
            *((kind, (RACE, Resolution(1))) for kind in SHARED),
            *((kind, (RACE, Resolution(1), MATCH)) for kind in IN_WHOLE),
            *((kind, (Score(1, 0), Resolution(1), MATCH)) for kind in sorted(RACES)),
            (Kind.CONTRACT, (Score(1, 0), RACE, MATCH)),
        ],
    )
    def test_a_result_of_another_kind_settles_nothing(self, kind: Kind, results: tuple[Result, ...]) -> None:
        for result in results:
            told = f"^result: {kind.value} is not decided by a {type(result).__name__}$"
            with pytest.raises(BadData, match=told):
                settle(example(kind), result)

    @pytest.mark.parametrize("period", [Period.FIRST_HALF, Period.SECOND_HALF])
    def test_a_race_is_not_decided_by_a_score_of_halves_either(self, period: Period) -> None:
        with pytest.raises(BadData, match=r"^result: "):
            settle(Claim.of(Kind.WINNER, "A", period=period, subject="race"), Score(1, 0, 0, 0))

    @pytest.mark.parametrize(
        ("resolution", "won"),
        [
            (Resolution(1), F(1)),
            (Resolution(0), F(0)),
            (Resolution(1, 2), F(1, 2)),
            (Resolution(3, 10), F(3, 10)),
        ],
    )
    def test_a_contract_pays_its_share_and_refunds_nothing(
        self, resolution: Resolution, won: Fraction
    ) -> None:
        assert settle(Claim.of(Kind.CONTRACT, "yes", subject="KX-1"), resolution) == Settlement(won, F(0))

    def test_the_named_settlements(self) -> None:
        named: dict[str, Any] = {"won": WON, "lost": LOST, "refunded": REFUNDED}
        named |= {"half won": HALF_WON, "half lost": HALF_LOST}
        assert named == {
            "won": (1, 0),
            "lost": (0, 0),
            "refunded": (0, 1),
            "half won": (F(1, 2), F(1, 2)),
            "half lost": (0, F(1, 2)),
        }

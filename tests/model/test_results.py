"""Matches of sets, races, and what two counts or none decide: worked by hand from how the bets are settled."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.claim import HALVES, SETS, Claim, Kind, Period, cover_of
from crossbook.model.result import Race, Score, Sets
from crossbook.model.settlement import HALF_LOST, HALF_WON, LOST, REFUNDED, WON, Settlement, settle

F = Fraction
FT, S1, S2, S3 = Period.FULL_TIME, Period.FIRST_SET, Period.SECOND_SET, Period.THIRD_SET
HOME_IN_THREE = Sets(((7, 6), (3, 6), (6, 4)))
"""Home 2-1 in sets; sixteen games each."""
AWAY_IN_FIVE = Sets(((6, 0), (4, 6), (6, 7), (6, 3), (5, 7)), best_of=5)
"""Away 3-2 in sets; home has 6 + 4 + 6 + 6 + 5 games, away 0 + 6 + 7 + 3 + 7."""

tennis_sets = st.sampled_from([(6, 0), (6, 3), (6, 4), (7, 5), (7, 6), (1, 6), (4, 6), (5, 7), (6, 7)])


@st.composite
def matches(draw: st.DrawFn) -> Sets:
    """A match of sets that is played to its end."""
    best_of = draw(st.sampled_from([3, 5]))
    played: list[tuple[int, int]] = []
    while max(Sets(tuple(played)).of(FT) or ()) <= best_of // 2:
        played.append(draw(tennis_sets))
    return Sets(tuple(played), best_of)


class TestSets:
    @pytest.mark.parametrize(
        ("result", "subject", "period", "count"),
        [
            (HOME_IN_THREE, "goals", FT, (2, 1)),
            (HOME_IN_THREE, "sets", Period.OVERTIME, (2, 1)),
            (HOME_IN_THREE, "games", FT, (16, 16)),
            (HOME_IN_THREE, "games", S1, (7, 6)),
            (HOME_IN_THREE, "sets", S2, (0, 1)),
            (HOME_IN_THREE, "goals", S3, (1, 0)),
            (HOME_IN_THREE, "games", Period.FOURTH_SET, None),
            (AWAY_IN_FIVE, "sets", FT, (2, 3)),
            (AWAY_IN_FIVE, "games", FT, (27, 23)),
            (AWAY_IN_FIVE, "games", Period.FIFTH_SET, (5, 7)),
            (Sets(()), "sets", FT, (0, 0)),
            (Sets(((3, 3),)), "sets", S1, (0, 0)),
        ],
    )
    def test_counts(self, result: Sets, subject: str, period: Period, count: tuple[int, int] | None) -> None:
        assert result.of(period, subject) == count

    @pytest.mark.parametrize(
        ("claim", "paid"),
        [
            (Claim.of(Kind.MONEYLINE, "home"), WON),
            (Claim.of(Kind.MONEYLINE, "away", period=Period.OVERTIME), LOST),
            (Claim.of(Kind.MONEYLINE, "away", period=S2), WON),
            (Claim.of(Kind.MONEYLINE, "away", period=S3), LOST),
            (Claim.of(Kind.MONEYLINE, "home", period=Period.FOURTH_SET), REFUNDED),
            (Claim.of(Kind.CORRECT_SCORE, "2-1"), WON),
            (Claim.of(Kind.CORRECT_SCORE, "2-0", subject="sets"), LOST),
            (Claim.of(Kind.CORRECT_SCORE, "7-6", period=S1, subject="games"), WON),
            (Claim.of(Kind.TOTAL, "over", F(5, 2), subject="sets"), WON),
            (Claim.of(Kind.ASIAN_HANDICAP, "home", F(-3, 2), subject="sets"), LOST),
            (Claim.of(Kind.ASIAN_HANDICAP, "away", F(-3, 2)), WON),
            (Claim.of(Kind.TOTAL, "over", F(63, 2), subject="games"), WON),
            (Claim.of(Kind.TOTAL, "under", F(32), subject="games"), REFUNDED),
            (Claim.of(Kind.TOTAL, "over", F(127, 4), subject="games"), HALF_WON),
            (Claim.of(Kind.TOTAL, "over", F(129, 4), subject="games"), HALF_LOST),
            (Claim.of(Kind.ASIAN_HANDICAP, "home", F(0), subject="games"), REFUNDED),
            (Claim.of(Kind.ASIAN_HANDICAP, "home", F(-1, 2), subject="games"), LOST),
            (Claim.of(Kind.TEAM_TOTAL_AWAY, "over", F(31, 2), subject="games"), WON),
            (Claim.of(Kind.ODD_EVEN, "even", subject="games"), WON),
            (Claim.of(Kind.TOTAL, "over", F(25, 2), period=S1, subject="games"), WON),
            (Claim.of(Kind.TOTAL, "over", F(19, 2), period=S2, subject="games"), LOST),
            (Claim.of(Kind.ASIAN_HANDICAP, "home", F(5, 2), period=S2, subject="games"), LOST),
        ],
        ids=str,
    )
    def test_worked_by_hand(self, claim: Claim, paid: Settlement) -> None:
        assert settle(claim, HOME_IN_THREE) == paid

    @given(matches())
    def test_games_and_sets_agree(self, match: Sets) -> None:
        """The sets add up, so do the games, and the winner of most sets is the winner."""
        for subject in ("sets", "games"):
            counts = [match.of(period, subject) for period in SETS]
            played = [count for count in counts if count is not None]
            assert len(played) == len(match.sets)
            assert match.of(FT, subject) == tuple(map(sum, zip(*played, strict=True)))
        home = settle(Claim.of(Kind.MONEYLINE, "home"), match)
        assert {home, settle(Claim.of(Kind.MONEYLINE, "away"), match)} == {WON, LOST}
        handicap = Claim.of(Kind.ASIAN_HANDICAP, "home", F(-1, 2), subject="sets")
        assert settle(handicap, match) == home

    @given(matches())
    def test_of_all_correct_scores_one_wins(self, match: Sets) -> None:
        need = match.best_of // 2 + 1
        scores = [f"{need}-{lost}" for lost in range(need)] + [f"{lost}-{need}" for lost in range(need)]
        paid = [settle(Claim.of(Kind.CORRECT_SCORE, score), match) for score in scores]
        assert sorted(paid) == [LOST] * (len(scores) - 1) + [WON]

    @pytest.mark.parametrize("side", ["home", "away"])
    def test_a_match_that_was_given_up_is_for_the_rules(self, side: str) -> None:
        given_up = Sets(((6, 4), (2, 1)), retired=side)
        for claim in (Claim.of(Kind.MONEYLINE, "home"), Claim.of(Kind.TOTAL, "over", F(19, 2), S1, "games")):
            with pytest.raises(BadData, match=r"^retired: .* rule"):
                settle(claim, given_up)

    @pytest.mark.parametrize("half", HALVES)
    def test_a_match_of_sets_has_no_halves(self, half: Period) -> None:
        with pytest.raises(BadData, match=r"^period: a match of sets has no "):
            settle(Claim.of(Kind.MONEYLINE, "home", period=half), HOME_IN_THREE)

    def test_what_is_not_counted_settles_nothing(self) -> None:
        with pytest.raises(BadData, match=r"^subject: 'aces' is not counted"):
            settle(Claim.of(Kind.TOTAL, "over", F(9, 2), subject="aces"), HOME_IN_THREE)

    @pytest.mark.parametrize("period", SETS)
    def test_a_score_has_no_sets(self, period: Period) -> None:
        with pytest.raises(BadData, match=rf"^period: a score has no {period.value}"):
            settle(Claim.of(Kind.MONEYLINE, "home", period=period), Score(2, 1, 1, 1))


class TestOvertime:
    AFTER_OVERTIME = Score(2, 2, final_home=3, final_away=2)

    @pytest.mark.parametrize(
        ("claim", "paid"),
        [
            (Claim.of(Kind.MATCH_RESULT, "draw"), WON),
            (Claim.of(Kind.MONEYLINE, "home"), REFUNDED),
            (Claim.of(Kind.MONEYLINE, "home", period=Period.OVERTIME), WON),
            (Claim.of(Kind.ASIAN_HANDICAP, "home", F(-3, 2), Period.OVERTIME), LOST),
            (Claim.of(Kind.ASIAN_HANDICAP, "away", F(3, 2), Period.OVERTIME), LOST),
            (Claim.of(Kind.ASIAN_HANDICAP, "away", F(-3, 2), Period.OVERTIME), WON),
            (Claim.of(Kind.TOTAL, "over", F(9, 2)), LOST),
            (Claim.of(Kind.TOTAL, "over", F(9, 2), Period.OVERTIME), WON),
        ],
        ids=repr,
    )
    def test_worked_by_hand(self, claim: Claim, paid: Settlement) -> None:
        assert settle(claim, self.AFTER_OVERTIME) == paid

    def test_without_overtime_the_end_is_the_end_of_regulation(self) -> None:
        assert Score(3, 1).of(Period.OVERTIME) == Score(3, 1).of(FT) == (3, 1)
        assert self.AFTER_OVERTIME.of(FT) == (2, 2)


class TestTwoCounts:
    @pytest.mark.parametrize(
        ("score", "selection"),
        [
            (Score(2, 0, 1, 0), "home/home"),
            (Score(1, 1, 1, 0), "home/draw"),
            (Score(1, 2, 1, 0), "home/away"),
            (Score(1, 0, 0, 0), "draw/home"),
            (Score(0, 0, 0, 0), "draw/draw"),
            (Score(2, 3, 2, 2), "draw/away"),
            (Score(2, 1, 0, 1), "away/home"),
            (Score(1, 1, 0, 1), "away/draw"),
            (Score(0, 4, 0, 1), "away/away"),
        ],
    )
    def test_half_time_and_full_time(self, score: Score, selection: str) -> None:
        paid = {
            each: settle(Claim.of(Kind.HALF_TIME_FULL_TIME, each), score)
            for each in cover_of(Kind.HALF_TIME_FULL_TIME)
        }
        assert [each for each, one in paid.items() if one == WON] == [selection]
        assert set(paid.values()) == {WON, LOST}

    def test_it_is_the_two_results_together(self) -> None:
        for half_home, half_away, home, away in product(range(3), repeat=4):
            score = Score(half_home + home, half_away + away, half_home, half_away)
            for selection in cover_of(Kind.HALF_TIME_FULL_TIME):
                half, end = selection.split("/")
                both = {
                    settle(Claim.of(Kind.MATCH_RESULT, half, period=Period.FIRST_HALF), score),
                    settle(Claim.of(Kind.MATCH_RESULT, end), score),
                }
                paid = settle(Claim.of(Kind.HALF_TIME_FULL_TIME, selection), score)
                assert paid == (WON if both == {WON} else LOST)

    def test_it_needs_the_half_time_score(self) -> None:
        with pytest.raises(BadData, match=r"^half_home: "):
            settle(Claim.of(Kind.HALF_TIME_FULL_TIME, "home/home"), Score(2, 0))

    @pytest.mark.parametrize("qualified", ["home", "away"])
    def test_who_goes_through(self, qualified: str) -> None:
        """Whatever the score of this match: there may have been another leg, and there may be penalties."""
        for score in (Score(2, 0), Score(1, 1), Score(0, 1, final_home=1, final_away=1)):
            for side in cover_of(Kind.TO_QUALIFY):
                paid = settle(Claim.of(Kind.TO_QUALIFY, side), score._replace(qualified=qualified))
                assert paid == (WON if side == qualified else LOST)

    @pytest.mark.parametrize("qualified", [None, "", "nobody"])
    def test_somebody_must_have_gone_through(self, qualified: str | None) -> None:
        with pytest.raises(BadData, match=r"^qualified: "):
            settle(Claim.of(Kind.TO_QUALIFY, "home"), Score(2, 0, qualified=qualified))


def ranks(*groups: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group) for group in groups)


def win(name: str) -> Claim:
    return Claim.of(Kind.WINNER, name, subject="Stakes")


def place(name: str, places: int = 0) -> Claim:
    return Claim.of(Kind.PLACE, name, subject="Stakes", places=places)


def each_way(name: str, places: int, part: Fraction) -> Claim:
    return Claim.of(Kind.EACH_WAY, name, part, subject="Stakes", places=places)


def returned(claim: Claim, race: Race, odds: Fraction) -> Fraction:
    """What a unit comes back as."""
    won, refunded = settle(claim, race)
    return won * odds + refunded


class TestRaces:
    @pytest.mark.parametrize(
        ("claim", "race", "won"),
        [
            (win("A"), Race(ranks("A", "B")), F(1)),
            (win("B"), Race(ranks("A", "B")), F(0)),
            (win("A"), Race(ranks("AB")), F(1, 2)),
            (win("A"), Race(ranks("ABC")), F(1, 3)),
            (win("A"), Race(ranks("B", "A"), places=2), F(0)),
            (place("A"), Race(ranks("B", "A"), places=2), F(1)),
            (place("A"), Race(ranks("B", "A")), F(0)),
            (place("A", 2), Race(ranks("AB"), places=1), F(1)),
            (place("A", 2), Race(ranks("B", "AC")), F(1, 2)),
            (place("A", 2), Race(ranks("ABC")), F(2, 3)),
            (place("A", 3), Race(ranks("B", "C", "ADE")), F(1, 3)),
            (place("A", 3), Race(ranks("B", "ACD")), F(2, 3)),
            (place("A", 3), Race(ranks("B", "CD", "A")), F(0)),
            (place("A", 2), Race(ranks("BCD", "A")), F(0)),
            (place("A", 4), Race(ranks("ABCD")), F(1)),
            (place("Z", 2), Race(ranks("A", "B")), F(0)),
        ],
        ids=str,
    )
    def test_who_is_paid(self, claim: Claim, race: Race, won: Fraction) -> None:
        assert settle(claim, race) == Settlement(won, F(0))

    @pytest.mark.parametrize(
        ("race", "back"),
        [
            # Ten units each way at 9.0 is five at 9.0 to win and five at a quarter of the odds, 3.0, for a place.
            (Race(ranks("A", "B", "C")), F(45 + 15, 10)),
            (Race(ranks("B", "A", "C")), F(15, 10)),
            (Race(ranks("B", "C", "D", "A")), F(0)),
            (Race(ranks("AB", "C")), F(45, 20) + F(15, 10)),
            (Race(ranks("B", "C", "AD")), F(15, 20)),
            (Race((), withdrawn=frozenset("A")), F(1)),
            # A deduction of 20p in the pound: 8 to 1 becomes 6.4 to 1, and 2 to 1 for a place 1.6 to 1.
            (Race(ranks("A", "B"), frozenset("C"), F(1, 5)), F(5, 10) * F("7.4") + F(5, 10) * F("2.6")),
            (Race(ranks("B", "A"), frozenset("C"), F(1, 5)), F(5, 10) * F("2.6")),
        ],
        ids=str,
    )
    def test_each_way_worked_by_hand(self, race: Race, back: Fraction) -> None:
        assert returned(each_way("A", 3, F(1, 4)), race, F(9)) == back

    @given(
        st.lists(st.integers(1, 3), min_size=1, max_size=5),
        st.integers(1, 4),
        st.integers(1, 10),
        st.integers(0, 18).map(lambda pence: F(5 * pence, 100)),
        st.integers(101, 10_000).map(lambda hundredths: F(hundredths, 100)),
    )
    def test_each_way_is_two_bets(
        self, sizes: list[int], places: int, parts: int, reduction: Fraction, odds: Fraction
    ) -> None:
        """Half to win at the odds, half for a place at the part of the odds, each shortened by the deduction."""
        runners = iter("ABCDEFGHIJKLMNOP")
        groups = ranks(*("".join(next(runners) for _ in range(size)) for size in sizes))
        race = Race(groups, frozenset("Z"), reduction)
        plain = Race(groups)
        for runner in "ABCDEFZ":
            both = returned(each_way(runner, places, F(1, parts)), race, odds)
            if runner == "Z":
                assert both == 1
                continue
            first = settle(win(runner), plain).won * (1 + (odds - 1) * (1 - reduction))
            second = settle(place(runner, places), plain).won * (1 + (odds - 1) / parts * (1 - reduction))
            assert both == (first + second) / 2
            assert returned(win(runner), race, odds) == first

    @given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.integers(1, 6))
    def test_as_many_places_are_paid_as_there_are(self, sizes: list[int], places: int) -> None:
        runners = [f"r{number}" for number in range(sum(sizes))]
        left = iter(runners)
        race = Race(tuple(frozenset(next(left) for _ in range(size)) for size in sizes))
        shares = [settle(place(runner, places), race).won for runner in runners]
        assert sum(shares) == min(places, len(runners))
        more = [settle(place(runner, places + 1), race).won for runner in runners]
        assert all(one <= other for one, other in zip(shares, more, strict=True))

    def test_shares_lie_between_nothing_and_the_whole_stake(self) -> None:
        race = Race(ranks("A", "BC", "DEF"), frozenset("Z"), F(9, 10))
        for runner, places in product("ABCDEFYZ", range(1, 7)):
            for claim in (win(runner), place(runner, places), each_way(runner, places, F(1, 3))):
                won, refunded = settle(claim, race)
                assert 0 <= won <= 1
                assert 0 <= refunded <= 1
                assert won + refunded <= 1

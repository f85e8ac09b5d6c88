"""Claims: one object for one meaning, words for people, and no claim that makes no sense."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.claim import GOALS, Claim, Kind, Period, kind_text, parse_kind
from crossbook.model.result import Score
from crossbook.model.settlement import settle

F = Fraction
SELECTIONS = {
    Kind.MATCH_RESULT: {"home", "draw", "away"},
    Kind.DOUBLE_CHANCE: {"home_draw", "home_away", "draw_away"},
    Kind.DRAW_NO_BET: {"home", "away"},
    Kind.MONEYLINE: {"home", "away"},
    Kind.ASIAN_HANDICAP: {"home", "away"},
    Kind.EUROPEAN_HANDICAP: {"home", "draw", "away"},
    Kind.TOTAL: {"over", "under"},
    Kind.TEAM_TOTAL_HOME: {"over", "under"},
    Kind.TEAM_TOTAL_AWAY: {"over", "under"},
    Kind.BOTH_TEAMS_TO_SCORE: {"yes", "no"},
    Kind.ODD_EVEN: {"odd", "even"},
    Kind.WIN_TO_NIL: {"home", "away"},
    Kind.CONTRACT: {"yes"},
    Kind.HALF_TIME_FULL_TIME: {
        "home/home",
        "home/draw",
        "home/away",
        "draw/home",
        "draw/draw",
        "draw/away",
        "away/home",
        "away/draw",
        "away/away",
    },
    Kind.TO_QUALIFY: {"home", "away"},
}
"""The kinds whose selections are a closed list."""
SCORES = (Kind.CORRECT_SCORE, Kind.EXACT_TOTAL)
RACES = (Kind.WINNER, Kind.PLACE, Kind.EACH_WAY)
WITH_LINE = {
    Kind.ASIAN_HANDICAP,
    Kind.EUROPEAN_HANDICAP,
    Kind.TOTAL,
    Kind.TEAM_TOTAL_HOME,
    Kind.TEAM_TOTAL_AWAY,
}
WORDS = {word for words in SELECTIONS.values() for word in words}
EXAMPLES = [
    Claim.of(kind, selection, F(1) if kind in WITH_LINE else None)
    for kind, selections in SELECTIONS.items()
    for selection in sorted(selections)
]
EXAMPLES += [
    Claim.of(Kind.CORRECT_SCORE, "10-2"),
    Claim.of(Kind.EXACT_TOTAL, "7+"),
    Claim.of(Kind.EXACT_TOTAL, "2-3"),
    Claim.of(Kind.WINNER, "Red Rum", subject="The Made-Up Stakes"),
    Claim.of(Kind.PLACE, "Red Rum", subject="The Made-Up Stakes"),
    Claim.of(Kind.EACH_WAY, "Red Rum", F(1, 3), subject="The Made-Up Stakes", places=4),
    Claim.of(Kind.TOTAL, "over", F(9, 4), Period.FIRST_HALF, "corners"),
]

claims = st.builds(
    Claim.of,
    st.sampled_from([Kind.TOTAL, Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY]),
    st.sampled_from(["over", "under"]),
    st.integers(0, 40).map(lambda quarters: F(quarters, 4)),
    st.sampled_from(Period),
    st.sampled_from([GOALS, "corners", "shots: Ann Other"]),
)


def test_every_kind_is_tested_here() -> None:
    assert {*SELECTIONS, *SCORES, *RACES} == set(Kind)


class TestInterning:
    @pytest.mark.parametrize("claim", EXAMPLES, ids=str)
    def test_the_same_words_give_the_same_object(self, claim: Claim) -> None:
        line = None if claim.line is None else F(claim.line.numerator, claim.line.denominator)
        selection = "".join(list(claim.selection))
        assert Claim.of(claim.kind, selection, line, claim.period, claim.subject, claim.places) is claim

    def test_what_is_usual_need_not_be_said(self) -> None:
        usual = Claim.of(Kind.TOTAL, "over", F(5, 2))
        assert Claim.of(Kind.TOTAL, "over", F(10, 4), Period.FULL_TIME, "goals") is usual

    @pytest.mark.parametrize(
        "other",
        [
            Claim.of(Kind.TEAM_TOTAL_HOME, "over", F(5, 2)),
            Claim.of(Kind.TOTAL, "under", F(5, 2)),
            Claim.of(Kind.TOTAL, "over", F(11, 4)),
            Claim.of(Kind.TOTAL, "over", F(5, 2), Period.FIRST_HALF),
            Claim.of(Kind.TOTAL, "over", F(5, 2), Period.OVERTIME),
            Claim.of(Kind.TOTAL, "over", F(5, 2), subject="corners"),
        ],
        ids=repr,
    )
    def test_any_other_word_makes_another_claim(self, other: Claim) -> None:
        assert other != Claim.of(Kind.TOTAL, "over", F(5, 2))

    @given(claims, claims)
    def test_equal_means_identical(self, one: Claim, other: Claim) -> None:
        words = [
            (claim.kind, claim.selection, claim.line, claim.period, claim.subject) for claim in (one, other)
        ]
        assert (one is other) == (one == other) == (words[0] == words[1])

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_identity_survives_pickling(self, protocol: int) -> None:
        for claim in EXAMPLES:
            assert pickle.loads(pickle.dumps(claim, protocol)) is claim

    def test_a_part_of_the_odds_written_in_decimals_is_the_same_part(self) -> None:
        """Tables and reports write six digits; reading them must give the claim that was written."""
        for parts in range(1, 11):
            known = Claim.of(Kind.EACH_WAY, "Red Rum", F(1, parts), subject="Stakes", places=3)
            written = F(str(known).split()[-1])
            assert Claim.of(Kind.EACH_WAY, "Red Rum", written, subject="Stakes", places=3) is known

    def test_kind_and_places_are_read_again_as_they_were_written(self) -> None:
        for claim in EXAMPLES:
            assert parse_kind(kind_text(claim)) == (claim.kind, claim.places)

    @pytest.mark.parametrize("text", ["", "place_", "place_x", "winner_2", "total_3", "Place", "place_²"])
    def test_other_words_are_no_kind(self, text: str) -> None:
        with pytest.raises(BadData, match=r"^kind: "):
            parse_kind(text)

    def test_identity_survives_copying(self) -> None:
        for claim in EXAMPLES:
            assert copy.copy(claim) is copy.deepcopy([claim])[0] is claim

    def test_nothing_can_be_hung_onto_a_claim(self) -> None:
        with pytest.raises(AttributeError):
            EXAMPLES[0].price = 3  # type: ignore[attr-defined]


class TestRefusals:
    @pytest.mark.parametrize("kind", SELECTIONS)
    def test_selections_of_other_kinds(self, kind: Kind) -> None:
        line = F(1) if kind in WITH_LINE else None
        for word in sorted(WORDS - SELECTIONS[kind]):
            with pytest.raises(BadData, match=f"^selection: '{word}' is not one of ") as caught:
                Claim.of(kind, word, line)
            assert str(caught.value).endswith(f"{', '.join(sorted(SELECTIONS[kind]))} of {kind.value}")

    @pytest.mark.parametrize("kind", SELECTIONS)
    @pytest.mark.parametrize("selection", ["", "Home", "home ", "1", "X", "N/A"])
    def test_selections_of_no_kind(self, kind: Kind, selection: str) -> None:
        with pytest.raises(BadData, match=r"^selection: "):
            Claim.of(kind, selection, F(1) if kind in WITH_LINE else None)

    @pytest.mark.parametrize(
        "selection", ["", "2:1", "2-", "-1", "two-one", "2-1-0", "02-1", "2-1 ", "2.0-1", "home", "Any Other"]
    )
    def test_a_correct_score_is_two_counts(self, selection: str) -> None:
        """Any other spelling would settle as lost in every result, without a word."""
        with pytest.raises(BadData, match=r"^selection: "):
            Claim.of(Kind.CORRECT_SCORE, selection)

    @pytest.mark.parametrize(
        "selection", ["", "+", "many", "7++", "-3", "2-", "1-2-3", "3-2", "2.5", "Over 6", "1,2"]
    )
    def test_an_exact_total_is_a_count_a_range_or_an_open_range(self, selection: str) -> None:
        """Any other spelling could not be settled, or never wins."""
        with pytest.raises(BadData, match=r"^selection: "):
            Claim.of(Kind.EXACT_TOTAL, selection)

    @pytest.mark.parametrize("kind", sorted(set(Kind) - WITH_LINE - {Kind.EACH_WAY}))
    def test_a_line_where_none_belongs(self, kind: Kind) -> None:
        selection = min(SELECTIONS.get(kind, {"2-1" if kind is Kind.CORRECT_SCORE else "2"}))
        with pytest.raises(BadData, match=rf"^line: {kind.value} has no line$"):
            Claim.of(kind, selection, F(0))

    @pytest.mark.parametrize("kind", sorted(WITH_LINE))
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            (None, "needs a line"),
            (F(1, 3), "0.333333 is off the quarter grid"),
            (F(1, 8), "0.125 is off the quarter grid"),
            (F(-9, 5), "-1.8 is off the quarter grid"),
            (F(4001, 4), "1000.25 is beyond 1000"),
            (F(-1001), "-1001 is beyond 1000"),
            (F(10**99), "0 is beyond 1000"),
        ],
    )
    def test_lines_that_make_no_sense(self, kind: Kind, line: Fraction | None, told: str) -> None:
        if kind is Kind.EUROPEAN_HANDICAP and line is not None and "grid" in told:
            told = f"a European handicap is a whole number, not {told.split()[0]}"
        with pytest.raises(BadData, match=r"^line: ") as caught:
            Claim.of(kind, min(SELECTIONS[kind]), line)
        assert str(caught.value).endswith(told)

    @pytest.mark.parametrize("line", [F(1, 2), F(-3, 2), F(1, 4)])
    def test_a_european_handicap_is_whole(self, line: Fraction) -> None:
        with pytest.raises(BadData, match=r"^line: a European handicap is a whole number, not "):
            Claim.of(Kind.EUROPEAN_HANDICAP, "home", line)

    @pytest.mark.parametrize("line", [F(1000), F(-1000), F(0), F(-7, 4), F(161, 2)])
    def test_lines_up_to_the_edge_are_fine(self, line: Fraction) -> None:
        assert Claim.of(Kind.ASIAN_HANDICAP, "home", line).line == line

    @pytest.mark.parametrize("line", [None, F(0), F(1, 11), F(2, 5), F(-1, 4), F(2)])
    def test_each_way_pays_a_part_of_the_odds(self, line: Fraction | None) -> None:
        with pytest.raises(BadData, match=r"^line: .* such as 1/4 or 1/5$"):
            Claim.of(Kind.EACH_WAY, "Red Rum", line, subject="Stakes", places=3)

    @pytest.mark.parametrize(
        ("kind", "places"),
        [
            (Kind.EACH_WAY, 0),
            (Kind.EACH_WAY, -1),
            (Kind.PLACE, -1),
            (Kind.PLACE, 1001),
            (Kind.WINNER, 1),
            (Kind.TOTAL, 2),
        ],
    )
    def test_places_that_make_no_sense(self, kind: Kind, places: int) -> None:
        selection = "over" if kind is Kind.TOTAL else "Red Rum"
        line = F(1, 4) if kind in (Kind.EACH_WAY, Kind.TOTAL) else None
        with pytest.raises(BadData, match=r"^places: "):
            Claim.of(kind, selection, line, subject="Stakes", places=places)

    def test_a_refusal_leaves_nothing_behind(self) -> None:
        for _ in range(2):
            with pytest.raises(BadData):
                Claim.of(Kind.TOTAL, "over", F(1, 3))

    @given(
        st.text(max_size=5) | st.from_regex(r"\d{0,2}[-+]?\d{0,2}", fullmatch=True), st.sampled_from(SCORES)
    )
    def test_what_is_accepted_can_be_settled(self, selection: str, kind: Kind) -> None:
        try:
            claim = Claim.of(kind, selection)
        except BadData:
            return
        assert settle(claim, Score(1, 1)).refunded == 0


class TestWords:
    @pytest.mark.parametrize(
        ("claim", "market", "space", "text"),
        [
            (Claim.of(Kind.MATCH_RESULT, "draw"), "1x2", "goals/regulation", "1x2 draw"),
            (
                Claim.of(Kind.TOTAL, "over", F(9, 4), Period.FIRST_HALF),
                "1h_total",
                "goals/regulation",
                "1h_total over 2.25",
            ),
            (
                Claim.of(Kind.ASIAN_HANDICAP, "away", F(-3, 2), Period.SECOND_HALF, "corners"),
                "corners_2h_asian_handicap",
                "corners/regulation",
                "corners_2h_asian_handicap away -1.5",
            ),
            (
                Claim.of(Kind.TOTAL, "under", F(4), subject="shots: Ann Other"),
                "shots: Ann Other_total",
                "shots: Ann Other/regulation",
                "shots: Ann Other_total under 4",
            ),
            (
                Claim.of(Kind.ASIAN_HANDICAP, "home", F(0)),
                "asian_handicap",
                "goals/regulation",
                "asian_handicap home 0",
            ),
            (
                Claim.of(Kind.WINNER, "Red Rum", subject="Stakes"),
                "winner",
                "Stakes/runners",
                "winner Red Rum",
            ),
            (Claim.of(Kind.PLACE, "Red Rum", subject="Stakes"), "place", "Stakes/runners", "place Red Rum"),
            (
                Claim.of(Kind.PLACE, "Red Rum", subject="Stakes", places=3),
                "place_3",
                "Stakes/runners",
                "place_3 Red Rum",
            ),
            (
                Claim.of(Kind.EACH_WAY, "Red Rum", F(1, 5), subject="Stakes", places=4),
                "each_way_4",
                "Stakes/runners",
                "each_way_4 Red Rum 0.2",
            ),
            (
                Claim.of(Kind.HALF_TIME_FULL_TIME, "home/draw"),
                "ht_ft",
                "goals/regulation",
                "ht_ft home/draw",
            ),
            (Claim.of(Kind.TO_QUALIFY, "home"), "to_qualify", "goals/qualified", "to_qualify home"),
            (
                Claim.of(Kind.TOTAL, "over", F(19, 2), Period.FIRST_SET, "games"),
                "games_s1_total",
                "games/s1",
                "games_s1_total over 9.5",
            ),
            (Claim.of(Kind.CONTRACT, "yes", subject="KX-1"), "contract", "KX-1/contract", "contract yes"),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_market_space_and_text(self, claim: Claim, market: str, space: str, text: str) -> None:
        assert (claim.market, claim.space, str(claim), repr(claim)) == (market, space, text, f"<{text}>")

    @pytest.mark.parametrize("kind", Kind)
    def test_the_usual_market_is_called_by_its_kind_alone(self, kind: Kind) -> None:
        markets = {claim.market for claim in EXAMPLES if claim.kind is kind and claim.subject != "corners"}
        assert markets == {f"{kind.value}_4" if kind is Kind.EACH_WAY else kind.value}

    def test_overtime_is_another_space_and_the_halves_are_not(self) -> None:
        def space(period: Period) -> str:
            return Claim.of(Kind.MONEYLINE, "home", period=period).space

        assert space(Period.FULL_TIME) == space(Period.FIRST_HALF) == space(Period.SECOND_HALF)
        assert space(Period.OVERTIME) == "goals/final"

    def test_overtime_is_said_where_it_does_not_go_without_saying(self) -> None:
        """A total with overtime and one without may be legs of one plan, and must not read the same."""
        end = Period.OVERTIME
        assert Claim.of(Kind.TOTAL, "over", F(6), end).market == "ot_total"
        assert Claim.of(Kind.TOTAL, "over", F(6), end, "shots").market == "shots_ot_total"
        assert Claim.of(Kind.MONEYLINE, "home", period=end).market == "moneyline"
        assert Claim.of(Kind.TOTAL, "over", F(20), end, "games").market == "games_total"
        assert Claim.of(Kind.TOTAL, "over", F(2), end, "sets").market == "sets_total"

    def test_different_counts_are_different_spaces(self) -> None:
        spaces = {
            Claim.of(Kind.TOTAL, "over", F(1), subject=subject).space
            for subject in (GOALS, "corners", "cards")
        }
        spaces |= {Claim.of(Kind.CONTRACT, "yes", subject=subject).space for subject in (GOALS, "corners")}
        spaces |= {Claim.of(Kind.WINNER, "yes", subject=subject).space for subject in (GOALS, "corners")}
        assert len(spaces) == 7

    def test_the_words_of_kinds_and_periods(self) -> None:
        """They stand in files and in `scan` output, so they must not change."""
        assert {kind.name: kind.value for kind in Kind} == {
            "MATCH_RESULT": "1x2",
            "DOUBLE_CHANCE": "double_chance",
            "DRAW_NO_BET": "draw_no_bet",
            "MONEYLINE": "moneyline",
            "ASIAN_HANDICAP": "asian_handicap",
            "EUROPEAN_HANDICAP": "european_handicap",
            "TOTAL": "total",
            "TEAM_TOTAL_HOME": "team_total_home",
            "TEAM_TOTAL_AWAY": "team_total_away",
            "BOTH_TEAMS_TO_SCORE": "btts",
            "CORRECT_SCORE": "correct_score",
            "EXACT_TOTAL": "exact_total",
            "ODD_EVEN": "odd_even",
            "WIN_TO_NIL": "win_to_nil",
            "HALF_TIME_FULL_TIME": "ht_ft",
            "TO_QUALIFY": "to_qualify",
            "WINNER": "winner",
            "PLACE": "place",
            "EACH_WAY": "each_way",
            "CONTRACT": "contract",
        }
        assert [period.value for period in Period] == ["ft", "1h", "2h", "ot", "s1", "s2", "s3", "s4", "s5"]

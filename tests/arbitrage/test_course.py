"""How events run: what is known by their sport and competition, and that nothing is tied where it is not."""

from __future__ import annotations

import pytest

from crossbook.arbitrage.course import DECIDED, OPEN, Course, Format, Overtime, course_of
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Listing

REGULATION, FINAL, QUALIFIED = "goals/regulation", "goals/final", "goals/qualified"


def course(
    sport: str, competition: str = "X", decider: bool | None = None, home: str = "A", away: str = "B"
) -> Course:
    return course_of(
        Listing(
            source="s", key="1", sport=sport, competition=competition, home=home, away=away, decider=decider
        )
    )


@pytest.mark.parametrize(
    ("sport", "competition", "overtime", "level"),
    [
        ("football", "Premier League", Overtime.UNKNOWN, True),
        ("handball", "Bundesliga", Overtime.UNKNOWN, True),
        ("rugby-union", "Top 14", Overtime.UNKNOWN, True),
        ("ice-hockey", "NHL", Overtime.NEXT_GOAL, False),
        ("basketball", "NBA", Overtime.PLAYED_ON, False),
        ("baseball", "MLB", Overtime.PLAYED_ON, False),
        ("baseball", "NPB", Overtime.MAY_END_LEVEL, True),
        ("baseball", "KBO", Overtime.MAY_END_LEVEL, True),
        ("baseball", "MLB Preseason", Overtime.MAY_END_LEVEL, True),
        ("american-football", "NFL", Overtime.MAY_END_LEVEL, True),
        ("other", "", Overtime.UNKNOWN, True),
    ],
)
def test_overtime(sport: str, competition: str, overtime: Overtime, level: bool) -> None:
    found = course(sport, competition)
    assert (found.overtime, found.level, found.decider, found.sets) == (overtime, level, False, None)
    assert (found.space(FINAL) == REGULATION) == (overtime is not Overtime.UNKNOWN)
    assert found.space(QUALIFIED) == QUALIFIED
    assert found.space("corners/final") == "corners/final"


@pytest.mark.parametrize("decider", [None, False, True])
def test_only_a_single_match_decides_who_goes_through(decider: bool | None) -> None:
    found = course("football", "FA Cup", decider)
    assert (found.space(QUALIFIED) == REGULATION) == (decider is True)
    assert (found.space(FINAL) == REGULATION) == (decider is True)
    assert found.overtime is (Overtime.MAY_END_LEVEL if decider else Overtime.UNKNOWN)
    assert course("ice-hockey", "Play-offs", decider).overtime is Overtime.NEXT_GOAL


@pytest.mark.parametrize(
    ("competition", "form"),
    [
        ("ATP Rome", Format((3,), games=True)),
        ("WTA Wimbledon", Format((3,), games=True)),
        ("Challenger Bergamo", Format((3,), games=True)),
        ("ATP Wimbledon", Format((5,), games=True)),
        ("US Open Men Singles", Format((5,), games=True)),
        ("US Open Women Singles", Format((3,), games=True)),
        ("ATP Wimbledon Qualifying", Format((3, 5), games=True, short=True)),
        ("Wimbledon", Format((3, 5), games=True, short=True)),
        ("ATP Rome Doubles", Format((3,), games=True, short=True)),
        ("Laver Cup", Format((3, 5), games=True, short=True)),
        ("Next Gen ATP Finals", Format((3, 5))),
        ("UTR Pro Series", Format((3, 5))),
        ("", Format((3, 5), games=True, short=True)),
    ],
)
def test_tennis(competition: str, form: Format) -> None:
    assert course("tennis", competition).sets == form


def test_pairs_may_end_with_a_match_tie_break() -> None:
    assert course("tennis", "ATP Rome", home="A / B", away="C / D").sets == Format(
        (3,), games=True, short=True
    )


def test_other_sports_of_sets_count_sets_only() -> None:
    for sport, best_of in (("volleyball", (3, 5)), ("badminton", (3,)), ("table-tennis", (5, 7))):
        assert course(sport).sets == Format(best_of)
        assert course(sport).space("points/final") == "points/final"


def test_in_sets_everything_that_is_counted_in_them_is_one_space() -> None:
    found = course("tennis", "ATP Rome")
    claims = [
        Claim.of(Kind.MONEYLINE, "home"),
        Claim.of(Kind.MONEYLINE, "home", period=Period.OVERTIME),
        Claim.of(Kind.MONEYLINE, "home", period=Period.FIRST_SET),
        Claim.of(Kind.MONEYLINE, "home", subject="sets"),
        Claim.of(Kind.ODD_EVEN, "odd", period=Period.SECOND_SET, subject="games"),
        Claim.of(Kind.ODD_EVEN, "odd", period=Period.OVERTIME, subject="games"),
    ]
    assert {found.space(claim.space) for claim in claims} == {"sets"}
    assert found.space(Claim.of(Kind.ODD_EVEN, "odd", subject="aces").space) == "aces/regulation"
    assert found.space(QUALIFIED) == QUALIFIED
    no_games = course("tennis", "UTR Pro Series")
    assert no_games.space("games/final") == "games/final"
    assert no_games.space(FINAL) == "sets"


def test_groups_of_tied_spaces_are_joined_and_others_stay() -> None:
    groups = {("live", FINAL): [1], ("live", REGULATION): [2, 3], ("closing", FINAL): [4], ("live", "x"): [5]}
    assert OPEN.joined(groups) is groups
    assert DECIDED.joined(groups) is groups
    joined = course("ice-hockey").joined(groups)
    assert joined == {("live", REGULATION): [1, 2, 3], ("closing", REGULATION): [4], ("live", "x"): [5]}

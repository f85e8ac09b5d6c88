"""The judge of sets judged: identities over matches of every length, and what giving up does under each rule."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from tests.oracles.sets_reference import (
    SET_ENDS,
    SET_PERIODS,
    Sets,
    count_in,
    counts_on,
    finished_sets,
    is_finished,
    settle_sets,
)
from tests.oracles.settlement_reference import LOST, PUSH, WON, settle

F = Fraction
SOME_ENDS = ((6, 0), (6, 4), (7, 6), (4, 6), (6, 7))


def matches(best_of: int, ends: tuple[tuple[int, int], ...]) -> list[Sets]:
    """Every finished match of so many sets whose sets end in one of these ways."""
    needed = best_of // 2 + 1
    found = []
    for length in range(needed, best_of + 1):
        for sets in product(ends, repeat=length):
            ahead = [sum(home > away for home, away in sets[:upto]) for upto in range(length + 1)]
            behind = [upto - won for upto, won in enumerate(ahead)]
            over = [max(both) == needed for both in zip(ahead, behind, strict=True)]
            if over.index(True) == length if True in over else False:
                found.append(Sets(sets, best_of))
    return found


THREE = matches(3, SOME_ENDS)
FIVE = matches(5, ((6, 4), (6, 7)))


def test_there_are_matches_of_every_length() -> None:
    assert {len(match.sets) for match in THREE} == {2, 3}
    assert {len(match.sets) for match in FIVE} == {3, 4, 5}


@pytest.mark.parametrize("best_of", [3, 5])
def test_the_winner_has_most_sets_and_one_exact_score(best_of: int) -> None:
    needed = best_of // 2 + 1
    scores = [
        f"{home}-{away}"
        for home in range(needed + 1)
        for away in range(needed + 1)
        if needed in (home, away) and home != away
    ]
    for match in THREE if best_of == 3 else FIVE:
        home = settle_sets("moneyline", "home", None, "ft", "goals", match)
        away = settle_sets("moneyline", "away", None, "ft", "goals", match)
        assert {home, away} == {WON, LOST}
        assert home == settle_sets("asian_handicap", "home", F(-1, 2), "ft", "sets", match)
        won = [settle_sets("correct_score", score, None, "ft", "sets", match)[0] for score in scores]
        assert sum(won) == 1
        by_home = sum(
            settle_sets("correct_score", score, None, "ft", "sets", match)[0]
            for score in scores
            if score.startswith(str(needed))
        )
        assert by_home == home[0]


def test_over_three_sets_a_handicap_of_one_and_a_half_is_straight_sets() -> None:
    for match in THREE:
        straight = settle_sets("correct_score", "2-0", None, "ft", "sets", match)
        assert settle_sets("asian_handicap", "home", F(-3, 2), "ft", "sets", match) == straight
        two_sets = settle_sets("total", "under", F(5, 2), "ft", "sets", match)
        assert two_sets[0] == straight[0] + settle_sets("correct_score", "0-2", None, "ft", "sets", match)[0]


def test_games_and_sets_of_the_single_sets_add_up() -> None:
    for match in [*THREE, *FIVE]:
        for subject in ("sets", "games"):
            parts = [count_in(match, period, subject) for period in SET_PERIODS]
            home = sum(part[0] for part in parts if part is not None)
            away = sum(part[1] for part in parts if part is not None)
            assert (home, away) == count_in(match, "ft", subject)
        assert count_in(match, "ft", "goals") == count_in(match, "ft", "sets")


def test_a_set_alone_is_won_by_who_has_more_games_and_not_played_is_void() -> None:
    for match in THREE:
        for number, period in enumerate(SET_PERIODS):
            home = settle_sets("moneyline", "home", None, period, "goals", match)
            if number >= len(match.sets):
                assert home == PUSH
                assert settle_sets("total", "over", F(19, 2), period, "games", match) == PUSH
                continue
            games = match.sets[number]
            assert home == settle("1x2", "home", None, *games)
            assert home == settle_sets("asian_handicap", "home", F(-1, 2), period, "games", match)


def test_lines_on_games_mirror_each_other_and_halve() -> None:
    for match in THREE:
        for quarters in range(-26, 27):
            line = F(quarters, 4)
            won, refunded = settle_sets("asian_handicap", "home", line, "ft", "games", match)
            away = settle_sets("asian_handicap", "away", line, "ft", "games", match)
            assert away == (1 - won - refunded, refunded)
        for quarters in range(70, 140):
            won, refunded = settle_sets("total", "over", F(quarters, 4), "ft", "games", match)
            under = settle_sets("total", "under", F(quarters, 4), "ft", "games", match)
            assert under == (1 - won - refunded, refunded)
        odd = settle_sets("odd_even", "odd", None, "ft", "games", match)
        even = settle_sets("odd_even", "even", None, "ft", "games", match)
        assert {odd, even} == {WON, LOST}


def test_how_sets_end() -> None:
    assert len(SET_ENDS) == 14
    assert all(is_finished(end) for end in SET_ENDS)
    for unfinished in ((0, 0), (5, 5), (6, 5), (6, 6), (5, 0), (1, 0)):
        assert not is_finished(unfinished)
    assert finished_sets(Sets(((6, 4), (2, 1)), retired="home")) == ((6, 4),)
    assert finished_sets(Sets(((6, 4), (6, 3)), retired="home")) == ((6, 4), (6, 3))


def test_what_may_still_come_is_what_every_way_on_gives() -> None:
    """The folded counts are those of playing on set by set."""
    for start in (((6, 4), (3, 5)), ((4, 6), (6, 6)), ((6, 4), (4, 6)), ((5, 2),)):
        needed = 2
        ended = []
        going = [start]
        while going:
            sets = going.pop()
            if not is_finished(sets[-1]):
                high, low = sets[-1]
                going += [(*sets[:-1], end) for end in SET_ENDS if end[0] >= high and end[1] >= low]
                continue
            won = sum(home > away for home, away in sets)
            if max(won, len(sets) - won) == needed:
                ended.append(Sets(sets))
            else:
                going += [(*sets, end) for end in SET_ENDS]
        for subject in ("sets", "games"):
            assert {count_in(one, "ft", subject) for one in ended} == counts_on(Sets(start), subject)


@pytest.mark.parametrize("retired", ["home", "away"])
def test_the_rules_on_giving_up_are_in_order(retired: str) -> None:
    """A stricter rule stands only where a laxer one does, and then they agree."""
    rules = ("match_complete", "two_sets", "first_set", "first_point")
    for sets in ((), ((3, 1),), ((6, 4), (0, 1)), ((6, 4), (4, 6)), ((6, 4), (4, 6), (2, 2))):
        match = Sets(sets, 3, retired)
        settled = [
            settle_sets("moneyline", "home", None, "ft", "goals", match, {"retired": rule}) for rule in rules
        ]
        stands = [one != PUSH for one in settled]
        assert stands == sorted(stands)
        assert {one for one in settled if one != PUSH} <= {LOST if retired == "home" else WON}
    assert stands == [False, True, True, True]


def test_what_is_reached_is_certain() -> None:
    certain = {"retired": "first_set", "retired_others": "certain"}
    reached = {"retired": "first_set", "retired_others": "reached"}
    void = {"retired": "first_set", "retired_others": "void"}
    for sets in (((4, 4),), ((6, 4), (1, 1)), ((6, 4), (4, 6), (6, 6))):
        match = Sets(sets, 3, "away")
        for half_games in range(7, 80):
            for selection in ("over", "under"):
                bet = ("total", selection, F(half_games, 2), "ft", "games", match)
                assert settle_sets(*bet, void) == PUSH
                if settle_sets(*bet, reached) != PUSH:
                    assert settle_sets(*bet, reached) == settle_sets(*bet, certain)


def test_what_is_certain_stays_so_when_play_goes_on() -> None:
    rules = {"retired": "match_complete", "retired_others": "certain"}
    before = Sets(((6, 4), (3, 4)), 3, "home")
    after = Sets(((6, 4), (3, 6), (2, 0)), 3, "home")
    for quarters in range(40, 160):
        bet = ("total", "over", F(quarters, 4), "ft", "games")
        first = settle_sets(*bet, before, rules)
        if first != PUSH:
            assert settle_sets(*bet, after, rules) == first


@pytest.mark.parametrize(
    ("rules", "period", "subject", "message"),
    [
        (None, "ft", "goals", "rule is needed"),
        ({"retired": "whenever"}, "ft", "goals", "no such rule"),
        ({"retired": "first_set", "retired_others": "some"}, "ft", "games", "no such rule"),
    ],
)
def test_a_rule_that_is_missing_is_asked_for(
    rules: dict[str, object] | None, period: str, subject: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        settle_sets("moneyline", "home", None, period, subject, Sets(((6, 4), (1, 0)), 3, "away"), rules)


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match="no such period"):
        settle_sets("moneyline", "home", None, "1h", "sets", THREE[0])
    with pytest.raises(ValueError, match="no such subject"):
        settle_sets("moneyline", "home", None, "ft", "points", THREE[0])

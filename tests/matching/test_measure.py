"""The measure of matching, first on pairs whose answer is known by counting, then on recorded ones."""

from __future__ import annotations

import csv
from itertools import combinations

import pytest

from crossbook.base.errors import BadData
from crossbook.matching.labelled import Lessons, Mode, Pair, pair_of
from crossbook.matching.measure import Measurement
from tests.matching.listings import listing, season

ROW = {
    "league": "N1",
    "season": "1920",
    "ft_home": "1",
    "label": "1",
    "src_a": "x",
    "a_home": "Nijmegen",
    "a_away": "Ajax",
    "a_date": "2019-09-01",
    "src_b": "o",
    "b_home": "NEC",
    "b_away": "AFC Ajax",
    "b_date": "2019-09-01",
    "b_time": "15:00",
}
HELD_OUT = frozenset({"F2", "N1", "SC0"})
"""Schedules were worked out on the other leagues."""


def pair(left, right, league="E0", season="1920"):
    return Pair(frozenset({league}), season, left, right)


def measured(pairs, negatives=(), mode=Mode.NONE):
    return Measurement(pairs, Lessons(pairs, mode), iter(range(0, 10**12, 10**9)).__next__).run(
        negatives, lambda done, of: None
    )


def test_a_row_gives_names_and_dates_and_nothing_else():
    one = pair_of(ROW)
    assert (one.league, one.season, one.left.source, one.right.source) == ("N1", "1920", "o", "x")
    assert (one.left.home, one.left.date, one.left.start, one.left.competition) == (
        "NEC",
        "2019-09-01",
        None,
        "",
    )
    assert pair_of({**ROW, "league": "E0", "label": "0", "ft_home": "7"})[2:] == one[2:]


@pytest.mark.parametrize("name", ["league", "season", "src_a", "a_home", "b_date"])
def test_a_row_without_a_column_is_bad_data(name):
    with pytest.raises(BadData, match=f"^{name}: "):
        pair_of({**ROW, name: ""})
    with pytest.raises(BadData, match=f"^{name}: "):
        pair_of({key: cell for key, cell in ROW.items() if key != name})


def test_a_pair_of_one_source_is_bad_data():
    with pytest.raises(BadData, match=r"^src_b: 'x' is src_a too"):
        pair_of({**ROW, "src_b": "x"})


def test_every_kind_of_answer_is_counted():
    right = pair(listing("a", "Leeds", "Hull"), listing("b", "Leeds Utd", "Hull City"))
    asked = pair(listing("a", "Roda", "Brugge"), listing("b", "Molenrood", "Brugge"))
    missed = pair(listing("a", "Ajax", "Sparta"), listing("b", "Porto", "Estoril"))
    # While Everton's own match is absent, another of that name on the day takes its place.
    turned = pair(listing("a", "Everton", "Burnley"), listing("b", "Everton", "Burnley"))
    twin = pair(
        listing("a", "Lyon", "Metz", "2019-01-01"), listing("b", "Everton", "Burnley", key="twin"), "E1"
    )
    figures = measured([right, asked, missed, turned, twin], [right, asked])
    assert {row.league: (row.pairs, row.accepted, row.review) for row in figures.rows} == {
        "E0": (4, 1, 2),
        "E1": (1, 0, 1),
    }
    summary = figures.summary()
    assert summary["recall"] == pytest.approx(1 / 5)
    assert summary["review_share"] == pytest.approx(3 / 5)
    assert summary["wrong_accepts_closed"] == 0
    assert summary["wrong_accepts_open"] > 0
    assert summary["hard_negatives_accepted"] == 1 / 2
    assert summary["events_per_second"] == 10


def test_nothing_is_learned_across_the_split():
    """One strange name, confirmed in another league and in another season."""

    def strange(league, year, day):
        here = listing("a", "Zandwijk", f"Leeds {league}", day)
        return pair(here, listing("b", "Molenrood", f"Leeds {league}", day), league, year)

    early, late, other = (
        strange("N1", "1819", "2018-09-01"),
        strange("N1", "1920", "2019-09-01"),
        strange("N2", "2021", "2020-09-01"),
    )

    def joined(mode, *pairs):
        return {(row.league): row.accepted for row in measured(pairs, mode=mode).rows}

    assert joined(Mode.NONE, early, late, other) == {"N1": 0, "N2": 0}
    assert joined(Mode.LEAVE_ONE_LEAGUE_OUT, early, late) == {"N1": 0}
    assert joined(Mode.LEAVE_ONE_LEAGUE_OUT, early, late, other) == {"N1": 2, "N2": 1}
    assert joined(Mode.TIME_ORDERED, early, late, other) == {"N1": 1, "N2": 1}
    assert joined(Mode.TIME_ORDERED, late) == {"N1": 0}


def test_what_contradicts_is_not_learned():
    one = pair(listing("a", "Zandwijk", "Leeds"), listing("b", "Molenrood", "Leeds"), "N1")
    two = pair(listing("a", "Zandwijk", "Hull"), listing("b", "Groenhout", "Hull"), "N1")
    lessons = Lessons([one, two], Mode.LEAVE_ONE_LEAGUE_OUT)
    known = lessons.aliases(frozenset({"E0"})).known
    assert sum("zandwijk" in (alias.name, alias.canonical) for alias in known.values()) == 1


@pytest.mark.parametrize(("first", "second"), list(combinations(("exchange", "bookmaker", "official"), 2)))
def test_a_season_in_three_habits_of_writing(first, second):
    summary = measured([pair(*sides) for sides in season(first, second)]).summary()
    assert summary["pairs"] == 190
    assert (summary["recall"], summary["wrong_accepts_closed"], summary["wrong_accepts_open"]) == (1, 0, 0)


def rows(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return [pair_of(row) for row in csv.DictReader(lines)]


def test_a_sample_of_labelled_pairs(real_data):
    every = rows(real_data / "sports" / "match_pairs.csv")
    pairs = [each for each in every if each.season == "1819" and each.right.source != "openfootball"]
    assert len(pairs) > 1_500
    summary = measured(pairs).summary()
    assert summary["recall"] > 0.995
    assert (summary["wrong_accepts_closed"], summary["wrong_accepts_open"]) == (0, 0)


def test_leagues_that_were_held_out(real_data):
    every = rows(real_data / "sports" / "match_pairs.csv")
    pairs = [each for each in every if each.leagues <= HELD_OUT and "1718" <= each.season <= "1920"]
    assert len(pairs) > 500
    summary = measured(pairs, mode=Mode.TIME_ORDERED).summary()
    assert summary["recall"] > 0.99
    assert (summary["wrong_accepts_closed"], summary["wrong_accepts_open"]) == (0, 0)


def test_a_sample_of_hard_negatives(real_data):
    negatives = rows(real_data / "sports" / "match_pairs_hard_negatives.csv")[::20]
    assert len(negatives) > 500
    figures = measured([], negatives)
    assert (figures.negatives, figures.negatives_accepted) == (len(negatives), 0)

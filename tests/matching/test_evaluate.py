"""Loose floors that fall when matching breaks; the full figures come from running evaluate on all pairs."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.matching.evaluate import Pair, accepted_negatives, measure, read
from tests.matching.listings import season

DEVELOPMENT = ("D1", "E0", "SP1", "N1")


@pytest.mark.parametrize(("first", "second"), list(combinations(("exchange", "bookmaker", "official"), 2)))
def test_a_season_in_three_habits_of_writing(first, second):
    figures = measure([Pair("", *pair) for pair in season(first, second)], folds=4)
    assert figures.pairs == 190
    assert (figures.wrong_closed, figures.wrong_open) == (0, 0)
    assert figures.recall > 0.75
    assert figures.recall + figures.review_share > 0.98


def test_a_sample_of_labelled_pairs(real_data):
    labelled = read(real_data / "sports" / "match_pairs.csv", DEVELOPMENT)
    pairs = [pair for pair in labelled if "2018-07" < (pair.left.date or "") < "2019-01"]
    assert len(pairs) > 1_000
    figures = measure(pairs, folds=4)
    assert figures.recall > 0.97
    assert (figures.wrong_closed, figures.wrong_open) == (0, 0)
    assert figures.review_share < 0.02


def test_a_sample_of_hard_negatives(real_data):
    negatives = read(real_data / "sports" / "match_pairs_hard_negatives.csv", DEVELOPMENT)[::10]
    assert len(negatives) > 500
    assert accepted_negatives(negatives) == []

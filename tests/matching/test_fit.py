from __future__ import annotations

import pytest

from crossbook.matching.fit import Fit, compare
from crossbook.matching.names import normalise


@pytest.mark.parametrize(
    ("one", "other", "grade"),
    [
        ("Arsenal", "Arsenal FC", Fit.EXACT),
        ("Real Madrid CF", "Real Madrid", Fit.EXACT),
        ("Bodø/Glimt", "BodoGlimt", Fit.EXACT),
        ("Köln", "1. FC Cologne", Fit.CLOSE),
        ("Ein Frankfurt", "Eintracht Frankfurt", Fit.CLOSE),
        ("Heidenheim", "1. FC Heidenheim 1846", Fit.CLOSE),
        ("Brighton", "Brighton & Hove Albion", Fit.CONTAINED),
        ("Betis", "Real Betis Balompié", Fit.CONTAINED),
        ("Vallecano", "Rayo Vallecano", Fit.TAIL),
        ("Espanol", "Espanyol", Fit.FUZZY),
        ("Manchester", "Manchester City", Fit.FUZZY),
        ("Dag & Red", "Dagenham & Redbridge", Fit.FUZZY),
        ("NYC Sharks", "New York City Sharks", Fit.CLOSE),
        ("Austria", "Australia", Fit.FUZZY),
        ("Real Madrid", "Atletico Madrid", Fit.PARTIAL),
        ("Sheffield United", "Sheffield Wednesday", Fit.PARTIAL),
        ("1860 Munich", "Bayern Munich", Fit.PARTIAL),
        ("Ireland", "Northern Ireland", Fit.PARTIAL),
        ("Guinea", "Equatorial Guinea", Fit.PARTIAL),
        ("Inter", "Inter Turku", Fit.PARTIAL),
        ("AFC", "AFC", Fit.PARTIAL),
        ("Leeds United", "Newcastle United", Fit.NONE),
        ("FC Basel", "FC Zurich", Fit.NONE),
        ("Arsenal", "Chelsea", Fit.NONE),
    ],
)
def test_grades(one, other, grade):
    assert compare(normalise(one), normalise(other)) is grade
    assert compare(normalise(other), normalise(one)) is grade


def test_a_higher_grade_has_a_higher_score():
    scores = [fit.score for fit in sorted(Fit)]
    assert scores == sorted(set(scores))
    assert (scores[0], scores[-1]) == (0.0, 1.0)

"""Players: initials, order of names, seeds, doubles, and brothers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.matching.fit import Fit, compare
from crossbook.matching.match import Outcome, link
from crossbook.matching.persons import person
from tests.matching.listings import listing, only

START = "2024-03-02T15:00:00Z"


@pytest.mark.parametrize(
    ("one", "other", "grade"),
    [
        ("Rafael Nadal", "Nadal, Rafael", Fit.EXACT),
        ("Rafael Nadal (ESP)", "[2] Rafael Nadal", Fit.EXACT),
        ("Na Li", "Li Na", Fit.EXACT),
        ("Nadal R.", "Rafael Nadal", Fit.CONTAINED),
        ("R Nadal", "Rafael Nadal", Fit.CONTAINED),
        ("Struff J.L.", "Jan-Lennard Struff", Fit.CONTAINED),
        ("van Gerwen M", "Michael van Gerwen", Fit.CONTAINED),
        ("Alcaraz C.", "Carlos Alcaraz Garfia", Fit.CONTAINED),
        ("Nadal R. / Federer R.", "Roger Federer & Rafael Nadal", Fit.CONTAINED),
        ("Nadal", "Rafael Nadal", Fit.TAIL),
        ("Djokovic N.", "Djokovich N.", Fit.FUZZY),
        ("Williams S.", "Venus Williams", Fit.PARTIAL),
        ("Ymer E.", "Ymer M.", Fit.PARTIAL),
        ("Serena Williams", "Venus Williams", Fit.PARTIAL),
        ("Du Y.", "Do Y.", Fit.NONE),
        ("Nadal R.", "Federer R.", Fit.NONE),
    ],
)
def test_grades(one, other, grade):
    assert compare(person(one), person(other)) is grade
    assert compare(person(other), person(one)) is grade


def match(source, home, away, start=START, sport="tennis", **fields):
    return listing(source, home, away, start, sport=sport, **fields)


def said(*listings):
    decision = only(*listings)
    return decision.outcome.value, decision.names[0]


@pytest.mark.parametrize("sport", ["tennis", "darts", "Table Tennis", "mixed martial arts", "snooker"])
def test_players_are_joined_however_their_names_are_turned(sport):
    short = match("a", "Nadal R.", "Cerundolo F.", sport=sport)
    full = match("b", "Rafael Nadal", "Francisco Cerundolo", sport=sport)
    assert said(short, full) == ("accept", "names")


def test_doubles_in_any_order_and_never_with_one_of_the_two():
    pair = match("a", "Mahut N / Herbert P-H", "Bopanna R / Ebden M")
    turned = match("b", "Pierre-Hugues Herbert/Nicolas Mahut", "Matthew Ebden/Rohan Bopanna")
    assert said(pair, turned) == ("accept", "names")
    alone = match("b", "Nicolas Mahut", "Rohan Bopanna")
    assert Outcome.ACCEPT not in {each.outcome for each in link([pair, alone])}


def test_a_surname_alone_and_brothers_are_left_to_a_person():
    assert said(match("a", "Nadal", "Federer"), match("b", "Rafael Nadal", "Roger Federer")) == (
        "review",
        "names_weak",
    )
    assert said(
        match("a", "Ymer E.", "Federer"), match("b", "Ymer M.", "Federer", "2024-03-02T15:10:00Z")
    ) == (
        "review",
        "names_weak",
    )


def test_initials_that_two_players_share_are_left_to_a_person():
    short = match("a", "Wang X.", "Osaka N.")
    first = match("b", "Xinyu Wang", "Naomi Osaka")
    assert said(short, first) == ("accept", "names")
    sister = match("b", "Xiyu Wang", "Elena Rybakina", "2024-03-02T17:00:00Z")
    assert {each.names for each in link([short, first, sister])} == {("name_not_unique",)}


def test_a_date_alone_does_not_name_a_match_of_players():
    sides = [match(source, "Rafael Nadal", "Roger Federer", "2024-03-02") for source in "ab"]
    assert said(*sides) == ("review", "start_unknown")


def test_women_are_told_by_the_competition():
    men = match("a", "Wang X.", "Kim Y.")
    women = match("b", "Wang X.", "Kim Y.", competition="Women's Singles")
    assert said(men, women) == ("reject", "qualifier_differs")


def test_a_team_sport_reads_no_initials():
    assert only(
        match("a", "Racing B", "Hull", sport="football"), match("b", "Racing", "Hull", sport="football")
    ).names == ("qualifier_differs",)


@given(st.text(max_size=30))
def test_any_text_can_be_read(text):
    name = person(text)
    assert compare(name, name) in (Fit.EXACT, Fit.PARTIAL)
    assert bool(name.words) == bool(name.tokens)

from __future__ import annotations

import pytest

from crossbook.base.errors import BadData
from crossbook.matching.aliases import BUILT_IN, Alias, Aliases
from crossbook.matching.match import Outcome, link
from crossbook.matching.names import normalise
from tests.matching.listings import listing, only

SHORT = listing("a", "Gladiators", "Leeds United")
LONG = listing("b", "Northgate Athletic", "Leeds United")


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("Wolves", "Wolverhampton Wanderers FC"),
        ("Spurs", "Tottenham Hotspur"),
        ("Man Utd", "Manchester United"),
        ("PSG", "Paris Saint-Germain FC"),
        ("Inter", "FC Internazionale Milano"),
        ("Nijmegen", "N.E.C."),
        ("Sp Lisbon", "Sporting CP"),
        ("USA", "United States"),
    ],
)
def test_well_known_names(short, long):
    known = Aliases.built_in()
    assert known.resolve(normalise(short)).tokens == known.resolve(normalise(long)).tokens


def test_built_in_aliases_say_who_stands_behind_them():
    assert {alias.who for alias in Aliases.built_in().known.values()} == {BUILT_IN}


def test_learning_turns_a_review_into_an_accept_and_leaves_the_old_set_alone():
    before = Aliases.built_in()
    assert only(SHORT, LONG).outcome is Outcome.REVIEW
    after = before.learn(SHORT, LONG, who="ana", why="seen on both sites")
    (decision,) = link([SHORT, LONG], after)
    assert decision.outcome is Outcome.ACCEPT
    assert "alias" in decision.names
    assert link([SHORT, LONG], before)[0].outcome is Outcome.REVIEW
    alias = after.known["gladiators"]
    assert (alias.canonical, alias.who, alias.why) == ("northgate athletic", "ana", "seen on both sites")


def test_what_is_learned_keeps_women_apart():
    after = Aliases().learn(SHORT, LONG, "ana", "")
    (decision,) = link([listing("a", "Gladiators Women", "Leeds United"), LONG], after)
    assert decision.outcome is Outcome.REJECT


def test_forgetting_and_withdrawing():
    learned = Aliases().learn(SHORT, LONG, "ana", "")
    assert "gladiators" not in learned.forget("Gladiators").known
    assert learned.withdraw(LONG, SHORT).known == {}
    again = learned.learn(SHORT, listing("c", "Northgate Athletic", "Leeds United"), "ben", "")
    assert "gladiators" in again.withdraw(SHORT, LONG).known, "a second pair still stands for it"
    assert Aliases.built_in().withdraw(SHORT, LONG).known == Aliases.built_in().known
    with pytest.raises(BadData, match="not known"):
        learned.forget("Nobody")


def test_swapped_sides_teach_the_right_names():
    turned = listing("b", "Leeds United", "Northgate Athletic")
    assert Aliases().learn(SHORT, turned, "ana", "", swapped=True).known.keys() == {"gladiators"}


def test_a_contradiction_is_not_learned():
    known = Aliases.built_in()
    with pytest.raises(BadData, match="means 'wolverhampton wanderers', 'spurs' means"):
        known.learn(listing("a", "Wolves", "x"), listing("b", "Spurs", "x"), "ana", "")
    with pytest.raises(BadData, match="different sides"):
        known.learn(listing("a", "Ajax", "x"), listing("b", "Jong Ajax", "x"), "ana", "")
    with pytest.raises(BadData, match="anybody"):
        known.learn(listing("a", "AFC", "x"), listing("b", "Wimbledon", "x"), "ana", "")


def test_one_name_has_one_meaning_and_no_chains():
    with pytest.raises(BadData, match="both"):
        Aliases([Alias("a", "b", "", ""), Alias("a", "c", "", "")])
    with pytest.raises(BadData, match="itself"):
        Aliases([Alias("a", "b", "", ""), Alias("b", "c", "", "")])

"""The linker: whatever the history, it says what linking everything at once says; and what is too much is bounded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbook.matching import block, decide, similar
from crossbook.matching.linker import Linker
from crossbook.matching.match import Decision, Outcome, link
from crossbook.model.quote import Contest, Listing
from tests.matching.listings import listing, season
from tests.matching.test_properties import listings

START = "2024-03-02T15:00:00Z"
WORDS = (
    *("Leeds", "Leed", "Leedsy", "Hull", "Hul", "City", "United", "Manchester", "Man", "Utd"),
    *("LH", "LU", "Saint", "Germain", "SG", "PSG", "Boca", "FC", "Women", "1"),
)
ROOMY = (250, 1_000, 64, 1_000, 128)
BOUNDS = (
    ROOMY,
    (1, 2, 1, 2, 1),
    (2, 3, 2, 4, 2),
    (2, *ROOMY[1:]),
    (250, 2, *ROOMY[2:]),
    (250, 1_000, 1, 9, 9),
)

short_names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
made = st.builds(
    lambda source, key, home, away, when, sport: listing(source, home, away, when, key=key, sport=sport),
    st.sampled_from("abc"),
    st.sampled_from("12345"),
    short_names,
    st.one_of(short_names, st.just("")),
    st.sampled_from([None, "2024-03-02", START, START, "2024-03-02T15:40:00Z", "2024-03-03T15:00:00Z"]),
    st.sampled_from(["football", "football", "tennis"]),
)
steps = st.lists(
    st.tuples(
        st.lists(st.one_of(made, listings()), max_size=8),
        st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("123456")), max_size=4),
        st.randoms(use_true_random=False),
    ),
    min_size=1,
    max_size=6,
)


@contextmanager
def bounds(word: int, letters: int, candidates: int, pairs: int, of_source: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "_CROWD", word)
        patch.setattr(similar, "_CROWD_OF_LETTERS", letters)
        patch.setattr(block, "_MOST_CANDIDATES", candidates)
        patch.setattr(decide, "_MOST_PAIRS", pairs)
        patch.setattr(decide, "_MOST_LISTINGS", of_source)
        yield


def identity(one: Listing) -> tuple[str, str]:
    return one.source, one.key


def by_pair(decisions: list[Decision]) -> dict[tuple[tuple[str, str], tuple[str, str]], Decision]:
    return {(identity(each.left), identity(each.right)): each for each in decisions}


@settings(max_examples=150, deadline=None)
@given(steps, st.sampled_from(BOUNDS))
def test_after_any_history_it_says_what_linking_everything_says(history, bound):
    linker, there = Linker(), {}
    with bounds(*bound):
        for come, go, shuffled in history:
            before = by_pair(linker.decisions())
            there.update({identity(each): each for each in come})
            for each in go:
                there.pop(each, None)
            given_now = list(there.values())
            shuffled.shuffle(given_now)
            updated = linker.update(given_now)
            assert linker.decisions() == link(there.values())
            after = by_pair(linker.decisions())
            differ = {
                pair for pair in before.keys() | after.keys() if said(before, pair) != said(after, pair)
            }
            assert differ <= updated.pairs


def said(decisions, pair):
    decision = decisions.get(pair)
    return decision and (decision.outcome, decision.reasons, decision.evidence)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(made, listings()), max_size=16, unique_by=identity), st.sampled_from(BOUNDS[1:]))
def test_a_bound_never_makes_an_accept(given_listings, bound):
    def accepted():
        return {
            pair for pair, each in by_pair(link(given_listings)).items() if each.outcome is Outcome.ACCEPT
        }

    whole = accepted()
    with bounds(*bound):
        assert accepted() <= whole


def test_one_listing_costs_what_there_is_around_it():
    pairs = season("exchange", "bookmaker")
    first, *others = [side for pair in pairs for side in pair]
    linker = Linker()
    linker.update(others)
    everything = linker.work
    linker.update([first, *others])
    assert [each.outcome for each in linker.links(identity(first)).values()] == [Outcome.ACCEPT]
    assert linker.work - everything < everything / 20
    assert linker.decisions() == link([first, *others])


def test_nothing_new_costs_nothing():
    sides = [side for pair in season("exchange", "bookmaker")[:10] for side in pair]
    linker = Linker()
    linker.update(sides)
    before = linker.work
    assert linker.update(sides[::-1]) == (set(), set(), 0)
    assert linker.work == before


def test_a_source_alone_is_not_compared_with_itself():
    linker = Linker()
    linker.update(listing("a", "Leeds", "Hull", START, key=str(number)) for number in range(300))
    assert linker.work < 5 * 300
    assert (linker.decisions(), linker.crowded()) == ([], 0)


def test_other_contests_are_no_matter_of_comparing():
    here, there = listing("a", "Leeds", "Hull", START), listing("b", "Leeds", "Hull", START)
    linker = Linker()
    linker.update([here, there])
    before = linker.work
    told = listing("a", "Leeds", "Hull", START, contests=(Contest("scorer", ("One", "Two")),))
    assert linker.update([told, there]) == (set(), set(), 0)
    assert linker.work == before
    assert linker.decisions() == link([told, there])
    assert linker.links(identity(there))[identity(told)].left == told
    linker.update([told])
    assert linker.decisions() == []


def test_what_looks_like_too_much_is_left_to_a_person_and_counted():
    """One source lists the same match again and again; a partner that sees them all is accepted for none."""
    twins = [listing("b", "Leeds", "Hull", START, key=str(number)) for number in range(65)]
    here = listing("a", "Leeds", "Hull", START)
    other = listing("a", "Arsenal", "Hull", START)
    right = listing("c", "Leeds", "Hull", START)
    linker = Linker()
    linker.update([here, other, right, *twins[:64]])
    assert linker.crowded() == 0
    assert {each.names for each in linker.links(identity(here)).values()} == {
        ("runner_up_close",),
        ("names",),
    }
    linker.update([here, other, right, *twins])
    assert linker.links(identity(here)).keys() == {identity(right)}, "other sources are not harmed"
    assert linker.links(identity(here))[identity(right)].outcome is Outcome.ACCEPT
    assert linker.crowded() == 2, "of the one that has only a name with them none is like it in both"
    assert linker.decisions() == link([here, other, right, *twins])


def test_a_word_that_a_source_uses_too_often_is_left_to_a_person():
    often = [listing("b", f"Leeds {word}", "Visitors", key=word) for word in made_up(251)]
    here, there = listing("a", "Leeds Zulu", "Hull"), listing("b", "Leeds Zulu", "Hull", key="there")
    (crowded,) = link([here, there, *often])
    assert (crowded.outcome, crowded.names) == (Outcome.REVIEW, ("crowded",))
    others = [listing("c", "Leeds Zulu", "Hull"), listing("c", "Arsenal", "Chelsea")]
    outcomes = {pair: each.outcome for pair, each in by_pair(link([here, there, *often, *others])).items()}
    assert outcomes == {
        (identity(here), identity(there)): Outcome.REVIEW,
        (identity(here), identity(others[0])): Outcome.ACCEPT,
        (identity(there), identity(others[0])): Outcome.REVIEW,
    }


def test_too_many_pairs_that_hang_together_are_left_to_a_person():
    """Matches of two towns one after another, so that each listing looks like its neighbours too."""
    sides = [
        listing(
            source,
            "Leeds",
            "Hull",
            f"2024-03-{2 + number // 12:02}T{number % 12 * 2:02}:{minute:02}:00Z",
            key=str(number),
        )
        for number, (source, minute) in product(range(129), (("a", 0), ("b", 29)))
    ]
    decisions = link(sides)
    assert {(each.outcome, each.names) for each in decisions} == {(Outcome.REVIEW, ("crowded",))}
    few = link(sides[:20])
    assert ("crowded",) not in {each.names for each in few}


def test_more_than_is_allowed_at_once_waits_and_stays_as_it_was():
    sides = [side for pair in season("exchange", "bookmaker")[:20] for side in pair]
    linker = Linker()
    assert linker.update(sides, most=30).waiting > 0
    known = next(each for each in sides if linker.listing(identity(each)) is not None)
    first = listing(known.source, "Lakeside", "Moor End", known.date, key=known.key)
    others = [each for each in sides if each is not known]
    assert linker.update([*others, first], most=1).waiting > 0
    assert linker.listing(identity(known)) == known
    while linker.update([*others, first], most=30).waiting:
        assert len(linker.decisions()) < len(link([*others, first]))
    assert linker.decisions() == link([*others, first])


def test_hostile_names_cost_no_more_than_they_may():
    """Names made of few syllables, of two sources: all begin alike, and all look like others."""
    sides = hostile("a", 400, 1) + hostile("b", 400, 2)
    linker = Linker()
    linker.update(sides)
    whole = linker.work
    more = hostile("a", 401, 1)[-1:]
    linker.update([*sides, *more])
    assert whole < 20 * len(sides)
    assert linker.work - whole < 100
    assert linker.decisions() == link([*sides, *more])


def hostile(source, count, seed):
    chosen = random.Random(seed)
    syllables = ["ka", "ne", "ri", "so", "tu", "ba", "le", "mi", "no", "pu", "ga", "de", "fi", "lo", "ru"]

    def name():
        return " ".join("".join(chosen.choices(syllables, k=3)) for _ in range(2))

    return [listing(source, name(), name(), START, key=str(number)) for number in range(count)]


def made_up(count):
    """Words no two of which are alike."""
    letters = "bcdfghjklm"
    return [f"{a}o{b}{a}u{c}" for a, b, c in product(letters, letters, letters)][:count]

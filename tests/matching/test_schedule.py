"""Schedules: what the matches that two sources list say of names that letters do not join."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbook.matching.fit import Fit
from crossbook.matching.linker import Linker
from crossbook.matching.match import Outcome, link
from crossbook.matching.schedule import Change, Meaning, Schedule, Sources
from crossbook.model.quote import Listing
from tests.matching.listings import listing

SURE = ("Leeds", "Arsenal", "Everton", "Chelsea", "Burnley", "Fulham")
HERE, THERE = "Zandwijk", "Molenrood"
BOTH = Sources("football", "a", "b")


def day(number: int) -> str:
    return (date(2024, 3, 2) + timedelta(days=number)).isoformat()


def met(source: str, name: str, others: tuple[str, ...], first: int = 0) -> list[Listing]:
    """Matches of one team against others, a week apart, at home and away in turn."""
    sides = [(name, other) if place % 2 else (other, name) for place, other in enumerate(others)]
    return [listing(source, home, away, day(7 * place + first)) for place, (home, away) in enumerate(sides)]


def outcomes(*listings: Listing) -> Counter[str]:
    return Counter(each.outcome.value for each in link(listings))


@pytest.mark.parametrize(
    ("here", "there", "least"),
    [(HERE, THERE, 3), ("Preston", "Preston North End", 2), ("Austria", "Australia", 2)],
)
def test_names_are_one_team_when_enough_others_met_both(here, there, least):
    def linked(count):
        return link(met("a", here, SURE[:count]) + met("b", there, SURE[:count]))

    assert {each.outcome for each in linked(least - 1)} == {Outcome.REVIEW}
    enough = linked(least)
    assert [each.outcome for each in enough] == [Outcome.ACCEPT] * least
    assert {each.names for each in enough} == {("schedule", "names")}
    assert {each.evidence.low for each in enough} == {Fit.SCHEDULE}


def test_the_same_opponent_again_is_no_further_witness():
    again = (SURE[0], SURE[1], SURE[0], SURE[1], SURE[0])
    assert outcomes(*met("a", HERE, again), *met("b", THERE, again)) == {"review": 5}


def test_a_match_without_any_name_in_common_is_joined_once_both_are_known():
    sides = []
    for source, one, two in (("a", HERE, "Sp Lissabon"), ("b", THERE, "Lions")):
        sides += met(source, one, SURE[:3]) + met(source, two, SURE[3:], first=1)
        sides.append(listing(source, one, two, day(60)))
    decisions = link(sides)
    assert {each.outcome for each in decisions} == {Outcome.ACCEPT}
    (last,) = (each for each in decisions if each.left.home == HERE and each.left.away == "Sp Lissabon")
    assert (last.evidence.home, last.evidence.away) == (Fit.SCHEDULE, Fit.SCHEDULE)


def test_another_day_is_no_witness():
    assert outcomes(*met("a", HERE, SURE), *met("b", THERE, SURE, first=1)) == {}


def test_what_speaks_for_another_team_is_counted_too():
    """The other source has one team of that name and another that met two of the same opponents on the same days."""
    rival = met("b", "Roda", SURE[:2])
    here, there = met("a", HERE, SURE), met("b", THERE, SURE)
    decided = {each.right.key: each.outcome for each in link([*here, *there, *rival])}
    assert {decided[each.key] for each in there} == {Outcome.REVIEW}


def test_a_source_may_change_its_own_spelling():
    early, late = met("b", "Molenrood Gelderland", SURE[:3]), met("b", THERE, SURE[3:], first=21)
    here = met("a", HERE, (*SURE[:3],)) + met("a", HERE, SURE[3:], first=21)
    assert outcomes(*here, *early, *late) == {"accept": 6}


def test_no_schedule_joins_different_sides_of_a_club():
    here, there = met("a", f"{HERE} Women", SURE), met("b", THERE, SURE)
    assert outcomes(*here, *there) == {}
    women = met("b", f"{THERE} Women", tuple(f"{name} Ladies" for name in SURE))
    marked = met("a", f"{HERE} (W)", SURE)
    assert outcomes(*marked, *women) == {"accept": 6}


def test_namesakes_abroad_join_nothing_that_is_not_there():
    """Two countries in which half the clubs have the same names, all playing on the same days."""
    here = met("a", HERE, SURE)
    abroad = [
        listing("b", home, away, each.date)
        for number, each in enumerate(here)
        for home, away in [(SURE[number], f"Puerto {number}"), (f"Villa {number}", SURE[number - 1])]
    ]
    assert outcomes(*here, *abroad)["accept"] == 0


def test_in_a_sport_of_daily_matches_a_date_is_no_witness():
    def games(source, name, start):
        return [
            listing(source, name, other, f"{day(number)}{start}", sport="baseball")
            for number, other in enumerate(SURE[:3])
        ]

    assert outcomes(*games("a", HERE, ""), *games("b", THERE, "")) == {"review": 3}
    assert outcomes(*games("a", HERE, "T18:00:00Z"), *games("b", THERE, "T18:10:00Z")) == {"review": 3}
    assert outcomes(*games("a", HERE, "T18:00:00Z"), *games("b", THERE, "T18:02:00Z")) == {"accept": 3}


def test_an_undated_match_is_not_joined_by_a_schedule():
    sides = [*met("a", HERE, SURE), *met("b", THERE, SURE)]
    undated = listing("b", THERE, "Reading", None)
    dated = listing("a", HERE, "Reading", day(90))
    (last,) = (
        each for each in link([*sides, undated, dated]) if each.right == undated and each.left == dated
    )
    assert (last.outcome, last.names) == (Outcome.REVIEW, ("undated",))


TEAMS = {
    "a": ("Leeds", "Arsenal", "Everton", "Zandwijk", "Preston", "Sp Lissabon"),
    "b": ("Leeds", "Arsenal FC", "Everton", "Molenrood", "Preston North End", "Lions"),
    "c": ("Leeds Utd", "Arsenal", "Roda", "Groenhout", "PNE", "Lions"),
}
MATCHES = [(home, away, place) for place, (home, away) in enumerate(combinations(range(6), 2))]
ALL = [
    listing(source, names[home], names[away], day(place // 3), key=str(place))
    for source, names in TEAMS.items()
    for home, away, place in MATCHES
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sets(st.integers(0, len(ALL) - 1)), min_size=1, max_size=5))
def test_after_any_history_schedules_say_what_they_say_of_everything(history):
    linker, there = Linker(), set[int]()
    for step in history:
        there ^= step
        given_now = [ALL[place] for place in sorted(there)]
        before = {(d.left.source, d.left.key, d.right.source, d.right.key): d for d in linker.decisions()}
        updated = linker.update(given_now)
        assert linker.decisions() == link(given_now)
        after = {(d.left.source, d.left.key, d.right.source, d.right.key): d for d in linker.decisions()}
        told = {(*one, *other) for one, other in updated.pairs}
        assert {pair for pair in before.keys() | after.keys() if before.get(pair) != after.get(pair)} <= told


def test_a_whole_history_of_one_listing_at_a_time():
    linker = Linker()
    for count in range(1, len(ALL) + 1):
        linker.update(ALL[:count])
    assert linker.decisions() == link(ALL)
    assert Outcome.ACCEPT in {
        each.outcome
        for each in linker.decisions()
        if Fit.SCHEDULE in (each.evidence.home, each.evidence.away)
    }
    for count in range(len(ALL), 0, -7):
        linker.update(ALL[:count])
        assert linker.decisions() == link(ALL[:count])


said = st.tuples(
    st.builds(Meaning, st.sampled_from("NMP"), st.sampled_from("XYZ")),
    st.sampled_from(["w1", "w2", "w3", "w4"]),
)


@given(st.lists(st.tuples(said, st.booleans()), max_size=60))
def test_what_is_said_depends_only_on_the_witnesses_there_are(steps):
    schedule, there = Schedule(), Counter[tuple[Meaning, str]]()
    known = set[Change]()
    for each, settle in steps:
        if there[each] and settle:
            schedule.retract(BOTH, *each)
            there[each] -= 1
        else:
            schedule.testify(BOTH, *each)
            there[each] += 1
        if settle:
            known ^= set(schedule.settle())
    known ^= set(schedule.settle())
    fresh = Schedule()
    for each, count in there.items():
        for _ in range(count):
            fresh.testify(BOTH, *each)
    assert known == set(fresh.settle())
    assert schedule.said(*BOTH) == fresh.said(*BOTH)
    back = {(one, two) for two, names in schedule.said("football", "b", "a").items() for one in names}
    assert back == {(one, two) for one, names in schedule.said(*BOTH).items() for two in names}


def round_robin(source: str, names: list[str], rounds: int, chosen: Random) -> list[Listing]:
    """Rounds in an order by chance, a week apart, of every team against every other."""
    order, every = list(names), []
    for _ in range(len(names) - 1):
        half = len(order) // 2
        every.append(list(zip(order[:half], reversed(order[half:]), strict=True)))
        order.insert(1, order.pop())
    chosen.shuffle(every)
    sides = [chosen.sample(each, 2) for weekly in every[:rounds] for each in weekly]
    per_round = len(names) // 2
    return [
        listing(source, home, away, day(7 * (place // per_round)), key=str(place))
        for place, (home, away) in enumerate(sides)
    ]


@pytest.mark.parametrize("rounds", [3, 6, 19])
@pytest.mark.parametrize("seed", range(6))
def test_clubs_of_one_name_with_a_schedule_of_their_own_prove_nothing(seed: int, rounds: int) -> None:
    """A league and another that has half its names: women or reserves without a mark, or a country far away."""
    chosen = Random(seed)
    shared = [
        f"{chr(65 + number)}{name}" for number, name in enumerate(["orvik", "elmar", "unpol", "ystad"] * 3)
    ][:10]
    here, there = (
        [*shared, *(f"{chr(65 + place)}{end}" for place in range(10))] for end in ("aaqos", "iiluz")
    )
    chosen.shuffle(there)
    sides = round_robin("a", here, rounds, chosen) + round_robin("b", there, rounds, chosen)
    joined = [each for each in link(sides) if each.outcome is Outcome.ACCEPT]
    assert [each for each in joined if "schedule" in each.names] == []

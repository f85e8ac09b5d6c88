from __future__ import annotations

from itertools import permutations

import pytest

from crossbook.matching.fit import Fit
from crossbook.matching.match import Outcome, link
from tests.matching.listings import MINUTE, listing, only

START = "2024-03-02T15:00:00Z"


def outcome(*listings):
    decision = only(*listings)
    return decision.outcome.value, decision.names[0]


def test_the_same_names_on_the_same_day_are_accepted_with_the_evidence():
    decision = only(listing("a", "Leeds", "Hull City"), listing("b", "Leeds United", "Hull City AFC"))
    assert decision.outcome is Outcome.ACCEPT
    assert decision.names == ("names",)
    assert (decision.evidence.home, decision.evidence.away) == (Fit.CONTAINED, Fit.EXACT)
    assert (decision.evidence.days, decision.evidence.gap) == (0, None)


def test_listings_of_one_source_are_never_matched():
    one = listing("a", "Leeds", "Hull", key="1")
    assert link([one, listing("a", "Leeds", "Hull", key="2"), one]) == []


def test_nothing_in_common_is_not_mentioned():
    assert link([listing("a", "Leeds", "Hull"), listing("b", "Arsenal", "Chelsea")]) == []


def test_different_sports_never_meet():
    assert link([listing("a", "Roma", "Lazio"), listing("b", "Roma", "Lazio", sport="basketball")]) == []
    assert (
        only(listing("a", "Roma", "Lazio"), listing("b", "Roma", "Lazio", sport="Soccer")).outcome == "accept"
    )


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("2024-03-02T15:00:00Z", ("accept", "names")),
        ("2024-03-02T15:25:00Z", ("accept", "names")),
        ("2024-03-02T14:05:00Z", ("accept", "names")),
        ("2024-03-02T16:00:00Z", ("review", "zone_shift")),
        ("2024-03-02T12:01:00Z", ("review", "zone_shift")),
        ("2024-03-02T16:29:00Z", ("accept", "names")),
        ("2024-03-02T16:31:00Z", ("review", "kick_off_gap")),
        ("2024-03-03T01:15:00Z", ("review", "kick_off_gap")),
        ("2024-03-02", ("accept", "names")),
        ("2024-03-03", ("review", "date_differs")),
        (None, ("accept", "undated")),
    ],
)
def test_time(other, said):
    assert outcome(listing("a", "Leeds", "Hull", START), listing("b", "Leeds", "Hull", other)) == said


def test_a_team_plays_one_match_at_a_time():
    known = listing("a", "Leeds", "Hull City", START)
    assert outcome(known, listing("b", "Leeds", "Hull Rangers", START)) == ("accept", "names")
    assert outcome(known, listing("b", "Leeds", "Hull Rangers", "2024-03-02T15:20:00Z"))[0] == "review"
    assert outcome(known, listing("b", "Leeds", "Derby", START)) == ("review", "one_name_only")
    assert outcome(known, listing("b", "Leeds United", "Hull Rangers", START))[0] == "review"


def test_without_a_date_the_names_must_be_the_same():
    undated = listing("b", "Northtown", "Hull", None)
    dated = listing("a", "Northtown Harbour", "Hull", START)
    assert outcome(dated, undated) == ("review", "undated")
    assert outcome(listing("a", "Northtown", "Hull", None), undated) == ("accept", "undated")


def test_without_a_date_two_candidates_are_not_told_apart():
    undated = listing("b", "Leeds", "Hull", None)
    twice = [
        listing("a", "Leeds", "Hull", START, key="first"),
        listing("a", "Leeds", "Hull", "2024-03-09T15:00:00Z", key="second"),
    ]
    assert {decision.outcome.value for decision in link([*twice, undated])} == {"review"}


@pytest.mark.parametrize("other", ["2024-03-03T15:05:00Z", "2024-03-04", "2023-03-02"])
def test_far_apart_in_time_is_no_candidate(other):
    assert link([listing("a", "Leeds", "Hull", START), listing("b", "Leeds", "Hull", other)]) == []


def test_a_date_alone_does_not_name_a_game_of_a_series():
    games = [listing(source, "Cubs", "Mets", sport="baseball") for source in "ab"]
    assert outcome(*games) == ("review", "start_unknown")
    games = [listing(source, "Cubs", "Mets", START, sport="baseball") for source in "ab"]
    assert outcome(*games) == ("accept", "names")


def test_two_games_on_a_day_are_told_apart_by_their_starts():
    starts = ("2024-06-01T17:05:00Z", "2024-06-01T23:05:00Z")
    first, second = (
        [listing(source, "Cubs", "Mets", start, sport="baseball") for start in starts] for source in "ab"
    )
    accepted = [each for each in link(first + second) if each.outcome is Outcome.ACCEPT]
    assert [each.left.start == each.right.start for each in accepted] == [True, True]
    assert [each.names for each in link([*first, second[0]]) if each.outcome is Outcome.REJECT] == [
        ("better_match",)
    ]


def test_swapped_sides_go_to_review():
    decision = only(listing("a", "Leeds", "Hull"), listing("b", "Hull City", "Leeds United"))
    assert (decision.outcome.value, decision.names) == ("review", ("names_swapped",))
    assert decision.evidence.swapped


@pytest.mark.parametrize(
    ("home", "away", "competition"),
    [
        ("Arsenal Women", "Chelsea Women", ""),
        ("Arsenal (W)", "Chelsea", ""),
        ("Arsenal", "Chelsea", "Women's Super League"),
        ("Arsenal U21", "Chelsea U21", ""),
        ("Arsenal", "Chelsea", "Premier League U18"),
        ("Arsenal II", "Chelsea", ""),
        ("Arsenal", "Chelsea Reserves", ""),
        ("Arsenal", "Chelsea", "Esoccer Battle 8 mins"),
    ],
)
def test_another_side_of_the_club_is_rejected(home, away, competition):
    men = listing("a", "Arsenal", "Chelsea", START)
    assert outcome(men, listing("b", home, away, START, competition=competition)) == (
        "reject",
        "qualifier_differs",
    )
    same = listing("a", home, away, START, competition=competition)
    assert outcome(same, listing("b", home, away, START, competition=competition)) == ("accept", "names")


def test_one_mark_is_enough_for_both_sides_of_a_womens_match():
    marked = listing("a", "Arsenal Women", "Chelsea"), listing("b", "Arsenal (W)", "Chelsea Ladies")
    assert outcome(*marked) == ("accept", "names")


@pytest.mark.parametrize(
    ("home", "away", "reason"),
    [
        ("Real Madrid", "Everton", "names_weak"),
        ("Kortryk", "Evertan", "names_weak"),
        ("Austria", "Everton", "names_weak"),
        ("KRP", "Everton", "names_weak"),
        ("Nottingham", "Everton", "names_weak"),
        ("Swansea", "Everton", "one_name_only"),
    ],
)
def test_weak_names_go_to_review(home, away, reason):
    partner = {
        "Real Madrid": "Atletico Madrid",
        "Kortryk": "Kortrijk",
        "Austria": "Australia",
        "KRP": "Kingsway Riverside Pilgrims",
        "Nottingham": "Nottingham Forest",
        "Swansea": "Cagliari",
    }[home]
    assert outcome(listing("a", home, away), listing("b", partner, "Everton")) == ("review", reason)
    assert outcome(listing("a", partner, away), listing("b", home, "Everton")) == ("review", reason)


def test_part_of_a_name_counts_only_while_it_is_the_only_such_name_about():
    short = listing("a", "Bragaville", "Everton")
    right = listing("b", "Bragaville Rovers", "Everton")
    other = listing("b", "Bragaville Athletic", "Fulham")
    assert outcome(short, right) == ("accept", "names")
    about = {each.right.home: each for each in link([short, right, other])}
    assert about["Bragaville Rovers"].names == ("name_not_unique",)
    assert about["Bragaville Rovers"].outcome is Outcome.REVIEW
    a_week_later = listing("b", "Bragaville Athletic", "Fulham", "2024-03-09")
    assert outcome(short, right, a_week_later) == ("accept", "names")
    named = listing("a", "Bragaville Athletic", "Fulham")
    assert {each.outcome for each in link([short, right, other, named])} == {Outcome.ACCEPT}


def test_a_place_with_several_teams_is_not_a_name():
    assert outcome(
        listing("a", "Sheffield", "Bristol"), listing("b", "Sheffield United", "Bristol City")
    ) == (
        "review",
        "names_weak",
    )


def test_a_close_runner_up_is_left_to_a_person():
    twins = [listing("b", "Leeds", "Hull", key=key) for key in ("1", "2")]
    decisions = link([listing("a", "Leeds", "Hull"), *twins])
    assert [(each.outcome.value, each.names) for each in decisions] == [("review", ("runner_up_close",))] * 2
    assert decisions[0].evidence.runner_up == decisions[0].evidence.score


def test_a_stated_id_links_what_names_alone_would_not():
    feed = listing("feed", "Wanderers A", "Rovers B", ids={"betfair": "35320053"})
    exchange = listing("betfair", "The Wanderers of A", "Rovers of B", key="35320053")
    decision = only(feed, exchange)
    assert decision.outcome is Outcome.ACCEPT
    assert decision.names[0] == "id"
    third = listing("other", "Wanderers A", "Rovers B", None, ids={"betfair": "35320053"})
    assert only(feed, third).names[0] == "id", "two sources may state the id of a third"


def test_an_id_does_not_silence_what_contradicts_it():
    def exchange(home, away, when=START, **fields):
        return listing("betfair", home, away, when, key="7", **fields)

    feed = listing("feed", "Leeds", "Hull", START, ids={"betfair": "7"})
    assert outcome(feed, exchange("Arsenal", "Chelsea")) == ("review", "names_differ")
    assert outcome(feed, exchange("Leeds Women", "Hull")) == ("review", "qualifier_differs")
    assert outcome(feed, exchange("Hull", "Leeds")) == ("review", "names_swapped")
    assert outcome(feed, exchange("Leeds", "Hull", "2024-03-09T15:00:00Z")) == ("review", "kick_off_gap")
    assert outcome(feed, exchange("Leeds", "Hull", "2024-03-02T20:00:00Z")) == ("accept", "id")


def test_different_ids_of_one_source_go_to_review():
    sides = [
        listing(source, "Leeds", "Hull", ids={"betfair": key}) for source, key in (("a", "1"), ("b", "2"))
    ]
    assert outcome(*sides) == ("review", "id_differs")


def test_an_event_without_sides_needs_the_same_name_and_start():
    def race(source, name, start=START):
        return listing(source, name, "", start, sport="horse racing")

    assert outcome(race("a", "Ascot Gold Cup"), race("b", "Ascot Gold Cup")) == ("accept", "names")
    assert outcome(race("a", "Ascot"), race("b", "Ascot Gold Cup"))[0] == "review"
    later = START.replace("15:00", "15:35")
    assert outcome(race("a", "Ascot"), race("b", "Ascot", later)) == ("review", "kick_off_gap")


def test_a_moved_kick_off_is_ordered_below_the_stated_one():
    here = listing("a", "Leeds", "Hull", START)
    near, far = (
        only(here, listing("b", "Leeds", "Hull", start)).evidence for start in (START, "2024-03-02T15:40:00Z")
    )
    assert near.score > far.score
    assert far.gap == 40 * MINUTE


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("South Korea", "Korea Republic", "accept"),
        ("Ivory Coast", "Côte d'Ivoire", "accept"),
        ("Czechia", "Ceko", "accept"),
        ("Congo", "DR Congo", "review"),
        ("Ireland", "Northern Ireland", "review"),
        ("Guinea", "Equatorial Guinea", "review"),
        ("Niger", "Nigeria", "review"),
        ("Slovakia", "Slovenia", "review"),
        ("Dominica", "Dominican Republic", "review"),
    ],
)
def test_national_teams(one, other, said):
    assert outcome(listing("a", one, "Ghana"), listing("b", other, "Ghana"))[0] == said
    youth = listing("a", f"{one} U20", "Ghana U20"), listing("b", other, "Ghana")
    assert Outcome.ACCEPT not in {each.outcome for each in link(youth)}


def test_neutral_ground_is_left_to_a_person_even_when_nothing_else_is_in_doubt():
    """The prices would have to change places too."""
    here = listing("a", "Brazil", "Croatia", START, competition="World Cup")
    there = listing("b", "Croatia", "Brazil", START, competition="World Cup")
    assert outcome(here, there) == ("review", "names_swapped")
    named = listing("b", "Croatia", "Brazil", START, ids={"a": here.key})
    assert outcome(here, named) == ("review", "names_swapped")


def test_every_match_of_a_season_without_dates_is_found_among_the_forty_of_its_teams():
    names = [f"{first}{last}" for first in ("North", "South", "East", "West") for last in PLACES]
    season = list(permutations(names, 2))
    decisions = link([listing(source, *teams, None) for source in ("one", "two") for teams in season])
    joined = [each for each in decisions if each.outcome is Outcome.ACCEPT]
    assert len(joined) == len(season) > 300
    assert all((each.left.home, each.left.away) == (each.right.home, each.right.away) for each in joined)


PLACES = ("gate", "moor", "quay", "fell", "cliff")

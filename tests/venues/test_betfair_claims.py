"""What Betfair's markets become: claims only where they are certain, contests of their own otherwise."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Contest, Listing
from crossbook.venues.betfair import READER
from tests.venues.betfair_messages import MARKET, definition, document, market, message, runner, split

DRAW = 58805


def claims(*runners: dict[str, Any], **terms: Any) -> dict[str, Claim]:
    """The claim of each priced runner (``id`` or ``id@handicap``) of a football market."""
    found, _ = read(*runners, **terms)
    return found


def read(*runners: dict[str, Any], **terms: Any) -> tuple[dict[str, Claim], Listing]:
    terms = {"eventTypeId": "1", "eventName": None, **terms}
    prices = [
        {"id": one["id"], "hc": one.get("hc"), "atb": [[f"{2 + place / 10:.2f}", 1]]}
        for place, one in enumerate(runners)
    ]
    full = market(MARKET, *prices, img=True, marketDefinition=definition(*runners, **terms))
    (snapshot,), _ = split(READER, document(message(full)))
    named = {}
    for quote in snapshot.quotes:
        one = runners[round((quote.odds - 2) * 10)]
        named[f"{one['id']}@{one['hc']}" if "hc" in one else str(one["id"])] = quote.claim
    return named, snapshot.listing


def refusal(*runners: dict[str, Any], **terms: Any) -> str:
    """Why a market is not read; it must not have given a quote."""
    full = market(
        MARKET,
        *({"id": one["id"], "hc": one.get("hc"), "atb": [[2, 1]]} for one in runners),
        img=True,
        marketDefinition=definition(*runners, **{"eventTypeId": "1", **terms}),
    )
    again = message(market(MARKET, marketDefinition=definition(*runners, **{"eventTypeId": "1", **terms})))
    snapshots, faults = split(READER, document(message(full), again))
    assert [one.quotes for one in snapshots] == [[], []]
    (fault,) = faults
    assert fault.line == 1
    return fault.reason.removeprefix(f"market {MARKET}: ")


HOME, AWAY, THE_DRAW = runner(7, 1, name="Ajax"), runner(8, 2, name="Breda"), runner(DRAW, 3, name="The Draw")
NAMELESS = runner(7, 1), runner(8, 2)


def test_football_match_odds() -> None:
    found, listing = read(THE_DRAW, AWAY, HOME, marketType="MATCH_ODDS", eventName="Ajax v Breda", venue=None)
    assert found == {
        "7": Claim.of(Kind.MATCH_RESULT, "home"),
        "8": Claim.of(Kind.MATCH_RESULT, "away"),
        str(DRAW): Claim.of(Kind.MATCH_RESULT, "draw"),
    }
    assert (listing.sport, listing.home, listing.away) == ("football", "Ajax", "Breda")
    assert (listing.competition, listing.contests) == ("GB", ())


def test_match_odds_name_the_sides_when_the_event_does_not() -> None:
    found, listing = read(HOME, AWAY, THE_DRAW, marketType="MATCH_ODDS")
    assert found["7"].selection == "home"
    assert (listing.home, listing.away) == ("Ajax", "Breda")


def test_match_odds_without_any_name() -> None:
    found, listing = read(*NAMELESS, runner(DRAW, 3), marketType="MATCH_ODDS")
    assert {name: claim.selection for name, claim in found.items()} == {
        "7": "home",
        "8": "away",
        str(DRAW): "draw",
    }
    assert (listing.home, listing.away) == ("500", "")


def test_sides_against_the_name_of_the_event_are_refused() -> None:
    reason = refusal(HOME, AWAY, THE_DRAW, marketType="MATCH_ODDS", eventName="Breda v Ajax")
    assert reason == "runners: their order does not agree with the name of the event"
    unordered = [{**one, "sortPriority": 0} for one in (HOME, AWAY, THE_DRAW)]
    assert "cannot be told apart" in refusal(*unordered, marketType="MATCH_ODDS")


def test_three_runners_without_the_draw_are_a_contest() -> None:
    found = claims(*NAMELESS, runner(9, 3), marketType="MATCH_ODDS")
    assert {claim.kind for claim in found.values()} == {Kind.WINNER}


def test_match_odds_of_other_sports_are_contests() -> None:
    for event_type, sport in (("4", "cricket"), ("7522", "basketball"), ("31", "betfair_31")):
        found, listing = read(*NAMELESS, marketType="MATCH_ODDS", eventTypeId=event_type)
        assert found["8"] == Claim.of(Kind.WINNER, "8", subject=MARKET)
        assert listing.sport == sport
        assert listing.contests == (Contest(MARKET, ("7", "8"), 1, True),)
    found = claims(*NAMELESS, runner(DRAW, 3), marketType="MATCH_ODDS", eventTypeId="4")
    assert found[str(DRAW)] == Claim.of(Kind.WINNER, str(DRAW), subject=MARKET)


def test_the_winner_of_a_tennis_match_is_what_other_venues_sell_too() -> None:
    found, listing = read(HOME, AWAY, marketType="MATCH_ODDS", eventTypeId="2", eventName="Ajax v Breda")
    assert found == {
        "7": Claim.of(Kind.MONEYLINE, "home", None, Period.OVERTIME),
        "8": Claim.of(Kind.MONEYLINE, "away", None, Period.OVERTIME),
    }
    assert (listing.sport, listing.contests) == ("tennis", ())
    assert "order" in refusal(HOME, AWAY, marketType="MATCH_ODDS", eventTypeId="2", eventName="Breda v Ajax")
    field = claims(*NAMELESS, runner(9, 3), marketType="MATCH_ODDS", eventTypeId="2")
    assert {claim.kind for claim in field.values()} == {Kind.WINNER}


def test_half_time() -> None:
    found = claims(HOME, AWAY, THE_DRAW, marketType="HALF_TIME", eventName="Ajax v Breda")
    half = Period.FIRST_HALF
    assert found == {
        "7": Claim.of(Kind.MATCH_RESULT, "home", None, half),
        "8": Claim.of(Kind.MATCH_RESULT, "away", None, half),
        str(DRAW): Claim.of(Kind.MATCH_RESULT, "draw", None, half),
    }
    assert claims(*NAMELESS, marketType="FIRST_HALF_GOALS_15") == {
        "7": Claim.of(Kind.TOTAL, "under", Fraction(3, 2), half),
        "8": Claim.of(Kind.TOTAL, "over", Fraction(3, 2), half),
    }


def test_half_time_and_full_time_by_the_names_of_the_sides() -> None:
    words = {"Ajax": "home", "Draw": "draw", "Breda": "away"}
    pairs = [(half, end) for half in words for end in words]
    runners = [runner(place, place, name="/".join(pair)) for place, pair in enumerate(pairs, start=1)]
    terms = {"marketType": "HALF_TIME_FULL_TIME", "eventName": "Ajax v Breda"}
    found = claims(*runners, **terms)
    expected = [f"{words[half]}/{words[end]}" for half, end in pairs]
    assert [claim.selection for claim in found.values()] == expected
    assert {claim.kind for claim in found.values()} == {Kind.HALF_TIME_FULL_TIME}
    for unsure in (runners[:8], [*runners[:8], runner(9, 9, name="Ajax/Cambuur")]):
        assert {claim.kind for claim in claims(*unsure, **terms).values()} == {Kind.WINNER}
    assert {claim.kind for claim in claims(*runners, marketType="HALF_TIME_FULL_TIME").values()} == {
        Kind.WINNER
    }


@pytest.mark.parametrize(
    ("market_type", "period"),
    [("CORRECT_SCORE", Period.FULL_TIME), ("HALF_TIME_SCORE", Period.FIRST_HALF)],
)
def test_scores_by_their_names(market_type: str, period: Period) -> None:
    """Any other score is no claim of ours, and the rest still is."""
    names = ("0 - 0", "2 - 1", "Any Other Home Win", "Any Unquoted")
    runners = [runner(place, place, name=name) for place, name in enumerate(names, start=1)]
    assert claims(*runners, marketType=market_type) == {
        "1": Claim.of(Kind.CORRECT_SCORE, "0-0", None, period),
        "2": Claim.of(Kind.CORRECT_SCORE, "2-1", None, period),
    }
    for unsure in ("2 - ", "Ajax 2 - 1", None):
        more = [*runners, runner(9, 9, name=unsure)]
        assert {claim.kind for claim in claims(*more, marketType=market_type).values()} == {Kind.WINNER}


def test_who_goes_through() -> None:
    found = claims(HOME, AWAY, marketType="TO_QUALIFY", eventName="Ajax v Breda")
    assert found == {"7": Claim.of(Kind.TO_QUALIFY, "home"), "8": Claim.of(Kind.TO_QUALIFY, "away")}
    assert "does not agree" in refusal(HOME, AWAY, marketType="TO_QUALIFY", eventName="Breda v Ajax")


def test_away_at_home() -> None:
    _, listing = read(*NAMELESS, marketType="MATCH_ODDS", eventTypeId="7522", eventName="Lakers @ Celtics")
    assert (listing.home, listing.away) == ("Celtics", "Lakers")


@pytest.mark.parametrize(
    ("market_type", "line"), [("OVER_UNDER_05", "0.5"), ("OVER_UNDER_25", "2.5"), ("OVER_UNDER_105", "10.5")]
)
def test_over_under(market_type: str, line: str) -> None:
    assert claims(*NAMELESS, marketType=market_type) == {
        "7": Claim.of(Kind.TOTAL, "under", Fraction(line)),
        "8": Claim.of(Kind.TOTAL, "over", Fraction(line)),
    }


def test_over_under_by_its_known_ids_and_names() -> None:
    under, over = runner(47972, 1, name="Under 2.5 Goals"), runner(47973, 2, name="Over 2.5 Goals")
    assert claims(under, over, marketType="OVER_UNDER_25")["47973"].selection == "over"
    for swapped in (
        [runner(47973, 1), runner(47972, 2)],
        [runner(1, 1, name="Over 2.5 Goals"), runner(2, 2, name="Under 2.5 Goals")],
    ):
        assert "usual order" in refusal(*swapped, marketType="OVER_UNDER_25")
    assert "told apart" in refusal(*NAMELESS, runner(9, 3), marketType="OVER_UNDER_25")
    assert "told apart" in refusal(runner(7, 0), runner(8, 0), marketType="OVER_UNDER_25")


def test_totals_are_football_only() -> None:
    found = claims(*NAMELESS, marketType="OVER_UNDER_25", eventTypeId="7524")
    assert {claim.kind for claim in found.values()} == {Kind.WINNER}


def test_both_teams_to_score() -> None:
    yes, no = runner(1, 1, name="Yes"), runner(2, 2, name="No")
    for pair in ((yes, no), (runner(1, 2, name="Yes"), runner(2, 1, name="No"))):
        found = claims(*pair, marketType="BOTH_TEAMS_TO_SCORE")
        assert {name: claim.selection for name, claim in found.items()} == {"1": "yes", "2": "no"}
        assert {claim.kind for claim in found.values()} == {Kind.BOTH_TEAMS_TO_SCORE}
    by_id = claims(runner(30246, 1), runner(30247, 2), marketType="BOTH_TEAMS_TO_SCORE")
    assert by_id["30246"] == Claim.of(Kind.BOTH_TEAMS_TO_SCORE, "yes")
    unsure = claims(*NAMELESS, marketType="BOTH_TEAMS_TO_SCORE")
    assert {claim.kind for claim in unsure.values()} == {Kind.WINNER}


def test_draw_no_bet() -> None:
    assert claims(*NAMELESS, marketType="DRAW_NO_BET") == {
        "7": Claim.of(Kind.DRAW_NO_BET, "home"),
        "8": Claim.of(Kind.DRAW_NO_BET, "away"),
    }
    assert "does not agree" in refusal(HOME, AWAY, marketType="DRAW_NO_BET", eventName="Breda v Ajax")


def test_double_chance() -> None:
    words = ("Home or Draw", "Draw or Away", "Home or Away")
    runners = [runner(place, place, name=word) for place, word in enumerate(words, start=1)]
    found = claims(*runners, marketType="DOUBLE_CHANCE", numberOfWinners=2)
    assert [claim.selection for claim in found.values()] == ["home_draw", "draw_away", "home_away"]
    assert {claim.kind for claim in found.values()} == {Kind.DOUBLE_CHANCE}
    nameless = [runner(place, place) for place in (1, 2, 3)]
    found = claims(*nameless, marketType="DOUBLE_CHANCE", numberOfWinners=2)
    assert {claim.kind for claim in found.values()} == {Kind.PLACE}


ASIAN = {"marketType": "ASIAN_HANDICAP", "bettingType": "ASIAN_HANDICAP_DOUBLE_LINE", "numberOfWinners": 0}


def test_asian_handicap_line_is_the_home_sides() -> None:
    runners = [
        runner(7, 1, name="Ajax", hc=-1.25),
        runner(8, 2, name="Breda", hc=1.25),
        runner(7, 3, name="Ajax", hc=0.5),
        runner(8, 4, name="Breda", hc=-0.5),
    ]
    found, listing = read(*runners, **ASIAN, eventName="Ajax v Breda")
    assert found == {
        "7@-1.25": Claim.of(Kind.ASIAN_HANDICAP, "home", Fraction("-1.25")),
        "8@1.25": Claim.of(Kind.ASIAN_HANDICAP, "away", Fraction("-1.25")),
        "7@0.5": Claim.of(Kind.ASIAN_HANDICAP, "home", Fraction("0.5")),
        "8@-0.5": Claim.of(Kind.ASIAN_HANDICAP, "away", Fraction("0.5")),
    }
    assert listing.contests == ()


def test_asian_handicap_is_refused_where_it_is_not_certain() -> None:
    pair = [runner(7, 1, name="Ajax", hc=-1), runner(8, 2, name="Breda", hc=1)]
    assert refusal(*pair, **ASIAN).startswith("eventName")
    assert "not a side" in refusal(*pair, **ASIAN, eventName="Ajax v Twente")
    assert "football" in refusal(*pair, **{**ASIAN, "eventTypeId": "7522"}, eventName="Ajax v Breda")
    assert "football" in refusal(*pair, **{**ASIAN, "marketType": "CORNERS"}, eventName="Ajax v Breda")
    thirds = [runner(7, 1, name="Ajax", hc=-1.3), runner(8, 2, name="Breda", hc=1.3)]
    assert "quarter grid" in refusal(*thirds, **ASIAN, eventName="Ajax v Breda")


def test_prices_that_are_no_odds_are_refused() -> None:
    for betting_type in ("LINE", "RANGE", "ASIAN_HANDICAP_SINGLE_LINE", ""):
        assert refusal(*NAMELESS, bettingType=betting_type).startswith("bettingType")
    assert "each-way" in refusal(*NAMELESS, marketType="EACH_WAY", numberOfWinners=3)
    assert "how many" in refusal(*NAMELESS, marketType="TO_SCORE", numberOfWinners=0)
    assert refusal(runner(7, 1, hc=1), runner(8, 2, hc=-1), marketType="WIN").startswith("hc")


def test_handicap_that_is_no_number_takes_the_market_off() -> None:
    bad = market(MARKET, img=True, marketDefinition=definition(runner(7, 1, hc="NaN")))
    snapshots, faults = split(READER, document(message(bad)))
    assert (snapshots, [fault.reason for fault in faults]) == (
        [],
        ["market 1.100: hc: NaN is not a handicap"],
    )


def test_places() -> None:
    three = [*NAMELESS, runner(9, 3)]
    for terms in (
        {"marketType": "PLACE", "numberOfWinners": 2},
        {"marketType": "TOP_2", "numberOfWinners": 2},
    ):
        found, listing = read(*three, **terms, eventTypeId="7")
        assert found["9"] == Claim.of(Kind.PLACE, "9", subject=MARKET)
        assert listing.contests == (Contest(MARKET, ("7", "8", "9"), 2, False),)
    found = claims(*three, marketType="OTHER_PLACE", numberOfWinners=1, eventTypeId="7")
    assert {claim.kind for claim in found.values()} == {Kind.PLACE}


@pytest.mark.parametrize(
    ("runners", "terms", "complete"),
    [
        (NAMELESS, {"marketType": "WIN"}, True),
        (NAMELESS, {"marketType": "WIN", "complete": False}, False),
        (NAMELESS, {"marketType": "HALF_TIME_SCORE"}, False),
        ([*NAMELESS, runner(9, 3, "REMOVED")], {"marketType": "WIN"}, True),
        ([*NAMELESS, runner(9, 3, "REMOVED")], {"marketType": "MATCH_ODDS"}, False),
        ([runner(7, 1), runner(8, 2, "REMOVED")], {"marketType": "WIN"}, False),
    ],
)
def test_one_runner_must_win_only_where_that_is_certain(
    runners: list[dict[str, Any]], terms: dict[str, Any], complete: bool
) -> None:
    _, listing = read(*runners, **terms, eventTypeId="7")
    (contest,) = listing.contests
    assert contest.complete is complete

"""Decisions on one event: what an exposed find must not hide, which sister to keep, what cannot end level."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction

import msgspec
import pytest

from crossbook.arbitrage.decide import Unsolved
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.model.quote import Listing, Quote
from crossbook.model.venue import exchange, prediction
from tests.arbitrage.checks import sister
from tests.arbitrage.worlds import ALPHA, AWAY, BRAVO, CARGO, DRAW, HOME, back, claim, lay


def found(quotes: list[Quote], sport: str = "football") -> list[Opportunity]:
    listing = Listing(source="made up", key="1", sport=sport, competition="", home="A", away="B")
    answers = list(opportunities([(listing, quotes)], Terms()))
    assert not any(isinstance(answer, Unsolved) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Opportunity)]


def moneyline(home: str, away: str) -> list[Quote]:
    sides = [Claim.of(Kind.MONEYLINE, side, None, Period.OVERTIME) for side in ("home", "away")]
    return [back(ALPHA, sides[0], home), back(BRAVO, sides[1], away)]


@pytest.mark.parametrize("sport", ["tennis", "basketball", "baseball", "ice-hockey"])
def test_where_no_score_ends_level_two_sides_are_enough(sport: str) -> None:
    (only,) = found(moneyline("2.10", "2.00"), sport)
    assert only.guaranteed_return == 1 / (1 / Fraction("2.1") + Fraction(1, 2))
    assert only.verdict is (Verdict.RULE_EXPOSED if sport == "tennis" else Verdict.PURE)  # one may give up


def test_where_a_level_score_refunds_nothing_is_guaranteed() -> None:
    assert found(moneyline("2.10", "2.00"), "american-football") == []


def test_a_pure_find_is_not_hidden_by_a_better_price_whose_commission_nobody_states() -> None:
    quotes = [
        back(ALPHA, HOME, "2.60"),
        back(BRAVO, DRAW, "3.60"),
        back(exchange("matchbook", "Matchbook"), DRAW, "3.62"),
        back(CARGO, AWAY, "3.10"),
    ]
    exposed, pure = found(quotes)
    assert (exposed.verdict, pure.verdict) == (Verdict.RULE_EXPOSED, Verdict.PURE)
    assert exposed.guaranteed_return > pure.guaranteed_return > 1
    assert {leg.quote.venue.id for leg in pure.legs} == {"alpha", "bravo", "cargo"}


def test_the_better_of_two_sister_brands_is_kept() -> None:
    """Alpha's home price is a little better, Alpha Plus's draw price makes the plan: Alpha's must give way."""
    plus = sister("Alpha Plus")
    quotes = [
        back(ALPHA, HOME, "2.52"),
        back(CARGO, HOME, "2.50"),
        back(plus, DRAW, "4.0"),
        back(BRAVO, AWAY, "3.1"),
    ]
    clean, refused = found(quotes)
    assert refused.reasons[0].name == "sister_brands"
    assert {leg.quote.venue.name for leg in clean.legs} == {"Cargo", "Alpha Plus", "Bravo"}
    assert clean.guaranteed_return == 1 / (1 / Fraction("2.5") + Fraction(1, 4) + 1 / Fraction("3.1"))


def test_a_half_that_is_over_stands_when_the_match_is_abandoned() -> None:
    half = claim(Kind.TOTAL, "under", "0.5", Period.FIRST_HALF)
    (only,) = found([back(ALPHA, claim(Kind.TOTAL, "over", "0.5"), "1.55"), back(BRAVO, half, "3.0")])
    assert only.verdict is Verdict.RULE_EXPOSED
    assert only.reasons[0].name == "rules_differ"


def overs_and_unders(subject: str) -> list[Quote]:
    sides = [
        Claim.of(Kind.TOTAL, side, Fraction(9, 2), Period.FULL_TIME, subject) for side in ("over", "under")
    ]
    return [back(ALPHA, sides[0], "2.1"), back(BRAVO, sides[1], "2.0")]


@pytest.mark.parametrize("subject", ["cards", "bookings", "shots: Some Player"])
def test_cards_and_players_are_counted_each_venues_own_way(subject: str) -> None:
    (only,) = found(overs_and_unders(subject))
    assert only.verdict is Verdict.RULE_EXPOSED


def test_corners_are_counted_alike() -> None:
    (only,) = found(overs_and_unders("corners"))
    assert only.verdict is Verdict.PURE


def test_contracts_that_split_evenly_cost_more_than_they_pay() -> None:
    """Three NO contracts at .35, .75 and .80 pay two in every result, and one and a half where all are split."""
    poll = prediction("poll", "Poll")
    noes = [
        lay(poll, what, 1 / (1 - Fraction(price)))
        for what, price in ((HOME, "0.35"), (DRAW, "0.75"), (AWAY, "0.80"))
    ]
    (only,) = found(noes)
    assert only.guaranteed_return == Fraction(2) / Fraction("1.90")
    assert {reason.name for reason in only.reasons} == {"commission_unstated", "split_settlement"}
    assert "0.7894" in next(reason.detail for reason in only.reasons if reason.name == "split_settlement")


def test_home_and_away_exchanged_at_one_desk() -> None:
    quotes = [
        *(back(ALPHA, what, odds) for what, odds in ((HOME, "2.4"), (DRAW, "3.3"), (AWAY, "3.1"))),
        *(back(BRAVO, what, odds) for what, odds in ((HOME, "3.1"), (DRAW, "3.3"), (AWAY, "2.4"))),
    ]
    (refused,) = found(quotes)
    assert refused.verdict is Verdict.REJECTED
    assert "sides_swapped" in {reason.name for reason in refused.reasons}


def test_an_event_too_large_to_look_at_is_said_so() -> None:
    listing = Listing(source="made up", key="1", sport="football", competition="", home="A", away="B")
    lines = [Fraction(line, 4) for line in range(2, 120)]
    quotes = [
        back(ALPHA, Claim.of(Kind.TOTAL, side, line, period), 2)
        for line in lines
        for side in ("over", "under")
        for period in (Period.FULL_TIME, Period.FIRST_HALF)
    ]
    (answer,) = opportunities([(listing, quotes)], Terms())
    assert isinstance(answer, Unsolved)


def test_one_wide_event_does_not_widen_the_others() -> None:
    """Two thousand events beside one with many prices: padding all to one shape would need gigabytes."""
    plain = [back(ALPHA, HOME, 3), back(BRAVO, DRAW, "3.3"), back(CARGO, AWAY, "3.2")]
    lines = [Fraction(line, 4) for line in range(2, 40)]
    wide = [
        back(ALPHA, Claim.of(kind, side, line), "1.8")
        for line in lines
        for kind, side in (
            (Kind.TOTAL, "over"),
            (Kind.TEAM_TOTAL_HOME, "under"),
            (Kind.ASIAN_HANDICAP, "home"),
        )
    ]
    events = []
    for number in range(2_000):
        listing = Listing(
            source="made up", key=str(number), sport="football", competition="", home="A", away="B"
        )
        events.append((listing, [*plain, *wide] if number == 0 else plain))
    tracemalloc.start()
    answers = [answer for answer in opportunities(events, Terms()) if isinstance(answer, Opportunity)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert {answer.listing.key for answer in answers} >= {str(number) for number in range(1, 2_000)}
    assert peak < 200 * 1024 * 1024


def test_prices_that_contradict_each_other_without_end_are_given_up() -> None:
    """One bookmaker, many lines: each over with any under of a higher line pays in every result."""
    quotes = []
    for number in range(1, 141):
        over, under = (claim(Kind.TOTAL, side, f"{number}.5") for side in ("over", "under"))
        low = claim(Kind.TOTAL, "under", f"{number}.75")
        quotes += [back(ALPHA, over, "2.1"), back(ALPHA, under, "1.85"), back(ALPHA, low, "2.05")]
    (refused,) = found(quotes)
    assert refused.verdict is Verdict.REJECTED
    assert refused.reasons[-1].name == "given_up"


def sized(quote: Quote, size: int) -> Quote:
    return msgspec.structs.replace(quote, size=Fraction(size))


def crumbs(commission: str) -> list[Quote]:
    """A back, and lays of which the best has room for three units only."""
    venue = exchange("ladder", "Ladder", Fraction(commission))
    lays = [
        sized(lay(venue, HOME, odds, market_id="m"), size) for odds, size in (("2.00", 3), ("2.02", 1000))
    ]
    return [back(ALPHA, HOME, "2.2"), *lays]


@pytest.mark.parametrize("commission", ["0", "0.02"])
def test_a_crumb_at_the_best_price_does_not_hide_the_depth_behind_it(commission: str) -> None:
    best = found(crumbs(commission))[0]
    assert best.plan is not None
    assert [leg.quote.odds for leg in best.legs] == [Fraction("2.2"), Fraction(2), Fraction("2.02")]
    assert [leg.share for leg in best.legs][2] == 0
    kept = 1 - Fraction(commission)
    won, small, deep = (stake.amount for stake in best.plan.stakes)
    home = won * Fraction("1.2") - small - deep * Fraction("1.02")
    not_home = (small + deep) * kept - won
    assert best.plan.worst == min(home, not_home) > 1
    assert best.plan.staked == won + small + deep * Fraction("1.02") <= 100
    assert small == 3


def test_depth_that_is_not_needed_is_not_used() -> None:
    quotes = crumbs("0")
    quotes[1] = sized(quotes[1], 500)
    best = found(quotes)[0]
    assert [leg.quote.odds for leg in best.legs] == [Fraction("2.2"), Fraction(2)]

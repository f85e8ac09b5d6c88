"""Verdicts from scenarios: what is pure, what is exposed, by which rule, and what a unit returns then."""

from __future__ import annotations

from fractions import Fraction

import pytest

from crossbook.arbitrage.decide import Unsolved
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.terms import Terms
from crossbook.arbitrage.verdict import alike, rules_of
from crossbook.base.exact import decimal_text
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.opportunity import Opportunity, Reason, Verdict
from crossbook.model.quote import Listing, Quote
from crossbook.model.venue import Venue, bookmaker, exchange, prediction
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    CARGO,
    DRAW,
    FREE_EXCHANGE,
    HOME,
    ah,
    back,
    claim,
    lay,
    total,
)

F = Fraction
HILL = bookmaker("williamhill", "William Hill")
DABBLE = bookmaker("dabble_uk", "Dabble")
AUSTRALIAN = bookmaker("sportsbet", "Sportsbet")
EIGHTS = bookmaker("888sport", "888sport")
PAF = bookmaker("paf", "Paf")
CORAL = bookmaker("coral", "Coral")
BETFAIR = exchange("betfair_ex_uk", "Betfair", F(0))
PINNACLE = bookmaker("pinnacle", "Pinnacle")
WINNER = [Claim.of(Kind.MONEYLINE, side, None, Period.OVERTIME) for side in ("home", "away")]


def best(quotes: list[Quote], sport: str = "football", competition: str = "") -> Opportunity:
    """The best that is found, which is not refused."""
    listing = Listing(source="made up", key="1", sport=sport, competition=competition, home="A", away="B")
    found = list(opportunities([(listing, quotes)], Terms()))
    assert not any(isinstance(one, Unsolved) for one in found)
    first = found[0]
    assert isinstance(first, Opportunity)
    assert first.verdict is not Verdict.REJECTED
    return first


def scenario(found: Opportunity, word: str) -> Reason | None:
    """The reason that tells of a scenario."""
    some = [one for one in found.reasons if word in one.detail.partition(":")[0]]
    assert len(some) <= 1
    return some[0] if some else None


def two(one: Venue, other: Venue, odds: str = "2.1") -> list[Quote]:
    """Over at one venue and under at another."""
    return [
        back(one, total("over", "2.5"), odds),
        back(other, total("under", "2.5"), odds),
    ]


def test_two_bookmakers_of_ordinary_house_rules_are_pure() -> None:
    found = best(two(ALPHA, BRAVO))
    assert (found.verdict, found.reasons) == (Verdict.PURE, ())


def test_windows_that_differ_expose_and_the_time_between_them_is_told() -> None:
    """Paf waits 12 hours and William Hill 48: played between, over stands and under is void, or is lost."""
    found = best(two(HILL, PAF))
    assert found.verdict is Verdict.RULE_EXPOSED
    moved = scenario(found, "moved")
    assert moved is not None
    assert moved.name == "rules_differ"
    assert moved.detail.startswith("moved, played after 12 h, within 48 h: ")
    assert "williamhill (postponed: within 48 h) stands, paf (postponed: within 12 h) is void" in moved.detail
    assert "returns 0.5000 at worst" in moved.detail


@pytest.mark.parametrize("pair", [(AUSTRALIAN, EIGHTS), (EIGHTS, AUSTRALIAN)])
def test_equal_rules_are_pure(pair: tuple[Venue, Venue]) -> None:
    """Both wait for the same day only and let stand what is decided."""
    found = best(two(*pair))
    assert (found.verdict, found.reasons) == (Verdict.PURE, ())


def test_what_is_not_read_of_either_is_ordinary_whatever_else_was_read() -> None:
    """Of Pinnacle and bet365 rules on tennis were read and none on football."""
    found = best(two(PINNACLE, bookmaker("bet365", "bet365")))
    assert (found.verdict, found.reasons) == (Verdict.PURE, ())


def test_what_is_not_read_beside_what_is_exposes_and_says_so() -> None:
    moved = scenario(best(two(HILL, ALPHA)), "moved")
    assert moved is not None
    assert "alpha (bookmaker, not read)" in moved.detail
    assert "williamhill (postponed: within 48 h)" in moved.detail


def test_what_is_not_read_is_alike_at_one_venue() -> None:
    """On one unread exchange the same unknown rule holds for both legs."""
    found = best([back(FREE_EXCHANGE, HOME, "2.2"), back(FREE_EXCHANGE, ah("away", "-0.5"), 2)])
    assert (found.verdict, found.reasons) == (Verdict.PURE, ())


def test_two_unread_exchanges_are_not_alike() -> None:
    other = exchange("other", "Other", F(0))
    found = best([back(FREE_EXCHANGE, HOME, "2.2"), lay(other, HOME, "2.1")])
    assert {one.name for one in found.reasons} == {"rules_differ"}
    worst = decimal_text(1 - max(leg.share for leg in found.legs), 4)
    assert all(f"returns {worst} at worst" in one.detail for one in found.reasons)


def test_one_venue_can_lose_where_it_lets_decided_bets_stand() -> None:
    """Stopped at one all, every lower score is lost, and what is open comes back: one all and over."""
    scores = ("0-0", "1-0", "0-1", "1-1")
    covering = [back(BETFAIR, claim(Kind.CORRECT_SCORE, score), 12) for score in scores]
    covering.append(back(BETFAIR, total("over", "2.5"), "2.9"))
    covering += [back(BETFAIR, claim(Kind.CORRECT_SCORE, score), 12) for score in ("2-0", "0-2")]
    found = best(covering)
    assert found.guaranteed_return > 1
    abandoned = scenario(found, "abandoned")
    assert abandoned is not None
    kept = [leg.share for leg in found.legs if leg.quote.claim.selection in ("1-1", "over")]
    assert f"returns {decimal_text(sum(kept, F(0)), 4)} at worst" in abandoned.detail
    assert scenario(found, "moved") is None
    assert scenario(found, "awarded") is None


def test_a_half_that_is_over_stands_by_rules_that_were_read() -> None:
    """Over half a goal in the match and under it in the first half, both at venues that let decided bets stand."""
    half = claim(Kind.TOTAL, "under", "0.5", Period.FIRST_HALF)
    found = best([back(AUSTRALIAN, claim(Kind.TOTAL, "over", "0.5"), "1.55"), back(EIGHTS, half, "3.0")])
    assert scenario(found, "abandoned") is None


def tennis(home: Venue, away: Venue) -> list[Quote]:
    return [back(home, WINNER[0], "2.10"), back(away, WINNER[1], "2.00")]


def test_somebody_who_gives_up_in_tennis() -> None:
    """Pinnacle pays who advances after a set, William Hill gives back: whoever is backed there may be lost."""
    found = best(tennis(PINNACLE, HILL), "tennis", "ATP Rome")
    retired = scenario(found, "retired")
    assert retired is not None
    assert "in the second set" in retired.detail
    assert "pinnacle (retired: first set; retired others: void) goes to who advances" in retired.detail
    assert "williamhill (retired: match complete; retired others: certain) is void" in retired.detail
    share = next(leg.share for leg in found.legs if leg.quote.venue is PINNACLE)
    assert f"returns {decimal_text(1 - share, 4)} at worst" in retired.detail


def test_alike_in_tennis() -> None:
    unibet = bookmaker("unibet", "Unibet")
    assert scenario(best(tennis(PINNACLE, unibet), "tennis", "ATP Rome"), "retired") is None
    assert scenario(best(tennis(ALPHA, BRAVO), "tennis", "ATP Rome"), "retired") is not None


def test_who_gave_up_is_refunded_at_one_venue() -> None:
    """Sportsbet gives the stake on who gave up back, Pinnacle has lost it: neither is worse than play to the end."""
    assert scenario(best(tennis(PINNACLE, AUSTRALIAN), "tennis", "ATP Rome"), "retired") is None


def test_a_contract_beside_a_bet_when_the_match_is_called_off() -> None:
    """Polymarket settles football that is never played as a draw; the bookmaker gives its stakes back."""
    polymarket = prediction("polymarket", "Polymarket")
    found = best([back(ALPHA, HOME, "2.6"), back(BRAVO, DRAW, "3.8"), back(polymarket, AWAY, "3.4")])
    called_off = scenario(found, "called off")
    assert called_off is not None
    share = next(leg.share for leg in found.legs if leg.quote.venue is polymarket)
    assert f"returns {decimal_text(1 - share, 4)} at worst" in called_off.detail
    assert "polymarket (cancelled: draw) is settled as a draw" in called_off.detail
    assert called_off.name == "rules_differ"


def test_players_and_cards() -> None:
    for subject, word in (("shots: Some Player", "non-starter"), ("cards", "counted")):
        quotes = [
            back(venue, Claim.of(Kind.TOTAL, side, F(5, 2), Period.FULL_TIME, subject), "2.1")
            for venue, side in ((ALPHA, "over"), (BRAVO, "under"))
        ]
        reason = scenario(best(quotes), word)
        assert reason is not None
        assert "returns 0.5000 at worst" in reason.detail


def test_commission_is_taken_in_scenarios_too() -> None:
    """The lay stands and wins: its profit is taxed, and the back is void."""
    toll = exchange("toll", "Toll", F(1, 10))
    found = best([back(ALPHA, HOME, "2.6"), lay(toll, HOME, "2.1")])
    worst = 1 - max(leg.share for leg in found.legs)
    assert all(f"returns {decimal_text(worst, 4)} at worst" in one.detail for one in found.reasons)


def test_whose_fate_an_unread_rule_shares() -> None:
    assert rules_of(back(ALPHA, HOME, 2)) == rules_of(back(BRAVO, AWAY, 2)) == "bookmaker"
    assert rules_of(back(CORAL, HOME, 2)) == "bookmaker (abandoned decided_stand, postponed 0, resumed 0)"
    assert rules_of(back(AUSTRALIAN, HOME, 2), "football") == rules_of(back(EIGHTS, HOME, 2), "football")
    assert rules_of(back(PINNACLE, HOME, 2), "football") == alike(back(HILL, HOME, 2)) == "bookmaker"
    assert rules_of(back(ALPHA, HOME, 2), "tennis") != rules_of(back(BRAVO, HOME, 2), "tennis")
    half = claim(Kind.TOTAL, "under", "0.5", Period.FIRST_HALF)
    assert rules_of(back(ALPHA, half, 2)) == rules_of(back(BRAVO, half, 2)) == "bookmaker on the 1h"


def test_coral_voids_what_others_wait_for() -> None:
    moved = scenario(best(two(CORAL, HILL)), "moved")
    assert moved is not None
    assert "within 48 h" in moved.detail
    assert "coral (postponed: never later) is void" in moved.detail


def test_both_teams_to_score_is_decided_for_both_sides_at_once() -> None:
    found = best([back(AUSTRALIAN, BTTS_YES, "2.1"), back(EIGHTS, BTTS_NO, "2.1"), back(CARGO, HOME, "1.1")])
    assert scenario(found, "abandoned") is None


def test_the_best_pure_plan_is_told_beside_a_better_exposed_one() -> None:
    """Of three venues two have equal rules; the third pays a little more and waits longer."""
    listing = Listing(source="made up", key="1", sport="football", competition="", home="A", away="B")
    quotes = [*two(AUSTRALIAN, EIGHTS), back(HILL, total("over", "2.5"), "2.15")]
    first, second = opportunities([(listing, quotes)], Terms())
    assert isinstance(first, Opportunity)
    assert isinstance(second, Opportunity)
    assert (first.verdict, second.verdict) == (Verdict.RULE_EXPOSED, Verdict.PURE)
    assert {leg.quote.venue for leg in second.legs} == {AUSTRALIAN, EIGHTS}


def test_unread_bookmakers_may_let_decided_bets_stand() -> None:
    """Whatever ordinary house rules say, they say it of both; if decided bets stand, low scores are lost at one all."""
    scores = ("0-0", "1-0", "0-1", "1-1", "2-0", "0-2")
    covering = [
        back(venue, claim(Kind.CORRECT_SCORE, score), 12)
        for venue, score in zip((ALPHA, BRAVO, CARGO) * 2, scores, strict=True)
    ]
    found = best([*covering, back(ALPHA, total("over", "2.5"), "2.9")])
    assert found.verdict is Verdict.RULE_EXPOSED
    (reason,) = found.reasons
    assert reason.detail.startswith("abandoned: ")
    assert "alpha (bookmaker, not read) stands if decided" in reason.detail

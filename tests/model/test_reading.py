"""Reading back: what is written comes back as it was, and what makes no sense is named by its field."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.claim import RACES, SETS, Claim, Kind, Period, cover_of
from crossbook.model.opportunity import Estimate, Leg, Opportunity, Plan, Reason, Stake, Verdict
from crossbook.model.quote import Basis, Listing, Quote, Side
from crossbook.model.reading import claim_from, opportunity_from
from crossbook.model.report import opportunity_object
from crossbook.model.venue import bookmaker, exchange

F = Fraction
HOME = Claim.of(Kind.MATCH_RESULT, "home")
LISTING = Listing(
    source="made-up",
    key="1",
    sport="football",
    competition="Cup",
    home="A",
    away="B",
    date="2026-03-21",
    season="x",
)
FOUND = Opportunity(
    listing=LISTING,
    basis=Basis.CLOSING,
    verdict=Verdict.RULE_EXPOSED,
    reasons=(Reason("rules_differ", "legs settle by the rules of a: and b"),),
    guaranteed_return=F(41, 40),
    legs=(
        Leg(Quote(bookmaker("hill", "The Hill"), HOME, Side.BACK, F(11, 5)), F(1, 2)),
        Leg(Quote(exchange("x", "X", F(0)), HOME, Side.LAY, F(2)), F(1, 2)),
    ),
    plan=Plan(F(100), F(1), (Stake(F(48), F(48)), Stake(F(52), F(52))), F(100), F(4), F(28, 5)),
)


def told(**changes: object) -> dict[str, Any]:
    """The object of `FOUND` as decoded JSON, with some fields changed."""
    value: dict[str, Any] = json.loads(msgspec.json.encode(opportunity_object(FOUND)))
    return {**value, **changes}


def leg(**changes: object) -> dict[str, Any]:
    value = told()
    return {**value, "legs": [{**value["legs"][0], **changes}, value["legs"][1]]}


def test_an_opportunity_comes_back() -> None:
    back = opportunity_from(told(), {"hill": F(1, 50)})
    assert (back.kind, back.verdict, back.basis, back.reasons) == (
        "arbitrage",
        FOUND.verdict,
        FOUND.basis,
        FOUND.reasons,
    )
    assert back.guaranteed_return == FOUND.guaranteed_return
    assert back.plan == FOUND.plan
    for one, other in zip(back.legs, FOUND.legs, strict=True):
        assert (one.quote.claim, one.quote.side, one.quote.odds, one.share) == (
            other.quote.claim, other.quote.side, other.quote.odds, other.share,
        )  # fmt: skip
        assert one.quote.venue.id == other.quote.venue.id
    assert [one.quote.venue.commission for one in back.legs] == [F(1, 50), 0]
    for name in ("home", "away", "sport", "competition", "date", "season"):
        assert getattr(back.listing, name) == getattr(LISTING, name)
    assert opportunity_object(back) == opportunity_object(FOUND)


def test_an_estimate_comes_back() -> None:
    estimate = Estimate(
        method="power",
        expected_return=F(21, 20),
        chance=F(1, 2),
        break_even=F(2, 5),
        kelly=None,
        fair_odds=F(2),
    )
    found = msgspec.structs.replace(FOUND, kind="value", verdict=Verdict.ESTIMATED, estimate=estimate)
    back = opportunity_from(json.loads(msgspec.json.encode(opportunity_object(found))))
    assert (back.estimate, back.kind, back.verdict) == (estimate, "value", Verdict.ESTIMATED)
    assert opportunity_from(told()).estimate is None


def test_what_is_not_said_has_a_plain_meaning() -> None:
    value = {
        "event": {"home": "Derby day"},
        "verdict": "pure",
        "guaranteed_return": "1.1",
        "legs": [
            {"venue": "a", "market": "winner", "selection": name, "price": "2.2"} for name in ("Ada", "Bea")
        ],
    }
    back = opportunity_from(value)
    assert (back.kind, back.basis, back.plan, back.listing.away) == ("arbitrage", Basis.PREMATCH, None, "")
    assert [one.share for one in back.legs] == [F(1, 2), F(1, 2)]


def test_odds_cut_after_six_digits_are_put_back() -> None:
    """A contract at 29 cents is 100/29 = 3.448275…; odds that end are what they say."""
    assert opportunity_from(leg(price="3.448275")).legs[0].quote.odds == F(100, 29)
    assert opportunity_from(leg(price="3.448274")).legs[0].quote.odds == F("3.448274")
    assert opportunity_from(leg(price="1.571")).legs[0].quote.odds == F("1.571")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "object: "),
        (told(legs=[]), "legs: an opportunity has at least one"),
        (told(verdict="sure"), "verdict: 'sure' is not one of pure, rule_exposed"),
        (told(basis="later"), "basis: 'later' is not one of"),
        (told(guaranteed_return="much"), "guaranteed_return: not a plain decimal number"),
        (leg(price="1"), r"legs\[0\].price: 1 pays no more"),
        (leg(price="x"), r"legs\[0\].price: not a plain"),
        (leg(market="1x3"), r"legs\[0\].market: '1x3' is none of 1x2"),
        (leg(selection="hme"), r"legs\[0\].selection: 'hme' is not one of"),
        (leg(market="total", selection="over"), r"legs\[0\].line: total needs a line"),
        (leg(market="total", selection="over", line="2.3"), r"legs\[0\].line: 2.3 is off"),
        (leg(side="both"), r"legs\[0\].side: 'both' is not one of back, lay"),
        (leg(venue=""), r"legs\[0\].venue: is empty"),
        (leg(share="half"), r"legs\[0\].not a plain"),
        (leg(stake=None), r"legs\[0\].stake: a plan needs one"),
        ({key: one for key, one in told().items() if key != "event"}, "event: is missing"),
        (told(event={"away": "B"}), "event.home: is missing"),
        (leg(price=2.2), r"legs\[0\].price: expected `str`"),
        (told(rounded={"bank": "1"}), "rounded.unit: is missing"),
    ],
)
def test_what_makes_no_sense_is_named_by_its_field(value: object, message: str) -> None:
    with pytest.raises(BadData, match=f"^{message}"):
        opportunity_from(value)


LINES = {
    Kind.ASIAN_HANDICAP: F(-3, 4),
    Kind.EUROPEAN_HANDICAP: F(-1),
    Kind.TOTAL: F(5, 2),
    Kind.TEAM_TOTAL_HOME: F(3, 2),
    Kind.TEAM_TOTAL_AWAY: F(2),
    Kind.EACH_WAY: F(1, 5),
}
SPELLED = {
    Kind.CORRECT_SCORE: "2-1",
    Kind.EXACT_TOTAL: "7+",
    Kind.DOUBLE_CHANCE: "home_draw",
    Kind.WIN_TO_NIL: "away",
}
PERIODS = [period for period in Period if period is not Period.OVERTIME and period not in SETS]


@given(
    st.sampled_from(list(Kind)),
    st.sampled_from(PERIODS),
    st.sampled_from(["goals", "corners", "cards", "shots: Some Player", "team_2h_points"]),
)
def test_every_claim_comes_back_from_its_words(kind: Kind, period: Period, subject: str) -> None:
    race = kind in RACES or kind is Kind.CONTRACT
    selection = SPELLED.get(kind) or (cover_of(kind) or ("yes",))[0]
    one = Claim.of(
        kind,
        selection,
        LINES.get(kind),
        Period.FULL_TIME if race else period,
        "goals" if race else subject,
        3 if kind is Kind.EACH_WAY else 0,
    )
    line = None if one.line is None else str(float(one.line))
    assert claim_from(one.market, one.selection, line) is one


def test_places_come_back() -> None:
    placed = Claim.of(Kind.PLACE, "Ada", places=3)
    assert claim_from(placed.market, "Ada") is placed

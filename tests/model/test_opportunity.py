"""Opportunities: verdict words, reasons people can read, and facts that stay as they are."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest

from crossbook.model.claim import Claim, Kind
from crossbook.model.opportunity import Leg, Opportunity, Plan, Reason, Stake, Verdict
from crossbook.model.quote import Basis, Listing, Quote, Side
from crossbook.model.venue import bookmaker

F = Fraction
LISTING = Listing(source="made-up", key="1", sport="football", competition="X", home="A", away="B")
LEG = Leg(Quote(bookmaker("hill", "The Hill"), Claim.of(Kind.MATCH_RESULT, "home"), Side.BACK, F(3)), F(1, 2))
FOUND = Opportunity(
    listing=LISTING,
    basis=Basis.PREMATCH,
    verdict=Verdict.PURE,
    reasons=(),
    guaranteed_return=F(21, 20),
    legs=(LEG,),
    plan=None,
)


def test_a_reason_reads_as_its_name_and_its_sentence() -> None:
    reason = Reason("outlier", "hill 1x2 home at 30 is far from the rest")
    assert str(reason) == f"{reason}" == "outlier: hill 1x2 home at 30 is far from the rest"


def test_equal_reasons_are_told_once() -> None:
    assert len({Reason("stale", "old"), Reason("stale", "old"), Reason("stale", "older")}) == 2


def test_the_verdicts_as_they_stand_in_output() -> None:
    assert [verdict.value for verdict in Verdict] == ["pure", "rule_exposed", "rejected", "estimated"]


def test_it_is_an_arbitrage_without_a_plan_unless_it_says_otherwise() -> None:
    assert (FOUND.kind, FOUND.plan, FOUND.unplanned) == ("arbitrage", None, None)


@pytest.mark.parametrize(
    "fact",
    [
        Reason("stale", "old"),
        LEG,
        Stake(F(2), F(2)),
        Plan(F(100), F(1), (Stake(F(2), F(2)),), F(2), F(0), F(1)),
        FOUND,
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_nothing_can_be_changed_afterwards(fact: msgspec.Struct) -> None:
    for field in msgspec.structs.fields(fact):
        before = getattr(fact, field.name)
        with pytest.raises(AttributeError):
            setattr(fact, field.name, None)
        assert getattr(fact, field.name) is before

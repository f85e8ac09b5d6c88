"""Recorded feeds: two known faults and no arbitrage; repaired, nothing; planted, exactly what was planted."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.terms import Terms
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.model.quote import Quote, Side, Snapshot
from crossbook.venues import kalshi, odds_api_io
from crossbook.venues.reader import Document, Reader
from tests.arbitrage.checks import check_sums
from tests.oracles.source_surgery import (
    Json,
    full_time_bets,
    plant_kalshi,
    plant_real,
    repair,
    repair_alternative_handicap,
    repair_spread,
)

FOLDER = "sports/api/soccer_kalshi_oddsapiio"
BTTS = {("bet365", "btts no", "back"), ("betfair_exchange", "btts no", "lay")}


@pytest.fixture(scope="module")
def match(real_data: Path) -> Json:
    return json.loads((real_data / FOLDER / "odds_api_odds.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def contracts(real_data: Path) -> Json:
    return json.loads((real_data / FOLDER / "kalshi_markets.json").read_text(encoding="utf-8"))


def snapshots(reader: Reader, payload: Json) -> list[Snapshot]:
    """What the reader makes of a payload."""
    document = Document(("recorded.json",), json.dumps(payload).encode())
    return [one for one in reader.read(document) if isinstance(one, Snapshot)]


def taxed(quote: Quote, commission: Fraction | None) -> Quote:
    """The quote with the exchange's commission stated."""
    if commission is None or quote.venue.id != "betfair_exchange":
        return quote
    return msgspec.structs.replace(quote, venue=msgspec.structs.replace(quote.venue, commission=commission))


def found(reader: Reader, payload: Json, commission: Fraction | None = None) -> list[Opportunity]:
    """Every opportunity of a payload, its sums checked where they are on the goals of the match."""
    events = [
        (one.listing, [taxed(quote, commission) for quote in one.quotes])
        for one in snapshots(reader, payload)
    ]
    answers = list(opportunities(events, Terms()))
    assert all(isinstance(one, Opportunity) for one in answers), answers
    return [one for one in answers if isinstance(one, Opportunity)]


def legs(one: Opportunity) -> set[tuple[str, str, str]]:
    return {(leg.quote.venue.id, str(leg.quote.claim), leg.quote.side.value) for leg in one.legs}


COMMISSIONS = [None, Fraction(5, 100)]


@pytest.mark.parametrize("commission", COMMISSIONS)
def test_the_recorded_match_has_nothing_to_act_on_and_both_faults_are_named(
    match: Json, commission: Fraction | None
) -> None:
    answers = found(odds_api_io.READER, match, commission)
    assert answers
    assert {one.verdict for one in answers} == {Verdict.REJECTED}
    reasons = {
        (reason.name, venue)
        for one in answers
        for reason in one.reasons
        for venue in ("bet365", "betfair_exchange")
        if f"{venue} " in reason.detail
    }
    assert ("handicap_sign", "bet365") in reasons
    assert reasons & {("line_order", "betfair_exchange"), ("own_book", "betfair_exchange")}
    assert not reasons & {("handicap_sign", "betfair_exchange"), ("line_order", "bet365")}


def test_with_one_fault_left_it_is_the_one_named(match: Json) -> None:
    for payload, present, absent in (
        (repair_spread(match), "handicap_sign", "line_order"),
        (repair_alternative_handicap(match), "line_order", "handicap_sign"),
    ):
        names = {reason.name for one in found(odds_api_io.READER, payload) for reason in one.reasons}
        assert present in names
        assert absent not in names


@pytest.mark.parametrize("commission", COMMISSIONS)
def test_the_repaired_match_has_no_opportunity_at_all(match: Json, commission: Fraction | None) -> None:
    assert found(odds_api_io.READER, repair(match), commission) == []


@pytest.mark.parametrize("percent", [0, 5])
def test_the_planted_arbitrage_is_found(match: Json, percent: int) -> None:
    commission = Fraction(percent, 100)
    planted, expected = plant_real(match, commission)
    (one,) = found(odds_api_io.READER, planted, commission)
    assert legs(one) == BTTS
    assert one.guaranteed_return == expected.guaranteed_return
    assert one.verdict is Verdict.RULE_EXPOSED
    assert {reason.name for reason in one.reasons} == {"rules_differ"}
    shares = {leg.side: share for leg, share in expected.share.items()}
    assert {leg.quote.side.value: leg.share for leg in one.legs} == shares
    check_sums(one)


def test_the_planted_arbitrage_without_a_stated_commission(match: Json) -> None:
    planted, expected = plant_real(match, Fraction(0))
    (one,) = found(odds_api_io.READER, planted)
    assert legs(one) == BTTS
    assert one.guaranteed_return == expected.guaranteed_return
    assert {reason.name for reason in one.reasons} == {"rules_differ", "commission_unstated"}


def test_the_planted_arbitrage_beside_the_faults(match: Json) -> None:
    """Planted into the unrepaired recording, the sound one comes first and the faults after."""
    _, expected = plant_real(match, Fraction(0))
    broken = copy.deepcopy(match)
    (market,) = [one for one in broken["bookmakers"]["Bet365"] if one["name"] == "Both Teams To Score"]
    market["odds"][0]["no"] = "2.300"
    first, *others = found(odds_api_io.READER, broken, Fraction(0))
    assert legs(first) == BTTS
    assert first.guaranteed_return == expected.guaranteed_return
    assert first.verdict is Verdict.RULE_EXPOSED
    assert {one.verdict for one in others} == {Verdict.REJECTED}


def test_the_reader_and_the_oracle_see_the_same_bets(match: Json) -> None:
    """Every full-time bet on goals that the surgery's own reading sees is a quote of ours at the same odds."""
    (snapshot,) = snapshots(odds_api_io.READER, match)
    ours = {
        (quote.claim.kind.value, quote.claim.selection, quote.claim.line, quote.side is Side.LAY, quote.odds)
        for quote in snapshot.quotes
        if quote.claim.space == "goals/regulation"
    }
    theirs = {
        (bet.kind, bet.kind_selection, bet.line, bet.side == "lay", bet.odds) for bet in full_time_bets(match)
    }
    missing = {one for one in theirs - ours if one[0] not in ("double_chance", "exact_total")}
    assert not missing


def test_the_recorded_contracts_have_none(contracts: Json) -> None:
    assert found(kalshi.READER, contracts) == []


def test_the_planted_contracts_are_found(contracts: Json) -> None:
    planted, expected = plant_kalshi(contracts)
    (one,) = found(kalshi.READER, planted)
    assert one.guaranteed_return == expected.guaranteed_return == 1 / Fraction("0.93")
    assert legs(one) == {("kalshi", f"1x2 {side}", "back") for side in ("home", "draw", "away")}
    assert sorted(leg.share for leg in one.legs) == sorted(expected.share.values())
    assert one.verdict is Verdict.RULE_EXPOSED
    assert {reason.name for reason in one.reasons} == {"commission_unstated"}
    check_sums(one)

"""Opportunities and their lives as the plain objects that every door shows: command line, API, files, store."""

from __future__ import annotations

from typing import Final

from crossbook.base.clock import format_moment, format_time
from crossbook.base.exact import decimal_text, plain_text
from crossbook.model.life import Change
from crossbook.model.odds import odds_text
from crossbook.model.opportunity import Estimate, Leg, Opportunity, Plan, Stake

_RETURN_PLACES: Final = 9
_SHARE_PLACES: Final = 6


def opportunity_object(opportunity: Opportunity) -> dict[str, object]:
    """The opportunity as the object that ``scan --json`` prints; numbers are exact decimal strings.

    `estimate` is there only for kinds that have one.
    """
    listing, plan, estimate = opportunity.listing, opportunity.plan, opportunity.estimate
    stakes: list[Stake | None] = list(plan.stakes) if plan else [None] * len(opportunity.legs)
    found: dict[str, object] = {
        "event": {
            "sport": listing.sport,
            "competition": listing.competition,
            "season": listing.season,
            "date": listing.date,
            "home": listing.home,
            "away": listing.away,
            "start": None if listing.start is None else format_time(listing.start),
        },
        "basis": opportunity.basis.value,
        "kind": opportunity.kind,
        "verdict": opportunity.verdict.value,
        "reasons": [str(reason) for reason in opportunity.reasons],
        "guaranteed_return": decimal_text(opportunity.guaranteed_return, _RETURN_PLACES),
        "legs": [_leg_object(leg, stake) for leg, stake in zip(opportunity.legs, stakes, strict=True)],
        "rounded": None if plan is None else _plan_object(plan),
        "rounded_reason": opportunity.unplanned,
    }
    if opportunity.expected_return is not None:
        found["expected_return"] = decimal_text(opportunity.expected_return, _RETURN_PLACES)
    if estimate is not None:
        found["estimate"] = _estimate_object(estimate)
    return found


def _leg_object(leg: Leg, stake: Stake | None) -> dict[str, object]:
    quote = leg.quote
    return {
        "venue": quote.venue.id,
        "market": quote.claim.market,
        "selection": quote.claim.selection,
        "line": None if quote.claim.line is None else plain_text(quote.claim.line),
        "side": quote.side.value,
        "price": odds_text(quote.odds),
        "share": decimal_text(leg.share, _SHARE_PLACES),
        "stake": None if stake is None else plain_text(stake.amount),
        "risk": None if stake is None else plain_text(stake.risk),
        **({"currency": stake.currency} if stake is not None and stake.currency else {}),
    }


def _plan_object(plan: Plan) -> dict[str, str]:
    return {
        "bank": plain_text(plan.bank),
        "unit": plain_text(plan.unit),
        "staked": plain_text(plan.staked),
        "worst": plain_text(plan.worst),
        "best": plain_text(plan.best),
    }


def _estimate_object(estimate: Estimate) -> dict[str, str | None]:
    return {
        "method": estimate.method,
        "expected_return": decimal_text(estimate.expected_return, _SHARE_PLACES),
        "chance": decimal_text(estimate.chance, _SHARE_PLACES),
        "break_even": decimal_text(estimate.break_even, _SHARE_PLACES),
        "kelly": None if estimate.kelly is None else decimal_text(estimate.kelly, _SHARE_PLACES),
        "fair_odds": None if estimate.fair_odds is None else decimal_text(estimate.fair_odds, _SHARE_PLACES),
    }


def change_object(change: Change) -> dict[str, object]:
    """A moment in an opportunity's life as ``demo --json`` and ``replay --json`` print it."""
    return {
        "at": format_moment(change.at),
        "moment": change.moment.value,
        "id": change.id,
        "event": change.event,
        "opened": format_moment(change.opened),
        "why": [str(reason) for reason in change.why],
        "opportunity": opportunity_object(change.opportunity),
    }

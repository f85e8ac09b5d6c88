"""Opportunities: legs whose result is known in every state of the world, with a verdict and its reasons."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

import msgspec

from crossbook.model.quote import Basis, Listing, Quote


class Verdict(StrEnum):
    """What a person may conclude.

    Pure: no loss in any state of the world, and the legs settle alike where the event does not run its course.
    Rule-exposed: no loss while it does, but the legs' rules differ where it does not, or a commission is not known.
    Rejected: a trust screen does not believe a price, or the legs are not independent, or it is too good to be true.
    """

    PURE = "pure"
    RULE_EXPOSED = "rule_exposed"
    REJECTED = "rejected"


class Reason(msgspec.Struct, frozen=True):
    """Why a verdict is not better: a stable name for programs and a sentence for people."""

    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}"


class Leg(msgspec.Struct, frozen=True):
    """One bet of an opportunity; `share` is its part of all money at risk, the shares add up to one."""

    quote: Quote
    share: Fraction


class Stake(msgspec.Struct, frozen=True):
    """What one leg of a plan asks of the person: the stake as typed in at the venue, and the money it risks."""

    amount: Fraction
    risk: Fraction


class Plan(msgspec.Struct, frozen=True):
    """Stakes in each venue's steps. `worst` and `best` are the net profits over all states, verified exactly."""

    bank: Fraction
    unit: Fraction
    stakes: tuple[Stake, ...]
    staked: Fraction
    worst: Fraction
    best: Fraction


class Opportunity(msgspec.Struct, frozen=True, kw_only=True):
    """Legs with a guaranteed return above one: per unit at risk, before stakes are rounded."""

    listing: Listing
    basis: Basis
    kind: str = "arbitrage"
    verdict: Verdict
    reasons: tuple[Reason, ...]
    guaranteed_return: Fraction
    legs: tuple[Leg, ...]
    plan: Plan | None
    unplanned: str | None = None
    """Why there is no plan."""

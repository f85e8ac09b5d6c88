"""Opportunities: legs whose result is known in every state of the world, with a verdict and its reasons."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import Final

import msgspec

from crossbook.model.quote import Basis, Listing, Quote

ARBITRAGE: Final = "arbitrage"
"""Legs that guarantee more than they cost."""
NO_LOSS: Final = "no_loss"
"""Legs that guarantee what they cost, and more in some states."""
VALUE: Final = "value"
"""One bet at more than its fair odds."""
MIDDLE: Final = "middle"
"""Two bets of which both win in some states."""
LOW_HOLD: Final = "low_hold"
"""Legs that cover every state and cost little."""
FREE_BET: Final = "free_bet"
"""A free bet, and the hedges that turn it into money."""
KINDS: Final = (ARBITRAGE, NO_LOSS, VALUE, MIDDLE, LOW_HOLD, FREE_BET)
"""Every kind of opportunity. Only the first is looked for unless others are named."""


class Verdict(StrEnum):
    """What a person may conclude.

    Pure: no loss in any state of the world, and the legs settle alike where the event does not run its course.
    Rule-exposed: no loss while it does, but the legs' rules differ where it does not, or a commission is not known.
    Rejected: a trust screen does not believe a price, or the legs are not independent, or it is too good to be true.
    Estimated: it may lose; what speaks for it rests on estimated chances. No arbitrage is ever estimated.
    """

    PURE = "pure"
    RULE_EXPOSED = "rule_exposed"
    REJECTED = "rejected"
    ESTIMATED = "estimated"


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
    """What one leg of a plan asks of the person: the stake as typed in at the venue, and the money it risks.

    The stake is in `currency`, "" being the bank's; the risk is the bank's money, tax on the stake included.
    """

    amount: Fraction
    risk: Fraction
    currency: str = ""


class Plan(msgspec.Struct, frozen=True):
    """Stakes in each venue's steps. `worst` and `best` are the net profits over all states, verified exactly."""

    bank: Fraction
    unit: Fraction
    stakes: tuple[Stake, ...]
    staked: Fraction
    worst: Fraction
    best: Fraction


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What an opportunity is worth if the fair chances of `method` are true; all of it is an estimate.

    `expected_return` is per unit at risk. `chance` is that of what is hoped for, and `break_even` the chance at which
    the expected return is one. `kelly` is the part of a bank that grows it fastest if the chance is true; information,
    never a stake. `fair_odds` are of the one leg, where there is one.
    """

    method: str
    expected_return: Fraction
    chance: Fraction
    break_even: Fraction
    kelly: Fraction | None = None
    fair_odds: Fraction | None = None


class Opportunity(msgspec.Struct, frozen=True, kw_only=True):
    """Legs with a guaranteed return: above one for an arbitrage; what it means for other kinds stands with them.

    Per unit at risk, before stakes are rounded.
    """

    listing: Listing
    basis: Basis
    kind: str = ARBITRAGE
    verdict: Verdict
    reasons: tuple[Reason, ...]
    guaranteed_return: Fraction
    legs: tuple[Leg, ...]
    plan: Plan | None
    unplanned: str | None = None
    """Why there is no plan."""
    expected_return: Fraction | None = None
    """Of kind `no_loss`, whose guaranteed return is one: the mean over all states, each counting the same."""
    estimate: Estimate | None = None
    """Of kinds that may lose."""

"""Repair: what to do when some legs of a plan stand, some failed, and of some nobody knows.

The same programme as for a plan, with what stands as money that is already in every outcome. A bet of which it is not
known whether it stands gives two possibilities, and the worst case is taken over both: no further bet may count on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import product
from typing import Final

import msgspec

from crossbook.arbitrage.bets import Bets, Table
from crossbook.arbitrage.choices import Bet, Choice
from crossbook.arbitrage.states import States
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.quote import Quote
from crossbook.model.result import Result

_MOST_UNKNOWN: Final = 6
_MOST_EXPOSED: Final = 20


class Status(StrEnum):
    """How it stands with a leg that was to be placed."""

    PLACED = "placed"
    UNKNOWN = "unknown"
    """Asked, and no answer came: it may stand or not."""
    FAILED = "failed"


class Placed(msgspec.Struct, frozen=True):
    """A leg of a plan as it was placed: at these odds and this stake.

    `cash_out` is what the venue now offers, in the account's currency, to end the bet; None where it offers nothing.
    """

    bet: Bet
    status: Status = Status.PLACED
    cash_out: Fraction | None = None


class Exposed(msgspec.Struct, frozen=True):
    """An outcome that loses: how much, a result of that kind, and which of the unknown legs stand in it."""

    profit: Fraction
    result: Result
    standing: tuple[bool, ...]


class Remedy(msgspec.Struct, frozen=True):
    """One thing that can be done, and what all bets together come to with it.

    `bets` has the further bets; its worst and best are those of all bets, the placed ones included. `cashed` are the
    places of the legs that are ended for cash. `exposed` has the outcomes that still lose, the worst first, no more
    than twenty of the `losing`.
    """

    bets: Bets
    cashed: tuple[int, ...]
    exposed: tuple[Exposed, ...]
    losing: int


class Repair(msgspec.Struct, frozen=True):
    """What can be done: nothing, ending every bet that can be ended (None where none can), and the best there is.

    `best` never has a worse worst case than the others, and does nothing where nothing is better.
    """

    nothing: Remedy
    cashed: Remedy | None
    best: Remedy


def repair(placed: Sequence[Placed], quotes: Iterable[Quote], states: States, terms: Terms) -> Repair:
    """The further bets, and the bets to end for cash, that make the worst case as good as it can be.

    The worst case is over every state and every possibility of the unknown legs. `states` tell the claims of the legs
    and of `quotes`, what is on offer now, apart. `terms` are those the plan was made with: what the placed and the
    unknown legs took is taken from the bank, the balances, the free bets, and from what one bet may be at most.

    Raises BadData when a leg makes no sense, or when the possibilities are too many to look at.
    """
    _check(placed)
    possibilities, unknown = _possibilities(placed)
    ends = [
        Choice(leg.bet, 1, 1, leg.cash_out)
        for leg in placed
        if leg.cash_out is not None and leg.status is Status.PLACED
    ]
    ended = [
        place for place, leg in enumerate(placed) if leg.cash_out is not None and leg.status is Status.PLACED
    ]
    table = Table(
        quotes,
        states,
        terms,
        possibilities,
        [leg.bet for leg in placed if leg.status is not Status.FAILED],
        ends,
    )
    new = len(table.choices) - len(ends)

    def remedy(counts: Sequence[int], proven: bool) -> Remedy:
        profits = table.profits(counts)
        losing = sorted((profit, place) for place, profit in enumerate(profits) if profit < 0)
        outcomes = table.outcomes
        exposed = tuple(
            Exposed(
                Fraction(profit, outcomes.scale),
                states.results[outcomes.states[place]],
                unknown[outcomes.possibilities[place]],
            )
            for profit, place in losing[:_MOST_EXPOSED]
        )
        cashed = tuple(place for place, count in zip(ended, counts[new:], strict=True) if count)
        return Remedy(table.bets(counts, proven), cashed, exposed, len(losing))

    best = table.best()
    return Repair(
        remedy([0] * len(table.choices), True),
        remedy([0] * new + [1] * len(ends), True) if ends else None,
        remedy(*best),
    )


def _possibilities(placed: Sequence[Placed]) -> tuple[list[list[Bet]], list[tuple[bool, ...]]]:
    """The bets that stand in each possibility, and which of the unknown legs these are."""
    count = sum(leg.status is Status.UNKNOWN for leg in placed)
    if count > _MOST_UNKNOWN:
        raise BadData(f"placed: {count} unknown legs are too many; find out about some first")
    found, unknown = [], []
    for stands in product((True, False), repeat=count):
        mark = iter(stands)
        found.append(
            [
                leg.bet
                for leg in placed
                if leg.status is Status.PLACED or (leg.status is Status.UNKNOWN and next(mark))
            ]
        )
        unknown.append(stands)
    return found, unknown


def _check(placed: Sequence[Placed]) -> None:
    for place, leg in enumerate(placed):
        if leg.bet.amount <= 0:
            raise BadData(f"placed.{place}.amount: has to be above 0")
        if leg.cash_out is not None and leg.cash_out < 0:
            raise BadData(f"placed.{place}.cash_out: must not be below 0")
        if leg.cash_out is not None and leg.bet.quote.venue.commission:
            raise BadData(
                f"placed.{place}.cash_out: where commission is taken, bet against the leg in its market instead"
            )

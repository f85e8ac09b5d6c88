"""What a judge of completeness asks, and what it is answered: the meeting point with whoever is judged.

The judged one is told of quotes as they come and go, and says of every event whether there is a plan: legs that lose
in no state of the world and win in some. Commission is none here.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from crossbook.model.claim import Claim
from crossbook.model.quote import Quote, Side


class Answer(NamedTuple):
    """A plan for one unit at risk."""

    guaranteed: float
    """The best that any plan returns in its worst state; 1 is break-even. Only meaningful from 1 − 10⁻¹² up."""
    expected: float
    """What this plan returns on average when all collapsed states are equally likely."""
    legs: tuple[tuple[Quote, float], ...]
    """The quotes with their shares of the unit."""


class Accused(Protocol):
    """Whoever says for which events there is a plan.

    There is one when the guaranteed return is above 1, or is 1 and some state pays more: exactly, not in floats.
    """

    def put(self, event: str, quote: Quote) -> None:
        """The venue's price on this claim and side is now this one."""

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        """The venue, by its id, no longer offers this claim on this side."""

    def expire(self, before: int) -> None:
        """Every quote that was received earlier than this is gone."""

    def tick(self) -> dict[str, Answer | None]:
        """The events looked at since the last tick: the plan, or None where it is proven that there is none.

        What was answered before stands for all other events.
        """

"""An accused that cannot be wrong, for it solves every changed event anew: by it the harness itself is judged."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from crossbook.model.claim import Claim
from crossbook.model.quote import Quote, Side
from tests.completeness.compare import Slot, Solve
from tests.oracles.accused import Accused, Answer
from tests.oracles.always_solve import Optimum, best_guarantee


class Remembered:
    """Solves no quotes twice."""

    def __init__(self) -> None:
        self._known: dict[frozenset[tuple[str, Claim, Side, Fraction]], Optimum] = {}

    def __call__(self, quotes: Sequence[Quote]) -> Optimum:
        """See `best_guarantee`."""
        key = frozenset((quote.venue.id, quote.claim, quote.side, quote.odds) for quote in quotes)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = best_guarantee(quotes)
        return found


class AlwaysSolve:
    """Keeps all quotes and solves what changed."""

    def __init__(self, solve: Solve = best_guarantee) -> None:
        self._solve = solve
        self._quotes: dict[str, dict[Slot, Quote]] = {}
        self._changed: set[str] = set()

    def put(self, event: str, quote: Quote) -> None:
        """See `Accused`."""
        self._quotes.setdefault(event, {})[quote.venue.id, quote.claim, quote.side] = quote
        self._changed.add(event)

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        """See `Accused`."""
        if self._quotes.get(event, {}).pop((venue, claim, side), None) is not None:
            self._changed.add(event)

    def expire(self, before: int) -> None:
        """See `Accused`."""
        for event, book in self._quotes.items():
            standing = {slot: quote for slot, quote in book.items() if (quote.received or 0) >= before}
            if len(standing) < len(book):
                self._quotes[event] = standing
                self._changed.add(event)

    def tick(self) -> dict[str, Answer | None]:
        """See `Accused`."""
        answers: dict[str, Answer | None] = {}
        for event in sorted(self._changed):
            found = self._solve(list(self._quotes[event].values()))
            answers[event] = (
                Answer(max(found.value, 1.0), found.expected, found.legs) if found.there_is else None
            )
        self._changed.clear()
        return answers


def make() -> Accused:
    """The accused that is right."""
    return AlwaysSolve()

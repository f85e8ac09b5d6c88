"""The judge's own book of quotes, and what it has to say of an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from crossbook.model.claim import Claim
from crossbook.model.quote import Quote, Side
from tests.oracles.accused import Accused, Answer
from tests.oracles.always_solve import Optimum, best_guarantee, pays
from tests.oracles.always_solve_states import grid_for
from tests.oracles.price_stream import Expire, Put, Update

OPTIMUM: Final = 1e-7
"""How far a guaranteed return may lie from the oracle's."""
CLOSE: Final = 1e-4
"""What is near break-even."""
_ROUNDING: Final = 1e-9
_EXAMPLES: Final = 8

Slot = tuple[str, Claim, Side]
Solve = Callable[[Sequence[Quote]], Optimum]


class Tally(msgspec.Struct):
    """What was asked and what was found, over some of the work."""

    events: int = 0
    updates: int = 0
    checks: int = 0
    plans: int = 0
    even_plans: int = 0
    """Plans that guarantee exactly one, and sometimes win."""
    even_empty: int = 0
    """Best guaranteed return exactly one, and no plan."""
    close_below: int = 0
    close_above: int = 0
    close_events: int = 0
    """Events of which the first look was near break-even."""
    worst_difference: float = 0.0
    findings: dict[str, int] = {}
    examples: list[str] = []
    seconds: float = 0.0

    def add(self, other: Tally) -> None:
        """Take in another part of the work."""
        for name in self.__struct_fields__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if name == "findings":
                self.findings = dict(Counter(mine) + Counter(theirs))
            elif name == "examples":
                self.examples = [*mine, *theirs][:_EXAMPLES]
            elif name == "worst_difference":
                self.worst_difference = max(mine, theirs)
            else:
                setattr(self, name, mine + theirs)

    def accuse(self, name: str, where: str) -> None:
        """Note a finding."""
        self.findings = {**self.findings, name: self.findings.get(name, 0) + 1}
        if len(self.examples) < _EXAMPLES:
            self.examples.append(f"{name}: {where}")


class Shadow:
    """The quotes that stand, by event, kept beside the accused; and what it answered last."""

    def __init__(self, accused: Accused, solve: Solve = best_guarantee) -> None:
        self.accused = accused
        self.solve = solve
        self.quotes: dict[str, dict[Slot, Quote]] = {}
        self.answers: dict[str, Answer | None] = {}
        self.changed: set[str] = set()
        self._known: dict[str, Optimum] = {}

    def put(self, event: str, quote: Quote) -> None:
        """Both books take the price."""
        self.accused.put(event, quote)
        self.quotes.setdefault(event, {})[quote.venue.id, quote.claim, quote.side] = quote
        self._changes(event)

    def withdraw(self, event: str, venue: str, claim: Claim, side: Side) -> None:
        """Both books drop the price."""
        self.accused.withdraw(event, venue, claim, side)
        self.quotes.get(event, {}).pop((venue, claim, side), None)
        self._changes(event)

    def expire(self, before: int) -> None:
        """Both books drop what is too old."""
        self.accused.expire(before)
        for event, book in self.quotes.items():
            old = [slot for slot, quote in book.items() if (quote.received or 0) < before]
            for slot in old:
                del book[slot]
            if old:
                self._changes(event)

    def _changes(self, event: str) -> None:
        self.changed.add(event)
        self._known.pop(event, None)

    def apply(self, update: Update) -> None:
        """Hand on one update of a stream."""
        if isinstance(update, Put):
            self.put(*update)
        elif isinstance(update, Expire):
            self.expire(update.before)
        else:
            self.withdraw(*update)

    def tick(self) -> None:
        """Let the accused answer; what it does not answer stands as before."""
        self.answers.update(self.accused.tick())

    def optimum(self, event: str) -> Optimum:
        """What the oracle says of an event as it stands now."""
        known = self._known.get(event)
        if known is None:
            known = self._known[event] = self.solve(list(self.quotes.get(event, {}).values()))
        return known

    def check(self, event: str, tally: Tally, where: str) -> Optimum:
        """Compare the answer that stands for an event with the oracle's; whatever is wrong goes to the tally."""
        truth = self.optimum(event)
        tally.checks += 1
        tally.plans += truth.there_is
        if truth.is_even:
            tally.even_plans += truth.there_is
            tally.even_empty += not truth.there_is
        elif abs(truth.value - 1) <= CLOSE:
            tally.close_above += truth.value > 1
            tally.close_below += truth.value < 1
        self.changed.discard(event)
        if event not in self.answers:
            if self.quotes.get(event):
                tally.accuse("unanswered", where)
            return truth
        answer = self.answers[event]
        if answer is None:
            if truth.there_is:
                tally.accuse("missed", f"{where} ({truth.value - 1:+.3e})")
        elif not truth.there_is:
            tally.accuse("false", f"{where} ({truth.value - 1:+.3e})")
        else:
            for name, said in self._faults(event, answer, truth, tally):
                tally.accuse(name, f"{where} ({said})")
        return truth

    def _faults(self, event: str, answer: Answer, truth: Optimum, tally: Tally) -> list[tuple[str, str]]:
        """What is wrong with a plan where there is one."""
        book = self.quotes[event]
        faults = []
        difference = abs(answer.guaranteed - truth.value)
        tally.worst_difference = max(tally.worst_difference, difference)
        if not difference <= OPTIMUM:
            faults.append(("optimum", f"{answer.guaranteed!r} for {truth.value!r}"))
        for quote, _ in answer.legs:
            slot = (quote.venue.id, quote.claim, quote.side)
            if slot not in book or book[slot].odds != quote.odds:
                faults.append(("not_on_offer", f"{slot} at {quote.odds}"))
        whole = sum(share for _, share in answer.legs)
        if not answer.legs or abs(whole - 1) > _ROUNDING or min(share for _, share in answer.legs) < 0:
            faults.append(("shares", f"add up to {whole!r}"))
            return faults
        # The grid is that of the whole event, not of the legs alone.
        paid = pays(answer.legs, grid_for(quote.claim for quote in book.values()))
        if paid.min() < answer.guaranteed - OPTIMUM:
            faults.append(("legs", f"pay {paid.min()!r} for {answer.guaranteed!r}"))
        if paid.max() <= 1 and not truth.value > 1:
            faults.append(("legs", "never win"))
        if not paid.min() - _ROUNDING <= answer.expected <= paid.max() + _ROUNDING or not answer.expected > 1:
            faults.append(("expected", f"{answer.expected!r} of {paid.min()!r} to {paid.max()!r}"))
        return faults

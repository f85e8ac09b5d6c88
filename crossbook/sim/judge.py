"""The judge: what a scan of a recording found and missed, by the recording's own truth."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.sim.truth import Fixture, Truth


class Judgement(msgspec.Struct, frozen=True):
    """Matches by what was said of them, each as ``home v away``.

    `found`: a true opportunity, offered for action. `missed`: a true one that was not offered. `false`: offered,
    though nothing true is there; where a fault was planted, its name stands behind the match. `refused`: names of
    planted faults that were shown and refused.
    """

    found: tuple[str, ...]
    missed: tuple[str, ...]
    false: tuple[str, ...]
    refused: tuple[str, ...]


def judge(truth: Truth, opportunities: Iterable[Opportunity]) -> Judgement:
    """Compare what a scan offered for action with what is true of the recording."""
    by_names = {names: fixture.number for fixture in truth.fixtures for names in fixture.names.values()}
    offered: set[int | None] = set()
    shown: set[int | None] = set()
    for opportunity in opportunities:
        number = by_names.get((opportunity.listing.home, opportunity.listing.away))
        (shown if opportunity.verdict is Verdict.REJECTED else offered).add(number)
    true = {planted.fixture for planted in truth.opportunities}
    faults = {fault.fixture: fault.name for fault in truth.faults}
    titles = {fixture.number: _title(fixture) for fixture in truth.fixtures}
    false = sorted(f"{titles[n]}: {faults.get(n, 'no fault')}" for n in offered - true if n is not None)
    return Judgement(
        found=tuple(sorted(titles[number] for number in true & offered)),
        missed=tuple(sorted(titles[number] for number in true - offered)),
        false=(*false, *(["an event that is not in the recording"] if None in offered else [])),
        refused=tuple(sorted(name for number, name in faults.items() if number in shown - offered)),
    )


def _title(fixture: Fixture) -> str:
    return f"{fixture.home} v {fixture.away}"

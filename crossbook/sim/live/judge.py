"""The judge of the live world: Crossbook's changes against the truth log, by its own arithmetic.

``python -m crossbook.sim.live.judge TRUTH CHANGES`` prints the judgement and ends with 1 when it is not passed.

Whatever becomes untrue must be closed or changed within a tick and the grace; whatever was planted and stood longer
than that must be open from then until it ends. A leg is true while its venue's last delivered price is the one it
states. Crossbook has to run until the world has ended: what it closes before counts as closed early.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.sim.live.judge_legs import Bought, Legs, settles
from crossbook.sim.live.judge_lives import (
    SHOWN_NS,
    Said,
    SaidEvent,
    SaidLeg,
    SaidOpportunity,
    Stretch,
    read_changes,
    stretches,
    time_of,
)
from crossbook.sim.live.judge_plants import TOLERANCE, Plants
from crossbook.sim.live.judge_prices import FOREVER, Key, Prices, Span, both, either, neither
from crossbook.sim.live.judge_report import Delays, Finding, Judgement, as_text
from crossbook.sim.live.truth import TruthLog, read_truth_log
from crossbook.sim.truth import Fixture

_ABOUT: Final = "Compare Crossbook's changes with the truth log of the simulated world."
_MILLISECOND: Final = 1_000_000
_PLACES: Final = Fraction(1, 10**6)
"""The last place of shares and of money as they are shown."""
_UNREADABLE: Final = frozenset({"unreadable", "unknown_claim"})


def judge(truth: TruthLog, changes: Iterable[Said], *, tick_ns: int, grace_ns: int) -> Judgement:
    """Compare what Crossbook said with what is true. Raises BadData when the log contradicts itself."""
    return _Judge(truth, tick_ns + grace_ns).judge(changes)


class _Judge:
    def __init__(self, truth: TruthLog, allowed: int) -> None:
        self._truth = truth
        self._prices = Prices(truth)
        self._allowed = allowed
        self._findings: list[Finding] = []
        self._acted: set[tuple[int, str]] = set()
        self._close_delays: list[int] = []
        self._fixtures: dict[tuple[str, str], list[Fixture]] = {}
        for fixture in truth.head.fixtures:
            for names in {*fixture.names.values(), (fixture.home, fixture.away)}:
                self._fixtures.setdefault(names, []).append(fixture)
        self._standing: dict[tuple[Key, Fraction], list[Span]] = {}
        self._counted: dict[tuple[int, SaidOpportunity], list[tuple[str, str]]] = {}

    def judge(self, changes: Iterable[Said]) -> Judgement:
        changes = list(changes)
        by_fixture: dict[int, list[Stretch]] = {}
        for stretch in stretches(changes, self._accuse):
            if stretch.start >= self._prices.end:
                continue
            fixture = self._fixture(stretch.said.event)
            if fixture is not None:
                by_fixture.setdefault(fixture.number, []).append(stretch)
            if stretch.actionable:
                self._look_at(stretch, fixture)
        plants = Plants(self._truth, self._prices, self._allowed, by_fixture, self._accuse)
        opportunities = plants.opportunities()
        return Judgement(
            posted=len(self._prices.by_number),
            delivered=self._prices.deliveries,
            whole=not self._truth.cut,
            lives=sum(change.moment == "opened" for change in changes),
            planted=opportunities.planted,
            stood=opportunities.stood,
            found=opportunities.found,
            open_delay=Delays.of(opportunities.delays),
            close_delay=Delays.of(self._close_delays),
            faults=plants.faults(self._acted),
            findings=tuple(sorted(self._findings, key=lambda finding: finding.at)),
        )

    def _accuse(self, name: str, title: str, at: int, sentence: str) -> None:
        self._findings.append(Finding(name, title, at, sentence))

    def _fixture(self, event: SaidEvent) -> Fixture | None:
        found = self._fixtures.get((event.home, event.away), [])
        if len(found) > 1 and event.start is not None:
            start = time_of(event.start, "event.start")
            return min(found, key=lambda fixture: abs(fixture.kick_off - start))
        return found[0] if found else None

    def _look_at(self, stretch: Stretch, fixture: Fixture | None) -> None:
        event = stretch.said.event
        title = f"{event.home} v {event.away}"
        if fixture is None:
            self._accuse("unknown_event", title, stretch.start, "no fixture of this world has these names")
            return
        known = fixture.number, stretch.said
        if known not in self._counted:
            self._counted[known] = self._count(fixture, stretch.said)
        for name, sentence in self._counted[known]:
            self._accuse(name, title, stretch.start, sentence)
        if any(name in _UNREADABLE for name, _ in self._counted[known]):
            return
        legs = [(_key(fixture, leg), Fraction(leg.price)) for leg in stretch.said.legs if not _further(leg)]
        self._look_at_standing(stretch, title, legs)
        self._look_at_pairs(stretch, title, legs)

    def _count(self, fixture: Fixture, said: SaidOpportunity) -> list[tuple[str, str]]:
        """What is wrong with an opportunity's numbers, whenever it was said."""
        try:
            stated = Fraction(said.guaranteed_return)
            shares = [Fraction(leg.share) for leg in said.legs]
            legs = [self._bought(fixture, leg) for leg in said.legs]
            risks = [Fraction(leg.risk or 0) for leg in said.legs]
            worst = Fraction(said.rounded.worst) if said.rounded else None
        except (ValueError, ZeroDivisionError) as error:
            return [("unreadable", f"a number is not one: {error}")]
        for leg in legs:
            if leg.side not in ("back", "lay") or leg.odds <= 1 or not settles(leg.bet):
                return [
                    (
                        "unknown_claim",
                        f"{leg.venue}: {leg.side} of {leg.bet[0]} {leg.bet[1]} is not settled here",
                    )
                ]
        main = [place for place, leg in enumerate(said.legs) if not _further(leg)]
        for place, leg in enumerate(legs):
            better = (
                legs[other] for other in main if (legs[other].venue, legs[other].bet) == (leg.venue, leg.bet)
            )
            if place not in main and not any(_as_good(each, leg) for each in better):
                return [("wrong_price", f"{leg.venue}: a further leg is no worse level of another leg")]
        if (
            not main
            or any(share < 0 for share in shares)
            or abs(sum(shares, Fraction(-1))) > len(shares) * _PLACES
        ):
            return [("wrong_shares", "the legs' shares do not add up to one")]
        commission = self._truth.head.commission
        found = self._sums(
            Legs([legs[place] for place in main], commission), [shares[p] for p in main], stated
        )
        if worst is not None and Legs(legs, commission).worst(risks) < worst - len(legs) * _PLACES:
            found.append(
                ("plan_overstated", f"the stakes give less than {float(worst):.6f} in the worst case")
            )
        return found

    def _sums(self, legs: Legs, shares: Sequence[Fraction], stated: Fraction) -> list[tuple[str, str]]:
        best = legs.guaranteed(shares, stated - TOLERANCE)
        if best <= 1:
            return [("no_gain", f"the legs return {float(best):.9f} at some score")]
        if best < stated - TOLERANCE:
            return [("overstated", f"the legs return {float(best):.9f}, not {float(stated):.9f}")]
        slack = sum((leg.odds / (leg.odds - 1) if leg.side == "lay" else leg.odds) for leg in legs.legs)
        if 1 + legs.worst(shares) < stated - TOLERANCE - slack * _PLACES:
            return [("wrong_shares", f"with these shares the legs do not return {float(stated):.9f}")]
        return []

    def _bought(self, fixture: Fixture, leg: SaidLeg) -> Bought:
        key = _key(fixture, leg)
        return Bought(leg.venue, key[2:5], leg.side, self._prices.exact(key, Fraction(leg.price)))

    def _look_at_standing(self, stretch: Stretch, title: str, legs: Sequence[tuple[Key, Fraction]]) -> None:
        """Accuse a stretch in which a leg does not stand, beyond what is allowed.

        Each leg has the allowed time to be heard of: one that just ended may still be joined with one that just came.
        """
        true: list[Span] = [(-FOREVER, FOREVER)]
        known = true
        for leg in legs:
            if leg not in self._standing:
                self._standing[leg] = self._prices.standing(*leg)
            true = both(true, self._standing[leg])
            known = both(known, either((start, stop + self._allowed) for start, stop in self._standing[leg]))
        end = min(stretch.stop, self._prices.end)
        self._close_delays += [
            end - start for start, stop in neither(true) if stretch.start < start < end <= stop
        ]
        wrong = next(
            (start for untrue in neither(known) if (start := self._wrong(stretch, untrue)) is not None), None
        )
        if wrong is None:
            return
        causes = (self._prices.cause(*leg, wrong) for leg in legs)
        name, sentence = next((cause for cause in causes if cause[0]), ("untrue", "a leg did not stand"))
        if name in {fault.name for fault in self._prices.faults}:
            self._acted.add((legs[0][0][0], name))
        late = stretch.start < wrong
        self._accuse(
            "late_close" if late else name, title, wrong, f"{name}: {sentence}" if late else sentence
        )

    def _wrong(self, stretch: Stretch, untrue: Span) -> int | None:
        """The first moment at which a stretch lies in an untrue span; None where it does not."""
        start = max(stretch.start, untrue[0])
        return start if min(stretch.stop, untrue[1], self._prices.end) - start > SHOWN_NS else None

    def _look_at_pairs(self, stretch: Stretch, title: str, legs: Sequence[tuple[Key, Fraction]]) -> None:
        """Accuse a stretch that combines prices which stand alone and not together."""
        for left, right in combinations(legs, 2):
            for name in self._prices.together(*left) & self._prices.together(*right):
                spans = both(self._prices.standing(*left, name), self._prices.standing(*right, name))
                for start, stop in spans:
                    # Only what was open before the pair became a fault has the allowed time.
                    first = start + self._allowed if stretch.start < start - SHOWN_NS else stretch.start
                    if min(stop, stretch.stop, self._prices.end) - first > SHOWN_NS:
                        self._acted.add((left[0][0], name))
                        said = f"{left[0][1]} and {right[0][1]} may not be combined"
                        self._accuse(name, title, first, said)
                        return


def _key(fixture: Fixture, leg: SaidLeg) -> Key:
    line = None if leg.line is None else Fraction(leg.line)
    return fixture.number, leg.venue, leg.market, leg.selection, line, leg.side


def _further(leg: SaidLeg) -> bool:
    """Whether a leg is a worse level of another's ladder: it takes part in the plan and not in the return."""
    return Fraction(leg.share) == 0


def _as_good(leg: Bought, other: Bought) -> bool:
    if leg.side != other.side:
        return False
    return leg.odds >= other.odds if leg.side == "back" else leg.odds <= other.odds


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns 1 when the judgement is not passed."""
    parser = argparse.ArgumentParser(prog="crossbook.sim.live.judge", description=_ABOUT)
    parser.add_argument("truth", type=Path, help="the truth log of the world")
    parser.add_argument("changes", type=Path, help="Crossbook's changes, one JSON object a line")
    parser.add_argument("--tick-ms", type=int, default=50, help="Crossbook's tick in milliseconds")
    parser.add_argument(
        "--grace-ms", type=int, default=250, help="what is allowed beside one tick, in milliseconds"
    )
    parser.add_argument("--json", action="store_true", help="print the judgement as JSON")
    given = parser.parse_args(arguments)
    try:
        judgement = judge(
            read_truth_log(given.truth),
            read_changes(given.changes),
            tick_ns=given.tick_ms * _MILLISECOND,
            grace_ns=given.grace_ms * _MILLISECOND,
        )
    except (BadData, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    text = msgspec.json.encode(judgement).decode() if given.json else as_text(judgement)
    sys.stdout.write(f"{text}\n")
    return 0 if judgement.passed else 1


if __name__ == "__main__":
    sys.exit(main())

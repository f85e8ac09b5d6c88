"""What was planted, and what Crossbook made of it: true opportunities and faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

import msgspec

from crossbook.sim.live.judge_legs import promises
from crossbook.sim.live.judge_lives import SHOWN_NS, Accuse, Stretch
from crossbook.sim.live.judge_prices import FOREVER, Key, Prices, Seen, Span, both, either, key_of, neither
from crossbook.sim.live.judge_report import FaultCount
from crossbook.sim.live.truth import FaultPlanted, Planted, TruthLog

TOLERANCE: Final = Fraction(1, 10**8)
"""By how much a stated return may differ from the exact one."""
_MOMENTS: Final = 4
"""At how many moments of a fault it is looked whether it tempts."""
_TEMPTING: Final = 1 + 1e-9


class Found(msgspec.Struct):
    """How many planted opportunities there were, stood and were found, and how long each took to open (ns)."""

    planted: int
    stood: int = 0
    found: int = 0
    delays: list[int] = []


class Plants:
    """Judges what was planted; `allowed` is a tick and the grace together, `said` the stretches of each fixture."""

    def __init__(
        self,
        log: TruthLog,
        prices: Prices,
        allowed: int,
        said: Mapping[int, Sequence[Stretch]],
        accuse: Accuse,
    ) -> None:
        self._prices = prices
        self._allowed = allowed
        self._said = said
        self._accuse = accuse
        self._commission = log.head.commission
        self._judged: dict[tuple[frozenset[tuple[Key, Fraction | None]], Span], bool] = {}
        self._titles = {fixture.number: f"{fixture.home} v {fixture.away}" for fixture in log.head.fixtures}

    def opportunities(self) -> Found:
        """Look at each planted opportunity: open in time, and open until it ends."""
        found = Found(len(self._prices.planted))
        for planted in self._prices.planted:
            spans = [span for span in self._stood(planted) if span[1] - span[0] > self._allowed + SHOWN_NS]
            good = [self._once(planted, span, found.delays) for span in spans]
            found.stood += bool(spans)
            found.found += bool(spans) and all(good)
        return found

    def _stood(self, planted: Planted) -> list[Span]:
        """When all its legs stood delivered at the planted odds, posted again or not."""
        spans = [(max(self._prices.first_delivery(number) for number in planted.legs), self._prices.end)]
        for number in planted.legs:
            post = self._prices.by_number[number]
            spans = both(spans, self._prices.standing(key_of(post), post.odds) if post.odds else [])
        return spans

    def _once(self, planted: Planted, span: Span, delays: list[int]) -> bool:
        """Judge a span once, though the same prices may have been planted before."""
        posts = (self._prices.by_number[number] for number in planted.legs)
        known = frozenset((key_of(post), post.odds) for post in posts), span
        if known not in self._judged:
            self._judged[known] = self._covered(planted, span, delays)
        return self._judged[known]

    def _covered(self, planted: Planted, span: Span, delays: list[int]) -> bool:
        """Whether an actionable opportunity at least as good was open all through a span, the allowed time aside."""
        start, stop = span
        good = [
            (stretch.start, stretch.stop)
            for stretch in self._said.get(planted.fixture, ())
            if stretch.actionable and stretch.guaranteed_return >= planted.guaranteed_return - TOLERANCE
        ]
        covered = both([span], either(good))
        title = self._titles[planted.fixture]
        gain = f"{planted.kind} returning {float(planted.guaranteed_return):.6f}"
        if not covered:
            self._accuse("missed", title, start, f"{gain} stood for {_ms(stop - start)} and was never open")
            return False
        if covered[0][0] > start:
            delays.append(covered[0][0] - start)
        fine = True
        for gap in both([span], neither(covered)):
            length = gap[1] - gap[0]
            if gap[0] == start:
                name, excused = "opened_late", length <= self._allowed + SHOWN_NS
            elif gap[1] == stop:
                name, excused = "closed_early", length <= SHOWN_NS
            else:
                name, excused = "interrupted", length <= self._allowed and self._posted_again(planted, gap)
            if not excused and length > SHOWN_NS:
                self._accuse(name, title, gap[0], f"{gain} stood and was not open for {_ms(length)}")
                fine = False
        return fine

    def _posted_again(self, planted: Planted, gap: Span) -> bool:
        """Whether a leg's price was delivered anew shortly before or in a gap."""
        keys: set[Key] = {key_of(self._prices.by_number[number]) for number in planted.legs}
        return any(
            gap[0] - self._allowed <= seen.span[0] <= gap[1]
            for key in keys
            for seen in self._prices.seen(key)
        )

    def faults(self, acted: set[tuple[int, str]]) -> dict[str, FaultCount]:
        """Count each name's faults; `acted` has the fixtures and names on which something actionable rested."""
        counts: dict[str, FaultCount] = {}
        for fault in self._prices.faults:
            seen = [each for each in self._seen(fault) if each.span[0] < self._prices.end]
            spans = either(span for each in seen for span in self._prices.alive(each))
            before = counts.get(fault.name, FaultCount())
            counts[fault.name] = FaultCount(
                planted=before.planted + 1,
                delivered=before.delivered + bool(spans),
                tempting=before.tempting + self._tempts(fault, spans),
                refused=before.refused + self._refused(fault, spans),
                acted_on=before.acted_on + ((fault.fixture, fault.name) in acted),
            )
        return dict(sorted(counts.items()))

    def _seen(self, fault: FaultPlanted) -> list[Seen]:
        posts = [self._prices.by_number[number] for number in fault.prices]
        return [seen for post in posts for seen in self._prices.seen(key_of(post)) if seen.post is post]

    def _refused(self, fault: FaultPlanted, spans: Sequence[Span]) -> bool:
        return any(
            not stretch.actionable
            and stretch.said.reasons
            and any(stretch.start < stop + self._allowed and start < stretch.stop for start, stop in spans)
            for stretch in self._said.get(fault.fixture, ())
        )

    def _tempts(self, fault: FaultPlanted, spans: Sequence[Span]) -> bool:
        """Whether at one of a few moments the fault's prices and the sound ones together make an arbitrage."""
        if not spans:
            return False
        edges = {max(start, -FOREVER) for start, _ in spans}
        edges |= {
            moment
            for moment in self._prices.changes(fault.fixture)
            if any(start <= moment < stop for start, stop in spans)
        }
        moments = sorted(edges)
        chosen = moments[:: -(-len(moments) // _MOMENTS)]
        numbers = set(fault.prices)
        return any(
            promises(
                (
                    seen
                    for seen in self._prices.at(fault.fixture, moment)
                    if seen.post.number in numbers
                    or seen.post.fault == fault.name
                    or self._prices.sound(seen.post)
                ),
                self._commission,
            )
            > _TEMPTING
            for moment in chosen
        )


def _ms(nanoseconds: int) -> str:
    return "the rest of the run" if nanoseconds >= FOREVER else f"{nanoseconds / 1e6:.1f} ms"

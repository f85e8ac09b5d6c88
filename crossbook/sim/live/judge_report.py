"""What the judge concludes, and how it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from crossbook.base.clock import format_time

_SHOWN = 20
_MILLISECOND = 1_000_000


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong: a stable name, the event, when (nanoseconds UTC) and a sentence."""

    name: str
    title: str
    at: int
    sentence: str


class Delays(msgspec.Struct, frozen=True):
    """How long it took, in nanoseconds: how many were measured, the middle one, the 99th of 100 and the longest."""

    count: int = 0
    p50: int = 0
    p99: int = 0
    longest: int = 0

    @classmethod
    def of(cls, delays: Sequence[int]) -> Delays:
        """The summary of some delays.

        >>> Delays.of([3, 1, 2])
        Delays(count=3, p50=2, p99=3, longest=3)
        """
        if not delays:
            return cls()
        ordered = sorted(delays)
        count = len(ordered)
        return cls(count, ordered[(count - 1) // 2], ordered[(count * 99 + 99) // 100 - 1], ordered[-1])


class FaultCount(msgspec.Struct, frozen=True):
    """What became of the planted faults of one name.

    `delivered`: one of its prices reached the reader. `tempting`: with these taken at their word, the prices of the
    moment made an arbitrage. `refused`: while it stood, a rejected opportunity of the event named its reasons.
    `acted_on`: an opportunity was offered for action that rests on it.
    """

    planted: int = 0
    delivered: int = 0
    tempting: int = 0
    refused: int = 0
    acted_on: int = 0


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The counts and all findings.

    `planted` opportunities; those that `stood` delivered together for longer than a tick and the grace; those of
    them `found` in time and kept until they ended. `whole` is False where the log's last line was cut.
    """

    posted: int
    delivered: int
    whole: bool
    lives: int
    planted: int
    stood: int
    found: int
    open_delay: Delays
    close_delay: Delays
    faults: dict[str, FaultCount]
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def names(self) -> dict[str, int]:
        """How many findings there are of each name."""
        return dict(sorted(Counter(finding.name for finding in self.findings).items()))


def as_text(judgement: Judgement) -> str:
    """The judgement as a few lines of text; of many findings the first."""
    lines = [
        f"{'passed' if judgement.passed else 'NOT PASSED'}: {judgement.posted} prices posted, "
        f"{judgement.delivered} deliveries, {judgement.lives} lives, {len(judgement.findings)} findings",
        f"planted opportunities: {judgement.found} found of {judgement.stood} that stood long enough "
        f"({judgement.planted} planted)",
        f"opened after: {_delays(judgement.open_delay)}; closed after: {_delays(judgement.close_delay)}",
    ]
    for name, count in judgement.faults.items():
        lines.append(
            f"fault {name}: {count.planted} planted, {count.delivered} delivered, {count.tempting} tempting, "
            f"{count.refused} refused, {count.acted_on} acted on"
        )
    if not judgement.whole:
        lines.append("the truth log's last line was cut off and left out")
    lines += [f"{count} × {name}" for name, count in judgement.names.items()]
    for finding in judgement.findings[:_SHOWN]:
        lines.append(f"{_moment(finding.at)} {finding.name}: {finding.title}: {finding.sentence}")
    left = len(judgement.findings) - _SHOWN
    if left > 0:
        lines.append(f"… and {left} more")
    return "\n".join(lines)


def _delays(delays: Delays) -> str:
    if not delays.count:
        return "nothing measured"
    numbers = (f"{each / _MILLISECOND:.1f}" for each in (delays.p50, delays.p99, delays.longest))
    return "p50 {} ms, p99 {} ms, longest {} ms of {}".format(*numbers, delays.count)


def _moment(at: int) -> str:
    return format_time(at).removesuffix("Z") + f".{at % 1_000_000_000:09d}Z"

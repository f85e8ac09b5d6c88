"""What Crossbook said: its changes, one a line, put together to the lives of opportunities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import msgspec

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.sim.live.judge_prices import FOREVER

SHOWN_NS = 1_000
"""Crossbook's times are cut to microseconds: a moment may be up to this much later than it is written."""


class SaidEvent(msgspec.Struct, frozen=True):
    """The event of an opportunity."""

    home: str
    away: str
    start: str | None = None


class SaidLeg(msgspec.Struct, frozen=True, kw_only=True):
    """A leg of an opportunity; numbers are decimal text."""

    venue: str
    market: str
    selection: str
    line: str | None
    side: str
    price: str
    share: str
    stake: str | None = None
    risk: str | None = None


class SaidPlan(msgspec.Struct, frozen=True):
    """The plan in whole stakes."""

    worst: str


class SaidOpportunity(msgspec.Struct, frozen=True, kw_only=True):
    """An opportunity as `scan` writes it, as far as it is judged."""

    event: SaidEvent
    verdict: str
    reasons: tuple[str, ...]
    guaranteed_return: str
    legs: tuple[SaidLeg, ...]
    rounded: SaidPlan | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One change."""

    at: str
    moment: str
    id: str
    event: str
    opened: str
    why: tuple[str, ...] = ()
    opportunity: SaidOpportunity


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """How an opportunity was said to stand from `start` up to `stop` (nanoseconds UTC; FOREVER: to the end)."""

    id: str
    start: int
    stop: int
    said: SaidOpportunity

    @property
    def actionable(self) -> bool:
        """Whether it was offered for action."""
        return self.said.verdict != "rejected"

    @property
    def guaranteed_return(self) -> Fraction:
        """The stated guaranteed return; nought where it is not a number."""
        try:
            return Fraction(self.said.guaranteed_return)
        except (ValueError, ZeroDivisionError):
            return Fraction(0)


Accuse = Callable[[str, str, int, str], None]
"""Called with a finding's name, the event, the time and a sentence."""


def read_changes(path: Path) -> list[Said]:
    """Read changes, one JSON object a line; a last line without its end is left out.

    Raises BadData, naming the line, when one is something else.
    """
    decoder = msgspec.json.Decoder(Said)
    changes = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            changes.append(decoder.decode(line))
        except msgspec.DecodeError as error:
            raise BadData(f"{path.name}: line {number} is not a change: {error}") from None
    return changes


def stretches(changes: Iterable[Said], accuse: Accuse) -> list[Stretch]:
    """The stretches of all lives, with accusations where the rules of a life are broken.

    An id may come again after it was closed: that is a new life.
    """
    found: list[Stretch] = []
    open_lives: dict[str, tuple[Said, int]] = {}
    known: set[str] = set()
    last = 0
    for change in changes:
        title = f"{change.opportunity.event.home} v {change.opportunity.event.away}"
        at = time_of(change.at, "at")
        if at < last:
            accuse("time_fell", title, at, f"{change.id}: {change.at} comes after a later time")
        last = max(at, last)
        before = open_lives.pop(change.id, None)
        if before is not None:
            found.append(Stretch(id=change.id, start=before[1], stop=at, said=before[0].opportunity))
        _keep_rules(change, before[0] if before else None, change.id in known, at, title, accuse)
        known.add(change.id)
        if change.moment != "closed" and not (change.moment == "changed" and before is None):
            open_lives[change.id] = change, at
    for said, at in open_lives.values():
        found.append(Stretch(id=said.id, start=at, stop=FOREVER, said=said.opportunity))
    return found


def _keep_rules(change: Said, before: Said | None, known: bool, at: int, title: str, accuse: Accuse) -> None:
    if change.moment not in ("opened", "changed", "closed"):
        accuse("unknown_moment", title, at, f"{change.id}: {change.moment!r} is no moment of a life")
    elif change.moment == "opened":
        if before is not None:
            accuse("opened_twice", title, at, f"{change.id}: opened while it was open")
        if change.opened != change.at:
            accuse("opened_moved", title, at, f"{change.id}: opened at {change.at} and says {change.opened}")
    elif before is None:
        name = (
            {"closed": "closed_twice", "changed": "change_after_close"}[change.moment]
            if known
            else "not_opened"
        )
        accuse(name, title, at, f"{change.id}: {change.moment} while it was not open")
    elif before.opened != change.opened or before.event != change.event:
        accuse("opened_moved", title, at, f"{change.id}: its event or opening time is not what it was")


def time_of(text: str, field: str) -> int:
    """Nanoseconds of a time in output. Raises BadData naming the field when it is none."""
    try:
        return parse_time(text)
    except ValueError:
        raise BadData(f"{field}: {text[:40]!r} is not a time") from None

"""Doubts: small named checks on a candidate; one doubt is enough to ask a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crossbook.base.clock import DAY
from crossbook.matching.block import Block, Entry
from crossbook.matching.fit import Fit, between
from crossbook.matching.names import Name
from crossbook.matching.score import HOUR, MINUTE, SAME_START, Evidence
from crossbook.matching.words import SELDOM_MEET
from crossbook.model.opportunity import Reason

_SAME_MINUTES: Final = 5 * MINUTE
"""Starts this close are the same start, written by two clocks."""
_ONE_RACE: Final = 5 * MINUTE
"""Events without sides follow one another at short intervals under one name."""


def doubts(left: Entry, right: Entry, evidence: Evidence, block: Block) -> list[Reason]:
    """Everything that keeps this pair from being accepted for itself; competition with others is not looked at."""
    found = [check(left, right, evidence) for check in _CHECKS]
    if not evidence.ids_agree:
        found.append(_not_unique(left, right, evidence, block))
    return [reason for reason in found if reason is not None]


def _ids(left: Entry, right: Entry, evidence: Evidence) -> Reason | None:
    if evidence.ids_agree is False:
        return Reason("id_differs", "different ids of one source are stated for the two")
    return None


def _qualifiers(left: Entry, right: Entry, evidence: Evidence) -> Reason | None:
    if evidence.qualifiers_agree:
        return None
    return Reason("qualifier_differs", "an id says the same event, the names say different sides of a club")


def _orientation(left: Entry, right: Entry, evidence: Evidence) -> Reason | None:
    return Reason("names_swapped", "home and away change places") if evidence.swapped else None


def _names(left: Entry, right: Entry, evidence: Evidence) -> Reason | None:
    """A likely typo or short form is a guess; the mere end of a name needs the other side to be sure.

    An id needs only that no name contradicts it.
    """
    low, high = evidence.low, evidence.high
    grades = f"home {evidence.home.name.lower()}, away {evidence.away.name.lower()}"
    if evidence.ids_agree:
        return Reason("names_differ", grades) if low is Fit.NONE else None
    if not left.listing.away and low < Fit.EXACT:
        return Reason("names_weak", f"{grades}; an event without sides needs the same name")
    if low is Fit.NONE:
        return Reason("one_name_only", grades)
    if high is Fit.EXACT and evidence.gap is not None and evidence.gap <= _SAME_MINUTES:
        return None  # a team plays one match at a time, and the other side shares a naming word
    if low < Fit.TAIL or (low < Fit.CONTAINED and high < Fit.CLOSE):
        return Reason("names_weak", grades)
    return None


def _time(left: Entry, right: Entry, evidence: Evidence) -> Reason | None:
    gap, days = evidence.gap, evidence.days
    if gap is not None:
        if not left.listing.away and gap > _ONE_RACE:
            return Reason("kick_off_gap", f"starts differ by {gap // MINUTE} min, in an event without sides")
        if evidence.ids_agree and gap <= DAY // 2:
            return None
        if evidence.whole_hours:
            return Reason("zone_shift", f"starts differ by {round(gap / HOUR)} h, as two time zones would")
        if gap > SAME_START:
            return Reason("kick_off_gap", f"starts differ by {gap // MINUTE} min")
        return None
    if days is None:
        spelt_alike = evidence.low >= Fit.CLOSE and Fit.SCHEDULE not in (evidence.home, evidence.away)
        if evidence.ids_agree or (spelt_alike and left.listing.away):
            return None  # whoever uses the pair has to say that the names alone join it
        return Reason("undated", "one of the two has neither start nor date, and the names are not the same")
    if days > (1 if evidence.ids_agree else 0):
        return Reason("date_differs", f"dates differ by {days} d")
    if not evidence.ids_agree and left.sport not in SELDOM_MEET:
        return Reason("start_unknown", f"in {left.sport or 'this sport'} a date alone does not name an event")
    return None


_CHECKS: Final[tuple[Callable[[Entry, Entry, Evidence], Reason | None], ...]] = (
    _ids,
    _qualifiers,
    _orientation,
    _names,
    _time,
)


def _not_unique(left: Entry, right: Entry, evidence: Evidence, block: Block) -> Reason | None:
    """A name that is only part of the other must not fit a second team that is about."""
    sides = ((evidence.home, left.home, right.home), (evidence.away, left.away, right.away))
    for fit, one, other in sides:
        if evidence.swapped or not Fit.TAIL <= fit < Fit.CLOSE:
            continue
        rival = _rival(one, other, left, right, block) or _rival(other, one, right, left, block)
        if rival is not None:
            return Reason("name_not_unique", rival)
    return None


def _rival(name: Name, partner: Name, here: Entry, there: Entry, block: Block) -> str | None:
    """Another team of the other source that fits the name, unless this source has that team by its own name."""
    source, other = here.listing.source, there.listing.source
    for words in block.about(name, source, other, here, Fit.FUZZY):
        rival = block.name(words, other, here, name.qualifiers)
        if between(rival, partner) >= Fit.CLOSE:
            continue
        namesakes = block.about(rival, other, source, here, Fit.CLOSE)
        if all(namesake == name.words for namesake in namesakes):
            return f"{name.words!r} could also be {words!r}"
    return None

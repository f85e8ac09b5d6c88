"""The life of an opportunity: opened, changed, closed, and why."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from crossbook.model.opportunity import Opportunity, Reason


class Moment(StrEnum):
    """A moment in the life of an opportunity."""

    OPENED = "opened"
    CHANGED = "changed"
    CLOSED = "closed"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened to an opportunity at `at` (nanoseconds UTC, the time of a tick).

    `id` stays the same through one life: the same event, basis, and legs (venue, market, claim, side) without a
    break. `opened` is when that life began. `opportunity` is how it stands now; for a closed one how it stood last.
    `why` is empty for an opened one; the names of reasons are stable: ``moved``, ``withdrawn``, ``stale``,
    ``suspended``, ``disconnected``, ``refused``, ``replaced``, ``updated``, ``unlinked``, ``ended``, ``abandoned``.
    """

    at: int
    moment: Moment
    id: str
    event: str
    opened: int
    opportunity: Opportunity
    why: tuple[Reason, ...] = ()

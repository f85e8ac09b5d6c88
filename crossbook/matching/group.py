"""Grouping: accepted links joined into events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from crossbook.matching.match import Decision, Outcome
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Listing

Identity = tuple[str, str]
CONTRADICTIONS: Final = frozenset(
    {"qualifier_differs", "id_differs", "names_swapped", "zone_shift", "kick_off_gap", "date_differs"}
)
"""Reasons that say two listings may well be different events, so that no third listing may join them silently."""


class Group(msgspec.Struct, frozen=True):
    """One event: its listings, at most one of each source, sorted by source."""

    listings: tuple[Listing, ...]


class Events(msgspec.Struct, frozen=True):
    """Groups of all listings (one alone is a group too), and the decisions as they stand after grouping."""

    groups: tuple[Group, ...]
    decisions: tuple[Decision, ...]


def events(listings: Iterable[Listing], decisions: Sequence[Decision]) -> Events:
    """Join accepted links, the strongest first.

    A link that would put two listings of one source into a group, or two between which a contradiction was found,
    goes to review with the reason ``joins_two_events``.
    """
    unique = {(listing.source, listing.key): listing for listing in listings}
    for decision in decisions:
        for listing in (decision.left, decision.right):
            unique[listing.source, listing.key] = listing
    groups: dict[Identity, dict[str, Identity]] = {each: {each[0]: each} for each in unique}
    apart = {_pair(each) for each in decisions if _contradicts(each)}
    refused: set[frozenset[Identity]] = set()
    accepted = [decision for decision in decisions if decision.outcome is Outcome.ACCEPT]
    for decision in sorted(accepted, key=lambda each: (-each.evidence.score, sorted(_pair(each)))):
        left, right = (groups[each] for each in sorted(_pair(decision)))
        if left is right:
            continue
        if left.keys() & right.keys() or any(
            frozenset((one, other)) in apart for one in left.values() for other in right.values()
        ):
            refused.add(_pair(decision))
            continue
        left.update(right)
        for member in right.values():
            groups[member] = left
    distinct = {id(group): group for group in groups.values()}.values()
    return Events(
        tuple(
            Group(tuple(unique[group[source]] for source in sorted(group)))
            for group in sorted(distinct, key=lambda group: sorted(group.values()))
        ),
        tuple(_to_review(each) if _pair(each) in refused else each for each in decisions),
    )


def _pair(decision: Decision) -> frozenset[Identity]:
    return frozenset((listing.source, listing.key) for listing in (decision.left, decision.right))


def _contradicts(decision: Decision) -> bool:
    return decision.outcome is Outcome.REJECT or not CONTRADICTIONS.isdisjoint(decision.names)


def _to_review(decision: Decision) -> Decision:
    reason = Reason("joins_two_events", "with stronger links it would make two events of a source one")
    return msgspec.structs.replace(decision, outcome=Outcome.REVIEW, reasons=(reason,))

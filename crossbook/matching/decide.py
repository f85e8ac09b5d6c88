"""Deciding: what is said of two listings that look alike. No guess is ever an accept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from crossbook.base.clock import DAY
from crossbook.matching.assign import assign
from crossbook.matching.block import Block, Entry, Identity
from crossbook.matching.doubts import doubts
from crossbook.matching.fit import Fit
from crossbook.matching.score import Evidence, same_time
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Listing

Pair = tuple[Identity, Identity]
"""Two listings, that of the source that sorts first in front."""
Edges = Mapping[Pair, Evidence]
_CLOSE_CALL: Final = 0.1
_MOST_PAIRS: Final = 1_000
_MOST_LISTINGS: Final = 128
"""Of one source, in pairs that hang together: more than that are not told apart."""
_CROWDED: Final = Reason("crowded", "too many listings or names look alike to compare them all")


class Outcome(StrEnum):
    """Accept: the same event. Review: a person must say. Reject: not the same, though they look alike."""

    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


class Decision(msgspec.Struct, frozen=True):
    """What was decided on two listings of different sources, and on what evidence.

    `left` has the source that sorts first. Reasons of an accept say what it rests on, the others what stood in
    its way; the names of reasons are stable.
    """

    left: Listing
    right: Listing
    outcome: Outcome
    reasons: tuple[Reason, ...]
    evidence: Evidence

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the reasons."""
        return tuple(reason.name for reason in self.reasons)


def far_apart(left: Entry, right: Entry) -> bool:
    """Whether no name can make it worth a look: no id is shared, and the starts are more than a day apart."""
    one, other = left.listing.start, right.listing.start
    if one is None or other is None or abs(one - other) <= DAY:
        return False
    return left.stated.isdisjoint(right.stated)


def worth_a_look(evidence: Evidence) -> bool:
    """Whether a person would want to see the pair: an id, both names likely, or one name sure at the same time.

    For two that are not `far_apart`.
    """
    if evidence.ids_agree:
        return True
    if evidence.low >= Fit.PARTIAL:
        return evidence.high >= Fit.FUZZY
    return evidence.high >= Fit.CLOSE and same_time(evidence) and not evidence.swapped


def differ(left: Entry, right: Entry, evidence: Evidence) -> Decision | None:
    """The reject of a pair that could be one event if it were not for the qualifiers; None where that is not so."""
    if evidence.qualifiers_agree or evidence.ids_agree or evidence.low < Fit.CONTAINED:
        return None
    return _decision(left, right, Outcome.REJECT, evidence, [_qualifiers(left, right)])


def decide(edges: Edges, block: Block, crowded: bool) -> dict[Pair, Decision]:
    """Decide on pairs of two sources that hang together: the best one-to-one assignment, then doubts about each.

    `crowded` says that there may be more that looks like one of them: then none is accepted.
    """
    ordered = sorted(edges)
    if len(edges) > _MOST_PAIRS or any(
        len({pair[side] for pair in edges}) > _MOST_LISTINGS for side in (0, 1)
    ):
        return {
            (one, other): _decision(
                block.entries[one], block.entries[other], Outcome.REVIEW, edges[one, other], [_CROWDED]
            )
            for one, other in ordered
        }
    chosen = _chosen(ordered, edges) if len(ordered) > 1 else set(ordered)
    by_listing: dict[Identity, list[Pair]] = defaultdict(list)
    for pair in ordered:
        for each in pair:
            by_listing[each].append(pair)
    decisions: dict[Pair, Decision] = {}
    for pair in sorted(ordered, key=lambda each: each not in chosen):
        left, right = (block.entries[each] for each in pair)
        others = {other for each in pair for other in by_listing[each] if other != pair}
        runner_up = max((edges[other].score for other in others), default=0.0)
        evidence = edges[pair]
        if others:
            evidence = msgspec.structs.replace(evidence, runner_up=runner_up)
        if any(other in decisions and decisions[other].outcome is Outcome.ACCEPT for other in others):
            better = Reason("better_match", "one of the two is accepted for another listing")
            decisions[pair] = _decision(left, right, Outcome.REJECT, evidence, [better])
            continue
        against = doubts(left, right, evidence, block)
        if crowded:
            against.append(_CROWDED)
        if others and runner_up > evidence.score - _CLOSE_CALL:
            detail = f"score {evidence.score:.2f}, another {runner_up:.2f}"
            against.append(Reason("runner_up_close", detail))
        elif pair not in chosen:
            against.append(Reason("better_match", "all listings together fit better without this pair"))
        outcome = Outcome.REVIEW if against else Outcome.ACCEPT
        decisions[pair] = _decision(left, right, outcome, evidence, against or _grounds(evidence))
    return decisions


def _chosen(pairs: list[Pair], edges: Edges) -> set[Pair]:
    places = {each: place for place, each in enumerate(sorted({each for pair in pairs for each in pair}))}
    numbered = {(places[left], places[right]): (left, right) for left, right in pairs}
    return {numbered[each] for each in assign({each: edges[pair].score for each, pair in numbered.items()})}


def _grounds(evidence: Evidence) -> list[Reason]:
    """What an accept rests on."""
    grounds = []
    if evidence.ids_agree:
        grounds.append(Reason("id", "one source's id is stated for both"))
    if evidence.days is None and not evidence.ids_agree:
        grounds.append(Reason("undated", "one of the two has neither start nor date: the names alone say so"))
    if evidence.aliased:
        grounds.append(Reason("alias", "a name was resolved by a known alias"))
    if Fit.SCHEDULE in (evidence.home, evidence.away):
        grounds.append(Reason("schedule", "the matches that both sources list make two names one team"))
    grounds.append(Reason("names", f"home {evidence.home.name.lower()}, away {evidence.away.name.lower()}"))
    return grounds


def _qualifiers(left: Entry, right: Entry) -> Reason:
    texts = [f"{entry.home.text} v {entry.away.text}" for entry in (left, right)]
    return Reason("qualifier_differs", f"{texts[0]} is not {texts[1]}")


def _decision(
    left: Entry, right: Entry, outcome: Outcome, evidence: Evidence, reasons: list[Reason]
) -> Decision:
    return Decision(left.listing, right.listing, outcome, tuple(reasons), evidence)

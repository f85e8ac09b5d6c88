"""Linking: which listings of different sources are one event. No guess is ever an accept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from crossbook.base.clock import DAY
from crossbook.matching.aliases import Aliases
from crossbook.matching.assign import assign
from crossbook.matching.block import Block, Entry, prepare
from crossbook.matching.doubts import doubts
from crossbook.matching.fit import Fit
from crossbook.matching.score import MINUTE, Evidence, weigh
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Listing

Edges = dict[tuple[int, int], Evidence]
_CLOSE_CALL: Final = 0.1


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


def link(listings: Iterable[Listing], aliases: Aliases | None = None) -> list[Decision]:
    """Decide on every two listings of different sources that look alike.

    The order of the listings does not matter; of a listing given twice (same source and key) one is used. In each
    pair of sources a listing is accepted for at most one other. Pairs that have nothing in common are not
    mentioned. The decisions are sorted by source and key. `aliases` are the built-in ones unless given.
    """
    entries = _entries(listings, aliases if aliases is not None else Aliases.built_in())
    block = Block(entries)
    edges: dict[tuple[str, str], Edges] = defaultdict(dict)
    decided: list[Decision] = []
    for pair in block.pairs():
        left, right = (entries[place] for place in pair)
        evidence = weigh(left, right, block.similar)
        if not _worth_a_look(evidence):
            continue
        if evidence.qualifiers_agree or evidence.ids_agree:
            edges[left.listing.source, right.listing.source][pair] = evidence
        elif evidence.low >= Fit.CONTAINED:
            decided.append(_decision(left, right, Outcome.REJECT, evidence, [_qualifiers(left, right)]))
    for of_sources in edges.values():
        decided += _decide(of_sources, block)
    decided.sort(key=lambda each: (each.left.source, each.left.key, each.right.source, each.right.key))
    return decided


def _entries(listings: Iterable[Listing], aliases: Aliases) -> Sequence[Entry]:
    unique: dict[tuple[str, str], Listing] = {}
    for listing in listings:
        identity = listing.source, listing.key
        other = unique.get(identity)
        if other is None or (other != listing and msgspec.json.encode(listing) < msgspec.json.encode(other)):
            unique[identity] = listing
    return [prepare(unique[identity], aliases) for identity in sorted(unique)]


def _worth_a_look(evidence: Evidence) -> bool:
    """Whether a person would want to see the pair: an id, both names likely, or one name sure on the same day."""
    if evidence.ids_agree:
        return True
    if evidence.gap is not None and evidence.gap > DAY:
        return False
    if evidence.low >= Fit.PARTIAL:
        return evidence.high >= Fit.FUZZY
    same_time = evidence.gap <= 15 * MINUTE if evidence.gap is not None else evidence.days == 0
    return evidence.high >= Fit.CLOSE and same_time and not evidence.swapped


def _decide(edges: Edges, block: Block) -> list[Decision]:
    """Decide on all candidates between two sources: the best one-to-one assignment, then doubts about each."""
    chosen = assign({pair: evidence.score for pair, evidence in edges.items()})
    by_place: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in edges:
        for place in pair:
            by_place[place].append(pair)
    decisions: dict[tuple[int, int], Decision] = {}
    for pair in sorted(edges, key=lambda each: each not in chosen):
        left, right = (block.entries[place] for place in pair)
        others = {other for place in pair for other in by_place[place] if other != pair}
        runner_up = max((edges[other].score for other in others), default=0.0)
        evidence = msgspec.structs.replace(edges[pair], runner_up=runner_up)
        if any(other in decisions and decisions[other].outcome is Outcome.ACCEPT for other in others):
            better = Reason("better_match", "one of the two is accepted for another listing")
            decisions[pair] = _decision(left, right, Outcome.REJECT, evidence, [better])
            continue
        against = doubts(left, right, evidence, block)
        if others and runner_up > evidence.score - _CLOSE_CALL:
            detail = f"score {evidence.score:.2f}, another {runner_up:.2f}"
            against.append(Reason("runner_up_close", detail))
        elif pair not in chosen:
            against.append(Reason("better_match", "all listings together fit better without this pair"))
        outcome = Outcome.REVIEW if against else Outcome.ACCEPT
        decisions[pair] = _decision(left, right, outcome, evidence, against or _grounds(evidence))
    return list(decisions.values())


def _grounds(evidence: Evidence) -> list[Reason]:
    """What an accept rests on."""
    grounds = []
    if evidence.ids_agree:
        grounds.append(Reason("id", "one source's id is stated for both"))
    if evidence.days is None and not evidence.ids_agree:
        grounds.append(Reason("undated", "one of the two has neither start nor date: the names alone say so"))
    if evidence.aliased:
        grounds.append(Reason("alias", "a name was resolved by a known alias"))
    grounds.append(Reason("names", f"home {evidence.home.name.lower()}, away {evidence.away.name.lower()}"))
    return grounds


def _qualifiers(left: Entry, right: Entry) -> Reason:
    texts = [f"{entry.home.text} v {entry.away.text}" for entry in (left, right)]
    return Reason("qualifier_differs", f"{texts[0]} is not {texts[1]}")


def _decision(
    left: Entry, right: Entry, outcome: Outcome, evidence: Evidence, reasons: list[Reason]
) -> Decision:
    return Decision(left.listing, right.listing, outcome, tuple(reasons), evidence)

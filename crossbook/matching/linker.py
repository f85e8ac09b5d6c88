"""The linker: the decisions on all listings, kept as listings come, change and go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from crossbook.matching.aliases import Aliases
from crossbook.matching.block import Block, Entry, Identity, View, prepare
from crossbook.matching.decide import Decision, Pair, decide, differ, far_apart, worth_a_look
from crossbook.matching.fit import Fit
from crossbook.matching.schedule import Testimony
from crossbook.matching.score import Evidence, testimony, weigh
from crossbook.model.quote import Listing

_Look = tuple[Identity, str]
"""A listing, and the other source it looks at."""
_LOOKED_AT: Final = 12
"""So many names or words looked at are counted as much as one listing's look at another source."""
_TAKEN_IN: Final = 4
"""A listing taken in or out is counted as much as so many looks."""
_NOTHING = View(frozenset(), crowded=False, too_many=False)


class Updated(NamedTuple):
    """What an update did: listings that came, changed or went, and pairs that are decided otherwise than before.

    `waiting` is how many new or changed listings were left for the next.
    """

    listings: set[Identity]
    pairs: set[Pair]
    waiting: int = 0


class Linker:
    """Decides on listings of different sources that look alike.

    What is decided depends only on the listings there are, not on the order and the company in which they came: after
    any updates it is what `crossbook.matching.match.link` says of them. An update costs as much as there is around
    the listings that are new, changed or gone; `work` counts what was looked at again, as a measure of that.
    """

    def __init__(self, aliases: Aliases | None = None) -> None:
        self.work = 0
        self._aliases = aliases if aliases is not None else Aliases.built_in()
        self._block = Block()
        self._views: dict[Identity, dict[str, View]] = {}
        self._blinded: set[_Look] = set()
        """Looks with too many candidates."""
        self._edges: dict[Identity, dict[str, dict[Identity, Evidence]]] = {}
        """Evidence on the pairs to be decided together: by listing, other source and other listing."""
        self._said: dict[Pair, tuple[Testimony, ...]] = {}
        """What pairs say of the meaning of names."""
        self._links: dict[Identity, dict[Identity, Decision]] = {}

    def listing(self, identity: Identity) -> Listing | None:
        """A listing as of the last update."""
        entry = self._block.entries.get(identity)
        return None if entry is None else entry.listing

    def links(self, identity: Identity) -> Mapping[Identity, Decision]:
        """The decisions on a listing, by the other listing."""
        return self._links.get(identity, {})

    def decisions(self) -> list[Decision]:
        """All decisions, sorted by source and key."""
        pairs = [(one, other) for one, links in self._links.items() for other in links if one < other]
        return [self._links[one][other] for one, other in sorted(pairs)]

    def crowded(self) -> int:
        """How many listings were not compared with everything that they may look like."""
        return sum(
            any(view.crowded or view.too_many or view.surplus for view in views.values())
            for views in self._views.values()
        )

    def update(self, listings: Iterable[Listing], most: int | None = None) -> Updated:
        """Decide as if these listings, and no others, had always been there. Of a listing given twice one is used.

        With `most`, no more new or changed listings are taken in, in the order in which they are given, once that
        much work is done; the others stay unknown, or as they were, until the next update.
        """
        wanted, entries = _unique(listings), self._block.entries
        gone = [identity for identity in entries if identity not in wanted]
        fresh, told = [each for each in wanted if self._news(each, wanted[each])], set[Pair]()
        taken = self._renew([wanted[each] for each in fresh], gone, told, most) if gone or fresh else 0
        return Updated({*gone, *fresh[:taken]}, told, len(fresh) - taken)

    def change(self, come: Iterable[Listing], gone: Iterable[Identity] = ()) -> Updated:
        """Decide as if these listings were there too, and those gone were not; the others are as they were.

        Costs as much as there is around them, however many others there are.
        """
        entries, told = self._block.entries, set[Pair]()
        wanted = _unique(come)
        left = [each for each in dict.fromkeys(gone) if each in entries and each not in wanted]
        fresh = [identity for identity, listing in wanted.items() if self._news(identity, listing)]
        if left or fresh:
            self._renew([wanted[each] for each in fresh], left, told, None)
        return Updated({*left, *fresh}, told)

    def _news(self, identity: Identity, listing: Listing) -> bool:
        """Whether a listing has to be compared anew; what it says beyond that is taken over."""
        known = self.listing(identity)
        if known is None:
            return True
        if known is listing or known == listing:
            return False
        if _comparable(known) != _comparable(listing):
            return True
        self._reword(self._block.entries[identity], listing)
        return False

    def _renew(self, fresh: list[Listing], gone: list[Identity], told: set[Pair], most: int | None) -> int:
        block, stale, torn = self._block, set[_Look](), set[_Look]()
        # Where most is new, looking at everything again is cheaper than finding out what there is around it.
        few = most is not None or 2 * len(fresh) < len(block.entries)
        before, taken, around_it = block.work, 0, 0

        def spent() -> int:
            return _TAKEN_IN * (len(gone) + taken) + (block.work - before + around_it) // _LOOKED_AT

        for identity in gone:
            torn |= self._take_out(identity, stale, told, few)
        for listing in fresh:
            if most is not None and len(stale) + spent() >= most:
                break
            taken += 1
            if (listing.source, listing.key) in block.entries:
                torn |= self._take_out((listing.source, listing.key), stale, told, few)
            entry = prepare(listing, self._aliases)
            block.add(entry)
            if few:
                around = set(block.around(entry))
                around_it += len(around)
                # Who sees too much already sees too much with it, too.
                stale.update(around - self._blinded)
        sources, unsettled = block.sources(), block.settle()
        for source in unsettled if few else sources:
            stale.update(self._looks_of(source, sources))
        stale = {look for look in stale if look[0] in block.entries}
        meant, loose = self._look_again(stale, told)
        torn |= stale | meant | loose
        self.work += len(stale) + len(meant) + self._decide(torn, told) + spent()
        return taken

    def _meant_otherwise(self) -> set[_Look]:
        """The looks of listings with a name that means another team than before, as far as schedules say."""
        looks = set[_Look]()
        for (sport, *sources), names in self._block.schedule.settle():
            for source, other, words in zip(sources, reversed(sources), names, strict=True):
                looks.update((each, other) for each in self._block.named(sport, source, words))
        return looks

    def _take_out(self, identity: Identity, stale: set[_Look], told: set[Pair], few: bool) -> set[_Look]:
        entry = self._block.entries[identity]
        if few:
            stale.update(self._block.around(entry))
        self._block.remove(entry)
        return self._forget(identity, told)

    def _looks_of(self, source: str, sources: Iterable[str]) -> Iterator[_Look]:
        """All looks from a source at others, and from others at it."""
        for other in sources:
            if other != source:
                yield from ((identity, other) for identity in self._block.of_source(source))
                yield from ((identity, source) for identity in self._block.of_source(other))

    def _look_again(self, stale: set[_Look], told: set[Pair]) -> tuple[set[_Look], set[_Look]]:
        """See what there is to be compared now, and compare it.

        Returns the looks of those whose names mean another team than before, and whose pairs are to be decided again.
        """
        changed, torn = set[Pair](), set[_Look]()
        for identity, other in stale:
            before = self._seen(identity, other)
            view = self._block.view(self._block.entries[identity], other)
            if view == before:
                continue
            self._see(identity, other, view)
            for each in view.candidates ^ before.candidates:
                changed.add(_pair(identity, each))
            for each in before.scheduled:
                changed.add(_pair(identity, each))
            if view.too_many != before.too_many:
                self._blinded ^= {(identity, other)}
                torn.update((each, identity[0]) for each in view.candidates | before.all)
        by_letters = {pair: self._hear(pair) for pair in changed}
        meant = self._meant_otherwise()
        for identity, other in stale | meant:
            before = self._seen(identity, other)
            view = self._block.schedule_view(self._block.entries[identity], other, before)
            if view is not before:
                self._see(identity, other, view)
                if view.surplus != before.surplus:
                    torn.add((identity, other))
                changed.update(_pair(identity, each) for each in view.scheduled ^ before.scheduled)
            if (identity, other) in meant:
                changed.update(_pair(identity, each) for each in view.all)
        for pair in changed:
            torn |= self._weigh(pair, by_letters.get(pair), told)
        return meant, torn

    def _see(self, identity: Identity, other: str, view: View) -> None:
        views = self._views.setdefault(identity, {})
        if view == _NOTHING:
            views.pop(other, None)
        else:
            views[other] = view

    def _seen(self, identity: Identity, other: str) -> View:
        return self._views.get(identity, {}).get(other, _NOTHING)

    def _hear(self, pair: Pair) -> Evidence | None:
        """What two listings that see each other by letters or an id say for themselves, and of the meaning of names."""
        one, two = pair
        if two not in self._seen(one, two[0]).candidates or one not in self._seen(two, one[0]).candidates:
            self._testify(pair, ())
            return None
        left, right = self._block.entries[one], self._block.entries[two]
        if far_apart(left, right):
            self._testify(pair, ())
            return None
        evidence = weigh(left, right)
        self._testify(pair, testimony(left, right, evidence))
        return evidence

    def _weigh(self, pair: Pair, by_letters: Evidence | None, told: set[Pair]) -> set[_Look]:
        """Compare two listings that see each other now, or forget about two that no longer do.

        `by_letters` is the evidence without schedules, where it is known. Returns whose pairs are to be decided again.
        """
        one, two = pair
        evidence = decision = None
        if two in self._seen(one, two[0]).all and one in self._seen(two, one[0]).all:
            evidence, decision = self._compare(pair, by_letters)
        if decision is not None:
            self._link(pair, decision, told)
        elif evidence is None:
            self._unlink(pair, told)
        before = self._edges.get(one, {}).get(two[0], {}).get(two)
        if evidence == before:
            return set()
        for each, other in (pair, pair[::-1]):
            edges = self._edges.setdefault(each, {}).setdefault(other[0], {})
            if evidence is None:
                del edges[other]
            else:
                edges[other] = evidence
        return {(one, two[0]), (two, one[0])}

    def _compare(self, pair: Pair, evidence: Evidence | None) -> tuple[Evidence | None, Decision | None]:
        """The evidence on a pair to be decided together with others, or what is decided on it at once."""
        left, right = (self._block.entries[each] for each in pair)
        if far_apart(left, right):
            return None, None
        if evidence is None or evidence.low < Fit.CLOSE:
            said = self._block.schedule.said(left.sport, pair[0][0], pair[1][0])
            if evidence is None or left.home.words in said or left.away.words in said:
                evidence = weigh(left, right, said)
        if not worth_a_look(evidence):
            return None, None
        if evidence.qualifiers_agree or evidence.ids_agree:
            return evidence, None
        return None, differ(left, right, evidence)

    def _testify(self, pair: Pair, testimony: tuple[Testimony, ...]) -> None:
        """Have the pair say this, and nothing else that it said before."""
        before = self._said.get(pair, ())
        if before == testimony:
            return
        for each in before:
            self._block.schedule.retract(*each)
        for each in testimony:
            self._block.schedule.testify(*each)
        if testimony:
            self._said[pair] = testimony
        else:
            del self._said[pair]

    def _decide(self, torn: set[_Look], told: set[Pair]) -> int:
        """Decide on all pairs that hang together with these; returns on how many."""
        done, count = set[_Look](), 0
        for look in torn:
            if look in done or look[0] not in self._block.entries:
                continue
            edges: dict[Pair, Evidence] = {}
            waiting = [look]
            done.add(look)
            while waiting:
                identity, other = waiting.pop()
                for each, evidence in self._edges.get(identity, {}).get(other, {}).items():
                    edges[_pair(identity, each)] = evidence
                    if (each, identity[0]) not in done:
                        done.add((each, identity[0]))
                        waiting.append((each, identity[0]))
            if edges:
                count += len(edges)
                crowded = any(map(self._misses, edges))
                for pair, decision in decide(edges, self._block, crowded).items():
                    self._link(pair, decision, told)
        return count

    def _misses(self, pair: Pair) -> bool:
        """Whether there may be more that looks like one of the two than it was compared with."""
        for one, other in (pair, pair[::-1]):
            view = self._seen(one, other[0])
            if view.crowded or view.surplus:
                return True
            if self._blinded and any((each, one[0]) in self._blinded for each in view.all):
                return True
        return False

    def _link(self, pair: Pair, decision: Decision, told: set[Pair]) -> None:
        one, other = pair
        if self._links.get(one, {}).get(other) != decision:
            told.add(pair)
            self._links.setdefault(one, {})[other] = decision
            self._links.setdefault(other, {})[one] = decision

    def _unlink(self, pair: Pair, told: set[Pair]) -> None:
        for one, other in (pair, pair[::-1]):
            if self._links.get(one, {}).pop(other, None) is not None:
                told.add(pair)

    def _reword(self, entry: Entry, listing: Listing) -> None:
        """A listing says something else that is no matter of comparing."""
        identity = entry.identity
        self._block.entries[identity] = msgspec.structs.replace(entry, listing=listing)
        for other, decision in self._links.get(identity, {}).items():
            side = "left" if identity < other else "right"
            reworded = msgspec.structs.replace(decision, **{side: listing})
            self._links[identity][other] = self._links[other][identity] = reworded

    def _forget(self, identity: Identity, told: set[Pair]) -> set[_Look]:
        """Drop what was seen and said of a listing. Returns whose pairs have to be decided again."""
        for other in list(self._links.get(identity, {})):
            self._unlink(_pair(identity, other), told)
        self._links.pop(identity, None)
        for source in self._views.pop(identity, {}):
            self._blinded.discard((identity, source))
        torn = set[_Look]()
        for edges in self._edges.pop(identity, {}).values():
            for other in edges:
                self._testify(_pair(identity, other), ())
                del self._edges[other][identity[0]][identity]
                torn.add((other, identity[0]))
        return torn


def _pair(one: Identity, other: Identity) -> Pair:
    return (one, other) if one < other else (other, one)


def _comparable(listing: Listing) -> Listing:
    return msgspec.structs.replace(listing, contests=(), season=None)


def _unique(listings: Iterable[Listing]) -> dict[Identity, Listing]:
    unique: dict[Identity, Listing] = {}
    for listing in listings:
        identity = listing.source, listing.key
        other = unique.get(identity)
        if other is None or (
            other is not listing
            and other != listing
            and msgspec.json.encode(listing) < msgspec.json.encode(other)
        ):
            unique[identity] = listing
    return unique

"""How well linking does on labelled pairs: what is joined, wrongly joined, and left to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from crossbook.matching.decide import Outcome
from crossbook.matching.labelled import Lessons, Pair
from crossbook.matching.linker import Linker
from crossbook.matching.match import Decision, link
from crossbook.model.quote import Listing

FOLDS: Final = 4
"""In the open world a quarter of the right listings is absent at a time, each once."""
Tell = Callable[[int, int], None]
"""Told how much is done, and of how much."""
Identity = tuple[str, str]


class Row(msgspec.Struct):
    """What was counted on the pairs of two sources and one league.

    `accepted` are pairs that were joined rightly; `wrong_closed` and `wrong_open` listings joined with another than
    their partner, while that was there and while it was absent; `review` pairs left to a person, whole or in part.
    """

    left: str
    right: str
    league: str
    pairs: int = 0
    accepted: int = 0
    wrong_closed: int = 0
    wrong_open: int = 0
    review: int = 0


class Figures(msgspec.Struct):
    """Everything that was measured. Linking once took `seconds` for so many `listings`."""

    rows: list[Row]
    listings: int
    seconds: float
    negatives: int = 0
    negatives_accepted: int = 0

    def summary(self) -> dict[str, float]:
        """The totals; all but the number of pairs and the speed are shares."""
        pairs = sum(row.pairs for row in self.rows)

        def share(name: str) -> float:
            return sum(getattr(row, name) for row in self.rows) / pairs if pairs else 0.0

        return {
            "pairs": pairs,
            "recall": share("accepted"),
            "wrong_accepts_closed": share("wrong_closed"),
            "wrong_accepts_open": share("wrong_open"),
            "review_share": share("review"),
            "hard_negatives_accepted": self.negatives_accepted / self.negatives if self.negatives else 0.0,
            "events_per_second": self.listings / self.seconds if self.seconds else 0.0,
        }


class Measurement:
    """Links labelled pairs, each two sources on their own, with all leagues and dates together as candidates.

    `pace` says how many nanoseconds have passed since some moment.
    """

    def __init__(self, pairs: Sequence[Pair], lessons: Lessons, pace: Callable[[], int]) -> None:
        self._lessons = lessons
        self._pace = pace
        self._rows: dict[tuple[str, str, str], Row] = {}
        self._listings = 0
        self._passed = 0
        self._rights: dict[tuple[str, str], dict[Identity, Listing]] = defaultdict(dict)
        parts: dict[tuple[frozenset[str], str, str], list[Pair]] = defaultdict(list)
        for pair in pairs:
            sources = pair.left.source, pair.right.source
            self._rights[sources][_identity(pair.right)] = pair.right
            parts[lessons.split(pair), *sources].append(pair)
            self._row(pair).pairs += 1
        self._parts = parts

    def run(self, negatives: Iterable[Pair], tell: Tell) -> Figures:
        """Measure; `negatives` are pairs known to be two events, each offered alone."""
        ordered = sorted(self._parts.items(), key=lambda part: (sorted(part[0][0]), part[0][1:]))
        other = list(negatives)
        steps, done = len(ordered) * (FOLDS + 1) + bool(other), 0
        for (split, *sources), pairs in ordered:
            rights = self._rights[sources[0], sources[1]]
            for _ in self._part(pairs, split, rights):
                done += 1
                tell(done, steps)
        accepted = sum(
            each.outcome is Outcome.ACCEPT
            for pair in other
            for each in link([pair.left, pair.right], self._lessons.aliases(self._lessons.split(pair)))
        )
        if other:
            tell(steps, steps)
        rows = [row for _, row in sorted(self._rows.items())]
        return Figures(rows, self._listings, self._passed / 1e9, len(other), accepted)

    def _part(
        self, pairs: list[Pair], split: frozenset[str], rights: Mapping[Identity, Listing]
    ) -> Iterable[None]:
        """Link the left listings of some pairs with all right ones, then again while their partners are absent."""
        partner = {_identity(pair.left): _identity(pair.right) for pair in pairs}
        lefts = [pair.left for pair in pairs]
        linker = Linker(self._lessons.aliases(split))
        began = self._pace()
        linker.update([*lefts, *rights.values()])
        self._passed += self._pace() - began
        self._listings += len(lefts) + len(rights)
        for pair in pairs:
            self._closed(pair, linker, partner)
        yield
        for fold in range(FOLDS):
            absent = {_identity(pair.right) for pair in pairs[fold::FOLDS]}
            linker.update([*lefts, *(each for key, each in rights.items() if key not in absent)])
            for pair in pairs:
                self._row(pair).wrong_open += _wrong(pair.left, linker, partner)
            yield

    def _closed(self, pair: Pair, linker: Linker, partner: Mapping[Identity, Identity]) -> None:
        row, sides = self._row(pair), (_identity(pair.left), _identity(pair.right))
        decision = linker.links(sides[0]).get(sides[1])
        row.wrong_closed += _wrong(pair.left, linker, partner)
        if decision is not None and decision.outcome is Outcome.ACCEPT:
            row.accepted += 1
        elif any(_waits(linker.links(each).values()) for each in sides):
            row.review += 1

    def _row(self, pair: Pair) -> Row:
        key = pair.left.source, pair.right.source, pair.league
        if key not in self._rows:
            self._rows[key] = Row(*key)
        return self._rows[key]


def _wrong(left: Listing, linker: Linker, partner: Mapping[Identity, Identity]) -> int:
    """How many listings that are not its partner a left one is joined with."""
    identity = _identity(left)
    return sum(
        decision.outcome is Outcome.ACCEPT and other != partner[identity]
        for other, decision in linker.links(identity).items()
    )


def _waits(decisions: Iterable[Decision]) -> bool:
    """Whether a listing with these decisions is left to a person: asked about, and joined with nothing."""
    outcomes = {decision.outcome for decision in decisions}
    return Outcome.REVIEW in outcomes and Outcome.ACCEPT not in outcomes


def _identity(listing: Listing) -> Identity:
    return listing.source, listing.key

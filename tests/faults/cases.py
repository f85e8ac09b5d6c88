"""The set: events with one fault each, and clean ones, each made from its own seed and proven before it is taken.

A faulty event is taken only if the fault makes an arbitrage appear that is not there without it (or beats, by a
clear amount, the honest one that is). A clean one is taken only if it is what its label says. Where nothing comes
of a seed the next is tried, so a case depends on nothing but the set's seed, its class and its number.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import median
from typing import Final

import msgspec

from crossbook.model.claim import Kind
from crossbook.model.quote import Listing, Quote, Side
from tests.faults import fault_meanings, fault_prices, fault_sources, honest
from tests.faults.planted import FaultClass, Planted
from tests.faults.proof import NOTHING, Proof, prove
from tests.faults.worlds import Scene, stage

SEED: Final = 20260921
"""The seed of the set that anybody may look at; others are kept for checking."""
PER_CLASS: Final = 9
PER_HONEST: Final = 20
PER_PLAIN: Final = 30
TRIES: Final = 60
HONEST_SHARE: Final = 0.12
"""Of the faulty events, how many are built on one that holds an honest arbitrage too."""
FARTHEST: Final = 0.25
"""The farthest that an honest venue is off, in log-odds; of 2,812 real matches 11 have a book
whose match result is beyond that."""
LONGSHOT: Final = math.log(0.9 / 0.1)
"""Log-odds beyond which prices differ so much between honest venues that their distance says nothing."""
NEAR: Final = 0.03
"""Chances of home and away that differ by no more than this, together, are taken for the same."""
CLASSES: Final[tuple[FaultClass, ...]] = (
    *fault_prices.CLASSES,
    *fault_meanings.CLASSES,
    *fault_sources.CLASSES,
)


@dataclass(frozen=True)
class Case:
    """One event with its answer.

    `kind` is the class of fault, or the kind of clean event; `faulty` the quotes no actionable opportunity may use.
    `margin` is what all quotes seem to guarantee, `honest` what those without fault do (0 where nothing), both
    with every leg's own commission paid.
    """

    name: str
    kind: str
    listing: Listing
    quotes: tuple[Quote, ...]
    faulty: frozenset[int]
    margin: float
    honest: float

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.faulty


def _honest_margin(listing: Listing, quotes: tuple[Quote, ...]) -> float | None:
    """What honest quotes guarantee: 0 if nothing even without commission, None if too little or too much to say."""
    proof = prove(listing, quotes)
    if proof.margin > honest.MOST:
        return None
    if proof.margin >= honest.LEAST:
        return proof.margin
    return 0.0 if prove(listing, quotes, fees=False).margin <= 0 else None


def _ground(kind: FaultClass, rng: Random) -> Scene:
    """The scene a fault is planted in; now and then with a venue that is honestly off the line."""
    scene = stage(replace(kind.wishes, calm=0.7), rng)
    if rng.random() < HONEST_SHARE and scene.of("soft", "middle"):
        chosen = rng.choice(scene.of("soft", "middle")).venue.id
        scene = honest.leaning(scene, chosen, rng.uniform(0.05, 0.12), rng)
    return scene.shown()


def _with_fault(kind: FaultClass, planted: Planted, listing: Listing) -> Proof:
    quotes: tuple[Quote, ...] = planted.quotes
    if kind.counts_suspended:
        quotes = tuple(msgspec.structs.replace(quote, tradable=True) for quote in quotes)
    return prove(planted.listing or listing, quotes)


def _witnesses(planted: Planted, after: Proof) -> int:
    """How many venues without fault quote the same side of a claim that the gain hangs on; the most of any claim."""
    bad = {planted.quotes[place].venue.id for place in planted.faulty}
    hangs = {(leg.claim, leg.side) for leg in after.legs if leg.venue.id in bad}
    counts = Counter((one.claim, one.side) for one in planted.quotes if one.venue.id not in bad)
    return max((counts[pair] for pair in hangs), default=0)


def faulty_case(kind: FaultClass, name: str, rng: Random) -> Case | None:
    """A case of the class, or None where this seed gives none."""
    scene = _ground(kind, rng)
    planted = kind.plant(scene, rng)
    if planted is None:
        return None
    before = _honest_margin(planted.undone_listing or scene.listing, planted.undone)
    if before is None:
        return None
    after = _with_fault(kind, planted, scene.listing)
    if after.margin < before + kind.least:
        return None
    bad = frozenset(planted.faulty)
    if _witnesses(planted, after) < kind.witnesses:
        return None
    listing = planted.listing or scene.listing
    if before:  # the honest one must be there without the quotes at fault, and be clearly less than the other
        rest = tuple(quote for place, quote in enumerate(planted.quotes) if place not in bad)
        left = prove(listing, rest).margin
        if left < 0.9 * before:
            return None
        before = left
    return Case(name, kind.name, listing, planted.quotes, bad, after.margin, max(0.0, before))


def _chances(quotes: Sequence[Quote]) -> dict[str, list[dict[str, float]]]:
    """By market, every venue's chances of its selections without the margin, where the venue quotes all of them."""
    backs: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for quote in quotes:
        if quote.side is Side.BACK and quote.claim.kind is not Kind.WINNER:
            backs[quote.market_id][quote.venue.id].setdefault(quote.claim.selection, 1 / float(quote.odds))
    found = {}
    for word, venues in backs.items():
        size = max(map(len, venues.values()))
        whole = [one for one in venues.values() if len(one) == size > 1]
        total = 2 if word.endswith("double_chance") else 1
        shared = [
            {name: min(0.999, total * p / sum(one.values())) for name, p in one.items()} for one in whole
        ]
        if shared:
            found[word] = shared
    return found


def farthest(quotes: Sequence[Quote]) -> float:
    """How far any venue's chance is from the median of all, in log-odds; longshots and their opposites left out."""
    found = 0.0
    for venues in _chances(quotes).values():
        for selection in venues[0]:
            odds = [math.log(one[selection] / (1 - one[selection])) for one in venues]
            middle = median(odds)
            if abs(middle) < LONGSHOT:
                found = max(found, *(abs(one - middle) for one in odds))
    return found


def looks_swapped(quotes: Sequence[Quote]) -> bool:
    """Whether some venue's match result is nearly as near to the others' with the sides exchanged as it stands."""
    results = [one for one in _chances(quotes).get("1x2", []) if len(one) == 3]
    for place, one in enumerate(results):
        others = [other for number, other in enumerate(results) if number != place]
        if others:
            home, away = (median(other[side] for other in others) for side in ("home", "away"))
            off = abs(one["home"] - home) + abs(one["away"] - away)
            if off > NEAR and abs(one["home"] - away) + abs(one["away"] - home) < 1.5 * off:
                return True
    return False


def _alone(listing: Listing, quotes: tuple[Quote, ...], legs: tuple[Quote, ...]) -> bool:
    """Whether one of the legs' venues, or an exchange, guarantees a gain without any other."""
    venues = {leg.venue.id for leg in legs} | {one.venue.id for one in quotes if one.side is Side.LAY}
    return any(
        prove(listing, [one for one in quotes if one.venue.id == venue]).margin > NOTHING
        for venue in sorted(venues)
    )


def _clean(name: str, kind: str, scene: Scene, wanted: bool) -> Case | None:
    margin = _honest_margin(scene.listing, scene.quotes)
    if margin is None or wanted is not (margin > 0):
        return None
    legs = prove(scene.listing, scene.quotes).legs
    if wanted and (
        looks_swapped(scene.quotes)
        or farthest(scene.quotes) > FARTHEST
        or _alone(scene.listing, scene.quotes, legs)
    ):
        return None
    return Case(name, kind, scene.listing, scene.quotes, frozenset(), margin, margin)


def clean_case(kind: str, name: str, rng: Random) -> Case | None:
    """A clean case of the kind, or None where this seed gives none."""
    if kind in honest.WITHOUT:
        return _clean(name, kind, honest.WITHOUT[kind](rng, rng.choice((0.8, 0.6))), wanted=False)
    make, (low, high) = honest.WITH[kind]
    return _clean(name, kind, make(rng, rng.uniform(low, high)), wanted=True)


def _first(kind: FaultClass | str, seed: int, number: int) -> Case:
    word = kind if isinstance(kind, str) else kind.name
    name = f"{word}/{number}"
    for attempt in range(TRIES):
        rng = Random(f"{seed}/{name}/{attempt}")
        case = clean_case(kind, name, rng) if isinstance(kind, str) else faulty_case(kind, name, rng)
        if case is not None:
            return case
    raise LookupError(f"{name}: no case in {TRIES} tries; the class wants what its scenes hardly ever hold")


def faulty(seed: int = SEED, per_class: int = PER_CLASS) -> Iterator[Case]:
    """The faulty cases of the set, class by class."""
    for kind in CLASSES:
        for number in range(per_class):
            yield _first(kind, seed, number)


def clean(seed: int = SEED, per_honest: int = PER_HONEST, per_plain: int = PER_PLAIN) -> Iterator[Case]:
    """The clean cases of the set: with an honest arbitrage, then without one."""
    for kinds, count in ((honest.WITH, per_honest), (honest.WITHOUT, per_plain)):
        for kind in kinds:
            for number in range(count):
                yield _first(kind, seed, number)


def one(name: str, seed: int = SEED) -> Case:
    """The case of that name, ``stale_times/3`` say. Raises KeyError for a name of no class."""
    word, _, number = name.partition("/")
    kinds: dict[str, FaultClass | str] = {kind.name: kind for kind in CLASSES}
    kinds |= {kind: kind for kind in (*honest.WITH, *honest.WITHOUT)}
    return _first(kinds[word], seed, int(number))

"""The work: random events put before an accused, and streams of updates with looks at random moments.

Every piece of work is made from a seed and a number and begins with a new accused, so pieces may be done in any order
and anywhere, and a finding can be had again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from crossbook.model.quote import Quote
from tests.completeness.compare import CLOSE, Shadow, Solve, Tally
from tests.oracles.accused import Accused
from tests.oracles.always_solve import best_guarantee
from tests.oracles.event_worlds import MOST_VENUES, Aim, World, at_odds, break_even, make_world, nudge
from tests.oracles.price_stream import Mode, price_stream

Factory = Callable[[], Accused]
Stop = Callable[[Tally], bool]
_STEPS: Final = 3
_SWEEPS: Final = 4
_LOOKS: Final = 5
_FOREVER: Final = 1 << 62


class Work(StrEnum):
    """The two kinds of work."""

    EVENTS = "events"
    UPDATES = "updates"


class Piece(msgspec.Struct, frozen=True):
    """One piece of work: so many events from `first` on, or the stream of that number with so many updates."""

    work: Work
    seed: int
    first: int
    count: int
    events: int = 100
    """Over how many events a stream goes."""
    gap: int = 400
    """How many updates there are between two looks, on average."""
    venues: int = MOST_VENUES
    """The most venues of an event."""
    together: int = 20
    """How many events are put before the accused at once."""

    @property
    def name(self) -> str:
        """What tells this piece from all others."""
        return "-".join(str(part) for part in msgspec.structs.astuple(self))


def never(tally: Tally) -> bool:
    """Goes on whatever is found."""
    return False


def run_piece(piece: Piece, factory: Factory, solve: Solve = best_guarantee, stop: Stop = never) -> Tally:
    """Do one piece of work with a new accused."""
    tally = Tally()
    shadow = Shadow(factory(), solve)
    began = time.perf_counter()
    drive = _events if piece.work is Work.EVENTS else _updates
    for _ in drive(piece, shadow, tally):
        if stop(tally):
            break
    tally.seconds = time.perf_counter() - began
    return tally


def _events(piece: Piece, shadow: Shadow, tally: Tally) -> Iterator[None]:
    """Events a few at a time, whole or in two parts; then their prices walk about the edge, and legs are taken away."""
    rng = random.Random(f"events/{piece.name}")
    last = piece.first + piece.count
    for first in range(piece.first, last, piece.together):
        numbers = range(first, min(first + piece.together, last))
        worlds = [make_world(piece.seed, number, piece.venues) for number in numbers]
        for part in _in_parts(rng, worlds):
            for name, quotes in part:
                for quote in quotes:
                    shadow.put(name, quote)
                tally.updates += len(quotes)
            shadow.tick()
            for name, _ in rng.sample(part, min(3, len(part))):
                shadow.check(name, tally, f"{name} as it comes")
                yield
        for world in worlds:
            truth = shadow.check(world.name, tally, f"{world.name} aimed {world.aim}")
            tally.events += 1
            tally.close_events += abs(truth.value - 1) <= CLOSE
            yield
        for step in range(_STEPS):
            for world in worlds:
                tally.updates += _disturb(rng, shadow, world, step)
            shadow.tick()
            for world in worlds:
                if world.name in shadow.changed:
                    shadow.check(world.name, tally, f"{world.name} step {step}")
                    yield
    for _ in range(_SWEEPS):
        for name in _sweep_to_a_leg(rng, shadow):
            shadow.check(name, tally, f"{name} when quotes run out")
            yield
    shadow.expire(_FOREVER)
    shadow.tick()
    for name in rng.sample(sorted(shadow.quotes), min(20, len(shadow.quotes))):
        shadow.check(name, tally, f"{name} when all is gone")
        yield


def _in_parts(rng: random.Random, worlds: Sequence[World]) -> list[list[tuple[str, tuple[Quote, ...]]]]:
    """About half of the events come in two parts with a tick between."""
    cuts = [rng.randint(1, len(world.quotes)) if rng.random() < 0.5 else 0 for world in worlds]
    first = [(world.name, world.quotes[:cut]) for world, cut in zip(worlds, cuts, strict=True) if cut]
    second = [(world.name, world.quotes[cut:]) for world, cut in zip(worlds, cuts, strict=True)]
    return [first, second] if first else [second]


def _disturb(rng: random.Random, shadow: Shadow, world: World, step: int) -> int:
    """Move the nudged price about the edge, or take away or shorten a leg of the best plan; gives the updates made."""
    if world.nudged is not None and world.edge is not None:
        quote = world.quotes[world.nudged]
        aim = rng.choice((Aim.BELOW, Aim.AT, Aim.ABOVE))
        odds = nudge(rng, world.edge, quote.side, aim)
        if step == _STEPS - 1 and rng.random() < 0.3:
            shadow.withdraw(world.name, quote.venue.id, quote.claim, quote.side)
        else:
            shadow.put(world.name, at_odds(quote, odds))
        return 1
    legs = shadow.optimum(world.name).legs
    if not legs or rng.random() < 0.5:
        return 0
    book = shadow.quotes[world.name].values()
    tied = [
        leg
        for leg, _ in legs
        if sum((quote.claim, quote.side, quote.odds) == (leg.claim, leg.side, leg.odds) for quote in book) > 1
    ]
    leg = rng.choice(tied or [leg for leg, _ in legs])
    if rng.random() < 0.5:
        shadow.withdraw(world.name, leg.venue.id, leg.claim, leg.side)
    else:
        worse = 1 + (leg.odds - 1) * (99 if leg.side == "back" else 101) / 100
        shadow.put(world.name, at_odds(leg, worse))
    return 1


def _sweep_to_a_leg(rng: random.Random, shadow: Shadow) -> Iterator[str]:
    """Let time run out up to the oldest leg of some plan, which must stay, and then for that leg too."""
    open_ones = [name for name in sorted(shadow.answers) if shadow.answers[name] is not None]
    legs = [
        (leg.received or 0, name)
        for name in rng.sample(open_ones, min(8, len(open_ones)))
        for leg, _ in shadow.optimum(name).legs
    ]
    if not legs:
        return
    oldest, event = min(legs)
    for before in (oldest, oldest + 1):
        shadow.expire(before)
        shadow.tick()
        yield event


def _updates(piece: Piece, shadow: Shadow, tally: Tally) -> Iterator[None]:
    """A stream; at random moments a tick and a look at a few events, some of which did not change."""
    rng = random.Random(f"updates/{piece.name}")
    mode = tuple(Mode)[piece.first % len(Mode)]
    where = f"{piece.name} ({mode})"
    next_look = rng.expovariate(1 / piece.gap)
    for update in price_stream(f"{piece.seed}/{piece.first}", mode, piece.events, piece.count):
        shadow.apply(update)
        tally.updates += 1
        if tally.updates < next_look:
            continue
        next_look = tally.updates + rng.expovariate(1 / piece.gap)
        drawn = rng.random()
        touched: list[str] = []
        if drawn < 0.1:
            touched = _to_the_edge(rng, shadow)
        elif drawn < 0.25:
            touched = _expire_the_oldest(rng, shadow)
        tally.updates += len(touched)
        shadow.tick()
        for event in [*touched, *_looked_at(rng, shadow)]:
            shadow.check(event, tally, f"{event} of {where} at update {tally.updates}")
            yield
    shadow.tick()
    for event in shadow.quotes:
        shadow.check(event, tally, f"{event} of {where} at the end")
        yield


def _looked_at(rng: random.Random, shadow: Shadow) -> list[str]:
    changed = sorted(shadow.changed)
    return [*rng.sample(changed, min(_LOOKS, len(changed))), rng.choice(sorted(shadow.quotes))]


def _to_the_edge(rng: random.Random, shadow: Shadow) -> list[str]:
    """Move a price of some event to its edge or next to it; gives the event if that could be done."""
    event = rng.choice(sorted(shadow.quotes))
    quotes = list(shadow.quotes[event].values())
    if len(quotes) < 2:
        return []
    place = rng.randrange(len(quotes))
    edge = break_even(quotes, place)
    if edge is None:
        return []
    odds = nudge(rng, edge.odds, quotes[place].side, rng.choice((Aim.BELOW, Aim.AT, Aim.ABOVE)))
    shadow.put(event, at_odds(quotes[place], odds))
    return [event]


def _expire_the_oldest(rng: random.Random, shadow: Shadow) -> list[str]:
    """Let time run out for the oldest quote, or for all that are older than it (so for none); gives its event."""
    times = [(quote.received or 0, event) for event, book in shadow.quotes.items() for quote in book.values()]
    if not times:
        return []
    oldest, event = min(times)
    shadow.expire(oldest + rng.randint(0, 1))
    return [event]

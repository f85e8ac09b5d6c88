"""Quote updates over many events, without end and the same for the same seed: quiet, in play, or wild.

Prices rise and fall, are said again, are withdrawn one by one or by a whole venue, run out, and come back; markets that
were not quoted before open late. In play, news moves the fair prices and venues follow one after the other, so that
plans appear and go. Time only goes forward.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp
from typing import Final, NamedTuple

from crossbook.model.claim import Claim
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import Venue
from tests.oracles.event_worlds import BOOKMAKERS, EXCHANGES, cut_odds
from tests.oracles.event_worlds_menu import FULL_TIME_FAMILIES, PLACE, Floats, fair_odds

START: Final = 1_800_000_000_000_000_000
SECOND: Final = 1_000_000_000
LIFE: Final = 120 * SECOND
"""How long a price stands that nobody confirms, when prices are swept."""
_CUTS: Final = ("hundredths", "hundredths", "ticks", "cents")


class Mode(StrEnum):
    """How lively a stream is."""

    QUIET = "quiet"
    IN_PLAY = "in_play"
    WILD = "wild"


class Put(NamedTuple):
    """A venue's price is now this one."""

    event: str
    quote: Quote


class Withdraw(NamedTuple):
    """A venue no longer offers a claim on a side."""

    event: str
    venue: str
    claim: Claim
    side: Side


class Expire(NamedTuple):
    """Whatever was received earlier is gone."""

    before: int


Update = Put | Withdraw | Expire


class _Temper(NamedTuple):
    """The numbers that make a mode: margins, noise of one price, and how often (per update) something happens."""

    margins: tuple[float, float]
    noise: float
    news: float
    swing: float
    sweep: float


_TEMPERS: Final = {
    Mode.QUIET: _Temper((0.02, 0.07), 0.004, 0.002, 0.01, 1 / 20_000),
    Mode.IN_PLAY: _Temper((0.03, 0.08), 0.01, 0.01, 0.25, 1 / 5_000),
    Mode.WILD: _Temper((0.01, 0.10), 0.06, 0.01, 0.10, 1 / 3_000),
}


@dataclass
class _Desk:
    """One venue at one event: what it quotes, in the order in which it opens, and the fair odds it knows of."""

    venue: Venue
    cut: str
    margin: float
    slots: list[tuple[Claim, int, Side]]
    opened: int
    odds: Floats
    standing: dict[tuple[Claim, Side], Quote] = field(default_factory=dict)


@dataclass
class _Event:
    name: str
    home: float
    away: float
    desks: list[_Desk]
    odds: Floats


def _slots(rng: random.Random, laid: bool) -> list[tuple[Claim, int, Side]]:
    """What a venue quotes of an event: families of claims, with few lines each."""
    families = rng.sample(FULL_TIME_FAMILIES, rng.randint(2, 7))
    slots = []
    for family in families:
        middle = len(family.rungs) // 2
        rungs = family.rungs[max(0, middle - 3) : middle + 4] if family.has_lines else family.rungs
        chosen = rng.sample(rungs, min(len(rungs), rng.choice((1, 2, 4))))
        for claim in (claim for rung in chosen for claim in rung):
            slots.append((claim, PLACE[claim], Side.BACK))
            if laid:
                slots.append((claim, PLACE[claim], Side.LAY))
    rng.shuffle(slots)
    return slots


def _event(rng: random.Random, name: str, temper: _Temper) -> _Event:
    home, away = rng.uniform(0.7, 2.4), rng.uniform(0.6, 2.0)
    odds = fair_odds(home, away)
    count = rng.randint(2, 14)
    venues = [*rng.sample(BOOKMAKERS, count), *rng.sample(EXCHANGES, rng.randint(0, 2))]
    desks = []
    for venue in venues:
        laid = venue in EXCHANGES
        slots = _slots(rng, laid)
        margin = rng.uniform(0.004, 0.02) if laid else rng.uniform(*temper.margins)
        cut = "ticks" if laid else rng.choice(_CUTS)
        desks.append(_Desk(venue, cut, margin, slots, rng.randint(1, len(slots)), odds))
    return _Event(name, home, away, desks, odds)


def price_stream(seed: int | str, mode: Mode, events: int, updates: int) -> Iterator[Update]:
    """So many updates over so many events. The same arguments give the same updates."""
    rng = random.Random(f"stream/{seed}/{mode}/{events}")
    temper = _TEMPERS[mode]
    field_of = [_event(rng, f"{mode}-{seed}-{number}", temper) for number in range(events)]
    now = START
    given = 0
    while given < updates:
        now += rng.randrange(1, 20_000_000)
        if rng.random() < temper.sweep:
            before = now - (LIFE if rng.random() < 0.8 else LIFE // 20)
            given += 1
            yield Expire(before)
            for event in field_of:
                for desk in event.desks:
                    desk.standing = {
                        key: quote for key, quote in desk.standing.items() if (quote.received or 0) >= before
                    }
            continue
        event = rng.choice(field_of)
        if rng.random() < temper.news:
            for update in _news(rng, event, temper):
                given += 1
                yield update
            continue
        given += 1
        yield _one(rng, event, temper, now)


def _news(rng: random.Random, event: _Event, temper: _Temper) -> list[Update]:
    """The fair prices move; some venues know at once, and some of these take everything back first."""
    event.home = min(4.0, max(0.2, event.home * exp(rng.gauss(0, temper.swing))))
    event.away = min(4.0, max(0.2, event.away * exp(rng.gauss(0, temper.swing))))
    event.odds = fair_odds(event.home, event.away)
    taken: list[Update] = []
    for desk in event.desks:
        if rng.random() < 0.4:
            desk.odds = event.odds
            if rng.random() < 0.2:
                taken += [Withdraw(event.name, desk.venue.id, *key) for key in desk.standing]
                desk.standing.clear()
    return taken


def _one(rng: random.Random, event: _Event, temper: _Temper, now: int) -> Update:
    """One venue says one thing."""
    desk = rng.choice(event.desks)
    if desk.odds is not event.odds and rng.random() < 0.1:
        desk.odds = event.odds
    if desk.opened < len(desk.slots) and rng.random() < 0.02:
        desk.opened += 1
    claim, place, side = desk.slots[int(rng.random() * desk.opened)]
    key = (claim, side)
    standing = desk.standing.get(key)
    drawn = rng.random()
    if standing is not None and drawn < 0.05:
        del desk.standing[key]
        return Withdraw(event.name, desk.venue.id, claim, side)
    if standing is not None and drawn < 0.10:  # the same price, seen again
        odds = standing.odds
    else:
        fair = 1 + (float(desk.odds[place]) - 1) * exp(rng.gauss(0, temper.noise))
        exact = fair / (1 + desk.margin) if side is Side.BACK else fair * (1 + desk.margin)
        odds = cut_odds(exact, desk.cut, side)
    quote = Quote(desk.venue, claim, side, odds, received=now)
    desk.standing[key] = quote
    return Put(event.name, quote)

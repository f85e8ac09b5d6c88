"""The script: what is planted in the live world, when, for how long, and how it ends.

A script is a list of acts in rounds, made in advance from a seed. It knows neither fixtures nor clocks: its times
count from the world's beginning, and the world finds a fixture that suits when an act draws near.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from math import ceil
from random import Random
from typing import Final

import msgspec

from crossbook.base.clock import SECOND
from crossbook.base.errors import Misconfigured
from crossbook.sim.live.names import CONNECTED, EXCHANGE, FEEDS, life_of
from crossbook.sim.live.plants import DISCONNECT, FAULT_NAMES, FAULTS, MALFORMED, OPPORTUNITIES, SILENCE

PAUSE: Final = 2 * SECOND
"""How long a fixture is quiet before and after something is planted on it."""

_MILLISECOND: Final = SECOND // 1_000
_BEYOND_LIFE: Final = 5 * SECOND // 2
"""How much longer than its prices' life a source is silent."""
_LEAST_SECONDS: Final = 50


class Ending(StrEnum):
    """What happens to a leg of an opportunity when its time is over."""

    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    LOST = "lost"
    """Its source is cut or falls silent."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to plant. Times are nanoseconds from the world's beginning.

    `name` is a kind of opportunity, which is a wish, or the name of a fault. It is planted at `at` and ends `lasts`
    later. A cut or a silence has a `source`, which is gone for `down` after that, and takes opportunities on some
    `fixtures` with it. A ``malformed`` act has a source too.
    """

    number: int
    at: int
    name: str
    lasts: int
    ending: Ending = Ending.MOVED
    source: str = ""
    down: int = 0
    fixtures: int = 1

    @property
    def is_fault(self) -> bool:
        """Whether it is a fault by name; cuts and silences plant true opportunities first."""
        return self.name in FAULT_NAMES


class Script:
    """Acts in rounds of `length` nanoseconds; the rounds repeat, each with new draws, or there is one only.

    `fixtures` is the size of the world it needs, `updates_per_s` how many markets change in a second beside it,
    and `pause` how long a fixture is quiet before and after.
    """

    def __init__(
        self,
        make: Callable[[int], list[Act]],
        length: int,
        *,
        endless: bool = False,
        fixtures: int = 60,
        updates_per_s: float = 40,
        speed: float = 1,
    ) -> None:
        if speed <= 0 or updates_per_s < 0 or fixtures < 1:
            raise Misconfigured("script: speed and fixtures must be above nought, updates_per_s not below it")
        self._make = make
        self._speed = speed
        self.endless = endless
        self.fixtures = fixtures
        self.updates_per_s = updates_per_s
        self.length = self._scaled(length)
        self.pause = self._scaled(PAUSE)

    @classmethod
    def for_demo(
        cls, seed: int, *, speed: float = 1, fixtures: int = 60, updates_per_s: float = 40
    ) -> Script:
        """An endless show: an opportunity about every four seconds, every kind of fault within 45 seconds."""
        return cls(
            lambda round_number: _demo(Random(f"{seed}/demo/{round_number}"), round_number),
            44 * SECOND,
            endless=True,
            fixtures=fixtures,
            updates_per_s=updates_per_s,
            speed=speed,
        )

    @classmethod
    def for_proof(
        cls,
        seed: int,
        seconds: int = 60,
        opportunities: int = 110,
        faults_each: int = 21,
        *,
        speed: float = 1,
        updates_per_s: float = 40,
    ) -> Script:
        """A dense script for the judge, with at least that many opportunities and faults of each kind.

        Raises Misconfigured when `seconds` is too short for every source to be cut, or silent, once.
        """
        if seconds < _LEAST_SECONDS:
            raise Misconfigured(f"seconds: {seconds} is too short for a proof; give {_LEAST_SECONDS} or more")
        random = Random(f"{seed}/proof")
        acts = _proof(random, seconds, opportunities, faults_each)
        busy = sum((act.lasts + act.down + 2 * PAUSE) * act.fixtures for act in acts)
        return cls(
            lambda _: acts,
            seconds * SECOND,
            fixtures=max(60, ceil(2 * busy / ((seconds - 10) * SECOND))),
            updates_per_s=updates_per_s,
            speed=speed,
        )

    def acts(self, round_number: int) -> list[Act]:
        """The acts of a round (from nought) by time, none after the last one."""
        if round_number and not self.endless:
            return []
        first = round_number * self.length
        acts = [
            msgspec.structs.replace(
                act,
                at=first + self._scaled(act.at),
                lasts=self._scaled(act.lasts),
                down=act.down if act.name == SILENCE else self._scaled(act.down),
            )
            for act in self._make(round_number)
        ]
        return sorted(acts, key=lambda act: (act.at, act.number))

    def _scaled(self, time: int) -> int:
        return round(time / self._speed)


def _seconds(random: Random, low: float, high: float) -> int:
    return random.randint(round(low * 1_000), round(high * 1_000)) * _MILLISECOND


def _life(random: Random) -> int:
    """How long an opportunity stands: mostly some seconds, sometimes the blink of an eye, sometimes long."""
    low, high = random.choices(((0.3, 1), (1, 4), (4, 6), (6, 12)), (15, 60, 20, 5))[0]
    return _seconds(random, low, high)


def _ending(random: Random) -> Ending:
    return random.choices((Ending.MOVED, Ending.WITHDRAWN, Ending.SUSPENDED), (2, 1, 1))[0]


def _kinds(random: Random, count: int) -> list[str]:
    kinds: list[str] = []
    while len(kinds) < count:
        kinds += random.sample(list(OPPORTUNITIES), len(OPPORTUNITIES))
    return kinds[:count]


def _cut(number: int, at: int, source: str, fixtures: int) -> Act:
    return Act(
        number=number,
        at=at,
        name=DISCONNECT,
        lasts=2 * SECOND,
        ending=Ending.LOST,
        source=source,
        down=3 * SECOND // 2,
        fixtures=fixtures,
    )


def _silence(number: int, at: int, source: str, fixtures: int) -> Act:
    return Act(
        number=number,
        at=at,
        name=SILENCE,
        lasts=2 * SECOND,
        ending=Ending.LOST,
        source=source,
        down=life_of(source) * SECOND + _BEYOND_LIFE,
        fixtures=fixtures,
    )


def _demo(random: Random, round_number: int) -> list[Act]:
    number = 1_000 * round_number
    acts: list[Act] = []
    for place, kind in enumerate(_kinds(random, 11)):
        at = (1 + 4 * place) * SECOND + (_seconds(random, 0, 0.8) if place else 0)
        acts.append(Act(number=number + place, at=at, name=kind, lasts=_life(random), ending=_ending(random)))
    names = random.sample(list(FAULTS), len(FAULTS))
    for place, name in enumerate(names):
        at = 5 * SECOND // 2 + place * 35 * SECOND // len(names)
        acts.append(Act(number=number + 100 + place, at=at, name=name, lasts=_seconds(random, 3, 5)))
    cut, silent = random.sample(CONNECTED, 2)
    acts.append(_cut(number + 200, 14 * SECOND, cut, 1))
    acts.append(_silence(number + 201, 24 * SECOND, silent, 1))
    for place in range(2):
        source = random.choice((*CONNECTED, *FEEDS))
        acts.append(_malformed(number + 202 + place, (8 + 25 * place) * SECOND, source))
    return acts


def _malformed(number: int, at: int, source: str) -> Act:
    return Act(number=number, at=at, name=MALFORMED, lasts=SECOND // 2, source=source)


def _proof(random: Random, seconds: int, opportunities: int, faults_each: int) -> list[Act]:
    first, last = 5 / 2, seconds - 8
    kinds = _kinds(random, opportunities)
    contracts = [number for number, kind in enumerate(kinds) if kind == "contract_and_handicap"]
    withdrawn = contracts[::3]  # a listing that goes as a whole, which chance alone might never bring
    acts = [
        Act(
            number=number,
            at=_seconds(random, first, last),
            name=kind,
            lasts=min(_life(random), 6 * SECOND),
            ending=_ending(random) if number not in withdrawn else Ending.WITHDRAWN,
        )
        for number, kind in enumerate(kinds)
    ]
    acts += _absences(random, seconds, faults_each)
    gone = [act for act in acts if act.source == EXCHANGE]
    for name in FAULTS:
        for _ in range(faults_each):
            lasts = _seconds(random, 2, 3.5)
            at = _seconds(random, first, last)
            while name == "crossed_book" and any(_meet(at, at + lasts, act) for act in gone):
                at = _seconds(random, first, last)
            acts.append(Act(number=1_000 + len(acts), at=at, name=name, lasts=lasts))
    for _ in range(faults_each):
        source = random.choice((*CONNECTED, *FEEDS))
        acts.append(_malformed(1_000 + len(acts), _seconds(random, first, last), source))
    return acts


def _meet(begin: int, end: int, act: Act) -> bool:
    """Whether something stands while the act's source is gone, or shortly before or after."""
    gone = act.at + act.lasts
    return begin < gone + act.down + 2 * SECOND and gone - SECOND < end


def _absences(random: Random, seconds: int, faults_each: int) -> list[Act]:
    """Each source silent once and each connection cut twice, never the same source two ways at a time."""
    streams = random.sample(CONNECTED, len(CONNECTED))
    feeds = random.sample(FEEDS, len(FEEDS))
    silent = [source for pair in zip(streams, feeds, strict=True) for source in pair]
    cut = [streams[(place // 2 + 2) % len(streams)] for place in range(len(silent))]
    each = ceil(faults_each / len(silent))
    step = (seconds - 20) * SECOND // len(silent)
    acts = []
    for place, source in enumerate(silent):
        acts.append(_silence(500 + place, 4 * SECOND + place * step, source, each))
    for place, source in enumerate(cut):
        acts.append(_cut(600 + place, 4 * SECOND + place * step + step // 2, source, each))
    return acts

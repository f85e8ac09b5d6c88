"""What legs return, exactly and at worst, when each is settled in its venue's own way after a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossbook.arbitrage.instrument import Instrument
from crossbook.arbitrage.settled import code_of
from crossbook.arbitrage.states import States
from crossbook.model.claim import HALVES, Claim, Kind
from crossbook.model.result import Score
from crossbook.model.rules import Rules
from crossbook.model.scenario import Answer, as_draw
from crossbook.model.settlement import LOST, REFUNDED, WON, Settlement, settle
from crossbook.model.stopped import decided, stops

_HALF: Final = Settlement(Fraction(1, 2), Fraction(0))
_OPEN: Final = -1
_MOST_MARKETS: Final = 4
"""Of more markets of a match of sets than this, one at a time is decided or open where all others are not."""


class Leg(NamedTuple):
    """An instrument with its share of a unit, the rules of its venue, and the name of the rules it shares fate with."""

    instrument: Instrument
    share: Fraction
    rules: Rules
    alike: str


class _Stop(NamedTuple):
    """What a stop decides of each leg (the code of its settlement or `_OPEN`), and its code by the score as it is."""

    decided: tuple[int, ...]
    standing: tuple[int, ...]


class Aftermath:
    """Some legs and their states; asked what a unit returns at worst when venues answer as they do."""

    def __init__(self, legs: Sequence[Leg], states: States) -> None:
        self._legs = legs
        self._codes = states.codes[[states.place[leg.instrument.quote.claim] for leg in legs]]
        self._results = states.results
        self._known: dict[tuple[Answer, ...], Fraction] = {}
        self._returns: list[dict[int, Fraction]] = [{} for _ in legs]

    def worst(self, answers: tuple[Answer, ...]) -> Fraction:
        """The least that a unit returns over all states, all stops, and whoever advances, where legs fare like this.

        Exact but for this: in a match of sets each market is taken to be decided or open without regard to the others,
        and who advances without regard to what was played; the return may then be less than any that can come.
        """
        found = self._known.get(answers)
        if found is None:
            found = self._known[answers] = self._worst(answers)
        return found

    def _worst(self, answers: tuple[Answer, ...]) -> Fraction:
        places = {answer: [p for p, one in enumerate(answers) if one is answer] for answer in set(answers)}
        net = self._least_of(places.get(Answer.AS_AWARDED, []))
        net += self._halved(places)
        net += self._advanced(places)
        if isinstance(self._results[0], Score) and (Answer.DECIDED in places or Answer.AT_STOP in places):
            return 1 + net + self._stopped(places)
        return 1 + net + self._sets(places)

    def _least_of(self, places: Sequence[int], shown: NDArray[np.bool_] | None = None) -> Fraction:
        """The least net profit of these legs over the states that are shown."""
        if not places:
            return Fraction(0)
        codes = self._codes[places]
        if shown is not None:
            codes = codes[:, shown]
        rows = dict.fromkeys(zip(*codes.tolist(), strict=True))
        return min((self._net(places, row) for row in rows), default=Fraction(0))

    def _net(self, places: Sequence[int], codes: Iterable[int]) -> Fraction:
        """The net profit of these legs in these settlements, commission taken from each market's winnings."""
        markets: dict[tuple[str, Fraction], Fraction] = {}
        for place, code in zip(places, codes, strict=True):
            leg = self._legs[place]
            known = self._returns[place]
            if code not in known:
                known.update(leg.instrument.returns([code]))
            market = leg.instrument.market, leg.instrument.commission
            markets[market] = markets.get(market, Fraction(0)) + leg.share * (known[code] - 1)
        return sum(
            (won - commission * won if won > 0 else won for (_, commission), won in markets.items()),
            Fraction(0),
        )

    def _halved(self, places: dict[Answer, list[int]]) -> Fraction:
        halved = [*places.get(Answer.HALF, []), *places.get(Answer.FAIR, [])]
        drawn = places.get(Answer.DRAW, [])
        codes = [code_of(_HALF)] * len(halved)
        codes += [code_of(as_draw(self._claim(place))) for place in drawn]
        return self._net([*halved, *drawn], codes)

    def _advanced(self, places: dict[Answer, list[int]]) -> Fraction:
        either = places.get(Answer.ADVANCED, [])
        only = places.get(Answer.ADVANCED_ONLY, [])
        nets = []
        for side in ("home", "away"):
            codes = [code_of(WON if self._claim(p).selection == side else LOST) for p in either]
            codes += [code_of(WON if self._claim(p).selection == side else REFUNDED) for p in only]
            nets.append(self._net([*either, *only], codes))
        return min(nets)

    def _stopped(self, places: dict[Answer, list[int]]) -> Fraction:
        """Decided legs and those settled at the stop, with the others in the states that can follow on it."""
        kept, stopped = places.get(Answer.DECIDED, []), places.get(Answer.AT_STOP, [])
        standing = places.get(Answer.STANDS, [])
        nets = []
        for stop in self._every if stopped else self._deciding:
            codes = [stop.decided[place] for place in kept] + [stop.standing[place] for place in stopped]
            known = [p for p, code in zip([*kept, *stopped], codes, strict=True) if code != _OPEN]
            net = self._net(known, [code for code in codes if code != _OPEN])
            nets.append(net + (self._least_of(standing, self._after(stop)) if standing else 0))
        return min(nets)

    def _after(self, stop: _Stop) -> NDArray[np.bool_]:
        """The states that agree with all that is decided at the stop."""
        shown = np.ones(self._codes.shape[1], dtype=np.bool_)
        for place, code in enumerate(stop.decided):
            if code != _OPEN:
                shown &= self._codes[place] == code
        return shown

    @cached_property
    def _deciding(self) -> list[_Stop]:
        return self._stops(stops([leg.instrument.quote.claim for leg in self._legs]))

    @cached_property
    def _every(self) -> list[_Stop]:
        return [*self._deciding, *self._stops(one for one in self._results if isinstance(one, Score))]

    def _stops(self, scores: Iterable[Score]) -> list[_Stop]:
        claims = [leg.instrument.quote.claim for leg in self._legs]
        found: dict[_Stop, None] = {}
        for score in scores:
            told = [decided(claim, score) for claim in claims]
            found[
                _Stop(
                    tuple(_OPEN if one is None else code_of(one) for one in told),
                    tuple(code_of(_standing(claim, score)) for claim in claims),
                )
            ] = None
        return list(found)

    def _sets(self, places: dict[Answer, list[int]]) -> Fraction:
        """The legs that stand, with every choice of the markets that may be decided."""
        standing = places.get(Answer.STANDS, [])
        markets: dict[tuple[object, ...], list[int]] = {}
        for place in places.get(Answer.DECIDED, []):
            claim = self._claim(place)
            markets.setdefault((claim.kind, claim.period, claim.subject, claim.line), []).append(place)
        some = list(markets.values())
        sizes = range(len(some) + 1) if len(some) <= _MOST_MARKETS else (0, 1, len(some) - 1, len(some))
        return min(
            self._least_of([*standing, *(place for market in chosen for place in market)])
            for size in sizes
            for chosen in combinations(some, size)
        )

    def _claim(self, place: int) -> Claim:
        return self._legs[place].instrument.quote.claim


def _standing(claim: Claim, score: Score) -> Settlement:
    """The claim by the score at the stop; a half that was not played to its end gives back what it does not decide."""
    if score.half_home is None and (claim.period in HALVES or claim.kind is Kind.HALF_TIME_FULL_TIME):
        return decided(claim, score) or REFUNDED
    if claim.kind is Kind.TO_QUALIFY and score.qualified is None:
        return REFUNDED
    return settle(claim, score)

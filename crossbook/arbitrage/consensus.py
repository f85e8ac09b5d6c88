"""Consensus: the fair chances of claims by what several venues ask, each with its own margin taken out.

A venue has a say on a market where it quotes every selection of it (a *book*), or both sides of one claim. Its book
is de-vigged; the voices of all venues are then put together by a named rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from statistics import median
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind, Period, cover_of
from crossbook.model.devig import Devig, devig
from crossbook.model.quote import Contest, Quote, Side

_DOUBLE_CHANCE: Final = ("home_draw", "home_away", "draw_away")
_ONE: Final = Fraction(1)

_Market = tuple[Kind, Period, str, int, int]
"""Kind, period, subject, line in quarters, and places."""
_Prices = dict[str, dict[Side, Quote]]
"""The best quote of each selection and side at one venue."""


class Choice(StrEnum):
    """How the voices of several venues become one."""

    MEDIAN = "median"
    """The median of each outcome's chances, put in proportion so that they add up again."""
    SHARPEST = "sharpest"
    """The venue whose book adds up closest to 100 %: it leaves itself the least room for error."""


class Method(msgspec.Struct, frozen=True):
    """How fair chances are found: how the margin is taken out, and whose word counts.

    With `venue` that venue alone is asked. `least_voices` is how many desks must have a say, else there is no
    consensus.
    """

    devig: Devig = Devig.POWER
    choice: Choice = Choice.MEDIAN
    venue: str | None = None
    least_voices: int = 1


class FairChance(msgspec.Struct, frozen=True):
    """The fair chance of one claim, and on whose word.

    `chance` is that of winning where the stake is not refunded: E[won] / (1 − E[refunded]), the inverse of the fair
    odds. Prices of a two-way market say only that: 1/a + 1/b = 1 for fair odds a and b, whatever is refunded.
    """

    claim: Claim
    chance: float
    venues: tuple[str, ...]
    method: str


class _Voice(msgspec.Struct, frozen=True):
    venue: str
    desk: str
    room: Fraction
    """How far the book is from 100 %, for each winner."""
    chances: Mapping[str, float]


class Consensus:
    """The fair chances of one event, basis and space; claims nobody has a whole book of have none."""

    def __init__(
        self, quotes: Iterable[Quote], contest: Contest | None = None, method: Method | None = None
    ) -> None:
        self.method = method or Method()
        self._contest = contest
        self._voices: dict[_Market, list[_Voice]] = {}
        markets: dict[_Market, dict[str, _Prices]] = defaultdict(lambda: defaultdict(dict))
        claims: dict[tuple[_Market, str], Claim] = {}
        for quote in quotes:
            if quote.tradable and self.method.venue in (None, quote.venue.id):
                key = _market_of(quote.claim)
                claims[key, quote.claim.selection] = quote.claim
                sides = markets[key][quote.venue.id].setdefault(quote.claim.selection, {})
                known = sides.get(quote.side)
                if known is None or quote.better_than(known):
                    sides[quote.side] = quote
        self.claims = tuple(claims.values())
        for key, venues in markets.items():
            voices = [voice for prices in venues.values() for voice in self._heard(key, prices)]
            if voices:
                self._voices[key] = voices

    def chance(
        self, claim: Claim, without: str | None = None, least_voices: int | None = None
    ) -> FairChance | None:
        """The fair chance of a claim by all venues, or by all but those of one desk; None where too few have a say.

        `least_voices` is the method's own unless it is given.
        """
        least = self.method.least_voices if least_voices is None else least_voices
        voices = [
            voice
            for voice in self._voices.get(_market_of(claim), ())
            if voice.desk != without and claim.selection in voice.chances
        ]
        if not voices or len({voice.desk for voice in voices}) < least:
            return None
        if self.method.choice is Choice.SHARPEST or len(voices) == 1:
            voice = min(voices, key=lambda one: (one.room, one.venue))
            whose = (
                f"of {voice.venue}, the sharpest of {len(voices)}" if len(voices) > 1 else f"of {voice.venue}"
            )
            return FairChance(claim, voice.chances[claim.selection], (voice.venue,), self._named(whose))
        selections = self._selections(_market_of(claim)) or (claim.selection,)
        whole = [voice for voice in voices if len(voice.chances) == len(selections)] or voices
        middle = {name: median(one.chances[name] for one in whole) for name in whole[0].chances}
        winners = sum(whole[0].chances.values())
        scale = winners / sum(middle.values()) if len(middle) > 1 else 1.0
        venues = tuple(sorted(voice.venue for voice in whole))
        return FairChance(
            claim, middle[claim.selection] * scale, venues, self._named(f"median of {len(venues)} venues")
        )

    def chances(self, least_voices: int | None = None) -> Iterator[FairChance]:
        """The fair chance of every claim that has one."""
        for claim in self.claims:
            found = self.chance(claim, least_voices=least_voices)
            if found is not None:
                yield found

    def _named(self, whose: str) -> str:
        return f"{self.method.devig.value}, {whose}"

    def _selections(self, key: _Market) -> tuple[str, ...]:
        kind, _, subject, _, places = key
        if kind is Kind.DOUBLE_CHANCE:
            return _DOUBLE_CHANCE
        contest = self._contest
        if kind in (Kind.WINNER, Kind.PLACE):
            whole = contest is not None and contest.complete and contest.subject == subject
            return contest.runners if whole and contest is not None and places in (0, contest.places) else ()
        return cover_of(kind)

    def _heard(self, key: _Market, prices: _Prices) -> Iterator[_Voice]:
        """The voice of one venue on one market: on its whole book, else on each claim that it quotes both sides of."""
        selections = self._selections(key)
        winners = self._winners(key)
        quotes = [prices.get(selection, {}).get(Side.BACK) for selection in selections]
        if len(selections) > 1 and all(quotes):
            odds = [_both_sides(prices[selection]) for selection in selections]
            one = next(quote for quote in quotes if quote is not None)
            yield from self._voice(one, selections, odds, winners)
            return
        for selection, sides in prices.items():
            if len(sides) == 2 and len(selections) != 2:
                lay = sides[Side.LAY].odds
                odds = [sides[Side.BACK].odds, lay / (lay - 1)]
                yield from self._voice(sides[Side.BACK], (selection,), odds, 1)

    def _winners(self, key: _Market) -> int:
        if key[0] is Kind.DOUBLE_CHANCE:
            return 2
        return self._contest.places if key[0] is Kind.PLACE and self._contest is not None else 1

    def _voice(
        self, quote: Quote, selections: Sequence[str], odds: Sequence[Fraction], winners: int
    ) -> Iterator[_Voice]:
        try:
            found = devig(odds, self.method.devig, winners)
        except BadData:
            return  # a book that the method does not fit has no say
        chances = dict(zip(selections, found.chances, strict=False))
        yield _Voice(quote.venue.id, quote.venue.desk, abs(found.overround) / winners, chances)


def _market_of(claim: Claim) -> _Market:
    return claim.kind, claim.period, claim.subject, claim.quarters, claim.places


def _both_sides(sides: Mapping[Side, Quote]) -> Fraction:
    """The odds halfway, in chances, between what a venue backs and lays at; its back where it has no lay."""
    back, lay = sides[Side.BACK].odds, sides.get(Side.LAY)
    return back if lay is None else 2 / (_ONE / back + _ONE / lay.odds)

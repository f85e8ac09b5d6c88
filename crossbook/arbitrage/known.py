"""Certificates kept between searches, so that an event is searched only when a price may have broken its own.

A certificate is a mixture of states under which every leg loses on average. It holds for as long as no odds rise above
the *thresholds* that follow from it, whoever else comes and goes. What is found does not depend on what is remembered:
a market without a certificate is decided by itself, from its own quotes alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import numpy as np

from crossbook.arbitrage.certificate import CLEARED, WALK, Floats, Solver
from crossbook.arbitrage.course import Course, course_of
from crossbook.arbitrage.decide import Market, Unsolved
from crossbook.arbitrage.find import decided_alone, markets_of
from crossbook.arbitrage.instrument import Instrument
from crossbook.arbitrage.limits import MOST_PAYOFFS, Looked, within_limits
from crossbook.arbitrage.states import States, gross_returns, states_of
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim
from crossbook.model.opportunity import Opportunity
from crossbook.model.quote import Basis, Contest, Listing, Quote, Side

_MOST_STATES_SHARED: Final = 400
"""Above this many states a market is looked at with only the states that its own claims can tell apart."""
_MOST_EVENTS: Final = 10_000
"""Of so many events something is remembered; then that of the one looked at longest ago is forgotten."""

Answer: TypeAlias = "list[Opportunity | Unsolved]"
_Key: TypeAlias = tuple[Basis, str]
_Limits: TypeAlias = dict[Claim, float]


class Certificates:
    """What is remembered of events. `solver` may be exchanged for a faster one at any time: no answer depends on it.

    `skipped` counts the events that were not searched because their certificates held, `searched` the others.
    """

    def __init__(self, solver: Solver = WALK) -> None:
        self.solver = solver
        self.skipped = self.searched = 0
        self._events: dict[tuple[str, str], _Event] = {}

    def opportunities(
        self, events: Iterable[tuple[Listing, Sequence[Quote]]], terms: Terms
    ) -> Iterator[Opportunity | Unsolved]:
        """Every opportunity in these events, in the order of the events, each market decided by itself.

        The events are the ones that `find.opportunities` finds them in; of equally good plans another may be named.
        """
        parts: list[_Part] = []
        for listing, quotes in events:
            event = self._event(listing)
            if event.cleared(quotes):
                self.skipped += 1
                continue
            self.searched += 1
            for market in markets_of(listing, quotes):
                parts.extend(event.parts(market, terms))
        self._certify([part for part in parts if part.answer is None])
        for part in parts:
            yield from part.decided(terms)

    def _event(self, listing: Listing) -> _Event:
        identity = listing.source, listing.key
        course = course_of(listing)
        known = self._events.pop(identity, None)
        if known is None or known.contests != listing.contests or known.course != course:
            known = _Event(listing.contests, course)
            if len(self._events) >= _MOST_EVENTS:
                del self._events[next(iter(self._events))]
        self._events[identity] = known
        return known

    def _certify(self, parts: Iterable[_Part]) -> None:
        """Look for certificates of these markets, those of one sort together."""
        groups: dict[tuple[str, Contest | None, Course], list[_Part]] = defaultdict(list)
        for part in parts:
            market = part.market
            groups[market.quotes[0].claim.space, market.contest, market.course].append(part)
        for some in groups.values():
            self._certify_together(some)

    def _certify_together(self, parts: Sequence[_Part]) -> None:
        market = parts[0].market
        claims = frozenset(quote.claim for part in parts for quote in part.best)
        try:
            states = states_of(claims, market.contest, market.course)
            if len(parts) > 1 and len(states.results) > _MOST_STATES_SHARED:
                raise BadData("too many states to look at together")
        except BadData:
            if len(parts) > 1:
                for part in parts:
                    self._certify_together([part])
            return
        solver, count = self.solver, len(states.results)
        small = [part for part in parts if len(part.best) * count <= solver.most_payoffs]
        if small:
            returns = gross_returns([quote for part in small for quote in part.best], states)
            games = np.split(returns, np.cumsum([len(part.best) for part in small])[:-1])
            for part, mixtures in zip(small, solver.solve(games), strict=True):
                if mixtures.bound <= CLEARED:
                    part.clear(mixtures.prices, states)


class _Event:
    """What is remembered of one event: the greatest rank that a quote on each claim may have, by basis and side.

    All claims of one market have theirs from one certificate; `claims` says which these are. `answers` are what other
    markets were decided to hold.
    """

    def __init__(self, contests: tuple[Contest, ...], course: Course) -> None:
        self.contests = contests
        self.course = course
        self.most_quotes = MOST_PAYOFFS
        """With more quotes the event may be too large to be looked at whole, and that has to be told."""
        self.backs: defaultdict[Basis, _Limits] = defaultdict(dict)
        self.lays: defaultdict[Basis, _Limits] = defaultdict(dict)
        self.claims: dict[_Key, tuple[Claim, ...]] = {}
        self.answers: dict[_Key, tuple[Market, Terms, Answer]] = {}

    def cleared(self, quotes: Sequence[Quote]) -> bool:
        """Whether the certificates at hand show that there is nothing in these quotes."""
        if len(quotes) > self.most_quotes:
            return False
        basis = None
        backs: _Limits = {}
        lays: _Limits = {}
        for quote in quotes:
            if quote.basis is not basis:
                basis = quote.basis
                backs, lays = self.backs[basis], self.lays[basis]
            limit = (backs if quote.side is Side.BACK else lays).get(quote.claim)
            if limit is None or not quote.rank <= limit:
                return False
        return True

    def parts(self, market: Market, terms: Terms) -> Iterator[_Part]:
        """The market in parts that can be looked at; those that need no looking at have their answer already."""
        key = market.basis, self.course.space(market.quotes[0].claim.space)
        if key in self.claims and self.cleared(market.quotes):
            return
        known = self.answers.get(key)
        if known is not None and known[0] == market and known[1] == terms:
            yield _Part(self, None, market, [], known[2])
            return
        some = list(within_limits(market))
        for one in some:
            if isinstance(one, Unsolved):
                yield _Part(self, None, market, [], [one])
            else:
                whole = len(some) == 1 and one.market is market
                yield _Part(self, key if whole else None, one.market, one.instruments)

    def clear(self, key: _Key, prices: Floats, states: States, best: Iterable[Quote]) -> None:
        """Remember a certificate of a market by its thresholds."""
        self.forget(key)
        basis, _ = key
        claims = tuple(dict.fromkeys(quote.claim for quote in best))
        backs, lays = thresholds(claims, prices, states)
        self.claims[key] = claims
        self.backs[basis].update(zip(claims, backs, strict=True))
        self.lays[basis].update(zip(claims, lays, strict=True))
        self.most_quotes = min(self.most_quotes, MOST_PAYOFFS // len(states.results))

    def forget(self, key: _Key) -> None:
        """Forget what was known of a market."""
        basis, _ = key
        for claim in self.claims.pop(key, ()):
            del self.backs[basis][claim], self.lays[basis][claim]
        self.answers.pop(key, None)


class _Part:
    """A market, or as much of it as can be looked at, and its answer when there is one."""

    def __init__(
        self,
        event: _Event,
        key: _Key | None,
        market: Market,
        instruments: list[Instrument],
        answer: Answer | None = None,
    ) -> None:
        self.market = market
        self.best = [one.quote for one in instruments]
        self.answer = answer
        self._event = event
        self._key = key
        self._instruments = instruments

    def clear(self, prices: Floats, states: States) -> None:
        """There is nothing: these prices of states prove it."""
        self.answer = []
        if self._key is not None:
            self._event.clear(self._key, prices, states, self.best)

    def decided(self, terms: Terms) -> Answer:
        """What there is, found from this market alone where it is not known."""
        if self.answer is None:
            self.answer = list(decided_alone(Looked(self.market, self._instruments), terms))
            if self._key is not None:
                self._event.forget(self._key)
                self._event.answers[self._key] = self.market, terms, self.answer
        return self.answer


def thresholds(claims: Sequence[Claim], prices: Floats, states: States) -> tuple[list[float], list[float]]:
    """The greatest ranks at which backing and laying each claim still loses on average under these prices of states.

    A back at odds o returns o × won + refunded. A lay risks odds − 1 to win what the backer loses: it returns
    refunded + lost × o / (o − 1), and its rank is −o.
    """
    places = [states.place[claim] for claim in claims]
    won, refunded = states.won[places] @ prices, states.refunded[places] @ prices
    left, lost = CLEARED - refunded, 1.0 - won - refunded
    with np.errstate(divide="ignore", invalid="ignore"):
        backs = np.where(won > 0, left / won, np.where(left >= 0, np.inf, -np.inf))
        # o / (o − 1) ≤ left / lost, where that is above one; else no lay is dear enough.
        lays = np.where(left > lost, -left / (left - lost), -np.inf)
    return backs.tolist(), lays.tolist()

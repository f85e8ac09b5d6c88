"""Expected: what the others say of any claim of an event, by their own prices of it or by the view they share."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from math import exp, inf, log
from typing import Final, NamedTuple

from crossbook.arbitrage.screening.ladders import LADDERS, chance_above
from crossbook.arbitrage.screening.opinions import (
    Board,
    Books,
    Opinion,
    distances,
    logit,
    opinions_of,
    totals_of,
)
from crossbook.arbitrage.screening.views import BY_GOALS, View, heard, view_of
from crossbook.model.claim import GOALS, Claim, Kind, Period
from crossbook.model.quote import Basis

FAR: Final = 0.30
"""Log-odds between a market and the median of others that no two careful books show: in real books of at least four
it is beyond the 99.8th percentile of prices."""
FAR_LONGSHOT: Final = 0.75
"""The same where the others give a chance below a tenth, or above nine: there honest books differ by a half."""
FAR_FROM_VIEW: Final = 0.42
"""The same where nobody else quotes the line, so that it is set beside the view of the others' other markets."""
LONGSHOT: Final = log(9)
FAR_LONGSHOT_FROM_VIEW: Final = 1.0
_WITH_LINE: Final = frozenset(
    {
        Kind.ASIAN_HANDICAP,
        Kind.EUROPEAN_HANDICAP,
        Kind.TOTAL,
        Kind.TEAM_TOTAL_HOME,
        Kind.TEAM_TOTAL_AWAY,
    }
)
_VIEW_FITS: Final = 0.05


class Far(NamedTuple):
    """A venue's market that is far from what is expected of it."""

    venue: str
    board: Board
    selection: str
    chance: float
    others: float
    """The chance by the others, or by their view."""
    desks: int
    """How many other desks quote it; 0 where the view speaks for them."""
    limits: float
    """The distance in log-odds, in parts of what is too far."""


class Expected:
    """What every desk but one's own expects of the claims of one event, basis and space."""

    def __init__(self, books: Books, basis: Basis, desks: Mapping[str, str]) -> None:
        self.opinions: dict[Board, dict[str, Opinion]] = opinions_of(books, desks)
        self.totals: Mapping[tuple[str, Board], float] = totals_of(books)
        """What the inverse odds of each venue's whole books of backs add up to."""
        self._basis = basis
        self._known: dict[tuple[Claim, str], float | None] = {}
        self._views: dict[Period, View | None] = {}

    def view(self, period: Period) -> View | None:
        """The view that the event's desks share; None in play, where nobody says what was scored already."""
        if self._basis is Basis.LIVE:
            return None
        if period not in self._views:
            found = view_of(heard(self.opinions, period))
            self._views[period] = found if found is not None and found.misfit <= _VIEW_FITS else None
        return self._views[period]

    def logit_of(self, claim: Claim, opinion: Opinion) -> float | None:
        """The log-odds of a claim by at least two desks other than the opinion's, else by the half lines around it,
        else by the view; None where none of them says anything.
        """
        key = (claim, opinion.desk)
        if key not in self._known:
            self._known[key] = self._expected(claim, opinion)
        return self._known[key]

    def _expected(self, claim: Claim, opinion: Opinion) -> float | None:
        board: Board = claim.kind, (claim.period, claim.subject), claim.quarters
        others = self._others(board, claim.selection, opinion)
        if others is None and claim.kind in LADDERS:
            others = self._by_ladder(claim, opinion)
        if others is not None:
            return logit(others)
        if claim.kind not in BY_GOALS or claim.subject != GOALS:
            return None
        view = self.view(claim.period)
        return None if view is None else view.expects(claim)

    def _others(self, board: Board, selection: str, opinion: Opinion) -> float | None:
        """The median of at least two other desks."""
        one = Opinion(opinion.venue, opinion.desk, {selection: 0.5}, False)
        return next((found.others for found in distances(one, self.opinions.get(board, {}))), None)

    def _by_ladder(self, claim: Claim, opinion: Opinion) -> float | None:
        """The chance by the half lines on both sides of it; a home handicap is a margin above its negative line."""
        kind, count = claim.kind, (claim.period, claim.subject)
        sign, first = (-1, "home") if kind is Kind.ASIAN_HANDICAP else (1, "over")

        def above(quarters: int) -> float | None:
            return self._others((kind, count, sign * quarters), first, opinion)

        found = chance_above(sign * claim.quarters, above)
        return None if found is None else found if claim.selection == first else 1 - found

    def _between(self, board: Board, selection: str, opinion: Opinion) -> tuple[float, float]:
        """The log-odds that the others' neighbouring lines leave a selection, at least and at most."""
        kind, count, quarters = board
        least, most = -inf, inf
        upwards = (selection in ("home", "under")) if kind in _WITH_LINE else None
        for (other, where, line), opinions in self.opinions.items():
            if other is not kind or where != count or line == quarters or upwards is None:
                continue
            one = Opinion(opinion.venue, opinion.desk, {selection: 0.5}, False)
            for found in distances(one, opinions):
                if (line < quarters) is upwards:
                    least = max(least, logit(found.others))
                else:
                    most = min(most, logit(found.others))
        return least, most

    @cached_property
    def measured(self) -> Mapping[tuple[str, Board], Far]:
        """For each venue's market that can be set beside others, its farthest selection."""
        found = {}
        for board, opinions in self.opinions.items():
            for opinion in opinions.values():
                far = self._direct(board, opinion, opinions) or self._by_view(board, opinion)
                if far is not None:
                    found[opinion.venue, board] = far
        return found

    @cached_property
    def far(self) -> Mapping[tuple[str, Board], Far]:
        """The markets that are too far."""
        return {key: one for key, one in self.measured.items() if one.limits > 1}

    def _direct(self, board: Board, opinion: Opinion, opinions: Mapping[str, Opinion]) -> Far | None:
        worst: Far | None = None
        for one in distances(opinion, opinions):
            nearest = min(max(one.others, one.chance - opinion.room), one.chance + opinion.room)
            limits = abs(logit(nearest) - logit(one.others)) / (FAR_LONGSHOT if one.longshot else FAR)
            if limits > 1 and self._in_company(opinion, one.selection, abs(one.logit), opinions):
                limits = 0.99
            if worst is None or limits > worst.limits:
                worst = Far(opinion.venue, board, one.selection, one.chance, one.others, one.desks, limits)
        return worst

    def _in_company(
        self, opinion: Opinion, selection: str, distance: float, opinions: Mapping[str, Opinion]
    ) -> bool:
        """Whether more than a third of the other desks stand nearer to it than half its distance."""
        here = logit(opinion.chances[selection])
        others = {
            one.desk: abs(logit(one.chances[selection]) - here)
            for one in opinions.values()
            if one.desk != opinion.desk and selection in one.chances
        }
        near = sum(apart < distance / 2 for apart in others.values())
        return 3 * near > len(others)

    def _by_view(self, board: Board, opinion: Opinion) -> Far | None:
        kind = board[0]
        if kind not in BY_GOALS:
            return None
        worst: Far | None = None
        for selection, chance in opinion.chances.items():
            if selection == "draw" and kind is Kind.EUROPEAN_HANDICAP:
                continue
            here = logit(chance)
            expected = self.logit_of(claim_of(board, selection), opinion)
            if expected is None:
                least, most = self._between(board, selection, opinion)
                if least > most or (least, most) == (-inf, inf):
                    continue
                expected = min(max(here, least), most)
            limit = FAR_FROM_VIEW if abs(expected) <= LONGSHOT else FAR_LONGSHOT_FROM_VIEW
            limits = abs(here - expected) / limit
            if worst is None or limits > worst.limits:
                worst = Far(opinion.venue, board, selection, chance, 1 / (1 + exp(-expected)), 0, limits)
        return worst


def claim_of(board: Board, selection: str, shift: int = 0, period: Period | None = None) -> Claim:
    """The claim of a market's selection, with its line moved by some quarters or in another period."""
    kind, (when, subject), quarters = board
    line = Fraction(quarters + shift, 4) if kind in _WITH_LINE else None
    return Claim.of(kind, selection, line, period or when, subject)

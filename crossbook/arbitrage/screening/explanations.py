"""Explanations: the one simple error after which a market that is far from all others would agree with them.

Each explanation reads the market as it would stand without the error. It counts only if every selection then agrees,
which none of them did before; with two of them that agree the nearest counts, with none there is no explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Final, NamedTuple

from crossbook.arbitrage.screening.expected import Expected, claim_of
from crossbook.arbitrage.screening.opinions import Board, Opinion, logit
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Quote

AGREES: Final = 0.16
"""Log-odds within which a market without its error has to be: careful books differ by less in 96 of 100 cases."""
_MARGIN: Final = 0.08
"""What a margin of about four per cent adds to the log-odds of a single price."""
_NEARER: Final = 0.4
"""And it has to be this much nearer than as it stands."""
_ORDINARY: Final = 1.2
"""A price under another side or line keeps its book's total; a book whose total is no bookmaker's has wrong prices."""
_SHIFTS: Final = (1, -1, 2, -2, 3, -3, 4, -4)
_GOALS_OF_CORNERS: Final = 6.0

_HANDICAPS: Final = frozenset({Kind.ASIAN_HANDICAP, Kind.EUROPEAN_HANDICAP})
_TOTALS: Final = frozenset({Kind.TOTAL, Kind.TEAM_TOTAL_HOME, Kind.TEAM_TOTAL_AWAY})
_MIRROR: Final = {"home": "away", "away": "home", "over": "under", "under": "over", "yes": "no", "no": "yes"}
_PERIODS: Final = {
    Period.FULL_TIME: (Period.FIRST_HALF, Period.SECOND_HALF),
    Period.FIRST_HALF: (Period.FULL_TIME,),
    Period.SECOND_HALF: (Period.FULL_TIME,),
}
_UNITS: Final[Mapping[str, Callable[[float], float]]] = {
    "Hong Kong odds with the stake added twice": lambda odds: odds - 1,
    "Hong Kong odds without the stake": lambda odds: odds + 1,
    "a Malay price with the other sign": lambda odds: 1 + 1 / (odds - 1),
    "an Indonesian price without its sign": lambda odds: 1 + 1 / odds,
    "an American price above zero": lambda odds: 1 + odds / 100,
    "an American price below zero": lambda odds: 1 + 100 / odds,
    "a chance in per cent": lambda odds: 100 / odds,
    "a chance": lambda odds: 1 / odds,
    "cents for dollars": lambda odds: odds / 100,
}
_SLIPS: Final = (10.0, 0.1, 100.0, 0.01)


class Explanation(NamedTuple):
    """The name of an error, what it is in words, and how far the market is from the others without it."""

    name: str
    words: str
    left: float


class Case(NamedTuple):
    """A venue's market that is far from the others, with its prices and what is expected."""

    board: Board
    opinion: Opinion
    quotes: Sequence[Quote]
    expected: Expected


def explained(case: Case) -> Explanation | None:
    """The simplest error that would make the market agree, None where there is none."""
    as_it_stands = _apart(case, case.opinion.chances, lambda one: claim_of(case.board, one))
    if as_it_stands is None:
        return None
    enough = min(AGREES, _NEARER * as_it_stands)
    total = case.expected.totals.get((case.opinion.venue, case.board), 1.0)
    by_price = next(_mixed_signs(case), None) or next(_by_price(case), None)
    if by_price is not None and case.opinion.whole and not 1 <= total <= _ORDINARY:
        return by_price
    for some in (_sides, _signs, _lines, _periods):
        found = [one for one in some(case) if one.left <= enough]
        if found:
            return min(found, key=lambda one: one.left)
    return by_price or _subject(case)


def _apart(case: Case, chances: Mapping[str, float], claim: Callable[[str], Claim]) -> float | None:
    """The farthest of a market's selections when they are read as these claims."""
    worst = None
    for selection, chance in chances.items():
        expected = case.expected.logit_of(claim(selection), case.opinion)
        if expected is None:
            return None
        worst = max(worst or 0.0, abs(logit(chance) - expected))
    return worst


def _sides(case: Case) -> Iterator[Explanation]:
    chances = case.opinion.chances
    if not case.opinion.whole:
        yield from _contracts(case)
    elif chances.keys() & _MIRROR.keys():
        turned = {one: chances[_MIRROR.get(one, one)] for one in chances}
        left = _apart(case, turned, lambda one: claim_of(case.board, one))
        if left is not None:
            yield Explanation("sides_swapped", "they agree only with its sides exchanged", left)


def _contracts(case: Case) -> Iterator[Explanation]:
    """Each contract by itself: those that do not agree would with YES and NO exchanged."""
    worst = 0.0
    for selection, chance in case.opinion.chances.items():
        expected = case.expected.logit_of(claim_of(case.board, selection), case.opinion)
        if expected is None:
            return
        worst = max(worst, min(abs(logit(chance) - expected), abs(logit(1 - chance) - expected)))
    yield Explanation("yes_no_inverted", "they agree only with YES and NO exchanged", worst)


def _signs(case: Case) -> Iterator[Explanation]:
    kind, _, quarters = case.board
    if kind in _HANDICAPS and quarters:
        left = _apart(case, case.opinion.chances, lambda one: claim_of(case.board, one, -2 * quarters))
        if left is not None:
            yield Explanation("handicap_sign", "they agree only on the line with the other sign", left)


def _mixed_signs(case: Case) -> Iterator[Explanation]:
    """Some prices of a handicap stand on the line with the other sign, the others on their own."""
    kind, _, quarters = case.board
    if kind not in _HANDICAPS or not quarters:
        return
    for quote in case.quotes:
        here = case.expected.logit_of(quote.claim, case.opinion)
        there = case.expected.logit_of(
            claim_of(case.board, quote.claim.selection, -2 * quarters), case.opinion
        )
        if not any(one is not None and _fits(abs(quote.rank), one) for one in (here, there)):
            return
    yield Explanation("handicap_sign", "they agree with some of it on the line with the other sign", AGREES)


def _lines(case: Case) -> Iterator[Explanation]:
    kind, _, quarters = case.board
    for shift in _SHIFTS if kind in (_TOTALS | {Kind.ASIAN_HANDICAP}) else ():
        if kind in _TOTALS and quarters + shift <= 0:
            continue
        left = _apart(case, case.opinion.chances, partial(claim_of, case.board, shift=shift))
        if left is not None:
            line = Fraction(quarters + shift, 4)
            yield Explanation("wrong_line", f"they agree with its prices on the line {float(line):g}", left)


def _periods(case: Case) -> Iterator[Explanation]:
    for period in _PERIODS.get(case.board[1][0], ()):
        left = _apart(case, case.opinion.chances, partial(claim_of, case.board, period=period))
        if left is not None:
            words = f"they agree with its prices for another period ({period.value})"
            yield Explanation("period_mixed", words, left)


def _by_price(case: Case) -> Iterator[Explanation]:
    """Prices one by one: a unit misread, or a slip of the hand."""
    units: dict[str, None] = {}
    slips = 0
    for quote in case.quotes:
        expected = case.expected.logit_of(quote.claim, case.opinion)
        if expected is None:
            return
        odds = abs(quote.rank)
        if _fits(odds, expected):
            continue
        unit = next((name for name, read in _UNITS.items() if _fits(read(odds), expected)), None)
        slip = any(_fits(odds * factor, expected) for factor in _SLIPS) or _exchanged(quote.odds, expected)
        if slip and len(case.quotes) > 1:
            slips += 1
        elif unit is not None:
            units[unit] = None
        else:
            return
    if slips:
        yield Explanation("palpable", "they agree with a price whose digits slipped", AGREES)
    elif units:
        yield Explanation("unit", f"they agree if it is {' or '.join(units)}", AGREES)


def _fits(odds: float, expected: float) -> bool:
    return odds > 1 and abs(logit(1 / odds) - expected - _MARGIN) <= AGREES


def _exchanged(odds: Fraction, expected: float) -> bool:
    """Whether the price fits with two neighbouring digits exchanged."""
    digits = f"{float(odds):.2f}".replace(".", "")
    for place in range(len(digits) - 1):
        turned = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        if turned != digits and _fits(int(turned) / 100, expected):
            return True
    return False


def _subject(case: Case) -> Explanation | None:
    """A total so far above what anybody expects of goals that something else is counted."""
    kind, (period, _), quarters = case.board
    view = case.expected.view(period)
    if kind is not Kind.TOTAL or view is None:
        return None
    over = case.opinion.chances.get("over", 0.0)
    if quarters / 4 >= _GOALS_OF_CORNERS and over > 0.2 and view.goals < _GOALS_OF_CORNERS - 1:
        words = f"the others expect {view.goals:.1f} in all: it seems to count something else"
        return Explanation("subject_mixed", words, AGREES)
    return None

"""Screens of whole markets and venues: what is far from all others is refused, by the error that explains it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from math import exp
from typing import Final

from crossbook.arbitrage.screening.evidence import Evidence
from crossbook.arbitrage.screening.expected import (
    FAR_FROM_VIEW,
    FAR_LONGSHOT_FROM_VIEW,
    LONGSHOT,
    Far,
    claim_of,
)
from crossbook.arbitrage.screening.explanations import AGREES, Case, Explanation, explained
from crossbook.arbitrage.screening.opinions import Board, Opinion, logit
from crossbook.arbitrage.screening.views import BY_GOALS
from crossbook.model.claim import Kind
from crossbook.model.opportunity import Reason
from crossbook.model.quote import Quote, Side
from crossbook.model.venue import VenueType

Finding = tuple[Quote, Reason]
Group = tuple[str, Kind, tuple[object, str]]
"""A venue's markets of one kind and count: all its lines."""

OF_ALL_LINES: Final = frozenset({"wrong_line", "handicap_sign", "period_mixed", "subject_mixed", "unit"})
"""Errors of reading, which never befall one line alone."""
_BROKEN: Final = 0.985
_NEARLY: Final = 0.6
"""Beside a line that is far, one that is nearly so counts with it."""
_TWO_SIDED: Final = frozenset({Kind.MATCH_RESULT, Kind.ASIAN_HANDICAP, Kind.DRAW_NO_BET})
_OTHER: Final = {"home": "away", "away": "home"}
_PART_OF_LINES: Final = 1 / 3
_PART_OF_MARKETS: Final = 0.4
_KINDS: Final = 2
"""A venue is apart in all it says when so many kinds of its markets are far, and so many of its markets."""


def apart(evidence: Evidence) -> Iterator[Finding]:
    """A market whose chances are far from those of all others; named after the error that explains it.

    Where a third of a venue's lines of one kind are far, all of them are refused; where two kinds and two fifths of its
    markets are, all it quotes: it speaks of another match, or of another time.
    """
    yield from _alone(evidence)
    far = evidence.expected.far
    if not far:
        return
    whole = dict(_venues(evidence))
    for venue, words in whole.items():
        turned = _turned(evidence, venue)
        reason = Reason("sides_swapped", f"{words} with home and away exchanged") if turned else None
        for quote in evidence.quotes:
            if quote.venue.id == venue:
                yield (
                    quote,
                    reason or Reason("outlier", f"{words}: it is of another match, or of another time"),
                )
    groups: dict[Group, list[tuple[Far, Explanation | None]]] = defaultdict(list)
    for (venue, board), found in far.items():
        if venue not in whole:
            quotes = evidence.markets[venue, board[0], board[1], board[2]]
            case = Case(board, evidence.expected.opinions[board][venue], quotes, evidence.expected)
            groups[venue, board[0], board[1]].append((found, explained(case)))
    for group, some in groups.items():
        yield from _lines(evidence, group, some)


def _alone(evidence: Evidence) -> Iterator[Finding]:
    """Single prices whose market their venue does not quote in full, and which pay far more than is expected."""
    expected = evidence.expected
    for (venue, kind, count, quarters), best in evidence.best.items():
        if kind not in BY_GOALS or (venue, (kind, count, quarters)) in expected.totals:
            continue
        for (selection, side), quote in best.items():
            chance, sign = 1 / abs(quote.rank), 1 if side is Side.BACK else -1
            opinion = Opinion(venue, quote.venue.desk, {selection: chance}, False)
            others = expected.logit_of(quote.claim, opinion)
            if others is None:
                continue
            limit = FAR_FROM_VIEW if abs(others) <= LONGSHOT else FAR_LONGSHOT_FROM_VIEW
            if sign * (others - logit(chance)) > limit:
                words = f"{venue} {quote.claim}: it pays for a chance of {chance:.3f}, not {1 / (1 + exp(-others)):.3f}"
                turned = abs(logit(1 - chance) - others) <= FAR_FROM_VIEW
                contract = quote.venue.type is VenueType.PREDICTION
                yield quote, Reason("yes_no_inverted" if contract and turned else "outlier", words)


def _lines(evidence: Evidence, group: Group, some: list[tuple[Far, Explanation | None]]) -> Iterator[Finding]:
    """The far lines of one kind, each by the error that explains most of them, and their like where they are many."""
    names = Counter(why.name for _, why in some if why is not None)
    name = names.most_common(1)[0][0] if names else None
    for found, why in some:
        venue, board = found.venue, found.board
        reason = _reason(found, why if why is not None and why.name == name else None)
        for quote in evidence.markets[venue, board[0], board[1], board[2]]:
            yield quote, reason
    expected, far = evidence.expected, {found.board for found, _ in some}
    lines = {
        board
        for venue, board in (*expected.measured, *expected.totals)
        if (venue, board[0], board[1]) == group
    }
    broken = {one for one in lines - far if expected.totals.get((group[0], one), 1.0) < _BROKEN}
    near = {
        one
        for one in lines - far
        if (like := expected.measured.get((group[0], one))) and like.limits > _NEARLY
    }
    count = len(far | broken | near)
    if far != lines and count >= (1 if name in OF_ALL_LINES else 2) and count >= _PART_OF_LINES * len(lines):
        words = f"{group[0]} {some[0][0].board[0]}: {count} of its {len(lines)} lines are wrong, and this is their like"
        for quote in evidence.quotes:
            if (quote.venue.id, quote.claim.kind, (quote.claim.period, quote.claim.subject)) == group:
                yield quote, Reason(name or "outlier", words)


def _venues(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """The venues that are far in most they say, with words."""
    kinds: dict[str, set[Group]] = defaultdict(set)
    counts = Counter(venue for venue, _ in evidence.expected.far)
    markets = Counter(venue for venue, _ in evidence.expected.measured)
    for venue, board in evidence.expected.far:
        kinds[venue].add((venue, board[0], board[1]))
    for venue, count in counts.items():
        if len(kinds[venue]) >= _KINDS and count >= _PART_OF_MARKETS * markets[venue]:
            yield venue, f"{venue}: {count} of its {markets[venue]} markets are far from all others"


def _turned(evidence: Evidence, venue: str) -> bool:
    """Whether most of a venue's far markets agree with the others once home and away are exchanged."""
    expected, turned = evidence.expected, []
    for whose, board in expected.far:
        if whose == venue and board[0] in _TWO_SIDED:
            opinion = expected.opinions[board][venue]
            mirror = (board[0], board[1], -board[2])
            left = []
            for selection, chance in opinion.chances.items():
                others = expected.logit_of(claim_of(mirror, _OTHER.get(selection, selection)), opinion)
                left.append(AGREES + 1 if others is None else abs(logit(chance) - others))
            turned.append(max(left) <= AGREES)
    return len(turned) > 1 and 2 * sum(turned) > len(turned)


def _reason(found: Far, why: Explanation | None) -> Reason:
    whose = f"{found.desks} others" if found.desks else "the others' other markets"
    words = (
        f"{found.venue} {_board(found.board)}: {found.selection} has a chance of {found.chance:.3f},"
        f" by {whose} {found.others:.3f}"
    )
    return Reason("outlier", words) if why is None else Reason(why.name, f"{words}; {why.words}")


def _board(board: Board) -> str:
    kind, (period, subject), quarters = board
    words = [word for word in (subject, period.value) if word not in ("goals", "ft")]
    return "_".join([*words, kind.value]) + (f" {quarters / 4:g}" if quarters else "")

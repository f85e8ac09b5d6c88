"""A reference for how bets on a match of sets, such as tennis, are settled.

Written as one would settle by hand. A match is its sets in order, each by the games both sides won. A bet looks at
sets won, at games won, or at one set alone, and is then settled on that count like any other. Where a player gives
up, a rule of the venue says what stands:

* ``retired``: from when on a bet on the winner of the match stands: ``first_point``, ``first_set``, ``two_sets``
  or ``match_complete``. If it stands, the one who went on has won.
* ``retired_others``: what of the other bets on the match stands: ``certain`` (every way in which play could have gone
  on settles the bet alike), ``reached`` (only what the games played have settled already) or ``void`` (nothing).
* ``retired_loser``: ``lose``, or ``void`` where the backers of the one who gave up get their stakes back.
* ``retired_set``: ``void``, or ``progressing`` where the winner of the set in play is the one who went on.

In any case bets on a single set that was finished stand, and the score in sets (`correct_score`) is given back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.oracles.settlement_reference import LOST, PUSH, WON, Settlement, settle

SET_PERIODS = ("s1", "s2", "s3", "s4", "s5")
RETIRED = ("first_point", "first_set", "two_sets", "match_complete")
RETIRED_OTHERS = ("certain", "reached", "void")
_WINNING = ((6, 0), (6, 1), (6, 2), (6, 3), (6, 4), (7, 5), (7, 6))
SET_ENDS = (*_WINNING, *((away, home) for home, away in _WINNING))
"""How a set with a tie-break at six all can end."""

Games = tuple[int, int]


@dataclass(frozen=True)
class Sets:
    """A match of sets: games of each in order, how many sets at most, and who gave up (``home``, ``away`` or None).

    If nobody gave up, every set is finished, a match tie-break counting as a set of 1:0. If somebody did, the last
    set may be one that was still going on.
    """

    sets: tuple[Games, ...]
    best_of: int = 3
    retired: str | None = None


def is_finished(games: Games) -> bool:
    """Whether a set with these games is over: six with a lead of two, or seven against five or six.

    >>> is_finished((6, 4)), is_finished((6, 5)), is_finished((7, 6)), is_finished((9, 7))
    (True, False, True, True)
    """
    more, fewer = max(games), min(games)
    return (more >= 6 and more - fewer >= 2) or (more, fewer) == (7, 6)


def sets_won(sets: tuple[Games, ...]) -> Games:
    """How many of these finished sets each side won."""
    return sum(home > away for home, away in sets), sum(home < away for home, away in sets)


def finished_sets(match: Sets) -> tuple[Games, ...]:
    """The sets of a match that were played to their end."""
    if match.retired is not None and match.sets and not is_finished(match.sets[-1]):
        return match.sets[:-1]
    return match.sets


def count_in(match: Sets, period: str, subject: str) -> Games | None:
    """The count of a finished match for a subject (``sets``, ``goals`` for the same, ``games``) and a period.

    None where the period is a set that was not played. Raises ValueError for an unknown period or subject.
    """
    if subject not in ("goals", "sets", "games"):
        raise ValueError(f"no such subject of sets: {subject}")
    played = match.sets
    if period in SET_PERIODS:
        which = SET_PERIODS.index(period)
        if which >= len(played):
            return None
        played = played[which : which + 1]
    elif period != "ft":
        raise ValueError(f"no such period of sets: {period}")
    if subject == "games":
        return sum(home for home, _ in played), sum(away for _, away in played)
    return sets_won(played)


def _settle_count(kind: str, selection: str, line: Fraction | None, count: Games | None) -> Settlement:
    if count is None:
        return PUSH
    return settle("draw_no_bet" if kind == "moneyline" else kind, selection, line, *count)


def _set_ends(games: Games) -> tuple[Games, ...]:
    """How a set that stands at these games can end; as it is, if it has ended."""
    if is_finished(games):
        return (games,)
    return tuple(end for end in SET_ENDS if end[0] >= games[0] and end[1] >= games[1])


def counts_on(match: Sets, subject: str) -> set[Games]:
    """Every final count that a match which stopped could still have come to, whoever gave up."""
    needed = match.best_of // 2 + 1
    ended: set[tuple[Games, Games]] = set()
    going = {((0, 0), (0, 0))}
    sets_so_far: list[Games | None] = [*match.sets, *[None] * (match.best_of - len(match.sets))]
    for played in sets_so_far:
        after: set[tuple[Games, Games]] = set()
        for sets, games in going:
            for home, away in SET_ENDS if played is None else _set_ends(played):
                won = sets_won(((home, away),))
                both = (sets[0] + won[0], sets[1] + won[1])
                state = (both, (games[0] + home, games[1] + away))
                (ended if max(both) == needed else after).add(state)
        going = after
    return {games if subject == "games" else sets for sets, games in ended}


def _settle_certain(
    kind: str, selection: str, line: Fraction | None, period: str, subject: str, match: Sets
) -> Settlement:
    """What every way on agrees about; a refund where two disagree. Of single sets only the one in play."""
    if period == "ft":
        counts = counts_on(match, subject)
    else:
        which = SET_PERIODS.index(period)
        if which >= len(match.sets):
            return PUSH
        counts = {end if subject == "games" else sets_won((end,)) for end in _set_ends(match.sets[which])}
    settled = {_settle_count(kind, selection, line, count) for count in counts}
    return settled.pop() if len(settled) == 1 else PUSH


def _settle_reached(
    kind: str, selection: str, line: Fraction | None, period: str, subject: str, match: Sets
) -> Settlement:
    """Totals that the games or finished sets so far have passed; a refund for everything else."""
    so_far = match if subject == "games" else Sets(finished_sets(match), match.best_of)
    count = count_in(so_far, period, subject)
    if count is None or kind not in ("total", "team_total_home", "team_total_away"):
        return PUSH
    over = settle(kind, "over", line, *count)
    if over != WON:
        return PUSH
    return over if selection == "over" else LOST


def _winner_stands(match: Sets, rule: str) -> bool:
    if rule not in RETIRED:
        raise ValueError(f"no such rule for one who gives up: {rule}")
    if not match.sets or rule == "match_complete":
        return False
    return len(finished_sets(match)) >= {"first_point": 0, "first_set": 1, "two_sets": 2}[rule]


def settle_sets(
    kind: str,
    selection: str,
    line: Fraction | None,
    period: str,
    subject: str,
    match: Sets,
    rules: Mapping[str, object] | None = None,
) -> Settlement:
    """Return the won and the refunded share of a stake on a match of sets.

    ``rules`` are the venue's words on giving up, as in the module's text; they are needed only when somebody did.
    A set that was not played gives stakes back. Raises ValueError for unknown words, or when a rule is missing.
    """
    if match.retired is None:
        return _settle_count(kind, selection, line, count_in(match, period, subject))
    if rules is None or "retired" not in rules:
        raise ValueError("somebody gave up: the venue's rule is needed")
    goes_on = "away" if match.retired == "home" else "home"
    won: Settlement = WON if selection == goes_on else LOST
    whole_match = period == "ft"
    if whole_match and kind == "moneyline" and subject != "games":
        if not _winner_stands(match, str(rules["retired"])):
            return PUSH
        return PUSH if won == LOST and rules.get("retired_loser") == "void" else won
    if whole_match and kind == "correct_score":
        return PUSH
    done = finished_sets(match)
    if not whole_match:
        which = SET_PERIODS.index(period)
        if which < len(done):
            return _settle_count(kind, selection, line, count_in(match, period, subject))
        in_play = which == len(done) and len(match.sets) > len(done)
        if in_play and kind == "moneyline" and rules.get("retired_set") == "progressing":
            return won
    others = rules.get("retired_others", "void")
    if others not in RETIRED_OTHERS:
        raise ValueError(f"no such rule for the other bets: {others}")
    if others == "void" or not match.sets:
        return PUSH
    by_rule = _settle_certain if others == "certain" else _settle_reached
    return by_rule(kind, selection, line, period, subject, match)

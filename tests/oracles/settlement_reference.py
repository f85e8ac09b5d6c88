"""A reference for how bets on a score are settled.

`settle` answers for one score, ``home`` goals to ``away`` goals, of one period: 90 minutes and stoppage time, the
first half, the second half, or the final count with overtime. `settle_score` picks that period's count out of a
`Score` and settles what looks at more than one count: half-time with full time, and who goes through.

An answer is a pair ``(won, refunded)``: the share of the stake that wins at the full odds and the share
that is given back. What is left, ``1 - won - refunded``, is lost.

Lines:

* ``asian_handicap``: the line is always the home side's, for both selections. ``("away", -1/2)`` therefore
  means that the home side gives half a goal and we stand against it.
* ``european_handicap``: a whole number of goals added to the home score before a three-way result is read.
* totals: the number of goals to beat.

A quarter line is two bets of half the stake each, one on the line a quarter below and one a quarter above;
the code below does just that.
"""

from dataclasses import dataclass
from fractions import Fraction

Settlement = tuple[Fraction, Fraction]

WON: Settlement = (Fraction(1), Fraction(0))
PUSH: Settlement = (Fraction(0), Fraction(1))
LOST: Settlement = (Fraction(0), Fraction(0))

KINDS_WITH_LINE = (
    "asian_handicap",
    "european_handicap",
    "total",
    "asian_total",
    "team_total_home",
    "team_total_away",
)
KINDS_WITHOUT_LINE = (
    "1x2",
    "double_chance",
    "draw_no_bet",
    "btts",
    "correct_score",
    "odd_even",
    "win_to_nil",
    "exact_total",
)


def _yes(condition: bool) -> Settlement:
    """A bet that wins when the condition holds and otherwise loses."""
    return WON if condition else LOST


def _above_zero(margin: Fraction) -> Settlement:
    """A bet that wins on a positive margin, is refunded on a zero one and loses on a negative one."""
    if margin > 0:
        return WON
    if margin == 0:
        return PUSH
    return LOST


def _margin_for(kind: str, selection: str, line: Fraction, home: int, away: int) -> Fraction:
    """By how many goals the selection is ahead of a whole or half line."""
    if kind == "asian_handicap":
        home_ahead_by = home + line - away
        return {"home": home_ahead_by, "away": -home_ahead_by}[selection]
    if kind == "team_total_home":
        goals = home
    elif kind == "team_total_away":
        goals = away
    else:
        goals = home + away
    return {"over": goals - line, "under": line - goals}[selection]


def _on_a_line(kind: str, selection: str, line: Fraction, home: int, away: int) -> Settlement:
    """Settle a handicap or a total on a whole, half or quarter line."""
    if (line * 2).denominator == 1:
        return _above_zero(_margin_for(kind, selection, line, home, away))
    if (line * 4).denominator != 1:
        raise ValueError(f"{line} is not on the quarter grid")
    quarter = Fraction(1, 4)
    first_half_stake = _above_zero(_margin_for(kind, selection, line - quarter, home, away))
    second_half_stake = _above_zero(_margin_for(kind, selection, line + quarter, home, away))
    won = first_half_stake[0] / 2 + second_half_stake[0] / 2
    refunded = first_half_stake[1] / 2 + second_half_stake[1] / 2
    return won, refunded


def _three_way(selection: str, home_goals: Fraction, away_goals: int) -> Settlement:
    """Settle home, draw or away on two goal counts."""
    if selection == "home":
        return _yes(home_goals > away_goals)
    if selection == "draw":
        return _yes(home_goals == away_goals)
    if selection == "away":
        return _yes(home_goals < away_goals)
    raise ValueError(f"no such selection: {selection}")


def _within(goals: int, selection: str) -> bool:
    """Whether a number of goals is the one named (3), in the range named (2-3), or as many or more (7+)."""
    least, dash, most = selection.partition("-")
    if selection.endswith("+") and selection[:-1].isdigit():
        return goals >= int(selection[:-1])
    if selection.isdigit():
        return goals == int(selection)
    if dash and least.isdigit() and most.isdigit() and int(least) < int(most):
        return int(least) <= goals <= int(most)
    raise ValueError(f"no such selection: {selection}")


def _without_line(kind: str, selection: str, home: int, away: int) -> Settlement:
    """Settle the kinds that have no line."""
    goals = home + away
    if kind == "1x2":
        return _three_way(selection, Fraction(home), away)
    if kind == "correct_score":
        home_text, away_text = selection.split("-")
        return _yes(home == int(home_text) and away == int(away_text))
    if kind == "exact_total":
        return _yes(_within(goals, selection))
    answers: dict[tuple[str, str], Settlement] = {
        ("double_chance", "home_draw"): _yes(home >= away),
        ("double_chance", "draw_away"): _yes(home <= away),
        ("double_chance", "home_away"): _yes(home != away),
        ("draw_no_bet", "home"): PUSH if home == away else _yes(home > away),
        ("draw_no_bet", "away"): PUSH if home == away else _yes(home < away),
        ("btts", "yes"): _yes(home > 0 and away > 0),
        ("btts", "no"): _yes(home == 0 or away == 0),
        ("odd_even", "odd"): _yes(goals % 2 == 1),
        ("odd_even", "even"): _yes(goals % 2 == 0),
        ("win_to_nil", "home"): _yes(home > 0 and away == 0),
        ("win_to_nil", "away"): _yes(away > 0 and home == 0),
    }
    if (kind, selection) not in answers:
        raise ValueError(f"no such bet: {kind} {selection}")
    return answers[kind, selection]


def settle(kind: str, selection: str, line: Fraction | None, home: int, away: int) -> Settlement:
    """Return the won and the refunded share of a stake, given the score.

    Raises ValueError for an unknown kind or selection, a line where none belongs, a missing line, or a line
    off the quarter grid (for ``european_handicap``: not a whole number).
    """
    if home < 0 or away < 0:
        raise ValueError("goals cannot be negative")
    if kind in KINDS_WITHOUT_LINE:
        if line is not None:
            raise ValueError(f"{kind} has no line")
        return _without_line(kind, selection, home, away)
    if kind not in KINDS_WITH_LINE:
        raise ValueError(f"no such kind: {kind}")
    if line is None:
        raise ValueError(f"{kind} needs a line")
    if kind == "european_handicap":
        if line.denominator != 1:
            raise ValueError("a European handicap is a whole number")
        return _three_way(selection, home + line, away)
    if selection not in (("home", "away") if kind == "asian_handicap" else ("over", "under")):
        raise ValueError(f"no such bet: {kind} {selection}")
    return _on_a_line(kind, selection, line, home, away)


@dataclass(frozen=True)
class Score:
    """A match by its counts: at the end of regulation, at half-time, with overtime, and who went through.

    ``half_home``, ``half_away``, ``final_home`` and ``final_away`` are None where nobody wrote them down;
    ``qualified`` is ``home``, ``away`` or None, penalties included.
    """

    home: int
    away: int
    half_home: int | None = None
    half_away: int | None = None
    final_home: int | None = None
    final_away: int | None = None
    qualified: str | None = None


def count_in(score: Score, period: str) -> tuple[int, int]:
    """The goals of both sides in a period: ``ft``, ``1h``, ``2h`` or ``ot`` (the final count).

    Raises ValueError where that count was not written down, or there is no such period.
    """
    if period == "ft":
        return score.home, score.away
    if period == "ot":
        if score.final_home is None or score.final_away is None:
            raise ValueError("the final count is not known")
        return score.final_home, score.final_away
    if score.half_home is None or score.half_away is None:
        raise ValueError("the count at half-time is not known")
    if period == "1h":
        return score.half_home, score.half_away
    if period == "2h":
        return score.home - score.half_home, score.away - score.half_away
    raise ValueError(f"no such period: {period}")


def settle_score(kind: str, selection: str, line: Fraction | None, period: str, score: Score) -> Settlement:
    """Return the won and the refunded share of a stake on a match.

    ``ht_ft`` reads ``home/draw`` as ahead at half-time, level at the end of regulation. ``to_qualify`` is who
    went through. ``moneyline`` has no draw on offer: level gives the stake back. All other kinds are settled
    by `settle` on the period's count. Raises ValueError as `settle` and `count_in` do.
    """
    if kind == "to_qualify":
        if selection not in ("home", "away"):
            raise ValueError(f"no such bet: {kind} {selection}")
        if score.qualified is None:
            raise ValueError("who went through is not known: no such result")
        return _yes(selection == score.qualified)
    if kind == "ht_ft":
        at_half, _, at_end = selection.partition("/")
        first = settle("1x2", at_half, line, *count_in(score, "1h"))
        last = settle("1x2", at_end, line, *count_in(score, "ft"))
        return _yes(first == WON and last == WON)
    home, away = count_in(score, period)
    if kind == "moneyline":
        return settle("draw_no_bet", selection, line, home, away)
    return settle(kind, selection, line, home, away)


def settle_winner(selection: str, winners: set[str], winners_places: int) -> Settlement:
    """Settle a bet that the selection is among the winners, with dead heats.

    ``winners`` are all who finished in a paid place, ``winners_places`` is how many places are paid. When
    more share the places than there are places, each wins ``places / sharers`` of the stake at full odds
    and loses the rest.
    """
    if winners_places < 1:
        raise ValueError("at least one place is paid")
    if selection not in winners:
        return LOST
    if len(winners) <= winners_places:
        return WON
    return Fraction(winners_places, len(winners)), Fraction(0)


def gross(kind: str, selection: str, line: Fraction | None, odds: Fraction, home: int, away: int) -> Fraction:
    """What a backer gets back for each unit staked, stake included, at decimal odds."""
    won, refunded = settle(kind, selection, line, home, away)
    return won * odds + refunded


def lay_gross(
    kind: str, selection: str, line: Fraction | None, odds: Fraction, home: int, away: int
) -> Fraction:
    """What a layer gets back for each unit of liability, liability included, before commission.

    Laying one unit of a backer's stake at ``odds`` puts ``odds - 1`` at risk. The layer keeps the lost
    share of the backer's stake, gives up the won share of the liability, and gets the rest of the liability
    back.
    """
    if odds <= 1:
        raise ValueError("lay odds must be above 1")
    won, refunded = settle(kind, selection, line, home, away)
    lost = 1 - won - refunded
    liability = odds - 1
    kept_of_backers_stake = lost
    kept_of_liability = (1 - won) * liability
    return (kept_of_liability + kept_of_backers_stake) / liability


def _worked(
    kind: str, selection: str, line: str | None, score: str, won: str, refunded: str, note: str
) -> tuple[str, str, Fraction | None, int, int, Fraction, Fraction, str]:
    """One worked settlement, from the short form the table below is written in."""
    home, away = score.split(":")
    exact_line = None if line is None else Fraction(line)
    return kind, selection, exact_line, int(home), int(away), Fraction(won), Fraction(refunded), note


# Worked by hand, not by the code above: kind, selection, line, score, won share, refunded share, why.
WORKED: tuple[tuple[str, str, Fraction | None, int, int, Fraction, Fraction, str], ...] = (
    _worked("1x2", "home", None, "2:1", "1", "0", "the home side won"),
    _worked("1x2", "home", None, "1:1", "0", "0", "a draw is a loss for a home bet"),
    _worked("1x2", "draw", None, "0:0", "1", "0", "no goals is a draw"),
    _worked("1x2", "draw", None, "3:2", "0", "0", "not a draw"),
    _worked("1x2", "away", None, "0:1", "1", "0", "the away side won"),
    _worked("1x2", "away", None, "4:4", "0", "0", "a draw is a loss for an away bet"),
    _worked("double_chance", "home_draw", None, "1:1", "1", "0", "the draw is covered"),
    _worked("double_chance", "home_draw", None, "0:2", "0", "0", "the one result left out"),
    _worked("double_chance", "draw_away", None, "2:2", "1", "0", "the draw is covered"),
    _worked("double_chance", "draw_away", None, "1:0", "0", "0", "the one result left out"),
    _worked("double_chance", "home_away", None, "0:3", "1", "0", "somebody won"),
    _worked("double_chance", "home_away", None, "0:0", "0", "0", "nobody won"),
    _worked("draw_no_bet", "home", None, "1:0", "1", "0", "the home side won"),
    _worked("draw_no_bet", "home", None, "1:1", "0", "1", "the draw gives the stake back"),
    _worked("draw_no_bet", "home", None, "0:1", "0", "0", "the home side lost"),
    _worked("draw_no_bet", "away", None, "2:2", "0", "1", "the draw gives the stake back to both sides"),
    _worked("draw_no_bet", "away", None, "2:3", "1", "0", "the away side won"),
    _worked("asian_handicap", "home", "0", "1:1", "0", "1", "level line: the same as draw no bet"),
    _worked("asian_handicap", "home", "-1/2", "1:0", "1", "0", "the same as a home win in the 1x2"),
    _worked("asian_handicap", "home", "-1/2", "1:1", "0", "0", "a draw does not cover half a goal given"),
    _worked("asian_handicap", "home", "1/2", "1:1", "1", "0", "the same as home or draw"),
    _worked(
        "asian_handicap", "home", "1/2", "0:1", "0", "0", "one goal down is more than half a goal received"
    ),
    _worked(
        "asian_handicap", "away", "1/2", "1:1", "0", "0", "home receives half a goal: away must win outright"
    ),
    _worked("asian_handicap", "away", "1/2", "1:2", "1", "0", "the same as an away win in the 1x2"),
    _worked("asian_handicap", "away", "-1/2", "0:0", "1", "0", "home gives half a goal: the draw pays away"),
    _worked("asian_handicap", "away", "-1/2", "2:1", "0", "0", "home covered the half goal"),
    _worked("asian_handicap", "home", "-1", "2:1", "0", "1", "won by exactly the line: refund"),
    _worked("asian_handicap", "home", "-1", "3:1", "1", "0", "won by more than the line"),
    _worked("asian_handicap", "home", "-1", "1:1", "0", "0", "a draw is a goal short"),
    _worked("asian_handicap", "away", "-1", "2:1", "0", "1", "the other side of the same refund"),
    _worked("asian_handicap", "away", "-1", "0:0", "1", "0", "away is a goal up on the line"),
    _worked("asian_handicap", "home", "-1/4", "1:1", "0", "1/2", "0 gives back, -1/2 loses: half lost"),
    _worked("asian_handicap", "home", "-1/4", "1:0", "1", "0", "both halves win"),
    _worked(
        "asian_handicap", "away", "-1/4", "1:1", "1/2", "1/2", "away at -1/2 wins, at 0 gives back: half won"
    ),
    _worked("asian_handicap", "home", "1/4", "0:0", "1/2", "1/2", "+1/2 wins, 0 gives back: half won"),
    _worked("asian_handicap", "home", "1/4", "0:1", "0", "0", "both halves lose"),
    _worked(
        "asian_handicap", "away", "1/4", "0:0", "0", "1/2", "away at 0 gives back, at +1/2 loses: half lost"
    ),
    _worked("asian_handicap", "home", "-3/4", "1:0", "1/2", "1/2", "-1/2 wins, -1 gives back: half won"),
    _worked("asian_handicap", "home", "-3/4", "2:0", "1", "0", "two clear goals win both halves"),
    _worked(
        "asian_handicap", "away", "-3/4", "1:0", "0", "1/2", "away at -1/2 loses, at -1 gives back: half lost"
    ),
    _worked("asian_handicap", "home", "-5/4", "1:0", "0", "1/2", "-1 gives back, -3/2 loses: half lost"),
    _worked("asian_handicap", "home", "-7/4", "3:1", "1/2", "1/2", "-3/2 wins, -2 gives back: half won"),
    _worked("asian_handicap", "home", "3/4", "0:1", "0", "1/2", "+1/2 loses, +1 gives back: half lost"),
    _worked(
        "asian_handicap", "away", "5/4", "0:1", "0", "1/2", "home +1 gives back, home +3/2 wins: half lost"
    ),
    _worked(
        "asian_handicap", "away", "3/4", "0:1", "1/2", "1/2", "home +1/2 loses, home +1 gives back: half won"
    ),
    _worked("total", "over", "5/2", "2:1", "1", "0", "three goals"),
    _worked("total", "under", "5/2", "1:1", "1", "0", "two goals"),
    _worked("total", "over", "5/2", "2:0", "0", "0", "two goals are not over two and a half"),
    _worked("total", "over", "3", "2:1", "0", "1", "exactly three: refund"),
    _worked("total", "under", "3", "0:3", "0", "1", "exactly three: refund for both sides"),
    _worked("asian_total", "over", "9/4", "1:1", "0", "1/2", "2 gives back, 5/2 loses: half lost"),
    _worked("asian_total", "under", "9/4", "1:1", "1/2", "1/2", "2 gives back, 5/2 wins: half won"),
    _worked("asian_total", "over", "11/4", "2:1", "1/2", "1/2", "5/2 wins, 3 gives back: half won"),
    _worked("asian_total", "under", "11/4", "2:1", "0", "1/2", "5/2 loses, 3 gives back: half lost"),
    _worked("asian_total", "over", "11/4", "2:2", "1", "0", "four goals win both halves"),
    _worked("asian_total", "under", "11/4", "2:0", "1", "0", "two goals win both halves"),
    _worked("asian_total", "over", "1/2", "0:0", "0", "0", "no goal"),
    _worked("asian_total", "over", "3/4", "1:0", "1/2", "1/2", "1/2 wins, 1 gives back: half won"),
    _worked(
        "european_handicap", "home", "-1", "3:1", "1", "0", "2:1 after the handicap; the same as Asian -3/2"
    ),
    _worked("european_handicap", "home", "-1", "2:1", "0", "0", "1:1 after the handicap: no refund here"),
    _worked("european_handicap", "draw", "-1", "2:1", "1", "0", "1:1 after the handicap"),
    _worked("european_handicap", "away", "-1", "1:1", "1", "0", "0:1 after the handicap"),
    _worked("european_handicap", "draw", "-2", "2:0", "1", "0", "won by exactly two"),
    _worked("european_handicap", "home", "1", "0:0", "1", "0", "1:0 after the handicap"),
    _worked("european_handicap", "draw", "1", "1:2", "1", "0", "2:2 after the handicap"),
    _worked("european_handicap", "away", "2", "0:3", "1", "0", "2:3 after the handicap"),
    _worked("btts", "yes", None, "1:1", "1", "0", "both scored"),
    _worked("btts", "yes", None, "3:0", "0", "0", "away did not score"),
    _worked("btts", "no", None, "0:0", "1", "0", "neither scored"),
    _worked("btts", "no", None, "1:2", "0", "0", "both scored"),
    _worked("team_total_home", "over", "3/2", "2:5", "1", "0", "home scored two, whatever away did"),
    _worked("team_total_home", "under", "3/2", "2:0", "0", "0", "home scored two"),
    _worked("team_total_away", "under", "1/2", "4:0", "1", "0", "away scored none"),
    _worked("team_total_away", "over", "1", "0:1", "0", "1", "away scored exactly one: refund"),
    _worked("team_total_home", "over", "5/4", "1:3", "0", "1/2", "1 gives back, 3/2 loses: half lost"),
    _worked("correct_score", "2-1", None, "2:1", "1", "0", "the score"),
    _worked("correct_score", "2-1", None, "1:2", "0", "0", "the score the other way round"),
    _worked("correct_score", "10-0", None, "10:0", "1", "0", "two digits"),
    _worked("odd_even", "even", None, "0:0", "1", "0", "none is even"),
    _worked("odd_even", "odd", None, "2:1", "1", "0", "three is odd"),
    _worked("odd_even", "odd", None, "3:1", "0", "0", "four is even"),
    _worked("win_to_nil", "home", None, "1:0", "1", "0", "won and let none in"),
    _worked("win_to_nil", "home", None, "2:1", "0", "0", "let one in"),
    _worked("win_to_nil", "home", None, "0:0", "0", "0", "did not win"),
    _worked("win_to_nil", "away", None, "0:2", "1", "0", "won and let none in"),
    _worked("exact_total", "0", None, "0:0", "1", "0", "no goals"),
    _worked("exact_total", "3", None, "1:2", "1", "0", "three goals"),
    _worked("exact_total", "6", None, "4:3", "0", "0", "seven is not six"),
    _worked("exact_total", "7+", None, "4:3", "1", "0", "seven is in seven or more"),
    _worked("exact_total", "7+", None, "3:3", "0", "0", "six is not"),
)

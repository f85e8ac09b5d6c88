"""Settlement: what a claim pays in a result. One small rule per kind of market, in one table."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind
from crossbook.model.result import Finish, Resolution, Result, Score, Void


class Settlement(NamedTuple):
    """The shares of a stake that are paid at the full odds and that are given back; the rest is lost."""

    won: Fraction
    refunded: Fraction


_ZERO, _HALF, _ONE = Fraction(0), Fraction(1, 2), Fraction(1)
WON: Final = Settlement(_ONE, _ZERO)
LOST: Final = Settlement(_ZERO, _ZERO)
REFUNDED: Final = Settlement(_ZERO, _ONE)
HALF_WON: Final = Settlement(_HALF, _HALF)
HALF_LOST: Final = Settlement(_ZERO, _HALF)


def settle(claim: Claim, result: Result) -> Settlement:
    """What the claim pays: won share at the odds, refunded share back, the rest lost.

    Raises BadData when the result is of another kind than the claim (a score for a race, say).

    >>> settle(Claim.of(Kind.ASIAN_HANDICAP, "home", Fraction(-1, 4)), Score(1, 1)) == HALF_LOST
    True
    """
    if isinstance(result, Void):
        return REFUNDED
    if isinstance(result, Score):
        rule = _BY_SCORE.get(claim.kind)
        if rule is not None:
            return rule(claim, *result.of(claim.period))
    elif isinstance(result, Finish) and claim.kind in (Kind.WINNER, Kind.PLACE):
        return _by_finish(claim, result)
    elif isinstance(result, Resolution) and claim.kind is Kind.CONTRACT:
        return Settlement(Fraction(result.paid_numerator, result.paid_denominator), _ZERO)
    raise BadData(f"result: {claim.kind.value} is not decided by a {type(result).__name__}")


def _when(true: bool) -> Settlement:
    return WON if true else LOST


def _by_margin(quarters: int) -> Settlement:
    """Asian settlement of the count beyond the line, in quarters; a quarter is half a stake on each neighbour."""
    if quarters > 1:
        return WON
    if quarters == 1:
        return HALF_WON
    if quarters == 0:
        return REFUNDED
    return HALF_LOST if quarters == -1 else LOST


def _match_result(claim: Claim, home: int, away: int) -> Settlement:
    return _when(claim.selection == ("home" if home > away else "away" if away > home else "draw"))


def _double_chance(claim: Claim, home: int, away: int) -> Settlement:
    return _when(("home" if home > away else "away" if away > home else "draw") in claim.selection.split("_"))


def _two_way(claim: Claim, home: int, away: int) -> Settlement:
    return REFUNDED if home == away else _match_result(claim, home, away)


def _asian_handicap(claim: Claim, home: int, away: int) -> Settlement:
    margin = 4 * (home - away) + claim.quarters
    return _by_margin(margin if claim.selection == "home" else -margin)


def _european_handicap(claim: Claim, home: int, away: int) -> Settlement:
    return _match_result(claim, home + claim.quarters // 4, away)


def _over_under(claim: Claim, count: int) -> Settlement:
    margin = 4 * count - claim.quarters
    return _by_margin(margin if claim.selection == "over" else -margin)


def _exact_total(claim: Claim, home: int, away: int) -> Settlement:
    if claim.selection.endswith("+"):
        return _when(home + away >= int(claim.selection[:-1]))
    low, _, high = claim.selection.partition("-")
    return _when(int(low) <= home + away <= int(high or low))


def _odd_even(claim: Claim, home: int, away: int) -> Settlement:
    return _when(claim.selection == ("odd" if (home + away) % 2 else "even"))


def _win_to_nil(claim: Claim, home: int, away: int) -> Settlement:
    won, conceded = (home > away, away) if claim.selection == "home" else (away > home, home)
    return _when(won and conceded == 0)


_BY_SCORE: Final[dict[Kind, Callable[[Claim, int, int], Settlement]]] = {
    Kind.MATCH_RESULT: _match_result,
    Kind.DOUBLE_CHANCE: _double_chance,
    Kind.DRAW_NO_BET: _two_way,
    Kind.MONEYLINE: _two_way,
    Kind.ASIAN_HANDICAP: _asian_handicap,
    Kind.EUROPEAN_HANDICAP: _european_handicap,
    Kind.TOTAL: lambda claim, home, away: _over_under(claim, home + away),
    Kind.TEAM_TOTAL_HOME: lambda claim, home, away: _over_under(claim, home),
    Kind.TEAM_TOTAL_AWAY: lambda claim, home, away: _over_under(claim, away),
    Kind.BOTH_TEAMS_TO_SCORE: lambda claim, home, away: _when(
        (claim.selection == "yes") == (home > 0 and away > 0)
    ),
    Kind.CORRECT_SCORE: lambda claim, home, away: _when(claim.selection == f"{home}-{away}"),
    Kind.EXACT_TOTAL: _exact_total,
    Kind.ODD_EVEN: _odd_even,
    Kind.WIN_TO_NIL: _win_to_nil,
}


def _by_finish(claim: Claim, finish: Finish) -> Settlement:
    """A dead heat of k runners for n places pays n/k of the stake at the full odds."""
    if claim.selection not in finish.runners:
        return LOST
    return Settlement(min(_ONE, Fraction(finish.places, len(finish.runners))), _ZERO)

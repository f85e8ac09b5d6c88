"""Settlement: what a claim pays in a result. One small rule per kind of market, in one table."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple, TypeAlias

from crossbook.base.errors import BadData
from crossbook.model.claim import RACES, Claim, Kind, Period
from crossbook.model.result import Race, Resolution, Result, Score, Sets, Void


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

_CountRule: TypeAlias = Callable[[Claim, int, int], Settlement]


def settle(claim: Claim, result: Result) -> Settlement:
    """What the claim pays: won share at the odds, refunded share back, the rest lost.

    A set that was not played refunds what was bet on it. Raises BadData when the result is of another kind than the
    claim (a score for a race, say), does not say what the claim needs (the half-time score, who went through), or is a
    match that somebody gave up, which is decided by each venue's rules and not by the result alone.

    >>> settle(Claim.of(Kind.ASIAN_HANDICAP, "home", Fraction(-1, 4)), Score(1, 1)) == HALF_LOST
    True
    """
    if isinstance(result, Void):
        return REFUNDED
    if isinstance(result, Score):
        rule = _BY_COUNT.get(claim.kind)
        if rule is not None:
            return rule(claim, *result.of(claim.period))
        whole = _BY_SCORE.get(claim.kind)
        if whole is not None:
            return whole(claim, result)
    elif isinstance(result, Sets):
        rule = _BY_COUNT.get(claim.kind)
        if rule is not None:
            return _by_sets(rule, claim, result)
    elif isinstance(result, Race) and claim.kind in RACES:
        return _by_race(claim, result)
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


def _leader(home: int, away: int) -> str:
    return "home" if home > away else "away" if away > home else "draw"


def _match_result(claim: Claim, home: int, away: int) -> Settlement:
    return _when(claim.selection == _leader(home, away))


def _double_chance(claim: Claim, home: int, away: int) -> Settlement:
    return _when(_leader(home, away) in claim.selection.split("_"))


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


_BY_COUNT: Final[dict[Kind, _CountRule]] = {
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


def _half_time_full_time(claim: Claim, score: Score) -> Settlement:
    half, end = claim.selection.split("/")
    return _when(
        half == _leader(*score.of(Period.FIRST_HALF)) and end == _leader(*score.of(Period.FULL_TIME))
    )


def _to_qualify(claim: Claim, score: Score) -> Settlement:
    if score.qualified not in ("home", "away"):
        raise BadData("qualified: who went through is needed, home or away")
    return _when(claim.selection == score.qualified)


_BY_SCORE: Final[dict[Kind, Callable[[Claim, Score], Settlement]]] = {
    Kind.HALF_TIME_FULL_TIME: _half_time_full_time,
    Kind.TO_QUALIFY: _to_qualify,
}


def _by_sets(rule: _CountRule, claim: Claim, result: Sets) -> Settlement:
    if result.retired is not None:
        raise BadData("retired: what a match that was given up does is each venue's rule, not the result's")
    count = result.of(claim.period, claim.subject)
    return REFUNDED if count is None else rule(claim, *count)


def _by_race(claim: Claim, race: Race) -> Settlement:
    """Each way is half a stake to win and half to be placed, where a place pays the fraction `line` of the odds.

    Odds o with the deduction d return 1 + (o - 1)(1 - d) = o (1 - d) + d, so what is won is won at 1 - d and refunded
    at d; a fraction f of the odds likewise is won at f and refunded at 1 - f.
    """
    runner = claim.selection
    if runner in race.withdrawn:
        return REFUNDED
    kept = 1 - race.reduction
    if claim.kind is Kind.EACH_WAY:
        fraction = (claim.line or _ONE) * kept
        first, placed = race.paid(runner, 1) / 2, race.paid(runner, claim.places) / 2
        return Settlement(first * kept + placed * fraction, first * (1 - kept) + placed * (1 - fraction))
    places = 1 if claim.kind is Kind.WINNER else claim.places or race.places
    paid = race.paid(runner, places)
    return Settlement(paid * kept, paid * (1 - kept))

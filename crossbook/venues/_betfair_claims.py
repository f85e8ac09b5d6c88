"""Claims of Betfair markets: what each runner says about the world, taken only where it is certain.

Football markets that other venues offer too get their own kinds. Every other market of plain odds is a contest
of its own: one of its runners wins (or so many of them are placed), and it is comparable with nothing else. A
market whose prices mean something else (lines, each way) or that does not say enough is refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from crossbook.base.errors import BadData
from crossbook.base.exact import exact
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Contest
from crossbook.venues._betfair_shapes import MarketDefinition, RunnerDefinition, RunnerKey

_FOOTBALL: Final = "1"
_TENNIS: Final = "2"
_ZERO: Final = Decimal(0)
_LARGEST_HANDICAP: Final = 1_000
_UNDER_OVER_TWO_AND_A_HALF: Final = (47972, 47973)
_BOTH_SCORE_YES: Final = 30246
_OVER_UNDER: Final = re.compile(r"(OVER_UNDER|FIRST_HALF_GOALS)_(\d{2,3})")
_SCORE: Final = re.compile(r"(0|[1-9]\d?) ?- ?(0|[1-9]\d?)")
_PLACE_TYPES: Final = frozenset({"PLACE", "OTHER_PLACE", "TO_BE_PLACED"})

Claims = dict[RunnerKey, Claim]
Said = Sequence[Claim | None]
"""What each runner says; None for one that says what no claim does, such as any other score."""
Runners = Sequence[RunnerDefinition]


def runner_key(selection: int, handicap: Decimal | None) -> RunnerKey:
    """What names a runner: selection id and handicap. Raises BadData when the handicap is no number."""
    if handicap is None:
        return selection, _ZERO
    if not handicap.is_finite() or abs(handicap) > _LARGEST_HANDICAP:
        raise BadData(f"hc: {handicap} is not a handicap")
    return selection, handicap


def two_sides(event_name: str) -> tuple[str, str] | None:
    """Home and away from an event's name, None where it does not name two sides.

    >>> two_sides("Ajax v Feyenoord"), two_sides("Lakers @ Celtics"), two_sides("Ham 14th Jun")
    (('Ajax', 'Feyenoord'), ('Celtics', 'Lakers'), None)
    """
    for mark in (" v ", " vs ", " @ "):
        first, found, second = event_name.partition(mark)
        if found and mark not in second:
            sides = first.strip(), second.strip()
            return sides if mark != " @ " else (sides[1], sides[0])
    return None


def claims_and_contest(market_id: str, definition: MarketDefinition) -> tuple[Claims, Contest | None]:
    """Claims of the active runners in the order shown, and the contest they need, if they are one.

    Raises BadData with the reason when it is not certain what the market's prices mean.
    """
    runners = definition.shown()
    if definition.betting_type == "ASIAN_HANDICAP_DOUBLE_LINE":
        return _active(runners, _asian_handicap(definition, runners)), None
    if definition.betting_type != "ODDS":
        raise BadData(f"bettingType: prices of {definition.betting_type or 'an unknown type'} are not read")
    if any(runner.hc for runner in runners):
        raise BadData("hc: a runner with a handicap in a market of plain odds")
    if definition.event_type_id == _FOOTBALL:
        over_under = _OVER_UNDER.fullmatch(definition.market_type)
        if over_under:
            period = Period.FULL_TIME if over_under[1] == "OVER_UNDER" else Period.FIRST_HALF
            return _active(runners, _total(runners, Fraction(int(over_under[2]), 10), period)), None
        rule = _FOOTBALL_RULES.get(definition.market_type)
        claims = rule(definition, runners) if rule else None
        if claims is not None:
            return _active(runners, claims), None
    if definition.event_type_id == _TENNIS and definition.market_type == "MATCH_ODDS" and len(runners) == 2:
        return _active(runners, _winner(definition, runners)), None
    return _contest(market_id, definition, runners)


def _active(runners: Runners, claims: Said) -> Claims:
    return {
        runner_key(runner.id, runner.hc): claim
        for runner, claim in zip(runners, claims, strict=True)
        if runner.is_active and claim is not None
    }


def _contest(market_id: str, definition: MarketDefinition, runners: Runners) -> tuple[Claims, Contest | None]:
    places = definition.number_of_winners
    if definition.market_type == "EACH_WAY":
        raise BadData(
            "marketType: of an each-way price it is not said whether the stake is for one bet or both"
        )
    if places < 1:
        raise BadData("numberOfWinners: the market does not say how many runners win")
    kind = Kind.PLACE if places > 1 or definition.market_type in _PLACE_TYPES else Kind.WINNER
    claims = _active(runners, [Claim.of(kind, str(runner.id), subject=market_id) for runner in runners])
    if not claims:
        return claims, None
    names = tuple(claim.selection for claim in claims.values())
    return claims, Contest(market_id, names, places, _must_win(definition, len(names)))


def _must_win(definition: MarketDefinition, active: int) -> bool:
    """Whether one of the active runners has to win.

    A race goes on without a removed runner, a match does not; of other markets "none of them" cannot be excluded.
    """
    if not definition.complete or definition.number_of_winners != 1 or active < 2:
        return False
    if definition.market_type == "MATCH_ODDS":
        return active == len(definition.runners)
    return definition.market_type == "WIN"


def _match_result(
    definition: MarketDefinition, runners: Runners, period: Period = Period.FULL_TIME
) -> list[Claim] | None:
    if len(runners) != 3 or sum(runner.is_draw for runner in runners) != 1:
        return None
    _check_sides(definition, [runner for runner in runners if not runner.is_draw])
    sides = iter(("home", "away"))
    names = ["draw" if runner.is_draw else next(sides) for runner in runners]
    return [Claim.of(Kind.MATCH_RESULT, name, None, period) for name in names]


def _half_time(definition: MarketDefinition, runners: Runners) -> list[Claim] | None:
    return _match_result(definition, runners, Period.FIRST_HALF)


def _draw_no_bet(definition: MarketDefinition, runners: Runners) -> list[Claim]:
    _check_sides(definition, runners)
    return [Claim.of(Kind.DRAW_NO_BET, side) for side in ("home", "away")]


def _to_qualify(definition: MarketDefinition, runners: Runners) -> list[Claim]:
    _check_sides(definition, runners)
    return [Claim.of(Kind.TO_QUALIFY, side) for side in ("home", "away")]


def _winner(definition: MarketDefinition, runners: Runners) -> list[Claim]:
    _check_sides(definition, runners)
    return [Claim.of(Kind.MONEYLINE, side, None, Period.OVERTIME) for side in ("home", "away")]


def _half_time_full_time(definition: MarketDefinition, runners: Runners) -> list[Claim] | None:
    """Runners such as ``Ajax/Draw``, the sides by their names; None where the event does not name them."""
    named = two_sides(definition.event_name or "")
    if named is None or named[0] == named[1] or len(runners) != 9:
        return None
    words = {named[0]: "home", named[1]: "away", "Draw": "draw", "The Draw": "draw"}
    pairs = [tuple(words.get(name.strip()) for name in (runner.name or "").split("/")) for runner in runners]
    if len(set(pairs)) != 9 or not all(len(pair) == 2 and all(pair) for pair in pairs):
        return None
    return [Claim.of(Kind.HALF_TIME_FULL_TIME, f"{half}/{end}") for half, end in pairs]


def _scores(
    _definition: MarketDefinition, runners: Runners, period: Period = Period.FULL_TIME
) -> Said | None:
    """Runners such as ``2 - 1``, home first, and those of any other score; None where one is neither."""
    found: list[Claim | None] = []
    for runner in runners:
        score = _SCORE.fullmatch((runner.name or "").strip())
        if score is None and not (runner.name or "").startswith("Any "):
            return None
        said = f"{score[1]}-{score[2]}" if score else ""
        found.append(Claim.of(Kind.CORRECT_SCORE, said, None, period) if said else None)
    return found


def _half_time_scores(definition: MarketDefinition, runners: Runners) -> Said | None:
    return _scores(definition, runners, Period.FIRST_HALF)


def _check_sides(definition: MarketDefinition, sides: Runners) -> None:
    """Home is shown first and away second; where names are given they must say the same."""
    if len(sides) != 2 or sides[0].sort_priority == sides[1].sort_priority:
        raise BadData("runners: home and away cannot be told apart")
    named = two_sides(definition.event_name or "")
    if named and all(side.name for side in sides) and tuple(side.name for side in sides) != named:
        raise BadData("runners: their order does not agree with the name of the event")


def _total(runners: Runners, line: Fraction, period: Period) -> list[Claim]:
    """Under is shown first and over second; names and known ids, where given, must say the same."""
    if len(runners) != 2 or runners[0].sort_priority == runners[1].sort_priority:
        raise BadData("runners: under and over cannot be told apart")
    for runner, word, known in zip(runners, ("under", "over"), _UNDER_OVER_TWO_AND_A_HALF, strict=True):
        wrong_name = runner.name and not runner.name.lower().startswith(word)
        if wrong_name or (runner.id in _UNDER_OVER_TWO_AND_A_HALF and runner.id != known):
            raise BadData("runners: under and over are not in their usual order")
    return [Claim.of(Kind.TOTAL, side, line, period) for side in ("under", "over")]


def _both_teams_to_score(_definition: MarketDefinition, runners: Runners) -> list[Claim] | None:
    names = [(runner.name or "").lower() for runner in runners]
    if names == ["no", "yes"]:
        return [Claim.of(Kind.BOTH_TEAMS_TO_SCORE, answer) for answer in names]
    by_id = names == ["", ""] and runners[0].id == _BOTH_SCORE_YES
    if names == ["yes", "no"] or by_id:
        return [Claim.of(Kind.BOTH_TEAMS_TO_SCORE, answer) for answer in ("yes", "no")]
    return None


def _double_chance(_definition: MarketDefinition, runners: Runners) -> list[Claim] | None:
    words = [_DOUBLE_CHANCE.get((runner.name or "").lower()) for runner in runners]
    if len(words) != 3 or len(set(words)) != 3:
        return None
    known = [word for word in words if word]
    return [Claim.of(Kind.DOUBLE_CHANCE, word) for word in known] if len(known) == 3 else None


_DOUBLE_CHANCE: Final = {
    "home or draw": "home_draw",
    "draw or away": "draw_away",
    "away or draw": "draw_away",
    "home or away": "home_away",
}
_FOOTBALL_RULES: Final[dict[str, Callable[[MarketDefinition, Runners], Said | None]]] = {
    "MATCH_ODDS": _match_result,
    "HALF_TIME": _half_time,
    "HALF_TIME_FULL_TIME": _half_time_full_time,
    "CORRECT_SCORE": _scores,
    "HALF_TIME_SCORE": _half_time_scores,
    "TO_QUALIFY": _to_qualify,
    "DRAW_NO_BET": _draw_no_bet,
    "BOTH_TEAMS_TO_SCORE": _both_teams_to_score,
    "DOUBLE_CHANCE": _double_chance,
}


def _asian_handicap(definition: MarketDefinition, runners: Runners) -> list[Claim]:
    """Each runner's own handicap is stated; ours is always the home side's."""
    if definition.event_type_id != _FOOTBALL or definition.market_type != "ASIAN_HANDICAP":
        raise BadData("marketType: handicaps are read for football matches only")
    named = two_sides(definition.event_name or "")
    if named is None or named[0] == named[1]:
        raise BadData("eventName: without it home and away of a handicap cannot be told apart")
    claims = []
    for runner in runners:
        line = exact(runner_key(runner.id, runner.hc)[1])
        if runner.name not in named:
            raise BadData(f"runners: {(runner.name or '')[:40]!r} is not a side of the event")
        side, home_line = ("home", line) if runner.name == named[0] else ("away", -line)
        claims.append(Claim.of(Kind.ASIAN_HANDICAP, side, home_line))
    return claims

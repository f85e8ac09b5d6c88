"""A reference for what happens to bets when an event does not run its course.

A `Scenario` says what happened, the rules are a venue's own words as small data, and the answer is what a person would
pay who holds the two side by side. Words of the rules:

* ``postponed_window_hours``: how long after the planned start a match may begin and bets on it stand: a number of
  hours, ``same_day`` or ``until_played``.
* ``resumed_window_hours``: the same for a match that stopped, until it is finished; else as for a postponed one.
* ``restarted``: ``stands`` or ``void``: a match that stopped and was begun again from nothing, in the window.
* ``abandoned``: a match that stopped and was not finished in time: ``void``, ``decided_stand`` (bets that nothing could
  have changed any more are settled), ``official`` (as the organisers declare it, if they do, else as decided_stand)
  or ``score_stands``.
* ``official_after``: after so much play (minutes or innings) the score at the stop is the result.
* ``awarded``: a result given by decision: ``on_field`` (what was played counts), ``void`` or ``awarded``.
* ``tied``: a winner bet without a draw that ends level: ``refund`` (else), ``dead_heat``.
* ``cancelled``: of contracts: ``fifty_fifty``, ``fair_price``, ``yes``, ``no`` or ``void``.

What a player who gives up does is in `sets_reference`, and withdrawn runners in `race_reference`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.oracles.race_reference import Resolution, Void, settle_contract
from tests.oracles.settlement_reference import PUSH, Score, Settlement, count_in, settle_score

RULE_WORDS: dict[str, tuple[str, ...]] = {
    "postponed_window_hours": ("same_day", "until_played"),
    "resumed_window_hours": ("same_day", "until_played"),
    "restarted": ("stands", "void"),
    "abandoned": ("void", "decided_stand", "official", "score_stands"),
    "official_after": (),
    "awarded": ("on_field", "void", "awarded"),
    "tied": ("refund", "dead_heat"),
    "cancelled": ("fifty_fifty", "fair_price", "yes", "no", "void"),
    "retired": ("first_point", "first_set", "two_sets", "match_complete"),
    "retired_others": ("certain", "reached", "void"),
    "retired_loser": ("lose", "void"),
    "retired_set": ("void", "progressing"),
    "withdrawn": ("refund", "lose"),
    "reduction_on": ("winnings", "price"),
}
"""Every word of the rules with the values it may have; those ending in hours, and official_after, also numbers."""
_NUMBERS = ("postponed_window_hours", "resumed_window_hours", "official_after")
_DOZEN = 12
SCENARIOS = (
    "postponed",
    "abandoned",
    "awarded",
    "tied",
    "cancelled",
    "retired",
    "walkover",
    "withdrawn",
)


@dataclass(frozen=True)
class Scenario:
    """How an event failed to run its course.

    ``what`` is one of `SCENARIOS`. ``hours`` after the planned start it began (postponed) or was finished
    (abandoned), None for never; ``same_day`` whether that was on the planned day. ``played`` is how much had been
    played at the stop. ``finished`` is how it ended when finished later, ``restarted`` whether from nothing.
    ``declared`` whether the organisers let the score at the stop stand. ``decision`` is an awarded result.
    ``price`` is what a venue thinks fair.
    """

    what: str
    hours: Fraction | None = None
    same_day: bool = False
    played: int | None = None
    finished: Score | None = None
    restarted: bool = False
    declared: bool = False
    decision: Score | None = None
    price: Fraction | None = None


def check_rules(rules: Mapping[str, object]) -> None:
    """Raise ValueError for a word or a value that nobody has explained."""
    for word, value in rules.items():
        if word not in RULE_WORDS:
            raise ValueError(f"no such rule: {word}")
        number = word in _NUMBERS and isinstance(value, int) and value >= 0
        if not number and value not in RULE_WORDS[word]:
            raise ValueError(f"{word}: no such value: {value}")


def within(window: object, hours: Fraction | None, *, same_day: bool) -> bool:
    """Whether something that came so many hours late still came in time. None is never."""
    if hours is None:
        return False
    if window == "until_played":
        return True
    if window == "same_day":
        return same_day
    if not isinstance(window, int):
        raise ValueError(f"no such window: {window}")
    return hours <= window


def _later_halves(score: Score, home: int, away: int) -> Iterator[tuple[int, int]]:
    if score.half_home is not None and score.half_away is not None:
        yield score.half_home, score.half_away
        return
    for half_home in range(score.home, home + 1):
        for half_away in range(score.away, away + 1):
            yield half_home, half_away


def ways_on(score: Score, more: int, *, halves: bool) -> Iterator[Score]:
    """Ways on from a score at the stop: up to a dozen more for both sides, and up to ``more`` for either alone.

    Where half-time is not known the match stopped before it, so all halves are tried (only if ``halves``).
    """
    both = range(min(more, _DOZEN) + 1)
    steps = {(home, away) for home in both for away in both}
    steps |= {(step, 0) for step in range(more + 1)} | {(0, step) for step in range(more + 1)}
    for home_more, away_more in sorted(steps):
        home, away = score.home + home_more, score.away + away_more
        if not halves:
            yield Score(home, away, score.half_home, score.half_away, home, away)
            continue
        for half_home, half_away in _later_halves(score, home, away):
            yield Score(home, away, half_home, half_away, home, away)


def settle_decided(kind: str, selection: str, line: Fraction | None, period: str, score: Score) -> Settlement:
    """Settle a bet that nothing could have changed after the stop at this score; give back all others.

    Ways on are tried with enough more points for either side to turn every line. A quarter line is decided when
    both its halves are, and else given back as a whole.
    """
    if kind == "to_qualify":
        return PUSH
    halves = period in ("1h", "2h") or kind == "ht_ft"
    most = max(abs(score.home - score.away), 2) + 3
    if line is not None:
        most += int(abs(line)) + 1
    if kind in ("correct_score", "exact_total"):
        most += max(int(part) for part in selection.replace("+", "").split("-"))
    settled: set[Settlement] = set()
    for way in ways_on(score, most, halves=halves):
        settled.add(settle_score(kind, selection, line, period, way))
        if len(settled) > 1:
            return PUSH
    return settled.pop()


def _settle_abandoned(
    kind: str,
    selection: str,
    line: Fraction | None,
    period: str,
    score: Score,
    scenario: Scenario,
    rules: Mapping[str, object],
) -> Settlement:
    window = rules.get("resumed_window_hours", rules.get("postponed_window_hours", 0))
    if scenario.finished is not None and within(window, scenario.hours, same_day=scenario.same_day):
        if not scenario.restarted or rules.get("restarted", "stands") == "stands":
            return settle_score(kind, selection, line, period, scenario.finished)
        return PUSH
    enough = rules.get("official_after")
    if isinstance(enough, int) and scenario.played is not None and scenario.played >= enough:
        return settle_score(kind, selection, line, period, score)
    rule = rules.get("abandoned")
    if rule == "void":
        return PUSH
    if rule == "score_stands" or (rule == "official" and scenario.declared):
        return settle_score(kind, selection, line, period, score)
    if rule in ("decided_stand", "official"):
        return settle_decided(kind, selection, line, period, score)
    raise ValueError("the venue's rule on abandoned matches is needed")


def settle_in_scenario(
    kind: str,
    selection: str,
    line: Fraction | None,
    period: str,
    result: Score | Void,
    scenario: Scenario,
    rules: Mapping[str, object],
) -> Settlement:
    """Return the won and the refunded share of a stake on a match that did not run its course.

    ``result`` is what was played: the later match (postponed), the score at the stop (abandoned), what was played on
    the field (awarded), or `Void` where nothing was. Raises ValueError where the rules say nothing of the scenario.
    """
    check_rules(rules)
    what = scenario.what
    if what in ("cancelled", "walkover") or (isinstance(result, Void) and what == "postponed"):
        return PUSH
    if what == "awarded":
        rule = rules.get("awarded")
        if rule == "awarded" and scenario.decision is not None:
            return settle_score(kind, selection, line, period, scenario.decision)
        if rule == "void" or (rule == "on_field" and isinstance(result, Void)):
            return PUSH
        if rule == "on_field" and isinstance(result, Score):
            return settle_score(kind, selection, line, period, result)
        raise ValueError("the venue's rule on awarded matches is needed")
    if isinstance(result, Void):
        raise ValueError(f"{what}: a score is needed")
    if what == "postponed":
        if "postponed_window_hours" not in rules:
            raise ValueError("the venue's window for postponed matches is needed")
        if within(rules["postponed_window_hours"], scenario.hours, same_day=scenario.same_day):
            return settle_score(kind, selection, line, period, result)
        return PUSH
    if what == "abandoned":
        return _settle_abandoned(kind, selection, line, period, result, scenario, rules)
    if what == "tied":
        home, away = count_in(result, period)
        if kind == "moneyline" and home == away and rules.get("tied") == "dead_heat":
            return Fraction(1, 2), Fraction(0)
        return settle_score(kind, selection, line, period, result)
    raise ValueError(f"no such scenario of a match: {what}")


def settle_contract_in_scenario(
    selection: str, scenario: Scenario, rules: Mapping[str, object]
) -> Settlement:
    """Return the shares for a contract whose event was called off, gave no winner or was not over in time."""
    check_rules(rules)
    rule = rules.get("cancelled")
    if rule == "void":
        return settle_contract(selection, Void(scenario.what))
    if rule == "fair_price" and scenario.price is not None:
        price = scenario.price
        return settle_contract(selection, Resolution(price.numerator, price.denominator))
    resolutions = {"fifty_fifty": Resolution(1, 2), "yes": Resolution(1, 1), "no": Resolution(0, 1)}
    if not isinstance(rule, str) or rule not in resolutions:
        raise ValueError("the venue's rule on events called off is needed")
    return settle_contract(selection, resolutions[rule])

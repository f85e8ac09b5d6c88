"""Settlements worked by hand from published rules, each with its rule and its source.

A source that works an example out is followed to the figure. Most state a rule and no score: then the score is ours,
and the settlement is that rule's with a line of arithmetic.

The cases stand in the files of ``worked/``; `all_worked` reads them. A file is a list of groups, a group has what its
bets share (source, rule, kind …), and a bet has what is its own and a list ``settled`` of results with the shares that
are won and refunded, sometimes with the money the source itself works out: ``10 at 11 pays 55``.

Results are written short:

* a score: ``2:1``; with half-time ``2:1 (1:0)``; with the final count and who goes through ``1:1 > 1:2 away``
* sets: ``6-4 3-6 7-6``; ``6-4 2-1 ret home`` where home gave up
* a race: ``A > B = C > D | out E F | minus 3/10``
* a contract: the share of its face, ``1/2``
* ``void``

`settle_worked` is what the references of this folder say to such a case.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracles.race_reference import (
    Race,
    Resolution,
    Void,
    settle_contract,
    settle_race,
)
from tests.oracles.rules_reference import (
    Scenario,
    check_rules,
    settle_contract_in_scenario,
    settle_in_scenario,
    within,
)
from tests.oracles.sets_reference import Sets, settle_sets
from tests.oracles.settlement_reference import PUSH, Score, Settlement, settle_score

FOLDER = Path(__file__).with_name("worked")
FAMILY_OF_FILE = {
    "football": "score",
    "us_sports": "score",
    "cut_short": "score",
    "tennis": "sets",
    "racing": "race",
    "contracts": "contract",
}
"""The files, and how the results in each are to be read."""
_SCORE = re.compile(r"(\d+):(\d+)(?: \((\d+):(\d+)\))?(?: > (\d+):(\d+))?(?: (home|away))?")
_MONEY = re.compile(r"([\d.]+) at ([\d.]+) pays ([\d.]+)")
_GROUP_WORDS = {"id", "source", "sport", "rule", "bet", "scenario", "rules"}
_BET_WORDS = {"kind", "selection", "line", "period", "subject", "places", "best_of", "settled"}

Result = Score | Sets | Race | Resolution | Void


class Source(NamedTuple):
    """Who published a rule, where, and when it was read; ``of`` is whose rule it is, where not the publisher's."""

    publisher: str
    where: str
    read: datetime.date
    of: str | None


class Money(NamedTuple):
    """What a source itself works out: a stake, at decimal odds, and what comes back."""

    stake: Fraction
    odds: Fraction
    pays: Fraction


@dataclass(frozen=True)
class Worked:
    """One settlement worked by hand.

    ``line`` is the home side's for handicaps, the count for totals, and of each way the fraction of the odds paid for
    a place. ``scenario`` and ``rules`` are there where an event did not run its course, or where venues differ.
    """

    id: str
    family: str
    sport: str
    kind: str
    selection: str
    line: Fraction | None
    period: str
    subject: str
    places: int | None
    result: Result
    won: Fraction
    refunded: Fraction
    rule: str
    source: Source
    scenario: Scenario | None
    rules: Mapping[str, object]
    money: Money | None


def read_score(text: str) -> Score:
    """A score as it is written here. Raises ValueError for anything else.

    >>> read_score("1:1 (0:1) > 1:2 away").final_away
    2
    """
    found = _SCORE.fullmatch(text)
    if found is None:
        raise ValueError(f"no score: {text}")
    half_home, half_away, final_home, final_away = (
        None if part is None else int(part) for part in found.groups()[2:6]
    )
    return Score(int(found[1]), int(found[2]), half_home, half_away, final_home, final_away, found[7])


def read_sets(text: str, best_of: int) -> Sets:
    """The sets of a match as they are written here.

    >>> read_sets("6-4 2-1 ret home", 3)
    Sets(sets=((6, 4), (2, 1)), best_of=3, retired='home')
    """
    played, _, retired = text.partition(" ret ")
    sets = []
    for games in played.split():
        home, away = games.split("-")
        sets.append((int(home), int(away)))
    return Sets(tuple(sets), best_of, retired or None)


def read_race(text: str) -> Race:
    """A race as it is written here.

    >>> read_race("A > B = C | out D | minus 1/4").ranks
    (('A',), ('B', 'C'))
    """
    finish, *others = text.split(" | ")
    ranks = tuple(tuple(equals.split(" = ")) for equals in finish.split(" > "))
    withdrawn: tuple[str, ...] = ()
    reduction = Fraction(0)
    for other in others:
        word, _, rest = other.partition(" ")
        if word == "out":
            withdrawn = tuple(rest.split())
        elif word == "minus":
            reduction = Fraction(rest)
        else:
            raise ValueError(f"no race: {text}")
    return Race(ranks, withdrawn, reduction)


def _read_result(family: str, text: str, best_of: int, what: str) -> Result:
    if text == "void":
        return Void(what)
    if family == "score":
        return read_score(text)
    if family == "sets":
        return read_sets(text, best_of)
    if family == "race":
        return read_race(text)
    share = Fraction(text)
    return Resolution(share.numerator, share.denominator)


def _read_scenario(table: Mapping[str, Any] | None) -> Scenario | None:
    if table is None:
        return None
    words = dict(table)
    for word in ("hours", "price"):
        if word in words:
            words[word] = Fraction(words[word])
    for word in ("finished", "decision"):
        if word in words:
            words[word] = read_score(words[word])
    return Scenario(**words)


def _read_money(text: str) -> Money:
    found = _MONEY.fullmatch(text)
    if found is None:
        raise ValueError(f"no money: {text}")
    return Money(*(Fraction(part) for part in found.groups()))


def _read_group(family: str, group: Mapping[str, Any], sources: Mapping[str, Source]) -> list[Worked]:
    cases: list[Worked] = []
    for own in group["bet"]:
        bet = {**group, **own}
        unknown = set(bet) - _GROUP_WORDS - _BET_WORDS
        if unknown:
            raise ValueError(f"{group['id']}: no such words: {sorted(unknown)}")
        scenario = _read_scenario(bet.get("scenario"))
        rules = bet.get("rules", {})
        check_rules(rules)
        plain_subject = "goals" if family in ("score", "sets") else "contest"
        for text, won, refunded, *money in bet["settled"]:
            result = _read_result(
                family, text, bet.get("best_of", 3), scenario.what if scenario else "nothing counted"
            )
            cases.append(
                Worked(
                    id=f"{group['id']}-{len(cases) + 1}",
                    family=family,
                    sport=bet.get("sport", "contract"),
                    kind=bet.get("kind", "contract"),
                    selection=bet["selection"],
                    line=Fraction(bet["line"]) if "line" in bet else None,
                    period=bet.get("period", "ft"),
                    subject=bet.get("subject", plain_subject),
                    places=bet.get("places"),
                    result=result,
                    won=Fraction(won),
                    refunded=Fraction(refunded),
                    rule=bet["rule"],
                    source=sources[bet["source"]],
                    scenario=scenario,
                    rules=rules,
                    money=_read_money(money[0]) if money else None,
                )
            )
    return cases


def _read_file(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def all_sources() -> dict[str, Source]:
    """Every source by its short name."""
    return {
        name: Source(table["publisher"], table["where"], table["read"], table.get("of"))
        for name, table in _read_file("sources").items()
    }


@cache
def all_worked() -> list[Worked]:
    """Every settlement worked by hand, in the order of the files. Raises ValueError for a case that is no case."""
    cases: list[Worked] = []
    for name, family in FAMILY_OF_FILE.items():
        for group in _read_file(name)["group"]:
            cases.extend(_read_group(family, group, all_sources()))
    return cases


def settle_worked(case: Worked) -> Settlement:
    """What the references of this folder pay on a case; never looks at what the case says should be paid."""
    result, scenario = case.result, case.scenario
    if isinstance(result, Score) or (isinstance(result, Void) and case.family == "score"):
        if scenario is not None:
            return settle_in_scenario(
                case.kind, case.selection, case.line, case.period, result, scenario, case.rules
            )
        if isinstance(result, Void):
            return PUSH
        return settle_score(case.kind, case.selection, case.line, case.period, result)
    if isinstance(result, Sets):
        if scenario is not None and scenario.what == "postponed":
            window = case.rules["postponed_window_hours"]
            if not within(window, scenario.hours, same_day=scenario.same_day):
                return PUSH
        return settle_sets(
            case.kind, case.selection, case.line, case.period, case.subject, result, case.rules
        )
    if isinstance(result, Race):
        return settle_race(case.kind, case.selection, case.line, case.places, result, case.rules)
    if case.family == "contract":
        if scenario is not None and "cancelled" in case.rules:
            return settle_contract_in_scenario(case.selection, scenario, case.rules)
        return settle_contract(case.selection, result)
    return PUSH

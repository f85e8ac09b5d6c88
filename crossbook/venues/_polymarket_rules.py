"""Polymarket's rules of football games: the claim of a market, where its text leaves no doubt.

Understood are the three markets of a match result (``Will A win on 2026-08-24?``, ``Will A vs. B end in a draw?``)
and totals on half goals, each only with the sentence on ninety minutes of regular play. The event's title names the
home side first. Spreads, esports and American sports stay contracts: their texts leave room for overtime, forfeits
and fifty-fifty endings that no score decides.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from crossbook.model.claim import Claim, Kind

_LONGEST_TEXT: Final = 6_000
_TITLE: Final = re.compile(r"(?P<home>.+?) vs\.? (?P<away>.+?)(?: - More Markets)?")
_NINETY: Final = "only to the outcome within the first 90 minutes of regular play plus stoppage time."
_OTHER_COUNT: Final = re.compile(
    r"extra[ -]time|overtime|penalt|shoot-?out|(?:first|second) half|\bcorners?\b|\bcards?\b", re.IGNORECASE
)
_TEAM_ASKED: Final = re.compile(r"Will (?P<team>.+) win on (?P<date>\d{4}-\d{2}-\d{2})\?")
_DRAW_ASKED: Final = re.compile(r"Will (?P<home>.+?) vs\.? (?P<away>.+) end in a draw\?")
_DRAW_RULE: Final = 'If the game ends in a draw, this market will resolve to "Yes".'
_OTHERWISE: Final = 'Otherwise, this market will resolve to "No".'


class Sides(NamedTuple):
    """The two teams of an event's title."""

    home: str
    away: str


class Words(NamedTuple):
    """What a market says of itself; `kind` is Polymarket's ``sportsMarketType``."""

    kind: str
    question: str
    rules: str
    outcomes: tuple[str, str]
    line: Fraction | None


def sides_of(title: str) -> Sides | None:
    """The teams of a title such as ``A vs. B``; None when it is no such title."""
    found = _TITLE.fullmatch(title) if len(title) <= _LONGEST_TEXT else None
    if found is None or found["home"] == found["away"]:
        return None
    return Sides(found["home"], found["away"])


def date_asked(question: str) -> str | None:
    """The day a team's question names (ISO), None when it names none."""
    found = _TEAM_ASKED.fullmatch(question)
    return found["date"] if found else None


def claim_of(sides: Sides, words: Words) -> Claim | None:
    """The claim of the market's first outcome, None when any part of it is in doubt."""
    if len(words.rules) + len(words.question) > _LONGEST_TEXT:
        return _claim_of(sides, words)
    return _known_claim_of(sides, words)


def _claim_of(sides: Sides, words: Words) -> Claim | None:
    rules = " ".join(words.rules.replace("“", '"').replace("”", '"').split())
    if len(rules) > _LONGEST_TEXT or _NINETY not in rules or _OTHER_COUNT.search(rules):
        return None
    if words.kind == "moneyline" and words.outcomes == ("Yes", "No") and _OTHERWISE in rules:
        selection = _result_asked(sides, words.question, rules)
        return None if selection is None else Claim.of(Kind.MATCH_RESULT, selection)
    if words.kind == "totals" and words.outcomes == ("Over", "Under") and _is_total(rules, words.line):
        return Claim.of(Kind.TOTAL, "over", words.line)
    return None


_known_claim_of = lru_cache(maxsize=2_048)(_claim_of)
"""A market's text is asked for with every change of its prices, and hardly ever another one."""


def _result_asked(sides: Sides, question: str, rules: str) -> str | None:
    draw = _DRAW_ASKED.fullmatch(question)
    if draw is not None:
        return "draw" if (draw["home"], draw["away"]) == sides and _DRAW_RULE in rules else None
    asked = _TEAM_ASKED.fullmatch(question)
    if asked is None or f'If {asked["team"]} wins, this market will resolve to "Yes".' not in rules:
        return None
    return {sides.home: "home", sides.away: "away"}.get(asked["team"])


def _is_total(rules: str, line: Fraction | None) -> bool:
    if line is None or line.denominator != 2 or line < 0:
        return False
    goals = line + Fraction(1, 2)
    return 'resolve to "Over" if' in rules and f" combine to score {goals} or more goals" in rules

"""Scenarios: events that do not run their course, and how a venue settles a claim in one by its rules."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import Final, NamedTuple, TypeAlias

from crossbook.base.errors import BadData
from crossbook.model.claim import GAMES, SETS, Claim, Kind
from crossbook.model.result import Race, Result, Score, Sets, Void
from crossbook.model.rules import Rules, Word, within
from crossbook.model.settlement import LOST, REFUNDED, WON, Settlement, settle
from crossbook.model.stopped import decided, finished_sets


class Moved(NamedTuple):
    """A match that began so many hours late, on a day so many days later, with its result.

    `hours` is None where it was never played; the result says nothing then.
    """

    result: Result
    hours: int | None
    days: int = 1


class Abandoned(NamedTuple):
    """A match that stopped at a score, without its half-time count if that was in the first half.

    `finished` is how it ended so many hours after its planned start, on a day so many days later; None for never.
    `restarted` says that it was begun again from nothing, `declared` that the organisers let the score at the stop
    stand. `played` is how many minutes or innings had been played.
    """

    stop: Score
    finished: Score | None = None
    hours: int = 0
    days: int = 1
    restarted: bool = False
    declared: bool = False
    played: int | None = None


class Awarded(NamedTuple):
    """A match with a result by decision; `on_field` is what was played, None for nothing."""

    on_field: Score | None
    decision: Score


class NonStarter(NamedTuple):
    """A match without somebody whose deeds are counted: claims on this subject count nothing."""

    subject: str
    result: Result


class CalledOff(NamedTuple):
    """The event of a contract is called off or comes too late; `price` is what its venue thinks fair."""

    price: Fraction | None = None


Scenario: TypeAlias = Moved | Abandoned | Awarded | NonStarter | CalledOff | Sets | Race
"""Sets are a scenario where somebody gave up, a race where runners were withdrawn."""


class Answer(Enum):
    """What a venue does with a claim in a scenario."""

    STANDS = "stands"
    """Settled by the result there is in the end."""
    VOID = "is void"
    DECIDED = "stands if decided"
    """Settled if nothing could have changed it after the stop, else given back."""
    AT_STOP = "settled at the stop"
    AS_AWARDED = "settled as awarded"
    ADVANCED = "goes to who advances"
    ADVANCED_ONLY = "pays who advances"
    """Bets on the one who gives up are given back."""
    HALF = "pays one half"
    FAIR = "pays a fair price"
    DRAW = "is settled as a draw"


_CANCELLED: Final = {
    "fifty_fifty": Answer.HALF,
    "fair_price": Answer.FAIR,
    "draw": Answer.DRAW,
    "void": Answer.VOID,
}
_HALF: Final = Fraction(1, 2)
_NOTHING: Final = Fraction(0)
_SETS_NEEDED: Final = {"first_point": 0, "first_set": 1, "two_sets": 2}


def settle_under(rules: Rules, claim: Claim, scenario: Scenario) -> Settlement | None:
    """What a claim pays at a venue with these rules; None where no source says what the venue does.

    Raises BadData where the scenario does not say what the claim needs.
    """
    answer = answer_to(rules, claim, scenario)
    return None if answer is None else _by_answer(answer, claim, scenario)


def answer_to(rules: Rules, claim: Claim, scenario: Scenario) -> Answer | None:
    """What a venue with these rules does with the claim; None where no source says it."""
    if isinstance(scenario, Moved):
        return moved_answer(rules, scenario.hours, scenario.days)
    if isinstance(scenario, Abandoned):
        return abandoned_answer(rules, scenario)
    if isinstance(scenario, Awarded):
        awarded = rules.get(Word.AWARDED)
        if awarded == "on_field":
            return Answer.VOID if scenario.on_field is None else Answer.STANDS
        return {"void": Answer.VOID, "awarded": Answer.AS_AWARDED}.get(str(awarded))
    if isinstance(scenario, NonStarter):
        if claim.subject != scenario.subject:
            return Answer.STANDS
        return {"void": Answer.VOID, "stands": Answer.STANDS}.get(str(rules.get(Word.NON_STARTER)))
    if isinstance(scenario, CalledOff):
        return called_off_answer(rules)
    if isinstance(scenario, Sets):
        if scenario.retired is None:
            return Answer.STANDS
        return retired_answer(rules, claim, finished_sets(scenario), len(scenario.sets))
    if claim.selection not in scenario.withdrawn:
        return Answer.STANDS
    return {"refund": Answer.VOID, "lose": Answer.AT_STOP}.get(str(rules.get(Word.WITHDRAWN)))


def called_off_answer(rules: Rules) -> Answer | None:
    """What becomes of a claim on an event that is never played: of contracts by their rule, else given back."""
    return _CANCELLED.get(str(rules.get(Word.CANCELLED)))


def moved_answer(rules: Rules, hours: int | None, days: int) -> Answer | None:
    """What becomes of a claim on a match that is played later, or never where `hours` is None.

    A bet on what is never played goes back everywhere; of a venue whose contracts have a rule of their own for that,
    the rule is taken, and also for what comes after the window.
    """
    late = called_off_answer(rules) or Answer.VOID
    if hours is None:
        return late
    window = rules.get(Word.POSTPONED)
    if window is None:
        return None
    return Answer.STANDS if within(window, hours, days) else late


def abandoned_answer(rules: Rules, stopped: Abandoned) -> Answer | None:
    """What becomes of a claim on a match that stopped."""
    late = _stopped_answer(rules, stopped)
    if stopped.finished is None:
        return late
    window = rules.get(Word.RESUMED)
    if window is None:
        return None
    if not within(window, stopped.hours, stopped.days):
        return late
    if not stopped.restarted:
        return Answer.STANDS
    return {"stands": Answer.STANDS, "void": Answer.VOID}.get(str(rules.get(Word.RESTARTED)))


def _stopped_answer(rules: Rules, stopped: Abandoned) -> Answer | None:
    enough = rules.get(Word.OFFICIAL_AFTER)
    if isinstance(enough, int) and stopped.played is not None and stopped.played >= enough:
        return Answer.AT_STOP
    rule = rules.get(Word.ABANDONED)
    if rule == "official":
        return Answer.AT_STOP if stopped.declared else Answer.DECIDED
    answers = {"void": Answer.VOID, "decided_stand": Answer.DECIDED, "score_stands": Answer.AT_STOP}
    return answers.get(str(rule), called_off_answer(rules))


def is_on_winner(claim: Claim) -> bool:
    """Whether a claim is on the winner of a whole match of sets."""
    return claim.kind in _WINNERS and claim.period not in SETS and claim.subject != GAMES


_WINNERS: Final = frozenset({Kind.MONEYLINE, Kind.MATCH_RESULT, Kind.DRAW_NO_BET})


def retired_answer(rules: Rules, claim: Claim, finished: int, begun: int) -> Answer | None:
    """What becomes of a claim on a match of sets that somebody gave up after so many finished and begun sets."""
    if is_on_winner(claim):
        rule = rules.get(Word.RETIRED)
        if rule is None:
            return None
        if not begun or finished < _SETS_NEEDED.get(str(rule), begun + 1):
            return Answer.VOID
        return Answer.ADVANCED_ONLY if rules.get(Word.RETIRED_LOSER) == "void" else Answer.ADVANCED
    if claim.kind is Kind.CORRECT_SCORE and claim.period not in SETS:
        return Answer.VOID
    if claim.period in SETS:
        place = SETS.index(claim.period)
        if place < finished:
            return Answer.DECIDED
        in_play = place == finished < begun
        if in_play and claim.kind is Kind.MONEYLINE and rules.get(Word.RETIRED_SET) == "progressing":
            return Answer.ADVANCED
    others = rules.get(Word.RETIRED_OTHERS)
    if others is None:
        return None
    return Answer.VOID if others == "void" else Answer.DECIDED


def _by_answer(answer: Answer, claim: Claim, scenario: Scenario) -> Settlement:
    if answer is Answer.VOID:
        return REFUNDED
    if answer is Answer.STANDS:
        return settle(claim, _final(scenario))
    if answer is Answer.DECIDED:
        return _if_decided(claim, scenario)
    if answer is Answer.AT_STOP:
        return settle(claim, scenario.stop) if isinstance(scenario, Abandoned) else LOST
    if answer is Answer.AS_AWARDED and isinstance(scenario, Awarded):
        return settle(claim, scenario.decision)
    if isinstance(scenario, Sets) and scenario.retired is not None:
        other = LOST if answer is Answer.ADVANCED else REFUNDED
        return other if claim.selection == scenario.retired else WON
    if answer is Answer.FAIR:
        price = scenario.price if isinstance(scenario, CalledOff) else None
        if price is None:
            raise BadData("price: a fair price is paid, so one is needed")
        return Settlement(price, _NOTHING)
    return as_draw(claim) if answer is Answer.DRAW else Settlement(_HALF, _NOTHING)


def as_draw(claim: Claim) -> Settlement:
    """What a contract on a match pays that is settled as a draw; other questions than who wins are halved."""
    if claim.kind is not Kind.MATCH_RESULT:
        return Settlement(_HALF, _NOTHING)
    return WON if claim.selection == "draw" else LOST


def _final(scenario: Scenario) -> Result:
    if isinstance(scenario, Moved | NonStarter):
        return scenario.result
    if isinstance(scenario, Abandoned) and scenario.finished is not None:
        return scenario.finished
    if isinstance(scenario, Awarded) and scenario.on_field is not None:
        return scenario.on_field
    if isinstance(scenario, Sets | Race):
        return scenario
    return Void("nothing was played")


def _if_decided(claim: Claim, scenario: Scenario) -> Settlement:
    stop = scenario.stop if isinstance(scenario, Abandoned) else scenario
    if not isinstance(stop, Score | Sets):
        raise BadData("stop: where play stopped is needed")
    return decided(claim, stop) or REFUNDED

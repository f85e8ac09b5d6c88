"""Scenarios that apply to some legs, what every leg's venue does in each, and what a unit returns at worst.

A scenario comes in several cases: a match may be played within one venue's window and after another's. In each case a
leg gets the answer of its venue's rules. Where nobody has read them, the bet may stand or be void; legs of one venue,
and of venues that are taken to be alike, share that fate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Final, NamedTuple

from crossbook.arbitrage.aftermath import Aftermath, Leg
from crossbook.arbitrage.states import States
from crossbook.base.exact import decimal_text
from crossbook.model.opportunity import Reason
from crossbook.model.result import Score, Sets
from crossbook.model.rules import Value, Word, window_text
from crossbook.model.scenario import (
    Abandoned,
    Answer,
    Awarded,
    NonStarter,
    abandoned_answer,
    answer_to,
    called_off_answer,
    is_on_winner,
    moved_answer,
    retired_answer,
)
from crossbook.model.venue import VenueType

COUNTED_THEIR_WAY: Final = ("cards", "bookings")
PLAYER: Final = ": "
"""Between what is counted and whose it is: ``shots: Some Player``."""
_MOST_APART: Final = 4
"""Of more unread rule sets than this only one at a time is taken to differ from the others."""
_KICK_OFF: Final = Score(0, 0)
_HOURS: Final = (1, 25, 49, 73)
"""Moments of the same day, the next day and later, beside those at which the windows end."""

Answers = tuple[Answer, ...]


class Case(NamedTuple):
    """One way a scenario may happen: when, what each leg's venue does (None is not known), and what it may do then."""

    scenario: str
    when: str
    answers: tuple[Answer | None, ...]
    unread: tuple[Answers, ...]


class Exposure(NamedTuple):
    """The case of a scenario in which a unit returns least, and what each leg's venue does in it."""

    case: Case
    answers: Answers
    worst: Fraction


def exposures(legs: Sequence[Leg], states: States, bar: Fraction = Fraction(1)) -> Iterator[Exposure]:
    """The worst case of each scenario in which a unit on these legs may return less than the bar."""
    aftermath = Aftermath(legs, states)
    worst: dict[str, Exposure] = {}
    for case in _cases(legs, states):
        for answers in _fates(legs, case):
            if len(set(answers)) == 1 and answers[0] in _TOGETHER:
                continue
            returned = aftermath.worst(answers)
            known = worst.get(case.scenario)
            if returned < (known.worst if known else bar):
                worst[case.scenario] = Exposure(case, answers, returned)
    yield from worst.values()


def _cases(legs: Sequence[Leg], states: States) -> Iterator[Case]:
    result = states.results[0]
    yield from _moved(legs)
    if isinstance(result, Score):
        yield from _abandoned(legs)
        yield from _awarded(legs)
        yield from _counted(legs)
    elif isinstance(result, Sets):
        most = max(one.best_of for one in states.results if isinstance(one, Sets))
        for finished in range(most):
            yield _retired(legs, finished)
    if any(leg.instrument.quote.venue.type is VenueType.PREDICTION for leg in legs):
        yield _called_off(legs)


_TOGETHER: Final = (Answer.STANDS, Answer.VOID, Answer.AT_STOP, Answer.AS_AWARDED)
"""Answers which, given to all legs, leave them as they are in some state or give all back."""
_STAND_OR_VOID: Final = (Answer.STANDS, Answer.VOID)
_ANY_AT_STOP: Final = (Answer.AT_STOP, Answer.VOID, Answer.DECIDED)


def _case(
    scenario: str,
    when: str,
    answers: Iterable[Answer | None],
    unread: Answers = _STAND_OR_VOID,
) -> Case:
    told = tuple(answers)
    return Case(scenario, when, told, (unread,) * len(told))


def _moved(legs: Sequence[Leg]) -> Iterator[Case]:
    windows = _windows(legs, Word.POSTPONED)
    for hours, days in _moments(windows):
        when = f"played {_when(windows, hours, days)}"
        yield _case("moved", when, (moved_answer(leg.rules, hours, days) for leg in legs))


def _abandoned(legs: Sequence[Leg]) -> Iterator[Case]:
    windows = _windows(legs, Word.RESUMED)
    enough = sorted(
        {leg.rules[Word.OFFICIAL_AFTER] for leg in legs if Word.OFFICIAL_AFTER in leg.rules}, key=int
    )
    official = any(leg.rules.get(Word.ABANDONED) == "official" for leg in legs)
    restarted = (False, True) if any(Word.RESTARTED in leg.rules for leg in legs) else (False,)
    for (hours, days), again in product(_moments(windows), restarted):
        stopped = Abandoned(_KICK_OFF, _KICK_OFF, hours, days, again)
        words = f"{'begun again' if again else 'finished'} {_when(windows, hours, days)}"
        yield _case("abandoned", words, (abandoned_answer(leg.rules, stopped) for leg in legs))
    for played, declared in product((0, *map(int, enough)), (False, True) if official else (False,)):
        stopped = Abandoned(_KICK_OFF, played=played, declared=declared)
        words = "never finished" + (", the score declared final" if declared else "")
        words += f", after {played} or more of it" if played else ""
        answers = (abandoned_answer(leg.rules, stopped) for leg in legs)
        yield _case("abandoned", words, answers, _ANY_AT_STOP)


def _awarded(legs: Sequence[Leg]) -> Iterator[Case]:
    for on_field, when in ((_KICK_OFF, "another result than on the field"), (None, "without play")):
        given = Awarded(on_field, _KICK_OFF)
        yield _case(
            "awarded", when, (answer_to(leg.rules, leg.instrument.quote.claim, given) for leg in legs)
        )


def _counted(legs: Sequence[Leg]) -> Iterator[Case]:
    """Cards and bookings are counted each venue's own way, and a player may not take part."""
    subject = legs[0].instrument.quote.claim.subject
    if subject.startswith(COUNTED_THEIR_WAY):
        yield _case("counted", "in its own way", (None for _ in legs))
    elif PLAYER in subject:
        absent = NonStarter(subject, _KICK_OFF)
        answers = (answer_to(leg.rules, leg.instrument.quote.claim, absent) for leg in legs)
        yield _case("non-starter", f"{subject.partition(PLAYER)[2]} does not start", answers)


def _retired(legs: Sequence[Leg], finished: int) -> Case:
    claims = [leg.instrument.quote.claim for leg in legs]
    words = ("the first set", "the second set", "the third set")
    return Case(
        "retired",
        f"in {words[finished] if finished < len(words) else 'a later set'}",
        tuple(
            retired_answer(leg.rules, claim, finished, finished + 1)
            for leg, claim in zip(legs, claims, strict=True)
        ),
        tuple((Answer.ADVANCED if is_on_winner(one) else Answer.DECIDED, Answer.VOID) for one in claims),
    )


def _called_off(legs: Sequence[Leg]) -> Case:
    """Contracts are settled at a half where nobody has read a rule; bets elsewhere go back."""
    types = [leg.instrument.quote.venue.type for leg in legs]
    answers = (
        called_off_answer(leg.rules) if kind is VenueType.PREDICTION else Answer.VOID
        for leg, kind in zip(legs, types, strict=True)
    )
    halved = ((Answer.HALF, Answer.HALF),) * len(legs)
    return Case("called off", "for good", tuple(answers), halved)


def _windows(legs: Sequence[Leg], word: Word) -> list[Value]:
    return sorted({leg.rules[word] for leg in legs if word in leg.rules}, key=str)


def _moments(windows: Sequence[Value]) -> Iterator[tuple[int, int]]:
    """Hours late and days later of which one lies in every part of time that these windows tell apart."""
    if not windows:
        yield 25, 1
        return
    ends = [window for window in windows if isinstance(window, int)]
    for hours in sorted({*_HOURS, *ends, *(end + 1 for end in ends)}):
        for days in range(3):
            if (
                hours
                and (days == 0) <= (hours < 24)
                and (days == 1) <= (hours < 48)
                and (days == 2) <= (hours > 24)
            ):
                yield hours, days


def _when(windows: Sequence[Value], hours: int, days: int) -> str:
    ends = [window for window in windows if isinstance(window, int)]
    after = max((end for end in ends if end < hours), default=None)
    before = min((end for end in ends if end >= hours), default=None)
    words = [
        f"after {after} h" if after is not None else "",
        f"within {before} h" if before is not None else "",
    ]
    if len(ends) < len(windows):
        words.append(("on the same day", "on the next day", "on a later day")[days])
    return ", ".join(word for word in words if word) or "later"


def _fates(legs: Sequence[Leg], case: Case) -> Iterator[Answers]:
    """The answers of a case, with each unread set of rules taken either way."""
    unread = sorted({leg.alike for leg, answer in zip(legs, case.answers, strict=True) if answer is None})
    some = range(max(len(one) for one in case.unread))
    ways: Iterable[tuple[int, ...]] = product(some, repeat=len(unread))
    if len(unread) > _MOST_APART:
        ways = (
            tuple(one if place == at else rest for place in range(len(unread)))
            for at in range(len(unread))
            for one, rest in product(some, some)
        )
    for way in ways:
        taken = dict(zip(unread, way, strict=True))
        yield tuple(
            either[taken[leg.alike]] if answer is None else answer
            for leg, answer, either in zip(legs, case.answers, case.unread, strict=True)
        )


def reasons(found: Iterable[Exposure], legs: Sequence[Leg]) -> Iterator[Reason]:
    """One reason for each exposing scenario; those that say the same of the same venues are told together."""
    together: dict[tuple[str, str], list[str]] = {}
    for one in found:
        contracts = all(leg.instrument.quote.venue.type is VenueType.PREDICTION for leg in legs)
        name = "split_settlement" if one.case.scenario == "called off" and contracts else "rules_differ"
        known = [answer is not None for answer in one.case.answers]
        when = f", {one.case.when}" if any(known) or one.case.scenario in _TELLING else ""
        together.setdefault((name, _told(one, legs)), []).append(f"{one.case.scenario}{when}")
    for (name, told), scenarios in together.items():
        yield Reason(name, f"{' or '.join(scenarios)}: {told}")


_TELLING: Final = ("non-starter", "retired")


def _told(one: Exposure, legs: Sequence[Leg]) -> str:
    """What each venue does and by which rule, and what that leaves of a unit."""
    said: dict[str, None] = {}
    for leg, known, answer in zip(legs, one.case.answers, one.answers, strict=True):
        venue = leg.instrument.quote.venue
        why = f"{venue.type.value}, not read" if known is None else _rule_told(one.case.scenario, leg)
        said[f"{venue.id} ({why}) {answer.value}" if why else f"{venue.id} {answer.value}"] = None
    return f"{', '.join(said)}: a unit returns {decimal_text(one.worst, 4)} at worst"


_DECIDE: Final = {
    "moved": (Word.POSTPONED, Word.CANCELLED),
    "abandoned": (Word.RESUMED, Word.ABANDONED, Word.OFFICIAL_AFTER),
    "awarded": (Word.AWARDED,),
    "non-starter": (Word.NON_STARTER,),
    "retired": (Word.RETIRED, Word.RETIRED_OTHERS),
    "called off": (Word.CANCELLED,),
}
"""The words that decide in each scenario."""


def _rule_told(scenario: str, leg: Leg) -> str:
    parts = []
    for word in _DECIDE.get(scenario, ()):
        if word in leg.rules:
            value = leg.rules[word]
            told = window_text(value) if word in (Word.POSTPONED, Word.RESUMED) else str(value)
            parts.append(f"{word.value}: {told}".replace("_", " "))
    return "; ".join(parts)

"""What a unit returns in each scenario, beside a search that settles every leg in every stop and every score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from crossbook.arbitrage.aftermath import Leg
from crossbook.arbitrage.instrument import instrument_of
from crossbook.arbitrage.scenarios import exposures
from crossbook.arbitrage.states import states_of
from crossbook.model.claim import Kind
from crossbook.model.quote import Side
from crossbook.model.result import Score
from crossbook.model.rules import NEXT_DAY, SAME_DAY, UNTIL_PLAYED, Rules, Value, Word
from crossbook.model.scenario import Abandoned, Answer, Awarded, Moved, Scenario, answer_to, settle_under
from crossbook.model.settlement import Settlement
from crossbook.model.venue import bookmaker, exchange
from tests.arbitrage.worlds import (
    AWAY,
    BTTS_NO,
    BTTS_YES,
    DRAW,
    FREE_EXCHANGE,
    HOME,
    ah,
    back,
    claim,
    lay,
    total,
)

F = Fraction
ANY = F(100)
"""A bar that no return comes up to, so that every scenario is told."""
CLAIMS = (
    HOME,
    DRAW,
    AWAY,
    BTTS_YES,
    BTTS_NO,
    ah("away", "0.25"),
    total("over", "1.5"),
    total("under", "1.5"),
    total("over", "2.25"),
    claim(Kind.CORRECT_SCORE, "1-0"),
    claim(Kind.TEAM_TOTAL_HOME, "under", "0.5"),
    claim(Kind.EXACT_TOTAL, "2+"),
    claim(Kind.WIN_TO_NIL, "home"),
)
BOOKS = tuple(bookmaker(f"book{number}", f"Book {number}") for number in range(3))
WINDOWS: tuple[Value, ...] = (0, 12, 36, 48, SAME_DAY, NEXT_DAY, UNTIL_PLAYED)
ALIKE = {Answer.STANDS, Answer.VOID, Answer.AT_STOP, Answer.AS_AWARDED}
STOPS = [Score(*score) for score in product(range(4), range(4))]
ENDS = [Score(*score) for score in product(range(6), range(6))]
TIMES = [
    (hours, days)
    for hours in (1, 11, 12, 13, 23, 25, 36, 37, 47, 48, 49, 80)
    for days in range(3)
    if (days == 0) <= (hours < 24) and (days == 1) <= (hours < 48) and (days == 2) <= (hours > 24)
]


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Rules that answer every question about a match that stopped, began late or was awarded."""
    return {
        Word.POSTPONED: draw(st.sampled_from(WINDOWS)),
        Word.RESUMED: draw(st.sampled_from(WINDOWS)),
        Word.RESTARTED: draw(st.sampled_from(("stands", "void"))),
        Word.ABANDONED: draw(st.sampled_from(("void", "decided_stand", "official", "score_stands"))),
        Word.AWARDED: draw(st.sampled_from(("on_field", "void", "awarded"))),
    }


@st.composite
def plans(draw: st.DrawFn) -> list[Leg]:
    """Some legs at venues with rules of their own, with commission at some."""
    told = {venue.id: draw(rules()) for venue in (*BOOKS, FREE_EXCHANGE)}
    toll = exchange("toll", "Toll", F(1, 20))
    told[toll.id] = told[FREE_EXCHANGE.id]
    chosen = draw(st.lists(st.sampled_from(CLAIMS), min_size=2, max_size=3, unique=True))
    found = []
    for what in chosen:
        venue = draw(st.sampled_from((*BOOKS, FREE_EXCHANGE, toll)))
        odds = F(draw(st.integers(11, 60)), 10)
        quote = (back if draw(st.booleans()) else lay)(venue, what, odds)
        found.append(
            Leg(instrument_of(quote), F(draw(st.integers(1, 9))), told[venue.id], f"rules of {venue.id}")
        )
    whole = sum((leg.share for leg in found), F(0))
    return [leg._replace(share=leg.share / whole) for leg in found]


def worst_told(legs: Sequence[Leg], scenario: str) -> Fraction | None:
    states = states_of(frozenset(leg.instrument.quote.claim for leg in legs))
    told = {one.case.scenario: one.worst for one in exposures(legs, states, ANY)}
    return told.get(scenario)


def gross(leg: Leg, won: Fraction, refunded: Fraction) -> Fraction:
    """What a unit on a leg gives back, worked from the bet and not from coefficients."""
    quote = leg.instrument.quote
    if quote.side is Side.BACK:
        return quote.odds * won + refunded
    stake = 1 / (quote.odds - 1)
    lost = 1 - won - refunded
    return 1 + stake * lost - won


def returned(legs: Sequence[Leg], paid: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    markets: dict[str, Fraction] = {}
    for leg, (won, refunded) in zip(legs, paid, strict=True):
        name = leg.instrument.market or f"none {id(leg)}"
        markets[name] = markets.get(name, F(0)) + leg.share * (gross(leg, won, refunded) - 1)
    rates = {leg.instrument.market: leg.instrument.commission for leg in legs}
    return 1 + sum((won - rates.get(name, F(0)) * max(won, F(0)) for name, won in markets.items()), F(0))


def searched(legs: Sequence[Leg], scenarios: Iterable[Scenario]) -> Fraction | None:
    """The least return over these scenarios; None where all legs always fare alike."""
    found: set[tuple[Settlement, ...]] = set()
    for scenario in scenarios:
        answers = {answer_to(leg.rules, leg.instrument.quote.claim, scenario) for leg in legs}
        if len(answers) == 1 and answers <= ALIKE:
            continue
        paid = [settle_under(leg.rules, leg.instrument.quote.claim, scenario) for leg in legs]
        found.add(tuple(one for one in paid if one is not None))
    return min((returned(legs, paid) for paid in found), default=None)


def different(legs: Sequence[Leg], scenarios: Iterable[Scenario]) -> list[Scenario]:
    """One scenario of every different set of answers."""
    found: dict[tuple[object, ...], Scenario] = {}
    for scenario in scenarios:
        answers = tuple(answer_to(leg.rules, leg.instrument.quote.claim, scenario) for leg in legs)
        found.setdefault(answers, scenario)
    return list(found.values())


@given(plans())
@settings(max_examples=30, deadline=None)
def test_moved_is_what_a_search_over_all_moments_finds(legs: list[Leg]) -> None:
    moments = different(legs, (Moved(ENDS[0], hours, days) for hours, days in TIMES))
    every = (one._replace(result=end) for one in moments if isinstance(one, Moved) for end in ENDS)
    assert worst_told(legs, "moved") == searched(legs, every)


@given(plans())
@settings(max_examples=20, deadline=None)
def test_awarded_is_what_a_search_over_two_scores_finds(legs: list[Leg]) -> None:
    some = ENDS[::2]
    every = (Awarded(on_field, decision) for on_field in (None, *some) for decision in some)
    found, told = searched(legs, every), worst_told(legs, "awarded")
    assert (found is None) == (told is None)
    assert found is None or told is None or told <= found


def for_good() -> Iterator[Abandoned]:
    return (Abandoned(stop, declared=declared) for stop in STOPS for declared in (False, True))


@given(plans())
@settings(max_examples=30, deadline=None)
def test_abandoned_for_good_is_what_a_search_over_all_stops_finds(legs: list[Leg]) -> None:
    """At venues that let no match be finished, so that no end has to be looked at."""
    legs = [leg._replace(rules={**leg.rules, Word.RESUMED: 0}) for leg in legs]
    assert worst_told(legs, "abandoned") == searched(legs, for_good())


@given(plans())
@settings(max_examples=15, deadline=None)
def test_abandoned_and_finished_is_what_a_search_over_stops_and_ends_finds(legs: list[Leg]) -> None:
    late = different(
        legs,
        (
            Abandoned(STOPS[0], ENDS[0], hours, days, again)
            for hours, days in TIMES
            for again in (False, True)
        ),
    )
    every = [
        one._replace(stop=stop, finished=end)
        for one in late
        if isinstance(one, Abandoned)
        for stop in STOPS
        for end in ENDS
        if end.home >= stop.home and end.away >= stop.away
    ]
    assert worst_told(legs, "abandoned") == searched(legs, [*every, *for_good()])

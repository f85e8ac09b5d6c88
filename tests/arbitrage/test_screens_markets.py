"""Screens of whole markets and venues: each error is called by its name, and honest differences are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec
import pytest

from crossbook.arbitrage.screens import doubted
from crossbook.base.clock import SECOND
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Contest, Quote
from crossbook.model.venue import bookmaker, prediction
from tests.arbitrage.checks import sister
from tests.arbitrage.priced_books import (
    DESKS,
    GOALS,
    HALF,
    MARKETS,
    ODD_ONE,
    book,
    kept,
    others,
    priced_as,
    read_as,
    results,
    winners,
)
from tests.arbitrage.worlds import ALPHA, HOME, back, claim, lay, search

_SWAP = {"home": "away", "away": "home", "over": "under", "under": "over"}


def names(quotes: Sequence[Quote], venue: str = "oddone", contest: Contest | None = None) -> set[str]:
    """The names of all reasons against a venue's quotes."""
    return {
        reason.name
        for quote, reasons in doubted(quotes, contest).values()
        for reason in reasons
        if quote.venue.id == venue
    }


def refused(quotes: Sequence[Quote]) -> set[str]:
    """The venues of which something is refused."""
    return {quote.venue.id for quote, _ in doubted(quotes).values()}


def swapped(one: Claim) -> Claim:
    return Claim.of(one.kind, _SWAP.get(one.selection, one.selection), one.line, one.period)


def moved(quarters: int) -> list[Quote]:
    """The odd one's totals, each on a line that many quarters from its own."""

    def change(one: Claim) -> Claim:
        return Claim.of(one.kind, one.selection, (one.line or 0) + Fraction(quarters, 4))

    return read_as(kept(book(ODD_ONE), Kind.TOTAL), change)


def mirrored(one: Claim) -> Claim:
    return Claim.of(one.kind, one.selection, None if one.line is None else -one.line)


HANDICAPS = kept(book(ODD_ONE), Kind.ASIAN_HANDICAP)
TOTALS = kept(book(ODD_ONE), Kind.TOTAL)
CORNERS = [
    *(
        back(ODD_ONE, claim(Kind.TOTAL, "over", line), odds)
        for line, odds in (("9.5", "1.8"), ("10.5", "2.3"))
    ),
    *(
        back(ODD_ONE, claim(Kind.TOTAL, "under", line), odds)
        for line, odds in (("9.5", "2"), ("10.5", "1.6"))
    ),
]
AS_WHOLE = read_as(
    book(ODD_ONE, HALF, period=Period.FIRST_HALF), lambda one: Claim.of(one.kind, one.selection, one.line)
)
HALVES = [quote for desk in DESKS for quote in book(desk, HALF, period=Period.FIRST_HALF)]
INDONESIAN = priced_as(TOTALS, lambda odds: 1 / (odds - 1) if odds < 2 else odds - 1)

FAULTS = {
    "sides of handicaps": (read_as(HANDICAPS, swapped), "sides_swapped"),
    "sides of totals": (read_as(TOTALS, swapped), "sides_swapped"),
    "sign of handicaps": (read_as(HANDICAPS, mirrored), "handicap_sign"),
    "a line too low": (moved(-2), "wrong_line"),
    "corners": (CORNERS, "subject_mixed"),
    "a half": ([*HALVES, *kept(AS_WHOLE, Kind.MATCH_RESULT)], "period_mixed"),
    "a half's totals": ([*HALVES, *kept(AS_WHOLE, Kind.TOTAL)], "period_mixed"),
    "Indonesian odds": (INDONESIAN, "unit"),
    "another match": (book(ODD_ONE, (1.0, 1.9)), "outlier"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_is_called_by_its_name(name: str) -> None:
    quotes, expected = FAULTS[name]
    assert expected in names([*others(), *quotes])


@pytest.mark.parametrize("name", ["sides of handicaps", "sides of totals", "a line too low", "another match"])
def test_all_that_was_misread_is_refused_and_nothing_else(name: str) -> None:
    quotes, _ = FAULTS[name]
    doubts = doubted([*others(), *quotes])
    assert {id(quote) for quote in quotes} == doubts.keys()


@pytest.mark.parametrize("goals", [(1.8, 0.95), (1.6, 1.06), (1.62, 0.95)], ids=str)
def test_a_book_of_its_own_mind_is_believed(goals: tuple[float, float]) -> None:
    """It sees a side a twentieth stronger or weaker than the others do, and tells one story."""
    assert doubted([*others(), *book(ODD_ONE, goals)]) == {}


def test_a_whole_book_from_the_other_side_is_told_to_be_so() -> None:
    quotes = read_as(book(ODD_ONE, (GOALS[1], GOALS[0]), markets=MARKETS[:8]), lambda one: one)
    assert "sides_swapped" in names([*others(), *quotes])
    assert refused([*others(), *quotes]) == {"oddone"}


def test_a_line_that_nobody_else_quotes_is_set_beside_the_others_markets() -> None:
    """Two and three quarters is quoted by no other; they quote the half lines around it."""
    right = book(ODD_ONE, markets=[(Kind.TOTAL, "2.75")])
    wrong = read_as(
        book(ODD_ONE, markets=[(Kind.TOTAL, "2")]),
        lambda one: Claim.of(one.kind, one.selection, Fraction(11, 4)),
    )
    assert names([*others(), *right]) == set()
    assert names([*others(), *wrong]) == {"wrong_line"}


def test_who_wins_does_not_say_how_many_goals_fall() -> None:
    """Totals of one desk beside others' results and handicaps only: nobody can say that they are wrong."""
    results = [one for one in MARKETS if one[0] in (Kind.MATCH_RESULT, Kind.ASIAN_HANDICAP)]
    high = book(ODD_ONE, (2.4, 1.7), markets=[(Kind.TOTAL, "2.5")])
    assert names([*others(results), *high]) == set()
    assert names([*others([*results, (Kind.TOTAL, "3.5"), (Kind.TOTAL, "1.5")]), *high]) != set()


def test_one_desk_alone_cannot_outvote_another() -> None:
    one, other = book(ALPHA, GOALS, markets=MARKETS[:1]), book(ODD_ONE, (1.0, 1.6), markets=MARKETS[:1])
    assert "outlier" not in {name for venue in ("alpha", "oddone") for name in names([*one, *other], venue)}


def test_two_venues_with_one_desks_prices_have_one_voice() -> None:
    """Two that copy each other are no majority against a third."""
    third = book(ODD_ONE, (1.5, 1.15))
    two = [*book(ALPHA), *book(bookmaker("copy", "Copy"), margin=1.06)]
    assert names([*two, *third]) == {"outlier"}
    copied = [*book(ALPHA), *book(bookmaker("copy", "Copy"))]
    assert names([*copied, *third]) == set()


def test_a_brand_that_did_not_follow_its_desk() -> None:
    lagging = sister("Alpha Plus")
    found = [*book(ALPHA), *book(DESKS[1], margin=1.055), *book(lagging, (1.4, 1.2))]
    assert "stale" in names(found, "alpha plus")
    assert "stale" not in names(found, "alpha")
    assert (
        names([*book(ALPHA), *book(DESKS[1], margin=1.055), *book(lagging, margin=1.06)], "alpha plus")
        == set()
    )


def test_a_book_without_margin_everywhere_is_an_aggregate() -> None:
    assert "aggregate" in names([*others(), *book(ODD_ONE, margin=1.003)])
    assert "aggregate" not in names([*others(), *book(ODD_ONE, margin=1.025)])
    market = prediction("poll", "Poll")
    assert "aggregate" not in names([*others(), *book(market, margin=1.003)], "poll")


def test_a_set_that_leaves_somebody_out() -> None:
    quotes, contest = winners(0.85)
    assert names(quotes, "poll", contest) == {"not_exhaustive"}
    found = search(quotes, contests=(contest,))
    assert [one.verdict.value for one in found] == ["rejected"]
    assert {quote.side.value for quote, _ in doubted(quotes, contest).values()} == {"back"}
    for total, complete in ((0.98, True), (0.85, False)):
        quotes, contest = winners(total, complete)
        assert doubted(quotes, contest) == {}


def test_contracts_whose_yes_and_no_were_taken_for_each_other() -> None:
    market = prediction("poll", "Poll")
    for bid, expected in (("0.70", set()), ("0.28", {"yes_no_inverted"})):
        ask = Fraction(bid) + Fraction(1, 50)
        quotes = [back(market, HOME, 1 / ask), lay(market, HOME, 1 / Fraction(bid))]
        found = names([*others(goals=(2.3, 0.8)), *quotes], "poll")
        assert found - {"outlier"} == expected


def test_a_contract_that_contradicts_its_own_set() -> None:
    """Nobody else is needed: 0.60, 0.25 and 0.85 add up only with the last exchanged."""
    doubts = doubted(results("0.85")).values()
    assert {(quote.claim.selection, reasons[0].name) for quote, reasons in doubts} == {
        ("away", "yes_no_inverted")
    }
    assert doubted(results("0.15")) == {}
    assert doubted(results("0.22")) == {}


def test_silence_where_no_time_of_the_price_is_known() -> None:
    quotes = [msgspec.structs.replace(quote, received=10**15) for quote in others(MARKETS[:1])]
    late = [
        msgspec.structs.replace(quote, received=10**15 - 901 * SECOND)
        for quote in book(ODD_ONE, markets=MARKETS[:1])
    ]
    near = [msgspec.structs.replace(quote, received=10**15 - 900 * SECOND) for quote in late]
    assert names([*quotes, *late]) == {"stale"}
    assert names([*quotes, *near]) == set()


def test_a_longshot_may_pay_half_more_and_no_more() -> None:
    heavy = others(MARKETS[:1], (3.6, 0.5))
    away = max(quote.odds for quote in heavy if quote.claim.selection == "away")
    assert away > 18
    for factor, expected in (("1.4", set()), ("2.2", {"outlier"})):
        high = [back(ODD_ONE, claim(Kind.MATCH_RESULT, "away"), away * Fraction(factor))]
        assert names([*heavy, *high]) == expected

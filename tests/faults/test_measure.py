"""The measure tells apart who believes everything, who believes nothing, and who knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pytest

from crossbook.model.opportunity import Leg, Reason, Verdict
from crossbook.model.quote import Listing, Quote
from tests.faults import cases
from tests.faults.cases import Case
from tests.faults.measure import Decide, Decided, Outcome, outcome, rows, shares, table
from tests.faults.proof import prove

SEED = 11
NAMES = ("own_book/0", "stale_times/0", "crossed/0", "off_line/0", "two_venues/0", "plain/0")


@dataclass(frozen=True)
class Said:
    """An opportunity as it may be reported."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    legs: tuple[Leg, ...]
    guaranteed_return: Fraction


def said(
    listing: Listing, quotes: Sequence[Quote], verdict: Verdict, *names: str, part: float = 1.0
) -> list[Said]:
    """What is to be gained from the quotes, with this verdict; nothing where nothing is."""
    found = prove(listing, quotes)
    if found.margin <= 0:
        return []
    legs = tuple(Leg(quote, Fraction(1, len(found.legs))) for quote in found.legs)
    reasons = tuple(Reason(name, "made up") for name in names)
    return [Said(verdict, reasons, legs, Fraction(1 + part * found.margin))]


def believing(listing: Listing, quotes: Sequence[Quote]) -> list[Said]:
    return said(listing, quotes, Verdict.PURE)


def silent(listing: Listing, quotes: Sequence[Quote]) -> list[Said]:
    return []


def knowing(case: Case, name: str) -> Decide:
    def decide(listing: Listing, quotes: Sequence[Quote]) -> list[Decided]:
        rest = [quote for place, quote in enumerate(quotes) if place not in case.faulty]
        refused = said(listing, quotes, Verdict.REJECTED, name) if case.faulty else []
        return [*said(listing, rest, Verdict.RULE_EXPOSED), *refused]

    return decide


@pytest.fixture(scope="module")
def chosen() -> list[Case]:
    return [cases.one(name, SEED) for name in NAMES]


def all_of(chosen: list[Case], decide: Callable[[Case], Decide]) -> list[Outcome]:
    return [outcome(case, decide(case)) for case in chosen]


def test_one_that_believes_everything_misses_every_fault(chosen: list[Case]) -> None:
    outcomes = all_of(chosen, lambda _: believing)
    assert [one.caught for one in outcomes] == [False] * 6
    assert [one.gain > 0 for one in outcomes[:3]] == [True] * 3
    assert shares(outcomes)["clean_refused"] == 0
    assert not shares(outcomes)["reached"]


def test_one_that_believes_nothing_keeps_nothing_honest(chosen: list[Case]) -> None:
    outcomes = all_of(chosen, lambda _: silent)
    assert [(one.caught, one.silent, one.named) for one in outcomes[:3]] == [(True, True, False)] * 3
    assert shares(outcomes)["clean_refused"] == pytest.approx(2 / 3)
    assert shares(outcomes)["honest_refused"] == 1
    assert [one.failed for one in outcomes] == [True] * 5 + [False]


def test_one_that_knows_reaches_both(chosen: list[Case]) -> None:
    names = {"own_book": "Overround", "stale_times": "stale", "crossed": "outlier"}
    outcomes = all_of(chosen, lambda case: knowing(case, names.get(case.kind, "")))
    assert not any(one.failed for one in outcomes)
    assert [one.cause for one in outcomes[:3]] == [True, True, False]
    assert shares(outcomes)["reached"]


def test_a_reason_that_names_no_price_is_not_enough(chosen: list[Case]) -> None:
    outcomes = all_of(chosen, lambda case: knowing(case, "margin_cap"))
    assert [(one.caught, one.named) for one in outcomes[:3]] == [(True, False)] * 3
    assert not shares(outcomes)["reached"]


@pytest.mark.parametrize(("part", "kept"), [(0.79, False), (0.81, True)])
def test_an_honest_margin_may_be_a_fifth_less(chosen: list[Case], part: float, kept: bool) -> None:
    found = outcome(chosen[3], lambda listing, quotes: said(listing, quotes, Verdict.PURE, part=part))
    assert (found.honest, found.kept) == (True, kept)


def test_something_made_of_nothing_is_seen(chosen: list[Case]) -> None:
    legs = (Leg(chosen[5].quotes[0], Fraction(1)),)
    found = outcome(chosen[5], lambda _listing, _quotes: [Said(Verdict.PURE, (), legs, Fraction(101, 100))])
    assert found.made_up
    assert found.failed


def test_the_table_counts_every_case_once(chosen: list[Case]) -> None:
    outcomes = all_of(chosen, lambda _: believing)
    counted = rows(outcomes)
    assert [(row.kind, row.cases) for row in counted if row.kind == "all"] == [("all", 3), ("all", 3)]
    text = table(outcomes)
    assert all(name.partition("/")[0] in text for name in NAMES)
    assert "caught 0.00%" in text

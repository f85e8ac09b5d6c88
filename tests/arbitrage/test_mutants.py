"""Teeth: one thing broken at a time, and a compact check of this room must notice.

The checks are those the other tests call; each must pass before its mutant and fail on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from crossbook.arbitrage import (
    certificate,
    decide,
    fair,
    find,
    instrument,
    program,
    scores,
    screens,
    settled,
    stakes,
    states,
)
from crossbook.arbitrage.changes import changes
from crossbook.arbitrage.instrument import worst_and_best
from crossbook.arbitrage.search import Found, best_counts
from crossbook.arbitrage.solution import Solution, closed_form, exact_solution
from crossbook.arbitrage.states import gross_coefficients
from crossbook.model import settlement
from crossbook.model.quote import Quote
from tests.arbitrage import checks
from tests.arbitrage.checks import (
    check_collapse_of_football,
    check_commission,
    check_found_sums,
    check_scene,
    check_sides_of_a_lay,
    check_stakes_of_cases,
    check_stakes_of_rows,
    drawn_rows,
)
from tests.arbitrage.games import check_certificates
from tests.arbitrage.priced_books import results, winners
from tests.arbitrage.scenes import LAGGING_BRAND, SCENES
from tests.arbitrage.worlds import ALPHA, AWAY, back, search

Patch = pytest.MonkeyPatch


def forget() -> None:
    """Empty every cache of the room, so that nothing settled before a mutant came is remembered after."""
    for module in (states, scores, fair, instrument, find, screens, stakes):
        for thing in vars(module).values():
            clear = getattr(thing, "cache_clear", None)
            if clear is not None:
                clear()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    forget()
    yield
    forget()


# ------------------------------------------------------------------ the breakages


def drop_goalless_draws(patch: Patch) -> None:
    whole = scores._square
    patch.setattr(scores, "_square", lambda top: (score for score in whole(top) if score != (0, 0)))


def see_changes_a_count_late(patch: Patch) -> None:
    whole = changes
    patch.setattr(
        settled,
        "changes",
        lambda claim: {way: [count + 1 for count in counts] for way, counts in whole(claim).items()},
    )


def tell_the_programme_too_few_states(patch: Patch) -> None:
    patch.setattr(program, "_FEW_STATES", 3)
    patch.setattr(program, "_FIRST_STATES", 3)
    patch.setattr(program, "_MISSED", 10.0)


def drop_a_collapsed_state(patch: Patch) -> None:
    whole = states.States.__init__

    def short(self: states.States, *given: Any) -> None:
        whole(self, *given)
        middle = len(self.results) // 2
        self.results = (*self.results[:middle], *self.results[middle + 1 :])
        self.codes = np.delete(self.codes, middle, axis=1)
        self.won, self.refunded = (np.delete(table, middle, axis=1) for table in (self.won, self.refunded))

    patch.setattr(states.States, "__init__", short)


def loosen_the_certificate(patch: Patch) -> None:
    patch.setattr(certificate, "CLEARED", 1 + 1e-3)


def stop_the_walk_at_once(patch: Patch) -> None:
    patch.setattr(certificate._Walk, "entering_gain", lambda self: np.zeros(len(self.games)))


def pay_half_wins_in_full(patch: Patch) -> None:
    patch.setattr(settlement, "HALF_WON", settlement.WON)


def refund_half_losses(patch: Patch) -> None:
    patch.setattr(settlement, "HALF_LOST", settlement.REFUNDED)


def lose_refunds(patch: Patch) -> None:
    patch.setattr(settlement, "REFUNDED", settlement.LOST)


def turn_the_sign_of_lays(patch: Patch) -> None:
    def turned(odds: Fraction, lay: bool) -> tuple[Fraction, Fraction, Fraction]:
        a, b, c = gross_coefficients(odds, lay)
        return (-a, b, c) if lay else (a, b, c)

    patch.setattr(instrument, "gross_coefficients", turned)


def ignore_commission(patch: Patch) -> None:
    patch.setattr(instrument, "instrument_of", lambda quote: instrument.Instrument(quote, Fraction(0), ""))


def round_returns_up(patch: Patch) -> None:
    def up(solution: Solution) -> Solution:
        raised = Fraction(-(-solution.guaranteed_return * 10_000 // 1), 10_000)
        return msgspec.structs.replace(solution, guaranteed_return=raised)

    exact, closed = exact_solution, closed_form
    for room in (find, decide):
        patch.setattr(room, "exact_solution", lambda *given: up(exact(*given)))
    patch.setattr(decide, "closed_form", lambda *given: (found := closed(*given)) and up(found))


def round_profits_up(patch: Patch) -> None:
    exact = worst_and_best

    def up(*given: Any) -> tuple[Fraction, Fraction]:
        worst, best = exact(*given)
        return Fraction(-(-worst * 10 // 1), 10), best

    patch.setattr(stakes, "worst_and_best", up)


def take_the_first_total(patch: Patch) -> None:
    every = stakes._Boxes.promising
    patch.setattr(stakes._Boxes, "promising", lambda self, most: every(self, most)[:1])


def take_the_first_point(patch: Patch) -> None:
    every = stakes._points

    def first(ranges: Sequence[Sequence[int]], total: int) -> Iterator[list[int]]:
        yield from list(every(ranges, total))[:1]

    patch.setattr(stakes, "_points", first)


def one_step_short(patch: Patch) -> None:
    best = best_counts

    def short(*given: Any) -> Found:
        found = best(*given)
        return found._replace(counts=(max(0, found.counts[0] - 1), *found.counts[1:]))

    patch.setattr(stakes, "best_counts", short)


def forget_the_limits(patch: Patch) -> None:
    known = stakes.grid_of
    patch.setattr(
        stakes, "grid_of", lambda *given: msgspec.structs.replace(known(*given), least=1, most=10**6)
    )


def without_screen(name: str) -> Callable[[Patch], None]:
    def apply(patch: Patch) -> None:
        left = tuple(screen for screen in screens.SCREENS if screen.__name__ != name)
        assert len(left) == len(screens.SCREENS) - 1
        patch.setattr(screens, "SCREENS", left)

    return apply


def believe_one_desk(patch: Patch) -> None:
    patch.setattr(decide, "one_desk", lambda quotes: None)


def believe_sister_brands(patch: Patch) -> None:
    patch.setattr(decide, "sister_brands", lambda quotes: None)


def believe_any_margin(patch: Patch) -> None:
    patch.setattr(decide, "MARGIN_CAP", Fraction(10))


def mix_bases(patch: Patch) -> None:
    whole = find.markets_of

    def mixed(listing: Any, quotes: Sequence[Quote]) -> Iterator[decide.Market]:
        first = quotes[0].basis
        return whole(listing, [msgspec.structs.replace(quote, basis=first) for quote in quotes])

    patch.setattr(find, "markets_of", mixed)


# ------------------------------------------------------------------ the checks that must notice


def check_screen(name: str) -> Callable[[], None]:
    return lambda: check_scene(SCENES[name][0])


def check_brands() -> None:
    check_scene(LAGGING_BRAND)


def check_gaps() -> None:
    quotes, contest = winners(0.85)
    assert [one.verdict.value for one in search(quotes, contests=(contest,))] == ["rejected"]


def check_exchanged() -> None:
    found = search([*results("0.85"), back(ALPHA, AWAY, 5)])
    assert "yes_no_inverted" in {reason.name for one in found for reason in one.reasons}


def check_a_few_cases() -> None:
    check_stakes_of_cases(60, 0)


def check_a_few_rows() -> None:
    check_stakes_of_rows(drawn_rows(25))


def check_sums_of_some() -> None:
    check_found_sums(25)


def check_exact() -> None:
    checks.check_exact_solutions(60)


def check_some_games() -> None:
    check_certificates(3)


def check_collapse() -> None:
    check_collapse_of_football(20)


def check_bases() -> None:
    checks.check_bases_stay_apart()


class Mutant(NamedTuple):
    """A breakage, and a check that must pass without it and fail with it."""

    apply: Callable[[Patch], None]
    check: Callable[[], Any]


MUTANTS: dict[str, Mutant] = {
    "a score is dropped from the grid": Mutant(drop_goalless_draws, check_collapse),
    "a collapsed state is dropped": Mutant(drop_a_collapsed_state, check_collapse),
    "claims change a count too late": Mutant(see_changes_a_count_late, check_collapse),
    "the programme is told too few states": Mutant(tell_the_programme_too_few_states, check_exact),
    "games up to 1 + 1e-3 are certified": Mutant(loosen_the_certificate, check_some_games),
    "the walk stops at once": Mutant(stop_the_walk_at_once, check_some_games),
    "half wins pay in full": Mutant(pay_half_wins_in_full, check_collapse),
    "half losses are refunded": Mutant(refund_half_losses, check_collapse),
    "refunds are lost": Mutant(lose_refunds, check_collapse),
    "half wins pay in full, in fractions": Mutant(pay_half_wins_in_full, check_sides_of_a_lay),
    "a lay has the wrong sign": Mutant(turn_the_sign_of_lays, check_sides_of_a_lay),
    "a lay has the wrong sign, in optima": Mutant(turn_the_sign_of_lays, check_exact),
    "commission is ignored": Mutant(ignore_commission, check_commission),
    "returns are rounded up": Mutant(round_returns_up, check_sums_of_some),
    "profits are rounded up": Mutant(round_profits_up, check_a_few_rows),
    "only the first total is tried": Mutant(take_the_first_total, check_a_few_rows),
    "only the first point of a box is tried": Mutant(take_the_first_point, check_a_few_rows),
    "the programme's counts are a step short": Mutant(one_step_short, check_a_few_cases),
    "limits are forgotten": Mutant(forget_the_limits, check_a_few_cases),
    "bases are mixed": Mutant(mix_bases, check_bases),
    "no screen for suspended": Mutant(without_screen("suspended"), check_screen("suspended")),
    "no screen for clock skew": Mutant(without_screen("clock_skew"), check_screen("clock_skew")),
    "no screen for stale": Mutant(without_screen("stale"), check_screen("stale")),
    "no screen for crossed": Mutant(without_screen("crossed"), check_screen("crossed")),
    "no screen for own books": Mutant(without_screen("own_book"), check_screen("own_book")),
    "no screen for outliers": Mutant(without_screen("outlier"), check_screen("outlier")),
    "no screen for the incoherent": Mutant(without_screen("incoherent"), check_screen("incoherent")),
    "no screen for handicap signs": Mutant(without_screen("incoherent"), check_screen("handicap_sign")),
    "no screen for line order": Mutant(without_screen("incoherent"), check_screen("line_order")),
    "no screen for swapped sides": Mutant(without_screen("swapped"), check_screen("sides_swapped")),
    "no screen for markets that are far apart": Mutant(without_screen("apart"), check_screen("wrong_line")),
    "no screen for aggregates": Mutant(without_screen("aggregate"), check_screen("aggregate")),
    "no screen for lagging brands": Mutant(without_screen("brands"), check_brands),
    "no screen for sets with gaps": Mutant(without_screen("not_exhaustive"), check_gaps),
    "no screen for contracts exchanged": Mutant(without_screen("inverted"), check_exchanged),
    "one desk is believed": Mutant(believe_one_desk, check_screen("one_desk")),
    "sister brands are believed": Mutant(believe_sister_brands, check_screen("sister_brands")),
    "any margin is believed": Mutant(believe_any_margin, check_screen("margin_cap")),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_checks_have_teeth(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant = MUTANTS[name]
    mutant.check()
    forget()
    mutant.apply(monkeypatch)
    with pytest.raises(AssertionError):
        mutant.check()


def test_every_screen_has_a_mutant() -> None:
    """A screen that is added needs a scene and a mutant here."""
    names = {screen.__name__ for screen in screens.SCREENS}
    known = {"suspended", "clock_skew", "stale", "crossed", "incoherent", "swapped", "own_book", "outlier"}
    assert names == known | {"apart", "brands", "aggregate", "not_exhaustive", "inverted"}

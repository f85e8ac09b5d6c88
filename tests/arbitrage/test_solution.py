"""Exact optima: the closed form where it holds and nowhere else, and vertices that scipy and plain sums confirm."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.arbitrage.instrument import Instrument, instrument_of, worst_and_best
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.solution import Solution, _inverse, closed_form, exact_solution
from crossbook.arbitrage.states import States, states_of
from crossbook.model.claim import Kind
from crossbook.model.quote import Contest, Quote
from tests.arbitrage.checks import check_exact_solutions, least_of, solved
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    DNB_AWAY,
    DNB_HOME,
    DRAW,
    HOME,
    TWO_PERCENT,
    Number,
    ah,
    back,
    book,
    claim,
    lay,
    total,
)


def closed(*quotes: Quote, contest: Contest | None = None) -> Solution | None:
    states = states_of(frozenset(quote.claim for quote in quotes), contest)
    return closed_form([instrument_of(quote) for quote in quotes], states)


odds_text = st.integers(101, 2000).map(lambda cents: Fraction(cents, 100))


@given(odds_text, odds_text, odds_text)
def test_a_whole_match_result_is_closed(home: Fraction, draw: Fraction, away: Fraction) -> None:
    solution = closed(*book(ALPHA, home, draw, away))
    assert solution is not None
    total_of_inverses = 1 / home + 1 / draw + 1 / away
    assert solution.guaranteed_return == 1 / total_of_inverses
    by_claim = {leg.quote.claim: share for leg, share in zip(solution.legs, solution.shares, strict=True)}
    assert by_claim == {
        HOME: 1 / home / total_of_inverses,
        DRAW: 1 / draw / total_of_inverses,
        AWAY: 1 / away / total_of_inverses,
    }


@pytest.mark.parametrize(
    "claims",
    [
        (BTTS_YES, BTTS_NO),
        (total("over", "2.5"), total("under", "2.5")),
        (ah("home", "-1.5"), ah("away", "-1.5")),
        (claim(Kind.DOUBLE_CHANCE, "home_draw"), AWAY),
        (ah("home", "0.5"), AWAY),
        tuple(claim(Kind.EUROPEAN_HANDICAP, side, -1) for side in ("home", "draw", "away")),
        (claim(Kind.ODD_EVEN, "odd"), claim(Kind.ODD_EVEN, "even")),
    ],
)
def test_other_markets_that_are_closed(claims: tuple[object, ...]) -> None:
    prices = [Fraction(27, 10) + Fraction(place, 7) for place in range(len(claims))]
    quotes = [back(ALPHA, one, odds) for one, odds in zip(claims, prices, strict=True)]  # type: ignore[arg-type]
    solution = closed(*quotes)
    assert solution is not None
    assert solution.guaranteed_return == 1 / sum(1 / odds for odds in prices)
    assert solution.vertex is not None


def test_commission_of_one_leg_is_in_the_closed_form() -> None:
    solution = closed(back(TWO_PERCENT, BTTS_YES, "2.1"), back(ALPHA, BTTS_NO, 2))
    assert solution is not None
    taxed = 1 + Fraction(11, 10) * Fraction(98, 100)
    assert solution.guaranteed_return == 1 / (1 / taxed + Fraction(1, 2))


@pytest.mark.parametrize(
    "quotes",
    [
        pytest.param([back(ALPHA, DNB_HOME, 2), back(ALPHA, DNB_AWAY, 2)], id="refund"),
        pytest.param([back(ALPHA, ah("home", "-0.25"), 2), back(ALPHA, ah("away", "-0.25"), 2)], id="half"),
        pytest.param([back(ALPHA, total("over", 3), 2), back(ALPHA, total("under", 3), 2)], id="push"),
        pytest.param([back(ALPHA, HOME, 2), lay(ALPHA, HOME, "1.9")], id="lay"),
        pytest.param([back(ALPHA, HOME, 3), back(ALPHA, DRAW, 3)], id="a state pays nobody"),
        pytest.param(
            [back(ALPHA, total("over", "1.5"), 2), back(ALPHA, total("under", "2.5"), 2)],
            id="a state pays twice",
        ),
        pytest.param(
            [*book(ALPHA, 3, 3, 3), back(ALPHA, claim(Kind.DOUBLE_CHANCE, "home_draw"), "1.4")],
            id="one too many",
        ),
        pytest.param(
            [back(TWO_PERCENT, BTTS_YES, 2, market_id="m"), back(TWO_PERCENT, BTTS_NO, 2, market_id="m")],
            id="two legs taxed together",
        ),
        pytest.param(
            [back(ALPHA, HOME, 3), back(ALPHA, DRAW, 3), back(BRAVO, HOME, "2.9")], id="twice the same"
        ),
    ],
)
def test_where_the_closed_form_does_not_hold(quotes: list[Quote]) -> None:
    assert closed(*quotes) is None


def test_dead_heats_keep_a_race_out_of_the_closed_form() -> None:
    claims = [claim(Kind.WINNER, name, subject="race") for name in ("a", "b")]
    assert closed(*(back(ALPHA, one, "2.1") for one in claims), contest=Contest("race", ("a", "b"))) is None


def test_exact_solutions_are_what_scipy_finds_and_what_their_shares_give() -> None:
    with_vertex, without = check_exact_solutions(240)
    assert with_vertex >= 120
    assert without < with_vertex


def test_identities_of_textbooks() -> None:
    """Synthetic prices (handicaps from match results) give returns that can be written down by hand."""
    home, draw, away = Fraction(21, 10), Fraction(35, 10), Fraction(38, 10)

    def value(*quotes: Quote) -> Fraction:
        return solved(list(quotes))[0].guaranteed_return

    def cost(first: Number, second: Number, factor: Fraction) -> Fraction:
        return 1 / Fraction(first) + 1 / Fraction(second) + factor / draw

    dnb = back(ALPHA, DNB_HOME, "1.6"), back(ALPHA, DRAW, draw), back(ALPHA, AWAY, away)
    assert value(*dnb) == 1 / cost("1.6", away, 1 - 1 / Fraction("1.6"))
    quarter = back(ALPHA, ah("home", "-0.25"), "1.9"), back(ALPHA, DRAW, draw), back(ALPHA, AWAY, away)
    assert value(*quarter) == 1 / cost("1.9", away, 1 - 1 / Fraction("3.8"))
    plus = back(ALPHA, ah("home", "0.25"), "1.5"), back(ALPHA, DRAW, draw), back(ALPHA, AWAY, away)
    assert value(*plus) == 1 / cost("1.5", away, 1 - Fraction("2.5") / 3)
    two = back(ALPHA, HOME, home), back(ALPHA, ah("away", "-0.5"), "1.95")
    assert value(*two) == 1 / (1 / home + 1 / Fraction("1.95"))
    laid = back(ALPHA, HOME, home), lay(BRAVO, HOME, 2)
    assert value(*laid) == 1 / (1 / home + Fraction(1, 2))


@pytest.mark.parametrize(
    "quotes",
    [
        pytest.param(
            [
                back(ALPHA, HOME, "2.5"),
                back(BRAVO, ah("home", "-0.5"), "2.5"),
                back(ALPHA, ah("away", "-0.5"), 2),
            ],
            id="two claims that are one",
        ),
        pytest.param(
            [*book(ALPHA, 4, 4, 4), back(BRAVO, claim(Kind.DOUBLE_CHANCE, "home_draw"), 2)],
            id="a bundle at the price of its parts",
        ),
        pytest.param(
            [
                back(ALPHA, total("over", "2.5"), 2),
                back(ALPHA, total("under", "3.5"), 2),
                back(BRAVO, BTTS_YES, 2),
            ],
            id="a middle at break-even",
        ),
        pytest.param([*book(ALPHA, 3, 3, 3), *book(BRAVO, 3, 3, 3)], id="every price twice"),
    ],
)
def test_degenerate_optima_keep_their_return(quotes: list[Quote]) -> None:
    solution, states, value = solved(quotes)
    assert float(solution.guaranteed_return) == pytest.approx(value, abs=1e-9)
    assert least_of(solution, states) == solution.guaranteed_return
    assert sum(solution.shares) == 1


def test_shares_that_are_no_vertex_still_tell_the_truth() -> None:
    """Given a mixture of two optima, whatever comes out has the exact worst case of its own shares."""
    quotes = [
        back(ALPHA, HOME, "2.5"),
        back(BRAVO, ah("home", "-0.5"), "2.5"),
        back(ALPHA, ah("away", "-0.5"), 2),
    ]
    states = states_of(frozenset(quote.claim for quote in quotes))
    instruments = [instrument_of(quote) for quote in quotes]
    weight = 1 / 2.5 + 1 / 2
    mixed = np.array([0.5 / 2.5, 0.5 / 2.5, 1 / 2]) / weight
    solution = exact_solution(instruments, mixed, states)
    assert least_of(solution, states) == solution.guaranteed_return
    assert float(solution.guaranteed_return) == pytest.approx(1 / weight, abs=1e-9)


def test_poor_shares_are_not_called_an_optimum() -> None:
    """A solver's bad day: the return given is that of a real plan, and no more than the optimum."""
    quotes = book(ALPHA, "2.5", "3.6", "4.1")
    states = states_of(frozenset(quote.claim for quote in quotes))
    instruments = [instrument_of(quote) for quote in quotes]
    solution = exact_solution(instruments, np.array([0.5, 0.3, 0.2]), states)
    assert least_of(solution, states) == solution.guaranteed_return
    assert solution.vertex is None
    assert solution.guaranteed_return == min(Fraction("1.25"), Fraction("1.08"), Fraction("0.82"))


def test_two_legs_of_one_taxed_market_are_taxed_together() -> None:
    quotes = [
        back(TWO_PERCENT, HOME, "2.2", market_id="m"),
        back(TWO_PERCENT, DRAW, "4.2", market_id="m"),
        back(ALPHA, AWAY, "4.6"),
    ]
    solution, states, value = solved(quotes)
    assert float(solution.guaranteed_return) == pytest.approx(value, abs=1e-9)
    assert least_of(solution, states) == solution.guaranteed_return
    apart = [instrument_of(quote) for quote in quotes]
    apart = [Instrument(one.quote, one.commission, f"{one.market}{place}") for place, one in enumerate(apart)]
    _, shares = best_shares(Columns(apart, states))
    assert exact_solution(apart, shares, states).guaranteed_return < solution.guaranteed_return


def gauss(matrix: list[list[int]]) -> tuple[list[list[Fraction]], Fraction] | None:
    """Inverse and determinant by schoolbook elimination in fractions; None for a singular matrix."""
    size = len(matrix)
    table = [
        [*map(Fraction, row), *(Fraction(place == other) for other in range(size))]
        for place, row in enumerate(matrix)
    ]
    determinant = Fraction(1)
    for place in range(size):
        found = max(range(place, size), key=lambda row: abs(table[row][place]))
        if not table[found][place]:
            return None
        if found != place:
            table[place], table[found] = table[found], table[place]
            determinant = -determinant
        pivot = table[place][place]
        determinant *= pivot
        table[place] = [entry / pivot for entry in table[place]]
        for other in range(size):
            factor = table[other][place]
            if other != place and factor:
                table[other] = [
                    entry - factor * above for entry, above in zip(table[other], table[place], strict=True)
                ]
    return [row[size:] for row in table], determinant


@given(
    st.integers(1, 6).flatmap(
        lambda size: st.lists(
            st.lists(
                st.one_of(st.integers(-3, 3), st.integers(-(10**9), 10**9)), min_size=size, max_size=size
            ),
            min_size=size,
            max_size=size,
        )
    )
)
def test_the_inverse_without_fractions(matrix: list[list[int]]) -> None:
    inverse, determinant = _inverse([list(row) for row in matrix])
    expected = gauss(matrix)
    if expected is None:
        assert determinant == 0
        return
    exact, signed = expected
    assert determinant == abs(signed)
    assert [[Fraction(entry, determinant) for entry in row] for row in inverse] == exact


def test_the_vertex_maps_payouts_to_stakes() -> None:
    """Inverse × (payouts that bind, total) gives the stakes back: what the search for whole stakes leans on."""
    rng = random.Random(3)
    seen = 0
    for _ in range(40):
        odds = [Fraction(rng.randint(210, 480), 100) for _ in range(3)]
        solution = closed(*book(ALPHA, *odds))
        assert solution is not None
        vertex = solution.vertex
        assert vertex is not None
        right = [0, 0, 0, vertex.determinant]
        for row, share in zip(vertex.inverse[:-1], solution.shares, strict=True):
            stake = Fraction(sum(map(int.__mul__, row, right)), vertex.determinant)
            assert stake == share * vertex.determinant
        prices = [Fraction(-entry, vertex.determinant) for entry in vertex.inverse[-1][:-1]]
        assert sum(prices) == 1
        assert min(prices) > 0
        seen += 1
    assert seen == 40


def test_states_are_of_the_claims_asked_for() -> None:
    states: States = states_of(frozenset([BTTS_YES]))
    assert states.claims == (BTTS_YES,)


def test_a_field_of_hundreds_has_its_closed_form_without_a_vertex() -> None:
    """One runner of 250 wins: shares in proportion to one over the odds, exactly, and no inverse of 250 by 250."""
    names = tuple(f"r{number:03}" for number in range(250))
    quotes = [
        back(ALPHA, claim(Kind.WINNER, name, subject="race"), Fraction(25_000 + 37 * place, 90))
        for place, name in enumerate(names)
    ]
    states = states_of(frozenset(quote.claim for quote in quotes), Contest("race", names))
    solution = closed_form([instrument_of(quote) for quote in quotes], states)
    assert solution is not None
    assert solution.vertex is None
    inverse = [1 / quote.odds for quote in quotes]
    assert solution.shares == tuple(one / sum(inverse) for one in inverse)
    assert solution.guaranteed_return == 1 / sum(inverse)
    assert 1 + worst_and_best(solution.legs, solution.shares, states)[0] == solution.guaranteed_return

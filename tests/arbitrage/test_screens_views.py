"""What is expected of a market: ladders say it exactly, views nearly, and both only on the word of two desks."""

from __future__ import annotations

from fractions import Fraction
from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.arbitrage.screening.evidence import Evidence
from crossbook.arbitrage.screening.expected import Expected
from crossbook.arbitrage.screening.ladders import chance_above
from crossbook.arbitrage.screening.opinions import Opinion, logit
from crossbook.arbitrage.screening.views import heard, view_of
from crossbook.model.claim import Claim, Kind, Period
from crossbook.model.quote import Basis, Quote
from tests.arbitrage.priced_books import DESKS, MARKETS, book, chances, others
from tests.arbitrage.worlds import Scores, ah, claim, settled, total

RATES = st.floats(0.4, 2.8)
_SCORES = Scores(14)


def true_logit(one: Claim, goals: tuple[float, float]) -> float:
    won, refunded = (float(part @ chances(goals)) for part in settled(one, _SCORES))
    return logit(won / (1 - refunded))


def expected_in(quotes: list[Quote], basis: Basis = Basis.PREMATCH) -> Expected:
    evidence = Evidence(quotes)
    return Expected(evidence.best, basis, evidence.desks)


NOBODY = Opinion("nobody", "nobody", {}, True)


@given(RATES, st.integers(4, 14))
def test_half_lines_fix_every_line_between_them(rate: float, quarters: int) -> None:
    """For any counts, here Poisson: the chance by settlement is that by the half lines around."""

    def above(line: int) -> float:
        return 1 - sum(exp(-rate) * rate**n / factorial(n) for n in range((line + 2) // 4))

    grid = chances((rate, 1e-9))
    won, refunded = (
        float(p @ grid) for p in settled(claim(Kind.TOTAL, "over", Fraction(quarters, 4)), _SCORES)
    )
    found = chance_above(quarters, above)
    assert found == pytest.approx(won / (1 - refunded), abs=1e-4)


def test_without_its_neighbours_a_line_is_not_known() -> None:
    assert chance_above(8, {6: 0.7}.get) is None
    assert chance_above(10, {10: 0.4}.get) == 0.4
    assert chance_above(10, {6: 0.7, 14: 0.2}.get) is None


@pytest.mark.parametrize("goals", [(1.7, 1.0), (0.8, 0.7), (2.6, 0.6), (1.2, 2.2)], ids=str)
def test_a_view_tells_what_its_markets_did_not(goals: tuple[float, float]) -> None:
    view = view_of(heard(expected_in(others(goals=goals)).opinions, Period.FULL_TIME))
    assert view is not None
    assert view.goals == pytest.approx(sum(goals), rel=0.05)
    for one in (
        ah("home", "-2"),
        ah("home", "1"),
        total("over", "4.5"),
        claim(Kind.TEAM_TOTAL_HOME, "over", "1.5"),
    ):
        assert view.expects(one) == pytest.approx(true_logit(one, goals), abs=0.15)


def test_a_wrong_minority_does_not_bend_a_view() -> None:
    right = heard(expected_in(others()).opinions, Period.FULL_TIME)
    wrong = [one._replace(logit=one.logit + 1.5) if place < 3 else one for place, one in enumerate(right)]
    straight, bent = view_of(right), view_of(wrong)
    assert straight is not None
    assert bent is not None
    for one in (ah("home", "-0.5"), total("over", "2.5")):
        assert bent.expects(one) == pytest.approx(straight.expects(one), abs=0.12)


def test_the_nearest_evidence_is_asked_first() -> None:
    expected = expected_in(others())
    direct, between, beyond = total("over", "2.5"), total("over", "2.75"), total("over", "5.5")
    for one, room in ((direct, 0.05), (between, 0.05), (beyond, 0.3)):
        found = expected.logit_of(one, NOBODY)
        assert found == pytest.approx(true_logit(one, (1.7, 1.0)), abs=room)


def test_one_other_desk_is_not_enough() -> None:
    asked = Opinion("oddone", "oddone", {}, True)
    assert expected_in(book(DESKS[0])).logit_of(total("over", "2.5"), asked) is None
    assert expected_in([*book(DESKS[0]), *book(DESKS[1], margin=1.06)]).logit_of(total("over", "2.5"), asked)
    assert expected_in(book(DESKS[0])).far == {}


def test_in_play_there_is_no_view() -> None:
    """Nobody says what was scored before; claims that others quote are compared all the same."""
    expected = expected_in(others(), Basis.LIVE)
    assert expected.view(Period.FULL_TIME) is None
    assert expected.logit_of(total("over", "5.5"), NOBODY) is None
    assert expected.logit_of(total("over", "2.5"), NOBODY) is not None
    assert expected_in(others(MARKETS[:1])).view(Period.FULL_TIME) is None

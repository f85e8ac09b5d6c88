"""Plans that never lose and sometimes win: told when they are asked for, and not otherwise."""

from __future__ import annotations

from fractions import Fraction

from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.known import Certificates
from crossbook.arbitrage.terms import Terms
from crossbook.model.opportunity import Opportunity
from crossbook.model.quote import Quote
from crossbook.model.report import opportunity_object
from crossbook.pipeline.beginning import options_of, told
from crossbook.pipeline.options import Options
from tests.arbitrage.worlds import ALPHA, BRAVO, TWO_PERCENT, back, book, event, total

ASKED = Terms(no_loss=True)
PUSH = [back(ALPHA, total("over", 3), "2.05"), back(BRAVO, total("under", 3), "2.05")]


def found(quotes: list[Quote], terms: Terms) -> list[Opportunity]:
    together = list(opportunities([(event(), quotes)], terms))
    assert list(Certificates().opportunities([(event(), quotes)], terms)) == together
    assert all(isinstance(one, Opportunity) for one in together)
    return [one for one in together if isinstance(one, Opportunity)]


def test_it_is_told_only_when_it_is_asked_for() -> None:
    assert found(PUSH, Terms()) == []
    (one,) = found(PUSH, ASKED)
    assert one.kind == "no_loss"
    assert one.guaranteed_return == 1
    assert one.expected_return == 1 + Fraction(2, 3) * Fraction(1, 40)
    assert opportunity_object(one)["expected_return"] == "1.016666666"


def test_an_arbitrage_stays_one_and_says_nothing_of_means() -> None:
    quotes = book(ALPHA, "2.5", "3.6", "3.2")
    (one,) = found(quotes, ASKED)
    assert [one] == found(quotes, Terms())
    assert one.kind == "arbitrage"
    assert "expected_return" not in opportunity_object(one)


def test_what_only_breaks_even_is_nothing() -> None:
    assert found([back(ALPHA, total("over", 3), 2), back(BRAVO, total("under", 3), 2)], ASKED) == []


def test_a_leg_that_pays_commission_has_no_part_in_it() -> None:
    assert found([PUSH[0], back(TWO_PERCENT, total("under", 3), "2.05")], ASKED) == []


def test_prices_that_are_not_believed_have_no_part_in_it() -> None:
    wrong = back(BRAVO, total("under", 3), "2.05", tradable=False)
    assert found([PUSH[0], wrong], ASKED) == []


def test_a_recording_remembers_that_it_was_asked_for() -> None:
    assert options_of(told(Options(terms=ASKED))).terms.no_loss is True
    assert options_of(told(Options())).terms.no_loss is False
    assert b"no_loss" not in told(Options())

"""The terms of a run travel with its recording."""

from __future__ import annotations

from fractions import Fraction

import pytest

from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.frame import Frame, FrameKind
from crossbook.model.quote import Basis
from crossbook.pipeline.beginning import options_of, told
from crossbook.pipeline.live import Pipeline
from crossbook.pipeline.options import Options
from tests.pipeline.live_made_up import Play

OPTIONS = Options(
    terms=Terms(Fraction(1000), Fraction(1, 3), Fraction(1, 100)),
    commissions={"bravo": Fraction(2, 100)},
    basis=Basis.PREMATCH,
)


def test_what_decides_is_written_down_and_read_back_exactly() -> None:
    assert options_of(told(OPTIONS)) == OPTIONS
    assert options_of(told(Options())) == Options()


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"bank":"1/0","unit":"1","least_margin":"0"}', b"\xff"]
)
def test_terms_that_cannot_be_read_are_named(data: bytes) -> None:
    with pytest.raises(BadData, match="the terms of a run"):
        options_of(data)


def bank_of_a_find(play: Play) -> Fraction:
    play.planted()
    (found,) = play.pipeline.lives.open()
    assert found.opportunity.plan is not None
    return found.opportunity.plan.bank


def test_a_replay_takes_the_terms_of_each_run_unless_it_is_given_others() -> None:
    rich = Options(terms=Terms(Fraction(1000)))
    began = Frame(1, "", FrameKind.BEGAN, told(rich))
    recorded, own = Play(), Play()
    recorded.pipeline = Pipeline(recorded.pipeline._readers)
    recorded.pipeline.apply(began)
    own.pipeline.apply(began)
    assert bank_of_a_find(recorded) == 1000
    assert bank_of_a_find(own) == 100
    recorded.pipeline.apply(Frame(2, "", FrameKind.BEGAN))
    assert bank_of_a_find(recorded) == 100

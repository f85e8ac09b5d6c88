"""Waiting times and the breaker, with a clock that is moved by hand."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import Retry
from crossbook.transport.backoff import Backoff, Breaker, Gate


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@given(st.integers(), st.integers(1, 200))
def test_waits_stay_below_a_doubling_ceiling_and_the_cap(seed: int, failures: int) -> None:
    backoff = Backoff(Random(seed), first_s=0.5, cap_s=60)
    waits = [backoff.failed() for _ in range(failures)]
    assert all(0 <= wait <= min(60, 0.5 * 2**place) for place, wait in enumerate(waits))


def test_waits_are_spread() -> None:
    waits = {Backoff(Random(seed), first_s=1).failed() for seed in range(20)}
    assert len(waits) == 20


@pytest.mark.parametrize(("held", "begins_again"), [(10.0, True), (9.0, False)])
def test_a_connection_that_held_begins_again(held: float, begins_again: bool) -> None:
    backoff = Backoff(Random(1), first_s=1, cap_s=1_000, healthy_s=10)
    for _ in range(20):
        backoff.failed()
    waits = [backoff.failed(held_s=held) for _ in range(20)]
    assert (max(waits) <= 1) is begins_again


def test_the_server_s_wish_is_a_floor() -> None:
    assert Backoff(Random(1), first_s=0.1).failed(at_least_s=30) == 30


def test_the_breaker_opens_tries_and_closes() -> None:
    clock = Clock()
    breaker = Breaker("feed", clock, failures=3, open_s=10)
    for _ in range(3):
        breaker.admit()
        breaker.failed()
    assert (breaker.gate, breaker.wait_s()) == (Gate.OPEN, 10)
    with pytest.raises(Retry, match="feed: left alone after 3 failures"):
        breaker.admit()
    clock.seconds = 10
    breaker.admit()
    assert breaker.gate is Gate.HALF_OPEN
    with pytest.raises(Retry):
        breaker.admit()
    breaker.failed()
    assert (breaker.gate, breaker.wait_s()) == (Gate.OPEN, 10)
    clock.seconds = 20
    breaker.admit()
    breaker.succeeded()
    assert breaker.wait_s() == 0
    breaker.failed()
    breaker.admit()


def test_a_question_that_was_given_up_lets_the_next_one_find_out() -> None:
    clock = Clock()
    breaker = Breaker("feed", clock, failures=1, open_s=10)
    breaker.failed()
    clock.seconds = 10
    breaker.admit()
    breaker.abandoned()
    breaker.admit()
    assert breaker.gate is Gate.HALF_OPEN

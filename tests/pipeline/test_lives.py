"""Lives: what is one opportunity over time, and in which words its end is told."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from crossbook.model.claim import Kind, Period
from crossbook.model.life import Change, Moment
from crossbook.model.opportunity import Leg, Opportunity, Reason, Verdict
from crossbook.model.quote import Basis, Quote
from crossbook.pipeline.events import Event
from crossbook.pipeline.lives import Lives
from tests.arbitrage.checks import two_way
from tests.arbitrage.worlds import ALPHA, BRAVO, back, claim, search

EVENT = Event("e", (("feed", "k"),))
OTHER = Event("f", (("feed", "l"),))


def stands(event: Event, quote: Quote) -> Reason | None:
    """Every offer still stands."""
    return None


def is_gone(event: Event, quote: Quote) -> Reason | None:
    return Reason("withdrawn", f"{quote.venue.id} {event.id}")


def found(over: str = "2.1", under: str = "2.1", **changes: object) -> Opportunity:
    (one,) = search(two_way(over, under))
    return msgspec.structs.replace(one, **changes)


def with_quotes(one: Opportunity, **changes: object) -> Opportunity:
    legs = tuple(Leg(msgspec.structs.replace(leg.quote, **changes), leg.share) for leg in one.legs)
    return msgspec.structs.replace(one, legs=legs)


def look(lives: Lives, *now_found: Opportunity, at: int = 1, event: Event = EVENT) -> list[Change]:
    return list(lives.look(event, now_found, at, stands))


def short(changes: Iterable[Change]) -> list[tuple[str, ...]]:
    return [(change.moment, *(reason.name for reason in change.why)) for change in changes]


def test_the_same_again_is_not_told() -> None:
    lives = Lives()
    assert short(look(lives, found())) == [("opened",)]
    assert look(lives, found(), at=2) == []
    assert look(lives, with_quotes(found(), happened=9, received=9), at=3) == []
    assert [change.at for change in lives.open()] == [1]


@pytest.mark.parametrize(
    "other",
    [
        found("2.11"),
        with_quotes(found(), size=5),
        found(verdict=Verdict.RULE_EXPOSED),
        found(reasons=(Reason("undated", ""),)),
        found(plan=None),
        found(unplanned="no bank"),
    ],
)
def test_every_difference_that_matters_is_told(other: Opportunity) -> None:
    lives = Lives()
    (first,) = look(lives, found())
    (changed,) = look(lives, other, at=2)
    assert changed.moment is Moment.CHANGED
    assert (changed.id, changed.opened, changed.at) == (first.id, 1, 2)
    assert changed.opportunity == other
    assert look(lives, other, at=3) == []


@pytest.mark.parametrize(
    "other",
    [
        found(basis=Basis.LIVE),
        found(verdict=Verdict.REJECTED),
        with_quotes(found(), market_id="another"),
    ],
)
def test_other_legs_or_another_standing_are_another_life(other: Opportunity) -> None:
    lives = Lives()
    (first,) = look(lives, found())
    closed, opened = look(lives, other, at=2)
    assert (closed.moment, closed.id, closed.opportunity) == (Moment.CLOSED, first.id, found())
    assert (opened.moment, opened.opened) == (Moment.OPENED, 2)
    assert opened.id != first.id


def test_a_later_life_of_the_same_legs_has_a_name_of_its_own() -> None:
    lives = Lives()
    (first,) = look(lives, found())
    assert short(look(lives, at=2)) == [("closed", "ended")]
    (again,) = look(lives, found(), at=3)
    assert again.id != first.id
    assert [change.id for change in lives.open()] == [again.id]


def test_names_do_not_depend_on_what_else_is_open() -> None:
    lives, others = Lives(), Lives()
    look(others, found(), event=OTHER)
    assert look(lives, found())[0].id == look(others, found())[0].id


def test_events_do_not_touch_each_other() -> None:
    lives = Lives()
    look(lives, found())
    look(lives, found(), event=OTHER, at=2)
    assert short(look(lives, at=3)) == [("closed", "ended")]
    assert [change.event for change in lives.open()] == ["f"]


def test_counts_with_and_without_overtime_are_not_one_life() -> None:
    """They are decided by different counts, although their words are the same."""
    final = [
        back(ALPHA, claim(Kind.TOTAL, "over", "2.5", Period.OVERTIME), "2.1"),
        back(BRAVO, claim(Kind.TOTAL, "under", "2.5", Period.OVERTIME), "2.1"),
    ]
    both = search([*two_way("2.1", "2.1"), *final])
    assert len(both) == 2
    lives = Lives()
    opened = look(lives, *both)
    assert short(opened) == [("opened",), ("opened",)]
    assert opened[0].id != opened[1].id


class TestWhy:
    def test_a_leg_that_is_gone_comes_first(self) -> None:
        lives = Lives()
        look(lives, found())
        changes = list(lives.look(EVENT, [found(verdict=Verdict.REJECTED, reasons=())], 2, is_gone))
        assert short(changes) == [("closed", "withdrawn", "withdrawn"), ("opened",)]
        assert [reason.detail for reason in changes[0].why] == ["alpha e", "bravo e"]

    def test_refused_names_the_screens(self) -> None:
        lives = Lives()
        look(lives, found())
        refused = found(verdict=Verdict.REJECTED, reasons=(Reason("outlier", "x"), Reason("stale", "y")))
        closed = look(lives, refused, at=2)[0]
        assert [str(reason) for reason in closed.why] == [
            "refused: its prices are no longer believed: outlier, stale"
        ]

    def test_believed_again(self) -> None:
        lives = Lives()
        look(lives, found(verdict=Verdict.REJECTED))
        closed = look(lives, found(), at=2)[0]
        assert [str(reason) for reason in closed.why] == ["replaced: its prices are believed now"]

    def test_something_else_that_stands_is_no_replacement(self) -> None:
        lives = Lives()
        (goals,) = search(two_way("2.1", "2.1"))
        corners = [
            back(ALPHA, claim(Kind.TOTAL, "over", "9.5", subject="corners"), "2.1"),
            back(BRAVO, claim(Kind.TOTAL, "under", "9.5", subject="corners"), "2.1"),
        ]
        (other,) = search(corners)
        look(lives, goals, other)
        assert short(look(lives, other, at=2)) == [("closed", "ended")]


def test_the_end_of_an_event_closes_all_of_it() -> None:
    lives = Lives()
    look(lives, found(), found(basis=Basis.LIVE))
    look(lives, found(), event=OTHER)
    gone = Reason("unlinked", "")
    changes = list(lives.end("e", 5, gone))
    assert short(changes) == [("closed", "unlinked"), ("closed", "unlinked")]
    assert {change.at for change in changes} == {5}
    assert list(lives.end("e", 6, gone)) == []
    assert [change.event for change in lives.open()] == ["f"]


def test_open_ones_are_told_in_the_order_in_which_they_opened() -> None:
    lives = Lives()
    look(lives, found(), event=OTHER, at=1)
    look(lives, found(), at=2)
    look(lives, found("2.2"), event=OTHER, at=3)
    assert [(change.event, change.moment) for change in lives.open()] == [("f", "changed"), ("e", "opened")]

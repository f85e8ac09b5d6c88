"""A watch says at every moment what solving everything anew would say, and solves only what broke."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from crossbook.app.compiled import keep_compiled
from crossbook.arbitrage.course import DECIDED
from crossbook.base.errors import BadData
from crossbook.model.claim import Kind, Period
from crossbook.model.quote import Contest, Quote, Side
from crossbook.model.venue import bookmaker
from tests.arbitrage.watched import check_days, check_event, whole_lines
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    CARGO,
    DNB_AWAY,
    DNB_HOME,
    DRAW,
    HOME,
    Scores,
    ah,
    back,
    book,
    claim,
    lay,
    of_three,
    total,
)

keep_compiled()

from crossbook.arbitrage.watching.watch import Watch  # noqa: E402


def put(watch: Watch, *quotes: Quote, event: str = "e") -> None:
    for quote in quotes:
        watch.put(event, quote)


def test_days_of_quotes_against_solving_everything_anew() -> None:
    seen = check_days(12, seed=3)
    assert seen["arbitrage"] > 20
    assert seen["none"] > 20
    assert seen["no loss"] > 3
    assert seen["level"] > 3


def test_what_cannot_break_a_certificate_is_not_looked_at() -> None:
    watch = Watch()
    put(watch, *book(ALPHA, "2.5", "3.2", "2.8"))
    assert watch.tick() == {"e": None}
    solved = watch.solved
    put(watch, *book(BRAVO, "2.4", "3.1", "2.7"))  # dearer
    put(watch, back(ALPHA, HOME, "2.45"))  # the best falls
    put(watch, back(CARGO, HOME, "2.51"))  # better, and far from enough
    watch.withdraw("e", "alpha", DRAW, Side.BACK)
    assert watch.tick() == {}
    assert watch.solved == solved


def test_a_plan_opens_follows_its_prices_and_closes() -> None:
    watch = Watch()
    put(watch, *book(ALPHA, "2.5", "3.2", "2.8"))
    watch.tick()
    put(watch, back(BRAVO, AWAY, "4.5"))
    (opened,) = watch.tick().values()
    assert opened is not None
    assert opened.solution.guaranteed_return == 1 / (
        1 / Fraction("2.5") + 1 / Fraction("3.2") + Fraction(10, 45)
    )
    put(watch, back(CARGO, AWAY, "4.6"))
    (better,) = watch.tick().values()
    assert better is not None
    assert better.solution.guaranteed_return > opened.solution.guaranteed_return
    put(watch, back(CARGO, HOME, "2.4"))
    assert watch.tick() == {}, "no best offer changed"
    put(watch, back(CARGO, total("over", "2.5"), "1.9"), back(CARGO, total("under", "2.5"), "1.9"))
    (same,) = watch.tick().values()
    assert same is not None
    assert same.solution.guaranteed_return == better.solution.guaranteed_return
    put(watch, back(BRAVO, total("over", "2.5"), "1.95"))
    assert watch.tick() == {}, "a better price that is no leg and is not good enough to be one"
    watch.withdraw("e", "cargo", AWAY, Side.BACK)
    (again,) = watch.tick().values()
    assert again is not None
    assert again.solution.guaranteed_return == opened.solution.guaranteed_return
    put(watch, back(BRAVO, AWAY, "2.8"))
    assert watch.tick() == {"e": None}
    put(watch, back(BRAVO, AWAY, "2.9"))
    assert watch.tick() == {}


def test_offers_of_equal_payoff_compete_as_one() -> None:
    watch = Watch()
    put(watch, back(ALPHA, DNB_HOME, "1.9"), back(ALPHA, DNB_AWAY, "1.9"))
    put(watch, back(BRAVO, ah("home", 0), "1.95"), lay(CARGO, ah("home", 0), "1.9"))
    (plan,) = watch.tick().values()
    assert plan is not None
    assert {leg.quote.venue.id for leg in plan.solution.legs} == {"bravo", "cargo"}
    watch.withdraw("e", "bravo", ah("home", 0), Side.BACK)
    watch.withdraw("e", "cargo", ah("home", 0), Side.LAY)
    assert watch.tick() == {"e": None}


def test_of_two_equal_offers_the_one_in_the_plan_is_missed_when_it_goes() -> None:
    for gone, stays in (("bravo", "cargo"), ("cargo", "bravo")):
        watch = Watch()
        put(watch, *book(ALPHA, "2.5", "3.2", "2.8"), back(BRAVO, AWAY, "4.5"), back(CARGO, AWAY, "4.5"))
        watch.tick()
        watch.withdraw("e", gone, AWAY, Side.BACK)
        told = watch.tick()
        put(watch, back(ALPHA, HOME, "2.51"))
        (plan,) = {**told, **watch.tick()}.values()
        assert plan is not None
        assert stays in {leg.quote.venue.id for leg in plan.solution.legs}
        watch.withdraw("e", stays, AWAY, Side.BACK)
        assert watch.tick() == {"e": None}


def test_a_whole_line_that_never_loses_and_sometimes_wins() -> None:
    watch = Watch()
    put(watch, back(ALPHA, total("over", 3), "2.05"), back(BRAVO, total("under", 3), "2.05"))
    (plan,) = watch.tick().values()
    assert plan is not None
    assert plan.solution.guaranteed_return == 1
    assert plan.expected_return > 1
    put(watch, back(BRAVO, total("under", 3), Fraction(205, 105)))
    assert watch.tick() == {"e": None}, "exactly level"


def test_a_hair_above_and_below_break_even() -> None:
    watch = Watch()
    hair = Fraction(1, 10**17)
    put(watch, back(ALPHA, total("over", "2.5"), 2), back(BRAVO, total("under", "2.5"), 2))
    assert watch.tick() == {"e": None}
    put(watch, back(BRAVO, total("under", "2.5"), 2 + hair))
    (plan,) = watch.tick().values()
    assert plan is not None
    assert 1 < plan.solution.guaranteed_return < 1 + hair
    put(watch, back(BRAVO, total("under", "2.5"), 2 - hair))
    assert watch.tick() == {"e": None}
    put(watch, back(CARGO, total("under", "2.5"), 2 + hair))
    (again,) = watch.tick().values()
    assert again is not None
    assert {leg.quote.venue.id for leg in again.solution.legs} == {"alpha", "cargo"}


def test_offers_that_grow_old_are_taken_back() -> None:
    watch = Watch()
    undated = back(ALPHA, HOME, "2.5")
    dated = [
        Quote(BRAVO, DRAW, Side.BACK, Fraction(4), received=100),
        Quote(CARGO, AWAY, Side.BACK, Fraction(4), received=101),
    ]
    put(watch, undated, *dated)
    (plan,) = watch.tick().values()
    assert plan is not None
    watch.expire(100)
    assert watch.tick() == {}
    put(watch, *dated)  # confirmed at the same time: nothing new
    assert watch.tick() == {}
    watch.expire(101)
    assert watch.tick() == {"e": None}


def test_many_events_and_venues_keep_their_answers_when_memory_is_packed() -> None:
    rng = random.Random(4)
    watch = Watch()
    standing: dict[str, dict[tuple[object, ...], Quote]] = {}
    answers = {}
    venues = [bookmaker(f"venue{number}", f"Venue {number}") for number in range(20)]
    for round_ in range(6):
        for number in range(40):
            event = f"e{number}"
            for quote in [*whole_lines(rng), *of_three("2.7", f"3.{rng.randint(0, 5)}", "2.6")]:
                offer = Quote(rng.choice(venues), quote.claim, quote.side, quote.odds)
                watch.put(event, offer)
                standing.setdefault(event, {})[offer.claim, offer.side, offer.venue.id] = offer
        answers.update(watch.tick())
        assert not watch.refused
        if round_ % 2:
            for event, offers in standing.items():
                check_event(answers.get(event), list(offers.values()), Scores(9))
    assert watch._dead_rows < watch._arrays.rows


def test_contests_and_spaces_are_apart() -> None:
    watch = Watch()
    runners = ("Ann", "Ben", "Cid")
    winners = [claim(Kind.WINNER, name, subject="cup") for name in runners]
    watch.enrol("cup", winners[0].space, Contest("cup", runners))
    put(watch, *(back(ALPHA, one, "3.1") for one in winners), event="cup")
    put(watch, *(back(ALPHA, one, "3.1") for one in winners), event="open")
    corners = claim(Kind.TOTAL, "over", "9.5", subject="corners")
    put(watch, back(ALPHA, corners, "3"), back(BRAVO, total("under", "9.5"), "3"), event="two")
    answers = watch.tick()
    assert answers["cup"] is not None
    assert answers["open"] is None, "nobody said that one of them has to win"
    assert answers["two"] is None, "corners say nothing of goals"


def test_a_final_score_that_cannot_end_level() -> None:
    watch = Watch()
    home, away = (claim(Kind.MATCH_RESULT, side, period=Period.OVERTIME) for side in ("home", "away"))
    watch.enrol("never", home.space, course=DECIDED)
    for event in ("never", "ever"):
        put(watch, back(ALPHA, home, "2.1"), back(BRAVO, away, "2.1"), event=event)
    answers = watch.tick()
    assert answers["never"] is not None
    assert answers["ever"] is None


def test_what_does_not_go_together_is_named_and_the_others_go_on() -> None:
    watch = Watch()
    put(watch, back(ALPHA, claim(Kind.WINNER, "Ann", subject="cup"), 3), event="bad")
    put(watch, back(ALPHA, claim(Kind.PLACE, "Ann", subject="cup"), 2), event="bad")
    put(watch, *of_three("2.5", "3.2", "4.5"), event="good")
    answers = watch.tick()
    assert answers["good"] is not None
    assert "bad" in watch.refused or "bad" in answers


@pytest.mark.parametrize("odds", ["1", "0.5"])
def test_a_lay_that_pays_the_layer_nothing_back_is_refused(odds: str) -> None:
    with pytest.raises(BadData, match="lay needs odds above 1"):
        Watch().put("e", lay(ALPHA, HOME, odds))

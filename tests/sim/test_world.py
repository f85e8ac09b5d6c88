from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest

from crossbook.base.clock import DAY, SECOND, parse_time
from crossbook.model.ladder import is_tick
from crossbook.sim.books import BASE_RATE, SISTERS, SLOW
from crossbook.sim.faults import FAULTS
from crossbook.sim.opportunities import OPPORTUNITIES
from crossbook.sim.truth import Truth
from crossbook.sim.world import DEFAULT_START, make_world
from tests.sim.reading import GOALS, Seen, as_seen, best_return

SEEDS = range(20)


@cache
def truth_of(seed: int) -> Truth:
    return make_world(seed).truth()


def sound_prices(truth: Truth, fixture: int) -> list[Seen]:
    return [as_seen(price) for price in truth.prices if price.fixture == fixture and not price.fault]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_arbitrage_but_the_planted_ones(seed: int):
    truth = truth_of(seed)
    planted = {each.fixture: each for each in truth.opportunities}
    for fixture in truth.fixtures:
        best = best_return(sound_prices(truth, fixture.number))
        if fixture.number in planted:
            assert best == pytest.approx(float(planted[fixture.number].return_before_commission), abs=1e-7)
        else:
            assert best < 0.9999


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_opportunities_guarantee_exactly_what_they_state(seed: int):
    truth = truth_of(seed)
    assert {each.kind for each in truth.opportunities} == set(OPPORTUNITIES)
    for planted in truth.opportunities:
        assert sum(leg.share for leg in planted.legs) == 1
        assert Fraction(101, 100) <= planted.guaranteed_return <= planted.return_before_commission
        assert planted.return_before_commission <= Fraction(106, 100)
        worst = min(
            sum(
                (
                    leg.share * taxed(as_seen(leg.price), home, away, planted.commission)
                    for leg in planted.legs
                ),
                Fraction(0),
            )
            for home in GOALS
            for away in GOALS
        )
        assert worst == planted.guaranteed_return
        assert all(leg.price in truth.prices for leg in planted.legs)
        assert not any(leg.price.fault for leg in planted.legs)


def taxed(price: Seen, home: int, away: int, commission: Fraction) -> Fraction:
    """A leg's return after the exchange's commission; it is the only leg of its market."""
    returned = price.pays(home, away)
    share = commission if price.venue == "betfair" else Fraction(0)
    return returned - share * max(returned - 1, Fraction(0))


def test_the_lay_is_worth_it_after_commission_and_the_contract_after_a_usual_fee():
    for seed in SEEDS:
        planted = {each.kind: each for each in truth_of(seed).opportunities}
        assert planted["back_and_lay"].commission == BASE_RATE
        contract, book = planted["contract_and_handicap"].legs
        ask = 1 / contract.price.odds
        fee = Fraction(7, 100) * ask * (1 - ask)
        assert ask + fee + 1 / book.price.odds < Fraction(99, 100)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_fault_tempts_and_none_is_an_opportunity(seed: int):
    truth = truth_of(seed)
    assert {fault.name for fault in truth.faults} == set(FAULTS)
    for fault in truth.faults:
        sound = sound_prices(truth, fault.fixture)
        faulty = [as_seen(price) for price in fault.prices]
        assert {price.fault for price in fault.prices} == {fault.name}
        assert {price.venue for price in fault.prices} == set(fault.venues)
        assert {price.market for price in fault.prices} == {fault.market}
        assert best_return(sound + faulty) > 1.005
        assert best_return(sound) < 0.9999
    flagged = [price for price in truth.prices if price.fault]
    assert flagged
    assert sorted(map(repr, flagged)) == sorted(
        repr(price) for fault in truth.faults for price in fault.prices
    )


def test_each_fault_is_what_its_name_says():
    for seed in SEEDS:
        truth = truth_of(seed)
        faults = {fault.name: fault for fault in truth.faults}
        usual = min(price.updated for price in truth.prices if price.fault != "stale_price")
        assert all(price.updated < usual - 4 * 3_600 * SECOND for price in faults["stale_price"].prices)
        assert faults["suspended_market"].venues == ("betfair",)
        assert faults["sister_brands"].venues == SISTERS
        slipped = faults["palpable_error"].prices[0]
        others = [
            price.odds
            for price in truth.prices
            if (price.fixture, price.market, price.selection) == (slipped.fixture, "1x2", slipped.selection)
        ]
        assert slipped.odds > 5 * sorted(others)[len(others) // 2]
        for sister in faults["sister_brands"].prices:
            alone = [*sound_prices(truth, sister.fixture), as_seen(sister)]
            assert best_return(alone) <= 1 + 1e-9


def test_plants_and_faults_stand_on_fixtures_of_their_own():
    for seed in SEEDS:
        truth = truth_of(seed)
        places = [each.fixture for each in truth.opportunities] + [each.fixture for each in truth.faults]
        assert len(places) == len(set(places)) == len(OPPORTUNITIES) + len(FAULTS)


def test_no_price_is_absurd_by_accident():
    for seed in SEEDS:
        by_bet: dict[tuple[object, ...], list[Fraction]] = {}
        for price in truth_of(seed).prices:
            assert price.odds >= Fraction(101, 100)
            if price.venue == "betfair":
                assert is_tick(price.odds)
            elif price.venue == "kalshi":
                assert (100 / price.odds).denominator == 1
            else:
                assert (price.odds * 100).denominator == 1
            if not price.fault and price.side == "back":
                by_bet.setdefault((price.fixture, price.bet), []).append(price.odds)
        for odds in by_bet.values():
            assert max(odds) < Fraction(125, 100) * sorted(odds)[(len(odds) - 1) // 2]


def test_every_book_keeps_a_margin_and_its_lines_in_order():
    for seed in (0, 1, 2):
        assert all(board.sound() for board in make_world(seed).boards)
    truth = truth_of(0)
    books: dict[tuple[object, ...], Fraction] = {}
    for price in truth.prices:
        if price.side == "back" and not price.fault:
            key = (price.fixture, price.venue, price.market, price.line)
            books[key] = books.get(key, Fraction(0)) + 1 / price.odds
    spoilt = {(price.fixture, price.venue, price.market) for price in truth.prices if price.fault}
    margins = [book for key, book in books.items() if key[:3] not in spoilt]
    assert min(margins) > 1
    assert max(margins) < Fraction(125, 100)


def test_the_sharp_book_is_keen_and_the_slow_one_is_late():
    truth = truth_of(4)
    ages: dict[str, list[int]] = {}
    for price in truth.prices:
        if not price.fault:
            ages.setdefault(price.venue, []).append(truth.start - price.updated)
    assert max(ages["pinnacle"]) < 20 * SECOND
    assert min(ages[SLOW]) >= 240 * SECOND
    assert all(age > 0 for venue in ages.values() for age in venue)


def test_fixtures_are_two_days_of_three_leagues_after_the_start():
    for seed, start in ((0, DEFAULT_START), (1, parse_time("2027-01-09T23:30:00Z")), (2, 0)):
        truth = make_world(seed, start).truth()
        assert len(truth.fixtures) == 29
        assert len({fixture.competition for fixture in truth.fixtures}) == 3
        assert len({fixture.kick_off // DAY for fixture in truth.fixtures}) == 2
        assert all(start < fixture.kick_off < start + 3 * DAY for fixture in truth.fixtures)
        sides = [side for fixture in truth.fixtures for side in (fixture.home, fixture.away)]
        assert len(sides) == len(set(sides))
        assert all(800 <= each.rates[0] <= 2200 and 600 <= each.rates[1] <= 1900 for each in truth.fixtures)


def test_all_kinds_of_line_are_quoted():
    lines = {(price.market, price.line % 1) for price in truth_of(0).prices if price.line is not None}
    quarters = {Fraction(step, 4) for step in range(4)}
    assert lines == {(market, part) for market in ("total", "asian_handicap") for part in quarters}

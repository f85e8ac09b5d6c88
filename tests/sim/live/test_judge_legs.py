from fractions import Fraction

import pytest

from crossbook.sim.live.judge_legs import Bought, Legs, promises, settles
from crossbook.sim.live.judge_prices import Seen, as_shown, both, either, neither
from crossbook.sim.live.truth import Posted
from crossbook.sim.world import make_world
from tests.sim.live.made_up import BASE, COMMISSION, FAULTS


def seen(prices):
    for number, ((venue, market, selection, line, side), odds) in enumerate(prices.items()):
        post = Posted(
            number=number,
            at=0,
            fixture=0,
            source="",
            venue=venue,
            market=market,
            selection=selection,
            line=line,
            side=side,
            odds=odds,
            updated=0,
        )
        yield Seen(post, (0, 1))


@pytest.mark.parametrize("seed", [3, 11])
def test_the_return_is_that_of_the_world_s_own_proofs(seed):
    for planted in make_world(seed).opportunities:
        legs = [
            Bought(leg.price.venue, leg.price.bet, leg.price.side, leg.price.odds) for leg in planted.legs
        ]
        shares = [Fraction(round(leg.share * 10**6), 10**6) for leg in planted.legs]
        for rate, wanted in (
            (planted.commission, planted.guaranteed_return),
            (Fraction(0), planted.return_before_commission),
        ):
            counted = Legs(legs, {"betfair": rate})
            assert counted.guaranteed(shares, Fraction(2)) == wanted
            assert counted.guaranteed([Fraction(1, len(legs))] * len(legs), Fraction(2)) == wanted


def test_commission_is_taken_of_a_market_s_net_winnings():
    legs = [
        Bought("betfair", ("1x2", selection, None), "back", Fraction(4))
        for selection in ("home", "draw", "away")
    ]
    counted = Legs(legs, {"betfair": Fraction(1, 20)})
    third = [Fraction(1, 3)] * 3
    assert counted.worst(third) == (Fraction(4, 3) - 1) * Fraction(19, 20)


def test_only_bets_of_the_world_are_settled():
    assert settles(("asian_handicap", "home", Fraction(-3, 4)))
    assert not settles(("asian_handicap", "home", Fraction(1, 3)))
    assert not settles(("asian_handicap", "draw", Fraction(1, 2)))
    assert not settles(("corners_total", "over", Fraction(5, 2)))
    assert not settles(("1x2", "home", Fraction(1)))


def test_sound_prices_promise_nothing_and_faults_do():
    assert promises(seen(BASE), COMMISSION) <= 1
    for prices in FAULTS.values():
        assert promises(seen({**BASE, **prices}), COMMISSION) > 1.001


def test_a_whole_board_of_the_world_promises_nothing():
    world = make_world(3)
    planted = {each.fixture for each in world.opportunities} | {each.fixture for each in world.faults}
    board = next(board for board in world.boards if board.fixture.number not in planted)
    prices = {(p.venue, p.market, p.selection, p.line, p.side): p.odds for p in board.prices.values()}
    assert 0.9 < promises(seen(prices), COMMISSION) <= 1


def test_spans_join_meet_and_leave_out():
    assert either([(5, 7), (1, 3), (2, 4), (4, 4)]) == [(1, 4), (5, 7)]
    assert both([(1, 4), (5, 7)], [(3, 6)]) == [(3, 4), (5, 6)]
    assert [span[0] for span in neither([(1, 4), (5, 7)])][1:] == [4, 7]


def test_odds_are_shown_exactly_or_cut():
    assert as_shown(Fraction(100, 29)) == Fraction("3.448275")
    assert as_shown(Fraction(157, 100)) == Fraction(157, 100)

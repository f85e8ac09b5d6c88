"""Repair: as good as trying everything, never worse than doing nothing, and quiet where all is well."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

import pytest

from crossbook.arbitrage.accounts import Account, Accounts, FreeBet
from crossbook.arbitrage.bets import best_bets
from crossbook.arbitrage.choices import Bet
from crossbook.arbitrage.repair import Placed, Repair, Status, repair
from crossbook.arbitrage.states import States, states_of
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.quote import Quote
from tests.arbitrage.purses import Hand, cost_of, draw, ended, plans, profits, total_cost, ways
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    CARGO,
    DRAW,
    FREE_EXCHANGE,
    HOME,
    TWO_PERCENT,
    back,
    lay,
)

F = Fraction


def states(*quotes: Quote) -> States:
    return states_of(frozenset(quote.claim for quote in quotes))


def standing(placed: Sequence[Placed]) -> Iterator[list[Bet]]:
    """The bets that stand, in each possibility."""
    options = {
        Status.PLACED: (True,),
        Status.UNKNOWN: (True, False),
        Status.FAILED: (False,),
    }
    for stands in product(*(options[leg.status] for leg in placed)):
        yield [leg.bet for leg, one in zip(placed, stands, strict=True) if one]


def worst_of(placed: Sequence[Placed], cashed: Sequence[int], bets: Sequence[Bet], terms: Terms) -> Fraction:
    """The worst case of everything together, added up in plain sums."""
    accounts = terms.accounts
    gone = [placed[place] for place in cashed]
    cash = sum((ended(leg.bet, leg.cash_out, accounts) for leg in gone if leg.cash_out is not None), F(0))
    return min(
        cash
        + min(profits([*(bet for bet in some if all(bet is not leg.bet for leg in gone)), *bets], accounts))
        for some in standing(placed)
    )


def exhaustive(placed: Sequence[Placed], hand: Hand) -> tuple[Fraction, Fraction]:
    """The best worst case there is, and the least that it costs."""
    taken = [leg.bet for leg in placed if leg.status is not Status.FAILED]
    offers = [
        place for place, leg in enumerate(placed) if leg.cash_out is not None and leg.status is Status.PLACED
    ]
    found = []
    for bets in plans(hand, taken):
        for chosen in product((False, True), repeat=len(offers)):
            cashed = [place for place, one in zip(offers, chosen, strict=True) if one]
            found.append((-worst_of(placed, cashed, bets, hand.terms), total_cost(bets, hand.terms.accounts)))
    worst, cost = min(found)
    return -worst, cost


def placed_of(rng: random.Random, hand: Hand) -> list[Placed]:
    """Some bets as they might stand after a part of a plan was placed."""
    found: list[Placed] = []
    used: set[str] = set()
    for way in rng.sample(ways(hand), k=min(2, len(ways(hand)))):
        bet = rng.choice(way)
        if bet is None or (bet.free_bet and bet.free_bet.name in used):
            continue
        if bet.free_bet:
            used.add(bet.free_bet.name)
        status = rng.choice((Status.PLACED, Status.PLACED, Status.UNKNOWN, Status.FAILED))
        offer = None
        if not bet.quote.venue.commission and rng.random() < 0.4:
            offer = bet.amount * F(rng.randint(50, 120), 100)
        found.append(Placed(bet, status, offer))
    return found


def check_repairs(count: int, seed: int) -> tuple[int, int, int]:
    """Drawn repairs are the exhaustive search's. Counts those that bet, that cash out, and that do nothing."""
    rng = random.Random(seed)
    betting = cashing = idle = 0
    for number in range(count):
        hand = draw(rng, 400)
        placed = placed_of(rng, hand)
        known = states(*hand.quotes, *(leg.bet.quote for leg in placed))
        found = repair(placed, hand.quotes, known, hand.terms)
        worst, cost = exhaustive(placed, hand)
        bets = found.best.bets
        assert bets.proven
        assert (bets.worst, bets.cost) == (worst, cost), f"case {number} of seed {seed}"
        assert worst_of(placed, found.best.cashed, bets.bets, hand.terms) == worst
        assert found.nothing.bets.worst == worst_of(placed, (), (), hand.terms) <= worst
        if found.cashed is not None:
            assert found.cashed.bets.worst == worst_of(placed, found.cashed.cashed, (), hand.terms) <= worst
        betting += bool(bets.bets)
        cashing += bool(found.best.cashed)
        idle += not bets.bets and not found.best.cashed
    return betting, cashing, idle


@pytest.mark.parametrize("seed", range(4))
def test_repairs_are_the_best_of_all(seed: int) -> None:
    betting, cashing, idle = check_repairs(25, seed)
    assert min(betting, idle) >= 3
    assert cashing >= 1


# ------------------------------------------------------------------ by hand


def of_two(yes: str = "2.2", no: str = "2.1") -> list[Quote]:
    return [back(ALPHA, BTTS_YES, yes), back(BRAVO, BTTS_NO, no)]


def test_the_leg_that_failed_is_taken_where_it_is_offered_now() -> None:
    """50 at 2.2 stands; what was 2.1 is 1.9 now: 58 of it loses 2 less than any other whole stake."""
    yes, _ = of_two()
    now = back(CARGO, BTTS_NO, "1.9")
    failed = Placed(Bet(back(BRAVO, BTTS_NO, "2.1"), F(52)), Status.FAILED)
    found = repair([Placed(Bet(yes, F(50))), failed], [now], states(yes, now), Terms(F(200)))
    assert found.nothing.bets.worst == -50
    assert [(bet.quote, bet.amount) for bet in found.best.bets.bets] == [(now, F(58))]
    assert found.best.bets.worst == F("2")
    assert found.best.bets.best == F("2.2")
    assert found.best.exposed == ()


def test_an_unknown_leg_is_never_counted_on() -> None:
    """Hedging the other side would lose where the unknown leg does not stand: a small hedge is all there is."""
    yes, no = of_two()
    known = states(yes, no)
    unknown = [Placed(Bet(yes, F(50)), Status.UNKNOWN)]
    found = repair(unknown, [no], known, Terms(F(200)))
    assert found.nothing.bets.worst == -50
    stands = profits([Bet(yes, F(50)), *found.best.bets.bets], Accounts())
    missing = profits(found.best.bets.bets, Accounts())
    assert found.best.bets.worst == min(*stands, *missing) > -50
    assert {(one.standing, one.profit < 0) for one in found.best.exposed} <= {
        ((True,), True),
        ((False,), True),
    }
    assert found.best.exposed[0].profit == found.best.bets.worst
    placed = repair([Placed(Bet(yes, F(50)))], [no], known, Terms(F(200)))
    assert placed.best.bets.worst > 0 > found.best.bets.worst


def test_a_position_is_laid_off_in_the_market_it_was_taken_in() -> None:
    """At one exchange commission is on the net: backing at 3 and laying at 2.9 pays it once."""
    taken = back(TWO_PERCENT, HOME, 3, market_id="m")
    out = lay(TWO_PERCENT, HOME, "2.9", market_id="m")
    other = lay(FREE_EXCHANGE, HOME, "3.4")
    found = repair([Placed(Bet(taken, F(30)))], [out, other], states(taken, out), Terms(F(200)))
    (bet,) = found.best.bets.bets
    assert (bet.quote, bet.amount) == (out, F(31))
    sums = [60 - 31 * F("1.9"), F(-30 + 31)]
    assert sorted((found.best.bets.worst, found.best.bets.best)) == sorted(one * F("0.98") for one in sums)


def test_cash_is_taken_where_it_is_better_than_betting() -> None:
    yes, no = of_two("2.2", "1.5")
    found = repair([Placed(Bet(yes, F(50)), cash_out=F(47))], [no], states(yes, no), Terms(F(200)))
    assert found.cashed is not None
    assert found.cashed.bets.worst == found.cashed.bets.best == -3
    assert found.best.cashed == (0,)
    assert found.best.bets.bets == ()
    dear = repair([Placed(Bet(yes, F(50)), cash_out=F(10))], [no], states(yes, no), Terms(F(200)))
    assert dear.best.cashed == ()
    assert dear.cashed is not None
    assert dear.best.bets.worst > dear.cashed.bets.worst


def test_what_is_exposed_is_said_outcome_by_outcome() -> None:
    home, away = back(ALPHA, HOME, 3), back(BRAVO, AWAY, 3)
    draw_quote = back(CARGO, DRAW, 4)
    legs = [Placed(Bet(home, F(10))), Placed(Bet(away, F(10)), Status.UNKNOWN)]
    found = repair(legs, [], states(home, away, draw_quote), Terms())
    assert found.best == found.nothing
    told = {(one.profit, one.standing, settled_home(one.result)) for one in found.nothing.exposed}
    assert told == {(F(-20), (True,), "level"), (F(-10), (False,), "level"), (F(-10), (False,), "away")}
    assert found.nothing.losing == 3
    assert [one.profit for one in found.nothing.exposed] == [-20, -10, -10]


def settled_home(result: object) -> str:
    home, away = getattr(result, "home"), getattr(result, "away")  # noqa: B009
    return "home" if home > away else "away" if away > home else "level"


# ------------------------------------------------------------------ properties


def hands(count: int, seed: int) -> Iterator[tuple[Hand, States]]:
    rng = random.Random(seed)
    for _ in range(count):
        hand = draw(rng, 20_000)
        yield hand, states(*hand.quotes)


def test_with_nothing_placed_it_is_planning() -> None:
    planned = 0
    for hand, known in hands(30, 11):
        plan = best_bets(hand.quotes, known, hand.terms)
        assert repair([], hand.quotes, known, hand.terms).best.bets == plan
        failed = Placed(Bet(hand.quotes[0], F(1)), Status.FAILED)
        assert repair([failed], hand.quotes, known, hand.terms).best.bets == plan
        planned += plan.worst > 0
    assert planned >= 5


def test_with_all_placed_as_planned_there_is_nothing_to_do() -> None:
    """What was on offer is smaller by what was taken."""
    planned = 0
    for hand, known in hands(40, 12):
        plan = best_bets(hand.quotes, known, hand.terms)
        taken = {id(quote): F(0) for quote in hand.quotes}
        for bet in plan.bets:
            taken[id(bet.quote)] += bet.amount
        left = [smaller(quote, taken[id(quote)]) for quote in hand.quotes]
        found = repair([Placed(bet) for bet in plan.bets], left, known, hand.terms)
        assert found.best.bets.bets == ()
        assert found.best == found.nothing
        assert (found.best.bets.worst, found.best.bets.best) == (plan.worst, plan.best)
        planned += len(plan.bets) > 1
    assert planned >= 5


def smaller(quote: Quote, amount: Fraction) -> Quote:
    size = None if quote.size is None else quote.size - amount
    return back(quote.venue, quote.claim, quote.odds, side=quote.side, size=size, market_id=quote.market_id)


def test_one_more_quote_makes_nothing_worse() -> None:
    better = 0
    for hand, known in hands(40, 13):
        fewer = Hand(hand.quotes[:-1], hand.terms)
        rng = random.Random(len(hand.quotes))
        placed = placed_of(rng, hand)
        some = repair(placed, fewer.quotes, known, hand.terms).best.bets
        every = repair(placed, hand.quotes, known, hand.terms).best.bets
        assert some.proven
        assert every.proven
        assert every.worst >= some.worst
        better += every.worst > some.worst
    assert better >= 3


def test_what_the_placed_legs_took_is_not_there_any_more() -> None:
    yes, no = of_two("2.2", "2.1")
    accounts = Accounts(
        venues={"bravo": Account(balance=F(60))}, free_bets=(FreeBet(name="f", venue="bravo", amount=F(10)),)
    )
    terms = Terms(F(100), accounts=accounts)
    known = states(yes, no)
    used = Placed(Bet(no, F(40)), Status.UNKNOWN)
    gone = Placed(Bet(no, F(10), accounts.free_bets[0]), Status.UNKNOWN)
    found = repair([used, gone], [yes, no], known, terms)
    assert cost_of(used.bet, accounts) == 40
    assert found.best.bets.cost <= 60
    assert sum(bet.amount for bet in found.best.bets.bets if bet.quote is no) <= 20
    assert all(bet.free_bet is None for bet in found.best.bets.bets)


# ------------------------------------------------------------------ bad input


def refused(legs: Sequence[Placed]) -> str:
    quotes = of_two()
    with pytest.raises(BadData) as caught:
        repair(legs, quotes, states(*quotes), Terms())
    return str(caught.value)


def test_legs_that_make_no_sense_are_named() -> None:
    yes, _ = of_two()
    toll = back(TWO_PERCENT, BTTS_YES, 2)
    assert refused([Placed(Bet(yes, F(1))), Placed(Bet(yes, F(0)))]).startswith("placed.1.amount: ")
    assert refused([Placed(Bet(yes, F(1)), cash_out=F(-1))]).startswith("placed.0.cash_out: ")
    assert "commission" in refused([Placed(Bet(toll, F(1)), cash_out=F(1))])
    assert "unknown legs are too many" in refused([Placed(Bet(yes, F(1)), Status.UNKNOWN)] * 7)


def test_the_report_is_the_same_each_time() -> None:
    def once() -> list[Repair]:
        rng = random.Random(21)
        found = []
        for hand, known in hands(6, 14):
            found.append(repair(placed_of(rng, hand), hand.quotes, known, hand.terms))
        return found

    assert once() == once()

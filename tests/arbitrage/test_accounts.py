"""Stakes from real accounts: the best of all whole stakes, and each term by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import pytest

from crossbook.arbitrage import relaxed, search
from crossbook.arbitrage.accounts import Account, Accounts, FreeBet
from crossbook.arbitrage.bets import Bets, best_bets
from crossbook.arbitrage.choices import Bet, choices_of
from crossbook.arbitrage.states import states_of
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.quote import Quote
from tests.arbitrage.purses import Hand, best, draw, profits
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
    back,
    lay,
    of_three,
)
from tests.arbitrage.worlds import (
    search as search_event,
)

F = Fraction


def planned(quotes: list[Quote], bank: str = "100", **accounts: object) -> Bets:
    terms = Terms(F(bank), accounts=Accounts(**accounts))  # type: ignore[arg-type]
    return best_bets(quotes, states_of(frozenset(quote.claim for quote in quotes)), terms)


def two(yes: str = "2.2", no: str = "2.1") -> list[Quote]:
    return [back(ALPHA, BTTS_YES, yes), back(BRAVO, BTTS_NO, no)]


def amounts(found: Bets) -> list[tuple[str, Fraction]]:
    return [(bet.quote.venue.id, bet.amount) for bet in found.bets]


# ------------------------------------------------------------------ against everything


def check_hands(count: int, seed: int, most: int = 600) -> tuple[int, int]:
    """Plans of drawn cases are the exhaustive search's. Counts those that profit, and those that use a free bet."""
    rng = random.Random(seed)
    profitable = free = 0
    for number in range(count):
        hand = draw(rng, most)
        found = best_bets(hand.quotes, states_of(frozenset(one.claim for one in hand.quotes)), hand.terms)
        expected = best(hand)
        assert found.proven
        assert (found.worst, found.cost) == (expected.worst, expected.cost), f"case {number} of seed {seed}"
        sums = profits(found.bets, hand.terms.accounts)
        assert (found.worst, found.best) == (min(sums), max(sums))
        profitable += found.worst > 0
        free += any(bet.free_bet is not None for bet in found.bets)
    return profitable, free


@pytest.mark.parametrize("seed", range(2))
def test_plans_are_the_best_of_all(seed: int) -> None:
    profitable, free = check_hands(40, seed)
    assert profitable >= 10
    assert free >= 5


@pytest.mark.parametrize("seed", range(2, 4))
def test_plans_that_the_solver_proposes_are_the_best_of_all(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_FEW", 0)
    profitable, _ = check_hands(30, seed)
    assert profitable >= 8


def test_what_the_solver_proposes_is_only_a_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the answer depends on how the solver rounds: with no proposal at all it is the same."""
    monkeypatch.setattr(search, "_FEW", 0)
    monkeypatch.setattr(relaxed.Relaxed, "proposal", lambda self: [0] * self._count)
    check_hands(10, 5, 300)


def test_a_search_that_grows_too_long_says_so() -> None:
    quotes = of_three("3.1", "3.2", "3.3")
    known = states_of(frozenset(quote.claim for quote in quotes))
    whole = best_bets(quotes, known, Terms(F(1000)))
    assert whole.proven
    ended = best_bets(quotes, known, Terms(F(1000)), most_entries=5)
    assert not ended.proven
    assert 0 < ended.worst <= whole.worst
    assert ended.worst == min(profits(ended.bets, Accounts()))


def test_of_a_ladder_the_better_level_is_filled_first() -> None:
    """The tie between plans that differ in levels that never pay is not broken against the person."""
    quotes = [
        back(ALPHA, BTTS_YES, "2.3", size=20),
        back(ALPHA, BTTS_YES, "2.4", size=20),
        back(BRAVO, BTTS_NO, "2.1", step=40),
    ]
    found = planned(quotes, "80")
    taken = {bet.quote.odds: bet.amount for bet in found.bets}
    assert taken[F("2.4")] == 20
    assert taken == {F("2.4"): 20, F("2.3"): 16, F("2.1"): 40}


def test_equal_input_has_an_equal_answer() -> None:
    rng = random.Random(9)
    for _ in range(5):
        hand = draw(rng)
        known = states_of(frozenset(one.claim for one in hand.quotes))
        assert best_bets(hand.quotes, known, hand.terms) == best_bets(hand.quotes, known, hand.terms)
    twice = [back(ALPHA, BTTS_YES, 2), back(BRAVO, BTTS_YES, 2), back(BRAVO, BTTS_NO, "2.5")]
    assert [venue for venue, _ in amounts(planned(twice, "9"))] == ["bravo", "bravo"]


# ------------------------------------------------------------------ each term by hand


def test_without_accounts() -> None:
    found = planned(two())
    assert amounts(found) == [("alpha", F(49)), ("bravo", F(51))]
    assert (found.worst, found.best, found.cost) == (F("7.1"), F("7.8"), F(100))


def test_the_balance_of_each_venue_binds() -> None:
    found = planned(two(), venues={"alpha": Account(balance=F("20.9"))})
    assert amounts(found) == [("alpha", F(20)), ("bravo", F(21))]


def test_currencies_are_exact_and_the_bank_is_in_its_own() -> None:
    """40 pounds are 60 of the bank; each state is added up in the bank's currency."""
    found = planned(two("2.5", "2.5"), venues={"alpha": Account(currency="GBP")}, rates={"GBP": F(3, 2)})
    assert amounts(found) == [("alpha", F(33)), ("bravo", F(50))]
    assert found.cost == F("99.5")
    assert (found.worst, found.best) == (F("24.25"), F("25.5"))
    third = planned(
        two("3.5", "1.9"), "10", venues={"alpha": Account(currency="GBP")}, rates={"GBP": F(4, 3)}
    )
    assert third.worst == min(
        profits(third.bets, Accounts(venues={"alpha": Account(currency="GBP")}, rates={"GBP": F(4, 3)}))
    )
    assert third.worst.denominator % 3 == 0


def test_the_balance_is_in_the_accounts_currency() -> None:
    account = Account(currency="GBP", balance=F(10))
    found = planned(two("2.5", "2.5"), venues={"alpha": account}, rates={"GBP": F(3, 2)})
    assert amounts(found)[0] == ("alpha", F(10))


def test_steps_least_and_largest_stakes() -> None:
    account = Account(step=F(5), smallest=F(12), largest=F(42))
    found = planned(two(), venues={"alpha": account})
    (_, first), (_, second) = amounts(found)
    assert first == 40
    assert second == 42
    assert planned(two(), "20", venues={"alpha": Account(smallest=F(12))}).bets == ()
    (cash,) = choices_of([back(ALPHA, HOME, 3)], Terms(accounts=Accounts(venues={"alpha": account})))
    assert cash.bet.amount == 5
    assert (cash.least, cash.most) == (3, 8)


def test_the_largest_payout_counts_the_stake_in() -> None:
    found = planned(two("2.2", "2.1"), venues={"alpha": Account(largest_payout=F(44))})
    assert amounts(found)[0] == ("alpha", F(20))
    less = planned(two("2.2", "2.1"), venues={"alpha": Account(largest_payout=F("43.9"))})
    assert amounts(less)[0] == ("alpha", F(19))


def test_tax_on_winnings_is_taken_from_each_bet_that_wins() -> None:
    """A fifth of the winnings, as Kenya took, and the other venue takes nothing."""
    taxed = {"alpha": Account(tax_on_winnings=F(1, 5))}
    found = planned(two("2.6", "2.2"), "100", venues=taxed)
    (_, first), (_, second) = amounts(found)
    wins = first * F("1.6") * F("0.8") - second
    assert found.worst == min(wins, second * F("1.2") - first)
    assert planned(two("2.1", "2")).bets != ()
    assert planned(two("2.1", "2"), venues=taxed).bets == ()


def test_tax_on_stakes_is_paid_on_top_win_or_lose() -> None:
    found = planned(two("2.4", "2.4"), "100", venues={"alpha": Account(tax_on_stakes=F(1, 20))})
    (_, first), (_, second) = amounts(found)
    tax = first / 20
    assert found.cost == first + second + tax <= 100
    assert found.worst == min(first * F("1.4") - second, second * F("1.4") - first) - tax


def test_tax_on_a_stake_is_not_given_back_with_it() -> None:
    quotes = [back(ALPHA, DNB_HOME, "2.4"), back(BRAVO, DNB_AWAY, "2.4")]
    assert planned(quotes).worst == 0
    sums = profits([Bet(quotes[0], F(10))], Accounts(venues={"alpha": Account(tax_on_stakes=F(1, 20))}))
    assert sorted(set(sums)) == [F("-10.5"), F("-0.5"), F("13.5")]


def test_commission_is_on_a_markets_net_and_before_tax() -> None:
    quotes = [
        back(TWO_PERCENT, what, odds, market_id="m")
        for what, odds in ((HOME, "3.2"), (DRAW, "3.3"), (AWAY, "3.4"))
    ]
    found = planned(quotes)
    staked = found.cost
    pays = [bet.amount * bet.quote.odds - staked for bet in found.bets]
    assert found.worst == min(pays) * F("0.98") > 0


def test_a_lay_risks_what_it_pays_and_its_stake_is_the_backers() -> None:
    quotes = [back(ALPHA, HOME, 5, step="0.1"), lay(BRAVO, HOME, 4)]
    found = planned(quotes, venues={"bravo": Account(balance=F(40), largest=F(12))})
    (backed, laid) = found.bets
    assert (laid.amount, laid.risk, backed.amount) == (F(12), F(36), F("9.6"))
    assert (found.cost, found.worst, found.best) == (F("45.6"), F("2.4"), F("2.4"))
    less = planned(quotes, venues={"bravo": Account(balance=F(35))})
    assert less.bets[1].amount == 11


def test_a_whole_free_bet_costs_nothing_and_does_not_come_back() -> None:
    """Conversion at odds o against a lay at the same odds is (o − 1) / o."""
    free = FreeBet(name="welcome", venue="alpha", amount=F(10))
    quotes = [back(ALPHA, HOME, 5), lay(BRAVO, HOME, 5)]
    found = planned(quotes, free_bets=(free,))
    assert [(bet.amount, bet.free_bet) for bet in found.bets] == [(F(10), free), (F(8), None)]
    assert found.worst == found.best == 8
    assert found.cost == 32


def test_a_free_bet_needs_its_odds_its_venue_and_a_back() -> None:
    quotes = [back(ALPHA, HOME, "1.9"), back(BRAVO, HOME, 5), lay(ALPHA, HOME, 5)]
    free = FreeBet(name="f", venue="alpha", amount=F(10), least_odds=F(2))
    terms = Terms(accounts=Accounts(free_bets=(free,)))
    assert [choice for choice in choices_of(quotes, terms) if choice.bet.free_bet] == []
    (one,) = (each for each in choices_of([back(ALPHA, HOME, 2)], terms) if each.bet.free_bet)
    assert one.bet.amount == 10
    assert (one.least, one.most) == (1, 1)


def test_a_free_bet_in_steps_is_shared_between_quotes() -> None:
    free = FreeBet(name="f", venue="alpha", amount=F(12), step=F(1))
    quotes = [back(ALPHA, what, 3) for what in (HOME, DRAW, AWAY)]
    found = planned(quotes, free_bets=(free,))
    assert [bet.amount for bet in found.bets if bet.free_bet] == [4, 4, 4]
    assert found.worst == 8
    whole = planned(quotes, free_bets=(FreeBet(name="f", venue="alpha", amount=F(12)),))
    assert len([bet for bet in whole.bets if bet.free_bet]) <= 1


def test_a_void_free_bet_gives_nothing() -> None:
    free = FreeBet(name="f", venue="alpha", amount=F(10))
    sums = profits([Bet(back(ALPHA, DNB_HOME, 2), F(10), free)], Accounts(free_bets=(free,)))
    assert sorted(set(sums)) == [0, 10]
    found = planned([back(ALPHA, DNB_HOME, 3), back(BRAVO, DNB_AWAY, 3)], free_bets=(free,))
    assert found.worst == 0, "a level score pays nobody"


def test_cash_and_free_bet_share_what_is_on_offer() -> None:
    free = FreeBet(name="f", venue="alpha", amount=F(10))
    quotes = [back(ALPHA, BTTS_YES, "2.4", size=16), back(BRAVO, BTTS_NO, "2.4")]
    found = planned(quotes, free_bets=(free,))
    assert sum(bet.amount for bet in found.bets if bet.quote is quotes[0]) == 16


def test_a_quote_that_takes_no_bets_is_no_choice() -> None:
    assert choices_of([back(ALPHA, HOME, 3, tradable=False)], Terms()) == []


def test_nothing_on_offer() -> None:
    found = best_bets([], states_of(frozenset([HOME])), Terms())
    assert found == Bets((), F(0), F(0), F(0), True)


# ------------------------------------------------------------------ numbers that are long, and input that is bad


def test_sums_beyond_sixty_four_bits_are_exact() -> None:
    odds = [F(10**16 + number, 3 * 10**15) for number in (7, 11, 13)]
    quotes = [
        back(venue, what, one)
        for venue, what, one in zip((ALPHA, BRAVO, ALPHA), (HOME, DRAW, AWAY), odds, strict=True)
    ]
    found = planned(
        quotes, "30", venues={"bravo": Account(currency="GBP")}, rates={"GBP": F(10**9 + 7, 10**9)}
    )
    sums = profits(
        found.bets, Accounts(venues={"bravo": Account(currency="GBP")}, rates={"GBP": F(10**9 + 7, 10**9)})
    )
    assert found.worst == min(sums) > 0
    assert found.worst.denominator > 2**40


def wrong(**accounts: object) -> Iterator[str]:
    for name, _ in Accounts(**accounts).doubts():  # type: ignore[arg-type]
        yield name


@pytest.mark.parametrize(
    ("account", "names"),
    [
        (Account(), []),
        (
            Account(balance=F(-1), smallest=F(-1), largest_payout=F(-1)),
            ["balance", "smallest", "largest_payout"],
        ),
        (Account(step=F(0)), ["step"]),
        (Account(smallest=F(5), largest=F(4)), ["largest"]),
        (Account(tax_on_winnings=F(1), tax_on_stakes=F(-1, 10)), ["tax_on_winnings", "tax_on_stakes"]),
    ],
)
def test_every_doubt_of_an_account_names_its_field(account: Account, names: list[str]) -> None:
    assert list(wrong(venues={"alpha": account})) == [f"venues.alpha.{name}" for name in names]
    assert [name for name, _ in Terms(accounts=Accounts(venues={"alpha": account})).doubts()] == [
        f"accounts.venues.alpha.{name}" for name in names
    ]


def test_doubts_of_rates_and_free_bets() -> None:
    free = FreeBet(name="f", venue="alpha", amount=F(0), step=F(3), least_odds=F(1, 2))
    assert list(wrong(free_bets=(free,))) == [
        "free_bets.0.amount",
        "free_bets.0.step",
        "free_bets.0.least_odds",
    ]
    good = FreeBet(name="f", venue="alpha", amount=F(2))
    assert list(wrong(free_bets=(good, good))) == ["free_bets.1.name"]
    assert list(wrong(venues={"alpha": Account(currency="GBP")}, rates={"USD": F(0)})) == [
        "rates.GBP",
        "rates.USD",
    ]


def test_too_many_states_to_look_at_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossbook.arbitrage.outcomes._MOST_ENTRIES", 3)
    with pytest.raises(BadData, match="too many to plan together"):
        planned(two())


def test_of_many_quotes_the_best_odds_of_every_claim_are_looked_at() -> None:
    quotes = [
        back(venue, what, F(200 + place, 100), size=1)
        for place in range(300)
        for venue, what in ((ALPHA, BTTS_YES), (BRAVO, BTTS_NO))
    ]
    found = planned(quotes, "20")
    assert not found.proven
    assert found.worst == 10 * F("4.99") - 20 - sum(F(place, 100) for place in range(10)) + F("0")
    assert Hand(quotes, Terms())


# ------------------------------------------------------------------ opportunities are planned from accounts


def test_an_opportunity_is_planned_from_the_accounts() -> None:
    account = Account(currency="GBP", balance=F(20), tax_on_stakes=F(1, 20))
    free = FreeBet(name="f", venue="alpha", amount=F(10))
    accounts = Accounts(venues={"alpha": account}, rates={"GBP": F(3, 2)}, free_bets=(free,))
    (found,) = search_event(two("2.5", "2.5"), Terms(F(100), accounts=accounts))
    assert found.plan is not None
    stakes = {leg.quote.venue.id: stake for leg, stake in zip(found.legs, found.plan.stakes, strict=True)}
    assert (stakes["alpha"].amount, stakes["alpha"].currency) == (F(19), "GBP")
    assert stakes["alpha"].risk == F(19) * F("1.05") * F("1.5")
    assert stakes["bravo"].currency == ""
    assert found.plan.staked == sum(stake.risk for stake in found.plan.stakes) <= 100
    bets = [Bet(leg.quote, stakes[leg.quote.venue.id].amount) for leg in found.legs]
    sums = profits(bets, accounts)
    assert (found.plan.worst, found.plan.best) == (min(sums), max(sums))
    assert found.guaranteed_return == F("1.25"), "before taxes, as ever"


def test_where_taxes_eat_an_opportunity_it_has_no_plan() -> None:
    accounts = Accounts(venues={"alpha": Account(tax_on_winnings=F(1, 5))})
    (found,) = search_event(two("2.1", "2"), Terms(F(100), accounts=accounts))
    assert found.plan is None
    assert found.unplanned is not None
    assert "limits" in found.unplanned


def test_worse_levels_are_used_where_the_best_is_small() -> None:
    quotes = [
        back(ALPHA, BTTS_YES, "2.5", size=10),
        back(ALPHA, BTTS_YES, "2.4", size=10),
        back(BRAVO, BTTS_NO, "2.5"),
    ]
    accounts = Accounts(venues={"bravo": Account(step=F(1, 2))})
    (found,) = search_event(quotes, Terms(F(100), accounts=accounts))
    assert found.plan is not None
    assert len(found.legs) == 3
    assert {stake.amount for stake in found.plan.stakes} == {F(10), F("19.5")}

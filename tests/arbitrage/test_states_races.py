"""Races: every way to finish that claims can tell apart, several numbers of places at once, and who shares a place."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations, permutations

import numpy as np
import pytest

from crossbook.arbitrage import races
from crossbook.arbitrage.course import OPEN
from crossbook.arbitrage.decide import Market, Unsolved
from crossbook.arbitrage.limits import Looked, within_limits
from crossbook.arbitrage.races import Withdrawal
from crossbook.arbitrage.states import States, states_after, states_of
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Contest
from crossbook.model.result import Race
from crossbook.model.settlement import REFUNDED, Settlement, settle
from tests.arbitrage.joint import check_witnesses, in_results, in_states
from tests.arbitrage.worlds import ALPHA, Floats, back, best_guarantee, distinct, event

F = Fraction
FIFTH = F(1, 5)


def wins(names: str) -> list[Claim]:
    return [Claim.of(Kind.WINNER, name, subject="race") for name in names]


def placed(names: str, places: int = 0) -> list[Claim]:
    return [Claim.of(Kind.PLACE, name, subject="race", places=places) for name in names]


def each_way(names: str, places: int, part: Fraction = FIFTH) -> list[Claim]:
    return [Claim.of(Kind.EACH_WAY, name, part, subject="race", places=places) for name in names]


def strictly(names: str, places: int = 1) -> list[Race]:
    """Every order of these."""
    return [Race(tuple(map(frozenset, order)), places=places) for order in permutations(names)]


def with_pairs(names: str, places: int = 1) -> list[Race]:
    """Every order of these, in which at most two who follow each other are level."""
    orders = [tuple(map(frozenset, order)) for order in permutations(names)]
    level = [(*o[:i], o[i] | o[i + 1], *o[i + 2 :]) for o in orders for i in range(len(names) - 1)]
    return [Race(ranks, places=places) for ranks in [*orders, *level]]


def won_of(states: States, claims: list[Claim]) -> Floats:
    return states.won[[states.place[one] for one in claims]]


@pytest.mark.parametrize(
    ("claims", "places"),
    [
        (wins("abcd"), 1),
        (placed("abcd"), 2),
        ([*wins("abcd"), *placed("abcd", 2)], 1),
        ([*wins("abcd"), *placed("abcd", 2), *placed("abcd", 3)], 1),
        ([*wins("ab"), *placed("cd", 3)], 1),
        ([*wins("abcd"), *each_way("abcd", 2), *each_way("abcd", 3, F(1, 4))], 1),
        ([*each_way("ad", 3), *placed("b", 2)], 1),
    ],
)
def test_every_order_and_every_pair_is_a_state_and_nothing_else_is(claims: list[Claim], places: int) -> None:
    """Five runners, one of them without a claim; all orders are listed by hand."""
    states = states_of(frozenset(claims), Contest("race", tuple("abcde"), places))
    assert in_states(claims, states) == in_results(claims, with_pairs("abcde", places))


@pytest.mark.parametrize("seed", range(20))
def test_random_claims_on_random_fields(seed: int) -> None:
    rng = random.Random(seed)
    names = "abcdef"[: rng.randint(3, 6)]
    most = len(names) - 1
    kinds = [
        lambda name: wins(name)[0],
        lambda name: placed(name, rng.randint(1, most))[0],
        lambda name: each_way(name, rng.randint(1, most), F(1, rng.randint(2, 6)))[0],
    ]
    claims = list(dict.fromkeys(rng.choice(kinds)(rng.choice(names)) for _ in range(6)))
    states = states_of(frozenset(claims), Contest("race", tuple(names)))
    assert in_states(claims, states) == in_results(claims, with_pairs(names))


def test_nobody_comes_in_twice_and_everybody_is_settled_as_told() -> None:
    claims = [*wins("abc"), *placed("abc", 2), *each_way("abc", 3)]
    states = states_of(frozenset(claims), Contest("race", tuple("abcdef")))
    check_witnesses(states)
    for result in states.results:
        assert isinstance(result, Race)
        seen: set[str] = set()
        for group in result.ranks:
            assert not group & seen
            seen |= group
        assert seen <= set("abcdef")


def test_of_an_open_field_anybody_may_take_any_place() -> None:
    """Places may go to runners that nobody told us of: A placed, B and C not, is a state."""
    claims = [*wins("abc"), *placed("abc", 2)]
    states = states_of(frozenset(claims), Contest("race", tuple("abc"), complete=False))
    known = in_states(claims, states)
    outsiders = [
        Race(tuple(map(frozenset, order[:2])))
        for size in range(4)
        for some in combinations("abc", size)
        for order in permutations((*some, "x", "y"))
    ]
    assert in_results(claims, outsiders) <= known
    nothing = in_results(claims, [Race((frozenset("x"), frozenset("y")))])
    assert nothing <= known
    assert nothing.isdisjoint(in_results(claims, strictly("abc")))


def test_a_dead_heat_is_no_worse_than_the_orders_it_stands_for() -> None:
    """So leaving dead heats out of large fields changes no guarantee: with commission, a lay and places all at once."""
    rng = random.Random(5)
    claims = [*wins("abcd"), *placed("abcd", 2), *each_way("abcd", 3)]
    results = [*strictly("abcd"), *with_pairs("abcd")]
    results.append(Race((frozenset("abcd"),)))
    results.append(Race((frozenset("a"), frozenset("bcd"))))
    strict = len(strictly("abcd"))
    every = [[settle(claim, race) for claim in claims] for race in results]
    for _ in range(10):
        odds = [F(rng.randint(110, 900), 100) for _ in claims]
        stakes = [rng.randint(-20, 20) for _ in claims]
        nets = []
        for settled in every:
            net = sum(
                stake * (one.won * price + one.refunded - 1)
                for stake, price, one in zip(stakes, odds, settled, strict=True)
            )
            nets.append(net * F(95, 100) if net > 0 else net)
        assert min(nets) == min(nets[:strict])


@pytest.mark.parametrize("complete", [True, False])
def test_a_race_has_a_winner_or_a_dead_heat_or_an_outsider(complete: bool) -> None:
    claims = wins("abcd")
    states = states_of(frozenset(claims), Contest("race", tuple("abcd"), complete=complete))
    expected = with_pairs("abcd")
    if not complete:
        expected += [Race((frozenset("x"),)), *(Race((frozenset((name, "x")),)) for name in "abcd")]
    assert in_states(claims, states) == in_results(claims, expected)


def test_backing_every_runner_is_sure_only_if_one_of_them_must_win() -> None:
    claims = wins("abc")
    returns = np.full(3, 3.3)
    for contest, expected in (
        (Contest("race", tuple("abc")), 1.1),
        (Contest("race", tuple("abc"), complete=False), 0.0),
        (Contest("race", tuple("abcx")), 0.0),
        (Contest("race", tuple("ab")), 0.0),
        (None, 0.0),
    ):
        won = won_of(states_of(frozenset(claims), contest), claims)
        assert best_guarantee(won * returns[:, None]) == pytest.approx(expected, abs=1e-9), contest


def test_a_winner_is_placed() -> None:
    """Backing A to win and laying A's place at shorter odds is worth what the orders say: A can be second."""
    claims = [*wins("a"), *placed("a", 2)]
    states = states_of(frozenset(claims), Contest("race", tuple("abcdef")))
    rows = {(float(won), float(place)) for won, place in won_of(states, claims).T.tolist()}
    assert rows == {(1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (0.5, 1.0), (0.0, 0.5)}


def test_a_place_that_says_nothing_is_the_contest_s_own() -> None:
    contest = Contest("race", tuple("abcd"), places=2)
    states = states_of(frozenset([*placed("abcd"), *placed("ab", 2)]), contest)
    assert (won_of(states, placed("ab")) == won_of(states, placed("ab", 2))).all()
    states = states_of(frozenset([*placed("abcd"), *placed("ab", 3)]), contest)
    assert not (won_of(states, placed("ab")) == won_of(states, placed("ab", 3))).all()


def test_one_runner_known_of_an_open_contest() -> None:
    """It wins, shares or does not; that is all one needs to know to back and lay it."""
    states = states_of(frozenset(wins("a")), Contest("race", ("a",), complete=False))
    assert sorted(states.won[0]) == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(("count", "places"), [(3, 3), (3, 4), (40, 10)])
def test_contests_that_cannot_be_looked_at(count: int, places: int) -> None:
    names = tuple(f"r{number}" for number in range(count))
    claims = frozenset(Claim.of(Kind.PLACE, name, subject="race") for name in names)
    with pytest.raises(BadData, match="cannot be looked at"):
        states_of(claims, Contest("race", names, places=places))


def test_many_runners_are_looked_at_without_dead_heats(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [*wins("abcdef"), *placed("abcdef", 3)]
    contest = Contest("race", tuple("abcdefg"))
    with_heats = in_states(claims, states_of(frozenset(claims), contest))
    monkeypatch.setattr(races, "_DEAD_HEATS_UP_TO", 5)
    settled = races.SettledRaces(claims, contest)
    without = in_states(claims, States(claims, settled))
    assert without < with_heats
    assert without == in_results(claims, strictly("abcdefg"))


def test_too_many_places_together_are_looked_at_one_by_one() -> None:
    names = tuple(f"r{number:02}" for number in range(24))
    claims = [
        Claim.of(Kind.PLACE, name, subject="race", places=places) for name in names for places in (1, 2, 4)
    ]
    contest = Contest("race", names)
    with pytest.raises(BadData):
        states_of(frozenset(claims), contest)
    quotes = [back(ALPHA, claim, 2) for claim in claims if claim.places < 4 or claim.selection < "r10"]
    market = Market(event(contests=(contest,)), Basis.PREMATCH, quotes, contest, OPEN)
    looked = list(within_limits(market))
    told = [one for one in looked if isinstance(one, Unsolved)]
    assert [one.reason.split(":")[0] for one in told] == ["places"]
    groups = [
        {one.quote.claim.places for one in each.instruments} for each in looked if isinstance(each, Looked)
    ]
    assert sorted(groups, key=sorted) == [{1}, {2}, {4}]


def test_after_a_withdrawal_bets_on_the_runner_go_back_and_the_others_win_less() -> None:
    claims = [*wins("abc"), *placed("abc", 2)]
    contest = Contest("race", tuple("abcd"))
    states = states_after(frozenset(claims), contest, Withdrawal(frozenset("c"), F(3, 10)))
    known = in_states(claims, states)
    assert {each[2] for each in known} == {each[5] for each in known} == {REFUNDED}
    expected = [race._replace(withdrawn=frozenset("c"), reduction=F(3, 10)) for race in with_pairs("abd")]
    assert known == in_results(claims, expected)
    assert Settlement(F(7, 10), F(3, 10)) in {each[0] for each in known}


def test_states_of_a_field_are_few() -> None:
    """Six runners, the winner and three places: every end is dealt once."""
    names = "abcdef"
    claims = [*wins(names), *placed(names, 3)]
    states = states_of(frozenset(claims), Contest("race", tuple(names)))
    strict = 6 * 10
    winners_level = 15 * 4
    last_place_shared = 6 * 5 * 6
    assert len(states.results) == strict + winners_level + last_place_shared
    assert len(distinct(states.won)) == len(states.results)

"""The programme: shares and whole counts, several legs of one taxed market included, against brute force."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from crossbook.arbitrage.accounts import Accounts
from crossbook.arbitrage.choices import Bet, Choice, Limit
from crossbook.arbitrage.instrument import instrument_of, shared_markets
from crossbook.arbitrage.outcomes import Outcomes
from crossbook.arbitrage.program import Columns, best_shares
from crossbook.arbitrage.search import best_counts
from crossbook.arbitrage.states import states_of
from crossbook.model.quote import Quote, Side
from tests.arbitrage.checks import SCORES, check_commission, gross_of, nets
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    DRAW,
    HOME,
    TWO_PERCENT,
    Floats,
    Groups,
    back,
    best_guarantee,
    book,
    lay,
    priced,
    random_claim,
    returns_on,
    total,
)
from tests.oracles.stake_search import StakeLeg, best_plan


def columns_of(quotes: list[Quote]) -> Columns:
    return Columns(
        [instrument_of(quote) for quote in quotes], states_of(frozenset(quote.claim for quote in quotes))
    )


def worst_of(returns: Floats, groups: Groups, risks: Floats) -> Floats:
    """The worst net profit of each row of risks, commission on each group's net winnings."""
    profits = risks @ (returns - 1)
    for rate, members in groups:
        winnings = risks[:, list(members)] @ (returns[list(members)] - 1)
        profits = profits - rate * np.maximum(winnings, 0)
    worst: Floats = profits.min(axis=1)
    return worst


def simplex(legs: int, parts: int) -> Floats:
    """All splits of a unit between the legs in whole parts."""
    heads = np.array([head for head in product(range(parts + 1), repeat=legs - 1) if sum(head) <= parts])
    return np.column_stack([heads, parts - heads.sum(axis=1)]) / parts


TAXED = [
    pytest.param(
        [
            back(TWO_PERCENT, HOME, "2.3", market_id="m"),
            back(TWO_PERCENT, DRAW, "4.1", market_id="m"),
            back(ALPHA, AWAY, 4),
        ],
        [(0.02, (0, 1))],
        id="two backs",
    ),
    pytest.param(
        [
            back(TWO_PERCENT, HOME, "2.3", market_id="m"),
            lay(TWO_PERCENT, DRAW, "3.4", market_id="m"),
            back(ALPHA, AWAY, 3),
        ],
        [(0.02, (0, 1))],
        id="a back and a lay",
    ),
    pytest.param(
        [
            back(TWO_PERCENT, what, odds, market_id="m")
            for what, odds in ((HOME, "2.5"), (DRAW, "3.9"), (AWAY, "3.4"))
        ],
        [(0.02, (0, 1, 2))],
        id="the whole market",
    ),
    pytest.param(
        [
            back(TWO_PERCENT, HOME, "2.3", market_id="m"),
            back(TWO_PERCENT, total("over", "2.5"), "2.2", market_id="n"),
            back(ALPHA, total("under", "2.5"), "1.95"),
            back(TWO_PERCENT, AWAY, "3.9", market_id="m"),
        ],
        [(0.02, (0, 3)), (0.02, (1,))],
        id="two markets",
    ),
    pytest.param([*book(ALPHA, "2.5", "3.6", "3.2")], [], id="no tax"),
]


@pytest.mark.parametrize(("quotes", "groups"), TAXED)
def test_shares_are_the_best_of_all_splits(quotes: list[Quote], groups: Groups) -> None:
    profit, shares = best_shares(columns_of(quotes))
    returns = np.unique(returns_on(quotes, SCORES), axis=1)
    (reached,) = worst_of(returns, groups, shares[None, :])
    assert reached == pytest.approx(profit, abs=1e-9)
    assert profit >= worst_of(returns, groups, simplex(len(quotes), 40)).max() - 1e-9
    assert 1 + profit == pytest.approx(best_guarantee(returns, groups), abs=1e-9)
    assert shares.sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(4))
def test_many_taxed_markets_at_once(seed: int) -> None:
    """Six markets of two to four legs over some dozens of states: as good as scipy's plan with a tax in every state."""
    rng = random.Random(seed)
    claims = list({random_claim(rng) for _ in range(18)})
    quotes = [
        back(TWO_PERCENT, quote.claim, quote.odds, side=quote.side, market_id=str(place % 6))
        for place, quote in enumerate(priced(rng, claims, SCORES))
    ]
    columns = columns_of(quotes)
    assert len(columns.shared) == 6
    groups = [(0.02, places) for places in columns.shared.values()]
    returns = np.unique(returns_on(quotes, SCORES), axis=1)
    profit, shares = best_shares(columns)
    assert 1 + profit == pytest.approx(best_guarantee(returns, groups), abs=1e-8)
    (reached,) = worst_of(returns, groups, shares[None, :])
    assert reached == pytest.approx(profit, abs=1e-8)


def test_tax_on_a_market_is_less_than_tax_on_each_leg() -> None:
    """Backing all three results at one exchange: only what the market gains in the end is taxed."""
    together = [
        back(TWO_PERCENT, what, odds, market_id="m")
        for what, odds in ((HOME, 3), (DRAW, "3.1"), (AWAY, "3.2"))
    ]
    apart = [
        back(TWO_PERCENT, quote.claim, quote.odds, market_id=f"m{place}")
        for place, quote in enumerate(together)
    ]
    value = 1 / (1 / 3 + 1 / 3.1 + 1 / 3.2) - 1
    assert best_shares(columns_of(together))[0] == pytest.approx(value * 0.98, abs=1e-9)
    assert best_shares(columns_of(apart))[0] < value * 0.98 - 1e-3


def test_a_losing_market_pays_no_tax() -> None:
    quotes = [back(TWO_PERCENT, what, "2.7", market_id="m") for what in (HOME, DRAW, AWAY)]
    assert best_shares(columns_of(quotes))[0] == pytest.approx(-0.1, abs=1e-9)


def test_commission_end_to_end() -> None:
    check_commission()


def test_markets_that_are_taxed_together() -> None:
    quotes = [
        back(TWO_PERCENT, HOME, 2, market_id="m"),
        back(TWO_PERCENT, DRAW, 3, market_id="m"),
        back(TWO_PERCENT, BTTS_YES, 2, market_id="n"),
        back(ALPHA, AWAY, 4, market_id="m"),
    ]
    assert shared_markets([instrument_of(quote) for quote in quotes]) == {"toll/m": [0, 1]}
    unnamed = [back(TWO_PERCENT, HOME, 2), back(TWO_PERCENT, AWAY, 3), back(TWO_PERCENT, BTTS_NO, 3)]
    lines = [back(TWO_PERCENT, total("over", line), 2) for line in ("2.5", "3.5")]
    (together,) = shared_markets([instrument_of(quote) for quote in [*unnamed, *lines]]).values()
    assert together == [0, 1], "without a market's name, lines are markets of their own"


@pytest.mark.parametrize("seed", range(12))
def test_counts_are_the_best_of_all_counts(seed: int) -> None:
    """Three or four legs, mixed steps and limits, several in one taxed market, every combination tried."""
    rng = random.Random(seed)

    def drawn(low: int, high: int) -> Fraction:
        return Fraction(rng.randint(low, high), 100)

    quotes = [
        back(TWO_PERCENT, HOME, drawn(230, 290), market_id="m"),
        back(TWO_PERCENT, DRAW, drawn(340, 420), market_id="m"),
        back(BRAVO, AWAY, drawn(310, 390)),
    ]
    if seed % 2:
        quotes.append(lay(TWO_PERCENT, AWAY, drawn(290, 330), market_id="m"))
    steps = [Fraction(rng.choice((1, 2, 5)), rng.choice((1, 2))) for _ in quotes]
    least = [rng.choice((1, 1, 3, 6)) for _ in quotes]
    most = [rng.choice((8, 12, 20)) for _ in quotes]
    bank = Fraction(rng.choice((20, 30, 45)))
    states = states_of(frozenset(quote.claim for quote in quotes))
    choices = [
        Choice(Bet(quote, step / (quote.odds - 1) if quote.side is Side.LAY else step), lowest, highest)
        for quote, step, lowest, highest in zip(quotes, steps, least, most, strict=True)
    ]
    limit = Limit(dict(enumerate(steps)), bank)
    counts = best_counts(Outcomes(choices, ((),), states, Accounts(), [limit])).counts
    gross = [gross_of(quote, states) for quote in quotes]
    legs = [StakeLeg(*numbers) for numbers in zip(steps, least, most, gross, strict=True)]
    members = [place for place, quote in enumerate(quotes) if quote.venue is TWO_PERCENT]
    expected = best_plan(legs, bank, len(states.results), [(Fraction(2, 100), members)])
    risks = [count * step for count, step in zip(counts, steps, strict=True)]
    assert sum(risks) <= bank
    for count, lowest, highest in zip(counts, least, most, strict=True):
        assert count == 0 or lowest <= count <= highest
    assert min(nets(quotes, risks)) == (expected[1] if expected else 0)


def test_no_counts_where_every_stake_loses() -> None:
    quotes = book(ALPHA, "2.2", "3.3", "3.4")
    choices = [Choice(Bet(quote, Fraction(1)), 1, 100) for quote in quotes]
    states = states_of(frozenset(quote.claim for quote in quotes))
    limit = Limit(dict.fromkeys(range(3), Fraction(1)), Fraction(100))
    found = best_counts(Outcomes(choices, ((),), states, Accounts(), [limit]))
    assert found == ((0, 0, 0), 0, True)

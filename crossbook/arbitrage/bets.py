"""Bets from real accounts: the plan with the greatest worst case, and what any set of counts comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import zip_longest
from typing import Final

import msgspec
import numpy as np

from crossbook.arbitrage.choices import Bet, Choice, choices_of, limits_of
from crossbook.arbitrage.outcomes import Outcomes
from crossbook.arbitrage.search import MOST_ENTRIES, best_counts
from crossbook.arbitrage.states import States
from crossbook.arbitrage.terms import Terms
from crossbook.model.claim import Claim
from crossbook.model.quote import Quote, Side

_MOST_CHOICES: Final = 400
_MOST_LOOKED_AT: Final = 100_000
"""Choices × outcomes that are looked at together."""
_FEWEST_CHOICES: Final = 20


class Bets(msgspec.Struct, frozen=True):
    """Whole stakes and what they come to, in the bank's currency, over all outcomes; exact.

    `cost` is what they take from the bank, taxes on stakes included. `proven` says that no other whole stakes have a
    better worst case (or as good a one for less).
    """

    bets: tuple[Bet, ...]
    cost: Fraction
    worst: Fraction
    best: Fraction
    proven: bool


class Table:
    """All that may be done, and what it comes to: choices on quotes beside bets that stand, or may stand.

    `standing` has one entry for each possibility: the bets that stand in it. `placed` are all of them, for what they
    have used up. Raises BadData when there are too many states to look at.
    """

    def __init__(
        self,
        quotes: Iterable[Quote],
        states: States,
        terms: Terms,
        standing: Sequence[Sequence[Bet]] = ((),),
        placed: Sequence[Bet] = (),
        ends: Sequence[Choice] = (),
    ) -> None:
        self._terms, self._states = terms, states
        most = _MOST_LOOKED_AT // (len(states.results) * len(standing))
        offered = choices_of(quotes, terms, placed)
        kept = _best_of(offered, min(_MOST_CHOICES, max(most, _FEWEST_CHOICES)))
        self._all_kept = len(kept) == len(offered)
        self.choices = [*kept, *ends]
        self.outcomes = Outcomes(
            self.choices, standing, states, terms.accounts, limits_of(self.choices, terms, placed)
        )

    def best(self, most_entries: int = MOST_ENTRIES) -> tuple[tuple[int, ...], bool]:
        """The counts with the greatest worst case, and whether nothing can be better."""
        found = best_counts(self.outcomes, most_entries)
        return found.counts, found.proven and self._all_kept

    def bets(self, counts: Sequence[int], proven: bool) -> Bets:
        """What these counts come to."""
        outcomes, accounts = self.outcomes, self._terms.accounts
        profits = self.profits(counts)
        bets = tuple(
            choice.times(count)
            for choice, count in zip(self.choices, counts, strict=True)
            if count and choice.cash_out is None
        )
        cost = Fraction(0)
        for bet in bets:
            venue = bet.quote.venue.id
            cost += bet.drawn(accounts.at(venue)) * accounts.rate(venue)
        worst, best = (Fraction(each, outcomes.scale) for each in (min(profits), max(profits)))
        return Bets(bets, cost, worst, best, proven)

    def profits(self, counts: Sequence[int]) -> list[int]:
        """The profit in every outcome, in the outcomes' scale."""
        dtype = self.outcomes.gains.dtype
        found: list[int] = self.outcomes.profits(np.array([counts], dtype).reshape(1, -1))[0].tolist()
        return found


def best_bets(
    quotes: Iterable[Quote], states: States, terms: Terms, most_entries: int = MOST_ENTRIES
) -> Bets:
    """The bets with the greatest net profit in the worst state, from the accounts of the terms; none where none profit.

    The optimum over all whole stakes on these quotes, in cash and with free bets, within bank, balances, sizes and
    limits; of equal ones the cheapest. Where that would be too many to try (combinations × outcomes, `most_entries`),
    the best found, and `proven` is False.
    Raises BadData when there are too many states to look at.
    """
    table = Table(quotes, states, terms)
    return table.bets(*table.best(most_entries))


def _best_of(choices: list[Choice], most: int) -> list[Choice]:
    """The choices of the best odds of every claim and side, where there are more than can be looked at."""
    if len(choices) <= most:
        return choices
    groups: dict[tuple[Claim, Side, bool], list[Choice]] = {}
    for choice in choices:
        quote = choice.bet.quote
        groups.setdefault((quote.claim, quote.side, choice.bet.free_bet is None), []).append(choice)
    for some in groups.values():
        some.sort(key=lambda choice: -choice.bet.quote.rank)
    in_turn = [choice for turn in zip_longest(*groups.values()) for choice in turn if choice is not None]
    return in_turn[:most]

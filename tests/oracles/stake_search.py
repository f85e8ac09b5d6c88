"""The best whole-number stakes, found by trying them all.

A plan says how many steps of money to put on each leg. Its worst case is the smallest net profit over the
states of the world: payoffs, less the money staked, less commission. The best plan has the largest worst
case; among equals, the one that stakes less; among those, the one whose counts come first in dictionary
order.

All numbers are exact. Before the search they are multiplied by one common factor so that every one of them
is a whole number; this changes no comparison and makes the enumeration quick enough to run hundreds of
times.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

CommissionGroup = tuple[Fraction, Sequence[int]]


@dataclass(frozen=True)
class StakeLeg:
    """One bet: money at risk for each count, the counts a venue takes, and what comes back in each state.

    A count of 0 is always allowed; any other lies between ``min_count`` and ``max_count``. ``gross[s]`` is
    the return in state ``s`` for each unit at risk, the unit itself included. For a lay bet the risk is the
    liability.
    """

    step: Fraction
    min_count: int
    max_count: int
    gross: tuple[Fraction, ...]


@dataclass(frozen=True)
class Case:
    """One problem to solve: legs, the most that may be staked, how many states, and the commission groups."""

    legs: tuple[StakeLeg, ...]
    bank: Fraction
    states: int
    groups: tuple[tuple[Fraction, tuple[int, ...]], ...] = ()


def allowed_counts(leg: StakeLeg, bank: Fraction) -> list[int]:
    """The counts one leg may take on its own without passing the bank."""
    most = min(leg.max_count, bank // leg.step)
    return [0, *range(max(1, leg.min_count), most + 1)]


def combinations(legs: Sequence[StakeLeg], bank: Fraction) -> int:
    """How many combinations of counts there are before any is dropped for passing the bank together."""
    product = 1
    for leg in legs:
        product *= len(allowed_counts(leg, bank))
    return product


def net_profits(
    legs: Sequence[StakeLeg], counts: Sequence[int], states: int, groups: Sequence[CommissionGroup] = ()
) -> list[Fraction]:
    """The net profit of a plan in every state, written out in fractions."""
    profits = []
    for state in range(states):
        profit = Fraction(0)
        for leg, count in zip(legs, counts, strict=True):
            risk = count * leg.step
            profit += risk * leg.gross[state] - risk
        for rate, members in groups:
            winnings = sum(
                (counts[i] * legs[i].step * (legs[i].gross[state] - 1) for i in members), Fraction(0)
            )
            profit -= rate * max(Fraction(0), winnings)
        profits.append(profit)
    return profits


def staked_by(legs: Sequence[StakeLeg], counts: Sequence[int]) -> Fraction:
    """The money a plan puts at risk."""
    return sum((count * leg.step for leg, count in zip(legs, counts, strict=True)), Fraction(0))


def _within_bank(
    choices: Sequence[Sequence[int]],
    steps: Sequence[int],
    gains: Sequence[Sequence[int]],
    bank: int,
    gained: Sequence[int],
) -> Iterator[tuple[tuple[int, ...], list[int]]]:
    """Every tuple of counts whose cost is not above the bank, in order, with what it gains in total.

    ``gains[leg]`` is a row of numbers gained for each count of that leg; the rows are added up to ``gained``.
    """
    for count in choices[0]:
        left = bank - count * steps[0]
        if left < 0:
            break  # the choices rise, so all later ones cost more still
        total = [so_far + count * gain for so_far, gain in zip(gained, gains[0], strict=True)]
        if len(choices) == 1:
            yield (count,), total
            continue
        for rest, sums in _within_bank(choices[1:], steps[1:], gains[1:], left, total):
            yield (count, *rest), sums


def best_plan(
    legs: Sequence[StakeLeg], bank: Fraction, states: int, groups: Sequence[CommissionGroup] = ()
) -> tuple[tuple[int, ...], Fraction, Fraction] | None:
    """Return (counts, worst net profit, money staked) of the best plan, or None if none profits everywhere.

    ``groups`` are commission groups ``(rate, leg indices)``: in each state the group's legs win
    X = sum of risk x (gross - 1) together, and pay ``rate x max(0, X)``. A leg belongs to one group at most.
    """
    if not legs or states < 1:
        raise ValueError("a plan needs a leg and a state")
    members = [index for _, indices in groups for index in indices]
    if len(members) != len(set(members)):
        raise ValueError("a leg belongs to one commission group at most")
    if any(len(leg.gross) != states for leg in legs):
        raise ValueError("every leg needs one payoff for each state")

    # One factor that turns every amount below into a whole number.
    denominators = [bank.denominator]
    for leg in legs:
        denominators.append(leg.step.denominator)
        denominators += [(leg.step * (back - 1)).denominator for back in leg.gross]
    rate_denominators = [rate.denominator for rate, _ in groups]
    factor = lcm(*denominators) * lcm(*rate_denominators)

    def whole(amount: Fraction) -> int:
        scaled = amount * factor
        assert scaled.denominator == 1
        return scaled.numerator

    steps = [whole(leg.step) for leg in legs]
    wins = [[whole(leg.step * (leg.gross[s] - 1)) for s in range(states)] for leg in legs]
    choices = [allowed_counts(leg, bank) for leg in legs]
    whole_bank = whole(bank)

    # What one count of a leg gains: its net payoff in each state, then the same again for the group it is in.
    gains = []
    for index, win in enumerate(wins):
        row = list(win)
        for _, indices in groups:
            row += win if index in indices else [0] * states
        gains.append(row)
    nothing_yet = [0] * (states * (1 + len(groups)))

    best: tuple[int, int, tuple[int, ...]] | None = None
    for counts, sums in _within_bank(choices, steps, gains, whole_bank, nothing_yet):
        profits = sums[:states]
        for number, (rate, _) in enumerate(groups, start=1):
            for s, winnings in enumerate(sums[number * states : (number + 1) * states]):
                if winnings > 0:
                    # Exact: every amount holds the rate's denominator as a factor.
                    profits[s] -= winnings * rate.numerator // rate.denominator
        worst = min(profits)
        if worst <= 0:
            continue
        staked = sum(count * step for count, step in zip(counts, steps, strict=True))
        if best is None or worst > best[0] or (worst == best[0] and staked < best[1]):
            best = (worst, staked, counts)
    if best is None:
        return None
    return best[2], Fraction(best[0], factor), Fraction(best[1], factor)


def naive_plan(shares: Sequence[Fraction], bank: Fraction, unit: Fraction) -> tuple[int, ...]:
    """Round each leg's share of the bank to the nearest whole number of units; return the counts of units.

    Halves go upwards. This is what a person with a calculator does. Nothing keeps the sum within the bank
    or the profit positive.
    """
    return tuple((share * bank / unit + Fraction(1, 2)).__floor__() for share in shares)


def _odds_from_fair(rng: random.Random, chance: Fraction, edge: Fraction) -> Fraction:
    """Decimal odds, to two decimals and above 1, near those that pay a chance fairly, changed by an edge."""
    exact = (1 + edge) / chance
    return max(Fraction(101, 100), Fraction(round(exact * 100) + rng.randint(-1, 1), 100))


def _payoffs(
    rng: random.Random, wins: set[int], chances: list[Fraction], edge: Fraction
) -> tuple[Fraction, ...]:
    """Payoffs of a bet that wins in the states ``wins``: plain, with a refund, half won, or as a lay."""
    states = len(chances)
    chance = sum((chances[s] for s in wins), Fraction(0))
    manner = rng.choice(("back", "back", "back", "lay", "refund", "half"))
    losing = [s for s in range(states) if s not in wins]
    if manner == "lay" and losing:
        # Laying what wins in the other states: the liability comes back with the backers' stakes on top.
        lay_odds = max(Fraction(102, 100), _odds_from_fair(rng, 1 - chance, -edge))
        paid = lay_odds / (lay_odds - 1)
        return tuple(paid if s in wins else Fraction(0) for s in range(states))
    odds = _odds_from_fair(rng, chance, edge)
    row = [odds if s in wins else Fraction(0) for s in range(states)]
    if manner == "refund" and losing:
        row[rng.choice(losing)] = Fraction(1)
    if manner == "half" and len(wins) > 1:
        row[rng.choice(sorted(wins))] = (1 + odds) / 2
    return tuple(row)


def random_case(rng: random.Random) -> Case:
    """Make one small problem: 2 to 4 legs, 2 to 6 states, mixed steps, some limits, some commission.

    The legs are first dealt the states between them, so that together they cover the world; whether a
    profit can be had then depends on the drawn edge, the steps, the limits and the commission. About half
    of the cases turn out to have a profitable plan. Enumeration stays under 50,000 combinations.
    """
    while True:
        states = rng.randint(2, 6)
        leg_count = rng.randint(2, min(4, states + 1))
        weights = [rng.randint(1, 8) for _ in range(states)]
        chances = [Fraction(weight, sum(weights)) for weight in weights]
        covering = min(leg_count, states)
        owner = [*range(covering), *(rng.randrange(covering) for _ in range(states - covering))]
        rng.shuffle(owner)
        edge = Fraction(rng.randint(-4, 16), 100)
        legs = []
        for index in range(leg_count):
            wins = {s for s in range(states) if owner[s] == index}
            if not wins:
                wins = set(rng.sample(range(states), rng.randint(1, states - 1)))
            step = rng.choice(
                (Fraction(1), Fraction(1), Fraction(1, 2), Fraction(2), Fraction(5), Fraction(3, 4))
            )
            min_count = rng.choice((0, 0, 0, 1, 2, 4))
            max_count = rng.choice((1000, 1000, 1000, 8, 15))
            legs.append(StakeLeg(step, min_count, max_count, _payoffs(rng, wins, chances, edge)))
        bank = Fraction(rng.choice((10, 20, 25, 30, 40, 60, 100)))
        groups: tuple[tuple[Fraction, tuple[int, ...]], ...] = ()
        if rng.random() < 0.4:
            members = tuple(sorted(rng.sample(range(leg_count), rng.randint(1, leg_count))))
            groups = ((rng.choice((Fraction(1, 50), Fraction(1, 20), Fraction(7, 100))), members),)
        if combinations(legs, bank) < 50_000:
            return Case(tuple(legs), bank, states, groups)

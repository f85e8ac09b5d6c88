"""A reference for how contests are settled: races with places and withdrawals, and contracts.

Written as one would settle by hand:

* A dead heat divides the stake. Where m runners share k of the paid places, k/m of the stake is settled as placed and
  the rest is lost.
* Each way is two bets of half the stake, one to win at the full odds and one to be placed at a fraction of them.
  A place at fraction f of the odds pays ``1 + f × (odds - 1)``, which is f of the stake at the full odds and the
  rest given back.
* Rule 4 takes a part d of the winnings and none of the stake. A bet that wins pays ``1 + (1 - d) × (odds - 1)``,
  which is 1 - d of the stake at the full odds and d given back. An exchange cuts the whole price instead.
* A contract that ends at n/d of its face pays as if that share of the stake had won.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from tests.oracles.settlement_reference import LOST, PUSH, Settlement

_HALF = Fraction(1, 2)

# The longest odds of each band and what is taken, in pence of a pound won. Tattersalls Rules on Betting, rule 4(c),
# as printed on the help pages of Betfair (6486), Unibet and William Hill (19991).
_RULE_FOUR: tuple[tuple[str, int], ...] = (
    ("1/9", 90),
    ("2/11", 85),
    ("1/4", 80),
    ("3/10", 75),
    ("2/5", 70),
    ("8/15", 65),
    ("8/13", 60),
    ("4/5", 55),
    ("20/21", 50),
    ("6/5", 45),
    ("6/4", 40),
    ("7/4", 35),
    ("9/4", 30),
    ("3/1", 25),
    ("4/1", 20),
    ("11/2", 15),
    ("9/1", 10),
    ("14/1", 5),
)
_MOST_TAKEN = Fraction(9, 10)


@dataclass(frozen=True)
class Race:
    """How a race ended: groups of equals in the order of finish, who did not start, and the deduction for that.

    Whoever is in neither has run and was not among those named.
    """

    ranks: tuple[tuple[str, ...], ...]
    withdrawn: tuple[str, ...] = field(default=())
    reduction: Fraction = field(default=Fraction(0))


@dataclass(frozen=True)
class Resolution:
    """What a contract paid, as a share of its face."""

    numerator: int
    denominator: int


@dataclass(frozen=True)
class Void:
    """Nothing counted."""

    reason: str = "void"


def rule_four(withdrawn_at: tuple[Fraction, ...], *, five_pence_waived: bool = False) -> Fraction:
    """The part of the winnings that is taken when runners at these fractional odds (2/1 is 2) are withdrawn.

    Deductions add up to nine tenths at most. Some firms waive a total of five pence.

    >>> rule_four((Fraction(2, 5),)), rule_four((Fraction(20),)), rule_four((Fraction(1, 2), Fraction(4, 7)))
    (Fraction(7, 10), Fraction(0, 1), Fraction(9, 10))
    """
    total = Fraction(0)
    for odds in withdrawn_at:
        for longest, pence in _RULE_FOUR:
            if odds <= Fraction(longest):
                total += Fraction(pence, 100)
                break
    if five_pence_waived and total == Fraction(5, 100):
        return Fraction(0)
    return min(total, _MOST_TAKEN)


def placed_share(selection: str, places: int, race: Race) -> Fraction:
    """How much of a stake on the selection counts as placed in the first so many places, dead heats divided.

    Raises ValueError where fewer than one place is paid.
    """
    if places < 1:
        raise ValueError("at least one place is paid")
    taken = 0
    for equals in race.ranks:
        left = places - taken
        if left <= 0:
            return Fraction(0)
        if selection in equals:
            return min(Fraction(1), Fraction(left, len(equals)))
        taken += len(equals)
    return Fraction(0)


def _deducted(settlement: Settlement, reduction: Fraction, reduction_on: str) -> Settlement:
    """Take the deduction: from the winnings, the stake being given back, or from the whole price."""
    won, refunded = settlement
    if reduction_on == "winnings":
        return won * (1 - reduction), refunded + won * reduction
    if reduction_on == "price":
        return won * (1 - reduction), refunded
    raise ValueError(f"no such deduction: {reduction_on}")


def settle_race(
    kind: str,
    selection: str,
    line: Fraction | None,
    places: int | None,
    race: Race,
    rules: Mapping[str, object] | None = None,
) -> Settlement:
    """Return the won and the refunded share of a stake on a runner: ``winner``, ``place`` or ``each_way``.

    ``line`` is the fraction of the odds paid for a place, of each way only; ``places`` is how many are paid, of
    place and each way. ``rules`` may say ``withdrawn``: ``refund`` (else) or ``lose`` (as ante-post), and
    ``reduction_on``: ``winnings`` (else) or ``price``. Raises ValueError for what is no such bet.
    """
    rules = rules or {}
    if selection in race.withdrawn:
        return LOST if rules.get("withdrawn", "refund") == "lose" else PUSH
    if kind == "winner":
        if line is not None or places not in (None, 1):
            raise ValueError("a winner has no line and one place")
        settlement: Settlement = (placed_share(selection, 1, race), Fraction(0))
    elif places is None:
        raise ValueError(f"{kind} needs the number of places")
    elif kind == "place":
        if line is not None:
            raise ValueError("a place has no line")
        settlement = (placed_share(selection, places, race), Fraction(0))
    elif kind == "each_way":
        if line is None or not 0 < line <= 1:
            raise ValueError("each way needs the fraction of the odds as its line")
        to_win = placed_share(selection, 1, race)
        to_place = placed_share(selection, places, race)
        settlement = (_HALF * to_win + _HALF * to_place * line, _HALF * to_place * (1 - line))
    else:
        raise ValueError(f"no such bet on a race: {kind}")
    return _deducted(settlement, race.reduction, str(rules.get("reduction_on", "winnings")))


def settle_contract(selection: str, resolution: Resolution | Void) -> Settlement:
    """Return the won and the refunded share of what was paid for a contract, ``yes`` or ``no``.

    >>> settle_contract("yes", Resolution(1, 2))
    (Fraction(1, 2), Fraction(0, 1))
    """
    if isinstance(resolution, Void):
        return PUSH
    paid = Fraction(resolution.numerator, resolution.denominator)
    if not 0 <= paid <= 1:
        raise ValueError("a contract pays between nothing and its face")
    if selection not in ("yes", "no"):
        raise ValueError(f"no such side of a contract: {selection}")
    return (paid if selection == "yes" else 1 - paid), Fraction(0)

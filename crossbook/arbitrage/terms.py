"""What counts as an opportunity, and the money that stakes are planned for."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import msgspec

from crossbook.arbitrage.accounts import Accounts

_LARGEST_BANK: Final = 10**12
_MOST_UNITS: Final = 10**9
"""Where a plan's whole stakes would take too long to find."""


class Terms(msgspec.Struct, frozen=True):
    """A margin to beat, a bank, and the unit in which stakes move where a venue states no step of its own.

    `accounts` say what each venue's account adds to that: its currency, limits, taxes and free bets. The unit is one of
    the account's own currency.
    """

    bank: Fraction = Fraction(100)
    unit: Fraction = Fraction(1)
    least_margin: Fraction = Fraction(0)
    accounts: Accounts = Accounts()
    no_loss: bool = False
    """Whether plans are reported that guarantee no more than the stakes back, and win in some states."""

    def doubts(self) -> Iterator[tuple[str, str]]:
        """Each term that makes no sense, by its name, and what to do about it.

        >>> list(Terms(bank=Fraction(1), unit=Fraction(2)).doubts())
        [('unit', 'has to be above 0, and bank at least one unit')]
        """
        for name in ("bank", "unit", "least_margin"):
            if getattr(self, name) < 0:
                yield name, "must not be below 0"
        if self.unit <= 0 or self.bank < self.unit:
            yield "unit", "has to be above 0, and bank at least one unit"
        elif self.bank > _LARGEST_BANK or self.bank > _MOST_UNITS * self.unit:
            yield "bank", f"at most {_LARGEST_BANK}, and at most {_MOST_UNITS} times unit"
        yield from ((f"accounts.{name}", wrong) for name, wrong in self.accounts.doubts())

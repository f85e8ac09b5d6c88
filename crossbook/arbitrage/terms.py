"""What counts as an opportunity, and the money that stakes are planned for."""

from __future__ import annotations

from fractions import Fraction

import msgspec


class Terms(msgspec.Struct, frozen=True):
    """A margin to beat, a bank, and the unit in which stakes move where a venue states no step of its own."""

    bank: Fraction = Fraction(100)
    unit: Fraction = Fraction(1)
    least_margin: Fraction = Fraction(0)

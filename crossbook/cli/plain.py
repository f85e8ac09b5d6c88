"""Text that can be printed anywhere, whatever a venue put into it, and the cells every view of a leg shares."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Final
from unicodedata import category

import msgspec

from crossbook.base.exact import decimal_text, plain_text
from crossbook.model.opportunity import Leg, Stake, Verdict
from crossbook.model.quote import Side

COLOURS: Final = {
    Verdict.PURE: "green",
    Verdict.RULE_EXPOSED: "yellow",
    Verdict.REJECTED: "red",
    Verdict.ESTIMATED: "cyan",
}
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control characters, marks that turn text round or do not show, halves of characters, line ends."""


def visible(text: str) -> str:
    """The text with everything that a terminal might obey spelled out."""
    return spelled(text, ascii)


def spelled(text: str, spell: Callable[[str], str]) -> str:
    """The text with unseen characters as `spell` quotes them; what `json.dumps` makes of them is the same in JSON."""
    if text.isprintable():
        return text
    return "".join(spell(each)[1:-1] if category(each) in _UNSEEN else each for each in text)


def print_json(value: object) -> None:
    """Print a value as one line of JSON, at once."""
    sys.stdout.write(spelled(msgspec.json.encode(value).decode(), json.dumps) + "\n")
    sys.stdout.flush()


def leg_cells(leg: Leg, stake: Stake | None) -> list[str]:
    """Venue, bet, price, share and stake of a leg, for people."""
    quote = leg.quote
    amount = "" if stake is None else plain_text(stake.amount, 2)
    if stake is not None and quote.side is Side.LAY:
        amount += f" (risks {plain_text(stake.risk, 2)})"
    bet = f"lay {quote.claim}" if quote.side is Side.LAY else str(quote.claim)
    price, share = plain_text(quote.odds, 3), f"{decimal_text(leg.share * 100, 2)} %"
    return [quote.venue.name, bet, price, share, amount]


def signed(value: Fraction) -> str:
    """The amount to the cent, with its sign."""
    return ("+" if value > 0 else "") + plain_text(value, 2)

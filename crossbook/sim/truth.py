"""What the world knows and no scanner may read: fixtures, every price, the true opportunities and the faults."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import msgspec

from crossbook.sim.scores import Bet, halves

FEED: Final = "odds-feed"
AGGREGATOR: Final = "aggregator"
PREDICTION: Final = "prediction-market"
EXCHANGE: Final = "exchange"

TRUTH_FILE: Final = ".truth.json"
"""The name under which a recording's truth is written: hidden, so that a scan of the folder passes it by."""


class Fixture(msgspec.Struct, frozen=True, kw_only=True):
    """One match: who plays, when, and the expected goals (thousandths) now and some hours earlier.

    `names` has the two sides' names, home first, and `ids` the event's own id, by source. `kick_off` is in
    nanoseconds UTC.
    """

    number: int
    competition: str
    home: str
    away: str
    kick_off: int
    rates: tuple[int, int]
    earlier_rates: tuple[int, int]
    names: dict[str, tuple[str, str]]
    ids: dict[str, str]


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """One price as its venue last published it, and the name of the fault where it is one.

    `odds` are exact decimal odds. `line` is the home side's for a handicap. A contract bought for c cents is a back
    at 100 / c; a NO contract is a lay of the YES claim at the odds of the YES bid. `venue` is the venue's own word
    in its file. `updated` is in nanoseconds UTC.
    """

    fixture: int
    source: str
    venue: str
    market: str
    selection: str
    line: Fraction | None = None
    side: str = "back"
    odds: Fraction
    updated: int
    fault: str = ""

    @property
    def bet(self) -> Bet:
        """Market, selection and line."""
        return self.market, self.selection, self.line

    def returns(self, commission: Fraction = Fraction(0)) -> tuple[Fraction, ...]:
        """What comes back at every score of the grid for one unit put at risk: the stake, or a lay's liability.

        `commission` is the share of the profit which the venue keeps, right for the only bet in its market.
        """
        if self.side == "back":
            win, lose = 1 + (self.odds - 1) * (1 - commission), Fraction(0)
        else:
            win, lose = Fraction(0), 1 + (1 - commission) / (self.odds - 1)
        table = {
            (won, refunded): (win * won + refunded + lose * (2 - won - refunded)) / 2
            for won in range(3)
            for refunded in range(3 - won)
        }
        return tuple(table[each] for each in zip(*halves(self.bet), strict=True))


class Leg(msgspec.Struct, frozen=True):
    """One leg: a price, and the share of the whole outlay put at risk on it."""

    price: Price
    share: Fraction


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """A true arbitrage opportunity: what comes back for one unit of outlay whatever the score.

    `guaranteed_return` is after the exchange's base rate, which the shares of the legs allow for;
    `return_before_commission` is without it, with the shares that are best then. Each is the most that any
    combination of the fixture's sound prices can guarantee; the prediction market's fees are left out of both.
    """

    kind: str
    fixture: int
    guaranteed_return: Fraction
    return_before_commission: Fraction
    commission: Fraction
    legs: tuple[Leg, ...]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Prices that look like profit and must not be acted on.

    `prices` are the faulty ones. For ``sister_brands`` they only may not be combined with each other: each alone
    gains nothing.
    """

    name: str
    fixture: int
    venues: tuple[str, ...]
    market: str
    prices: tuple[Price, ...]
    note: str


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is true of one recording; `start` is the time of its last frame, in nanoseconds UTC."""

    seed: int
    start: int
    fixtures: tuple[Fixture, ...]
    opportunities: tuple[Planted, ...]
    faults: tuple[Fault, ...]
    prices: tuple[Price, ...]


def write_truth(path: Path, truth: Truth) -> None:
    """Write the truth as JSON; fractions become text such as ``131/50``."""
    text = msgspec.json.format(msgspec.json.encode(truth, enc_hook=_fraction_text), indent=1)
    path.write_bytes(text + b"\n")


def read_truth(path: Path) -> Truth:
    """Read what `write_truth` wrote. Raises msgspec.ValidationError when the file is something else."""
    return msgspec.json.decode(path.read_bytes(), type=Truth, dec_hook=_text_fraction)


def _fraction_text(value: object) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(f"{type(value)} has no place in a truth file")


def _text_fraction(wanted: type[Any], value: object) -> Fraction:
    if wanted is Fraction and isinstance(value, str):
        return Fraction(value)
    raise NotImplementedError(f"{wanted} has no place in a truth file")

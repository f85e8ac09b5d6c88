"""The shapes Betfair sends: messages of the Exchange Stream API and the market definition inside them.

Field names follow https://docs.developer.betfair.com (Exchange Stream API). Unknown fields are ignored; prices,
sizes, lines and rates are exact Decimals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

DRAW: Final = 58805
"""The selection id of The Draw in every match odds market."""

Offer = tuple[Decimal, Decimal]
"""Price and size."""
Level = tuple[Decimal, Decimal, Decimal]
"""Position from the best (0), price and size."""
RunnerKey = tuple[int, Decimal]
"""Selection id and handicap: together they name a runner of a market."""
Milliseconds = Annotated[int, msgspec.Meta(ge=0, lt=100_000_000_000_000)]


class RunnerDefinition(msgspec.Struct, frozen=True, rename="camel"):
    """A runner in a market definition; `bsp` is its starting price once the market is reconciled."""

    id: int
    status: str = ""
    sort_priority: int = 0
    hc: Decimal | None = None
    name: str | None = None
    bsp: Decimal | None = None

    @property
    def is_active(self) -> bool:
        """Whether bets on it can be made: not removed, hidden or settled."""
        return self.status == "ACTIVE"

    @property
    def is_draw(self) -> bool:
        """Whether this is The Draw."""
        return self.id == DRAW


class MarketDefinition(msgspec.Struct, frozen=True, rename="camel"):
    """What a market is and how it stands; every change of it is sent in full."""

    runners: list[RunnerDefinition]
    event_id: str = ""
    event_type_id: str = ""
    market_type: str = ""
    betting_type: str = ""
    status: str = ""
    in_play: bool = False
    complete: bool = False
    bsp_reconciled: bool = False
    number_of_winners: int = 0
    market_base_rate: Decimal | None = None
    market_time: str | None = None
    venue: str | None = None
    country_code: str | None = None
    event_name: str | None = None

    def shown(self) -> list[RunnerDefinition]:
        """The runners in the order Betfair shows them."""
        return sorted(self.runners, key=lambda runner: runner.sort_priority)


class RunnerChange(msgspec.Struct, frozen=True):
    """Price changes of one runner: full ladders, best offers, best displayed offers, starting prices.

    `atb`, `atl`, `spb` and `spl` are keyed by price, the four others by level; size 0 removes. `spn` and `spf`
    are the projected starting prices (near and far), `spb` and `spl` the stakes and liabilities that wait for it.
    """

    id: int
    hc: Decimal | None = None
    atb: list[Offer] | None = None
    atl: list[Offer] | None = None
    batb: list[Level] | None = None
    batl: list[Level] | None = None
    bdatb: list[Level] | None = None
    bdatl: list[Level] | None = None
    spb: list[Offer] | None = None
    spl: list[Offer] | None = None
    spn: Decimal | None = None
    spf: Decimal | None = None


class MarketChange(msgspec.Struct, frozen=True, rename="camel"):
    """Changes of one market; with `img` they replace everything known of its prices."""

    id: str
    img: bool | None = None
    market_definition: MarketDefinition | None = None
    rc: list[RunnerChange] | None = None


class StreamMessage(msgspec.Struct, frozen=True, rename="camel"):
    """One line of a stream; only market change messages (`op` is ``mcm``) have anything for us.

    `status` is 503 while Betfair itself says that its prices are late.
    """

    op: str
    ct: str | None = None
    pt: Milliseconds | None = None
    segment_type: str | None = None
    status: Any = None
    mc: list[MarketChange] | None = None

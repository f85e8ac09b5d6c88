"""Polymarket's Gamma records as they come over the wire; several fields hold JSON as text inside the JSON."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.venues._contract_price import Offer, other_side, price_of
from crossbook.venues.decode import json_value


class _Series(msgspec.Struct):
    title: str | None = None


class Event(msgspec.Struct, rename="camel"):
    """An event. `neg_risk` says that at most one of its markets can resolve to yes; `neg_risk_augmented` that
    outcomes may still be added, so that the ones listed are not all there are.
    """

    id: str | int | None = None
    title: str | None = None
    neg_risk: bool | None = None
    neg_risk_augmented: bool | None = None
    neg_risk_market_id: str | None = msgspec.field(default=None, name="negRiskMarketID")
    live: bool | None = None
    ended: bool | None = None
    series: list[_Series] | None = None
    series_slug: str | None = None
    markets: list[msgspec.Raw] | None = None

    def key(self) -> str | None:
        """The event's id as text."""
        return None if self.id is None else str(self.id)

    def competition(self) -> str:
        """The series the event belongs to, empty when it says none."""
        titles = [one.title for one in self.series or [] if one.title]
        return titles[0] if titles else self.series_slug or ""


class Market(msgspec.Struct, rename="camel"):
    """A market of two outcomes; `outcomes` and `clob_token_ids` are lists or the JSON text of lists."""

    condition_id: str
    question: str | None = None
    description: str | None = None
    outcomes: str | list[str] | None = None
    clob_token_ids: str | list[str] | None = None
    active: bool | None = None
    closed: bool | None = None
    archived: bool | None = None
    accepting_orders: bool | None = None
    enable_order_book: bool | None = None
    best_bid: Decimal | None = None
    best_ask: Decimal | None = None
    neg_risk: bool | None = None
    sports_market_type: str | None = None
    line: Decimal | None = None
    game_start_time: str | None = None
    updated_at: str | None = None
    events: list[Event] | None = None

    def names(self) -> tuple[str, str]:
        """The two outcomes. Raises BadData when there are not exactly two."""
        outcomes = _texts("outcomes", self.outcomes)
        if len(outcomes) != 2:
            raise BadData(f"outcomes: {len(outcomes)} outcomes where a market has two")
        return outcomes[0], outcomes[1]

    def tokens(self) -> list[str]:
        """The tokens of the outcomes, in their order; empty when they are not given.

        Raises BadData when they are anything but one token for each outcome.
        """
        tokens = _texts("clobTokenIds", self.clob_token_ids)
        if tokens and (len(tokens) != 2 or tokens[0] == tokens[1]):
            raise BadData("clobTokenIds: not one token for each of two outcomes")
        return tokens

    def over(self) -> bool:
        """Whether nothing of this market can be bought any more, ever."""
        return self.closed is True or self.archived is True

    def tradable(self) -> bool:
        """Whether orders are taken now; a market that does not say so takes none."""
        return (
            self.accepting_orders is True and self.active is not False and self.enable_order_book is not False
        )

    def sides(self) -> tuple[Offer | None, Offer | None]:
        """What a buyer of the first and of the second outcome finds; Gamma gives no sizes."""
        ask, bid = price_of("bestAsk", self.best_ask), price_of("bestBid", self.best_bid)
        return (None if ask is None else Offer(ask)), other_side(bid)

    def updated(self) -> int | None:
        """When Polymarket last wrote this record: its prices are that old or older."""
        return moment("updatedAt", self.updated_at)


def moment(field: str, text: str | None) -> int | None:
    """Nanoseconds of a time, None when there is none. Raises BadData naming the field."""
    if not text:
        return None
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        raise BadData(f"{field}: {text[:40]!r} is not a time") from None


def _texts(field: str, value: str | list[str] | None) -> list[str]:
    if not isinstance(value, str):
        return value or []
    if not value.strip():
        return []
    try:
        texts: list[str] = json_value(value.encode(), list[str])
    except BadData as error:
        raise BadData(f"{field}: {error}") from None
    return texts

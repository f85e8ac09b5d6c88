"""What goes over the exchange's connections: requests as clients send them, and messages numbered by clocks."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec

from crossbook.sim.live.ladders import Market, Seen, Wanted

LINE_END: Final = b"\r\n"

_MILLISECOND: Final = 1_000_000
_SEGMENT: Final = 40
"""Markets in one segment of an image."""

_encode = msgspec.json.encode


class Filter(msgspec.Struct, frozen=True, rename="camel"):
    """Which markets a subscription asks for; what is not named, or empty, asks for all."""

    country_codes: list[str] | None = None
    betting_types: list[str] | None = None
    market_types: list[str] | None = None
    market_ids: list[str] | None = None
    event_type_ids: list[str] | None = None
    event_ids: list[str] | None = None

    def admits(self, market: Market) -> bool:
        """Whether a market is asked for; an empty list asks for all."""
        return all(
            not asked or word in asked
            for asked, word in (
                (self.country_codes, market.country_code),
                (self.betting_types, "ODDS"),
                (self.market_types, market.type),
                (self.market_ids, market.id),
                (self.event_type_ids, "1"),
                (self.event_ids, market.event),
            )
        )


class Fields(msgspec.Struct, frozen=True, rename="camel"):
    """Which kinds of prices a subscription asks for, and how deep."""

    fields: list[str] | None = None
    ladder_levels: int = 3


class Request(msgspec.Struct, frozen=True, rename="camel"):
    """Any message of a client; `op` says what it asks."""

    op: str
    id: int | None = None
    app_key: str | None = None
    session: str | None = None
    market_filter: Filter | None = None
    market_data_filter: Fields | None = None
    segmentation_enabled: bool = False
    heartbeat_ms: int | None = None
    conflate_ms: int | None = None
    initial_clk: str | None = None
    clk: str | None = None


class Refusal(Exception):
    """A status message that says no, with Betfair's word for why."""

    def __init__(self, code: str, message: str, closes: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.closes = closes


class Client:
    """One connection: what it asked for, what it was told, and when."""

    def __init__(self, writer: asyncio.StreamWriter, number: int) -> None:
        self.writer = writer
        self.name = f"002-sim-{number:06d}"
        self.authenticated = False
        self.subscription: int | None = None
        self.subscribed = False
        self.whole = False
        self.wanted = Wanted()
        self.markets: dict[str, Market] = {}
        self.seen: dict[str, Seen] = {}
        self.dirty: dict[str, None] = {}
        self.heartbeat = 0
        self.conflation = 0
        self.initial_clock = ""
        self.clock_number = 0
        self.last_sent = 0

    def clk(self) -> str:
        """The token of the last message."""
        return f"{self.name}/{self.clock_number}"

    def message(self, now: int, **fields: Any) -> bytes:
        """A market change message, with the next clock."""
        self.clock_number += 1
        self.last_sent = now
        head = {"op": "mcm", "id": self.subscription, "clk": self.clk(), "pt": now // _MILLISECOND}
        return _encode({**head, **fields}) + LINE_END


def segmented(
    client: Client, now: int, common: dict[str, Any], changes: list[dict[str, Any]], in_segments: bool
) -> list[bytes]:
    """The messages of an image, in segments where they are allowed and it is large."""
    if not in_segments or len(changes) <= _SEGMENT:
        return [client.message(now, **common, mc=changes)]
    pieces = [changes[place : place + _SEGMENT] for place in range(0, len(changes), _SEGMENT)]
    words = ["SEG_START", *["SEG"] * (len(pieces) - 2), "SEG_END"]
    return [
        client.message(now, **common, segmentType=word, mc=piece)
        for word, piece in zip(words, pieces, strict=True)
    ]

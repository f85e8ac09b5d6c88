"""The live world's sources, and the orders that their servers carry out."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from crossbook.sim.live import names
from crossbook.sim.live.prices import CAST, FEED_VENUES, LADDER
from crossbook.sim.truth import Fixture, Price


class Protocol(StrEnum):
    """How a source speaks."""

    ODDS_API = "the-odds-api"
    """REST, polled: The Odds API v4, one source for each league."""
    EXCHANGE_STREAM = "betfair-stream"
    """TCP: the Betfair Exchange Stream API."""
    CONTRACTS = "polymarket"
    """REST for the events, a WebSocket for the order books."""
    WORKER = "worker"
    """A client that connects to Crossbook and sends S2 messages."""


class LiveSource(msgspec.Struct, frozen=True, kw_only=True):
    """A stream: its name, protocol, the venues it carries, the fixtures it lists, and how long its prices stand.

    `life_s` is the time after the last delivery (a heartbeat is one) at which a price dies. `league` is the sport
    key of The Odds API (``soccer_epl``), empty elsewhere; `site` is a worker's site (``sbo``), empty elsewhere.
    """

    name: str
    protocol: Protocol
    venues: tuple[str, ...]
    fixtures: tuple[int, ...]
    life_s: float
    league: str = ""
    site: str = ""


class Deed(StrEnum):
    """What an order asks of a server."""

    CUT = "cut"
    """Close the source's connection and refuse new ones until `until`. Tell `lost` just before, `up` at the next
    connection. Never ordered of The Odds API, which has no connection to lose."""
    HUSH = "hush"
    """Until `until` send nothing, heartbeats and answers to polls included, but keep connections open. Nothing is
    delivered meanwhile, so `delivered` is not called. Afterwards send the boards as they stand then."""
    GARBLE = "garble"
    """Send broken messages (cut short, wrong types) now and then until `until`, beside the right ones. A broken
    answer to a poll takes the place of a right one and delivers nothing."""
    REPEAT_OLD = "repeat_old"
    """Send once, as an ordinary message, a state in which `prices` stand in place of the board's prices of the same
    fixture, venue and market, stamped with the time `stamp`, which is older than what was sent already. It delivers
    nothing: `delivered` is not called for it. The boards are not touched."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Something a server must do beside posting prices. Times are nanoseconds UTC."""

    deed: Deed
    source: str
    at: int
    until: int
    fixture: int | None = None
    prices: tuple[Price, ...] = ()
    stamp: int = 0


def make_sources(fixtures: Iterable[Fixture]) -> dict[str, LiveSource]:
    """Every source of a world by name; a league without fixtures has none."""
    listed = list(fixtures)
    every = tuple(fixture.number for fixture in listed)
    sources = [
        LiveSource(
            name=names.feed_source(league),
            protocol=Protocol.ODDS_API,
            venues=FEED_VENUES,
            fixtures=tuple(each.number for each in listed if each.competition == league.name),
            life_s=names.life_of(names.feed_source(league)),
            league=league.feed_key,
        )
        for league in names.LEAGUES
    ]
    for name, protocol, venue in (
        (names.EXCHANGE, Protocol.EXCHANGE_STREAM, LADDER),
        (names.CONTRACTS, Protocol.CONTRACTS, CAST.contracts),
        (names.SBO, Protocol.WORKER, "sbo"),
        (names.IBC, Protocol.WORKER, "ibc"),
    ):
        sources.append(
            LiveSource(
                name=name,
                protocol=protocol,
                venues=(venue,),
                fixtures=every,
                life_s=names.life_of(name),
                site=venue if protocol is Protocol.WORKER else "",
            )
        )
    return {source.name: source for source in sources if source.fixtures}

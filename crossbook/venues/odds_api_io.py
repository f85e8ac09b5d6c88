"""Reader: odds-api.io version 3, the answer to its odds request (one event, or several in a list).

Its list of events, which carries no prices, is the same format without bookmakers; it gives no snapshots, because a
snapshot without quotes would say that nothing is on offer any more.

What the source says is reported as it stands. Known to be wrong in recordings, and left to the trust screens: far
handicap lines of an exchange with prices of another line, and handicap rows that pair one side's price with the
other side's line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim
from crossbook.model.odds import parse_odds
from crossbook.model.quote import Basis, Fault, Listing, Quote, Side, Snapshot
from crossbook.model.venue import Venue, bookmaker, exchange, prediction
from crossbook.venues._odds_api_io_markets import Market, lookup
from crossbook.venues._odds_api_io_rows import Offer, Row, Scene, lay_field, offers
from crossbook.venues._odds_pieces import HEAD, Gathering, moment, number, scalar, shown, slug
from crossbook.venues.decode import json_value
from crossbook.venues.reader import Document, Reader

SOURCE: Final = "odds-api.io"

_TELLTALES: Final = (b'"sport"', b'"league"', b'"slug"', b'"home"', b'"away"', b'"date"')
_FOREIGN: Final = (b'"sport_key"', b'"conditionId"', b'"event_ticker"', b'"op"')
_BASIS: Final = {
    **dict.fromkeys(("pending", "not started", "not_started", "notstarted", "upcoming"), Basis.PREMATCH),
    **dict.fromkeys(("live", "in play", "in_play", "inplay"), Basis.LIVE),
}
_OVER: Final = frozenset({"settled", "finished", "ended", "cancelled", "canceled", "postponed", "abandoned"})
_EXCHANGES: Final = frozenset({"betfair_exchange", "matchbook", "smarkets", "betdaq"})
_PREDICTIONS: Final = frozenset({"kalshi", "polymarket"})
_UNDELAYED: Final = " (no latency)"
_ID_NAMES: Final = {"betfair_exchange": "betfair"}
"""Whose event ids are known under another name than the venue's."""


class _Named(msgspec.Struct, frozen=True):
    name: str = ""
    slug: str = ""


class _Event(msgspec.Struct, frozen=True):
    id: msgspec.Raw
    home: str
    away: str
    date: msgspec.Raw = msgspec.Raw()
    status: str = ""
    sport: _Named = _Named()
    league: _Named = _Named()
    ids: dict[str, msgspec.Raw] | None = msgspec.field(default=None, name="bookmakerIds")
    bookmakers: dict[str, msgspec.Raw] | None = None


class _Market(msgspec.Struct, frozen=True):
    name: str
    updated: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="updatedAt")
    odds: list[msgspec.Raw] = []


def venue_of(name: str) -> Venue:
    """The venue behind a bookmaker's name at this source; undelayed copies share the desk of the plain name.

    >>> venue_of("Bet365 (no latency)").desk
    'bet365'
    """
    venue_id, desk = slug(name), slug(name.removesuffix(_UNDELAYED))
    if desk in _PREDICTIONS:
        venue = prediction(venue_id, name)
    elif desk in _EXCHANGES:
        venue = exchange(venue_id, name)
    else:
        return bookmaker(venue_id, name, desk)
    return msgspec.structs.replace(venue, desk=desk)


def _recognises(document: Document) -> bool:
    head = document.data[:HEAD]
    return all(key in head for key in _TELLTALES) and not any(key in head for key in _FOREIGN)


def _read(document: Document) -> Iterator[Snapshot | Fault]:
    if document.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        for place, raw in enumerate(json_value(document.data, list[msgspec.Raw]), 1):
            try:
                yield from _read_event(bytes(raw), document.received)
            except BadData as error:
                yield Fault(None, f"event {place}: {error}")
    else:
        yield from _read_event(document.data, document.received)


def _read_event(data: bytes, received: int | None) -> Iterator[Snapshot | Fault]:
    event: _Event = json_value(data, _Event)
    listing = _listing(event)
    status = event.status.casefold()
    if event.bookmakers is None or status in _OVER:
        return
    basis = _BASIS.get(status)
    if basis is None:
        raise BadData(f"status: {shown(event.status)} is not known")
    gathering = Gathering(listing)
    for name, raw in event.bookmakers.items():
        try:
            markets = json_value(bytes(raw), list[msgspec.Raw])
            venue = venue_of(name)
        except BadData as error:
            gathering.fault(name, error)
            continue
        for place, market in enumerate(markets, 1):
            try:
                _read_market(_Place(gathering, venue, basis, received), bytes(market))
            except BadData as error:
                gathering.fault(f"{name}, market {place}", error)
    yield from gathering.results()


def _listing(event: _Event) -> Listing:
    key = scalar(event.id)
    if key is None or not event.home.strip() or not event.away.strip():
        missing = "id" if key is None else "home" if not event.home.strip() else "away"
        raise BadData(f"{missing}: missing")
    start = moment(event.date, "date")
    date = scalar(event.date)
    return Listing(
        source=SOURCE,
        key=key,
        sport=event.sport.slug.casefold() or slug(event.sport.name).replace("_", "-"),
        competition=event.league.name or event.league.slug,
        home=event.home.strip(),
        away=event.away.strip(),
        date=date[:10] if date is not None and date[4:5] == "-" else None,
        start=start,
        ids={
            _ID_NAMES.get(slug(name), slug(name)): text
            for name, raw in (event.ids or {}).items()
            if (text := scalar(raw)) is not None
        },
    )


class _Place(msgspec.Struct, frozen=True):
    """Where prices are being read, and what is common to all of them there."""

    gathering: Gathering
    venue: Venue
    basis: Basis
    received: int | None


def _read_market(place: _Place, data: bytes) -> None:
    market: _Market = json_value(data, _Market)
    gathering, listing = place.gathering, place.gathering.listing
    where = f"{place.venue.name}, {market.name}"
    meaning = lookup(market.name, listing.sport)
    if meaning is None:
        other = "" if listing.sport == "football" else f" for {listing.sport or 'an unnamed sport'}"
        gathering.fault(place.venue.name, f"market {shown(market.name)} is not known{other}")
    if not isinstance(meaning, Market):
        return
    try:
        happened = moment(market.updated, "updatedAt")
    except BadData as error:
        gathering.fault(where, error)
        return
    scene = Scene(listing.home, listing.away, place.venue.desk)
    gathering.open_market()
    for number_of_row, raw in enumerate(market.odds, 1):
        try:
            row: Row = json_value(bytes(raw), dict[str, msgspec.Raw])
            found = offers(meaning, row, scene)
        except BadData as error:
            gathering.fault(f"{where}, row {number_of_row}", error)
            continue
        for offer in found:
            for side in Side:
                try:
                    _read_price(place, market.name, meaning, row, offer, side, happened)
                except BadData as error:
                    gathering.fault(f"{where}, row {number_of_row}", error)


def _read_price(
    place: _Place, name: str, meaning: Market, row: Row, offer: Offer, side: Side, happened: int | None
) -> None:
    field = offer.field if side is Side.BACK else lay_field(offer.field)
    price = scalar(row.get(field))
    if price is None:
        return
    depth = f"depth{field[0].upper()}{field[1:]}"
    size = number(row.get(depth), depth)
    if size is not None and size < 0:
        raise BadData(f"{depth}: a size below nothing")
    subject = meaning.subject if offer.subject is None else f"{meaning.subject}: {offer.subject}"
    try:
        odds = parse_odds(price)
    except BadData as error:
        raise BadData(f"{field}: {error}") from None
    place.gathering.quote(
        Quote(
            venue=place.venue,
            claim=Claim.of(meaning.kind, offer.selection, offer.line, meaning.period, subject),
            side=side,
            odds=odds,
            size=size,
            basis=place.basis,
            happened=happened,
            received=place.received,
            market_id=f"{name} {offer.group}".strip(),
        )
    )


READER = Reader(format=SOURCE, recognises=_recognises, read=_read)

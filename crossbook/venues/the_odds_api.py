"""Reader: The Odds API version 4: events with bookmakers, markets and outcomes, live or from its history.

A document is a list of events, one event, or the history's wrapper around either. Prices are decimal or American
throughout a document, as its request asked; the prices themselves tell which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

import msgspec

from crossbook.base.clock import format_time
from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number, plain_text
from crossbook.model.claim import Claim, Kind
from crossbook.model.frame import StreamInfo
from crossbook.model.odds import Format, parse_odds
from crossbook.model.quote import Basis, Contest, Fault, Listing, Quote, Snapshot
from crossbook.model.venue import Venue, bookmaker, exchange, prediction
from crossbook.venues._odds_pieces import HEAD, Gathering, moment, scalar, shown
from crossbook.venues._the_odds_api_markets import SPORTS, Market, Shape, lookup
from crossbook.venues._the_odds_api_outcomes import Outcome, pick, ways
from crossbook.venues.decode import json_value
from crossbook.venues.reader import Document, Reader
from crossbook.venues.session import WholeAnswers

SOURCE: Final = "the-odds-api"

_TELLTALES: Final = (b'"sport_key"', b'"commence_time"')
_PRICE: Final = re.compile(rb'"price"\s*:\s*"?([+-]?[0-9][0-9.eE+-]*)')
_EXCHANGES: Final = frozenset({"matchbook", "smarkets", "betdaq", "novig", "prophetx", "betopenly"})
_PREDICTIONS: Final = frozenset({"kalshi", "polymarket"})
_DESKS: Final = {
    **dict.fromkeys(("betfair_ex_uk", "betfair_ex_eu", "betfair_ex_au"), "betfair_exchange"),
    **dict.fromkeys(
        ("unibet", "unibet_uk", "unibet_eu", "unibet_fr", "unibet_it", "unibet_nl", "unibet_se"), "unibet"
    ),
    **dict.fromkeys(("leovegas", "leovegas_se"), "leovegas"),
    **dict.fromkeys(("winamax_fr", "winamax_de"), "winamax"),
    **dict.fromkeys(("ladbrokes_uk", "coral"), "ladbrokes_uk"),
    "sport888": "888sport",
}
"""Keys of one brand in several countries, and of two brands that one company has traded together since 2016."""


class _Event(msgspec.Struct, frozen=True):
    id: str
    sport_key: str
    commence_time: msgspec.Raw = msgspec.Raw()
    sport_title: str | None = None
    home_team: str | None = None
    away_team: str | None = None
    bookmakers: list[msgspec.Raw] | None = None


class _Bookmaker(msgspec.Struct, frozen=True):
    key: str
    title: str | None = None
    last_update: msgspec.Raw = msgspec.Raw()
    markets: list[msgspec.Raw] = []


class _Market(msgspec.Struct, frozen=True):
    key: str
    last_update: msgspec.Raw = msgspec.Raw()
    outcomes: list[msgspec.Raw] = []


class _History(msgspec.Struct, frozen=True):
    data: msgspec.Raw = msgspec.Raw()


def venue_of(key: str, title: str | None) -> Venue:
    """The venue behind a bookmaker's key.

    >>> venue_of("betfair_ex_uk", "Betfair").desk
    'betfair_exchange'
    """
    name, desk = title or key, _DESKS.get(key, key)
    if key in _PREDICTIONS:
        return prediction(key, name)
    if key in _EXCHANGES or key.startswith("betfair_ex_"):
        return msgspec.structs.replace(exchange(key, name), desk=desk)
    return bookmaker(key, name, desk)


def price_format(data: bytes) -> Format:
    """The format all prices of a document are written in.

    American prices are -100 or less, or 100 or more. Decimal ones may be 100 or more too, but then a document has
    others between 1 and 100. Raises BadData when it holds prices that only one and only the other can be.

    >>> price_format(b'{"price": -110}, {"price": 150}').value
    'american'
    """
    prices = {price for text in set(_PRICE.findall(data)) if (price := _price(text.decode())) is not None}
    decimal = any(1 < price < 100 for price in prices)
    if decimal and any(price <= -100 for price in prices):
        raise BadData("price: decimal and American prices stand in one document")
    return Format.AMERICAN if not decimal and any(abs(price) >= 100 for price in prices) else Format.DECIMAL


def _price(text: str) -> Fraction | None:
    try:
        return parse_number(text)
    except BadData:
        return None


def _recognises(document: Document) -> bool:
    head = document.data[:HEAD]
    return all(key in head for key in _TELLTALES)


def _read(document: Document, asked: Format | None = None) -> Iterator[Snapshot | Fault]:
    """The events of a document; `asked` is the price format of its request, where that is known."""
    data = document.data.removeprefix(b"\xef\xbb\xbf").strip()
    if data.startswith(b"{"):
        data = bytes(json_value(data, _History).data).strip() or data
    events = json_value(data, list[msgspec.Raw]) if data.startswith(b"[") else [data]
    form = asked or price_format(data)
    for place, raw in enumerate(events, 1):
        try:
            yield from _read_event(bytes(raw), form, document.received)
        except BadData as error:
            if raw is data:
                raise
            yield Fault(None, f"event {place}: {error}")


class _Refusal(msgspec.Struct, frozen=True):
    message: str = ""
    error_code: str = ""


def _live(info: StreamInfo) -> WholeAnswers:
    """A session of one polled address; ``odds_format`` in its settings is what the request asked for."""
    word = info.settings.get("odds_format")
    asked = None if word is None else Format(word)

    def answer(data: bytes, received: int) -> Iterator[Snapshot | Fault]:
        if data.lstrip().startswith(b"{"):
            refusal: _Refusal = json_value(data, _Refusal)
            if refusal.message or refusal.error_code:
                raise BadData(f"{refusal.error_code or 'message'}: {shown(refusal.message)}")
        return _read(Document((), data, received), asked)

    return WholeAnswers(answer)


class _Scene(NamedTuple):
    """Where outcomes are being read, and what is common to all of them there."""

    gathering: Gathering
    home: str
    away: str
    form: Format
    received: int | None
    venue: Venue
    happened: int | None
    basis: Basis


def _read_event(data: bytes, form: Format, received: int | None) -> Iterator[Snapshot | Fault]:
    event: _Event = json_value(data, _Event)
    listing = _listing(event)
    if event.bookmakers is None:
        return
    gathering = Gathering(listing)
    for place, raw in enumerate(event.bookmakers, 1):
        try:
            book: _Bookmaker = json_value(bytes(raw), _Bookmaker)
            venue = venue_of(book.key, book.title)
        except BadData as error:
            gathering.fault(f"bookmaker {place}", error)
            continue
        for number_of_market, piece in enumerate(book.markets, 1):
            try:
                market: _Market = json_value(bytes(piece), _Market)
                happened = moment(market.last_update, "last_update")
                if happened is None:
                    happened = moment(book.last_update, "last_update")
            except BadData as error:
                gathering.fault(f"{venue.name}, market {number_of_market}", error)
                continue
            live = happened is not None and listing.start is not None and happened > listing.start
            basis = Basis.LIVE if live else Basis.PREMATCH
            scene = _Scene(gathering, listing.home, listing.away, form, received, venue, happened, basis)
            _read_market(scene, market, listing)
    gathering.listing = _with_contests(listing, gathering.quotes)
    yield from gathering.results()


def _listing(event: _Event) -> Listing:
    key, home, away = event.id.strip(), (event.home_team or "").strip(), (event.away_team or "").strip()
    title = event.sport_title or event.sport_key
    missing = [word for word, text in (("id", key), ("sport_key", event.sport_key.strip())) if not text]
    if bool(home) != bool(away):
        missing.append("away_team" if home else "home_team")
    if missing:
        raise BadData(f"{missing[0]}: missing")
    start = moment(event.commence_time, "commence_time")
    sport = event.sport_key.partition("_")[0]
    return Listing(
        source=SOURCE,
        key=key,
        sport=SPORTS.get(sport, sport),
        competition=title,
        home=home or title,
        away=away,
        date=None if start is None else format_time(start)[:10],
        start=start,
    )


def _with_contests(listing: Listing, quotes: list[Quote]) -> Listing:
    """The listing with everyone who is priced to win it; others may exist, so the field is not complete."""
    runners: dict[str, set[str]] = {}
    for quote in quotes:
        if quote.claim.kind is Kind.WINNER:
            runners.setdefault(quote.claim.subject, set()).add(quote.claim.selection)
    contests = tuple(
        Contest(subject, tuple(sorted(names)), complete=False) for subject, names in runners.items()
    )
    return msgspec.structs.replace(listing, contests=contests)


def _read_market(scene: _Scene, market: _Market, listing: Listing) -> None:
    gathering, where = scene.gathering, f"{scene.venue.name}, {market.key}"
    meaning = lookup(market.key, listing.sport)
    if meaning is None:
        gathering.fault(scene.venue.name, f"market {shown(market.key)} is not known for {listing.sport}")
    if not isinstance(meaning, Market):
        return
    if not scene.away and meaning.shape is not Shape.RUNNERS:
        gathering.fault(where, "home_team: missing")
        return
    gathering.open_market()
    outcomes: list[tuple[int, Outcome]] = []
    for place, raw in enumerate(market.outcomes, 1):
        try:
            outcomes.append((place, json_value(bytes(raw), Outcome)))
        except BadData as error:
            gathering.fault(f"{where}, outcome {place}", error)
    try:
        meaning = ways(meaning, {outcome.name.casefold() for _, outcome in outcomes}, listing.sport)
    except BadData as error:
        gathering.fault(where, error)
        return
    for place, outcome in outcomes:
        try:
            gathering.quote(_quote(scene, meaning, outcome, f"{listing.competition}: {meaning.word}"))
        except BadData as error:
            gathering.fault(f"{where}, outcome {place}", error)


def _quote(scene: _Scene, meaning: Market, outcome: Outcome, contest: str) -> Quote:
    price = scalar(outcome.price)
    if price is None:
        raise BadData("price: missing")
    picked = pick(meaning, outcome, scene.home, scene.away, contest)
    try:
        odds = parse_odds(price, scene.form)
    except BadData as error:
        raise BadData(f"price: {error}") from None
    claim = Claim.of(picked.kind, picked.selection, picked.line, meaning.period, picked.subject)
    return Quote(
        venue=scene.venue,
        claim=claim,
        side=meaning.side,
        odds=odds,
        basis=scene.basis,
        happened=scene.happened,
        received=scene.received,
        market_id=picked.word if claim.line is None else f"{picked.word} {plain_text(claim.line)}",
    )


READER = Reader(format=SOURCE, recognises=_recognises, read=_read, live=_live)

"""Events of The Odds API: their bookmakers, the markets of these, and the outcomes with their prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from crossbook.base.clock import format_time
from crossbook.base.errors import BadData
from crossbook.base.exact import plain_text
from crossbook.model.claim import Claim, Kind
from crossbook.model.odds import Format, parse_odds
from crossbook.model.quote import Basis, Contest, Fault, Listing, Quote, Snapshot
from crossbook.model.venue import Venue, bookmaker, exchange, prediction
from crossbook.venues._odds_pieces import Gathering, moment, scalar, shown
from crossbook.venues._the_odds_api_markets import SPORTS, Market, Shape, lookup
from crossbook.venues._the_odds_api_outcomes import Outcome, pick, ways
from crossbook.venues._the_odds_api_times import Place, Times
from crossbook.venues.decode import json_value

SOURCE: Final = "the-odds-api"

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


Piece = TypeVar("Piece")
"""A piece as it is decoded, or still as it was written."""


class _Event(msgspec.Struct, Generic[Piece], frozen=True):
    id: str
    sport_key: str
    commence_time: msgspec.Raw = msgspec.Raw()
    sport_title: str | None = None
    home_team: str | None = None
    away_team: str | None = None
    bookmakers: list[Piece] | None = None


class _Bookmaker(msgspec.Struct, Generic[Piece], frozen=True):
    key: str
    title: str | None = None
    last_update: msgspec.Raw = msgspec.Raw()
    markets: list[Piece] = []


class _Market(msgspec.Struct, Generic[Piece], frozen=True):
    key: str
    last_update: msgspec.Raw = msgspec.Raw()
    outcomes: list[Piece] = []


_WHOLE: Final[dict[Any, Any]] = {
    _Event[msgspec.Raw]: _Event[_Bookmaker[_Market[Outcome]]],
    _Bookmaker[msgspec.Raw]: _Bookmaker[_Market[Outcome]],
    _Market[msgspec.Raw]: _Market[Outcome],
}
"""Shapes whose pieces are still as they were written, and the same with everything decoded at once."""


def _decoded(data: bytes, shape: Any) -> Any:
    """A piece in full where all of it is well, else with its own pieces as written, so that a bad one stays alone."""
    whole = _WHOLE.get(shape)
    if whole is not None:
        try:
            return json_value(data, whole)
        except BadData:
            pass
    return json_value(data, shape)


def _each(pieces: Iterable[Any], shape: Any, gathering: Gathering, where: str) -> Iterator[tuple[int, Any]]:
    """The pieces that can be read, with their places; the others are faults."""
    for place, piece in enumerate(pieces, 1):
        if isinstance(piece, msgspec.Raw):
            try:
                yield place, _decoded(bytes(piece), shape)
            except BadData as error:
                gathering.fault(f"{where} {place}", error)
        else:
            yield place, piece


@lru_cache(maxsize=1_024)
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


def read_event(
    data: bytes, form: Format, received: int | None, times: Times | None = None
) -> Iterator[Snapshot | Fault]:
    """What is wrong with an event, then its snapshot; none where it does not speak of prices.

    With `times`, a market that is older than one they know is left out. Raises BadData when nothing can be read.
    """
    event = _decoded(data, _Event[msgspec.Raw])
    listing = _listing(event)
    if event.bookmakers is None:
        return
    gathering = Gathering(listing)
    places: set[Place] = set()
    late: list[tuple[str, int]] = []
    for _, book in _each(event.bookmakers, _Bookmaker[msgspec.Raw], gathering, "bookmaker"):
        venue = venue_of(book.key, book.title)
        for number, market in _each(book.markets, _Market[msgspec.Raw], gathering, f"{venue.name}, market"):
            places.add((book.key, market.key))
            try:
                happened = moment(market.last_update, "last_update")
                if happened is None:
                    happened = moment(book.last_update, "last_update")
            except BadData as error:
                gathering.fault(f"{venue.name}, market {number}", error)
                continue
            newer = None if times is None else times.newer(listing.key, (book.key, market.key), happened)
            if newer is not None:
                late.append((f"{venue.name}, {shown(market.key)}", newer))
                continue
            live = happened is not None and listing.start is not None and happened > listing.start
            basis = Basis.LIVE if live else Basis.PREMATCH
            scene = _Scene(gathering, listing.home, listing.away, form, received, venue, happened, basis)
            _read_market(scene, market, listing)
    if late:
        where, newer = late[0]
        others = f", and {len(late) - 1} other markets like it" if len(late) > 1 else ""
        gathering.fault(
            where, f"last_update: older than {format_time(newer)}, which was taken; not used{others}"
        )
    if times is not None:
        times.named(listing.key, places)
    gathering.listing = _with_contests(listing, gathering.quotes)
    yield from gathering.results()


def _listing(event: _Event[Any]) -> Listing:
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


def _read_market(scene: _Scene, market: _Market[Any], listing: Listing) -> None:
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
    outcomes: list[tuple[int, Outcome]] = list(
        _each(market.outcomes, Outcome, gathering, f"{where}, outcome")
    )
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
        market_id=_market_id(picked.word, claim),
    )


@lru_cache(maxsize=16_384)
def _market_id(word: str, claim: Claim) -> str:
    return word if claim.line is None else f"{word} {plain_text(claim.line)}"

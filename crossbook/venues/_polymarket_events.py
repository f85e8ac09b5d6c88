"""What Polymarket's answers and messages say: gathered piece by piece, then told event by event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Contest, Fault, Listing, Quote, Snapshot
from crossbook.model.venue import prediction
from crossbook.venues._contract_price import Offer, Terms, listing_of, number_of, other_side, quotes
from crossbook.venues._polymarket_books import TokenBook, apply, without_offers
from crossbook.venues._polymarket_rules import Sides, Words, claim_of, date_asked, sides_of
from crossbook.venues._polymarket_wire import Event, Market, moment
from crossbook.venues.decode import json_value

POLYMARKET: Final = prediction("polymarket", "Polymarket")
_WRAPPERS: Final = ("events", "markets", "market", "event", "data", "book", "books")
_Fields = dict[str, msgspec.Raw]
_ITEM_KEYS: Final = frozenset({"conditionId", "condition_id", "asset_id", "assets_ids", "price_changes"})


class Listed(msgspec.Struct):
    """A market with what a buyer of its first (`yes`) and its second outcome (`no`) finds."""

    market: Market
    event: Event | None
    yes: Offer | None
    no: Offer | None
    happened: int | None
    tokens: list[str]

    def key(self) -> str:
        """The key of the listing it belongs to: its event's, else its own."""
        return (self.event and self.event.key()) or self.market.condition_id

    def settle(self, book: TokenBook) -> None:
        """Let the book of one of its tokens have the last word."""
        bid = book.bid()
        offers = (book.ask(), bid and other_side(*bid))
        self.yes, self.no = offers if self.tokens[0] == book.token else offers[::-1]
        self.happened = book.happened


class Reading:
    """What one document says, gathered before it is told event by event.

    `books` are the order books it builds on and only ever makes newer; a document has its own. `changed` are the
    markets (by condition id) whose books it changed.
    """

    def __init__(self, books: dict[str, TokenBook] | None = None) -> None:
        self.listed: dict[str, Listed] = {}
        self.whole: set[str] = set()
        self.books: dict[str, TokenBook] = {} if books is None else books
        self.changed: dict[str, None] = {}
        self._only_newer = books is not None
        self.without_offers: dict[str, int] = {}
        self.faults: list[Fault] = []

    def take_document(self, data: bytes) -> None:
        """Read a whole document or message. Raises BadData when it is no JSON."""
        top = json_value(data, list[msgspec.Raw] | _Fields)
        if isinstance(top, list):
            self.take(top, "item")
        elif top.keys() & _ITEM_KEYS or {"id", "markets"} <= top.keys() or not top.keys() & set(_WRAPPERS):
            self.take([msgspec.Raw(data)], "")
        else:
            for key in _WRAPPERS:
                self.take(_unwrapped(top.get(key)), key)
        if not isinstance(top, list) and "pagination" in top:
            self.whole.clear()  # search results may leave markets of an event out

    def take(self, pieces: list[msgspec.Raw], place: str, event: Event | None = None) -> bool:
        """Read each piece by itself, so that a broken one costs only itself; whether none was broken."""
        before = len(self.faults)
        for number, piece in enumerate(pieces, 1):
            try:
                self._take_one(bytes(piece), event)
            except BadData as error:
                self.faults.append(Fault(None, f"{place} {number}: {error}" if place else str(error)))
        return len(self.faults) == before

    def _take_one(self, piece: bytes, event: Event | None) -> None:
        fields = json_value(piece, _Fields)
        if "conditionId" in fields:
            self._take_market(json_value(piece, Market), event)
        elif {"id", "markets"} <= fields.keys() and event is None:
            self._take_event(json_value(piece, Event))
        elif what := without_offers(fields):
            self.without_offers[what] = self.without_offers.get(what, 0) + 1
        elif "asset_id" in fields or "price_changes" in fields:
            self.faults.extend(Fault(None, reason) for reason in apply(self.books, piece, self._only_newer))
            self.changed[json_value(bytes(fields["market"]), str)] = None
        else:
            raise BadData("neither a market with a conditionId, nor an event, nor an order book")

    def _take_event(self, event: Event) -> None:
        key, markets = event.key(), event.markets or []
        if self.take(markets, f"event {key}: market", event) and key is not None:
            self.whole.add(key)

    def _take_market(self, market: Market, event: Event | None) -> None:
        market.names()
        tokens = market.tokens()
        yes, no = market.sides()
        event = event or next(iter(market.events or []), None)
        listed = Listed(market, event, yes, no, market.updated(), tokens)
        known = self.listed.get(market.condition_id)
        if known is not None and known != listed:
            reason = f"market {market.condition_id}: listed twice and not alike; the later one stands"
            self.faults.append(Fault(None, reason))
        self.listed[market.condition_id] = listed

    def settle_books(self) -> list[TokenBook]:
        """Let books have the last word on the markets whose tokens they are; the rest is handed back."""
        tokens = {token: listed for listed in self.listed.values() for token in listed.tokens}
        strangers = []
        for book in self.books.values():
            listed = tokens.get(book.token)
            if listed is None:
                strangers.append(book)
            else:
                listed.settle(book)
        return strangers


def _unwrapped(value: msgspec.Raw | None) -> list[msgspec.Raw]:
    content = b"" if value is None else bytes(value).lstrip()
    if content.startswith(b"["):
        pieces: list[msgspec.Raw] = json_value(content, list[msgspec.Raw])
        return pieces
    return [msgspec.Raw(content)] if content.startswith(b"{") else []


def tell(key: str, group: list[Listed], whole: bool, received: int | None) -> Iterator[Snapshot | Fault]:
    """One event: what can be won in it, and the quotes of its markets."""
    event = group[0].event
    sides = sides_of(event.title) if event is not None and event.title else None
    contest = _contest(key, event, group, whole)
    offered: list[Quote] = []
    played: list[Listed] = []
    runs = False
    for one in group:
        condition = one.market.condition_id
        try:
            claim = None if sides is None else _football(sides, one.market)
            if claim is not None:
                played.append(one)
            elif contest is not None and one.market.neg_risk is not False:
                claim = Claim.of(Kind.WINNER, condition, subject=contest.subject)
                runs = True
            else:
                claim = Claim.of(Kind.CONTRACT, "yes", subject=condition)
            offered.extend(_quotes(one, claim, received))
        except BadData as error:
            yield Fault(None, f"market {condition}: {error}")
    contests = (contest,) if contest is not None and runs else ()
    yield Snapshot(_listing(key, event, group, sides if played else None, played, contests), offered)


def _contest(key: str, event: Event | None, group: list[Listed], whole: bool) -> Contest | None:
    if event is None or event.neg_risk is not True:
        return None
    runners = tuple(one.market.condition_id for one in group if one.market.neg_risk is not False)
    complete = whole and len(runners) == len(group) and event.neg_risk_augmented is False
    return Contest(event.neg_risk_market_id or key, runners, complete=complete)


def _football(sides: Sides, market: Market) -> Claim | None:
    line = None if market.line is None else number_of("line", market.line)
    moment("gameStartTime", market.game_start_time)
    words = Words(
        kind=market.sports_market_type or "",
        question=market.question or "",
        rules=market.description or "",
        outcomes=market.names(),
        line=line,
    )
    return claim_of(sides, words)


def _quotes(listed: Listed, claim: Claim, received: int | None) -> list[Quote]:
    market, event = listed.market, listed.event
    if market.over():
        return []
    live = event is not None and event.live is True and event.ended is not True
    terms = Terms(
        venue=POLYMARKET,
        claim=claim,
        market_id=market.condition_id,
        basis=Basis.LIVE if live else Basis.PREMATCH,
        happened=listed.happened,
        received=received,
        tradable=market.tradable(),
    )
    return list(quotes(terms, listed.yes, listed.no))


def _listing(
    key: str,
    event: Event | None,
    group: list[Listed],
    sides: Sides | None,
    played: list[Listed],
    contests: tuple[Contest, ...],
) -> Listing:
    competition = event.competition() if event is not None else ""
    name = (event and event.title) or (group[0].market.question if len(group) == 1 else None) or key
    if sides is None:
        return listing_of("polymarket", key, competition, contests, match=None, name=name)
    starts = {moment("gameStartTime", one.market.game_start_time) for one in played}
    dates = {date for one in played if (date := date_asked(one.market.question or "")) is not None}
    return listing_of(
        "polymarket",
        key,
        competition,
        contests,
        match=(sides.home, sides.away),
        name=name,
        date=dates.pop() if len(dates) == 1 else None,
        start=starts.pop() if len(starts) == 1 else None,
    )


def tell_strangers(books: list[TokenBook], received: int | None) -> Iterator[Snapshot | Fault]:
    """Books of tokens whose market the document does not hold: each token is a contract of its own."""
    groups: dict[str, list[Quote]] = {}
    for book in books:
        terms = Terms(
            venue=POLYMARKET,
            claim=Claim.of(Kind.CONTRACT, "yes", subject=book.token),
            market_id=book.market,
            happened=book.happened,
            received=received,
        )
        bid = book.bid()
        offered = groups.setdefault(book.market, [])
        try:
            offered.extend(quotes(terms, book.ask(), bid and other_side(*bid)))
        except BadData as error:
            yield Fault(None, f"token {book.token}: {error}")
    for market, offered in groups.items():
        listing = Listing(
            source="polymarket", key=market, sport="other", competition="", home=market, away=""
        )
        yield Snapshot(listing, offered)

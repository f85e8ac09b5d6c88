"""Answers of Betfair's API-NG: listMarketCatalogue and listEvents name events, listMarketBook gives prices.

A market book does not say which kind of market it is, so its runners are a contest of their own, known by the
market's id; without exactly one winner even that is uncertain and nothing of it is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.model.quote import Fault, Quote, Snapshot
from crossbook.venues._betfair_book import MarketBook
from crossbook.venues._betfair_market import DEPTH, Market, listing_of, quotes_of, read_market
from crossbook.venues._betfair_shapes import MarketDefinition, Offer, RunnerChange, RunnerDefinition
from crossbook.venues.decode import json_value
from crossbook.venues.reader import Document, Reader

_HEAD: Final = 65_536
_MARKETS: Final = re.compile(rb'"(?:marketStartTime|isMarketDataDelayed)"\s*:')
_EVENTS: Final = re.compile(rb'"event"\s*:\s*\{.*?"marketCount"\s*:', re.DOTALL)


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    name: str | None = None
    country_code: str | None = None
    venue: str | None = None
    open_date: str | None = None


class _Named(msgspec.Struct, frozen=True):
    id: str | None = None
    name: str | None = None


class _Description(msgspec.Struct, frozen=True, rename="camel"):
    market_type: str | None = None
    betting_type: str | None = None
    market_base_rate: Decimal | None = None
    market_time: str | None = None


class _Size(msgspec.Struct, frozen=True):
    price: Decimal
    size: Decimal


class _Offers(msgspec.Struct, frozen=True, rename="camel"):
    available_to_back: list[_Size] = []
    available_to_lay: list[_Size] = []


class _Runner(msgspec.Struct, frozen=True, rename="camel"):
    selection_id: int
    handicap: Decimal | None = None
    runner_name: str | None = None
    sort_priority: int | None = None
    status: str | None = None
    ex: _Offers | None = None


class _Item(msgspec.Struct, frozen=True, rename="camel"):
    """One entry of an answer: a market of a catalogue, a market book, or an event."""

    market_id: str | None = None
    market_start_time: str | None = None
    description: _Description | None = None
    runners: list[_Runner] = []
    event_type: _Named | None = None
    competition: _Named | None = None
    event: _Event | None = None
    market_count: int | None = None
    is_market_data_delayed: bool | None = None
    status: str | None = None
    inplay: bool | None = None
    complete: bool | None = None
    number_of_winners: int | None = None


class _Answer(_Item, frozen=True, rename="camel"):
    """A whole answer in its envelope, or one entry that stands alone."""

    result: list[_Item] | None = None


def recognises(document: Document) -> bool:
    """Whether the document's head has the fields that only these answers have."""
    head = document.data[:_HEAD]
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
        return False
    return (b'"marketId"' in head and _MARKETS.search(head) is not None) or _EVENTS.search(head) is not None


def read(document: Document) -> Iterator[Snapshot | Fault]:
    """A listing without quotes for each event of a catalogue, and one with quotes for each market book.

    Faults name the entries that could not be used. Raises BadData when the document is no such answer. A book
    that Betfair marks as delayed is not tradable: its prices are late by Betfair's own word.
    """
    answer = json_value(document.data, _Answer | list[_Item])
    if answer == _Answer():
        raise BadData("nothing of an answer of Betfair is in it")
    items = answer if isinstance(answer, list) else [answer] if answer.result is None else answer.result
    events: dict[str, list[Market]] = {}
    for item in items:
        try:
            if item.is_market_data_delayed is not None and item.market_id:
                yield from _book(item, document.received)
            elif item.event is not None:
                market = read_market(item.market_id or item.event.id, _catalogued(item, item.event))
                events.setdefault(market.event, []).append(market)
        except BadData as error:
            yield Fault(None, f"{_name(item)}: {error}")
    for key, markets in events.items():
        yield Snapshot(listing_of(key, markets), [])


def _name(item: _Item) -> str:
    if item.market_id:
        return f"market {item.market_id[:40]}"
    return f"event {item.event.id[:40]}" if item.event is not None else "entry"


def _catalogued(item: _Item, event: _Event) -> MarketDefinition:
    """The market definition that a catalogue's entry amounts to; a competition goes before the venue."""
    description = item.description or _Description()
    competition = item.competition.name if item.competition is not None else None
    return MarketDefinition(
        runners=[_runner(runner) for runner in item.runners],
        event_id=event.id,
        event_type_id=(item.event_type.id or "") if item.event_type is not None else "",
        market_type=description.market_type or "",
        betting_type=description.betting_type or "",
        market_base_rate=description.market_base_rate,
        market_time=description.market_time or item.market_start_time or event.open_date,
        venue=competition or event.venue,
        country_code=event.country_code,
        event_name=event.name,
    )


def _runner(runner: _Runner) -> RunnerDefinition:
    return RunnerDefinition(
        id=runner.selection_id,
        status=runner.status or "",
        sort_priority=runner.sort_priority or 0,
        hc=runner.handicap,
        name=runner.runner_name,
    )


def _book(item: _Item, received: int | None) -> Iterator[Snapshot | Fault]:
    market_id = item.market_id or ""
    if item.number_of_winners != 1:
        raise BadData("numberOfWinners: only the catalogue says how a market without one winner pays")
    market = read_market(
        market_id,
        MarketDefinition(
            runners=[_runner(runner) for runner in item.runners],
            betting_type="ODDS",
            status=item.status or "",
            in_play=bool(item.inplay),
            complete=bool(item.complete),
            number_of_winners=item.number_of_winners,
        ),
    )
    if market.doubt:
        raise BadData(market.doubt)
    book = MarketBook()
    bad = 0
    for runner in item.runners:
        offers = runner.ex or _Offers()
        bad += book.change(
            RunnerChange(
                id=runner.selection_id,
                hc=runner.handicap,
                atb=_offers(offers.available_to_back),
                atl=_offers(offers.available_to_lay),
            )
        )
    if bad:
        yield Fault(None, f"{_name(item)}: offers off the price ladder, left out: {bad}")
    quotes: list[Quote] = quotes_of(
        market, lambda key: book.best(key, DEPTH), None, received, current=not item.is_market_data_delayed
    )
    yield Snapshot(listing_of(market.event, [market]), quotes)


def _offers(sizes: Iterable[_Size]) -> list[Offer]:
    return [(offer.price, offer.size) for offer in sizes]


READER = Reader(format="betfair-api", recognises=recognises, read=read)

"""Polymarket: markets and events as its Gamma service gives them, and the order books of its exchange.

Of a market, the first outcome's best ask is a back; its best bid lets anyone buy the second outcome at the rest
to one, which is a lay. Football with understood rules becomes a match result or a total. Markets of a negative
risk event are runners of one contest, complete only where the event came whole and can get no further outcomes.
All else is a contract of its own, and so is a token whose market the same document does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossbook.model.frame import StreamInfo
from crossbook.model.quote import Fault, Snapshot
from crossbook.venues._polymarket_events import POLYMARKET, Listed, Reading, tell, tell_strangers
from crossbook.venues._polymarket_session import MarketSession
from crossbook.venues.reader import Document, Reader

__all__ = ["POLYMARKET", "READER", "MarketSession"]

_GLANCE: Final = 65_536


def _recognises(document: Document) -> bool:
    head = document.data[:_GLANCE]
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return False
    if b'"clobTokenIds"' in head or b'"negRisk"' in head:
        return True
    if b'"condition_id"' in head and b'"tokens"' in head:
        return True
    return b'"market"' in head and any(key in head for key in (b'"asset_id"', b'"assets_ids"'))


def _read(document: Document) -> Iterator[Snapshot | Fault]:
    reading = Reading()
    reading.take_document(document.data.removeprefix(b"\xef\xbb\xbf"))
    strangers = reading.settle_books()
    for what, times in reading.without_offers.items():
        often = f", {times} times" if times > 1 else ""
        reading.faults.append(Fault(None, f"{what}{often}: no offers in it"))
    yield from reading.faults
    groups: dict[str, list[Listed]] = {}
    for listed in reading.listed.values():
        groups.setdefault(listed.key(), []).append(listed)
    for key, group in groups.items():
        yield from tell(key, group, key in reading.whole, document.received)
    yield from tell_strangers(strangers, document.received)


def _live(info: StreamInfo) -> MarketSession:
    life = info.settings.get("listed_life_s")
    return MarketSession(None if life is None else int(life))


READER: Final = Reader(format="polymarket", recognises=_recognises, read=_read, live=_live)

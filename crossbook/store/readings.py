"""What is read back from the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

from crossbook.model.claim import Claim, Period, parse_kind
from crossbook.model.life import Moment
from crossbook.model.quote import Basis, Quote, Side
from crossbook.model.venue import Venue, VenueType
from crossbook.store.database import in_words
from crossbook.store.queries import query
from crossbook.store.rows import QuoteRow, StoredChange, StoredOpportunity, Withdrawn
from crossbook.store.words import key_text

if TYPE_CHECKING:
    import asyncpg

    from crossbook.store.database import Pool


class Readings:
    """Questions to the database. All raise Retry when it cannot be reached."""

    def __init__(self, pool: Pool, place: str) -> None:
        self._pool = pool
        self._place = place

    async def open_opportunities(self) -> list[StoredOpportunity]:
        """What stands now, the oldest first."""
        return [opportunity_of(row) for row in await self._rows("open_opportunities")]

    async def recent(self, most: int = 50) -> list[StoredOpportunity]:
        """The opportunities that opened last, the latest first."""
        return [opportunity_of(row) for row in await self._rows("recent_opportunities", most)]

    async def opportunity(self, opportunity_id: str) -> tuple[StoredOpportunity, list[StoredChange]] | None:
        """One opportunity with its life in order; None when there is none of this id."""
        found = await self._rows("opportunity", key_text(opportunity_id))
        if not found:
            return None
        life = await self._rows("life", key_text(opportunity_id))
        return opportunity_of(found[0]), [
            StoredChange(row["number"], row["at"], Moment(row["moment"]), row["text"].encode())
            for row in life
        ]

    async def lives(self) -> AsyncIterator[bytes]:
        """Every change of every opportunity, byte for byte, in an order that is the same in every database."""
        with in_words(self._place):
            async with self._pool.acquire() as connection, connection.transaction(readonly=True):
                async for row in connection.cursor(query("lives"), prefetch=500):
                    yield row["text"].encode()

    async def latest_quotes(self, event: str) -> list[QuoteRow]:
        """The quotes of an event that stand: the last word on each offer, from streams that are still open."""
        return [_quote(row) for row in await self._rows("latest_quotes", key_text(event))]

    async def quotes_between(self, since: int, until: int) -> list[QuoteRow]:
        """Every quote row with `since` <= at < `until` (nanoseconds UTC), in order of time."""
        return [_quote(row) for row in await self._rows("quotes_between", since, until)]

    async def counts(self) -> dict[str, int]:
        """How many rows there are of each kind but quotes, which take too long to count."""
        (row,) = await self._rows("counts")
        return dict(row.items())

    async def _rows(self, name: str, *arguments: object) -> list[asyncpg.Record]:
        with in_words(self._place):
            rows: list[asyncpg.Record] = await self._pool.fetch(query(name), *arguments)
        return rows


def opportunity_of(row: asyncpg.Record) -> StoredOpportunity:
    """An opportunity from a row of the queries that give one."""
    return StoredOpportunity(
        id=row["id"],
        event=row["event"],
        verdict=row["verdict"],
        opened=row["opened"],
        closed=row["closed"],
        guaranteed_return=Fraction(row["return_numerator"]) / Fraction(row["return_denominator"]),
        number=row["number"],
        at=row["at"],
        object=msgspec.json.decode(row["text"]),
    )


def _exact(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _quote(row: asyncpg.Record) -> QuoteRow:
    venue = Venue(
        id=row["id"],
        name=row["name"],
        type=VenueType(row["type"]),
        desk=row["desk"],
        rules=row["rules"],
        commission=_exact(row["commission"]),
        step=_exact(row["venue_step"]),
        smallest=_exact(row["smallest"]),
    )
    line = None if row["line"] is None else Fraction(row["line"])
    kind, places = parse_kind(row["kind"])
    claim = Claim.of(kind, row["selection"], line, Period(row["period"]), row["subject"], places)
    side, basis = Side(row["side"]), Basis(row["basis"])
    told: Quote | Withdrawn
    if row["odds"] is None:
        told = Withdrawn(venue, claim, side, basis, row["market"])
    else:
        told = Quote(
            venue=venue,
            claim=claim,
            side=side,
            odds=Fraction(row["odds"]),
            size=_exact(row["size"]),
            basis=basis,
            happened=row["happened"],
            received=row["received"],
            tradable=row["tradable"],
            market_id=row["market"],
            step=_exact(row["step"]),
        )
    return QuoteRow(row["at"], row["source"], row["key"], row["stream"], told)

"""The store: batches go in, each as a whole and each only once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import asyncpg
import msgspec

from crossbook.base.errors import BadData, Retry
from crossbook.model.life import Moment
from crossbook.model.quote import Quote
from crossbook.store.database import connect_pool, in_words, place_of
from crossbook.store.partitions import HOUR, Partitions, hour_of
from crossbook.store.queries import query
from crossbook.store.readings import Readings
from crossbook.store.references import References
from crossbook.store.rows import Batch, ChangeRow, QuoteRow, Written
from crossbook.store.words import exact_text, fitting, json_text, key_text, plain, readable

if TYPE_CHECKING:
    from crossbook.store.database import Connection, Pool

QUOTE_COLUMNS: Final = (
    *("at", "listing", "venue", "claim", "stream", "side", "basis", "tradable"),
    *("happened", "received", "market", "odds", "size", "step"),
)

_BREATH: Final = 500


class Store:
    """A database that is up to date (`crossbook.store.migrate.migrate`). Make it with `Store.open`."""

    def __init__(self, pool: Pool, place: str) -> None:
        self._pool = pool
        self._place = place
        self._references = References()
        self._partitions = Partitions(pool)
        self._one_at_a_time = asyncio.Lock()
        self.read = Readings(pool, place)
        """What can be read back."""

    @classmethod
    async def open(cls, url: str, *, smallest: int = 2, largest: int = 10) -> Store:
        """Connect. Raises Misconfigured for what a person has to change, Retry for what passes."""
        return cls(await connect_pool(url, smallest=smallest, largest=largest), place_of(url))

    async def close(self, *, timeout_s: float = 5.0) -> None:
        """Give all connections back; those still at work after `timeout_s` are cut."""
        try:
            await asyncio.wait_for(self._pool.close(), timeout_s)
        except TimeoutError:
            self._pool.terminate()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def write(self, *batches: Batch) -> Written:
        """Write these batches in one transaction; those that are in the database already are left out.

        Raises Retry when it may be sent again unchanged (also when no answer came: sending again adds nothing twice)
        and BadData when it would never be taken; the message names what is wrong.
        """
        async with self._one_at_a_time:
            try:
                with in_words(self._place):
                    await self._partitions.ensure(
                        {hour_of(row.at) for batch in batches for row in batch.quotes}
                    )
                    async with self._pool.acquire() as connection, connection.transaction():
                        return await self._write(connection, batches)
            except BaseException as error:
                # Numbers learned in a transaction that may not stand are worth nothing.
                self._references.forget()
                self._partitions.forget()
                if (
                    isinstance(cause := error.__cause__, asyncpg.CheckViolationError)
                    and not cause.constraint_name
                ):
                    raise Retry(f"database {self._place}: an hour of quotes was dropped meanwhile") from cause
                raise

    async def _write(self, connection: Connection, batches: Sequence[Batch]) -> Written:
        by_name: dict[tuple[str, int, int], Batch] = {}
        for batch in batches:
            by_name.setdefault((key_text(batch.recording), batch.number, batch.at), batch)
        told = json_text(
            {
                "recording": recording,
                "number": number,
                "at": at,
                "quotes": len(batch.quotes),
                "dropped": batch.dropped,
            }
            for (recording, number, at), batch in by_name.items()
        )
        kept = {
            (row["recording"], row["number"], row["at"])
            for row in await connection.fetch(query("keep_batches"), told)
        }
        new = [batch for name, batch in by_name.items() if name in kept]
        await self._references.keep(connection, new)
        faults = [
            {
                "stream": key_text(each.stream),
                "at": each.at,
                "reason": plain(each.reason),
                "count": each.count,
            }
            for batch in new
            for each in batch.faults
        ]
        if faults:
            await connection.execute(query("add_faults"), json_text(faults))
        quotes = [row for batch in new for row in batch.quotes]
        if quotes:
            await connection.copy_records_to_table(
                "quote", schema_name="crossbook", columns=QUOTE_COLUMNS, records=self._records(quotes)
            )
        changes = await _add_changes(connection, [row for batch in new for row in batch.changes])
        return Written(len(new), len(quotes), changes)

    async def _records(self, rows: list[QuoteRow]) -> AsyncIterator[tuple[Any, ...]]:
        references = self._references
        listings, venues, claims, stream = (
            references.listings,
            references.venues,
            references.claims,
            references.stream,
        )
        for index, row in enumerate(rows):
            if index % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)  # many rows must not hold up what else this process does
            quote = row.quote
            head = (
                row.at,
                listings[row.source, row.key],
                venues[quote.venue.id],
                claims[quote.claim],
                stream(row),
                quote.side,
                quote.basis,
            )
            if isinstance(quote, Quote):
                yield (
                    *head,
                    quote.tradable,
                    fitting(quote.happened),
                    fitting(quote.received),
                    plain(quote.market_id),
                    exact_text(quote.odds),
                    exact_text(quote.size),
                    exact_text(quote.step),
                )
            else:
                yield (*head, False, None, None, plain(quote.market_id), None, None, None)

    async def retain(self, now: int, hours: int = 6) -> list[str]:
        """Forget quotes that are older than `hours` at `now` (nanoseconds UTC); says which partitions were dropped.

        Opportunities, their lives, links and faults stay. Raises Retry.
        """
        with in_words(self._place):
            dropped = await self._partitions.retain(now, hours)
            oldest = hour_of(now - hours * HOUR) * HOUR  # a batch is known as long as its quotes are there
            async with self._pool.acquire() as connection:
                await connection.execute(query("forget_batches"), oldest)
        return dropped


async def _add_changes(connection: Connection, rows: list[ChangeRow]) -> int:
    if not rows:
        return 0
    last: dict[str, ChangeRow] = {}
    for row in rows:
        if row.change.id not in last or last[row.change.id].number < row.number:
            last[row.change.id] = row
    opportunities = json_text(map(_opportunity_row, last.values()))
    told = json_text(map(_change_row, rows))
    await connection.execute(query("keep_opportunities"), opportunities)
    added = len(await connection.fetch(query("add_changes"), told))
    if added < len(rows):
        if await connection.fetch(query("abandoned_gives_way"), told):
            await connection.execute(query("keep_opportunities"), opportunities)
            added += len(await connection.fetch(query("add_changes"), told))
        other = await connection.fetchrow(query("different_change"), told)
        if other is not None:
            raise BadData(
                f"changes: change {other['number']} of opportunity {other['id']} is stored with another content: "
                "give each change of a life its own number"
            )
    return added


def _opportunity_row(row: ChangeRow) -> dict[str, object]:
    change, found = row.change, row.change.opportunity
    text = msgspec.json.encode(row.object)
    closed = change.moment is Moment.CLOSED
    return {
        "id": key_text(change.id),
        "event": key_text(change.event),
        "basis": found.basis,
        "kind": plain(found.kind),
        "verdict": found.verdict,
        "opened": change.opened,
        "closed": change.at if closed else None,
        "close_reasons": _reasons(row) if closed else None,
        # As text: they may be longer than the 64 bits that JSON's writer takes.
        "return_numerator": str(found.guaranteed_return.numerator),
        "return_denominator": str(found.guaranteed_return.denominator),
        "number": row.number,
        "at": change.at,
        "readable": readable(text),
        "text": text.decode(),
    }


def _change_row(row: ChangeRow) -> dict[str, object]:
    text = row.text()
    return {
        "id": key_text(row.change.id),
        "number": row.number,
        "at": row.change.at,
        "moment": row.change.moment,
        "reasons": _reasons(row),
        "readable": readable(text),
        "text": text.decode(),
    }


def _reasons(row: ChangeRow) -> list[dict[str, str]]:
    return [{"name": plain(each.name), "detail": plain(each.detail)} for each in row.change.why]

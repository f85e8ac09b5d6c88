"""Quotes into PostgreSQL: the writer with all it promises, beside a bare COPY of ready rows into the same table.

The bare COPY is the floor: asyncpg is given tuples of numbers and text that somebody has already made, in one
transaction, and nothing is remembered or recognised. The writer starts from quotes as the pipeline has them, looks up
their numbers, spells exact odds, records each batch so that it can be sent twice, and commits in pieces. Both
run in one process on one fresh server of our own; candidates take turns and the table is emptied between them.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import asyncpg

from crossbook.base.clock import SystemClock
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Listing, Quote, Side
from crossbook.model.venue import bookmaker
from crossbook.store.embedded import server_at
from crossbook.store.migrate import migrate
from crossbook.store.record import QUOTE_COLUMNS, Store
from crossbook.store.rows import Batch, QuoteRow, StreamRow
from crossbook.store.writer import Writer

ROWS = 50_000
IN_A_BATCH = 500
START = 1_763_640_000_000_000_000
CANDIDATES = {
    "bare": "asyncpg, COPY of ready tuples, one transaction",
    "writer": "crossbook Writer, from quotes, batches of 500",
}


def made_up_batches(rows: int = ROWS) -> list[Batch]:
    """Quotes of 40 venues on 300 listings, a millisecond apart, in batches as ticks would make them."""
    venues = [bookmaker(f"venue-{number}", f"Venue {number}") for number in range(40)]
    claims = [Claim.of(Kind.MATCH_RESULT, selection) for selection in ("home", "draw", "away")]
    claims += [
        Claim.of(Kind.TOTAL, side, Fraction(line, 2))
        for side in ("over", "under")
        for line in range(1, 12, 2)
    ]
    listings = [
        Listing(
            source="made-up", key=str(key), sport="soccer", competition="", home=f"H{key}", away=f"A{key}"
        )
        for key in range(300)
    ]
    stream = StreamRow(name="made-up", format="made-up", opened=START)
    quotes = [
        QuoteRow(
            START + index * 1_000_000,
            "made-up",
            str(index % 300),
            "made-up",
            Quote(
                venues[index % 40],
                claims[index % len(claims)],
                Side.BACK,
                Fraction(150 + index % 997, 100),
                size=Fraction(1_000 + index % 4_001, 100),
                happened=START + index * 1_000_000 - 5_000_000,
                received=START + index * 1_000_000,
                market_id=f"1.{index % 5_000}",
            ),
        )
        for index in range(rows)
    ]
    return [
        Batch(
            recording="benchmark",
            number=start,
            at=quotes[start].at,
            listings=listings,
            streams=[stream],
            quotes=quotes[start : start + IN_A_BATCH],
        )
        for start in range(0, rows, IN_A_BATCH)
    ]


def compare(data: Path | None, rounds: int) -> None:
    """Run both candidates in turns and print rows a second and their ratio; recorded data is not needed."""
    del data
    print(
        f"quotes into PostgreSQL: {ROWS} rows, {rounds} rounds, load {os.getloadavg()[0]:.2f}, "
        f"{os.cpu_count()} processors"
    )
    seconds = asyncio.run(_measure(rounds))
    ratios = [bare / writer for bare, writer in zip(seconds["bare"], seconds["writer"], strict=True)]
    print(f"{'candidate':<50}{'seconds':>9}{'rows/s':>10}{'of bare':>9}")
    for name, words in CANDIDATES.items():
        median = statistics.median(seconds[name])
        part = 1.0 if name == "bare" else statistics.median(ratios)
        print(f"{words:<50}{median:>9.3f}{ROWS / median:>10.0f}{part:>9.2f}")


async def _measure(rounds: int) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory(prefix="crossbook-benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root the server is another user's
        server = server_at(folder, clock=SystemClock())
        await server.start()
        try:
            url = server.address.dsn
            await migrate(url)
            return await take_turns(url, made_up_batches(), rounds)
        finally:
            await server.stop()


async def take_turns(url: str, batches: list[Batch], rounds: int) -> dict[str, list[float]]:
    """The seconds of each candidate in each round, all into the same emptied table, whose rows are counted."""
    connection: Any = await asyncpg.connect(url)
    seconds: dict[str, list[float]] = {name: [] for name in CANDIDATES}
    expected = sum(len(batch.quotes) for batch in batches)
    try:
        async with await Store.open(url) as store:
            await store.write(
                *batches
            )  # makes the partitions and the reference rows, and gives the ready tuples
            ready = [
                tuple(row)
                for row in await connection.fetch(f"SELECT {', '.join(QUOTE_COLUMNS)} FROM crossbook.quote")
            ]
            for _ in range(rounds):
                for name, run in (("bare", _bare(connection, ready)), ("writer", _writer(store, batches))):
                    await connection.execute("TRUNCATE crossbook.quote, crossbook.batch")
                    began = time.perf_counter()
                    await run()
                    seconds[name].append(time.perf_counter() - began)
                    written = await connection.fetchval("SELECT count(*) FROM crossbook.quote")
                    if written != expected:
                        raise SystemExit(f"{name} wrote {written} rows, not {expected}")
    finally:
        await connection.close()
    return seconds


def _bare(connection: Any, ready: list[tuple[Any, ...]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await connection.copy_records_to_table(
            "quote", schema_name="crossbook", columns=QUOTE_COLUMNS, records=ready
        )

    return run


def _writer(store: Store, batches: list[Batch]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        async with Writer(store) as writer:
            for batch in batches:
                writer.offer(batch)
            await writer.drain()

    return run


if __name__ == "__main__":
    compare(None, 5)

"""Processes for the tests to kill. The database's address comes on standard input: no list of processes shows it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from crossbook.store.migrate import migrate
from crossbook.store.record import Store
from crossbook.store.rows import QuoteRow
from tests.store.made_up import NOON, batch, life, offers

ROWS = 500


async def migrating(url: str, folder: Path | None) -> None:
    print(",".join(await migrate(url, folder)), flush=True)


async def writing(url: str, acknowledged: Path) -> None:
    """Write batches until killed; after each, its number is on disk before the next is begun."""
    log = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    async with await Store.open(url) as store:
        number = 0
        while True:
            number += 1
            at = NOON + number * ROWS
            await store.write(batch(number, quotes=offers(ROWS, at), changes=life(f"opportunity-{number}")))
            os.write(log, f"{number}\n".encode())
            os.fsync(log)


class _Half(Store):
    """Stops for ever when half of the quotes have been handed over."""

    async def _records(self, rows: list[QuoteRow]) -> AsyncIterator[tuple[Any, ...]]:
        index = 0
        async for record in super()._records(rows):
            index += 1
            if index == len(rows) // 2:
                print("half", flush=True)
                while True:
                    time.sleep(60)
            yield record


async def half(url: str) -> None:
    async with await _Half.open(url) as store:
        await store.write(batch(1, quotes=offers(20_000)))


def main() -> None:
    what, *rest = sys.argv[1:]
    url = sys.stdin.readline().strip()
    if what == "migrate":
        asyncio.run(migrating(url, Path(rest[0]) if rest else None))
    elif what == "write":
        asyncio.run(writing(url, Path(rest[0])))
    else:
        asyncio.run(half(url))


if __name__ == "__main__":
    main()

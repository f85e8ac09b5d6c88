"""Small questions to a database, beside the store: what a test checks must not come from what it tests."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from crossbook.store.record import Store

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    connection: Any = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def value(url: str, text: str, *arguments: object) -> Any:
    async with connected(url) as connection:
        return await connection.fetchval(text, *arguments)


async def until(url: str, text: str, *arguments: object) -> Any:
    """The first answer that is not null, false or 0."""
    end = time.monotonic() + PATIENCE_S
    async with connected(url) as connection:
        while not (found := await connection.fetchval(text, *arguments)):
            assert time.monotonic() < end, text
            await asyncio.sleep(0.02)
    return found


def child(url: str, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.child", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdin is not None
    process.stdin.write(url + "\n")
    process.stdin.close()
    process.stdin = None
    return process


def with_store(url: str, work: Callable[[Store], Awaitable[Any]]) -> Any:
    """Do some work with an open store; gives what it gives."""

    async def run() -> Any:
        async with await Store.open(url) as store:
            return await work(store)

    return asyncio.run(run())

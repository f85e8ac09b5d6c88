from __future__ import annotations

import asyncio

import asyncpg


async def version(dsn: str) -> tuple[int, int]:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("create table proof (number int)")
        return connection.get_server_version().major, await connection.fetchval("select count(*) from proof")
    finally:
        await connection.close()


def test_18(database: str) -> None:
    assert asyncio.run(version(database)) == (18, 0)


def test_18_again(database: str) -> None:
    assert asyncio.run(version(database)) == (18, 0)


def test_15(postgres15: str) -> None:
    assert asyncio.run(version(postgres15)) == (15, 0)

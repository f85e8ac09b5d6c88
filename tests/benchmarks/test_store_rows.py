"""The benchmark of the store writes what it says, with both candidates."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.store_rows import CANDIDATES, made_up_batches, take_turns
from crossbook.store.migrate import migrate
from tests.needed import IN_CI
from tests.store.servers import POSTGRES15, fresh_database, server15


@pytest.mark.skipif(
    not (POSTGRES15 / "initdb").exists() and not IN_CI, reason=f"no PostgreSQL 15 in {POSTGRES15}"
)
def test_both_candidates_write_every_row() -> None:
    with server15() as server, fresh_database(server) as fresh:
        asyncio.run(migrate(fresh.dsn))
        seconds = asyncio.run(take_turns(fresh.dsn, made_up_batches(1_000), 2))
    assert {name: len(each) for name, each in seconds.items()} == dict.fromkeys(CANDIDATES, 2)

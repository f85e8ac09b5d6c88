"""Named queries: each has a reason, and every server we promise understands it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from crossbook.store.queries import all_queries, query
from tests.store.asking import connected


@pytest.mark.parametrize("name", all_queries())
def test_every_query_says_why_it_exists(name: str) -> None:
    first, *_ = query(name).splitlines()
    assert re.match(r"-- [A-Z].{20,}", first)


def test_every_query_is_asked_by_its_name_somewhere(root: Path) -> None:
    code = "".join(path.read_text() for path in (root / "crossbook" / "store").glob("*.py"))
    assert [name for name in all_queries() if f'"{name}"' not in code] == []


def test_there_is_no_query_without_a_name() -> None:
    with pytest.raises(KeyError):
        query("no_such_query")


def test_every_server_understands_every_query(url: str) -> None:
    async def prepare() -> None:
        async with connected(url) as connection:
            for text in all_queries().values():
                await connection.prepare(text)

    asyncio.run(prepare())


def test_questions_of_the_doors_are_answered_by_an_index(url: str) -> None:
    """With many rows, that is: the server is told that reading whole tables is dear."""
    asked = {
        "open_opportunities": ("opportunity_open", ()),
        "recent_opportunities": ("opportunity_opened", (5,)),
        "opportunity": ("opportunity_pkey", ("x",)),
        "life": ("opportunity_change_pkey", ("x",)),
    }

    async def explain() -> None:
        async with connected(url) as connection:
            await connection.execute(
                "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off"
            )
            for name, (index, arguments) in asked.items():
                rows = await connection.fetch(f"EXPLAIN {query(name)}", *arguments)
                assert index in " ".join(row[0] for row in rows), name

    asyncio.run(explain())

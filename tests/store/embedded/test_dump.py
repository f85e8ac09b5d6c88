"""Dumps go out and come back whole, on our own server and on one of version 15, or say why not."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import Misconfigured, Refused, Retry
from crossbook.store.embedded import Address, Server, dump, restore
from crossbook.store.embedded.dump import without_password
from tests.store.servers import fresh_database


async def execute(dsn: str, text: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(text)
    finally:
        await connection.close()


async def rows(dsn: str) -> list[tuple[int, str]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch("select number, name from kept order by number")]
    finally:
        await connection.close()


FILL = """
    create table kept (number bigint generated always as identity primary key, name text not null unique);
    insert into kept (name) select 'row ' || n from generate_series(1, 5000) n;
    create view first_few as select * from kept where number < 10;
"""


def there_and_back(source: str, target: str, file: Path) -> None:
    asyncio.run(execute(source, FILL))
    asyncio.run(dump(source, file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    asyncio.run(restore(target, file))
    assert asyncio.run(rows(target)) == asyncio.run(rows(source))
    asyncio.run(execute(target, "insert into kept (name) values ('next'); select * from first_few"))
    assert asyncio.run(rows(target))[-1] == (5001, "next")


def test_on_our_own(database: str, postgres: Server, tmp_path: Path) -> None:
    with fresh_database(postgres.address) as target:
        there_and_back(database, target.dsn, tmp_path / "book.dump")


def test_from_15_to_ours(postgres15: str, database: str, tmp_path: Path) -> None:
    there_and_back(postgres15, database, tmp_path / "book.dump")


def test_from_15_to_15(postgres15: str, postgres15_server: Address, tmp_path: Path) -> None:
    with fresh_database(postgres15_server) as target:
        there_and_back(postgres15, target.dsn, tmp_path / "book.dump")


def test_a_dump_of_ours_does_not_go_into_15(database: str, postgres15: str, tmp_path: Path) -> None:
    asyncio.run(execute(database, FILL))
    asyncio.run(dump(database, tmp_path / "book.dump"))
    with pytest.raises(Misconfigured, match="made from a newer PostgreSQL than 15"):
        asyncio.run(restore(postgres15, tmp_path / "book.dump"))


def test_a_failed_dump_leaves_the_last_one(postgres: Server, tmp_path: Path) -> None:
    file = tmp_path / "book.dump"
    file.write_text("the last one")
    with pytest.raises(Misconfigured, match="no_such_database") as raised:
        asyncio.run(dump(postgres.address.of("no_such_database").dsn, file))
    assert postgres.address.password not in str(raised.value)
    assert file.read_text() == "the last one"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_wrong_password_is_not_shown(postgres: Server, tmp_path: Path) -> None:
    wrong = postgres.dsn.replace(postgres.address.password, "guessed-wrongly")
    with pytest.raises(Misconfigured, match="password authentication failed") as raised:
        asyncio.run(dump(wrong, tmp_path / "book.dump"))
    assert "guessed-wrongly" not in str(raised.value)


def test_a_folder_that_is_not_there(database: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"gone/book\.dump"):
        asyncio.run(dump(database, tmp_path / "gone/book.dump"))
    with pytest.raises(Misconfigured, match="no such dump"):
        asyncio.run(restore(database, tmp_path / "book.dump"))


def test_an_address_that_cannot_be_read_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as raised:
        asyncio.run(dump("postgresql://anna:se/cret@host/book", tmp_path / "book.dump"))
    assert "cret" not in str(raised.value)
    assert "anna" not in str(raised.value)


def test_too_slow(database: str, tmp_path: Path) -> None:
    with pytest.raises(Retry, match="within_s"):
        asyncio.run(dump(database, tmp_path / "book.dump", within_s=0.0))
    assert not list(tmp_path.iterdir())


def test_only_an_empty_database_is_filled(database: str, tmp_path: Path) -> None:
    asyncio.run(execute(database, FILL))
    asyncio.run(dump(database, tmp_path / "book.dump"))
    with pytest.raises(Refused, match="already holds"):
        asyncio.run(restore(database, tmp_path / "book.dump"))


def test_a_cut_dump_changes_nothing(database: str, postgres: Server, tmp_path: Path) -> None:
    file = tmp_path / "book.dump"
    asyncio.run(execute(database, FILL))
    asyncio.run(dump(database, file))
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 3 // 4])
    with fresh_database(postgres.address) as target:
        with pytest.raises(Misconfigured, match="changed nothing"):
            asyncio.run(restore(target.dsn, file))
        with pytest.raises(asyncpg.UndefinedTableError):
            asyncio.run(rows(target.dsn))


def test_only_addresses_of_postgresql(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="postgresql://"):
        asyncio.run(dump("mysql://a:b@c/d", tmp_path / "book.dump"))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), st.booleans())
def test_a_password_is_taken_out_of_any_address(password: str, as_option: bool) -> None:
    dsn = Address(host="/run/x", password=password).dsn
    if as_option:
        dsn = dsn.replace(dsn[len("postgresql://crossbook") : dsn.index("@")], "", 1)
        dsn += "&password=" + Address(host="", password=password).dsn.split(":", 2)[2].split("@", 1)[0]
    assert without_password(dsn) == ("postgresql://crossbook@/crossbook?host=%2Frun%2Fx&port=5432", password)

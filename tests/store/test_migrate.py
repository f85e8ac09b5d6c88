"""Migrations: once each, in order, whoever else tries, and whatever is killed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crossbook.base.errors import Misconfigured, Retry
from crossbook.store.migrate import LOCK, migrate, migration_files
from crossbook.store.record import Store
from crossbook.store.rows import Batch
from tests.store.asking import PATIENCE_S, child, connected, until, value

OURS = list(migration_files())
SMALL = {
    "0001_first.sql": "CREATE TABLE crossbook.first (number int);",
    "0002_second.sql": "CREATE TABLE crossbook.second (number int);",
}


@pytest.fixture(params=["database", "postgres15"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


def folder_of(place: Path, files: dict[str, str]) -> Path:
    place.mkdir(exist_ok=True)
    for name, text in files.items():
        (place / name).write_text(text)
    return place


def test_all_then_nothing(url: str) -> None:
    assert asyncio.run(migrate(url)) == OURS
    assert asyncio.run(migrate(url)) == []


def test_names_are_numbered_without_a_gap() -> None:
    assert [name[:5] for name in OURS] == [f"{number:04}_" for number in range(1, len(OURS) + 1)]


def test_every_table_and_column_that_is_not_plain_is_explained(url: str) -> None:
    asyncio.run(migrate(url))
    silent = asyncio.run(
        value(
            url,
            """SELECT array_agg(relname::text) FROM pg_class
            WHERE relnamespace = 'crossbook'::regnamespace AND relkind IN ('r', 'p')
              AND obj_description(oid) IS NULL""",
        )
    )
    assert silent is None


def test_batches_of_before_are_known_by_their_time_too(url: str, tmp_path: Path) -> None:
    files = migration_files()
    old = {name: text for name, text in files.items() if name < "0004"}
    asyncio.run(migrate(url, folder_of(tmp_path, old)))

    async def go_on() -> None:
        async with connected(url) as connection:
            await connection.execute("INSERT INTO crossbook.batch VALUES ('live', 7, 1000, 0, 0)")
        assert await migrate(url) == [name for name in files if name >= "0004"]
        async with await Store.open(url) as store:
            told = [Batch(recording="live", number=7, at=at) for at in (1000, 2000)]
            assert (await store.write(*told)).batches == 1
            assert (await store.write(*told)).batches == 0

    asyncio.run(go_on())


def test_two_processes_at_once(url: str) -> None:
    both = [child(url, "migrate") for _ in range(2)]
    said = sorted(process.communicate(timeout=PATIENCE_S)[0].strip() for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said == ["", ",".join(OURS)]


def test_an_edited_file_is_refused_by_name(url: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, SMALL)
    assert asyncio.run(migrate(url, folder)) == list(SMALL)
    (folder / "0001_first.sql").write_text("CREATE TABLE crossbook.first (number bigint);")
    with pytest.raises(Misconfigured, match=r"0001_first\.sql was edited .* new migration"):
        asyncio.run(migrate(url, folder))


def test_a_newer_database_is_left_alone(url: str, tmp_path: Path) -> None:
    asyncio.run(migrate(url, folder_of(tmp_path / "new", SMALL)))
    old = folder_of(tmp_path / "old", {"0001_first.sql": SMALL["0001_first.sql"]})
    with pytest.raises(Misconfigured, match=r"0002_second\.sql .* upgrade Crossbook"):
        asyncio.run(migrate(url, old))


def test_a_file_that_comes_late_is_refused(url: str, tmp_path: Path) -> None:
    asyncio.run(migrate(url, folder_of(tmp_path, SMALL)))
    folder_of(tmp_path, {"0001_later.sql": "SELECT 1;"})
    with pytest.raises(Misconfigured, match="next number"):
        asyncio.run(migrate(url, tmp_path))


def test_a_file_that_fails_leaves_nothing_of_itself(url: str, tmp_path: Path) -> None:
    wrong = SMALL | {"0002_second.sql": "CREATE TABLE crossbook.second (number int); SELECT 1 / 0;"}
    with pytest.raises(Exception, match="division by zero"):
        asyncio.run(migrate(url, folder_of(tmp_path, wrong)))
    assert asyncio.run(value(url, "SELECT to_regclass('crossbook.second') IS NULL"))
    assert asyncio.run(migrate(url, folder_of(tmp_path, SMALL))) == ["0002_second.sql"]


def test_an_index_can_be_built_outside_a_transaction(url: str, tmp_path: Path) -> None:
    apart = (
        "-- no transaction\nDROP INDEX CONCURRENTLY IF EXISTS crossbook.first_number;\n-- then\n"
        "CREATE INDEX CONCURRENTLY first_number ON crossbook.first (number);\n"
    )
    files = SMALL | {"0003_index.sql": apart}
    assert asyncio.run(migrate(url, folder_of(tmp_path, files))) == list(files)
    assert asyncio.run(value(url, "SELECT to_regclass('crossbook.first_number') IS NOT NULL"))


def test_killed_in_the_middle_the_next_run_completes(url: str, tmp_path: Path) -> None:
    slow = SMALL | {"0002_second.sql": "CREATE TABLE crossbook.second (a int); SELECT pg_sleep(600);"}
    process = child(url, "migrate", str(folder_of(tmp_path, slow)))
    asleep = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    )
    try:
        asyncio.run(until(url, asleep))
    finally:
        process.kill()
        process.communicate()
    assert asyncio.run(migrate(url, folder_of(tmp_path, SMALL))) == ["0002_second.sql"]


def test_a_lock_that_is_never_given_back_is_not_waited_for_for_ever(url: str) -> None:
    async def wait_in_vain() -> None:
        async with connected(url) as other:
            await other.execute("SELECT pg_advisory_lock($1)", LOCK)
            with pytest.raises(Retry, match="another process"):
                await migrate(url, wait_s=0.2)

    asyncio.run(wait_in_vain())
    assert asyncio.run(migrate(url)) == OURS

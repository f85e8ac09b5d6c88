"""`crossbook replay`: the same bytes each time, into any database, and plain words for what is no recording."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crossbook.store.record import Store
from tests.cli.command import run
from tests.cli.live import environment, recorded


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return recorded(tmp_path / "recording")


def test_the_same_bytes_twice(recording: Path, tmp_path: Path) -> None:
    first, second = (run("replay", recording, "--json", **environment(tmp_path)) for _ in range(2))
    assert (first.code, first.err) == (0, "")
    assert first.out == second.out
    found, summary = first.lines()
    assert [each["moment"] for each in found] == ["opened", "closed"]
    assert summary["ticks"] == 2


def test_for_people(recording: Path, tmp_path: Path) -> None:
    ran = run("replay", recording, **environment(tmp_path))
    assert (ran.code, ran.err) == (0, "")
    assert "Harbour Town" in ran.out
    assert "Nothing was placed." in ran.out


def test_one_segment_is_a_recording_too(recording: Path, tmp_path: Path) -> None:
    (segment,) = recording.iterdir()
    alone = run("replay", segment, "--json", **environment(tmp_path))
    assert alone.out == run("replay", recording, "--json", **environment(tmp_path)).out


@pytest.mark.parametrize("made", ["missing", "empty", "foreign", "file"])
def test_what_is_no_recording_ends_with_2_and_one_line(tmp_path: Path, made: str) -> None:
    path = tmp_path / made
    if made in ("empty", "foreign"):
        path.mkdir()
    if made == "foreign":
        (path / "season.csv").write_text("Div,Date")
    if made == "file":
        path.write_text("Div,Date")
    ran = run("replay", path, "--json", **environment(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"crossbook: {path}: ")
    assert ran.err.count("\n") == 1


def test_what_is_damaged_is_told_and_the_rest_is_replayed(recording: Path, tmp_path: Path) -> None:
    (segment,) = recording.iterdir()
    content = bytearray(segment.read_bytes())
    content[len(content) * 3 // 4] ^= 0xFF
    segment.write_bytes(content)
    for words in (["--json"], []):
        ran = run("replay", recording, *words, **environment(tmp_path))
        assert ran.code == 0
        assert segment.name in ran.out
        assert "Traceback" not in ran.err


def test_nothing_but_damage_is_told_too(recording: Path, tmp_path: Path) -> None:
    (segment,) = recording.iterdir()
    segment.write_bytes(b"x" * segment.stat().st_size)
    ran = run("replay", recording, "--json", **environment(tmp_path))
    found, summary = ran.lines()
    assert (ran.code, found) == (0, [])
    assert summary["damage"]


def stored(recording: Path, data: Path, url: str) -> str:
    ran = run("replay", recording, "--json", "--store", **environment(data, CROSSBOOK_DATABASE_URL=url))
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def lives(url: str) -> list[bytes]:
    async def read() -> list[bytes]:
        async with await Store.open(url) as store:
            return [each async for each in store.read.lives()]

    return asyncio.run(read())


def test_two_databases_hold_the_same_lives_byte_for_byte(
    tmp_path: Path, database: str, postgres15: str
) -> None:
    recording = recorded(tmp_path / "recording", matches=30)
    told = stored(recording, tmp_path, database)
    assert stored(recording, tmp_path, postgres15) == told
    first = lives(database)
    assert len(first) == len(told.splitlines()) - 1 == 60
    assert lives(postgres15) == first
    assert stored(recording, tmp_path, database) == told
    assert lives(database) == first


def test_a_reader_that_leaves_early_is_no_accident(tmp_path: Path) -> None:
    recording = recorded(tmp_path / "recording", matches=300)
    command = [sys.executable, "-m", "crossbook", "replay", str(recording), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tmp_path)
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.parametrize("words", [[], ["--json"], ["--json", "--store"]], ids=" ".join)
def test_output_that_cannot_be_written_ends_with_1_and_one_line(
    recording: Path, tmp_path: Path, database: str, words: list[str]
) -> None:
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("this system has no disk that is always full")
    command = [sys.executable, "-m", "crossbook", "replay", str(recording), *words]
    env = environment(tmp_path, CROSSBOOK_DATABASE_URL=database)
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False, env=env)
    complaint = done.stderr.decode()
    assert (done.returncode, complaint) == (1, "crossbook: could not go on: No space left on device\n")

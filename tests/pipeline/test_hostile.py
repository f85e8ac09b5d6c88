"""Bad input of every kind beside one good file: nothing raises, everything is named, the good file is found."""

from __future__ import annotations

import bz2
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crossbook.venues import readers
from tests.oracles.hostile import HostileFile, write_all
from tests.pipeline.made_up import PLANTED, row, scan, season, stream, write

MEMORY = 4 * 1024**3
FORMATS = ["auto", *sorted(readers())]
NO_FILES = {"directory.csv", "link_to_parent"}
"""Folders: read through, and nothing is in them that is not read already."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[HostileFile]]:
    """The folder with every bad file, and a good season file in a folder below it."""
    folder = tmp_path_factory.mktemp("hostile")
    files = write_all(folder)
    write(folder / "9899" / "E0.csv", season(row(PLANTED, "Planted", "Lakeside"), row()))
    return folder, files


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def command(*words: str | Path) -> tuple[int, list[dict[str, Any]], str]:
    """Run the scan with a limit on its memory; returns code, printed objects and what it complained of."""
    done = subprocess.run(
        [sys.executable, "-m", "crossbook", "scan", "--json", *map(str, words)],
        capture_output=True,
        timeout=120,
        check=False,
        preexec_fn=limited,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def is_one_clear_line(reason: str) -> bool:
    return (
        0 < len(reason.strip()) == len(reason) < 300
        and len(reason.splitlines()) == 1
        and reason.isprintable()
        and "Traceback" not in reason
    )


@pytest.mark.parametrize("form", FORMATS)
def test_the_scan_ends_well_whatever_it_is_told_the_files_are(
    hostile: tuple[Path, list[HostileFile]], form: str
) -> None:
    folder, _ = hostile
    code, lines, complaint = command(folder, "--format", form)
    assert complaint == ""
    *found, last = lines
    summary = last["summary"]
    assert code == (0 if summary["files"] else 1)
    assert [each["reason"] for each in summary["skipped"] if not is_one_clear_line(each["reason"])] == []
    planted = [one for one in found if one["event"]["home"] == "Planted"]
    if form in ("auto", "football-data"):
        assert [(one["verdict"], one["event"]["season"]) for one in planted] == [("pure", "9899")]
        assert planted[0]["guaranteed_return"] == "1.018659173"
    else:
        assert planted == []


def test_every_file_that_cannot_be_used_is_named(hostile: tuple[Path, list[HostileFile]]) -> None:
    folder, files = hostile
    _, summary = scan(folder)
    reasons = defaultdict(list)
    for skipped in summary.skipped:
        reasons[Path(skipped.file).name].append(skipped.reason)
    useless = {file.name for file in files if file.good_rows == 0} - NO_FILES
    assert sorted(useless - reasons.keys()) == []
    good = {"good.csv", "a\nname.csv", "stream_good"}
    assert good & reasons.keys() == set()


@pytest.mark.parametrize("form", FORMATS)
def test_each_file_alone_gives_something_or_a_reason(
    hostile: tuple[Path, list[HostileFile]], form: str
) -> None:
    folder, files = hostile
    silent = []
    for file in files:
        if file.name in NO_FILES:
            continue
        _, summary = scan(folder / file.name, form=form)
        assert all(is_one_clear_line(skipped.reason) for skipped in summary.skipped), file.name
        assert len(summary.skipped) < 40, file.name
        if file.good_rows == 0:
            assert summary.events == 0, file.name
        if not summary.skipped and not summary.events and file.good_rows == 0:
            silent.append(file.name)
    assert silent == []


def test_good_rows_beside_bad_ones_are_read(hostile: tuple[Path, list[HostileFile]]) -> None:
    folder, files = hostile
    rows = {file.name: file.good_rows for file in files if ".csv" in file.name and file.good_rows}
    assert len(rows) > 5
    for name, count in rows.items():
        assert (name, scan(folder / name)[1].events) == (name, count)


def test_prices_that_are_none_are_never_quoted(hostile: tuple[Path, list[HostileFile]]) -> None:
    """Of each odds file every bad row loses the spoiled book and keeps the two others; the good row has all three."""
    folder, _ = hostile
    for name, bad in (
        ("odds_signs.csv", 6),
        ("odds_nan.csv", 5),
        ("odds_words.csv", 8),
        ("odds_huge.csv", 5),
    ):
        _, summary = scan(folder / name)
        assert (name, summary.events, summary.quotes) == (name, bad + 1, 6 * bad + 9)
        assert len(summary.skipped) == bad


def test_a_bomb_of_text_stays_within_memory(tmp_path: Path) -> None:
    """Less than a kilobyte that unpacks to a season file with a line of 100 MiB."""
    packer = bz2.BZ2Compressor()
    head = season().encode() + b"E0,14/08/10,"
    packed = (
        packer.compress(head) + b"".join(packer.compress(b"x" * 2**20) for _ in range(100)) + packer.flush()
    )
    write(tmp_path / "bomb.csv", packed)
    write(tmp_path / "good" / "E0.csv", season(row(PLANTED)))
    code, lines, complaint = command(tmp_path)
    assert (code, complaint, len(lines)) == (0, "", 2)
    (skipped,) = lines[-1]["summary"]["skipped"]
    assert is_one_clear_line(skipped["reason"])


def test_a_name_that_no_system_takes_is_named(tmp_path: Path) -> None:
    good = write(tmp_path / "E0.csv", season(row(PLANTED)))
    for form in ("auto", "football-data"):
        found, summary = scan(Path("n" * 5_000), good, form=form)
        assert len(found) == len(summary.skipped) == 1


def test_a_file_that_disappears_is_only_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between being found and being read, a file may go; progress is told in between."""
    monkeypatch.setattr("crossbook.pipeline.scan._CHUNK", 1)
    for number in range(3):
        write(tmp_path / f"{number}.csv", season(row(PLANTED)))

    def remove(done: int, _: int) -> None:
        if done == 1:
            (tmp_path / "2.csv").unlink()

    found, summary = scan(tmp_path, progress=remove)
    assert (len(found), [skipped.reason for skipped in summary.skipped]) == (2, ["no such file"])


# ---------------------------------------------------------------- as somebody who may not read everything

NOBODY = 65_534


def as_nobody(work: Callable[[], object]) -> Any:
    """The JSON of what the work returns in a child process that gave up its rights."""
    if os.geteuid() == 0:
        arrive, leave = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover - the child is measured by what it sends
            status = 1
            try:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
                os.write(leave, json.dumps(work()).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(leave)
        with os.fdopen(arrive, "rb") as answer:
            text = answer.read()
        _, status = os.waitpid(child, 0)
        assert status == 0
        return json.loads(text)
    return json.loads(json.dumps(work()))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can enter, as pytest's own cannot be."""
    with tempfile.TemporaryDirectory(prefix="crossbook-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def skipped_in(folder: Path, form: str = "auto") -> Callable[[], object]:
    def work() -> object:
        found, summary = scan(folder, form=form)
        return [len(found), [[Path(each.file).name, each.reason] for each in summary.skipped]]

    work()  # everything the scan imports is loaded while it may be read
    return work


@pytest.mark.parametrize("form", ["auto", "football-data"])
def test_a_file_that_may_not_be_read_is_named(open_folder: Path, form: str) -> None:
    write(open_folder / "E0.csv", season(row(PLANTED)))
    write(open_folder / "secret.csv", season(row())).chmod(0)
    found, skipped = as_nobody(skipped_in(open_folder, form))
    assert (found, skipped) == (1, [["secret.csv", "cannot be read: Permission denied"]])


def test_a_folder_that_may_not_be_entered_is_named(open_folder: Path) -> None:
    write(open_folder / "E0.csv", season(row(PLANTED)))
    write(open_folder / "secret" / "E1.csv", season(row()))
    (open_folder / "secret").chmod(0)
    try:
        work = skipped_in(open_folder)
        found, skipped = as_nobody(work)
        assert (found, skipped) == (1, [["secret", "cannot be read: Permission denied"]])
    finally:
        (open_folder / "secret").chmod(0o700)


def test_a_file_in_a_folder_that_may_not_be_entered_is_named(open_folder: Path) -> None:
    inner = write(open_folder / "secret" / "E1.csv", season(row()))
    inner.parent.chmod(0)
    try:
        found, skipped = as_nobody(skipped_in(inner))
        assert (found, skipped) == (0, [["E1.csv", "cannot be read: Permission denied"]])
    finally:
        inner.parent.chmod(0o700)


def test_a_stream_of_nonsense_between_good_messages_is_told_line_by_line(tmp_path: Path) -> None:
    good = stream([{"id": "1.100"}])
    path = write(tmp_path / "1.100", good + "nonsense\n" * 3 + good)
    _, summary = scan(path)
    assert [skipped.line for skipped in summary.skipped if "JSON" in skipped.reason] == [2, 3, 4]

"""Files as documents: which are found, how they are unpacked, and who reads them."""

from __future__ import annotations

import bz2
import gzip
import os
from pathlib import Path

import pytest

from crossbook.base.errors import BadData, Misconfigured
from crossbook.pipeline.files import files_below, read_document, reader_of
from crossbook.venues import readers
from tests.pipeline.made_up import odds_api_io, row, season, stream, the_odds_api, three, write

GOOD = season(row()).encode()


def names(root: Path, *paths: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in files_below(paths)]


def test_folders_are_read_through_in_a_stable_order(tmp_path: Path) -> None:
    for name in ("b/2.csv", "b/10.csv", "a/z.csv", "a/inner/y.csv", "top.csv"):
        write(tmp_path / name, GOOD)
    expected = ["top.csv", "a/z.csv", "a/inner/y.csv", "b/10.csv", "b/2.csv"]
    assert names(tmp_path, tmp_path) == expected
    assert names(tmp_path, tmp_path / "b", tmp_path / "top.csv") == ["b/10.csv", "b/2.csv", "top.csv"]


def test_a_file_given_twice_or_by_two_ways_is_read_once(tmp_path: Path) -> None:
    file = write(tmp_path / "x" / "one.csv", GOOD)
    (tmp_path / "link.csv").symlink_to(file)
    (tmp_path / "other_folder").symlink_to(tmp_path / "x", target_is_directory=True)
    assert len(names(tmp_path, tmp_path)) == 1
    assert names(tmp_path, file, tmp_path / "x", tmp_path / "x" / ".." / "x" / "one.csv") == ["x/one.csv"]
    assert len(list(files_below([tmp_path / "other_folder", tmp_path / "x"]))) == 1


def test_hidden_files_and_folders_are_passed_over_unless_they_are_named(tmp_path: Path) -> None:
    hidden = write(tmp_path / ".notes.csv", GOOD)
    write(tmp_path / ".git" / "x.csv", GOOD)
    assert names(tmp_path, tmp_path) == []
    assert list(files_below([hidden])) == [hidden]


def test_links_that_go_round_in_circles_end(tmp_path: Path) -> None:
    write(tmp_path / "a" / "one.csv", GOOD)
    (tmp_path / "a" / "up").symlink_to("..", target_is_directory=True)
    (tmp_path / "a" / "self").symlink_to("self")
    found = names(tmp_path, tmp_path)
    assert found == ["a/one.csv", "a/self"]
    with pytest.raises(BadData, match="links"):
        read_document(tmp_path / "a" / "self")


def test_a_path_that_is_not_there_is_kept_for_the_report(tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    assert list(files_below([missing])) == [missing]
    for attempt in (read_document, lambda path: reader_of(path, readers())):
        with pytest.raises(BadData, match="no such file"):
            attempt(missing)


def test_a_name_too_long_for_any_file_is_kept_for_the_report() -> None:
    (path,) = files_below([Path("n" * 5_000)])
    with pytest.raises(BadData, match="cannot be read"):
        read_document(path)


def test_pipes_and_devices_are_never_waited_on(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path(os.devnull), tmp_path):
        with pytest.raises(BadData, match="not a regular file"):
            read_document(path)


def test_the_last_parts_of_the_path_come_with_the_content(tmp_path: Path) -> None:
    path = write(tmp_path / "leagues" / "1011" / "E0.csv", GOOD)
    assert read_document(path).parts == ("leagues", "1011", "E0.csv")
    assert read_document(path).data == GOOD
    assert read_document(path).received is None


@pytest.mark.parametrize("pack", [bytes, bz2.compress, gzip.compress])
def test_packed_files_are_unpacked_by_what_they_are_and_not_by_their_name(tmp_path: Path, pack: type) -> None:
    path = write(tmp_path / "E0.csv", pack(GOOD))
    assert read_document(path).data == GOOD
    assert reader_of(path, readers()).format == "football-data"


@pytest.mark.parametrize("pack", [bytes, bz2.compress, gzip.compress])
def test_a_document_larger_than_the_limit_is_refused(tmp_path: Path, pack: type) -> None:
    path = write(tmp_path / "E0.csv", pack(GOOD))
    assert read_document(path, limit=len(GOOD)).data == GOOD
    with pytest.raises(BadData, match="larger than"):
        read_document(path, limit=len(GOOD) - 1)


def test_a_small_file_that_unpacks_without_end_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "bomb.bz2", bz2.compress(bytes(30_000_000)))
    assert path.stat().st_size < 1_000
    with pytest.raises(BadData, match="larger than 1 MiB"):
        read_document(path, limit=1024 * 1024)


@pytest.mark.parametrize("pack", [bz2.compress, gzip.compress])
def test_broken_archives_are_refused(tmp_path: Path, pack: type) -> None:
    packed = bytes(pack(os.urandom(5_000)))
    damaged = bytearray(packed)
    for place in range(len(packed) // 2, len(packed) // 2 + 40):
        damaged[place] ^= 0xFF
    for broken in (packed[:-12], packed[:20], packed[:3], bytes(damaged)):
        with pytest.raises(BadData, match="cannot be read"):
            read_document(write(tmp_path / "broken", broken))


def test_a_gzip_file_with_a_broken_table_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(GOOD * 50))
    packed[40] ^= 0xFF
    packed[41] ^= 0xFF
    path = write(tmp_path / "broken.gz", bytes(packed))
    with pytest.raises(BadData, match="cannot be read"):
        read_document(path)
    with pytest.raises(BadData, match="cannot be read"):
        reader_of(path, readers())


RECOGNISED = [
    ("E0.csv", GOOD, "football-data"),
    ("odds.json", odds_api_io("A", "B", {"Bet365": three(2, 3, 4)}).encode(), "odds-api.io"),
    ("odds.txt", the_odds_api("A", "B", {"bookone": three(2, 3, 4)}).encode(), "the-odds-api"),
    ("1.100", stream([{"id": "1.100"}]).encode(), "betfair-stream"),
]


@pytest.mark.parametrize(("name", "data", "form"), RECOGNISED)
def test_formats_are_recognised_by_content_and_can_be_forced(
    tmp_path: Path, name: str, data: bytes, form: str
) -> None:
    path = write(tmp_path / name, data)
    assert reader_of(path, readers()).format == form
    for forced in readers():
        assert reader_of(path, readers(), forced).format == forced


@pytest.mark.parametrize("data", [b"", b" \r\n\t ", bytes(100), b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_file_with_nothing_in_it_is_called_empty(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadData, match="empty"):
        reader_of(write(tmp_path / "x", data), readers())


@pytest.mark.parametrize("data", [b"hello", b"{}", b"a,b\n1,2\n", bytes(range(1, 256))])
def test_a_format_nobody_reads_is_said_to_be_one(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadData, match="not a format"):
        reader_of(write(tmp_path / "x", data), readers())


def test_a_format_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    path = write(tmp_path / "E0.csv", GOOD)
    with pytest.raises(Misconfigured, match=r"'csv' is not one of auto, .*football-data"):
        reader_of(path, readers(), "csv")

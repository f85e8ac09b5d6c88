"""The figures of a run: counted from what was told, written line by line, and said in words at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from crossbook.base.clock import SECOND
from crossbook.cli.summary import Tally, change_line, print_summary
from crossbook.model.life import Change, Moment
from crossbook.model.opportunity import Reason, Verdict
from crossbook.model.report import change_object
from crossbook.pipeline.live import Tick
from tests.cli.test_screen import HOSTILE, START, change, view


def tick(*changes: Change) -> Tick:
    return Tick(number=1, at=START, changes=list(changes), moved=[], events=[], faults=[], scanned=1)


def closed(opened: Change, *names: str) -> Change:
    why = tuple(Reason(name, "so it is") for name in names)
    return msgspec.structs.replace(opened, at=opened.at + SECOND, moment=Moment.CLOSED, why=why)


@pytest.fixture
def tally(tmp_path: Path) -> Iterator[Tally]:
    with closing(Tally(START, tmp_path / "changes.jsonl", echo=False)) as made:
        yield made


def test_lives_are_counted_by_verdict_and_reason(tally: Tally) -> None:
    first, second, refused = change(1), change(2, Verdict.RULE_EXPOSED), change(3, Verdict.REJECTED)
    tally.take(tick(refused, first, second))
    tally.take(tick(closed(first, "moved", "moved"), closed(second, "moved"), closed(refused, "withdrawn")))
    summary = tally.summary(view())
    assert summary.opened == {"rejected": 1, "pure": 1, "rule_exposed": 1}
    assert summary.closed_because == {"moved": 2}  # once for each life, and only of what was believed
    assert summary.refused_because == {"stale": 1}
    assert summary.first_opportunity_s == 1.0  # the refused one came first and does not count
    assert summary.seconds == 100.0


def test_every_change_is_one_line_of_the_file(tally: Tally, tmp_path: Path) -> None:
    first = change(1)
    tally.take(tick(first))
    tally.take(tick(closed(first, "moved")))
    tally.close()
    told = [json.loads(line) for line in (tmp_path / "changes.jsonl").read_bytes().splitlines()]
    assert told == [change_object(first), change_object(closed(first, "moved"))]


def test_what_comes_after_the_end_is_not_told(tally: Tally, tmp_path: Path) -> None:
    tally.close()
    tally.take(tick(change(1)))
    assert (tmp_path / "changes.jsonl").read_bytes() == b""
    assert tally.summary(view()).opened == {}


def test_lines_are_echoed_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(START, tmp_path / "changes.jsonl", echo=True)
    tally.take(tick(change(1)))
    assert json.loads(capsys.readouterr().out) == change_object(change(1))
    tally.close()


def test_a_line_for_people_spells_hostile_names_out() -> None:
    line = change_line(change(1, name=HOSTILE)).plain
    assert r"Evil\x1b[2J" in line
    assert line.isprintable()
    assert change_line(closed(change(1), "moved")).plain.split()[0] == "closed"


def test_the_summary_for_people(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    tally.take(tick(change(1), change(3, Verdict.REJECTED)))
    tally.take(tick(closed(change(1), "withdrawn")))
    print_summary(tally.summary(view(3)))
    out = " ".join(capsys.readouterr().out.split())
    assert "PAPER: 100 s. Nothing was placed anywhere." in out
    assert "1 opportunities opened; they closed because: withdrawn 1." in out
    assert "1 more were refused: stale 1." in out
    assert "1.2 ms at the median, 9.9 ms at the 99th percentile" in out


def test_the_summary_of_nothing(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(tally.summary(msgspec.structs.replace(view(), latency=None)))
    out = capsys.readouterr().out
    assert "0 opportunities opened; they closed because: nothing." in " ".join(out.split())
    assert "first opportunity" not in out


def test_without_a_file_all_is_counted_the_same() -> None:
    with closing(Tally(START, None, echo=False)) as tally:
        tally.take(tick(change(1)))
        assert tally.summary(view()).opened == {"pure": 1}

"""The benchmark of matching measures both ways, and nothing in it is joined wrongly."""

from __future__ import annotations

import re

import pytest

from benchmarks import matching


def test_both_ways_are_timed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in {"EVENTS": 200, "TEAMS": 150, "NEW": 20}.items():
        monkeypatch.setattr(matching, name, value)
    matching.compare(None, 2)
    said = capsys.readouterr().out
    assert len(re.findall(r" us, ", said)) == 2
    joined = [float(share) for share in re.findall(r"([\d.]+)% joined", said)]
    assert min(joined) > 80
    assert said.endswith("joined, 0 wrongly\n")

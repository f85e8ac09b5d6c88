"""What every test of the command line may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.made_up import COLUMNS, FAIR, PLANTED, row, season, write

WILD = PLANTED.replace("3.65", "9.5")


@pytest.fixture
def seasons(tmp_path: Path) -> Path:
    """Three matches: nothing, a plain arbitrage, one that no one believes; and one broken row."""
    rows = [
        row(),
        row(PLANTED, "Hilltop", "Lakeside"),
        row(WILD, "Wild", "Lakeside"),
        row(FAIR.replace("4.1", "x"), "Broken"),
    ]
    timed = [text.replace("14/08/10", "14/08/10,15:00") for text in rows]
    write(tmp_path / "1011" / "E0.csv", season(*timed, columns=COLUMNS.replace("Date", "Date,Time")))
    return tmp_path

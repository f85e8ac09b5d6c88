"""What every test of the command line may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.made_up import COLUMNS, FAIR, PLANTED, row, season, write
from tests.store.conftest import database, postgres, postgres15, postgres15_server
from tests.store.servers import open_folder

__all__ = ["data", "database", "postgres", "postgres15", "postgres15_server", "seasons"]

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


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder for data that PostgreSQL's user can reach, and that is gone afterwards."""
    with open_folder() as folder:
        yield folder

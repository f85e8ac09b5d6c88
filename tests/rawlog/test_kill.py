"""A writer that is killed loses nothing it acknowledged (the short form of `tests/rawlog/kill.py`)."""

from __future__ import annotations

from tests.rawlog.kill import POINTS, run


def test_killed_writers_lose_nothing() -> None:
    killed = run(len(POINTS) + 2, seed=20)
    assert set(killed) >= {point for point in POINTS if not point.startswith("open")}

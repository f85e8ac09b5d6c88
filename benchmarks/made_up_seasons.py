"""Season files in football-data.co.uk's columns with made-up prices, for machines without recorded data."""

from __future__ import annotations

import csv
import random
from itertools import permutations
from math import exp, factorial
from pathlib import Path

_BOOKS = ("B365", "BW", "IW", "PS", "WH", "VC")
_TEAMS = tuple(f"Club {letter}" for letter in "ABCDEFGHIJKLMNOPQRST")
_SEASONS = ("1920", "2021", "2122", "2223")


def write_seasons(folder: Path, seed: int = 1, seasons: tuple[str, ...] = _SEASONS) -> Path:
    """Write seasons of three divisions and give the folder back. The same seed writes the same bytes."""
    chance = random.Random(seed)
    for season in seasons:
        for division in ("E0", "E1", "D1"):
            path = folder / season / f"{division}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", newline="") as stream:
                rows = csv.writer(stream)
                rows.writerow(_header())
                for number, (home, away) in enumerate(permutations(_TEAMS, 2)):
                    rows.writerow(
                        [
                            division,
                            f"{number % 28 + 1:02d}/{number % 12 + 1:02d}/20{season[:2]}",
                            home,
                            away,
                            *_prices(chance),
                        ]
                    )
    return folder


def _header() -> list[str]:
    results = [book + outcome for book in _BOOKS for outcome in "HDA"]
    goals = ["B365>2.5", "B365<2.5", "P>2.5", "P<2.5", "AHh", "B365AHH", "B365AHA", "PAHH", "PAHA"]
    return ["Div", "Date", "HomeTeam", "AwayTeam", *results, *goals]


def _prices(chance: random.Random) -> list[str]:
    home, away = chance.uniform(0.8, 2.2), chance.uniform(0.6, 1.9)
    scores = {(h, a): _poisson(home, h) * _poisson(away, a) for h in range(11) for a in range(11)}
    outcomes = [
        sum(p for (h, a), p in scores.items() if h > a),
        sum(p for (h, a), p in scores.items() if h == a),
        sum(p for (h, a), p in scores.items() if h < a),
    ]
    over = sum(p for (h, a), p in scores.items() if h + a > 2)
    line = -0.5 if home > away else 0.5
    covered = outcomes[0] if line < 0 else outcomes[0] + outcomes[1]
    cells = [_odds(chance, probability) for _ in _BOOKS for probability in outcomes]
    cells += [_odds(chance, probability) for _ in range(2) for probability in (over, 1 - over)]
    cells.append(str(line))
    cells += [_odds(chance, probability) for _ in range(2) for probability in (covered, 1 - covered)]
    return cells


def _poisson(rate: float, count: int) -> float:
    return exp(-rate) * rate**count / factorial(count)


def _odds(chance: random.Random, probability: float) -> str:
    """A price with a bookmaker's margin and a little noise."""
    return f"{max(1.01, chance.gauss(0.96, 0.015) / max(probability, 0.001)):.2f}"

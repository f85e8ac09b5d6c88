"""How well linking does on labelled pairs: recall, wrong accepts with and without the true partner, review share.

The file of pairs has two sources a row (``src_a, a_home, a_away, a_date, a_time`` and the same with b), a league
and a season. Nothing of it but names, dates and (with zones) times reaches the matcher: keys are hashes, and the
competition stays empty, because the league's code is one and the same for both sources.

Run it: ``python -m tests.matching.evaluate PAIRS.csv [--negatives FILE] [--leagues D1,E0] [--times]``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crossbook.base.clock import SECOND
from crossbook.matching.match import Decision, Outcome, link
from crossbook.model.quote import Listing

FOLDS = 20
"""In the open world a listing is offered while a twentieth of the other source, its partner too, is absent."""
ZONES = {
    "football-data.co.uk": "Europe/London",
    "futpython": "Etc/GMT+3",
    "D1": "Europe/Berlin",
    "SP1": "Europe/Madrid",
    "I1": "Europe/Rome",
    "N1": "Europe/Amsterdam",
    "F2": "Europe/Paris",
}


class Pair(NamedTuple):
    """Two listings, and whether they are one event."""

    league: str
    left: Listing
    right: Listing


class Figures(NamedTuple):
    """What was measured; shares are fractions of the pairs."""

    pairs: int
    recall: float
    wrong_closed: int
    review_share: float
    wrong_open: int
    open_review_share: float
    events_per_second: float


def read(path: Path, leagues: Iterable[str] = (), times: bool = False) -> list[Pair]:
    """The pairs of a file, of all leagues or those asked for; `times` gives starts where the zone is known."""
    wanted = set(leagues)
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [
        Pair(row.get("league") or row["league_a"], _listing(row, "a", times), _listing(row, "b", times))
        for row in rows
        if not wanted or (row.get("league") or row["league_a"]) in wanted
    ]


def _listing(row: dict[str, str], side: str, times: bool) -> Listing:
    source, home, away = row[f"src_{side}"], row[f"{side}_home"], row[f"{side}_away"]
    date, clock = row[f"{side}_date"], row[f"{side}_time"]
    league = row.get("league") or row[f"league_{side}"]
    key = hashlib.sha256(f"{source}|{league}|{home}|{away}|{date}".encode()).hexdigest()[:16]
    start = None
    if times and clock:
        zone = ZoneInfo(ZONES.get(source) or ZONES.get(league, "Europe/London"))
        start = int(datetime.fromisoformat(f"{date}T{clock}").replace(tzinfo=zone).timestamp()) * SECOND
    return Listing(
        source=source, key=key, sport="football", competition="", home=home, away=away, date=date, start=start
    )


def measure(pairs: Sequence[Pair], folds: int = FOLDS) -> Figures:
    """Link every pair of sources on its own, all leagues and dates together, in both worlds."""
    by_sources: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_sources[pair.left.source, pair.right.source].append(pair)
    right = wrong = review = wrong_open = review_open = 0
    seconds = 0.0
    for of_sources in by_sources.values():
        partner = {_sides(pair.left, pair.right) for pair in of_sources}
        began = time.perf_counter()
        decisions = link([side for pair in of_sources for side in (pair.left, pair.right)])
        seconds += time.perf_counter() - began
        accepted = {_key(each) for each in decisions if each.outcome is Outcome.ACCEPT}
        right += len(accepted & partner)
        wrong += len(accepted - partner)
        asked = {_key(each) for each in decisions if each.outcome is Outcome.REVIEW}
        done = {side for pair in accepted for side in pair}
        waiting = {side for pair in asked for side in pair} - done
        review += sum(pair.left.key in waiting or pair.right.key in waiting for pair in of_sources)
        for fold in range(folds):
            outcomes = Counter(each.outcome for each in link(_without_partners(of_sources, fold, folds)))
            wrong_open += outcomes[Outcome.ACCEPT]
            review_open += outcomes[Outcome.REVIEW]
    count = len(pairs)
    return Figures(
        count, right / count, wrong, review / count, wrong_open, review_open / count, 2 * count / seconds
    )


def accepted_negatives(pairs: Iterable[Pair]) -> list[Decision]:
    """Pairs known to be different events that are accepted when offered alone."""
    return [
        each for pair in pairs for each in link([pair.left, pair.right]) if each.outcome is Outcome.ACCEPT
    ]


def _without_partners(pairs: Sequence[Pair], fold: int, folds: int) -> list[Listing]:
    """The left listings of one fold, against the right listings of all others: every true partner is absent."""
    return [pair.left if place % folds == fold else pair.right for place, pair in enumerate(pairs)]


def _sides(left: Listing, right: Listing) -> tuple[str, str]:
    return (left.key, right.key) if left.source < right.source else (right.key, left.key)


def _key(decision: Decision) -> tuple[str, str]:
    return decision.left.key, decision.right.key


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--negatives", type=Path)
    parser.add_argument("--leagues", default="")
    parser.add_argument("--times", action="store_true")
    options = parser.parse_args()
    leagues = [league for league in options.leagues.split(",") if league]
    print(json.dumps(measure(read(options.pairs, leagues, options.times))._asdict()))
    if options.negatives:
        negatives = read(options.negatives, leagues, options.times)
        print(json.dumps({"negatives": len(negatives), "accepted": len(accepted_negatives(negatives))}))


if __name__ == "__main__":
    main()

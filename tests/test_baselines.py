"""Fourteen recorded seasons against the two lists of their arbitrage, and every plan summed anew."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.oracles.settlement_reference import settle

Found = dict[str, Any]
Match = tuple[str, str, str, str, str, str]

BREAK_EVENS: dict[Match, str] = {
    ("prematch", "1011", "P1", "2010-11-27", "Sp Lisbon", "Porto"): "5/21 + 6/21 + 10/21",
    ("prematch", "1415", "I1", "2015-02-08", "Cagliari", "Roma"): "5/21 + 6/21 + 10/21",
    ("prematch", "1314", "E2", "2013-10-22", "Wolves", "Oldham"): "7/42 + 10/42 + 25/42",
    ("closing", "2021", "E0", "2020-11-30", "Leicester", "Fulham"): "7/42 + 10/42 + 25/42",
}
"""Rows of the list of match results whose three prices come to exactly 1; floats make a hair less of it."""
CLOSE = Fraction(1, 1_000_000)
GOALS = range(13)


@dataclass(frozen=True)
class Scanned:
    """What ``crossbook scan --json`` printed."""

    found: list[Found]
    summary: dict[str, Any]

    def best(self) -> dict[Match, Fraction]:
        """The highest guaranteed return of each match, whatever the verdict."""
        best: dict[Match, Fraction] = {}
        for one in self.found:
            event = one["event"]
            match = (
                one["basis"],
                *(event[name] for name in ("season", "competition", "date", "home", "away")),
            )
            best[match] = max(best.get(match, Fraction(0)), Fraction(one["guaranteed_return"]))
        return best


def scanned(folder: Path, markets: str) -> Scanned:
    done = subprocess.run(
        [sys.executable, "-m", "crossbook", "scan", str(folder), "--markets", markets, "--json"],
        capture_output=True,
        check=True,
        timeout=300,
    )
    assert done.stderr == b""
    *found, last = (json.loads(line) for line in done.stdout.splitlines())
    return Scanned(found, last["summary"])


@pytest.fixture(scope="module")
def match_results(real_data: Path) -> Scanned:
    return scanned(real_data / "sports" / "football_data", "1x2")


@pytest.fixture(scope="module")
def all_markets(real_data: Path) -> Scanned:
    return scanned(real_data / "sports" / "football_data", "all")


def baseline(real_data: Path, name: str) -> dict[Match, dict[str, str]]:
    with (real_data / "sports" / name).open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    by_match = {
        (row["basis"], row["season"], row["div"], row["date"], row["home"], row["away"]): row for row in rows
    }
    assert len(by_match) == len(rows)
    return by_match


def count(matches: Any) -> dict[str, int]:
    bases = [match[0] for match in matches]
    return {basis: bases.count(basis) for basis in sorted(set(bases))}


def inverse_sum(row: dict[str, str]) -> Fraction:
    return sum((1 / Fraction(row[name]) for name in ("h_odds", "d_odds", "a_odds")), Fraction(0))


def test_match_results_are_those_of_the_list_without_its_four_break_evens(
    real_data: Path, match_results: Scanned
) -> None:
    rows = baseline(real_data, "arb_1x2_baseline.csv")
    assert count(rows) == {"closing": 535, "prematch": 2_136}
    assert {match for match, row in rows.items() if inverse_sum(row) >= 1} == BREAK_EVENS.keys()
    found = match_results.best()
    expected = rows.keys() - BREAK_EVENS.keys()
    assert sorted(expected - found.keys()) == []
    assert sorted(found.keys() - expected) == []
    assert count(found) == {"closing": 534, "prematch": 2_133}
    apart = {match: abs(found[match] - 1 / inverse_sum(rows[match])) for match in expected}
    assert max(apart.values()) < CLOSE


def test_the_four_rows_left_out_break_even_exactly(real_data: Path) -> None:
    rows = baseline(real_data, "arb_1x2_baseline.csv")
    for match, worked in BREAK_EVENS.items():
        row = rows[match]
        parts = sorted(1 / Fraction(row[name]) for name in ("h_odds", "d_odds", "a_odds"))
        assert parts == sorted(Fraction(part) for part in worked.split(" + "))
        assert sum(parts) == 1
        assert abs(float(row["margin"])) < 1e-9


def test_all_markets_are_those_of_the_list(real_data: Path, all_markets: Scanned) -> None:
    rows = baseline(real_data, "arb_lp_baseline.csv")
    assert count(rows) == {"closing": 629, "prematch": 333}
    found = all_markets.best()
    assert sorted(rows.keys() - found.keys()) == []
    assert sorted(found.keys() - rows.keys()) == []
    apart = {match: abs(found[match] - Fraction(row["guaranteed_return"])) for match, row in rows.items()}
    assert max(apart.values()) < 2 * CLOSE, "the list itself is rounded to six places"


@pytest.fixture(params=["match_results", "all_markets"])
def scan(request: pytest.FixtureRequest) -> Scanned:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Scanned)
    return found


def test_every_file_is_read_and_the_summary_agrees_with_the_lines(scan: Scanned) -> None:
    assert scan.summary["files"] == 235
    assert scan.summary["opportunities"] == len(scan.found)
    verdicts = [one["verdict"] for one in scan.found]
    assert scan.summary["by_verdict"] == {verdict: verdicts.count(verdict) for verdict in set(verdicts)}
    assert set(verdicts) == {"pure", "rejected"}
    assert all(skipped["line"] is not None for skipped in scan.summary["skipped"])


def test_every_rejected_one_says_why_and_no_other_does(scan: Scanned) -> None:
    for one in scan.found:
        assert bool(one["reasons"]) is (one["verdict"] == "rejected")
        assert all(": " in reason for reason in one["reasons"])


def test_a_match_is_told_once_for_each_verdict(scan: Scanned) -> None:
    told: dict[str, list[str]] = defaultdict(list)
    for one in scan.found:
        told[json.dumps([one["basis"], one["event"]])].append(one["verdict"])
    assert all(len(verdicts) == len(set(verdicts)) for verdicts in told.values())


@cache
def profits(market: str, selection: str, line: str | None, price: str) -> tuple[Fraction, ...]:
    """What one unit on a printed leg wins or loses in every score."""
    odds = Fraction(price)
    results = []
    for home in GOALS:
        for away in GOALS:
            won, refunded = settle(market, selection, None if line is None else Fraction(line), home, away)
            results.append(won * odds + refunded - 1)
    return tuple(results)


def in_every_state(one: Found, amounts: list[Fraction]) -> list[Fraction]:
    legs = [profits(leg["market"], leg["selection"], leg["line"], leg["price"]) for leg in one["legs"]]
    return [
        sum((amount * profit for amount, profit in zip(amounts, state, strict=True)), Fraction(0))
        for state in set(zip(*legs, strict=True))
    ]


def test_every_plan_summed_anew_never_loses(scan: Scanned) -> None:
    planned = 0
    for one in scan.found:
        plan = one["rounded"]
        if plan is None:
            assert one["rounded_reason"]
            assert {leg["stake"] for leg in one["legs"]} == {None}
            continue
        planned += 1
        assert one["rounded_reason"] is None
        assert {leg["side"] for leg in one["legs"]} == {"back"}
        stakes = [Fraction(leg["stake"]) for leg in one["legs"]]
        assert all(stake.denominator == 1 and stake >= 0 for stake in stakes)
        assert [leg["risk"] for leg in one["legs"]] == [leg["stake"] for leg in one["legs"]]
        assert sum(stakes) == Fraction(plan["staked"]) <= Fraction(plan["bank"]) == 100
        states = in_every_state(one, stakes)
        assert min(states) == Fraction(plan["worst"]) > 0
        assert max(states) == Fraction(plan["best"])
    assert planned > len(scan.found) / 2


def test_the_printed_shares_guarantee_the_printed_return(scan: Scanned) -> None:
    for one in scan.found:
        shares = [Fraction(leg["share"]) for leg in one["legs"]]
        assert 0 <= 1 - sum(shares) < len(shares) * CLOSE
        assert all(share > 0 for share in shares)
        largest = max(Fraction(leg["price"]) for leg in one["legs"])
        short = Fraction(one["guaranteed_return"]) - 1 - min(in_every_state(one, shares))
        assert abs(short) < len(shares) * largest * CLOSE

"""A second pair of eyes: reads a recording's files by the venues' formats and settles bets in its own way."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from crossbook.sim.truth import AGGREGATOR, EXCHANGE, FEED, PREDICTION, Price, Truth

Table = npt.NDArray[np.float64]
GOALS = range(13)
"""Wider than the world's own grid, so that its cut-off hides nothing."""
MARKETS = {"h2h": "1x2", "spreads": "asian_handicap", "totals": "total"}
CATALOGUE = {"ML": "1x2", "Spread": "asian_handicap", "Totals": "total", "Both Teams To Score": "btts"}


@dataclass(frozen=True)
class Seen:
    """One price as a file states it."""

    fixture: int
    source: str
    venue: str
    market: str
    selection: str
    line: Fraction | None
    side: str
    odds: Fraction

    def pays(self, home: int, away: int) -> Fraction:
        """What comes back for one unit at risk, before commission."""
        won, refunded = settled(self.market, self.selection, self.line, home, away)
        if self.side == "back":
            return won * self.odds + refunded
        return (1 - won - refunded) * self.odds / (self.odds - 1) + refunded


def settled(
    market: str, selection: str, line: Fraction | None, home: int, away: int
) -> tuple[Fraction, Fraction]:
    """The shares of a backed stake that win and are refunded."""
    if market == "1x2":
        return Fraction(
            {"home": home > away, "draw": home == away, "away": home < away}[selection]
        ), Fraction(0)
    if market == "btts":
        return Fraction((min(home, away) > 0) == (selection == "yes")), Fraction(0)
    assert line is not None
    if (2 * line).denominator == 2:
        near = [settled(market, selection, line + Fraction(step, 4), home, away) for step in (-1, 1)]
        return (near[0][0] + near[1][0]) / 2, (near[0][1] + near[1][1]) / 2
    ahead = home + away - line if market == "total" else home + line - away
    if selection in ("under", "away"):
        ahead = -ahead
    return Fraction(ahead > 0), Fraction(ahead == 0)


def as_seen(price: Price) -> Seen:
    """A price of the truth in the shape of the files' prices."""
    fields = (price.market, price.selection, price.line, price.side, price.odds)
    return Seen(price.fixture, price.source, price.venue, *fields)


def read_folder(folder: Path, truth: Truth) -> list[Seen]:
    """Every price that stands in the visible files at their end, suspended markets included."""
    seen = list(_feed(folder / "odds-feed.json", truth))
    for path in sorted(folder.glob("aggregator-*.json")):
        seen += _aggregator(path, truth)
    seen += _contracts(folder / "prediction-market.json", truth)
    return seen + _stream(folder / "exchange.stream", truth)


def _numbers(truth: Truth, source: str) -> dict[str, int]:
    return {fixture.ids[source]: fixture.number for fixture in truth.fixtures}


def exact(value: object) -> Fraction:
    """The number as its text says it."""
    return Fraction(str(value))


def _feed(path: Path, truth: Truth) -> Iterable[Seen]:
    numbers = _numbers(truth, FEED)
    for event in json.loads(path.read_bytes()):
        words = {event["home_team"]: "home", event["away_team"]: "away"}
        words |= {"Draw": "draw", "Over": "over", "Under": "under"}
        for book in event["bookmakers"]:
            for market in book["markets"]:
                for outcome in market["outcomes"]:
                    selection = words[outcome["name"]]
                    line = exact(outcome["point"]) if "point" in outcome else None
                    if market["key"] == "spreads" and selection == "away" and line is not None:
                        line = -line
                    fields = (MARKETS[market["key"]], selection, line, "back", exact(outcome["price"]))
                    yield Seen(numbers[event["id"]], FEED, book["key"], *fields)


def _aggregator(path: Path, truth: Truth) -> Iterable[Seen]:
    event = json.loads(path.read_bytes())
    number = _numbers(truth, AGGREGATOR)[str(event["id"])]
    for venue, markets in event["bookmakers"].items():
        for market in markets:
            for row in market["odds"]:
                line = exact(row["hdp"]) if "hdp" in row else None
                for selection in row.keys() - {"hdp"}:
                    fields = (CATALOGUE[market["name"]], selection, line, "back", exact(row[selection]))
                    yield Seen(number, AGGREGATOR, venue, *fields)


def _contracts(path: Path, truth: Truth) -> Iterable[Seen]:
    numbers = _numbers(truth, PREDICTION)
    for record in json.loads(path.read_bytes()):
        event, _, code = record["ticker"].rpartition("-")
        assert event == record["event_ticker"]
        selection = "draw" if code == "TIE" else "home" if event.endswith(code, 0, -3) else "away"
        bid, ask = exact(record["yes_bid_dollars"]), exact(record["yes_ask_dollars"])
        assert bid == 1 - exact(record["no_ask_dollars"])
        assert ask == 1 - exact(record["no_bid_dollars"])
        assert bid < ask
        for side, price in (("back", ask), ("lay", bid)):
            yield Seen(numbers[event], PREDICTION, "kalshi", "1x2", selection, None, side, 1 / price)


@dataclass
class Market:
    """One exchange market as its messages leave it."""

    definition: dict[str, Any]
    ladders: dict[tuple[int, str], dict[Fraction, float]]


def rebuild(path: Path) -> dict[str, Market]:
    """Every market of a stream after its last message."""
    markets: dict[str, Market] = {}
    last = 0
    for line in path.read_text().splitlines():
        message = json.loads(line)
        assert message["op"] == "mcm"
        assert message["pt"] >= last
        last = message["pt"]
        for change in message["mc"]:
            market = markets.setdefault(change["id"], Market({}, defaultdict(dict)))
            market.definition = change.get("marketDefinition", market.definition)
            if change.get("img"):
                market.ladders.clear()
            for row in change.get("rc", []):
                for side in ("atb", "atl"):
                    for odds, size in row.get(side, []):
                        ladder = market.ladders[row["id"], side]
                        ladder[exact(odds)] = size
                        if not size:
                            del ladder[exact(odds)]
    return markets


def _stream(path: Path, truth: Truth) -> list[Seen]:
    numbers = _numbers(truth, EXCHANGE)
    kinds = {"MATCH_ODDS": "1x2", "OVER_UNDER_25": "total", "BOTH_TEAMS_TO_SCORE": "btts"}
    seen = []
    for market in rebuild(path).values():
        definition = market.definition
        home, away = definition["eventName"].split(" v ")
        words = {home: "home", away: "away", "The Draw": "draw", "Yes": "yes", "No": "no"}
        words |= {"Over 2.5 Goals": "over", "Under 2.5 Goals": "under"}
        line = Fraction(5, 2) if definition["marketType"] == "OVER_UNDER_25" else None
        for runner in definition["runners"]:
            for side, best in (("atb", max), ("atl", min)):
                odds = best(market.ladders[runner["id"], side])
                word = "back" if side == "atb" else "lay"
                fields = (kinds[definition["marketType"]], words[runner["name"]], line, word, odds)
                seen.append(Seen(numbers[definition["eventId"]], EXCHANGE, "betfair", *fields))
    return seen


@cache
def _shares(market: str, selection: str, line: Fraction | None) -> Table:
    """Won and refunded shares at every score, as two columns."""
    table = [settled(market, selection, line, home, away) for home in GOALS for away in GOALS]
    return np.array([[float(won), float(refunded)] for won, refunded in table])


def _column(price: Seen) -> Table:
    """What `Seen.pays` says, at every score at once."""
    shares = _shares(price.market, price.selection, price.line)
    won: Table = shares[:, 0]
    refunded: Table = shares[:, 1]
    odds = float(price.odds)
    if price.side == "back":
        return won * odds + refunded
    return (1 - won - refunded) * odds / (odds - 1) + refunded


def best_return(prices: Sequence[Seen]) -> float:
    """The most that one unit spread over these prices gives back at every score, by linear programming."""
    rows = np.unique(np.column_stack([_column(price) for price in prices]), axis=0)
    count = len(prices)
    found = linprog(
        c=[0.0] * count + [-1.0],
        A_ub=np.hstack([-rows, np.ones((len(rows), 1))]),
        b_ub=np.zeros(len(rows)),
        A_eq=[[1.0] * count + [0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * count + [(None, None)],
    )
    assert found.success
    assert found.x is not None
    return float(found.x[-1])

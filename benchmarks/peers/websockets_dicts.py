"""The two-way detector that everybody writes first: websockets, json, and dictionaries of the best odds.

It keeps what each site says of each market, adds up the inverses of the best odds, and tells all workers at once when
the list of matches with less than one changes. It is short on purpose: floats, nothing on disk, no dates, no matching
of names that differ, no states, no screens, no stakes, and what a site no longer shows stays.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.asyncio.server import serve as serve_websockets

Market = tuple[str, str, str, float | None]
"""Home, away, market and line."""

_LINES = ("line", "handicap")


class Detector:
    """The best odds of every market, and the markets whose inverses add up to less than one."""

    def __init__(self) -> None:
        self.odds: dict[Market, dict[str, dict[str, float]]] = {}
        self.open: dict[Market, dict[str, Any]] = {}

    def update(self, message: dict[str, Any]) -> bool:
        """Take a worker's message in; returns whether what is open changed."""
        changed = False
        for match in message["data"]["matches"]:
            for name, prices in match["odds"].items():
                line = next((prices[key] for key in _LINES if key in prices), None)
                market = match["home_team"], match["away_team"], name, line
                sites = self.odds.setdefault(market, {})
                sites[message["site"]] = {key: odds for key, odds in prices.items() if key not in _LINES}
                found = self._look(market, sites)
                if found != self.open.get(market):
                    changed = True
                    if found is None:
                        del self.open[market]
                    else:
                        self.open[market] = found
        return changed

    def _look(self, market: Market, sites: dict[str, dict[str, float]]) -> dict[str, Any] | None:
        best: dict[str, tuple[float, str]] = {}
        for site, prices in sites.items():
            for selection, odds in prices.items():
                if selection not in best or odds > best[selection][0]:
                    best[selection] = odds, site
        total = sum(1 / odds for odds, _ in best.values())
        if total >= 1:
            return None
        home, away, name, line = market
        return {
            "event": {"home": home, "away": away},
            "guaranteed_return": 1 / total,
            "legs": [
                {"venue": site, "market": name, "selection": selection, "line": line, "price": odds}
                for selection, (odds, site) in best.items()
            ],
        }


async def serve(ready: Callable[[int], None], stopped: asyncio.Event) -> None:
    """Serve on a free port of this machine, which `ready` is told, until it is stopped."""
    detector = Detector()
    everybody: set[ServerConnection] = set()

    async def attend(connection: ServerConnection) -> None:
        everybody.add(connection)
        try:
            async for raw in connection:
                message = json.loads(raw)
                if message["type"] == "odds:update" and detector.update(message):
                    told = list(detector.open.values())
                    news = {"type": "arbitrage:opportunities", "count": len(told), "opportunities": told}
                    broadcast(everybody, json.dumps(news))
        finally:
            everybody.discard(connection)

    async with serve_websockets(attend, "127.0.0.1", 0, ping_interval=None) as server:
        ready(next(iter(server.sockets)).getsockname()[1])
        await stopped.wait()

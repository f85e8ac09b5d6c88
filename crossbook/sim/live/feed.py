"""The Odds API version 4: the list of sports, and the odds of one sport, which is one source, with its headers.

Each event's bytes are kept until one of its prices changes, so that a poll costs little more than joining them.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

import msgspec
from aiohttp import web

from crossbook.base.clock import SECOND
from crossbook.sim.board import Board
from crossbook.sim.formats import feed_event
from crossbook.sim.live.conductor import Conductor, Server, repeated
from crossbook.sim.live.http_site import Site, json_answer, silenced
from crossbook.sim.live.names import LEAGUES
from crossbook.sim.live.truth import Posted
from crossbook.sim.live.world import Deed, Order

API_KEY: Final = "sim-odds-api-key"

_QUOTA: Final = 500_000
_MARKETS: Final = ("h2h", "spreads", "totals")
_REGIONS: Final = ("us", "us2", "uk", "au", "eu", "fr", "se")
_REGION_OF: Final = {"pinnacle": "eu"}
_USUAL_REGION: Final = "uk"
_PAGE: Final = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"

_encode = msgspec.json.encode


class FeedServer(Server):
    """All leagues of The Odds API on one port."""

    def __init__(
        self,
        conductor: Conductor,
        sources: list[str],
        *,
        port: int = 0,
        most_per_s: int = 30,
        poll_s: float = 1.0,
    ) -> None:
        """`most_per_s` is the number of requests in a second above which the answer is 429."""
        super().__init__(conductor, sources)
        self._site = Site({"/v4/sports": self._sports, "/v4/sports/{sport}/odds": self._odds}, port)
        self._most_per_s = most_per_s
        self._poll_s = poll_s
        self._asked: deque[int] = deque()
        self._used = 0
        self._garbled = 0
        self._source_of = {wire.source.league: name for name, wire in self.wires.items()}
        self._leagues = {league.feed_key: league for league in LEAGUES}
        self._events: dict[tuple[str, int], bytes] = {}
        self._old: dict[str, Order] = {}
        self._fixtures = {fixture.number: fixture for fixture in self.world.fixtures}

    async def start(self) -> None:
        """Listen on loopback."""
        await self._site.start()

    async def stop(self) -> None:
        """Close the port."""
        await self._site.stop()

    def addresses(self) -> dict[str, dict[str, Any]]:
        """Where each league is polled, with which key and query, and how often."""
        return {
            name: {
                "kind": str(wire.source.protocol),
                "url": f"{self._site.url}/v4/sports/{wire.source.league}/odds",
                "base_url": self._site.url,
                "sport": wire.source.league,
                "api_key": API_KEY,
                "query": {"regions": "uk,eu", "markets": ",".join(_MARKETS), "oddsFormat": "decimal"},
                "poll_s": min(self._poll_s, wire.source.life_s / 3),
                "life_s": wire.source.life_s,
            }
            for name, wire in self.wires.items()
        }

    def changed(self, posted: Posted) -> None:
        """The event has to be written anew."""
        self._events.pop((posted.source, posted.fixture), None)

    def obey(self, order: Order, now: int) -> None:
        """Keep an old state for the next answer; the rest is the wire's."""
        super().obey(order, now)
        if order.deed is Deed.REPEAT_OLD:
            self._old[order.source] = order

    async def _sports(self, request: web.Request) -> web.StreamResponse:
        refusal = self._refusal(request, 0)
        if refusal is not None:
            return refusal
        sports = [
            {
                "key": league.feed_key,
                "group": "Soccer",
                "title": league.feed_title,
                "description": league.name,
                "active": True,
                "has_outrights": False,
            }
            for league in LEAGUES
            if league.feed_key in self._source_of
        ]
        return json_answer(_encode(sports), headers=self._headers(0))

    async def _odds(self, request: web.Request) -> web.StreamResponse:
        regions = _words(request, "regions")
        markets = _words(request, "markets") or ["h2h"]
        cost = len(regions) * len(markets)
        refusal = self._refusal(request, cost) or self._misasked(request, regions, markets)
        if refusal is not None:
            return refusal
        source = self._source_of[request.match_info["sport"]]
        wire = self.wires[source]
        self.conductor.catch_up()
        if await silenced(request, wire, self.clock):
            return web.Response(status=503)  # to nobody: the connection is gone
        self._used += cost
        now = self.conductor.catch_up()
        old = self._old.pop(source, None)
        whole = set(markets) == set(_MARKETS) and {*_REGION_OF.values(), _USUAL_REGION} <= set(regions)
        body = self._body(source, old) if whole else self._part(source, regions, markets)
        if wire.garble_due(now):
            return self._broken(body, cost)
        wire.up(now)
        if whole and old is None:
            wire.delivered(self.conductor.now())
        return json_answer(body, headers=self._headers(cost))

    def _body(self, source: str, old: Order | None) -> bytes:
        return b"[" + b",".join(self._event(source, number, old) for number in self._listed(source)) + b"]"

    def _listed(self, source: str) -> list[int]:
        listed = self.wires[source].source.fixtures
        return sorted(
            listed, key=lambda number: (self._fixtures[number].kick_off, self._fixtures[number].ids[source])
        )

    def _event(self, source: str, number: int, old: Order | None = None) -> bytes:
        if old is not None and old.fixture == number:
            board = repeated(self.world.boards[number], old.prices, old.stamp)
            return _encode(self._record(source, board))
        known = self._events.get((source, number))
        if known is None:
            known = _encode(self._record(source, self.world.boards[number]))
            self._events[source, number] = known
        return known

    def _record(self, source: str, board: Board) -> dict[str, Any]:
        found = self.wires[source].source
        closed = {
            (venue, market)
            for number, venue, market in self.world.suspended
            if number == board.fixture.number and venue in found.venues
        }
        venues = [venue for venue in found.venues if venue in board.seats]
        return feed_event(board, source, self._leagues[found.league], venues, closed)

    def _part(self, source: str, regions: list[str], markets: list[str]) -> bytes:
        """An answer of fewer regions or markets."""
        events = [self._record(source, self.world.boards[number]) for number in self._listed(source)]
        for event in events:
            books = [
                book for book in event["bookmakers"] if _REGION_OF.get(book["key"], _USUAL_REGION) in regions
            ]
            for book in books:
                book["markets"] = [market for market in book["markets"] if market["key"] in markets]
            event["bookmakers"] = books
        return _encode(events)

    def _refusal(self, request: web.Request, cost: int) -> web.Response | None:
        key = request.query.get("apiKey")
        if not key:
            return self._error(401, "MISSING_KEY", "API key is missing")
        if key != API_KEY:
            return self._error(401, "INVALID_KEY", "API key is not valid. Sign up for a key.")
        if self._used + cost > _QUOTA:
            return self._error(401, "OUT_OF_USAGE_CREDITS", "Usage quota has been reached.")
        now = self.conductor.now()
        while self._asked and self._asked[0] <= now - SECOND:
            self._asked.popleft()
        if len(self._asked) >= self._most_per_s:
            text = "Requests are too frequent, the limit is per second."
            return self._error(429, "EXCEEDED_FREQ_LIMIT", text, {"Retry-After": "1"})
        self._asked.append(now)
        return None

    def _misasked(self, request: web.Request, regions: list[str], markets: list[str]) -> web.Response | None:
        if request.match_info["sport"] not in self._source_of:
            return self._error(404, "UNKNOWN_SPORT", "Unknown sport")
        if not regions:
            return self._error(422, "MISSING_REGION", "Missing regions parameter")
        if not set(regions) <= set(_REGIONS):
            return self._error(422, "INVALID_REGION", "Invalid regions parameter")
        if not set(markets) <= set(_MARKETS):
            return self._error(422, "INVALID_MARKET", "Invalid markets parameter")
        if request.query.get("oddsFormat", "decimal") != "decimal":
            return self._error(422, "INVALID_ODDS_FORMAT", "Only decimal odds are simulated")
        return None

    def _broken(self, body: bytes, cost: int) -> web.Response:
        self._garbled += 1
        kind = self._garbled % 3
        if kind == 0:
            return web.Response(body=_PAGE, status=502, content_type="text/html")
        if kind == 1:
            return json_answer(body[: len(body) * 2 // 3], headers=self._headers(cost))
        return json_answer(b'{"data": "none", "timestamp": 7}', headers=self._headers(cost))

    def _error(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None
    ) -> web.Response:
        body = _encode({"message": message, "error_code": code})
        return json_answer(body, status, {**self._headers(0), **(headers or {})})

    def _headers(self, cost: int) -> dict[str, str]:
        return {
            "x-requests-remaining": str(_QUOTA - self._used),
            "x-requests-used": str(self._used),
            "x-requests-last": str(cost),
        }


def _words(request: web.Request, name: str) -> list[str]:
    return [word for word in request.query.get(name, "").split(",") if word]

"""Two site workers that send ever new odds, and keep account of what the doors have shown of them."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import urllib.error
from datetime import datetime, timedelta
from http.client import HTTPException
from socket import SHUT_RDWR
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from crossbook.sim.clubs import LEAGUES
from tests.live.product import Product

SITES = ("sbo", "ibc")
_NAMES = [club.feed for league in LEAGUES for club in league.clubs]
_BEGAN = datetime.fromisoformat("2024-12-10T00:00:00")


def update(site: str, number: int, matches: int) -> str:
    """A worker's message with this number: no price is that of the message before.

    Each third match has a total on which the two sites' messages of like number cannot lose.
    """
    told = []
    step = number % 997
    for index, (home, away) in enumerate(itertools.islice(itertools.permutations(_NAMES, 2), matches)):
        open_now = (index + number // 8) % 3 == 0
        high = f"{'2.04' if open_now else '1.80'}{step:03}"
        low = f"1.7{step:03}"
        over, under = (high, low) if site == SITES[0] else (low, high)
        total = {"over": float(over), "under": float(under), "line": 2.5}
        handicap = {"home": float(f"1.8{step:03}"), "away": float(f"1.9{step:03}"), "handicap": -0.5}
        told.append({"home_team": home, "away_team": away, "odds": {"ft_ou": total, "ft_hdp": handicap}})
    return json.dumps(_message(site, "odds:update", number) | {"data": {"matches": told}})


def _message(site: str, kind: str, number: int) -> dict[str, Any]:
    at = _BEGAN + timedelta(milliseconds=10 * number)
    return {"type": kind, "worker_id": f"worker-{site}", "site": site, "timestamp": at.isoformat()}


class Away(Exception):
    """There is no process with an open door just now."""


class Feeder:
    """Sends until it is stopped, over new connections when the old ones are cut.

    A message of which `/odds` or an `arbitrage:opportunities` has shown something is acknowledged: `shown`.
    """

    def __init__(self, product: Product, matches: int = 12, pause_s: float = 0.1) -> None:
        self.matches = matches
        self.pause_s = pause_s
        self.number = 0
        """Of the message that each site sends next."""
        self.sent: dict[str, dict[int, bytes]] = {site: {} for site in SITES}
        self.shown: dict[str, int] = dict.fromkeys(SITES, -1)
        self.opportunities = 0
        self.trouble: BaseException | None = None
        self._product = product
        self._sockets: dict[str, ClientConnection] = {}
        self._open = contextlib.ExitStack()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)

    def __enter__(self) -> Feeder:
        self._thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self.trouble is not None:
            raise self.trouble

    def acknowledged(self) -> dict[str, list[bytes]]:
        """The messages, by stream, that the doors have shown and that have to be in the recording."""
        return {
            f"worker/worker-{site}": [self.sent[site][number]]
            for site, number in list(self.shown.items())
            if number >= 0
        }

    def _run(self) -> None:
        try:
            while not self._stop.wait(self.pause_s):
                # A killed process cuts what we hold, and a starting one is not there yet.
                with contextlib.suppress(OSError, WebSocketException, HTTPException, Away):
                    self._round()
                    continue
                self._leave()
        except BaseException as error:
            self.trouble = error
        finally:
            self._leave()

    def _port(self) -> int:
        port = self._product.named()
        if port is None:
            raise Away
        return port

    def _leave(self) -> None:
        for socket in self._sockets.values():
            with contextlib.suppress(OSError):
                socket.socket.shutdown(SHUT_RDWR)  # or closing waits for an answer that the dead do not give
        with contextlib.suppress(OSError, WebSocketException):
            self._open.close()
        self._sockets.clear()

    def _round(self) -> None:
        port = self._port()
        for site in SITES:
            if site not in self._sockets:
                opening = connect(
                    f"ws://127.0.0.1:{port}/ws", max_size=None, open_timeout=10, close_timeout=0.2
                )
                socket = self._open.enter_context(opening)
                self._sockets[site] = socket
                socket.send(json.dumps(_message(site, "worker:register", self.number)))
            text = update(site, self.number, self.matches)
            self.sent[site][self.number] = text.encode()
            self._sockets[site].send(text)
            self._listen(site)
        self.number += 1
        try:
            odds = self._product.ask("/odds")["odds"]
        except urllib.error.HTTPError as error:
            error.close()
            raise
        for each in odds:
            at = datetime.fromisoformat(each["timestamp"])
            number = (at - _BEGAN) // timedelta(milliseconds=10)
            self.shown[each["site"]] = max(self.shown[each["site"]], number)

    def _listen(self, site: str) -> None:
        """Take what has come in; a price's last digits say which message it is from."""
        with contextlib.suppress(TimeoutError):
            while True:
                told = json.loads(self._sockets[site].recv(timeout=0))
                assert told["type"] == "arbitrage:opportunities", told
                self.opportunities += told["count"]
                for opportunity in told["opportunities"]:
                    for leg in opportunity["legs"]:
                        self._note(leg)

    def _note(self, leg: dict[str, Any]) -> None:
        digits = int(leg["price"].partition(".")[2].ljust(5, "0")[2:5])
        number = self.number - (self.number - digits) % 997
        self.shown[leg["venue"]] = max(self.shown[leg["venue"]], number)

"""A plain rebuild of Betfair Exchange stream recordings: best prices after every message.

A recording holds one JSON message a line, plain or compressed with bz2. A market change message (``op``
"mcm") carries a list ``mc`` of market changes; each may hold a market definition, an ``img`` flag, and
runner changes ``rc``.

What is kept for each runner, each on its own and never mixed:

==================  ============================  =================================================
key in the stream   what it is                    how a change is applied
==================  ============================  =================================================
atb, atl            full ladder, price -> size    [price, size]; size 0 takes the price off
batb, batl          best levels, real bets        [level, price, size]; price or size 0 clears the level
bdatb, bdatl        best levels for display       the same; holds virtual bets from cross-matching too
ltp                 last traded price             replaced
spn, spf            starting price, near and far  replaced
spb, spl            starting price, back and lay  as a full ladder
==================  ============================  =================================================

Which ladder the best prices come from: a stream carries the fields it was subscribed to, so one choice
holds for a whole market, and is made by what has been seen of it since its last image. ``atb``/``atl`` when
any runner had either, else ``batb``/``batl``, else ``bdatb``/``bdatl``. An empty ladder of the chosen pair
means no price; another pair never fills in for it. The best back is the highest price on the
available-to-back side, the best lay the lowest on the available-to-lay side.

Prices are reported as the ladders hold them whatever the market's status; the status stands beside them for
the reader to judge. Only a runner whose own status is REMOVED has none.

An image (``img`` true) throws away all ladders of the market before its own are applied; the definition
stays until a new one replaces it as a whole. A change to a market never seen before is applied to an empty
market with status "" and not in play.
"""

import bz2
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

Price = tuple[Decimal, Decimal]
BestPrices = dict[int, tuple[Price | None, Price | None]]
RunnerKey = tuple[int, Decimal]

FEEDS = (("atb", "atl"), ("batb", "batl"), ("bdatb", "bdatl"))
PRICE_LADDERS = ("atb", "atl", "spb", "spl")
LEVEL_LADDERS = ("batb", "batl", "bdatb", "bdatl")


class Update(NamedTuple):
    """The state of one market after one message; ``prices`` maps selection to (best back, best lay).

    A best price is (price, size). ``market_id`` is None for a message that changes no market: another
    ``op``, a heartbeat, or a line that cannot be read. ``pt`` is the publish time in milliseconds, 0 where
    there is none.
    """

    line_no: int
    pt: int
    market_id: str | None
    status: str
    in_play: bool
    prices: BestPrices


@dataclass
class Runner:
    """All that the stream said about one runner of one market."""

    status: str = "ACTIVE"
    ladders: dict[str, dict[Decimal, Decimal]] = field(default_factory=dict)
    levels: dict[str, dict[int, Price]] = field(default_factory=dict)
    last_traded: Decimal | None = None
    starting_near: Decimal | None = None
    starting_far: Decimal | None = None

    def forget_prices(self) -> None:
        """Drop everything but the status, which belongs to the definition."""
        self.ladders, self.levels = {}, {}
        self.last_traded = self.starting_near = self.starting_far = None

    def apply(self, change: dict[str, Any]) -> None:
        """Apply one runner change."""
        for name in PRICE_LADDERS:
            ladder = self.ladders.setdefault(name, {})
            for price, size in change.get(name) or []:
                if size == 0:
                    ladder.pop(_decimal(price), None)
                else:
                    ladder[_decimal(price)] = _decimal(size)
        for name in LEVEL_LADDERS:
            levels = self.levels.setdefault(name, {})
            for level, price, size in change.get(name) or []:
                if price == 0 or size == 0:
                    levels.pop(int(level), None)
                else:
                    levels[int(level)] = (_decimal(price), _decimal(size))
        if "ltp" in change:
            self.last_traded = _decimal_or_none(change["ltp"])
        if "spn" in change:
            self.starting_near = _decimal_or_none(change["spn"])
        if "spf" in change:
            self.starting_far = _decimal_or_none(change["spf"])

    def offers(self, name: str) -> list[Price]:
        """All offers of one ladder, in no order."""
        if name in PRICE_LADDERS:
            return list(self.ladders.get(name, {}).items())
        return list(self.levels.get(name, {}).values())


@dataclass
class Market:
    """One market as the stream left it."""

    market_id: str
    status: str = ""
    in_play: bool = False
    base_rate: Decimal | None = None
    bsp_market: bool = False
    bsp_reconciled: bool = False
    conflated: bool = False
    runners: dict[RunnerKey, Runner] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def apply(self, change: dict[str, Any]) -> None:
        """Apply one market change."""
        self.conflated = bool(change.get("con", False))
        if change.get("img"):
            self.seen = set()
            for runner in self.runners.values():
                runner.forget_prices()
        definition = change.get("marketDefinition")
        if definition is not None:
            self.status = definition.get("status", self.status)
            self.in_play = bool(definition.get("inPlay", self.in_play))
            self.base_rate = _decimal_or_none(definition.get("marketBaseRate"))
            self.bsp_market = bool(definition.get("bspMarket", False))
            self.bsp_reconciled = bool(definition.get("bspReconciled", False))
            for described in definition.get("runners") or []:
                self.runner(described).status = described.get("status", "ACTIVE")
        for runner_change in change.get("rc") or []:
            self.seen.update(
                name for name in (*PRICE_LADDERS, *LEVEL_LADDERS) if runner_change.get(name) is not None
            )
            self.runner(runner_change).apply(runner_change)

    def runner(self, named: dict[str, Any]) -> Runner:
        """The runner a definition or a change speaks of; a new one if it was never named before."""
        key = (int(named["id"]), _decimal(named.get("hc") or 0))
        return self.runners.setdefault(key, Runner())

    def feed(self) -> tuple[str, str]:
        """The pair of ladders the best prices of this market come from."""
        for available_to_back, available_to_lay in FEEDS:
            if available_to_back in self.seen or available_to_lay in self.seen:
                return available_to_back, available_to_lay
        return FEEDS[0]

    def best_by_runner(self) -> dict[RunnerKey, tuple[Price | None, Price | None]]:
        """Best back and best lay of every runner, by selection id and handicap."""
        available_to_back, available_to_lay = self.feed()
        best: dict[RunnerKey, tuple[Price | None, Price | None]] = {}
        for key, runner in self.runners.items():
            if runner.status == "REMOVED":
                best[key] = (None, None)
                continue
            back = max(runner.offers(available_to_back), key=_price_of, default=None)
            lay = min(runner.offers(available_to_lay), key=_price_of, default=None)
            best[key] = (back, lay)
        return best

    def best(self) -> BestPrices:
        """Best back and best lay by selection id, of the runners without a handicap."""
        return {
            selection: prices
            for (selection, handicap), prices in self.best_by_runner().items()
            if handicap == 0
        }


def _price_of(offer: Price) -> Decimal:
    return offer[0]


def _decimal(number: int | Decimal) -> Decimal:
    """An exact number from a parsed JSON number."""
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        raise ValueError(f"not a number: {number!r}")
    return Decimal(number)


def _decimal_or_none(number: Any) -> Decimal | None:
    """An exact number, or None for what the stream writes when there is none: null, "NaN", "Infinity"."""
    if number is None or isinstance(number, str):
        return None
    return _decimal(number)


def _parse(text: str) -> Any:
    """Parse JSON with every fraction exact; a bare NaN or Infinity becomes None."""
    return json.loads(text, parse_float=Decimal, parse_constant=lambda _: None)


def _messages(path: Path) -> Iterator[tuple[int, Any]]:
    """Each line's number, from 1, and its message; None for a line that is no JSON. Blank lines are left out.

    A file that is one JSON message spread over several lines is taken as one message on line 1.
    """
    raw = path.read_bytes()
    if path.suffix == ".bz2":
        raw = bz2.decompress(raw)
    text = raw.decode("utf-8")
    try:
        whole = _parse(text)
    except ValueError:
        pass
    else:
        yield 1, whole
        return
    for line_no, line in enumerate(text.split("\n"), start=1):
        if line.strip() == "":
            continue
        try:
            yield line_no, _parse(line)
        except ValueError:
            yield line_no, None


def rebuild(path: Path | str) -> Iterator[tuple[int, int, Market | None]]:
    """Yield (line number, publish time, market) after every message, once for each market it changed.

    The market is the live object: read it before taking the next. It is None as described at :class:`Update`.
    """
    markets: dict[str, Market] = {}
    for line_no, message in _messages(Path(path)):
        publish_time = message.get("pt", 0) if isinstance(message, dict) else 0
        changes = message.get("mc") or [] if isinstance(message, dict) and message.get("op") == "mcm" else []
        changed: list[str] = []
        for change in changes:
            market_id = change["id"]
            markets.setdefault(market_id, Market(market_id)).apply(change)
            if market_id not in changed:
                changed.append(market_id)
        for market_id in changed:
            yield line_no, publish_time, markets[market_id]
        if not changed:
            yield line_no, publish_time, None


def best_prices(path: Path | str) -> Iterator[Update]:
    """Yield the best prices after every message of a recording, once for each market the message changed."""
    for line_no, publish_time, market in rebuild(path):
        if market is None:
            yield Update(line_no, publish_time, None, "", False, {})
        else:
            yield Update(
                line_no, publish_time, market.market_id, market.status, market.in_play, market.best()
            )

"""A listener to an exchange's stream as everybody writes it first: asyncio, json, and dictionaries of levels.

It authenticates, subscribes, takes image and changes, and after each message knows the best price of every runner that
changed, on both sides. It is short on purpose: floats, nothing on disk, no clocks, no segments, no claims.
With `reads` off it takes the lines and forgets them: the floor.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

_LONGEST_LINE = 16 * 1024 * 1024
Book = dict[str, dict[int, dict[str, dict[int, list[float]]]]]
"""By market, runner, side and level, price and size."""


async def listen(port: int, finish: str, *, reads: bool, ready: Callable[[], None]) -> dict[str, Any]:
    """Listen until the finishing market changes after its image; returns when that was, and all best prices."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LONGEST_LINE)
    writer.write(b'{"op":"authentication","id":1,"appKey":"a","session":"b"}\r\n')
    writer.write(b'{"op":"marketSubscription","id":2}\r\n')
    books: Book = {}
    best: dict[str, dict[str, dict[int, float]]] = {}
    sign = f'"id":"{finish}"'.encode()
    used = 0.0
    while True:
        line = await reader.readuntil(b"\r\n")
        if reads:
            take(json.loads(line), books, best)
        if sign in line:
            if b'"img"' not in line:
                break
            used = time.process_time()
            ready()
    finished, used = time.monotonic_ns(), time.process_time() - used
    writer.close()
    await writer.wait_closed()
    return {
        "finished": finished,
        "cpu_s": used,
        "best": {
            market: {side: sorted(prices.values()) for side, prices in sides.items()}
            for market, sides in best.items()
        },
    }


def take(message: dict[str, Any], books: Book, best: dict[str, dict[str, dict[int, float]]]) -> None:
    """Take one message in."""
    for change in message.get("mc", ()):
        market = change["id"]
        if change.get("img"):
            books[market], best[market] = {}, {"back": {}, "lay": {}}
        for runner in change.get("rc", ()):
            sides = books[market].setdefault(runner["id"], {"back": {}, "lay": {}})
            for side, field in (("back", "batb"), ("lay", "batl")):
                levels = sides[side]
                for level, price, size in runner.get(field, ()):
                    if size:
                        levels[level] = [price, size]
                    else:
                        levels.pop(level, None)
                if levels:
                    best[market][side][runner["id"]] = levels[min(levels)][0]
                else:
                    best[market][side].pop(runner["id"], None)

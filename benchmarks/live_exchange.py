"""An exchange that says much: images of the simulated world's markets, then small changes as fast as they are taken.

The messages are made by the simulated exchange's own encoder before anybody connects. It listens on a free port of
this machine, prints which, sends the images to the first who subscribes, waits for a line of input, and sends the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

import msgspec

from crossbook.base.clock import SystemClock
from crossbook.model.ladder import move
from crossbook.sim.live.exchange_wire import Client, segmented
from crossbook.sim.live.ladders import BEST_OFFERS, DEFINITIONS, Ladders, Market, Wanted
from crossbook.sim.stream import MARKETS
from crossbook.sim.truth import EXCHANGE
from crossbook.sim.world import make_world

_VENUE = "betfair"
_SIZE_ONLY = 0.7
"""Most changes on an exchange move an amount and not the best price."""
_FARTHEST = 2
_MILLISECOND = 1_000_000


class Exchange:
    """The markets of one seed, the message with their images, and so many messages of changes."""

    def __init__(self, seed: int, messages: int) -> None:
        self._random = Random(f"{seed}/exchange benchmark")
        world = make_world(seed)
        self.markets = [
            Market(fixture, EXCHANGE, "GB", market)
            for fixture in world.fixtures
            for market in MARKETS
            if EXCHANGE in fixture.ids
        ]
        for market in self.markets:
            board = world.boards[market.fixture.number]
            market.publish(board, _VENUE, suspended=False, random=self._random)
        self.markets = [market for market in self.markets if market.ladders]
        self.finish = self.markets.pop()
        self._client = Client(None, 1)  # type: ignore[arg-type]  # it writes to nobody
        self._client.subscription = 2
        self._client.wanted = Wanted(frozenset({BEST_OFFERS, DEFINITIONS}), 3)
        now = SystemClock().now()
        everything = [market.image(self._client.wanted) for market in (*self.markets, self.finish)]
        self.images = b"".join(
            segmented(self._client, now, {"ct": "SUB_IMAGE"}, everything, in_segments=True)
        )
        self.changes = 0
        self._away: dict[tuple[str, int], int] = {}
        self.messages = [*self._made(now, messages), self._last(now)]

    def _made(self, now: int, messages: int) -> Iterator[bytes]:
        for number in range(messages):
            market = self._random.choice(self.markets)
            seen = market.told()
            market.ladders = self._changed(market.id, market.ladders)
            change = market.change(seen, self._client.wanted)
            if change is not None:
                self.changes += sum(
                    len(row.get(side, ())) for row in change.get("rc", ()) for side in ("batb", "batl")
                )
                yield self._client.message(now + number * _MILLISECOND, mc=[change])

    def _last(self, now: int) -> bytes:
        seen = self.finish.told()
        key, levels = next(iter(self.finish.ladders.items()))
        self.finish.ladders = {**self.finish.ladders, key: ((levels[0][0], levels[0][1] + 100), *levels[1:])}
        change = self.finish.change(seen, self._client.wanted)
        return self._client.message(now, mc=[change])

    def _changed(self, market: str, ladders: Ladders) -> Ladders:
        """One amount changed, or a runner's prices moved by a tick on both sides."""
        key = runner, _ = self._random.choice(list(ladders))
        if self._random.random() < _SIZE_ONLY:
            levels = list(ladders[key])
            place = self._random.randrange(len(levels))
            levels[place] = levels[place][0], self._random.randrange(10_000, 5_000_000)
            return {**ladders, key: tuple(levels)}
        away = self._away.get((market, runner), 0)
        step = -1 if away >= _FARTHEST else 1 if away <= -_FARTHEST else self._random.choice((-1, 1))
        self._away[market, runner] = away + step
        return {
            each: tuple((_moved(odds, step), size) for odds, size in levels) if each[0] == runner else levels
            for each, levels in ladders.items()
        }

    async def serve(self) -> dict[str, Any]:
        """Serve one client to the end of all messages; says when the first of them went out."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b'{"op":"connection","connectionId":"1"}\r\n')
            for _ in range(2):
                request = msgspec.json.decode(await reader.readuntil(b"\n"))
                status = {"op": "status", "id": request["id"], "statusCode": "SUCCESS"}
                writer.write(msgspec.json.encode({**status, "connectionClosed": False}) + b"\r\n")
            writer.write(self.images)
            await asyncio.to_thread(sys.stdin.readline)
            began = time.monotonic_ns()
            for place in range(0, len(self.messages), 50):
                writer.write(b"".join(self.messages[place : place + 50]))
                await writer.drain()
            done.set_result(began)

        server = await asyncio.start_server(attend, "127.0.0.1", 0)
        _print({"port": server.sockets[0].getsockname()[1], "finish": self.finish.id})
        began = await done
        # The connection stays until the listener has read to the end and we are told so.
        await asyncio.to_thread(sys.stdin.readline)
        server.close()
        size = sum(map(len, self.messages))
        return {"began": began, "messages": len(self.messages), "changes": self.changes, "bytes": size}


def _moved(odds: Fraction, step: int) -> Fraction:
    return move(odds, step)


def _print(content: dict[str, Any]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(content) + b"\n")
    sys.stdout.flush()


def main() -> None:
    """Serve what the command line asks for, and print what was sent as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=20_000)
    asked = parser.parse_args()
    _print(asyncio.run(Exchange(asked.seed, asked.messages).serve()))


if __name__ == "__main__":
    main()

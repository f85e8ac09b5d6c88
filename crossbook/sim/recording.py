"""A recording of the world: files in the venues' own formats, as a collector keeps them, and the hidden truth."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Final

from crossbook.sim.formats import aggregator_event, odds_feed, prediction_markets
from crossbook.sim.stream import exchange_stream
from crossbook.sim.truth import AGGREGATOR, TRUTH_FILE, Truth, write_truth
from crossbook.sim.world import DEFAULT_START, make_world

ODDS_FEED_FILE: Final = "odds-feed.json"
PREDICTION_FILE: Final = "prediction-market.json"
EXCHANGE_FILE: Final = "exchange.stream"


def write_recording(folder: Path, seed: int, start: int = DEFAULT_START) -> Truth:
    """Write the recording of a seed into a folder, made if missing, and return its truth.

    Written are ``odds-feed.json`` (The Odds API v4), ``aggregator-<event id>.json`` (odds-api.io, one event each),
    ``prediction-market.json`` (Kalshi), ``exchange.stream`` (Betfair, one message a line), and the hidden
    ``.truth.json``. The same seed and start give the same bytes. `start` is in nanoseconds UTC: the moment the
    recording ends, some hours before the first kick-off.
    """
    world = make_world(seed, start)
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / ODDS_FEED_FILE, odds_feed(world.boards))
    for board in world.boards:
        _write_json(folder / f"{AGGREGATOR}-{board.fixture.ids[AGGREGATOR]}.json", aggregator_event(board))
    contracts = prediction_markets(world.boards, Random(f"{seed}/contracts"))
    _write_json(folder / PREDICTION_FILE, contracts)
    messages = exchange_stream(world.boards, start, Random(f"{seed}/stream"))
    lines = "".join(json.dumps(message, separators=(",", ":")) + "\n" for message in messages)
    (folder / EXCHANGE_FILE).write_bytes(lines.encode())
    truth = world.truth()
    write_truth(folder / TRUTH_FILE, truth)
    return truth


def _write_json(path: Path, data: object) -> None:
    path.write_bytes(json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n")

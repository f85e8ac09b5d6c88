"""The demo's engine: the simulated world as a process beside us, and its venues as sources like any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossbook.base.clock import SECOND
from crossbook.collect.sources import BETFAIR, ODDS, POLYMARKET, Source
from crossbook.sim.live.sources import Protocol

MODE: Final = "REPLAY · PAPER"
"""What everything the demo shows is labelled with."""
GRACE: Final = SECOND
"""What the judge of a demo allows beyond a tick, so that a busy machine is not taken for a fault."""
_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 0.5


def sources_of(addresses: Mapping[str, Mapping[str, Any]]) -> tuple[Source, ...]:
    """The sources of a world, from what its ports file says of each; site workers come to us by themselves."""
    polled = [each for each in addresses.values() if each["kind"] == Protocol.ODDS_API]
    sources = []
    if polled:
        first = polled[0]
        sources.append(
            Source(
                name="the-odds-api",
                format=ODDS,
                url=first["base_url"],
                key=first["api_key"],
                sports=tuple(sorted(each["sport"] for each in polled)),
                every_s=min(each["poll_s"] for each in polled),
                life_s=min(each["life_s"] for each in polled),
                regions=("uk", "eu"),
                **_impatient(),
            )
        )
    for name, each in addresses.items():
        if each["kind"] == Protocol.EXCHANGE_STREAM:
            sources.append(
                Source(
                    name=name,
                    format=BETFAIR,
                    host=each["host"],
                    port=each["port"],
                    tls=False,
                    key=each["app_key"],
                    token=each["session"],
                    beat_s=each["heartbeat_ms"] / 1000,
                    life_s=each["life_s"],
                    **_impatient(),
                )
            )
        elif each["kind"] == Protocol.CONTRACTS:
            sources.append(
                Source(
                    name=name,
                    format=POLYMARKET,
                    url=each["gamma_url"],
                    socket_url=each["ws_url"],
                    beat_s=each["ping_s"],
                    life_s=each["life_s"],
                    **_impatient(),
                )
            )
    return tuple(sources)


def worker_life_s(addresses: Mapping[str, Mapping[str, Any]]) -> float:
    """How long the prices of the world's site workers stand."""
    lives = [each["life_s"] for each in addresses.values() if each["kind"] == Protocol.WORKER]
    return min(lives, default=90.0)


def _impatient() -> dict[str, Any]:
    """A lost source is asked again at once: everything is on this machine."""
    return {"first_wait_s": _FIRST_WAIT_S, "longest_wait_s": _LONGEST_WAIT_S, "healthy_s": 5.0}

"""How the parts are: what `/health` and its kin answer."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final

import msgspec

from crossbook.base.clock import SECOND, Clock, format_moment
from crossbook.pipeline.view import Engine, View

_BEAT_S: Final = 0.25
_BEATS_KEPT: Final = 40
_LONG_LAG_MS: Final = 1_000.0


class Health:
    """Looks at the engine, and at how late the event loop is."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._lags: deque[float] = deque([0.0], maxlen=_BEATS_KEPT)

    async def run(self) -> None:
        """Measure how late the event loop wakes up; runs until it is cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_BEAT_S)
            self._lags.append(max(0.0, (time.monotonic() - before - _BEAT_S) * 1_000))

    def ready(self) -> bool:
        """Whether a first scan is done."""
        return self._engine.view().ticks > 0

    def brief(self) -> dict[str, object]:
        """One word, with the reasons when it is not "ok"."""
        view = self._engine.view()
        reasons = self._reasons(view)
        return {
            "status": "degraded" if reasons else "ok",
            "reasons": reasons,
            "uptime_s": round((self._clock.now() - view.started) / SECOND, 3),
            "version": view.version,
            "mode": view.mode,
            "timestamp": format_moment(self._clock.now()),
        }

    def detailed(self) -> dict[str, object]:
        """The same, with the state of each part."""
        view = self._engine.view()
        streams = [
            {
                **msgspec.structs.asdict(each),
                "since": format_moment(each.since),
                "last": None if each.last is None else format_moment(each.last),
            }
            for each in view.streams
        ]
        return {
            **self.brief(),
            "parts": {
                "streams": streams,
                "pipeline": {
                    "ready": view.ticks > 0,
                    "ticks": view.ticks,
                    "quotes": view.quotes,
                    "quotes_per_s": view.quotes_per_s,
                    "faults": view.faults,
                    "dropped": view.dropped,
                    "latency": view.latency,
                },
                "store": view.store,
                "rawlog": view.rawlog,
                "event_loop": {"lag_ms": round(self._lags[-1], 3), "worst_lag_ms": round(max(self._lags), 3)},
            },
        }

    def _reasons(self, view: View) -> list[str]:
        reasons = [
            f"stream {each.stream} is {each.state}" + (f": {each.reason}" if each.reason else "")
            for each in view.streams
            if each.state != "open"
        ]
        if not view.ticks:
            reasons.append("no scan is done yet")
        if max(self._lags) > _LONG_LAG_MS:
            reasons.append(f"the event loop was late by {max(self._lags):.0f} ms")
        return reasons

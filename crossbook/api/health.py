"""How the parts are: what `/health` and its kin answer."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final

import msgspec

from crossbook.base.clock import SECOND, Clock, format_moment
from crossbook.pipeline.view import Engine, StreamView, View
from crossbook.venues.site_worker import FORMAT

_BEAT_S: Final = 0.25
_BEATS_KEPT: Final = 40
_LONG_LAG_MS: Final = 1_000.0
_MOST_REASONS: Final = 10


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

    def unready(self) -> tuple[str, str] | None:
        """Why nothing can be said of opportunities now, after the field that tells; None once a first scan is done."""
        view = self._engine.view()
        if view.trouble:
            return "trouble", _cannot(view)
        return None if view.ticks else ("ticks", "No scan is done yet.")

    def brief(self) -> dict[str, object]:
        """One word, with the reasons when it is not "ok"."""
        return self._brief(self._engine.view())

    def _brief(self, view: View) -> dict[str, object]:
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
            **self._brief(view),
            "parts": {
                "streams": streams,
                "pipeline": {
                    "ready": view.ticks > 0 and not view.trouble,
                    "trouble": view.trouble,
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
        reasons = [_cannot(view)] if view.trouble else []
        if not view.ticks:
            reasons.append("no scan is done yet")
        if max(self._lags) > _LONG_LAG_MS:
            reasons.append(f"the event loop was late by {max(self._lags):.0f} ms")
        reasons += [
            f"stream {each.stream} is {each.state}" + (f": {each.reason}" if each.reason else "")
            for each in view.streams
            if each.state != "open" and not _has_left(each)
        ]
        if len(reasons) > _MOST_REASONS:
            more = len(reasons) - _MOST_REASONS + 1
            reasons[_MOST_REASONS - 1 :] = [f"{more} more; /health/detailed shows every stream"]
        return reasons


def _cannot(view: View) -> str:
    return f"nothing can be read or closed: {view.trouble}"


def _has_left(stream: StreamView) -> bool:
    """Whether it was a site worker's. Workers come and go as they like; a source of ours is there or is missed."""
    return stream.format == FORMAT and stream.state == "lost"

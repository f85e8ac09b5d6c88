"""What runs together: a recording whose old segments were given up can still be replayed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from crossbook.app.live import Live, LivePlan
from crossbook.base.clock import ManualClock, SystemClock
from crossbook.model.frame import FrameKind, StreamInfo
from crossbook.pipeline.live import Pipeline
from crossbook.rawlog.reader import Reading
from crossbook.rawlog.segments import retain
from crossbook.rawlog.writer import RawLog
from crossbook.replay.replay import replay
from crossbook.venues import readers

REGISTER = b'{"type":"worker:register","worker_id":"w","site":"sbo","timestamp":"2026-11-20T10:00:00"}'
UPDATE = (
    b'{"type":"odds:update","worker_id":"w","site":"sbo","timestamp":"2026-11-20T10:00:01","data":{"matches":'
    b'[{"home_team":"Harbour Town","away_team":"Hill Rovers","odds":{"ft_ou":{"over":2.0,"under":1.8,"line":2.5}}}]}}'
)


def test_a_stream_is_said_again_in_every_segment(tmp_path: Path) -> None:
    async def main() -> None:
        live = Live(LivePlan(mode="PAPER", recording=tmp_path, store=False), SystemClock())
        assert live.log is not None
        live.log.close()
        live.log = RawLog(tmp_path, clock=SystemClock(), segment_bytes=20_000)
        live.engine.inbox._log = live.log
        info = StreamInfo(format="site-worker", settings={"site": "sbo"})
        live.engine.receive("worker/w", FrameKind.OPENED, msgspec.json.encode(info))
        live.engine.receive("worker/w", FrameKind.DATA, REGISTER)
        for _ in range(400):
            live.engine.receive("worker/w", FrameKind.DATA, UPDATE)
            live.engine.tick()
        assert live.log.segments > 3
        live.log.close()

    asyncio.run(main())
    assert retain(tmp_path, keep_bytes=1)
    reading = Reading(tmp_path)
    pipeline = Pipeline(readers())
    ticks = list(replay(reading, pipeline, ManualClock()))
    assert len(ticks) > 10
    assert pipeline.board.count() == 2, "the stream is read though its first opening is gone"

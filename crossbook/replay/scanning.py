"""A recording scanned: each opportunity that was ever open in it, once, as it stood at its best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from crossbook.base.clock import ManualClock
from crossbook.base.errors import Misconfigured
from crossbook.model.life import Moment
from crossbook.model.opportunity import Opportunity
from crossbook.pipeline.live import Pipeline
from crossbook.pipeline.options import Options
from crossbook.pipeline.scan import Part, Summary
from crossbook.pipeline.skips import Skips
from crossbook.rawlog.reader import Reading
from crossbook.replay.replay import replay
from crossbook.venues.reader import Reader


def scan_recording(readers: Mapping[str, Reader], options: Options, recording: Path) -> Part:
    """Replay a recording on the terms of `options`; opportunities come in the order in which their lives began."""
    pipeline = Pipeline(readers, options, keep_moved=True)
    summary, skips = Summary(), Skips()
    best: dict[str, Opportunity] = {}
    events: set[str] = set()
    venues: set[str] = set()
    reading = Reading(recording)
    try:
        for tick in replay(reading, pipeline, ManualClock()):
            summary.files = 1
            for change in tick.changes:
                known = best.get(change.id)
                if change.moment is not Moment.CLOSED and (
                    known is None or change.opportunity.guaranteed_return > known.guaranteed_return
                ):
                    best[change.id] = change.opportunity
            events.update(event.id for event in tick.events)
            for moved in tick.moved:
                summary.quotes += not moved.gone
                venues.add(moved.quote.venue.id)
            for stream, fault in tick.faults:
                skips.add(recording, None, f"{stream}: {fault.reason}")
    except Misconfigured as error:
        skips.add(recording, None, str(error))
    for damage in reading.damage:
        skips.add(recording, None, f"{damage.place}: {damage.reason}")
    summary.skipped = skips.take()
    summary.events, summary.matched = len(events), pipeline.events.matched
    summary.review, summary.left_out = pipeline.events.review, Counter(pipeline.unsolved)
    return Part(list(best.values()), summary, venues)

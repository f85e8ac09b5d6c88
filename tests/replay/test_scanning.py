"""A recording scanned beside other files: what was open in it, once, at its best, on the scan's own terms."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from crossbook.app.build import build_scan
from crossbook.arbitrage.terms import Terms
from crossbook.model.frame import FrameKind
from crossbook.model.opportunity import Opportunity
from crossbook.pipeline.options import Markets, Options
from crossbook.pipeline.scan import Summary
from tests.pipeline.recorded import pipeline, script
from tests.replay.test_replay import Live


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Live:
    steps = script(8)
    live = Live(tmp_path_factory.mktemp("scanned") / "log", pipeline(), steps[0][0])
    with live.log:
        for at, stream, kind, data in steps:
            live.clock.advance(at - live.clock.now())
            if kind is FrameKind.TICK:
                live.tick()
            else:
                live.inbox.receive(stream, kind, data)
    return live


def scanned(paths: list[Path], options: Options | None = None) -> tuple[list[Opportunity], Summary]:
    scan = build_scan(options or Options(), processes=1)
    return list(scan.run(paths)), scan.summary


def test_every_life_is_one_line_at_its_best(recording: Live) -> None:
    best: dict[str, Fraction] = {}
    for tick in recording.ticks:
        for change in tick.changes:
            best[change.id] = max(best.get(change.id, Fraction(0)), change.opportunity.guaranteed_return)
    found, summary = scanned([recording.log.folder])
    assert len(best) > 3
    assert [each.guaranteed_return for each in found] == list(best.values())
    assert summary.opportunities == len(best)
    assert summary.files == 1
    assert summary.events
    assert summary.quotes


def test_it_is_on_the_terms_of_the_scan(recording: Live) -> None:
    everything, _ = scanned([recording.log.folder])
    high = sorted(each.guaranteed_return for each in everything)[-2]
    dear, _ = scanned([recording.log.folder], Options(terms=Terms(least_margin=high - 1)))
    assert dear
    assert all(each.guaranteed_return > high for each in dear)
    simple, _ = scanned([recording.log.folder], Options(markets=Markets.MATCH_RESULT))
    assert all(leg.quote.claim.market == "1x2" for each in simple for leg in each.legs)


def test_it_is_found_below_a_folder_beside_other_files_and_what_is_no_recording_is_told(
    recording: Live, tmp_path: Path
) -> None:
    (tmp_path / "recording").symlink_to(recording.log.folder)
    below = tmp_path / "below"
    below.mkdir()
    (below / "00000000000000000000.frames").write_bytes(b"not one of ours")
    (below / "odds.json").write_text('{"nobody": "knows this"}')
    found, summary = scanned([recording.log.folder, below])
    assert found
    assert summary.files == 1
    assert {Path(each.file).name for each in summary.skipped} >= {"below", "odds.json"}

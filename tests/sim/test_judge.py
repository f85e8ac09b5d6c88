"""The judge notices a scan that drops, invents or mislabels."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from crossbook.app.build import build_scan
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.pipeline.options import Options
from crossbook.sim.judge import judge
from crossbook.sim.recording import write_recording
from crossbook.sim.truth import Truth


@pytest.fixture(scope="module", params=[1, 2, 3])
def scanned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Truth, list[Opportunity]]:
    folder: Path = tmp_path_factory.mktemp("recording")
    truth = write_recording(folder, request.param)
    return truth, list(build_scan(Options()).run([folder]))


def test_the_scan_finds_all_that_is_true_and_nothing_else(scanned: tuple[Truth, list[Opportunity]]) -> None:
    truth, found = scanned
    judgement = judge(truth, found)
    assert len(judgement.found) == len(truth.opportunities) > 5
    assert judgement.missed == judgement.false == ()
    assert judgement.refused == tuple(sorted(fault.name for fault in truth.faults))


def test_returns_are_those_of_the_world(scanned: tuple[Truth, list[Opportunity]]) -> None:
    """The world computes them with arithmetic of its own, commission included."""
    truth, found = scanned
    numbers = {names: fixture.number for fixture in truth.fixtures for names in fixture.names.values()}
    returns: dict[int, Fraction] = {}
    for each in found:
        if each.verdict is not Verdict.REJECTED:
            number = numbers[each.listing.home, each.listing.away]
            returns[number] = max(each.guaranteed_return, returns.get(number, each.guaranteed_return))
    assert returns == {planted.fixture: planted.guaranteed_return for planted in truth.opportunities}


def test_a_dropped_opportunity_is_missed(scanned: tuple[Truth, list[Opportunity]]) -> None:
    truth, found = scanned
    first = next(each for each in found if each.verdict is not Verdict.REJECTED)
    others = [each for each in found if each.listing.home != first.listing.home]
    assert len(judge(truth, others).missed) == 1


def test_a_fault_offered_for_action_is_false(scanned: tuple[Truth, list[Opportunity]]) -> None:
    truth, found = scanned
    wrong = [msgspec.structs.replace(each, verdict=Verdict.PURE) for each in found]
    judgement = judge(truth, wrong)
    assert len(judgement.false) == len(truth.faults)
    assert judgement.refused == ()
    assert all(any(fault.name in line for fault in truth.faults) for line in judgement.false)


def test_an_unknown_event_is_false(scanned: tuple[Truth, list[Opportunity]]) -> None:
    truth, found = scanned
    first = next(each for each in found if each.verdict is not Verdict.REJECTED)
    stranger = msgspec.structs.replace(first, listing=msgspec.structs.replace(first.listing, home="Nobody"))
    assert judge(truth, [*found, stranger]).false == ("an event that is not in the recording",)

"""The benchmark of the live way runs in a tiny form, its candidates agree, and it notices when they do not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from benchmarks.demo_memory import is_flat, report, slope
from benchmarks.live_exchange import Exchange
from benchmarks.live_load import LINE, Load, Size
from benchmarks.live_way import (
    CANDIDATES,
    LISTENERS,
    Plan,
    demand_agreement,
    demand_equal_prices,
    measure,
    run_workers,
)
from benchmarks.peers.stream_dicts import Book, take
from benchmarks.peers.websockets_dicts import Detector
from benchmarks.process_watch import Sampler

TINY = Size(
    workers=2,
    matches=12,
    small=120,
    boards=6,
    raised=0.2,
    triggers=3,
    triggers_quiet=2,
    triggers_usual=2,
    paced_per_s=50.0,
)
STAMP = "2026-03-21T10:00:00Z"


def test_a_tiny_run_measures_every_candidate_and_all_agree(capfd: pytest.CaptureFixture[str]) -> None:
    measure(Plan(size=TINY, exchange_messages=60, store=False, parts=False), 1)
    printed = capfd.readouterr().out
    for name, words in (*CANDIDATES.items(), *LISTENERS.items()):
        assert name == "store" or words in printed
    assert "the same for all" in printed
    assert "from the message that makes an arbitrage" in printed


def test_every_trigger_is_told_back_and_what_is_raised_is_found() -> None:
    found = run_workers("crossbook", TINY, phases=("begin", "small", "quiet"), sampled="small")
    assert len(found["quiet"]["latencies"]) == TINY.triggers_quiet
    assert found["quiet"]["lost"] == 0
    assert found["begin"]["answers"] == []
    assert found["small"]["answers"]
    assert found["own"]["faults"] == found["own"]["dropped"] == 0
    assert "rawlog" in found["own"]
    peer = run_workers("peer", TINY, phases=("begin", "small"))
    assert peer["small"]["answers"] == found["small"]["answers"]


def agreeing() -> dict[str, dict[str, Any]]:
    legs = [["over", 2.1], ["under", 2.0]]
    results: dict[str, Any] = {
        phase: {"answers": [["Ajax", "Feyenoord", copy.deepcopy(legs)]]}
        for phase in ("begin", "small", "boards")
    }
    return {"floor": {}, "peer": results, "crossbook": copy.deepcopy(results)}


def test_another_opportunity_or_price_stops_the_benchmark() -> None:
    demand_agreement(agreeing())
    missing = agreeing()
    missing["crossbook"]["small"]["answers"] = []
    with pytest.raises(SystemExit, match="crossbook differs from peer in small"):
        demand_agreement(missing)
    dearer = agreeing()
    dearer["crossbook"]["boards"]["answers"][0][2][0][1] = 2.11
    with pytest.raises(SystemExit, match="in boards"):
        demand_agreement(dearer)
    nothing = agreeing()
    for results in (nothing["peer"], nothing["crossbook"]):
        for phase in results.values():
            phase["answers"] = []
    with pytest.raises(SystemExit, match="nothing was found"):
        demand_agreement(nothing)


def test_another_best_price_stops_the_benchmark() -> None:
    best = {"1.1": {"back": [2.0], "lay": [2.1]}}
    demand_equal_prices({"peer": best, "crossbook": best})
    with pytest.raises(SystemExit, match="crossbook differs in 1 markets"):
        demand_equal_prices({"peer": best, "crossbook": {"1.1": {"back": [1.9], "lay": [2.1]}}})


def test_the_same_size_makes_the_same_load() -> None:
    one, other = (Load(TINY, 5).small(STAMP) for _ in range(2))
    assert one == other
    assert len(one.messages) == TINY.small


def test_no_prices_of_the_load_disagree_but_raised_ones() -> None:
    load, detector = Load(TINY, 5), Detector()
    for _, message in load.begin(STAMP).messages:
        assert not detector.update(json.loads(message))
    raised = set()
    for _, home, up, _ in (load.trigger(number, STAMP) for number in range(3)):
        assert detector.update(json.loads(up))
        raised.add(home)
    assert {market[0] for market in detector.open} == raised
    assert {market[2:] for market in detector.open} == {("ft_ou", LINE)}


def test_the_exchange_leads_a_listener_from_its_images_to_its_own_prices() -> None:
    exchange = Exchange(1, 300)
    books: Book = {}
    best: dict[str, dict[str, dict[int, float]]] = {}
    for line in (*exchange.images.splitlines(), *exchange.messages):
        take(json.loads(line), books, best)
    assert exchange.changes > len(exchange.messages) / 2
    for market in (*exchange.markets, exchange.finish):
        for (runner, side), levels in market.ladders.items():
            assert best[market.id][side][runner] == float(levels[0][0])


def test_memory_is_flat_when_its_second_half_does_not_rise(capsys: pytest.CaptureFixture[str]) -> None:
    flat = [(5.0 * number, 100.0 + number % 2) for number in range(60)]
    rising = [(5.0 * number, 100.0 + number) for number in range(60)]
    assert slope(rising) == pytest.approx(12)
    assert is_flat(flat[30:])
    assert not is_flat(rising[30:])
    report({"engine": rising, "world": flat})
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("engine")
    assert lines[1].endswith("NOT FLAT")
    assert lines[2].endswith("  flat")


def test_samples_tell_where_the_time_goes() -> None:
    sampler = Sampler()
    sampler.start()
    try:
        while sampler.parts.total() < 20:
            sum(range(2_000))
    finally:
        sampler.stop()
    assert sum(sampler.shares(0).values()) == pytest.approx(1, abs=0.01)
    assert any("test_live_way.py" in place for place in sampler.places_shares(0))

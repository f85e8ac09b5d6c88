"""The judge of Betfair recordings judged: tiny recordings, a damaged one, and figures of the real ones."""

from __future__ import annotations

import bz2
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.oracles.betfair_rebuild import Update, best_prices, rebuild
from tests.oracles.hostile import write_all


def _write_stream(path: Path, *changes: dict[str, Any]) -> Path:
    lines = [
        json.dumps({"op": "mcm", "pt": 100 + n, "mc": [{"id": "1.1", **change}]})
        for n, change in enumerate(changes)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def _definition(status: str = "OPEN", in_play: bool = False, **runners: str) -> dict[str, Any]:
    described = [{"id": int(name.removeprefix("r")), "status": state} for name, state in runners.items()]
    return {"status": status, "inPlay": in_play, "marketBaseRate": 5, "bspMarket": True, "runners": described}


def _d(price: str, size: str) -> tuple[Decimal, Decimal]:
    return Decimal(price), Decimal(size)


def test_image_delta_and_removal(tmp_path: Path) -> None:
    path = _write_stream(
        tmp_path / "stream",
        {
            "img": True,
            "marketDefinition": _definition(r7="ACTIVE", r8="ACTIVE"),
            "rc": [{"id": 7, "atb": [[2.02, 10], [2, 5.55], [1.01, 900]], "atl": [[2.06, 3], [2.04, 4.1]]}],
        },
        {"rc": [{"id": 7, "atb": [[2.02, 0]], "atl": [[2.04, 7]]}]},
        {
            "marketDefinition": _definition("SUSPENDED", True, r7="ACTIVE", r8="REMOVED"),
            "rc": [{"id": 8, "atb": [[5, 1]]}],
        },
        {"img": True, "rc": [{"id": 8, "atb": [[6, 1]]}]},
        {"marketDefinition": _definition("CLOSED", True, r7="WINNER", r8="LOSER"), "con": True},
    )
    assert list(best_prices(path)) == [
        Update(1, 100, "1.1", "OPEN", False, {7: (_d("2.02", "10"), _d("2.04", "4.1")), 8: (None, None)}),
        Update(2, 101, "1.1", "OPEN", False, {7: (_d("2", "5.55"), _d("2.04", "7")), 8: (None, None)}),
        Update(3, 102, "1.1", "SUSPENDED", True, {7: (_d("2", "5.55"), _d("2.04", "7")), 8: (None, None)}),
        Update(4, 103, "1.1", "SUSPENDED", True, {7: (None, None), 8: (None, None)}),
        Update(5, 104, "1.1", "CLOSED", True, {7: (None, None), 8: (_d("6", "1"), None)}),
    ]


def test_level_ladders_and_the_choice_between_feeds(tmp_path: Path) -> None:
    path = _write_stream(
        tmp_path / "stream",
        {"rc": [{"id": 7, "bdatb": [[0, 2.4, 9], [1, 2.38, 1]], "bdatl": [[0, 2.42, 9]]}]},
        {"rc": [{"id": 7, "bdatb": [[0, 0, 0]], "bdatl": [[0, 2.44, 8]]}]},
        {"rc": [{"id": 7, "batb": [[0, 2.3, 2]]}]},
        {"rc": [{"id": 7, "atb": [[2.2, 3]], "bdatb": [[0, 9, 9]]}]},
        {"rc": [{"id": 7, "atb": [[2.2, 0]]}]},
    )
    found = [update.prices[7] for update in best_prices(path)]
    assert found == [
        (_d("2.4", "9"), _d("2.42", "9")),
        (_d("2.38", "1"), _d("2.44", "8")),
        (_d("2.3", "2"), None),
        (_d("2.2", "3"), None),
        (None, None),
    ]


def test_prices_are_exact_and_bz2_is_read(tmp_path: Path) -> None:
    line = '{"op":"mcm","pt":5,"mc":[{"id":"1.1","rc":[{"id":7,"atb":[[1.100,0.10]],"atl":[[1e1,2]]}]}]}\n'
    path = tmp_path / "stream.bz2"
    path.write_bytes(bz2.compress(line.encode()))
    (update,) = best_prices(path)
    back, lay = update.prices[7]
    assert back is not None
    assert str(back[0]) == "1.100"
    assert str(back[1]) == "0.10"
    assert lay == (Decimal(10), Decimal(2))


def test_one_message_may_change_several_markets_and_others_change_none(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    path.write_text(
        '{"op":"mcm","pt":1,"mc":[{"id":"1.1","rc":[]},{"id":"1.2","rc":[]},{"id":"1.1","tv":3}]}\n'
        '{"op":"mcm","pt":2,"ct":"HEARTBEAT"}\n\n'
        "not json\n"
        '{"op":"ocm","pt":3,"oc":[]}\n'
        '{"op":"rcm","pt":4,"rc":[{"id":"1.1"}]}\n'
    )
    found = [(update.line_no, update.pt, update.market_id) for update in best_prices(path)]
    assert found == [(1, 1, "1.1"), (1, 1, "1.2"), (2, 2, None), (4, 0, None), (5, 3, None), (6, 4, None)]


def test_starting_prices_rate_and_handicap_runners(tmp_path: Path) -> None:
    path = _write_stream(
        tmp_path / "stream",
        {
            "marketDefinition": {**_definition(), "bspReconciled": True},
            "rc": [
                {"id": 7, "hc": -0.5, "atb": [[2, 1]], "ltp": 2.02},
                {"id": 7, "hc": 0.5, "atb": [[1.5, 1]], "spn": "NaN", "spf": 3.5, "spl": [[2, 10]]},
            ],
        },
    )
    ((_, _, market),) = rebuild(path)
    assert market is not None
    assert market.base_rate == 5
    assert market.bsp_market
    assert market.bsp_reconciled
    assert not market.conflated
    assert market.best() == {}
    assert market.best_by_runner()[7, Decimal("-0.5")] == (_d("2", "1"), None)
    other = market.runners[7, Decimal("0.5")]
    assert other.starting_near is None
    assert other.starting_far == Decimal("3.5")
    assert other.offers("spl") == [_d("2", "10")]


@pytest.mark.parametrize(
    ("name", "messages", "open_messages", "prices"),
    [
        ("1.197931750", 166, 164, 1968),
        ("BASIC-1.132153978", 480, 478, 0),
        ("1-166564490.bz2", 1608, 1608, 6432),
        ("api_ng/historicaldata/ORDER-1.177596575", 4, 0, 0),
        ("api_ng/historicaldata/CRICKET-1.179676557", 3, 0, 0),
        ("api_ng/historicaldata/RACE-1.140075353", 4, 0, 0),
        ("api_ng/streaming_mcm_SUB_IMAGE.json", 1, 1, 12),
        ("api_ng/streaming_mcm_SUB_IMAGE_no_market_def.json", 137, 123, 498),
        ("api_ng/streaming_mcm_RESUB_DELTA.json", 43, 1, 457),
        ("api_ng/streaming_mcm_HEARTBEAT.json", 1, 0, 0),
        ("api_ng/streaming_rcm.json", 1, 0, 0),
    ],
)
def test_real_recordings_are_read_to_their_end(
    real_data: Path, name: str, messages: int, open_messages: int, prices: int
) -> None:
    updates = list(best_prices(real_data / "sports" / "betfair" / name))
    assert len(updates) == messages
    assert sum(update.status == "OPEN" for update in updates) == open_messages
    found = [pair for update in updates for pair in update.prices.values()]
    assert sum(price is not None for pair in found for price in pair) == prices
    assert all(back[0] < lay[0] for back, lay in found if back is not None and lay is not None)


def test_a_garbage_line_does_not_stop_the_rebuild(tmp_path: Path) -> None:
    write_all(tmp_path / "bad")
    clean = [update.prices for update in best_prices(tmp_path / "bad" / "stream_good")]
    dirty = [
        update.prices for update in best_prices(tmp_path / "bad" / "stream_garbage_line") if update.market_id
    ]
    assert clean == dirty
    assert clean[-1][11] == (_d("2.18", "40"), _d("2.22", "80.5"))

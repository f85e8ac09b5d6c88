"""The Betfair recordings: read to their ends, and after every message equal to a plain rebuild."""

from __future__ import annotations

import bz2
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from crossbook.base.errors import BadData
from crossbook.model.quote import Side
from crossbook.venues import readers
from crossbook.venues.betfair import READER, starting_prices
from crossbook.venues.reader import Document
from tests.venues.betfair_messages import Prices, prices, split

BACK, LAY = Side.BACK, Side.LAY


def recording(real_data: Path, name: str) -> Document:
    path = real_data / "sports" / "betfair" / name
    data = path.read_bytes()
    return Document(path.parts[-3:], bz2.decompress(data) if path.suffix == ".bz2" else data)


@pytest.mark.parametrize(
    ("name", "snapshots", "quotes", "tradable"),
    [
        ("1-166564490.bz2", 1_608, 19_290, 19_290),
        ("1.197931750", 166, 5_904, 5_904),
        ("BASIC-1.132153978", 480, 0, 0),
        ("api_ng/streaming_mcm_SUB_IMAGE.json", 1, 12, 12),
        ("api_ng/streaming_mcm_SUB_IMAGE_no_market_def.json", 135, 1_463, 1_456),
        ("api_ng/streaming_mcm_RESUB_DELTA.json", 1, 34, 22),
        ("api_ng/streaming_mcm_UPDATE_md.json", 1, 0, 0),
    ],
)
def test_recording_is_read_to_its_end(
    real_data: Path, name: str, snapshots: int, quotes: int, tradable: int
) -> None:
    given = recording(real_data, name)
    assert READER.recognises(given)
    found, faults = split(READER, given)
    assert len(found) == snapshots
    assert sum(len(one.quotes) for one in found) == quotes
    assert sum(quote.tradable for one in found for quote in one.quotes) == tradable
    unnamed = {
        "api_ng/streaming_mcm_RESUB_DELTA.json": "41 ",
        "api_ng/streaming_mcm_SUB_IMAGE_no_market_def.json": "2 ",
    }
    assert [fault.reason[:3].rstrip("m") for fault in faults] == ([unnamed[name]] if name in unnamed else [])


@pytest.mark.parametrize(
    ("name", "message_number", "best"),
    [
        ("1-166564490.bz2", 1, {"237491": "1.95 9.91 1.99 9.79", "60424": "2 22.42 2.06 16.7"}),
        ("1-166564490.bz2", 800, {"237491": "1.84 119.61 1.86 21.36", "60424": "2.14 35.36 2.2 8.31"}),
        ("1-166564490.bz2", 1607, {"237491": "1.78 1146.46 1.81 623.93", "60424": "2.24 83.04 2.28 860.94"}),
        ("1.197931750", 100, {"37947503": "23 26.14 24 68.42", "44331354": "95 4.52 100 0.15"}),
        ("1.197931750", 163, {"36276560": "6.8 77.81 7 5.42", "39823721": "1.53 197.86 1.56 9.44"}),
    ],
)
def test_recorded_best_prices(real_data: Path, name: str, message_number: int, best: dict[str, str]) -> None:
    given = recording(real_data, name)
    found, _ = split(READER, given)
    market_id = found[0].quotes[0].market_id
    for selection, text in best.items():
        quotes = found[message_number].quotes
        (back, *_), (lay, *_) = (prices(quotes, selection, side, market_id) for side in (BACK, LAY))
        assert [*back, *lay] == [Fraction(number) for number in text.split()]


def rebuilt(data: bytes) -> Iterator[dict[tuple[str, Side], Prices]]:
    """The full ladders of a one-market recording after each message, from plain dicts."""
    ladders: dict[tuple[str, Side], dict[Fraction, Any]] = {}
    for line in data.splitlines():
        for change in json.loads(line, parse_float=Fraction, parse_int=Fraction)["mc"]:
            ladders = {} if change.get("img") else ladders
            for prices_of in change.get("rc", []):
                for field, side in (("atb", BACK), ("atl", LAY)):
                    ladders.setdefault((str(int(prices_of["id"])), side), {}).update(prices_of.get(field, []))
        yield {
            key: sorted(((price, size) for price, size in ladder.items() if size), reverse=key[1] is BACK)[:3]
            for key, ladder in ladders.items()
        }


@pytest.mark.parametrize("name", ["1-166564490.bz2", "1.197931750"])
def test_recorded_prices_after_every_message_are_those_of_a_plain_rebuild(real_data: Path, name: str) -> None:
    given = recording(real_data, name)
    found, _ = split(READER, given)
    market_id = found[0].quotes[0].market_id
    compared = 0
    for one, ladders in zip(found, rebuilt(given.data), strict=True):
        for (selection, side), offers in ladders.items():
            assert prices(one.quotes, selection, side, market_id) == offers
            compared += 1
    assert compared >= 4 * len(found)


def test_recorded_removals_and_result(real_data: Path) -> None:
    found, _ = split(READER, recording(real_data, "BASIC-1.132153978"))
    sizes = [len(one.listing.contests[0].runners) for one in found if one.listing.contests]
    assert (sizes[0], sizes[-1], sizes == sorted(sizes, reverse=True)) == (14, 12, True)
    assert found[-1].listing.contests == ()
    assert (found[0].listing.home, found[0].listing.competition) == ("Ham 14th Jun", "Hamilton")


def test_recorded_starting_prices(real_data: Path) -> None:
    dogs = starting_prices(recording(real_data, "1.197931750"))["1.197931750"]
    assert len(dogs) == 6
    assert dogs["39823721"].actual == Fraction("1.55")
    horses = starting_prices(recording(real_data, "BASIC-1.132153978"))["1.132153978"]
    assert len(horses) == 12
    assert horses["10299545"].actual == 11


def test_other_streams_give_nothing_and_no_fault(real_data: Path) -> None:
    folder = real_data / "sports" / "betfair" / "api_ng"
    quiet = [*folder.glob("streaming_[or]cm*.json"), *folder.glob("ccms/*.json")]
    quiet += [folder / "historicaldata" / name for name in ("CRICKET-1.179676557", "ORDER-1.177596575")]
    assert len(quiet) == 15
    for path in quiet:
        given = Document(path.parts[-3:], path.read_bytes())
        assert READER.recognises(given), path.name
        assert list(READER.read(given)) == [], path.name


def test_every_file_gives_quotes_nothing_or_one_clear_fault(real_data: Path) -> None:
    formats = [readers()[name] for name in ("betfair-stream", "betfair-api")]
    paths = [path for path in (real_data / "sports" / "betfair").rglob("*") if path.is_file()]
    assert len(paths) > 80
    recognised = 0
    for path in paths:
        given = recording(real_data, str(path))
        claimed = [reader for reader in formats if reader.recognises(given)]
        assert len(claimed) <= 1, path.name
        recognised += len(claimed)
        for reader in formats:
            try:
                _, faults = split(reader, given)
            except BadData:
                faults = []
                assert reader not in claimed, path.name
            assert len(faults) <= 1 or reader not in claimed, path.name
    assert recognised == 37

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import pytest

from crossbook.base.clock import SECOND, parse_time
from crossbook.sim.recording import write_recording
from crossbook.sim.truth import AGGREGATOR, EXCHANGE, FEED, PREDICTION, TRUTH_FILE, Truth, read_truth
from tests.sim.reading import as_seen, best_return, exact, read_folder, rebuild


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recording") / "made" / "here"


@pytest.fixture(scope="module")
def truth(folder: Path) -> Truth:
    return write_recording(folder, seed=11)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes(folder: Path, truth: Truth, tmp_path: Path):
    random.seed(5)
    before = random.getstate()
    again = write_recording(tmp_path / "again", seed=11)
    assert random.getstate() == before
    assert again == truth
    assert contents(tmp_path / "again") == contents(folder)


def test_another_seed_and_another_start_give_other_files(folder: Path, truth: Truth, tmp_path: Path):
    write_recording(tmp_path / "seed", seed=12)
    write_recording(tmp_path / "start", seed=11, start=truth.start + 3_600 * SECOND)
    for other in ("seed", "start"):
        for name in ("odds-feed.json", "prediction-market.json", "exchange.stream", TRUTH_FILE):
            assert (tmp_path / other / name).read_bytes() != (folder / name).read_bytes()


def test_only_the_expected_files_are_written_and_all_are_json(folder: Path, truth: Truth):
    names = {path.name for path in folder.iterdir()}
    wanted = {"odds-feed.json", "prediction-market.json", "exchange.stream", TRUTH_FILE}
    wanted |= {f"aggregator-{fixture.ids[AGGREGATOR]}.json" for fixture in truth.fixtures}
    assert names == wanted
    for path in folder.glob("*.json"):
        json.loads(path.read_bytes())
    for line in (folder / "exchange.stream").read_text().splitlines():
        assert json.loads(line)["op"] == "mcm"


def test_the_truth_can_be_read_back_and_hides_from_a_scan(folder: Path, truth: Truth):
    assert read_truth(folder / TRUTH_FILE) == truth
    assert TRUTH_FILE.startswith(".")


def test_the_files_say_what_the_truth_says_and_nothing_more(folder: Path, truth: Truth):
    read = read_folder(folder, truth)
    assert len(read) == len(set(read))
    assert set(read) == {as_seen(price) for price in truth.prices}


def test_the_files_hold_the_planted_arbitrage_and_no_other(folder: Path, truth: Truth):
    faulty = {as_seen(price) for price in truth.prices if price.fault}
    planted = {each.fixture: float(each.return_before_commission) for each in truth.opportunities}
    read = [price for price in read_folder(folder, truth) if price not in faulty]
    for fixture in truth.fixtures:
        best = best_return([price for price in read if price.fixture == fixture.number])
        if fixture.number in planted:
            assert best == pytest.approx(planted[fixture.number], abs=1e-7)
        else:
            assert best < 1


def test_five_bookmakers_in_the_feed_and_several_lines_in_the_aggregator(folder: Path, truth: Truth):
    events = json.loads((folder / "odds-feed.json").read_bytes())
    assert len(events) == len(truth.fixtures)
    for event in events:
        assert len(event["bookmakers"]) == 5
        keys = {market["key"] for book in event["bookmakers"] for market in book["markets"]}
        assert keys == {"h2h", "spreads", "totals"}
    one = json.loads(next(folder.glob("aggregator-*.json")).read_bytes())
    for markets in one["bookmakers"].values():
        rows = {market["name"]: market["odds"] for market in markets}
        assert len(rows["Spread"]) >= 5
        assert len(rows["Totals"]) >= 5
        assert all(isinstance(price, str) for price in rows["ML"][0].values())


def test_only_one_exchange_market_ends_suspended_and_one_more_was_on_the_way(folder: Path, truth: Truth):
    markets = rebuild(folder / "exchange.stream")
    fault = next(each for each in truth.faults if each.name == "suspended_market")
    ended = [market.definition for market in markets.values() if market.definition["status"] == "SUSPENDED"]
    assert [each["eventId"] for each in ended] == [truth.fixtures[fault.fixture].ids[EXCHANGE]]
    suspensions = (folder / "exchange.stream").read_text().count('"SUSPENDED"')
    assert suspensions == 2
    assert all(market.definition["marketBaseRate"] == 5 for market in markets.values())


def test_the_stream_is_never_crossed_nor_better_than_at_its_end(folder: Path):
    final = rebuild(folder / "exchange.stream")
    standing: dict[tuple[str, int, str], set[Fraction]] = {}
    for line in (folder / "exchange.stream").read_text().splitlines():
        for change in json.loads(line)["mc"]:
            for row in change.get("rc", []):
                for side in ("atb", "atl"):
                    key = (change["id"], row["id"], side)
                    levels = set() if change.get("img") else standing.setdefault(key, set())
                    for odds, size in row.get(side, []):
                        levels.add(exact(odds)) if size else levels.discard(exact(odds))
                    standing[key] = levels
                ends = final[change["id"]].ladders
                assert max(standing[change["id"], row["id"], "atb"]) <= max(ends[row["id"], "atb"])
                assert min(standing[change["id"], row["id"], "atl"]) >= min(ends[row["id"], "atl"])
                assert max(ends[row["id"], "atb"]) < min(ends[row["id"], "atl"])


def test_names_differ_between_sources(truth: Truth):
    pairs = [(FEED, AGGREGATOR), (FEED, EXCHANGE), (AGGREGATOR, EXCHANGE), (FEED, PREDICTION)]
    for first, second in pairs:
        different = [each for each in truth.fixtures if each.names[first] != each.names[second]]
        assert len(different) >= 10
    names = {name for each in truth.fixtures for pair in each.names.values() for name in pair}
    assert {"Man Utd", "Manchester United", "Atlético Madrid", "Bayern Munich", "Bayern Muenchen"} <= names
    for fixture in truth.fixtures:
        for names_of in fixture.names.values():
            assert names_of[0] != names_of[1]


def test_kick_off_is_stated_with_its_time_by_all_but_the_prediction_market(folder: Path, truth: Truth):
    kick_offs = {fixture.ids[FEED]: fixture.kick_off for fixture in truth.fixtures}
    for event in json.loads((folder / "odds-feed.json").read_bytes()):
        assert parse_time(event["commence_time"]) == kick_offs[event["id"]]
    record = json.loads((folder / "prediction-market.json").read_bytes())[0]
    assert "-26MAR2" in record["ticker"]
    assert not any("T12:30" in str(value) for value in record.values())

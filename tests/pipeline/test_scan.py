"""The scan on made-up input: what takes part, what is joined, what a stream shows on its way."""

from __future__ import annotations

import gzip
import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from crossbook.app.build import build_scan
from crossbook.base.errors import Misconfigured
from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.model.quote import Basis
from crossbook.model.report import opportunity_object
from crossbook.pipeline.options import Markets, Options, Venues
from tests.pipeline.made_up import (
    AWAY_RUNNER,
    COLUMNS,
    DRAW_RUNNER,
    FAIR,
    HOME_RUNNER,
    PLANTED,
    PLANTED_RETURN,
    actionable,
    backs,
    double_chance,
    lays,
    match_odds,
    odds_api_io,
    row,
    scan,
    season,
    stream,
    terms,
    the_odds_api,
    three,
    write,
)


def legs(found: Opportunity) -> list[tuple[str, str, str, str]]:
    return [
        (leg.quote.venue.id, leg.quote.claim.selection, leg.quote.side.value, f"{float(leg.quote.odds):g}")
        for leg in found.legs
    ]


# ---------------------------------------------------------------- season archives


def test_a_planted_arbitrage_is_found_with_its_exact_return(tmp_path: Path) -> None:
    path = write(tmp_path / "1011" / "E0.csv", season(row(), row(PLANTED, "Hilltop", "Lakeside")))
    (found,), summary = scan(path)
    assert found.guaranteed_return == PLANTED_RETURN
    assert (found.verdict, found.basis, found.listing.home, found.listing.season) == (
        Verdict.PURE,
        Basis.PREMATCH,
        "Hilltop",
        "1011",
    )
    assert legs(found) == [
        ("B365", "home", "back", "2.2"),
        ("BW", "draw", "back", "3.65"),
        ("IW", "away", "back", "3.95"),
    ]
    assert found.plan is not None
    assert found.plan.worst > 0
    assert (summary.files, summary.events, summary.quotes, summary.opportunities) == (1, 2, 18, 1)
    assert (summary.by_verdict, summary.skipped) == ({"pure": 1}, [])


def test_faults_of_rows_are_listed_with_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path / "E0.csv", season(row(), row(FAIR.replace("4.1", "x")), row(PLANTED)))
    found, summary = scan(path)
    assert len(found) == 1
    assert [(each.file, each.line) for each in summary.skipped] == [(str(path), 3)]
    assert summary.skipped[0].reason.startswith("B365A: ")
    assert (summary.files, summary.events) == (1, 3)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    good = write(tmp_path / "b.csv", season(row(PLANTED)))
    bad = write(tmp_path / "a.csv", season(row()).encode("utf-16"))
    for form in ("auto", "football-data"):
        found, summary = scan(bad, tmp_path / "missing.csv", good, form=form)
        assert len(found) == 1
        assert summary.files == 1
        assert {Path(each.file).name for each in summary.skipped} == {"missing.csv", "a.csv"}


def test_progress_goes_up_and_ends_at_the_number_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossbook.pipeline.scan._CHUNK", 1)
    for number in range(6):
        write(tmp_path / f"{number}.csv", season(row(home=f"Home {number}")))
    whole = gzip.compress(random.Random(1).randbytes(200_000).hex().encode())
    header = gzip.compress(f"{COLUMNS}\n".encode())
    write(tmp_path / "6.csv", header + whole[: len(whole) // 2])
    told: list[tuple[int, int]] = []
    _, summary = scan(tmp_path, progress=lambda done, of: told.append((done, of)))
    assert (summary.files, len(summary.skipped)) == (6, 1)
    assert told == [(done, 7) for done in range(1, 8)]


def test_progress_of_files_that_are_scanned_together_ends_too(tmp_path: Path) -> None:
    write(tmp_path / "a.json", odds_api_io("A", "B", {"Bet365": three(2, 3, 4)}))
    write(tmp_path / "b.csv", season(row()))
    told: list[tuple[int, int]] = []
    scan(tmp_path, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (2, 2)


def test_one_and_two_processes_say_the_same_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossbook.pipeline.scan._CHUNK", 10_000)
    for number in range(12):
        pairs = [(f"Home {place}", f"Away {number}") for place in range(100 + 90 * (number % 3))]
        rows = [row(FAIR if place % 9 else PLANTED, *pair) for place, pair in enumerate(pairs)]
        rows.append(row(FAIR.replace("4.1", "?"), "Broken", "Away"))
        write(tmp_path / f"{number:02}" / "E0.csv", season(*rows))
    outputs = []
    for processes in (1, 2):
        work = build_scan(Options(), processes)
        shown = [json.dumps(opportunity_object(found)) for found in work.run([tmp_path])]
        work.summary.seconds = 0
        outputs.append((shown, work.summary))
    assert outputs[0] == outputs[1]
    shown, summary = outputs[0]
    assert len(shown) == 4 * (12 + 22 + 32)
    assert [Path(each.file).parent.name for each in summary.skipped] == [f"{n:02}" for n in range(12)]


# ---------------------------------------------------------------- what takes part

BOTH_TIMES = f"{COLUMNS},B365CH,B365CD,B365CA,BWCH,BWCD,BWCA"


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        (None, {"prematch", "closing"}),
        (Basis.PREMATCH, {"prematch"}),
        (Basis.CLOSING, {"closing"}),
        (Basis.LIVE, set()),
    ],
)
def test_basis(tmp_path: Path, basis: Basis | None, expected: set[str]) -> None:
    text = season(row(f"{PLANTED},2.2,3.3,3.4,2.05,3.6,4.0"), columns=BOTH_TIMES)
    found, summary = scan(write(tmp_path / "E0.csv", text), basis=basis)
    assert {each.basis.value for each in found} == expected
    assert summary.quotes == 9 * ("prematch" in expected) + 6 * ("closing" in expected)


def test_prices_of_different_times_are_never_combined(tmp_path: Path) -> None:
    columns = "Div,Date,HomeTeam,AwayTeam,B365H,B365D,B365A,BWCH,BWCD,BWCA"
    text = season(row("2.6,3.3,2.6,2.2,4.5,3"), columns=columns)
    assert scan(write(tmp_path / "E0.csv", text))[0] == []


def test_markets(tmp_path: Path) -> None:
    columns = f"{COLUMNS},B365>2.5,B365<2.5,GB>2.5,GB<2.5"
    over_under = "2.1,1.8,1.85,2.0"
    text = season(
        row(f"{FAIR},{over_under}", "Both"),
        row(f"{PLANTED},,,,", "Result"),
        row(f"{FAIR},,,,", "Nothing"),
        columns=columns,
    )
    path = write(tmp_path / "E0.csv", text)
    homes = {
        markets: {
            each.listing.home: {leg.quote.claim.market for leg in each.legs}
            for each in scan(path, markets=markets)[0]
        }
        for markets in Markets
    }
    assert homes == {
        Markets.ANY: {"Result": {"1x2"}, "Both": {"total"}},
        Markets.MATCH_RESULT: {"Result": {"1x2"}},
        Markets.ALL: {"Both": {"total"}},
    }
    summary = scan(path, markets=Markets.ALL)[1]
    assert (summary.events, summary.left_out) == (1, {"only one market is quoted": 2})


def test_the_exchange_of_season_files_takes_part_only_when_asked_for(tmp_path: Path) -> None:
    text = season(row(f"{FAIR},2.3,3.9,4.2"), columns=f"{COLUMNS},BFEH,BFED,BFEA")
    path = write(tmp_path / "E0.csv", text)
    assert scan(path)[0] == []
    found, summary = scan(path, venues=Venues.ALL)
    assert summary.quotes == 12
    assert found
    assert all(any(leg.quote.venue.id == "BFE" for leg in each.legs) for each in found)


def test_commission_is_counted_and_makes_the_difference(tmp_path: Path) -> None:
    prices = "1.9,3.3,3.95,1.95,3.65,3.6,2,3.2,3.5,2.15,3.3,3.6"
    path = write(tmp_path / "E0.csv", season(row(prices), columns=f"{COLUMNS},BFEH,BFED,BFEA"))
    (free,), _ = scan(path, venues=Venues.ALL)
    assert free.verdict is Verdict.RULE_EXPOSED
    assert "commission_unstated" in {reason.name for reason in free.reasons}
    assert free.guaranteed_return == 1 / (1 / Fraction("2.15") + 1 / Fraction("3.65") + 1 / Fraction("3.95"))
    (charged,), _ = scan(path, venues=Venues.ALL, commissions={"BFE": Fraction(1, 1000)})
    assert "commission_unstated" not in {reason.name for reason in charged.reasons}
    taxed = 1 + Fraction("1.15") * Fraction(999, 1000)
    assert charged.guaranteed_return == 1 / (1 / taxed + 1 / Fraction("3.65") + 1 / Fraction("3.95"))
    assert scan(path, venues=Venues.ALL, commissions={"BFE": Fraction(1, 4)})[0] == []


def test_least_margin(tmp_path: Path) -> None:
    path = write(tmp_path / "E0.csv", season(row(PLANTED)))
    margin = PLANTED_RETURN - 1
    assert len(scan(path, terms=terms(least_margin="0.018"))[0]) == 1
    assert Fraction("0.018") < margin < Fraction("0.019")
    assert scan(path, terms=terms(least_margin="0.019"))[0] == []


def test_verdicts(tmp_path: Path) -> None:
    wild = PLANTED.replace("3.65", "9.5")
    path = write(tmp_path / "E0.csv", season(row(PLANTED, "Plain"), row(wild, "Wild")))
    everything, _ = scan(path)
    assert {each.verdict for each in everything} == {Verdict.PURE, Verdict.REJECTED}
    for verdict in Verdict:
        found, summary = scan(path, verdicts=frozenset({verdict}))
        assert found == [each for each in everything if each.verdict is verdict]
        assert summary.opportunities == len(found)
        assert summary.by_verdict == ({verdict.value: len(found)} if found else {})
    rejected = [each for each in everything if each.verdict is Verdict.REJECTED]
    assert all(each.reasons for each in rejected)


def test_bank_and_unit_reach_the_plan(tmp_path: Path) -> None:
    path = write(tmp_path / "E0.csv", season(row(PLANTED)))
    (found,), _ = scan(path, terms=terms(bank="250", unit="5"))
    assert found.plan is not None
    assert [found.plan.bank, found.plan.unit] == [250, 5]
    assert all(stake.amount % 5 == 0 for stake in found.plan.stakes)
    assert found.plan.staked <= 250


def test_a_plan_that_no_whole_stakes_allow_says_why(tmp_path: Path) -> None:
    path = write(tmp_path / "E0.csv", season(row(PLANTED)))
    (found,), _ = scan(path, terms=terms(bank="3", unit="1"))
    assert found.plan is None
    assert found.unplanned


def test_a_format_that_does_not_exist_stops_the_scan(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="format"):
        scan(write(tmp_path / "E0.csv", season(row())), form="nonsense")
    (tmp_path / "empty").mkdir()
    with pytest.raises(Misconfigured, match="format"):
        scan(tmp_path / "empty", form="nonsense")


# ---------------------------------------------------------------- several sources


def two_feeds(folder: Path, **changes: Any) -> Path:
    """One match in two feeds: what leaves nothing in either leaves something in both together."""
    write(
        folder / "a.json",
        odds_api_io("Northgate Rovers FC", "Southport City", {"Bet365": three(2.2, 3.2, 3.3)}),
    )
    text = the_odds_api(
        "Northgate Rovers", "Southport City FC", {"bookone": three(2.0, 3.65, 3.95)}, **changes
    )
    write(folder / "b.json", text)
    return folder


def test_feeds_that_name_a_match_differently_are_joined(tmp_path: Path) -> None:
    folder = two_feeds(tmp_path)
    for alone in ("a.json", "b.json"):
        assert scan(folder / alone)[0] == []
    (found,), summary = scan(folder)
    assert (found.verdict, found.guaranteed_return) == (Verdict.PURE, PLANTED_RETURN)
    assert {leg[0] for leg in legs(found)} == {"bet365", "bookone"}
    assert (summary.files, summary.events, summary.matched, summary.review) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("home", "away", "start"),
    [
        pytest.param("Northgate Rovers", "Southport City FC", "2025-05-04T15:00:00Z", id="an hour apart"),
        pytest.param("Southport City FC", "Northgate Rovers", "2025-05-04T14:00:00Z", id="sides exchanged"),
        pytest.param("Northgate Rovers", "Lakeside Albion", "2025-05-04T14:00:00Z", id="one side only"),
    ],
)
def test_a_look_alike_is_for_review_and_is_not_joined(
    tmp_path: Path, home: str, away: str, start: str
) -> None:
    ours, theirs = {"Bet365": three(2.2, 3.2, 3.3)}, {"bookone": three(2.0, 3.65, 3.95)}
    write(tmp_path / "a.json", odds_api_io("Northgate Rovers FC", "Southport City", ours))
    write(tmp_path / "b.json", the_odds_api(home, away, theirs, commence_time=start))
    found, summary = scan(tmp_path)
    assert found == []
    assert (summary.events, summary.matched, summary.review) == (2, 0, 1)


def test_another_side_of_a_club_is_another_match(tmp_path: Path) -> None:
    ours, theirs = {"Bet365": three(2.2, 3.2, 3.3)}, {"bookone": three(2.0, 3.65, 3.95)}
    write(tmp_path / "a.json", odds_api_io("Northgate Rovers", "Southport City", ours))
    write(tmp_path / "b.json", the_odds_api("Northgate Rovers U21", "Southport City U21", theirs))
    found, summary = scan(tmp_path)
    assert (found, summary.events, summary.matched) == ([], 2, 0)


def test_another_day_is_another_match(tmp_path: Path) -> None:
    found, summary = scan(two_feeds(tmp_path, commence_time="2025-05-11T14:00:00Z"))
    assert (found, summary.events, summary.matched) == ([], 2, 0)


def test_season_files_join_feeds_of_the_same_day(tmp_path: Path) -> None:
    feed = odds_api_io("Northgate Rovers", "Southport City", {"Bet365": three(2.2, 3.2, 3.3)})
    write(tmp_path / "feed.json", feed)
    columns = "Div,Date,Time,HomeTeam,AwayTeam,BWH,BWD,BWA"
    csv = season("E0,04/05/2025,15:00,Northgate Rovers,Southport City,2.0,3.65,3.95", columns=columns)
    write(tmp_path / "2425" / "E0.csv", csv)
    found, summary = scan(tmp_path)
    assert (summary.matched, summary.events) == (1, 1)
    assert [each.guaranteed_return for each in found] == [PLANTED_RETURN]
    assert found[0].listing.season == "2425"


# ---------------------------------------------------------------- streams

NAMES = {"home": "Northgate Rovers", "away": "Southport City"}
RESULT, CHANCE = "1.1", "1.2"


def opening(home_back: float = 2.0, **terms_of_market: Any) -> list[dict[str, Any]]:
    """Images of match odds and double chance; the home back price against draw-or-away at 2 decides."""
    return [
        match_odds(
            RESULT,
            backs(HOME_RUNNER, (home_back, 50), (1.9, 80), (1.8, 100)),
            lays(HOME_RUNNER, (2.4, 50)),
            backs(DRAW_RUNNER, (3.4, 50)),
            backs(AWAY_RUNNER, (3.6, 50)),
            **NAMES,
            **terms_of_market,
        ),
        double_chance(CHANCE, backs(22, (2.0, 60)), **NAMES, **terms_of_market),
    ]


def change(*prices: dict[str, Any], market: str = RESULT) -> list[dict[str, Any]]:
    return [{"id": market, "rc": list(prices)}]


def up(price: float) -> list[dict[str, Any]]:
    return change(backs(HOME_RUNNER, (price, 50)))


def down(price: float) -> list[dict[str, Any]]:
    return change(backs(HOME_RUNNER, (price, 0)))


def test_what_exists_only_in_the_middle_of_a_stream_is_found_once_at_its_best(tmp_path: Path) -> None:
    path = write(
        tmp_path / "1.1", stream(opening(1.95), up(2.2), up(2.3), down(2.3), up(2.24), down(2.2), down(2.24))
    )
    found, summary = scan(path)
    assert summary.skipped == []
    (best,) = found
    assert best.guaranteed_return == 1 / (1 / Fraction("2.3") + Fraction(1, 2))
    assert (best.verdict, best.listing.home) == (Verdict.PURE, NAMES["home"])
    assert sorted(legs(best)) == [
        ("betfair_exchange", "draw_away", "back", "2"),
        ("betfair_exchange", "home", "back", "2.3"),
    ]
    quiet = write(tmp_path / "quiet", stream(opening(1.95), up(1.98), down(1.98)))
    assert scan(quiet)[0] == []


def test_stakes_stay_within_what_is_on_offer(tmp_path: Path) -> None:
    path = write(tmp_path / "1.1", stream(opening(2.3)))
    (found,), _ = scan(path, terms=terms(bank="1000", unit="1"))
    assert found.plan is not None
    assert max(stake.amount for stake in found.plan.stakes) <= 60
    assert found.plan.staked <= 110


@pytest.mark.parametrize("status", ["SUSPENDED", "CLOSED", "INACTIVE"])
def test_nothing_of_a_suspended_market_may_be_acted_on(tmp_path: Path, status: str) -> None:
    path = write(tmp_path / "1.1", stream(opening(1.95), opening(2.3, status=status), opening(1.95)))
    found, _ = scan(path)
    assert actionable(found) == []
    assert [each.verdict for each in found] == [Verdict.REJECTED]
    assert {reason.name for reason in found[0].reasons} == {"suspended"}


def test_the_best_level_of_an_exchange_meets_other_venues(tmp_path: Path) -> None:
    """The exchange shows three prices of a side; the first of them counts when sources are joined."""
    write(tmp_path / "1.1", stream([opening(2.2)[0]]))
    text = the_odds_api(NAMES["home"], NAMES["away"], {"bookone": three(2.0, 3.65, 3.95)})
    write(tmp_path / "b.json", text)
    found, summary = scan(tmp_path, commissions={"betfair_exchange": Fraction(0)})
    assert summary.matched == 1
    assert [each.guaranteed_return for each in actionable(found)] == [PLANTED_RETURN]


def test_a_price_the_stream_withdrew_does_not_live_on_in_the_event(tmp_path: Path) -> None:
    write(tmp_path / "1.1", stream([opening(2.2)[0]], down(2.2)))
    text = the_odds_api(NAMES["home"], NAMES["away"], {"bookone": three(2.0, 3.65, 3.95)})
    write(tmp_path / "b.json", text)
    assert actionable(scan(tmp_path)[0]) == []


def test_prices_of_a_runner_that_left_the_book_do_not_live_on_in_the_event(tmp_path: Path) -> None:
    """All home offers go: no later message repeats the place, and yet nothing is on offer there."""
    gone = change(backs(HOME_RUNNER, (2.2, 0), (1.9, 0), (1.8, 0)))
    write(tmp_path / "1.1", stream([opening(2.2)[0]], gone))
    text = the_odds_api(NAMES["home"], NAMES["away"], {"bookone": three(2.0, 3.65, 3.95)})
    write(tmp_path / "b.json", text)
    assert actionable(scan(tmp_path)[0]) == []


def test_an_empty_image_of_a_suspended_market_leaves_nothing_behind(tmp_path: Path) -> None:
    empty = match_odds(RESULT, **NAMES, status="SUSPENDED")
    write(tmp_path / "1.1", stream([opening(2.2)[0]], [empty]))
    text = the_odds_api(NAMES["home"], NAMES["away"], {"bookone": three(2.0, 3.65, 3.95)})
    write(tmp_path / "b.json", text)
    assert actionable(scan(tmp_path)[0]) == []


def test_two_recordings_of_one_event_are_put_together(tmp_path: Path) -> None:
    """Recordings come one market a file; what both show in the end is one event."""
    result, chance = opening(2.3)
    write(tmp_path / "1.1", stream([result]))
    write(tmp_path / "1.2", stream([chance]))
    found, summary = scan(tmp_path)
    assert (summary.files, summary.events) == (2, 1)
    assert [each.guaranteed_return for each in found] == [1 / (1 / Fraction("2.3") + Fraction(1, 2))]


def test_an_opportunity_of_a_joined_event_is_not_told_a_second_time_for_its_stream(tmp_path: Path) -> None:
    write(tmp_path / "1.1", stream(opening(2.3)))
    text = the_odds_api(NAMES["home"], NAMES["away"], {"bookone": three(1.9, 3.2, 3.4)}, id="e9")
    write(tmp_path / "b.json", text)
    found, summary = scan(tmp_path)
    assert summary.matched == 1
    assert len(found) == 1

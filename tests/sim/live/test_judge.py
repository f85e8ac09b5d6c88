import subprocess
import sys
from copy import deepcopy
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossbook.base.clock import parse_time
from crossbook.base.errors import BadData
from crossbook.sim.live.judge import judge
from crossbook.sim.live.judge_report import as_text
from crossbook.sim.live.truth import Delivered, Lost, Posted, TruthLog, TruthWriter
from tests.sim.live.made_up import (
    BASE,
    ENDINGS,
    FAULTS,
    GRACE,
    MS,
    NAMES,
    PLANTS,
    SECOND,
    START,
    TICK,
    Story,
    changes,
    iso,
    make_log,
    perfect,
    said,
)

SEED = 5
QUIET = ("moved", "withdrawn", "suspended")


def judged(log, lines):
    return judge(log, changes(lines), tick_ns=TICK, grace_ns=GRACE)


def shifted(line, by):
    line["at"] = iso(parse_time(line["at"]) + by)
    if line["moment"] == "opened":
        line["opened"] = line["at"]


@pytest.fixture(scope="module")
def log():
    return make_log(SEED, endings=QUIET)


@pytest.fixture
def lines(log):
    return deepcopy(perfect(log))


def life(lines, place=0):
    """The lines of one life."""
    name = list(dict.fromkeys(line["id"] for line in lines))[place]
    return [line for line in lines if line["id"] == name]


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_nothing_is_found_in_perfect_output(seed):
    log = make_log(seed)
    judgement = judged(log, perfect(log))
    assert judgement.passed, as_text(judgement)
    assert judgement.stood == judgement.found > 0
    assert judgement.close_delay.longest <= TICK
    assert judgement.open_delay.longest <= TICK
    assert not any(count.acted_on for count in judgement.faults.values())


def test_faults_are_counted(log, lines):
    judgement = judged(log, lines)
    assert judgement.stood == judgement.planted == 6
    for name in FAULTS:
        count = judgement.faults[name]
        assert (count.planted, count.delivered, count.tempting, count.refused, count.acted_on) == (
            1,
            1,
            1,
            0,
            0,
        )


def test_silence_misses_everything_that_stood(log):
    judgement = judged(log, [])
    assert judgement.names == {"missed": judgement.planted}
    assert judgement.found == 0


def test_one_that_is_never_opened_is_missed(log, lines):
    gone = life(lines)
    judgement = judged(log, [line for line in lines if line not in gone])
    assert judgement.names == {"missed": 1}


@pytest.mark.parametrize(("late", "names"), [(GRACE - TICK, {}), (GRACE + 2 * TICK, {"opened_late": 1})])
def test_opening_has_a_tick_and_the_grace(log, lines, late, names):
    opened = life(lines)[0]
    shifted(opened, late)
    for line in life(lines)[1:]:
        line["opened"] = opened["opened"]
    lines.sort(key=lambda line: line["at"])
    assert judged(log, lines).names == names


@pytest.mark.parametrize("ending", ENDINGS)
def test_closing_late_is_caught_however_it_ended(ending):
    log = make_log(SEED, endings=[ending], faults=[])
    lines = perfect(log)
    closed = next(line for line in lines if (line["event"], line["moment"]) == ("event-0", "closed"))
    shifted(closed, GRACE + 2 * TICK)
    judgement = judged(log, sorted(lines, key=lambda line: line["at"]))
    assert judgement.names == {"late_close": 1}
    cause = {"silent": "expired"}.get(ending, ending)
    assert judgement.findings[0].sentence.startswith(f"{cause}:")


@pytest.mark.parametrize("ending", ENDINGS)
def test_never_closing_is_caught_however_it_ended(ending):
    log = make_log(SEED, endings=[ending], faults=[])
    lines = [line for line in perfect(log) if (line["event"], line["moment"]) != ("event-0", "closed")]
    assert judged(log, lines).names == {"late_close": 1}


@pytest.mark.parametrize(("after", "names"), [(2 * TICK, {}), (GRACE + 2 * TICK, {"moved": 1})])
def test_a_leg_that_just_came_may_be_joined_with_one_that_just_went(after, names):
    story = Story()
    (over, under), went = PLANTS["total"], START + 2 * SECOND
    for number in range(len(NAMES)):
        for at, odds in (BASE | {over: PLANTS["total"][over]} if number == 0 else BASE).items():
            story.then(START, story.post, number, at, odds)
    story.then(went, story.post, 0, over, BASE[over])
    story.then(went + after - TICK, story.post, 0, under, PLANTS["total"][under])
    for source in ("odds", "sbo"):
        for moment in (START, went, went + after - TICK):
            story.then(moment, story.deliver, source)
    opened = said("opened", 1, 0, PLANTS["total"], went + after, went + after)
    closed = opened | {"moment": "closed", "at": iso(went + after + TICK), "why": ["moved: it is over"]}
    assert judged(story.log(START + 10 * SECOND), [opened, closed]).names == names


def test_closing_early_is_caught(log, lines):
    closed = life(lines)[-1]
    shifted(closed, -SECOND)
    lines.sort(key=lambda line: line["at"])
    assert judged(log, lines).names == {"closed_early": 1}


def test_a_gap_while_the_prices_stand_is_caught(log, lines):
    first, last = life(lines)[0], life(lines)[-1]
    middle = deepcopy(last)
    again = deepcopy(first)
    shifted(again, SECOND + 100 * MS)
    middle["at"] = iso(parse_time(first["at"]) + SECOND)
    last["opened"] = again["opened"]
    lines += [middle, again]
    lines.sort(key=lambda line: line["at"])
    assert judged(log, lines).names == {"interrupted": 1}


def change_leg(lines, field, value):
    """Say something else of one leg in the whole of the first life."""
    for line in life(lines):
        leg = line["opportunity"]["legs"][0]
        leg[field] = value(leg[field]) if callable(value) else value


def test_odds_a_hundredth_off_are_caught(log, lines):
    change_leg(lines, "price", lambda price: f"{float(Fraction(price)) + 0.01:.2f}")
    assert "wrong_price" in judged(log, lines).names


def kind_of(wanted):
    """A log whose first life is of a given kind, with its perfect lines."""
    for seed in range(200):
        log = make_log(seed, faults=[])
        lines = perfect(log)
        if len(lines[0]["opportunity"]["legs"]) and any(
            leg["market"] == wanted or leg["side"] == wanted for leg in life(lines)[0]["opportunity"]["legs"]
        ):
            return log, lines
    raise AssertionError(wanted)


def flip(leg):
    selections = {"home": "away", "away": "home", "over": "under", "under": "over", "draw": "home"}
    leg["selection"] = selections[leg["selection"]]


def negate(leg):
    if leg["line"] is not None:
        leg["line"] = leg["line"].removeprefix("-") if leg["line"].startswith("-") else f"-{leg['line']}"


def swap(leg):
    leg["side"] = "lay" if leg["side"] == "back" else "back"


@pytest.mark.parametrize(
    ("market", "mutant"),
    [("1x2", flip), ("total", flip), ("asian_handicap", flip), ("asian_handicap", negate), ("lay", swap)],
)
def test_another_claim_or_side_is_caught(market, mutant):
    log, lines = kind_of(market)
    for line in life(lines):
        for leg in line["opportunity"]["legs"]:
            if market in (leg["market"], leg["side"]):
                mutant(leg)
    assert set(judged(log, lines).names) & {"wrong_price", "never_offered", "moved"}
    if market in ("1x2", "lay"):
        assert "no_gain" in judged(log, lines).names


def test_a_return_that_is_overstated_is_caught(log, lines):
    for line in life(lines):
        stated = Fraction(line["opportunity"]["guaranteed_return"]) + Fraction(1, 10**6)
        line["opportunity"]["guaranteed_return"] = f"{float(stated):.9f}"
    assert judged(log, lines).names == {"overstated": 1}


def test_wrong_shares_are_caught(log, lines):
    for line in life(lines):
        legs = line["opportunity"]["legs"]
        legs[0]["share"], legs[-1]["share"] = legs[-1]["share"], legs[0]["share"]
    assert judged(log, lines).names == {"wrong_shares": 1}


def test_a_plan_that_gives_less_than_it_says_is_caught(log, lines):
    for line in life(lines):
        opportunity = line["opportunity"]
        for leg in opportunity["legs"]:
            leg["risk"] = str(1000 * Fraction(leg["share"]).numerator / Fraction(leg["share"]).denominator)
        opportunity["rounded"] = {"worst": "500"}
    assert judged(log, lines).names == {"plan_overstated": 1}


@pytest.mark.parametrize("name", FAULTS)
def test_acting_on_a_fault_is_caught_by_its_name(log, lines, name):
    plant = next(record for record in log.records if getattr(record, "name", "") == name)
    legs = {
        "palpable_error": ["home", "draw", "away"],
        "stale_price": ["home", "draw", "away"],
        "suspended_market": ["home", "draw", "away"],
        "wrong_sign_handicap": ["home", "away"],
        "sister_brands": ["over", "under"],
    }[name]
    market = next(iter(FAULTS[name]))[1]
    prices = {**BASE, **FAULTS[name]}
    chosen = {}
    for selection in legs:
        offers = [each for each in prices if each[1:3] == (market, selection) and each[4] == "back"]
        best = max(offers, key=lambda each: (each in FAULTS[name], prices[each]))
        chosen[best] = prices[best]
    at = plant.at + SECOND + 100 * MS
    extra = [said("opened", 99, 2, chosen, at, at), said("closed", 99, 2, chosen, at + 100 * MS, at)]
    judgement = judged(log, sorted(lines + extra, key=lambda line: line["at"]))
    assert name in judgement.names
    assert judgement.faults[name].acted_on == 1
    refusal = [said(line["moment"], 99, 2, chosen, parse_time(line["at"]), at, "rejected") for line in extra]
    judgement = judged(log, sorted(lines + refusal, key=lambda line: line["at"]))
    assert judgement.passed, as_text(judgement)
    assert judgement.faults[name].refused == 1


@pytest.mark.parametrize(
    ("again", "name"),
    [("closed", "closed_twice"), ("changed", "change_after_close")],
)
def test_a_life_ends_once(log, lines, again, name):
    extra = deepcopy(life(lines)[-1])
    extra["moment"] = again
    shifted(extra, 60 * SECOND)
    assert judged(log, [*lines, extra]).names == {name: 1}


def test_other_breaks_of_a_life_are_caught(log, lines):
    opened = deepcopy(life(lines)[0])
    closed = deepcopy(life(lines)[-1])
    place = lines.index(life(lines)[0])
    assert judged(log, [*lines[: place + 1], opened, *lines[place + 1 :]]).names == {"opened_twice": 1}
    assert "not_opened" in judged(log, [closed, *lines[place + 1 :]]).names
    lines[lines.index(closed)]["opened"] = iso(parse_time(closed["opened"]) + MS)
    assert judged(log, lines).names == {"opened_moved": 1}


def test_times_that_fall_are_caught(log, lines):
    lines[0], lines[-1] = lines[-1], lines[0]
    assert "time_fell" in judged(log, lines).names


def test_a_delayed_window_is_caught(log, lines):
    middle = parse_time(life(lines)[-1]["at"])
    for line in lines:
        at = parse_time(line["at"])
        if middle - 200 * MS <= at <= middle:
            by = middle + 400 * MS - at
            line["at"] = iso(at + by)
    lines.sort(key=lambda line: line["at"])
    assert "late_close" in judged(log, lines).names


def test_events_that_are_mixed_are_caught(log, lines):
    for line in life(lines):
        line["opportunity"]["event"]["home"], line["opportunity"]["event"]["away"] = NAMES[2]
    assert {"missed", "wrong_price"} <= set(judged(log, lines).names)
    for line in life(lines):
        line["opportunity"]["event"] = {"home": NAMES[0][0], "away": NAMES[1][1]}
    assert {"missed", "unknown_event"} <= set(judged(log, lines).names)


def test_a_venue_that_is_not_there_is_caught(log, lines):
    change_leg(lines, "venue", "elsewhere")
    assert "unknown_venue" in judged(log, lines).names


def test_any_source_s_names_of_the_sides_will_do(log, lines):
    for line in lines:
        event = line["opportunity"]["event"]
        event["home"], event["away"] = f"{event['home']} FC", f"{event['away']} FC"
    assert judged(log, lines).passed


def test_a_log_that_contradicts_itself_is_refused(log):
    posted = next(record for record in log.records if isinstance(record, Posted))
    with pytest.raises(BadData, match="posted twice"):
        judged(TruthLog(log.head, (*log.records, posted)), [])
    with pytest.raises(BadData, match="head's sources"):
        judged(TruthLog(log.head, (Delivered(at=log.head.at, source="none", up_to=1), *log.records)), [])


def test_what_is_never_delivered_is_not_asked_for(log):
    silent = tuple(record for record in log.records if not isinstance(record, Delivered | Lost))
    judgement = judged(TruthLog(log.head, silent), [])
    assert judgement.passed
    assert judgement.stood == 0


def test_the_command_says_and_returns_whether_it_passed(tmp_path, log, lines):
    truth, good, bad = tmp_path / "truth.jsonl", tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    with TruthWriter(truth) as writer:
        for record in (log.head, *log.records):
            writer.write(record)
    good.write_bytes(msgspec.json.Encoder().encode_lines(lines))
    bad.write_bytes(msgspec.json.Encoder().encode_lines(lines[1:]))
    command = [sys.executable, "-m", "crossbook.sim.live.judge", str(truth)]
    passed = subprocess.run([*command, str(good)], capture_output=True, text=True, check=False)
    assert (passed.returncode, passed.stdout.splitlines()[0].split(":")[0]) == (0, "passed"), passed.stderr
    failed = subprocess.run([*command, str(bad), "--json"], capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "not_opened" in {finding["name"] for finding in msgspec.json.decode(failed.stdout)["findings"]}
    missing = subprocess.run([*command, str(tmp_path / "none")], capture_output=True, text=True, check=False)
    assert missing.returncode == 2

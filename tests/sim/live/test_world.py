from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from crossbook.base.clock import SECOND
from crossbook.model.ladder import is_tick
from crossbook.sim.faults import SISTER_BRANDS, STALE, SUSPENDED
from crossbook.sim.live import names
from crossbook.sim.live.names import CONTRACTS
from crossbook.sim.live.plants import (
    CLOCK_SKEW,
    CROSSED_BOOK,
    DISCONNECT,
    FAULT_NAMES,
    FAULTS,
    LATE_QUOTES,
    MALFORMED,
    OPPORTUNITIES,
    SILENCE,
    SOURCE_FAULTS,
)
from crossbook.sim.live.prices import LADDER
from crossbook.sim.live.script import PAUSE, Script
from crossbook.sim.live.truth import (
    Delivered,
    FaultPlanted,
    Head,
    Planted,
    Posted,
    Record,
    TruthWriter,
    read_truth_log,
)
from crossbook.sim.live.world import Deed, LiveWorld, Order
from tests.sim.reading import GOALS, Seen, best_return

START = 1_795_000_000 * SECOND
BEGUN = START + 7 * SECOND
Key = tuple[int, str, str, str, Fraction | None, str]


class Run(NamedTuple):
    """A world that has run, what it logged, and its orders."""

    world: LiveWorld
    records: list[Record]
    orders: list[Order]
    posted: list[Posted]

    @property
    def opportunities(self) -> list[Planted]:
        return [record for record in self.records if isinstance(record, Planted)]

    @property
    def faults(self) -> list[FaultPlanted]:
        return [record for record in self.records if isinstance(record, FaultPlanted)]


def run(folder: Path, seed: int, script: Script, seconds: float, step: int) -> Run:
    """Run a world from its beginning, `step` nanoseconds at a time."""
    path = folder / "truth.jsonl"
    with TruthWriter(path) as log:
        world = LiveWorld(seed, START, script, log)
        world.begin(BEGUN)
        orders, posted = [], []
        now, end = BEGUN, BEGUN + round(seconds * SECOND)
        while now < end:
            now = min(now + step, end)
            posted += world.advance(now)
            orders += world.orders()
        world.finish(end)
    read = read_truth_log(path)
    path.unlink()
    return Run(world, [read.head, *read.records], orders, posted)


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("proof"), 1, Script.for_proof(1), 62, SECOND // 2)


def key_of(line: Posted) -> Key:
    return line.fixture, line.venue, line.market, line.selection, line.line, line.side


def seen(line: Posted) -> Seen:
    assert line.odds is not None
    fields = (line.market, line.selection, line.line, line.side, line.odds)
    return Seen(line.fixture, line.source, line.venue, *fields)


def standing_at(lines: Iterable[Posted], number: int) -> dict[Key, Posted]:
    """What stands when the line of that number has been posted."""
    standing: dict[Key, Posted] = {}
    for line in lines:
        if line.number > number:
            break
        standing.pop(key_of(line), None)
        if line.odds is not None:
            standing[key_of(line)] = line
    return standing


def test_counts_of_a_proof_are_met(proof: Run):
    kinds = Counter(each.kind for each in proof.opportunities)
    faults = Counter(each.name for each in proof.faults)
    assert set(kinds) == set(OPPORTUNITIES)
    assert sum(kinds.values()) - faults[DISCONNECT] - faults[SILENCE] >= 110
    assert set(faults) == set(FAULT_NAMES)
    assert min(faults.values()) >= 21


@pytest.mark.parametrize("seed", range(10))
def test_every_seed_has_room_for_its_script(tmp_path: Path, seed: int):
    script = Script.for_proof(seed, seconds=50, opportunities=16, faults_each=2, updates_per_s=10)
    small = run(tmp_path, seed, script, 52, 52 * SECOND)
    faults = Counter(each.name for each in small.faults)
    assert set(faults) == set(FAULT_NAMES)
    assert min(faults.values()) >= 2
    assert len(small.opportunities) >= 16 + faults[DISCONNECT] + faults[SILENCE]
    assert small.world.next_due() is None
    standing = standing_at(small.posted, len(small.posted))
    for number, board in list(small.world.boards.items())[:20]:
        mine = [seen(line) for line in standing.values() if line.fixture == number]
        assert len(mine) == len(board.prices)
        assert board.sound()
        assert best_return(mine) < 0.9999


def test_one_seed_is_one_world_in_one_leap_or_in_many_steps(tmp_path: Path):
    script = Script.for_demo(2, fixtures=36, updates_per_s=60)
    leap = run(tmp_path, 2, script, 50, 50 * SECOND)
    steps = run(tmp_path, 2, script, 50, SECOND // 7)
    assert leap.records == steps.records
    assert leap.orders == steps.orders
    assert leap.posted == steps.posted
    assert leap.world.next_due() == steps.world.next_due()
    other = LiveWorld(3, START, script, None)
    assert other.boards[0].prices != LiveWorld(2, START, script, None).boards[0].prices


def test_the_log_tells_the_boards_and_numbers_its_lines(proof: Run):
    lines = [record for record in proof.records if isinstance(record, Posted)]
    assert lines == proof.posted
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert all(earlier.at <= later.at for earlier, later in pairwise(lines))
    standing = standing_at(lines, len(lines))
    for number, board in proof.world.boards.items():
        mine = {key: line for key, line in standing.items() if key[0] == number}
        assert len(mine) == len(board.prices)
        for price in board.prices.values():
            line = mine[number, price.venue, *price.bet, price.side]
            assert (line.odds, line.updated, line.fault) == (price.odds, price.updated, price.fault)
            assert line.suspended == ((number, price.venue, price.market) in proof.world.suspended)
    for name, source in proof.world.sources.items():
        mine_too = [line for line in lines if line.source == name]
        assert proof.world.posted_up_to(name) == mine_too[-1].number
        assert {line.venue for line in mine_too} == set(source.venues)
        assert {line.fixture for line in mine_too} == set(source.fixtures)


def test_sound_prices_never_make_an_arbitrage_however_old_and_new_are_mixed(proof: Run):
    """Any version of each price, as a reader may hold it whose sources are delivered at different times."""
    raised = {number for each in proof.opportunities for number in each.legs}
    versions: defaultdict[int, defaultdict[Key, list[Posted]]] = defaultdict(lambda: defaultdict(list))
    for line in proof.posted:
        if line.odds is None or line.fault or line.suspended:
            continue
        if line.number not in raised:
            versions[line.fixture][key_of(line)].append(line)
    random = Random(11)
    for fixture in versions:
        for _ in range(3):
            mixed = [seen(random.choice(lines)) for lines in versions[fixture].values()]
            assert best_return(mixed) < 0.9999
        longest = [
            seen(max(lines, key=lambda line: (line.odds or 0) * (1 if line.side == "back" else -1)))
            for lines in versions[fixture].values()
        ]
        assert best_return(longest) < 0.9999


def test_every_plant_guarantees_exactly_what_it_states(proof: Run):
    for planted in proof.opportunities:
        legs = [proof.posted[number - 1] for number in planted.legs]
        assert all(not leg.fault and leg.odds is not None and not leg.suspended for leg in legs)
        assert all(leg.fixture == planted.fixture for leg in legs)
        assert max(leg.at for leg in legs) == planted.at < planted.until
        rows = {tuple(taxed(seen(leg), home, away) for leg in legs) for home in GOALS for away in GOALS}
        shares = {stake_of(planted.guaranteed_return, leg, legs, rows) for leg in range(len(legs))}
        assert sum(share for _, share in shares) == 1
        worst = min(sum(row[leg] * share for leg, share in shares) for row in rows)
        assert worst == planted.guaranteed_return >= Fraction(101, 100)


def taxed(price: Seen, home: int, away: int) -> Fraction:
    returned = price.pays(home, away)
    return returned - (Fraction(1, 20) * max(returned - 1, Fraction(0)) if price.venue == LADDER else 0)


def stake_of(
    wanted: Fraction, leg: int, legs: list[Posted], rows: set[tuple[Fraction, ...]]
) -> tuple[int, Fraction]:
    """A leg's share from the states in which it and legs already known are the only ones that pay."""
    known: dict[int, Fraction] = {}
    while len(known) < len(legs):
        for row in sorted(rows):
            open_legs = [place for place, pays in enumerate(row) if pays and place not in known]
            if len(open_legs) == 1:
                place = open_legs[0]
                paid = sum((row[other] * share for other, share in known.items()), Fraction(0))
                known[place] = (wanted - paid) / row[place]
    return leg, known[leg]


def test_an_opportunity_ends_when_the_script_means_it_to(proof: Run):
    gone = {each.at: each for each in proof.faults if each.name == DISCONNECT}
    ends: Counter[str] = Counter()
    by_key: defaultdict[Key, list[Posted]] = defaultdict(list)
    for line in proof.posted:
        by_key[key_of(line)].append(line)
    for planted in proof.opportunities:
        following = []
        for number in planted.legs:
            leg = proof.posted[number - 1]
            following.append(next(line for line in by_key[key_of(leg)] if line.number > number))
        first = min(following, key=lambda line: line.number)
        if first.at == planted.until:
            ends["withdrawn" if first.odds is None else "suspended" if first.suspended else "moved"] += 1
            assert first.at > planted.at
        else:
            ends["lost" if planted.until in gone else "silent"] += 1
        assert max(line.at for line in following) <= planted.until + SECOND // 2
    assert min(ends[each] for each in ("withdrawn", "suspended", "moved", "lost", "silent")) >= 15


def test_whole_listings_are_withdrawn_and_stay_away_for_longer_than_a_judge_allows(proof: Run):
    away = 0
    for planted in proof.opportunities:
        for number in planted.legs:
            leg = proof.posted[number - 1]
            if leg.venue == CONTRACTS:
                later = [
                    line for line in proof.posted if key_of(line) == key_of(leg) and line.number > number
                ]
                if later and later[0].odds is None and later[0].at == planted.until:
                    away += 1
                    assert len(later) == 1 or later[1].at - later[0].at > SECOND
    assert away >= 3


@pytest.mark.parametrize("name", list(FAULTS))
def test_every_fault_tempts_and_none_is_an_opportunity_without_it(proof: Run, name: str):
    faults = [each for each in proof.faults if each.name == name]
    for fault in faults[:8]:
        prices = [proof.posted[number - 1] for number in fault.prices]
        assert prices
        assert all(price.fault == name and price.fixture == fault.fixture for price in prices)
        mine = [line for line in proof.posted if line.fixture == fault.fixture]
        standing = standing_at(mine, max(fault.prices))
        sound = [seen(line) for line in standing.values() if not line.fault]
        assert best_return([*sound, *map(seen, prices)]) > 1.004
        assert best_return(sound) < 0.9999
        assert fault.together == (name == SISTER_BRANDS)
        for price in prices:
            if name == SISTER_BRANDS:
                assert best_return([*sound, seen(price)]) <= 1 + 1e-9
            assert price.suspended == (name == SUSPENDED)
            if name == STALE:
                assert price.updated < price.at - 4 * 3_600 * SECOND
            if name == CLOCK_SKEW:
                assert price.updated == price.at + 600 * SECOND
            if name == CROSSED_BOOK:
                back, lay = sorted(prices, key=lambda each: each.side)
                assert (back.odds or 0) > (lay.odds or 0)


def test_late_quotes_are_ordered_with_a_time_that_is_past(proof: Run):
    orders = [order for order in proof.orders if order.deed is Deed.REPEAT_OLD]
    late = [each for each in proof.faults if each.name == LATE_QUOTES]
    assert len(orders) == len(late)
    for order, fault in zip(orders, late, strict=True):
        assert order.fixture == fault.fixture
        tempting = [proof.posted[number - 1] for number in fault.prices]
        assert {price.odds for price in order.prices} >= {line.odds for line in tempting}
        assert {price.source for price in order.prices} == {order.source}
        assert order.stamp < order.at - PAUSE
        again = [
            line
            for line in proof.posted
            if key_of(line) == key_of(tempting[0]) and line.number > tempting[0].number
        ]
        assert again[0].at == fault.at
        assert not again[0].fault


def test_one_act_at_a_time_on_a_fixture_with_quiet_before_and_after(proof: Run):
    """A cut and a silence are noted twice, as the opportunity and as the fault: these are one act."""
    acts: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for planted in proof.opportunities:
        acts[planted.fixture].append((planted.at, planted.until))
    for fault in proof.faults:
        if fault.name not in SOURCE_FAULTS:
            acts[fault.fixture].append((fault.at, fault.until))
    assert sum(map(len, acts.values())) > 300
    for times in acts.values():
        for (_, ended), (begun, _) in pairwise(sorted(times)):
            assert begun - ended >= 2 * PAUSE


def test_nothing_else_stands_on_a_source_that_is_gone(proof: Run):
    gone = [order for order in proof.orders if order.deed in (Deed.CUT, Deed.HUSH)]
    assert {order.source for order in gone if order.deed is Deed.HUSH} == set(proof.world.sources)
    assert {order.source for order in gone if order.deed is Deed.CUT} == set(names.CONNECTED)
    acts = [(each.legs, each.at, each.until) for each in proof.opportunities]
    acts += [(each.prices, each.at, each.until) for each in proof.faults if each.name not in SOURCE_FAULTS]
    for numbers, at, until in acts:
        for source in {proof.posted[number - 1].source for number in numbers}:
            for order in gone:
                if order.source == source:
                    assert until <= order.at or order.until <= at or until == no_longer(proof, order)


def no_longer(proof: Run, order: Order) -> int:
    """When the prices of a source that is cut or hushed stand no more."""
    life = round(proof.world.sources[order.source].life_s * SECOND)
    return order.at + life if order.deed is Deed.HUSH else order.at


def test_a_source_goes_while_its_prices_tempt_and_they_are_gone_when_it_is_back(proof: Run):
    gone = [order for order in proof.orders if order.deed in (Deed.CUT, Deed.HUSH)]
    by_legs = {number: each for each in proof.opportunities for number in each.legs}
    for order in gone:
        name = DISCONNECT if order.deed is Deed.CUT else SILENCE
        begin = no_longer(proof, order)
        assert begin < order.until
        faults = [
            each for each in proof.faults if (each.name, each.at, each.until) == (name, begin, order.until)
        ]
        assert faults
        for fault in faults:
            assert fault.prices
            for number in fault.prices:
                price = proof.posted[number - 1]
                assert price.source == order.source
                assert by_legs[number].until == begin
                later = [
                    line for line in proof.posted if key_of(line) == key_of(price) and line.number > number
                ]
                assert order.at < later[0].at < order.until


def test_broken_messages_are_noted_without_prices(proof: Run):
    broken = [each for each in proof.faults if each.name == MALFORMED]
    ordered = [order for order in proof.orders if order.deed is Deed.GARBLE]
    assert [(each.at, each.until) for each in broken] == [(order.at, order.until) for order in ordered]
    assert not any(each.prices for each in broken)


def test_prices_are_in_each_venues_own_steps(proof: Run):
    for line in proof.posted:
        if line.odds is None:
            continue
        if line.venue == LADDER:
            assert is_tick(line.odds)
        elif line.venue == "polymarket":
            assert (100 / line.odds).denominator == 1
        else:
            assert (100 * line.odds).denominator == 1


def test_what_the_servers_tell_is_logged_and_times_never_fall(tmp_path: Path):
    with TruthWriter(tmp_path / "truth.jsonl") as log:
        world = LiveWorld(5, START, Script.for_demo(5, fixtures=12), log)
        first = world.advance(START)
        assert len(first) == sum(len(board.prices) for board in world.boards.values())
        assert world.next_due() is None
        assert not world.advance(START + 3_600 * SECOND)
        world.begin(BEGUN)
        due = world.next_due()
        assert due == BEGUN
        source = names.EXCHANGE
        world.delivered(source, BEGUN + 9 * SECOND)
        assert world.advance(BEGUN + 3 * SECOND)
        world.delivered(source, BEGUN + 8 * SECOND, up_to=4)
        world.lost(source, BEGUN + 10 * SECOND)
        world.up(source, BEGUN + 11 * SECOND)
        world.delivered(source, BEGUN + 11 * SECOND)
        world.finish(BEGUN + 12 * SECOND)
    read = read_truth_log(tmp_path / "truth.jsonl")
    assert isinstance(read.head, Head)
    times = [record.at for record in read.records]
    assert times == sorted(times)
    told = [record for record in read.records if isinstance(record, Delivered)]
    assert told[1].up_to == 4
    assert told[2].up_to == world.posted_up_to(source) > told[0].up_to
    assert {each.name: each.life_ns for each in read.head.sources} == {
        name: each.life_s * SECOND for name, each in world.sources.items()
    }
    assert [type(record).__name__ for record in read.records[-4:]] == ["Lost", "Up", "Delivered", "End"]


def test_re_pricing_follows_its_tempo(tmp_path: Path):
    calm = run(tmp_path, 1, Script.for_demo(1, fixtures=12, updates_per_s=0), 0.5, SECOND)
    brisk = run(tmp_path, 1, Script.for_demo(1, fixtures=12, updates_per_s=400), 0.5, SECOND)
    changed = {(line.fixture, line.venue, line.market, line.at) for line in brisk.posted if line.at > BEGUN}
    assert len({line.fixture for line in calm.posted if line.at >= BEGUN}) <= 2
    assert 120 <= len(changed) <= 280
    often = Counter(venue for _, venue, _, _ in changed)
    assert often["pinnacle"] > often["betway"]
    assert often[LADDER] > often["williamhill"]

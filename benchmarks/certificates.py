"""The watch of certificates beside no detection, beside solving at every better price, and beside dictionaries.

All candidates take the same made-up quotes in batches of fifty, in one process, in turns; processor time of the thread
is counted, because the machine may have other work. Games that hold a plan have to be the same for all that look.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import highspy
import numpy as np

from crossbook.app.compiled import keep_compiled
from crossbook.arbitrage.certificate import Floats, walk_all

keep_compiled()  # before the compiler is imported

from benchmarks.certificate_stream import Stream, laid, stream  # noqa: E402
from crossbook.arbitrage.watching import kernel  # noqa: E402
from crossbook.arbitrage.watching.arrays import Arrays, solve_compiled  # noqa: E402
from crossbook.arbitrage.watching.kernel import (  # noqa: E402
    BEST,
    ENTRY,
    GAME,
    VENUE_BITS,
    WHERE,
    Whole,
    compiled,
)
from crossbook.arbitrage.watching.watch import Watch  # noqa: E402
from crossbook.model.quote import Quote, Side  # noqa: E402
from crossbook.model.venue import bookmaker  # noqa: E402

BATCH: Final = 50
EVENTS: Final = 500
BOOKS: Final = 20
MESSAGES: Final = 8_000
_GAMES: Final = 100
_VENUE: Final = (1 << VENUE_BITS) - 1


@compiled
def store_alone(records: Whole, now: int, cells: Floats) -> None:
    """The floor: every quote written to its place."""
    odds, times = records.view(np.float64), cells.view(np.int64)
    for place in range(len(records)):
        where = records[place, 0]
        cells[where >> VENUE_BITS, where & _VENUE, 0] = odds[place, 1]
        times[where >> VENUE_BITS, where & _VENUE, 1] = now


@compiled
def best_alone(
    records: Whole, now: int, cells: Floats, joins: Whole, entries: Floats, games: Whole, waiting: Whole
) -> None:
    """Quotes and best offers kept as the engine keeps them, and nothing detected."""
    odds, times, numbers = records.view(np.float64), cells.view(np.int64), entries.view(np.int64)
    for place in range(len(records)):
        where = records[place, 0]
        row, venue = where >> VENUE_BITS, where & _VENUE
        before = cells[row, venue, 0]
        cells[row, venue, 0] = odds[place, 1]
        times[row, venue, 1] = now
        if odds[place, 1] == before:
            continue
        entry = joins[row, ENTRY]
        if odds[place, 1] >= entries[entry, BEST]:
            entries[entry, BEST] = odds[place, 1]
            numbers[entry, WHERE] = where
        elif numbers[entry, WHERE] == where:
            kernel.find_best(entry, 1, cells, joins, entries)


@compiled
def every_best(
    records: Whole, now: int, cells: Floats, joins: Whole, entries: Floats, games: Whole, waiting: Whole
) -> None:
    """As the engine, without certificates: whenever a best offer is another, its game waits to be solved."""
    numbers = entries.view(np.int64)
    for place in range(len(records)):
        row = records[place, 0] >> VENUE_BITS
        entry = joins[row, ENTRY]
        before = entries[entry, BEST]
        best_alone(records[place : place + 1], now, cells, joins, entries, games, waiting)
        if entries[entry, BEST] != before:
            game = numbers[entry, GAME]
            if not games[game, kernel.DIRTY]:
                games[game, kernel.DIRTY] = 1
                waiting[0] += 1
                waiting[waiting[0]] = game


class Dictionaries:
    """The engine that everybody writes first: nested dictionaries, the best of each line, sums of inverse odds."""

    def __init__(self, made: Stream) -> None:
        self._quotes: dict[tuple[int, int], dict[int, float]] = {}
        lines = made.layout.lines
        together: dict[object, list[int]] = {}
        for place, (claim, _) in enumerate(lines):
            together.setdefault((claim.kind, claim.line), []).append(place)
        self._market = [together[claim.kind, claim.line] for claim, _ in lines]
        self._count = len(lines)
        self.open: set[tuple[int, int]] = set()

    def take(self, batch: Sequence[tuple[int, int, int, float]]) -> None:
        """Quotes as (event, line, book, odds)."""
        for event, line, book, odds in batch:
            self._quotes.setdefault((event, line), {})[book] = odds
            market = self._market[line]
            inverse = 0.0
            for each in market:
                prices = self._quotes.get((event, each))
                if prices is None:
                    break
                inverse += 1.0 / max(prices.values())
            else:
                if inverse < 1.0:
                    self.open.add((event, market[0]))
                else:
                    self.open.discard((event, market[0]))


def compare(data: Path | None, rounds: int) -> None:
    """Print all tables; `data` is not used."""
    del data
    for in_play in (False, True):
        _engines(in_play, rounds)
    _programmes(rounds)
    _latency()


def _engines(in_play: bool, rounds: int) -> None:
    made = stream(EVENTS, BOOKS, MESSAGES, in_play)
    records = made.records
    batches = [records[at : at + BATCH] for at in range(0, len(records) - BATCH + 1, BATCH)]
    decoded = _decoded(made, batches)
    times: dict[str, list[float]] = {}
    watched, solving = laid(made), laid(made)
    opened: dict[str, Whole] = {}
    solves = {"certificates": 0, "every new best": 0}
    for _ in range(rounds):
        floor, plain, watched, solving = laid(made), laid(made), laid(made), laid(made)
        dictionaries = Dictionaries(made)
        dictionaries.take(_decoded(made, [made.boards])[0])
        candidates: dict[str, Callable[[int], None]] = {
            "store alone": lambda at, of=floor: store_alone(batches[at], at, of.cells),  # type: ignore[misc]
            "best offers, no detection": lambda at, of=plain: best_alone(*_parts(batches[at], at, of)),  # type: ignore[misc]
            "certificates": lambda at, of=watched: _watch(batches[at], at, of, solves),  # type: ignore[misc]
            "every new best": lambda at, of=solving: _solve(batches[at], at, of, solves),  # type: ignore[misc]
            "dictionaries": lambda at, of=dictionaries: of.take(decoded[at]),  # type: ignore[misc]
        }
        solves.update(dict.fromkeys(solves, 0))
        for name, one in candidates.items():
            one(0)
            start = time.thread_time_ns()
            for at in range(1, len(batches)):
                one(at)
            times.setdefault(name, []).append((time.thread_time_ns() - start) / ((len(batches) - 1) * BATCH))
        opened = {"certificates": _open(watched), "every new best": _open(solving)}
    assert np.array_equal(opened["certificates"], opened["every new best"]), "not the same games are open"
    medians = {name: statistics.median(some) for name, some in times.items()}
    manner = "in play" if in_play else "quiet"
    quotes = (len(batches) - 1) * BATCH
    print(
        f"\n{manner}: {quotes} quotes in batches of {BATCH}, {EVENTS} events, {BOOKS} books, {rounds} rounds; "
        f"{int(opened['certificates'].sum())} events hold a plan at the end, the same for both that solve"
    )
    print(f"{'candidate':<28}{'ns/quote':>10}{'quotes/s':>14}{'of no detection':>17}{'solved/quote':>14}")
    for name, median in medians.items():
        ratio = median / medians["best offers, no detection"]
        solved = f"{solves[name] / quotes:.5f}" if name in solves else "-"
        print(f"{name:<28}{median:>10.1f}{1e9 / median:>14,.0f}{ratio:>17.2f}{solved:>14}")


def _parts(batch: Whole, now: int, of: Arrays) -> tuple[Any, ...]:
    return batch, now, of.cells, of.joins, of.entries, of.games, of.waiting


def _watch(batch: Whole, now: int, of: Arrays, solves: dict[str, int]) -> None:
    of.take(batch, now)
    if of.waiting[0]:
        solves["certificates"] += int(of.waiting[0])
        of.look()


def _solve(batch: Whole, now: int, of: Arrays, solves: dict[str, int]) -> None:
    every_best(*_parts(batch, now, of))
    if of.waiting[0]:
        solves["every new best"] += int(of.waiting[0])
        of.look()


def _open(arrays: Arrays) -> Whole:
    """Which games have no certificate."""
    return arrays.games[: arrays.number, kernel.OPEN]


def _decoded(made: Stream, batches: Sequence[Whole]) -> list[list[tuple[int, int, int, float]]]:
    count = len(made.layout.lines)
    found = []
    for batch in batches:
        cells, books = batch[:, 0] >> VENUE_BITS, batch[:, 0] & _VENUE
        odds = batch.view(np.float64)[:, 1].tolist()
        events, lines = np.divmod(cells, count)
        found.append(list(zip(events.tolist(), lines.tolist(), books.tolist(), odds, strict=True)))
    return found


def _programmes(rounds: int) -> None:
    """One game after the other: the kernel, the walk in numpy, and HiGHS anew and with one price changed."""
    made = stream(_GAMES, BOOKS, 10, in_play=True, seed=5)
    arrays = laid(made)
    entries, _ = made.layout.shape
    best = arrays.entries[: arrays.used, BEST].reshape(-1, entries)
    games = [np.ascontiguousarray(odds[:, None] * made.layout.won + made.layout.refunded) for odds in best]
    kept, changed = _model(games[0]), [games[0].copy() for _ in games]
    for place, game in enumerate(changed):
        row = place % entries
        game[row] = made.layout.won[row] * (best[0, row] * 1.01) + made.layout.refunded[row]
    times: dict[str, list[float]] = {}
    values: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, one in {
            "kernel": lambda place: solve_compiled(games[place]).bound,
            "walk in numpy, alone": lambda place: walk_all([games[place]])[0].bound,
            "highspy, from nothing": lambda place: _anew(games[place]),
            "highspy, one price changed": lambda place: _warm(
                kept, changed[place], place % entries, games[0]
            ),
        }.items():
            solve: Callable[[int], float] = one
            solve(0)
            start = time.thread_time_ns()
            found = [solve(place) for place in range(len(games))]
            times.setdefault(name, []).append((time.thread_time_ns() - start) / len(games) / 1000)
            values[name] = found
    assert np.allclose(values["kernel"], values["highspy, from nothing"], atol=1e-7, rtol=0), (
        "not the same values"
    )
    again = [solve_compiled(game).bound for game in changed]
    assert np.allclose(again, values["highspy, one price changed"], atol=1e-7, rtol=0), "not the same values"
    medians = {name: statistics.median(some) for name, some in times.items()}
    print(
        f"\none game of {entries} entries and {made.layout.shape[1]} states, {_GAMES} of them, {rounds} rounds"
    )
    print(f"{'candidate':<28}{'µs':>10}{'of the kernel':>15}")
    for name, median in medians.items():
        print(f"{name:<28}{median:>10.1f}{median / medians['kernel']:>15.1f}")


def _model(game: Floats) -> highspy.Highs:
    count, states = game.shape
    solver: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("presolve", "off")
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = count + 1, states + 1
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.append(np.zeros(count), 1.0)
    model.col_lower_ = np.append(np.zeros(count), -highspy.kHighsInf)
    model.col_upper_ = np.full(count + 1, highspy.kHighsInf)
    model.row_lower_ = np.append(np.zeros(states), 1.0)
    model.row_upper_ = np.append(np.full(states, highspy.kHighsInf), 1.0)
    matrix = np.vstack([np.hstack([game.T, -np.ones((states, 1))]), np.append(np.ones(count), 0.0)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.arange(states + 2, dtype=np.int32) * (count + 1)
    model.a_matrix_.index_ = np.tile(np.arange(count + 1, dtype=np.int32), states + 1)
    model.a_matrix_.value_ = matrix.reshape(-1)
    solver.passModel(model)
    solver.run()
    return solver


def _anew(game: Floats) -> float:
    return float(_model(game).getObjectiveValue())


def _warm(kept: highspy.Highs, game: Floats, row: int, before: Floats) -> float:
    """One instrument's returns exchanged, solved from the last basis, and put back unsolved."""
    for state in range(game.shape[1]):
        kept.changeCoeff(state, row, game[row, state])
    kept.run()
    value = float(kept.getObjectiveValue())
    for state in range(game.shape[1]):
        kept.changeCoeff(state, row, before[row, state])
    return value


def _latency() -> None:
    """From a message's quotes to the exact answer, in process, with the collector on."""
    made = stream(EVENTS // 5, BOOKS, MESSAGES // 4, in_play=True, seed=3)
    count, lines = len(made.layout.lines), made.layout.lines
    venues = [bookmaker(f"book{number}", f"Book {number}") for number in range(BOOKS)]
    watch = Watch()
    names = [f"event {number}" for number in range(made.events)]

    def quote(event: int, line: int, book: int, odds: float) -> tuple[str, Quote]:
        exact = Fraction(round(odds * 100), 100)
        return names[event], Quote(venues[book], lines[line][0], Side.BACK, exact, received=1)

    for each in _decoded(made, [made.boards])[0]:
        watch.put(*quote(*each))
    watch.tick()
    ends = np.flatnonzero(np.diff(made.records[:, 0] // (count << VENUE_BITS))) + 1
    messages = [[quote(*one) for one in some] for some in _decoded(made, np.split(made.records, ends))]
    quiet: list[float] = []
    answered: list[float] = []
    gc.collect()
    gc.freeze()
    before = sum(each["collections"] for each in gc.get_stats())
    for message in messages:
        start = time.thread_time_ns()
        for event, one in message:
            watch.put(event, one)
        answers = watch.tick()
        took = (time.thread_time_ns() - start) / 1000
        (answered if any(answers.values()) else quiet).append(took)
    during = sum(each["collections"] for each in gc.get_stats()) - before
    print(
        f"\nfrom a message to the exact answer, {len(messages)} messages, one tick each, processor time; "
        f"{during} collections of garbage"
    )
    print(f"{'messages':<28}{'number':>8}{'p50 µs':>10}{'p99 µs':>10}{'p99.9 µs':>10}")
    for name, some in (("without a plan", quiet), ("with a plan, exact", answered)):
        tails = np.percentile(some, [50, 99, 99.9]) if some else np.full(3, np.nan)
        print(f"{name:<28}{len(some):>8}{tails[0]:>10.1f}{tails[1]:>10.1f}{tails[2]:>10.1f}")
    _garbage(made)


def _garbage(made: Stream) -> None:
    """What the hot path leaves to the collector: nothing at all."""
    arrays = laid(made)
    batches = [made.records[at : at + BATCH] for at in range(0, len(made.records) - BATCH, BATCH)]
    arrays.take(batches[0], 0)
    arrays.look()
    gc.collect()
    collections = sum(each["collections"] for each in gc.get_stats())
    young = gc.get_count()[0]
    ticks = 0
    while ticks < 20_000:
        for batch in batches:
            arrays.take(batch, ticks)
            arrays.look()
            ticks += 1
    young = gc.get_count()[0] - young
    collections = sum(each["collections"] for each in gc.get_stats()) - collections
    print(f"\n{ticks} ticks of rows: {collections} collections, {young} tracked objects more than before")
    assert collections == 0

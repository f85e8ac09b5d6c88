"""The live way from a site worker's message to the opportunity told back, and from an exchange's stream, in one run.

Beside a floor (the same framework that does nothing with what comes) and the detector that everybody writes first.
Every candidate is a process of its own, another process plays all venues with messages made before, and candidates
take turns. All have to find the same opportunities and the same best prices, else the benchmark stops.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.live_client import PHASES
from benchmarks.live_client import Asked as ClientAsked
from benchmarks.live_load import Size
from benchmarks.live_server import Asked

CANDIDATES: Final = {
    "floor": "uvicorn + websockets-sansio, forgets what comes",
    "peer": "websockets + json + dictionaries",
    "crossbook": "crossbook: doors, log on disk, pipeline",
    "store": "crossbook, with PostgreSQL",
}
LISTENERS: Final = {
    "floor": "asyncio, forgets every line",
    "peer": "asyncio + json + dictionaries",
    "crossbook": "crossbook: source, log on disk, pipeline",
}
_USUAL_PUSH_S: Final = 0.2
_SHORT_TICK_MS: Final = 5
_ENOUGH: Final = 1_000
"""Samples for the last of a thousand to mean something."""
_STOP_WITHIN_S: Final = 30
_LEAST_USED_S: Final = 0.1
"""Processor time is counted in hundredths of a second."""

Results = dict[str, list[dict[str, Any]]]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run measures."""

    size: Size = Size()
    exchange_messages: int = 20_000
    store: bool = True
    """Also with a database."""
    parts: bool = True
    """Also where the time goes, in further runs that are not timed."""


def compare(data: Path | None, rounds: int) -> None:
    """Run all candidates in turns, check that they agree, and print the tables; recorded data is not needed."""
    del data
    measure(Plan(), rounds)


def measure(plan: Plan, rounds: int) -> None:
    """Run a plan and print its tables. Raises SystemExit when the candidates do not agree."""
    size = plan.size
    print(f"the live way: {rounds} rounds, load {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors")
    print(f"{size.workers} site workers, {size.matches} matches, 3 markets, 7 quotes in each match")
    names = [name for name in CANDIDATES if name != "store" or plan.store]
    runs: Results = {name: [] for name in names}
    usual: list[dict[str, Any]] = []
    short: list[dict[str, Any]] = []
    streams: Results = {name: [] for name in LISTENERS}
    for number in range(rounds):
        for name in names:
            _say(f"round {number + 1} of {rounds}: {name}")
            runs[name].append(run_workers(name, size))
        _say(f"round {number + 1} of {rounds}: crossbook, push_s {_USUAL_PUSH_S}")
        phases = ("begin", "quiet", "loaded")
        usual.append(
            run_workers("crossbook", size, push_s=_USUAL_PUSH_S, phases=phases, triggers=size.triggers_usual)
        )
        _say(f"round {number + 1} of {rounds}: crossbook, tick {_SHORT_TICK_MS} ms")
        short.append(run_workers("crossbook", size, tick_ms=_SHORT_TICK_MS, phases=("begin", "loaded")))
        for name in LISTENERS:
            _say(f"round {number + 1} of {rounds}: exchange, {name}")
            streams[name].append(run_exchange(name, plan.exchange_messages))
    demand_agreement({name: found[0] for name, found in runs.items()})
    demand_equal_prices({name: found[0]["best"] for name, found in streams.items() if name != "floor"})
    _print_speeds(runs)
    _print_latencies(runs, usual, short)
    _print_streams(streams)
    if plan.parts:
        for phase in ("small", "boards", "quiet", "loaded"):
            _say(f"where the time goes: {phase}")
            _print_parts(phase, run_workers("crossbook", size, phases=("begin", phase), sampled=phase))
        _say("where the time goes: exchange")
        _print_parts("exchange", run_exchange("crossbook", plan.exchange_messages, sampled=True))


def run_workers(
    name: str,
    size: Size,
    *,
    push_s: float = 0.001,
    tick_ms: int = 50,
    phases: tuple[str, ...] = PHASES,
    triggers: int = 0,
    sampled: str = "",
) -> dict[str, Any]:
    """One candidate through all phases; the results by phase, and under ``own`` what it says of itself."""
    with tempfile.TemporaryDirectory(prefix="crossbook-benchmark-") as folder:
        Path(folder).chmod(0o711)  # as root a database is another user's
        asked = Asked(
            name="crossbook" if name == "store" else name,
            folder=folder,
            push_s=push_s,
            tick_ms=tick_ms,
            store=name == "store",
        )
        with _process("benchmarks.live_server", msgspec.json.encode(asked).decode()) as server:
            port = _line(server)["port"]
            results = Path(folder) / "results.json"
            client = ClientAsked(
                port=port, pid=server.pid, size=size, phases=phases, triggers=triggers, sampled=sampled
            )
            words = [
                sys.executable,
                "-m",
                "benchmarks.live_client",
                msgspec.json.encode(client).decode(),
                str(results),
            ]
            subprocess.run(words, check=True)
            found: dict[str, Any] = msgspec.json.decode(results.read_bytes())
            found["own"] = _last_line(server)
    if found["own"].get("dropped"):
        raise SystemExit(f"{name}: {found['own']['dropped']} frames went unread")
    return found


def run_exchange(name: str, messages: int, sampled: bool = False) -> dict[str, Any]:
    """One listener to an exchange's stream; how long it took from the first change to the last one looked at."""
    with (
        tempfile.TemporaryDirectory(prefix="crossbook-benchmark-") as folder,
        _process("benchmarks.live_exchange", "--messages", str(messages)) as venue,
    ):
        there = _line(venue)
        asked = Asked(
            name=name, folder=folder, exchange=there["port"], finish=there["finish"], sampled=sampled
        )
        with _process("benchmarks.live_server", msgspec.json.encode(asked).decode()) as server:
            while not _line(server).get("image"):
                pass
            _tell(venue)
            found = _line(server)
            _tell(venue)
            sent = _last_line(venue)
    if found.get("dropped"):
        raise SystemExit(f"{name}: {found['dropped']} frames went unread")
    return {**found, **sent, "seconds": (found["finished"] - sent["began"]) / 1e9}


def demand_agreement(found: dict[str, dict[str, Any]]) -> None:
    """Stop with SystemExit unless all, but for the floor, told the same opportunities at the end of each phase."""
    expected = found["peer"]
    for name, results in found.items():
        for phase in ("begin", "small", "boards") if name != "floor" else ():
            theirs, ours = ({_key(each) for each in of[phase]["answers"]} for of in (expected, results))
            if theirs != ours:
                raise SystemExit(f"{name} differs from peer in {phase}: {sorted(theirs ^ ours)[:4]}")
    if not any(expected[phase]["answers"] for phase in ("small", "boards")):
        raise SystemExit("nothing was found at all; let the load raise more prices")


def demand_equal_prices(best: dict[str, dict[str, Any]]) -> None:
    """Stop with SystemExit unless all know the same best prices of every market."""
    expected = best["peer"]
    for name, prices in best.items():
        differ = [market for market in {*expected, *prices} if prices.get(market) != expected.get(market)]
        if differ:
            market = min(differ)
            raise SystemExit(
                f"{name} differs in {len(differ)} markets: {market} {prices.get(market)} {expected.get(market)}"
            )


def _key(answer: list[Any]) -> tuple[str, str, tuple[tuple[str, float], ...]]:
    home, away, legs = answer
    return home, away, tuple((selection, price) for selection, price in legs)


# ---------------------------------------------------------------- processes


@contextmanager
def _process(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A child with pipes; it is gone at the end of the block, however that is left."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    line = process.stdout.readline() if process.stdout is not None else b""
    if not line:
        raise SystemExit(f"{' '.join(map(str, process.args[2:3]))} ended by itself")  # type: ignore[index]
    found: dict[str, Any] = msgspec.json.decode(line)
    return found


def _last_line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    if process.stdin is not None:
        process.stdin.close()
        process.stdin = None
    return _line(process)


def _tell(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.write(b"go\n")
        process.stdin.flush()


# ---------------------------------------------------------------- tables


def _print_speeds(runs: Results) -> None:
    for phase, words in (
        ("begin", "the first whole boards"),
        ("small", "messages of one match, all of it changed"),
        ("boards", "whole boards, few matches changed"),
    ):
        first = runs["floor"][0][phase]
        found = len(runs["peer"][0][phase]["answers"])
        print(
            f"\n{words}: {first['messages']} messages, {first['quotes']} quotes, {first['changed']} of them changed; "
            f"{found} open at the end, the same for all"
        )
        print(
            f"{'candidate':<50}{'messages/s':>11}{'quotes/s':>11}{'changed/s':>11}{'of peer':>9}{'cpu':>6}"
            f"{'cpu µs/quote':>14}{'of peer':>9}{'sender':>8}{'MiB':>6}"
        )
        for name, results in runs.items():
            seconds = _median(results, phase, "seconds")
            ratio = statistics.median(
                peer[phase]["seconds"] / own[phase]["seconds"]
                for peer, own in zip(runs["peer"], results, strict=True)
            )
            used = _median(results, phase, "cpu_s")
            cost = used / first["quotes"]
            dearer = cost * first["quotes"] / (_median(runs["peer"], phase, "cpu_s") or float("nan"))
            print(
                f"{CANDIDATES[name]:<50}{first['messages'] / seconds:>11.0f}{first['quotes'] / seconds:>11.0f}"
                f"{first['changed'] / seconds:>11.0f}{ratio:>9.2f}"
                f"{used / seconds:>6.2f}"
                f"{_measured(used, cost * 1e6):>14}{_measured(used, dearer):>9}"
                f"{_median(results, phase, 'client_cpu_s') / seconds:>8.2f}{_median(results, phase, 'mib'):>6.0f}"
            )


def _print_latencies(runs: Results, usual: list[dict[str, Any]], short: list[dict[str, Any]]) -> None:
    rows = [(CANDIDATES[name], results) for name, results in runs.items()]
    rows.append((f"{CANDIDATES['crossbook']}, push_s {_USUAL_PUSH_S}", usual))
    rows.append((f"{CANDIDATES['crossbook']}, tick {_SHORT_TICK_MS} ms", short))
    for phase in ("quiet", "loaded"):
        rate = statistics.median(each[phase]["background_per_s"] for each in runs["peer"])
        words = f"beside {rate:.0f} messages a second" if rate else "to an engine that is idle"
        print(f"\nfrom the message that makes an arbitrage to the news of it at another worker, {words}")
        print(
            f"{'candidate':<50}{'p50 ms':>9}{'p99 ms':>9}{'p99.9 ms':>10}{'samples':>9}{'lost':>6}{'cpu':>6}"
        )
        for words, results in (row for row in rows if phase in row[1][0]):
            latencies = sorted(each for found in results for each in found[phase]["latencies"])
            last = f"{_at(latencies, 0.999):.2f}" if len(latencies) >= _ENOUGH else "-"
            cpu = statistics.median(found[phase]["cpu_s"] / found[phase]["seconds"] for found in results)
            lost = sum(found[phase]["lost"] for found in results)
            print(
                f"{words:<50}{_at(latencies, 0.5):>9.2f}{_at(latencies, 0.99):>9.2f}{last:>10}"
                f"{len(latencies):>9}{lost:>6}{cpu:>6.2f}"
            )


def _print_streams(streams: Results) -> None:
    first = streams["floor"][0]
    print(
        f"\nan exchange's stream over TCP: {first['messages']} messages, {first['changes']} price levels changed, "
        f"{first['bytes'] / 2**20:.1f} MiB; the best prices at the end the same for all"
    )
    print(f"{'candidate':<50}{'messages/s':>11}{'levels/s':>11}{'of peer':>9}{'cpu':>6}{'cpu µs/level':>14}")
    for name, results in streams.items():
        seconds = statistics.median(each["seconds"] for each in results)
        ratio = statistics.median(
            peer["seconds"] / own["seconds"] for peer, own in zip(streams["peer"], results, strict=True)
        )
        cpu = statistics.median(each["cpu_s"] / each["seconds"] for each in results)
        print(
            f"{LISTENERS[name]:<50}{first['messages'] / seconds:>11.0f}{first['changes'] / seconds:>11.0f}"
            f"{ratio:>9.2f}{cpu:>6.2f}{cpu * seconds / first['changes'] * 1e6:>14.2f}"
        )


def _print_parts(phase: str, found: dict[str, Any]) -> None:
    own = found.get("own", found)
    print(f"\nwhere the processor time of crossbook goes: {phase}")
    for title, name in (("parts", "parts"), ("itself", "places"), ("with what it calls", "whole")):
        shares = list(own.get(name, {}).items())[:14]
        print(f"  {title}: " + ", ".join(f"{place} {share:.0%}" for place, share in shares))


def _median(results: list[dict[str, Any]], phase: str, name: str) -> float:
    return float(statistics.median(each[phase][name] for each in results))


def _measured(used: float, value: float) -> str:
    """A cost, unless the system's clock for processor time is too coarse to tell it."""
    return f"{value:.2f}" if used >= _LEAST_USED_S else "-"


def _at(ordered: list[float], part: float) -> float:
    return ordered[int((len(ordered) - 1) * part)] if ordered else float("nan")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    compare(None, 3)

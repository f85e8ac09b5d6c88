"""The proof of completeness: no plan missed and none made up, over random events and streams of updates.

``python -m tests.completeness.prove --events 20000 --updates 2000000 --seed 1`` puts them before the product and an
oracle that solves every event anew, and prints a table. ``--accused module:callable`` puts another in the dock
(``tests.completeness.right:make`` is right by construction), ``--mutants`` spoils it in every known way instead and
says how each was noticed. Pieces of work that are done are kept and not done again; after a change of the accused
begin with ``--anew``. Ends with 0 when nothing was found (with ``--mutants``: when something was found in each).
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

import msgspec

from tests.completeness.compare import OPTIMUM, Tally
from tests.completeness.drive import Factory, Piece, Work, run_piece
from tests.completeness.mutants import MUTANTS, shown, small_work

PRODUCT: Final = "tests.completeness.product:make"
EVENTS_EACH: Final = 250
UPDATES_EACH: Final = 50_000
FEW: Final = 40
MUST_BE_CLOSE: Final = 0.25
"""The least part of the events that are near break-even, unless there are few; less proves too little."""


def factory_of(words: str) -> Factory:
    """The callable that ``module:callable`` names.

    Raises ValueError when the words have another form, ImportError or AttributeError when there is no such thing.
    """
    module, _, name = words.partition(":")
    if not module or not name:
        raise ValueError(f"accused: {words!r} is not of the form module:callable")
    make: Factory = getattr(import_module(module), name)
    return make


def pieces(seed: int, events: int, updates: int) -> list[Piece]:
    """The whole work, cut up; the streams take turns in being quiet, in play and wild."""
    by_events = [
        Piece(Work.EVENTS, seed, first, min(EVENTS_EACH, events - first))
        for first in range(0, events, EVENTS_EACH)
    ]
    by_updates = [
        Piece(Work.UPDATES, seed, number, min(UPDATES_EACH, updates - done))
        for number, done in enumerate(range(0, updates, UPDATES_EACH))
    ]
    return [*by_events, *by_updates]


class _Order(msgspec.Struct, frozen=True):
    """A piece for a process to do, and where its result is kept."""

    accused: str
    piece: Piece
    path: str


def _done(order: _Order) -> tuple[_Order, Tally]:
    path = Path(order.path)
    tally = run_piece(order.piece, factory_of(order.accused))
    beside = path.with_suffix(".new")
    beside.write_bytes(msgspec.json.encode(tally))
    beside.replace(path)
    return order, tally


def _known(path: Path) -> Tally | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Tally)
    except (OSError, msgspec.DecodeError):
        return None


def run_all(
    accused: str, work: Sequence[Piece], folder: Path, processes: int
) -> Iterator[tuple[Piece, Tally, bool]]:
    """Every piece with what came of it, as they are done, and whether it was known from before."""
    folder.mkdir(parents=True, exist_ok=True)
    orders = []
    for piece in work:
        path = folder / f"{piece.name}.json"
        known = _known(path)
        if known is not None:
            yield piece, known, True
        else:
            orders.append(_Order(accused, piece, str(path)))
    if processes == 1 or len(orders) < 2:
        for order in orders:
            yield order.piece, _done(order)[1], False
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for order, tally in pool.imap_unordered(_done, orders):
            yield order.piece, tally, False


def table(rows: Iterable[tuple[str, Tally]]) -> str:
    """Tallies as a table for people."""
    lines = [
        f"{'':<10} {'events':>7} {'updates':>9} {'looks':>8} {'plans':>8} {'no loss':>8} {'even':>7} "
        f"{'just below':>10} {'just above':>10} {'missed':>7} {'false':>7} {'others':>7} {'furthest':>9} {'seconds':>8}"
    ]
    for name, tally in rows:
        found = tally.findings
        others = sum(number for what, number in found.items() if what not in ("missed", "false"))
        lines.append(
            f"{name:<10} {tally.events:>7} {tally.updates:>9} {tally.checks:>8} {tally.plans:>8} "
            f"{tally.even_plans:>8} {tally.even_empty:>7} {tally.close_below:>10} {tally.close_above:>10} "
            f"{found.get('missed', 0):>7} {found.get('false', 0):>7} {others:>7} {tally.worst_difference:>9.1e} "
            f"{tally.seconds:>8.0f}"
        )
    return "\n".join(lines)


LEGEND: Final = (
    "plans: looks at which there is one; no loss: those that guarantee exactly one; even: exactly one and no plan; "
    f"just below, just above: within 10⁻⁴ of one; furthest: from the best return (at most {OPTIMUM:.0e})."
)


def _prove(accused: str, work: Sequence[Piece], folder: Path, processes: int) -> bool:
    parts = {kind: Tally() for kind in Work}
    known = 0
    for number, (piece, tally, was_known) in enumerate(run_all(accused, work, folder, processes), 1):
        parts[piece.work].add(tally)
        known += was_known
        if not was_known:
            said = "".join(f", {count} {name}" for name, count in tally.findings.items()) or ", nothing found"
            print(f"{number}/{len(work)} {piece.name}: {tally.checks} looks{said}", flush=True)
    whole = Tally()
    for tally in parts.values():
        whole.add(tally)
    print(
        f"\n{table([*((kind.value, tally) for kind, tally in parts.items()), ('together', whole)])}\n{LEGEND}"
    )
    if known:
        print(f"{known} of {len(work)} pieces were known from before; --anew does them again.")
    for example in whole.examples:
        print(f"  {example}")
    enough = whole.events < FEW or whole.close_events >= MUST_BE_CLOSE * whole.events
    print(f"{whole.close_events} of {whole.events} events were near break-even when first seen whole.")
    if not enough:
        print("TOO LITTLE: not enough of the events were near break-even.")
    return enough and not whole.findings


def _shown(order: tuple[str, str, int]) -> tuple[str, Tally]:
    name, accused, seed = order
    return name, shown(name, factory_of(accused), small_work(seed, 60))


def _all_shown(accused: str, seed: int, processes: int) -> bool:
    """Spoil the accused in every known way, each until it shows."""
    fine = True
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for name, tally in pool.imap(_shown, [(name, accused, seed) for name in MUTANTS]):
            noticed = MUTANTS[name].is_shown(tally)
            fine = fine and noticed
            found = ", ".join(f"{count} {what}" for what, count in tally.findings.items())
            print(
                f"{name:<28} {'' if noticed else 'NOT '}noticed after {tally.checks:>5} looks: {found}",
                flush=True,
            )
    return fine


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns 0 when all is well."""
    parser = argparse.ArgumentParser(
        prog="tests.completeness.prove",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--updates", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--accused", default=PRODUCT, help=f"module:callable; {PRODUCT} by default")
    parser.add_argument("--keep", type=Path, help="where pieces that are done are kept")
    parser.add_argument("--anew", action="store_true", help="do everything again")
    parser.add_argument("--mutants", action="store_true", help="spoil the accused; every way must be noticed")
    given = parser.parse_args(arguments)
    try:
        factory_of(given.accused)()
    except (ValueError, ImportError, AttributeError, NotImplementedError) as error:
        print(f"no accused: {error}", file=sys.stderr)
        return 2
    keep = given.keep or Path(tempfile.gettempdir()) / "crossbook-completeness"
    folder = keep / given.accused.replace(":", ".")
    if given.anew and folder.exists():
        shutil.rmtree(folder)
    if given.mutants:
        return 0 if _all_shown(given.accused, given.seed, given.processes) else 1
    work = pieces(given.seed, given.events, given.updates)
    return 0 if _prove(given.accused, work, folder, given.processes) else 1


if __name__ == "__main__":
    sys.exit(main())

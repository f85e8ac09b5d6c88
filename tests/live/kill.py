"""Kills `crossbook up`, its PostgreSQL, or both with SIGKILL, and looks whether anything acknowledged is lost.

    python -m tests.live.kill --times 50 --seed 1

Two site workers feed it. Acknowledged is what somebody outside has seen before the kill: frames that another process
reads from the recording, messages of which a door has shown something, rows that another connection reads. After
each kill the next start has to work by itself, nothing acknowledged may be missing or changed, no batch and no life
may be there in part, and what was open at the death of its run is closed. Where only the server, or one of its
backends, is killed the process has to go on by itself.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import functools
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from crossbook.app import live
from crossbook.cli.settings import read_settings
from crossbook.rawlog import RawLog
from crossbook.store.embedded import locks
from tests.live.feeding import Feeder
from tests.live.product import PATIENCE_S, Product, until
from tests.live.witness import UNREACHABLE, Witness
from tests.store.embedded.kill import making, server_processes
from tests.store.servers import open_folder

PROCESS, SERVER, BACKEND, BOTH = "process", "server", "backend", "both"
RAWLOG_POINTS = (
    *("flush: written", "flush: done", "rotate: head written", "rotate: renamed"),
    *("pack: written", "pack: renamed", "pack: done"),
)
"""Points within the work of the raw log, at which the process stops itself."""
ROUNDS = (
    ("at random", PROCESS),
    ("mid-COPY", BOTH),
    ("initdb", PROCESS),
    ("rotate: renamed", PROCESS),
    ("at random", SERVER),
    ("migrating", PROCESS),
    ("mid-COPY", PROCESS),
    ("shutdown", PROCESS),
    ("pack: written", PROCESS),
    ("at random", BACKEND),
    ("starting", BOTH),
    ("initdb", BOTH),
    ("flush: written", PROCESS),
    ("at random", BOTH),
    ("mid-COPY", SERVER),
    ("rotate: head written", PROCESS),
    ("starting", PROCESS),
    ("shutdown", BOTH),
    ("pack: renamed", PROCESS),
    ("mid-COPY", BACKEND),
    ("migrating", BOTH),
    ("flush: done", PROCESS),
    ("starting", SERVER),
    ("pack: done", PROCESS),
    ("initdb", SERVER),
)
_FRESH = ("initdb", "migrating")
"""Points that a data folder passes once."""
_SEGMENT_BYTES = 50_000
_MANY = 250
"""Matches of a message that has to be copied for a while."""


class Killed(msgspec.Struct):
    """What one round came to; `back_s` is from the kill to a database that takes rows again."""

    point: str
    victim: str
    back_s: float
    frames: int
    rows: int


class Place:
    """One data folder, its product and all that was ever seen of it."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.product = Product(folder)
        self.witness = Witness(self.product.data)
        self.feeder = Feeder(self.product)
        self.dice = dice

    @property
    def home(self) -> Path:
        """PostgreSQL's folder."""
        return self.product.data / "postgres"

    def up(self, *command: str) -> None:
        """Start, and wait until the database is there."""
        self.product.start(*command)
        until(self.product.keeps, "a database")

    def kill_at(self, point: str, victim: str) -> Killed:
        """One round: reach the point, look, kill, start again, and compare."""
        was_alive = self._reach(point)
        known, was_open = self._seen(was_alive)
        began = time.monotonic()
        self._kill(point, victim)
        if (point, victim) == ("initdb", SERVER):
            self._says_so_and_ends()
            self.up()
            self._takes_rows()
        elif point == "starting" and victim == SERVER:
            self._goes_on_or_says_why_not()
        elif victim in (SERVER, BACKEND):
            self._goes_on()
            was_open = set()
        else:
            self._left_whole(known)
            self.up()
            self._takes_rows()
        back = time.monotonic() - began
        self.witness.rows_are_there(was_open)
        return Killed(point, victim, back, len(self.witness.frames), len(self.witness.changes))

    # ------------------------------------------------------------ before the kill

    def _reach(self, point: str) -> bool:
        """Wait for the point, with the process in it; whether rows can be looked at."""
        product, pause = self.product, self.dice.random()
        if point in RAWLOG_POINTS:
            self._end()
            number = self.dice.randint(1, 3) * (20 if point.startswith("flush") else 1)
            command = [sys.executable, "-m", "tests.live.kill", "--up", "{}", point, str(number)]
            product.start(*command)
            until(product.is_frozen, point)
            return self._answers()
        if point == "initdb":
            product.start()
            until(lambda: making(self.home), "initdb", pause_s=0.001)
            time.sleep(pause * 0.3)
            return False
        if point == "migrating":
            product.start()
            until(self._asked(self.witness.outside.migrating), "a migration", pause_s=0.001)
            time.sleep(pause * 0.05)
            return False
        if point == "starting":
            self._end()
            product.start()
            until(lambda: server_processes(self.home), "a server", pause_s=0.001)
            time.sleep(pause * 0.3)
            return False
        if product.process is None or product.process.poll() is not None:
            self.up()
        self._takes_rows()
        if point == "mid-COPY":
            self._reach_copy()
        elif point == "shutdown":
            product.running.send_signal(signal.SIGTERM)
            time.sleep(pause * 0.4)
            return self._answers()
        else:
            time.sleep(pause)
        return True

    def _reach_copy(self) -> None:
        """Rows under way to the database, so and so many of them."""
        usual, self.feeder.matches = self.feeder.matches, _MANY
        wanted = self.dice.randint(0, 500)
        outside = self.witness.outside

        def copying() -> bool:
            found = outside.copying()
            return found is not None and found[1] >= wanted

        try:
            until(copying, "a COPY", pause_s=0.0005)
            if self.dice.random() < 0.7:
                self.product.freeze()
        finally:
            self.feeder.matches = usual

    def _seen(self, answers: bool) -> tuple[dict[str, list[bytes]], set[str]]:
        """Look at everything, in half the cases with the process stopped, so that nothing comes after the look."""
        product, witness = self.product, self.witness
        if answers and product.running.poll() is None and self.dice.random() < 0.5:
            product.freeze()
        shown = self.feeder.acknowledged()
        witness.look_at_frames()
        if answers:
            witness.look_at_rows()
        return shown, set(witness.open)

    def _answers(self) -> bool:
        try:
            self.witness.outside.rows("SELECT 1")
        except UNREACHABLE:
            return False
        return True

    def _asked(self, question: Callable[[], bool]) -> Callable[[], bool]:
        def asked() -> bool:
            try:
                return question()
            except UNREACHABLE:
                return False

        return asked

    # ------------------------------------------------------------ the kill

    def _kill(self, point: str, victim: str) -> None:
        outside = self.witness.outside
        server = making(self.home) if point == "initdb" else server_processes(self.home)
        victims: list[int] = []
        if victim == BACKEND:
            copying = outside.copying()
            victims = [copying[0]] if copying else [self.dice.choice(outside.backends())]
        elif victim in (SERVER, BOTH):
            victims = server
        if victim in (PROCESS, BOTH):
            self.product.running.kill()
        for each in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        if victim in (PROCESS, BOTH):
            self.product.running.wait(PATIENCE_S)
        else:
            self.product.running.send_signal(signal.SIGCONT)
        outside.forget()

    # ------------------------------------------------------------ after it

    def _left_whole(self, shown: dict[str, list[bytes]]) -> None:
        """The recording as the dead process left it."""
        if list(self.product.recording.glob("*.frames*")):
            self.witness.frames_are_there(torn=True, shown=shown)

    def _goes_on(self) -> None:
        """The process lives, and writes again what came since."""
        until(self._asked(self.product.keeps), "a database")
        self._takes_rows()
        until(self._asked(self.witness.outside.somebody_is_at_work), "its sign that it is at work")
        assert self.product.running.poll() is None, self.product.words()

    def _goes_on_or_says_why_not(self) -> None:
        """Without its server it may end in the middle of its start; then the next start does better."""
        process = self.product.running
        keeps = self._asked(self.product.keeps)

        def decided() -> bool:
            try:
                return keeps()
            except AssertionError:  # it has ended
                return process.poll() is not None

        until(decided, "a database or an end")
        if process.poll() is not None:
            assert process.returncode == 1, self.product.words()
            assert "Traceback" not in self.product.words()
            self.up()
        self._takes_rows()

    def _says_so_and_ends(self) -> None:
        """Without a data folder there is nothing to go on with: words, and an exit code."""
        process = self.product.running
        until(lambda: process.poll() is not None, "the end of a process that cannot make its data folder")
        assert process.returncode in (1, 2), process.returncode
        assert "data folder could not be made" in self.product.words()
        assert "Traceback" not in self.product.words()

    def _takes_rows(self) -> None:
        """Wait for batches, of which one has changes of opportunities, that were not there before."""
        witness = self.witness

        def looked() -> bool:
            assert self.feeder.trouble is None, self.feeder.trouble
            assert self.product.running.poll() is None, self.product.words()
            witness.look_at_rows()
            return len(witness.batches) >= batches + 3 and len(witness.changes) > changes

        batches = changes = -3
        until(self._asked(looked), "rows to look at")
        batches, changes = len(witness.batches), len(witness.changes)
        until(self._asked(looked), "new rows")

    def _end(self) -> None:
        if self.product.process is not None and self.product.process.poll() is None:
            code = self.product.end()
            assert code == 0, f"exit code {code}: {self.product.words()}"
            self.witness.outside.forget()

    def settle(self) -> int:
        """End in order; everything ever seen is there, and nothing is left running. Gives the rows there are."""
        self._takes_rows()
        self.witness.look_at_frames()
        rows = self.witness.read_everything()
        options = read_settings(self.product.config, {}).options
        assert self.witness.replay_tells_the_same(options) > 0
        shown = self.feeder.acknowledged()
        self._end()
        self.witness.frames_are_there(torn=False, shown=shown)
        free = locks.take(self.home / "alive.lock")
        assert free is not None, "a server process is left"
        free.close()
        assert not list(self.home.glob("data.new-*")), "an unfinished folder is left"
        return rows


@contextmanager
def fresh_place(dice: random.Random) -> Iterator[Place]:
    """A new data folder with workers that feed its product; nothing of it stays."""
    with open_folder() as folder:
        place = Place(folder, dice)
        try:
            with place.feeder:
                yield place
        except BaseException:
            faulthandler.dump_traceback()
            if place.product.process is not None:
                print(place.product.words(), file=sys.stderr)
            raise
        finally:
            place.witness.outside.close()
            place.product.close()


def rounds(times: int, dice: random.Random, order: tuple[tuple[str, str], ...] = ROUNDS) -> Iterator[Killed]:
    """Kill so many times, and tell of each; one data folder lasts over all that is not only at its beginning."""
    with fresh_place(dice) as lasting:
        for number in range(times):
            point, victim = order[number % len(order)]
            if point in _FRESH:
                with fresh_place(dice) as fresh:
                    yield fresh.kill_at(point, victim)
                    fresh.settle()
            else:
                yield lasting.kill_at(point, victim)
        rows = lasting.settle()
        witness = lasting.witness
        print(
            f"{len(witness.frames)} frames, {len(witness.batches)} batches and {len(witness.changes)} changes were "
            f"seen, {rows} rows read at the end, {witness.abandoned} lives closed for the dead, "
            f"{lasting.feeder.opportunities} opportunities told to workers"
        )


def up_to(config: str, point: str, number: int) -> None:
    """Be `crossbook up` with small segments, and stop at the so many-th passing of a point of the raw log."""
    seen: Counter[str] = Counter()

    def look(name: str) -> None:
        seen[name] += 1
        if name == point and seen[name] == number:
            os.kill(os.getpid(), signal.SIGSTOP)

    small = functools.partial(RawLog, segment_bytes=_SEGMENT_BYTES, write_bytes=4096, points=look)
    vars(live)["RawLog"] = small
    sys.argv = ["crossbook", "up", "--config", config]
    from crossbook.cli.main import main as command_line

    command_line()


def main() -> None:
    """Read the command line and kill."""
    parser = argparse.ArgumentParser(description="Kill the whole of Crossbook, and look for what is lost.")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--up", nargs=3, metavar=("CONFIG", "POINT", "NUMBER"), help="be the one to be killed"
    )
    given = parser.parse_args()
    if given.up:
        config, point, number = given.up
        up_to(config, point, int(number))
        return
    table: dict[tuple[str, str], list[float]] = {}
    for number, killed in enumerate(rounds(given.times, random.Random(given.seed)), 1):
        table.setdefault((killed.point, killed.victim), []).append(killed.back_s)
        print(
            f"{number}: {killed.victim} killed at {killed.point}: back in {killed.back_s:.2f} s", flush=True
        )
    print(f"\n{'point':<22}{'victim':<9}{'kills':>5}{'slowest back, s':>17}")
    for (point, victim), took in sorted(table.items()):
        print(f"{point:<22}{victim:<9}{len(took):>5}{max(took):>17.2f}")
    print(f"{given.times} kills, nothing acknowledged was lost")


if __name__ == "__main__":
    main()

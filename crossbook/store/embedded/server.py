"""Our own PostgreSQL server: started, shared, watched, and stopped by its last user.

Three locks, all dropped by the kernel when their holders are gone:

- `turn`: held while somebody starts or stops the server, so nobody else does.
- `users`: shared by everyone who uses the server. Who can have it alone is the last.
- `alive`: inherited by the server's own processes. Free means that none of them is left, whatever a pid file, a
  zombie or a process number that was given away again may say.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

from crossbook.base.clock import SECOND, Clock
from crossbook.base.errors import Misconfigured, Refused, Retry, Unknown
from crossbook.store.embedded import cluster, locks
from crossbook.store.embedded.address import Address
from crossbook.store.embedded.binaries import find, within_reach
from crossbook.store.embedded.connect import is_ready
from crossbook.store.embedded.paths import Place, answers
from crossbook.store.embedded.process import launch, reap, tail
from crossbook.store.embedded.running import PidFile, is_postgres, read_pid_file, without_pid
from crossbook.store.embedded.settings import MEGABYTE, Settings

LONGEST_LOG = 10 * MEGABYTE


class Server:
    """One user's hold on the server of a place. Not to be started twice."""

    def __init__(self, place: Place, clock: Clock, settings: Settings) -> None:
        self.place = place
        self.settings = settings
        self._clock = clock
        self._users: locks.Lock | None = None
        self._address: Address | None = None
        self._deaths: deque[int] = deque()

    @property
    def address(self) -> Address:
        """Where the database is. Raises Unknown before the start."""
        if self._address is None:
            raise Unknown(f"the server of {self.place.home} has not been started: start it first")
        return self._address

    @property
    def dsn(self) -> str:
        """The database's address for asyncpg and libpq, with its password: never show it."""
        return self.address.dsn

    @property
    def log(self) -> Path:
        """The file with what the server says."""
        return self.place.log

    async def start(self) -> None:
        """Have a server that answers: attach to the one that runs, or start it.

        An orphan, whose users were all killed, is adopted. A server that died is recovered by PostgreSQL itself.
        Raises Misconfigured when a person has to change something first, Retry when it took longer than `start_s`.
        """
        self.place.prepare()
        async with self._turn():
            users = locks.take(self.place.users, shared=True)
            if users is None:  # only who holds the turn may have it alone
                raise Unknown(f"{self.place.users} is locked by another program; end that program")
            self._users = users
            try:
                await self._bring_up()
            except Retry:  # it may still be recovering: stopping it would begin that anew
                self._let_go()
                raise
            except BaseException:
                with contextlib.suppress(Unknown):  # the first error says more
                    await asyncio.shield(self._leave())
                raise

    async def stop(self) -> None:
        """Let go of the server; its last user stops it. Does nothing when it was not started."""
        if self._users is None:
            return
        try:
            async with self._turn():
                await self._leave()
        finally:  # without the turn somebody else is starting or stopping it: then it is not ours to stop
            self._let_go()

    async def watch(self) -> None:
        """Start the server again whenever it dies, until cancelled.

        Whichever of its users sees it first does so, the others attach. Raises Retry when it died more than
        `restarts` times within `restarts_within_s`, and what `start` raises.
        """
        while True:
            await asyncio.sleep(self.settings.watch_s)
            if self._is_gone():
                self._count_death()
                async with self._turn():
                    await self._bring_up()

    def _count_death(self) -> None:
        now, deaths = self._clock.now(), self._deaths
        deaths.append(now)
        while now - deaths[0] > self.settings.restarts_within_s * SECOND:
            deaths.popleft()
        if len(deaths) > self.settings.restarts:
            raise Retry(
                f"the database server died {len(deaths)} times within {self.settings.restarts_within_s:g} s; "
                f"see {self.log}, which ends:\n{tail(self.log)}"
            )

    def _is_gone(self) -> bool:
        probe = locks.take(self.place.alive, shared=True)
        if probe is None:
            return False
        probe.close()
        return True

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        turn = await locks.wait_for(self.place.turn, self.settings.start_s)
        if turn is None:
            raise Retry(
                f"another command has been starting or stopping the server in {self.place.home} for "
                f"{self.settings.start_s:g} s (start_s); try again when it is done"
            )
        with turn:
            yield

    async def _bring_up(self) -> None:
        end = time.monotonic() + self.settings.start_s
        while True:
            alive = locks.take(self.place.alive)
            if alive is not None:
                with alive:
                    since = self._rotate_log()
                    process = await self._launch(alive)
                if await self._becomes_ready(end, process, since):
                    return
                self._count_death()
            elif await self._is_answering():
                return
            self._check_time(end)
            await asyncio.sleep(locks.PAUSE_S)

    async def _launch(self, alive: locks.Lock) -> subprocess.Popen[bytes]:
        """Start a server where no process of one is left."""
        place = self.place
        programs = within_reach(find(), place.account, place.home / "programs")
        if not cluster.exists(place):
            await cluster.create(place, programs, self.settings, alive)
        secret = cluster.password(place)
        self._refuse_foreign()
        folder = place.socket_folder()
        for name in place.socket_names():
            (folder / name).unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            without_pid(place.data)
        command = [str(programs.path("postgres")), "-D", str(place.data), *self.settings.options(str(folder))]
        log = os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            process = launch(command, place.account, keep=(alive.descriptor,), output=log)
        finally:
            os.close(log)
        reap(process)
        self._address = Address(str(folder), secret)
        return process

    def _refuse_foreign(self) -> None:
        """Raise Misconfigured when a server that we did not start works on our data folder."""
        known = read_pid_file(self.place.data)
        if (
            known
            and is_postgres(known.pid, self.place.data)
            and known.socket_folder
            and answers(known.socket_folder)
        ):
            raise Misconfigured(
                f"{self.place.data} is in use by a PostgreSQL server that Crossbook did not start (process "
                f"{known.pid}); stop that server"
            )

    def _rotate_log(self) -> int:
        """Put a long log aside; the length of the one to go on with."""
        try:
            length = self.log.stat().st_size
        except FileNotFoundError:
            return 0
        if length <= LONGEST_LOG:
            return length
        self.log.replace(self.log.with_name("server.log.1"))
        return 0

    async def _is_answering(self) -> bool:
        """Whether a server that was there before answers; then we know its address."""
        known = read_pid_file(self.place.data)
        if known is None or known.socket_folder is None:
            return False
        address = Address(str(known.socket_folder), cluster.password(self.place))
        if not await is_ready(address, self.place.data, self.place.password):
            return False
        self._address = address
        return True

    async def _becomes_ready(self, end: float, process: subprocess.Popen[bytes], since: int) -> bool:
        """Wait for an answer. False when the server was killed meanwhile."""
        place = self.place
        while not await is_ready(self.address, place.data, place.password):
            if self._is_gone():
                if await asyncio.to_thread(process.wait) == -signal.SIGKILL:
                    return False
                what = f"{place.data}: the server ended at its start"
                raise Misconfigured(cluster.explain(what, place, tail(self.log, since)))
            self._check_time(end)
            await asyncio.sleep(locks.PAUSE_S)
        if self._is_gone() and await is_ready(self.address, place.data, place.password):
            raise Misconfigured(
                f"{place.home}: its file system does not pass locks on to child processes (a network folder?); "
                "name a local folder with CROSSBOOK_DATA"
            )
        return True

    def _check_time(self, end: float) -> None:
        if time.monotonic() >= end:
            raise Retry(
                f"{self.place.data}: the server did not answer within {self.settings.start_s:g} s (start_s); it may "
                f"be recovering: try again. Its log {self.log} ends:\n{tail(self.log)}"
            )

    async def _leave(self) -> None:
        """With the turn held: give up our use, and stop the server if we were its last user."""
        if self._users is None:
            return
        try:
            if self._users.alone():
                await self._end_server()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._users is not None:
            self._users.close()
            self._users = None

    async def end_orphan(self) -> bool:
        """Stop a server that nobody uses; whether there was one. Raises Refused when it is in use."""
        self.place.prepare()
        async with self._turn():
            users = locks.take(self.place.users)
            if users is None:
                raise Refused(
                    f"the server in {self.place.home} is in use: end the commands that use it and it stops by itself"
                )
            with users:
                there = not self._is_gone()
                if there:
                    await self._end_server()
                return there

    async def _end_server(self) -> None:
        """Ask the server to end, ever more firmly, until none of its processes is left."""
        steps = ((signal.SIGINT, self.settings.stop_s), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
        known: PidFile | None = None
        for how, within_s in steps:
            end, asked = time.monotonic() + within_s, 0
            while time.monotonic() < end:
                known = read_pid_file(self.place.data) or known
                if known and known.pid != asked and is_postgres(known.pid, self.place.data):
                    asked = known.pid
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(asked, how)
                if alive := locks.take(self.place.alive):
                    with alive:
                        if known and known.socket_folder:
                            self.place.forget_socket(known.socket_folder)
                        elif self._address:  # it ended before it opened its socket
                            self.place.forget_socket(Path(self._address.host))
                    return
                await asyncio.sleep(locks.PAUSE_S)
        raise Unknown(
            f"{self.place.data}: the server could not be ended from here (does it run in another container?); "
            "stop it there"
        )

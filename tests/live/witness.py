"""What an outside observer of a data folder has seen, and whether all of it is still there after a kill."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from crossbook.app.recorder import Recorder
from crossbook.base.clock import SECOND, ManualClock
from crossbook.base.errors import Misconfigured
from crossbook.model.frame import Frame, FrameKind
from crossbook.pipeline.live import Pipeline
from crossbook.pipeline.options import Options
from crossbook.rawlog import Reading
from crossbook.replay.replay import replay
from crossbook.store.abandoned import LOCK
from crossbook.store.embedded.address import Address
from crossbook.store.embedded.running import read_pid_file
from crossbook.venues import readers

Row = tuple[Any, ...]

_BATCHES = "SELECT recording, number, at, quotes FROM crossbook.batch WHERE at >= $1"
_CHANGES = "SELECT opportunity, number, md5(text) FROM crossbook.opportunity_change WHERE at >= $1"
_TOLD = """
SELECT opportunity, number, md5(text) FROM crossbook.opportunity_change
WHERE NOT reasons @> '[{"name": "abandoned"}]'
"""
_OPEN = "SELECT id FROM crossbook.opportunity WHERE closed IS NULL"
_HALF_KEPT = """
SELECT at FROM (SELECT at, sum(quotes) AS told FROM crossbook.batch GROUP BY at) AS batch
FULL JOIN (SELECT at, count(*) AS kept FROM crossbook.quote GROUP BY at) AS quote USING (at)
WHERE coalesce(told, 0) <> coalesce(kept, 0)
"""
_BROKEN_LIVES = """
SELECT id FROM crossbook.opportunity AS kept LEFT JOIN LATERAL (
    SELECT count(*) AS moments, min(number) AS first, max(number) AS last,
           count(*) FILTER (WHERE moment = 'opened') AS begun, count(*) FILTER (WHERE moment = 'closed') AS ended
    FROM crossbook.opportunity_change WHERE opportunity = kept.id) AS life ON true
WHERE moments <> last OR first <> 1 OR begun <> 1 OR last <> kept.number
   OR ended <> CASE WHEN kept.closed IS NULL THEN 0 ELSE 1 END
"""
_WHY_CLOSED = "SELECT id, closed, close_reasons ->> 0 AS why FROM crossbook.opportunity WHERE id = ANY($1)"
_TABLES = """
SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'crossbook'::regnamespace
"""
_COPYING = "SELECT pid, tuples_processed FROM pg_stat_progress_copy WHERE command = 'COPY FROM' LIMIT 1"
_BACKENDS = """
SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid
"""
_MIGRATING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7203001 AND granted"
_AT_WORK = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid::bigint = $1 AND granted"
UNREACHABLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


def digest(frame: Frame) -> bytes:
    """What tells a frame from every other."""
    front = f"{frame.received} {frame.kind.value} {frame.stream}\n".encode()
    return hashlib.blake2b(front + frame.data, digest_size=16).digest()


def address(data: Path) -> Address | None:
    """Our own server's address as its files give it; None while it has no socket."""
    home = data / "postgres"
    known = read_pid_file(home / "data")
    if known is None or known.socket_folder is None or not (home / "password").exists():
        return None
    return Address(str(known.socket_folder), (home / "password").read_text(encoding="ascii").strip())


class Outside:
    """Questions to the database over connections that have nothing to do with the product."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._runner = asyncio.Runner()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    def close(self) -> None:
        """Disconnect."""
        self.forget()
        self._runner.close()

    def forget(self) -> None:
        """Use another connection from now on."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def rows(self, text: str, *values: object) -> list[asyncpg.Record]:
        """What a query gives. Raises what `UNREACHABLE` holds when there is no server that answers."""
        return self._runner.run(self._rows(text, values))

    async def _rows(self, text: str, values: tuple[object, ...]) -> list[asyncpg.Record]:
        if self._connection is None or self._connection.is_closed():
            where = address(self._data)
            if where is None:
                raise ConnectionError("there is no server")
            self._connection = await asyncpg.connect(where.dsn, timeout=10)
        found: list[asyncpg.Record] = await self._connection.fetch(text, *values, timeout=60)
        return found

    def copying(self) -> Row | None:
        """The backend that takes rows in just now, and how many it has."""
        found = self.rows(_COPYING)
        return tuple(found[0]) if found else None

    def migrating(self) -> bool:
        """Whether somebody is bringing the tables up to date."""
        return bool(self.rows(_MIGRATING)[0][0])

    def somebody_is_at_work(self) -> bool:
        """Whether others are told that a process writes to this database."""
        return bool(self.rows(_AT_WORK, LOCK)[0][0])

    def backends(self) -> list[int]:
        """The processes that serve the product."""
        return [row["pid"] for row in self.rows(_BACKENDS)]


class Witness:
    """Remembers what was seen of a data folder: acknowledged, so it may never be missing again."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.outside = Outside(data)
        self.frames: dict[int, bytes] = {}
        self.batches: dict[Row, int] = {}
        self.changes: dict[Row, str] = {}
        self.open: set[str] = set()
        self.abandoned = 0
        self._since = 0
        self._last_at = 0

    @property
    def recording(self) -> Path:
        """Where the frames are."""
        return self.data / "recording"

    def look_at_frames(self) -> None:
        """Read all that has been flushed to the newest segments."""
        names = sorted(path.name.partition(".")[0] for path in self.recording.glob("*.frames*"))
        since = max([name for name in names if int(name) <= self._since], default=None)
        for name in sorted({each for each in names if since is None or each >= since}):
            for ending in (".frames", ".frames.zst"):  # it may be packed at any moment
                with contextlib.suppress(Misconfigured):
                    self._read(self.recording / f"{name}{ending}")
        self._since = max(self.frames, default=0)

    def _read(self, path: Path) -> None:
        for number, frame in Reading(path):
            if number not in self.frames:
                self.frames[number] = digest(frame)

    def look_at_rows(self) -> None:
        """Read the rows that were committed since a little before the last look."""
        outside = self.outside
        since = self._last_at - 10 * SECOND
        for row in outside.rows(_BATCHES, since):
            self.batches[row["recording"], row["number"]] = row["quotes"]
            self._last_at = max(self._last_at, row["at"])
        for row in outside.rows(_CHANGES, since):
            self.changes[row[0], row[1]] = row[2]
        self.open = {row["id"] for row in outside.rows(_OPEN)}

    def frames_are_there(self, *, torn: bool, shown: dict[str, list[bytes]]) -> int:
        """Every frame that was seen, unchanged, in a recording without damage; gives how many frames there are.

        `torn` allows bytes behind the last whole record. Of what the doors have shown the messages are there too.
        """
        wanted = {(stream, data) for stream, all_data in shown.items() for data in all_data}
        reading = Reading(self.recording)
        expected = 0
        seen = set()
        for number, frame in reading:
            assert number == expected, f"frame {number} follows {expected - 1}"
            expected += 1
            known = self.frames.get(number)
            assert known is None or known == digest(frame), f"frame {number} is another than was seen"
            if frame.kind is FrameKind.DATA and (frame.stream, frame.data) in wanted:
                seen.add((frame.stream, frame.data))
        missing = [number for number in self.frames if number >= expected]
        assert not missing, f"{len(missing)} frames that were flushed are missing, from {min(missing)}"
        assert not reading.damage, reading.damage
        assert torn or reading.tail == 0, f"{reading.tail} torn bytes were left"
        lost = [(stream, data[:90]) for stream, data in wanted - seen]
        assert not lost, f"what a door has shown is not in the recording: {lost}"
        return expected

    def rows_are_there(self, was_open: set[str]) -> None:
        """Every row that was seen, with no batch or life in part; what was open at the death of its run is closed."""
        rows = self.outside.rows
        batches = {(row["recording"], row["number"]): row["quotes"] for row in rows(_BATCHES, 0)}
        missing = self.batches.items() - batches.items()
        assert not missing, f"{len(missing)} batches that were committed are missing: {sorted(missing)[:3]}"
        changes = {(row[0], row[1]): row[2] for row in rows(_CHANGES, 0)}
        lost = self.changes.items() - changes.items()
        assert not lost, f"{len(lost)} changes that were committed are missing: {sorted(lost)[:3]}"
        for what in (_HALF_KEPT, _BROKEN_LIVES):
            broken = [tuple(row) for row in rows(what)]
            assert not broken, f"{len(broken)} are kept in part: {broken[:3]}; by {what}"
        for row in rows(_WHY_CLOSED, sorted(was_open)):
            assert row["closed"] is not None, f"{row['id']} was left open"
            why = msgspec.json.decode(row["why"])
            self.abandoned += why["name"] == "abandoned"

    def replay_tells_the_same(self, options: Options) -> int:
        """Every change in the database is told by a replay of the recording, byte for byte; gives how many.

        But for those that closed what a dead run had left open. The recording may know of more: it comes first.
        """
        pipeline = Pipeline(readers(), options, keep_moved=True)
        recorder = Recorder(pipeline, "")
        told = set()
        for tick in replay(self.recording, pipeline, ManualClock()):
            batch = recorder.batch(tick)
            for row in batch.changes if batch else []:
                told.add((row.change.id, row.number, hashlib.md5(row.text()).hexdigest()))
        kept = {tuple(row) for row in self.outside.rows(_TOLD)}
        other = kept - told
        assert not other, (
            f"{len(other)} of {len(kept)} changes are not told by the replay: {sorted(other)[:3]}"
        )
        return len(kept)

    def read_everything(self) -> int:
        """Read every row of every table, checksums of the pages with it; gives how many rows there are."""
        rows = self.outside.rows
        assert rows("SHOW data_checksums")[0][0] == "on"
        count = 0
        for table in rows(_TABLES):
            name = table["name"]
            count += rows(f"SELECT count(*), sum(hashtext(each::text)) FROM crossbook.{name} AS each")[0][0]
        return count

"""The truth log: what the live world posted, what it handed over and when, and what it planted. JSON lines.

Every line is one record, its type under the key ``type``; fractions are text such as ``131/50``. Times are
nanoseconds UTC. The world writes each record when it happens, so that the log is whole however the run ends.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from crossbook.base.errors import BadData
from crossbook.sim.scores import Bet
from crossbook.sim.truth import Fixture


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One stream: a polled address or a connection, the venues whose prices it carries, and how long they stand.

    `venues` are the ids which Crossbook's output uses. `life_ns` is how long a price stands after the source's
    last delivery; None where it stands as long as the connection is open.
    """

    name: str
    venues: tuple[str, ...]
    life_ns: int | None = None


class Head(msgspec.Struct, frozen=True, kw_only=True, tag="head", tag_field="type"):
    """The first record. `commission` is the stated share of a market's net winnings, by venue; absent means none."""

    seed: int
    at: int
    fixtures: tuple[Fixture, ...]
    sources: tuple[Source, ...]
    commission: dict[str, Fraction] = {}


class Posted(msgspec.Struct, frozen=True, kw_only=True, tag="posted", tag_field="type"):
    """A venue's price as it is from now on, known to nobody before the source's next delivery.

    `number` counts 1, 2, 3 … over all sources. The record supersedes what the same `key` had before. `odds` are
    exact decimal odds, None where the price is withdrawn; on the lay side they are the backer's odds. `line` is the
    home side's for a handicap. `updated` is the venue's own stated time. `fault` is empty for a sound price, else
    the fault's name.
    """

    number: int
    at: int
    fixture: int
    source: str
    venue: str
    market: str
    selection: str
    line: Fraction | None = None
    side: str = "back"
    odds: Fraction | None
    suspended: bool = False
    updated: int
    fault: str = ""

    @property
    def bet(self) -> Bet:
        """Market, selection and line."""
        return self.market, self.selection, self.line


class Delivered(msgspec.Struct, frozen=True, kw_only=True, tag="delivered", tag_field="type"):
    """Everything `source` posted up to the number `up_to` is with the reader, and all of it that stands is confirmed.

    `at` is taken just before the bytes are handed to the socket. A heartbeat is a delivery too.
    """

    at: int
    source: str
    up_to: int


class Lost(msgspec.Struct, frozen=True, kw_only=True, tag="lost", tag_field="type"):
    """The source's connection is cut; `at` is taken just before. Nothing it delivered stands any more."""

    at: int
    source: str


class Up(msgspec.Struct, frozen=True, kw_only=True, tag="up", tag_field="type"):
    """The source's connection is there again; nothing stands before its next delivery."""

    at: int
    source: str


class Planted(msgspec.Struct, frozen=True, kw_only=True, tag="planted", tag_field="type"):
    """A true opportunity, written once all its prices are posted.

    `legs` are numbers of posted prices; `guaranteed_return` is what one unit of outlay gives back at every score,
    after the stated commission. `until` is when the script means to end it.
    """

    kind: str
    fixture: int
    legs: tuple[int, ...]
    guaranteed_return: Fraction
    at: int
    until: int


class FaultPlanted(msgspec.Struct, frozen=True, kw_only=True, tag="fault_planted", tag_field="type"):
    """Prices that look like profit and must not be acted on; `prices` are their posted numbers.

    `together` says that each of them alone is sound and that only combinations of two or more are not; then the
    name in their `Posted.fault` does not make them wrong by themselves.
    """

    name: str
    fixture: int
    prices: tuple[int, ...]
    at: int
    until: int
    note: str = ""
    together: bool = False


class End(msgspec.Struct, frozen=True, kw_only=True, tag="end", tag_field="type"):
    """The world stops; nothing after `at` is judged."""

    at: int


Record = Head | Posted | Delivered | Lost | Up | Planted | FaultPlanted | End


class TruthLog(msgspec.Struct, frozen=True):
    """A log as read: its head, the records after it in their order, and whether the last line was cut off."""

    head: Head
    records: tuple[Record, ...]
    cut: bool = False


class TruthWriter:
    """Appends records to a log, each with one unbuffered write, so that nothing is lost when the process is killed.

    Raises FileExistsError when there is a log already: two worlds in one log are no truth.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        self._encoder = msgspec.json.Encoder(enc_hook=_fraction_text)

    def write(self, record: Record) -> None:
        """Append one record."""
        line = memoryview(self._encoder.encode(record) + b"\n")
        while line:
            line = line[self._file.write(line) :]

    def close(self) -> None:
        """Close the file; more than once does no harm."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_truth_log(path: Path) -> TruthLog:
    """Read a log, even one that is still being written: a last line without its end is left out, and `cut` says so.

    Raises BadData, naming the line, when anything else is not a record, or the first record is not the head.
    """
    lines = path.read_bytes().split(b"\n")
    cut = bool(lines.pop())
    decoder = msgspec.json.Decoder(Record, dec_hook=_text_fraction)
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        try:
            record: Record = decoder.decode(line)
        except (msgspec.DecodeError, ValueError) as error:
            raise BadData(f"{path.name}: line {number} is not a record of a truth log: {error}") from None
        records.append(record)
    if not records or not isinstance(records[0], Head):
        raise BadData(f"{path.name}: line 1 is not the head of a truth log")
    return TruthLog(records[0], tuple(records[1:]), cut)


def _fraction_text(value: object) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(f"{type(value)} has no place in a truth log")


@lru_cache(maxsize=65_536)
def _fraction(text: str) -> Fraction:
    return Fraction(text)


def _text_fraction(wanted: type[Any], value: object) -> Fraction:
    if wanted is Fraction and isinstance(value, str):
        return _fraction(value)
    raise NotImplementedError(f"{wanted} has no place in a truth log")

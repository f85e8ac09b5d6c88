"""What a reader is: a name, a way to recognise its input, and a pure function from bytes to snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from crossbook.model.claim import Kind
from crossbook.model.frame import StreamInfo
from crossbook.model.quote import Fault, Quote, Snapshot
from crossbook.venues.session import Session


class Document(msgspec.Struct, frozen=True):
    """A file's content, with the last parts of its path; readers never open anything themselves.

    `received` is when the bytes came to us (nanoseconds UTC), None for recordings that do not say.
    """

    parts: tuple[str, ...]
    data: bytes
    received: int | None = None


class LeftOut(msgspec.Struct, frozen=True):
    """Listings that a reader passed over because of what was asked for, not because anything is wrong with them."""

    reason: str
    count: int


Reading = Callable[[Document], Iterator[Snapshot | Fault | LeftOut]]


class Reader(msgspec.Struct, frozen=True):
    """One input format.

    `recognises` looks at a document's name and its first bytes and says whether the format is plausible (cheap: no
    full parse). `read` yields snapshots in the order of the input, and a fault for each piece that could not be
    read; it raises BadData when nothing in the document can be. `archive` says that each listing is read once
    and in full (a season file), `stream` that snapshots of one listing follow each other in time. Quotes of
    `optional_venues` take part only when every venue is asked for. `read_joined` is for archives that, when all
    markets are asked for, count only listings that quote the match result and at least one other market. `live`
    begins a session that reads the same format frame by frame as it comes, None where that is not done.
    """

    format: str
    recognises: Callable[[Document], bool]
    read: Reading
    archive: bool = False
    stream: bool = False
    optional_venues: frozenset[str] = frozenset()
    read_joined: Reading | None = None
    live: Callable[[StreamInfo], Session] | None = None


def joined_markets(quotes: list[Quote]) -> list[Quote]:
    """The quotes of each basis that quotes the match result and at least one other market."""
    results = {quote.basis for quote in quotes if quote.claim.kind is Kind.MATCH_RESULT}
    others = {quote.basis for quote in quotes if quote.claim.kind is not Kind.MATCH_RESULT}
    both = results & others
    return [quote for quote in quotes if quote.basis in both]

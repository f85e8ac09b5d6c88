"""The scan: files in, opportunities out. The whole way can be read here.

file → reader → snapshots → (which quotes take part) → crossbooks of events → arbitrage → opportunities.

Archives are scanned as they are read, for each of their listings is complete in itself. Snapshots of other sources
are collected first, because matching has to see all listings before it can say which are one event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import msgspec

from crossbook.arbitrage.decide import Unsolved
from crossbook.arbitrage.find import opportunities
from crossbook.arbitrage.kinds import further
from crossbook.arbitrage.wanted import FURTHER
from crossbook.base.clock import SECOND, Clock
from crossbook.base.errors import BadData
from crossbook.book.crossbook import Crossbook
from crossbook.matching.group import events as matched_events
from crossbook.matching.match import Outcome, link
from crossbook.model.claim import Kind
from crossbook.model.opportunity import ARBITRAGE, NO_LOSS, Opportunity
from crossbook.model.quote import Fault, Listing, Quote, Snapshot
from crossbook.pipeline.charges import charged
from crossbook.pipeline.files import (
    check_format,
    files_below,
    printable,
    read_document,
    reader_of,
    size_of,
)
from crossbook.pipeline.options import Markets, Options, Venues
from crossbook.pipeline.skips import Skipped, Skips
from crossbook.pipeline.undated import exposed, undated
from crossbook.rawlog.segments import PACKED, PLAIN
from crossbook.venues.reader import LeftOut, Reader, Reading, joined_markets

_MATCH_RESULT = Kind.MATCH_RESULT.value
_BATCH = 2_000
_CHUNK = 1024 * 1024

Event = tuple[Listing, Sequence[Quote]]


class Summary(msgspec.Struct):
    """What a scan did. `review` counts pairs of listings that a person should look at."""

    files: int = 0
    events: int = 0
    quotes: int = 0
    opportunities: int = 0
    by_verdict: Counter[str] = msgspec.field(default_factory=Counter)
    skipped: list[Skipped] = msgspec.field(default_factory=list)
    left_out: Counter[str] = msgspec.field(default_factory=Counter)
    matched: int = 0
    review: int = 0
    seconds: float = 0.0

    def add(self, part: Summary) -> None:
        """Take in what another part of the work counted (its opportunities are counted where they are shown)."""
        self.files += part.files
        self.events += part.events
        self.quotes += part.quotes
        self.skipped += part.skipped
        self.left_out += part.left_out
        self.matched += part.matched
        self.review += part.review


Task = tuple[Options, Sequence[tuple[Path, Reader]]]
Recorded = Callable[[Options, Path], "Part"]
"""Scans one of Crossbook's own recordings."""
Spread = Callable[[Callable[[Task], "Part"], Iterable[Task]], Iterable["Part"]]
"""Something like ``map``: does the tasks, here or in other processes, and gives their results in order."""


class Part(msgspec.Struct):
    """What came of some of the files. `venues` are those seen, where commissions were given for some."""

    opportunities: list[Opportunity]
    summary: Summary
    venues: set[str]


class Scan:
    """One scan over some paths. Iterate `run` to the end; `summary` is complete then."""

    def __init__(
        self,
        options: Options,
        readers: Mapping[str, Reader],
        clock: Clock,
        spread: Spread = map,
        recorded: Recorded | None = None,
    ) -> None:
        self.options = options
        self.summary = Summary()
        self._readers = readers
        self._clock = clock
        self._spread = spread
        self._recorded = recorded

    def run(
        self, paths: Iterable[Path], progress: Callable[[int, int], None] = lambda done, of: None
    ) -> Iterator[Opportunity]:
        """Yield every opportunity with one of the wanted verdicts. `progress` is told (files done, files in all)."""
        began = self._clock.now()
        check_format(self.options.form, self._readers)
        files, recordings = self._recognised(paths)
        venues: set[str] = set()
        for part in self._parts(files, recordings, lambda done: progress(done, len(files) + len(recordings))):
            self.summary.add(part.summary)
            venues |= part.venues
            for opportunity in part.opportunities:
                if opportunity.verdict in self.options.verdicts:
                    self.summary.opportunities += 1
                    self.summary.by_verdict[opportunity.verdict.value] += 1
                    yield opportunity
        for venue in sorted(self.options.commissions.keys() - venues):
            self.summary.skipped.append(
                Skipped("--commission", None, f"{venue}: no price of this venue was read")
            )
        self.summary.seconds = (self._clock.now() - began) / SECOND

    def _parts(
        self,
        files: Sequence[tuple[Path, Reader]],
        recordings: Sequence[Path],
        progress: Callable[[int], None],
    ) -> Iterator[Part]:
        done = 0
        if files and not all(reader.archive for _, reader in files):
            yield scan_together((self.options, files), progress)
            done = len(files)
        elif files:
            tasks: list[Task] = [(self.options, chunk) for chunk in _chunks(files)]
            for (_, chunk), part in zip(tasks, self._spread(scan_archives, tasks), strict=True):
                done += len(chunk)
                progress(done)
                yield part
        for path in recordings:
            if self._recorded is not None:
                yield self._recorded(self.options, path)
            done += 1
            progress(done)

    def _recognised(self, paths: Iterable[Path]) -> tuple[list[tuple[Path, Reader]], list[Path]]:
        """The files with their readers, and our own recordings: folders at or below the paths, or a segment."""
        given, files, recordings = list(paths), [], dict[Path, None]()
        for path in files_below(given):
            if self._recorded is not None and path.name.endswith((PLAIN, PACKED)):
                recordings[path if path in given else path.parent] = None
                continue
            try:
                files.append((path, reader_of(path, self._readers, self.options.form)))
            except BadData as error:
                self.summary.skipped.append(Skipped(printable(path), None, str(error)))
        return files, list(recordings)


def _chunks(files: Sequence[tuple[Path, Reader]]) -> Iterator[list[tuple[Path, Reader]]]:
    """Files in runs of about a megabyte, enough work to be worth handing over."""
    chunk: list[tuple[Path, Reader]] = []
    size = 0
    for path, reader in files:
        chunk.append((path, reader))
        size += size_of(path)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def scan_archives(task: Task) -> Part:
    """Scan files whose listings are complete in themselves."""
    work = _Work(task[0])
    events = [
        (snapshot.listing, snapshot.quotes) for _, snapshot in work.snapshots(task[1]) if snapshot.quotes
    ]
    work.count(events)
    found = [opportunity for batch in _batches(events) for opportunity in work.solved(batch)]
    return Part(found, work.summary, work.venues)


def scan_together(task: Task, progress: Callable[[int], None] = lambda done: None) -> Part:
    """Scan files whose listings may be of one event: matched first, solved at the end and at each step of a stream."""
    work = _Work(task[0])
    steps: list[Event] = []
    books: dict[tuple[str, str], Crossbook] = {}
    for number, file in enumerate(task[1]):
        last: dict[tuple[str, str], Snapshot] = {}
        for reader, snapshot in work.snapshots([file]):
            last[snapshot.listing.source, snapshot.listing.key] = snapshot
            work.summary.quotes += len(snapshot.quotes)
            if reader.stream:
                steps.append((snapshot.listing, snapshot.quotes))
        for identity, snapshot in last.items():
            books.setdefault(identity, Crossbook()).apply(snapshot)
        progress(number + 1)
    joined = list(work.joined(books))
    events = [(book.listing, quotes) for book in joined if (quotes := list(book.quotes()))]
    event_of = {member: place for place, book in enumerate(joined) for member in book.members()}
    doubtful = {place: venues for place, book in enumerate(joined) if (venues := _undated_venues(book))}
    work.summary.events = len(events)
    best: dict[object, Opportunity] = {}
    for batch in _batches([*events, *steps]):
        for found in work.solved(batch):
            found = exposed(found, doubtful.get(event_of[found.listing.source, found.listing.key], ()))
            legs = frozenset((leg.quote.venue.id, leg.quote.claim, leg.quote.side) for leg in found.legs)
            event = event_of[found.listing.source, found.listing.key]
            place = event, found.basis, found.kind, found.verdict, legs
            known = best.get(place)
            if known is None or found.guaranteed_return > known.guaranteed_return:
                best[place] = found
    return Part(list(best.values()), work.summary, work.venues)


def _undated_venues(book: Crossbook) -> set[str]:
    """The venues of an event's listings that do not say when it is, where there are others."""
    listings = list(book.listings())
    if len(listings) < 2:
        return set()
    keys = {(each.source, each.key) for each in listings if undated(each)}
    return {quote.venue.id for quote in book.quotes(keys)} if keys else set()


def _batches(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    return (events[start : start + _BATCH] for start in range(0, len(events), _BATCH))


class _Work:
    """The steps of a scan, with the summary they fill."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.summary = Summary()
        self.venues: set[str] = set()
        self._skips = Skips()

    def snapshots(self, files: Sequence[tuple[Path, Reader]]) -> Iterator[tuple[Reader, Snapshot]]:
        """The snapshots of all files, with only the quotes that take part."""
        for path, reader in files:
            before = self.summary.files
            try:
                for item in self._reading(reader)(read_document(path)):
                    self.summary.files = before + 1
                    if isinstance(item, Fault):
                        self._skips.add(path, item.line, item.reason)
                    elif isinstance(item, LeftOut):
                        self.summary.left_out[item.reason] += item.count
                    else:
                        yield reader, Snapshot(item.listing, self._taking_part(reader, item.quotes))
                self.summary.files = before + 1
            except BadData as error:
                self._skips.add(path, None, str(error))
        self.summary.skipped += self._skips.take()

    def _reading(self, reader: Reader) -> Reading:
        joined = self.options.markets is Markets.ALL and reader.read_joined
        return joined or reader.read

    def _taking_part(self, reader: Reader, quotes: list[Quote]) -> list[Quote]:
        options = self.options
        if options.markets is Markets.MATCH_RESULT:
            quotes = [quote for quote in quotes if quote.claim.market == _MATCH_RESULT]
        left_out = reader.optional_venues
        if left_out and options.venues is Venues.NAMED:
            named = [quote for quote in quotes if quote.venue.id not in left_out]
            fewer = len(named) < len(quotes)
            joins = options.markets is Markets.ALL and reader.read_joined is not None
            quotes = joined_markets(named) if fewer and joins else named
        if options.basis is not None:
            quotes = [quote for quote in quotes if quote.basis is options.basis]
        if options.commissions:
            self.venues |= {quote.venue.id for quote in quotes}
            quotes = [charged(quote, options.commissions) for quote in quotes]
        return quotes

    def count(self, events: Sequence[Event]) -> None:
        """Add these events and their quotes to the summary."""
        self.summary.events += len(events)
        self.summary.quotes += sum(len(quotes) for _, quotes in events)

    def solved(self, events: Sequence[Event]) -> Iterator[Opportunity]:
        """The opportunities of complete events; what could not be looked at is counted as left out."""
        options = self.options
        terms = msgspec.structs.replace(options.terms, no_loss=NO_LOSS in options.kinds)
        wanted = msgspec.structs.replace(options.wanted, kinds=options.kinds & FURTHER)
        certain = opportunities(events, terms) if options.kinds & {ARBITRAGE, NO_LOSS} else ()
        for found in chain(certain, further(events, wanted, terms)):
            if isinstance(found, Unsolved):
                self.summary.left_out[found.reason] += 1
            elif found.kind in options.kinds:
                yield found

    def joined(self, books: Mapping[tuple[str, str], Crossbook]) -> Iterator[Crossbook]:
        """One crossbook for each event: those of listings that matching accepts as the same are put together."""
        listings = [book.listing for book in books.values()]
        if len({listing.source for listing in listings}) < 2:
            yield from books.values()
            return
        matched = matched_events(listings, link(listings))
        outcomes = Counter(decision.outcome for decision in matched.decisions)
        self.summary.matched, self.summary.review = outcomes[Outcome.ACCEPT], outcomes[Outcome.REVIEW]
        for group in matched.groups:
            joined = Crossbook()
            for listing in group.listings:
                joined.apply(Snapshot(listing, list(books[listing.source, listing.key].quotes())))
            yield joined

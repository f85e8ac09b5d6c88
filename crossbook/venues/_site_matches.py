"""The matches of a site worker's updates: rows of two sides, their markets, and the prices in them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

import msgspec

from crossbook.base.clock import SECOND, format_time
from crossbook.base.errors import BadData
from crossbook.model.claim import Claim
from crossbook.model.odds import Format
from crossbook.model.quote import Basis, Fault, Listing, Quote, Side, Snapshot
from crossbook.model.venue import Venue, bookmaker
from crossbook.venues._odds_pieces import shown
from crossbook.venues._site_prices import prices_of
from crossbook.venues._site_wire import Match, Update, decoded, format_of, time_of

_NAMES: Final = {"sbo": "SBO", "ibc": "IBC", "cmd": "CMD", "pinnacle": "Pinnacle"}
_DESKS: Final = {"sbo": "sbobet"}
"""Desks that other sources know under another name than the site's."""
_KEPT_FOR: Final = {Basis.PREMATCH: 60 * SECOND, Basis.LIVE: 5 * SECOND}
"""How long quotes are given again. Their time falls behind that of the messages which confirm them, and prices that
are much older than others of their event are refused; in a match that is under way that is a matter of seconds."""
_SHORT: Final = 400


class Row(msgspec.Struct, frozen=True):
    """One match as it was read from `raw`, or what is wrong with it where there is no snapshot.

    `paths` are the places of its quotes in the match. It holds for messages from `happened` to `until`.
    """

    raw: bytes
    happened: int
    until: int
    faults: tuple[str, ...]
    snapshot: Snapshot | None = None
    paths: tuple[str, ...] = ()

    def holds(self, happened: int) -> bool:
        """Whether a message of this time means the same by the same bytes."""
        return self.happened <= happened <= self.until


class _Joined(msgspec.Struct, frozen=True):
    """Several rows of one listing, and what they say together."""

    rows: list[Row]
    snapshot: Snapshot


class Seen:
    """What one update says: a snapshot of each listing by its key, and what could not be read."""

    def __init__(self) -> None:
        self.snapshots: dict[str, Snapshot] = {}
        self.faults: list[Fault] = []

    def fault(self, reason: object) -> None:
        """Keep a reason."""
        self.faults.append(Fault(None, str(reason)))


class Matches:
    """What one site's latest update said, match by match.

    A match that is written as it was in the update before is not read again: its snapshot is the same, with the same
    list of quotes and the times they had. It is read anew after a minute (five seconds while it is under way), or when
    its start has passed. What is wrong with a match is said when it is first written so, and not again while it stays
    so. Only the matches of one update are remembered.
    """

    def __init__(self) -> None:
        self._usual: Format | None = None
        self._rows: dict[bytes, Row] = {}
        self._joined: dict[str, _Joined] = {}

    def __len__(self) -> int:
        """How many matches are remembered."""
        return len(self._rows)

    def read(self, update: Update, happened: int, received: int | None) -> Seen:
        """Everything an update says; what cannot be read is a fault and costs only itself.

        `happened` is the time of its prices, `received` when it came. Raises BadData when its odds format is unknown.
        """
        seen = Seen()
        usual = format_of(update.odds_format, "odds_format", Format.DECIMAL)
        if usual is not self._usual:
            self._usual = usual
            self.forget()
        rows: dict[bytes, Row] = {}
        groups: dict[str, list[tuple[int, Row]]] = {}
        for place, piece in enumerate(update.data.matches):
            raw = bytes(piece)
            known = self._rows.get(raw)
            row = rows.get(raw, known)
            if row is None or not row.holds(happened) or (known is None and row.faults):
                row = _row(update.site, raw, f"data.matches[{place}]", usual, happened, received)
                if known is None:
                    for reason in row.faults:
                        seen.fault(reason)
            rows[raw] = row
            if row.snapshot is not None:
                groups.setdefault(row.snapshot.listing.key, []).append((place, row))
        self._rows = rows
        joined: dict[str, _Joined] = {}
        for key, group in groups.items():
            if len(group) > 1:
                joined[key] = self._join(key, group, seen)
                seen.snapshots[key] = joined[key].snapshot
            elif (snapshot := group[0][1].snapshot) is not None:
                seen.snapshots[key] = snapshot
        self._joined = joined
        return seen

    def forget(self) -> None:
        """Read everything anew next time."""
        self._rows, self._joined = {}, {}

    def _join(self, key: str, group: list[tuple[int, Row]], seen: Seen) -> _Joined:
        """The rows of one listing, one for each line; of a claim that is priced twice the first price is kept."""
        rows = [row for _, row in group]
        known = self._joined.get(key)
        same = known is not None and [row.raw for row in known.rows] == [row.raw for row in rows]
        if known is not None and same and all(map(_is, known.rows, rows)):
            return known
        quotes: dict[Claim, Quote] = {}
        for place, row in group:
            if row.snapshot is None:
                continue
            listing = row.snapshot.listing
            for quote, path in zip(row.snapshot.quotes, row.paths, strict=True):
                if quote.claim not in quotes:
                    quotes[quote.claim] = quote
                elif not same:
                    seen.fault(f"data.matches[{place}].{_twice(path, quote.claim)}")
        return _Joined(rows, Snapshot(listing, list(quotes.values())))


def _is(left: object, right: object) -> bool:
    return left is right


def _twice(path: str, claim: Claim) -> str:
    return f"{path}: {claim} is priced twice; the first price is kept"


@lru_cache(maxsize=1_024)
def venue_of(site: str) -> Venue:
    """The bookmaker behind a site's word.

    >>> venue_of("sbo").name, venue_of("newsite").name
    ('SBO', 'newsite')
    """
    word = site.casefold()
    return bookmaker(word, _NAMES.get(word, word), _DESKS.get(word))


def _row(site: str, raw: bytes, path: str, usual: Format, happened: int, received: int | None) -> Row:
    """Read one match."""
    try:
        match: Match = decoded(raw, Match, path)
        listing = _listing_of(site, match, path)
        form = format_of(match.odds_format, f"{path}.odds_format", usual)
    except BadData as error:
        return Row(raw, happened, happened + _KEPT_FOR[Basis.PREMATCH], (str(error),))
    live, start = match.live, listing.start
    if live is None:
        live = start is not None and happened > start
    venue, basis = venue_of(site), Basis.LIVE if live else Basis.PREMATCH
    until = happened + _KEPT_FOR[basis]
    if match.live is None and start is not None and not live:
        until = min(until, start)
    faults: list[str] = []
    quotes: dict[Claim, Quote] = {}
    paths: list[str] = []
    for name, piece in match.odds.items():
        found, wrong = prices_of(name, bytes(piece).strip(), form)
        faults += [f"{path}.{reason}" for reason in wrong]
        for claim, odds, size, suspended, market, place in found:
            if claim in quotes:
                faults.append(f"{path}.{_twice(place, claim)}")
                continue
            paths.append(place)
            quotes[claim] = Quote(
                venue=venue,
                claim=claim,
                side=Side.BACK,
                odds=odds,
                size=size,
                basis=basis,
                happened=happened,
                received=received,
                tradable=not (suspended or match.suspended),
                market_id=market,
            )
    return Row(raw, happened, until, tuple(faults), Snapshot(listing, list(quotes.values())), tuple(paths))


def _listing_of(site: str, match: Match, path: str) -> Listing:
    """What is played. Raises BadData naming the field."""
    words = match.home_team, match.away_team, match.league or "", match.start_time or ""
    make = _listing if sum(map(len, words)) <= _SHORT else _listing.__wrapped__
    try:
        return make(site.casefold(), *words)
    except BadData as error:
        raise BadData(f"{path}.{error}") from None


@lru_cache(maxsize=8_192)
def _listing(site: str, home: str, away: str, league: str, start_time: str) -> Listing:
    home, away, league = (" ".join(text.split()) for text in (home, away, league))
    for field, name in (("home_team", home), ("away_team", away)):
        if not name:
            raise BadData(f"{field}: missing")
    if _folded(home) == _folded(away):
        raise BadData(f"away_team: {shown(away)} is the home team too")
    start = time_of("start_time", start_time)
    stated = None if start is None else format_time(start)
    words = (_folded(league), _folded(home), _folded(away), *([stated] if stated else []))
    return Listing(
        source=f"site/{site}",
        key="|".join(words),
        sport="football",
        competition=league,
        home=home,
        away=away,
        date=None if stated is None else stated[:10],
        start=start,
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("|", "/")

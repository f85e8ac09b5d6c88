"""Season files of football-data.co.uk: one row a match, one column a price, 1993 to today.

Columns are recognised by their pattern, so a new bookmaker's prefix needs no change here:

* ``{P}H {P}D {P}A``: match result; ``{P}CH`` … are the closing prices of ``{P}``;
* ``{P}>2.5 {P}<2.5`` (some copies of the files write ``{P}_2_5`` and ``{P}_2_5_1``): total goals;
* ``{P}AHH {P}AHA``: Asian handicap at the book's own line ``{P}AH`` where the file has that column, else at the
  file's line ``AHh`` (closing: ``AHCh``). The line is the home side's.

``Max``, ``Avg``, ``BbMx`` and ``BbAv`` are aggregates over books, not venues. ``BFE`` is the Betfair Exchange before
its commission, which the files do not state. ``P`` and ``PS`` are both Pinnacle. Times are UK clock times. Prices of
one row were collected at about, not exactly, the same time. Rows say nothing of stake limits.

A row ends with its line: no cell of these files has several, so a stray quotation mark cannot swallow other matches.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import lru_cache
from operator import getitem, itemgetter
from typing import Final
from zoneinfo import ZoneInfo

from crossbook.base.clock import SECOND
from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number
from crossbook.model.claim import Claim, Kind
from crossbook.model.odds import parse_odds
from crossbook.model.quote import Basis, Fault, Listing, Quote, Side, Snapshot
from crossbook.model.venue import Venue, bookmaker, exchange
from crossbook.venues.decode import text_lines
from crossbook.venues.reader import Document, LeftOut, Reader, joined_markets

_NAMES: Final = {
    "1XB": "1XBet",
    "B365": "Bet365",
    "BF": "Betfair Sportsbook",
    "BFD": "Betfred",
    "BMGM": "BetMGM",
    "BS": "Blue Square",
    "BV": "BetVictor",
    "BW": "Bet&Win",
    "CL": "Coral",
    "GB": "Gamebookers",
    "IW": "Interwetten",
    "LB": "Ladbrokes",
    "P": "Pinnacle",
    "PS": "Pinnacle",
    "SB": "Sportingbet",
    "SJ": "Stan James",
    "SO": "Sporting Odds",
    "SY": "Stanleybet",
    "VC": "VC Bet",
    "WH": "William Hill",
}
_EXCHANGES: Final = {"BFE": "Betfair Exchange"}
_DESKS: Final = {"P": "PS", "BV": "VC", "CL": "LB"}
"""Pinnacle has two prefixes, VC Bet became BetVictor, and Ladbrokes and Coral have traded together since 2016."""
_AGGREGATES: Final = frozenset({"Max", "Avg", "BbMx", "BbAv"})
_LONDON: Final = ZoneInfo("Europe/London")
_LARGEST_LINE: Final = 4
_LONGEST_ROW: Final = 100_000
_NO_MATCHES: Final = Fault(None, "no match stands below the header")

Read = Callable[[list[str]], tuple[Quote, ...]]
"""Takes a row, gives the quotes of one book's market; raises BadData where a cell is not what its column promises."""

Row = tuple[list[str], int]
"""The cells of a row, and the number of its line."""


def recognises(document: Document) -> bool:
    """Whether the first line is a header that names both teams."""
    lines = document.data[:8192].decode("latin-1").splitlines()
    return bool(lines) and _team_columns(_header_cells(lines[0].split(","))) is not None


def read(document: Document) -> Iterator[Snapshot | Fault]:
    """One snapshot for each match. Raises BadData when the file has no usable header."""
    columns, rows = _open(document)
    for row in rows:
        if isinstance(row, Fault):
            yield row
        else:
            yield from columns.match(*row)


def read_joined(document: Document) -> Iterator[Snapshot | Fault | LeftOut]:
    """One snapshot for each match with prices of the match result and of another market at the same time.

    Raises BadData when the file has no usable header.
    """
    columns, rows = _open(document)
    alone = 0
    for row in rows:
        if isinstance(row, Fault):
            yield row
        elif columns.quotes_more(row[0]):
            for item in columns.match(*row):
                yield item if isinstance(item, Fault) else Snapshot(item.listing, joined_markets(item.quotes))
        else:
            alone += 1
    if alone:
        yield LeftOut("only one market is quoted", alone)


def _open(document: Document) -> tuple[_Columns, Iterator[Row | Fault]]:
    lines = text_lines(document.data)
    first = next(lines, "")
    if len(first) > _LONGEST_ROW:
        raise BadData(f"header: longer than {_LONGEST_ROW} characters")
    header = _header_cells(_cells(first) or _unquoted(first))
    teams = _team_columns(header)
    if not teams:
        raise BadData("header: no HomeTeam and AwayTeam columns")
    return _Columns(header, teams, _season_of(document.parts)), _rows(lines, len(header))


def _rows(lines: Iterator[str], width: int) -> Iterator[Row | Fault]:
    """The rows below the header that are not blank, and a fault for each line that is not quite one."""
    blank = True
    for number, line in enumerate(lines, 2):
        if len(line) > _LONGEST_ROW:
            blank = False
            yield Fault(number, f"longer than {_LONGEST_ROW} characters, as no match is")
            continue
        cells = _cells(line)
        if cells is None:
            blank = False
            cells = _unquoted(line)
            if len(cells) > width:  # a comma inside a cell may have moved every price to another column
                yield Fault(number, "a quotation mark is out of place, and the cells cannot be told apart")
                continue
            yield Fault(number, "a quotation mark is out of place; the line was read as if it had none")
        if any(cells):
            blank = False
            yield cells, number
    if blank:
        yield _NO_MATCHES


def _cells(line: str) -> list[str] | None:
    """The cells of a line; None if a quotation mark stays open to its end, or closes before the end of a cell."""
    if '"' not in line:
        return line.rstrip("\r\n").split(",")
    try:
        return next(csv.reader((line,), strict=True))
    except csv.Error:
        return None


def _unquoted(line: str) -> list[str]:
    return line.replace('"', "").rstrip("\r\n").split(",")


def _header_cells(cells: list[str]) -> list[str]:
    """Column names without quotes, and without the byte order mark that some copies carry, read right or wrong."""
    return [cell.removeprefix("\ufeff").removeprefix("ï»¿").strip().strip('"') for cell in cells]


def _team_columns(header: list[str]) -> tuple[int, int] | None:
    for home, away in (("HomeTeam", "AwayTeam"), ("Home", "Away"), ("HT", "AT")):
        if home in header and away in header and "Date" in header:
            return header.index(home), header.index(away)
    return None


def _season_of(parts: tuple[str, ...]) -> str | None:
    return parts[-2] if len(parts) > 1 else None


class _Columns:
    """What each column of one file means."""

    def __init__(self, header: list[str], teams: tuple[int, int], season: str | None) -> None:
        self._width = len(header)
        self._home, self._away = teams
        self._at = {name: place for place, name in reversed(list(enumerate(header))) if name}
        self._season = season
        self._others = [*self._totals(), *self._handicaps()]
        self._markets = [*self._match_results(), *self._others]

    def match(self, row: list[str], line: int) -> Iterator[Snapshot | Fault]:
        """The match of one row, after a fault for each of its markets that is not what its columns promise."""
        if len(row) < self._width:
            row += [""] * (self._width - len(row))
        try:
            listing = self._listing(row)
        except BadData as error:
            yield Fault(line, str(error))
            return
        quotes: list[Quote] = []
        for market in self._markets:
            try:
                quotes.extend(market(row))
            except BadData as error:
                yield Fault(line, str(error))
        yield Snapshot(listing, quotes)

    def quotes_more(self, row: list[str]) -> bool:
        """Whether the row has a price beside those of the match result (or a cell there that cannot be read)."""
        if len(row) < self._width:
            row += [""] * (self._width - len(row))
        try:
            return any(market(row) for market in self._others)
        except BadData:
            return True

    def _listing(self, row: list[str]) -> Listing:
        home, away = row[self._home].strip(), row[self._away].strip()
        if not home or not away:
            raise BadData(f"{'HomeTeam' if not home else 'AwayTeam'}: the cell is empty")
        day = _date(row[self._at["Date"]].strip())
        competition = self._cell(row, "Div") or self._cell(row, "League")
        season = self._season or self._cell(row, "Season") or None
        return Listing(
            source="football-data",
            key=f"{season}/{competition}/{day}/{home}/{away}",
            sport="football",
            competition=competition,
            season=season,
            home=home,
            away=away,
            date=day,
            start=_start(day, self._cell(row, "Time")),
        )

    def _cell(self, row: list[str], name: str) -> str:
        place = self._at.get(name)
        return row[place].strip() if place is not None else ""

    def _match_results(self) -> Iterator[Read]:
        found = {name[:-1] for name in self._at if name.endswith("H")}
        prefixes = {p for p in found if p and f"{p}D" in self._at and f"{p}A" in self._at}
        for prefix in sorted(prefixes):
            venue, basis = _venue_and_basis(prefix, prefixes)
            if venue is not None:
                claims = [Claim.of(Kind.MATCH_RESULT, selection) for selection in ("home", "draw", "away")]
                yield _market(self._named(prefix, "H", "D", "A"), claims, venue, basis)

    def _totals(self) -> Iterator[Read]:
        for over, under in ((">2.5", "<2.5"), ("_2_5", "_2_5_1")):
            prefixes = {name.removesuffix(over) for name in self._at if name.endswith(over)}
            for prefix in sorted(p for p in prefixes if p + under in self._at):
                venue, basis = _venue_and_basis(prefix, prefixes)
                if venue is not None:
                    claims = [
                        Claim.of(Kind.TOTAL, selection, Fraction(5, 2)) for selection in ("over", "under")
                    ]
                    yield _market(self._named(prefix, over, under), claims, venue, basis)

    def _handicaps(self) -> Iterator[Read]:
        prefixes = {name.removesuffix("AHH") for name in self._at if name.endswith("AHH")}
        for prefix in sorted(p for p in prefixes if f"{p}AHA" in self._at):
            venue, basis = _venue_and_basis(prefix, prefixes)
            shared = "AHCh" if basis is Basis.CLOSING else "AHh"
            line = self._at.get(f"{prefix}AH", self._at.get(shared))
            if venue is not None and line is not None:
                yield _handicap_market(self._named(prefix, "AHH", "AHA"), line, venue, basis)

    def _named(self, prefix: str, *tails: str) -> dict[str, int]:
        return {prefix + tail: self._at[prefix + tail] for tail in tails}


def _venue_and_basis(prefix: str, prefixes: set[str]) -> tuple[Venue | None, Basis]:
    """The venue of a column prefix (None for aggregates), and whether its prices are the closing ones."""
    basis = Basis.PREMATCH
    opening = prefix.removesuffix("C")
    if opening != prefix and (
        opening in _NAMES or opening in _EXCHANGES or opening in prefixes | _AGGREGATES
    ):
        prefix, basis = opening, Basis.CLOSING
    return (None if prefix in _AGGREGATES else _venue(prefix)), basis


@lru_cache(maxsize=1024)
def _venue(prefix: str) -> Venue:
    if prefix in _EXCHANGES:
        return exchange(prefix, _EXCHANGES[prefix])
    return bookmaker(prefix, _NAMES.get(prefix, prefix), _DESKS.get(prefix))


def _market(columns: dict[str, int], claims: list[Claim], venue: Venue, basis: Basis) -> Read:
    """A reader of one book's market.

    A market with a price missing is not used: such rows hold typing errors that look like large profits.
    """
    cells = itemgetter(*columns.values())
    known = [_known_quotes(venue.id, claim, basis) for claim in claims]

    def market(row: list[str]) -> tuple[Quote, ...]:
        texts: tuple[str, ...] = cells(row)
        try:
            return tuple(map(getitem, known, texts))
        except KeyError:
            pass
        empty = [name for name, text in zip(columns, texts, strict=True) if not text.strip()]
        if len(empty) == len(texts):
            return ()
        if empty:
            raise BadData(
                f"{', '.join(empty)}: no price, so the book's other prices of this market are not used"
            )
        for name, text, claim, quotes in zip(columns, texts, claims, known, strict=True):
            try:
                quotes[text] = Quote(venue, claim, Side.BACK, parse_odds(text), basis=basis)
            except BadData as error:
                raise BadData(f"{name}: {error}") from None
        return tuple(map(getitem, known, texts))

    return market


@lru_cache(maxsize=4096)
def _known_quotes(_venue: str, _claim: Claim, _basis: Basis) -> dict[str, Quote]:
    """The quotes already made of a column's cells: the files repeat few different prices, so equal ones are shared."""
    return {}


def _handicap_market(columns: dict[str, int], line_place: int, venue: Venue, basis: Basis) -> Read:
    """A reader of one book's handicap market, whose claims depend on the row's line. No line, no quotes."""
    markets: dict[str, Read] = {}

    def market(row: list[str]) -> tuple[Quote, ...]:
        line = row[line_place].strip()
        reader = markets.get(line)
        if reader is None:
            claims = _handicaps(next(iter(columns)), line)
            reader = markets[line] = _market(columns, claims, venue, basis) if claims else _nothing
        return reader(row)

    return market


def _nothing(_: list[str]) -> tuple[Quote, ...]:
    return ()


def _handicaps(name: str, text: str) -> list[Claim]:
    """Both sides' claims at the line in a cell, none where it is empty. Lines beyond four goals are not believed."""
    if not text:
        return []
    try:
        line = parse_number(text)
        if abs(line) > _LARGEST_LINE:
            raise BadData(f"line: {text} is beyond {_LARGEST_LINE} goals")
        return [Claim.of(Kind.ASIAN_HANDICAP, selection, line) for selection in ("home", "away")]
    except BadData as error:
        raise BadData(f"{name}: {error}") from None


_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")


@lru_cache(maxsize=16_384)
def _date(text: str) -> str:
    """ISO date of ``dd/mm/yy`` or ``dd/mm/yyyy``. Raises BadData for anything else."""
    found = _DATE.fullmatch(text)
    if not found:
        raise BadData(f"Date: {text[:20]!r} is not dd/mm/yy or dd/mm/yyyy")
    day, month, year = (int(part) for part in found.groups())
    if year < 100:
        year += 1900 if year > 90 else 2000
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise BadData(f"Date: {text} is not a day of the calendar") from None


@lru_cache(maxsize=16_384)
def _start(day: str, clock: str) -> int | None:
    """The start in nanoseconds UTC, None where the file gives no time that can be read."""
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=_LONDON) if clock else None
    except ValueError:
        return None
    return int(moment.astimezone(UTC).timestamp()) * SECOND if moment else None


READER = Reader(
    format="football-data",
    recognises=recognises,
    read=read,
    archive=True,
    optional_venues=frozenset(_EXCHANGES),
    read_joined=read_joined,
)

"""Labelled pairs: two listings that are known to be one event, or two, and what may be learned from others of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import blake2b
from typing import Final, NamedTuple

from crossbook.base.errors import BadData
from crossbook.matching.aliases import Aliases
from crossbook.matching.names import normalise
from crossbook.model.quote import Listing

WHO: Final = "labelled pairs"
"""Who stands behind aliases that were learned from labelled pairs."""
_COLUMNS: Final = ("season", "src_a", "a_home", "a_away", "a_date", "src_b", "b_home", "b_away", "b_date")


class Pair(NamedTuple):
    """Two listings of different sources, and where they are from. `leagues` are two where they differ."""

    leagues: frozenset[str]
    season: str
    left: Listing
    right: Listing

    @property
    def league(self) -> str:
        """The league, or both."""
        return "/".join(sorted(self.leagues))


class Mode(StrEnum):
    """What may be learned from labelled pairs before others are linked."""

    LEAVE_ONE_LEAGUE_OUT = "leave-one-league-out"
    """Aliases from all pairs of all other leagues, earlier and later ones."""
    TIME_ORDERED = "time-ordered"
    """Aliases from all pairs of earlier seasons, of the same league too."""
    NONE = "none"
    """Nothing."""


def pair_of(row: Mapping[str, str | None]) -> Pair:
    """The pair of football listings of a row, from its league (or `league_a` and `league_b`), season, sources, names
    and dates.

    Keys are made of what is looked at and the competition stays empty, so no number, score, label or league reaches
    the matching. A time of day is not looked at, because without a zone it is no start. Raises BadData when a column
    is missing or empty.
    """
    columns = {name: _cell(row, name) for name in _COLUMNS}
    leagues = [row.get(name) for name in ("league", "league_a", "league_b")]
    named = frozenset(league for league in leagues if league)
    if not named:
        raise BadData("league: no column of that name, and no league_a; add one")
    left, right = (
        _listing(*(columns[name] for name in (f"src_{side}", f"{side}_home", f"{side}_away", f"{side}_date")))
        for side in "ab"
    )
    if left.source == right.source:
        raise BadData(f"src_b: {right.source!r} is src_a too; a pair is of two sources")
    pair = (left, right) if left.source < right.source else (right, left)
    return Pair(named, columns["season"], *pair)


def _cell(row: Mapping[str, str | None], name: str) -> str:
    cell = row.get(name)
    if not cell:
        raise BadData(f"{name}: no such column, or an empty cell; every row needs one")
    return cell


def _listing(source: str, home: str, away: str, date: str) -> Listing:
    key = blake2b("\n".join((source, home, away, date)).encode(), digest_size=8).hexdigest()
    return Listing(source=source, key=key, sport="football", competition="", home=home, away=away, date=date)


class Lessons:
    """What labelled pairs teach those that are measured, as a mode allows it."""

    def __init__(self, pairs: Iterable[Pair], mode: Mode) -> None:
        """`pairs` are pairs that are one event each."""
        self._mode = mode
        self._pairs = _telling(pairs) if mode is not Mode.NONE else []
        self._learned: dict[frozenset[str], Aliases] = {}

    def split(self, pair: Pair) -> frozenset[str]:
        """What a pair is measured together with: all pairs with the same answer have the same aliases."""
        if self._mode is Mode.NONE:
            return frozenset()
        return pair.leagues if self._mode is Mode.LEAVE_ONE_LEAGUE_OUT else frozenset({pair.season})

    def aliases(self, split: frozenset[str]) -> Aliases:
        """The built-in aliases and what may be learned for a split. An alias that contradicts another is left out."""
        known = self._learned.get(split)
        if known is None:
            known = Aliases.built_in()
            for pair in self._pairs:
                if self._allowed(pair, split):
                    known = _learn(known, pair)
            self._learned[split] = known
        return known

    def _allowed(self, pair: Pair, split: frozenset[str]) -> bool:
        if self._mode is Mode.LEAVE_ONE_LEAGUE_OUT:
            return pair.leagues.isdisjoint(split)
        return all(pair.season < season for season in split)


def _telling(pairs: Iterable[Pair]) -> list[Pair]:
    """Pairs with names that no earlier pair of their leagues and season has."""
    told, known = [], set[tuple[object, ...]]()
    for pair in pairs:
        left, right = pair.left, pair.right
        meanings = {
            (pair.leagues, pair.season, *names)
            for names in ((left.home, right.home), (left.away, right.away))
        }
        if not meanings <= known:
            known |= meanings
            told.append(pair)
    return told


def _learn(aliases: Aliases, pair: Pair) -> Aliases:
    """With what one pair teaches, unless that contradicts what is known or is no news."""
    names = [
        [normalise(side) for side in sides]
        for sides in ((pair.left.home, pair.right.home), (pair.left.away, pair.right.away))
    ]
    if all(aliases.resolve(one).words == aliases.resolve(other).words for one, other in names):
        return aliases
    try:
        return aliases.learn(pair.left, pair.right, WHO, "a labelled pair")
    except BadData:
        return aliases

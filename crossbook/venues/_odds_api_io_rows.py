"""Rows of an odds-api.io market: which selection each price of a row belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final, NamedTuple

import msgspec

from crossbook.base.errors import BadData
from crossbook.base.exact import plain_text
from crossbook.venues._odds_api_io_markets import HOME_LINE, OWN_LINE, STRICT_COUNT, Market, Shape
from crossbook.venues._odds_pieces import number, scalar, shown

Row = dict[str, msgspec.Raw]


class Scene(NamedTuple):
    """What the meaning of a row depends on besides the row: the two teams and the desk that wrote it."""

    home: str
    away: str
    desk: str


class Offer(NamedTuple):
    """One selection of a row: the field its price stands in, and what tells its market from its neighbours."""

    field: str
    selection: str
    line: Fraction | None = None
    subject: str | None = None
    group: str = ""


_PRICES: Final = ("home", "draw", "away", "over", "under", "yes", "no", "1X", "12", "X2")
_SIDES: Final = {"1": "home", "home": "home", "2": "away", "away": "away"} | dict.fromkeys(
    ("x", "draw", "tie", "the draw"), "draw"
)
_PAIRS: Final = {"1X": "home_draw", "12": "home_away", "X2": "draw_away"}
_PAIR_OF: Final = {frozenset(pair.split("_")): pair for pair in _PAIRS.values()}
_SUFFIXES: Final = re.compile(r"(\s*\([^()]*\))+$")
_RANGES: Final = tuple(
    re.compile(pattern + r"(?: (?:goals?|corners?))?", re.IGNORECASE)
    for pattern in (
        r"(?P<only>\d{1,3})",
        r"(?P<low>\d{1,3})\s*(?:-|or|to)\s*(?P<high>\d{1,3})",
        r"(?P<least>\d{1,3})\s*\+",
        r"under (?P<under>\d{1,3})",
        r"over (?P<over>\d{1,3})",
    )
)


def lay_field(field: str) -> str:
    """Where the lay price of a selection stands beside its back price."""
    return f"lay{field.capitalize()}"


def offers(market: Market, row: Row, scene: Scene) -> list[Offer]:
    """The selections a row offers, on either side. Raises BadData naming the field when the row makes no sense."""
    present = [field for field in _PRICES if _has(row, field) or _has(row, lay_field(field))]
    if not present:
        return []
    found = list(_READ[market.shape](row, present, scene))
    strays = sorted(set(present) - {offer.field for offer in found})
    if strays:
        raise BadData(f"{strays[0]}: no selection of this market has its price there")
    return found


def side(words: str, scene: Scene) -> str:
    """Which side a label names: home, draw or away. Raises BadData when it fits neither team, or both.

    A short name fits when each of its words begins a word of the team's name, in order.

    >>> side("Man City", Scene("Manchester United", "Manchester City", ""))
    'away'
    """
    known = _SIDES.get(words.strip().casefold())
    if known is not None:
        return known
    fits = [name for name, team in (("home", scene.home), ("away", scene.away)) if _begins(words, team)]
    if len(fits) != 1:
        raise BadData(f"label: {shown(words)} fits {'both teams' if fits else 'neither team'}")
    return fits[0]


def exact_range(label: str) -> str:
    """The selection of a number or range of numbers. Raises BadData when the label is neither.

    >>> exact_range("7+ Goals"), exact_range("Under 6"), exact_range("12 - 14")
    ('7+', '0-5', '12-14')
    """
    for pattern in _RANGES:
        match = pattern.fullmatch(label.strip())
        if match is None:
            continue
        word, first = next((word, int(text)) for word, text in match.groupdict().items() if text)
        if word == "only":
            return str(first)
        if word == "least":
            return f"{first}+"
        if word == "over":
            return f"{first + 1}+"
        if word == "under" and first > 0:
            return "0" if first == 1 else f"0-{first - 1}"
        if word == "low" and int(match["high"]) > first:
            return f"{first}-{int(match['high'])}"
    raise BadData(f"label: {shown(label)} is not a number or a range")


def _has(row: Row, field: str) -> bool:
    return scalar(row.get(field)) is not None


def _begins(short: str, team: str) -> bool:
    words = iter(re.findall(r"\w+", team.casefold()))
    return all(any(word.startswith(part) for word in words) for part in re.findall(r"\w+", short.casefold()))


def _label(row: Row) -> str:
    label = scalar(row.get("label"))
    if label is None:
        raise BadData("label: missing, and this market's rows are told apart by it")
    return label


def _line(row: Row) -> Fraction:
    line = number(row.get("hdp"), "hdp")
    if line is None:
        raise BadData("hdp: missing, and this market needs a line")
    return line


def _only(present: list[str]) -> str:
    if len(present) != 1:
        raise BadData(f"{', '.join(present)}: more than one price for one label")
    return present[0]


def _result(row: Row, present: list[str], scene: Scene) -> Iterator[Offer]:
    if _has(row, "label"):
        yield Offer(_only(present), side(_label(row), scene))
    else:
        yield from (Offer(field, field) for field in ("home", "draw", "away") if field in present)


def _fields(*fields: str) -> Callable[[Row, list[str], Scene], Iterator[Offer]]:
    def read(row: Row, present: list[str], scene: Scene) -> Iterator[Offer]:
        yield from (Offer(field, field) for field in fields if field in present)

    return read


def _at_line(*fields: str) -> Callable[[Row, list[str], Scene], Iterator[Offer]]:
    def read(row: Row, present: list[str], scene: Scene) -> Iterator[Offer]:
        line = _line(row)
        yield from (Offer(field, field, line, None, plain_text(line)) for field in fields if field in present)

    return read


def _double_chance(row: Row, present: list[str], scene: Scene) -> Iterator[Offer]:
    if not _has(row, "label"):
        yield from (Offer(field, _PAIRS[field]) for field in _PAIRS if field in present)
        return
    label = _label(row)
    parts = re.split(r"\s+or\s+|\s*/\s*", label)
    pair = _PAIRS.get(label.upper()) or _PAIR_OF.get(frozenset(side(part, scene) for part in parts))
    if pair is None:
        raise BadData(f"label: {shown(label)} does not name two of three results")
    yield Offer(_only(present), pair)


def _three_way_handicap(row: Row, present: list[str], scene: Scene) -> Iterator[Offer]:
    if scene.desk not in HOME_LINE | OWN_LINE:
        raise BadData("hdp: whether this bookmaker's three-way line is the home side's is not known")
    line = _line(row)
    for field in ("home", "draw", "away"):
        if field in present:
            own = -line if scene.desk in OWN_LINE and field != "home" else line
            yield Offer(field, field, own, None, plain_text(own))


def _three_way_count(row: Row, present: list[str], scene: Scene) -> Iterator[Offer]:
    line = _line(row)
    whole = line.denominator == 1
    if whole and scene.desk not in STRICT_COUNT:
        raise BadData("hdp: whether the line itself refunds or loses at this bookmaker is not known")
    gap = Fraction(1, 2) if whole else Fraction(0)
    for field, strict in (("over", line + gap), ("under", line - gap)):
        if field in present:
            yield Offer(field, field, strict, None, plain_text(line))


def _ranges(row: Row, present: list[str], scene: Scene) -> Iterator[Offer]:
    yield Offer(_only(present), exact_range(_label(row)))


def _players(row: Row, present: list[str], scene: Scene) -> Iterator[Offer]:
    player = _SUFFIXES.sub("", _label(row)).strip()
    if not player:
        raise BadData("label: no player is named")
    line = _line(row)
    for field in ("over", "under"):
        if field in present:
            yield Offer(field, field, line, player, f"{player} {plain_text(line)}")


_READ: Final[dict[Shape, Callable[[Row, list[str], Scene], Iterator[Offer]]]] = {
    Shape.RESULT: _result,
    Shape.TWO_SIDES: _fields("home", "away"),
    Shape.YES_NO: _fields("yes", "no"),
    Shape.DOUBLE_CHANCE: _double_chance,
    Shape.HANDICAP: _at_line("home", "away"),
    Shape.THREE_WAY_HANDICAP: _three_way_handicap,
    Shape.OVER_UNDER: _at_line("over", "under"),
    Shape.THREE_WAY_COUNT: _three_way_count,
    Shape.RANGES: _ranges,
    Shape.PLAYERS: _players,
}

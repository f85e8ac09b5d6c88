"""Betfair ladders: any sequence of changes gives the same book as a naive copy, and damage never hurts."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import BadData
from crossbook.model.quote import Side
from crossbook.venues.betfair import READER
from crossbook.venues.reader import Document
from tests.venues.betfair_messages import MARKET, Prices, document, image, market, message, prices, split

BACK, LAY = Side.BACK, Side.LAY
TICKS = st.sampled_from(
    [Fraction(text) for text in ("1.01", "1.5", "2", "2.02", "3.05", "7.4", "50", "1000")]
)
SIZES = st.sampled_from([Fraction(text) for text in ("0", "0.01", "2", "19.99", "4000")])
OFFERS = st.lists(st.tuples(TICKS, SIZES), max_size=5)
LEVELS = st.lists(st.tuples(st.integers(0, 3), TICKS, SIZES), max_size=4)
FIELDS = {"atb": OFFERS, "atl": OFFERS, "batb": LEVELS, "batl": LEVELS, "bdatb": LEVELS, "bdatl": LEVELS}
KINDS = st.sampled_from([("atb", "atl"), ("batb", "batl"), ("bdatb", "bdatl"), tuple(FIELDS)])


IMAGES = st.sampled_from([False, False, False, False, True])


@st.composite
def sessions(draw: st.DrawFn) -> list[tuple[bool, int, dict[str, list[tuple[Any, ...]]]]]:
    """Random changes of two runners: whether they are an image, of whom, and what changed."""
    fields = draw(KINDS)
    changes = st.fixed_dictionaries({}, optional={field: FIELDS[field] for field in fields})
    return draw(st.lists(st.tuples(IMAGES, st.sampled_from([11, 12]), changes), max_size=25))


@given(sessions())
def test_any_changes_give_the_same_book_as_a_naive_copy(
    session: list[tuple[bool, int, dict[str, list[tuple[Any, ...]]]]],
) -> None:
    lines, expected = [image()], []
    naive: dict[tuple[int, str], dict[Any, Any]] = {}
    seen: set[str] = set()
    for is_image, selection, change in session:
        sent = {
            name: [[float(number) for number in entry] for entry in rows] for name, rows in change.items()
        }
        lines.append(message(market(MARKET, {"id": selection, **sent}, img=is_image)))
        if is_image:
            naive, seen = {}, set()
        for name, rows in change.items():
            seen.add(name)
            for *place, size in rows:
                naive.setdefault((selection, name), {})[place[0]] = (*place[1:], size)
        expected.append({who: naive_best(naive, seen, who) for who in (11, 12)})
    snapshots, faults = split(READER, document(*lines))
    assert faults == []
    assert [
        {who: [prices(one.quotes, str(who), side) for side in (BACK, LAY)] for who in (11, 12)}
        for one in snapshots[1:]
    ] == expected


def naive_best(naive: dict[tuple[int, str], dict[Any, Any]], seen: set[str], selection: int) -> list[Prices]:
    """Sorted from scratch every time: the slow and obvious way."""
    if {"atb", "atl"} & seen:
        ladders = [naive.get((selection, name), {}) for name in ("atb", "atl")]
        standing = [
            sorted((price, *rest) for price, rest in ladder.items() if rest[-1]) for ladder in ladders
        ]
        return [standing[0][::-1][:3], standing[1][:3]]
    names = ("batb", "batl") if {"batb", "batl"} & seen else ("bdatb", "bdatl")
    levels = [sorted(naive.get((selection, name), {}).items()) for name in names]
    return [[rest for _, rest in ladder if rest[-1]][:3] for ladder in levels]


@given(st.binary(max_size=300), st.integers(0, 400))
def test_damaged_recordings_never_raise_anything_but_bad_data(noise: bytes, cut: int) -> None:
    good = document(
        image({"id": 11, "atb": [[3, 10]]}), message(market(MARKET, {"id": 11, "atb": [[3, 11]]}))
    ).data
    for data in (noise, good[:cut], good[:cut] + noise + good[cut:]):
        with contextlib.suppress(BadData):
            split(READER, Document(("x",), data))

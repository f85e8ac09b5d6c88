"""The board against a model so plain that it can be seen to be right, over any sequence of operations."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from crossbook.book.board import Board, Identity
from crossbook.model.quote import Listing, Quote, Snapshot
from tests.arbitrage.worlds import ALPHA, AWAY, BRAVO, HOME, back

STREAMS = ("one", "two")
IDENTITIES: tuple[Identity, ...] = (("feed", "a"), ("feed", "b"), ("site", "c"))
LIVES = (None, 3, 7)

quotes = st.lists(
    st.builds(
        back,
        st.sampled_from([ALPHA, BRAVO]),
        st.sampled_from([HOME, AWAY]),
        st.sampled_from(["2", "2.1", "2.2"]),
        size=st.sampled_from([None, 5]),
        tradable=st.booleans(),
        happened=st.sampled_from([None, 1]),
    ),
    max_size=4,
)
applying = st.tuples(
    st.just("apply"),
    st.sampled_from(STREAMS),
    st.sampled_from(IDENTITIES),
    quotes,
    st.sampled_from(LIVES),
)
operations = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.one_of(
            applying,
            applying,
            st.tuples(st.just("close"), st.sampled_from(STREAMS)),
            st.tuples(st.just("sweep")),
            st.tuples(st.just("forget"), st.sampled_from(IDENTITIES)),
            st.tuples(st.just("look")),
        ),
    ),
    max_size=40,
)


@dataclass
class Model:
    """What every stream said of every listing, and until when; nothing else."""

    parts: dict[tuple[str, Identity], tuple[list[Quote], int | None]] = field(default_factory=dict)

    def standing(self) -> dict[tuple[str, Identity], list[Quote]]:
        return {place: said for place, (said, _) in self.parts.items() if said}

    def sweep(self, now: int) -> None:
        self.parts = {
            place: (said, until)
            for place, (said, until) in self.parts.items()
            if until is None or until > now
        }


def held(board: Board) -> dict[tuple[str, Identity], list[Quote]]:
    found: dict[tuple[str, Identity], list[Quote]] = {}
    for identity in board.listings:
        for stream, part in board._parts[identity].items():
            if part.quotes:
                found[stream, identity] = part.quotes
    assert sum(map(len, found.values())) == board.count() == len(list(board.standing()))
    return found


def run(board: Board, model: Model, now: int, operation: tuple[object, ...]) -> None:
    match operation:
        case ("apply", str(stream), (str(source), str(key)), list(said), life):
            assert life is None or isinstance(life, int)
            words = Listing(source=source, key=key, sport="football", competition="", home="h", away="a")
            board.apply(stream, Snapshot(words, said), now, life)
            model.parts[stream, (source, key)] = said, None if life is None else now + life
        case ("close", str(stream)):
            board.close(stream, "lost")
            model.parts = {place: part for place, part in model.parts.items() if place[0] != stream}
        case ("sweep",):
            board.sweep(now)
            model.sweep(now)
        case ("forget", (str(source), str(key))):
            board.forget((source, key))
            model.parts = {place: part for place, part in model.parts.items() if place[1] != (source, key)}


@settings(deadline=None, max_examples=200)
@given(operations)
def test_the_board_stands_as_the_model_does(steps: list[tuple[int, tuple[object, ...]]]) -> None:
    board, model, now = Board(), Model(), 0
    for passed, operation in steps:
        now += passed
        run(board, model, now, operation)
        assert held(board) == model.standing()
        ends = [until for said, until in model.parts.values() if said and until is not None]
        due = board.next_expiry()
        assert not ends or (due is not None and due <= min(ends)), "an end that nobody waits for"


@settings(deadline=None, max_examples=200)
@given(operations)
def test_listings_that_differ_from_the_last_look_are_dirty(
    steps: list[tuple[int, tuple[object, ...]]],
) -> None:
    board, model, now = Board(), Model(), 0
    seen: dict[tuple[str, Identity], list[Quote]] = {}
    for passed, operation in steps:
        now += passed
        run(board, model, now, operation)
        if operation[0] == "forget":  # nothing of it is left, not even that it was seen
            seen = {place: quotes for place, quotes in seen.items() if place[1] != operation[1]}
        if operation == ("look",):
            stands = model.standing()
            differ = {
                place[1] for place in stands.keys() | seen.keys() if stands.get(place) != seen.get(place)
            }
            assert {identity for identity in differ if identity in board.listings} <= board.dirty.keys()
            board.dirty.clear()
            seen = stands


@settings(deadline=None, max_examples=200)
@given(operations)
def test_what_moved_adds_up_to_what_stands(steps: list[tuple[int, tuple[object, ...]]]) -> None:
    """Whoever keeps the last word on every offer, and drops it where it is gone, has the board's best offers."""
    board, model, now = Board(keep_moved=True), Model(), 0
    kept: dict[tuple[object, ...], tuple[object, ...]] = {}
    for passed, operation in steps:
        now += passed
        if operation[0] == "forget":
            continue  # what is forgotten has nothing standing in the pipeline
        run(board, model, now, operation)
        for moved in board.moved:
            quote = moved.quote
            offer = moved.stream, moved.identity, quote.venue.id, quote.claim
            if moved.gone:
                del kept[offer]
            else:
                kept[offer] = quote.odds, quote.size, quote.tradable
        board.moved.clear()
        best: dict[tuple[object, ...], Quote] = {}
        for (stream, identity), said in model.standing().items():
            for quote in said:
                offer = stream, identity, quote.venue.id, quote.claim
                if offer not in best or quote.odds > best[offer].odds:
                    best[offer] = quote
        assert kept == {offer: (each.odds, each.size, each.tradable) for offer, each in best.items()}

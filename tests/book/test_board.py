"""The live board: what stands, what is dirty, what moved, and why an offer is gone."""

from __future__ import annotations

import pytest

from crossbook.base.clock import DAY, SECOND
from crossbook.book.board import Board, Identity
from crossbook.model.claim import Claim, Kind
from crossbook.model.quote import Basis, Listing, Quote, Snapshot
from tests.arbitrage.worlds import ALPHA, AWAY, BRAVO, DRAW, HOME, back, book, total

A: Identity = ("feed", "a")
B: Identity = ("site", "b")
LIFE = 10 * SECOND


def listing(identity: Identity, date: str | None = None) -> Listing:
    source, key = identity
    return Listing(
        source=source,
        key=key,
        sport="football",
        competition="Coast League",
        home="Harbour",
        away="Hill",
        date=date,
    )


def say(
    board: Board,
    stream: str,
    *quotes: Quote,
    at: int = 0,
    life: int | None = None,
    identity: Identity = A,
) -> None:
    board.apply(stream, Snapshot(listing(identity), list(quotes)), at, life)


def cleared(board: Board) -> Board:
    board.dirty.clear()
    board.moved.clear()
    return board


def why(board: Board, quote: Quote, *identities: Identity) -> str | None:
    reason = board.why_gone(identities or (A,), quote)
    return None if reason is None else reason.name


class TestWhatStands:
    def test_a_snapshot_replaces_what_its_stream_said_of_that_listing_only(self) -> None:
        board = Board()
        say(board, "one", *book(ALPHA, 2, 3, 4))
        say(board, "two", *book(BRAVO, 2, 3, 4))
        say(board, "one", back(ALPHA, HOME, 5), identity=B)
        say(board, "one", back(ALPHA, DRAW, 6))
        assert board.quotes([A]) == [back(ALPHA, DRAW, 6), *book(BRAVO, 2, 3, 4)]
        assert board.quotes([B]) == [back(ALPHA, HOME, 5)]
        assert board.count() == 5

    def test_a_closed_stream_takes_all_it_said_back(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2))
        say(board, "one", back(ALPHA, HOME, 2), identity=B)
        say(board, "two", back(BRAVO, AWAY, 2))
        cleared(board).close("one", "lost")
        assert [quote for _, quote in board.standing()] == [back(BRAVO, AWAY, 2)]
        assert list(board.dirty) == [A, B]
        assert board.empty(B)
        assert not board.empty(A)
        cleared(board).close("one", "lost again")
        assert not board.dirty

    def test_a_stream_that_comes_back_is_read_anew(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2))
        board.close("one", "lost")
        say(cleared(board), "one", back(ALPHA, HOME, 2))
        assert board.count() == 1
        assert list(board.dirty) == [A]
        board.close("one", "lost")
        assert board.count() == 0

    def test_of_a_venue_over_two_streams_the_later_word_on_each_market_stands(self) -> None:
        board = Board()
        over = total("over", "2.5")
        say(board, "one", back(ALPHA, HOME, "2.0"), back(ALPHA, over, "1.9"), back(BRAVO, HOME, "2.1"), at=1)
        say(board, "two", back(ALPHA, HOME, "2.2"), at=2)
        assert board.quotes([A]) == [
            back(ALPHA, over, "1.9"),
            back(BRAVO, HOME, "2.1"),
            back(ALPHA, HOME, "2.2"),
        ]

    def test_of_a_venue_on_two_listings_of_one_event_too(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, "2.0"), at=2)
        say(board, "two", back(ALPHA, HOME, "2.2"), at=1, identity=B)
        assert board.quotes([A, B]) == [back(ALPHA, HOME, "2.0")]
        assert board.quotes([B]) == [back(ALPHA, HOME, "2.2")]

    def test_markets_that_pay_other_numbers_of_places_stand_beside_each_other(self) -> None:
        three, four = (Claim.of(Kind.PLACE, "A", subject="race", places=places) for places in (3, 4))
        board = Board()
        say(board, "one", back(ALPHA, three, "2.0"), at=1)
        say(board, "two", back(ALPHA, four, "1.8"), at=2, identity=B)
        assert len(board.quotes([A, B])) == 2

    def test_a_confirmation_that_decides_who_is_the_latest_makes_dirty(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, "2.0"), at=1)
        say(board, "two", back(ALPHA, HOME, "2.2"), at=2, identity=B)
        assert board.quotes([A, B]) == [back(ALPHA, HOME, "2.2")]
        say(cleared(board), "one", back(ALPHA, HOME, "2.0"), at=3)
        assert board.quotes([A, B]) == [back(ALPHA, HOME, "2.0")]
        assert list(board.dirty) == [A]

    def test_what_the_listings_of_an_event_say_together(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2))
        board.apply("two", Snapshot(listing(B, date="2026-11-20"), []), 0, None)
        assert board.listing([A, B]).date == "2026-11-20"

    def test_a_forgotten_listing_leaves_nothing(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2), life=LIFE)
        board.forget(A)
        assert (board.count(), board.listings, board.dirty) == (0, {}, {})
        assert board.last_received(A) == 0
        board.sweep(DAY)
        board.close("one", "lost")
        assert not board.dirty
        say(board, "one", back(ALPHA, HOME, 2), life=LIFE, at=DAY)
        assert board.count() == 1


class TestExpiry:
    def test_quotes_stand_to_the_end_of_their_life_and_no_longer(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2), at=5, life=LIFE)
        assert board.next_expiry() == 5 + LIFE
        cleared(board).sweep(5 + LIFE - 1)
        assert (board.count(), dict(board.dirty)) == (1, {})
        board.sweep(5 + LIFE)
        assert (board.count(), dict(board.dirty)) == (0, {A: None})
        assert board.next_expiry() is None

    def test_a_confirmation_prolongs(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2), life=LIFE)
        say(board, "one", back(ALPHA, HOME, 2), at=6 * SECOND, life=LIFE)
        board.sweep(LIFE)
        assert board.count() == 1
        assert board.next_expiry() == 6 * SECOND + LIFE
        board.sweep(6 * SECOND + LIFE)
        assert board.count() == 0

    def test_each_listing_has_its_own_end(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2), life=LIFE)
        say(board, "one", back(ALPHA, HOME, 2), at=1, life=LIFE, identity=B)
        board.sweep(LIFE)
        assert (board.empty(A), board.empty(B)) == (True, False)

    def test_without_a_life_quotes_stand_as_long_as_the_stream(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2))
        board.sweep(1_000 * DAY)
        assert board.count() == 1
        assert board.next_expiry() is None

    def test_many_confirmations_wait_for_one_end_only(self) -> None:
        board = Board()
        for at in range(1_000):
            say(board, "one", back(ALPHA, HOME, 2), at=at, life=LIFE)
        ends = []
        while (due := board.next_expiry()) is not None:
            ends.append(due)
            board.sweep(due)
        assert ends == [LIFE, 999 + LIFE]

    def test_a_shorter_life_ends_sooner(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2), life=LIFE)
        say(board, "one", back(ALPHA, HOME, 2), at=1, life=SECOND)
        assert board.next_expiry() == 1 + SECOND
        board.sweep(1 + SECOND)
        assert board.count() == 0
        board.sweep(LIFE)
        assert board.next_expiry() is None

    def test_ends_that_were_overtaken_are_thrown_away(self) -> None:
        board = Board()
        for at, life in enumerate((LIFE, SECOND, LIFE)):
            say(board, "one", back(ALPHA, HOME, 2), at=at, life=life)
        board.sweep(1 + SECOND)
        board.sweep(LIFE)
        assert board.count() == 1
        assert board._expiries == [(2 + LIFE, A, "one")]

    def test_what_was_withdrawn_or_lost_does_not_end_again(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2), life=LIFE)
        say(board, "one", life=LIFE)
        say(board, "two", back(BRAVO, HOME, 2), life=LIFE)
        board.close("two", "lost")
        cleared(board).sweep(LIFE)
        assert not board.dirty
        assert why(board, back(BRAVO, HOME, 2)) == "disconnected"
        say(board, "one", back(ALPHA, HOME, 2), at=20 * SECOND, life=LIFE)
        board.sweep(30 * SECOND)
        assert board.count() == 0


class TestDirty:
    @pytest.mark.parametrize(
        "after",
        [
            [back(ALPHA, HOME, 2, happened=1 + 15 * SECOND)],
            [back(ALPHA, HOME, 2)],
            [back(ALPHA, HOME, 3, happened=1)],
            [back(ALPHA, HOME, 2, happened=1, size=5)],
            [back(ALPHA, HOME, 2, happened=1, tradable=False)],
            [back(ALPHA, HOME, 2, happened=1, basis=Basis.LIVE)],
            [back(ALPHA, HOME, 2, happened=1, market_id="other")],
            [back(ALPHA, HOME, 2, happened=1, step=1)],
            [back(BRAVO, HOME, 2, happened=1)],
            [back(ALPHA, AWAY, 2, happened=1)],
            [back(ALPHA, HOME, 2, happened=1), back(ALPHA, AWAY, 2)],
            [],
        ],
    )
    def test_every_difference_counts(self, after: list[Quote]) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2, happened=1))
        say(cleared(board), "one", *after)
        assert list(board.dirty) == [A]

    def test_a_price_that_is_only_dated_anew_counts_once_in_a_step_of_time(self) -> None:
        board = Board()
        looks = 0
        for at in range(0, 60 * SECOND, SECOND // 2):
            say(cleared(board), "one", back(ALPHA, HOME, 2, happened=at))
            looks += bool(board.dirty) and at > 0
        assert looks == 4

    @pytest.mark.parametrize(("basis", "step"), [(Basis.PREMATCH, 15 * SECOND), (Basis.LIVE, SECOND // 4)])
    def test_a_price_that_is_dated_anew_all_the_time_counts_once_in_each_step(
        self, basis: Basis, step: int
    ) -> None:
        board = Board(keep_moved=True)
        say(board, "one", back(ALPHA, HOME, 2, happened=0, basis=basis))
        counted = 0
        for happened in range(step // 10, 5 * step + 1, step // 10):
            say(cleared(board), "one", back(ALPHA, HOME, 2, happened=happened, basis=basis))
            counted += bool(board.dirty)
            assert not board.moved
        assert counted == 5
        assert board.quotes([A])[0].happened == 5 * step, "the board knows the latest all the same"

    def test_saying_the_same_again_does_not_count(self) -> None:
        board = Board(keep_moved=True)
        say(board, "one", *book(ALPHA, 2, 3, 4))
        say(cleared(board), "one", *book(ALPHA, 2, 3, 4), at=9)
        assert not board.dirty
        assert not board.moved
        assert board.last_received(A) == 9

    @staticmethod
    def asks_for_grouping(board: Board) -> bool:
        return board.new_listings

    def test_listings_that_are_new_or_say_something_else_are_told(self) -> None:
        board = Board()
        say(board, "one")
        assert self.asks_for_grouping(board) is True
        board.new_listings = False
        say(board, "two")
        assert self.asks_for_grouping(board) is False
        assert not cleared(board).dirty
        board.apply("one", Snapshot(listing(A, date="2026-11-20"), []), 0, None)
        assert self.asks_for_grouping(board) is True
        assert list(board.dirty) == [A], "what may be concluded from its prices may be something else now"
        assert board.listings[A].date == "2026-11-20"


class TestMoved:
    def test_nothing_is_kept_unless_asked_for(self) -> None:
        board = Board()
        say(board, "one", back(ALPHA, HOME, 2))
        assert not board.moved

    def test_each_offer_that_differs_is_told_once(self) -> None:
        board = Board(keep_moved=True)
        say(board, "one", *book(ALPHA, 2, 3, 4))
        say(cleared(board), "one", back(ALPHA, HOME, 2, happened=9), back(ALPHA, DRAW, "3.1"))
        assert [(each.quote.claim, each.quote.odds, each.gone) for each in board.moved] == [
            (DRAW, back(ALPHA, DRAW, "3.1").odds, False),
            (AWAY, 4, True),
        ]

    def test_a_ladder_is_told_by_its_best_level(self) -> None:
        board = Board(keep_moved=True)
        levels = [back(ALPHA, HOME, odds, size=5) for odds in ("2.2", "2.1", "2.0")]
        say(board, "one", *levels)
        assert [each.quote.odds for each in board.moved] == [levels[0].odds]
        say(cleared(board), "one", *levels[1:])
        assert [(each.quote.odds, each.gone) for each in board.moved] == [(levels[1].odds, False)]
        say(cleared(board), "one", levels[1])
        assert not board.moved

    def test_the_turn_to_live_prices_ends_the_earlier_offer(self) -> None:
        board = Board(keep_moved=True)
        say(board, "one", back(ALPHA, HOME, 2))
        say(cleared(board), "one", back(ALPHA, HOME, 2, basis=Basis.LIVE))
        assert [(each.quote.basis, each.gone) for each in board.moved] == [
            (Basis.LIVE, False),
            (Basis.PREMATCH, True),
        ]


class TestWhyGone:
    QUOTE = back(ALPHA, HOME, "2.2")

    def board(self) -> Board:
        board = Board()
        say(board, "one", self.QUOTE, back(BRAVO, AWAY, 2), life=LIFE)
        return board

    def test_what_stands_is_not_gone(self) -> None:
        board = self.board()
        assert why(board, self.QUOTE) is None
        say(board, "one", back(ALPHA, HOME, "2.2", happened=9, size=1))
        assert why(board, self.QUOTE) is None

    def test_moved(self) -> None:
        board = self.board()
        say(board, "one", back(ALPHA, HOME, "2.05"))
        reason = board.why_gone([A], self.QUOTE)
        assert reason is not None
        assert str(reason) == "moved: alpha 1x2 home: from 2.2 to 2.05"

    def test_a_better_level_is_a_move_although_the_old_one_stands_below_it(self) -> None:
        board = self.board()
        say(board, "one", back(ALPHA, HOME, "2.3"), self.QUOTE)
        reason = board.why_gone([A], self.QUOTE)
        assert reason is not None
        assert str(reason) == "moved: alpha 1x2 home: from 2.2 to 2.3"

    def test_withdrawn(self) -> None:
        board = self.board()
        say(board, "one", back(ALPHA, DRAW, 3))
        assert why(board, self.QUOTE) == "withdrawn"
        assert why(board, back(BRAVO, AWAY, 2)) == "withdrawn"

    def test_suspended(self) -> None:
        board = self.board()
        say(board, "one", back(ALPHA, HOME, "2.2", tradable=False))
        assert why(board, self.QUOTE) == "suspended"

    def test_stale_says_how_old(self) -> None:
        board = self.board()
        board.sweep(LIFE)
        reason = board.why_gone([A], self.QUOTE)
        assert reason is not None
        assert str(reason) == "stale: alpha 1x2 home: not confirmed for 10.0 s"

    def test_disconnected_says_why(self) -> None:
        board = self.board()
        board.close("one", "reset by peer")
        reason = board.why_gone([A], self.QUOTE)
        assert reason is not None
        assert str(reason) == "disconnected: alpha 1x2 home: reset by peer"

    def test_each_venue_has_its_own_reason(self) -> None:
        board = Board()
        say(board, "one", self.QUOTE)
        say(board, "two", back(BRAVO, AWAY, 2), life=LIFE, identity=B)
        board.close("one", "")
        board.sweep(LIFE)
        assert why(board, self.QUOTE, A, B) == "disconnected"
        assert why(board, back(BRAVO, AWAY, 2), A, B) == "stale"

    def test_a_later_word_over_another_stream_is_a_move(self) -> None:
        board = self.board()
        say(board, "two", back(ALPHA, HOME, "2.1"), at=1, identity=B)
        assert why(board, self.QUOTE, A, B) == "moved"

    def test_after_a_stream_has_spoken_again_its_loss_is_forgotten(self) -> None:
        board = self.board()
        board.close("one", "lost")
        say(board, "one", back(BRAVO, AWAY, 2))
        assert why(board, self.QUOTE) == "withdrawn"

"""The live pipeline: what opens, changes and closes opportunities, and what bad streams cost."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from crossbook.base.clock import DAY, SECOND
from crossbook.model.frame import Frame, FrameKind
from crossbook.model.opportunity import Verdict
from crossbook.model.quote import Basis
from crossbook.pipeline.live import Pipeline
from crossbook.pipeline.options import Options
from crossbook.venues import readers
from tests.pipeline.live_made_up import FAIR, PLANTED, TICK, Play, event, info, message
from tests.pipeline.made_up import HOME_RUNNER, START_MS, backs, match_odds, the_odds_api, three
from tests.venues import betfair_messages as betfair

LIFE = 10 * SECOND
BEFORE_START = (START_MS - 600_000) * 1_000_000
PERCENT = Fraction(1, 100)


class TestEndings:
    def test_opened_and_changed_and_closed_are_one_life(self) -> None:
        play = Play()
        play.planted()
        (first,) = play.pipeline.lives.open()
        assert first.opened == first.at == play.now
        assert first.opportunity.verdict is Verdict.PURE
        play.say("one", "alpha home 2.19")
        (changed,) = play.look().changes
        play.say("one", "alpha home 2.0")
        (closed,) = play.look().changes
        assert [each.moment for each in (first, changed, closed)] == ["opened", "changed", "closed"]
        assert {each.id for each in (first, changed, closed)} == {first.id}
        assert {each.opened for each in (first, changed, closed)} == {first.opened}
        assert str(changed.why[0]) == "moved: alpha 1x2 home: from 2.2 to 2.19"
        assert str(closed.why[0]) == "moved: alpha 1x2 home: from 2.19 to 2"
        assert closed.opportunity == changed.opportunity, "a closed one is told as it stood last"
        assert play.pipeline.lives.open() == []

    def test_withdrawn_at_the_very_next_tick(self) -> None:
        play = Play()
        play.planted()
        play.say("two")
        assert play.tick() == [("closed", "withdrawn")]

    def test_a_listing_that_vanishes_is_withdrawn(self) -> None:
        play = Play()
        play.planted()
        play.raw("three", b"{}")
        assert play.tick() == [("closed", "withdrawn")]

    def test_suspended_and_open_again(self) -> None:
        play = Play()
        play.planted()
        play.say("one", "alpha home 2.2 shut")
        assert play.tick() == [("closed", "suspended"), ("opened",)]
        (refused,) = play.pipeline.lives.open()
        assert refused.opportunity.verdict is Verdict.REJECTED
        play.say("one", "alpha home 2.2")
        assert play.tick() == [("closed", "replaced"), ("opened",)]
        (again,) = play.pipeline.lives.open()
        assert again.opportunity.verdict is Verdict.PURE

    def test_stale_exactly_when_its_life_is_over(self) -> None:
        play = Play()
        play.planted(life=LIFE)
        assert play.pipeline.next_expiry() == play.now - TICK + LIFE
        assert play.tick(LIFE - TICK - 1) == []
        assert play.tick(1) == [("closed", "stale", "stale", "stale")]

    def test_a_confirmation_keeps_it_open_and_says_nothing(self) -> None:
        play = Play()
        play.planted(life=LIFE)
        play.now += LIFE - 2 * TICK
        for stream, quote in zip(("one", "two", "three"), PLANTED, strict=True):
            play.say(stream, quote)
        assert play.tick() == []
        assert play.pipeline.tick(play.now).scanned == 0
        assert play.tick(LIFE - TICK - 1) == []
        assert play.tick(1) == [("closed", "stale", "stale", "stale")]

    def test_disconnected_names_the_leg_and_the_reason(self) -> None:
        play = Play()
        play.planted()
        play.close("two", "reset by peer")
        (closed,) = play.look().changes
        assert [str(reason) for reason in closed.why] == ["disconnected: bravo 1x2 draw: reset by peer"]

    def test_refused_when_others_make_a_price_unbelievable(self) -> None:
        play = Play()
        play.open("one", "two")
        play.say("one", "alpha yes 2.6", "bravo no 1.75")
        assert play.tick() == [("opened",)]
        play.say("two", "cargo yes 1.9", "cargo no 1.85", "delta yes 1.9", "delta no 1.85")
        assert play.tick() == [("closed", "refused"), ("opened",)]
        (refused,) = play.pipeline.lives.open()
        assert refused.opportunity.verdict is Verdict.REJECTED

    def test_replaced_by_legs_that_do_better(self) -> None:
        play = Play()
        play.planted()
        play.open("four")
        play.say("four", "delta home 2.3")
        assert play.tick() == [("closed", "replaced"), ("opened",)]
        assert play.venues_open() == [{"delta", "bravo", "cargo"}]
        play.close("four")
        assert play.tick() == [("closed", "disconnected"), ("opened",)]

    def test_unlinked_when_the_listings_are_no_longer_one_event(self) -> None:
        play = Play()
        play.open("one", source="feed")
        play.open("two", source="other")
        play.say("one", PLANTED[0])
        play.say("two", *PLANTED[1:])
        assert play.tick() == [("opened",)]
        (was,) = play.pipeline.lives.open()
        play.say("two", *PLANTED[1:], home="Somebody Else", away="Another Side")
        changes = play.look().changes
        assert [(each.moment, each.id) for each in changes] == [("closed", was.id)]
        assert play.pipeline.lives.open() == []

    def test_everything_on_an_event_that_is_no_more_is_unlinked(self) -> None:
        """The event's name goes over to the one it joins, so what was open on it has to end."""
        play = Play()
        play.open("one", source="feed")
        play.open("two", source="other")
        play.say("one", "delta home 1.5")
        play.say("two", *PLANTED, home="Unknown", away="Nobody")
        assert play.tick() == [("opened",)]
        play.say("two", *PLANTED)
        assert play.tick() == [("closed", "unlinked"), ("opened",)]

    def test_ended_when_all_legs_stand_and_still_guarantee_nothing(self) -> None:
        play = Play()
        play.open("one")
        play.say("one", "xchange home 2.2", *PLANTED[1:])
        assert play.tick() == [("opened",)]
        play.say("one", "xchange home 2.2 taxed", *PLANTED[1:])
        assert play.tick() == [("closed", "ended")]

    def test_what_comes_and_goes_between_two_ticks_was_never_there(self) -> None:
        play = Play()
        play.open("one")
        play.say("one", *PLANTED)
        play.say("one", *FAIR)
        assert play.tick() == []
        play.say("one", *PLANTED)
        play.tick()
        play.say("one")
        play.say("one", *PLANTED)
        assert play.tick() == []

    def test_a_stream_made_anew_between_two_ticks_keeps_a_life_whole(self) -> None:
        play = Play()
        play.planted()
        play.close("one")
        play.open("one")
        play.say("one", PLANTED[0])
        assert play.tick() == []
        assert len(play.pipeline.lives.open()) == 1


class TestStreams:
    def test_opening_again_takes_back_what_was_said_before(self) -> None:
        play = Play()
        play.planted()
        play.open("one")
        (closed,) = play.look().changes
        assert str(closed.why[0]) == "disconnected: alpha 1x2 home: the connection was made anew"
        state = play.pipeline.streams["one"]
        assert (state.closed, state.frames, state.opened) == (None, 1, play.now - TICK)

    def test_frames_before_the_opening_are_not_read(self) -> None:
        play = Play()
        play.say("one", *PLANTED)
        play.close("one")
        play.frame("one", FrameKind.DROPPED, b"1")
        assert play.tick() == []
        assert play.pipeline.streams == {}
        assert play.pipeline.board.count() == 0

    def test_frames_after_the_end_are_not_read(self) -> None:
        play = Play()
        play.open("one")
        play.close("one", "over")
        play.say("one", *PLANTED)
        assert play.tick() == []
        assert play.pipeline.board.count() == 0
        state = play.pipeline.streams["one"]
        assert (state.why, state.closed is not None) == ("over", True)

    @pytest.mark.parametrize(
        "opening",
        [
            b"",
            b"not json",
            b"\xff\xfe",
            b"[1]",
            b'{"format": 5}',
            b"{}",
            info(form="nobody-knows"),
            info(form="files-only"),
            info(broken="yes"),
        ],
    )
    def test_an_opening_that_cannot_be_read_is_a_fault(self, opening: bytes) -> None:
        play = Play()
        play.frame("one", FrameKind.OPENED, opening)
        play.say("one", *PLANTED)
        done = play.look()
        assert [(stream, fault.reason.split(":")[0]) for stream, fault in done.faults] == [
            ("one", "the stream cannot be opened")
        ]
        assert play.pipeline.board.count() == 0

    def test_an_opening_that_cannot_be_read_ends_what_was_said_before(self) -> None:
        play = Play()
        play.planted()
        play.frame("one", FrameKind.OPENED, b"not json")
        assert play.tick() == [("closed", "disconnected")]
        play.say("one", PLANTED[0])
        assert play.tick() == [], "nobody knows how to read it"

    def test_nothing_that_a_failing_reader_said_survives(self) -> None:
        play = Play()
        play.planted()
        play.raw("one", b"stumble")
        done = play.look()
        (closed,) = done.changes
        assert str(closed.why[0]) == "disconnected: alpha 1x2 home: the reader failed"
        assert [fault.reason for _, fault in done.faults] == [
            "the reader failed: ZeroDivisionError: a venue sent what nobody thought of"
        ]
        assert {stream for stream, _ in play.pipeline.board.standing()} == {"two", "three"}
        play.say("one", PLANTED[0])
        assert play.tick() == [("opened",)], "what it says from then on is read as from a new stream"

    def test_who_can_open_a_failing_stream_anew_is_told_at_the_tick(self) -> None:
        play = Play()
        play.planted()
        play.raw("one", b"stumble")
        assert list(play.pipeline.failed) == ["one"]
        play.look()
        assert list(play.pipeline.failed) == []

    def test_after_a_beginning_nothing_stands_and_nothing_is_told_to_end(self) -> None:
        play = Play()
        play.planted()
        play.look()
        play.pipeline.apply(Frame(play.now, "", FrameKind.BEGAN))
        assert play.tick() == []
        assert list(play.pipeline.board.standing()) == []
        assert play.pipeline.streams == {}
        play.planted()

    def test_lost_streams_are_not_remembered_for_ever(self) -> None:
        play = Play()
        for number in range(1_500):
            play.open(f"worker-{number}")
            play.pipeline.apply(Frame(play.now, f"worker-{number}", FrameKind.CLOSED, b"gone"))
        assert len(play.pipeline.streams) <= 1_002
        assert "worker-1499" in play.pipeline.streams

    def test_unreadable_messages_are_counted_and_change_nothing(self) -> None:
        play = Play()
        play.planted()
        play.raw("one", b"unreadable")
        play.raw("one", b"fault")
        done = play.look()
        assert done.changes == []
        assert [fault.reason for _, fault in done.faults] == [
            "message: unreadable",
            "one piece is broken",
        ]
        assert play.pipeline.streams["one"].faults == 2
        assert play.look().faults == []

    def test_counts_go_on_over_connections(self) -> None:
        play = Play()
        play.open("one")
        play.raw("one", b"fault")
        play.frame("one", FrameKind.DROPPED, b"1")
        last = play.now
        play.close("one")
        play.now += SECOND
        play.open("one")
        state = play.pipeline.streams["one"]
        assert (state.frames, state.bytes, state.faults, state.dropped) == (1, 5, 1, 1)
        assert (state.last, state.opened, state.why) == (last, play.now, "")

    def test_after_lost_frames_nothing_that_was_said_before_stands(self) -> None:
        """One of them may have taken a price back, so the look that follows must not see it any more."""
        play = Play()
        play.planted()
        play.frame("one", FrameKind.DROPPED, b"1")
        (closed,) = play.look().changes
        assert str(closed.why[0]) == "disconnected: alpha 1x2 home: frames were lost"
        assert play.pipeline.streams["one"].dropped == 1
        play.say("one", PLANTED[0])
        assert play.tick() == [("opened",)], "the stream is open still"

    def test_the_session_hears_of_lost_frames(self) -> None:
        play = Play()
        play.planted()
        play.frame("one", FrameKind.DROPPED, b"1")
        play.raw("one", b"fault")
        told_once_more = play.pipeline.board.last_received(("feed", "k"))
        assert told_once_more == play.now, "what it no longer trusts was told with no quotes"

    def test_after_a_lost_answer_the_next_one_says_everything_again(self) -> None:
        pipeline = Pipeline(readers(), Options())
        answer = the_odds_api("Harbour", "Hill", {"alpha": three(2.2, 3.3, 3.4)}).encode()
        counts = []
        for kind, data in (
            (FrameKind.OPENED, info(form="the-odds-api")),
            (FrameKind.DATA, answer),
            (FrameKind.DROPPED, b"1"),
            (FrameKind.DATA, answer),
        ):
            pipeline.apply(Frame(BEFORE_START, "poll", kind, data))
            counts.append(pipeline.board.count())
        assert counts == [0, 3, 0, 3]

    def test_a_lost_change_of_an_exchange_leaves_no_price_behind(self) -> None:
        pipeline = Pipeline(readers(), Options())
        image = match_odds("1.1", backs(HOME_RUNNER, (2.2, 50)), home="Harbour", away="Hill")
        first = json.dumps(betfair.message(image, pt=1_000)).encode()
        later = json.dumps(betfair.message(betfair.market("1.1", backs(HOME_RUNNER, (2.0, 9))), pt=3_000))
        for kind, data in (
            (FrameKind.OPENED, info(form="betfair-stream")),
            (FrameKind.DATA, first),
            (FrameKind.DATA, later.encode()),
            (FrameKind.DROPPED, b"2"),
        ):
            pipeline.apply(Frame(5_000_000_000, "stream", kind, data))
        assert pipeline.board.count() == 0
        pipeline.apply(Frame(5_000_000_000, "stream", FrameKind.DATA, later.encode()))
        assert pipeline.board.count() == 0, "a change alone makes no book"

    def test_a_tick_in_the_frames_changes_nothing(self) -> None:
        play = Play()
        play.planted()
        play.frame("", FrameKind.TICK)
        assert play.tick() == []


class TestListings:
    def test_a_listing_that_appears_later_joins(self) -> None:
        play = Play()
        play.open("one", source="feed")
        play.open("two", source="other")
        play.say("one", PLANTED[0])
        first = play.look()
        assert [each.members for each in first.events] == [(("feed", "k"),)]
        play.say("two", *PLANTED[1:], home="Harbour Town FC")
        second = play.look()
        assert [each.members for each in second.events] == [(("feed", "k"), ("other", "k"))]
        assert second.events[0].id == first.events[0].id
        assert [change.event for change in second.changes] == [first.events[0].id]
        assert play.look().events == []

    def test_only_what_changed_is_looked_at(self) -> None:
        play = Play()
        play.open("one")
        both = {"a": event(*FAIR), "b": event(*FAIR, home="Lakeside", away="Moor End")}
        play.raw("one", message(**both))
        assert play.look().scanned == 2
        play.raw("one", message(**both))
        assert play.look().scanned == 0
        play.raw("one", message(**{**both, "b": event(*PLANTED, home="Lakeside", away="Moor End")}))
        done = play.look()
        assert (done.scanned, len(done.changes)) == (1, 1)

    def test_moved_is_told_once_and_only_when_asked_for(self) -> None:
        play = Play(keep_moved=True)
        play.open("one")
        play.say("one", *PLANTED)
        assert len(play.look().moved) == 3
        assert play.look().moved == []
        silent = Play()
        silent.open("one")
        silent.say("one", *PLANTED)
        assert silent.look().moved == []

    def test_a_listing_is_forgotten_a_day_after_it_was_last_spoken_of(self) -> None:
        play = Play()
        play.open("one", "two")
        play.say("one", *PLANTED, start=play.now)
        play.tick()
        play.raw("one", b"{}")
        emptied = play.now
        others = {"n1": event("alpha home 2", home="Lakeside", away="Moor End")}
        play.raw("two", message(**others))
        play.tick(emptied + DAY - play.now)
        assert set(play.pipeline.board.listings) == {("feed", "k"), ("feed", "n1")}
        others["n2"] = event("alpha home 2", home="Westgate", away="Eastgate")
        play.raw("two", message(**others))
        play.tick(SECOND)
        assert set(play.pipeline.board.listings) == {("feed", "n1"), ("feed", "n2")}
        assert play.pipeline.events.of(("feed", "k")) is None
        play.say("one", *PLANTED)
        assert play.tick() == [("opened",)], "it may come back"

    def test_a_listing_with_prices_is_never_forgotten(self) -> None:
        play = Play()
        play.open("one", "two")
        play.say("one", *PLANTED, start=play.now)
        play.look()
        play.now += 10 * DAY
        play.raw("two", message(n=event("alpha home 2", home="Lakeside", away="Moor End")))
        assert play.tick() == []
        assert ("feed", "k") in play.pipeline.board.listings
        assert len(play.pipeline.lives.open()) == 1


class TestOptions:
    def test_a_stated_commission_counts(self) -> None:
        planted = ("xchange home 2.2", "bravo draw 3.65", "cargo away 3.95")
        free = Play()
        free.open("one")
        free.say("one", *planted)
        assert free.tick() == [("opened",)]
        taxed = Play(Options(commissions={"xchange": PERCENT * 10}))
        taxed.open("one")
        taxed.say("one", *planted)
        assert taxed.tick() == []
        light = Play(Options(commissions={"xchange": PERCENT / 10}))
        light.open("one")
        light.say("one", *planted)
        assert light.tick() == [("opened",)]
        whole, less = (each.pipeline.lives.open()[0].opportunity.guaranteed_return for each in (free, light))
        assert 1 < less < whole

    def test_one_basis_only(self) -> None:
        live = tuple(f"{quote} live" for quote in PLANTED)
        play = Play(Options(basis=Basis.PREMATCH))
        play.open("one")
        play.say("one", *live)
        assert play.tick() == []
        assert play.pipeline.board.count() == 0
        play.say("one", *live, *PLANTED)
        assert play.tick() == [("opened",)]

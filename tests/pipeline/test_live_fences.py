"""What goes wrong in one place does not reach the others, and nothing is remembered for ever."""

from __future__ import annotations

import msgspec
import pytest

from crossbook.arbitrage.find import opportunities
from crossbook.model.frame import Frame, FrameKind, StreamInfo
from tests.pipeline.live_made_up import FORMAT, PLANTED, Play, event, info, message


def test_an_event_that_cannot_be_searched_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbling(events, terms):
        listed = list(events)
        if any(listing.home == "Lakeside" for listing, _ in listed):
            raise ZeroDivisionError("nobody thought of that")
        return opportunities(listed, terms)

    play = Play()
    monkeypatch.setattr(play.pipeline.certificates, "opportunities", stumbling)
    play.open("one", "two")
    play.say("one", *PLANTED)
    play.raw("two", message(n=event(*PLANTED, home="Lakeside", away="Moor End")))
    assert play.tick() == [("opened",)]
    assert play.pipeline.unsolved == {"the search failed: ZeroDivisionError: nobody thought of that": 1}


def test_a_stream_said_again_changes_nothing_where_it_is_open() -> None:
    play = Play()
    play.planted()
    still = msgspec.json.encode(StreamInfo(format=FORMAT, still=True))
    play.pipeline.apply(Frame(play.now, "one", FrameKind.OPENED, still))
    assert play.tick() == []


def test_a_stream_said_again_is_opened_by_those_who_start_there() -> None:
    play = Play()
    info_again = msgspec.structs.replace(msgspec.json.decode(info(), type=StreamInfo), still=True)
    play.pipeline.apply(Frame(play.now, "one", FrameKind.OPENED, msgspec.json.encode(info_again)))
    play.say("one", *PLANTED)
    assert play.tick() == [("opened",)]


def test_places_of_streams_that_are_gone_are_forgotten() -> None:
    play = Play()
    for number in range(50):
        stream = f"worker-{number}"
        play.open(stream)
        play.say(stream, *PLANTED)
        play.look()
        play.pipeline.apply(Frame(play.now, stream, FrameKind.CLOSED, b"gone"))
        (closed,) = play.look().changes
        assert closed.why[0].name == "disconnected"
    (parts,) = play.pipeline.board._parts.values()
    assert not parts

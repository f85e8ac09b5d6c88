"""The picture of a running engine: what stands, who says it, and how fast."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from crossbook import __version__
from crossbook.app.engine import Engine
from crossbook.app.picture import Picture
from crossbook.base.clock import SECOND, ManualClock
from crossbook.model.frame import FrameKind
from crossbook.pipeline.inbox import Inbox, NoLog
from crossbook.pipeline.live import Pipeline
from crossbook.pipeline.options import Options
from crossbook.pipeline.view import StreamView, VenueView, View
from tests.pipeline.live_made_up import FAIR, PLANTED, READERS, START, event, info, message, told


class Shown:
    """An engine with its picture, driven by hand."""

    def __init__(self, most_frames: int = 100) -> None:
        self.clock = ManualClock(START)
        pipeline = Pipeline(READERS, Options(), keep_moved=True)
        self.engine = Engine(pipeline, Inbox(self.clock, NoLog(), most_frames=most_frames), self.clock)
        self.picture = Picture(
            self.engine, "LIVE · PAPER", 7, store=lambda: {"rows": 1}, rawlog=lambda: {"frames": 2}
        )

    def open(self, *streams: str) -> None:
        for stream in streams:
            self.picture.receive(stream, FrameKind.OPENED, info())

    def say(self, stream: str, *quotes: str) -> None:
        self.picture.receive(stream, FrameKind.DATA, message(k=event(*quotes)))

    def view(self) -> View:
        self.engine.tick()
        return self.picture.view()

    def stream(self, name: str) -> StreamView:
        (found,) = [each for each in self.picture.view().streams if each.stream == name]
        return found

    def venue(self, name: str) -> VenueView:
        (found,) = [each for each in self.picture.view().venues if each.id == name]
        return found


def test_before_anything_came() -> None:
    view = Shown().picture.view()
    assert (view.at, view.started, view.ticks) == (START, START, 0)
    assert (view.mode, view.version, view.seed) == ("LIVE · PAPER", __version__, 7)
    assert (view.quotes, view.listings, view.events, view.streams, view.venues) == (0, 0, 0, [], [])
    assert (view.open, view.recent, view.latency) == ([], [], None)
    assert (view.store, view.rawlog) == ({"rows": 1}, {"frames": 2})


def test_what_stands_is_counted_by_stream_and_venue() -> None:
    one = Shown()
    one.open("s1", "s2")
    one.say("s1", *PLANTED)
    one.say("s2", "alpha yes 2", "alpha no 1.8")
    view = one.view()
    assert (view.ticks, view.quotes, view.listings, view.events) == (1, 5, 1, 1)
    assert {each.stream: each.quotes for each in view.streams} == {"s1": 3, "s2": 2}
    assert {each.id: each.quotes for each in view.venues} == {"alpha": 3, "bravo": 1, "cargo": 1}
    assert one.venue("alpha").streams == ("s1", "s2")
    assert one.venue("alpha").type == "bookmaker"
    assert one.venue("alpha").last == START
    one.say("s1")
    view = one.view()
    assert view.quotes == 2
    assert one.venue("bravo").quotes == 0, "a venue that was seen stays in sight"


def test_open_and_recent_are_what_the_engine_told() -> None:
    one = Shown()
    one.open("s1")
    one.say("s1", *PLANTED)
    view = one.view()
    assert [told(change) for change in view.open] == [("opened",)]
    one.say("s1", *FAIR)
    later = one.view()
    assert (later.open, [told(change) for change in later.recent]) == ([], [("closed", "moved")])
    assert [told(change) for change in view.open] == [("opened",)], "a view never changes"
    assert later.latency is not None


def test_a_stream_that_is_lost_says_since_when_and_why() -> None:
    one = Shown()
    one.open("s1")
    one.say("s1", "alpha home 2")
    one.view()
    assert (one.stream("s1").state, one.stream("s1").since, one.stream("s1").last) == ("open", START, START)
    one.clock.advance(SECOND)
    one.picture.receive("s1", FrameKind.CLOSED, b"reset by peer")
    one.view()
    lost = one.stream("s1")
    assert (lost.state, lost.since, lost.reason) == ("lost", START + SECOND, "reset by peer")
    assert (lost.frames, lost.quotes, lost.format) == (1, 0, "made-up")
    assert one.venue("alpha").state == "lost"
    one.clock.advance(SECOND)
    one.open("s1")
    one.view()
    assert (one.stream("s1").state, one.stream("s1").since, one.stream("s1").reason) == (
        "open",
        START + 2 * SECOND,
        "",
    )


def test_a_venue_is_open_while_one_of_its_streams_is() -> None:
    one = Shown()
    one.open("s1", "s2")
    one.say("s1", "alpha home 2")
    one.say("s2", "alpha yes 2")
    one.view()
    one.picture.receive("s1", FrameKind.CLOSED, b"")
    one.view()
    assert one.venue("alpha").state == "open"
    one.picture.receive("s2", FrameKind.CLOSED, b"")
    one.view()
    assert one.venue("alpha").state == "lost"


def test_faults_and_dropped_frames_are_counted() -> None:
    one = Shown(most_frames=2)
    one.open("s1")
    for data in (b"{}", b"fault", b"unreadable"):
        one.picture.receive("s1", FrameKind.DATA, data)
    view = one.view()
    assert (view.faults, view.dropped) == (2, 1)
    assert (one.stream("s1").faults, one.stream("s1").dropped) == (2, 1)


def test_rates_are_over_the_last_seconds() -> None:
    one = Shown()
    one.open("s1")
    assert one.picture.view().quotes_per_s == 0
    for number in range(10):
        one.say("s1", f"alpha home {2 + number % 2}", "bravo draw 3")
        one.clock.advance(SECOND)
        view = one.view()
    assert one.picture.moves == 11
    assert view.quotes_per_s == pytest.approx(1, abs=0.2)
    for _ in range(10):
        one.clock.advance(SECOND)
        view = one.view()
    assert view.quotes_per_s == 0
    assert one.venue("alpha").quotes_per_s == 0


def test_a_view_is_plain_data() -> None:
    one = Shown()
    one.open("s1")
    one.say("s1", *PLANTED)
    view = one.view()
    assert msgspec.structs.asdict(view).keys() == set(View.__struct_fields__)


def test_its_readers_are_the_engines() -> None:
    async def main() -> None:
        one = Shown()
        feed = one.picture.subscribe()
        one.open("s1")
        one.say("s1", *PLANTED)
        one.view()
        feed.close()
        assert [told(change) for batch in [each async for each in feed] for change in batch] == [("opened",)]

    asyncio.run(main())

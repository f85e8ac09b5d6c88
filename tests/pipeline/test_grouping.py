"""Grouping in the live pipeline: in small steps, and nothing is searched with listings it no longer belongs to."""

from __future__ import annotations

from crossbook.base.clock import SECOND
from crossbook.pipeline.events import MOST_WORK
from tests.pipeline.live_made_up import KICK_OFF, PLANTED, Play, event, message


def test_a_listing_that_becomes_another_match_leaves_its_event_before_the_next_grouping() -> None:
    play = Play()
    for stream, quote in zip(("one", "two", "three"), PLANTED, strict=True):
        play.open(stream, source=stream)
        play.say(stream, quote)
    assert play.tick() == [("opened",)]
    play.say("three", PLANTED[2], home="Lakeside", away="Moor End")
    assert play.tick(after=0) == [("closed", "unlinked")]
    (event,) = {play.pipeline.events.of((source, "k")) for source in ("one", "two", "three")}
    assert event is not None, "it was not grouped again yet"
    assert play.tick() == []
    play.say("three", PLANTED[2])
    assert play.tick() == [("opened",)]


def test_a_flood_of_listings_waits_and_nobody_waits_for_it() -> None:
    play = Play()
    play.open("flood", source="flood")
    count = MOST_WORK // 2
    words = {str(number): event("alpha home 2", home=f"H{number}me") for number in range(count)}
    play.raw("flood", message(**words))
    for stream, quote in zip(("one", "two", "three"), PLANTED, strict=True):
        play.open(stream, source=stream)
        play.say(stream, quote)
    assert play.tick() == [("opened",)]
    grouped = [len(play.pipeline.events.ids())]
    while play.pipeline.next_expiry() is not None:
        play.tick(SECOND)
        grouped.append(len(play.pipeline.events.ids()))
    assert len(grouped) > 1
    assert grouped == sorted(set(grouped))
    assert grouped[-1] == count + 1


def test_a_listing_whose_start_moves_is_searched_again_once_it_is_grouped() -> None:
    play = Play()
    for stream, quote in zip(("one", "two", "three"), PLANTED, strict=True):
        play.open(stream, source=stream)
        play.say(stream, quote)
    assert play.tick() == [("opened",)]
    play.say("three", PLANTED[2], start=KICK_OFF + 60 * SECOND)
    assert play.tick(after=0) == [("closed", "unlinked")]
    assert play.tick(SECOND) == [("opened",)], "it is the same event as before, and nobody has spoken since"

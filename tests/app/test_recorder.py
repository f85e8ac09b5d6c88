"""The recorder: what a tick says as rows, each told once."""

from __future__ import annotations

from crossbook.app.recorder import Recorder
from crossbook.base.clock import DAY
from crossbook.model.quote import Quote
from crossbook.pipeline.live import Pipeline
from crossbook.store.rows import Batch, Withdrawn
from tests.pipeline.live_made_up import FAIR, MATCH, PLANTED, TICK, Play, event, message
from tests.pipeline.recorded import pipeline, play, script


class Recorded(Play):
    """A pipeline whose ticks become batches."""

    def __init__(self) -> None:
        super().__init__(keep_moved=True)
        self.recorder = Recorder(self.pipeline, "r1")
        self.number = 0

    def batch(self) -> Batch | None:
        self.now += TICK
        self.number += 10
        return self.recorder.batch(self.pipeline.tick(self.now, self.number))

    def rows(self) -> Batch:
        batch = self.batch()
        assert batch is not None
        return batch


def offers(batch: Batch) -> list[tuple[str, str, str | None]]:
    return [
        (
            row.quote.venue.id,
            row.quote.claim.selection,
            None if isinstance(row.quote, Withdrawn) else str(row.quote.odds),
        )
        for row in batch.quotes
    ]


def test_the_first_batch_says_what_all_others_refer_to() -> None:
    one = Recorded()
    one.open("s1")
    one.say("s1", *PLANTED)
    batch = one.rows()
    assert (batch.recording, batch.number, batch.at) == ("r1", 10, one.now)
    assert [(row.name, row.format, row.opened, row.closed) for row in batch.streams] == [
        ("s1", "made-up", one.now - TICK, None)
    ]
    assert [venue.id for venue in batch.venues] == ["alpha", "bravo", "cargo"]
    assert [(listing.source, listing.key) for listing in batch.listings] == [("feed", "k")]
    assert [(row.title, row.listings) for row in batch.events] == [
        ("Harbour Town v Hill Rovers", (("feed", "k"),))
    ]
    assert offers(batch) == [
        ("alpha", "home", "11/5"),
        ("bravo", "draw", "73/20"),
        ("cargo", "away", "79/20"),
    ]
    assert {(row.at, row.source, row.key, row.stream) for row in batch.quotes} == {
        (one.now, "feed", "k", "s1")
    }
    assert [(row.number, row.change.moment) for row in batch.changes] == [(1, "opened")]


def test_nothing_new_is_no_batch() -> None:
    one = Recorded()
    one.open("s1")
    one.say("s1", *PLANTED)
    one.rows()
    assert one.batch() is None
    one.say("s1", *PLANTED)
    assert one.batch() is None


def test_references_are_told_when_they_are_new_or_differ() -> None:
    one = Recorded()
    one.open("s1")
    one.say("s1", *PLANTED)
    one.rows()
    one.say("s1", *FAIR, "delta yes 2")
    batch = one.rows()
    assert [venue.id for venue in batch.venues] == ["delta"]
    assert (batch.streams, batch.listings, batch.events, batch.links) == ([], [], [], [])
    one.say("s1", *PLANTED, competition="Coast Cup")
    batch = one.rows()
    assert [listing.competition for listing in batch.listings] == ["Coast Cup"]
    one.close("s1", "reset")
    batch = one.rows()
    assert [(row.name, row.closed is not None, row.why) for row in batch.streams] == [("s1", True, "reset")]


def test_a_venue_whose_words_differ_within_a_tick_is_told_once() -> None:
    one = Recorded()
    one.open("s1", "s2")
    one.say("s1", "xchange home 2")
    one.say("s2", "xchange home 2 taxed")
    batch = one.rows()
    assert len({venue.id for venue in batch.venues}) == len(batch.venues)
    assert [str(venue.commission) for venue in batch.venues] == ["1/10"], "the last word"


def test_one_row_for_an_offer_and_a_moment_as_it_stood_last() -> None:
    one = Recorded()
    one.open("s1")
    for odds in ("2.2", "2.3", "2.1"):
        one.say("s1", f"alpha home {odds}")
    assert offers(one.rows()) == [("alpha", "home", "21/10")]
    one.say("s1", "alpha home 2.4")
    one.say("s1")
    assert offers(one.rows()) == [("alpha", "home", None)]
    one.say("s1", "alpha home 2.4")
    one.close("s1")
    one.open("s1")
    one.say("s1", "alpha home 2.3")
    assert offers(one.rows()) == [("alpha", "home", "23/10")]


def test_a_ladder_is_kept_by_its_best_level() -> None:
    one = Recorded()
    one.open("s1")
    one.say("s1", "alpha home 2.2", "alpha home 2.1", "alpha home 2.0")
    assert offers(one.rows()) == [("alpha", "home", "11/5")]
    one.say("s1", "alpha home 2.1", "alpha home 2.0")
    assert offers(one.rows()) == [("alpha", "home", "21/10")]


def test_prices_that_turn_live_end_the_earlier_ones() -> None:
    one = Recorded()
    one.open("s1")
    one.say("s1", "alpha home 2.2")
    one.rows()
    one.say("s1", "alpha home 2.2 live")
    rows = one.rows().quotes
    assert [(row.quote.basis, isinstance(row.quote, Quote)) for row in rows] == [
        ("live", True),
        ("prematch", False),
    ]


def test_the_changes_of_a_life_are_numbered_and_then_forgotten() -> None:
    one = Recorded()
    one.open("s1")
    numbers = []
    for quotes in (PLANTED, ("alpha home 2.19", *PLANTED[1:]), FAIR, PLANTED):
        one.say("s1", *quotes)
        numbers.append([(row.number, row.change.moment.value) for row in one.rows().changes])
    assert numbers == [[(1, "opened")], [(2, "changed")], [(3, "closed")], [(1, "opened")]]
    one.say("s1", *FAIR)
    one.rows()
    assert not one.recorder._lives


def test_a_change_is_kept_as_doors_print_it() -> None:
    one = Recorded()
    one.open("s1")
    one.say("s1", *PLANTED)
    (row,) = one.rows().changes
    assert row.object["id"] == row.change.id
    assert row.object["moment"] == "opened"


def test_decisions_are_told_with_their_reasons_and_not_again() -> None:
    one = Recorded()
    one.open("s1", source="feed")
    one.open("s2", source="other")
    one.say("s1", *PLANTED)
    one.rows()
    one.say("s2", "delta home 2", home="Harbour Town FC")
    batch = one.rows()
    (link,) = batch.links
    assert (link.source, link.key, link.decision, link.at) == ("other", "k", "accept", one.now)
    assert link.event == batch.events[0].id
    assert [reason.name for reason in link.reasons] == ["names"]
    one.raw("s1", message(k=event(*PLANTED), n=event("alpha yes 2", home="Lakeside", away="Moor End")))
    assert one.rows().links == []


def test_a_pair_for_review_is_told_with_the_event_it_might_belong_to() -> None:
    one = Recorded()
    one.open("s1", source="feed")
    one.open("s2", source="other")
    one.say("s1", *PLANTED)
    first = one.rows()
    one.say("s2", "delta home 2", home=MATCH["away"], away=MATCH["home"])
    batch = one.rows()
    (link,) = batch.links
    assert (link.source, link.decision, link.event) == ("other", "review", first.events[0].id)
    assert len(batch.events) == 1


def test_decisions_are_told_again_when_the_event_is_another() -> None:
    one = Recorded()
    for source in ("middle", "feed", "other"):
        one.open(source, source=source)
    one.say("middle", "alpha home 2", home="Lakeside", away="Moor End")
    first = one.rows()
    one.say("feed", "bravo home 2")
    one.say("other", "cargo home 2")
    (link,) = one.rows().links
    one.say("middle", "alpha home 2")
    batch = one.rows()
    assert link.event != first.events[0].id
    assert [each.event for each in batch.links] == [first.events[0].id] * 3


def test_faults_are_counted_by_reason() -> None:
    one = Recorded()
    one.open("s1")
    one.raw("s1", b"fault")
    one.raw("s1", b"fault")
    one.raw("s1", b"unreadable")
    faults = one.rows().faults
    assert [(row.stream, row.reason, row.count) for row in faults] == [
        ("s1", "one piece is broken", 2),
        ("s1", "message: unreadable", 1),
    ]
    assert one.batch() is None


def test_what_the_board_forgot_is_forgotten() -> None:
    one = Recorded()
    one.open("s1", "s2", source="feed")
    one.open("s3", source="other")
    one.say("s1", *PLANTED, start=one.now)
    one.say("s3", "delta home 2", start=one.now)
    one.rows()
    one.raw("s1", b"{}")
    one.raw("s3", b"{}")
    one.rows()
    one.now += 2 * DAY
    one.raw("s2", message(n=event("alpha yes 2", home="Lakeside", away="Moor End")))
    one.rows()
    assert one.recorder._listings.keys() == {("feed", "n")}
    assert not one.recorder._links


def best_standing(one: Pipeline) -> dict[tuple[object, ...], tuple[object, ...]]:
    best: dict[tuple[object, ...], Quote] = {}
    for (source, key), parts in one.board._parts.items():
        for stream, part in parts.items():
            for quote in part.quotes:
                terms = stream, quote.venue.id, quote.market_id, quote.claim, quote.side, quote.basis
                offer = source, key, terms
                if offer not in best or quote.better_than(best[offer]):
                    best[offer] = quote
    return {offer: (each.odds, each.size, each.tradable) for offer, each in best.items()}


def test_what_all_batches_say_together_is_what_stands() -> None:
    """Whoever keeps the last row of every offer has the best prices of the board, and knows all they refer to."""
    one = pipeline()
    recorder = Recorder(one, "r1")
    kept: dict[tuple[object, ...], tuple[object, ...]] = {}
    venues, listings, streams = set[str](), set[tuple[str, str]](), set[str]()
    for step in script(8):
        for tick in play([step], one):
            batch = recorder.batch(tick) or Batch(recording="", number=0, at=0)
            venues |= {venue.id for venue in batch.venues}
            listings |= {(listing.source, listing.key) for listing in batch.listings}
            streams |= {row.name for row in batch.streams}
            seen = set[tuple[object, ...]]()
            for row in batch.quotes:
                quote = row.quote
                assert quote.venue.id in venues
                assert (row.source, row.key) in listings
                assert row.stream in streams
                offer = row.stream, quote.venue.id, quote.market_id, quote.claim, quote.side, quote.basis
                assert (row.source, row.key, offer) not in seen
                seen.add((row.source, row.key, offer))
                if isinstance(quote, Withdrawn):
                    kept.pop((row.source, row.key, offer), None)
                else:
                    kept[row.source, row.key, offer] = quote.odds, quote.size, quote.tradable
            assert {listed for event_row in batch.events for listed in event_row.listings} <= listings
            assert kept == best_standing(one)
    assert len(kept) > 500

"""Listings that do not say when they are: they join by their names, and what rests on that is never pure."""

from __future__ import annotations

import msgspec
import pytest

from crossbook.model.opportunity import Opportunity, Verdict
from crossbook.model.quote import Listing
from crossbook.pipeline.undated import exposed, undated
from tests.arbitrage.checks import two_way
from tests.arbitrage.worlds import search
from tests.pipeline.live_made_up import PLANTED, Play


def verdicts(play: Play) -> list[tuple[Verdict, list[str]]]:
    found = [change.opportunity for change in play.pipeline.lives.open()]
    return [(each.verdict, [reason.name for reason in each.reasons]) for each in found]


def joined_by_name(**listing: object) -> Play:
    """A dated feed with two legs, and another source, which says this of itself, with the third."""
    play = Play()
    play.open("one", source="feed")
    play.open("two", source="site")
    play.say("one", *PLANTED[1:])
    play.say("two", PLANTED[0], **listing)
    play.tick()
    return play


def test_legs_that_meet_by_names_alone_are_exposed() -> None:
    ((verdict, reasons),) = verdicts(joined_by_name(start=None))
    assert (verdict, reasons[-1]) == (Verdict.RULE_EXPOSED, "undated")


def test_with_a_start_they_are_pure() -> None:
    assert verdicts(joined_by_name()) == [(Verdict.PURE, [])]


def test_a_date_is_enough_to_be_dated() -> None:
    ((_, reasons),) = verdicts(joined_by_name(start=None, date="2026-11-20"))
    assert "undated" not in reasons


def test_an_undated_listing_alone_stays_pure() -> None:
    play = Play()
    play.open("one", source="site")
    play.say("one", *PLANTED, start=None)
    play.tick()
    assert verdicts(play) == [(Verdict.PURE, [])]


def test_legs_of_others_are_not_touched_by_an_undated_listing_that_joined() -> None:
    play = Play()
    play.open("one", source="feed")
    play.open("two", source="site")
    play.say("one", *PLANTED)
    play.say("two", "delta home 1.5", start=None)
    play.tick()
    assert verdicts(play) == [(Verdict.PURE, [])]


def test_when_the_start_becomes_known_the_doubt_ends() -> None:
    play = joined_by_name(start=None)
    (before,) = play.pipeline.lives.open()
    play.say("two", PLANTED[0])
    (changed,) = play.look().changes
    assert (changed.moment, changed.id) == ("changed", before.id)
    assert verdicts(play) == [(Verdict.PURE, [])]


def found() -> Opportunity:
    (one,) = search(two_way("2.1", "2.1"))
    return one


@pytest.mark.parametrize(
    ("venues", "doubted"),
    [((), False), (("cargo",), False), (("alpha",), True), (("bravo",), True), (("alpha", "bravo"), True)],
)
def test_only_legs_at_doubtful_venues_count(venues: tuple[str, ...], doubted: bool) -> None:
    one = found()
    assert (exposed(one, venues) != one) is doubted
    if doubted:
        assert exposed(one, venues).verdict is Verdict.RULE_EXPOSED
        assert exposed(one, venues).reasons[:-1] == one.reasons


def test_what_is_refused_stays_refused_for_its_own_reasons() -> None:
    (one,) = search(two_way("2.41", "2.40"))
    assert one.verdict is Verdict.REJECTED
    assert exposed(one, ("alpha",)) is one


def test_a_start_or_a_date_makes_a_listing_dated() -> None:
    words = Listing(source="s", key="k", sport="football", competition="", home="h", away="a")
    assert undated(words)
    assert not undated(msgspec.structs.replace(words, start=1))
    assert not undated(msgspec.structs.replace(words, date="2026-11-20"))

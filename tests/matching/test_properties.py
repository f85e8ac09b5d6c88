from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.clock import DAY
from crossbook.matching.fit import Fit, compare, likely, likeness
from crossbook.matching.group import events
from crossbook.matching.match import Outcome, link
from crossbook.matching.names import fold, normalise
from crossbook.model.quote import Listing
from tests.matching.listings import CLUBS, MINUTE

MARKS = ("", "", "", " Women", " U19", " II", " (W)", " FC")
WORDS = (
    "FC",
    "U 19",
    "women",
    "B",
    "ii",
    "2",
    "w",
    "jong",
    "St.",
    "Willem",
    "Nott'm",
    "Köln",
    "1.",
    "&",
    "sub",
    "20",
)
written = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join))
names = st.builds(
    lambda club, mark: club + mark,
    st.sampled_from([name for club in CLUBS[:9] for name in club]),
    st.sampled_from(MARKS),
)
starts = st.one_of(
    st.none(),
    st.sampled_from([0, 20, 60, 95, 240, 24 * 60]).map(lambda minutes: 19_000 * DAY + minutes * MINUTE),
)


@st.composite
def listings(draw):
    source, home, away = draw(st.sampled_from("abc")), draw(names), draw(names)
    start, date = draw(starts), draw(st.sampled_from([None, "2022-01-08", "2022-01-09"]))
    ids = draw(st.dictionaries(st.sampled_from("xy"), st.sampled_from("12"), max_size=1))
    key = draw(st.sampled_from("123456"))
    return Listing(
        source=source,
        key=key,
        sport="football",
        competition="",
        home=home,
        away=away,
        start=start,
        date=date,
        ids=ids,
    )


some = st.lists(listings(), max_size=9, unique_by=lambda each: (each.source, each.key))


@given(written)
def test_folding_and_normalising_twice_change_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert normalise(normalise(text).text) == normalise(text)


@given(written, written)
def test_comparing_is_symmetric(one, other):
    assert compare(normalise(one), normalise(other)) == compare(normalise(other), normalise(one))


words = st.text("abcdesu1", min_size=1, max_size=12)


@given(words, st.lists(words, max_size=30, unique=True))
def test_looking_at_many_words_at_once_finds_what_looking_at_each_finds(word, others):
    assert sorted(likely(word, others)) == sorted(each for each in others if likeness(word, each) > 0)


@given(some.flatmap(lambda each: st.tuples(st.just(each), st.permutations(each))))
def test_the_order_of_listings_does_not_matter(orders):
    assert link(orders[0]) == link(orders[1])


@given(some)
def test_every_accept_is_one_to_one_and_stands_on_both_names_and_all_hard_keys(given_listings):
    decisions = link(given_listings)
    used: Counter[tuple[str, str, str]] = Counter()
    for decision in decisions:
        left, right = decision.left, decision.right
        assert left.source < right.source
        if decision.outcome is not Outcome.ACCEPT:
            assert decision.names
            continue
        used[left.source, left.key, right.source] += 1
        used[right.source, right.key, left.source] += 1
        evidence = decision.evidence
        assert not evidence.swapped
        assert evidence.low >= (Fit.PARTIAL if evidence.ids_agree else Fit.TAIL)
        assert evidence.ids_agree or evidence.low >= Fit.CONTAINED or evidence.high >= Fit.CLOSE
        assert women(left) == women(right)
        for one, other in ((left.home, right.home), (left.away, right.away)):
            assert normalise(one).qualifiers - {"women"} == normalise(other).qualifiers - {"women"}
    assert set(used.values()) <= {1}


def women(listing):
    return any("women" in normalise(name).qualifiers for name in (listing.home, listing.away))


@given(some)
def test_events_hold_every_listing_once_and_one_of_a_source(given_listings):
    found = events(given_listings, link(given_listings))
    members = [(each.source, each.key) for group in found.groups for each in group.listings]
    assert sorted(members) == sorted((each.source, each.key) for each in given_listings)
    for group in found.groups:
        assert len({each.source for each in group.listings}) == len(group.listings)
    joined = {(each.source, each.key): group for group in found.groups for each in group.listings}
    for decision in found.decisions:
        if decision.outcome is Outcome.ACCEPT:
            left, right = ((each.source, each.key) for each in (decision.left, decision.right))
            assert joined[left] is joined[right]

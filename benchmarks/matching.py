"""Matching: one new event among ten thousand beside RapidFuzz's WRatio over all, and two venues at once.

The events are made up: teams of a made-up place and perhaps a further word, each venue with habits of its own (club
forms dropped or added, words shortened, some misspelt, kick-offs a little off). WRatio is given the two names as one
text and all texts of the other venue, as a plain script would do it; it decides nothing. Crossbook takes the listing
in, compares it with what is around it, decides, and takes it out again.
"""

from __future__ import annotations

import random
import statistics
import time
from itertools import product
from pathlib import Path

from rapidfuzz import fuzz, process

from crossbook.base.clock import SECOND
from crossbook.matching.decide import Outcome
from crossbook.matching.linker import Linker
from crossbook.matching.match import link
from crossbook.model.quote import Listing

EVENTS = 10_000
TEAMS = 6_000
NEW = 200
_ASKED = 20
"""So many of the new events are looked up the slow way, too."""
_KICK_OFF = 1_763_640_000 * SECOND
_SYLLABLES = [
    "".join(each) for each in product("bcdfghjklmnprstvwz", "aeiou", ["", "n", "r", "l", "st", "ck"])
]
_FORMS = ("FC", "SC", "AFC", "CF", "")
_SECOND = ("United", "City", "Rovers", "Town", "Athletic", "")


def made_up_events(count: int, teams: int, chosen: random.Random) -> list[tuple[str, str, int]]:
    """Matches of random teams over three days."""
    names: dict[str, None] = {}
    while len(names) < teams:
        place = "".join(chosen.choices(_SYLLABLES, k=chosen.randint(2, 3))).capitalize()
        names[f"{place} {chosen.choice(_SECOND)}".strip()] = None
    every = list(names)
    events = []
    for _ in range(count):
        home, away = chosen.sample(every, 2)
        events.append((home, away, _KICK_OFF + chosen.randrange(3 * 96) * 900 * SECOND))
    return events


def venue_listings(venue: str, events: list[tuple[str, str, int]], chosen: random.Random) -> list[Listing]:
    """All events as one venue writes them."""
    form, short = chosen.choice(_FORMS), chosen.random() < 0.3

    def written(team: str) -> str:
        place, *rest = team.split()
        if short:
            rest = [word[:3] for word in rest]
        if chosen.random() < 0.03:
            at = chosen.randrange(1, len(place))
            place = place[:at] + place[at + 1 :]
        return " ".join([place, *rest, form]).strip()

    return [
        Listing(
            source=venue,
            key=str(number),
            sport="football",
            competition="",
            home=written(home),
            away=written(away),
            start=start + (600 * SECOND if chosen.random() < 0.05 else 0),
        )
        for number, (home, away, start) in enumerate(events)
    ]


def compare(data: Path | None, rounds: int) -> None:
    """Print medians over the rounds. Recorded data is not used."""
    chosen = random.Random(7)
    events = made_up_events(EVENTS, TEAMS, chosen)
    known, others = (venue_listings(name, events, chosen) for name in ("first", "second"))
    _one_new(known, others, rounds)
    _all(known + others, rounds)


def _one_new(known: list[Listing], others: list[Listing], rounds: int) -> None:
    texts = [f"{each.home} {each.away}" for each in known]
    linker = Linker()
    linker.update([*known, *others[rounds * NEW :]])
    ours, theirs, right = [], [], 0
    for number in range(rounds):
        new = others[number * NEW : (number + 1) * NEW]
        began = time.perf_counter()
        for each in new[:_ASKED]:
            process.extractOne(f"{each.home} {each.away}", texts, scorer=fuzz.WRatio)
        theirs.append((time.perf_counter() - began) / _ASKED)
        began = time.perf_counter()
        for each in new:
            linker.change([each])
            links = linker.links((each.source, each.key))
            right += [key for (_, key), said in links.items() if said.outcome is Outcome.ACCEPT] == [each.key]
            linker.change((), [(each.source, each.key)])
        ours.append((time.perf_counter() - began) / NEW)
    mine, peer = statistics.median(ours), statistics.median(theirs)
    print(f"one new event among {len(known):,}")
    print(
        f"  Crossbook: taken in, decided, taken out {mine * 1e6:8,.0f} us, {right / NEW / rounds:.1%} joined"
    )
    print(f"  RapidFuzz: WRatio over all              {peer * 1e6:8,.0f} us, {peer / mine:.0f} times as long")


def _all(listings: list[Listing], rounds: int) -> None:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        decisions = link(listings)
        times.append(time.perf_counter() - began)
    took = statistics.median(times)
    accepted = [each for each in decisions if each.outcome is Outcome.ACCEPT]
    right = sum(each.left.key == each.right.key for each in accepted)
    print(f"two venues with {EVENTS:,} events each, at once")
    print(f"  {took:.1f} s, {len(listings) / took:,.0f} listings/s; {right / EVENTS:.1%} joined, ", end="")
    print(f"{len(accepted) - right} wrongly")


if __name__ == "__main__":
    compare(None, 3)

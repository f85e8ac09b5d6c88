"""Short ways to make listings, and a season as two sources with habits of their own would list it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from crossbook.base.clock import SECOND, parse_time
from crossbook.matching.match import Decision, link
from crossbook.model.quote import Listing

MINUTE = 60 * SECOND


def listing(source: str, home: str, away: str, when: str | None = "2024-03-02", **fields) -> Listing:
    """A football listing; `when` is a date, or a start with a time in it."""
    timed = when is not None and "T" in when
    given = {
        "source": source,
        "key": f"{home}/{away}/{when}",
        "sport": "football",
        "competition": "",
        "home": home,
        "away": away,
        "date": None if timed else when,
        "start": parse_time(when) if when is not None and timed else None,
    }
    return Listing(**(given | fields))


def only(*listings: Listing) -> Decision:
    """The single decision on these listings."""
    (decision,) = link(listings)
    return decision


class Club(NamedTuple):
    """One club as an exchange, a bookmaker and an official site write it."""

    exchange: str
    bookmaker: str
    official: str


CLUBS = (
    Club("Arsenal", "Arsenal", "Arsenal F.C."),
    Club("Man Utd", "Manchester United", "Manchester United FC"),
    Club("Man City", "Manchester City", "Manchester City FC"),
    Club("Tottenham", "Spurs", "Tottenham Hotspur"),
    Club("Brighton", "Brighton & Hove Albion", "Brighton and Hove Albion FC"),
    Club("Ipswich", "Ipswich Town", "Ipswich Town FC"),
    Club("Leeds", "Leeds Utd", "Leeds United"),
    Club("Sheff Utd", "Sheffield United", "Sheffield United FC"),
    Club("Sheff Wed", "Sheffield Wednesday", "Sheffield Wednesday FC"),
    Club("Malmo FF", "Malmö", "Malmö FF"),
    Club("Brondby", "Brøndby IF", "Brøndbyernes IF"),
    Club("Legia Warsaw", "Legia Warszawa", "Legia Warszawa"),
    Club("Fenerbahce", "Fenerbahçe", "Fenerbahçe SK"),
    Club("Basaksehir", "Istanbul Başakşehir", "Başakşehir F.K."),
    Club("Dynamo Kyiv", "Dynamo Kiev", "FC Dynamo Kyiv"),
    Club("Din Zagreb", "Dinamo Zagreb", "GNK Dinamo Zagreb"),
    Club("PSG", "Paris St-Germain", "Paris Saint-Germain"),
    Club("St Etienne", "Saint-Etienne", "AS Saint-Étienne"),
    Club("Sturm Graz", "SK Sturm Graz", "SK Puntigamer Sturm Graz"),
    Club("Rosenborg", "Rosenborg BK", "Rosenborg Ballklub"),
)


def season(first: str, second: str) -> list[tuple[Listing, Listing]]:
    """A round robin of the clubs, ten matches a day and a round every third day, as two of the habits list it."""
    order, pairs = list(CLUBS), []
    for played in range(len(CLUBS) - 1):
        day = (date(2024, 8, 3) + timedelta(days=3 * played)).isoformat()
        half = len(order) // 2
        for home, away in zip(order[:half], reversed(order[half:]), strict=True):
            pairs.append(
                tuple(
                    listing(each, getattr(home, each), getattr(away, each), day) for each in (first, second)
                )
            )
        order.insert(1, order.pop())
    return [(one, other) for one, other in pairs]

"""Other names of well-known teams that no comparison of letters would find, as data.

General knowledge, kept small on purpose: everything else is learned from pairs a person or an id has confirmed.
"""

from __future__ import annotations

from typing import Final

WELL_KNOWN: Final[dict[str, tuple[str, ...]]] = {
    # England and Scotland
    "manchester united": ("man united", "man utd", "manchester utd", "mufc"),
    "manchester city": ("man city", "mcfc"),
    "wolverhampton wanderers": ("wolves", "wolverhampton"),
    "tottenham hotspur": ("spurs", "tottenham"),
    "queens park rangers": ("qpr",),
    "west bromwich albion": ("west brom", "wba", "west bromwich"),
    "west ham united": ("west ham",),
    "crystal palace": ("c palace",),
    "brighton and hove albion": ("brighton",),
    "nottingham forest": ("notts forest",),
    "sheffield wednesday": ("sheff wed", "sheffield weds", "sheff wednesday"),
    "sheffield united": ("sheff utd", "sheff united"),
    "milton keynes dons": ("mk dons",),
    "peterborough united": ("peterboro",),
    "dagenham and redbridge": ("dag and red",),
    "accrington stanley": ("accrington",),
    "crewe alexandra": ("crewe",),
    "heart of midlothian": ("hearts",),
    "hibernian": ("hibs",),
    "inverness caledonian thistle": ("inverness", "inverness ct", "caley thistle"),
    # Spain and Portugal
    "athletic bilbao": ("athletic club",),
    "atletico madrid": ("ath madrid", "atleti", "atletico de madrid"),
    "deportivo la coruna": ("la coruna", "rc deportivo", "depor"),
    "espanyol": ("espanol",),
    "sporting gijon": ("sp gijon", "sporting de gijon"),
    "sporting lisbon": ("sp lisbon", "sporting cp", "sporting clube de portugal"),
    "vitoria guimaraes": ("guimaraes", "vitoria sc"),
    "sporting braga": ("sp braga", "braga"),
    # Italy
    "inter milan": ("inter", "internazionale", "internazionale milano", "fc internazionale milano"),
    "ac milan": ("milan",),
    "hellas verona": ("verona",),
    # Germany
    "borussia monchengladbach": ("bmg", "monchengladbach"),
    "borussia dortmund": ("bvb",),
    "hamburger sv": ("hsv", "hamburg"),
    "hertha berlin": ("hertha bsc", "hertha"),
    "eintracht frankfurt": ("sge",),
    "rb leipzig": ("rasenballsport leipzig", "red bull leipzig"),
    "munich 1860": ("1860 munich", "tsv 1860"),
    # France
    "paris saint germain": ("psg", "paris sg"),
    "olympique marseille": ("marseille",),
    "olympique lyonnais": ("lyon", "olympique lyon"),
    "saint etienne": ("asse",),
    # The Netherlands and Belgium
    "nec nijmegen": ("nec", "nijmegen"),
    "psv eindhoven": ("psv",),
    "az alkmaar": ("az",),
    "ado den haag": ("den haag",),
    "club brugge": ("brugge", "club bruges"),
    # elsewhere
    "red star belgrade": ("crvena zvezda",),
    "internacional porto alegre": ("internacional",),
    "new york city": ("nycfc", "ny city"),
    "new york red bulls": ("ny red bulls",),
}
"""Canonical name: other names. Every name is compared folded."""

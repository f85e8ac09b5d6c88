"""Words that mean something special in the names of teams and competitions, as data."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FORMS: Final = _words(
    "fc afc cf cfc sc ssc asc ac acf as asd ss ssd us usd cd ca cp ud sd rc rcd sv sfc fk sk nk hk "
    "gnk bk bc bsc if ik fsv tsg tsv vfb vfl spvgg sg ssv kv kvc kfc rsc rkc sbv ofk hnk mfk tj cr ec "
    "se ad aa sad fbc cs csm afk pfk club clube calcio futbol football futebol fotball fodbold "
    "voetbal balompie foot team clb ks mks gks de del do da di du of the and y e und et van"
)
"""Weak evidence: sources add and drop these words freely, but they are not always wrong to differ."""

GENERIC: Final = _words(
    "united city town rovers wanderers albion athletic atletico athletico atletic county hotspur "
    "rangers real royal royale sporting sport sportive deportivo deportiva racing olympique olympic "
    "olimpia stade union unione inter internacional internazionale dynamo lokomotiv spartak cska "
    "torpedo borussia eintracht fortuna arminia viktoria victoria concordia hertha werder bayer "
    "bayern alemannia jahn energie academica academico nacional national independiente universidad "
    "universitario central juventud juventude america americano estrela stella red star white blue "
    "young old boys juniors la las los el al le les saint san santa sao park wednesday argyle "
    "alexandra harriers orient villa palace forest pride"
)
"""Words many teams share: they say which of a place's teams is meant, but never name a team by themselves."""

DISTINGUISHING: Final = _words(
    "north south east west northern southern eastern western equatorial new dr democratic american "
    "british sud nord norte sur este oeste central"
)
"""Words that, when only one side has them, name somebody else: Northern Ireland is not Ireland."""

SHARED_PLACES: Final = _words(
    "manchester sheffield bristol nottingham dundee glasgow edinburgh london dublin belfast madrid "
    "milan rome turin genoa verona seville lisbon athens istanbul ankara moscow prague vienna "
    "belgrade zagreb bucharest sofia budapest warsaw cracow copenhagen stockholm gothenburg brussels "
    "rotterdam berlin munich paris york angeles chicago melbourne sydney cairo tehran tokyo"
)
"""Places with several well-known teams: alone, such a word says less than it seems to."""

SPELLINGS: Final[dict[str, str]] = {
    # short forms
    "st": "saint",
    "ste": "saint",
    "sankt": "saint",
    "utd": "united",
    "weds": "wednesday",
    "wed": "wednesday",
    "ath": "athletic",
    "atl": "atletico",
    "int": "inter",
    "bor": "borussia",
    "dyn": "dynamo",
    "loko": "lokomotiv",
    "lok": "lokomotiv",
    "dep": "deportivo",
    "univ": "universidad",
    "mgladbach": "monchengladbach",
    "gladbach": "monchengladbach",
    "nottm": "nottingham",
    # one place in two languages
    "munchen": "munich",
    "muenchen": "munich",
    "koln": "cologne",
    "koeln": "cologne",
    "nurnberg": "nuremberg",
    "nuernberg": "nuremberg",
    "hanover": "hannover",
    "sevilla": "seville",
    "roma": "rome",
    "milano": "milan",
    "torino": "turin",
    "napoli": "naples",
    "genova": "genoa",
    "firenze": "florence",
    "venezia": "venice",
    "praha": "prague",
    "wien": "vienna",
    "warszawa": "warsaw",
    "lisboa": "lisbon",
    "kobenhavn": "copenhagen",
    "goteborg": "gothenburg",
    "moskva": "moscow",
    "moskau": "moscow",
    "beograd": "belgrade",
    "bucuresti": "bucharest",
    "athina": "athens",
    "bruges": "brugge",
    "ghent": "gent",
    "antwerpen": "antwerp",
    "basle": "basel",
    "geneve": "geneva",
    "marseilles": "marseille",
    "lyons": "lyon",
    "krakow": "cracow",
    "kyiv": "kiev",
    "dinamo": "dynamo",
    "lokomotive": "lokomotiv",
}
"""Spellings of one word. A value is never a key of another entry."""

QUALIFIERS: Final[dict[str, str]] = {
    word: qualifier
    for qualifier, words in {
        "women": "women womens woman ladies femenino femenina femenil femeni feminin feminine feminino feminina "
        "feminines femminile frauen damen kvinner kvinder damer dames vrouwen girls wfc fem",
        "youth": "youth academy primavera juvenil",
        "reserves": "reserves reserve res castilla amateure",
        "third": "third",
        "virtual": "virtual esports esoccer efootball esport cyber srl simulated",
        "futsal": "futsal",
        "beach": "beach",
    }.items()
    for word in words.split()
}
"""A word anywhere in a name that says another side of the club is meant."""

LAST_WORD_QUALIFIERS: Final[dict[str, str]] = {
    "w": "women",
    "f": "women",
    "ii": "reserves",
    "b": "reserves",
    "2": "reserves",
    "iii": "third",
    "c": "third",
    "3": "third",
}
"""The same, only as the last word: the name in front of it must stand without it."""

FIRST_WORD_QUALIFIERS: Final[dict[str, str]] = {"jong": "reserves"}
"""The same, only as the first word."""

NUMBERED_NAMES: Final = frozenset({("willem", "ii"), ("pablo", "ii"), ("paulo", "ii"), ("paul", "ii")})
"""Endings that look like a second team and are part of the name."""

COMPETITION_QUALIFIERS: Final[dict[str, str]] = QUALIFIERS | {
    "wsl": "women",
    "nwsl": "women",
    "wnba": "women",
    "damallsvenskan": "women",
    "toppserien": "women",
    "esoccerbattle": "virtual",
}

WHOLE_EVENT: Final = frozenset({"women", "virtual", "futsal", "beach"})
"""Qualifiers that, said of one side of an event, hold for the other side too."""

SPORTS: Final[dict[str, str]] = {
    "soccer": "football",
    "association football": "football",
    "mixed martial arts": "mma",
    "ufc": "mma",
}
"""Other words for a sport."""

INDIVIDUAL: Final = frozenset(
    {"tennis", "table tennis", "badminton", "squash", "padel", "darts", "snooker", "pool", "boxing", "mma"}
)
"""Sports of players, alone or in pairs, and not of teams."""

SELDOM_MEET: Final = frozenset(
    {"football", "rugby", "rugby union", "rugby league", "american football", "boxing", "mma"}
)
"""Sports in which the same two sides do not meet again a day later, so that a date alone can name the event."""

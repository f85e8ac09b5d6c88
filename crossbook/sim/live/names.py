"""Who plays in the live world, and how each source writes it.

The three club leagues of the recording, and World Cup qualifying, whose teams the site workers' sites write in
Indonesian. The sites' spellings of clubs are their own too: one shouts, the other shortens. Every spelling is one
a careful reader is sure of when he sees who plays whom, and when.
"""

from __future__ import annotations

import unicodedata
from random import Random
from typing import Final

from crossbook.base.clock import SECOND
from crossbook.sim.clubs import LEAGUES as CLUB_LEAGUES
from crossbook.sim.clubs import Club, League
from crossbook.sim.truth import Fixture

FEED: Final = "the-odds-api"
EXCHANGE: Final = "betfair"
CONTRACTS: Final = "polymarket"
SBO: Final = "worker/sbo-1"
IBC: Final = "worker/ibc-1"
CONNECTED: Final = (EXCHANGE, CONTRACTS, SBO, IBC)
"""The sources with a connection that can be cut."""
LIFE_S: Final = {FEED: 6, EXCHANGE: 4, CONTRACTS: 4, SBO: 4, IBC: 4}
"""How long a price stands after its source's last delivery; the feed's leagues share theirs."""

_HOUR: Final = 3_600 * SECOND
_QUARTER: Final = 900 * SECOND

# odds feed | exchange | prediction market | Indonesian | code; an empty cell is the odds feed's name
_EUROPE: Final = """
    Germany                |                | | Jerman              | GER
    Netherlands            |                | | Belanda             | NED
    England                |                | | Inggris             | ENG
    Spain                  |                | | Spanyol             | ESP
    France                 |                | | Prancis             | FRA
    Italy                  |                | | Italia              | ITA
    Portugal               |                | | Portugal            | POR
    Belgium                |                | | Belgia              | BEL
    Croatia                |                | | Kroasia             | CRO
    Switzerland            |                | | Swiss               | SUI
    Austria                |                | | Austria             | AUT
    Denmark                |                | | Denmark             | DEN
    Sweden                 |                | | Swedia              | SWE
    Norway                 |                | | Norwegia            | NOR
    Finland                |                | | Finlandia           | FIN
    Poland                 |                | | Polandia            | POL
    Czech Republic         |                | Czechia | Republik Ceko | CZE
    Hungary                |                | | Hungaria            | HUN
    Greece                 |                | | Yunani              | GRE
    Turkey                 |                | | Turki               | TUR
    Serbia                 |                | | Serbia              | SRB
    Romania                |                | | Rumania             | ROU
    Bulgaria               |                | | Bulgaria            | BUL
    Scotland               |                | | Skotlandia          | SCO
    Wales                  |                | | Wales               | WAL
    Iceland                |                | | Islandia            | ISL
    Ukraine                |                | | Ukraina             | UKR
    Slovenia               |                | | Slovenia            | SVN
    Albania                |                | | Albania             | ALB
    Georgia                |                | | Georgia             | GEO
    Lithuania              |                | | Lituania            | LTU
    Latvia                 |                | | Latvia              | LVA
"""
_AFRICA: Final = """
    Ivory Coast            |                | | Pantai Gading       | CIV
    Egypt                  |                | | Mesir               | EGY
    Morocco                |                | | Maroko              | MAR
    Algeria                |                | | Aljazair            | ALG
    South Africa           |                | | Afrika Selatan      | RSA
    Cameroon               |                | | Kamerun             | CMR
    Nigeria                |                | | Nigeria             | NGA
    Ghana                  |                | | Ghana               | GHA
    Senegal                |                | | Senegal             | SEN
    Tunisia                |                | | Tunisia             | TUN
    Ethiopia               |                | | Etiopia             | ETH
    Cape Verde             |                | | Tanjung Verde       | CPV
"""
_ASIA: Final = """
    South Korea            |                | | Korea Selatan       | KOR
    Japan                  |                | | Jepang              | JPN
    Saudi Arabia           |                | | Arab Saudi          | KSA
    United Arab Emirates   |                | | Uni Emirat Arab     | UAE
    Iraq                   |                | | Irak                | IRQ
    Jordan                 |                | | Yordania            | JOR
    Philippines            |                | | Filipina            | PHI
    Singapore              |                | | Singapura           | SGP
    New Zealand            |                | | Selandia Baru       | NZL
    Uzbekistan             |                | | Uzbekistan          | UZB
"""
_AMERICA: Final = """
    Brazil                 |                | | Brasil              | BRA
    Argentina              |                | | Argentina           | ARG
    Uruguay                |                | | Uruguay             | URU
    Colombia               |                | | Kolombia            | COL
    Chile                  |                | | Chili               | CHI
    Ecuador                |                | | Ekuador             | ECU
    Peru                   |                | | Peru                | PER
    Paraguay               |                | | Paraguay            | PAR
    United States          | USA            | USA | Amerika Serikat | USA
    Mexico                 |                | | Meksiko             | MEX
"""


def _table(text: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in row.split("|")] for row in text.strip().splitlines()]
    return [[cell or row[0] for cell in row] for row in rows]


_GROUPS: Final = tuple(map(_table, (_EUROPE, _AFRICA, _ASIA, _AMERICA)))
_INDONESIAN: Final = {row[0]: row[3] for group in _GROUPS for row in group}
_NATIONS: Final = tuple(
    tuple(Club(row[0], row[0], row[1], row[2], row[4]) for row in group) for group in _GROUPS
)

QUALIFYING: Final = League(
    name="World Cup Qualifying",
    country_code="",
    feed_key="soccer_fifa_world_cup_qualifiers",
    feed_title="FIFA World Cup Qualifiers",
    aggregator_name="International - World Cup Qualification",
    aggregator_slug="international-world-cup-qualification",
    prediction_series="KXWCQGAME",
    prediction_name="World Cup Qualifiers",
    clubs=tuple(club for group in _NATIONS for club in group),
)
LEAGUES: Final = (*CLUB_LEAGUES, QUALIFYING)
"""The leagues of the live world; a fixture's `competition` is the name of one of them."""

_SITE_LEAGUES: Final = {
    "Premier League": ("ENGLISH PREMIER LEAGUE", "England Premier League"),
    "La Liga": ("SPANISH LA LIGA", "Spain La Liga"),
    "Bundesliga": ("GERMAN BUNDESLIGA", "Germany Bundesliga"),
    QUALIFYING.name: ("KUALIFIKASI PIALA DUNIA", "Kualifikasi Piala Dunia"),
}


def league_of(fixture: Fixture) -> League:
    """The league a fixture belongs to."""
    return next(league for league in LEAGUES if league.name == fixture.competition)


def feed_source(league: League) -> str:
    """The source that polls this league at The Odds API."""
    return f"{FEED}/{league.feed_key}"


FEEDS: Final = tuple(feed_source(league) for league in LEAGUES)
"""The sources that are polled, one for each league."""


def life_of(source: str) -> int:
    """How long a source's prices stand after its last delivery, in seconds."""
    return LIFE_S[FEED if source in FEEDS else source]


def site_league(fixture: Fixture, source: str) -> str:
    """The league's name as the site of a worker writes it."""
    return _SITE_LEAGUES[fixture.competition][source == IBC]


def make_fixtures(seed: int, start: int, count: int) -> tuple[Fixture, ...]:
    """`count` fixtures that kick off from three hours to some days after `start`.

    The leagues take turns. When every team has its match, another round follows three days later with new pairs.
    """
    random = Random(f"{seed}/live/fixtures")
    first = -(-(start + 3 * _HOUR) // _QUARTER) * _QUARTER
    fixtures: list[Fixture] = []
    met: set[frozenset[str]] = set()
    day = 0
    while len(fixtures) < count:
        pairs = [_pairs(random, league, met) for league in LEAGUES]
        for place in range(max(map(len, pairs))):
            for league, matches in zip(LEAGUES, pairs, strict=True):
                if place < len(matches) and len(fixtures) < count:
                    kick_off = first + day * 24 * _HOUR + random.randrange(160) * _QUARTER
                    fixtures.append(_fixture(random, len(fixtures), league, *matches[place], kick_off))
        day += 3
    return tuple(fixtures)


def _pairs(random: Random, league: League, met: set[frozenset[str]]) -> list[tuple[Club, Club]]:
    """One round of a league in which nobody meets the same team again; nations stay on their continent."""
    groups = _NATIONS if league is QUALIFYING else (league.clubs,)
    pairs: list[tuple[Club, Club]] = []
    for group in groups:
        while True:
            teams = random.sample(group, len(group))
            drawn = list(zip(teams[::2], teams[1::2], strict=True))
            if not any(frozenset((home.feed, away.feed)) in met for home, away in drawn):
                break
        pairs += drawn
    met.update(frozenset((home.feed, away.feed)) for home, away in pairs)
    random.shuffle(pairs)
    return pairs


def _fixture(random: Random, number: int, league: League, home: Club, away: Club, kick_off: int) -> Fixture:
    rates = random.randint(800, 2200), random.randint(600, 1900)
    feed = feed_source(league)
    sides = (home, away)
    return Fixture(
        number=number,
        competition=league.name,
        home=home.feed,
        away=away.feed,
        kick_off=kick_off,
        rates=rates,
        earlier_rates=(_drifted(random, rates[0]), _drifted(random, rates[1])),
        names={
            feed: (home.feed, away.feed),
            EXCHANGE: (home.exchange, away.exchange),
            CONTRACTS: (home.prediction, away.prediction),
            SBO: (_shouted(sides[0]), _shouted(sides[1])),
            IBC: (_shortened(sides[0]), _shortened(sides[1])),
        },
        ids={
            feed: f"{random.getrandbits(128):032x}",
            EXCHANGE: str(35_300_000 + 1_000 * number + random.randrange(1_000)),
            CONTRACTS: str(250_000 + 100 * number + random.randrange(100)),
            SBO: str(8_100_000 + 100 * number + random.randrange(100)),
            IBC: str(47_600_000 + 100 * number + random.randrange(100)),
        },
    )


def _drifted(random: Random, rate: int) -> int:
    """The rate of a while ago. Further off, the slow book's price of a total would make an outlier of the fair one."""
    return rate * (1000 + random.choice((-1, 1)) * random.randint(40, 90)) // 1000


def _shouted(club: Club) -> str:
    """Capitals without accents: ``MANCHESTER UTD``, ``JERMAN``."""
    name = unicodedata.normalize("NFKD", _INDONESIAN.get(club.feed, club.feed))
    letters = "".join(letter for letter in name if not unicodedata.combining(letter)).upper()
    return letters.replace(" UNITED", " UTD").replace(" AND ", " & ")


def _shortened(club: Club) -> str:
    """The short form of a betting slip: ``Man Utd``, ``Jerman``."""
    return _INDONESIAN.get(club.feed, club.exchange.replace("C Palace", "Crystal Palace"))

"""Three leagues and the different names that each source gives their clubs."""

from __future__ import annotations

from typing import Final

import msgspec


class Club(msgspec.Struct, frozen=True):
    """One club: its name in each source, and the three letters the prediction market uses in its tickers."""

    feed: str
    aggregator: str
    exchange: str
    prediction: str
    code: str


class League(msgspec.Struct, frozen=True, kw_only=True):
    """One league: its name, its keys in the sources, and its clubs."""

    name: str
    country_code: str
    feed_key: str
    feed_title: str
    aggregator_name: str
    aggregator_slug: str
    prediction_series: str
    prediction_name: str
    clubs: tuple[Club, ...]


def _clubs(table: str) -> tuple[Club, ...]:
    rows = [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()]
    return tuple(Club(*(cell or row[0] for cell in row)) for row in rows)


# odds feed | aggregator | exchange | prediction market | code; an empty cell is the odds feed's name
_ENGLAND: Final = """
    Arsenal                  | Arsenal FC              | Arsenal        |                | ARS
    Aston Villa              |                         | Aston Villa    |                | AVL
    Bournemouth              | AFC Bournemouth         | Bournemouth    |                | BOU
    Brentford                | Brentford FC            | Brentford      |                | BRE
    Brighton and Hove Albion | Brighton & Hove Albion  | Brighton       | Brighton       | BRI
    Burnley                  | Burnley FC              | Burnley        |                | BUR
    Chelsea                  | Chelsea FC              | Chelsea        |                | CFC
    Crystal Palace           |                         | C Palace       |                | CRY
    Everton                  | Everton FC              | Everton        |                | EVE
    Fulham                   | Fulham FC               | Fulham         |                | FUL
    Leeds United             |                         | Leeds          | Leeds          | LEE
    Liverpool                | Liverpool FC            | Liverpool      |                | LFC
    Manchester City          |                         | Man City       |                | MCI
    Manchester United        | Manchester United FC    | Man Utd        |                | MUN
    Newcastle United         |                         | Newcastle      | Newcastle      | NEW
    Nottingham Forest        |                         | Nottm Forest   | Nottingham     | NFO
    Sunderland               | Sunderland AFC          | Sunderland     |                | SUN
    Tottenham Hotspur        |                         | Tottenham      | Tottenham      | TOT
    West Ham United          |                         | West Ham       | West Ham       | WHU
    Wolverhampton Wanderers  |                         | Wolves         | Wolverhampton  | WOL
"""
_SPAIN: Final = """
    Alavés                   | Deportivo Alavés        | Alaves         | Alaves         | ALA
    Athletic Bilbao          | Athletic Club Bilbao    | Athletic Bilbao|                | ATH
    Atlético Madrid          | Atletico de Madrid      | Atletico Madrid| Atletico       | ATM
    Barcelona                | FC Barcelona            | Barcelona      |                | BAR
    Celta Vigo               | RC Celta de Vigo        | Celta Vigo     | Celta          | CEL
    Elche CF                 | Elche                   | Elche          | Elche          | ELC
    Espanyol                 | RCD Espanyol            | Espanyol       |                | ESP
    Getafe                   | Getafe CF               | Getafe         |                | GET
    Girona                   | Girona FC               | Girona         |                | GIR
    Levante                  | Levante UD              | Levante        |                | LEV
    Mallorca                 | RCD Mallorca            | Mallorca       |                | MLL
    CA Osasuna               | Osasuna                 | Osasuna        | Osasuna        | OSA
    Oviedo                   | Real Oviedo             | Oviedo         |                | OVI
    Rayo Vallecano           | Rayo Vallecano de Madrid| Rayo Vallecano | Rayo Vallecano | RVC
    Real Betis               | Real Betis Sevilla      | Betis          | Betis          | RBB
    Real Madrid              | Real Madrid CF          | Real Madrid    |                | RMA
    Real Sociedad            | Real Sociedad de Futbol | Real Sociedad  |                | RSO
    Sevilla                  | Sevilla FC              | Sevilla        |                | SEV
    Valencia                 | Valencia CF             | Valencia       |                | VAL
    Villarreal               | Villarreal CF           | Villarreal     |                | VIL
"""
_GERMANY: Final = """
    FC Augsburg              | Augsburg                | Augsburg       | Augsburg       | FCA
    Bayer Leverkusen         | Bayer 04 Leverkusen     | Leverkusen     | Leverkusen     | B04
    Bayern Munich            | Bayern Muenchen         | Bayern Munich  |                | BMU
    Borussia Dortmund        |                         | Dortmund       | Dortmund       | BVB
    Borussia Monchengladbach | Borussia Moenchengladbach | Mgladbach    | Monchengladbach| BMG
    Eintracht Frankfurt      |                         | Eintracht Frankfurt | Frankfurt | SGE
    SC Freiburg              | Freiburg                | Freiburg       | Freiburg       | SCF
    1. FC Heidenheim         | Heidenheim              | FC Heidenheim  | Heidenheim     | HDH
    TSG Hoffenheim           | TSG 1899 Hoffenheim     | Hoffenheim     | Hoffenheim     | TSG
    Hamburger SV             | Hamburg                 | Hamburger SV   | Hamburg        | HSV
    1. FC Köln               | FC Koeln                | FC Koln        | Koln           | KOE
    RB Leipzig               | RasenBallsport Leipzig  | RB Leipzig     |                | RBL
    FSV Mainz 05             | 1. FSV Mainz 05         | Mainz          | Mainz          | M05
    FC St. Pauli             | St. Pauli               | St Pauli       | St. Pauli      | STP
    VfB Stuttgart            |                         | Stuttgart      | Stuttgart      | VFB
    Union Berlin             | 1. FC Union Berlin      | Union Berlin   |                | FCU
    Werder Bremen            | SV Werder Bremen        | Werder Bremen  | Bremen         | SVW
    VfL Wolfsburg            |                         | Wolfsburg      | Wolfsburg      | WOB
"""

LEAGUES: Final = (
    League(
        name="Premier League",
        country_code="GB",
        feed_key="soccer_epl",
        feed_title="EPL",
        aggregator_name="England - Premier League",
        aggregator_slug="england-premier-league",
        prediction_series="KXEPLGAME",
        prediction_name="EPL",
        clubs=_clubs(_ENGLAND),
    ),
    League(
        name="La Liga",
        country_code="ES",
        feed_key="soccer_spain_la_liga",
        feed_title="La Liga - Spain",
        aggregator_name="Spanyol - Liga Spanyol",
        aggregator_slug="spain-laliga",
        prediction_series="KXLALIGAGAME",
        prediction_name="La Liga",
        clubs=_clubs(_SPAIN),
    ),
    League(
        name="Bundesliga",
        country_code="DE",
        feed_key="soccer_germany_bundesliga",
        feed_title="Bundesliga - Germany",
        aggregator_name="Jerman - Liga Jerman",
        aggregator_slug="germany-bundesliga",
        prediction_series="KXBUNDESLIGAGAME",
        prediction_name="Bundesliga",
        clubs=_clubs(_GERMANY),
    ),
)
"""Two of the aggregator's league names and a few of its German clubs are spelt as on an Indonesian page."""

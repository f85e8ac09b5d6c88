"""The rules of bookmakers that were read, each with its source."""

from __future__ import annotations

from typing import Final

from crossbook.model.rules import NEXT_DAY, SAME_DAY, UNTIL_PLAYED, RuleSet, said

_READ: Final = "2026-11-20"
_ONE_SET: Final = (
    "third party: https://www.profitsquirrel.co.uk/blog/tennis-retirement-rules, type 1 (one set completed)"
)

BOOKMAKERS: Final = (
    RuleSet(
        "888sport",
        "888sport",
        ("888sport", "sport888"),
        _READ,
        (
            *said(
                "http://www.888sport.com/static/uk/Football.shtml",
                "football",
                postponed=SAME_DAY,
                resumed=SAME_DAY,
                abandoned="decided_stand",
            ),
            *said(_ONE_SET, "tennis", retired="first_set"),
        ),
    ),
    RuleSet(
        "bet365",
        "bet365",
        ("bet365", "bet365_no_latency"),
        _READ,
        said(
            "third party: https://tennisbet.net/tennis-betting-rules, case 2",
            "tennis",
            retired="match_complete",
        ),
        "Its own rules on football could not be opened.",
    ),
    RuleSet(
        "betmgm_uk",
        "BetMGM UK",
        ("betmgm_uk",),
        _READ,
        said("https://help.betmgm.co.uk/hc/en-gb/articles/12189685529618", postponed=12),
        "In tournaments a match moved by a day stands if neither side played another.",
    ),
    RuleSet(
        "boylesports",
        "BoyleSports",
        ("boylesports",),
        _READ,
        said(
            "https://boylesports.zendesk.com/hc/en-us/articles/360012180114-General-Sports-Rules",
            abandoned="official",
        ),
    ),
    RuleSet("bwin", "bwin", ("bwin",), _READ, said(_ONE_SET, "tennis", retired="first_set")),
    RuleSet(
        "coral",
        "Coral",
        ("coral",),
        _READ,
        (
            *said(
                "https://help.coral.co.uk/en/sports-help/betting-queries/postponed-event",
                postponed=0,
                resumed=0,
                abandoned="decided_stand",
            ),
            *said(
                "https://help.coral.co.uk/en/sports-help/betting-queries/postponed-event",
                "horse-racing",
                postponed=SAME_DAY,
            ),
            *said(
                "https://help.coral.co.uk/en/sports-help/sports-queries/non-runners",
                "horse-racing",
                withdrawn="refund",
            ),
            *said(_ONE_SET, "tennis", retired="first_set"),
        ),
        "Unless the rules of a sport say otherwise, which could not be opened.",
    ),
    RuleSet(
        "dabble_uk",
        "Dabble UK",
        ("dabble_uk",),
        _READ,
        said(
            "http://helpdesk.dabble.co.uk/en/articles/11430690-football, 14.1.1 to 14.1.5",
            "football",
            postponed=48,
            resumed=48,
            restarted="stands",
            abandoned="decided_stand",
        ),
    ),
    RuleSet(
        "ladbrokes",
        "Ladbrokes",
        ("ladbrokes", "ladbrokes_uk"),
        _READ,
        said(_ONE_SET, "tennis", retired="first_set"),
    ),
    RuleSet(
        "leovegas_de",
        "LeoVegas Germany",
        ("leovegas_de",),
        _READ,
        said(
            "https://help.leovegas.de/hc/de/articles/21152427990162",
            "tennis",
            retired="first_set",
        ),
    ),
    RuleSet(
        "marathonbet",
        "Marathonbet",
        ("marathonbet", "marathon_bet"),
        _READ,
        said(_ONE_SET, "tennis", retired="first_set"),
    ),
    RuleSet(
        "paddypower",
        "Paddy Power",
        ("paddypower", "paddy_power"),
        _READ,
        (
            *said(
                "https://helpcenter.paddypower.com/app/answers/detail/804-other-settlement-queries",
                "darts",
                postponed=NEXT_DAY,
            ),
            *said(_ONE_SET, "tennis", retired="first_set"),
            *said(
                "http://help.paddypower.com/index.php?action=showPage&showSub=8&showPage=172",
                dead_heat="divide",
            ),
        ),
    ),
    RuleSet(
        "paf",
        "Paf",
        ("paf",),
        _READ,
        (
            *said("https://support.paf.com/hc/en-us/articles/13193214003356", postponed=12, resumed=12),
            *said(
                "https://support.paf.com/hc/en-us/articles/13193214003356",
                "tennis",
                postponed=UNTIL_PLAYED,
                retired="first_set",
            ),
        ),
        "Until it is played: within the tournament.",
    ),
    RuleSet(
        "pinnacle",
        "Pinnacle",
        ("pinnacle",),
        _READ,
        said(
            "https://help.future.pinnacle.com/pl/support/solutions/articles/11000090917",
            "tennis",
            retired="first_set",
            retired_others="void",
        ),
        "Its rules on postponed and abandoned football could not be opened.",
    ),
    RuleSet(
        "sportingbet",
        "Sportingbet",
        ("sportingbet",),
        _READ,
        said(
            "https://service.sportingbet.com/en/sports-help/sports-betting/bet-settlement/postponed-bet",
            resumed=SAME_DAY,
            abandoned="decided_stand",
        ),
    ),
    RuleSet(
        "sportsbet",
        "Sportsbet Australia",
        ("sportsbet",),
        _READ,
        (
            *said(
                "https://helpcentre.sportsbet.com.au/hc/en-us/articles/20516863100685",
                "football",
                postponed=SAME_DAY,
                resumed=SAME_DAY,
                abandoned="decided_stand",
            ),
            *said(
                "https://helpcentre.sportsbet.com.au/hc/en-us/articles/18432310698125",
                "tennis",
                postponed=UNTIL_PLAYED,
            ),
            *said(
                "https://helpcentre.sportsbet.com.au/hc/en-us/articles/360056521131",
                "tennis",
                retired="first_set",
                retired_others="void",
                retired_loser="void",
            ),
        ),
        "At major tournaments of football 72 hours.",
    ),
    RuleSet(
        "stoiximan",
        "Stoiximan",
        ("stoiximan",),
        _READ,
        (
            *said("https://stoiximan.zendesk.com/hc/en-cy/articles/360018683378", postponed=30, resumed=30),
            *said(
                "https://stoiximan.zendesk.com/hc/en-cy/articles/360018683378",
                "tennis",
                postponed=UNTIL_PLAYED,
                resumed=UNTIL_PLAYED,
            ),
        ),
        "Counted to the end of the event.",
    ),
    RuleSet(
        "tipico",
        "Tipico",
        ("tipico", "tipico_de"),
        _READ,
        said(
            "https://sports.tipico-support.de/en/football-special-features-rules-for-sports-betting",
            "football",
            postponed=NEXT_DAY,
            resumed=NEXT_DAY,
            abandoned="decided_stand",
            non_starter="void",
        ),
    ),
    RuleSet(
        "unibet",
        "Unibet",
        ("unibet", "unibet_uk", "unibet_eu"),
        _READ,
        said(
            "https://www.unibetcommunity.com/forums/topic/18665-tennis-player-injured-what-is-the-rule/",
            "tennis",
            retired="first_set",
            retired_others="void",
        ),
        "Its general rules could be opened at their beginning only.",
    ),
    RuleSet(
        "william_hill",
        "William Hill",
        ("william_hill", "williamhill"),
        _READ,
        (
            *said(
                "https://williamhill-lang.custhelp.com/app/answers/detail/a_id/11519/, 1",
                "football",
                postponed=48,
            ),
            *said(
                "https://williamhill-lang.custhelp.com/app/answers/detail/a_id/11985/, 4 and 6",
                "football",
                abandoned="decided_stand",
                awarded="on_field",
            ),
            *said(
                "third party: https://www.ontheballbets.com/what-happens-to-your-william-hill-bet-if-a-match-is-abandoned/",
                "football",
                resumed=SAME_DAY,
            ),
            *said(
                "third party: https://bomby.webnode.sk/william-hill, a and 3 to 8",
                "tennis",
                retired="match_complete",
                retired_others="certain",
            ),
        ),
        "Of great cups and finals bets stand on a new date announced within 48 hours, whenever that is.",
    ),
)

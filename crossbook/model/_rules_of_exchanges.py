"""The rules of exchanges and prediction markets that were read, each with its source."""

from __future__ import annotations

from typing import Final

from crossbook.model.rules import UNTIL_PLAYED, RuleSet, said

_READ: Final = "2026-11-20"
_ONE_SET: Final = (
    "third party: https://www.profitsquirrel.co.uk/blog/tennis-retirement-rules, type 1 (one set completed)"
)

EXCHANGES: Final = (
    RuleSet(
        "betfair_exchange",
        "Betfair Exchange",
        ("betfair_exchange", "betfair_ex_uk", "betfair_ex_eu", "betfair_ex_au"),
        _READ,
        (
            *said(
                "https://support.betfair.com/es/app/answers/detail/a_id/3469/",
                "football",
                postponed=72,
                resumed=72,
                restarted="stands",
                abandoned="decided_stand",
            ),
            *said(
                "third party: https://bomby.webnode.sk/betfair (the exchange's rules on tennis)",
                "tennis",
                retired="first_set",
                retired_others="certain",
                ground_changed="stands",
            ),
            *said(
                "https://support.betfair.com/app/answers/detail/a_id/408/", "horse-racing", withdrawn="refund"
            ),
        ),
        "Three days are counted as 72 hours. Bets made while a match is played are void if it is begun again.",
    ),
    RuleSet(
        "kalshi",
        "Kalshi",
        ("kalshi",),
        _READ,
        (
            *said(
                "rules_secondary of the markets on Tottenham against Nottingham, 22 March 2026, as recorded",
                "football",
                postponed=336,
                cancelled="fair_price",
            ),
            *said(
                "https://help.underdogsports.com/en/articles/15606941-prediction-picks-nfl",
                "american-football",
                postponed=48,
                cancelled="fair_price",
            ),
            *said(
                "https://help.underdogsports.com/en/articles/14127576-prediction-picks-tennis",
                "tennis",
                retired="first_point",
            ),
        ),
        "Every market has a text of its own, which prevails. An earlier copy of the page on tennis said: a fair price.",
    ),
    RuleSet("matchbook", "Matchbook", ("matchbook",), _READ, said(_ONE_SET, "tennis", retired="first_set")),
    RuleSet(
        "polymarket",
        "Polymarket",
        ("polymarket",),
        _READ,
        (
            *said(
                "third party: https://vuink.com/post/alznt-d-dpbz/intelligencer/article/"
                "when-polymarket-cant-agree-on-reality-d-dhtml (text of a market on the NBA)",
                "basketball",
                postponed=UNTIL_PLAYED,
                cancelled="fifty_fifty",
            ),
            *said(
                "third party: https://predictionhero.com/event/norway-vs-france",
                "football",
                cancelled="draw",
            ),
            *said(
                "description of the market on FaZe against illwill (best of three), as recorded",
                "esports",
                postponed=168,
                cancelled="fifty_fifty",
            ),
        ),
        "Every market has a text of its own, which prevails. Called-off football: spreads and totals are halved.",
    ),
    RuleSet(
        "smarkets",
        "Smarkets",
        ("smarkets",),
        _READ,
        said(
            "https://help.smarkets.com/hc/en-se/articles/212729265-Voided-cancelled-bets",
            postponed=36,
            resumed=36,
        ),
        "Counted to the end of the event, where others count to its beginning. The rules of sports prevail.",
    ),
)

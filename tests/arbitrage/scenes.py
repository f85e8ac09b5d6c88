"""For each screen a scene it must refuse, and scenes that come near and must be left alone.

Without screens every scene holds an opportunity, so that one the screens leave alone is found and said to be sound.
"""

from __future__ import annotations

from fractions import Fraction

from crossbook.base.clock import SECOND
from crossbook.model.claim import Kind
from crossbook.model.quote import Basis, Quote
from crossbook.model.venue import prediction
from tests.arbitrage.checks import Scene, fair_books, handicaps, sister, two_way
from tests.arbitrage.priced_books import ODD_ONE, others, read_as
from tests.arbitrage.priced_books import book as book_of
from tests.arbitrage.worlds import (
    ALPHA,
    AWAY,
    BRAVO,
    BTTS_NO,
    BTTS_YES,
    CARGO,
    DELTA,
    DRAW,
    FREE_EXCHANGE,
    HOME,
    ah,
    back,
    book,
    claim,
    lay,
    pair,
    total,
)

HOME_OR_DRAW = claim(Kind.DOUBLE_CHANCE, "home_draw")
OVER, UNDER = total("over", "2.5"), total("under", "2.5")
EVER = 1_000_000 * SECOND


def aged(seconds: int | None, basis: Basis = Basis.PREMATCH) -> list[Quote]:
    """Over at one desk, and under at another so many seconds older."""
    then = None if seconds is None else EVER - seconds * SECOND
    return [
        back(ALPHA, OVER, "2.1", basis=basis, happened=EVER),
        back(BRAVO, UNDER, "2.1", basis=basis, happened=then),
    ]


def high_home(odds: str, *others: Quote) -> list[Quote]:
    """Two ordinary books, a third desk with a high home price, and what else is given."""
    return [*fair_books(), back(CARGO, HOME, odds), *others]


def ladder(far: str) -> list[Quote]:
    """Cargo's handicaps on three lines that fit the match result, and a fourth, far line with this home price."""
    return [
        *fair_books(),
        *handicaps(CARGO, "-0.5", "1.85", "1.95"),
        *handicaps(CARGO, "0", "1.45", "2.60"),
        *handicaps(CARGO, "0.5", "1.22", "3.90"),
        back(CARGO, ah("home", "2.5"), far),
    ]


SUSPENDED = [
    Scene(
        "a suspended leg", [two_way("2.1", "2.1")[0], back(BRAVO, UNDER, "2.1", tradable=False)], "suspended"
    ),
    Scene(
        "a suspended price that is no leg",
        [*two_way("2.1", "2.1"), back(CARGO, BTTS_YES, 2, tradable=False)],
        None,
    ),
]
STALE = [
    Scene("a leg 901 s behind", aged(901), "stale"),
    Scene("a leg 900 s behind", aged(900), None),
    Scene("a closing leg 901 s behind", aged(901, Basis.CLOSING), "stale"),
    Scene("a live leg 16 s behind", aged(16, Basis.LIVE), "stale"),
    Scene("a live leg 15 s behind", aged(15, Basis.LIVE), None),
    Scene("a leg without a time", aged(None), None),
    Scene(
        "legs behind the prices of two other desks on another claim",
        [*aged(0), *(back(desk, BTTS_YES, 2, happened=EVER + 901 * SECOND) for desk in (CARGO, DELTA))],
        "stale",
    ),
    Scene(
        "one desk's fast clock does not make the others stale",
        [*aged(0), back(CARGO, BTTS_YES, 2, happened=EVER + 901 * SECOND)],
        None,
    ),
]
CLOCK_SKEW = [
    Scene(
        "a leg from a desk ahead of two others",
        [*aged(901), back(CARGO, BTTS_YES, 2, happened=EVER - 901 * SECOND)],
        "clock_skew",
    ),
    Scene(
        "a leg from a desk as far ahead as prices live",
        [*aged(900), back(CARGO, BTTS_YES, 2, happened=EVER - 900 * SECOND)],
        None,
    ),
]
CROSSED = [
    Scene("back above lay", [back(FREE_EXCHANGE, HOME, "2.2"), lay(FREE_EXCHANGE, HOME, "2.1")], "crossed"),
    Scene(
        "back at lay",
        [back(FREE_EXCHANGE, HOME, "2.1"), lay(FREE_EXCHANGE, HOME, "2.1"), back(ALPHA, HOME, "2.2")],
        "crossed",
    ),
    Scene(
        "back just below lay",
        [back(FREE_EXCHANGE, HOME, "2.09"), lay(FREE_EXCHANGE, HOME, "2.1"), back(ALPHA, HOME, "2.2")],
        None,
    ),
    Scene("back and lay of two venues", [back(ALPHA, HOME, "2.2"), lay(FREE_EXCHANGE, HOME, "2.1")], None),
]
OWN_BOOK = [
    Scene("a desk's own two sides below 100 %", [*pair(ALPHA, OVER, "2.1", UNDER, "1.95")], "own_book"),
    Scene("three ways below 100 %", [*book(ALPHA, 3, "3.1", "3.1"), *book(BRAVO, "2.8", 3, 3)], "own_book"),
    Scene("an exchange below 100 %", pair(FREE_EXCHANGE, OVER, "2.1", UNDER, "1.95"), "own_book"),
    Scene(
        "a desk right at 100 %",
        [*pair(ALPHA, OVER, 2, UNDER, 2), *pair(BRAVO, OVER, "2.1", UNDER, "1.85")],
        None,
    ),
    Scene(
        "sides of two desks",
        [*pair(ALPHA, OVER, "2.1", UNDER, "1.9"), *pair(BRAVO, OVER, "1.95", UNDER, 2)],
        None,
    ),
    Scene(
        "a prediction market below 100 %", pair(prediction("poll", "Poll"), OVER, "2.1", UNDER, "1.95"), None
    ),
]
OUTLIER = [
    Scene("a quarter above two others", high_home("2.39"), "outlier"),
    Scene("just below a quarter above", high_home("2.38"), None),
    Scene(
        "a lay a quarter below two others' backs",
        [*fair_books(), lay(FREE_EXCHANGE, HOME, "1.52")],
        "outlier",
    ),
    Scene("a lay an eighth below", [*fair_books(), lay(FREE_EXCHANGE, HOME, "1.68")], None),
    Scene(
        "one other only",
        [back(CARGO, BTTS_YES, "2.6"), back(ALPHA, BTTS_YES, "1.9"), back(ALPHA, BTTS_NO, "1.85")],
        None,
    ),
    Scene(
        "two brands of one desk are not two others",
        [
            back(CARGO, BTTS_YES, "2.6"),
            back(ALPHA, BTTS_YES, "1.9"),
            back(sister("Alpha Plus"), BTTS_YES, "1.9"),
            back(ALPHA, BTTS_NO, "1.85"),
        ],
        None,
    ),
]
INCOHERENT = [
    Scene("home or draw far too dear", [*fair_books(), back(CARGO, HOME_OR_DRAW, "1.6")], "incoherent"),
    Scene("home or draw a little too dear", [*fair_books(), back(CARGO, HOME_OR_DRAW, "1.47")], None),
    Scene(
        "nobody quotes the whole result", [back(ALPHA, AWAY, "4.1"), back(CARGO, HOME_OR_DRAW, "1.55")], None
    ),
]
HANDICAP_SIGN = [
    Scene("prices of -0.5 on +0.5", [*fair_books(), *handicaps(CARGO, "0.5", "1.9", "1.9")], "handicap_sign"),
    Scene("on the right line", [*fair_books(), *handicaps(CARGO, "-0.5", "1.75", "2.2")], None),
    Scene(
        "away prices of the mirrored line",
        [
            *fair_books(),
            *handicaps(CARGO, "-0.5", "1.90", "4.00"),
            *handicaps(CARGO, "0", "1.45", "2.60"),
            *handicaps(CARGO, "0.5", "1.22", "1.95"),
        ],
        "handicap_sign",
    ),
]
LINE_ORDER = [
    Scene("a far line with another line's price", ladder("9"), "line_order"),
    Scene("a far line a little too dear", ladder("1.4"), None),
]
SWAPPED = [
    Scene(
        "yes and no exchanged",
        [*pair(ALPHA, BTTS_YES, "1.6", BTTS_NO, "2.35"), *pair(BRAVO, BTTS_YES, "2.3", BTTS_NO, "1.62")],
        "sides_swapped",
    ),
    Scene(
        "mirrored but less than ten points apart",
        [*pair(ALPHA, BTTS_YES, "2.18", BTTS_NO, "1.80"), *pair(BRAVO, BTTS_YES, "1.75", BTTS_NO, "2.12")],
        None,
    ),
    Scene(
        "far apart but not mirrored",
        [*pair(ALPHA, BTTS_YES, "1.50", BTTS_NO, "2.60"), *pair(BRAVO, BTTS_YES, "1.80", BTTS_NO, "2.00")],
        None,
    ),
]
ONE_DESK = [
    Scene(
        "two markets of one desk", [back(ALPHA, HOME, 2), back(ALPHA, ah("away", "-0.5"), "2.1")], "one_desk"
    ),
    Scene("two markets of two desks", [back(ALPHA, HOME, 2), back(BRAVO, ah("away", "-0.5"), "2.1")], None),
    Scene(
        "two markets of one exchange",
        [back(FREE_EXCHANGE, HOME, 2), back(FREE_EXCHANGE, ah("away", "-0.5"), "2.1")],
        None,
    ),
]
SISTER_BRANDS = [
    Scene(
        "two brands of one desk, nobody else",
        [back(ALPHA, HOME, 2), back(sister("Alpha Plus"), ah("away", "-0.5"), "2.1")],
        "sister_brands",
    ),
    Scene(
        "two of three legs by one desk's brands",
        [back(ALPHA, HOME, 3), back(sister("Alpha Plus"), DRAW, "3.3"), back(BRAVO, AWAY, "3.2")],
        "sister_brands",
    ),
    Scene(
        "two of three legs by one brand",
        [back(ALPHA, HOME, 3), back(ALPHA, DRAW, "3.3"), back(BRAVO, AWAY, "3.2")],
        None,
    ),
    Scene("three desks", [back(ALPHA, HOME, 3), back(DELTA, DRAW, "3.3"), back(BRAVO, AWAY, "3.2")], None),
]
MARGIN_CAP = [
    Scene("more than a fifth", two_way("2.41", "2.40"), "margin_cap"),
    Scene("a fifth", two_way("2.4", "2.4"), None),
]

LOW_TOTALS = read_as(
    [quote for quote in book_of(ODD_ONE) if quote.claim.kind is Kind.TOTAL],
    lambda one: claim(one.kind, one.selection, (one.line or 0) - Fraction(1, 2)),
)
WRONG_LINE = [
    Scene("totals half a goal too low", [*others(), *LOW_TOTALS], "wrong_line"),
    Scene("a book of its own mind", [*others(), *book_of(ODD_ONE, (1.85, 1.09), 1.02)], None),
]
AGGREGATE = [
    Scene("a book without a margin", [*others(), *book_of(ODD_ONE, (1.8, 0.95), 1.008)], "aggregate"),
    Scene("a book with a small margin", [*others(), *book_of(ODD_ONE, (1.8, 0.95), 1.018)], None),
]
LAGGING_BRAND = Scene(
    "a brand that did not follow its desk",
    [*book_of(ALPHA), *book_of(BRAVO, margin=1.055), *book_of(sister("Alpha Plus"), (1.3, 1.2), 1.02)],
    "stale",
)

SCENES: dict[str, list[Scene]] = {
    "suspended": SUSPENDED,
    "clock_skew": CLOCK_SKEW,
    "stale": STALE,
    "crossed": CROSSED,
    "own_book": OWN_BOOK,
    "outlier": OUTLIER,
    "incoherent": INCOHERENT,
    "handicap_sign": HANDICAP_SIGN,
    "line_order": LINE_ORDER,
    "sides_swapped": SWAPPED,
    "wrong_line": WRONG_LINE,
    "aggregate": AGGREGATE,
    "one_desk": ONE_DESK,
    "sister_brands": SISTER_BRANDS,
    "margin_cap": MARGIN_CAP,
}
"""By the stable name of the reason; the first scene of each must be refused for it."""

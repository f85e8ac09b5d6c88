"""Faults of single prices: slips of the hand, wrong cells, units read wrongly, books that add up to less than one."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from random import Random

import msgspec

from crossbook.model.claim import Kind
from crossbook.model.ladder import tick_at_or_above
from crossbook.model.quote import Quote, Side
from tests.faults import cast
from tests.faults.planted import FaultClass, Planted, a_bookmaker, at, lines, priced, replaced
from tests.faults.worlds import Scene, Wishes

_ANY = Wishes(books=(2, 30), live=None)
_SOME = Wishes(books=(4, 30), live=None)
_MANY = Wishes(books=(6, 30), live=None)


def decimal_slip(scene: Scene, rng: Random) -> Planted | None:
    """The decimal point slipped: 21.0 for 2.10."""
    venue = a_bookmaker(scene, rng)
    if venue is None:
        return None
    place, quote = rng.choice([item for item in at(scene, venue).items() if item[1].odds < 9] or [(-1, None)])
    return None if quote is None else replaced(scene, {place: priced(quote, quote.odds * 10)})


def _swaps(odds: Fraction) -> list[Fraction]:
    digits = f"{int(odds * 100):03d}"
    swapped = [
        digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        for place in range(len(digits) - 1)
    ]
    return [Fraction(int(text), 100) for text in swapped if int(text) >= int(digits) * 1.2]


def digits_transposed(scene: Scene, rng: Random) -> Planted | None:
    """Two neighbouring digits exchanged: 2.31 for 2.13."""
    venue = a_bookmaker(scene, rng)
    if venue is None:
        return None
    fit = [
        (place, quote) for place, quote in at(scene, venue).items() if _swaps(quote.odds) and quote.odds < 10
    ]
    if not fit:
        return None
    place, quote = rng.choice(fit)
    return replaced(scene, {place: priced(quote, rng.choice(_swaps(quote.odds)))})


def other_selection(scene: Scene, rng: Random) -> Planted | None:
    """A selection at the price of a longer one of its market."""
    venue = a_bookmaker(scene, rng, "1x2", 3)
    if venue is None:
        return None
    places = sorted(at(scene, venue, "1x2").items(), key=lambda item: item[1].odds)
    short, long = sorted(rng.sample(range(len(places)), 2))
    place, quote = places[short]
    return replaced(scene, {place: priced(quote, places[long][1].odds)})


def row_shift(scene: Scene, rng: Random) -> Planted | None:
    """Each row of a ladder with the next row's prices, both sides alike."""
    kind = rng.choice((Kind.TOTAL, Kind.ASIAN_HANDICAP))
    venue = a_bookmaker(scene, rng, kind.value, 6)
    if venue is None:
        return None
    ladder = [row for row in lines(at(scene, venue, kind.value), kind).values() if len(row) == 2]
    if rng.random() < 0.5:
        ladder.reverse()
    new = {
        place: priced(scene.quotes[place], scene.quotes[other[selection]].odds)
        for row, other in pairwise(ladder)
        for selection, place in row.items()
    }
    return replaced(scene, new)


def own_book(scene: Scene, rng: Random) -> Planted | None:
    """A market whose prices are each a little too long, so that they add up to 0.955 to 0.99."""
    word = rng.choice(("1x2", "total", "asian_handicap"))
    venue = a_bookmaker(scene, rng, word, 2)
    if venue is None:
        return None
    market = rng.choice(sorted({quote.market_id for quote in at(scene, venue, word).values()}))
    whole = at(scene, venue, market)
    below = rng.uniform(0.955, 0.99) / sum(1 / float(quote.odds) for quote in whole.values())
    grid = "milli" if rng.random() < 0.3 else "cent"
    return replaced(
        scene,
        {place: priced(quote, cast.cut(float(quote.odds) / below, grid)) for place, quote in whole.items()},
    )


def crossed(scene: Scene, rng: Random) -> Planted | None:
    """The backs of one claim raised above its lays."""
    book = scene.of("exchange")[0]
    quotes = [quote for quote in at(scene, book.venue.id).values() if 1.3 < quote.odds < 8]
    if not quotes:
        return None
    claim = rng.choice(quotes).claim
    factor = Fraction(rng.randrange(108, 140), 100)
    new = {}
    for place, quote in at(scene, book.venue.id).items():
        if quote.claim is claim and quote.side is Side.BACK:
            new[place] = priced(quote, tick_at_or_above(1 + (quote.odds - 1) * factor))
    return replaced(scene, new)


# How a unit is taken for another: true decimal odds in, what is read out. None where nothing valid is read.
Misread = Callable[[Fraction], Fraction | None]


def _cut3(odds: Fraction | None) -> Fraction | None:
    return None if odds is None or odds < Fraction(101, 100) else Fraction(round(odds * 1000), 1000)


def _hong_kong(odds: Fraction) -> Fraction:
    """Decimal odds taken for Hong Kong odds, to which the stake is added once more."""
    return odds + 1


def _malay(odds: Fraction) -> Fraction | None:
    """A positive Malay price (a favourite's) read with the sign of a negative one."""
    return 1 + 1 / (odds - 1) if odds < 2 else odds


def _indonesian(odds: Fraction) -> Fraction | None:
    """A negative Indonesian price (a favourite's) that lost its sign and is taken for decimal odds."""
    return 1 / (odds - 1) if odds < 2 else odds - 1


def _american(odds: Fraction) -> Fraction | None:
    """An American price without its sign, taken for decimal odds."""
    return Fraction(round(100 * (odds - 1) if odds >= 2 else 100 / (odds - 1)))


def _fractional(odds: Fraction) -> Fraction | None:
    """A fraction such as 11/4 of which only the upper number is read."""
    near = (odds - 1).limit_denominator(8)
    return Fraction(near.numerator) if near.denominator > 1 else odds


def _probability(odds: Fraction) -> Fraction | None:
    """A chance in percent taken for decimal odds: 40 for 2.50."""
    return Fraction(round(100 / odds))


def _unit(misread: Misread) -> Callable[[Scene, Random], Planted | None]:
    def plant(scene: Scene, rng: Random) -> Planted | None:
        word = rng.choice(("1x2", "total", "asian_handicap", ""))
        venue = a_bookmaker(scene, rng, word, 2)
        if venue is None:
            return None
        new: dict[int, Quote] = {}
        gone = []
        for place, quote in at(scene, venue, word).items():
            odds = _cut3(misread(quote.odds))
            if odds is None:
                gone.append(place)
            else:
                new[place] = priced(quote, odds)
        return replaced(scene, new, gone)

    return plant


def cents_as_dollars(scene: Scene, rng: Random) -> Planted | None:
    """Forty cents taken for 0.40 of a cent of a dollar: the price of YES is a hundredth of what it is."""
    book = scene.of("prediction")[0]
    quotes = at(scene, book.venue.id, side=Side.BACK)
    chosen = dict(rng.sample(sorted(quotes.items()), rng.randint(1, len(quotes))))
    return replaced(
        scene,
        {
            place: msgspec.structs.replace(quote, odds=quote.odds * 100, size=(quote.size or 0) / 100)
            for place, quote in chosen.items()
        },
    )


_BELOW = "the market's own prices add up to less than one, and the prices are far from all others"
CLASSES = (
    FaultClass("decimal_slip", decimal_slip, _ANY, f"ten times what others offer; {_BELOW}"),
    FaultClass(
        "digits_transposed", digits_transposed, _SOME, f"the digits are there in another order; {_BELOW}"
    ),
    FaultClass("other_selection", other_selection, _SOME, f"two selections have one price; {_BELOW}"),
    FaultClass(
        "row_shift",
        row_shift,
        _MANY,
        "a ladder that is everybody's ladder one row on; its own 1x2 is not",
        witnesses=4,
    ),
    FaultClass("own_book", own_book, _ANY, "one market of one venue adds up to less than one", 0.004),
    FaultClass(
        "crossed",
        crossed,
        Wishes(books=(2, 30), exchanges=(1, 1), live=None),
        "one may back above what one may lay at: orders would have met",
        0.01,
    ),
    FaultClass("unit_hong_kong", _unit(_hong_kong), _SOME, f"every price is one too high; {_BELOW}"),
    FaultClass("unit_malay", _unit(_malay), _SOME, f"favourites pay like outsiders; {_BELOW}"),
    FaultClass(
        "unit_indonesian", _unit(_indonesian), _SOME, "favourites pay like outsiders, others one too little"
    ),
    FaultClass("unit_american", _unit(_american), _SOME, f"prices in the hundreds; {_BELOW}"),
    FaultClass("unit_fractional", _unit(_fractional), _SOME, f"whole numbers only; {_BELOW}"),
    FaultClass("unit_probability", _unit(_probability), _SOME, f"the likelier, the higher; {_BELOW}"),
    FaultClass(
        "cents_as_dollars",
        cents_as_dollars,
        Wishes(predictions=(1, 2), live=None),
        "YES at less than a cent beside a NO and others' prices that say otherwise",
    ),
)

"""Contracts that pay one: their prices as exact decimal odds, for the readers of prediction markets.

Buying YES at `p` risks `p` to get one back: a back at odds 1 / p. Buying NO at `q` is paid when the claim
loses: it is a lay, and the backer on the other side of it puts in 1 - q for one, so the odds are 1 / (1 - q).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import msgspec

from crossbook.base.errors import BadData
from crossbook.base.exact import exact, plain_text
from crossbook.model.claim import Claim
from crossbook.model.odds import Format, to_decimal
from crossbook.model.quote import Basis, Contest, Listing, Quote, Side
from crossbook.model.venue import Venue


class Offer(NamedTuple):
    """What a buyer finds: the price of one contract, and how many contracts there are (None: not said)."""

    price: Fraction
    contracts: Fraction | None = None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the two sides of one market have in common. `whole` says that only whole contracts are sold."""

    venue: Venue
    claim: Claim
    market_id: str
    basis: Basis = Basis.PREMATCH
    happened: int | None = None
    received: int | None = None
    tradable: bool = True
    whole: bool = False


def number_of(field: str, value: Decimal) -> Fraction:
    """The exact value of a field. Raises BadData naming the field when it is no honest number."""
    try:
        return exact(value)
    except BadData as error:
        raise BadData(f"{field}: {error}") from None


def price_of(field: str, value: Decimal | None, unit: int = 1) -> Fraction | None:
    """The price of a contract that pays one, given in parts of `unit` (100 for cents); None stays None.

    Raises BadData naming the field when the price is no number from zero to one.

    >>> price_of("yes_ask", Decimal("39"), unit=100)
    Fraction(39, 100)
    """
    if value is None:
        return None
    price = number_of(field, value) / unit
    if not 0 <= price <= 1:
        raise BadData(f"{field}: {plain_text(price)} is no price of a contract that pays 1")
    return price


def count_of(field: str, value: Decimal | None) -> Fraction | None:
    """A number of contracts; None stays None. Raises BadData naming the field when it is below zero."""
    if value is None:
        return None
    count = number_of(field, value)
    if count < 0:
        raise BadData(f"{field}: {plain_text(count)} is below zero")
    return count


def other_side(price: Fraction | None, contracts: Fraction | None = None) -> Offer | None:
    """The offer that a bid makes to the other side: a bid of `p` for YES lets anyone have NO at 1 - p."""
    return None if price is None else Offer(1 - price, contracts)


def quotes(terms: Terms, yes: Offer | None, no: Offer | None) -> Iterator[Quote]:
    """The back and the lay quote of one market; a price of zero or one, or no contracts, is no offer.

    `size` and `step` are backer's stakes, as everywhere. Raises BadData when the odds are beyond all measure.
    """
    if yes is not None and _stands(yes):
        yield _quote(terms, Side.BACK, yes.price, yes.contracts)
    if no is not None and _stands(no):
        yield _quote(terms, Side.LAY, 1 - no.price, no.contracts)


def _stands(offer: Offer) -> bool:
    return 0 < offer.price < 1 and offer.contracts != 0


def _quote(terms: Terms, side: Side, backed_at: Fraction, contracts: Fraction | None) -> Quote:
    return Quote(
        venue=terms.venue,
        claim=terms.claim,
        side=side,
        odds=to_decimal(backed_at, Format.PROBABILITY),
        size=None if contracts is None else contracts * backed_at,
        basis=terms.basis,
        happened=terms.happened,
        received=terms.received,
        tradable=terms.tradable,
        market_id=terms.market_id,
        step=backed_at if terms.whole else None,
    )


def listing_of(
    source: str,
    key: str,
    competition: str,
    contests: tuple[Contest, ...],
    *,
    match: tuple[str, str] | None,
    name: str,
    date: str | None = None,
    start: int | None = None,
) -> Listing:
    """A football match where the two sides are known, else an event of that name."""
    home, away = match or (name, "")
    return Listing(
        source=source,
        key=key,
        sport="other" if match is None else "football",
        competition=competition,
        home=home,
        away=away,
        date=date,
        start=start,
        contests=contests,
    )

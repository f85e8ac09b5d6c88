"""What the readers of odds services share: taking JSON apart piece by piece, so that one bad piece stays alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import msgspec

from crossbook.base.clock import SECOND, parse_time
from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number
from crossbook.model.claim import Claim
from crossbook.model.quote import Fault, Listing, Quote, Side, Snapshot
from crossbook.venues.decode import json_value

HEAD = 65_536
"""How many bytes of a document are looked at to recognise it."""

_SHORT = 64
"""Longer texts are read every time, so that what is remembered cannot grow large."""
_ABSENT = frozenset({"", "N/A", "NULL", "-"})
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def slug(name: str) -> str:
    """An id made from a name: small letters, digits and underscores.

    >>> slug("Betfair Exchange")
    'betfair_exchange'
    """
    return _NOT_SLUG.sub("_", name.casefold()).strip("_")


def shown(text: str) -> str:
    """A foreign text as it may stand in a message: quoted, on one line, not too long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def scalar(raw: msgspec.Raw | None) -> str | None:
    """The text of one JSON number or string exactly as it was written; None when there is nothing there.

    Services write a price that is not offered as null, as an empty string or as ``N/A``.
    """
    if raw is None:
        return None
    data = bytes(raw)
    return _scalar(data) if len(data) > _SHORT else _known_scalar(data)


def _scalar(data: bytes) -> str | None:
    text = data.decode("utf-8", errors="replace").strip()
    if text.startswith('"'):
        text = str(json_value(data, str)).strip()
    return None if text.upper() in _ABSENT else text


_known_scalar = lru_cache(maxsize=32_768)(_scalar)


def moment(raw: msgspec.Raw | None, field: str) -> int | None:
    """Nanoseconds of a time given as ISO 8601 text or as whole seconds since 1970; None when it is not given.

    Raises BadData naming the field.
    """
    text = scalar(raw)
    if text is None:
        return None
    try:
        return _time(text) if len(text) <= _SHORT else parse_time(text)
    except (ValueError, OverflowError):
        raise BadData(f"{field}: {shown(text)} is not a time") from None


@lru_cache(maxsize=8_192)
def _time(text: str) -> int:
    return int(text) * SECOND if text.isdecimal() and len(text) <= 11 else parse_time(text)


def number(raw: msgspec.Raw | None, field: str) -> Fraction | None:
    """The exact value of one JSON number (or number in a string). Raises BadData naming the field."""
    text = scalar(raw)
    if text is None:
        return None
    try:
        return parse_number(text)
    except BadData as error:
        raise BadData(f"{field}: {error}") from None


class Gathering:
    """The quotes and faults of one event while it is being read."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.quotes: list[Quote] = []
        self._event = f"{listing.home} v {listing.away}" if listing.away else listing.home
        self._faults: list[Fault] = []
        self._seen: set[tuple[Claim, Side]] = set()

    def open_market(self) -> None:
        """Begin the next market: a selection may stand only once in each."""
        self._seen.clear()

    def quote(self, quote: Quote) -> None:
        """Keep a quote. Raises BadData when its selection was there before in the same market."""
        key = (quote.claim, quote.side)
        if key in self._seen:
            raise BadData(
                f"selection: {quote.side.value} {quote.claim} stands twice in one market; the first is kept"
            )
        self._seen.add(key)
        self.quotes.append(quote)

    def fault(self, where: str, reason: object) -> None:
        """Keep a fault, with the place of the piece inside the event."""
        self._faults.append(Fault(None, f"{self._event}: {where}: {reason}"))

    def results(self) -> Iterator[Snapshot | Fault]:
        """The faults, then the snapshot."""
        yield from self._faults
        yield Snapshot(self.listing, self.quotes)

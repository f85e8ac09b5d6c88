"""Accounts as settings write them, and as a recording keeps them: text in, exact numbers inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, TypeVar

import msgspec

from crossbook.arbitrage.accounts import Account, Accounts, FreeBet
from crossbook.base.errors import BadData
from crossbook.base.exact import parse_number

_RATIO: Final = re.compile(r"(\d{1,40})/(\d{1,40})", re.ASCII)
_Told = TypeVar("_Told", bound=msgspec.Struct)
_Number = str | int


class AccountSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One venue's account; numbers as decimal text, whole, or as a ratio such as ``7/6``. See `Account`."""

    currency: str = ""
    balance: _Number | None = None
    smallest: _Number | None = None
    largest: _Number | None = None
    step: _Number | None = None
    largest_payout: _Number | None = None
    tax_on_winnings: _Number | None = None
    tax_on_stakes: _Number | None = None


class FreeBetSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A free bet; without a name it is called after its venue and amount. See `FreeBet`."""

    venue: str
    amount: _Number
    name: str = ""
    step: _Number | None = None
    least_odds: _Number | None = None


class AccountsSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """All accounts by venue id, what one unit of each currency is worth in the bank's, and the free bets."""

    venues: dict[str, AccountSettings] = {}
    rates: dict[str, _Number] = {}
    free_bets: list[FreeBetSettings] = []


def accounts_of(told: Mapping[str, Any]) -> Accounts:
    """The accounts that a table of settings describes.

    Raises BadData naming the field, ``accounts.venues.alpha.balance: must not be below 0``.

    >>> accounts_of({"venues": {"alpha": {"currency": "GBP"}}, "rates": {"GBP": "7/6"}}).rate("alpha")
    Fraction(7, 6)
    """
    venues = told.get("venues")
    for venue, each in venues.items() if isinstance(venues, Mapping) else ():
        _read(f"accounts.venues.{venue}", each, AccountSettings)  # so that a mistake is named with its venue
    settings = _read("accounts", told, AccountsSettings)
    accounts = Accounts(
        venues={
            venue: _exact(f"accounts.venues.{venue}", each, Account)
            for venue, each in settings.venues.items()
        },
        rates={
            currency: _number(f"accounts.rates.{currency}", rate) for currency, rate in settings.rates.items()
        },
        free_bets=tuple(
            _free_bet(f"accounts.free_bets.{place}", each) for place, each in enumerate(settings.free_bets)
        ),
    )
    for field, wrong in accounts.doubts():
        raise BadData(f"accounts.{field}: {wrong}")
    return accounts


def settings_of(accounts: Accounts) -> AccountsSettings:
    """The settings that describe these accounts exactly."""
    return AccountsSettings(
        venues={venue: _text(each, AccountSettings) for venue, each in sorted(accounts.venues.items())},
        rates={currency: str(rate) for currency, rate in sorted(accounts.rates.items())},
        free_bets=[_text(each, FreeBetSettings) for each in accounts.free_bets],
    )


def _read(where: str, told: object, kind: type[_Told]) -> _Told:
    try:
        return msgspec.convert(told, kind, strict=False)
    except msgspec.ValidationError as error:
        what, mark, field = str(error).partition(" - at `$.")
        field = f"{where}.{field.rstrip('`')}" if mark else where
        raise BadData(f"{field}: {what[:1].lower()}{what[1:]}") from None


def _free_bet(where: str, told: FreeBetSettings) -> FreeBet:
    name = told.name or f"{told.venue} {told.amount}"
    return _exact(where, msgspec.structs.replace(told, name=name), FreeBet)


def _exact(where: str, told: msgspec.Struct, kind: type[_Told]) -> _Told:
    """The same with exact numbers; what was not told has its usual value."""
    found: dict[str, Any] = {}
    for name in told.__struct_fields__:
        value = getattr(told, name)
        if value is not None:
            words = name in ("name", "venue", "currency")
            found[name] = value if words else _number(f"{where}.{name}", value)
    return kind(**found)


def _text(exact: msgspec.Struct, kind: type[_Told]) -> _Told:
    values = {name: getattr(exact, name) for name in exact.__struct_fields__}
    return kind(**{name: str(each) if isinstance(each, Fraction) else each for name, each in values.items()})


def _number(field: str, told: _Number) -> Fraction:
    ratio = _RATIO.fullmatch(str(told))
    if ratio and int(ratio[2]):
        return Fraction(int(ratio[1]), int(ratio[2]))
    try:
        return parse_number(str(told))
    except BadData as error:
        raise BadData(f"{field}: {error}; write it as 12.5 or as 7/6") from None

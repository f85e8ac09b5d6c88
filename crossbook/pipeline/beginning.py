"""The terms of a run, as its recording keeps them: a replay needs no settings beside the recording."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from crossbook.arbitrage.accounts import Accounts
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.model.quote import Basis
from crossbook.pipeline.accounts import AccountsSettings, accounts_of, settings_of
from crossbook.pipeline.options import Options


class _Beginning(msgspec.Struct, kw_only=True):
    bank: str
    unit: str
    least_margin: str
    commissions: dict[str, str] = {}
    basis: Basis | None = None
    accounts: AccountsSettings | msgspec.UnsetType = msgspec.UNSET
    no_loss: bool | msgspec.UnsetType = msgspec.UNSET


def told(options: Options) -> bytes:
    """What of the options decides what a live run finds, as JSON; numbers are exact fractions."""
    terms = options.terms
    beginning = _Beginning(
        bank=str(terms.bank),
        unit=str(terms.unit),
        least_margin=str(terms.least_margin),
        commissions={venue: str(rate) for venue, rate in sorted(options.commissions.items())},
        basis=options.basis,
        accounts=settings_of(terms.accounts) if terms.accounts else msgspec.UNSET,
        no_loss=terms.no_loss or msgspec.UNSET,
    )
    return msgspec.json.encode(beginning)


def options_of(data: bytes) -> Options:
    """The options that `told` wrote down. Raises BadData when the data are something else."""
    try:
        beginning = msgspec.json.decode(data, type=_Beginning)
        accounts = Accounts()
        if beginning.accounts is not msgspec.UNSET:
            accounts = accounts_of(msgspec.to_builtins(beginning.accounts))
        return Options(
            terms=Terms(
                Fraction(beginning.bank),
                Fraction(beginning.unit),
                Fraction(beginning.least_margin),
                accounts,
                beginning.no_loss is True,
            ),
            commissions={venue: Fraction(rate) for venue, rate in beginning.commissions.items()},
            basis=beginning.basis,
        )
    except (BadData, msgspec.MsgspecError, ValueError, ZeroDivisionError) as error:
        raise BadData(f"the terms of a run: {error}") from None

"""Accounts as settings and recordings write them."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.arbitrage.accounts import Account, Accounts, FreeBet
from crossbook.arbitrage.terms import Terms
from crossbook.base.errors import BadData
from crossbook.pipeline.accounts import accounts_of, settings_of
from crossbook.pipeline.beginning import options_of, told
from crossbook.pipeline.options import Options

F = Fraction
WRITTEN = """
[rates]
GBP = "7/6"
USD = "0.9"

[venues.bet365]
currency = "GBP"
balance = "120.50"
largest = 80

[venues.pinnacle]
step = "0.01"
tax_on_winnings = "0.15"

[[free_bets]]
venue = "bet365"
amount = 10
least_odds = "1.5"
"""


def test_settings_are_read_exactly() -> None:
    assert accounts_of(tomllib.loads(WRITTEN, parse_float=str)) == Accounts(
        venues={
            "bet365": Account(currency="GBP", balance=F("120.5"), largest=F(80)),
            "pinnacle": Account(step=F(1, 100), tax_on_winnings=F(3, 20)),
        },
        rates={"GBP": F(7, 6), "USD": F(9, 10)},
        free_bets=(FreeBet(name="bet365 10", venue="bet365", amount=F(10), least_odds=F(3, 2)),),
    )


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({"venues": {"a": {"balance": "-1"}}}, "accounts.venues.a.balance"),
        ({"venues": {"a": {"balance": "ten"}}}, "accounts.venues.a.balance"),
        ({"venues": {"a": {"balance": "1/0"}}}, "accounts.venues.a.balance"),
        ({"venues": {"a": {"tax_on_winnings": 1}}}, "accounts.venues.a.tax_on_winnings"),
        ({"venues": {"a": {"currency": "GBP"}}}, "accounts.rates.GBP"),
        ({"rates": {"GBP": "0"}}, "accounts.rates.GBP"),
        ({"free_bets": [{"venue": "a", "amount": "0"}]}, "accounts.free_bets.0.amount"),
        ({"venues": {"a": {"step": []}}}, "accounts.venues.a.step"),
        ({"free_bets": [{"amount": "1"}]}, "accounts.free_bets[0]"),
        ({"venue": {}}, "accounts"),
    ],
)
def test_every_mistake_names_its_field(table: dict[str, Any], field: str) -> None:
    with pytest.raises(BadData) as caught:
        accounts_of(table)
    assert str(caught.value).startswith(f"{field}: ")


_AMOUNTS = st.none() | st.fractions(F(0), F(10**6), max_denominator=10**6)
_SHARES = st.fractions(F(0), F(99, 100), max_denominator=1000)
_ACCOUNTS = st.builds(
    Account,
    currency=st.sampled_from(("", "GBP")),
    balance=_AMOUNTS,
    smallest=_AMOUNTS,
    largest_payout=_AMOUNTS,
    step=st.none() | st.fractions(F(1, 100), F(9), max_denominator=100),
    tax_on_winnings=_SHARES,
    tax_on_stakes=_SHARES,
)


@given(st.dictionaries(st.sampled_from(("a", "b.c", "d e")), _ACCOUNTS))
def test_a_recording_keeps_accounts_exactly(venues: dict[str, Account]) -> None:
    free_bet = FreeBet(name="f", venue="a", amount=F(7, 3), step=F(1, 3), least_odds=F(6, 5))
    accounts = Accounts(venues=venues, rates={"GBP": F(7, 6)}, free_bets=(free_bet,))
    assert accounts_of(msgspec.to_builtins(settings_of(accounts))) == accounts
    options = Options(terms=Terms(F(10), F(1), F(0), accounts))
    assert options_of(told(options)) == options


def test_a_recording_with_bad_accounts_is_refused() -> None:
    data = b'{"bank":"1","unit":"1","least_margin":"0","accounts":{"venues":{"a":{"balance":"-1"}}}}'
    with pytest.raises(BadData, match=r"the terms of a run: accounts\.venues\.a\.balance"):
        options_of(data)


def test_terms_without_accounts_are_written_as_before() -> None:
    written = b'{"bank":"100","unit":"1","least_margin":"0","commissions":{},"basis":null}'
    assert told(Options()) == written

"""Addresses and what is said when they are wrong; a password is never part of it."""

from __future__ import annotations

import asyncio
import traceback
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossbook.base.errors import CrossbookError, Misconfigured, Retry
from crossbook.store.database import SETTING, check_version, checked_url, connect, connect_pool, place_of

SECRET = "s3cretw0rd"


def refusal(url: str, kind: type[CrossbookError]) -> str:
    with pytest.raises(kind) as caught:
        asyncio.run(connect_pool(url))
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_nobody_listens() -> None:
    assert "is the server running" in refusal(f"postgresql://me:{SECRET}@127.0.0.1:1/prices", Retry)


def test_a_folder_without_a_socket(tmp_path_factory: pytest.TempPathFactory) -> None:
    said = refusal(f"postgresql://me:{SECRET}@/prices?host=/nowhere", Retry)
    assert "prices at /nowhere" in said


def test_no_such_host() -> None:
    assert "no host" in refusal(f"postgresql://me:{SECRET}@no-such-host.invalid/prices", Misconfigured)


def test_no_such_database(postgres15: str) -> None:
    parts = urlsplit(postgres15)
    assert "create it" in refusal(urlunsplit(parts._replace(path="/not_there")), Misconfigured)


def test_wrong_password(postgres15: str) -> None:
    parts = urlsplit(postgres15)
    url = urlunsplit(parts._replace(netloc=f"{parts.username}:{SECRET}@"))
    said = refusal(url, Misconfigured)
    assert "password is wrong" in said
    assert SETTING in said


def test_a_single_connection_speaks_the_same_words(postgres15: str) -> None:
    parts = urlsplit(postgres15)
    with pytest.raises(Misconfigured, match="password is wrong"):
        asyncio.run(connect(urlunsplit(parts._replace(netloc=f"{parts.username}:{SECRET}@"))))


def test_an_old_server_is_named() -> None:
    old: Any = SimpleNamespace(get_server_version=lambda: SimpleNamespace(major=14))
    with pytest.raises(Misconfigured, match="PostgreSQL 14; Crossbook needs 15"):
        check_version(old, "prices at localhost")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "prices",
        f"mysql://me:{SECRET}@host/prices",
        f"postgresql://me:{SECRET}@host",
        f"postgresql://me:12/{SECRET}@host/prices",
        f"postgresql://me:{SECRET}/x@host/prices",
        f"postgresql://me:{SECRET}#x@host/prices",
        f"postgresql://me:{SECRET}?x@host/prices",
        f"postgresql://me:{SECRET}@[host/prices",
    ],
)
def test_a_malformed_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Misconfigured, match=SETTING) as caught:
        checked_url(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@given(st.text(min_size=1).map(lambda text: quote(text, safe="")))
def test_the_place_leaves_the_password_out(password: str) -> None:
    assert place_of(f"postgresql://me:x{password}@db.example/prices") == "prices at db.example:5432"

"""Addresses as they may be shown: without what only we and the venue may know."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from yarl import URL

from crossbook.base.errors import Misconfigured
from crossbook.venues.asking import SECRET_FIELDS, Question

HIDDEN = "***"


def address_of(base: str, question: Question) -> URL:
    """The whole address of a question. Raises Misconfigured when the base is no http address."""
    url = checked(base, ("http", "https"))
    path = url.path.rstrip("/") + question.path
    return url.with_path(path).with_query(list(question.query))


def checked(address: str, schemes: tuple[str, ...]) -> URL:
    """An address from the settings. Raises Misconfigured, without showing it whole, when it is none."""
    try:
        url = URL(address)
        sound = url.scheme in schemes and bool(url.host) and url.port is not None
    except ValueError:
        sound = False
    if not sound:
        raise Misconfigured(f"{shown(address)!r} is no address; write it as {schemes[-1]}://host[:port]")
    return url


def shown(address: str | URL, *, query: bool = True) -> str:
    """An address without user, password and the values of secret fields, or without its whole query.

    >>> shown("https://u:p@host/v4/odds?apiKey=abc&markets=h2h")
    'https://host/v4/odds?apiKey=***&markets=h2h'
    >>> shown("https://u:p@host/v4/odds?mine=abc", query=False)
    'https://host/v4/odds'
    """
    try:
        parts = urlsplit(str(address))
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    if not host and "@" in parts.path:
        return HIDDEN  # a user and a password with nothing before them
    fields = []
    for field in parts.query.split("&") if parts.query and query else []:
        name, mark, _ = field.partition("=")
        fields.append(f"{name}={HIDDEN}" if mark and name.casefold() in SECRET_FIELDS else field)
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, host + port, parts.path, "&".join(fields), ""))


def without(text: str, secrets: tuple[str, ...]) -> str:
    """A text with every one of these secrets hidden.

    >>> without("key abc is wrong", ("abc", ""))
    'key *** is wrong'
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    return text

"""Who is let in: callers on this machine that no foreign page sent, and elsewhere those who show the token."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossbook.api.problem import Problem
from crossbook.api.settings import LONGEST_MESSAGE, is_here

Headers = Iterable[tuple[bytes, bytes]]

CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_FORWARDED: Final = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via")
"""A proxy on this machine hides where its callers are: what it passes on counts as coming from elsewhere."""
_FROM_HERE: Final = (
    "Call from this machine as http://localhost:PORT or http://127.0.0.1:PORT; to be reached from elsewhere, start "
    "Crossbook with a token and send it as Authorization: Bearer TOKEN or ?token=TOKEN."
)
_SHOW_IT: Final = (
    "Send the token that Crossbook was started with as Authorization: Bearer TOKEN or ?token=TOKEN."
)


class Guard:
    """Middleware around the whole application: checks the caller, bounds bodies, adds the security headers."""

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self._app = app
        self._token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message = {**message, "headers": [*message.get("headers", ()), *SECURITY_HEADERS]}
            await send(message)

        problem = self._refusal(scope) or _too_large(scope)
        if problem is not None:
            await problem.response()(scope, receive, send_guarded)
            return
        # A HEAD request is answered as its GET; the server leaves the body out. A feed without an end has no HEAD.
        if scope["type"] == "http" and scope["method"] == "HEAD" and scope["path"] != "/live":
            scope = {**scope, "method": "GET"}
        await self._app(scope, _bounded(receive) if scope["type"] == "http" else receive, send_guarded)

    def _refusal(self, scope: Scope) -> Problem | None:
        shown = _take_token(scope)
        if shown is not None and self._token is not None:
            if hmac.compare_digest(shown, self._token):
                scope["token"] = shown.decode("latin-1")
                return None
            return _unknown_token()
        why = foreign(scope)
        if why is None:
            return None
        field, detail = why
        if self._token is not None:
            challenge = {"WWW-Authenticate": "Bearer"}
            return Problem(401, detail, field=field, remedy=_SHOW_IT, headers=challenge)
        return Problem(403, detail, field=field, remedy=_FROM_HERE)


def _unknown_token() -> Problem:
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, "This is not the token.", field="token", remedy=_SHOW_IT, headers=challenge)


def _take_token(scope: Scope) -> bytes | None:
    """The token that the caller shows. It is taken out of the address, so that no log repeats it."""
    shown = None
    query = scope.get("query_string", b"")
    if b"token" in query:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        shown = next((value.encode() for name, value in pairs if name == "token"), None)
        scope["query_string"] = urlencode([pair for pair in pairs if pair[0] != "token"]).encode()
    for value in _values(scope["headers"], b"authorization"):
        kind, _, secret = value.strip().partition(b" ")
        if kind.lower() == b"bearer":
            shown = secret.strip()
    return shown


def _values(headers: Headers, name: bytes) -> list[bytes]:
    return [value for each, value in headers if each == name]


def foreign(scope: Scope) -> tuple[str, str] | None:
    """The header, or "peer", by which a request is not plainly this machine's own, and why; None if it is.

    A page of another site may send requests to this machine too: by its Origin, or under a name of its own that it
    lets point here (DNS rebinding), so Host and Origin have to be this machine as well.
    """
    headers = scope["headers"]
    client = scope.get("client")
    if client is None or not is_here(client[0]):
        return "peer", "Only callers on this machine are served without a token."
    for name in _FORWARDED:
        if _values(headers, name):
            return name.decode(), "The request was passed on by a proxy, so its caller may be anywhere."
    hosts = _values(headers, b"host")
    if len(hosts) != 1 or not _names_loopback(hosts[0]):
        return "Host", "The Host header does not name this machine."
    for origin in _values(headers, b"origin"):
        scheme, _, rest = origin.lower().partition(b"://")
        if scheme not in (b"http", b"https") or not _names_loopback(rest):
            return "Origin", "The request comes from a page of another site."
    sites, modes = _values(headers, b"sec-fetch-site"), _values(headers, b"sec-fetch-mode")
    if b"cross-site" in sites and modes != [b"navigate"]:
        return "Sec-Fetch-Site", "The request comes from a page of another site."
    return None


def _names_loopback(value: bytes) -> bool:
    """Whether ``host`` or ``host:port`` is a loopback address or ``localhost``, and nothing else."""
    try:
        parts = urlsplit(b"//" + value)
        name, _ = (parts.hostname or b"").decode("ascii"), parts.port
    except ValueError:
        return False
    if parts.netloc != value or b"@" in value or value.endswith(b":"):
        return False
    return is_here(name)


def _too_large(scope: Scope) -> Problem | None:
    if scope["type"] != "http":
        return None
    for value in _values(scope["headers"], b"content-length"):
        if not value.isdigit() or len(value) > 18 or int(value) > LONGEST_MESSAGE:
            return _body_problem()
    return None


def _body_problem() -> Problem:
    remedy = f"Send at most {LONGEST_MESSAGE} bytes."
    return Problem(
        413, "The body is too large.", field="body", remedy=remedy, headers={"Connection": "close"}
    )


def _bounded(receive: Receive) -> Receive:
    """`receive`, which raises a problem once the body is too large: one sent in chunks does not state its length."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LONGEST_MESSAGE:
            raise _body_problem()
        return message

    return bounded

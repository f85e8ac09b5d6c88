"""A site worker's message at the door: read strictly, and answered with an error that names the field."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from crossbook.base.errors import BadData
from crossbook.venues.site_worker import Matches, Register, Update, check, problems

_LONGEST: Final = 300
"""Letters of a field's path or a reason; a sender's own names may stand in them."""
_WORKER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}")
_FIELD: Final = re.compile(r"([A-Za-z_]\w*(?:\.\w+|\[[^\]\s]*\])*): ")


class Refusal(Exception):
    """What is wrong with a message: a stable name, the field it is about, and a sentence that says what to do."""

    def __init__(self, error: str, field: str, message: str) -> None:
        super().__init__(message)
        self.error = error
        self.field = _cut(field)
        self.message = _cut(message)

    def reply(self) -> bytes:
        """The error reply."""
        content = {"type": "error", "error": self.error, "field": self.field, "message": self.message}
        return msgspec.json.encode(content)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


class _Odds(msgspec.Struct):
    data: msgspec.Raw


def read_message(raw: bytes) -> Register | Update:
    """The message. Raises Refusal naming the field when it is not one that site workers send."""
    try:
        raw.decode()
        message = check(raw)
    except UnicodeDecodeError:
        raise Refusal("malformed", "message", "message: not UTF-8; send JSON text") from None
    except BadData as error:
        raise _refusal(str(error)) from None
    if not _WORKER_ID.fullmatch(message.worker_id):
        rule = "has to be 1 to 64 letters, digits or . _ : @ - and begin with a letter or digit"
        raise Refusal("bad_value", "worker_id", f"worker_id: {rule}")
    return message


def _refusal(reason: str) -> Refusal:
    named = _FIELD.match(reason)
    field = named[1] if named else "message"
    if reason.endswith(": missing"):
        return Refusal("missing", field, f"{field}: missing; add it")
    error = {"message": "malformed", "type": "unknown_type"}.get(field, "bad_value")
    return Refusal(error, field, reason)


def partly_unusable(update: Update, matches: Matches) -> Refusal | None:
    """What in the matches of an update cannot be used, None when all of it can; the rest of it is used.

    `matches` are those of the connection's earlier updates: what is wrong with one of them is said once.
    """
    reasons = problems(update, matches)
    if not reasons:
        return None
    first = _refusal(reasons[0])
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return Refusal("partly_unusable", first.field, f"{first.message}{more}; the rest of the message is used")


def data_of(raw: bytes) -> msgspec.Raw:
    """The odds of an update that was read, exactly as they were sent."""
    return msgspec.json.decode(raw, type=_Odds).data.copy()

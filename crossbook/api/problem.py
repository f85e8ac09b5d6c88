"""Answers: JSON, and errors as problem details (RFC 9457) that name the field and say what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response


class Json(Response):
    """Any value msgspec can encode."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The value as JSON."""
        return msgspec.json.encode(content)


class Problem(HTTPException):
    """A request that is not answered: `detail` says why, `field` what is wrong, `remedy` what to do."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        field: str | None = None,
        remedy: str,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.field = field
        self.remedy = remedy

    def response(self) -> Response:
        """The problem as it goes out."""
        return _response(self.status_code, self.detail, self.field, self.remedy, self.headers)


def _response(
    status: int,
    detail: str,
    field: str | None,
    remedy: str,
    headers: Any,
    errors: list[dict[str, str]] | None = None,
) -> Response:
    content: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "field": field,
        "remedy": remedy,
    }
    if errors is not None:
        content["errors"] = errors
    answer = Json(content, status, headers, "application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def on_http_error(request: Request, error: Exception) -> Response:
    """Problem details for every error that has a status."""
    if isinstance(error, Problem):
        return error.response()
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail, field = f"There is nothing at {request.url.path}.", "path"
        remedy = "Ask /api/docs for the list of endpoints."
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "GET")
        detail, field = f"{request.method} is not possible at {request.url.path}.", "method"
        remedy = f"Use {allowed}."
    else:
        detail, field, remedy = str(error.detail), None, "Ask /api/docs how the endpoint is used."
    return _response(error.status_code, detail, field, remedy, error.headers)


async def on_invalid(request: Request, error: Exception) -> Response:
    """Problem details for a parameter that does not fit; the first one is named, all are listed."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    errors = [
        {
            "field": ".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0]),
            "message": str(each["msg"]),
        }
        for each in error.errors()
    ]
    first = errors[0]
    remedy = f"Mend {first['field']}, or leave it out; /openapi.json lists the allowed values."
    return _response(422, first["message"], first["field"], remedy, None, errors)


async def on_fault(request: Request, error: Exception) -> Response:
    """Problem details for a fault of ours; what happened is in the log, not in the answer."""
    remedy = "Try again; if it stays, look at the log and at /health/detailed."
    return _response(500, "Something went wrong inside Crossbook.", None, remedy, None)

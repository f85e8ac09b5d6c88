"""What can be asked over HTTP, and where the workers' WebSocket, the live feed and the page are."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, WebSocket
from starlette.responses import Response

from crossbook.api.health import Health
from crossbook.api.live_feed import EventStream, LiveFeed
from crossbook.api.negotiation import prefers_page
from crossbook.api.problem import Json, Problem
from crossbook.api.site_gateway import SiteGateway
from crossbook.base.clock import Clock, format_moment
from crossbook.base.errors import Retry
from crossbook.model.opportunity import Verdict
from crossbook.model.report import opportunity_object
from crossbook.pipeline.view import Engine

NAME: Final = "Crossbook"
NOTICE: Final = (
    "For education, research and lawful use. Gambling is unlawful in many places, most of Indonesia among them. "
    "Nothing is placed."
)
_NO_STORE: Final = {"Cache-Control": "no-store"}
_BY_ACCEPT: Final = {"Cache-Control": "no-store", "Vary": "Accept"}
_PARTS: Final = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "words.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_ENDPOINTS: Final = (
    ("GET", "/", "Information for programs, the page for browsers."),
    ("GET", "/health", "Whether all is well, in one word."),
    ("GET", "/health/detailed", "The state of each part: streams, store, raw log, event loop."),
    ("GET", "/health/live", "200 while the process answers."),
    ("GET", "/health/ready", "200 once a first scan is done; 503 before, and while nothing can be read."),
    ("GET", "/workers", "The connected site workers."),
    ("GET", "/odds", "What each connected worker sent last, as it sent it."),
    ("GET", "/opportunities", "The open opportunities; ?verdict=pure, rule_exposed or rejected."),
    ("GET", "/live", "Server-Sent Events: the whole state, then what changes."),
    ("WS", "/ws", "Site workers: worker:register and odds:update in, arbitrage:opportunities out."),
    ("GET", "/api/docs", "This list; a page for browsers."),
    ("GET", "/openapi.json", "The HTTP endpoints as an OpenAPI document."),
)


def _part(name: str) -> bytes:
    return files("crossbook.api").joinpath("page", name).read_bytes()


def _page(name: str, token: str | None, body: str = "") -> Response:
    """A page whose own parts are asked for with the token that the caller showed, if any."""
    text = _part(name).decode().replace("<!-- body -->", body)
    text = text.replace("?token", "" if token is None else f"?token={quote(token, safe='')}")
    return Response(text, 200, _BY_ACCEPT, "text/html; charset=utf-8")


def make_routes(
    engine: Engine, clock: Clock, gateway: SiteGateway, feed: LiveFeed, health: Health
) -> APIRouter:
    """All routes, over these parts."""
    router = APIRouter(default_response_class=Json)

    @router.get("/", summary="Information, or the page")
    async def root(request: Request) -> Response:
        if prefers_page(request.headers.get("accept", "")):
            return _page("index.html", request.scope.get("token"))
        view = engine.view()
        content = {
            "name": NAME,
            "version": view.version,
            "mode": view.mode,
            "notice": NOTICE,
            "timestamp": format_moment(clock.now()),
            "links": {
                "health": "/health",
                "workers": "/workers",
                "odds": "/odds",
                "opportunities": "/opportunities",
                "live": "/live",
                "websocket": "/ws",
                "docs": "/api/docs",
                "openapi": "/openapi.json",
            },
        }
        return Json(content, 200, _BY_ACCEPT)

    @router.get("/health", summary="Whether all is well")
    async def overall() -> Response:
        return Json(health.brief(), 200, _NO_STORE)

    @router.get("/health/detailed", summary="The state of each part")
    async def detailed() -> Response:
        return Json(health.detailed(), 200, _NO_STORE)

    @router.get("/health/live", summary="Whether the process answers")
    async def live() -> Response:
        return Json({"status": "alive", "timestamp": format_moment(clock.now())}, 200, _NO_STORE)

    @router.get("/health/ready", summary="Whether a first scan is done")
    async def ready() -> Response:
        if unready := health.unready():
            field, detail = unready
            remedy = "Ask again in a second; /health/detailed shows the state of each part."
            raise Problem(503, detail, field=field, remedy=remedy, headers={"Retry-After": "1"})
        return Json({"status": "ready", "timestamp": format_moment(clock.now())}, 200, _NO_STORE)

    @router.get("/workers", summary="The connected site workers")
    async def workers() -> Response:
        found = gateway.workers()
        return Json({"count": len(found), "workers": found}, 200, _NO_STORE)

    @router.get("/odds", summary="What each connected worker sent last")
    async def odds() -> Response:
        try:
            found = gateway.odds()
        except Retry as error:
            remedy = "Ask again in a second; the raw log's disk may be full."
            raise Problem(503, str(error), remedy=remedy, headers={"Retry-After": "1"}) from None
        return Json({"count": len(found), "odds": found}, 200, _NO_STORE)

    @router.get("/opportunities", summary="The open opportunities")
    async def opportunities(verdict: Annotated[Verdict | None, Query()] = None) -> Response:
        view = engine.view()
        found = [
            {
                "id": change.id,
                "opened": format_moment(change.opened),
                **opportunity_object(change.opportunity),
            }
            for change in view.open
            if verdict is None or change.opportunity.verdict is verdict
        ]
        content = {
            "timestamp": format_moment(clock.now()),
            "trouble": view.trouble,
            "count": len(found),
            "opportunities": found,
        }
        return Json(content, 200, _NO_STORE)

    @router.get("/live", summary="Server-Sent Events: the whole state, then what changes")
    async def live_events() -> Response:
        return EventStream(feed)

    @router.websocket("/ws")
    async def workers_socket(socket: WebSocket) -> None:
        await gateway.attend(socket)

    @router.get("/api/docs", summary="The list of endpoints")
    async def docs(request: Request) -> Response:
        if prefers_page(request.headers.get("accept", "")):
            return _docs_page(request)
        listed = [
            {"method": method, "path": path, "description": words} for method, path, words in _ENDPOINTS
        ]
        content = {
            "name": NAME,
            "version": engine.view().version,
            "openapi": "/openapi.json",
            "endpoints": listed,
        }
        return Json(content, 200, _BY_ACCEPT)

    @router.get("/docs", include_in_schema=False)
    async def docs_page(request: Request) -> Response:
        return _docs_page(request)

    @router.get("/page/{name}", include_in_schema=False)
    async def page_part(name: str) -> Response:
        if name not in _PARTS:
            raise Problem(
                404, "There is no such part of the page.", field="path", remedy="Ask for / instead."
            )
        return Response(_part(name), 200, {"Cache-Control": "no-cache"}, _PARTS[name])

    return router


def _docs_page(request: Request) -> Response:
    rows = "".join(
        f"<tr><td>{escape(method)}</td><td><code>{escape(path)}</code></td><td>{escape(words)}</td></tr>"
        for method, path, words in _ENDPOINTS
    )
    return _page("docs.html", request.scope.get("token"), rows)

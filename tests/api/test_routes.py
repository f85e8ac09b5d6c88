from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from crossbook.base.clock import format_moment
from crossbook.base.errors import Retry
from crossbook.model.frame import FrameKind
from crossbook.model.opportunity import Reason, Verdict
from crossbook.model.report import opportunity_object
from tests.api.made_up import LATENCY, START, FakeEngine, house, opened, opportunity, stream
from tests.api.messages import UPDATE, asked, worker
from tests.needed import needs

REFUSED = opportunity(verdict=Verdict.REJECTED, reasons=(Reason("stale", "too old"),))
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_the_root_is_information_or_the_page() -> None:
    async def run() -> None:
        async with house() as here:
            async with here.client.get(here.address) as response:
                info = await response.json()
                assert (info["name"], info["version"], info["mode"]) == (
                    "Crossbook",
                    "0.0.test",
                    "REPLAY · PAPER",
                )
                assert "unlawful" in info["notice"]
                assert response.headers["Vary"] == "Accept"
                for path in info["links"].values():
                    if path not in ("/ws", "/live"):
                        await asked(here, path)
            async with here.client.get(here.address, headers=BROWSER) as response:
                assert response.content_type == "text/html"
                assert response.headers["Vary"] == "Accept"
                assert "<!doctype html>" in await response.text()

    asyncio.run(run())


def test_health() -> None:
    async def run() -> None:
        engine = FakeEngine()
        async with house(engine=engine) as here:
            health = await asked(here, "/health")
            assert health["status"] == "ok"
            assert {"uptime_s", "version", "timestamp"} <= set(health)
            assert (await asked(here, "/health/live"))["status"] == "alive"
            assert (await asked(here, "/health/ready"))["status"] == "ready"
            engine.set(
                streams=[stream("worker/a"), stream("feed/b", "lost", "no answer")],
                latency=LATENCY,
                rawlog={"frames": 4},
            )
            health = await asked(here, "/health/detailed")
            assert health["status"] == "degraded"
            assert health["reasons"] == ["stream feed/b is lost: no answer"]
            assert health["parts"]["rawlog"] == {"frames": 4}
            assert health["parts"]["pipeline"]["latency"]["p99_ms"] == LATENCY.p99_ms
            assert health["parts"]["streams"][0]["since"] == format_moment(START)
            assert health["parts"]["event_loop"]["worst_lag_ms"] >= 0
            engine.set(streams=[stream("worker/a", "lost", "the worker disconnected")])
            assert (await asked(here, "/health"))["status"] == "ok", "workers may leave"
            engine.set(streams=[stream(f"feed/{number}", "lost", "no answer") for number in range(30)])
            reasons = (await asked(here, "/health"))["reasons"]
            assert len(reasons) == 10
            assert reasons[8:] == [
                "stream feed/8 is lost: no answer",
                "21 more; /health/detailed shows every stream",
            ]
            engine.set(ticks=0)
            async with here.client.get(f"{here.address}/health/ready") as response:
                assert response.status == 503
                assert (await response.json(content_type=None))["field"] == "ticks"

    asyncio.run(run())


def test_trouble_is_told_everywhere() -> None:
    async def run() -> None:
        engine = FakeEngine()
        async with house(engine=engine) as here:
            assert (await asked(here, "/opportunities"))["trouble"] == ""
            engine.set(trouble="recording: cannot be written", open=[], streams=[stream("feed/b", "lost")])
            for path in ("/health", "/health/detailed"):
                health = await asked(here, path)
                assert health["status"] == "degraded"
                assert health["reasons"][0] == "nothing can be read or closed: recording: cannot be written"
            assert health["parts"]["pipeline"]["trouble"] == "recording: cannot be written"
            assert health["parts"]["pipeline"]["ready"] is False
            async with here.client.get(f"{here.address}/health/ready") as response:
                problem = await response.json(content_type=None)
                assert (response.status, problem["field"]) == (503, "trouble")
                assert "cannot be written" in problem["detail"]
            found = await asked(here, "/opportunities")
            assert (found["trouble"], found["count"]) == ("recording: cannot be written", 0)
            engine.set(trouble="")
            assert (await asked(here, "/health/ready"))["status"] == "ready"

    asyncio.run(run())


def test_opportunities_by_verdict() -> None:
    async def run() -> None:
        engine = FakeEngine()
        engine.set(open=[opened(1), opened(2, REFUSED)])
        async with house(engine=engine) as here:
            found = await asked(here, "/opportunities")
            assert found["count"] == 2
            first = {
                "id": "opportunity-1",
                "opened": format_moment(START),
                **opportunity_object(opportunity()),
            }
            assert found["opportunities"][0] == json.loads(json.dumps(first))
            found = await asked(here, "/opportunities?verdict=rejected")
            assert [each["id"] for each in found["opportunities"]] == ["opportunity-2"]
            async with here.client.get(f"{here.address}/opportunities?verdict=sure") as response:
                assert response.status == 422
                problem = await response.json(content_type=None)
                assert (problem["field"], problem["errors"][0]["field"]) == ("verdict", "verdict")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "status", "field"),
    [
        ("GET", "/nothing", 404, "path"),
        ("GET", "/page/../server.py", 404, "path"),
        ("GET", "/page/index.html", 404, "path"),
        ("GET", "/page/%2e%2e%2fserver.py", 404, "path"),
        ("POST", "/health", 405, "method"),
        ("DELETE", "/opportunities", 405, "method"),
        ("GET", "/ws", 404, "path"),
    ],
)
def test_errors_are_problem_details(method: str, path: str, status: int, field: str) -> None:
    async def run() -> None:
        async with house() as here, here.client.request(method, here.address + path) as response:
            problem = await response.json(content_type=None)
            assert response.content_type == "application/problem+json"
            assert (response.status, problem["status"], problem["field"]) == (status, status, field)
            assert problem["remedy"]
            assert "Content-Security-Policy" in response.headers

    asyncio.run(run())


class Broken(FakeEngine):
    """An engine that fails once it is asked through a door."""

    asked = 0

    def view(self) -> Any:
        self.asked += 1
        if self.asked > 1:
            raise RuntimeError("secret words")
        return super().view()


def test_a_fault_of_ours_says_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with house(engine=Broken()) as here, here.client.get(f"{here.address}/health") as response:
            assert response.status == 500
            text = await response.text()
            assert "secret" not in text
            assert json.loads(text)["remedy"]
            assert "X-Content-Type-Options" in response.headers

    asyncio.run(run())
    assert "secret words" in caplog.text


def test_a_head_request_has_the_headers_only() -> None:
    async def run() -> None:
        async with house() as here:
            async with here.client.head(f"{here.address}/health") as response:
                assert response.status == 200
                assert int(response.headers["Content-Length"]) > 0
                assert await response.read() == b""
            async with here.client.head(f"{here.address}/live") as response:
                assert response.status == 405

    asyncio.run(run())


def test_the_lists_of_endpoints_agree() -> None:
    async def run() -> None:
        async with house() as here:
            listed = {
                each["path"]
                for each in (await asked(here, "/api/docs"))["endpoints"]
                if each["method"] == "GET"
            }
            described = set((await asked(here, "/openapi.json"))["paths"])
            assert described == listed - {"/openapi.json"}
            for path in ("/api/docs", "/docs"):
                async with here.client.get(here.address + path, headers=BROWSER) as response:
                    assert response.content_type == "text/html"
                    text = await response.text()
                    assert all(f"<code>{each}</code>" in text for each in listed)

    asyncio.run(run())


def test_odds_are_on_disk_before_they_are_shown() -> None:
    class FullDisk(FakeEngine):
        def keep(self) -> None:
            raise Retry("recording: cannot be written (No space left on device)")

    async def run() -> None:
        async with house() as here, worker(here, "first") as socket:
            await socket.send(json.dumps({**UPDATE, "worker_id": "first"}))
            await here.engine.until("worker/first", FrameKind.OPENED, FrameKind.DATA, FrameKind.DATA)
            assert (await asked(here, "/odds"))["count"] == 1
            assert here.engine.kept == 3
        async with house(engine=FullDisk()) as here, here.client.get(f"{here.address}/odds") as response:
            assert response.status == 503
            assert "No space left" in (await response.json())["detail"]

    asyncio.run(run())


@needs("curl")
def test_curl_as_old_clients_use_it(tmp_path: Path) -> None:
    def curl(*given: str) -> Any:
        done = subprocess.run(
            ["curl", "-sS", "--max-time", "30", *given], capture_output=True, check=True, cwd=tmp_path
        )
        return json.loads(done.stdout)

    async def run() -> None:
        async with house() as here:
            local = here.address.replace("127.0.0.1", "localhost")
            for path, part in (
                ("/health", "status"),
                ("/workers", "workers"),
                ("/odds", "odds"),
                ("/api/docs", "endpoints"),
            ):
                assert part in await asyncio.to_thread(curl, local + path)

    asyncio.run(run())

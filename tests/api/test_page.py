"""The page in a real browser: what it shows, how it follows, and that it asks nobody else."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from crossbook.base.clock import SECOND, SystemClock
from crossbook.model.opportunity import Reason, Verdict
from tests.api.made_up import LATENCY, QUICK, FakeEngine, closed, house, opened, opportunity, stream, venue
from tests.needed import needs

if TYPE_CHECKING:
    import playwright.async_api as playwright
else:
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")
pytestmark = needs("chromium")

FLAGS = [
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *(
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP crossbook.example 127.0.0.1",
    ),
]
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
LONG = "Wolverhamptonwanderersfootballclubofthemidlands" * 3
TOKEN = "a token & more that is long enough"


class Watched:
    """A page whose console, faults and requests are written down."""

    def __init__(self, page: playwright.Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    async def wait(self, condition: str) -> None:
        """Wait until an expression of the page holds."""
        await self.page.wait_for_function(f"() => {condition}", timeout=60_000)

    async def texts(self, selector: str) -> list[str]:
        found: list[str] = await self.page.locator(selector).all_text_contents()
        return found


@asynccontextmanager
async def browser() -> AsyncIterator[playwright.Browser]:
    async with playwright.async_playwright() as started:
        # Chromium refuses its sandbox to root; this browser only ever opens the page under test.
        sandboxed = os.geteuid() != 0
        opened_browser = await started.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=sandboxed, args=FLAGS, timeout=90_000
        )
        try:
            yield opened_browser
        finally:
            await opened_browser.close()


@asynccontextmanager
async def watched(address: str, **options: Any) -> AsyncIterator[Watched]:
    async with browser() as started:
        page = Watched(await started.new_page(**options))
        await page.page.goto(address, timeout=60_000)
        yield page


def busy_engine() -> FakeEngine:
    now = SystemClock().now()
    reasons = (Reason("commission_unknown", "the commission of Swap Exchange is not stated"),)
    refused = opportunity(HOSTILE, LONG, Verdict.REJECTED, (Reason("stale_price", "14 % off the median"),))
    exposed = opportunity("Persija Jakarta", "Persib Bandung", Verdict.RULE_EXPOSED, reasons, planned=False)
    engine = FakeEngine()
    engine.set(
        open=[opened(1, at=now - 12 * SECOND), opened(2, exposed, at=now - 75 * SECOND), opened(3, refused, at=now)],
        recent=[closed(opened(9, opportunity("Arsenal", LONG), at=now - 90 * SECOND), "moved", "2.1 to 1.9", now)],
        venues=[venue("swap", "Swap Exchange"), venue("sbo", "SBO"), venue("poly", LONG, "lost", last=None)],
        streams=[stream("worker/sbo-1"), stream("polymarket/markets", "lost", f"closed by the server {LONG}")],
        quotes=18_342, quotes_per_s=412.6, listings=1_200, events=640, matched=310, latency=LATENCY,
    )  # fmt: skip
    return engine


def test_the_page_shows_what_is_and_follows_it() -> None:
    async def run() -> None:
        engine = busy_engine()
        async with house(engine=engine) as here, watched(f"{here.address}/?lang=en") as page:
            await page.wait("document.querySelectorAll('.card').length === 3")
            assert await page.texts("#open-list h3") == [
                "Manchester United – Chelsea",
                "Persija Jakarta – Persib Bandung",
            ]
            assert await page.texts("#refused-list h3") == [f"{HOSTILE} – {LONG}"]
            assert await page.texts("#open-list .verdict") == ["● Pure", "▲ Rule-exposed"]
            assert (await page.texts("#open-list .net"))[0] == "4.00 %"
            assert "Worst case +1, best case +1.5" in (await page.texts("#open-list .plan"))[0]
            assert "the bank is too small" in (await page.texts("#open-list .plan"))[1]
            assert await page.texts("#mode-text") == ["REPLAY · PAPER"]
            assert [row[:3] for row in await page.texts("#venues-body tr")] == ["SBO", "Swa", "Wol"]
            assert "a price moved: 2.1 to 1.9" in (await page.texts("#closed-list li"))[0]
            counters = dict(
                zip(await page.texts("#counters dt"), await page.texts("#counters dd"), strict=True)
            )
            assert counters["Quotes/s"] == "413"
            assert counters["Latency p50 / p99"] == "3.2 / 19 ms"
            assert (counters["Open now"], counters["Refused now"]) == ("2", "1")

            # One closes, one changes, one comes: who stays keeps the place.
            before = {change.id: change for change in engine.now.open}
            now = SystemClock().now()
            gone = closed(before["opportunity-1"], "disconnected", "worker/sbo-1", now)
            newcomer = opened(4, opportunity("Persebaya", "Arema"), at=now)
            engine.set(
                open=[before["opportunity-2"], before["opportunity-3"], newcomer],
                recent=[gone, *engine.now.recent],
            )
            await page.wait("document.querySelectorAll('#open-list .card').length === 3")
            order = await page.page.eval_on_selector_all(
                "#open-list .card", "all => all.map(each => each.dataset.id)"
            )
            assert order == ["opportunity-1", "opportunity-2", "opportunity-4"]
            assert "a venue was lost: worker/sbo-1" in (await page.texts("#open-list .over .why"))[0]
            await page.wait("!document.querySelector('[data-id=opportunity-1]')")
            assert len(await page.texts("#closed-list li")) == 2

            assert await page.page.title() == "Crossbook"
            assert page.complaints == []
            assert page.requests
            assert [url for url in page.requests if not url.startswith(here.address)] == []

    asyncio.run(run())


def test_empty_pages_say_what_is_happening() -> None:
    async def run() -> None:
        engine = FakeEngine()
        engine.set(ticks=0)
        async with house(engine=engine) as here, watched(f"{here.address}/?lang=en") as page:
            await page.wait("document.querySelector('#open-empty').textContent.includes('first scan')")
            assert await page.page.is_visible("#venues-empty")
            assert not await page.page.is_visible("#venues")
            engine.set(ticks=5, quotes=1_234)
            await page.wait("document.querySelector('#open-empty').textContent.includes('1,234')")
            assert not await page.page.is_visible("#trouble")
            engine.set(trouble="the disk is full")
            await page.wait("document.querySelector('#trouble').textContent.includes('the disk is full')")
            assert await page.page.is_visible("#trouble")
            assert (await page.texts("#open-empty"))[0] == "What is open is not known now."
            engine.set(trouble="")
            await page.wait("document.querySelector('#trouble').hidden")

    asyncio.run(run())


def test_a_lost_connection_is_shown_and_comes_back() -> None:
    async def run() -> None:
        engine = busy_engine()
        async with browser() as started:
            async with house(engine=engine) as here:
                page = Watched(await started.new_page())
                await page.page.goto(f"{here.address}/?lang=en")
                await page.wait("document.querySelectorAll('.card').length === 3")
                assert not await page.page.is_visible("#lost")
            await page.wait("document.body.classList.contains('lost')")
            assert "is lost" in (await page.texts("#lost"))[0]
            engine.set(open=engine.now.open[:2])
            async with house(msgspec.structs.replace(QUICK, ports=here.ports), engine):
                await page.wait("!document.body.classList.contains('lost')")
                await page.wait("document.querySelectorAll('#refused-list .card:not(.over)').length === 0")
                assert not await page.page.is_visible("#lost")

    asyncio.run(run())


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_in_both_languages(language: str, scheme: str) -> None:
    async def run() -> None:
        options: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme}
        async with (
            house(engine=busy_engine()) as here,
            watched(f"{here.address}/?lang={language}", **options) as page,
        ):
            await page.wait("document.querySelectorAll('.card').length === 3")
            await page.page.click("summary >> nth=0")
            assert await page.page.evaluate("document.documentElement.scrollWidth") == 390
            wide = "[...document.querySelectorAll('.card')].filter(each => each.scrollWidth > each.clientWidth).length"
            assert await page.page.evaluate(wide) == 0
            assert await page.page.evaluate("document.documentElement.lang") == language
            ground = await page.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert ground == ("rgb(244, 246, 249)" if scheme == "light" else "rgb(15, 20, 27)")

    asyncio.run(run())


def test_words_stand_in_both_languages_and_the_switch_is_reached_by_keyboard() -> None:
    async def run() -> None:
        async with house(engine=busy_engine()) as here, watched(f"{here.address}/?lang=en") as page:
            await page.wait("document.querySelectorAll('.card').length === 3")
            english, indonesian = await page.page.evaluate(
                "[Object.entries(WORDS.en), Object.entries(WORDS.id)]"
            )
            assert [key for key, _ in english] == [key for key, _ in indonesian]
            assert all(text for _, text in english + indonesian)
            used = await page.page.eval_on_selector_all(
                "[data-word]", "all => all.map(each => each.dataset.word)"
            )
            assert set(used) <= {key for key, _ in english}
            for _ in range(2):
                await page.page.keyboard.press("Tab")
            assert await page.page.evaluate("document.activeElement.id") == "language"
            await page.page.keyboard.press("Enter")
            await page.wait("document.querySelector('#open-title').textContent.includes('Peluang terbuka')")
            assert (await page.texts("#open-list .verdict"))[0] == "● Murni"
            assert (await page.texts("#open-list .net"))[0] == "4,00 %"
            assert "lang=id" in page.page.url
            assert page.complaints == []

    asyncio.run(run())


def test_with_a_token_it_is_reached_under_another_name() -> None:
    async def run() -> None:
        settings = msgspec.structs.replace(QUICK, token=TOKEN)
        async with house(settings, busy_engine()) as here, browser() as started:
            stranger = await started.new_page()
            elsewhere = f"http://crossbook.example:{here.ports[0]}/"
            refused = await stranger.goto(elsewhere)
            assert refused is not None
            assert refused.status == 401
            page = Watched(await started.new_page())
            await page.page.goto(f"{elsewhere}?token=a%20token%20%26%20more%20that%20is%20long%20enough")
            await page.wait("document.querySelectorAll('.card').length === 3")
            assert page.complaints == []

    asyncio.run(run())

"""Settings of sources: what is refused, and that nothing secret is ever shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crossbook.base.clock import SystemClock
from crossbook.base.errors import Misconfigured
from crossbook.collect import source_of
from crossbook.model.frame import LARGEST_DATA, Frame, FrameKind
from crossbook.rawlog.writer import RawLog

ODDS = {"name": "feed", "format": "the-odds-api", "key": "k", "sports": ["soccer_epl"]}
BETFAIR = {"name": "bf", "format": "betfair-stream", "key": "k", "token": "t"}
GAMMA = {"name": "poly", "format": "polymarket"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "missing required field `name`"),
        ({**ODDS, "sport": "x"}, "unknown field `sport`"),
        ({**ODDS, "every_s": 0}, "every_s: "),
        ({**ODDS, "port": "many"}, "port: "),
        ({**ODDS, "largest_bytes": LARGEST_DATA + 1}, "largest_bytes: "),
        ({**ODDS, "url": "odds.example"}, "url: 'odds.example' is no address; write it as https://"),
        ({**ODDS, "url": "ws://odds.example"}, "url: 'ws://odds.example' is no address"),
        ({**GAMMA, "socket_url": "https://poly.example"}, "socket_url: 'https://poly.example' is no address"),
        ({**ODDS, "url": "me:very-secret@odds.example"}, "url: '***' is no address"),
        ({**ODDS, "name": "A b"}, "name: use small letters"),
        ({**ODDS, "format": "kalshi"}, "format: has to be one of the-odds-api, betfair-stream, polymarket"),
        ({**ODDS, "key": ""}, "key: is missing; set it, or CROSSBOOK_SOURCE_FEED_KEY"),
        ({**ODDS, "sports": []}, "sports: name at least one"),
        ({**ODDS, "sports": ["../x"]}, "sports: '../x' is no sport's key"),
        ({**ODDS, "regions": []}, "regions: name at least one"),
        ({**BETFAIR, "token": ""}, "token: is missing"),
        ({**BETFAIR, "beat_s": 20}, "beat_s: Betfair beats"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        source_of(fields, {})
    assert words in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_the_largest_answer_fits_the_log(tmp_path: Path) -> None:
    largest = source_of({**ODDS, "largest_bytes": LARGEST_DATA}, {}).largest_bytes
    log = RawLog(tmp_path, clock=SystemClock())
    try:
        log.append(Frame(1, "feed", FrameKind.DATA, bytes(largest)))
        log.flush()
    finally:
        log.close()


def test_secrets_from_the_environment() -> None:
    environment = {"CROSSBOOK_SOURCE_MY_FEED_KEY": "from outside", "CROSSBOOK_SOURCE_MY_FEED_TOKEN": "too"}
    found = source_of({**BETFAIR, "name": "my.feed", "key": "", "token": ""}, environment)
    assert (found.key, found.token) == ("from outside", "too")
    assert source_of({**BETFAIR, "name": "my.feed"}, environment).key == "k"


def test_nothing_secret_is_shown() -> None:
    found = source_of({**BETFAIR, "key": "very-secret", "token": "hidden"}, {})
    assert "secret" not in repr(found) + str(found) + f"{found}"
    assert "hidden" not in repr(found)


@pytest.mark.parametrize(
    ("fields", "life_ns", "silence_s"),
    [
        (ODDS, 90_000_000_000, 90.0),
        ({**ODDS, "every_s": 2}, 30_000_000_000, 30.0),
        ({**ODDS, "life_s": 7}, 7_000_000_000, 7.0),
        ({**BETFAIR, "beat_s": 2}, None, 6.0),
        (GAMMA, None, 15.0),
    ],
)
def test_how_long_prices_stand(fields: dict[str, Any], life_ns: int | None, silence_s: float) -> None:
    found = source_of(fields, {})
    assert (found.life_ns(), found.silence_s()) == (life_ns, silence_s)

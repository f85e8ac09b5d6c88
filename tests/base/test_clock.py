"""Time: text to nanoseconds and back, and clocks that are handed in."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crossbook.base.clock import (
    DAY,
    SECOND,
    Clock,
    ManualClock,
    SteadyClock,
    SystemClock,
    format_time,
    parse_time,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SUNDAY = 1_735_987_500 * SECOND  # 2025-01-04 10:45:00 UTC

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001 - bounds of wall clocks without a zone
    datetime(9999, 12, 30),  # noqa: DTZ001
)


def exactly(moment: datetime) -> int:
    """Nanoseconds since the epoch by whole-number arithmetic."""
    since = moment - EPOCH
    return since.days * DAY + since.seconds * SECOND + since.microseconds * 1_000


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-02T00:00:00Z", DAY),
        ("2025-01-04T10:45:00Z", SUNDAY),
        ("2025-01-04T10:45:00+00:00", SUNDAY),
        ("2025-01-04T10:45:00", SUNDAY),
        ("2025-01-04 10:45", SUNDAY),
        ("2025-01-04T17:45:00+07:00", SUNDAY),
        ("2025-01-04T05:15:00-05:30", SUNDAY),
        ("2025-01-04", SUNDAY - 10 * 3_600 * SECOND - 45 * 60 * SECOND),
        ("2025-01-04T10:45:00.5Z", SUNDAY + SECOND // 2),
        ("2025-01-04T10:45:00.250Z", SUNDAY + SECOND // 4),
        ("2025-01-04T10:45:00.000001", SUNDAY + 1_000),
        ("2025-01-04T10:45:00.999999+00:00", SUNDAY + 999_999_000),
        ("1969-12-31T23:59:59.75Z", -SECOND // 4),
    ],
)
def test_known_times(text: str, nanoseconds: int) -> None:
    assert parse_time(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "noon",
        "4 January 2025",
        "2025-13-01",
        "2025-02-29",
        "2025-01-04T25:00:00Z",
        "1735987500",
        "12:00",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


@given(moments, zones)
def test_a_zone_moves_the_wall_clock_not_the_moment(moment: datetime, zone: timezone) -> None:
    aware = moment.replace(tzinfo=zone)
    assert parse_time(aware.isoformat()) == exactly(aware)


@given(moments)
def test_without_a_zone_it_is_utc(moment: datetime) -> None:
    assert parse_time(moment.isoformat()) == exactly(moment.replace(tzinfo=UTC))


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a running process cannot be set here")
def test_the_machines_own_zone_does_not_matter() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "XXX-7")  # seven hours east of Greenwich
        time.tzset()
        told = parse_time("2025-01-04T10:45:00"), format_time(SUNDAY)
    time.tzset()
    assert told == (SUNDAY, "2025-01-04T10:45:00Z")


@given(moments)
@example(datetime(702, 12, 31, 23, 59, 59))  # noqa: DTZ001
def test_there_and_back_to_the_second(moment: datetime) -> None:
    nanoseconds = exactly(moment.replace(tzinfo=UTC))
    text = format_time(nanoseconds)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    assert parse_time(text) == nanoseconds // SECOND * SECOND


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (SUNDAY, "2025-01-04T10:45:00Z"),
        (SUNDAY + SECOND - 1, "2025-01-04T10:45:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (951_782_400 * SECOND, "2000-02-29T00:00:00Z"),
    ],
)
def test_known_texts(nanoseconds: int, text: str) -> None:
    assert format_time(nanoseconds) == text


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_can_be_read_can_be_written(text: str) -> None:
    """A feed may state any time; what gets past the door must not break the report afterwards."""
    try:
        nanoseconds = parse_time(text)
    except ValueError:
        return
    assert parse_time(format_time(nanoseconds)) == nanoseconds


class TestManualClock:
    def test_it_stands_still_until_it_is_moved(self) -> None:
        clock = ManualClock(SUNDAY)
        assert [clock.now(), clock.now()] == [SUNDAY, SUNDAY]
        clock.advance(3 * SECOND)
        clock.advance(1)
        assert clock.now() == SUNDAY + 3 * SECOND + 1

    def test_it_starts_at_the_epoch(self) -> None:
        assert ManualClock().now() == 0

    def test_two_clocks_are_independent(self) -> None:
        moved, other = ManualClock(), ManualClock()
        moved.advance(DAY)
        assert other.now() == 0


class TestSystemClock:
    def test_it_counts_whole_nanoseconds_of_this_century(self) -> None:
        now = SystemClock().now()
        assert isinstance(now, int)
        assert parse_time("2024-01-01") < now < parse_time("2100-01-01")

    def test_it_moves(self) -> None:
        clock: Clock = SystemClock()
        first = clock.now()
        assert any(clock.now() != first for _ in range(1_000_000))


def test_a_steady_clock_goes_on_when_the_other_is_set_back() -> None:
    other, pace = ManualClock(100), ManualClock(0)
    clock = SteadyClock(other, pace=pace.now)
    assert clock.now() == 100
    other.advance(50)
    pace.advance(50)
    assert clock.now() == 150
    other.advance(-100)
    pace.advance(7)
    assert clock.now() == 157
    pace.advance(3)
    assert clock.now() == 160
    other.advance(200)
    assert clock.now() == 250


def test_a_steady_clock_is_never_before_what_was_said_already() -> None:
    pace = ManualClock(0)
    clock = SteadyClock(ManualClock(10), not_before=1_000, pace=pace.now)
    pace.advance(5)
    assert clock.now() == 1_005

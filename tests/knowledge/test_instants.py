"""Times: integers inside, ISO 8601 at the edges, midnights of the plant's zone where only a date is said."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.instants import (
    DAY,
    HOUR,
    UTC,
    end_of_day,
    from_datetime,
    iso,
    local_date,
    midnight,
    parse,
    to_datetime,
    zone_named,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [UTC, BERLIN, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Apia")]
)
INSTANTS = st.integers(
    from_datetime(dt.datetime(1971, 1, 1, tzinfo=UTC)), from_datetime(dt.datetime(2199, 1, 1, tzinfo=UTC))
)


@given(INSTANTS, ZONES)
def test_what_tables_write_is_read_as_the_same_instant(instant: int, zone: dt.tzinfo) -> None:
    assert parse(iso(instant, zone)) == instant


@given(INSTANTS, ZONES)
def test_an_instant_lies_in_its_local_day(instant: int, zone: dt.tzinfo) -> None:
    day = local_date(instant, zone)
    assert midnight(day, zone) <= instant < midnight(day + dt.timedelta(days=1), zone)


@given(INSTANTS, ZONES)
def test_a_day_ends_with_the_first_midnight_that_is_not_before_an_instant(instant: int, zone: dt.tzinfo) -> None:
    end = end_of_day(instant, zone)
    assert instant <= end
    assert local_date(end - 1, zone) == local_date(instant - 1, zone)
    assert local_date(end, zone) > local_date(end - 1, zone)


def test_a_date_is_the_midnight_that_begins_or_ends_it_in_the_zone() -> None:
    assert iso(parse("2026-03-29", BERLIN), BERLIN) == "2026-03-29T00:00:00+01:00"
    assert iso(parse("2026-03-29", BERLIN, ends_day=True), BERLIN) == "2026-03-30T00:00:00+02:00"
    assert parse("2026-03-29", BERLIN, ends_day=True) - parse("2026-03-29", BERLIN) == 23 * HOUR


@pytest.mark.parametrize("text", ["2026-02-02", "20260202", "2026-W06-1", " 2026-02-02 "])
def test_every_way_to_write_a_date_is_a_date(text: str) -> None:
    assert parse(text, ends_day=True) - parse(text) == DAY


def test_a_time_without_an_offset_is_the_plants() -> None:
    assert parse("2026-02-02T10:00", BERLIN) == parse("2026-02-02T09:00:00Z")
    assert parse("2026-02-02 10:00:00.9", BERLIN) == parse("2026-02-02T10:00:00+01:00")


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-02-30", "02.02.2026", "2026-02-02T25:00"])
def test_what_is_no_time_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


def test_the_edges_of_the_calendar_are_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="too far"):
        parse("9999-12-31", ends_day=True)


@given(st.text(max_size=30), ZONES, st.booleans())
def test_no_text_raises_anything_else(text: str, zone: dt.tzinfo, ends_day: bool) -> None:
    try:
        parse(text, zone, ends_day=ends_day)
    except ValueError:
        return


def test_a_time_without_a_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="offset"):
        from_datetime(dt.datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_midnight_that_the_clock_skips_is_the_moment_of_the_skip() -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    day = dt.date(2018, 11, 4)
    assert iso(midnight(day, zone), zone) == "2018-11-04T01:00:00-02:00"
    assert to_datetime(midnight(day, zone) - 1, zone).date() == dt.date(2018, 11, 3)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc", "/etc/passwd", "Europe", "a\0b"])
def test_an_unknown_zone_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        zone_named(name)

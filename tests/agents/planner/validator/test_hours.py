"""Open hours agree with the axis of open time that plans are made on."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.validator.hours import OpenHours
from knowledge.calendars import HORIZON_DAYS, Calendar, OpenTime, Shift
from knowledge.instants import DAY, HOUR, from_datetime

BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = from_datetime(dt.datetime(2026, 3, 20, tzinfo=dt.UTC))
SHIFTS = st.builds(
    lambda day, start, hours: Shift(day, start * 60, min(1440, (start + hours) * 60)),
    st.integers(1, 7),
    st.integers(0, 23),
    st.integers(1, 24),
)
CALENDARS = st.builds(
    lambda shifts, holidays: Calendar("c", tuple(shifts), frozenset(holidays), BERLIN),
    st.lists(SHIFTS, max_size=6),
    st.sets(st.dates(dt.date(2026, 3, 25), dt.date(2026, 4, 5)), max_size=2),
)
HOURS = st.integers(0, 24 * 21).map(lambda hours: BEGIN + hours * HOUR)
DOWNTIMES = st.lists(st.tuples(HOURS, st.integers(-2, 40)).map(lambda d: (d[0], d[0] + d[1] * HOUR)), max_size=3)


@given(CALENDARS, DOWNTIMES, HOURS, st.integers(1, 60))
def test_work_that_lies_on_the_axis_lies_in_open_hours(
    calendar: Calendar, downtimes: list[tuple[int, int]], begin: int, hours: int
) -> None:
    axis = OpenTime(calendar, BEGIN, tuple(downtimes))
    position = axis.open_seconds(begin)
    start, finish = axis.start_at(position), axis.finish_at(position + hours * HOUR)
    assert OpenHours(calendar, BEGIN, tuple(downtimes)).between(start, finish) == hours * HOUR


@given(CALENDARS, DOWNTIMES, HOURS, st.integers(1, 60))
def test_what_begins_or_ends_off_the_axis_is_in_closed_time(
    calendar: Calendar, downtimes: list[tuple[int, int]], begin: int, hours: int
) -> None:
    axis, finish = OpenTime(calendar, BEGIN, tuple(downtimes)), begin + hours * HOUR
    found = OpenHours(calendar, BEGIN, tuple(downtimes)).between(begin, finish)
    on_axis = axis.start_at(axis.open_seconds(begin)) == begin and axis.finish_at(axis.open_seconds(finish)) == finish
    assert found == (axis.open_seconds(finish) - axis.open_seconds(begin) if on_axis else None)


def test_everything_is_open_beyond_ten_years_and_nothing_before_the_first_day() -> None:
    hours = OpenHours(Calendar("mondays", (Shift(1, 0, 1440),)), BEGIN)
    far = BEGIN + 2 * HORIZON_DAYS * DAY
    assert hours.between(far, far + 2 * DAY) == 2 * DAY
    assert hours.between(BEGIN - 2 * DAY, BEGIN) is None

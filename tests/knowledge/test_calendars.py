"""Calendars against a model that looks at every minute of the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knowledge.calendars import HORIZON_DAYS, LATEST, OPEN_ALWAYS, Calendar, LeadTime, OpenTime, Shift
from knowledge.instants import DAY, HOUR, MINUTE, UTC, Instant, from_datetime, local_date, midnight, parse, to_datetime
from tests.effort import times

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")])
WEEKS = st.sampled_from(["2026-03-26", "2026-10-22", "2026-06-10", "2026-03-05", "2026-10-29"])
MODEL_DAYS = 9
EVERY_MONDAY = frozenset(dt.date(2026, 1, 5) + dt.timedelta(weeks=n) for n in range(700))
"""Holidays that close a calendar of Mondays for longer than anybody looks."""

# A shift that begins or ends within an hour that the clock skips or repeats has no one right meaning.
TIMES = st.one_of(st.integers(0, 60), st.integers(3 * 60, 1440), st.just(120))


@st.composite
def weekly_shifts(draw: st.DrawFn) -> tuple[Shift, ...]:
    """At least one shift; those of one day do not overlap, but may touch."""
    shifts: list[Shift] = []
    for weekday in draw(st.sets(st.integers(1, 7), min_size=1)):
        edges = sorted(draw(st.sets(TIMES, min_size=2, max_size=5)))
        chosen = [Shift(weekday, start, end) for start, end in pairwise(edges)]
        shifts += chosen[:: draw(st.sampled_from([1, 2]))]
    return tuple(draw(st.permutations(shifts)))


@st.composite
def calendars(draw: st.DrawFn, zones: st.SearchStrategy[dt.tzinfo] = ZONES) -> Calendar:
    holidays = draw(st.sets(st.dates(dt.date(2026, 3, 1), dt.date(2026, 3, 31)), max_size=8))
    return Calendar("c", draw(weekly_shifts()), frozenset(holidays), draw(zones))


@dataclass
class Minutes:
    """The open minutes of some days, one by one."""

    calendar: Calendar
    origin: Instant
    downtimes: tuple[tuple[Instant, Instant], ...]

    def is_open(self, minute: Instant) -> bool:
        moment = to_datetime(minute, self.calendar.zone)
        clock = moment.hour * 60 + moment.minute
        return (
            moment.date() not in self.calendar.holidays
            and any(s.weekday == moment.isoweekday() and s.start <= clock < s.end for s in self.calendar.shifts)
            and not any(down <= minute < up for down, up in self.downtimes)
        )

    def all_open(self) -> list[Instant]:
        end = self.origin + MODEL_DAYS * DAY
        return [minute for minute in range(self.origin, end, MINUTE) if self.is_open(minute)]


@st.composite
def open_times(draw: st.DrawFn) -> OpenTime:
    calendar = draw(calendars())
    origin = parse(draw(WEEKS), calendar.zone) + draw(st.integers(0, 1440)) * MINUTE
    moments = st.integers(0, MODEL_DAYS * 24 * 60).map(lambda minute: origin + minute * MINUTE)
    downtimes = draw(st.lists(st.tuples(moments, moments), max_size=3))
    return OpenTime(calendar, origin, tuple(downtimes))


@given(open_times())
@settings(max_examples=times(20, 1000), deadline=None)
def test_open_time_agrees_with_the_minutes_of_the_clock(axis: OpenTime) -> None:
    minutes = Minutes(axis.calendar, axis.origin, axis.downtimes).all_open()
    for position, minute in enumerate(minutes):
        assert axis.start_at(position * MINUTE) == minute
        assert axis.finish_at((position + 1) * MINUTE) == minute + MINUTE
        assert axis.open_seconds(minute) == position * MINUTE
        assert axis.open_seconds(minute + 30) == position * MINUTE + 30
    end = axis.origin + MODEL_DAYS * DAY
    assert axis.open_seconds(end) == len(minutes) * MINUTE


@given(open_times(), st.integers(-DAY, 400 * DAY))
@settings(max_examples=times(40, 1000), deadline=None)
def test_a_position_goes_to_the_clock_and_back(axis: OpenTime, position: int) -> None:
    start, finish = axis.start_at(position), axis.finish_at(position)
    assert axis.open_seconds(start) == axis.open_seconds(finish) == position
    assert finish <= start


@given(open_times(), st.integers(0, 300 * DAY), st.integers(0, 3 * DAY))
@settings(max_examples=times(40, 1000), deadline=None)
def test_open_seconds_never_decrease_nor_outrun_the_clock(axis: OpenTime, after: int, more: int) -> None:
    begin = axis.origin + after
    assert 0 <= axis.open_seconds(begin + more) - axis.open_seconds(begin) <= more


@given(open_times(), st.integers(-400 * DAY, 400 * DAY), st.lists(st.integers(-400 * DAY, 400 * DAY), max_size=5))
@settings(max_examples=times(40, 1000), deadline=None)
def test_the_axis_means_the_same_wherever_it_has_its_origin(axis: OpenTime, elsewhere: int, asked: list[int]) -> None:
    other = OpenTime(axis.calendar, axis.origin + elsewhere, axis.downtimes)
    shift = axis.open_seconds(other.origin)
    for after in asked:
        position = axis.open_seconds(axis.origin + after)
        assert other.open_seconds(axis.origin + after) == position - shift
        assert other.start_at(position - shift) == axis.start_at(position)
        assert other.finish_at(position - shift) == axis.finish_at(position)
        until = axis.origin + max(0, elsewhere) + 5 * DAY
        pieces = list(merged(axis.pieces(axis.origin + after, until)))
        assert list(merged(other.pieces(axis.origin + after, until))) == pieces


def merged(pieces: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same stretches, those that touch as one."""
    stretch = None
    for start, end in pieces:
        if stretch and start == stretch[1]:
            stretch = stretch[0], end
            continue
        if stretch:
            yield stretch
        stretch = start, end
    if stretch:
        yield stretch


@pytest.mark.parametrize("hours", [1, 20_000])
def test_before_ten_years_all_time_was_open(hours: int) -> None:
    axis = OpenTime(Calendar("one hour a week", (Shift(1, 0, 60),)), parse("2026-01-05"))
    start = axis.start_at(-hours * HOUR)
    assert (start > axis.origin - HORIZON_DAYS * DAY) == (hours == 1)
    assert axis.open_seconds(start) == -hours * HOUR


@given(open_times())
@settings(max_examples=times(20, 1000), deadline=None)
def test_the_axis_is_the_same_in_whatever_order_it_is_asked(axis: OpenTime) -> None:
    late_first = OpenTime(axis.calendar, axis.origin, axis.downtimes)
    far = axis.origin + 900 * DAY
    late = late_first.open_seconds(far)
    early = [axis.open_seconds(axis.origin + day * DAY) for day in range(0, 900, 90)]
    assert early == [late_first.open_seconds(axis.origin + day * DAY) for day in range(0, 900, 90)]
    assert axis.open_seconds(far) == late


def test_a_calendar_without_shifts_is_open_always_but_for_downtime() -> None:
    origin = parse("2026-01-05")
    assert OpenTime(OPEN_ALWAYS, origin).start_at(5) == origin + 5
    down = OpenTime(OPEN_ALWAYS, origin, ((origin + HOUR, origin + 2 * HOUR),))
    assert down.finish_at(HOUR) == origin + HOUR
    assert down.start_at(HOUR) == origin + 2 * HOUR
    assert down.open_seconds(origin + 400 * DAY) == 400 * DAY - HOUR


def test_a_downtime_that_ends_before_it_begins_closes_nothing() -> None:
    origin = parse("2026-01-05")
    axis = OpenTime(OPEN_ALWAYS, origin, ((origin + 2 * HOUR, origin + HOUR),))
    assert axis.open_seconds(origin + DAY) == DAY


def test_beyond_ten_years_all_time_is_open() -> None:
    calendar = Calendar("one hour a week", (Shift(1, 0, 60),))
    axis = OpenTime(calendar, parse("2026-01-05"))
    horizon = axis.origin + HORIZON_DAYS * DAY
    opened = axis.open_seconds(horizon)
    assert 520 * HOUR <= opened <= 524 * HOUR
    far = axis.finish_at(opened + 100 * HOUR)
    assert horizon < far < horizon + (366 + 5) * DAY
    assert axis.finish_at(opened + 200 * HOUR) == far + 100 * HOUR
    assert axis.open_seconds(far + 100 * HOUR) == opened + 200 * HOUR


@pytest.mark.parametrize("calendar", [Calendar("never", (Shift(1, 0, 60),), EVERY_MONDAY), OPEN_ALWAYS])
def test_no_work_ends_later_than_the_latest_time(calendar: Calendar) -> None:
    axis = OpenTime(calendar, parse("2026-01-05"))
    assert axis.start_at(10**15) == axis.finish_at(10**15) == LATEST
    assert axis.open_seconds(axis.finish_at(HOUR)) == HOUR


def test_shifts_within_the_hour_that_the_clock_skips_take_nothing_from_their_neighbours() -> None:
    calendar = Calendar("c", (Shift(7, 150, 165), Shift(7, 180, 240)), zone=BERLIN)
    (opened,) = calendar.intervals(dt.date(2026, 3, 29), dt.date(2026, 3, 30))
    assert opened == (parse("2026-03-29T03:00+02:00"), parse("2026-03-29T04:00+02:00"))


def test_a_shift_over_the_repeated_hour_is_an_hour_longer() -> None:
    calendar = Calendar("c", (Shift(7, 60, 240),), zone=BERLIN)
    ((start, end),) = calendar.intervals(dt.date(2026, 10, 25), dt.date(2026, 10, 26))
    assert end - start == 4 * HOUR


# Lead times


WORKING = calendars(st.just(UTC))
BEGINS = st.integers(parse("2026-02-20"), parse("2026-04-10"))


def _works(calendar: Calendar, instant: Instant) -> bool:
    return calendar.is_working_day(local_date(instant, calendar.zone))


@given(st.integers(0, 400), BEGINS)
def test_without_a_calendar_a_lead_time_is_elapsed_days(days: int, begin: Instant) -> None:
    for lead in (LeadTime(days), LeadTime(days, OPEN_ALWAYS)):
        assert lead.forward(begin) == begin + days * DAY
        assert lead.backward(begin) == begin - days * DAY


@given(WORKING, st.integers(1, 15), BEGINS)
def test_a_lead_time_counts_the_working_days_passed(calendar: Calendar, days: int, begin: Instant) -> None:
    assume(_works(calendar, begin))
    end = LeadTime(days, calendar).forward(begin)
    first, last = local_date(begin, UTC), local_date(end, UTC)
    passed = [first + dt.timedelta(days=n + 1) for n in range((last - first).days)]
    assert sum(calendar.is_working_day(day) for day in passed) == days
    assert calendar.is_working_day(last)
    assert end % DAY == begin % DAY


@given(WORKING, st.integers(1, 15), BEGINS)
def test_backward_undoes_forward_on_working_days(calendar: Calendar, days: int, begin: Instant) -> None:
    assume(_works(calendar, begin))
    lead = LeadTime(days, calendar)
    assert lead.backward(lead.forward(begin)) == begin
    assert lead.forward(lead.backward(begin)) == begin


@given(WORKING, st.integers(1, 9), st.integers(1, 9), BEGINS)
def test_lead_times_one_after_the_other_add_up(calendar: Calendar, one: int, two: int, begin: Instant) -> None:
    both = LeadTime(one + two, calendar)
    assert LeadTime(two, calendar).forward(LeadTime(one, calendar).forward(begin)) == both.forward(begin)


@given(WORKING, st.integers(0, 9), BEGINS, st.integers(0, 5 * DAY))
def test_a_later_begin_never_ends_earlier(calendar: Calendar, days: int, begin: Instant, later: int) -> None:
    lead = LeadTime(days, calendar)
    assert lead.forward(begin) <= lead.forward(begin + later)
    assert lead.backward(begin) <= lead.backward(begin + later)


@given(WORKING, st.integers(1, 9), BEGINS)
def test_from_a_closed_day_it_counts_from_the_next_open_midnight(calendar: Calendar, days: int, begin: Instant) -> None:
    assume(not _works(calendar, begin))
    day = local_date(begin, UTC)
    while not calendar.is_working_day(day):
        day += dt.timedelta(days=1)
    lead = LeadTime(days, calendar)
    assert lead.forward(begin) == lead.forward(midnight(day, UTC))


@given(WORKING, st.integers(1, 9), BEGINS)
def test_backward_from_a_closed_day_it_counts_from_the_midnight_that_ends_the_open_day_before(
    calendar: Calendar, days: int, end: Instant
) -> None:
    assume(not _works(calendar, end))
    day = local_date(end, UTC)
    while not calendar.is_working_day(day - dt.timedelta(days=1)):
        day -= dt.timedelta(days=1)
    begin = LeadTime(days, calendar).backward(end)
    first = local_date(begin, UTC)
    assert begin % DAY == 0
    assert sum(calendar.is_working_day(first + dt.timedelta(days=n)) for n in range((day - first).days)) == days


def test_a_working_week_keeps_the_local_time_over_the_change_of_clocks() -> None:
    week = Calendar("work", tuple(Shift(day, 0, 1440) for day in range(1, 6)), zone=BERLIN)
    friday = from_datetime(dt.datetime(2026, 3, 27, 15, 30, tzinfo=BERLIN))
    monday = from_datetime(dt.datetime(2026, 3, 30, 15, 30, tzinfo=BERLIN))
    assert LeadTime(1, week).forward(friday) == monday
    assert LeadTime(1, week).backward(monday) == friday
    assert monday - friday == 71 * HOUR


def test_a_calendar_that_never_opens_again_has_working_days_after_ten_years() -> None:
    calendar = Calendar("closed", (Shift(1, 0, 60),), EVERY_MONDAY)
    begin = parse("2026-01-05")
    assert LeadTime(2, calendar).forward(begin) - begin >= HORIZON_DAYS * DAY
    assert begin - LeadTime(700, calendar).backward(begin) >= HORIZON_DAYS * DAY

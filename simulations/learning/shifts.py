"""Calendars that explain when work happened: the hours of the week in which the plant works, and each work centre."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from knowledge.calendars import Calendar, Shift
from knowledge.instants import HOUR, Instant, to_datetime
from simulations.learning.fitting import median
from simulations.learning.work import Case, Span

PLANT = "plant"

_OPEN_PERCENT = 30
"""An hour of the week is open where the plant works in it in so many percent of the weeks."""

_MOST_PERCENT = 95
"""The hours of the day of a work centre hold so many percent of its work."""

_SELDOM_PERCENT = 5
"""On a day of the week of which so little is done as on its busiest, a work centre is closed."""

_LEAST_HOURS = 20
"""A work centre that was busy for less has the plant's hours: too little to tell."""

_HOLIDAY_PERCENT = 10
"""A day on which so little of the usual was done is a holiday."""

_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Cell = tuple[dt.date, int]
"""A local day, and an hour of it."""


@dataclass(frozen=True, slots=True)
class LearnedCalendars:
    """The calendars by name, which of them each work centre has, and how much work they do not explain."""

    calendars: Mapping[str, Calendar]
    of_centre: Mapping[str, str]
    percent_outside: Mapping[str, int]
    """By work centre, of its work, what was done when its calendar is closed."""


def learn_calendars(cases: Sequence[Case], zone: ZoneInfo) -> LearnedCalendars:
    """The calendars of a log's times."""
    cells: dict[str, dict[Cell, int]] = {}
    for case in cases:
        for work in case.work:
            _add(cells.setdefault(work.centre, {}), work.spans, zone)
    everywhere: dict[Cell, int] = {}
    for found in cells.values():
        for cell, seconds in found.items():
            everywhere[cell] = everywhere.get(cell, 0) + seconds
    if not everywhere:
        return LearnedCalendars({}, dict.fromkeys(cells, ""), {})
    days = _days(everywhere)
    holidays = _holidays(everywhere, days)
    week = _week(everywhere, [day for day in days if day not in holidays])
    calendars, of_centre = {PLANT: _calendar(PLANT, week, holidays, zone)}, {}
    for centre, found in sorted(cells.items()):
        hours, weekdays = _hours(found), _weekdays(found)
        own = {(weekday, hour) for weekday, hour in week if hour in hours and weekday in weekdays}
        if not own or len(own) * 10 > len(week) * 7:  # little less than the plant: the same
            of_centre[centre] = PLANT
            continue
        name = _name(hours, weekdays, {weekday for weekday, _ in week})
        calendars.setdefault(name, _calendar(name, own, holidays, zone))
        of_centre[centre] = name
    outside = {c: _outside(found, calendars[of_centre[c]]) for c, found in cells.items()}
    return LearnedCalendars(calendars, of_centre, outside)


def _add(cells: dict[Cell, int], spans: Iterable[Span], zone: ZoneInfo) -> None:
    for begin, end in spans:
        time: Instant = begin
        while time < end:
            until = min(end, time - time % HOUR + HOUR)
            moment = to_datetime(time, zone)
            cell = moment.date(), moment.hour
            cells[cell] = cells.get(cell, 0) + until - time
            time = until


def _days(cells: Mapping[Cell, int]) -> list[dt.date]:
    first, last = min(cells)[0], max(cells)[0]
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def _holidays(cells: Mapping[Cell, int], days: Sequence[dt.date]) -> frozenset[dt.date]:
    """Days of hardly any work, of a weekday that is worked on otherwise."""
    totals = dict.fromkeys(days, 0)
    for (day, _), seconds in cells.items():
        totals[day] += seconds
    usual = {n: median([totals[day] for day in days if day.isoweekday() == n] or [0]) for n in range(1, 8)}
    busiest = max(usual.values())
    return frozenset(
        day
        for day in days
        if usual[day.isoweekday()] * 4 > busiest and totals[day] * 100 < usual[day.isoweekday()] * _HOLIDAY_PERCENT
    )


def _week(cells: Mapping[Cell, int], days: Sequence[dt.date]) -> set[tuple[int, int]]:
    """The open hours of the week; where none is worked often enough, those that are worked at all."""
    there: dict[tuple[int, int], int] = {}
    for (day, hour), seconds in cells.items():
        if seconds >= HOUR // 4:
            there[day.isoweekday(), hour] = there.get((day.isoweekday(), hour), 0) + 1
    number = {n: sum(day.isoweekday() == n for day in days) for n in range(1, 8)}
    often = {key for key, count in there.items() if count * 100 >= number[key[0]] * _OPEN_PERCENT}
    return often or {(day.isoweekday(), hour) for day, hour in cells}


def _hours(cells: Mapping[Cell, int]) -> set[int]:
    """The shortest stretch of the day, over midnight perhaps, that holds nearly all work of a work centre."""
    by_hour = [sum(seconds for (_, hour), seconds in cells.items() if hour == n) for n in range(24)]
    total = sum(by_hour)
    if total < _LEAST_HOURS * HOUR:
        return set(range(24))
    for number in range(1, 24):
        stretches = [[(begin + n) % 24 for n in range(number)] for begin in range(24)]
        best = max(stretches, key=lambda hours: sum(by_hour[hour] for hour in hours))
        if sum(by_hour[hour] for hour in best) * 100 >= total * _MOST_PERCENT:
            return set(best)
    return set(range(24))


def _weekdays(cells: Mapping[Cell, int]) -> set[int]:
    """The days of the week on which a work centre does more than exceptional work."""
    by_day = {n: sum(seconds for (day, _), seconds in cells.items() if day.isoweekday() == n) for n in range(1, 8)}
    if sum(by_day.values()) < _LEAST_HOURS * HOUR:
        return set(by_day)
    return {n for n, seconds in by_day.items() if seconds * 100 >= max(by_day.values()) * _SELDOM_PERCENT}


def _name(hours: set[int], weekdays: set[int], all_weekdays: set[int]) -> str:
    begin = next((hour for hour in range(24) if hour in hours and (hour - 1) % 24 not in hours), 0)
    name = f"{begin:02}-{(begin + len(hours) - 1) % 24 + 1:02}"
    closed = sorted(all_weekdays - weekdays)
    return name + (f" not {' '.join(_DAY_NAMES[n - 1] for n in closed)}" if closed else "")


def _calendar(name: str, week: set[tuple[int, int]], holidays: frozenset[dt.date], zone: ZoneInfo) -> Calendar:
    shifts: list[Shift] = []
    for weekday, hour in sorted(week):
        if shifts and shifts[-1].weekday == weekday and shifts[-1].end == hour * 60:
            shifts[-1] = Shift(weekday, shifts[-1].start, hour * 60 + 60)
        else:
            shifts.append(Shift(weekday, hour * 60, hour * 60 + 60))
    return Calendar(name, tuple(shifts), holidays, zone)


def _outside(cells: Mapping[Cell, int], calendar: Calendar) -> int:
    open_hours = {(s.weekday, hour) for s in calendar.shifts for hour in range(s.start // 60, s.end // 60)}
    total = sum(cells.values())
    closed = sum(
        seconds
        for (day, hour), seconds in cells.items()
        if (day.isoweekday(), hour) not in open_hours or day in calendar.holidays
    )
    return round(100 * closed / total) if total else 0

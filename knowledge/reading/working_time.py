"""Reads calendars.csv and holidays.csv, and the lead times that refer to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.calendars import Calendar, LeadTime, Shift
from knowledge.reading.cells import MOST_DAYS, Known, clock, code, date, quoted, whole
from knowledge.reading.tables import Row, Table

WEEKDAY = whole(least=1, most=7)
DAYS = whole(least=0, most=MOST_DAYS)


@dataclass(frozen=True, slots=True)
class Times:
    """The plant's calendars by name, and the parser of references to them."""

    by_name: Mapping[str, Calendar]
    known: Known

    def lead_time(self, row: Row) -> LeadTime:
        """What `lead_time_days` and `lead_time_calendar` of a row say: elapsed days where no calendar is named."""
        days = row.read("lead_time_days", DAYS, 0)
        calendar = row.read("lead_time_calendar", self.known, None)
        return LeadTime(days, self.by_name.get(calendar) if calendar else None)


def read_calendars(shifts: Table, holidays: Table, zone: dt.tzinfo) -> Times:
    """Every calendar that has a shift, in the order of its first."""
    weeks: dict[str, list[tuple[Shift, int]]] = {}
    names: set[str] = set()
    for row in shifts:
        name, shift = row.need("calendar", code), _shift(row)
        if name is not None:
            names.add(name)
            week = weeks.setdefault(name, [])
            if shift is not None and _is_free(row, shift, week):
                week.append((shift, row.number))
    known = shifts.known("calendar", names)
    closed = _read_holidays(holidays, known)
    calendars = {
        name: Calendar(name, tuple(shift for shift, _ in week), frozenset(closed.get(name, ())), zone)
        for name, week in weeks.items()
    }
    return Times(calendars, known)


def _shift(row: Row) -> Shift | None:
    weekday, start, end = row.need("weekday", WEEKDAY), row.need("start", clock), row.need("end", clock)
    if start == 1440:
        row.wrong("start", "24:00 can only end a shift; write 00:00 of the next weekday")
        return None
    if start is not None and end is not None and end <= start:
        row.wrong("end", f"{row.given('end')} is not after {row.given('start')}; split a shift over midnight at 24:00")
        return None
    return None if weekday is None or start is None or end is None else Shift(weekday, start, end)


def _is_free(row: Row, shift: Shift, week: list[tuple[Shift, int]]) -> bool:
    for other, number in week:
        if other.weekday == shift.weekday and other.start < shift.end and shift.start < other.end:
            row.wrong("start", f"the shift overlaps the one in row {number}; give each hour of a weekday once")
            return False
    return True


def _read_holidays(table: Table, known: Known) -> dict[str, list[dt.date]]:
    holidays: dict[str, list[dt.date]] = {}
    for row in table:
        name, day = row.need("calendar", code), row.need("date", date)
        if name is None:
            continue
        if known.codes is not None and name not in known.codes:
            row.wrong("calendar", f"calendar {quoted(name)} has no shift in {known.file}, so it would never be open")
        elif day is not None and row.first((name, day), "date", f"{day} of calendar {quoted(name)}"):
            holidays.setdefault(name, []).append(day)
    return holidays

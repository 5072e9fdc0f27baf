"""Time axes: round places for ticks in a zone, and the local clock as charts need it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from knowledge.instants import DAY, HOUR, Instant, local_date, midnight, to_datetime

_HOURS = (1, 2, 3, 6, 12)
_DAYS = (1, 2, 7, 14, 28, 56, 91, 182, 364, 728, 1820)
_MONDAY = dt.date(1970, 1, 5)


@dataclass(frozen=True, slots=True)
class Axis:
    """A half-open stretch of time with its ticks; `form` is the strftime pattern that tells them apart."""

    begin: Instant
    end: Instant
    ticks: tuple[Instant, ...]
    form: str

    def share(self, instant: Instant) -> float:
        """Where an instant lies, 0 at the beginning and 1 at the end."""
        return (instant - self.begin) / (self.end - self.begin)


def axis(begin: Instant, end: Instant, zone: dt.tzinfo, most: int) -> Axis:
    """An axis with at most about `most` ticks, at round hours of a short stretch, at midnights of a long one."""
    end = max(end, begin + HOUR)
    hours = next((step for step in _HOURS if (end - begin) / (step * HOUR) <= most), None)
    if hours is not None:
        return Axis(begin, end, _hourly(begin, end, zone, hours), "%a %H:%M")
    days = next((step for step in _DAYS if (end - begin) / (step * DAY) <= most), _DAYS[-1])
    return Axis(begin, end, _daily(begin, end, zone, days), "%a %d %b" if days < 7 else "%d %b %y")


def _hourly(begin: Instant, end: Instant, zone: dt.tzinfo, step: int) -> tuple[Instant, ...]:
    first = midnight(local_date(begin, zone), zone)
    return tuple(at for at in range(first, end, step * HOUR) if at >= begin)


def _daily(begin: Instant, end: Instant, zone: dt.tzinfo, step: int) -> tuple[Instant, ...]:
    first, last = local_date(begin, zone), local_date(end, zone)
    first -= dt.timedelta(days=(first - _MONDAY).days % step)
    days = (first + dt.timedelta(days=number) for number in range(0, (last - first).days + 1, step))
    return tuple(at for at in (midnight(day, zone) for day in days) if begin <= at < end)


def clock_milliseconds(instant: Instant, zone: dt.tzinfo) -> int:
    """What the wall clock shows, counted as if it were UTC: charts then need no zone of their own."""
    return int(to_datetime(instant, zone).replace(tzinfo=dt.UTC).timestamp()) * 1000

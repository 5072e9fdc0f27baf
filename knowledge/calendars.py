"""Working calendars: when work is possible, and lead times counted in working days.

Open time is an axis of its own: `open_seconds(t)` counts the open seconds from the calendar's origin to *t*, and
`start_at` and `finish_at` lead back to the clock. An operation that pauses in closed time is then one plain
interval of that axis. The axis goes both ways, so that it means nothing where it has its origin, and is built as it is
asked for.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from knowledge.instants import DAY, UTC, Instant, from_datetime, local_date, midnight, to_datetime

HORIZON_DAYS = 3660
"""How far calendars are looked at: ten years. Beyond, where nothing is promised, all time counts as open, so that a
calendar which never opens again still has an answer to every question."""

LATEST: Instant = from_datetime(dt.datetime(5000, 1, 1, tzinfo=UTC))
"""No time of a plan is later."""

_CHUNK_DAYS = 61
_YEAR_DAYS = 6 * _CHUNK_DAYS
_CHUNK_BACK_DAYS = 31


@dataclass(frozen=True, slots=True)
class Shift:
    """Open from `start` to `end` on a weekday, in minutes after local midnight (`end` up to 1440)."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekly shifts less holidays, in the plant's zone. No shifts at all means open always.

    In `overtime` it is open besides; that makes no day a working day of lead times.
    """

    name: str
    shifts: tuple[Shift, ...] = ()
    holidays: frozenset[dt.date] = frozenset()
    zone: dt.tzinfo = UTC
    overtime: tuple[tuple[Instant, Instant], ...] = ()
    _weekdays: frozenset[int] = field(init=False, repr=False, compare=False)
    _days: dict[int, tuple[tuple[Instant, Instant], ...]] = field(init=False, repr=False, compare=False)
    """The shifts of days that were looked at, for every axis and every check of a plan looks at the same ones."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_weekdays", frozenset(shift.weekday for shift in self.shifts))
        object.__setattr__(self, "_days", {})

    @property
    def always_open(self) -> bool:
        return not self.shifts

    def is_working_day(self, day: dt.date) -> bool:
        """Whether any shift is open on that local day."""
        if not self.shifts:
            return True
        return day.isoweekday() in self._weekdays and day not in self.holidays

    def intervals(self, first: dt.date, last: dt.date) -> list[tuple[Instant, Instant]]:
        """The open intervals of the local days from `first` up to and without `last`, merged, in order."""
        if self.overtime:
            return self._with_overtime(first, last)
        merged: list[tuple[Instant, Instant]] = []
        for number in range(first.toordinal(), last.toordinal()):
            shifts = self._days.get(number)
            if shifts is None:
                shifts = self._days[number] = self._shifts_of(dt.date.fromordinal(number))
            for start, end in shifts:
                if merged and start <= merged[-1][1]:
                    merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
                elif end > start:
                    merged.append((start, end))
        return merged

    def _shifts_of(self, day: dt.date) -> tuple[tuple[Instant, Instant], ...]:
        """When shifts begin and end on a local day, in order."""
        if not self.is_working_day(day):
            return ()
        begin, weekday = midnight(day, self.zone), day.isoweekday()
        shifts = (shift for shift in self.shifts if shift.weekday == weekday)
        return tuple(sorted((self._clock(day, begin, s.start), self._clock(day, begin, s.end)) for s in shifts))

    def closed(
        self, begin: Instant, end: Instant, seconds: int, down: Iterable[tuple[Instant, Instant]] = ()
    ) -> tuple[tuple[Instant, Instant], ...]:
        """The first so many seconds between two times in which it is closed, but nothing is down; none where there
        are less."""
        if self.always_open or end <= begin:
            return ()
        days = local_date(begin, self.zone), local_date(end, self.zone) + dt.timedelta(days=1)
        found: list[tuple[Instant, Instant]] = []
        for start, finish in [*sorted([*self.intervals(*days), *down]), (end, end)]:
            until = min(start, end, begin + seconds)
            if until > begin:
                found.append((begin, until))
                seconds -= until - begin
            begin = max(begin, finish)
        return () if seconds else tuple(found)

    def _with_overtime(self, first: dt.date, last: dt.date) -> list[tuple[Instant, Instant]]:
        begin, end = midnight(first, self.zone), midnight(last, self.zone)
        pieces = replace(self, overtime=()).intervals(first, last)
        pieces += [(max(start, begin), min(finish, end)) for start, finish in self.overtime]
        merged: list[tuple[Instant, Instant]] = []
        for start, finish in sorted(piece for piece in pieces if piece[0] < piece[1]):
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(finish, merged[-1][1])
            else:
                merged.append((start, finish))
        return merged

    def _clock(self, day: dt.date, begin: Instant, minutes: int) -> Instant:
        if minutes == 1440:
            return midnight(day + dt.timedelta(days=1), self.zone)
        if minutes == 0:
            return begin
        return from_datetime(dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60), tzinfo=self.zone))


OPEN_ALWAYS = Calendar("always")


@dataclass(frozen=True, slots=True)
class LeadTime:
    """A time to make or deliver: elapsed days of 24 hours, or working days of a calendar.

    It is never longer than `HORIZON_DAYS`, which is as good as never: a calendar may have no working days any more.
    """

    days: int
    calendar: Calendar | None = None

    def forward(self, begin: Instant) -> Instant:
        """When it is over, begun at `begin`."""
        if self.calendar is None or self.calendar.always_open or not self.days:
            return begin + self.days * DAY
        zone = self.calendar.zone
        moment = to_datetime(begin, zone)
        day, time = moment.date(), moment.timetz()
        if not self.calendar.is_working_day(day):
            day, time = self._step(day, 1, 1), dt.time(tzinfo=zone)
        return from_datetime(dt.datetime.combine(self._step(day, self.days, 1), time.replace(tzinfo=zone)))

    def backward(self, end: Instant) -> Instant:
        """When it has to begin to be over at `end`.

        From a closed day it is counted from the midnight that ends the open day before.
        """
        if self.calendar is None or self.calendar.always_open or not self.days:
            return end - self.days * DAY
        zone = self.calendar.zone
        moment = to_datetime(end, zone)
        day, time = moment.date(), moment.timetz()
        if not self.calendar.is_working_day(day):
            time = dt.time(tzinfo=zone)
        return from_datetime(dt.datetime.combine(self._step(day, self.days, -1), time.replace(tzinfo=zone)))

    def _step(self, day: dt.date, count: int, direction: int) -> dt.date:
        assert self.calendar is not None
        one = dt.timedelta(days=direction)
        tried = 0
        while count:
            day += one
            tried += 1
            if tried > HORIZON_DAYS or self.calendar.is_working_day(day):
                count -= 1
        return day


@dataclass(slots=True)
class OpenTime:
    """The open-time axis of a calendar less downtimes, whose positions count from `origin`."""

    calendar: Calendar
    origin: Instant
    downtimes: tuple[tuple[Instant, Instant], ...] = ()
    _starts: list[Instant] = field(default_factory=list)
    _ends: list[Instant] = field(default_factory=list)
    _before: list[int] = field(default_factory=list)
    _until: dt.date | None = None
    _reached: Instant = -(10**18)
    """Built until here."""
    _since: dt.date | None = None
    """The day from which on it is built before the origin."""
    plain: bool = False

    def __post_init__(self) -> None:
        self.plain = self.calendar.always_open and not self.downtimes

    def open_seconds(self, instant: Instant) -> int:
        """Open seconds from the origin until `instant` (negative or 0 before the origin)."""
        if self.plain:
            return instant - self.origin
        if instant < self.origin:
            self._reach_back(instant)
        else:
            self._reach(instant)
        index = bisect_right(self._starts, instant) - 1
        if index < 0:
            return self._before[0] if self._before else 0
        return self._before[index] + min(instant, self._ends[index]) - self._starts[index]

    def start_at(self, position: int) -> Instant:
        """The clock when work at this position of the axis begins: never in closed time."""
        if self.plain:
            time = self.origin + position
        else:
            index = self._index(position + 1)
            time = self._starts[index] + position - self._before[index]
        return time if time < LATEST else LATEST

    def finish_at(self, position: int) -> Instant:
        """The clock when so many open seconds have passed: the earliest such moment."""
        if self.plain:
            time = self.origin + position
        else:
            index = self._index(position)
            time = self._starts[index] + position - self._before[index]
        return time if time < LATEST else LATEST

    def pieces(self, begin: Instant, end: Instant) -> Iterator[tuple[Instant, Instant]]:
        """The open intervals between two times, in order."""
        if self.plain:
            yield begin, end
            return
        if begin < self.origin:
            self._reach_back(begin)
        self._reach(end)
        for index in range(bisect_right(self._ends, begin), len(self._starts)):
            if self._starts[index] >= end:
                return
            yield max(begin, self._starts[index]), min(end, self._ends[index])

    def _index(self, position: int) -> int:
        """The interval in which the `position`-th open second lies; the 0th is the last before the origin."""
        while position < 1 and not (self._before and self._before[0] < position):
            self._reach_back(self._begun() - 1)
        while not self._starts or self._before[-1] + self._ends[-1] - self._starts[-1] < position:
            if self._starts and self._ends[-1] == LATEST:
                break
            reached = midnight(self._until, self.calendar.zone) if self._until else self.origin
            self._reach(reached + DAY)
        return bisect_left(self._before, position) - 1

    def _reach(self, instant: Instant) -> None:
        if instant < self._reached:
            return
        zone = self.calendar.zone
        first = self._until or local_date(self.origin, zone)
        limit = self.origin + HORIZON_DAYS * DAY
        if self._ends and self._ends[-1] == LATEST:
            return
        while (begin := midnight(first, zone)) <= instant:
            if begin > limit and not (first - local_date(self.origin, zone)).days % _YEAR_DAYS:
                self._append(begin, LATEST)
                return
            last = first + dt.timedelta(days=_CHUNK_DAYS)
            if self.calendar.always_open:
                pieces: Iterable[tuple[Instant, Instant]] = [(midnight(first, zone), midnight(last, zone))]
            else:
                pieces = self.calendar.intervals(first, last)
            for start, end in self._less_downtime(pieces):
                self._append(max(start, self.origin), end)
            first = self._until = last
        self._reached = begin

    def _begun(self) -> Instant:
        """When the day begins from which on it is built."""
        return midnight(self._since or local_date(self.origin, self.calendar.zone), self.calendar.zone)

    def _reach_back(self, instant: Instant) -> None:
        zone, limit = self.calendar.zone, self.origin - HORIZON_DAYS * DAY
        if self._since is None:
            self._list_back(local_date(self.origin, zone), local_date(self.origin, zone) + dt.timedelta(days=1))
        while instant < (begun := self._begun()) and not (self._starts and self._starts[0] == -LATEST):
            assert self._since is not None
            if begun < limit:
                self._prepend(-LATEST, begun)
            else:
                self._list_back(self._since - dt.timedelta(days=_CHUNK_BACK_DAYS), self._since)

    def _list_back(self, first: dt.date, last: dt.date) -> None:
        """Put before what is built what is open from one day until another, as far as that is before the origin."""
        zone = self.calendar.zone
        always = [(midnight(first, zone), midnight(last, zone))]
        pieces = always if self.calendar.always_open else self.calendar.intervals(first, last)
        for start, end in reversed(list(self._less_downtime(pieces))):
            self._prepend(start, min(end, self.origin))
        self._since = first

    def _less_downtime(self, pieces: Iterable[tuple[Instant, Instant]]) -> Iterable[tuple[Instant, Instant]]:
        for start, end in pieces:
            begin = start
            for down, up in sorted(self.downtimes):
                if up <= begin or down >= end or up <= down:
                    continue
                if down > begin:
                    yield begin, down
                begin = max(begin, up)
            if begin < end:
                yield begin, end

    def _prepend(self, start: Instant, end: Instant) -> None:
        if start < end:
            self._starts.insert(0, start)
            self._ends.insert(0, end)
            self._before.insert(0, (self._before[0] if self._before else 0) - (end - start))

    def _append(self, start: Instant, end: Instant) -> None:
        if end <= start:
            return
        if self._ends and start == self._ends[-1]:
            self._ends[-1] = end
            return
        total = self._before[-1] + self._ends[-1] - self._starts[-1] if self._starts else 0
        self._starts.append(start)
        self._ends.append(end)
        self._before.append(total)

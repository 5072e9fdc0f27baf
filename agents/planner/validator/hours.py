"""When a work centre is open: its calendar less its downtimes, as plain lists to search."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from agents.planner.validator.values import Stretches
from knowledge.calendars import HORIZON_DAYS, Calendar
from knowledge.instants import DAY, Instant, local_date, midnight

_CHUNK_DAYS = 200
_ENDLESS: Instant = 2**62


@dataclass(slots=True)
class OpenHours:
    """Open stretches from the day of `origin` on, listed as far as anybody asked; `before` sums the earlier ones."""

    calendar: Calendar
    origin: Instant
    downtimes: Stretches = ()
    starts: list[Instant] = field(default_factory=list)
    ends: list[Instant] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    listed: dt.date | None = None
    until: Instant = 0

    def between(self, start: Instant, finish: Instant) -> int | None:
        """Open seconds of work that begins and ends at these times; None where one of them is in closed time."""
        if finish > self.until:
            self._list(finish)
        first = bisect_right(self.starts, start) - 1
        last = bisect_left(self.starts, finish) - 1
        if first < 0 or last < first or start >= self.ends[first] or finish > self.ends[last]:
            return None
        return self.before[last] + finish - self.starts[last] - self.before[first] - start + self.starts[first]

    def _list(self, instant: Instant) -> None:
        """List what is open until an instant, and a while longer. What no plan reaches counts as open."""
        zone, far = self.calendar.zone, self.origin + HORIZON_DAYS * DAY
        first = self.listed or local_date(self.origin, zone)
        while self.until < min(instant, far):
            last = first + dt.timedelta(days=_CHUNK_DAYS)
            begin, self.until = midnight(first, zone), midnight(last, zone)
            always = self.calendar.always_open
            pieces = [(begin, self.until)] if always else self.calendar.intervals(first, last)
            for start, end in _less(pieces, self.downtimes):
                self._open(start, end)
            first = self.listed = last
        if instant > self.until:
            self._open(self.until, _ENDLESS)
            self.until = _ENDLESS

    def _open(self, start: Instant, end: Instant) -> None:
        self.before.append(self.before[-1] + self.ends[-1] - self.starts[-1] if self.starts else 0)
        self.starts.append(start)
        self.ends.append(end)


def _less(pieces: Iterable[tuple[Instant, Instant]], downtimes: Stretches) -> Iterator[tuple[Instant, Instant]]:
    """What of the pieces lies in no downtime, in order."""
    downs = sorted(downtimes)
    for start, end in pieces:
        for down, up in downs:
            if max(start, down) < min(up, end):
                if down > start:
                    yield start, down
                start = max(start, up)
        if start < end:
            yield start, end

"""How busy work centres are, week by week, where that differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from knowledge.calendars import OpenTime
from knowledge.instants import DAY, Instant, local_date, midnight
from knowledge.plant import Plant
from simulations.what_if.values import Pair, State, WeekLoad

Weeks = dict[Instant, tuple[int, int]]
"""Machine-seconds (busy, open) by the beginning of the week."""


def load_changes(before: State, after: State) -> Mapping[str, tuple[WeekLoad, ...]]:
    """The weeks in which a work centre's load or open time differs, by work centre, in order."""
    now = after.books.now
    loads = [_Loads(state, now) for state in (before, after)]
    found: dict[str, tuple[WeekLoad, ...]] = {}
    for code in sorted(after.books.plant.work_centres):
        weeks = sorted({week for load in loads for week in load.busy.get(code, {})} | _down_weeks(loads, code))
        changed = tuple(week for week in (_week(loads, code, start) for start in weeks) if _differs(week))
        if changed:
            found[code] = changed
    return found


def _differs(week: WeekLoad) -> bool:
    return (week.busy.before, week.open.before) != (week.busy.after, week.open.after)


def _week(loads: list[_Loads], code: str, start: Instant) -> WeekLoad:
    busy = [load.busy.get(code, {}).get(start, 0) for load in loads]
    is_open = [load.open_in(code, start) for load in loads]
    return WeekLoad(start, Pair(busy[0], busy[1]), Pair(is_open[0], is_open[1]))


def _down_weeks(loads: list[_Loads], code: str) -> set[Instant]:
    """The weeks of downtimes that are in one state only."""
    down = [set(load.state.books.downtimes.get(code, ())) for load in loads]
    return {week for span in down[0] ^ down[1] for week, _, _ in loads[0].weeks(*span)}


@dataclass(slots=True)
class _Loads:
    """The loads of one state from the clock on."""

    state: State
    now: Instant
    plant: Plant = field(init=False)
    axes: dict[str, OpenTime] = field(default_factory=dict)
    busy: dict[str, dict[Instant, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plant = self.state.books.plant
        for code, centre in self.plant.work_centres.items():
            self.axes[code] = OpenTime(centre.calendar, self.now, self.state.books.downtimes.get(code, ()))
        for row in self.state.records.operations:
            busy = self.busy.setdefault(row.work_centre, {})
            for week, start, end in self.weeks(row.start, row.finish):
                busy[week] = busy.get(week, 0) + self._open_between(row.work_centre, start, end)

    def weeks(self, start: Instant, finish: Instant) -> Iterator[tuple[Instant, Instant, Instant]]:
        """A span cut at the beginnings of weeks, what is over left out: (week, start, finish) of each piece."""
        start = max(start, self.now)
        while start < finish:
            day = local_date(start, self.plant.zone)
            monday = day - dt.timedelta(days=day.weekday())
            end = midnight(monday + dt.timedelta(days=7), self.plant.zone)
            yield midnight(monday, self.plant.zone), start, min(end, finish)
            start = end

    def open_in(self, code: str, week: Instant) -> int:
        """Open machine-seconds of a work centre in a week, from the clock on."""
        _, start, end = next(self.weeks(max(week, self.now), week + 8 * DAY))
        return self._open_between(code, start, end) * self.plant.work_centres[code].machines

    def _open_between(self, code: str, start: Instant, end: Instant) -> int:
        axis = self.axes.get(code)
        return axis.open_seconds(end) - axis.open_seconds(start) if axis else end - start

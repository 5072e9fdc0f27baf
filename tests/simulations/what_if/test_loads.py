"""How busy work centres are, by weeks, where that differs."""

from __future__ import annotations

from simulations.what_if.loads import load_changes
from simulations.what_if.values import WeekLoad
from tests.simulations.what_if.states import MONDAY, Known, Rows, day, operation, state, when

HOUR = 3600
SAWN = [operation("WO-1", "10", "SAW", when(0, 14), when(1, 9))]  # 2 hours on Monday, 1 on Tuesday


def weeks(before: Rows, after: Rows, now: int = MONDAY) -> dict[str, list[tuple[int, int, int, int]]]:
    """By work centre: (day, hours busy before, after, hours open) of each week that differs."""
    found = load_changes(state(now=now, operations=before), state(now=now, operations=after))
    return {code: [_hours(week) for week in each] for code, each in found.items()}


def _hours(week: WeekLoad) -> tuple[int, int, int, int]:
    busy, is_open = week.busy, week.open.after
    return (week.start - MONDAY) // 86400, busy.before // HOUR, busy.after // HOUR, is_open // HOUR


def test_an_operation_is_busy_in_the_open_time_that_it_takes() -> None:
    assert weeks([], SAWN) == {"SAW": [(0, 0, 3, 80)]}  # two machines, five days of 8 hours


def test_weeks_and_work_centres_that_stay_as_they_are_are_not_told() -> None:
    more = operation("WO-2", "10", "SAW", when(8, 8), when(8, 10))
    assert weeks(SAWN, [*SAWN, more]) == {"SAW": [(7, 0, 2, 80)]}
    assert weeks(SAWN, SAWN) == {}


def test_an_operation_over_the_end_of_a_week_is_in_both() -> None:
    long = [operation("WO-1", "10", "MILL", when(6, 20), when(7, 5))]  # open always
    assert weeks([], long) == {"MILL": [(0, 0, 4, 168), (7, 0, 5, 168)]}


def test_only_what_is_to_come_counts() -> None:
    assert weeks([], SAWN, now=day(0, 15)) == {"SAW": [(0, 0, 2, 66)]}  # 1 hour today, 4 days of 8: 33 × 2


def test_a_downtime_takes_open_hours_even_where_nothing_is_planned() -> None:
    down = Known(downtimes={"MILL": ((day(8), day(9)),)})
    (week,) = load_changes(state(), state(down))["MILL"]
    assert (week.start, week.open.before // HOUR, week.open.after // HOUR) == (day(7), 168, 144)

"""Baselines that plan by fixed lead times, as if machines had no limit, and leave the rest to the floor."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field

from knowledge.instants import DAY
from knowledge.plant import Plant, WorkCentre
from simulations.policies.policy import Files, Known, Policy
from simulations.policies.requirements import needed_per_day
from simulations.policies.rewriting import Row, rows_of, with_rows, with_setting
from simulations.world.jobs import DispatchRule, earliest_due, first_come


class Mrp(Policy):
    """Material requirements planning: what is made takes a fixed lead time, whatever else is to be made.

    The lead time of an item is the time of a usual lot at each step and an allowance for waiting, in working days of
    its work centres. Orders are released when they have to begin; machines take the one first that is due first.
    """

    name: ClassVar[str] = "mrp"
    title: ClassVar[str] = "MRP: fixed lead times, no capacity"
    dispatch: ClassVar[DispatchRule] = staticmethod(earliest_due)

    queue_days: float = Field(default=1, ge=0)
    """Working days that an order is expected to wait at each work centre."""

    def knowledge(self, files: Files, known: Known) -> Files:
        days = self._lead_days(known)
        rows = [self._with_lead_time(row, days, known.plant) for row in rows_of(files, "items.csv")]
        return with_rows({name: text for name, text in files.items() if name != "routes.csv"}, "items.csv", rows)

    def _with_lead_time(self, row: Row, days: dict[str, int], plant: Plant) -> Row:
        item = row["item"].strip()
        if item not in days:
            return row
        calendar = plant.work_centres[plant.routes[item].steps[0].alternatives[0].work_centre].calendar
        return {
            **row,
            "lead_time_days": str(days[item]),
            "lead_time_calendar": calendar.name if calendar.shifts else "",
        }

    def _lead_days(self, known: Known) -> dict[str, int]:
        plant, needed = known.plant, needed_per_day(known)
        found = {}
        for item, route in plant.routes.items():
            lot = plant.items[item].lot.minimum / 10 ** plant.items[item].decimals
            pieces, days = max(1.0, lot, needed.get(item, 0.0)), 0.0
            for step in route.steps:
                way = step.alternatives[0]
                centre = plant.work_centres[way.work_centre]
                minutes = float(way.setup_minutes) + float(way.run_minutes) * pieces + float(way.teardown_minutes)
                days += minutes * 100 / float(centre.efficiency_percent) / _minutes_a_day(centre) + self.queue_days
            found[item] = max(1, math.ceil(days))
        return found


def _minutes_a_day(centre: WorkCentre) -> float:
    """Open minutes of a mean working day."""
    if centre.calendar.always_open:
        return DAY / 60
    weekdays = {shift.weekday for shift in centre.calendar.shifts}
    return sum(shift.end - shift.start for shift in centre.calendar.shifts) / len(weekdays)


class _AtOnce(Mrp):
    """No release control: whatever is planned is bought and begun as soon as that can be."""

    def knowledge(self, files: Files, known: Known) -> Files:
        return with_setting(super().knowledge(files, known), "release_horizon_days", "365")


class FirstCome(_AtOnce):
    """First come, first served: everything is begun at once, and every queue goes in order of arrival."""

    name: ClassVar[str] = "fcfs"
    title: ClassVar[str] = "first come, first served"
    dispatch: ClassVar[DispatchRule] = staticmethod(first_come)


class EarliestDue(_AtOnce):
    """Earliest due date: everything is begun at once, and of every queue goes first what is due first."""

    name: ClassVar[str] = "edd"
    title: ClassVar[str] = "earliest due date first"
    dispatch: ClassVar[DispatchRule] = staticmethod(earliest_due)

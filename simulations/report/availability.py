"""Which items' availability is worth a plot, and the figures of the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from knowledge.instants import DAY, Instant, local_date, midnight
from knowledge.plant import Plant, Replenishment
from knowledge.quantities import from_units
from simulations.report.axis import Axis, axis
from simulations.report.records import Step

MOST_PLOTS = 12
_MOST_DAYS = 182
_FEW = 3
_DULL = 4
_COVERED = 0.9  # of the steps of the chosen items


@dataclass(frozen=True, slots=True)
class Course:
    """The availability of one item: its steps, the safety stock, and the lowest projected balance."""

    item: str
    description: str
    uom: str
    bought: bool
    safety_stock: Decimal
    steps: tuple[Step, ...]

    @property
    def lowest(self) -> Step:
        """The first step at which the projected available balance is lowest."""
        return min(self.steps, key=lambda step: (step.projected, step.time))

    @property
    def first(self) -> Step:
        return self.steps[0]

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def rank(self) -> tuple[int, int, str]:
        """Most interesting first; among equals the one that changes most.

        Below safety stock; bought and used up to it; bought and running down; in stock, or left over, though made; last
        what is made to order only, and what never changes.
        """
        spare = self.lowest.projected - self.safety_stock
        kept = self.first.projected > 0 or self.last.projected > 0
        if len(self.steps) < 2:
            concern = _DULL + 1
        elif spare < 0:
            concern = 0
        elif self.bought:
            concern = 1 if spare == 0 or self.first.promisable <= self.safety_stock else 2
        else:
            concern = 3 if kept else _DULL
        return concern, -len(self.steps), self.item


def courses(availability: Mapping[str, Sequence[Step]], plant: Plant) -> list[Course]:
    """The course of every item, the most interesting first."""
    found = []
    for code, steps in availability.items():
        item = plant.items.get(code)
        found.append(
            Course(
                code,
                item.description if item else "",
                item.uom if item else "",
                item is not None and item.supply is Replenishment.BUY,
                from_units(item.safety_stock, item.decimals) if item else Decimal(0),
                tuple(steps),
            )
        )
    return sorted(found, key=lambda course: course.rank)


def plotted(found: Sequence[Course]) -> list[Course]:
    """Those worth a plot; what is only made to order is left out, unless there is little else."""
    lively = [course for course in found if len(course.steps) > 1]
    telling = [course for course in lively if course.rank[0] < _DULL]
    return (telling if len(telling) >= _FEW else lively[:_FEW])[:MOST_PLOTS]


def common_axis(chosen: Sequence[Course], zone: dt.tzinfo, now: Instant) -> Axis:
    """One axis for all plots: from now (or what is last before it) until nine tenths of the steps have happened."""
    times = sorted(step.time for course in chosen for step in course.steps)
    begin = max(min(times[0], now), now - 7 * DAY) if times[-1] > now else times[0]
    ahead = [time for time in times if time >= begin] or [times[-1]]
    end = min(ahead[int((len(ahead) - 1) * _COVERED)], begin + _MOST_DAYS * DAY)
    end = max(end, begin + DAY)
    return axis(begin, midnight(local_date(end, zone) + dt.timedelta(days=1), zone), zone, 5)

"""A stretch of a schedule as a CP-SAT model with a complete hint: every variable has its value in that schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from agents.planner.sequencing.arrays import MISSED, NEVER, Plan, Shop, value
from agents.planner.sequencing.problem import Problem
from agents.planner.sequencing.timeline import OpenTime

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(slots=True)
class Stretch:
    """The model of the operations that are `inside`; the others stay where the plan has them.

    Nothing starts before the first of those inside did, or ends after the last, unless all are freed. Of those inside,
    the ones that are not `freed` keep their machine and their order among themselves.
    """

    problem: Problem
    shop: Shop
    plan: Plan
    inside: Flags
    freed: Flags
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    start: dict[int, cp_model.IntVar] = field(default_factory=dict)
    end: dict[int, cp_model.IntVar] = field(default_factory=dict)
    chosen: dict[int, dict[int, cp_model.IntVar]] = field(default_factory=dict)
    intervals: dict[int, list[cp_model.IntervalVar]] = field(default_factory=dict)
    kept: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    opens: list[OpenTime] = field(init=False)
    earliest: int = field(init=False)
    horizon: int = field(init=False)

    def __post_init__(self) -> None:
        self.opens = [OpenTime(c.open) for c in self.problem.work_centres for _ in range(c.machines)]
        self._bounds()
        for operation in np.flatnonzero(self.inside).tolist():
            self._operation(operation)
        self._order()
        self._machines()
        self._objective()

    def _bounds(self) -> None:
        """All that could be best lies between them where everything is inside and freed."""
        self.earliest = int(self.plan.start[self.inside].min())
        self.horizon = int(self.plan.end[self.inside].max())
        shop = self.shop
        if self.freed.all():
            work = int(np.maximum.reduceat(shop.alt_minutes, shop.alt_ptr[:-1]).sum())
            busy = max(int(array.max(initial=0)) for array in (shop.release, shop.fixed_end, shop.open_end))
            old = shop.old_start[shop.old_start != NEVER]
            self.earliest = int(shop.release.min())
            self.horizon = max(self.horizon, busy + work, int(old.max(initial=0)) + work)

    def read(self, solver: cp_model.CpSolver) -> Plan:
        """The plan with what the solver found."""
        found = Plan(*(array.copy() for array in self.plan))
        for operation, start in self.start.items():
            found.start[operation] = solver.value(start)
            found.end[operation] = solver.value(self.end[operation])
            found.alt[operation] = next(way for way, is_it in self.chosen[operation].items() if solver.value(is_it))
        return found

    def _variable(self, low: int, high: int, value: int) -> cp_model.IntVar:
        variable = self.model.new_int_var(low, high, "")
        self.model.add_hint(variable, value)
        return variable

    def _truth(self, value: bool) -> cp_model.IntVar:
        return self._variable(0, 1, int(value))

    def _operation(self, operation: int) -> None:
        shop, plan = self.shop, self.plan
        preds = shop.pred[shop.pred_ptr[operation] : shop.pred_ptr[operation + 1]].tolist()
        succs = shop.succ[shop.succ_ptr[operation] : shop.succ_ptr[operation + 1]].tolist()
        low = max(
            [self.earliest, int(shop.release[operation]), *(int(plan.end[p]) for p in preds if not self.inside[p])]
        )
        high = min([self.horizon, *(int(plan.start[s]) for s in succs if not self.inside[s])])
        self.start[operation] = self._variable(low, high, int(plan.start[operation]))
        self.end[operation] = self._variable(low, high, int(plan.end[operation]))
        ways = range(int(shop.alt_ptr[operation]), int(shop.alt_ptr[operation + 1]))
        if not self.freed[operation]:
            ways = range(int(plan.alt[operation]), int(plan.alt[operation]) + 1)
        self.chosen[operation] = {way: self._truth(way == int(plan.alt[operation])) for way in ways}
        self.model.add_exactly_one(self.chosen[operation].values())
        for way, is_it in self.chosen[operation].items():
            self._way(operation, way, is_it, low, high)

    def _way(self, operation: int, way: int, is_it: cp_model.IntVar, low: int, high: int) -> None:
        """One way to do an operation, as an interval of open minutes of its machine."""
        machine, minutes = int(self.shop.alt_machine[way]), int(self.shop.alt_minutes[way])
        opened = self.opens[machine]
        first, last = opened.worked(opened.opening(low)), opened.worked(high) - minutes
        hinted = int(self.plan.start[operation]) if way == int(self.plan.alt[operation]) else opened.opening(low)
        if last < first:
            self.model.add(is_it == 0)
            return
        begin = self._variable(first, last, min(last, opened.worked(hinted)))
        span = self.model.new_optional_fixed_size_interval_var(begin, minutes, is_it, "")
        self.intervals.setdefault(machine, []).append(span)
        if not self.freed[operation]:
            self.kept.setdefault(machine, []).append((int(self.plan.start[operation]), operation))
        hint = min(last, opened.worked(hinted))
        gaps = list(_gaps(opened, first, last + minutes))
        base = opened.after(first + 1) - 1 - first  # where time stands when so many minutes were open
        start = begin + base + sum(g * self._after(begin, at, hint, is_it) for at, g in gaps if at > first)
        done = begin + minutes + base
        done = done + sum(g * self._after(begin, at + 1 - minutes, hint, is_it) for at, g in gaps if at > first)
        self.model.add(self.start[operation] == start).only_enforce_if(is_it)
        self.model.add(self.end[operation] == done).only_enforce_if(is_it)

    def _after(self, begin: cp_model.IntVar, at: int, hint: int, is_it: cp_model.IntVar) -> cp_model.IntVar:
        """Whether a way begins at so many open minutes or later."""
        truth = self._truth(hint >= at)
        self.model.add(begin >= at).only_enforce_if(truth)
        self.model.add(begin < at).only_enforce_if(~truth)
        return truth

    def _order(self) -> None:
        shop = self.shop
        for operation, start in self.start.items():
            for before in shop.pred[shop.pred_ptr[operation] : shop.pred_ptr[operation + 1]].tolist():
                if self.inside[before]:
                    self.model.add(start >= self.end[before])
        for row in self.kept.values():
            row.sort()
            for (_, before), (_, after) in pairwise(row):
                self.model.add(self.start[after] >= self.end[before])

    def _machines(self) -> None:
        """Operations that stay, and fixed work, occupy machines too."""
        outside = np.flatnonzero(~self.inside)
        machines = self.shop.alt_machine[self.plan.alt[outside]]
        for machine, spans in self.intervals.items():
            opened = self.opens[machine]
            staying = outside[machines == machine]
            blocks = list(zip(self.plan.start[staying].tolist(), self.plan.end[staying].tolist(), strict=True))
            first, last = int(self.shop.fixed_ptr[machine]), int(self.shop.fixed_ptr[machine + 1])
            fixed = self.shop.fixed_start[first:last].tolist(), self.shop.fixed_end[first:last].tolist()
            blocks.extend(zip(*fixed, strict=True))
            for begin, until in blocks:
                if until > self.earliest and begin < self.horizon:
                    from_minute, to_minute = opened.worked(begin), opened.worked(until)
                    size = to_minute - from_minute
                    spans.append(self.model.new_fixed_size_interval_var(from_minute, size, ""))
            self.model.add_no_overlap(spans)

    def _objective(self) -> None:
        shop, plan = self.shop, self.plan
        terms: list[cp_model.LinearExprT] = []
        if shop.makespan[0]:
            lasts = [operation for operation in shop.last.tolist() if self.inside[operation]]
            outside = plan.end[~self.inside]
            low = int(outside.max()) if len(outside) else 0
            latest = self._variable(low, max(low, self.horizon), max(low, int(plan.end[self.inside].max())))
            for operation in lasts:
                self.model.add(latest >= self.end[operation])
            terms.append(latest)
        for job, operation in enumerate(shop.last.tolist()):
            if self.inside[operation]:
                terms.extend(self._lateness(job, operation))
        if shop.prices.any():
            for operation in self.start:
                terms.extend(self._change(operation))
        self.model.minimize(sum(terms))

    def _lateness(self, job: int, operation: int) -> Iterator[cp_model.LinearExprT]:
        for limit, weight in ((self.shop.due[job], self.shop.weight[job]), (self.shop.deadline[job], MISSED)):
            if limit == NEVER or weight == 0:
                continue
            late = max(0, int(self.plan.end[operation]) - int(limit))
            hard = weight == MISSED and value(self.shop, self.plan) < MISSED  # kept promises stay kept
            most = 0 if hard else max(0, self.horizon - int(limit))
            variable = self._variable(0, most, late)
            self.model.add(variable >= self.end[operation] - int(limit))
            yield int(weight) * variable

    def _change(self, operation: int) -> Iterator[cp_model.LinearExprT]:
        """What it costs that an operation moves, where it was in force before."""
        shop, old = self.shop, int(self.shop.old_start[operation])
        if old == NEVER:
            return
        moved = abs(int(self.plan.start[operation]) - old)
        by = self._variable(0, max(moved, self.horizon, old), moved)
        self.model.add_abs_equality(by, self.start[operation] - old)
        yield int(shop.prices[0]) * by
        there = [
            is_it
            for way, is_it in self.chosen[operation].items()
            if shop.centre[shop.alt_machine[way]] == shop.old_centre[operation]
        ]
        now = shop.centre[shop.alt_machine[self.plan.alt[operation]]] == shop.old_centre[operation]
        changed = self._truth(moved > 0 or not bool(now))
        self.model.add(by == 0).only_enforce_if(~changed)
        self.model.add(sum(there) == 1).only_enforce_if(~changed)
        yield int(shop.prices[1]) * changed


def _gaps(opened: OpenTime, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The closed times between two counts of open minutes: after how many, and how long."""
    intervals = opened.intervals or ()
    for (_, end), (start, _) in pairwise(intervals):
        at = opened.worked(end)
        if first <= at < last and start > end:
            yield at, start - end

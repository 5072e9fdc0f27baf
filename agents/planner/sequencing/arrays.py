"""A problem and a schedule as arrays of integers, for the compiled kernels and the model.

Operations are numbered through the jobs, machines through the work centres; each alternative of an operation stands
for one machine. `*_ptr` arrays hold, for each row, where its part of a flat array begins (and the next one's).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agents.planner.sequencing.problem import Objective, Problem
from agents.planner.sequencing.schedule import Placement, Schedule

Integers: TypeAlias = NDArray[np.int64]

NEVER = 1 << 60
"""A due date or deadline that there is not."""

MISSED = 1 << 20
"""What a minute after a deadline weighs in a search, more than any usual weight."""


class Shop(NamedTuple):
    """A problem. `setup` is by table, group before and group after, -1 where the operation's own set-up stands."""

    job: Integers
    release: Integers
    pred_ptr: Integers
    pred: Integers
    succ_ptr: Integers
    succ: Integers
    alt_ptr: Integers
    alt_machine: Integers
    alt_minutes: Integers
    alt_setup: Integers
    alt_group: Integers
    row_ptr: Integers
    centre: Integers
    plain: Integers
    table: Integers
    setup: Integers
    open_ptr: Integers
    open_start: Integers
    open_end: Integers
    open_before: Integers
    fixed_ptr: Integers
    fixed_start: Integers
    fixed_end: Integers
    fixed_group: Integers
    last: Integers
    due: Integers
    weight: Integers
    deadline: Integers
    old_start: Integers
    old_centre: Integers
    prices: Integers
    makespan: Integers

    @property
    def operations(self) -> int:
        """How many there are."""
        return len(self.job)


class Plan(NamedTuple):
    """A schedule: for each operation the index of its alternative, start and end."""

    alt: Integers
    start: Integers
    end: Integers


class Index(NamedTuple):
    """What the numbers of a shop stand for."""

    operations: list[tuple[str, int]]
    machines: list[tuple[str, int]]
    centres: list[str]
    groups: list[str]


def value(shop: Shop, plan: Plan) -> int:
    """What a plan costs by the shop's objective, minutes after deadlines weighed by `MISSED`."""
    ends = plan.end[shop.last]
    total = int((shop.weight * np.maximum(0, ends - shop.due)).sum())
    total += MISSED * int(np.maximum(0, ends - shop.deadline).sum())
    old = shop.old_start != NEVER
    moved = np.where(old, np.abs(plan.start - shop.old_start), 0)
    elsewhere = old & (shop.centre[shop.alt_machine[plan.alt]] != shop.old_centre)
    total += int(shop.prices[0]) * int(moved.sum()) + int(shop.prices[1]) * int(((moved > 0) | elsewhere).sum())
    return total + (int(ends.max(initial=0)) if shop.makespan[0] else 0)


def integers(values: Iterable[int]) -> Integers:
    """An array of them."""
    return np.array(list(values), dtype=np.int64)


def compile_shop(problem: Problem) -> tuple[Shop, Index]:
    """The arrays of a problem."""
    index = Index(
        [(job.name, step) for job in problem.jobs for step in range(len(job.operations))],
        [(centre.name, number) for centre in problem.work_centres for number in range(centre.machines)],
        [centre.name for centre in problem.work_centres],
        sorted(
            {way.group for job in problem.jobs for ways in job.operations for way in ways if way.group is not None}
            | {fixed.group for fixed in problem.fixed if fixed.group is not None}
        ),
    )
    parts = {**_jobs(problem), **_alternatives(problem, index), **_machines(problem, index), **_change(problem, index)}
    makespan = integers([problem.objective is Objective.MAKESPAN])
    return Shop(**parts, makespan=makespan), index


def _jobs(problem: Problem) -> dict[str, Integers]:
    firsts = list(accumulate((len(job.operations) for job in problem.jobs), initial=0))
    numbers = {job.name: number for number, job in enumerate(problem.jobs)}
    preds: list[list[int]] = [[] for _ in range(firsts[-1])]
    release = [0] * firsts[-1]
    for number, job in enumerate(problem.jobs):
        first = firsts[number]
        release[first] = job.release
        preds[first] = [firsts[numbers[name] + 1] - 1 for name in sorted(set(job.after))]
        for operation in range(first + 1, firsts[number + 1]):
            preds[operation] = [operation - 1]
    succs: list[list[int]] = [[] for _ in preds]
    for operation, before in enumerate(preds):
        for other in before:
            succs[other].append(operation)
    pred_ptr, pred = _rows(preds)
    succ_ptr, succ = _rows(succs)
    tardy = problem.objective is Objective.WEIGHTED_TARDINESS
    return {
        "job": integers(n for n, job in enumerate(problem.jobs) for _ in job.operations),
        "release": integers(release),
        "pred_ptr": pred_ptr,
        "pred": pred,
        "succ_ptr": succ_ptr,
        "succ": succ,
        "last": integers(first - 1 for first in firsts[1:]),
        "due": integers(NEVER if job.due is None or not tardy else job.due for job in problem.jobs),
        "weight": integers(job.weight for job in problem.jobs),
        "deadline": integers(NEVER if job.deadline is None else job.deadline for job in problem.jobs),
    }


def _alternatives(problem: Problem, index: Index) -> dict[str, Integers]:
    firsts = {name: number for number, (name, machine) in enumerate(index.machines) if machine == 0}
    counts = {centre.name: centre.machines for centre in problem.work_centres}
    groups = {group: number for number, group in enumerate(index.groups)}
    rows: list[list[tuple[int, int, int, int]]] = [
        [
            (firsts[way.work_centre] + machine, way.minutes, way.setup, -1 if way.group is None else groups[way.group])
            for way in ways
            for machine in range(counts[way.work_centre])
        ]
        for job in problem.jobs
        for ways in job.operations
    ]
    flat = [row for group in rows for row in group]
    sizes = [0] * len(index.machines)
    for machine, *_ in flat:
        sizes[machine] += 1
    return {
        "alt_ptr": integers(accumulate((len(row) for row in rows), initial=0)),
        "alt_machine": integers(row[0] for row in flat),
        "alt_minutes": integers(row[1] for row in flat),
        "alt_setup": integers(row[2] for row in flat),
        "alt_group": integers(row[3] for row in flat),
        "row_ptr": integers(accumulate(sizes, initial=0)),
    }


def _machines(problem: Problem, index: Index) -> dict[str, Integers]:
    centres = {centre.name: (number, centre) for number, centre in enumerate(problem.work_centres)}
    groups = {group: number for number, group in enumerate(index.groups)}
    opens = [list(centres[name][1].open or ()) for name, _ in index.machines]
    numbers = {machine: number for number, machine in enumerate(index.machines)}
    fixed: list[list[tuple[int, int, int]]] = [[] for _ in index.machines]
    for block in sorted(problem.fixed, key=lambda f: f.start):
        group = -1 if block.group is None else groups[block.group]
        fixed[numbers[block.work_centre, block.machine]].append((block.start, block.end, group))
    tables = {name: number for number, name in enumerate(sorted({name for name, _, _ in problem.setups}))}
    setup = np.full((max(1, len(tables)), max(1, len(groups)), max(1, len(groups))), -1, dtype=np.int64)
    for (name, before, after), minutes in problem.setups.items():
        if before in groups and after in groups:
            setup[tables[name], groups[before], groups[after]] = minutes
    open_ptr, flat_open = _rows(opens, 2)
    fixed_ptr, flat_fixed = _rows(fixed, 3)
    before_open = [list(accumulate((end - start for start, end in row), initial=0))[:-1] for row in opens]
    return {
        "centre": integers(centres[name][0] for name, _ in index.machines),
        "plain": integers(
            not opens[n] and not fixed[n] and name not in tables for n, (name, _) in enumerate(index.machines)
        ),
        "table": integers(tables.get(name, -1) for name, _ in index.machines),
        "setup": setup,
        "open_ptr": open_ptr,
        "open_start": np.ascontiguousarray(flat_open[:, 0]),
        "open_end": np.ascontiguousarray(flat_open[:, 1]),
        "open_before": integers(minutes for row in before_open for minutes in row),
        "fixed_ptr": fixed_ptr,
        "fixed_start": np.ascontiguousarray(flat_fixed[:, 0]),
        "fixed_end": np.ascontiguousarray(flat_fixed[:, 1]),
        "fixed_group": np.ascontiguousarray(flat_fixed[:, 2]),
    }


def _change(problem: Problem, index: Index) -> dict[str, Integers]:
    incumbent = problem.incumbent
    starts, places = dict.fromkeys(index.operations, NEVER), dict.fromkeys(index.operations, -1)
    for place in incumbent.schedule.placements if incumbent else ():
        if (place.job, place.step) in starts:
            starts[place.job, place.step] = place.start
            known = place.work_centre in index.centres
            places[place.job, place.step] = index.centres.index(place.work_centre) if known else -1
    prices = (incumbent.per_minute, incumbent.per_operation) if incumbent else (0, 0)
    return {
        "old_start": integers(starts.values()),
        "old_centre": integers(places.values()),
        "prices": integers(prices),
    }


def _rows(rows: Sequence[Sequence[Any]], width: int = 0) -> tuple[Integers, Integers]:
    """Where each row begins, and all rows in one array, two-dimensional where a width is given."""
    flat = np.array([value for row in rows for value in row], dtype=np.int64)
    return integers(accumulate((len(row) for row in rows), initial=0)), flat.reshape(-1, width) if width else flat


def to_plan(problem: Problem, shop: Shop, index: Index, schedule: Schedule) -> Plan:
    """The arrays of a schedule of the problem."""
    machines = {machine: number for number, machine in enumerate(index.machines)}
    alt = []
    for operation, place in enumerate(schedule.placements):
        first, end = int(shop.alt_ptr[operation]), int(shop.alt_ptr[operation + 1])
        machine = machines[place.work_centre, place.machine]
        alt.append(next(a for a in range(first, end) if int(shop.alt_machine[a]) == machine))
    starts, ends = (p.start for p in schedule.placements), (p.end for p in schedule.placements)
    return Plan(integers(alt), integers(starts), integers(ends))


def to_schedule(shop: Shop, index: Index, plan: Plan) -> Schedule:
    """The records of a plan."""
    machines = shop.alt_machine[plan.alt].tolist()
    rows = zip(index.operations, machines, plan.start.tolist(), plan.end.tolist(), strict=True)
    places = []
    for (job, step), number, start, end in rows:
        centre, machine = index.machines[number]
        places.append(Placement(job, step, centre, machine, start, end))
    return Schedule(tuple(places))

"""Dispatch rules: whenever a machine is idle it takes the most urgent operation that waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from math import exp
from typing import TypeAlias

from agents.planner.sequencing.problem import Alternative, Job, Objective, Problem
from agents.planner.sequencing.schedule import Placement, Schedule
from agents.planner.sequencing.timeline import Machine, machines_of

Rule: TypeAlias = Callable[["Waiting", Alternative, int], float]
"""How urgent an operation is that could start at a time; the highest goes first."""

LOOK_AHEAD = (3.0, 6.0, 10.0)
"""The apparent tardiness cost rules that are tried, by how many mean operations they look ahead."""

_WAITING = 2
"""Minutes that an operation to come is expected to take, waiting included, a minute of its work."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An operation as the rules see it: `left` are the minutes of its job from it on, parents' work left out of `due`.

    `due` and `weight` count the jobs that wait for this one, too.
    """

    job: int
    step: int
    left: int
    due: int
    weight: int


def earliest_due_date(operation: Waiting, _way: Alternative, _time: int) -> float:
    """The job that is due first."""
    return -operation.due


def most_work_left(operation: Waiting, _way: Alternative, _time: int) -> float:
    """The job with the most work before it and the jobs that wait for it, which keeps the makespan low."""
    return operation.left - operation.due


def apparent_tardiness_cost(look_ahead: float) -> Rule:
    """Weight a minute, discounted by slack (Vepsalainen and Morton, 1987); `look_ahead` minutes of slack cost 1/e."""

    def rule(operation: Waiting, way: Alternative, time: int) -> float:
        to_come = operation.left - way.minutes
        slack = max(0, operation.due - time - way.minutes - _WAITING * to_come)
        return operation.weight / way.minutes * exp(-slack / look_ahead)

    return rule


def dispatched(problem: Problem) -> Iterator[Schedule]:
    """A schedule of every rule that suits the objective, the quickest first."""
    if problem.objective is Objective.MAKESPAN:
        yield dispatch(problem, most_work_left)
        return
    yield dispatch(problem, earliest_due_date)
    minutes = [way.minutes for job in problem.jobs for ways in job.operations for way in ways]
    mean = sum(minutes) / max(1, len(minutes))
    for factor in LOOK_AHEAD:
        yield dispatch(problem, apparent_tardiness_cost(factor * mean))


def dispatch(problem: Problem, rule: Rule) -> Schedule:
    """The schedule that a rule leads to. Each operation goes to the work centre that would have it done first."""
    return _Floor(problem, rule).run()


@dataclass(slots=True)
class _Floor:
    problem: Problem
    rule: Rule
    machines: dict[str, list[Machine]] = field(init=False)
    queues: dict[str, list[tuple[Waiting, Alternative]]] = field(init=False)
    queued: dict[str, int] = field(init=False)
    waking: dict[str, int] = field(init=False)
    events: list[tuple[int, int, int, str]] = field(default_factory=list)
    placed: dict[tuple[int, int], Placement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.machines = {centre.name: [] for centre in self.problem.work_centres}
        for (centre, _), machine in machines_of(self.problem).items():
            self.machines[centre].append(machine)
        self.queues = {name: [] for name in self.machines}
        self.queued = dict.fromkeys(self.queues, 0)
        self.waking = dict.fromkeys(self.queues, -1)

    def run(self) -> Schedule:
        jobs = self.problem.jobs
        waiting = _as_rules_see_them(self.problem)
        numbers = {job.name: number for number, job in enumerate(jobs)}
        parents: list[list[int]] = [[] for _ in jobs]
        missing = [len(set(job.after)) for job in jobs]
        for number, job in enumerate(jobs):
            for name in set(job.after):
                parents[numbers[name]].append(number)
            if not job.after:
                heappush(self.events, (job.release, number, 0, ""))
        while self.events:
            time, touched = self.events[0][0], set()
            while self.events and self.events[0][0] == time:
                _, number, step, centre = heappop(self.events)
                if centre:
                    touched.add(centre)
                elif step < len(jobs[number].operations):
                    touched.add(self._arrive(waiting[number][step], time))
                else:
                    for parent in parents[number]:
                        missing[parent] -= 1
                        if missing[parent] == 0:
                            heappush(self.events, (max(time, jobs[parent].release), parent, 0, ""))
            for centre in sorted(touched):
                self._serve(centre, time)
        return Schedule(tuple(self.placed[key] for key in sorted(self.placed)))

    def _arrive(self, operation: Waiting, time: int) -> str:
        def done(way: Alternative) -> float:
            machines = self.machines[way.work_centre]
            free = min(machine.next_free(time) for machine in machines)
            return free + self.queued[way.work_centre] / len(machines) + way.minutes

        ways = self.problem.jobs[operation.job].operations[operation.step]
        way = min(ways, key=done) if len(ways) > 1 else ways[0]
        self.queues[way.work_centre].append((operation, way))
        self.queued[way.work_centre] += way.minutes
        return way.work_centre

    def _serve(self, centre: str, time: int) -> None:
        queue = self.queues[centre]
        for machine in self.machines[centre]:
            if queue and machine.next_free(time) <= time:
                best = max(range(len(queue)), key=lambda n: self.rule(*queue[n], time))
                operation, way = queue.pop(best)
                self.queued[centre] -= way.minutes
                self._place(machine, operation, way, time)
        if queue:
            wake = min(machine.next_free(time) for machine in self.machines[centre])
            if wake != self.waking[centre]:
                self.waking[centre] = wake
                heappush(self.events, (wake, 0, 0, centre))

    def _place(self, machine: Machine, operation: Waiting, way: Alternative, time: int) -> None:
        start, end = machine.fit(way, time)
        machine.take(way, end)
        name = self.problem.jobs[operation.job].name
        place = Placement(name, operation.step, way.work_centre, machine.number, start, end)
        self.placed[operation.job, operation.step] = place
        heappush(self.events, (end, operation.job, operation.step + 1, ""))


def _as_rules_see_them(problem: Problem) -> list[list[Waiting]]:
    """The operations of each job."""
    jobs = {job.name: (number, job) for number, job in enumerate(problem.jobs)}
    parents: dict[str, list[Job]] = {name: [] for name in jobs}
    for job in problem.jobs:
        for name in set(job.after):
            parents[name].append(job)
    horizon = sum(_work(job) for job in problem.jobs) + max((job.due or 0 for job in problem.jobs), default=0)
    dues: dict[str, int] = {}
    weights: dict[str, int] = {}
    found: list[list[Waiting]] = [[] for _ in jobs]
    for name in reversed(list(TopologicalSorter({job.name: job.after for job in problem.jobs}).static_order())):
        number, job = jobs[name]
        own = [time for time in (job.due, job.deadline) if time is not None]
        least = 0 if problem.objective is Objective.MAKESPAN else horizon
        dues[name] = min([*own, *(dues[p.name] - _work(p) for p in parents[name])], default=least)
        weights[name] = job.weight + sum(weights[p.name] for p in parents[name])
        left = _work(job)
        for step, ways in enumerate(job.operations):
            found[number].append(Waiting(number, step, left, dues[name], weights[name]))
            left -= min(way.minutes for way in ways)
    return found


def _work(job: Job) -> int:
    return sum(min(way.minutes for way in ways) for ways in job.operations)

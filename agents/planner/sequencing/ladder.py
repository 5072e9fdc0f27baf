"""Improving a schedule, anytime and never worse: dispatch rules at once, then local search, and CP-SAT between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.planner.sequencing.check import check
from agents.planner.sequencing.cost import Cost, cost, missed_deadlines
from agents.planner.sequencing.dispatch import dispatched
from agents.planner.sequencing.incumbency import completed
from agents.planner.sequencing.problem import Objective, Problem
from agents.planner.sequencing.schedule import Schedule

if TYPE_CHECKING:
    from agents.planner.sequencing.arrays import Plan, Shop
    from agents.planner.sequencing.search import Search

_WHOLE_AT = {4: 0.02, 40: 0.1, 400: 0.5}
"""The rounds after which a small problem is solved whole, and the deterministic time for it."""

_STRETCH_AFTER, _STRETCH_EFFORT = 25, 0.02
"""A stretch of a larger one is solved after so many rounds, within so much deterministic time; then again after so many
if that was of use, later and later if not."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an improvement stands: rounds made, and what the best schedule so far costs, missed deadlines included."""

    rounds: int
    value: int


@dataclass(frozen=True, slots=True)
class Improved:
    """A checked schedule. `dispatched` is what the best dispatch rule alone cost, `missed` the deadlines not kept.

    `proven` says that no schedule costs less. `refused` tells of schedules that were found and not used, and why.
    """

    schedule: Schedule
    cost: Cost
    dispatched: Cost
    missed: tuple[str, ...] = ()
    proven: bool = False
    rounds: int = 0
    refused: tuple[str, ...] = ()


def improve(
    problem: Problem,
    *,
    seed: int = 0,
    rounds: int | None = None,
    spent: Callable[[], float] | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> Improved:
    """The best schedule that is found until the effort is spent; the incumbent's or a dispatch rule's at the worst.

    `spent` tells the share of the effort that is spent, and is asked at least every tenth of a second: 1.0 ends the
    search, 0.0 says only that it goes on. `rounds` limits it without a clock: the same seed and rounds give the same
    schedule. Raises ValueError where neither is given: nothing might end it.
    """
    if rounds is None and spent is None:
        raise ValueError("neither `rounds` nor `spent` limits the effort")
    climb = _Climb(problem, seed, rounds, spent or (lambda: 0.0), report)
    climb.begin()
    if problem.jobs:
        climb.search()
    return climb.result()


@dataclass(slots=True)
class _Climb:
    problem: Problem
    seed: int
    limit: int | None
    spent: Callable[[], float]
    report: Callable[[Progress], None]
    rounds: int = 0
    proven: bool = False
    next_model: int = _STRETCH_AFTER
    model_gap: int = _STRETCH_AFTER
    refused: list[str] = field(default_factory=list)
    best: tuple[Cost, Schedule] = field(init=False)
    dispatched: Cost = field(init=False)

    def begin(self) -> None:
        """Take the best of the incumbent and the dispatch rules."""
        found: list[tuple[Cost, Schedule]] = []
        for schedule in dispatched(self.problem):
            found.append((cost(self.problem, schedule), schedule))
            if self.spent() >= 1.0:
                break
        self.dispatched, _ = self.best = min(found, key=lambda entry: entry[0])
        findings = check(self.problem, self.best[1])
        if findings:
            raise AssertionError(f"a dispatch rule made no schedule: {findings[:3]}")
        incumbent = completed(self.problem)
        if incumbent is not None:
            self._consider(incumbent, "the incumbent")

    def search(self) -> None:
        """Improve it in rounds."""
        from agents.planner.sequencing.arrays import compile_shop, to_plan, to_schedule, value
        from agents.planner.sequencing.search import search_for  # compiled code, which the rest does without

        shop, index = compile_shop(self.problem)
        start = to_plan(self.problem, shop, index, self.best[1])
        bound = _least(self.problem)
        self.proven = value(shop, start) <= bound
        if self.proven or self._share() >= 1.0:
            return
        search, found = search_for(shop, start, self.seed), start
        while self._share() < 1.0:
            known = min(search.value, value(shop, found))
            search.round(self._share())
            self.rounds += 1
            if self.rounds in _WHOLE_AT or self.rounds == self.next_model:
                found = min(found, self._solve(shop, search), key=lambda plan: value(shop, plan))
            best = min(search.value, value(shop, found))
            self.proven = self.proven or best <= bound
            if best < known:
                self.report(Progress(self.rounds, best))
            if self.proven:
                break
        for plan in sorted((search.plan, found), key=lambda plan: value(shop, plan)):
            schedule = to_schedule(shop, index, plan)
            if cost(self.problem, schedule) < self.best[0]:
                self._consider(schedule, "what the search found")

    def result(self) -> Improved:
        """What came of it."""
        missed = missed_deadlines(self.problem, self.best[1])
        known = (self.proven, self.rounds, tuple(self.refused))
        return Improved(self.best[1], self.best[0], self.dispatched, missed, *known)

    def _share(self) -> float:
        """The share of the effort that is spent."""
        if self.limit is None:
            return self.spent()
        return max(self.rounds / self.limit if self.limit > 0 else 1.0, self.spent())

    def _consider(self, schedule: Schedule, name: str) -> None:
        """Use a schedule if it is better than the best and nothing is wrong with it."""
        findings = check(self.problem, schedule)
        if findings:
            self.refused.append(f"{name}: {'; '.join(findings[:3])}")
        elif (costs := cost(self.problem, schedule)) < self.best[0]:
            self.best = costs, schedule

    def _solve(self, shop: Shop, search: Search) -> Plan:
        """Hand the best schedule to CP-SAT, whole or a stretch of it, and take back what is better."""
        from agents.planner.sequencing.solving import Answer, can_model, is_small, solve_stretch, solve_whole

        if not can_model(shop):
            return search.plan
        seed = self.seed + self.rounds

        def stop() -> bool:
            return self.spent() >= 1.0

        if not is_small(shop):
            answer, plan = solve_stretch(self.problem, shop, search.plan, seed, _STRETCH_EFFORT, stop)
            self.model_gap = _STRETCH_AFTER if answer is Answer.BETTER else 2 * self.model_gap
            self.next_model = self.rounds + self.model_gap
        elif self.rounds in _WHOLE_AT:
            answer, plan = solve_whole(self.problem, shop, search.plan, seed, _WHOLE_AT[self.rounds], stop)
            self.proven = answer is Answer.OPTIMAL
        else:
            return search.plan
        if answer is Answer.REFUSED:
            self.refused.append("the model: CP-SAT took its hint for no solution")
        if plan is not search.plan:
            search.offer(plan)
        return plan


def _least(problem: Problem) -> int:
    """What no schedule can cost less than, as far as it is plain to see."""
    if problem.objective is not Objective.MAKESPAN:
        return 0
    lengths = [job.release + sum(min(w.minutes for w in ways) for ways in job.operations) for job in problem.jobs]
    loads = {centre.name: 0 for centre in problem.work_centres}
    for job in problem.jobs:
        for ways in job.operations:
            if len(ways) == 1:
                loads[ways[0].work_centre] += ways[0].minutes - ways[0].setup
    machines = {centre.name: centre.machines for centre in problem.work_centres}
    return max([*lengths, *(-(-load // machines[name]) for name, load in loads.items())], default=0)

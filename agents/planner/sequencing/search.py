"""Local search in rounds of some hundredths of a second: which neighbourhood suits a problem is chosen by its shape."""

from __future__ import annotations

import random
from typing import Protocol

import numpy as np

from agents.planner.sequencing.arrays import NEVER, Integers, Plan, Shop
from agents.planner.sequencing.kernels.anneal import anneal
from agents.planner.sequencing.kernels.chance import seeded
from agents.planner.sequencing.kernels.state import arrange, plan_of, restore, state_of, total
from agents.planner.sequencing.kernels.tabu import BEST, IMPROVED, ROUND, forget, search, tabu_of

_TIMINGS = 150_000
"""How many timings a round of annealing takes, and about how many a round of tabu search."""

_FIRST_CYCLE = 16
"""Rounds from hot to cold where nobody knows how long the search goes on; each such cycle is twice the one before."""

_CYCLES, _FEW_OPERATIONS = 4, 2_500
"""How often the search cools down, beginning again from its best, where there are so few operations."""

_PATIENCE = 12_500
"""Moves without a better schedule after which tabu search begins anew between two good ones."""

_ELITE = 8
"""How many good schedules it keeps for that."""


class Search(Protocol):
    """A search that can be stopped after every round. `plan` is the best schedule so far, and `value` what it costs."""

    plan: Plan
    value: int

    def round(self, share: float) -> None:
        """Search on; `share` of the whole effort is spent, 0 where that is not known."""

    def offer(self, plan: Plan) -> None:
        """Go on from a schedule that was found elsewhere, if it is better."""


def search_for(shop: Shop, plan: Plan, seed: int) -> Search:
    """Tabu search where critical paths tell all, otherwise annealing."""
    return TabuSearch(shop, plan, seed) if _only_paths_matter(shop) else Annealing(shop, plan, seed)


def _only_paths_matter(shop: Shop) -> bool:
    """Whether nothing but jobs and sequences decides when operations run, and the makespan is all that counts."""
    no_prices = not shop.prices.any() and bool((shop.deadline == NEVER).all())
    return bool(shop.makespan[0]) and bool(shop.plain.all()) and no_prices


class Annealing:
    """Exactly timed moves of what makes costly jobs late, accepted by simulated annealing."""

    def __init__(self, shop: Shop, plan: Plan, seed: int) -> None:
        self._shop = shop
        self._state = state_of(shop, plan)
        self._chance = seeded(seed)
        self.value = total(shop, self._state)
        self._hot, self._cold = _temperatures(shop)
        self._rounds, self._length, self._cycle = 0, _FIRST_CYCLE, 0
        self.plan = plan_of(self._state)

    def round(self, share: float) -> None:
        """Search on, at the temperature that the share of the effort, or else the count of rounds, says."""
        cycle, cooled = self._place(share)
        if cycle != self._cycle:
            self._cycle = cycle
            restore(self._shop, self._state, self.plan)
        heat = self._hot * (self._cold / self._hot) ** cooled
        self.value = anneal(self._shop, self._state, self.plan, self.value, self._chance, heat, heat, _TIMINGS)

    def _place(self, share: float) -> tuple[int, float]:
        """Which time the search cools down, and how far it has got in that."""
        if share > 0.0:
            cycles = _CYCLES if self._shop.operations < _FEW_OPERATIONS else 1
            place = min(share, 1.0) * cycles
            return int(place), place % 1.0
        if self._rounds == self._length:
            self._rounds, self._length = 0, 2 * self._length
        self._rounds += 1
        return self._length, self._rounds / self._length

    def offer(self, plan: Plan) -> None:
        """Go on from a schedule that was found elsewhere, if it is better."""
        kept = plan_of(self._state)
        restore(self._shop, self._state, plan)
        value = total(self._shop, self._state)
        if value < self.value:
            self.value, self.plan = value, plan_of(self._state)
        else:
            restore(self._shop, self._state, kept)


def _temperatures(shop: Shop) -> tuple[float, float]:
    """Where annealing begins and ends: about what a mean operation's delay costs, less where there are many of them."""
    unit = float(shop.alt_minutes.mean()) * (1.0 if shop.makespan[0] else max(1.0, float(shop.weight.mean())))
    return unit * min(2.0, max(0.2, 5_000 / shop.operations)), unit * 0.05


class TabuSearch:
    """Tabu search from schedules between two good ones, kept as a small population (after Peng, Lü and Cheng, 2015)."""

    def __init__(self, shop: Shop, plan: Plan, seed: int) -> None:
        self._shop = shop
        self._state = state_of(shop, plan)
        self._tabu = tabu_of(shop, self._state)
        self._chance = seeded(seed)
        self._random = random.Random(seed)
        self._elite: list[tuple[int, Plan]] = []
        self._moves = max(1, _TIMINGS * 3 // shop.operations)
        self.plan = plan_of(self._state)
        self.value = total(shop, self._state)

    def round(self, share: float) -> None:
        """Search on; begin anew between two good schedules where this one leads no further."""
        number = self._tabu.number
        found = search(self._shop, self._state, self._tabu, self._chance, self._moves)
        if found < self.value:
            self.value, self.plan = found, Plan(*(array.copy() for array in self._tabu.kept))
        if number[ROUND] - number[IMPROVED] >= _PATIENCE or number[ROUND] == 0:
            self._keep(int(number[BEST]), Plan(*(array.copy() for array in self._tabu.kept)))
            self._begin_between()

    def offer(self, plan: Plan) -> None:
        """Go on from a schedule that was found elsewhere, if it is better."""
        value = int(plan.end.max())
        if value < self.value:
            self.value, self.plan = value, plan
            self._keep(value, plan)

    def _keep(self, value: int, plan: Plan) -> None:
        """Let a schedule into the population, if it is new and among the best."""
        if any(value == other and np.array_equal(plan.start, kept.start) for other, kept in self._elite):
            return
        self._elite.append((value, plan))
        self._elite.sort(key=lambda entry: entry[0])
        del self._elite[_ELITE:]

    def _begin_between(self) -> None:
        shop = self._shop
        near, other = self.plan, None
        if len(self._elite) == _ELITE or (len(self._elite) > 1 and self._random.random() < 0.3):
            near, other = (plan for _, plan in self._random.sample(self._elite, 2))
        toward = 0.3 + 0.4 * self._random.random()
        far = self._any_order() if other is None else _ranks(other)
        order = np.argsort((1 - toward) * _ranks(near) + toward * far, kind="stable")
        if other is not None:
            taken = [self._random.random() < toward for _ in range(shop.operations)]
            self._state.alt[:] = np.where(taken, other.alt, near.alt)
        else:
            self._state.alt[:] = near.alt
        arrange(shop, self._state, order)
        forget(self._tabu)

    def _any_order(self) -> Integers:
        """Ranks of all operations in an order by chance that the jobs' own orders allow."""
        shop = self._shop
        waiting = [int(shop.pred_ptr[n + 1] - shop.pred_ptr[n]) for n in range(shop.operations)]
        ready = [operation for operation, count in enumerate(waiting) if count == 0]
        ranks = np.zeros(shop.operations, dtype=np.int64)
        for rank in range(shop.operations):
            chosen = self._random.randrange(len(ready))
            ready[chosen], ready[-1] = ready[-1], ready[chosen]
            operation = ready.pop()
            ranks[operation] = rank
            for succ in shop.succ[shop.succ_ptr[operation] : shop.succ_ptr[operation + 1]].tolist():
                waiting[succ] -= 1
                if waiting[succ] == 0:
                    ready.append(succ)
        return ranks


def _ranks(plan: Plan) -> Integers:
    """The place of each operation in the order of time."""
    ranks = np.zeros(len(plan.start), dtype=np.int64)
    ranks[np.lexsort((plan.end, plan.start))] = np.arange(len(plan.start))
    return ranks

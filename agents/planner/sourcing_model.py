"""The supplier choice as a CP-SAT model: quantities in lots, all-units price breaks, order costs, capacities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

if TYPE_CHECKING:
    from agents.planner.sourcing import Choice, Option

_DETERMINISTIC_LIMIT = 2.0

_MOST = 2**60
"""What no objective exceeds."""


def solve_choice(
    options: tuple[Option, ...], need: int, seed: int = 0, limit: float = _DETERMINISTIC_LIMIT
) -> Choice | None:
    """The best choice by outlay, then preference, then fewest rows, then excess; None where none covers the need.

    `limit` is the deterministic time for each of the four. Where it is not enough, the choice covers the need but may
    not be the best, and there may be none though the need could be covered.
    """
    model = _Model(options, need, seed, limit)
    solution: list[int] | None = None
    for goal in model.goals():
        found = model.minimise(goal)
        if found is None:
            break
        solution, proven = found
        if not proven:
            break
    if solution is None:
        return None
    return tuple((option.offer, q) for option, q in zip(options, solution, strict=True) if q)


class _Model:
    """Four criteria, as few objectives as can tell them apart within what the solver can count to."""

    def __init__(self, options: tuple[Option, ...], need: int, seed: int, limit: float) -> None:
        self.seed, self.limit = seed, limit
        self.model = cp_model.CpModel()
        self.options = options
        self.quantities: list[cp_model.LinearExprT] = []
        self.terms: list[list[cp_model.LinearExprT]] = [[], [], [], []]
        self.most = [0, 0, 0, 0]
        self.orders: dict[int, cp_model.IntVar] = {}
        for option in options:
            self._add(option, need)
        self.model.add(sum(self.quantities) >= need)

    def _add(self, option: Option, need: int) -> None:
        """One option: a lot count in at most one of its price tiers."""
        top = max([option.lot(need), *(option.lot(begin) for begin, _ in option.breaks)])
        if option.cap is not None:
            top = min(top, option.cap)
        parts, used = [], []
        for index, (begin, price) in enumerate(option.breaks):
            low = option.lot(max(begin, 1) if index else 1)
            above = option.breaks[index + 1][0] - 1 if index + 1 < len(option.breaks) else top
            high = min(top, above) // option.multiple * option.multiple
            if low > high:
                continue
            chosen = self.model.new_bool_var("")
            lots = self.model.new_int_var(0, high // option.multiple, "")
            self.model.add(lots * option.multiple >= low).only_enforce_if(chosen)
            self.model.add(lots == 0).only_enforce_if(~chosen)
            used.append(chosen)
            parts.append(lots * option.multiple)
            self.terms[0].append(lots * (option.multiple * price))
        quantity = sum(parts) if parts else 0
        self.quantities.append(quantity)
        if used:
            prices = [price for _, price in option.breaks]
            most = top * max(prices) + option.order_cost, top * option.preference, 1, top
            self.most = [so_far + more for so_far, more in zip(self.most, most, strict=True)]
            self.model.add_at_most_one(used)
            self._charge(option, used)
            self.terms[1].append(quantity * option.preference)
            self.terms[2].append(sum(used))
            self.terms[3].append(quantity)

    def _charge(self, option: Option, used: list[cp_model.IntVar]) -> None:
        """The order cost of an option that is used, paid once by all that go out with the same order."""
        if option.order < 0:
            self.terms[0].append(sum(used) * option.order_cost)
            return
        if option.order not in self.orders:
            self.orders[option.order] = self.model.new_bool_var("")
            self.terms[0].append(self.orders[option.order] * option.order_cost)
        for chosen in used:
            self.model.add_implication(chosen, self.orders[option.order])

    def goals(self) -> list[cp_model.LinearExpr]:
        """The objectives in order: criteria are weighted into one while their sum stays below `_MOST`."""
        goals: list[cp_model.LinearExpr] = []
        size = _MOST
        for terms, most in zip(self.terms, self.most, strict=True):
            if size * (most + 1) < _MOST:
                goals[-1] = goals[-1] * (most + 1) + cp_model.LinearExpr.sum(terms)
                size *= most + 1
            else:
                goals.append(cp_model.LinearExpr.sum(terms))
                size = most + 1
        return goals

    def minimise(self, goal: cp_model.LinearExpr) -> tuple[list[int], bool] | None:
        """The quantities at which a goal is least, and whether that is proven; it is kept from then on."""
        self.model.minimize(goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed
        solver.parameters.max_deterministic_time = self.limit
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        self.model.add(goal <= solver.value(goal))
        return [solver.value(q) for q in self.quantities], status == cp_model.OPTIMAL

"""The supplier choice as a CP-SAT model: quantities in lots, all-units price breaks, order costs, capacities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

if TYPE_CHECKING:
    from agents.planner.sourcing import Choice, Option

_DETERMINISTIC_LIMIT = 2.0


def solve_choice(options: tuple[Option, ...], need: int, seed: int = 0) -> Choice | None:
    """The best choice by outlay, then preference, then fewest rows, then excess; None where none covers the need."""
    objectives = _Model(options, need, seed)
    fixed: list[tuple[int, int]] = []
    solution: list[int] | None = None
    for index in range(4):
        found = objectives.minimise(index, fixed, solution)
        if found is None:
            break
        value, solution = found
        fixed.append((index, value))
    if solution is None:
        return None
    return tuple((option.offer, q) for option, q in zip(options, solution, strict=True) if q)


class _Model:
    def __init__(self, options: tuple[Option, ...], need: int, seed: int) -> None:
        self.seed = seed
        self.model = cp_model.CpModel()
        self.options = options
        self.quantities: list[cp_model.LinearExprT] = []
        self.terms: list[list[cp_model.LinearExprT]] = [[], [], [], []]
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
            low = option.lot(max(begin, 1))
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
            self.model.add_at_most_one(used)
            self.terms[0].append(sum(used) * option.order_cost)
            self.terms[1].append(quantity * option.preference)
            self.terms[2].append(sum(used))
            self.terms[3].append(quantity)

    def minimise(
        self, index: int, fixed: list[tuple[int, int]], hint: list[int] | None
    ) -> tuple[int, list[int]] | None:
        """The least value of one criterion with the earlier ones kept, and the quantities that reach it."""
        model = self.model.clone()
        for earlier, value in fixed:
            model.add(sum(self.terms[earlier]) <= value)
        model.minimize(sum(self.terms[index]))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed
        solver.parameters.max_deterministic_time = _DETERMINISTIC_LIMIT
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        quantities = [solver.value(q) for q in self.quantities]
        return round(solver.objective_value), quantities

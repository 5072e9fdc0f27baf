"""The release split as a CP-SAT model: for customers who take no small releases."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from knowledge.instants import Instant
from knowledge.quantities import Units

if TYPE_CHECKING:
    from agents.planner.release_split import SplitLine

DETERMINISTIC_LIMIT = 0.2
"""What the solver may take for each of its two objectives, whatever the machine."""

_MONEY = 2**52
"""What the money of a split is rounded to where it is more, so that the solver can count with it."""

Parts = list[tuple[Instant, Units]]
"""What of a line goes when."""


def solve_split(
    lines: Sequence[SplitLine],
    times: list[Instant],
    most: int | None,
    shipment_cost: Fraction,
    seed: int = 0,
    limit: float = DETERMINISTIC_LIMIT,
) -> tuple[list[Parts] | None, bool]:
    """The split with the least quantity × lateness, then cost, then shipments, and whether that is proven.

    `times` are all at which something of the lines becomes possible, in order. `limit` is the deterministic time for
    each of the two objectives; None where nothing was found in it. Costs beyond 2**52 parts of a
    whole are rounded.
    """
    model = _Model(lines, times, most, seed, limit)
    found, proven = model.minimise(model.lateness())
    if found is None or not proven:
        return found, False
    cheaper, proven = model.minimise(model.cost(shipment_cost))
    return (found, False) if cheaper is None else (cheaper, proven)


class _Model:
    def __init__(
        self, lines: Sequence[SplitLine], times: list[Instant], most: int | None, seed: int, limit: float
    ) -> None:
        self.lines, self.times, self.seed, self.limit = lines, times, seed, limit
        self.model = cp_model.CpModel()
        self.ships = [self.model.new_bool_var("") for _ in times]
        if most is not None:
            self.model.add(sum(self.ships) <= most)
        self.units = [self._line(line) for line in lines]

    def _line(self, line: SplitLine) -> list[cp_model.IntVar]:
        """How much of a line goes at each time."""
        model, total = self.model, line.total
        units = [model.new_int_var(0, total, "") for _ in self.times]
        model.add(sum(units) == total)
        for index, time in enumerate(self.times):
            model.add(sum(units[: index + 1]) <= line.there(time))
            goes = model.new_bool_var("")
            model.add(units[index] == 0).only_enforce_if(~goes)
            model.add(units[index] >= 1).only_enforce_if(goes)
            model.add_implication(goes, self.ships[index])
            if line.floor > 1:
                is_last = model.new_bool_var("")
                model.add(sum(units[index + 1 :]) == 0).only_enforce_if(is_last)
                model.add(units[index] >= min(line.floor, total)).only_enforce_if(goes, ~is_last)
        return units

    def lateness(self) -> cp_model.LinearExpr:
        """Units × seconds late, of all lines."""
        return cp_model.LinearExpr.sum(
            [
                cp_model.LinearExpr.weighted_sum(units, [line.late(time) for time in self.times])
                for line, units in zip(self.lines, self.units, strict=True)
            ]
        )

    def cost(self, shipment_cost: Fraction) -> cp_model.LinearExpr:
        """Money for lateness and shipments, then the number of shipments, as one number."""
        weight = len(self.times) + 1
        prices = [line.late(time) * line.late_cost for line in self.lines for time in self.times]
        most = [line.total for line in self.lines for _ in self.times]
        shipment, *whole = _whole([shipment_cost, *prices], [len(self.times), *most])
        units = [variable for row in self.units for variable in row]
        late = cp_model.LinearExpr.weighted_sum(units, [price * weight for price in whole])
        return late + sum(self.ships) * (shipment * weight + 1)

    def minimise(self, goal: cp_model.LinearExpr) -> tuple[list[Parts] | None, bool]:
        """What goes when at the least of a goal, and whether that is proven; the goal is kept from then on."""
        self.model.minimize(goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed
        solver.parameters.max_deterministic_time = self.limit
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, False
        self.model.add(goal <= solver.value(goal))
        found = [
            [(time, n) for time, var in zip(self.times, units, strict=True) if (n := solver.value(var))]
            for units in self.units
        ]
        return found, status == cp_model.OPTIMAL


def _whole(prices: list[Fraction], most: list[int]) -> list[int]:
    """Prices as whole numbers, in proportion: exactly, unless what `most` of each come to is above `_MONEY`."""
    scale = lcm(*(price.denominator for price in prices))
    whole = [int(price * scale) for price in prices]
    divisor = gcd(*whole) or 1
    whole = [price // divisor for price in whole]
    size = sum(price * count for price, count in zip(whole, most, strict=True))
    shift = max(0, size.bit_length() - _MONEY.bit_length())
    return [price >> shift for price in whole]

"""Which releases an order goes in, where its customer limits them, as a CP-SAT model."""

from __future__ import annotations

from dataclasses import dataclass

from ortools.sat.python import cp_model

from knowledge.instants import MINUTE, Instant
from knowledge.quantities import Units


@dataclass(frozen=True, slots=True)
class Step:
    """A quantity that can go at a time, or later."""

    time: Instant
    quantity: Units


def choose_releases(
    steps: list[list[Step]], wanted: list[Instant], floors: list[Units], most: int | None, seed: int = 0
) -> list[list[Step]]:
    """For each line, what goes when, at the least sum of quantity × minutes late.

    `steps` are each line's quantities by time; all of them go. No release of a line but its last is below its
    floor, and the order ships at `most` different times (None: any number).
    """
    times = sorted({step.time for line in steps for step in line})
    if not times:
        return [[] for _ in steps]
    model = cp_model.CpModel()
    ships = {time: model.new_bool_var("") for time in times}
    if most is not None:
        model.add(sum(ships.values()) <= most)
    quantities: list[dict[Instant, cp_model.IntVar]] = []
    terms: list[cp_model.LinearExprT] = list(ships.values())  # among equals, the fewest shipments
    weight = len(times) + 1  # of a piece and minute, so that all shipments together count less
    for line, due, floor in zip(steps, wanted, floors, strict=True):
        chosen = _line(model, line, times, ships, floor)
        quantities.append(chosen)
        terms.extend(q * (max(0, time - due) // MINUTE * weight) for time, q in chosen.items())
    model.minimize(sum(terms))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = 5.0
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [_all_at_last(line) for line in steps]
    return [[Step(time, solver.value(q)) for time, q in line.items() if solver.value(q)] for line in quantities]


def _line(
    model: cp_model.CpModel,
    line: list[Step],
    times: list[Instant],
    ships: dict[Instant, cp_model.IntVar],
    floor: Units,
) -> dict[Instant, cp_model.IntVar]:
    total = sum(step.quantity for step in line)
    chosen = {time: model.new_int_var(0, total, "") for time in times}
    model.add(sum(chosen.values()) == total)
    for index, time in enumerate(times):
        there = sum(step.quantity for step in line if step.time <= time)
        model.add(sum(chosen[t] for t in times[: index + 1]) <= there)
        goes = model.new_bool_var("")
        model.add(chosen[time] == 0).only_enforce_if(~goes)
        model.add(chosen[time] >= 1).only_enforce_if(goes)
        model.add_implication(goes, ships[time])
        if floor > 1:
            is_last = model.new_bool_var("")
            model.add(sum(chosen[t] for t in times[index + 1 :]) == 0).only_enforce_if(is_last)
            model.add(chosen[time] >= min(floor, total)).only_enforce_if(goes, ~is_last)
    return chosen


def _all_at_last(line: list[Step]) -> list[Step]:
    return [Step(max(s.time for s in line), sum(s.quantity for s in line))] if line else []

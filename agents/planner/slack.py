"""Promising by slack: the first time by which work centres can have done one more operation, in any sequence.

A work centre is given open time as time passes, and owes each operation by the time when that has to end. The slack at
a time is the least, over all later times, of what is given until then less what is owed by then; one more operation can
be due where the slack is as long as it takes. For one machine that may be interrupted this is exact; for several
machines, operations that cannot be interrupted and orders of several levels nothing earlier is possible either.
"""

from __future__ import annotations

from agents.planner.book import Shop
from agents.planner.placing import Placing
from agents.planner.routing import operations_of
from agents.planner.timeline import Centre
from knowledge.instants import Instant
from knowledge.quantities import Units


def earliest_by_slack(shop: Shop, placing: Placing, item: str, quantity: Units) -> tuple[Instant, str]:
    """The first time by which so much of an item can be made in one order, and the work centre that is full till then.

    Operations that can be done at several work centres are taken to fit.
    """
    time, full = placing.now, ""
    for operation in operations_of(shop, item, quantity):
        if len(operation.ways) != 1 or not operation.ways[0].seconds:
            continue
        way = operation.ways[0]
        centre = placing.centre(way.work_centre)
        time = centre.axis.finish_at(centre.axis.open_seconds(time) + way.seconds)
        free = _free_from(centre, way.work_centre, way.seconds, placing.now)
        if free > time:
            time, full = free, way.work_centre
    return time, full


def _free_from(centre: Centre, work_centre: str, seconds: int, now: Instant) -> Instant:
    """The first time from which on so much slack is left."""
    axis, machines = centre.axis, len(centre.machines)
    floor = axis.open_seconds(now)
    owed = [(end, end - max(start, floor)) for m in centre.machines for start, end in m.firm.stretches if end > floor]
    owed += [
        (axis.open_seconds(operation.end), operation.stop - operation.position)
        for operation in centre.queue
        if operation.machine is not None and operation.machine.work_centre == work_centre
    ]
    owed.sort()
    total, needed = 0, seconds
    for position, length in owed:
        total += length
        if machines * (position - floor) < total + seconds:
            needed = total + seconds
    return axis.finish_at(floor - (-needed // machines))

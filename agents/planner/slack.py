"""Promising by slack: the first time by which work centres can have done one more order, in any sequence.

What stands on a machine before a time cannot stand after it: orders are placed as late as their dates allow. So the
time that is idle until then is all that one more order can be given, and the first time with enough of it is no later
than any at which the order can be promised. For several machines or operations it is an estimate from below.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from agents.planner.live import Live
from agents.planner.routing import operations_of
from agents.planner.timeline import Centre
from knowledge.instants import Instant
from knowledge.quantities import Units


def earliest_by_slack(live: Live, item: str, quantity: Units) -> Instant:
    """The first time by which so much of an item more could be made, going by the idle time of its work centres."""
    time = _made_by(live, item, quantity)
    left = max(0, live.left(item, time))
    return time if not left else _made_by(live, item, max(0, quantity - left))


def _made_by(live: Live, item: str, quantity: Units) -> Instant:
    time = live.now
    if not quantity or not live.shop.makes(item):
        return time
    for lot in live.shop.plant.items[item].lot.split(quantity)[:1]:
        for operation in operations_of(live.shop, item, lot):
            if len(operation.ways) == 1:
                way = operation.ways[0]
                centre = live.placing.centre(way.work_centre)
                after = centre.axis.finish_at(centre.axis.open_seconds(time) + way.seconds) if way.seconds else time
                time = max(after, _idle_by(centre, way.seconds, live.now))
    return time


def _idle_by(centre: Centre, seconds: int, now: Instant) -> Instant:
    """When machines of a work centre have been idle for so long in sum, from now on."""
    floor = centre.axis.open_seconds(now)
    busy = [_Busy(machine.busy().starts, machine.busy().ends, floor) for machine in centre.machines]
    low, high = floor, floor + seconds + max((b.total for b in busy), default=0)
    while low < high:
        middle = (low + high) // 2
        if sum(b.idle(middle) for b in busy) >= seconds:
            high = middle
        else:
            low = middle + 1
    return centre.axis.finish_at(low)


class _Busy:
    """The busy stretches of a machine from a position on."""

    def __init__(self, starts: list[int], ends: list[int], floor: int) -> None:
        self.floor = floor
        stretches = [(max(start, floor), end) for start, end in zip(starts, ends, strict=True) if end > floor]
        self.starts = [start for start, _ in stretches]
        self.ends = [end for _, end in stretches]
        self.before = [0, *accumulate(end - start for start, end in stretches)]
        self.total = max(self.ends, default=floor) - floor

    def idle(self, position: int) -> int:
        """Idle open seconds between the floor and a position."""
        index = bisect_left(self.starts, position)
        over = max(0, self.ends[index - 1] - position) if index else 0
        return position - self.floor - (self.before[index] - over)

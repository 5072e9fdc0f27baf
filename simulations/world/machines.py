"""Machines: when each can work, for breakdowns and absence are drawn ahead, whatever work there is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from knowledge.calendars import OpenTime
from knowledge.instants import DAY, HOUR, Instant, local_date, midnight
from knowledge.plant import WorkCentre
from simulations.world.chance import happens
from simulations.world.scenario import Breakdowns, CentreRules
from simulations.world.scene import Scene

Times = tuple[tuple[Instant, Instant], ...]


@dataclass(slots=True)
class Machine:
    """A machine of a work centre: `axis` is the time in which it can work, `opened` that in which it should."""

    number: int
    axis: OpenTime
    opened: OpenTime
    busy: bool = False
    wakes: Instant = -1
    group: str | None = None
    """The set-up group of the last item that it worked on."""
    worked: int = 0
    """Seconds of work that is over."""

    def next_start(self, now: Instant) -> Instant:
        """When it can begin something, at the earliest."""
        return max(now, self.axis.start_at(self.axis.open_seconds(now)))

    def finish(self, start: Instant, seconds: int) -> Instant:
        """When so many seconds of work are over that began at a time."""
        return max(start, self.axis.finish_at(self.axis.open_seconds(start) + seconds))


@dataclass(slots=True)
class Centre:
    """The machines of a work centre, and when it is known to be down as a whole."""

    centre: WorkCentre
    rules: CentreRules
    machines: list[Machine] = field(default_factory=list)
    down: Times = ()


def centre_of(scene: Scene, centre: WorkCentre, rules: CentreRules) -> Centre:
    """A work centre with all that will happen to its machines. Of a single machine, breakdowns can be reported."""
    found = Centre(centre, rules)
    for number in range(1, centre.machines + 1):
        broken = _breakdowns(scene, centre.code, number, rules.breakdowns)
        absent = _absences(scene, centre.code, number, rules.absence)
        axis = OpenTime(centre.calendar, scene.begin, (*broken, *absent))
        found.machines.append(Machine(number, axis, OpenTime(centre.calendar, scene.begin)))
        if centre.machines == 1:
            found.down = tuple(sorted((*broken, *absent)))
    return found


def _breakdowns(scene: Scene, code: str, number: int, rules: Breakdowns | None) -> Times:
    if rules is None:
        return ()
    rng, time = scene.chance("breakdown", code, number), scene.begin
    found: list[tuple[Instant, Instant]] = []
    while time < scene.end:
        time += max(1, round(rules.hours_between.draw(rng) * HOUR))
        until = time + max(60, round(rules.hours_down.draw(rng) * HOUR))
        found.append((time, until))
        time = until
    return tuple(found)


def _absences(scene: Scene, code: str, number: int, chance: float) -> Times:
    if not chance:
        return ()
    zone, found = scene.plant.zone, []
    rng, day = scene.chance("absence", code, number), local_date(scene.begin, zone)
    while (begin := midnight(day, zone)) < scene.end:
        day += dt.timedelta(days=1)
        if happens(rng, chance):
            found.append((begin, min(midnight(day, zone), begin + 2 * DAY)))
    return tuple(found)

"""When orders come: how many on which day, and at what times of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from knowledge.instants import HOUR, Instant, local_date, midnight
from simulations.world.chance import poisson
from simulations.world.scenario import Stream, Walk
from simulations.world.scene import Scene

_YEAR = 365.25


@dataclass(slots=True)
class Drift:
    """The rate of a market that drifts, day by day."""

    walk: Walk
    rng: Random
    rate: float = field(init=False)
    trend: float = 1.0

    def __post_init__(self) -> None:
        self.rate = self.rng.uniform(self.walk.low, self.walk.high)

    def next(self) -> float:
        """The rate of the next day."""
        found, walk = self.rate, self.walk
        step = self.trend + self.rng.uniform(-walk.step, walk.step)
        self.trend = max(walk.least_trend, min(1 / walk.least_trend, step))
        self.rate = max(walk.low, min(walk.high, found * self.trend))
        if self.rate in (walk.low, walk.high):
            self.trend = 1.0
        return found


class Arrivals:
    """The times at which orders of a stream come."""

    def __init__(self, scene: Scene, name: str, stream: Stream) -> None:
        self.scene, self.name, self.stream = scene, name, stream
        self.drift = Drift(stream.walk, scene.chance("market", name)) if stream.walk else None
        self.first = local_date(scene.begin, scene.plant.zone)

    def of(self, day: dt.date) -> list[Instant]:
        """The times of a day's orders, in order. Days are to be asked for one after the other."""
        stream, rng = self.stream, self.scene.chance("arrivals", self.name, day.isoformat())
        mean = self.drift.next() if self.drift else stream.rate
        mean *= stream.share * stream.weekdays[day.weekday()] * stream.months[day.month - 1]
        mean *= (1 + stream.trend_percent_per_year / 100) ** ((day - self.first).days / _YEAR)
        begin = midnight(day, self.scene.plant.zone)
        first, last = (begin + round(hour * HOUR) for hour in stream.hours)
        if stream.bursts is None:
            return sorted(self._some(rng, first, last) for _ in range(poisson(rng, mean)))
        found: list[Instant] = []
        for _ in range(poisson(rng, mean / stream.bursts.mean_size)):
            start, width = self._some(rng, first, last), round(stream.bursts.minutes * 60)
            size = 1 + poisson(rng, stream.bursts.mean_size - 1)
            found += [start + rng.randint(0, width) for _ in range(size)]
        return sorted(found)

    @staticmethod
    def _some(rng: Random, first: Instant, last: Instant) -> Instant:
        return rng.randint(first, max(first, last - 1))

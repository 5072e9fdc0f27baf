"""The availability function by its definition, moment by moment: slow, and plainly right."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Model:
    """One item's stock and dated events. Every question looks at every moment at which anything changes."""

    on_hand: int = 0
    events: dict[str, tuple[int, int]] = field(default_factory=dict)

    def projected(self, now: int, time: int) -> int:
        """Stock, and all that has come or gone by a time; what is overdue counts at `now`."""
        time = max(now, time)
        return self.on_hand + sum(units for moment, units in self.events.values() if max(moment, now) <= time)

    def promisable(self, now: int, time: int) -> int:
        """The least there will be from a time on."""
        return min(self.projected(now, moment) for moment in [time, *self.moments(now)] if moment >= time)

    def earliest(self, now: int, units: int) -> int | None:
        """The first moment from which so much may be promised."""
        return next((moment for moment in self.moments(now) if self.promisable(now, moment) >= units), None)

    def first_shortage(self, now: int) -> tuple[int, int] | None:
        """The first moment at which there is less than nothing, and how much less."""
        for moment in self.moments(now):
            if self.projected(now, moment) < 0:
                return moment, -self.projected(now, moment)
        return None

    def steps(self, now: int) -> list[tuple[int, int, int]]:
        """Every moment at which the projected balance changes."""
        found: list[tuple[int, int, int]] = []
        for moment in self.moments(now):
            step = moment, self.projected(now, moment), self.promisable(now, moment)
            if not found or found[-1][1] != step[1]:
                found.append(step)
        return found

    def staircase(self, now: int) -> list[tuple[int, int]]:
        """Every moment at which more may be promised than before."""
        found: list[tuple[int, int]] = []
        for moment in self.moments(now):
            if not found or found[-1][1] != self.promisable(now, moment):
                found.append((moment, self.promisable(now, moment)))
        return found

    def moments(self, now: int) -> list[int]:
        """Now, and when anything is dated later."""
        return sorted({now, *(moment for moment, _ in self.events.values() if moment > now)})

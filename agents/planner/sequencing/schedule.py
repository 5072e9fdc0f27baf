"""Which operation runs where and when: plain records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Placement:
    """An operation of a job, counted from 0, on a machine of a work centre, in minutes from `start` to before `end`."""

    job: str
    step: int
    work_centre: str
    machine: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """The placements of every operation of a problem, in the order of its jobs and their steps."""

    placements: tuple[Placement, ...]

    def by_machine(self) -> dict[tuple[str, int], list[Placement]]:
        """The sequence of each machine that has one."""
        found: dict[tuple[str, int], list[Placement]] = {}
        for place in sorted(self.placements, key=lambda p: (p.start, p.end, p.job, p.step)):
            found.setdefault((place.work_centre, place.machine), []).append(place)
        return found

    def ends(self) -> dict[str, int]:
        """When each job ends."""
        found: dict[str, int] = {}
        for place in self.placements:
            found[place.job] = max(place.end, found.get(place.job, place.end))
        return found

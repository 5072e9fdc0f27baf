"""Random problems, small enough to be searched whole or rich enough to have everything."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import strategies as st

from agents.planner.sequencing.dispatch import dispatch, earliest_due_date
from agents.planner.sequencing.problem import (
    Alternative,
    FixedOperation,
    Incumbent,
    Job,
    Objective,
    Problem,
    WorkCentre,
)


@st.composite
def rich(draw: st.DrawFn, jobs: int = 8) -> Problem:
    """A problem with calendars, set-ups, fixed work, parallel machines, alternatives, deadlines and an incumbent."""
    chance = random.Random(draw(st.integers(0, 1 << 32)))
    problem = Problem(
        work_centres=tuple(_work_centre(chance, name) for name in "ABC"),
        jobs=tuple(_job(chance, number) for number in range(draw(st.integers(1, jobs)))),
        setups={
            (centre, before, after): chance.randint(0, 40)
            for centre in "AB"
            for before in "rgb"
            for after in "rgb"
            if chance.random() < 0.7
        }
        if draw(st.booleans())
        else {},
        fixed=tuple(_fixed(chance)),
        objective=draw(st.sampled_from(Objective)),
    )
    if draw(st.booleans()):
        old = dispatch(replace(problem, jobs=problem.jobs[:-1]), earliest_due_date)
        return replace(problem, incumbent=Incumbent(old, chance.randint(0, 2), chance.randint(0, 30)))
    return problem


def _work_centre(chance: random.Random, name: str) -> WorkCentre:
    shifts = tuple((day * 200 + chance.randint(0, 30), day * 200 + chance.randint(60, 150)) for day in range(5))
    return WorkCentre(name, chance.randint(1, 2), shifts if chance.random() < 0.5 else None)


def _job(chance: random.Random, number: int) -> Job:
    release = chance.randint(0, 100)
    return Job(
        f"J{number}",
        tuple(_ways(chance) for _ in range(chance.randint(1, 4))),
        release=release,
        due=release + chance.randint(20, 300) if chance.random() < 0.9 else None,
        weight=chance.randint(0, 4),
        deadline=release + chance.randint(100, 900) if chance.random() < 0.3 else None,
        after=tuple(f"J{other}" for other in range(number) if chance.random() < 0.1),
    )


def _ways(chance: random.Random) -> tuple[Alternative, ...]:
    found = []
    for centre in chance.sample("ABC", chance.choice([1, 1, 2])):
        minutes = chance.randint(5, 90)
        group = chance.choice(["r", "g", "b", None])
        found.append(Alternative(centre, minutes, chance.randint(0, minutes // 2), group))
    return tuple(found)


def _fixed(chance: random.Random) -> list[FixedOperation]:
    found = []
    for centre in "ABC":
        time = chance.randint(-50, 100)
        while chance.random() < 0.6:
            end = time + chance.randint(1, 80)
            found.append(FixedOperation(centre, 0, time, end, chance.choice(["r", "g", None])))
            time = end + chance.randint(0, 120)
    return found


def plain(
    jobs: int, machines: int, seed: int, *, objective: Objective, steps: int | None = None, ways: int = 1
) -> Problem:
    """A classic job shop: each job on each machine once, or on so many of them; a flexible one with several ways."""
    chance = random.Random(seed)
    centres = [f"M{number}" for number in range(machines)]
    found = []
    for number in range(jobs):
        route = chance.sample(centres, steps or machines)
        operations = tuple(
            tuple(
                Alternative(other, chance.randint(5, 60))
                for other in [centre, *chance.sample([c for c in centres if c != centre], ways - 1)]
            )
            for centre in route
        )
        work = sum(options[0].minutes for options in operations)
        release = chance.randint(0, 10 * jobs)
        due = release + int(work * chance.uniform(1.0, 2.5))
        found.append(Job(f"J{number}", operations, release, due, chance.choice([1, 2, 4])))
    return Problem(tuple(WorkCentre(name) for name in centres), tuple(found), objective=objective)

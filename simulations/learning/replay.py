"""The work orders of a log under a policy, against what really happened to them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from knowledge.calendars import OpenTime
from knowledge.errors import SocietyError
from knowledge.instants import DAY, Instant, parse
from knowledge.plant import Plant, SupplyStatus
from knowledge.reading import read_folder, read_plant
from knowledge.store.tables import WorkOrderRow
from simulations.learning.fitting import median
from simulations.learning.scenarios import REPLAY, STANDARDS
from simulations.world.running import Trial, World

MOST_DAYS = 730
BY_STANDARDS = "planner-told"


@dataclass(frozen=True, slots=True)
class Happened:
    """What a log says of its work orders: when each was begun and over, and how many seconds of work it was."""

    begun: Mapping[str, Instant]
    over: Mapping[str, Instant]
    work: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went: when each work order was over. `unfinished` are those that were not by the end of the replay."""

    name: str
    over: Mapping[str, Instant]
    unfinished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """An outcome in figures; times in days, shares in percent. Later is against the log's own finish."""

    name: str
    orders: int
    makespan: Fraction
    lead_mean: Fraction
    lead_median: Fraction
    later: int
    later_mean: Fraction
    """Over all work orders; one that was not later counts as 0."""
    utilisation: Fraction


def read_happened(folder: Path) -> Happened:
    """What happened, of a folder that `knowledge learn` has written. Raises SocietyError."""
    path = folder / "learned" / "happened.csv"
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except OSError as error:
        raise SocietyError(f"{path}: cannot be read; give a folder that knowledge learn has written") from error
    begun: dict[str, Instant] = {}
    over: dict[str, Instant] = {}
    work: dict[str, int] = {}
    for row in rows:
        seconds = sum(round(60 * Fraction(row[f"{kind}_minutes"])) for kind in ("setup", "run", "rework"))
        case, begin, end = row["work_order"], parse(row["begin"]), parse(row["end"])
        begun[case], over[case] = min(begun.get(case, begin), begin), max(over.get(case, end), end)
        work[case] = work.get(case, 0) + seconds
    return Happened(*({case: each[case] for case in work if work[case]} for each in (begun, over, work)))


def replayed(
    folder: Path, policy: str, *, by_standards: bool = False, tell: Callable[[int, int], None] = lambda done, all_: None
) -> Outcome:
    """The work orders under a policy; `by_standards` it plans with the learned standard times, not with the real ones.

    The floor takes the real times in any case. Raises SocietyError.
    """
    replay = folder / REPLAY
    parameters = (("policy.routes", str(replay / STANDARDS)),) if by_standards else ()
    happened = read_happened(folder)
    world = World(Trial(str(replay), policy, 0, MOST_DAYS, parameters))
    try:
        day = 0
        done = 0
        while day < MOST_DAYS and done < len(happened.work):
            day += 1
            world.step(world.begin_of(day))
            done = len(world.book.orders) - len(world.book.open)
            tell(done, len(happened.work))
        rows = world.store.rows(WorkOrderRow, status=SupplyStatus.DONE)
    finally:
        world.close()
    over: dict[str, Instant] = {}
    for row in rows:
        over[row["item"]] = max(over.get(row["item"], 0), row["finish"])
    name = f"{policy}, by standard times" if by_standards else policy
    return Outcome(name, over, tuple(sorted(happened.work.keys() - over.keys())))


def figures(folder: Path, outcomes: Sequence[Outcome]) -> list[Figures]:
    """What happened and each outcome in figures."""
    happened, plant = read_happened(folder), read_plant(read_folder(folder))
    real = Outcome("what happened", happened.over)
    return [_figures(plant, happened, each) for each in (real, *outcomes)]


def _figures(plant: Plant, happened: Happened, outcome: Outcome) -> Figures:
    cases = [case for case in happened.work if case in outcome.over]
    begin, end = min(happened.begun[c] for c in cases), max(outcome.over[c] for c in cases)
    leads = [Fraction(outcome.over[case] - happened.begun[case], DAY) for case in cases]
    later = [Fraction(max(0, outcome.over[case] - happened.over[case]), DAY) for case in cases]
    opened = 0
    for centre in plant.work_centres.values():
        axis = OpenTime(centre.calendar, begin - DAY)
        opened += centre.machines * (axis.open_seconds(end) - axis.open_seconds(begin))
    return Figures(
        outcome.name,
        len(cases),
        Fraction(end - begin, DAY),
        sum(leads, Fraction(0)) / len(cases),
        median(leads),
        sum(each > 0 for each in later),
        sum(later, Fraction(0)) / len(cases),
        Fraction(100 * sum(happened.work[case] for case in cases), opened),
    )

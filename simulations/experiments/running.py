"""Carries an experiment out: what is done already is taken from its folder, the rest is run and kept as it is done."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Literal, Protocol

from simulations.experiments.design import Experiment
from simulations.experiments.folder import Folder
from simulations.experiments.work import Failure, Tell
from simulations.world.trials import Run, Trial

if TYPE_CHECKING:
    import pandas


class Engine(Protocol):
    """Whatever runs trials: all of them, in any order, each to its run or to why there is none."""

    def outcomes(self, trials: Sequence[Trial], tell: Tell) -> Generator[Run | Failure]:
        """What becomes of each trial, as they are done."""


@dataclass(frozen=True, slots=True)
class Results:
    """An experiment with its runs and what failed, each in the order of the experiment's trials.

    `found` of the runs were there already.
    """

    experiment: Experiment
    runs: dict[Trial, Run]
    failures: tuple[Failure, ...] = ()
    found: int = field(default=0, compare=False)

    def frame(self, table: Literal["results", "daily", "summary", "comparison"] = "results") -> pandas.DataFrame:
        """One of the tables as a frame of pandas: the same columns and rows as the CSV file of that name."""
        from simulations.experiments.tables import TABLES, frame

        return frame(TABLES[table](self))


@dataclass(slots=True)
class Progress:
    """How far an experiment is, in simulated days; `listener` is called with those done and those in all.

    A trial that is run again after its worker died counts on from where it was. Engines may tell from several threads.
    """

    of: int
    listener: Callable[[int, int], None]
    _days: dict[Trial, int] = field(default_factory=dict)
    _done: int = 0
    _one: Lock = field(default_factory=Lock)

    def tell(self, trial: Trial, days: int) -> None:
        """So many days of a trial are done."""
        with self._one:
            before = self._days.get(trial, 0)
            self._days[trial] = max(days, before)
            self._done += max(days - before, 0)
            self.listener(self._done, self.of)


def carry_out(
    experiment: Experiment,
    engine: Engine,
    folder: Folder | None = None,
    listener: Callable[[int, int], None] = lambda done, of: None,
) -> Results:
    """Run what is not in the folder yet. The results are the same whatever the engine and wherever it began.

    A trial that fails stays out of the folder, so that it is tried again the next time.
    """
    trials = list(experiment.trials())
    runs = {run.trial: run for run in folder.done()} if folder else {}
    found, failures = len(runs), dict[Trial, Failure]()
    progress = Progress(experiment.days * len(trials), listener)
    for trial in runs:
        progress.tell(trial, trial.days)
    for outcome in engine.outcomes([trial for trial in trials if trial not in runs], progress.tell):
        progress.tell(outcome.trial, outcome.trial.days)
        if isinstance(outcome, Failure):
            failures[outcome.trial] = outcome
            continue
        runs[outcome.trial] = outcome
        if folder is not None:
            folder.keep(outcome)
    return Results(
        experiment,
        {trial: runs[trial] for trial in trials if trial in runs},
        tuple(failures[trial] for trial in trials if trial in failures),
        found,
    )

"""Seeds one after the other, in this process or in several: what became of each, in the order of the seeds."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain

import structlog

from agents.runtime.memory import collect_everything
from knowledge.store.export import Rows
from simulations.torture.case import Case, Kind, Step
from simulations.torture.moments import Moment
from simulations.torture.ordeal import BrokenError, Ordeal
from simulations.torture.story import Story

COLLECTED_EVERY = 50
"""After so many seeds a process lets go of the societies that it had, which are kept from the collector until then."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a case. `broken` says what does not hold, after `step` steps; nothing where all of it held."""

    seed: int
    case: Case
    orders: int
    fired: dict[Kind, int]
    step: int = 0
    broken: tuple[str, ...] = ()
    cpu_s: float = field(default=0.0, compare=False)


def trial_of_seed(seed: int) -> Trial:
    """Let a seed's story happen."""
    story = Story(seed)
    return _tried(seed, story.files, story.next)


def trial_of_case(case: Case, seed: int = 0) -> Trial:
    """Let what is written down happen again."""
    return _tried(seed, dict(case.files), told(case.steps))


def told(steps: Iterable[Step]) -> Callable[[Moment], Step | None]:
    """What happens next where all of it is known."""
    left = iter(steps)
    return lambda moment: next(left, None)


def _tried(seed: int, files: dict[str, str], following: Callable[[Moment], Step | None]) -> Trial:
    began, step, broken = time.process_time(), 0, list[str]()
    with closing(Ordeal(files, following)) as ordeal:
        try:
            tables = ordeal.run()
            if ordeal.case.harmless:
                broken = undisturbed(ordeal.case, tables)
        except BrokenError as problem:
            step, broken = problem.step, problem.what
        except Exception as problem:  # whatever the society raises through its host is a bug, too
            step, broken = len(ordeal.steps), [f"raised: {type(problem).__name__}: {problem}"]
    fired = {kind: count for kind, count in sorted(ordeal.faults.fired.items()) if count}
    cpu_s = time.process_time() - began
    return Trial(seed, ordeal.case, ordeal.orders, fired, step or len(ordeal.steps), tuple(broken), cpu_s)


def undisturbed(case: Case, tables: dict[str, Rows]) -> list[str]:
    """In what the tables are not what they are where nothing goes wrong."""
    with closing(Ordeal(dict(case.files), told(case.steps), disturbed=False)) as ordeal:
        expected = ordeal.run()
    return [
        f"changed by faults: {name}: {row} {where}"
        for name in expected
        for rows, others, where in (
            (expected[name], tables[name], "if undisturbed only"),
            (tables[name], expected[name], "if disturbed only"),
        )
        for row in rows
        if row not in others
    ]


def search(seeds: range, workers: int = 1) -> Iterator[Trial]:
    """What becomes of each seed, in their order, whatever the number of processes."""
    if workers == 1:
        be_quiet()
        yield from map(_in_turn, seeds)
        return
    context = multiprocessing.get_context("forkserver")
    with context.Pool(workers, be_quiet) as pool:
        yield from pool.imap(_in_turn, seeds)


def _in_turn(seed: int) -> Trial:
    found = trial_of_seed(seed)
    if seed % COLLECTED_EVERY == 0:
        collect_everything()
    return found


def be_quiet() -> None:
    """The society's log says what went wrong on purpose: nobody has to read that."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def faults_of(trials: Iterable[Trial]) -> dict[Kind, int]:
    """How often what went wrong."""
    found: dict[Kind, int] = {}
    for kind, count in chain.from_iterable(trial.fired.items() for trial in trials):
        found[kind] = found.get(kind, 0) + count
    return found

"""Improving in a process of its own, so that nobody else waits for the interpreter meanwhile.

Problem and schedule go through a pipe in parts, for packing one holds the interpreter.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Self

from agents.planner.sequencing.ladder import Improved, Progress, improve
from agents.planner.sequencing.problem import Incumbent, Problem
from agents.planner.sequencing.schedule import Schedule

_PART = 250
"""How many jobs or placements go in one message; packing so many takes a few milliseconds."""

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Failed:
    """The process ended without a schedule: `reason` is its error, or how it died."""

    reason: str


class Background:
    """An improvement under way, which ends after so many processor seconds or rounds, or when it is stopped.

    Raises ValueError where neither is given: it might outlive everybody. As a context it is stopped at the end.
    """

    def __init__(
        self, problem: Problem, *, seed: int = 0, cpu_seconds: float | None = None, rounds: int | None = None
    ) -> None:
        if cpu_seconds is None and rounds is None:
            raise ValueError("neither `cpu_seconds` nor `rounds` limits the effort")
        self.progress: Progress | None = None
        """The last that was heard."""
        self._stopped = False
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._future: Future[Improved | Failed] = self._pool.submit(self._run, problem, (seed, cpu_seconds, rounds))
        self._pool.shutdown(wait=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask for what has been found; `result` has it within some tenths of a second."""
        self._stopped = True

    def done(self) -> bool:
        """Whether `result` answers at once."""
        return self._future.done()

    def result(self, timeout_seconds: float | None = None) -> Improved | Failed | None:
        """What came of it, or that it failed; None where that is not known within the time."""
        try:
            return self._future.result(timeout_seconds)
        except NotYet:
            return None

    def _run(self, problem: Problem, options: tuple[int, float | None, int | None]) -> Improved | Failed:
        """Start the process and listen to it until it has said all or is dead."""
        spawning = get_context("spawn")
        ours, theirs = spawning.Pipe()
        process = spawning.Process(target=_work, args=(theirs, options), daemon=True)
        process.start()
        theirs.close()
        try:
            _send_problem(ours, problem)
            return self._listen(ours)
        except (EOFError, OSError):
            process.join()
            return Failed(f"the process died with exit code {process.exitcode}")
        finally:
            ours.close()
            process.join()

    def _listen(self, pipe: Connection) -> Improved | Failed:
        told = False
        while True:
            if self._stopped and not told:
                told = True
                with suppress(OSError):  # it has ended already, and what it said waits in the pipe
                    pipe.send(None)
            if not wait([pipe], _POLL_SECONDS):
                continue
            said = pipe.recv()
            if isinstance(said, Progress):
                self.progress = said
            elif isinstance(said, Improved):
                return replace(said, schedule=Schedule(tuple(_receive(pipe))))
            else:
                return Failed(str(said))


def _send_problem(pipe: Connection, problem: Problem) -> None:
    incumbent = problem.incumbent
    empty = None if incumbent is None else replace(incumbent, schedule=Schedule(()))
    pipe.send(
        {
            "work_centres": problem.work_centres,
            "setups": dict(problem.setups),
            "objective": problem.objective,
            "incumbent": empty,
        }
    )
    _send(pipe, problem.fixed)
    _send(pipe, problem.jobs)
    _send(pipe, () if incumbent is None else incumbent.schedule.placements)


def _receive_problem(pipe: Connection) -> Problem:
    parts: dict[str, Any] = pipe.recv()
    fixed, jobs, placements = tuple(_receive(pipe)), tuple(_receive(pipe)), tuple(_receive(pipe))
    incumbent: Incumbent | None = parts.pop("incumbent")
    if incumbent is not None:
        incumbent = replace(incumbent, schedule=Schedule(placements))
    return Problem(jobs=jobs, fixed=fixed, incumbent=incumbent, **parts)


def _send(pipe: Connection, records: Sequence[object]) -> None:
    for first in range(0, len(records), _PART):
        pipe.send(records[first : first + _PART])
    pipe.send(())


def _receive(pipe: Connection) -> Iterator[Any]:
    while part := pipe.recv():
        yield from part


def _work(pipe: Connection, options: tuple[int, float | None, int | None]) -> None:
    """What the process does: receive a problem, improve, tell of progress, and send the schedule or the error."""
    seed, cpu_seconds, rounds = options

    def spent() -> float:
        if pipe.poll():  # told to stop, or the other end is gone
            return 1.0
        return 0.0 if cpu_seconds is None else _cpu_seconds() / cpu_seconds

    try:
        problem = _receive_problem(pipe)
        found = improve(problem, seed=seed, rounds=rounds, spent=spent, report=pipe.send)
        pipe.send(replace(found, schedule=Schedule(())))
        _send(pipe, found.schedule.placements)
    except (EOFError, ConnectionError):  # nobody listens any more
        return
    except Exception as error:  # the process ends here, and whoever waits is told why
        pipe.send(f"{type(error).__name__}: {error}")


def _cpu_seconds() -> float:
    """Processor seconds of this process so far."""
    used = os.times()
    return used.user + used.system

"""Trials on the processors of this machine, each worker a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from simulations.experiments.work import WORLD, Failure, Tell, outcome, trial_text
from simulations.world.trials import Run, Trial

ROOT = Path(__file__).parents[2]
TRIES = 2
_MOST_LAST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Local:
    """Runs trials in `workers` processes. A worker that dies is replaced, and its trial tried once more."""

    workers: int
    work: str = WORLD

    def outcomes(self, trials: Sequence[Trial], tell: Tell) -> Generator[Run | Failure]:
        """What becomes of each trial, as they are done. Whoever stops listening ends the workers."""
        crew = _Crew(self.work, tell)
        pool = ThreadPoolExecutor(max(1, min(self.workers, len(trials))), "worker")
        try:
            for done in as_completed([pool.submit(crew.outcome, trial) for trial in trials]):
                yield done.result()
        finally:
            crew.dismiss()
            pool.shutdown(cancel_futures=True)
            crew.bury()


@dataclass(slots=True)
class _Worker:
    """A process and what it says beside its answers."""

    process: subprocess.Popen[str]
    errors: IO[bytes]

    def last_words(self) -> str:
        """How the process ended."""
        code = self.process.wait()
        size = self.errors.seek(0, os.SEEK_END)
        self.errors.seek(max(0, size - _MOST_LAST_WORDS))
        said = " ".join(self.errors.read().decode(errors="replace").split())
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
        hint = "; was there too little memory?" if how.endswith("SIGKILL") else ""
        return f"{how}{hint}" + (f"; it said: … {said}" if said else "")

    def close(self) -> None:
        """Let go of a process that has ended or is about to."""
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            with suppress(OSError):  # what was written to it and not read
                if stream is not None:
                    stream.close()


@dataclass(slots=True)
class _Crew:
    """The workers, one to each thread that asks for outcomes."""

    work: str
    tell: Tell
    dismissed: bool = False
    workers: dict[int, _Worker] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def outcome(self, trial: Trial) -> Run | Failure:
        """Have a trial run by this thread's worker."""
        ends: list[str] = []
        while len(ends) < TRIES:
            worker = self._worker()
            if worker is None:
                return Failure(trial, "was not run: the experiment was stopped")
            answer = self._answer(worker, trial)
            if answer is not None:
                return outcome(trial, answer)
            ends.append(worker.last_words())
            with self.guard:
                self.workers.pop(threading.get_ident())
            worker.close()
        return Failure(trial, f"its worker died {TRIES} times: {', then '.join(dict.fromkeys(ends))}")

    def dismiss(self) -> None:
        """End every worker, whatever it does."""
        with self.guard:
            self.dismissed = True
            for worker in self.workers.values():
                worker.process.kill()

    def bury(self) -> None:
        """Let go of those that were ended."""
        for worker in self.workers.values():
            worker.close()

    def _worker(self) -> _Worker | None:
        thread = threading.get_ident()
        with self.guard:
            if self.dismissed:
                return None
            if thread not in self.workers:
                self.workers[thread] = _hired(self.work)
            return self.workers[thread]

    def _answer(self, worker: _Worker, trial: Trial) -> str | None:
        """What the worker says of a trial; None if it dies over it."""
        to, back = worker.process.stdin, worker.process.stdout
        assert to is not None and back is not None
        try:
            to.write(trial_text(trial) + "\n")
            to.flush()
        except OSError:
            return None
        for line in back:
            if not line.startswith('{"done"'):
                return line if line.endswith("\n") else None
            self.tell(trial, json.loads(line)["done"])
        return None


def _hired(work: str) -> _Worker:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the worker)
    process = subprocess.Popen(
        [sys.executable, "-m", "simulations.experiments.worker", work],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path},
    )
    return _Worker(process, errors)

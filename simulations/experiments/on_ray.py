"""Trials on a Ray cluster: the one that RAY_ADDRESS names, else one of this machine's own processors.

Ray is an extra (`ray`); it is imported when it is used. On a cluster of several machines each needs the society's
dependencies; the society's own code is sent to them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from knowledge.errors import SocietyError
from simulations.experiments.work import WORLD, Failure, Tell, attempt, outcome, trial_text
from simulations.world.trials import Run, Trial

ROOT = Path(__file__).parents[2]
ROOMS = ("simulations", "agents", "protocols", "knowledge")
TRIES = 2


@dataclass(frozen=True, slots=True)
class OnRay:
    """Runs trials by Ray, `workers` at a time. Where a worker or its machine dies its trial is tried once more.

    Raises SocietyError where Ray is not installed.
    """

    workers: int
    work: str = WORLD

    def __post_init__(self) -> None:
        _ray()

    def outcomes(self, trials: Sequence[Trial], tell: Tell) -> Generator[Run | Failure]:
        """What becomes of each trial, as they are done. Days are told when a trial is done, not before."""
        with _cluster(self.workers) as ray:
            remote = ray.remote(num_cpus=1, max_retries=0)(_attempt)
            waiting = [(trial, 1) for trial in reversed(trials)]
            under_way: dict[Any, tuple[Trial, int]] = {}
            while waiting or under_way:
                while waiting and len(under_way) < self.workers:
                    trial, tries = waiting.pop()
                    under_way[remote.remote(self.work, trial_text(trial), str(Path.cwd()))] = trial, tries
                (done,), _ = ray.wait(list(under_way), num_returns=1)
                trial, tries = under_way.pop(done)
                try:
                    answer: str = ray.get(done)
                except ray.exceptions.RayError as error:
                    if tries < TRIES:
                        waiting.append((trial, tries + 1))
                    else:
                        yield Failure(trial, f"its worker died {TRIES} times: {_said(error)}")
                    continue
                tell(trial, trial.days)
                yield outcome(trial, answer)


def _attempt(work: str, trial: str, folder: str) -> str:
    if Path(folder).is_dir():
        os.chdir(folder)
    return attempt(work, trial, lambda done, of: None)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


@contextmanager
def _cluster(workers: int) -> Iterator[Any]:
    """Ray on the cluster that is named, else on one of its own, which leaves nothing behind."""
    ray, named = _ray(), os.environ.get("RAY_ADDRESS")
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    with ExitStack() as ending:
        ending.enter_context(redirect_stdout(sys.stderr))  # Ray prints what it has to say of its workers
        if named:
            options["runtime_env"] = {"py_modules": [str(ROOT / room) for room in ROOMS]}
        else:
            files = ending.enter_context(TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True))
            options |= {"address": "local", "num_cpus": workers, "include_dashboard": False, "_temp_dir": files}
        ending.callback(ray.shutdown)
        try:
            ray.init(**options)
        except Exception as error:  # whatever is between here and a cluster
            where = f"the cluster at RAY_ADDRESS {named} cannot be used" if named else "Ray does not start"
            raise SocietyError(f"engine ray: {where}: {_said(error)}") from error
        yield ray


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        cure = "install it with  python -m pip install ray  or leave --engine ray out"
        raise SocietyError(f"engine ray: Ray is not installed ({error}); {cure}") from error
    return ray

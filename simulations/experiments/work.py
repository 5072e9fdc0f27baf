"""One trial as the engines hand it on: told as text, run by whoever has a processor free, answered as text.

What comes back is the same text whoever ran it, and what is kept of a trial is that text.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from agents.runtime.memory import collect_everything
from knowledge.errors import SocietyError
from simulations.world.trials import Run, Trial

Work = Callable[[Trial, Callable[[int, int], None]], Run]

WORLD = "simulations.world.running:run_trial"
"""Where the function is that runs a trial, as workers are told it."""

Tell = Callable[[Trial, int], None]
"""Hears how many days of a trial are done."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A trial that gave nothing: why, and where in the code or on which worker."""

    trial: Trial
    reason: str
    place: str = ""

    def __str__(self) -> str:
        parameters = "".join(f", {key} = {value}" for key, value in self.trial.parameters)
        name = f"{self.trial.scenario}, policy {self.trial.policy}, seed {self.trial.seed}{parameters}"
        return f"{name}: {self.reason}" + (f" ({self.place})" if self.place else "")


def found(place: str) -> Work:
    """The function at `module:name`."""
    module, _, name = place.partition(":")
    work: Work = getattr(import_module(module), name)
    return work


def attempt(place: str, trial_text: str, tell: Callable[[int, int], None]) -> str:
    """Run a trial; the answer is `{"run": …}`, or `{"reason": …, "place": …}` where it raises."""
    trial = trial_of(json.loads(trial_text))
    try:
        return f'{{"run": {run_text(found(place)(trial, tell))}}}'
    except SocietyError as error:
        return json.dumps({"reason": str(error), "place": ""})
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{frame.filename}:{frame.lineno} in {frame.name}"
        return json.dumps({"reason": f"{type(error).__name__}: {error}", "place": where})
    finally:
        collect_everything()


def outcome(trial: Trial, answer: str) -> Run | Failure:
    """What an answer to a trial says."""
    said = json.loads(answer)
    return run_of(said["run"]) if "run" in said else Failure(trial, said["reason"], said["place"])


def trial_text(trial: Trial) -> str:
    """A trial in one line of JSON."""
    return json.dumps(asdict(trial), ensure_ascii=False)


def trial_of(said: dict[str, Any]) -> Trial:
    """The trial that a JSON object says."""
    return Trial(**{**said, "parameters": tuple((key, value) for key, value in said["parameters"])})


def run_text(run: Run) -> str:
    """A run in one line of JSON; numbers keep every digit."""
    return json.dumps(asdict(run), ensure_ascii=False, allow_nan=False)


def run_of(said: dict[str, Any]) -> Run:
    """The run that a JSON object says."""
    return Run(trial_of(said["trial"]), said["measures"], tuple(said["daily"]))

"""A world of one random number a day, with policies that fail, die or dawdle, for tests of what runs trials."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from knowledge.errors import SocietyError
from simulations.world.trials import Run, Trial

PLACE = f"{__name__}:run"
UNLUCKY = 13
"""A seed that every policy fails with."""


def run(trial: Trial, tell: Callable[[int, int], None] = lambda done, of: None) -> Run:
    """`steady` and `better` differ by little in each seed; what others do, their names say."""
    parameters = dict(trial.parameters)
    if trial.policy == "raises" or trial.seed == UNLUCKY:
        raise ValueError("the floor is flooded")
    if trial.policy == "refuses":
        raise SocietyError("there is no such floor")
    if trial.policy == "dies" or (trial.policy == "dies_once" and _first(str(parameters["mark"]))):
        print("last words", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    chance = Random(f"{trial.seed}")
    daily = []
    total = 0.0
    for day in range(trial.days):
        time.sleep(float(parameters.get("seconds_a_day", 0)))
        total += chance.random() + 0.1 * (trial.policy == "better")
        daily.append({"day": day, "backlog": total / (day + 1)})
        tell(day + 1, trial.days)
    measures = {"lateness": total / trial.days, "share": None if trial.seed == 3 else chance.random()}
    return Run(trial, measures, tuple(daily))


def _first(mark: str) -> bool:
    """Whether this is the first who comes here."""
    try:
        Path(mark).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True

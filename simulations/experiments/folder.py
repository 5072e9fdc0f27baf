"""The folder of an experiment: what it is, and each trial that is done, so that it goes on where it was stopped.

A trial is written beside its place and then renamed into it, so a file is whole or not there. What is in the folder is
the same whatever ran the trials, and in whatever order they were done.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge.errors import SocietyError
from simulations.experiments.design import Experiment, called
from simulations.experiments.work import run_of, run_text, trial_text
from simulations.world.trials import Run, Trial

ROOT = Path(__file__).parents[2]
CODE = ("knowledge", "protocols", "agents", "simulations/world", "simulations/policies", "simulations/processing.py")
"""What a trial's outcome depends on beside its scenario."""

DESIGN, TRIALS = "experiment.json", "trials"
_NAMES = {"title", "baseline", "confidence"}
_NO_WORD = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one experiment. Raises SocietyError if it is another's, or cannot be written to.

    An experiment that has grown, by replications, policies, cases or scenarios, is the same one; nor does it matter
    what it is called, what is compared with what, and how surely.
    """

    place: Path
    experiment: Experiment
    sources: Mapping[str, str]
    """A fingerprint of each thing that outcomes depend on."""

    def __post_init__(self) -> None:
        design = self.place / DESIGN
        said = {"experiment": self.experiment.model_dump(mode="json"), "made_from": dict(self.sources)}
        try:
            if design.exists():
                self._compare(json.loads(design.read_text(encoding="utf-8")))
            elif self.place.exists() and any(self.place.iterdir()):
                raise SocietyError(f"--out {self.place}: holds other files; name a new folder")
            (self.place / TRIALS).mkdir(parents=True, exist_ok=True)
            write_whole(design, json.dumps(said, ensure_ascii=False, indent=2) + "\n")
        except OSError as error:
            raise SocietyError(f"--out {self.place}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise SocietyError(f"{design}: is no experiment: {error}; name a new folder") from error

    def done(self) -> Iterator[Run]:
        """The runs that are in the folder, in the order of the tables. Raises SocietyError on a file that is none."""
        for trial in self.experiment.trials():
            file = self.file_of(trial)
            if not file.exists():
                continue
            try:
                run = run_of(json.loads(file.read_text(encoding="utf-8")))
            except (ValueError, TypeError, KeyError) as error:
                raise SocietyError(f"{file}: is no trial ({error}); delete it, and it will be run again") from error
            if run.trial != trial:
                raise SocietyError(f"{file}: is another trial's; delete it, and it will be run again")
            yield run

    def keep(self, run: Run) -> None:
        """Write a run."""
        write_whole(self.file_of(run.trial), run_text(run) + "\n")

    def file_of(self, trial: Trial) -> Path:
        """Where a trial is kept: named so that people find it, and apart from all others."""
        words = _NO_WORD.sub("_", f"{called(trial.scenario)}.{trial.policy}.{trial.seed}")
        return self.place / TRIALS / f"{words}.{sha256(trial_text(trial).encode()).hexdigest()[:10]}.json"

    def _compare(self, there: dict[str, Any]) -> None:
        """Raise SocietyError unless what is there is a part of this experiment, made from the same."""
        old, new = Experiment.model_validate(there["experiment"]), self.experiment
        pairs = {name: (value, self.sources.get(name, value)) for name, value in there["made_from"].items()}
        if not set(old.trials()) <= set(new.trials()):
            before, now = (each.model_dump(mode="json", exclude=_NAMES) for each in (old, new))
            pairs |= {name: (before[name], now[name]) for name in now}
        differences = [
            f"  {name}: there {json.dumps(one, ensure_ascii=False)}, now {json.dumps(other, ensure_ascii=False)}"
            for name, (one, other) in pairs.items()
            if one != other
        ]
        if differences:
            told = f"--out {self.place}: is the folder of another experiment; name a new one. It differs in"
            raise SocietyError("\n".join([told, *differences]))


def write_whole(file: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all, even if the machine stops."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8", newline="") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    beside.replace(file)


def fingerprint(*places: Path) -> str:
    """A short hash of files, and of those in folders, by name and content."""
    digest = sha256()
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and "__pycache__" not in file.parts:
                content = file.read_bytes()
                digest.update(f"{file.relative_to(place).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def code_fingerprint(root: Path = ROOT, rooms: Sequence[str] = CODE) -> str:
    """A short hash of the code that runs trials: other code may give other outcomes."""
    return fingerprint(*(root / room for room in rooms))

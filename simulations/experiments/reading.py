"""An experiment from its TOML file, or from a program, checked whole before anything is run."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from knowledge.errors import KnowledgeError, Problem, SocietyError
from simulations.experiments.design import Experiment, flat, unsound
from simulations.world.trials import Trial

KEYS = tuple(Experiment.model_fields)
_CURES = {
    "scenarios": 'write for example  scenarios = ["tutorial"]',
    "policies": 'write for example  policies = ["planner", "mrp"]',
    "days": "write for example  days = 365",
}

Check = Callable[[Trial], None]
"""Raises SocietyError where a trial's scenario, policy or parameters are none that can be run."""


def is_experiment(file: Path) -> bool:
    """Whether a file is an experiment, and not a scenario: it names either what is run, or how. Raises SocietyError."""
    return file.suffix == ".toml" and file.is_file() and bool({"scenarios", "policies"} & set(_table(file)))


def read_experiment(file: Path, changes: Mapping[str, Any], check: Check) -> Experiment:
    """The experiment of a file, with some keys given anew. Paths of scenarios are taken from where the file is.

    Keys of the grid are given anew one by one; replications and a first seed go before seeds that are listed.
    """
    said = _table(file)
    table = {**said, **changes}
    if "grid" in changes:
        table["grid"] = {**_keys(said.get("grid")), **changes["grid"]}
    if {"replications", "first_seed"} & set(changes) and "seeds" not in changes:
        table.pop("seeds", None)
    names = table.get("scenarios")
    names = [names] if isinstance(names, str) else names
    if isinstance(names, list):
        table["scenarios"] = [_placed(name, file.parent) for name in names]
    return experiment_of(table, check, file.name)


def experiment_of(table: Mapping[str, Any], check: Check, place: str = "experiment") -> Experiment:
    """The experiment that a table of its keys says. Raises KnowledgeError with everything that is wrong."""
    try:
        found = Experiment.model_validate(dict(table))
    except ValidationError as error:
        raise KnowledgeError(list(dict.fromkeys(_problem(place, each) for each in error.errors()))) from error
    problems = [Problem(place, 0, key, text) for key, text in unsound(found)] or list(_refused(found, check, place))
    if problems:
        raise KnowledgeError(problems)
    return found


def _refused(experiment: Experiment, check: Check, place: str) -> list[Problem]:
    """What the laboratory has against a trial: each scenario, policy and case is tried once, not every seed."""
    seen: dict[str, Problem] = {}
    for trial in experiment.trials():
        if trial.seed != experiment.all_seeds[0]:
            continue
        try:
            check(trial)
        except KnowledgeError as error:
            seen.update({str(problem): problem for problem in error.problems})
        except SocietyError as error:
            seen[str(error)] = Problem(place, 0, "", str(error))
    return list(seen.values())


def _table(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise SocietyError(f"{file}: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise SocietyError(f"{file}: is no TOML: {error}") from error


def _keys(grid: object) -> dict[str, Any]:
    """A grid of a file by its dotted keys; none where it is no table, which is told with everything else."""
    found = flat(grid)
    return found if isinstance(found, dict) else {}


def _placed(name: object, folder: Path) -> object:
    """A scenario's path as it is from here; the name of one of the gallery stays."""
    return str(folder / name) if isinstance(name, str) and ("/" in name or name.endswith(".toml")) else name


def _problem(place: str, error: ErrorDetails) -> Problem:
    key = ".".join(str(part) for part in error["loc"] if str(part) not in _KINDS)
    first = str(error["loc"][0]) if error["loc"] else ""
    kind = error["type"]
    if kind == "missing":
        return Problem(place, 0, key, f"is missing; {_CURES.get(key, 'it has to be given')}")
    if kind == "extra_forbidden" and len(error["loc"]) == 1:
        near = get_close_matches(first, KEYS, 1)
        cure = f"did you mean {near[0]}?" if near else f"there are {', '.join(KEYS)}"
        return Problem(place, 0, key, f"is no key of an experiment; {cure}")
    if kind == "extra_forbidden":
        return Problem(place, 0, key, "is no key of a case; there are name and parameters")
    if first in ("grid", "cases") and kind in _WRONG_VALUE:
        wanted = "a list of values to be combined" if first == "grid" else "one value"
        return Problem(place, 0, key, f"{error['input']!r} will not do: {wanted}, numbers, words or true and false")
    told = error["msg"][0].lower() + error["msg"][1:]
    return Problem(place, 0, key, f"{error['input']!r} will not do: {told}")


_KINDS = {"bool", "int", "float", "str"}
_WRONG_VALUE = {"bool_type", "int_type", "float_type", "string_type", "tuple_type"}

"""Reads a scenario: a name of the gallery, or a path to a folder with scenario.toml, or to such a file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from knowledge.documents import CustomerOrder
from knowledge.errors import SocietyError
from knowledge.plant import Plant, Replenishment
from knowledge.reading import read_folder, read_plant
from simulations.world.chance import Model
from simulations.world.given import misfits, read_given
from simulations.world.scenario import Scenario
from simulations.world.trials import Parameter

GALLERY = Path(__file__).parents[1] / "scenarios"
FILE = "scenario.toml"


class ScenarioError(SocietyError):
    """A scenario that cannot be played; the text names the file, the key, what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A scenario that was read: what it says, and the plant as it really is, in its files and as values."""

    name: str
    scenario: Scenario
    files: Mapping[str, str]
    plant: Plant
    given: tuple[CustomerOrder, ...] = ()
    """Orders that come from a file."""


def gallery() -> list[str]:
    """The scenarios that come with the society."""
    return sorted(place.parent.name for place in GALLERY.glob(f"*/{FILE}"))


def scenario_file(name: str) -> Path:
    """The file of a scenario. Raises ScenarioError."""
    if name in gallery():
        return GALLERY / name / FILE
    path = Path(name)
    found = path / FILE if path.is_dir() else path
    if not found.is_file():
        raise ScenarioError(
            f"scenario {name}: there is none of that name, and no such file; there are {', '.join(gallery())}"
        )
    return found


def read_setting(name: str, parameters: Iterable[tuple[str, Parameter]] = ()) -> Setting:
    """A scenario with its plant, where parameters name other values by dotted path.

    Raises ScenarioError, and KnowledgeError where the plant's folder is bad.
    """
    path = scenario_file(name)
    scenario = _parsed(path, parameters)
    folder = path.parent / scenario.plant
    if not folder.is_dir():
        raise ScenarioError(f"{path}: plant: {folder} is no folder; name one that holds items.csv")
    files = read_folder(folder)
    plant = read_plant(files)
    given = _given(path, scenario)
    problems = [*_misfits(scenario, plant), *misfits(plant, given)]
    if problems:
        raise ScenarioError("\n".join(f"{path}: {problem}" for problem in problems))
    return Setting(name, scenario, files, plant, given)


def _given(path: Path, scenario: Scenario) -> tuple[CustomerOrder, ...]:
    try:
        return read_given(path.parent / scenario.documents) if scenario.documents else ()
    except SocietyError as error:
        raise ScenarioError(f"{path}: {error}") from error


def _parsed(path: Path, parameters: Iterable[tuple[str, Parameter]]) -> Scenario:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read as TOML: {error}") from error
    for key, value in parameters:
        _put(path, values, key, value)
    try:
        return Scenario.model_validate(values)
    except ValidationError as error:
        raise ScenarioError("\n".join(f"{path}: {_told(each)}" for each in error.errors())) from error


def _put(path: Path, values: dict[str, Any], key: str, value: Parameter) -> None:
    *places, last = key.split(".")
    table = values
    for place in places:
        inner = table.setdefault(place, {})
        if not isinstance(inner, dict):
            inner = table[place] = {"kind": "constant", "value": inner} if _is_number(inner) else {}
        table = inner
    if not last:
        raise ScenarioError(f"{path}: parameter {key!r} names no key; write it as customers.retail.rate")
    table[last] = value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_KINDS = ("constant", "uniform", "triangular", "normal", "lognormal", "exponential", "gamma", "empirical")


def _told(error: Any) -> str:
    """One problem of a scenario: the key, what is wrong, and what may stand there."""
    key = ".".join(str(part) for part in error["loc"] if part not in _KINDS)
    if error["type"] == "extra_forbidden":
        return f"{key}: there is no such key here; {_keys(error['loc'])}"
    if error["type"] == "missing":
        return f"{key}: is missing; it has to be given"
    said = str(error["msg"]).removeprefix("Value error, ")
    given = error.get("input")
    shown = f" (it is {given!r})" if isinstance(given, (str, int, float)) else ""
    return f"{key or 'the scenario'}: {said[:1].lower()}{said[1:]}{shown}"


def _keys(place: tuple[int | str, ...]) -> str:
    """Which keys there are where one is not known."""
    model: Any = Scenario
    for part in place[:-1]:
        fields = getattr(model, "model_fields", {})
        annotation = fields[part].annotation if part in fields else model
        model = _model_in(annotation, str(part)) or model
    names = getattr(model, "model_fields", {})
    return f"the keys are {', '.join(names)}" if names else "leave it out"


def _model_in(annotation: Any, kind: str) -> type[Model] | None:
    """The model that an annotation speaks of, if it is one."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    found = [_model_in(inner, kind) for inner in getattr(annotation, "__args__", ())]
    models = [each for each in found if each is not None]
    named = [each for each in models if each.__name__.lower() == kind]
    return next(iter(named or models), None)


def _misfits(scenario: Scenario, plant: Plant) -> Iterable[str]:
    """What a scenario names that its plant does not have."""
    for name, stream in scenario.customers.items():
        key = f"customers.{name}"
        for customer in stream.customers:
            if plant.customer(customer) is None:
                yield f"{key}.customers: {customer} is not in customers.csv of the plant"
        for item in (*stream.items, *stream.custom_like):
            if item not in plant.items:
                yield f"{key}.items: {item} is not in items.csv of the plant"
            elif plant.items[item].supply is Replenishment.ENGINEER:
                yield f"{key}.items: {item} is engineered to order; use custom_share and custom_like"
            elif plant.items[item].unit_cost is None:
                yield f"{key}.items: {item} has no unit_cost in items.csv, by which it is priced"
        for item in stream.custom_like:
            if item in plant.items and item not in plant.boms and item not in plant.routes:
                yield f"{key}.custom_like: {item} has neither bill nor route that a custom item could resemble"
    yield from _unknown("suppliers.each", scenario.suppliers.each, plant.suppliers, "suppliers.csv")
    yield from _unknown("floor.each", scenario.floor.each, plant.work_centres, "work_centres.csv")
    calendar = scenario.engineering.calendar
    if calendar and calendar not in plant.calendars:
        yield f"engineering.calendar: {calendar} is not in calendars.csv of the plant"


def _unknown(key: str, named: Iterable[str], known: Iterable[str], file: str) -> Iterable[str]:
    there = set(known)
    for name in named:
        if name not in there:
            yield f"{key}.{name}: {name} is not in {file} of the plant"

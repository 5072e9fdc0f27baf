"""A case as a folder that a person can read and change: the plant, its documents, and what goes wrong when.

`knowledge/` and `documents.jsonl` are as `process` takes them; `faults.toml` has a table a step.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from knowledge.documents import DOCUMENT
from knowledge.errors import SocietyError
from knowledge.reading import read_folder, read_plant
from simulations.torture.case import Case, Fault, Step

KNOWLEDGE, DOCUMENTS, FAULTS = "knowledge", "documents.jsonl", "faults.toml"

_HEAD = """\
# Each step: when it happens (minutes after Monday 2026-01-05 00:00 UTC), how many of the next lines of documents.jsonl
# come then, or another version of the knowledge folder, and what goes wrong from then on: at the count-th occasion.
"""


class CaseError(SocietyError):
    """A folder that holds no case."""


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid")
    minutes: int = Field(ge=0)
    documents: int = Field(default=0, ge=0)
    knowledge: str = ""
    faults: tuple[Fault, ...] = ()


class _Steps(BaseModel):
    model_config = ConfigDict(extra="forbid")
    step: tuple[_Step, ...]


_STEPS: TypeAdapter[_Steps] = TypeAdapter(_Steps)


def write_case(case: Case, folder: Path) -> None:
    """Write a case into a folder, which need not exist."""
    _write_files(case.files, folder / KNOWLEDGE)
    told, lines = [_HEAD], list[str]()
    for number, step in enumerate(case.steps, 1):
        told.append("\n".join(["[[step]]", f"minutes = {step.minutes}", *_told(number, step)]) + "\n")
        lines.extend(json.dumps(document) + "\n" for document in step.documents)
        if step.files is not None:
            _write_files(step.files, folder / _version(number))
    (folder / DOCUMENTS).write_text("".join(lines), encoding="utf-8")
    (folder / FAULTS).write_text("\n".join(told), encoding="utf-8")


def _told(number: int, step: Step) -> Iterator[str]:
    if step.documents:
        yield f"documents = {len(step.documents)}"
    if step.files is not None:
        yield f'knowledge = "{_version(number)}"'
    if step.faults:
        faults = (f'{{ kind = "{f.kind}", count = {f.count}, amount = {f.amount} }}' for f in step.faults)
        yield "faults = [\n    " + ",\n    ".join(faults) + ",\n]"


def _version(number: int) -> str:
    return f"{KNOWLEDGE}-{number}"


def _write_files(files: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def read_case(folder: Path) -> Case:
    """The case that a folder holds. Raises CaseError or KnowledgeError, saying what is wrong where."""
    files = read_folder(folder / KNOWLEDGE)
    read_plant(files)
    documents = iter(_documents(folder / DOCUMENTS))
    steps = []
    for told in _steps(folder / FAULTS).step:
        some = tuple(document for _, document in zip(range(told.documents), documents, strict=False))
        if len(some) < told.documents:
            raise CaseError(f"{folder / FAULTS}: its steps take more documents than there are in {DOCUMENTS}")
        version = read_folder(folder / told.knowledge) if told.knowledge else None
        steps.append(Step(told.minutes, some, version, told.faults))
    if next(documents, None) is not None:
        raise CaseError(f"{folder / FAULTS}: its steps take fewer documents than there are in {DOCUMENTS}")
    return Case(files, tuple(steps))


def _steps(path: Path) -> _Steps:
    try:
        return _STEPS.validate_python(tomllib.loads(_text(path)))
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise CaseError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _documents(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_text(path).splitlines(), 1):
        try:
            document = json.loads(line)
            DOCUMENT.validate_python(document)
        except ValueError as error:
            raise CaseError(f"{path}:{number}: {str(error).splitlines()[0]}") from error
        yield document


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: cannot be read: {error}") from error

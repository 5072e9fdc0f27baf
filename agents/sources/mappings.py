"""Mappings that lie beside documents: `NAME.mapping.toml` for the file NAME, or `mapping.toml` for a folder's files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.sources.errors import UnreadableError

FOLDER_MAPPING = "mapping.toml"
FILE_MAPPING = ".mapping.toml"

_SIZE_MOST = 2**20


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A mapping that is read when a document needs it."""

    path: Path

    def read(self) -> dict[str, Any]:
        """What it says. Raises UnreadableError, which names the file and the place."""
        name = self.path.name
        try:
            with self.path.open("rb") as stream:
                data = stream.read(_SIZE_MOST + 1)
            if len(data) > _SIZE_MOST:
                raise UnreadableError(f"{name} is larger than any mapping")
            return tomllib.loads(data.decode("utf-8-sig"))
        except OSError as error:
            raise UnreadableError(f"{name} cannot be opened: {error.strerror or error}") from error
        except (UnicodeDecodeError, RecursionError) as error:
            raise UnreadableError(f"{name} is not a TOML file in UTF-8") from error
        except tomllib.TOMLDecodeError as error:
            raise UnreadableError(f"{name} is not valid TOML: {error}") from error


def is_mapping(name: str) -> bool:
    """Whether a file of that name is a mapping, and no document."""
    return name == FOLDER_MAPPING or name.endswith(FILE_MAPPING)


def mapping_of(file: Path, given: Path) -> MappingFile | None:
    """The mapping of a document: its own, or else that of its folder or the next above, up to the folder given."""
    return next((MappingFile(path) for path in _places(file, given) if path.is_file()), None)


def _places(file: Path, given: Path) -> Iterator[Path]:
    yield file.with_name(file.stem + FILE_MAPPING)
    for folder in file.parents:
        yield folder / FOLDER_MAPPING
        if folder == given or file == given:
            return

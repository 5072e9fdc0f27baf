"""Folders into which files are dropped, and maildirs: what has come whole is found, and put away once it is kept.

A file that is still being written is left alone until its size and time have stayed the same from one look to the next.
What was kept goes to the folder's `done/` (a maildir's `cur/`), under a name that overwrites nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from agents.sources.mappings import is_mapping
from agents.sources.reading import SIZE_MOST

DONE = "done"
PARTIAL = (".part", ".tmp", ".filepart", ".crdownload", ".swp", "~")
"""How names of files end that somebody is still writing."""

AT_ONCE = 100
"""Files that are taken at one look."""

log = structlog.get_logger("sources")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that is whole."""

    path: Path
    name: str
    body: bytes


class Folder:
    """A folder that is looked into now and then."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._seen: dict[Path, tuple[int, int]] = {}

    def look(self) -> Iterator[Dropped]:
        """The files that have come whole since, in order of their names; each until it is put away."""
        before, self._seen = self._seen, {}
        taken = 0
        for path in self._paths():
            try:
                told = path.stat()
                mark = told.st_size, told.st_mtime_ns
                self._seen[path] = mark
                if before.get(path) != mark or taken >= AT_ONCE:
                    continue
                with path.open("rb") as stream:
                    body = stream.read(SIZE_MOST + 1)
            except OSError as error:  # gone again, or not ours to read: others are not to wait for it
                log.warning("file", path=str(path), problem=error.strerror)
                continue
            taken += 1
            yield Dropped(path, path.name, body)

    def put_away(self, dropped: Dropped) -> None:
        """The file is kept elsewhere and leaves the folder."""
        self._move(dropped.path, self.place / DONE / dropped.path.name)

    def _paths(self) -> list[Path]:
        return sorted(path for path in self.place.iterdir() if _is_regular(path) and _is_whole(path.name))

    def _move(self, path: Path, to: Path) -> None:
        to.parent.mkdir(exist_ok=True)
        stem, number = to, 1
        while to.exists():
            number += 1
            to = stem.with_name(f"{stem.name}.{number}")
        path.rename(to)
        self._seen.pop(path, None)


class Maildir(Folder):
    """A maildir: a message in `new/` is whole by its rules, and is seen once it is in `cur/`."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        (place / "new").mkdir(exist_ok=True)
        (place / "cur").mkdir(exist_ok=True)

    def _paths(self) -> list[Path]:
        return sorted(path for path in (self.place / "new").iterdir() if _is_regular(path))

    def look(self) -> Iterator[Dropped]:
        """The messages that have come since."""
        for path in self._paths()[:AT_ONCE]:
            try:
                with path.open("rb") as stream:
                    yield Dropped(path, path.name, stream.read(SIZE_MOST + 1))
            except OSError as error:
                log.warning("message", path=str(path), problem=error.strerror)

    def put_away(self, dropped: Dropped) -> None:
        """The message has been seen."""
        name = dropped.path.name if ":2," in dropped.path.name else f"{dropped.path.name}:2,S"
        self._move(dropped.path, self.place / "cur" / name)


def _is_whole(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(PARTIAL) and not is_mapping(name)


def _is_regular(path: Path) -> bool:
    """Whether it is a file of this folder, and no way to one elsewhere."""
    return path.is_file() and not path.is_symlink()

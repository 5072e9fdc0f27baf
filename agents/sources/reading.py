"""Files and folders read into documents: with `mappings`, the one place of the sources that touches the disk.

Whatever a file holds, reading it ends in documents or in reasons; only a path that is not there is an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.sources.errors import SourceError, UnreadableError
from agents.sources.mappings import MappingFile, is_mapping, mapping_of
from agents.sources.recognition import HEAD_LENGTH as HEAD_LENGTH
from agents.sources.recognition import checked, recognised, recognised_by, takes_mapping, why_none
from agents.sources.source import Ignored, OrderDraft, Rejected, Source, Transaction, rejected, transactions
from agents.sources.texts import one_line, sample
from knowledge.documents import Document

SIZE_MOST = 64 * 2**20
"""Bytes of a file; what is larger is a mistake, or should come in pieces."""

_TOO_LARGE = f"the file is larger than {SIZE_MOST // 2**20} MiB: send it in pieces"


class NoSuchPathError(SourceError):
    """A path that does not exist, or is neither a file nor a folder."""

    def __init__(self, path: Path, problem: str = "there is no such file or folder") -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Read:
    """One transaction of a file: a document, or the reason why there is none.

    `name` is `file`, or `file:position` where the file holds several; `text` is what was read, up to 20,000
    characters, for a person to mend. With one that is `ignored` there is nothing to do, for that reason.
    """

    name: str
    document: Document | None
    reason: str
    text: str
    ignored: bool = False


def read_paths(paths: Sequence[Path], mapping: Path | None = None) -> list[Read]:
    """Every transaction of files and folders, in the order given; folders recursively, sorted, without hidden files.

    A `mapping` goes before those that lie beside documents. Raises SourceError before anything is read: that a path is
    not there, or what is wrong with the mapping.
    """
    for path in paths:
        _check_path(path)
    given = None if mapping is None else checked(MappingFile(mapping))
    return [read for path in paths for name, file in _files(path) for read in _read_file(name, file, path, given)]


def read_bytes(name: str, body: bytes, mapping: MappingFile | None = None) -> list[Read]:
    """Every transaction of a body of a file of that name, by the source that recognises it."""
    return [_read(name, transaction) for transaction in _transactions(name, body, mapping)]


def read_record(name: str, source: Source[Any], headers: Mapping[str, str], body: bytes) -> list[Read]:
    """Every transaction of a body that is a source's."""
    if len(body) > SIZE_MOST:
        found = [rejected("", sample(body), _TOO_LARGE)]
    else:
        found = transactions(source, headers, body)
    return [_read(name, transaction) for transaction in found]


def _check_path(path: Path) -> None:
    try:
        if not path.exists():
            raise NoSuchPathError(path)
    except OSError as error:
        raise NoSuchPathError(path, error.strerror or str(error)) from error
    if not (path.is_dir() or path.is_file()):
        raise NoSuchPathError(path, "neither a file nor a folder")


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a path, each with its name: the path's own, or that relative to the folder."""
    if not path.is_dir():
        if is_mapping(path.name):  # a folder's files may be named by a pattern that takes it in
            return
        yield _storable(path.name), path
        return
    found: list[Path] = []
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found.extend(Path(folder, name) for name in files if not (name.startswith(".") or is_mapping(name)))
    for file in sorted(found, key=lambda file: file.relative_to(path).parts):
        yield _storable(file.relative_to(path).as_posix()), file


def _storable(name: str) -> str:
    """A file's name fit for a table, whatever bytes the file system holds."""
    return os.fsencode(name).decode("utf-8", "backslashreplace").replace("\n", "\\n")


def _read_file(name: str, file: Path, given: Path, mapping: MappingFile | None) -> list[Read]:
    try:
        if not file.is_file():  # a pipe would never end
            return [Read(name, None, "not a regular file", "")]
        with file.open("rb") as stream:
            body = stream.read(SIZE_MOST + 1)
    except OSError as error:
        return [Read(name, None, one_line(f"the file cannot be opened: {error.strerror or error}"), "")]
    return read_bytes(name, body, mapping or mapping_of(file, given))


def _transactions(name: str, body: bytes, mapping: MappingFile | None) -> list[Transaction]:
    if len(body) > SIZE_MOST:
        return [rejected("", sample(body), _TOO_LARGE)]
    try:
        source = recognised(name, body)
        if mapping is not None and (source is None or takes_mapping(source)):
            beside = mapping.read()
            source = source.mapped(beside) if source is not None else recognised_by(beside, name, body)
    except UnreadableError as error:
        return [rejected("", sample(body), str(error))]
    if source is None:
        return [rejected("", sample(body), why_none(body))]
    return transactions(source, {}, body)


def _read(name: str, transaction: Transaction) -> Read:
    place = f"{name}:{transaction.position}" if transaction.position else name
    outcome = transaction.outcome
    assert not isinstance(outcome, OrderDraft)  # `transactions` has made documents of them
    if isinstance(outcome, Rejected):
        return Read(place, None, outcome.reason, transaction.text)
    if isinstance(outcome, Ignored):
        return Read(place, None, outcome.reason, transaction.text, ignored=True)
    return Read(place, outcome, "", transaction.text)

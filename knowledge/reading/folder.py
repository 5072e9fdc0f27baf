"""The only part of reading that looks at the disk: a folder becomes texts by file name."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.reading.layout import FILES, unknown_file
from knowledge.reading.problems import Problems

_TABLE_SUFFIXES = {".csv", ".toml", ".tsv", ".xls", ".xlsx", ".ods"}


@dataclass(slots=True)
class Scan:
    """The texts of a folder, and the names of files that are there but whose text cannot be had."""

    files: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)


def read_folder(path: Path) -> dict[str, str]:
    """The texts of a knowledge folder by file name, in the contract's order.

    Hidden files, notes and whatever else does not look like a table are ignored; a table of another name is a problem,
    since it may be one of ours misspelt. Raises KnowledgeError.
    """
    problems = Problems()
    scan = scan_folder(path, problems)
    problems.raise_any()
    return scan.files


def scan_folder(path: Path, problems: Problems) -> Scan:
    """As `read_folder`, but goes on after a problem: a text that is not UTF-8 is guessed, so that all can be told."""
    scan = Scan()
    if not path.is_dir():
        text = "is a file; give the folder that holds items.csv" if path.exists() else "there is no such folder"
        problems.add(str(path), 0, "", text)
        scan.unread.update(FILES)
        return scan
    try:
        names = {entry.name for entry in path.iterdir()}
    except OSError as error:
        problems.add(str(path), 0, "", f"cannot be read: {error.strerror}")
        scan.unread.update(FILES)
        return scan
    for name in names.difference(FILES):
        if looks_like_table(name):
            problems.add(name, 0, "", unknown_file(name))
    for name in FILES:
        if name in names:
            _read_file(path / name, scan, problems)
    return scan


def looks_like_table(name: str) -> bool:
    """Whether a file that is none of ours may be one of ours misspelt."""
    return Path(name).suffix.lower() in _TABLE_SUFFIXES and not name.startswith((".", "~"))


def _read_file(path: Path, scan: Scan, problems: Problems) -> None:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = "is a folder, not a file" if path.is_dir() else f"cannot be read: {error.strerror}"
        problems.add(path.name, 0, "", reason)
        scan.unread.add(path.name)
        return
    text = decode_text(path.name, data, problems)
    if text is None:
        scan.unread.add(path.name)
    else:
        scan.files[path.name] = text


def decode_text(name: str, data: bytes, problems: Problems) -> str | None:
    """The text of a file; None where the bytes are none. What is wrong with them is a problem."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        begin = error.start
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        problems.add(name, 1, "", "is UTF-16; save the file as UTF-8")
        return data.decode("utf-16", errors="replace")
    row = len((data[:begin] + b"x").splitlines())
    if b"\0" in data:
        problems.add(name, row, "", f"byte 0x{data[begin]:02X} is not UTF-8; this is not a text file")
        return None
    problems.add(name, row, "", f"byte 0x{data[begin]:02X} is not UTF-8{_more(data, row)}; save the file as UTF-8")
    return data.decode("latin-1")


def _more(data: bytes, row: int) -> str:
    """How many rows after this one have bytes that are not UTF-8 either."""
    count = sum(1 for line in data.splitlines()[row:] if not _is_utf8(line))
    return f", nor are some in {count} more row{'s' if count > 1 else ''}" if count else ""


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

"""A knowledge folder that comes as a zip file, from somebody who is not trusted: nothing of it touches the disk."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from knowledge.reading.folder import decode_text, looks_like_table
from knowledge.reading.layout import FILES, unknown_file
from knowledge.reading.problems import Problems

MOST_FILES = 200
"""Files of an archive at most."""

MOST_BYTES = 64 * 2**20
"""Bytes of all its files together, unpacked, at most."""


def read_archive(data: bytes, name: str = "the archive") -> dict[str, str]:
    """The texts of a knowledge folder by file name, in the contract's order, from a zip file.

    The folder is the archive itself, or the one folder in it. Paths that lead elsewhere, more or larger files than
    anybody needs (whatever the archive says of their sizes), and what is encrypted or damaged are refused. Raises
    KnowledgeError.
    """
    problems = Problems()
    texts: dict[str, str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            texts = _texts(archive, name, problems)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError, OSError) as error:
        problems.add(name, 0, "", f"is no zip file that can be read: {error}")
    problems.raise_any()
    return {file: texts[file] for file in FILES if file in texts}


def _texts(archive: zipfile.ZipFile, name: str, problems: Problems) -> dict[str, str]:
    entries = [info for info in archive.infolist() if not info.is_dir()]
    if len(entries) > MOST_FILES:
        problems.add(name, 0, "", f"has {len(entries)} files; a knowledge folder has at most {MOST_FILES}")
        return {}
    if sum(info.file_size for info in entries) > MOST_BYTES:
        problems.add(name, 0, "", f"is larger than {MOST_BYTES // 2**20} MiB unpacked")
        return {}
    texts: dict[str, str] = {}
    left = MOST_BYTES
    for info, file in _files(entries, problems):
        if info.flag_bits & 1:
            problems.add(file, 0, "", "is encrypted; pack it without a password")
            continue
        with archive.open(info) as handle:
            content = handle.read(left + 1)  # what the archive says of sizes is not believed
        left -= len(content)
        if left < 0:
            problems.add(name, 0, "", f"is larger than {MOST_BYTES // 2**20} MiB unpacked")
            return {}
        if file in texts:
            problems.add(file, 0, "", "is in the archive twice")
        text = decode_text(file, content, problems)
        if text is not None:
            texts[file] = text
    if not texts:
        problems.add(name, 0, "", "holds no knowledge folder: there is no items.csv in it")
    return texts


def _files(entries: list[zipfile.ZipInfo], problems: Problems) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """The files of the folder, each with its name there; what else may be meant for it is a problem."""
    folders: dict[str, None] = {}
    for info in entries:
        path = PurePosixPath(info.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in info.filename or ":" in info.filename:
            problems.add(info.filename[:100], 0, "", "leads out of the folder")
            continue
        if any(part.startswith((".", "~", "__MACOSX")) for part in path.parts) or len(path.parts) > 2:
            continue
        if path.name in FILES:
            folders[str(path.parent)] = None
            if len(folders) > 1:
                problems.add(info.filename[:100], 0, "", f"is in another folder than {next(iter(folders))}; pack one")
                continue
            yield info, path.name
        elif looks_like_table(path.name):
            problems.add(path.name[:100], 0, "", unknown_file(path.name))

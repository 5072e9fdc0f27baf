"""Checking XML by the official schema of its format, an XSD or a DTD, of which an operator has a copy.

Schemas are not part of the society, and nothing is ever loaded from elsewhere: what a schema imports lies beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from agents.sources.errors import UnreadableError
from agents.sources.texts import one_line, quoted

Schema: TypeAlias = "etree.XMLSchema | etree.DTD"


def check_schemas(place: Path | None, roots: Iterable[str]) -> str:
    """By what documents of these root elements are checked, in words, if by any. Raises UnreadableError."""
    if place is None:
        return ""
    found = {root: _file(place, root) for root in roots}
    for file in found.values():
        _loaded(file)
    return f"documents are checked by {', '.join(dict.fromkeys(file.name for file in found.values()))}"


def check_document(place: Path | None, root: etree._Element) -> None:
    """Raises UnreadableError where a document does not keep the schema, with line and reason, or it cannot be used."""
    if place is None:
        return
    file = _file(place, etree.QName(root).localname)
    try:
        _loaded(file).assertValid(root)
    except etree.DocumentInvalid as error:
        raise UnreadableError(one_line(f"not valid by {file.name}: {error}")) from error


def _file(place: Path, root: str) -> Path:
    """The schema of a root element: the file itself, or that in a folder, or below, whose name has the root's in it."""
    if place.is_file():
        return place
    files = sorted(place.rglob("*.xsd")) if place.is_dir() else []
    named = [file for file in files if root in file.stem.replace("_", "-").split("-")]
    if not named:
        raise UnreadableError(f"schema: there is no file {place}, and no folder with an XSD for {quoted(root)}")
    return named[0]


@lru_cache(maxsize=32)
def _loaded(file: Path) -> Schema:
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    try:
        if file.suffix.lower() == ".dtd":
            with file.open("rb") as stream:
                return etree.DTD(stream)
        return etree.XMLSchema(etree.parse(str(file), parser))
    except (OSError, etree.LxmlError) as error:
        raise UnreadableError(one_line(f"schema: {file.name} cannot be used: {error}")) from error

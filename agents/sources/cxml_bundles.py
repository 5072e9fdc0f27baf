"""Bundles of a cXML order: which of a line with parts and its parts is to be delivered, and by which price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents.sources.cxml_lines import Line
from agents.sources.errors import UnreadableError
from agents.sources.exact import plain
from agents.sources.texts import quoted

WHOLE, PARTS = "groupLevel", "itemLevel"
DEEPEST = 20

Bundles = Mapping[str, Sequence[Line]]
"""The parts of a line by its number."""


def unbundled(lines: Sequence[Line]) -> list[Line]:
    """The lines that are to be delivered and paid, in order.

    Of a bundle that is priced as a group that is the bundle, and its parts are its configuration; of one that is priced
    by its items these are the parts, and the bundle is their heading. Raises UnreadableError where it is not clear.
    """
    bundles: dict[str, list[Line]] = {}
    names = {line.name: line for line in lines}
    for line in lines:
        if names[line.name] is not line:
            raise UnreadableError(f"line {quoted(line.name)} stands twice")
        if line.parent and line.parent not in names:
            raise UnreadableError(f"line {quoted(line.name)} is part of line {quoted(line.parent)}, which is not there")
        bundles.setdefault(line.parent, []).append(line)
    if sum(1 for _ in _inside("", bundles)) != len(lines):
        raise UnreadableError("parentLineNumber: lines are parts of each other, or deeper than twenty levels")
    return [each for line in bundles.get("", ()) for each in _delivered(line, bundles)]


def _inside(name: str, bundles: Bundles, depth: int = 0) -> Iterator[Line]:
    """All that a line is made up of, at every level."""
    for line in bundles.get(name, ()):
        yield line
        if depth < DEEPEST:
            yield from _inside(line.name, bundles, depth + 1)


def _delivered(line: Line, bundles: Bundles) -> Iterator[Line]:
    parts = bundles.get(line.name, ())
    if not parts and line.pricing == PARTS:
        raise UnreadableError(f"line {quoted(line.name)} is the heading of a bundle that has no lines")
    if not parts:
        yield line
    elif _pricing(line, bundles) == WHOLE:
        yield _with(line, "parts", [_described(part) for part in _inside(line.name, bundles)])
    else:
        heading = " ".join((*line.draft["items"][:1], *filter(None, (line.draft["description"],))))
        for part in parts:
            yield from (_with(each, "bundle", heading or line.name) for each in _delivered(part, bundles))


def _pricing(line: Line, bundles: Bundles) -> str:
    """How a bundle is priced: as it says, or as can only be meant where one side has no price."""
    if line.pricing in (WHOLE, PARTS):
        return line.pricing
    priced = any(part.amount for part in _inside(line.name, bundles))
    if line.pricing or bool(line.amount) == priced:
        raise UnreadableError(
            f"line {quoted(line.name)} has parts, but compositeItemType does not say whether it is delivered and paid"
            f" as a whole ({WHOLE}) or by its parts ({PARTS})"
        )
    return PARTS if priced else WHOLE


def _described(part: Line) -> dict[str, Any]:
    """A part in words that fit into a configuration."""
    draft = part.draft
    said = {"line": draft["line"], "quantity": plain(draft["quantity"]), "uom": draft["uom"]}
    more = {"item": next(iter(draft["items"]), None), "description": draft["description"]}
    return {name: value for name, value in (said | more | (draft["configuration"] or {})).items() if value}


def _with(line: Line, name: str, value: Any) -> Line:
    return replace(line, draft={**line.draft, "configuration": {**(line.draft["configuration"] or {}), name: value}})

"""Reads how items are made: bom.csv and routes.csv. Of several revisions the last in file order is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from knowledge.plant import Alternative, Bom, Component, Route, Step, component
from knowledge.reading.cells import Known, code, number, quoted
from knowledge.reading.cycles import cycles
from knowledge.reading.items import Items
from knowledge.reading.tables import Row, Table

T = TypeVar("T")

QUANTITY = number(above=0)
SCRAP = number(least=0, most=100)
MINUTES = number(least=0, most=10_000_000)
LONGEST_PATH = 20


@dataclass(slots=True)
class _Revisions(Generic[T]):
    """The rows of one item by revision, and the revision in force."""

    rows: dict[str, list[T]]
    in_force: str = ""

    def add(self, revision: str, row: T) -> None:
        self.rows.setdefault(revision, []).append(row)
        self.in_force = revision

    @property
    def current(self) -> list[T]:
        return self.rows[self.in_force]


def read_boms(table: Table, items: Items) -> dict[str, Bom]:
    """The BOM in force of each parent."""
    parents: dict[str, _Revisions[tuple[Component, int]]] = {}
    for row in table:
        parent, child = row.need("parent", items.known), row.need("component", items.known)
        revision = row.read("revision", code, "")
        quantity, scrap = row.need("quantity", QUANTITY), row.read("scrap_percent", SCRAP, Decimal(0))
        if parent is None or child is None:
            continue
        what = f"component {quoted(child)} of {quoted(parent)}{_of_revision(revision)}"
        if row.first((parent, revision, child), "component", what):
            decimals = items.decimals.get(parent, 0), items.decimals.get(child, 0)
            line = component(child, quantity or Decimal(1), scrap, *decimals)
            parents.setdefault(parent, _Revisions({})).add(revision, (line, row.number))
    _tell_cycles(table, parents)
    return {
        parent: Bom(parent, boms.in_force, tuple(line for line, _ in boms.current)) for parent, boms in parents.items()
    }


def _tell_cycles(table: Table, parents: Mapping[str, _Revisions[tuple[Component, int]]]) -> None:
    edges = sorted((number, parent, line.item) for parent, boms in parents.items() for line, number in boms.current)
    rows = {(parent, child): number for number, parent, child in edges}
    graph: dict[str, list[str]] = {}
    for _, parent, child in edges:
        graph.setdefault(parent, []).append(child)
    for path in cycles(graph):
        text = f"{_shown(path)} is a cycle; no item can be a component of itself"
        table.problems.add(table.file, rows[path[0], path[1]], "component", text)


def _shown(path: list[str]) -> str:
    if len(path) > LONGEST_PATH:
        path = [*path[: LONGEST_PATH // 2], f"{len(path) - LONGEST_PATH} more", *path[-LONGEST_PATH // 2 :]]
    return " → ".join(path)


def read_routes(table: Table, items: Items, work_centres: Known) -> dict[str, Route]:
    """The route in force of each item."""
    routes: dict[str, _Revisions[tuple[str, Alternative]]] = {}
    for row in table:
        item, step = row.need("item", items.known), row.need("step", code)
        alternative, revision = _alternative(row, work_centres), row.read("revision", code, "")
        if item is None or step is None or alternative is None:
            continue
        what = f"work centre {quoted(alternative.work_centre)} for step {quoted(step)} of {quoted(item)}"
        if row.first((item, revision, step, alternative.work_centre), "work_centre", what + _of_revision(revision)):
            routes.setdefault(item, _Revisions({})).add(revision, (step, alternative))
    return {item: Route(item, route.in_force, _steps(route.current)) for item, route in routes.items()}


def _alternative(row: Row, work_centres: Known) -> Alternative | None:
    work_centre = row.need("work_centre", work_centres)
    setup, run, teardown = (
        row.read(column, MINUTES, Decimal(0)) for column in ("setup_minutes", "run_minutes", "teardown_minutes")
    )
    return None if work_centre is None else Alternative(work_centre, setup, run, teardown)


def _steps(rows: list[tuple[str, Alternative]]) -> tuple[Step, ...]:
    """By number where every step is a whole number, else in file order."""
    alternatives: dict[str, list[Alternative]] = {}
    for step, alternative in rows:
        alternatives.setdefault(step, []).append(alternative)
    names = list(alternatives)
    if all(name.isascii() and name.isdigit() for name in names):
        names.sort(key=int)
    return tuple(Step(name, tuple(alternatives[name])) for name in names)


def _of_revision(revision: str) -> str:
    return f" in revision {quoted(revision)}" if revision else ""

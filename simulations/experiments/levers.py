"""What somebody who steers a plant may set from time to time: each a value in the knowledge folder.

A lever is set by loading a new version of the folder, as a planner would; its effect is what the society makes of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from knowledge.errors import SocietyError
from knowledge.plant import Plant

Files: TypeAlias = dict[str, str]


class Lever(Protocol):
    """Something that may be set to a whole number from `low` to `high`."""

    @property
    def name(self) -> str:
        """What it is called in actions."""

    @property
    def low(self) -> int:
        """The least that it may be set to."""

    @property
    def high(self) -> int:
        """The most that it may be set to."""

    def check(self, plant: Plant) -> None:
        """Raise SocietyError where the plant has no such thing."""

    def set(self, files: Mapping[str, str], value: int) -> Files:
        """The knowledge folder with it set."""


@dataclass(frozen=True, slots=True)
class SafetyStock:
    """How much of an item is to be kept for what nobody foresees, in whole units of the item."""

    item: str
    high: int
    low: int = 0

    @property
    def name(self) -> str:
        """`safety_stock.ITEM`."""
        return f"safety_stock.{self.item}"

    def check(self, plant: Plant) -> None:
        """Raise SocietyError where the plant has no such item."""
        _known(self.name, "item", self.item, plant.items)

    def set(self, files: Mapping[str, str], value: int) -> Files:
        """The folder with another `safety_stock` in items.csv."""
        return with_cell(files, "items.csv", {"item": self.item}, "safety_stock", str(value))


@dataclass(frozen=True, slots=True)
class Priority:
    """Whose orders go first among those received together: 1 before 5."""

    customer: str
    low: int = 1
    high: int = 9

    @property
    def name(self) -> str:
        """`priority.CUSTOMER`."""
        return f"priority.{self.customer}"

    def check(self, plant: Plant) -> None:
        """Raise SocietyError where the plant has no such customer."""
        _known(self.name, "customer", self.customer, plant.customers)

    def set(self, files: Mapping[str, str], value: int) -> Files:
        """The folder with another `priority` in customers.csv."""
        return with_cell(files, "customers.csv", {"customer": self.customer}, "priority", str(value))


@dataclass(frozen=True, slots=True)
class Sourcing:
    """Which supplier of an item is asked first, by its place among `suppliers`.

    The plant then buys by preference (`sourcing = "preference"` in plant.toml), not what is best for each need.
    """

    item: str
    suppliers: tuple[str, ...]

    low: int = 0

    @property
    def high(self) -> int:
        """The place of the last supplier."""
        return len(self.suppliers) - 1

    @property
    def name(self) -> str:
        """`sourcing.ITEM`."""
        return f"sourcing.{self.item}"

    def check(self, plant: Plant) -> None:
        """Raise SocietyError where the plant has no such item, or not these suppliers of it."""
        _known(self.name, "item", self.item, plant.items)
        offering = {offer.supplier for offer in plant.offers.get(self.item, ())}
        for supplier in self.suppliers:
            _known(self.name, f"supplier of {self.item}", supplier, offering)

    def set(self, files: Mapping[str, str], value: int) -> Files:
        """The folder with the supplier in front, by `preference` in offers.csv."""
        found = dict(files)
        for place, supplier in enumerate(self.suppliers):
            first = "0" if place == value else str(place + 1)
            row = {"item": self.item, "supplier": supplier}
            found = with_cell(found, "offers.csv", row, "preference", first)
        lines = [line for line in found.get("plant.toml", "").splitlines() if not line.startswith("sourcing")]
        return {**found, "plant.toml": "\n".join(['sourcing = "preference"', *lines]) + "\n"}


def with_cell(files: Mapping[str, str], file: str, row: Mapping[str, str], column: str, value: str) -> Files:
    """The files with one column of the rows that match set to a value; a column that is not there is added."""
    reader = csv.DictReader(io.StringIO(files[file].removeprefix("\ufeff"), newline=""))
    columns = list(reader.fieldnames or ())
    rows = list(reader)
    text = io.StringIO()
    writer = csv.DictWriter(text, [*columns, *([] if column in columns else [column])], lineterminator="\n")
    writer.writeheader()
    for each in rows:
        matches = all((each.get(key) or "").strip() == wanted for key, wanted in row.items())
        writer.writerow({**each, column: value} if matches else each)
    return {**files, file: text.getvalue()}


def _known(lever: str, kind: str, name: str, known: object) -> None:
    assert isinstance(known, (Mapping, set))
    if name not in known:
        raise SocietyError(f"lever {lever}: the plant has no {kind} {name}; there are {', '.join(sorted(known))}")

"""Pegging as a tree: what an order line waits for, and what a work order or purchase is for in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from knowledge.instants import Instant
from knowledge.plant import Plant
from knowledge.quantities import from_units, to_units
from simulations.report.lines import CANCELLED
from simulations.report.records import Peg, Purchase, Records, WorkOrder

STOCK = ("stock", "safety_stock")
"""What a supply may be pegged to beside documents."""


@dataclass(frozen=True, slots=True)
class Supply:
    """A work order or a row of a purchase order, as far as pegging is concerned."""

    number: str
    item: str
    quantity: Decimal
    begin: Instant | None
    ready: Instant
    status: str
    supplier: str = ""

    @property
    def made(self) -> bool:
        return not self.supplier


@dataclass(frozen=True, slots=True)
class Branch:
    """So much of a supply, with what it waits for in turn; `from_stock` are components that nothing is pegged for.

    A work order that the tree has shown before is `repeated`, without what is below it.
    """

    supply: Supply
    quantity: Decimal
    children: tuple[Branch, ...] = ()
    from_stock: tuple[tuple[str, Decimal], ...] = ()
    repeated: bool = False


@dataclass(slots=True)
class Pegging:
    """All pegs of a run, both ways. Cancelled supply is left out."""

    plant: Plant
    supplies: dict[str, list[tuple[Supply, Decimal]]] = field(default_factory=dict)
    pegs: dict[str, tuple[Peg, ...]] = field(default_factory=dict)

    def supplies_of(self, document: str) -> Sequence[tuple[Supply, Decimal]]:
        """What is pegged to a document, with how much of it."""
        return self.supplies.get(document, ())

    def branches(self, document: str, shown: set[str]) -> tuple[Branch, ...]:
        """The tree below a document, down to what is bought. The work orders in it are added to those `shown`."""
        return tuple(self._branch(supply, quantity, shown) for supply, quantity in self.supplies_of(document))

    def _branch(self, supply: Supply, quantity: Decimal, shown: set[str]) -> Branch:
        if not supply.made or supply.number in shown:
            return Branch(supply, quantity, repeated=supply.made)
        shown.add(supply.number)
        return Branch(supply, quantity, self.branches(supply.number, shown), self._from_stock(supply))

    def _from_stock(self, supply: Supply) -> tuple[tuple[str, Decimal], ...]:
        """Components of the work order's BOM, less what is pegged to it: they come from the shelf."""
        bom, made = self.plant.boms.get(supply.item), self.plant.items.get(supply.item)
        if bom is None or made is None:
            return ()
        covered: dict[str, Decimal] = {}
        for found, quantity in self.supplies_of(supply.number):
            covered[found.item] = covered.get(found.item, Decimal(0)) + quantity
        try:
            units = to_units(supply.quantity, made.decimals)
        except ValueError:
            return ()
        needs = []
        for part in bom.components:
            known = self.plant.items.get(part.item)
            need = from_units(part.need(units), known.decimals if known else 0)
            rest = need - covered.get(part.item, Decimal(0))
            if rest > 0:
                needs.append((part.item, rest))
        return tuple(needs)

    def purpose(self, number: str) -> str:
        """The document at the top that most of a work order is for: an order line, `stock` or `safety_stock`."""
        seen = {number}
        while pegs := [peg for peg in self.pegs.get(number, ()) if peg.document not in seen]:
            number = max(pegs, key=lambda peg: (peg.document not in STOCK, peg.quantity)).document
            seen.add(number)
        return number


def pegging(records: Records, plant: Plant) -> Pegging:
    """The pegs of all work orders and purchases that are not cancelled."""
    found = Pegging(plant)
    for order in records.work_orders:
        if order.status != CANCELLED:
            found.pegs[order.number] = order.pegs
            _file(found, made(order), order.pegs)
    for row in records.purchases:
        if row.status != CANCELLED:
            _file(found, bought(row), row.pegs)
    return found


def made(order: WorkOrder) -> Supply:
    """A work order as supply."""
    return Supply(order.number, order.item, order.quantity, order.start, order.finish, order.status)


def bought(row: Purchase) -> Supply:
    """A row of a purchase order as supply."""
    return Supply(row.number, row.item, row.quantity, row.order_by, row.due, row.status, row.supplier or "?")


def _file(found: Pegging, supply: Supply, pegs: Sequence[Peg]) -> None:
    for peg in pegs:
        found.supplies.setdefault(peg.document, []).append((supply, peg.quantity))

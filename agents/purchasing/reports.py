"""What confirmations and receipts make of a purchase row."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from knowledge.documents import GoodsReceipt, SupplierConfirmation
from knowledge.errors import SocietyError
from knowledge.instants import Instant, parse
from knowledge.plant import Plant, SupplyStatus
from knowledge.quantities import Units, to_units
from knowledge.supply import PurchaseRow


class SupplierReportError(SocietyError):
    """A report that cannot be taken; its text says why."""


def confirm(plant: Plant, row: PurchaseRow, report: SupplierConfirmation) -> PurchaseRow:
    """The row with the supplier's date and quantity; a confirmed quantity of 0 cancels it."""
    due = row.due if report.due is None else parse(report.due, plant.zone)
    quantity = row.quantity if report.quantity is None else _units(plant, row, report.quantity)
    if quantity < row.received:
        raise SupplierReportError(f"{row.received} of {row.number} have already been received, it cannot be {quantity}")
    status = SupplyStatus.CANCELLED if not quantity else row.status
    if quantity and quantity == row.received:
        status = SupplyStatus.DONE
    return replace(row, due=due, quantity=quantity or row.quantity, status=status)


def receive(plant: Plant, row: PurchaseRow, report: GoodsReceipt, now: Instant) -> tuple[PurchaseRow, Units]:
    """The row after a receipt, and what came in. More than was ordered is kept; it is on the shelf."""
    units = _units(plant, row, report.quantity)
    received = row.received + units
    done = received >= row.quantity
    return (
        replace(
            row,
            received=received,
            status=SupplyStatus.DONE if done else SupplyStatus.RELEASED,
            due=now if done else row.due,
        ),
        units,
    )


def _units(plant: Plant, row: PurchaseRow, quantity: Decimal) -> Units:
    item = plant.items.get(row.item)
    try:
        return to_units(quantity, item.decimals if item else 0)
    except ValueError as error:
        raise SupplierReportError(f"quantity: {error}") from error

"""The outlook of an item for machines: quantities as text in the item's unit, as documents and tables write them.

Documents are named as in the pegs of the tables: percent-encoded. The pegs of a receipt are what it is for, those of a
requirement what it takes or waits for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from knowledge.instants import iso
from knowledge.outlook import EventKind, ItemEvent, Level, Outlook, Pegged
from knowledge.quantities import Units, show_units

_PARTNERS = {
    EventKind.PURCHASE_ORDER: "supplier",
    EventKind.ORDER_LINE: "customer",
    EventKind.COMPONENT: "makes",
}


def outlook_json(outlook: Outlook) -> dict[str, Any]:
    """Everything that the outlook holds, for `json.dumps`."""
    return _Body(outlook).whole()


class _Body:
    def __init__(self, outlook: Outlook) -> None:
        self.outlook = outlook

    def whole(self) -> dict[str, Any]:
        outlook, item = self.outlook, self.outlook.item
        return {
            "item": item.code,
            "description": item.description,
            "uom": item.uom,
            "now": iso(outlook.now, outlook.zone),
            "on_hand": self._quantity(outlook.on_hand),
            "safety_stock": self._quantity(item.safety_stock),
            "lowest": self._level(outlook.lowest),
            "first_shortage": self._level(outlook.first_shortage),
            "first_below_safety_stock": self._level(outlook.first_below_safety_stock),
            "stock_pegged_to": self._pegs(outlook.stock_pegs),
            "events": [self._event(event) for event in outlook.events],
            "steps": [
                {
                    "time": iso(step.time, outlook.zone),
                    "projected": self._quantity(step.projected),
                    "promisable": self._quantity(step.promisable),
                }
                for step in outlook.steps
            ],
        }

    def _event(self, event: ItemEvent) -> dict[str, Any]:
        partner = _PARTNERS.get(event.kind)
        return {
            "time": iso(event.time, self.outlook.zone),
            "overdue": event.overdue,
            "document": event.document,
            "kind": event.kind.value,
            "status": event.status,
            **({partner: event.partner} if partner else {}),
            "quantity": self._quantity(event.units),
            "projected": self._quantity(event.projected),
            "promisable": self._quantity(event.promisable),
            "pegs": self._pegs(event.pegs),
            "short": self._quantity(event.short),
        }

    def _pegs(self, pegs: Iterable[Pegged]) -> list[dict[str, Any]]:
        return [{"document": each.document, "quantity": self._quantity(each.units), "late": each.late} for each in pegs]

    def _level(self, level: Level | None) -> dict[str, str] | None:
        if level is None:
            return None
        return {"time": iso(level.time, self.outlook.zone), "quantity": self._quantity(level.units)}

    def _quantity(self, units: Units) -> str:
        return show_units(units, self.outlook.item.decimals)

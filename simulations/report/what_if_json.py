"""What documents would change as one JSON object: columns as the tables have them, times in the plant's zone."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from knowledge.instants import Instant, iso
from knowledge.plant import Plant
from knowledge.wording import show_quantity
from simulations.report.records import ActionMessage, Approval, Operation, Peg, Purchase, Shipment, WorkOrder
from simulations.report.what_if_words import hours
from simulations.what_if.values import Changes, Costs, Difference, LineChange, Part, WeekLoad

R = TypeVar("R")


def difference_json(found: Difference, plant: Plant) -> dict[str, Any]:
    """All of a difference; of re-timed supply only how much it is and by how much at most."""
    return _Writer(plant).difference(found)


class _Writer:
    def __init__(self, plant: Plant) -> None:
        self.plant = plant

    def difference(self, found: Difference) -> dict[str, Any]:
        """The whole object."""
        return {
            "now": self._time(found.now),
            "differs": bool(found),
            "promises": [self._line(change) for change in found.promises],
            "promises_unchanged": found.unchanged,
            "work_orders": self._changes(found.work_orders, self._work_order, lambda row: row.finish),
            "operations": self._changes(found.operations, self._operation, lambda row: row.finish),
            "purchase_orders": self._changes(found.purchases, self._purchase, lambda row: row.due),
            "shipping_orders": self._changes(found.shipments, self._shipment, lambda row: row.ship),
            "action_messages": self._changes(found.actions, self._action, lambda row: row.time or 0),
            "approvals": {
                "asked": [self._approval(row) for row in found.approvals.asked],
                "settled": [self._approval(row) for row in found.approvals.settled],
            },
            "quarantine": [{"document": row.document, "reason": row.reason} for row in found.quarantine],
            "stock": [
                {"item": each.item, "before": show_quantity(each.before), "after": show_quantity(each.after)}
                for each in found.stock
            ],
            "costs": {
                "currency": self.plant.currency,
                "before": self._costs(found.costs.before),
                "after": self._costs(found.costs.after),
            },
            "work_centres": {code: [self._week(week) for week in weeks] for code, weeks in found.loads.items()},
        }

    def _time(self, instant: Instant | None) -> str | None:
        return None if instant is None else iso(instant, self.plant.zone)

    # -- promises

    def _line(self, change: LineChange) -> dict[str, Any]:
        return {
            "line": change.line,
            "effect": change.effect.value,
            "before": [self._part(part) for part in change.before],
            "after": [self._part(part) for part in change.after],
        }

    def _part(self, part: Part) -> dict[str, Any]:
        return {
            "item": part.item,
            "quantity": show_quantity(part.quantity),
            "requested": self._time(part.requested),
            "promised": self._time(part.promised),
            "delivery": self._time(part.delivery),
            "late_seconds": part.late_seconds,
            "status": part.status,
            "reason": part.reason,
        }

    # -- rows of tables

    def _changes(
        self, changes: Changes[R], write: Callable[[R], dict[str, Any]], time: Callable[[R], Instant]
    ) -> dict[str, Any]:
        shifts = [abs(time(pair.after) - time(pair.before)) for pair in changes.retimed]
        return {
            "new": [write(row) for row in changes.new],
            "changed": [{"before": write(pair.before), "after": write(pair.after)} for pair in changes.changed],
            "moved": [{"before": write(pair.before), "after": write(pair.after)} for pair in changes.moved],
            "dropped": [write(row) for row in changes.dropped],
            "retimed": {"rows": len(shifts), "most_seconds": max(shifts, default=0)},
        }

    def _work_order(self, row: WorkOrder) -> dict[str, Any]:
        return {
            "work_order": row.number,
            "item": row.item,
            "quantity": show_quantity(row.quantity),
            "start": self._time(row.start),
            "finish": self._time(row.finish),
            "status": row.status,
            "pegged_to": _pegs(row.pegs),
        }

    def _operation(self, row: Operation) -> dict[str, Any]:
        return {
            "work_order": row.work_order,
            "step": row.step,
            "work_centre": row.work_centre,
            "machine": row.machine,
            "start": self._time(row.start),
            "finish": self._time(row.finish),
        }

    def _purchase(self, row: Purchase) -> dict[str, Any]:
        return {
            "purchase_order": row.number,
            "supplier": row.supplier,
            "item": row.item,
            "quantity": show_quantity(row.quantity),
            "unit_price": None if row.unit_price is None else show_quantity(row.unit_price),
            "currency": row.currency,
            "order_by": self._time(row.order_by),
            "due": self._time(row.due),
            "status": row.status,
            "pegged_to": _pegs(row.pegs),
        }

    def _shipment(self, row: Shipment) -> dict[str, Any]:
        return {
            "shipping_order": row.number,
            "order": row.order,
            "release": row.release,
            "line": row.line,
            "item": row.item,
            "quantity": show_quantity(row.quantity),
            "customer": row.customer,
            "ship_to": row.ship_to,
            "ship": self._time(row.ship),
            "status": row.status,
        }

    def _action(self, row: ActionMessage) -> dict[str, Any]:
        return {
            "action": row.action,
            "document": row.document,
            "item": row.item,
            "quantity": None if row.quantity is None else show_quantity(row.quantity),
            "time": self._time(row.time),
            "reason": row.reason,
        }

    def _approval(self, row: Approval) -> dict[str, Any]:
        return {
            "approval": row.number,
            "decision": row.decision,
            "subject": row.subject,
            "status": row.status,
            "by": row.by,
            "reason": row.reason,
        }

    # -- figures

    def _costs(self, costs: Costs) -> dict[str, Any]:
        return {
            "purchases": _money(costs.purchases),
            "ordering": _money(costs.ordering),
            "work": _money(costs.work),
            "shipments": _money(costs.shipments),
            "lateness": _money(costs.lateness),
            "total": _money(costs.total),
            "weighted_hours_late": hours(costs.late_hours * 3600).replace(",", ""),
            "unpriced": costs.unpriced,
        }

    def _week(self, week: WeekLoad) -> dict[str, Any]:
        return {
            "week": self._time(week.start),
            "busy_seconds": {"before": week.busy.before, "after": week.busy.after},
            "open_seconds": {"before": week.open.before, "after": week.open.after},
        }


def _pegs(pegs: tuple[Peg, ...]) -> dict[str, str]:
    return {peg.document: show_quantity(peg.quantity) for peg in pegs}


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"

"""How much there is of things at a time, and how much went through."""

from __future__ import annotations

from knowledge.instants import HOUR, Instant
from simulations.world.floor import FloorWorld
from simulations.world.orders import OrderBook
from simulations.world.scene import Scene
from simulations.world.suppliers import SuppliersWorld


class Levels:
    """Looks at the world as it really is."""

    def __init__(self, scene: Scene, floor: FloorWorld, suppliers: SuppliersWorld, book: OrderBook) -> None:
        self.scene, self.floor, self.suppliers, self.book = scene, floor, suppliers, book
        self._costs: dict[str, float] = {}

    def levels(self, now: Instant) -> dict[str, float]:
        """What is there now, in the plant's currency and in orders."""
        shelf = self.scene.shelf.on_hand
        jobs = [job for job in self.floor.jobs.values() if job.picked]
        parts = [part for job in jobs for part in job.components]
        return {
            "inventory_value": round(sum(units * self.each(item) for item, units in sorted(shelf.items())), 2),
            "work_in_process_value": round(sum(units * self.each(item) for item, units in parts), 2),
            "work_in_process_orders": float(len(jobs)),
            "open_orders": float(len(self.book.open)),
            "late_orders": float(sum(order.requested < now for order in self.book.open.values())),
        }

    def each(self, item: str) -> float:
        """What a smallest unit is worth."""
        found = self._costs.get(item)
        if found is None:
            found = self._costs[item] = float(self.scene.value(item, 1))
        return found

    def sums(self, now: Instant) -> dict[str, float]:
        """What went through since the beginning."""
        machines = [machine for centre in self.floor.centres.values() for machine in centre.machines]
        lines = (line for order in self.book.orders.values() for line in order.lines.values())
        delivered = sum(line.delivered * self.each(line.item) for line in lines if line.delivered)
        return {
            "purchase_cost": round(self.suppliers.spent, 2),
            "purchase_orders": self.suppliers.issued,
            "delivered_cost": round(delivered, 2),
            "busy_hours": sum(machine.worked for machine in machines) / HOUR,
            "open_hours": sum(machine.opened.open_seconds(now) for machine in machines) / HOUR,
        }

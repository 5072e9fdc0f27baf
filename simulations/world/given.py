"""Orders that a scenario has from a file, each received when it says; nothing of them is left to chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from agents.sources.reading import Read, read_paths
from knowledge.documents import CustomerOrder, OrderLine
from knowledge.errors import SocietyError
from knowledge.instants import DAY, Instant, from_datetime, parse
from knowledge.plant import Customer, Plant
from knowledge.supply import order_document
from simulations.world.orders import Line, Order, OrderBook
from simulations.world.scene import Scene


def read_given(path: Path) -> tuple[CustomerOrder, ...]:
    """The customer orders of a file. Raises SocietyError with the first that cannot be used, and why."""
    if not path.is_file():
        raise SocietyError(f"documents: {path} is no file; name one of customer orders")
    return tuple(_order(read) for read in read_paths([path]))


def _order(read: Read) -> CustomerOrder:
    document = read.document
    if not isinstance(document, CustomerOrder):
        raise SocietyError(f"documents: {read.name}: {read.reason or 'is no customer_order, and only these are given'}")
    if document.received is None:
        raise SocietyError(f"documents: {read.name}: does not say when it is received")
    if any(line.item is None or line.quantity is None for line in document.lines):
        raise SocietyError(f"documents: {read.name}: each line needs an item and a quantity")
    return document


def misfits(plant: Plant, orders: Sequence[CustomerOrder]) -> Iterator[str]:
    """What given orders name that a plant does not have."""
    for order in orders:
        if plant.customer(order.customer or "") is None:
            yield f"documents: order {order.number}: customer {order.customer} is not in customers.csv of the plant"
        for line in order.lines:
            if line.item not in plant.items:
                yield f"documents: order {order.number}: {line.item} is not in items.csv of the plant"


class GivenOrders:
    """The orders of a file."""

    def __init__(self, scene: Scene, orders: Sequence[CustomerOrder], book: OrderBook) -> None:
        self.scene, self.book = scene, book
        for order in orders:
            assert order.received is not None  # looked at when they were read
            scene.agenda.at(max(scene.begin, from_datetime(order.received)), partial(self._receive, order))

    def _receive(self, given: CustomerOrder, now: Instant) -> None:
        scene, plant = self.scene, self.scene.plant
        customer = plant.customer(given.customer or "") or Customer(given.customer or "")
        wanted = [parse(line.requested, plant.zone, ends_day=True) for line in given.lines if line.requested]
        self.book.add(
            Order(
                order_document(given.source, given.number),
                given.source,
                given.number,
                customer.code,
                now,
                max(wanted, default=now),
                {line.line: self._line(line) for line in given.lines},
                float(customer.lateness_weight),
                int(customer.transit_days * DAY),
                float(customer.late_cost_per_day_percent),
            )
        )
        scene.hand_in(Read(f"{given.source}-{given.number}", given, "", ""))

    def _line(self, line: OrderLine) -> Line:
        item, scene = line.item or "", self.scene
        units = scene.units(item, line.quantity or 0)
        return Line(item, units, float(line.unit_price or 0) / 10 ** scene.decimals(item))

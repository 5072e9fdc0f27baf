"""The warehouse: it ships what is to be shipped once it is there, loses some, and counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from knowledge.instants import DAY, Instant, parse
from knowledge.quantities import Units
from knowledge.supply import order_document
from protocols.publishing import ShippingOrderNews
from simulations.world.chance import poisson
from simulations.world.orders import OrderBook
from simulations.world.scenario import Warehouse as Rules
from simulations.world.scene import Scene

Look = Callable[[str, Instant], ShippingOrderNews | None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A shipping order that has not gone: when it is planned to, and from when on its customer would take it."""

    planned: Instant
    number: str
    wanted: Instant
    pieces: tuple[tuple[str, Units], ...]


class WarehouseWorld:
    """Ships whole shipping orders, no earlier than they are to go, but what is late already as soon as it is there:
    then it takes no pieces for which an order waits that goes before it. `look` says how one stands."""

    def __init__(self, scene: Scene, rules: Rules, book: OrderBook, look: Look) -> None:
        self.scene, self.rules, self.book, self.look = scene, rules, book, look
        self.waiting: dict[str, _Waiting] = {}
        self.shipped: set[str] = set()
        if rules.losses_per_year:
            scene.agenda.at(scene.begin + DAY, self._lose)
            scene.agenda.at(scene.begin + round(rules.count_days * DAY), self._count)

    def hear(self, now: Instant, news: ShippingOrderNews) -> None:
        """A shipping order was issued, moved or cancelled."""
        number = news.shipping_order
        if news.status == "released" and number not in self.shipped:
            planned = max(now, parse(news.ship))
            order = self.book.orders.get(order_document(news.source, news.number))
            wanted = min(planned, max(now, order.requested - order.transit)) if order else planned
            pieces = tuple((line.item, self.scene.units(line.item, line.quantity)) for line in news.lines)
            new = _Waiting(planned, number, wanted, pieces)
            if self.waiting.get(number) != new:
                self.waiting[number] = new
                for time in {wanted, planned}:
                    self.scene.agenda.at(time, self.ship)
        elif news.status == "cancelled":
            self.waiting.pop(number, None)

    def ship(self, now: Instant) -> None:
        """Ship what is there of what is to have gone by now, or is wanted by now, the earliest first."""
        kept: dict[str, Units] = {}
        for each in sorted(self.waiting.values(), key=lambda each: (each.planned, each.number)):
            early = each.planned > now
            if each.wanted <= now and self._there(each.pieces, kept if early else {}):
                news = self.look(each.number, now)
                del self.waiting[each.number]
                if news is not None and news.status == "released":  # else it is planned anew, and will be issued again
                    self._go(now, news)
                    continue
            for item, units in each.pieces:
                kept[item] = kept.get(item, 0) + units

    def _there(self, pieces: Iterable[tuple[str, Units]], kept: Mapping[str, Units]) -> bool:
        """Whether all pieces are there besides those that are kept for others."""
        wanted: dict[str, Units] = {}
        for item, units in pieces:
            wanted[item] = wanted.get(item, 0) + units
        return all(self.scene.shelf.has(item, units + kept.get(item, 0)) for item, units in wanted.items())

    def _go(self, now: Instant, news: ShippingOrderNews) -> None:
        self.shipped.add(news.shipping_order)
        lines: dict[str, Units] = {}
        for line in news.lines:
            units = self.scene.units(line.item, line.quantity)
            self.scene.shelf.take(line.item, units)
            lines[line.line] = lines.get(line.line, 0) + units
        document = order_document(news.source, news.number)
        order = self.book.orders.get(document)
        self.book.deliver(document, lines, now + (order.transit if order else 0))
        self.scene.say(now, "shipment_report", shipping_order=news.shipping_order, shipped=self.scene.text(now))

    # -- losses and counts

    def _lose(self, now: Instant) -> None:
        """What vanishes on a day; nobody notices yet."""
        day = (now - self.scene.begin) // DAY
        shelf = self.scene.shelf
        for item in sorted(self.scene.plant.items):
            rng = self.scene.chance("loss", item, day)
            for _ in range(poisson(rng, self.rules.losses_per_year / 365)):
                whole = 10 ** self.scene.decimals(item)
                there = shelf.on_hand.get(item, 0)
                share = max(0.0, self.rules.loss_percent.draw(rng)) / 100
                shelf.take(item, min(there, round(there / whole * share) * whole))
        self.scene.agenda.at(now + DAY, self._lose)

    def _count(self, now: Instant) -> None:
        """Each item is counted, one after the other over the days of a round."""
        items = sorted(self.scene.plant.items)
        width = round(self.rules.count_days * DAY)
        for place, item in enumerate(items):
            self.scene.agenda.at(now + place * width // len(items), partial(self._count_item, item))
        self.scene.agenda.at(now + width, self._count)

    def _count_item(self, item: str, now: Instant) -> None:
        there = self.scene.shelf.on_hand.get(item, 0)
        self.scene.say(now, "stock_count", item=item, quantity=self.scene.shown(item, there))

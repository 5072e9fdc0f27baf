"""The warehouse: it ships what is to be shipped once it is there, loses some, and counts."""

from __future__ import annotations

from collections.abc import Callable
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


class WarehouseWorld:
    """Ships whole shipping orders, no earlier than they are to go; `look` says how one stands."""

    def __init__(self, scene: Scene, rules: Rules, book: OrderBook, look: Look) -> None:
        self.scene, self.rules, self.book, self.look = scene, rules, book, look
        self.waiting: dict[str, Instant] = {}
        self.shipped: set[str] = set()
        if rules.losses_per_year:
            scene.agenda.at(scene.begin + DAY, self._lose)
            scene.agenda.at(scene.begin + round(rules.count_days * DAY), self._count)

    def hear(self, now: Instant, news: ShippingOrderNews) -> None:
        """A shipping order was issued, moved or cancelled."""
        if news.status == "released" and news.shipping_order not in self.shipped:
            due = max(now, parse(news.ship))
            if self.waiting.get(news.shipping_order) != due:
                self.waiting[news.shipping_order] = due
                self.scene.agenda.at(due, self.ship)
        elif news.status == "cancelled":
            self.waiting.pop(news.shipping_order, None)

    def ship(self, now: Instant) -> None:
        """Ship what is to have gone by now and is there, the earliest first."""
        due = sorted((time, number) for number, time in self.waiting.items() if time <= now)
        for _, number in due:
            news = self.look(number, now)
            if news is None or news.status != "released":
                del self.waiting[number]  # it is planned anew, and will be issued again
                continue
            pieces = [(line.line, line.item, self.scene.units(line.item, line.quantity)) for line in news.lines]
            if self._there(pieces):
                del self.waiting[number]
                self._go(now, news, pieces)

    def _there(self, pieces: list[tuple[str, str, Units]]) -> bool:
        wanted: dict[str, Units] = {}
        for _, item, units in pieces:
            wanted[item] = wanted.get(item, 0) + units
        return all(self.scene.shelf.has(item, units) for item, units in wanted.items())

    def _go(self, now: Instant, news: ShippingOrderNews, pieces: list[tuple[str, str, Units]]) -> None:
        self.shipped.add(news.shipping_order)
        lines: dict[str, Units] = {}
        for line, item, units in pieces:
            self.scene.shelf.take(item, units)
            lines[line] = lines.get(line, 0) + units
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

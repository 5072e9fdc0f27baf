"""Customers: they order, change and cancel, and what they are late for costs a penalty."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Any

from knowledge.instants import DAY, Instant, local_date, midnight
from knowledge.plant import Customer
from knowledge.quantities import round_money
from knowledge.supply import order_document
from simulations.world.chance import happens
from simulations.world.demand import Arrivals
from simulations.world.orders import Line, Order, OrderBook
from simulations.world.scenario import Stream
from simulations.world.scene import Scene


class Customers:
    """The customers of one stream of orders. `book` keeps what they ordered."""

    def __init__(self, scene: Scene, name: str, stream: Stream, book: OrderBook) -> None:
        self.scene, self.name, self.stream, self.book = scene, name, stream, book
        self.arrivals = Arrivals(scene, name, stream)
        self.sent = 0
        self._items = [item for item, weight in stream.items.items() if weight]
        self._weights = [stream.items[item] for item in self._items]
        scene.agenda.at(scene.begin, self._day)

    def _day(self, now: Instant) -> None:
        """Draw what comes on this day, and look again on the next."""
        zone = self.scene.plant.zone
        day = local_date(now, zone)
        for time in self.arrivals.of(day):
            self.scene.agenda.at(max(now, time), self._order)
        self.scene.agenda.at(midnight(day + dt.timedelta(days=1), zone), self._day)

    def _order(self, now: Instant) -> None:
        self.sent += 1
        stream, zone = self.stream, self.scene.plant.zone
        number = f"{self.name}-{self.sent:06d}"
        rng = self.scene.chance("order", number)
        customer = self.scene.plant.customer(rng.choice(stream.customers))
        assert customer is not None  # checked when the scenario was read
        day = local_date(now, zone) + dt.timedelta(days=max(0, round(stream.lead_days.draw(rng))))
        lines: dict[str, Line] = {}
        written: list[dict[str, Any]] = []
        for place in range(1, max(1, round(stream.lines.draw(rng))) + 1):
            line, text = self._line(str(place), rng, number)
            lines[str(place)] = line
            written.append({**text, "requested": day.isoformat()})
        order = Order(
            order_document(self.name, number),
            self.name,
            number,
            customer.code,
            now,
            midnight(day + dt.timedelta(days=1), zone),
            lines,
            float(customer.lateness_weight),
            int(customer.transit_days * DAY),
            self._penalty(customer, rng),
            stream.void_days_late,
        )
        self.book.add(order)
        self._say(now, "customer_order", order, lines=written, customer=order.customer)
        self._later(now, order)

    def _line(self, place: str, rng: Any, number: str) -> tuple[Line, dict[str, Any]]:
        """A line, and how it is written."""
        stream = self.stream
        like = rng.choice(stream.custom_like) if happens(rng, stream.custom_share) else ""
        item = like or rng.choices(self._items, self._weights)[0]
        quantity = max(1, round(stream.quantity.draw(rng)))
        price = round_money(self.scene.cost(item) * Decimal(repr(max(0.0, stream.price_factor.draw(rng)))))
        text: dict[str, Any] = {"line": place, "quantity": str(quantity), "unit_price": str(price)}
        each = float(price) / 10 ** self.scene.decimals(item)
        if like:
            text |= {"description": f"like {like}, to drawing {number}", "configuration": {"like": like}}
            return Line("", self.scene.units(like, str(quantity)), each, like), text
        return Line(item, self.scene.units(item, str(quantity)), each), text | {"item": item}

    def _penalty(self, customer: Customer, rng: Any) -> float:
        given = self.stream.penalty_percent_per_day
        return float(customer.late_cost_per_day_percent) if given is None else given.draw(rng)

    def _say(self, now: Instant, kind: str, order: Order, **more: Any) -> None:
        if kind == "customer_order":
            more["currency"] = self.scene.plant.currency
        self.scene.say(now, kind, source=order.source, number=order.number, **more)

    # -- what comes later

    def _later(self, now: Instant, order: Order) -> None:
        """Whether it will be changed or cancelled: chance decides when it comes, so that no policy changes it."""
        rng, agenda = self.scene.chance("later", order.number), self.scene.agenda
        change, cancel = self.stream.change, self.stream.cancel
        if happens(rng, change.chance):
            wait = round(max(0.0, change.after_days.draw(rng)) * DAY)
            factor, days = change.quantity_factor.draw(rng), round(change.days.draw(rng))
            agenda.at(now + wait, partial(self._change, order, factor, days))
        if happens(rng, cancel.chance):
            agenda.at(now + round(max(0.0, cancel.after_days.draw(rng)) * DAY), partial(self._cancel, order))
        if order.most_days is not None:
            agenda.at(order.requested + round(order.most_days * DAY), partial(self._void, order))

    def _change(self, order: Order, factor: float, days: int, now: Instant) -> None:
        """Other quantities and another date, unless anything has left."""
        if order.cancelled is not None or order.begun:
            return
        zone = self.scene.plant.zone
        day = max(local_date(now, zone), local_date(order.requested - 1, zone) + dt.timedelta(days=days))
        requested = midnight(day + dt.timedelta(days=1), zone)
        written = []
        for name, line in order.lines.items():
            scale = 10 ** self.scene.decimals(line.item)
            units = max(1, round(line.quantity / scale * factor)) * scale
            if units != line.quantity or requested != order.requested:
                line.quantity = units
                shown = self.scene.shown(line.item, units)
                written.append({"line": name, "quantity": shown, "requested": day.isoformat()})
        if written:
            order.requested, order.changed = requested, True
            self._say(now, "order_change", order, lines=written)

    def _cancel(self, order: Order, now: Instant) -> None:
        """Nobody wants it any more; what has left in part is kept whole."""
        if order.cancelled is None and not order.begun:
            self.book.cancel(order, now)
            self._say(now, "order_cancel", order)

    def _void(self, order: Order, now: Instant) -> None:
        """It is too late: what has not left is not wanted any more."""
        if order.cancelled is not None or order.complete or order.most_days is None:
            return
        if now < (until := order.requested + round(order.most_days * DAY)):  # it was changed meanwhile
            self.scene.agenda.at(until, partial(self._void, order))
        else:
            self.book.cancel(order, now)
            self._say(now, "order_cancel", order)

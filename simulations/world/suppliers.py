"""Suppliers: they confirm what is ordered of them, and deliver it, late at times and in parts at times."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from knowledge.instants import DAY, HOUR, Instant, parse
from knowledge.quantities import Units
from protocols.publishing import PurchaseOrderNews, PurchaseRowNews
from simulations.world.chance import happens
from simulations.world.market import MarketWorld
from simulations.world.scenario import Suppliers as Rules
from simulations.world.scene import Scene


class SuppliersWorld:
    """Everything that was ordered comes: at the day asked for, later where chance says so, never before it can be."""

    def __init__(self, scene: Scene, rules: Rules, market: MarketWorld | None = None) -> None:
        self.scene, self.rules, self.market = scene, rules, market
        self.known: dict[tuple[str, int], PurchaseRowNews] = {}
        self.spent = 0.0
        """What was ordered, in the plant's currency, with the cost of each order."""
        self.issued = 0
        self.ordered: dict[tuple[str, str], Units] = {}
        """Of each supplier and item, what was ordered since the market looked at it."""
        self._orders: set[str] = set()
        self._serials: dict[tuple[str, str], int] = {}

    def hear(self, now: Instant, news: PurchaseOrderNews) -> None:
        """A purchase order was issued, or more of it."""
        for row in news.rows:
            if row.status == "released" and (news.purchase_order, row.row) not in self.known:
                self.known[news.purchase_order, row.row] = row
                self._pay(now, news, row)
                self._order(now, news, row)

    def take_ordered(self) -> dict[tuple[str, str], Units]:
        """What was ordered of each supplier and item since somebody asked."""
        ordered, self.ordered = self.ordered, {}
        return ordered

    def _pay(self, now: Instant, news: PurchaseOrderNews, row: PurchaseRowNews) -> None:
        """What was on its way before the world began costs nothing."""
        if now == self.scene.begin:
            return
        plant, key = self.scene.plant, (news.supplier, row.item)
        self.ordered[key] = self.ordered.get(key, 0) + self.scene.units(row.item, row.quantity)
        rate = float(plant.rate(news.currency) or 1)
        self.spent += float(row.unit_price) * float(row.quantity) * rate
        if news.purchase_order not in self._orders:
            self._orders.add(news.purchase_order)
            self.issued += 1
            supplier = plant.suppliers.get(news.supplier)
            self.spent += float(supplier.order_cost) * rate if supplier else 0.0

    def _order(self, now: Instant, news: PurchaseOrderNews, row: PurchaseRowNews) -> None:
        scene, agenda, rules = self.scene, self.scene.agenda, self.rules.rules(news.supplier)
        key = (news.supplier, row.item)
        serial = self._serials[key] = self._serials.get(key, 0) + 1
        rng = scene.chance("supplier", *key, serial)
        asked = parse(row.due)
        late = happens(rng, rules.late.chance)
        days = max(0.0, rules.late.days.draw(rng))
        known = happens(rng, rules.late.known)
        comes = max(asked, self._earliest(news.supplier, row.item, now)) + (round(days * DAY) if late else 0)
        confirms, wait = happens(rng, rules.confirm.chance), round(max(0.0, rules.confirm.hours.draw(rng)) * HOUR)
        splits, rest_days = happens(rng, rules.partial.chance), max(0.0, rules.partial.days.draw(rng))
        order = news.purchase_order
        if confirms and now + wait < comes:
            agenda.at(now + wait, partial(self._confirm, order, row.item, comes if known else asked))
        told = asked if not (confirms and known) else comes
        chase = told + round(rules.chased_after_hours * HOUR)
        if chase < comes:
            agenda.at(max(now, chase), partial(self._confirm, order, row.item, comes))
        units = scene.units(row.item, row.quantity)
        whole = 10 ** scene.decimals(row.item)
        first = round(units / whole * rules.partial.share) * whole if splits else 0
        if 0 < first < units:
            agenda.at(comes, partial(self._deliver, order, row.item, first))
            agenda.at(comes + round(rest_days * DAY), partial(self._deliver, order, row.item, units - first))
        else:
            agenda.at(comes, partial(self._deliver, order, row.item, units))

    def _earliest(self, supplier: str, item: str, now: Instant) -> Instant:
        """No sooner than the lead time that was offered, where the order is not older than the world."""
        offer = next((o for o in self.scene.plant.offers.get(item, ()) if o.supplier == supplier), None)
        if offer is None or now == self.scene.begin:
            return now
        slower = self.market.slower(supplier, item) if self.market else 0
        return replace(offer.lead_time, days=offer.lead_time.days + slower).forward(now)

    def _confirm(self, order: str, item: str, day: Instant, now: Instant) -> None:
        self.scene.say(now, "supplier_confirmation", purchase_order=order, item=item, due=self.scene.text(day))

    def _deliver(self, order: str, item: str, units: Units, now: Instant) -> None:
        self.scene.shelf.put(item, units)
        shown = self.scene.shown(item, units)
        self.scene.say(now, "goods_receipt", purchase_order=order, item=item, quantity=shown)

"""The laws of one document by itself: a planned work order, a planned purchase, a release of an order line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import lcm

from agents.planner.validator.hours import OpenHours
from agents.planner.validator.values import Law, Refusal, Stretches
from knowledge.instants import MINUTE, Instant, iso
from knowledge.plant import Alternative, Item, Offer, Plant, SupplyStatus, components
from knowledge.quantities import Units
from knowledge.supply import OperationSlot, PurchaseRow, Release, Supply, WorkOrder


@dataclass(frozen=True, slots=True)
class Length:
    """How long a step takes at a work centre: (fixed + each × units) ÷ divisor minutes, rounded up.

    `after` has the fixed part after work of a group, where the set-up table has a row for it.
    """

    fixed: int
    each: int
    divisor: int
    after: dict[str, int]

    def minutes(self, units: Units, group: str | None = None) -> int:
        """Minutes of so many units, after work of a group where one is given."""
        fixed = self.after.get(group, self.fixed) if group is not None else self.fixed
        return -(-(fixed + self.each * units) // self.divisor)

    def possible(self, units: Units) -> set[int]:
        """Minutes of so many units after any work."""
        return {-(-(fixed + self.each * units) // self.divisor) for fixed in (self.fixed, *self.after.values())}


@dataclass(slots=True)
class Rules:
    """What a plant asks of its documents. `origin` is a time before which nothing is looked at."""

    plant: Plant
    origin: Instant
    downtimes: Mapping[str, Stretches] = field(default_factory=dict)
    _lengths: dict[str, tuple[tuple[str, dict[str, tuple[Length, ...]]], ...]] = field(default_factory=dict)
    _hours: dict[str, OpenHours] = field(default_factory=dict)

    def when(self, instant: Instant) -> str:
        """A time as people of the plant read it."""
        return iso(instant, self.plant.zone)

    def supply(self, supply: Supply, now: Instant) -> Iterator[Refusal]:
        """The laws of open supply by itself: all of them where it is planned, else the sequence of its steps."""
        planned = supply.status is SupplyStatus.PLANNED
        begin = supply.begin
        if planned and begin < now:
            yield self.past(supply)
        elif isinstance(supply, WorkOrder):
            yield from self._work_order(supply, now, planned)
        elif planned:
            yield from self._purchase(supply)

    def past(self, supply: Supply) -> Refusal:
        """Planned supply that would have to have begun by now."""
        return Refusal(Law.PAST, supply.document, f"is planned to begin in the past, {self.when(supply.begin)}")

    # -- work

    def _work_order(self, order: WorkOrder, now: Instant, planned: bool) -> Iterator[Refusal]:
        slots = order.operations
        time, in_order = order.start, True
        for slot in slots:
            in_order = in_order and time <= slot.start <= slot.finish
            time = slot.finish
        if not in_order or time > order.finish:
            text = "its operations do not follow each other between its start and finish"
            yield Refusal(Law.SEQUENCE, order.document, text)
        if planned:
            yield from self._made(order)
            yield from self._routed(order, now)

    def _made(self, order: WorkOrder) -> Iterator[Refusal]:
        """Lot and bill."""
        if not self._is_lot(self.plant.items[order.item], order.quantity):
            yield Refusal(Law.LOT, order.document, f"{order.quantity} of {order.item} is no lot of it")
        needs = components(self.plant.boms.get(order.item), order.quantity)
        counted = not order.drawn and not order.starved
        if not counted or (order.components != needs and dict(order.components) != dict(needs)):
            text = f"takes {dict(order.components) if counted else {}}, the bill says {dict(needs)}"
            yield Refusal(Law.BILL, order.document, text)

    @staticmethod
    def _is_lot(item: Item, quantity: Units) -> bool:
        """Whether a quantity is what lot sizing may ask for: a multiple within the bounds, or the largest lot."""
        rule = item.lot
        if quantity <= 0:
            return False
        if rule.maximum is not None and quantity > rule.maximum:
            return False
        largest = None if rule.maximum is None else rule.maximum - rule.maximum % rule.multiple
        return quantity == largest or (quantity % rule.multiple == 0 and quantity >= rule.minimum)

    def _routed(self, order: WorkOrder, now: Instant) -> Iterator[Refusal]:
        slots, route = order.operations, self._route(order.item)
        if [slot.step for slot in slots] != [step for step, _ in route]:
            text = f"has the steps {[slot.step for slot in slots]}, the route says {[step for step, _ in route]}"
            yield Refusal(Law.ROUTE, order.document, text)
            return
        if not route:
            yield from self._by_lead_time(order)
        for slot, (_, places) in zip(slots, route, strict=True):
            lengths = places.get(slot.work_centre)
            if lengths is None:
                yield Refusal(Law.ROUTE, order.document, f"step {slot.step} is not done at {slot.work_centre}")
                continue
            yield from self._operation(order, slot, lengths, now)

    def _by_lead_time(self, order: WorkOrder) -> Iterator[Refusal]:
        latest = self.plant.items[order.item].lead_time.backward(order.finish)
        if order.start > latest:
            text = f"starts {self.when(order.start)}, too late to be made by {self.when(order.finish)}"
            yield Refusal(Law.LEAD_TIME, order.document, text)

    def _operation(
        self, order: WorkOrder, slot: OperationSlot, lengths: tuple[Length, ...], now: Instant
    ) -> Iterator[Refusal]:
        """Machine, minutes and open time of one operation."""
        centre = self.plant.work_centres[slot.work_centre]
        if not 1 <= slot.machine <= centre.machines:
            yield Refusal(Law.MACHINE, order.document, f"{slot.work_centre} has no machine {slot.machine}")
        minutes, units = slot.minutes, order.quantity
        plain = lengths[0]
        if minutes != plain.minutes(units) and not any(minutes in length.possible(units) for length in lengths):
            text = f"step {slot.step} takes {plain.minutes(units)} minutes at {slot.work_centre}, not {minutes}"
            yield Refusal(Law.MINUTES, order.document, text)
        if slot.start < now or (not minutes and slot.start == slot.finish):
            return
        seconds = self._open(slot.work_centre, slot.start, slot.finish)
        if seconds is None:
            yield Refusal(Law.OPEN_TIME, order.document, f"step {slot.step} begins or ends in closed time")
        elif seconds != minutes * MINUTE:
            text = f"step {slot.step} has {seconds / MINUTE:g} open minutes, not {minutes}"
            yield Refusal(Law.OPEN_TIME, order.document, text)

    def _open(self, work_centre: str, start: Instant, finish: Instant) -> int | None:
        hours = self._hours.get(work_centre)
        if hours is None:
            calendar = self.plant.work_centres[work_centre].calendar
            hours = OpenHours(calendar, self.origin, self.downtimes.get(work_centre, ()))
            self._hours[work_centre] = hours
        return hours.between(start, finish)

    def _route(self, item: str) -> tuple[tuple[str, dict[str, tuple[Length, ...]]], ...]:
        """The steps of an item's route, with what each takes at the work centres that can do it."""
        found = self._lengths.get(item)
        if found is None:
            route = self.plant.routes.get(item)
            steps = []
            for step in route.steps if route else ():
                places: dict[str, tuple[Length, ...]] = {}
                for way in step.alternatives:
                    places[way.work_centre] = (*places.get(way.work_centre, ()), self._length(item, way))
                steps.append((step.step, places))
            found = self._lengths[item] = tuple(steps)
        return found

    def _length(self, item: str, way: Alternative) -> Length:
        group, centre = self.plant.items[item].group, way.work_centre
        hundredths = Fraction(100) / Fraction(self.plant.work_centres[centre].efficiency_percent)
        each = Fraction(way.run_minutes) / 10 ** self.plant.items[item].decimals * hundredths
        rest = Fraction(way.teardown_minutes)
        fixed = (Fraction(way.setup_minutes) + rest) * hundredths
        rows = {
            before: (Fraction(minutes) + rest) * hundredths
            for (place, before, to), minutes in self.plant.setups.items()
            if place == centre and to == group
        }
        divisor = lcm(each.denominator, fixed.denominator, *(row.denominator for row in rows.values()))
        after = {before: int(row * divisor) for before, row in rows.items()}
        return Length(int(fixed * divisor), int(each * divisor), divisor, after)

    def changeover(self, before: WorkOrder, order: WorkOrder, slot: OperationSlot) -> Iterator[Refusal]:
        """Whether a planned operation leaves time for the set-up that it needs after another order's."""
        lengths = dict(self._route(order.item)).get(slot.step, {}).get(slot.work_centre, ())
        if order.status is not SupplyStatus.PLANNED or not any(length.after for length in lengths):
            return
        group = self.plant.items[before.item].group
        least = min(length.minutes(order.quantity, group) for length in lengths)
        if slot.minutes < least:
            text = f"step {slot.step} takes {least} minutes after {before.document}, not {slot.minutes}"
            yield Refusal(Law.MINUTES, order.document, text)

    # -- purchases

    def offer(self, supplier: str, item: str) -> Offer | None:
        """What a supplier offers of an item."""
        for offer in self.plant.offers.get(item, ()):
            if offer.supplier == supplier:
                return offer
        return None

    def _purchase(self, row: PurchaseRow) -> Iterator[Refusal]:
        offer = self.offer(row.supplier, row.item)
        if offer is None:
            yield Refusal(Law.OFFER, row.document, f"{row.supplier} does not offer {row.item}")
            return
        lot, quantity = offer.lot, row.quantity
        if quantity <= 0 or quantity < lot.minimum or quantity % lot.multiple:
            yield Refusal(Law.LOT, row.document, f"{quantity} of {row.item} is no lot that {row.supplier} sells")
        price = offer.unit_price(quantity)
        if row.unit_price != price:
            yield Refusal(Law.OFFER, row.document, f"{row.supplier} asks {price} each for {quantity}")
        if row.order_by > offer.lead_time.backward(row.due):
            text = f"ordered {self.when(row.order_by)}, too late to be there at {self.when(row.due)}"
            yield Refusal(Law.LEAD_TIME, row.document, text)

    # -- promises

    def release(self, release: Release, now: Instant) -> Iterator[Refusal]:
        """A release is neither promised nor delivered earlier than asked for, nor later than it was promised.

        What should have left by now, and only waits for its carrier, is later by a fact.
        """
        promised, requested, delivery = release.promised, release.requested, release.delivery
        if requested is not None and (delivery < requested or (promised is not None and promised < requested)):
            text = f"is promised before {self.when(requested)}, when it is asked for"
            yield Refusal(Law.PROMISE, release.document, text)
        if promised is not None and not release.at_risk and delivery > max(promised, now):
            text = f"is there at {self.when(delivery)}, promised for {self.when(promised)}"
            yield Refusal(Law.PROMISE, release.document, text)

    def together(self, releases: Iterable[Release]) -> Iterator[Refusal]:
        """The releases of an order that go in one shipment go at one time."""
        ordered = sorted(releases, key=lambda release: (release.ship, release.document))
        for one, other in pairwise(ordered):
            if one.ship != other.ship:
                text = f"goes {self.when(other.ship)}, in one shipment with {one.document} of {self.when(one.ship)}"
                yield Refusal(Law.SHIPMENT, other.document, text)

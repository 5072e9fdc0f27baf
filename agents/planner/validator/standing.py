"""The plan as it stands, in the structures that a change of it is judged by; every change can be taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.planner.validator.balance import Balance
from agents.planner.validator.documents import Rules
from agents.planner.validator.machines import Busy, Machine, busy
from agents.planner.validator.ordered import Ordered
from agents.planner.validator.track import Track
from agents.planner.validator.values import Change, Dates, Stretches, Whole, put
from agents.planner.validator.whole import Week, requirements, week_of
from knowledge.instants import Instant
from knowledge.plant import Plant, SupplyStatus
from knowledge.quantities import Units
from knowledge.shelf_life import Lots
from knowledge.supply import PurchaseRow, Release, Supply, WorkOrder

_NOTHING: Mapping[str, Units] = {}


@dataclass(slots=True)
class Touched:
    """What has to be looked at after a change."""

    documents: dict[str, None] = field(default_factory=dict)
    items: dict[str, None] = field(default_factory=dict)
    machines: dict[Machine, None] = field(default_factory=dict)
    weeks: dict[Week, None] = field(default_factory=dict)
    orders: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Unread:
    """A whole plan by item and by machine: of most of them nobody asks for long what stands there.

    `needs` are (time, units, document). What is read here is not changed meanwhile: every change reads it first.
    """

    supply: dict[str, list[Supply]] = field(default_factory=lambda: defaultdict(list))
    needs: dict[str, list[tuple[Instant, Units, str]]] = field(default_factory=lambda: defaultdict(list))
    orders: dict[Machine, list[WorkOrder]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, whole: Whole) -> Unread:
        """The documents of a plan, sorted."""
        unread = cls()
        supply, needs, orders = unread.supply, unread.needs, unread.orders
        for document, each in whole.supply.items():
            supply[each.item].append(each)
            if isinstance(each, WorkOrder):
                for item, units in requirements(each):
                    needs[item].append((each.start, units, document))
                for slot in each.operations:
                    orders[slot.work_centre, slot.machine].append(each)
        for document, release in whole.releases.items():
            needs[release.item].append((release.ship, release.quantity, document))
        return unread

    def balance(self, item: str) -> Balance:
        """The balance of an item at first."""
        return Balance.of(self.supply.pop(item, ()), self.needs.pop(item, ()))

    def work(self, machine: Machine) -> list[Busy]:
        """What stands on a machine at first."""
        orders = {order.document: order for order in self.orders.pop(machine, ())}
        return [entry for order in orders.values() for where, entry in busy(order) if where == machine]


class Standing:
    """Plain values of a plan by key, and of them: what begins when, an item's balance, a machine's work, full weeks.

    `weeks` count (units, planned rows) of the items of which some offer is limited.
    """

    def __init__(self, whole: Whole) -> None:
        self.plant, self.now, self.downtimes = whole.plant, whole.now, dict[str, Stretches](whole.downtimes)
        self.rules = Rules(self.plant, self.now, self.downtimes)
        self.supply: dict[str, Supply] = dict(whole.supply)
        self.releases: dict[str, Release] = dict(whole.releases)
        self.on_hand: dict[str, Units] = dict(whole.on_hand)
        self.lots: dict[str, Lots] = dict(whole.lots)
        self.shelves: dict[str, Mapping[str, Units]] = dict(whole.shelves)
        self.customers: dict[str, str] = dict(whole.customers)
        self.others: dict[str, Dates] = dict(whole.others)
        self.begins: Ordered[tuple[Instant, str]] = Ordered(
            (supply.begin, document)
            for document, supply in whole.supply.items()
            if supply.status is SupplyStatus.PLANNED
        )
        self.balances: dict[str, Balance] = {}
        self.tracks: dict[Machine, Track] = {}
        self.weeks: dict[Week, tuple[Units, int]] = {}
        self.together: dict[str, dict[str, Release]] = {}
        self.touched = Touched()
        self._limited = {item for item in self.plant.offers if self._is_limited(item)}
        self._unread = Unread.of(whole)
        for release in whole.releases.values():
            if release.together:
                self.together.setdefault(release.order, {})[release.document] = release
        if self._limited:
            for supply in whole.supply.values():
                if isinstance(supply, PurchaseRow):
                    self._book(supply, 1)
        self.touched = Touched()

    def whole(self) -> Whole:
        """The plan as plain values."""
        return Whole(
            self.plant,
            self.now,
            dict(self.supply),
            dict(self.releases),
            dict(self.on_hand),
            dict(self.lots),
            dict(self.shelves),
            dict(self.customers),
            dict(self.others),
            dict(self.downtimes),
        )

    def settle(self) -> None:
        """Nothing has to be looked at any more."""
        for item in self.touched.items:
            self.balance(item).settle()
        for machine in self.touched.machines:
            self.tracks[machine].settle()
        for order in self.touched.orders:
            if not self.together[order]:
                del self.together[order]
        self.touched = Touched()

    # -- changes

    def put(self, change: Change) -> Change:
        """Make a change, of the plant only in what is offered; the change that takes it back."""
        plant = None if change.plant is None else self._offer(change.plant)
        return Change(
            self.now,
            {document: self._put_supply(document, after) for document, after in change.supply.items()},
            {document: self._put_release(document, after) for document, after in change.releases.items()},
            {item: self._put_stock(item, units) for item, units in change.on_hand.items()},
            {item: self._put_lots(item, lots) for item, lots in change.lots.items()},
            {item: self._put_shelf(item, shelf) for item, shelf in change.shelves.items()},
            {line: self._put_customer(line, holder) for line, holder in change.customers.items()},
            None if change.others is None else self._put_others(change.others),
            plant,
        )

    def _put_stock(self, item: str, units: Units) -> Units:
        before = self.on_hand.get(item, 0)
        self.on_hand[item] = units
        self.touched.items[item] = None
        return before

    def _put_lots(self, item: str, lots: Lots) -> Lots:
        before = self.lots.get(item, ())
        self.lots[item] = lots
        self.touched.items[item] = None
        return before

    def _put_shelf(self, item: str, shelf: Mapping[str, Units]) -> Mapping[str, Units]:
        before = self.shelves.get(item, _NOTHING)
        self.shelves[item] = shelf
        self.touched.items[item] = None
        return before

    def _put_customer(self, line: str, holder: str | None) -> str | None:
        before = self.customers.get(line)
        if holder != before:
            put(self.customers, line, holder)
            concerned = (item for item, shelf in self.shelves.items() if holder in shelf or before in shelf)
            self.touched.items.update(dict.fromkeys(concerned))
        return before

    def _put_others(self, others: Mapping[str, Dates]) -> dict[str, Dates]:
        before = self.others
        if others != before:
            self.others = dict(others)
            moved = [item for item in before.keys() | others.keys() if before.get(item) != others.get(item)]
            self.touched.items.update(dict.fromkeys(moved))
        return before

    def _offer(self, plant: Plant) -> Plant:
        """Take what is offered now; rows of what was offered otherwise are looked at anew."""
        before, self.plant = self.plant, plant
        self.rules.plant = plant
        if plant.offers is not before.offers:
            for item in sorted(plant.offers.keys() | before.offers.keys()):
                if plant.offers.get(item) is not before.offers.get(item):
                    self._offered_anew(item)
        return before

    def _offered_anew(self, item: str) -> None:
        rows = [row for row in self.balance(item).supply.values() if isinstance(row, PurchaseRow)]
        for row in rows:
            self._book(row, -1)
        self._limited.discard(item)
        if self._is_limited(item):
            self._limited.add(item)
        for row in rows:
            self._book(row, 1)
        self.touched.documents.update(dict.fromkeys(row.document for row in rows))

    def _is_limited(self, item: str) -> bool:
        return any(offer.capacity_per_week is not None for offer in self.plant.offers.get(item, ()))

    # -- documents

    def _put_release(self, document: str, after: Release | None) -> Release | None:
        before = self.releases.get(document)
        if before is not None and (after is None or after.item != before.item):
            self._need(before.item, document, 0, 0)
        if after is not None:
            self._need(after.item, document, after.ship, after.quantity)
        for release, there in ((before, None), (after, after)):
            if release is not None and release.together:
                put(self.together.setdefault(release.order, {}), document, there)
                self.touched.orders[release.order] = None
        put(self.releases, document, after)
        self.touched.documents[document] = None
        return before

    def _put_supply(self, document: str, after: Supply | None) -> Supply | None:
        before = self.supply.get(document)
        put(self.supply, document, after)
        self.touched.documents[document] = None
        self._receive(document, before, after)
        self._require(document, before, after)
        old = before.begin if before is not None and before.status is SupplyStatus.PLANNED else None
        new = after.begin if after is not None and after.status is SupplyStatus.PLANNED else None
        if old is not None and old != new:
            self.begins.discard((old, document))
        if new is not None and old != new:
            self.begins.add((new, document))
        if isinstance(before, WorkOrder) or isinstance(after, WorkOrder):
            self._occupy(before, after)
        if isinstance(before, PurchaseRow):
            self._book(before, -1)
        if isinstance(after, PurchaseRow):
            self._book(after, 1)
        return before

    def _receive(self, document: str, before: Supply | None, after: Supply | None) -> None:
        if before is not None and (after is None or after.item != before.item):
            self.balance(before.item).receive(document, None)
            self.touched.items[before.item] = None
        if after is not None:
            self.balance(after.item).receive(document, after)
            self.touched.items[after.item] = None

    def _require(self, document: str, before: Supply | None, after: Supply | None) -> None:
        """Components that a supply needs, where they, or its start, are not what they were."""
        old = requirements(before) if before is not None else ()
        new = requirements(after) if after is not None else ()
        if before is not None and after is not None and old == new and before.begin == after.begin:
            return
        for item, _ in old:
            self._need(item, document, 0, 0)
        for item, units in new:
            assert after is not None
            self._need(item, document, after.begin, units)

    def _need(self, item: str, document: str, time: Instant, units: Units) -> None:
        self.balance(item).need(document, time, units)
        self.touched.items[item] = None

    def _occupy(self, before: Supply | None, after: Supply | None) -> None:
        """Operations on machines, where they, or how long they may take, are not what they were."""
        old = before.operations if isinstance(before, WorkOrder) else ()
        new = after.operations if isinstance(after, WorkOrder) else ()
        same = old == new
        if same and not self.plant.setups:
            return
        if isinstance(before, WorkOrder) and not same:
            for machine, entry in busy(before):
                self._track(machine).discard(entry)
        if isinstance(after, WorkOrder):
            for machine, entry in busy(after):
                track = self._track(machine)
                track.look_at(entry) if same else track.add(entry)

    def _book(self, row: PurchaseRow, sign: int) -> None:
        if row.item in self._limited:
            week = week_of(self.rules, row)
            units, planned = self.weeks.get(week, (0, 0))
            planned += sign * (row.status is SupplyStatus.PLANNED)
            self.weeks[week] = units + sign * row.quantity, planned
            self.touched.weeks[week] = None

    def balance(self, item: str) -> Balance:
        """The balance of an item."""
        found = self.balances.get(item)
        if found is None:
            found = self.balances[item] = self._unread.balance(item)
        return found

    def _track(self, machine: Machine) -> Track:
        found = self.tracks.get(machine)
        if found is None:
            found = self.tracks[machine] = Track(self._unread.work(machine))
        self.touched.machines[machine] = None
        return found

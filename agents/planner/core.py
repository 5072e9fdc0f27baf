"""The planner's state: what it knows, and the small changes that every decision is made of.

Every change goes through the book's journal, so a decision that inventory refuses is undone exactly, and what is
to be told and stored is what the journal says has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from heapq import heapify

from agents.planner.book import Book, Commitment, Journal, Shelf, Shop
from agents.planner.kept import Departures, DueList, Message, Orders, Planned
from agents.planner.live import Live
from agents.planner.netting import OTHERS
from agents.planner.numbering import Counters, Registry, day_of
from agents.planner.purchases import Buying
from agents.planner.regenerate import Plan
from knowledge.deliveries import Delivery, OnTime
from knowledge.instants import DAY, Instant
from knowledge.pegging import Dated, Pegs, counting, peg
from knowledge.plant import Plant, SupplyStatus
from knowledge.quantities import Units
from knowledge.shelf_life import EXPIRED, Lot, Lots, added, drawn, expiries
from knowledge.supply import PurchaseRow, Release, Supply, WorkOrder, base_document
from protocols.orders import OrderFacts

_EMPTY = Shelf()
_LAST: Instant = 2**62


@dataclass(slots=True)
class Core:
    """All that the planner knows. `releases` and `planned` are keyed by document, `orders` by order.

    `spare` are the numbers of planned orders there were before the society began, by item and supplier (none for
    work orders): new ones take them first.
    """

    plant: Plant
    now: Instant
    seed: int = 0
    book: Book = field(init=False)
    plans: dict[int, Plan | Live] = field(default_factory=dict)
    """The plans that were adopted last, by group."""
    lives: dict[int, Live] = field(default_factory=dict)
    in_use: dict[int, Live] = field(default_factory=dict)
    """The live plans that this decision has used."""
    unseen: set[int] = field(default_factory=set)
    """Groups whose plans are not remembered yet, since a restart or since they were forgotten."""
    failed: dict[int, tuple[int, Instant]] = field(default_factory=dict)
    """The version and time at which a group was found not to have a live plan."""
    checked: dict[int, Plan] = field(default_factory=dict)
    """Plans of groups placed anew in this decision, feasible or not."""
    adopted_at: dict[str, Instant] = field(default_factory=dict)
    """When they were adopted, by the first item of the group."""
    planned: dict[str, Shelf] = field(default_factory=dict)
    item_of: dict[str, str] = field(default_factory=dict)
    """The item of every open supply."""
    releases: dict[str, Release] = field(default_factory=dict)
    orders: Orders = field(default_factory=Orders)
    messages: dict[str, Message] = field(default_factory=dict)
    used: dict[str, Units] = field(default_factory=dict)
    """The most of a firm supply that was needed since it is firm, what has come of it included."""
    pegged_until: dict[str, Instant | None] = field(default_factory=dict)
    """The last need that firm supply of an item is pegged to; None where that may change with any event."""
    advised: dict[str, int] = field(default_factory=dict)
    """By item, after how many changes it was last looked at what is to be said of its firm supply."""
    needed: dict[str, Instant] = field(default_factory=dict)
    """The earliest time that a firm supply was needed at since it is firm."""
    downtimes: dict[str, tuple[tuple[Instant, Instant], ...]] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    taken: set[str] = field(default_factory=set)
    spare: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    short: dict[str, None] = field(default_factory=dict)
    """Orders of which something is missing."""
    by_order: dict[str, dict[str, None]] = field(default_factory=dict)
    suppliers: set[str] = field(default_factory=set)
    release_answers: dict[str, str] = field(default_factory=dict)
    closed: dict[str, Supply] = field(default_factory=dict)
    """What this decision has closed."""
    highest: int = 0
    """The highest sequence of an order that was ever planned."""
    moved: dict[str, Units] = field(default_factory=dict)
    _overdue: frozenset[str] = frozenset()
    _needed_for: dict[str, Instant] = field(default_factory=dict)
    _numbered: Counters = field(default_factory=Counters)
    _looked: Instant = 0
    _stuck: dict[str, str] = field(default_factory=dict)
    due: DueList = field(default_factory=DueList)
    departures: Departures = field(default_factory=Departures)
    looked: Instant = 0
    """When it was last looked whether anything that should have left is overdue."""
    registry: Registry = field(default_factory=Registry)
    bought: dict[str, Buying] = field(default_factory=dict)
    """What planned purchase rows that are not stored yet were made of, by document."""
    punctuality: dict[str, OnTime] = field(default_factory=dict)
    """The record of each supplier, as far as purchasing has told."""

    def __post_init__(self) -> None:
        self.book = Book(Shop(self.plant, self.now, self.downtimes, self.seed), self.now, planned=self.planned)

    @property
    def journal(self) -> Journal:
        return self.book.journal

    def learn_delivery(self, delivery: Delivery) -> None:
        """A purchase row has come whole."""
        before = self.punctuality.get(delivery.supplier, OnTime())
        self.punctuality[delivery.supplier] = before.plus(delivery, self.plant.zone)

    def begin(self, now: Instant) -> None:
        """Start a decision at a time."""
        for live in self.in_use.values():
            live.begin()
        self.in_use.clear()
        self.book.now = self.now = max(now, self.now)
        self.journal.log.clear()
        self.book.standing.clear()
        self.book.forget_changes(self.lives)
        self.moved.clear()
        self.bought.clear()
        self._numbered = replace(self.counters)
        self._stuck = dict(self.due.stuck)
        self._looked = self.looked

    def undo(self) -> None:
        """Take a decision back."""
        self.journal.undo()
        for group, live in self.in_use.items():
            if not live.undo():
                self.lives.pop(group, None)
        self.in_use.clear()
        self.moved.clear()
        self.counters = self._numbered
        self.due.stuck = self._stuck
        self.looked = self._looked
        self._forget_plans()
        self.book.standing.clear()
        self.advised.clear()
        self.remember_due()

    def _forget_plans(self) -> None:
        """Know no plans but live ones, until groups are looked at: as after a restart."""
        self.plans = dict(self.lives)
        self.checked.clear()
        self.failed.clear()
        self.book.fragile.clear()
        groups = self.book.shop.groups.items()
        self.unseen = {g for g, items in groups if items[0] in self.adopted_at and g not in self.lives}

    def remember_due(self) -> None:
        """Note anew when everything that is open is to be issued, and which purchase orders there are."""
        last, told = self.registry.last, self.registry.told
        self.due = DueList(stuck=self.due.stuck)
        self.registry = Registry(last=last, told=told, zone=self.plant.zone)
        self.departures = Departures.of((r for r in self.releases.values() if not r.shipped), self.looked)
        lead, stuck, due, unread = self._lead, self.due.stuck, self.due.heap, self.registry.unread
        for item, shelf in (*self.planned.items(), *self.book.firm.items()):
            for document, supply in shelf.items():
                if isinstance(supply, PurchaseRow) and supply.status is not SupplyStatus.PLANNED:
                    self.registry.close(supply)
                elif isinstance(supply, PurchaseRow):
                    unread.setdefault(supply.supplier, []).append(supply)
                if supply.status is not SupplyStatus.RELEASED and document not in stuck:
                    due.append((supply.begin - lead, document, item))
        heapify(due)

    @property
    def _lead(self) -> int:
        """How long before its start supply is looked at: the longer of the horizons, in seconds."""
        return int(max(self.plant.release_horizon_days, self.plant.frozen_horizon_days) * DAY)

    def set_plant(self, plant: Plant) -> None:
        """Plan with another plant, or other downtimes, from now on. Plans are made anew."""
        self.plant = plant
        shop = Shop(plant, self.book.shop.origin, dict(self.downtimes), self.seed)
        self.book = self.book.moved_to(shop)
        self.advised.clear()
        self.lives.clear()
        self.in_use.clear()
        self._forget_plans()

    def move(self, item: str, units: Units) -> None:
        """Stock leaves the shelf, or comes to it, by the planner's own decision or a report to it."""
        if life := self.plant.items[item].life:
            lots = self.book.lots_of(item)
            lots = added(lots, Lot(self.now + life, units)) if units > 0 else drawn(lots, -units, self.now)
            self.journal.set(self.book.lots, item, lots)
        self.set_on_hand(item, self.book.on_hand.get(item, 0) + units)
        self.moved[item] = self.moved.get(item, 0) + units

    def set_on_hand(self, item: str, units: Units) -> None:
        """Stock of an item is so much."""
        self.journal.set(self.book.on_hand, item, units)
        self.book.touch(self.book.shop.group_of[item], item)

    def set_firm(self, supply: Supply) -> None:
        """Take firm supply as it is now; done or cancelled supply is forgotten."""
        members = self.book.firm.setdefault(supply.item, Shelf())
        self._note_item(supply)
        self.book.touch(self.book.shop.group_of[supply.item], supply.item)
        open_ = supply.status in (SupplyStatus.FIRM, SupplyStatus.RELEASED)
        starved = isinstance(supply, WorkOrder) and supply.starved
        if open_ and (supply.receipt or starved):
            self.journal.set(members, supply.document, supply)
        else:
            self.journal.drop(members, supply.document)
            self.journal.set(self.closed, supply.document, supply)
            for said in (self.used, self.needed, self.release_answers):
                self.journal.drop(said, supply.document)
            self._withdraw(*[key for key, message in self.messages.items() if message.document == supply.document])
        if supply.status is SupplyStatus.FIRM:
            self.due.push(supply, self._lead)
        if isinstance(supply, PurchaseRow):
            self.suppliers.add(supply.supplier)
            self.registry.close(supply)
        if isinstance(supply, WorkOrder):
            self.book.remove(supply.document)
            if open_ and not supply.drawn and not starved and supply.components:
                needs = tuple((item, units, supply.document) for item, units in supply.components)
                self.book.add(Commitment(supply.document, supply.start, needs, 0))

    def _note_item(self, supply: Supply) -> None:
        if supply.document not in self.item_of:
            self.journal.set(self.item_of, supply.document, supply.item)

    def set_lots(self, item: str, lots: Lots) -> None:
        """What is on hand of an item that does not keep is in these lots."""
        self.journal.set(self.book.lots, item, lots)

    def forget_supply(self) -> None:
        """Let go of what a decision has closed, or planned no more, once it is told and stored."""
        registry = self.registry
        for where, key, before in self.journal.log:
            if isinstance(where, Shelf):
                supply = self.find_supply(key)
                for row in (before, supply):
                    if isinstance(row, PurchaseRow):
                        registry.settle(row, supply is not None and supply.status is SupplyStatus.PLANNED)
                if supply is None:
                    self.item_of.pop(key, None)
        for where, key, _ in self.journal.log:
            if where is registry.planned:
                registry.forget(key)
        for supply in self.closed.values():
            if isinstance(supply, PurchaseRow):
                registry.forget_number(supply.number, supply.supplier)
        self.closed.clear()

    def find_supply(self, document: str) -> Supply | None:
        """Open supply, firm or planned, by its document name."""
        item = self.item_of.get(document)
        return self._open(document, item) if item is not None else None

    def _planned(self, item: str) -> Iterable[Supply]:
        return self.planned.get(item, _EMPTY).values()

    def set_planned(self, supply: Supply) -> None:
        """Take planned supply as it is now."""
        self._note_item(supply)
        shelf = self.planned.get(supply.item)
        if shelf is None:
            shelf = self.planned[supply.item] = Shelf()
        before = shelf.get(supply.document)
        for changed in (supply,) if before is None else (before, supply):
            self.book.plan_changed(changed)
        self.journal.set(shelf, supply.document, supply)
        if isinstance(before, PurchaseRow) and isinstance(supply, PurchaseRow) and self._counts_like(before, supply):
            return
        self._count(before, -1)
        self._count(supply, 1)

    def _counts_like(self, one: PurchaseRow, other: PurchaseRow) -> bool:
        """Whether two rows of one number are ordered on the same day of the same supplier."""
        zone = self.plant.zone
        return one.order_by == other.order_by or day_of(one, zone) == day_of(other, zone)

    def _count(self, supply: Supply | None, change: int) -> None:
        """A planned row is one more, or one less, of its purchase order and day."""
        if isinstance(supply, PurchaseRow):
            key = self.registry.note(supply, self.plant.zone, self.journal.set)
            self.journal.set(self.registry.planned, key, self.registry.planned.get(key, 0) + change)

    def restore_planned(self, supply: Supply) -> None:
        """Take planned supply from the records."""
        document, item = supply.document, supply.item
        self.item_of[document] = item
        members = self.planned.get(item)
        if members is None:
            members = self.planned[item] = Shelf()
        members[document] = supply

    def _open(self, document: str, item: str) -> Supply | None:
        return self.planned.get(item, _EMPTY).get(document) or self.book.firm.get(item, _EMPTY).get(document)

    def _open_supply(self) -> list[Supply]:
        found = [s for members in self.planned.values() for s in members.values()]
        found.extend(s for members in self.book.firm.values() for s in members.values())
        return found

    def pegs(self, item: str) -> Pegs:
        """The pegs of an item as planned now."""
        return self.pegs_of(item, self.events(item))

    def pegs_of(self, item: str, events: list[Dated]) -> Pegs:
        """The pegs of an item with these events."""
        marks = self.book.earmarked(item, self.planned.get(item, _EMPTY).values())
        return peg(self.book.on_hand.get(item, 0), events, self.plant.items[item].safety_stock, marks)

    def events(self, item: str) -> list[Dated]:
        """Every dated event of an item as planned now."""
        return self.events_of([item])[item]

    def events_of(self, items: Iterable[str], until: Instant | None = None) -> dict[str, list[Dated]]:
        """Every dated event of some items as planned now; where `until`, only those of items that keep until then."""
        found: dict[str, list[Dated]] = {}
        last = _LAST if until is None else until
        for item in items:
            events = [Dated(s.time, s.receipt, s.document) for s in self.book.firm_supply(item) if s.receipt]
            events += [Dated(time, units, OTHERS) for time, units in self.book.others.get(item, ())]
            for commitment in self.book.demands.get(item, {}).values():
                if commitment.time <= last:
                    needs = [(units, document) for code, units, document in commitment.needs if code == item]
                    events += [Dated(commitment.time, -units, document) for units, document in needs]
            events += [Dated(s.time, s.receipt, s.document) for s in self._planned(item) if s.time <= last]
            for parent in self.book.shop.parents.get(item, ()):
                for supply in self._planned(parent):
                    if isinstance(supply, WorkOrder) and supply.start <= last:
                        for code, units in supply.components:
                            if code == item:
                                events.append(Dated(supply.start, -units, supply.document))
            found[item] = events
        for item, events in found.items():
            if life := self.plant.items[item].life:
                plain = [(event.time, event.units) for event in events]
                wasted = expiries(self.book.lots_of(item), plain, life, self.now)
                events.extend([Dated(time, -units, f"{EXPIRED}{time}") for time, units in wasted])
        return found

    def _groups(self, facts: OrderFacts) -> set[int]:
        group_of = self.book.shop.group_of
        return {group_of[line.item] for line in facts.lines if line.item in group_of}

    def _documents(self, order: str) -> list[str]:
        """The releases of an order that have not left yet."""
        return [d for d in self.documents(order) if not self.releases[d].shipped]

    def documents(self, order: str) -> list[str]:
        """The releases of an order, by line and time whatever came to be first."""
        releases = (self.releases[document] for document in self.by_order.get(order, ()))
        ordered = sorted(releases, key=lambda r: (counting(base_document(r.document)), r.ship, counting(r.document)))
        return [release.document for release in ordered]

    def _withdraw(self, *keys: str) -> None:
        """Take action messages back."""
        for key in keys:
            self.journal.drop(self.messages, key)

    def _set_order(self, planned: Planned) -> None:
        order = planned.facts.order
        self.journal.set(self.orders, order, planned)
        if planned.missing:
            self.journal.set(self.short, order, None)
        else:
            self.journal.drop(self.short, order)

    def _drop_order(self, order: str) -> None:
        self.journal.drop(self.orders, order)
        self.journal.drop(self.short, order)

    def set_downtimes(self, work_centre: str, times: tuple[tuple[Instant, Instant], ...]) -> None:
        """A work centre stands at these times."""
        self.downtimes[work_centre] = times
        self.set_plant(self.plant)
        self.journal.set(self.downtimes, work_centre, times)

    def answer_issue(self, document: str, answer: str) -> None:
        """Policy, or a person, has said whether a supply may be issued."""
        self.journal.set(self.release_answers, document, answer)

    def _set_release(self, release: Release) -> None:
        self.journal.set(self.releases, release.document, release)
        if not release.shipped:
            self.departures.push(release, self.looked)
        if release.order not in self.by_order:
            self.journal.set(self.by_order, release.order, {})
        self.journal.set(self.by_order[release.order], release.document, None)

    def _drop_release(self, document: str) -> None:
        release = self.releases.get(document)
        if release is not None:
            self._forget_release(release)
            self.book.remove(document)

    def _forget_release(self, release: Release) -> None:
        """Forget a release, but not what is committed under its name."""
        self.journal.drop(self.releases, release.document)
        self.journal.drop(self.by_order.setdefault(release.order, {}), release.document)

    def drop_planned(self, supply: Supply) -> None:
        """Take planned supply out of the plan."""
        shelf = self.planned.get(supply.item, _EMPTY)
        self._count(shelf.get(supply.document), -1)
        self.book.plan_changed(shelf.get(supply.document, supply))
        self.journal.drop(shelf, supply.document)
        if isinstance(supply, WorkOrder) and supply.turn:
            self.book.set_turn(supply.key, 0)

"""What a plan is made from: commitments, firm supply and stock. Planned supply is not in it, it follows from it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from agents.planner.capacity import Load
from knowledge.calendars import OpenTime
from knowledge.earmarks import Earmarks, is_line, owned
from knowledge.instants import Instant, local_date, midnight
from knowledge.plant import Offer, Plant, components
from knowledge.quantities import Units
from knowledge.reach import makes
from knowledge.shelf_life import Lots, counted
from knowledge.supply import PurchaseRow, Supply, WorkOrder

K = TypeVar("K")
V = TypeVar("V")

_MOST_KNOWN = 20_000


@dataclass(frozen=True, slots=True)
class Commitment:
    """Quantities that have to be there at one time: a release, a shipment of many lines, a firm order's components.

    `needs` are (item, units, document). `sequence` is the order of receipt, which decides between equals.
    """

    key: str
    time: Instant
    needs: tuple[tuple[str, Units, str], ...]
    sequence: int = 0

    def at(self, time: Instant) -> Commitment:
        """The same at another time."""
        return Commitment(self.key, time, self.needs, self.sequence)


class _Union:
    """Names joined into sets (union by path halving)."""

    def __init__(self, names: Iterable[str]) -> None:
        self.parent = {name: name for name in names}

    def find(self, name: str) -> str:
        """The name that stands for the set of a name."""
        parent = self.parent
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    def join(self, one: str, other: str) -> None:
        """Make one set of the sets of two names."""
        self.parent[self.find(one)] = self.find(other)


class Known(dict[K, V]):
    """What was worked out lately: so much at most, or all of it is worked out again."""

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        super().__setitem__(key, value)


@dataclass(slots=True)
class Shop:
    """What of a plant the planner computes with: levels, groups of items that compete, open-time axes.

    Built anew when the plant or a downtime changes. `origin` is where the axes begin.
    """

    plant: Plant
    origin: Instant
    downtimes: Mapping[str, tuple[tuple[Instant, Instant], ...]] = field(default_factory=dict)
    seed: int = 0
    level: dict[str, int] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)
    """The items that use an item."""
    changeovers: frozenset[str] = frozenset()
    group_of: dict[str, int] = field(default_factory=dict)
    groups: dict[int, tuple[str, ...]] = field(default_factory=dict)
    axes: dict[str, OpenTime] = field(default_factory=dict)
    priced: dict[str, Any] = field(default_factory=dict)
    counted: dict[str, bool] = field(default_factory=dict)
    choices: Known[Any, Any] = field(default_factory=Known)
    awards: Known[tuple[int, str], Any] = field(default_factory=Known)
    """By how a need was sourced, and a supplier: that, and the award of a row for this need alone."""
    operations: Known[tuple[str, Units], Any] = field(default_factory=Known)
    _parts: Known[tuple[str, Units], tuple[tuple[str, Units], ...]] = field(default_factory=Known)
    doable: Known[str, tuple[Supply, Any, bool]] = field(default_factory=Known)
    """By planned supply, and the offers of what is bought: whether it can be done as it is planned."""
    taken: Known[str, tuple[Supply, Any]] = field(default_factory=Known)
    """By planned work order, what it takes of others if it stays as it is."""
    _days: Known[int, Instant] = field(default_factory=Known)
    _starts: Known[int, Instant] = field(default_factory=Known)
    _weeks: Known[int, tuple[dt.date, Instant]] = field(default_factory=Known)
    _order_by: Known[tuple[int, str, Instant], Instant] = field(default_factory=Known)

    def __post_init__(self) -> None:
        for bom in self.plant.boms.values():
            for part in {part.item: None for part in bom.components}:
                self.parents.setdefault(part, []).append(bom.parent)
        self.level = _low_level_codes(self.plant, self.parents)
        self.changeovers = frozenset(centre for centre, _, _ in self.plant.setups)
        self._group()
        for code, centre in self.plant.work_centres.items():
            self.axes[code] = OpenTime(centre.calendar, self.origin, self.downtimes.get(code, ()))

    def _group(self) -> None:
        """Items that share a component, a work centre or a supplier's order cost form one group."""
        together = _Union(self.plant.items)
        for bom in self.plant.boms.values():
            for part in bom.components:
                together.join(bom.parent, part.item)
        for route in self.plant.routes.values():
            for way in (way for step in route.steps for way in step.alternatives):
                together.join(route.item, f"work centre {way.work_centre}")
        for offer in (offer for offers in self.plant.offers.values() for offer in offers):
            supplier = self.plant.suppliers.get(offer.supplier)
            if supplier is not None and supplier.order_cost:
                together.join(offer.item, f"supplier {offer.supplier}")
        roots: dict[str, int] = {}
        members: dict[int, list[str]] = {}
        for item in self.plant.items:
            number = roots.setdefault(together.find(item), len(roots))
            self.group_of[item] = number
            members.setdefault(number, []).append(item)
        self.groups = {n: tuple(sorted(items, key=lambda i: (self.level[i], i))) for n, items in members.items()}

    def groups_of(self, supply: Supply) -> set[int]:
        """The groups of an item and of what its order takes: a revision may have put those apart."""
        parts = supply.components if isinstance(supply, WorkOrder) else ()
        return {self.group_of[supply.item], *(self.group_of[item] for item, _ in parts)}

    def parts(self, item: str, quantity: Units) -> tuple[tuple[str, Units], ...]:
        """(item, units) that an order of so much of an item needs; none where it has no bill of materials."""
        found = self._parts.get((item, quantity))
        if found is None:
            found = self._parts[item, quantity] = components(self.plant.boms.get(item), quantity)
        return found

    def forget_prices(self, item: str) -> None:
        """The offers of an item are other than they were."""
        self.priced.pop(item, None)
        self.counted.pop(item, None)
        self.choices.clear()
        self.awards.clear()

    def day_end(self, instant: Instant) -> Instant:
        """The midnight, in the plant's zone, that ends the day of an instant."""
        quarter = instant // 900  # zones are apart by quarters of an hour, and so are their midnights
        end = self._days.get(quarter)
        if end is None:
            zone = self.plant.zone
            end = self._days[quarter] = midnight(local_date(instant, zone) + dt.timedelta(days=1), zone)
        return end

    def day_start(self, instant: Instant) -> Instant:
        """The midnight, in the plant's zone, that begins the day of an instant."""
        quarter = instant // 900
        start = self._starts.get(quarter)
        if start is None:
            zone = self.plant.zone
            start = self._starts[quarter] = midnight(local_date(instant, zone), zone)
        return start

    def week(self, instant: Instant) -> tuple[dt.date, Instant]:
        """The Monday, in the plant's zone, of the week of an instant, and when it begins."""
        quarter = instant // 900
        week = self._weeks.get(quarter)
        if week is None:
            zone, day = self.plant.zone, local_date(instant, self.plant.zone)
            monday = day - dt.timedelta(days=day.weekday())
            week = self._weeks[quarter] = monday, midnight(monday, zone)
        return week

    def order_by(self, offer: Offer, due: Instant) -> Instant:
        """When something offered is to be ordered to be there by `due`."""
        days, calendar = offer.lead_time.days, offer.lead_time.calendar
        if calendar is None:
            return offer.lead_time.backward(due)
        key = days, calendar.name, due
        found = self._order_by.get(key)
        if found is None:
            found = self._order_by[key] = offer.lead_time.backward(due)
        return found

    def idle(self, work_centre: str) -> Load:
        """The machines of a work centre with nothing on them."""
        return Load.empty(self.plant.work_centres[work_centre].machines, work_centre in self.changeovers)

    def makes(self, item: str) -> bool:
        """Whether an item is made here: by its supply, or because engineering released a BOM or route for it."""
        return makes(self.plant, item)


def _low_level_codes(plant: Plant, parents: Mapping[str, list[str]]) -> dict[str, int]:
    """The longest path from any top item down to each item: 0 for items that are nobody's component."""
    codes: dict[str, int] = {}

    def code(item: str) -> int:
        if item not in codes:
            codes[item] = 1 + max((code(p) for p in parents.get(item, ())), default=-1)
        return codes[item]

    for item in plant.items:
        code(item)
    return codes


class Shelf(dict[str, Supply]):
    """Supply of one item by document, planned or firm: told apart from other dictionaries in the journal."""

    __slots__ = ()


@dataclass(slots=True)
class Journal:
    """Changes of dictionaries, so that they can be undone, or told."""

    log: list[tuple[dict[Any, Any], Any, Any]] = field(default_factory=list)

    def set(self, where: dict[Any, Any], key: Any, value: Any) -> None:
        """Set a key."""
        self.log.append((where, key, where.get(key, _MISSING)))
        where[key] = value

    def drop(self, where: dict[Any, Any], key: Any) -> None:
        """Remove a key, if it is there."""
        if key in where:
            self.log.append((where, key, where.pop(key)))

    def undo(self) -> None:
        """Put everything back as it was when the log began."""
        for where, key, value in reversed(self.log):
            if value is _MISSING:
                where.pop(key, None)
            else:
                where[key] = value
        self.log.clear()

    def before(self, where: dict[Any, Any]) -> dict[Any, Any]:
        """The touched keys of a dictionary with their first values; `None` for those that were not there."""
        first: dict[Any, Any] = {}
        for touched, key, value in self.log:
            if touched is where and key not in first:
                first[key] = None if value is _MISSING else value
        return first


_MISSING = object()


def _unwatched(groups: Iterable[int]) -> None:
    """Nobody has to be told before groups change."""


@dataclass(slots=True)
class Book:
    """Commitments, stock and firm supply at `now`. Kept by item and by group, so that a change touches only its own."""

    shop: Shop
    now: Instant
    on_hand: dict[str, Units] = field(default_factory=dict)
    firm: dict[str, Shelf] = field(default_factory=dict)
    commitments: dict[int, dict[str, Commitment]] = field(default_factory=dict)
    demands: dict[str, dict[str, Commitment]] = field(default_factory=dict)
    """The commitments by item that they need."""
    places: dict[str, tuple[int, ...]] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    versions: dict[int, int] = field(default_factory=dict)
    changed: dict[int, tuple[set[str], set[str]]] = field(default_factory=dict)
    """Commitments of a group, and items of which stock or firm supply has changed, that its live plan has not taken."""
    planned: dict[str, Shelf] = field(default_factory=dict)
    """Planned supply by item and document."""
    turns: dict[str, int] = field(default_factory=dict)
    """By key, the turn in which a planned order is placed, where that is after others (0: in sequence with others)."""
    lots: dict[str, Lots] = field(default_factory=dict)
    """What is on hand of items that do not keep."""
    others: dict[str, tuple[tuple[Instant, Units], ...]] = field(default_factory=dict)
    """(time, units) by item of what other planners have reserved, as far as inventory has told."""
    fragile: set[int] = field(default_factory=set)
    """Groups in which what is planned cannot be placed anew for the same commitments, though it stands."""
    standing: dict[int, tuple[tuple[int, Instant], Any]] = field(default_factory=dict)
    """By group, what was last found to stand of its plan, and of which version and time; gone when the plan changes."""
    stirred: Counter[str] = field(default_factory=Counter)
    """How often anything that supply of an item may be pegged to has changed, or the supply itself."""
    earmarks: dict[str, dict[str, Units]] = field(default_factory=dict)
    """By item and holder, what on the shelf belongs to somebody (`knowledge.earmarks`). Values are replaced whole."""
    custom: set[str] = field(default_factory=set)
    """Order lines that keep what is made for them."""
    customers: dict[str, str] = field(default_factory=dict)
    """The holder whose reserved stock an order line may take, where its customer has any."""
    reserving: set[str] = field(default_factory=set)
    """The holders of customers for whom stock is, or was, reserved."""
    marked: set[str] = field(default_factory=set)
    """Items of which something may belong to somebody. All others are netted without a look at earmarks."""

    before_change: Callable[[Iterable[int]], None] = _unwatched
    """Told of groups before a commitment of theirs changes, or what belongs to whom."""

    def touch(self, group: int, item: str) -> None:
        """Note that the stock, or what is to come, of an item has changed: plans made before are not of this book."""
        self.versions[group] = self.versions.get(group, 0) + 1
        self.changed.setdefault(group, (set(), set()))[1].add(item)
        self.stirred[item] += 1

    def _touch_commitment(self, group: int, key: str) -> None:
        self.versions[group] = self.versions.get(group, 0) + 1
        self.changed.setdefault(group, (set(), set()))[0].add(key)

    def forget_changes(self, groups: Iterable[int]) -> None:
        """No live plans but those of these groups have to take what has changed."""
        wanted = set(groups)
        for group in [g for g in self.changed if g not in wanted]:
            del self.changed[group]

    def groups(self, commitment: Commitment) -> list[int]:
        """Every group that a commitment competes in, in order."""
        return sorted({self.shop.group_of[item] for item, _, _ in commitment.needs})

    def add(self, commitment: Commitment) -> None:
        """Take a commitment, or the new state of one."""
        groups = self.groups(commitment)
        self.before_change(groups)
        self.remove(commitment.key)
        for group in groups:
            self.journal.set(self.commitments.setdefault(group, {}), commitment.key, commitment)
            self._touch_commitment(group, commitment.key)
        for item, _, _ in commitment.needs:
            self.journal.set(self.demands.setdefault(item, {}), commitment.key, commitment)
            self.stirred[item] += 1
        self.journal.set(self.places, commitment.key, tuple(groups))

    def restore(self, commitment: Commitment) -> None:
        """Take a commitment from the records."""
        groups = tuple(self.groups(commitment))
        for group in groups:
            self.commitments.setdefault(group, {})[commitment.key] = commitment
        for item, _, _ in commitment.needs:
            self.demands.setdefault(item, {})[commitment.key] = commitment
        self.places[commitment.key] = groups

    def remove(self, key: str) -> None:
        """Forget a commitment."""
        self.before_change(self.places.get(key, ()))
        commitment = self.find(key)
        for item, _, _ in commitment.needs if commitment else ():
            self.journal.drop(self.demands[item], key)
            self.stirred[item] += 1
        for group in self.places.get(key, ()):
            self.journal.drop(self.commitments[group], key)
            self._touch_commitment(group, key)
        self.journal.drop(self.places, key)

    def find(self, key: str) -> Commitment | None:
        """The commitment of a key."""
        groups = self.places.get(key)
        return self.commitments[groups[0]][key] if groups else None

    def plan_changed(self, supply: Supply) -> None:
        """Note that planned supply is other than it was."""
        self.standing.clear()
        self.stirred[supply.item] += 1
        for item, _ in supply.components if isinstance(supply, WorkOrder) else ():
            self.stirred[item] += 1

    def set_turn(self, key: str, turn: int) -> None:
        """Note in which turn a planned order is placed."""
        if turn:
            self.journal.set(self.turns, key, turn)
        else:
            self.journal.drop(self.turns, key)

    def lots_of(self, item: str) -> Lots:
        """What is on hand of an item that does not keep."""
        lots, units = self.lots.get(item, ()), self.on_hand.get(item, 0)
        return counted(lots, units, self.now + self.shop.plant.items[item].life)

    def take_others(self, item: str, events: Iterable[tuple[Instant, Units]]) -> None:
        """Reckon with what others have reserved of an item, as far as there is enough for it."""
        self.before_change((self.shop.group_of[item],))
        self.stirred[item] += 1
        balance, taken = self.free(item), []
        own = ((supply.time, supply.receipt) for supply in self.firm_supply(item))
        events = list(events)
        ours = Counter(own)
        for time, units in sorted([*events, *ours.elements()], key=lambda e: (e[0], e[1] < 0)):
            units = units if units > 0 else -min(-units, balance)
            balance += units
            if ours[time, units] > 0:
                ours[time, units] -= 1
            elif units:
                taken.append((time, units))
        self.touch(self.shop.group_of[item], item)
        if taken:
            self.others[item] = tuple(taken)
        else:
            self.others.pop(item, None)

    def free(self, item: str) -> Units:
        """What on the shelf belongs to nobody."""
        return self.on_hand.get(item, 0) - sum(self.earmarks.get(item, {}).values())

    def set_shelf(self, item: str, shelf: dict[str, Units]) -> None:
        """Note what on the shelf belongs to whom."""
        self.marked.add(item)
        self.reserving.update(holder for holder in shelf if not is_line(holder))
        if shelf != self.earmarks.get(item, {}):
            self.before_change((self.shop.group_of[item],))
            self.journal.set(self.earmarks, item, shelf)
            self.touch(self.shop.group_of[item], item)

    def earmarked(self, item: str, planned: Iterable[Supply] = ()) -> Earmarks | None:
        """What of an item belongs to somebody: on the shelf, of firm supply, and of some planned; None for nothing."""
        if item not in self.marked:
            return None
        supply = sorted(self.firm_supply(item), key=lambda s: (s.time, s.document))
        found = owned([*supply, *sorted(planned, key=lambda s: (s.time, s.document))])
        return Earmarks(self.earmarks.get(item, {}), found, self.customers, self.now)

    def planned_in(self, group: int) -> Iterator[Supply]:
        """Planned supply of a group."""
        for item in self.shop.groups[group]:
            yield from self.planned.get(item, {}).values()

    def firm_supply(self, item: str) -> Iterable[Supply]:
        """Firm and released supply of an item."""
        return self.firm.get(item, {}).values()

    def firm_work_orders(self, items: Iterable[str]) -> Iterable[WorkOrder]:
        """Firm and released work orders of some items."""
        for item in items:
            for supply in self.firm_supply(item):
                if isinstance(supply, WorkOrder):
                    yield supply

    def firm_purchases(self, items: Iterable[str]) -> Iterable[PurchaseRow]:
        """Firm and released purchase rows of some items."""
        for item in items:
            for supply in self.firm_supply(item):
                if isinstance(supply, PurchaseRow):
                    yield supply

    def moved_to(self, shop: Shop) -> Book:
        """The same book in a shop that has changed: commitments are sorted into its groups anew."""
        book = Book(shop, self.now, self.on_hand, self.firm, planned=self.planned, lots=self.lots, others=self.others)
        book.earmarks, book.marked, book.reserving = self.earmarks, self.marked, self.reserving
        book.custom, book.customers, book.turns = self.custom, self.customers, self.turns
        seen: set[str] = set()
        for members in self.commitments.values():
            for key, commitment in members.items():
                if key not in seen:
                    seen.add(key)
                    book.add(commitment)
        book.journal.log.clear()
        book.before_change = self.before_change
        return book

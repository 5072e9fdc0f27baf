"""The planner's state and its decisions, apart from any message: orders, facts and changes in, a new plan out.

Every change goes through the book's journal, so a decision that inventory refuses is undone exactly, and what is
to be told and stored is what the journal says has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from heapq import heappop, heappush

from agents.planner.book import Book, Commitment, Journal, Shop
from agents.planner.forward import Forward
from agents.planner.numbering import Counters, Numbering, Others, Registry
from agents.planner.opening import opened_work_order
from agents.planner.promise import Answer, Promiser, Want, release_key
from agents.planner.regenerate import Making, Plan, regenerate
from knowledge.instants import DAY, Instant, iso
from knowledge.pegging import Dated, Pegs, peg
from knowledge.plant import Customer, Plant, SupplyStatus
from knowledge.quantities import Units
from knowledge.supply import (
    PurchaseRow,
    Release,
    Supply,
    WorkOrder,
    base_document,
    line_document,
    readable,
)
from protocols.orders import LineClass, LineFacts, OrderFacts

_SAFETY_TRIES = 6


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of a line that cannot be supplied at all."""

    line: str
    item: str
    classified_as: str
    quantity: Units
    requested: Instant | None
    reason: str
    status: str = "infeasible"


@dataclass(frozen=True, slots=True)
class Planned:
    """An order as the planner knows it: its lines and classes, what is missing of it, what it waits for."""

    facts: OrderFacts
    classes: tuple[LineClass, ...]
    missing: tuple[Missing, ...] = ()
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """An action message."""

    key: str
    action: str
    document: str
    item: str
    quantity: Units
    time: Instant
    reason: str


@dataclass(slots=True)
class DueList:
    """Planned and firm supply by when it is to be issued. Entries are checked when they come up, never removed."""

    heap: list[tuple[Instant, str, str]] = field(default_factory=list)
    stuck: dict[str, str] = field(default_factory=dict)

    def push(self, supply: Supply, lead: int) -> None:
        """Note when a supply is to be issued, `lead` seconds ahead of its start."""
        heappush(self.heap, (supply.begin - lead, supply.document, supply.item))

    def pop_until(self, now: Instant) -> list[tuple[str, str]]:
        """(document, item) of everything due by now, and of what could not be issued before."""
        found = dict(self.stuck)
        self.stuck = {}
        while self.heap and self.heap[0][0] <= now:
            _, document, item = heappop(self.heap)
            found[document] = item
        return sorted(found.items())

    def next(self) -> Instant | None:
        """When the next is due."""
        return self.heap[0][0] if self.heap else None


@dataclass(slots=True)
class State:
    """All that the planner knows. `releases` and `planned` are keyed by document, `orders` by order."""

    plant: Plant
    now: Instant
    seed: int = 0
    book: Book = field(init=False)
    plans: dict[int, Plan] = field(default_factory=dict)
    planned: dict[int, dict[str, Supply]] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)
    orders: dict[str, Planned] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    used: dict[str, Units] = field(default_factory=dict)
    downtimes: dict[str, tuple[tuple[Instant, Instant], ...]] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    taken: set[str] = field(default_factory=set)
    by_order: dict[str, dict[str, None]] = field(default_factory=dict)
    suppliers: set[str] = field(default_factory=set)
    release_answers: dict[str, str] = field(default_factory=dict)
    closed: dict[str, Supply] = field(default_factory=dict)
    moved: dict[str, Units] = field(default_factory=dict)
    _numbered: Counters = field(default_factory=Counters)
    _stuck: dict[str, str] = field(default_factory=dict)
    due: DueList = field(default_factory=DueList)
    registry: Registry = field(default_factory=Registry)

    def __post_init__(self) -> None:
        self.book = Book(Shop(self.plant, self.now, self.downtimes, self.seed), self.now)

    # -- the frame of a decision

    @property
    def journal(self) -> Journal:
        return self.book.journal

    def begin(self, now: Instant) -> None:
        """Start a decision at a time."""
        self.book.now = self.now = max(now, self.now)
        self.journal.log.clear()
        self.moved.clear()
        self._numbered = replace(self.counters)
        self._stuck = dict(self.due.stuck)

    def undo(self) -> None:
        """Take a decision back."""
        self.journal.undo()
        self.moved.clear()
        self.counters = self._numbered
        self.due.stuck = self._stuck
        self.plans.clear()
        self.remember_due()

    def remember_due(self) -> None:
        """Note anew when everything that is open is to be issued, and which purchase orders there are."""
        self.due, self.registry = DueList(stuck=self.due.stuck), Registry()
        for supply in self._open_supply():
            if isinstance(supply, PurchaseRow):
                self.registry.note(supply, self.plant.zone)
            if supply.status is not SupplyStatus.RELEASED and supply.document not in self.due.stuck:
                self.due.push(supply, self._lead)

    @property
    def _lead(self) -> int:
        """How long before its start supply is looked at: the longer of the horizons, in seconds."""
        return int(max(self.plant.release_horizon_days, self.plant.frozen_horizon_days) * DAY)

    def set_plant(self, plant: Plant) -> None:
        """Plan with another plant, or other downtimes, from now on. Plans are made anew."""
        self.plant = plant
        shop = Shop(plant, self.book.shop.origin, dict(self.downtimes), self.seed)
        self.book = self.book.moved_to(shop)
        flat = {d: s for members in self.planned.values() for d, s in members.items()}
        self.planned = {}
        for document, supply in flat.items():
            self.planned.setdefault(shop.group_of[supply.item], {})[document] = supply
        self.plans.clear()

    # -- orders

    def plan_order(self, facts: OrderFacts, classes: Sequence[LineClass]) -> None:
        """Promise an order, or promise it anew where its lines have changed."""
        before = self.orders.get(facts.order)
        hints = self._ship_times(facts.order)
        kept = self._take_back(facts, before)
        customer = self.plant.customer(facts.customer) or Customer(facts.customer)
        names = {c.line: c.classified_as for c in classes}
        missing = [m for m in (before.missing if before else ()) if m.line in kept]
        wants = self._wants(facts, customer, kept, hints)
        promiser = Promiser(self.book, self.plans)
        if customer.partial_shipments:
            used = len({self.releases[d].ship for d in self._documents(facts.order)})
            answers = promiser.parts([want for want, _, _ in wants], customer, used)
        else:
            answers = promiser.whole(facts.order, [want for want, _, _ in wants]) if wants else []
        for answer, (_, line, requested) in zip(answers, wants, strict=True):
            self._record(facts, customer, line, requested, answer, names[line.line])
            if answer.missing:
                missing.append(
                    Missing(line.line, str(line.item), names[line.line], answer.missing, requested, answer.reason)
                )
        pending = before.pending if before else ()
        self.journal.set(self.orders, facts.order, Planned(facts, tuple(classes), tuple(missing), pending))
        self.adopt(self._groups(facts))

    def _take_back(self, facts: OrderFacts, before: Planned | None) -> set[str]:
        """Let go of the lines that have changed; the lines that stay as they were promised."""
        if before is None:
            return set()
        customer = self.plant.customer(facts.customer) or Customer(facts.customer)
        old = {line.line: line for line in before.facts.lines}
        same = {
            line.line
            for line in facts.lines
            if (earlier := old.get(line.line)) and earlier.wants == line.wants and earlier.item == line.item
        }
        if not customer.partial_shipments and len(same) < max(len(facts.lines), len(old)):
            same = set()
        for document in self._documents(facts.order):
            release = self.releases[document]
            if release.line not in same:
                self._drop_release(document)
        if not same:
            self.book.remove(facts.order)
        return same

    def _shipped(self, order: str, line: str) -> Units:
        """What of a line has left already."""
        releases = (self.releases[d] for d in self.by_order.get(order, ()))
        return sum(r.quantity for r in releases if r.shipped and r.line == line)

    def _ship_times(self, order: str) -> dict[str, tuple[Instant, ...]]:
        """When each line of an order was to go so far."""
        times: dict[str, tuple[Instant, ...]] = {}
        for document in self._documents(order):
            release = self.releases[document]
            times[release.line] = (*times.get(release.line, ()), release.ship)
        return times

    def _wants(
        self, facts: OrderFacts, customer: Customer, kept: set[str], hints: dict[str, tuple[Instant, ...]]
    ) -> list[tuple[Want, LineFacts, Instant | None]]:
        transit = int(customer.transit_days * DAY)
        wants = []
        for line in facts.lines:
            if line.line in kept or line.item is None:
                continue
            document = line_document(facts.source, facts.number, line.line)
            gone = self._shipped(facts.order, line.line)
            for index, (asked, requested) in enumerate(line.wants, 1):
                quantity = max(0, asked - gone)
                gone -= asked - quantity
                if not quantity:
                    continue
                name = self._free_name(document) if document in self.releases else document
                name = name if index == 1 else f"{document}#{index}00"
                ship = self.now if requested is None else max(requested - transit, self.now)
                want = Want(name, line.item, quantity, ship, facts.sequence, hints.get(line.line, ()))
                wants.append((want, line, requested))
        return wants

    def _record(
        self,
        facts: OrderFacts,
        customer: Customer,
        line: LineFacts,
        requested: Instant | None,
        answer: Answer,
        classified_as: str,
    ) -> None:
        """Keep the releases that were promised of a want."""
        transit = int(customer.transit_days * DAY)
        for number, (quantity, ship, ready) in enumerate(answer.releases, 1):
            document = release_key(answer.want, number)
            delivery = ship + transit
            late = requested is not None and delivery > requested
            release = Release(
                document,
                facts.order,
                line.line,
                answer.want.item,
                quantity,
                ship,
                requested if requested is not None and not late else delivery,
                requested,
                facts.sequence,
                facts.customer,
                transit,
                custom=classified_as == "custom",
                together=not customer.partial_shipments,
                reason=answer.reason if late else "",
                ready=ready,
            )
            self._set_release(release)

    def cancel(self, order: str) -> None:
        """Take an order out of the plan."""
        planned = self.orders.get(order)
        if planned is None:
            return
        for document in self._documents(order):
            self._drop_release(document)
        self.book.remove(order)
        self.journal.drop(self.orders, order)
        self.adopt(self._groups(planned.facts))

    def reject(self, order: str, reason: str) -> None:
        """A manager does not want the order as promised: everything of it becomes infeasible, with the reason."""
        planned = self.orders[order]
        names = {c.line: c.classified_as for c in planned.classes}
        missing = list(planned.missing)
        for document in self._documents(order):
            r = self.releases[document]
            missing.append(Missing(r.line, r.item, names.get(r.line, ""), r.quantity, r.requested, reason))
            self._drop_release(document)
        self.book.remove(order)
        self.journal.set(self.orders, order, replace(planned, missing=tuple(missing), pending=()))
        self.adopt(self._groups(planned.facts))

    def approve(self, order: str, subject: str) -> None:
        """One of the decisions that an order waits for is made; the last one lets it go on."""
        planned = self.orders[order]
        pending = tuple(p for p in planned.pending if p != subject)
        self.journal.set(self.orders, order, replace(planned, pending=pending))
        if not pending:
            for document in self._documents(order):
                self._set_release(replace(self.releases[document], held=False))

    def hold(self, order: str, subjects: Sequence[str]) -> None:
        """The order waits for these decisions."""
        planned = self.orders[order]
        self.journal.set(self.orders, order, replace(planned, pending=(*planned.pending, *subjects)))
        for document in self._documents(order):
            self._set_release(replace(self.releases[document], held=True))

    # -- supply

    def firm_up(self, subject: str) -> None:
        """Planned supply becomes firm: the society does not change it any more. `subject` is an order's number."""
        for members in self.planned.values():
            for document in [d for d in members if base_document(d) == subject]:
                supply = members[document]
                self._drop_planned(supply)
                self.set_firm(replace(supply, status=SupplyStatus.FIRM))

    def move(self, item: str, units: Units) -> None:
        """Stock leaves the shelf, or comes to it, by the planner's own decision or a report to it."""
        self.set_on_hand(item, self.book.on_hand.get(item, 0) + units)
        self.moved[item] = self.moved.get(item, 0) + units

    def set_on_hand(self, item: str, units: Units) -> None:
        """Stock of an item is so much."""
        self.journal.set(self.book.on_hand, item, units)
        self.book.touch(self.book.shop.group_of[item])

    def take_planned(self, supply: Supply) -> None:
        """Supply that is planned no longer, because it is firm, or begun."""
        self._drop_planned(supply)

    def settle(self, order: str) -> None:
        """A promise at risk is made anew for the date that it is planned for."""
        for document in self._documents(order):
            release = self.releases[document]
            if release.at_risk:
                self._set_release(replace(release, at_risk=False, promised=release.delivery))

    def restore_release(self, release: Release) -> None:
        """Take a release from the records."""
        self._set_release(release)
        if release.shipped:
            return
        if not release.together:
            alone = ((release.item, release.quantity, release.document),)
            self.book.add(Commitment(release.document, release.ready, alone, release.sequence))
            return
        before = self.book.find(release.order)
        need = release.item, release.quantity, release.document
        needs = (*before.needs, need) if before else (need,)
        self.book.add(Commitment(release.order, release.ready, needs, release.sequence))

    def set_firm(self, supply: Supply) -> None:
        """Take firm supply as it is now; done or cancelled supply is forgotten."""
        members = self.book.firm.setdefault(supply.item, {})
        self.book.touch(self.book.shop.group_of[supply.item])
        open_ = supply.status in (SupplyStatus.FIRM, SupplyStatus.RELEASED)
        starved = isinstance(supply, WorkOrder) and supply.starved
        if open_ and (supply.receipt or starved):
            self.journal.set(members, supply.document, supply)
        else:
            self.journal.drop(members, supply.document)
            self.closed[supply.document] = supply
        if supply.status is SupplyStatus.FIRM:
            self.due.push(supply, self._lead)
        if isinstance(supply, PurchaseRow):
            self.suppliers.add(supply.supplier)
            self.registry.note(supply, self.plant.zone)
        if isinstance(supply, WorkOrder):
            self.book.remove(supply.document)
            if open_ and not supply.drawn and not starved and supply.components:
                needs = tuple((item, units, supply.document) for item, units in supply.components)
                self.book.add(Commitment(supply.document, supply.start, needs, 0))

    def take_open_orders(self, work_orders: Iterable[WorkOrder], purchases: Iterable[PurchaseRow]) -> None:
        """Take the orders that existed before, and plan everything for the first time."""
        work_orders, purchases = list(work_orders), list(purchases)
        self.taken.update(order.number for order in work_orders)
        self.taken.update(row.number for row in purchases)
        for order in sorted(work_orders, key=lambda o: (-o.finish, o.number)):
            opened = opened_work_order(self.book, order)
            if opened.status is SupplyStatus.PLANNED:
                group = self.book.shop.group_of[opened.item]
                self.journal.set(self.planned.setdefault(group, {}), opened.document, opened)
            else:
                self.set_firm(opened)
        for row in purchases:
            if row.status is SupplyStatus.PLANNED:
                group = self.book.shop.group_of[row.item]
                self.journal.set(self.planned.setdefault(group, {}), row.document, row)
                self.registry.note(row, self.plant.zone)
            else:
                self.set_firm(row)
        self.repair(self.book.shop.groups, "opening orders", "")

    def find_supply(self, document: str) -> Supply | None:
        """Open supply, firm or planned, by its document name."""
        for members in self.planned.values():
            if document in members:
                return members[document]
        for firm in self.book.firm.values():
            if document in firm:
                return firm[document]
        return None

    def release_due(self, asks: Callable[[Supply], bool] = lambda supply: False) -> tuple[set[int], list[Supply]]:
        """Issue planned and firm supply that is due, where its components are on the shelf.

        Returns the groups touched, and what could not be issued although its start has come. What waits for an
        approval, itself or its order, waits on; `asks` tells whether policy wants one before this supply is issued.
        """
        horizon = int(self.plant.release_horizon_days * DAY)
        waiting = {s for planned in self.orders.values() for s in planned.pending} if self.plant.approvals else set()
        groups: set[int] = set()
        stuck: list[Supply] = []
        for document, item in self.due.pop_until(self.now):
            supply = self._open(document, item)
            if supply is None or supply.status is SupplyStatus.RELEASED or supply.begin - self._lead > self.now:
                continue
            held = base_document(document) in waiting or (bool(waiting) and self._held(supply))
            blocked = held or asks(supply)
            if supply.begin - horizon <= self.now and not blocked and self._issue(supply):
                groups.add(self.book.shop.group_of[item])
                continue
            self.due.stuck[document] = item
            if supply.status is SupplyStatus.PLANNED:
                if not blocked and supply.begin - self.plant.frozen_horizon_days * DAY <= self.now < supply.begin:
                    self._drop_planned(supply)
                    self.set_firm(replace(supply, status=SupplyStatus.FIRM))
                elif supply.begin < self.now:
                    stuck.append(supply)
        return groups, stuck

    def next_release(self) -> Instant | None:
        """When the next supply is to be issued. What is no longer so is forgotten, as a restart would."""
        heap = self.due.heap
        while heap:
            time, document, item = heap[0]
            supply = self._open(document, item)
            if supply is not None and supply.status is not SupplyStatus.RELEASED and supply.begin - self._lead == time:
                return time
            heappop(heap)
        return None

    def _open(self, document: str, item: str) -> Supply | None:
        group = self.book.shop.group_of.get(item, -1)
        return self.planned.get(group, {}).get(document) or self.book.firm.get(item, {}).get(document)

    def ship(self, document: str) -> None:
        """A release has left: it is nobody's need any more."""
        release = self.releases[document]
        commitment = self.book.find(release.order) if release.together else None
        self.book.remove(document)
        self._set_release(replace(release, shipped=True))
        if commitment is not None:
            needs = tuple(n for n in commitment.needs if n[2] != document)
            self.book.remove(commitment.key)
            if needs:
                self.book.add(replace(commitment, needs=needs))

    def overdue(self) -> tuple[list[int], str]:
        """Groups with planned supply whose start has passed, and the name of one of them."""
        groups: dict[int, None] = {}
        name = ""
        for document, item in sorted(self.due.stuck.items()):
            supply = self._open(document, item)
            if supply is not None and supply.status is SupplyStatus.PLANNED and supply.begin < self.now:
                groups[self.book.shop.group_of[item]] = None
                name = name or readable(document)
        return list(groups), name

    def _open_supply(self) -> list[Supply]:
        found = [s for members in self.planned.values() for s in members.values()]
        found.extend(s for members in self.book.firm.values() for s in members.values())
        return found

    def _held(self, supply: Supply) -> bool:
        """Whether the need that a supply was made for waits for an approval."""
        cause = supply.cause
        for _ in range(64):
            parent = self.find_supply(cause)
            if parent is None:
                break
            cause = parent.cause
        release = self.releases.get(cause)
        return release is not None and release.held

    def _issue(self, supply: Supply) -> bool:
        if isinstance(supply, WorkOrder):
            if any(self.book.on_hand.get(item, 0) < units for item, units in supply.components):
                return False
            for item, units in supply.components:
                self.move(item, -units)
            issued: Supply = replace(supply, status=SupplyStatus.RELEASED, drawn=True)
        else:
            issued = replace(supply, status=SupplyStatus.RELEASED)
        self._drop_planned(supply)
        self.set_firm(issued)
        return True

    # -- plans

    def adopt(self, groups: Iterable[int]) -> None:
        """Plan groups anew and take the result as the planned supply, numbers kept."""
        groups = sorted(set(groups))
        for group in groups:
            self.plans[group] = self._with_safety(group)
        olds = [s for group in groups for _, s in sorted(self.planned.setdefault(group, {}).items())]
        others = Others(self.registry, frozenset(groups), self.book.shop, self._open)
        numbering = Numbering(self.book.shop, self.counters, self.taken, others)
        numbering.run(
            [self.plans[group] for group in groups],
            [s for s in olds if isinstance(s, WorkOrder)],
            [s for s in olds if isinstance(s, PurchaseRow)],
        )
        news: dict[int, dict[str, Supply]] = {group: {} for group in groups}
        for order in numbering.work_orders:
            news[self.book.shop.group_of[order.item]][order.document] = order
        for row in numbering.purchases:
            news[self.book.shop.group_of[row.item]][row.document] = row
        for group, new in news.items():
            old = self.planned[group]
            for document in [d for d in old if d not in new]:
                self.journal.drop(old, document)
            for document, supply in new.items():
                if old.get(document) != supply:
                    self.journal.set(old, document, supply)
                    self.due.push(supply, self._lead)
                    if isinstance(supply, PurchaseRow):
                        self.registry.note(supply, self.plant.zone)
            self._excess(group)

    def _with_safety(self, group: int) -> Plan:
        """The plan that keeps every commitment, and safety stock of made items from as early as that allows."""
        shop, plant = self.book.shop, self.plant
        made = [i for i in shop.groups[group] if plant.items[i].safety_stock and shop.makes(i)]
        if made:
            begin = {item: self._replenished(group, item) for item in made}
            for attempt in range(_SAFETY_TRIES):
                later = {item: time + (2**attempt - 1) * DAY for item, time in begin.items()}
                plan = regenerate(self.book, group, safety_from=later)
                if plan.feasible:
                    return plan
        else:
            known = self.plans.get(group)
            if known is not None and known.version == self.book.versions.get(group, 0):
                return known
        return regenerate(self.book, group, complete=True)

    def _replenished(self, group: int, item: str) -> Instant:
        """When the missing safety stock of a made item could be there at the earliest."""
        short = max(1, self.plant.items[item].safety_stock - self.book.on_hand.get(item, 0))
        forward = Forward(self.book, Plan(group))
        return forward.replenish(item, short) or self.now

    def repair(
        self, groups: Iterable[int], cause: str, document: str, ask: Callable[[str], bool] = lambda order: False
    ) -> list[str]:
        """Find the promises that cannot hold any more; promise them again for the earliest date, in order of receipt.

        `document` and `cause` say what made it so; where `ask` says so of an order, its promise stays
        and is at risk. Returns the orders concerned.
        """
        groups = sorted(set(groups))
        broken: dict[str, Commitment] = {}
        for group in groups:
            self._settle_firm(group)
            while True:
                plan = regenerate(self.book, group, complete=True)
                keys = self._roots(plan)
                if not keys:
                    break
                for key in keys:
                    commitment = self.book.find(key)
                    assert commitment is not None
                    broken[key] = commitment
                    self.book.remove(key)
        orders = []
        for key in sorted(broken, key=lambda k: (broken[k].sequence, k)):
            orders.extend(self._again(broken[key], cause, document, ask))
        self.adopt({*groups, *(g for c in broken.values() for g in self.book.groups(c))})
        return orders

    def _roots(self, plan: Plan) -> list[str]:
        """The commitments that violations go back to, releases before firm work orders."""
        makings: dict[str, Making] = {m.document: m for ms in plan.making.values() for m in ms}
        keys: dict[str, None] = {}
        for violation in plan.violations:
            document = violation.document
            while document in makings:
                document = makings[document].cause
            key = self._commitment_key(document)
            if key is not None:
                keys[key] = None
        return list(keys)

    def _commitment_key(self, document: str) -> str | None:
        if self.book.find(document) is not None:
            return document
        release = self.releases.get(document)
        if release is not None and self.book.find(release.order) is not None:
            return release.order
        return None

    def _settle_firm(self, group: int) -> None:
        """Firm work orders whose components cannot be there in time start, and finish, later, or starve."""
        for order in list(self.book.firm_work_orders(self.book.shop.groups[group])):
            if order.starved:
                self.set_firm(replace(order, starved=False))
        for _ in range(100):
            plan = regenerate(self.book, group, complete=True)
            late = [k for k in self._roots(plan) if k not in self.releases and k not in self.orders]
            if not late:
                return
            commitment = self.book.find(late[0])
            assert commitment is not None
            self.book.remove(commitment.key)
            supply = self.find_supply(commitment.key)
            found = Promiser(self.book, self.plans).earliest(commitment, commitment.time)
            assert isinstance(supply, WorkOrder)
            if isinstance(found, str):
                self.set_firm(replace(supply, starved=True))
                key = f"starved {supply.document}"
                message = Message(key, "expedite", supply.document, supply.item, supply.quantity, supply.start, found)
                self.journal.set(self.messages, key, message)
                continue
            delay = max(0, found.ship - supply.start)
            slots = tuple(replace(s, start=s.start + delay, finish=s.finish + delay) for s in supply.operations)
            self.set_firm(replace(supply, start=found.ship, finish=supply.finish + delay, operations=slots))

    def _again(self, commitment: Commitment, cause: str, document: str, ask: Callable[[str], bool]) -> list[str]:
        """Promise a broken commitment anew."""
        documents = [doc for _, _, doc in commitment.needs if doc in self.releases]
        if not documents:
            return []
        first = self.releases[documents[0]]
        customer = replace(
            self.plant.customer(first.customer) or Customer(first.customer),
            most_releases=None,
            minimum_release_percent=Decimal(0),
        )
        asked = ask(first.order)
        olds = [self.releases[d] for d in documents]
        promiser = Promiser(self.book, self.plans)
        if first.together:
            answers = promiser.whole(commitment.key, [_want_again(old, old.document) for old in olds])
        else:
            # under a name of its own, since the line's other releases may have the names that parts would get
            answers = promiser.parts([_want_again(old, f"{old.document}#again") for old in olds], customer)
        for old, answer in zip(olds, answers, strict=True):
            self._replace_release(old, answer, cause, document, asked)
        return [first.order]

    def _replace_release(self, old: Release, answer: Answer, cause: str, document: str, ask: bool) -> None:
        zone = self.plant.zone
        self._forget_release(old)
        for number, (quantity, ship, ready) in enumerate(answer.releases, 1):
            late = old.promised is None or ship + old.transit > max(old.promised, self.now)
            promised = ship + old.transit if late and not ask else old.promised
            reason = f"{cause}: promised {iso(old.promised or ship, zone)}" if late else old.reason
            name = old.document if number == 1 else self._free_name(old.document)
            new = replace(
                old,
                document=name,
                quantity=quantity,
                ship=ship,
                ready=ready,
                promised=promised,
                at_risk=late and ask,
                reason=reason,
            )
            if not new.together:
                self._rename(answer.want, number, new)
            self._set_release(new)
            if late and not old.held:
                self._advise(old, document, quantity, ship, cause)
        if answer.missing:
            planned = self.orders[old.order]
            names = {c.line: c.classified_as for c in planned.classes}
            lost = Missing(
                old.line, old.item, names.get(old.line, ""), answer.missing, old.requested, f"{cause}: {answer.reason}"
            )
            self.journal.set(self.orders, old.order, replace(planned, missing=(*planned.missing, lost)))
            self._advise(old, document, answer.missing, old.ship, cause)

    def _advise(self, old: Release, document: str, quantity: Units, ship: Instant, cause: str) -> None:
        """An expedite message that names what slipped and the promise that it moves."""
        zone = self.plant.zone
        line = readable(base_document(old.document))
        reason = (
            f"{cause}; {line} was promised for {iso(old.promised or old.ship, zone)},"
            f" now {iso(ship + old.transit, zone)}"
        )
        key = f"expedite {document} {base_document(old.document)} {ship}"
        message = Message(key, "expedite", document, old.item, quantity, old.ship, reason)
        self.journal.set(self.messages, key, message)

    def _rename(self, want: Want, number: int, new: Release) -> None:
        """A release split off an earlier one gets a document of its own."""
        self.book.remove(release_key(want, number))
        needs = ((new.item, new.quantity, new.document),)
        self.book.add(Commitment(new.document, new.ready, needs, want.sequence))

    def _free_name(self, document: str) -> str:
        base, _, number = document.partition("#")
        index = int(number or 1)
        while True:
            index += 1
            name = f"{base}#{index}"
            if name not in self.releases and self.book.find(name) is None:
                return name

    def _excess(self, group: int) -> None:
        """Action messages on firm supply that lost the need it had: cancel all of it, or decrease it."""
        for item in self.book.shop.groups[group]:
            firm = self.book.firm.get(item)
            if not firm:
                continue
            taken = self.pegs(item).of_supply()
            for document, supply in firm.items():
                needed = sum(units for need, units in taken.get(document, ()) if need not in ("stock", "safety_stock"))
                most = max(self.used.get(document, 0), needed)
                if most != self.used.get(document, 0):
                    self.journal.set(self.used, document, most)
                self._excess_message(supply, most - needed)

    def _excess_message(self, supply: Supply, excess: Units) -> None:
        key = f"excess {supply.document}"
        if excess <= 0 or not supply.receipt:
            self.journal.drop(self.messages, key)
            return
        excess = min(excess, supply.receipt)
        action = "cancel" if excess == supply.receipt else "decrease"
        reason = (
            f"{readable(supply.document)} has lost the need for it; it is {supply.status} and not changed by itself"
        )
        message = Message(key, action, supply.document, supply.item, excess, supply.time, reason)
        if self.messages.get(key) != message:
            self.journal.set(self.messages, key, message)

    def pegs(self, item: str) -> Pegs:
        """The pegs of an item as planned now."""
        return peg(self.book.on_hand.get(item, 0), self.events(item), self.plant.items[item].safety_stock)

    def events(self, item: str) -> list[Dated]:
        """Every dated event of an item as planned now."""
        group = self.book.shop.group_of[item]
        events = [Dated(s.time, s.receipt, s.document) for s in self.book.firm_supply(item) if s.receipt]
        planned = self.planned.get(group, {}).values()
        events += [Dated(s.time, s.receipt, s.document) for s in planned if s.item == item]
        for commitment in self.book.commitments.get(group, {}).values():
            events += [Dated(commitment.time, -q, d) for code, q, d in commitment.needs if code == item]
        for supply in planned:
            if isinstance(supply, WorkOrder):
                events += [Dated(supply.start, -q, supply.document) for code, q in supply.components if code == item]
        return events

    # -- small changes

    def _groups(self, facts: OrderFacts) -> set[int]:
        group_of = self.book.shop.group_of
        return {group_of[line.item] for line in facts.lines if line.item in group_of}

    def _documents(self, order: str) -> list[str]:
        """The releases of an order that have not left yet."""
        return [d for d in self.by_order.get(order, ()) if not self.releases[d].shipped]

    def _set_release(self, release: Release) -> None:
        self.journal.set(self.releases, release.document, release)
        self.journal.set(self.by_order.setdefault(release.order, {}), release.document, None)

    def _drop_release(self, document: str) -> None:
        release = self.releases.get(document)
        if release is not None:
            self._forget_release(release)
            self.book.remove(document)

    def _forget_release(self, release: Release) -> None:
        """Forget a release, but not what is committed under its name."""
        self.journal.drop(self.releases, release.document)
        self.journal.drop(self.by_order.setdefault(release.order, {}), release.document)

    def _drop_planned(self, supply: Supply) -> None:
        members = self.planned.get(self.book.shop.group_of[supply.item], {})
        self.journal.drop(members, supply.document)


def _want_again(old: Release, document: str) -> Want:
    """A release wanted anew: for when it was promised, whatever it is planned for now."""
    ship = old.ship if old.promised is None else old.promised - old.transit
    return Want(document, old.item, old.quantity, ship, old.sequence)

"""Taking a plan: the planned supply of a group is what its plan says, numbers kept; excess gets a message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from agents.planner.advice import Advice
from agents.planner.book import Shop
from agents.planner.forward import Forward
from agents.planner.live import Live
from agents.planner.numbering import Changes, Counters, Day, Numbering, Ordered, Others, day_of
from agents.planner.regenerate import Plan, besides, regenerate
from knowledge.instants import DAY, HOUR, Instant
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units
from knowledge.supply import PurchaseRow, Supply, WorkOrder

_FIRST: Instant = -(2**62)
_SAFETY_TRIES = 6
_SAFETY_MOST = 90 * DAY
"""How much longer than at first made items wait for their safety stock before they go without."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a group's plan is to be numbered, in place of which planned supply; `items` are those concerned, and from
    when on."""

    changes: Changes
    names: dict[str, str]
    olds: list[Supply]
    items: dict[str, Instant]


class Adoption(Advice):
    """The state, with planning."""

    __slots__ = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.book.before_change = self.look_at

    def live(self, group: int) -> Live | None:
        """The live plan of a group, up to date; None where it has none, or not everything comes in time."""
        book, version = self.book, (self.book.versions.get(group, 0), self.now)
        if group in book.fragile or self.failed.get(group) == version:
            return None
        live = self.lives.get(group)
        if live is not None:
            self.in_use[group] = live
            if live.sync():
                return live
            self.lives.pop(group)
        elif _plain(book.shop, group):
            live = Live(book, group)
            if live.build():
                self.lives[group] = self.in_use[group] = live
                return live
        self.failed[group] = version
        return None

    def adopt(self, groups: Iterable[int]) -> None:
        """Plan groups anew and take the result as the planned supply, numbers kept."""
        groups = sorted(set(groups))
        self.look_at(groups)
        if self.book.marked:
            self.free_unneeded(groups)
        parts = [self._part(group) for group in groups]
        numbering, olds, news = self._renumbered(parts, self.counters, self._take_spare)
        self._take_plan(olds, news)
        self._take_turns(olds, news)
        self.bought.update(numbering.bought)
        for group, part in zip(groups, parts, strict=True):
            self.advise(part.items)
            self.journal.set(self.adopted_at, self.book.shop.groups[group][0], self.now)
            live = self._adopted_live(group)
            if live is not None:
                live.adopt({o.document: numbering.names[o.document] for o in part.changes.orders}, news.values())

    def _adopted_live(self, group: int) -> Live | None:
        """The live plan of a group, if it is the plan that is adopted.

        If another one is, made from it, the live plan goes: the turns that its orders got are in no record, and what is
        planned next would not be what is planned after a restart.
        """
        live = self.lives.get(group)
        if live is None or self.plans[group] is live:
            return live
        del self.lives[group]
        self.in_use.pop(group, None)
        return None

    def _renumbered(
        self, parts: list[_Part], counters: Counters, spare: Callable[[str, str], str | None]
    ) -> tuple[Numbering, dict[str, Supply], dict[str, Supply]]:
        """What plans are numbered to, with the planned supply that it replaces and that it is."""
        olds = {supply.document: supply for part in parts for supply in part.olds}
        others = Others(self.registry, _by_day(olds.values(), self.plant.zone))
        numbering = Numbering(self.book.shop, counters, self.taken, others, spare)
        numbering.known = [part.names for part in parts]
        numbering.run(
            [part.changes for part in parts],
            [s for s in olds.values() if isinstance(s, WorkOrder)],
            [s for s in olds.values() if isinstance(s, PurchaseRow)],
        )
        news: dict[str, Supply] = {order.document: order for order in numbering.work_orders}
        news.update((row.document, row) for row in numbering.purchases)
        return numbering, olds, news

    def recognise(self, group: int) -> None:
        """Note that the planned supply is as the live plan of a group says, where that is so and not noted: what is
        planned next need not be compared with all of it."""
        live = self.lives.get(group)
        if live is None or live.adopted:
            return
        part, counters = self._part(group), replace(self.counters)
        if self._adopted_live(group) is None:
            return
        numbering, olds, news = self._renumbered([part], counters, lambda item, supplier: None)
        if counters == self.counters and news == olds:
            live.adopt({o.document: numbering.names[o.document] for o in part.changes.orders}, news.values())

    def _part(self, group: int) -> _Part:
        """What of a group's plan has to be numbered, and what planned supply it replaces."""
        plan = self.plans[group] = self._with_safety(group)
        items = self.book.shop.groups[group]
        if isinstance(plan, Live) and plan.adopted and self.book.marked.isdisjoint(items):
            changes, documents, netted = plan.changes()
            found = (self.find_supply(document) for document in sorted(documents))
            planned = [s for s in found if s is not None and s.status is SupplyStatus.PLANNED]
            return _Part(changes, plan.names, planned, dict(sorted(netted.items())))
        kept = {supply.document for supply in plan.pinned}
        olds = sorted((s for s in self.book.planned_in(group) if s.document not in kept), key=lambda s: s.document)
        making, buying = plan.making, plan.buying
        orders: list[Ordered] = [order for code in items for order in making.get(code, ())]
        rows = [row for code in items for row in buying.get(code, ())]
        return _Part(Changes(orders, rows), {}, olds, dict.fromkeys(items, _FIRST))

    def _take_turns(self, olds: dict[str, Supply], news: dict[str, Supply]) -> None:
        """Note in which turns planned orders are placed."""
        for supply in olds.values():
            if isinstance(supply, WorkOrder) and supply.turn:
                self.book.set_turn(supply.key, 0)
        for supply in news.values():
            if isinstance(supply, WorkOrder) and supply.turn:
                self.book.set_turn(supply.key, supply.turn)

    def _take_plan(self, olds: dict[str, Supply], news: dict[str, Supply]) -> None:
        for document, supply in olds.items():
            if document not in news:
                self.drop_planned(supply)
        lead = self._lead
        for document, supply in news.items():
            before = olds.get(document)
            if before is not supply and before != supply:
                self.set_planned(supply)
                if before is None or before.begin != supply.begin or supply.begin - lead <= self.now:
                    self.due.push(supply, lead)  # else it is in the list

    def _take_spare(self, item: str, supplier: str) -> str | None:
        numbers = self.spare.get((item, supplier))
        if not numbers:
            return None
        self.journal.set(self.spare, (item, supplier), numbers[1:])
        return numbers[0]

    def _with_safety(self, group: int) -> Plan | Live:
        """The plan that keeps every commitment, and safety stock of made items from as early as that allows."""
        shop, plant = self.book.shop, self.plant
        plan = self.plans.get(group)
        if (
            not isinstance(plan, Plan)
            or plan.version != self.book.versions.get(group, 0)
            or plan.rebuilds
            or plan.pinned
        ):
            plan = self._checked(group)
        made = [i for i in shop.groups[group] if plant.items[i].safety_stock and shop.makes(i)]
        if not plan.feasible or plan.pinned:
            return plan
        if made:
            return self._rebuilding(group, plan, made)
        if isinstance(plan, Plan) and plan.ordered:
            again = regenerate(self.book, group, ordered=plan.ordered)
            return again if again.feasible else plan
        return plan

    def _checked(self, group: int) -> Plan | Live:
        """A group placed anew, or, where that fails although it is in place, what comes besides what is planned.

        Whether it fails is found each time: it may be possible again, and after a restart nothing else is known.
        """
        known = self.checked.get(group)
        if known is not None and (known.version, known.now) == (self.book.versions.get(group, 0), self.now):
            return known
        self.book.fragile.discard(group)
        live = self.live(group)
        if live is not None:
            return live
        found = self.checked[group] = self._check(group)
        return found

    def _check(self, group: int) -> Plan:
        plan = regenerate(self.book, group)
        if plan.feasible:
            return plan
        self.book.fragile.add(group)
        plan = besides(self.book, group)
        if not plan.feasible:
            self.book.fragile.discard(group)
            plan = regenerate(self.book, group, complete=True)
        return plan

    def remember_plans(self) -> None:
        """After a restart: the plans that the planned supply is of are remembered, each when it is first looked at (of
        a large plant these are few at a time), as of when it was adopted.

        Estimates start from them, and it shows which groups cannot be placed anew.
        """
        self._forget_plans()

    def set_firm(self, supply: Supply) -> None:
        self.look_at(self.book.shop.groups_of(supply))
        super().set_firm(supply)

    def set_on_hand(self, item: str, units: Units) -> None:
        self.look_at((self.book.shop.group_of[item],))
        super().set_on_hand(item, units)

    def look_at(self, groups: Iterable[int]) -> None:
        """Remember the plans of groups that are not known: before anything of them changes."""
        if self.unseen and (seen := self.unseen.intersection(groups)):
            self.unseen -= seen
            self._remember(sorted(seen))

    def _remember(self, groups: Iterable[int]) -> None:
        now = self.now
        for group in groups:
            self.book.now = self.now = self.adopted_at[self.book.shop.groups[group][0]]
            self.plans[group] = self._with_safety(group)
            self.recognise(group)
        self.book.now = self.now = now
        self.checked.clear()

    def _rebuilding(self, group: int, plan: Plan | Live, made: list[str]) -> Plan | Live:
        """The plan with safety stock of made items from when it can be had on top of everything promised.

        Where that hurts a promise after all, the item that is to blame waits longer, and in the end goes without.
        """
        begin = {item: self._replenished(plan, item) for item in made}
        delay: dict[str, int] = {}
        for _ in range(_SAFETY_TRIES * len(made)):
            ordered = plan.ordered if isinstance(plan, Plan) else frozenset[tuple[str, dt.date]]()
            attempt = regenerate(self.book, group, safety_from=begin, ordered=ordered)
            if attempt.feasible:
                return replace(attempt, rebuilds=True)
            item = self._to_blame(attempt, begin)
            if item is None:
                return plan
            delay[item] = delay.get(item, HOUR) * 4
            begin[item] += delay[item]
            if delay[item] > _SAFETY_MOST:
                del begin[item]
        return plan

    def _to_blame(self, plan: Plan, begin: dict[str, Instant]) -> str | None:
        """The made item whose safety stock a violation goes back to; any one of them where it does not say."""
        makings = {m.document: m for ms in plan.making.values() for m in ms}
        document = plan.violations[0].document
        item = plan.violations[0].item
        while document in makings:
            item, document = makings[document].item, makings[document].cause
        return item if item in begin else min(begin, default=None)

    def _replenished(self, plan: Plan | Live, item: str) -> Instant:
        """When what a plan leaves missing of the safety stock could be there at the earliest, on top of it."""
        forward = Forward(self.book, plan)
        short = self.plant.items[item].safety_stock - forward.staircase(item)[0][1]
        if short <= 0:
            return self.now
        return forward.replenish(item, short) or self.now


def _by_day(supplies: Iterable[Supply], zone: dt.tzinfo) -> dict[tuple[str, Day], int]:
    """How many rows there are of each purchase order and day."""
    found: dict[tuple[str, Day], int] = {}
    for row in supplies:
        if isinstance(row, PurchaseRow):
            key = row.number, day_of(row, zone)
            found[key] = found.get(key, 0) + 1
    return found


def _plain(shop: Shop, group: int) -> bool:
    """Whether a group can have a live plan: no set-up depends on what was before, no purchase order costs anything."""
    plant, items = shop.plant, shop.groups[group]
    routes = (plant.routes[code] for code in items if code in plant.routes)
    ways = (way for route in routes for step in route.steps for way in step.alternatives)
    if any(way.work_centre in shop.changeovers for way in ways):
        return False
    suppliers = {offer.supplier for code in items for offer in plant.offers.get(code, ())}
    return not any(plant.suppliers[code].order_cost for code in suppliers if code in plant.suppliers)

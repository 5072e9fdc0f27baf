"""Taking a plan: the planned supply of a group is what `regenerate` says, numbers kept; excess gets a message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agents.planner.advice import Advice
from agents.planner.forward import Forward
from agents.planner.numbering import Numbering, Others
from agents.planner.purchases import counted
from agents.planner.regenerate import Plan, regenerate, renet, still_so
from knowledge.instants import DAY, HOUR, Instant
from knowledge.supply import (
    PurchaseRow,
    Supply,
    WorkOrder,
)

_SAFETY_TRIES = 6
_SAFETY_MOST = 90 * DAY
"""How much longer than at first made items wait for their safety stock before they go without."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a plan is to be numbered: `olds` is the planned supply that it replaces, `stays` what is left alone."""

    plan: Plan
    items: tuple[str, ...]
    names: dict[str, str]
    stays: dict[str, Supply]
    olds: list[Supply]


class Adoption(Advice):
    """The state, with planning."""

    __slots__ = ()

    def adopt(self, groups: Iterable[int]) -> None:
        """Plan groups anew and take the result as the planned supply, numbers kept."""
        groups = sorted(set(groups))
        if self.book.marked:
            self.free_unneeded(groups)
        for group in groups:
            self.plans[group] = self._with_safety(group)
        parts = [self._part(group) for group in groups]
        others = Others(self.registry, frozenset(groups), self.book.shop, self._open)
        numbering = Numbering(self.book.shop, self.counters, self.taken, others, self._take_spare)
        for part in parts:
            numbering.names.update(part.names)
        olds = [supply for part in parts for supply in part.olds]
        numbering.run(
            [part.plan for part in parts],
            [s for s in olds if isinstance(s, WorkOrder)],
            [s for s in olds if isinstance(s, PurchaseRow)],
            [s for part in parts for s in part.stays.values() if isinstance(s, PurchaseRow)],
        )
        news: dict[int, dict[str, Supply]] = {group: part.stays for group, part in zip(groups, parts, strict=True)}
        for order in numbering.work_orders:
            news[self.book.shop.group_of[order.item]][order.document] = order
        for row in numbering.purchases:
            news[self.book.shop.group_of[row.item]][row.document] = row
        self.bought.update(numbering.bought)
        for group, part in zip(groups, parts, strict=True):
            self._take_plan(group, news[group])
            self.advise(part.items)
            self.plans[group].names = numbering.names
            self.plans[group].base = None
            self.adopted[group] = self.plans[group]
            self.journal.set(self.adopted_at, self.book.shop.groups[group][0], self.now)
            self.book.touched[group] = set()

    def _part(self, group: int) -> _Part:
        """What of a group's plan has to be numbered, and which planned supply stays as it is."""
        plan, planned = self.plans[group], self.planned.setdefault(group, {})
        adopted = self.adopted.get(group)
        if plan.base is not None and plan.base is adopted:
            items, names = tuple(sorted(plan.renetted)), adopted.names
            stays = {document: supply for document, supply in planned.items() if supply.item not in plan.renetted}
            plan = Plan(group, buying={item: plan.buying[item] for item in items if item in plan.buying})
        else:
            items, names = self.book.shop.groups[group], {}
            stays = {supply.document: supply for supply in plan.pinned}
        olds = [supply for document, supply in sorted(planned.items()) if document not in stays]
        return _Part(plan, items, names, stays, olds)

    def _take_plan(self, group: int, new: dict[str, Supply]) -> None:
        old = self.planned[group]
        for document in [d for d in old if d not in new]:
            self.journal.drop(old, document)
        for document, supply in new.items():
            before = old.get(document)
            if before is not supply and before != supply:
                self.journal.set(old, document, supply)
                self.due.push(supply, self._lead)
                if isinstance(supply, PurchaseRow):
                    self.registry.note(supply, self.plant.zone)

    def _take_spare(self, item: str, supplier: str) -> str | None:
        numbers = self.spare.get((item, supplier))
        if not numbers:
            return None
        self.journal.set(self.spare, (item, supplier), numbers[1:])
        return numbers[0]

    def _with_safety(self, group: int) -> Plan:
        """The plan that keeps every commitment, and safety stock of made items from as early as that allows."""
        shop, plant = self.book.shop, self.plant
        plan = self.plans.get(group)
        if plan is None or plan.version != self.book.versions.get(group, 0) or plan.rebuilds:
            plan = self._checked(group)
        made = [i for i in shop.groups[group] if plant.items[i].safety_stock and shop.makes(i)]
        if not plan.feasible or plan.pinned:
            return plan
        if made:
            return self._rebuilding(group, plan, made)
        if plan.ordered:
            again = regenerate(self.book, group, ordered=plan.ordered)
            return again if again.feasible else plan
        return plan

    def _checked(self, group: int) -> Plan:
        """A group placed anew, or, where that fails although it is in place, what comes besides what is planned."""
        known = self.checked.get(group)
        if known is None or (known.version, known.now) != (self.book.versions.get(group, 0), self.now):
            known = self.checked[group] = self._check(group)
        return known

    def _check(self, group: int) -> Plan:
        plan = self._renetted(group) or regenerate(self.book, group, complete=True)
        if plan.feasible:
            if not plan.pinned:
                self.book.fragile.discard(group)
            return plan
        if group not in self.book.fragile:
            self.book.fragile.add(group)
            besides = regenerate(self.book, group, complete=True)
            if besides.feasible:
                return besides
            self.book.fragile.discard(group)
        return plan

    def _renetted(self, group: int) -> Plan | None:
        """The adopted plan with only those bought items netted anew that may have changed; None where more may have."""
        base, touched = self.adopted.get(group), self.book.touched.get(group)
        if base is None or touched is None or base.pinned or base.rebuilds or base.ordered or not base.feasible:
            return None
        shop, now = self.book.shop, self.now
        if any(shop.makes(item) or counted(self.book, item) for item in touched) or not still_so(self.book, base):
            return None
        items = set(touched)
        for item in shop.groups[group] if now != base.now else ():
            overdue = any(supply.time < now for supply in self.book.firm_supply(item))
            if not shop.makes(item) and (overdue or self.plant.items[item].safety_stock):
                if counted(self.book, item):
                    return None
                items.add(item)
        return renet(self.book, base, items)

    def remember_plans(self) -> None:
        """After a restart: the plans that the planned supply is of, made as of when they were adopted.

        Estimates start from them, and it shows which groups cannot be placed anew.
        """
        now = self.now
        for group, members in self.book.shop.groups.items():
            time = self.adopted_at.get(members[0])
            if time is not None:
                self.book.now = self.now = time
                self.plans[group] = self._with_safety(group)
        self.book.now = self.now = now
        self.checked.clear()

    def _rebuilding(self, group: int, plan: Plan, made: list[str]) -> Plan:
        """The plan with safety stock of made items from when it can be had on top of everything promised.

        Where that hurts a promise after all, the item that is to blame waits longer, and in the end goes without.
        """
        begin = {item: self._replenished(plan, item) for item in made}
        delay: dict[str, int] = {}
        for _ in range(_SAFETY_TRIES * len(made)):
            attempt = regenerate(self.book, group, safety_from=begin, ordered=plan.ordered)
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

    def _replenished(self, plan: Plan, item: str) -> Instant:
        """When what a plan leaves missing of the safety stock could be there at the earliest, on top of it."""
        forward = Forward(self.book, plan)
        short = self.plant.items[item].safety_stock - forward.staircase(item)[0][1]
        if short <= 0:
            return self.now
        return forward.replenish(item, short) or self.now

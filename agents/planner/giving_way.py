"""The net under the planner: where every plan is refused, what the refused parts of it are for gives way to a fact.

A fact has happened, and is planned with whatever becomes of promises. That it comes to this is a defect of what makes
plans: the agent keeps a note of each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agents.planner.promise import Answer
from agents.planner.repair import Repair, want_again
from agents.planner.validator.values import Law, Refusal
from knowledge.plant import SupplyStatus
from knowledge.supply import WorkOrder

_CAUSE = "no plan with it keeps every law"

_OF_ITEMS = (Law.MATERIAL, Law.WEEK)
"""The laws that items break; documents break the others."""


class GivingWay(Repair):
    """The state, with what gives way."""

    __slots__ = ()

    def give_way(self, refusals: Iterable[Refusal]) -> bool:
        """Let promises and firm work go that refused parts of the plan are for; whether there are any."""
        keys: dict[str, Refusal] = {}
        for refusal in refusals:
            for document in self._refused(refusal):
                key = self._root(document)
                if key is not None:
                    keys.setdefault(key, refusal)
        self._without(keys)
        return bool(keys)

    def begin_anew(self, refusals: Iterable[Refusal]) -> None:
        """Take back all that the groups of refused parts have promised, and plan nothing there."""
        concerned = {group: refusal for refusal in refusals for group in self._groups_of(refusal)}
        keys: dict[str, Refusal] = {}
        for group, refusal in concerned.items():
            work = (order for order in self.book.firm_work_orders(self.book.shop.groups[group]) if not order.drawn)
            documents = (*self.book.commitments.get(group, {}), *(order.document for order in work))
            keys.update(dict.fromkeys(documents, refusal))
        self._without(keys)
        for group in concerned:
            for supply in list(self.book.planned_in(group)):
                self.drop_planned(supply)
            self.lives.pop(group, None)
            self.plans.pop(group, None)

    def _without(self, keys: dict[str, Refusal]) -> None:
        groups: set[int] = set()
        for key, refusal in sorted(keys.items()):
            commitment = self.book.find(key)
            needs = commitment.needs if commitment is not None else ()
            groups.update(self.book.shop.group_of[item] for item, _, _ in needs)
            self.book.remove(key)
            for old in (self.releases[document] for _, _, document in needs if document in self.releases):
                answer = Answer(want_again(old), [], old.quantity, str(refusal))
                self._replace_release(old, answer, _CAUSE, refusal.document or refusal.subject, ask=False)
            supply = self.find_supply(key)
            if isinstance(supply, WorkOrder):
                self._starve(supply, f"{_CAUSE}: {refusal}")
                groups.update(self.book.shop.groups_of(supply))
        self.adopt(groups)

    def _refused(self, refusal: Refusal) -> Iterator[str]:
        """The documents that a refusal is about: the need that is short, or planned supply."""
        if refusal.document:
            yield refusal.document
        elif refusal.law in _OF_ITEMS:
            yield from (supply.document for supply in self._planned(refusal.subject))
        else:
            yield refusal.subject

    def _root(self, document: str) -> str | None:
        """The commitment, or firm work, that a need goes back to, down from which planned supply is made for it."""
        supply = self.find_supply(document)
        while supply is not None and supply.status is SupplyStatus.PLANNED:
            document = supply.cause
            supply = self.find_supply(document)
        waits = isinstance(supply, WorkOrder) and not supply.drawn and not supply.starved
        return document if waits else self._commitment_key(document)

    def _groups_of(self, refusal: Refusal) -> set[int]:
        group_of, subject = self.book.shop.group_of, refusal.subject
        if refusal.law in _OF_ITEMS:
            return {group_of[subject]}
        if (supply := self.find_supply(subject)) is not None:
            return self.book.shop.groups_of(supply)
        release = self.releases.get(subject)
        return {group_of[release.item]} if release is not None else set()

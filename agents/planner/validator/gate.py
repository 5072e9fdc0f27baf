"""The planner's last gate: what a change makes wrong in a plan that is known, at a cost that grows with the change.

For each changed document a few steps in trees and sorted lists; the plan itself is not gone through. Two things are,
where the change touches them: an item of which pieces belong to somebody or do not keep, with its own events; and all
of it, where the plant or the time that it is open is not what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from agents.planner.validator.items import Account
from agents.planner.validator.machines import conflict
from agents.planner.validator.standing import Standing
from agents.planner.validator.values import Change, Refusal, Whole, changed
from agents.planner.validator.whole import balanced, overbooked, validate
from knowledge.plant import Plant

_PLANT = tuple(f.name for f in fields(Plant) if f.name != "offers")


class Gate:
    """A plan that was taken, and the judgement on what is to change in it.

    `check` makes a change for a trial, `take` keeps it. Whatever comes next finds the plan as it was taken last.
    """

    def __init__(self, whole: Whole) -> None:
        self._standing = Standing(whole)
        self._trial: tuple[Change, Change | Standing] | None = None

    def rebuild(self, whole: Whole) -> None:
        """Begin anew with a whole plan, whatever is wrong with it."""
        self._standing, self._trial = Standing(whole), None

    def check(self, change: Change) -> list[Refusal]:
        """What `validate` refuses of the plan with this change, as far as the change, or time alone, is the reason."""
        self._retract()
        standing = self._standing
        standing.now = max(standing.now, change.now)
        if self._is_of_the_plant(change):
            after = changed(standing.whole(), change)
            self._standing, self._trial = Standing(after), (change, standing)
            return validate(after)
        self._trial = change, standing.put(change)
        found = sorted(set(self._findings()))
        standing.settle()
        return found

    def would_refuse(self, change: Change) -> list[Refusal]:
        """What `check` says of a change that is not to be made: nothing is on trial after it, and it is as early."""
        self._retract()
        now, found = self._standing.now, self.check(change)
        self._retract()
        self._standing.now = now
        return found

    def take(self, change: Change) -> None:
        """Keep a change, refused or not; the one that was checked last at no cost."""
        if self._trial is None or self._trial[0] is not change:
            self.check(change)
        self._trial = None

    def forget(self, lines: Iterable[str]) -> None:
        """Let go of order lines that need nothing any more."""
        self._retract()
        for line in lines:
            self._standing.customers.pop(line, None)

    def whole(self) -> Whole:
        """The plan as it was taken last."""
        self._retract()
        return self._standing.whole()

    def _retract(self) -> None:
        """Take back what was only tried."""
        if self._trial is None:
            return
        before, now = self._trial[1], self._standing.now
        self._trial = None
        if isinstance(before, Standing):
            self._standing = before
        else:
            self._standing.put(before)
            self._standing.settle()
        self._standing.now = now

    def _is_of_the_plant(self, change: Change) -> bool:
        """Whether a change is of the plant, but for what is offered, or of the time that it is open."""
        if change.downtimes is not None and change.downtimes != self._standing.downtimes:
            return True
        new, old = change.plant, self._standing.plant
        return new is not None and new is not old and any(getattr(new, f) is not getattr(old, f) for f in _PLANT)

    # -- what is wrong

    def _findings(self) -> Iterator[Refusal]:
        standing, touched = self._standing, self._standing.touched
        rules, now = standing.rules, standing.now
        for document in touched.documents:
            if (supply := standing.supply.get(document)) is not None:
                yield from rules.supply(supply, now)
            if (release := standing.releases.get(document)) is not None:
                yield from rules.release(release, now)
        first = standing.begins.first()
        if first is not None and first[0] < now:
            yield from (rules.past(standing.supply[document]) for _, document in standing.begins.until((now,)))
        for machine in touched.machines:
            for before, entry in standing.tracks[machine].pairs(now):
                yield from conflict(rules, standing.supply, before, entry)
        for week in touched.weeks:
            units, planned = standing.weeks[week]
            if planned:
                yield from overbooked(rules, week, units)
        for item in touched.items:
            yield from self._unbalanced(item)
        for order in touched.orders:
            yield from rules.together(standing.together[order].values())

    def _unbalanced(self, code: str) -> Iterable[Refusal]:
        """What is wrong with an item; by definition only where it does not show at once that nothing is."""
        standing = self._standing
        balance, item = standing.balance(code), standing.plant.items[code]
        balance.settle()
        on_hand, shelf = standing.on_hand.get(code, 0), standing.shelves.get(code, {})
        others = standing.others.get(code, ())
        plain = not (item.life or balance.kept or shelf or others or on_hand < 0)
        if plain and balance.is_sound(standing.now, on_hand, item.safety_stock):
            return ()
        lots, supply, needs = standing.lots.get(code, ()), balance.supply.values(), balance.needs.values()
        account = Account(item, standing.now, on_hand, lots, shelf, standing.customers, others, supply, needs)
        return balanced(standing.rules, account)

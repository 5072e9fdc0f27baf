"""A whole plan, by definition: every law is looked at in the plainest way, whatever it costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from agents.planner.validator.documents import Rules
from agents.planner.validator.items import Account
from agents.planner.validator.machines import Busy, Machine, busy, one_after_another
from agents.planner.validator.values import Law, Refusal, Whole
from knowledge.instants import Instant, local_date
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units
from knowledge.supply import PurchaseRow, Release, Supply, WorkOrder

Week = tuple[str, str, dt.date]
"""A supplier, an item, and the Monday that the week begins with."""


def validate(whole: Whole) -> list[Refusal]:
    """Everything for which a plan is refused, in a stable order; nothing where it may be used."""
    rules = Rules(whole.plant, whole.now, whole.downtimes)
    found = {refusal for supply in whole.supply.values() for refusal in rules.supply(supply, whole.now)}
    found.update(refusal for release in whole.releases.values() for refusal in rules.release(release, whole.now))
    found.update(_machines(rules, whole))
    found.update(_weeks(rules, whole))
    found.update(_items(rules, whole))
    found.update(_shipments(rules, whole))
    return sorted(found)


def _machines(rules: Rules, whole: Whole) -> Iterator[Refusal]:
    work: dict[Machine, list[Busy]] = {}
    for supply in whole.supply.values():
        for machine, entry in busy(supply) if isinstance(supply, WorkOrder) else ():
            work.setdefault(machine, []).append(entry)
    for entries in work.values():
        yield from one_after_another(rules, whole.supply, entries, whole.now)


def _weeks(rules: Rules, whole: Whole) -> Iterator[Refusal]:
    totals: dict[Week, Units] = {}
    planned: set[Week] = set()
    for row in whole.supply.values():
        if isinstance(row, PurchaseRow):
            week = week_of(rules, row)
            totals[week] = totals.get(week, 0) + row.quantity
            if row.status is SupplyStatus.PLANNED:
                planned.add(week)
    for week in planned:
        yield from overbooked(rules, week, totals[week])


def week_of(rules: Rules, row: PurchaseRow) -> Week:
    """The week that a purchase row counts in: the ISO week of its due date."""
    day = local_date(row.due, rules.plant.zone)
    return row.supplier, row.item, day - dt.timedelta(days=day.weekday())


def overbooked(rules: Rules, week: Week, units: Units) -> Iterator[Refusal]:
    """Whether a week with planned purchases in it holds more than its supplier can deliver."""
    supplier, item, monday = week
    offer = rules.offer(supplier, item)
    if offer is not None and offer.capacity_per_week is not None and units > offer.capacity_per_week:
        text = f"{units} from {supplier} in the week of {monday}, which holds {offer.capacity_per_week}"
        yield Refusal(Law.WEEK, item, text)


def _items(rules: Rules, whole: Whole) -> Iterator[Refusal]:
    supply: dict[str, list[Supply]] = {}
    needs: dict[str, list[tuple[Instant, Units, str]]] = {}
    for each in whole.supply.values():
        supply.setdefault(each.item, []).append(each)
        for item, units in requirements(each):
            needs.setdefault(item, []).append((each.begin, units, each.document))
    for release in whole.releases.values():
        needs.setdefault(release.item, []).append((release.ship, release.quantity, release.document))
    for item in supply.keys() | needs.keys():
        account = Account(
            whole.plant.items[item],
            whole.now,
            whole.on_hand.get(item, 0),
            whole.lots.get(item, ()),
            whole.shelves.get(item, {}),
            whole.customers,
            whole.others.get(item, ()),
            supply.get(item, ()),
            needs.get(item, ()),
        )
        yield from balanced(rules, account)


def requirements(supply: Supply) -> tuple[tuple[str, Units], ...]:
    """(item, units) that a supply still takes off the shelf when it begins."""
    if isinstance(supply, WorkOrder) and not supply.drawn and not supply.starved:
        return supply.components
    return ()


def balanced(rules: Rules, account: Account) -> Iterator[Refusal]:
    """What is wrong with one item: a need that is not met, and planned supply that nobody needs."""
    item = account.item.code
    short = account.first_short()
    if short is not None:
        text = f"{short.document} is short of {short.units} of {item} at {rules.when(short.time)}"
        yield Refusal(Law.MATERIAL, item, text, short.document)
    for document in account.unneeded():
        yield Refusal(Law.NEED, document, f"is planned {item} that nothing asks for")


def _shipments(rules: Rules, whole: Whole) -> Iterator[Refusal]:
    orders: dict[str, list[Release]] = {}
    for release in whole.releases.values():
        if release.together:
            orders.setdefault(release.order, []).append(release)
    for releases in orders.values():
        yield from rules.together(releases)

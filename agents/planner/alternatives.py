"""Other answers to an order than the one that is planned: what each costs, and which are worth offering.

The planned answer is the contract's: the least quantity × lateness. People may prefer another, so beside it are put
those that are better in something: delivery, cost or the number of shipments. `candidates` finds them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from agents.planner.purchases import Buying
from agents.planner.regenerate import Plan
from knowledge.deliveries import OnTime
from knowledge.instants import DAY, Instant, iso, local_date
from knowledge.plant import Customer, Plant
from knowledge.quantities import Units, from_units, round_money
from protocols.orders import OrderFacts
from protocols.supplying import Alternative, AlternativeRelease

AS_PLANNED, ON_THE_DATE, EARLIEST = "as planned", "on the date", "earliest"
CHEAPEST, FEWEST_SHIPMENTS = "cheapest", "fewest shipments"

Plans = dict[int, Plan]
"""Plans by group."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer with what it is judged by.

    `lateness` is the sum of units × seconds late. Money is in the plant's currency: `purchases` what is bought with
    this order less what would be bought without it, in `rows`; `late_cost` is None where the order's value is not
    known. `moved` counts planned orders of others that are not where they would be without this one.
    """

    releases: tuple[AlternativeRelease, ...]
    lateness: int = 0
    purchases: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    late_cost: Decimal | None = None
    moved: int = 0
    rows: tuple[Buying, ...] = ()

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Whom something is bought of."""
        return tuple(sorted({row.supplier for row in self.rows}))

    @property
    def cost(self) -> Decimal:
        return self.purchases + self.shipping + (self.late_cost or 0)

    @property
    def delivery(self) -> Instant:
        """When the last of it is there."""
        return max(release.delivery for release in self.releases)

    @property
    def shipments(self) -> int:
        return len({release.ship for release in self.releases})

    def beats(self, other: Candidate) -> bool:
        """Whether it is at least as good in everything, and better in something."""
        mine, theirs = self._judged(), other._judged()
        return mine != theirs and all(a <= b for a, b in zip(mine, theirs, strict=True))

    def _judged(self) -> tuple[int | Decimal, ...]:
        return self.lateness, self.delivery, self.cost, self.shipments, self.moved


def judge(
    plant: Plant, facts: OrderFacts, releases: tuple[AlternativeRelease, ...], now: Instant, before: Plans, after: Plans
) -> Candidate:
    """What an answer to an order costs: its plans against those without the order.

    Lateness costs the customer's percentage of what a release is worth, a day of 24 hours, in proportion.
    """
    customer = plant.customer(facts.customer) or Customer(facts.customer)
    wanted = [now + r.delivery - r.ship if r.requested is None else r.requested for r in releases]
    late = [max(0, release.delivery - due) for release, due in zip(releases, wanted, strict=True)]
    values = [value(plant, facts, release) for release in releases]
    percent = customer.late_cost_per_day_percent
    costs = [v * percent * seconds / (100 * DAY) for v, seconds in zip(values, late, strict=True) if v is not None]
    return Candidate(
        releases,
        sum(release.quantity * seconds for release, seconds in zip(releases, late, strict=True)),
        outlay(plant, after) - outlay(plant, before),
        len({release.ship for release in releases}) * customer.cost_per_shipment,
        sum(costs, Decimal(0)) if len(costs) == len(releases) else None,
        moved(before, after),
        tuple(new_rows(before, after)),
    )


def value(plant: Plant, facts: OrderFacts, release: AlternativeRelease) -> Decimal | None:
    """What a release is worth in the plant's currency; None where its price or rate is not known."""
    price = next((line.unit_price for line in facts.lines if line.line == release.line), None)
    rate = plant.rate(facts.currency)
    if price is None or rate is None:
        return None
    return from_units(release.quantity, plant.items[release.item].decimals) * Decimal(price) * rate


def outlay(plant: Plant, plans: Plans) -> Decimal:
    """What is bought by some plans, with the orders that it takes, in the plant's currency."""
    total, orders = Decimal(0), set()
    for row in bought(plans):
        rate = plant.rate(row.currency)
        quantity = from_units(row.quantity, plant.items[row.item].decimals)
        total += quantity * row.unit_price * (rate if rate is not None else 1)
        orders.add((row.supplier, local_date(row.order_by, plant.zone)))
    for name, _ in orders:
        supplier = plant.suppliers.get(name)
        if supplier is not None and supplier.order_cost:
            rate = plant.rate(supplier.currency)
            total += supplier.order_cost * (rate if rate is not None else 1)
    return total


def moved(before: Plans, after: Plans) -> int:
    """How many planned orders of some plans are for other times, or more, than after. A row that grows is not moved."""
    made = Counter(_makings(before))
    made.subtract(_makings(after))
    rows = Counter({(row.item, row.supplier, row.due): row.quantity for row in bought(before)})
    rows.subtract({(row.item, row.supplier, row.due): row.quantity for row in bought(after)})
    return sum(count for count in made.values() if count > 0) + sum(units > 0 for units in rows.values())


def bought(plans: Plans) -> Iterator[Buying]:
    """Every purchase row of some plans."""
    return (row for plan in plans.values() for rows in plan.buying.values() for row in rows)


def new_rows(before: Plans, after: Plans) -> list[Buying]:
    """The purchase rows of some plans that are not as they were before."""
    known = {(row.item, row.supplier, row.quantity, row.due) for row in bought(before)}
    return [row for row in bought(after) if (row.item, row.supplier, row.quantity, row.due) not in known]


def _makings(plans: Plans) -> Iterator[tuple[str, Units, Instant, Instant]]:
    for plan in plans.values():
        yield from ((m.item, m.quantity, m.start, m.finish) for rows in plan.making.values() for m in rows)


Named = tuple[Candidate, tuple[str, ...]]
"""A candidate with the names of what it is best in."""


def choose(planned: Candidate, others: Iterable[Candidate]) -> list[Named]:
    """The planned answer and those others that are the best in something.

    An answer that another beats is not offered. A name goes to the first that earns it, the planned one before all.
    """
    known = [planned]
    for other in others:
        if all(other.releases != each.releases for each in known):
            known.append(other)
    kept = [one for one in known if one is planned or not any(each.beats(one) for each in known)]
    names: dict[int, list[str]] = {0: [AS_PLANNED]}
    on_time = next((n for n, one in enumerate(kept) if not one.lateness), None)
    if on_time is not None:
        names.setdefault(on_time, []).append(ON_THE_DATE)
    best: tuple[tuple[str, Callable[[Candidate], int | Decimal]], ...] = (
        (EARLIEST, lambda one: one.delivery),
        (CHEAPEST, lambda one: one.cost),
        (FEWEST_SHIPMENTS, lambda one: one.shipments),
    )
    for name, judged in best:
        names.setdefault(min(range(len(kept)), key=lambda n: judged(kept[n])), []).append(name)
    return [(kept[n], tuple(names[n])) for n in sorted(names)]


def told(
    plant: Plant, named: list[Named], punctuality: Mapping[str, OnTime], passes: Callable[[Candidate], bool]
) -> list[Alternative]:
    """The answers as they are put before a person, numbered from 1, with the records of the suppliers.

    `passes` says whether policy would ask nobody about one.
    """
    return [
        Alternative(
            name=str(number),
            labels=labels,
            releases=one.releases,
            delivery=one.delivery,
            shipments=one.shipments,
            purchases=one.purchases,
            shipping=one.shipping,
            late_cost=one.late_cost,
            moved=one.moved,
            suppliers=one.suppliers,
            automatic=passes(one),
            text=f"{number} {', '.join(labels)}: {_words(plant, one, named[0][0], punctuality)}",
        )
        for number, (one, labels) in enumerate(named, 1)
    ]


def _words(plant: Plant, one: Candidate, planned: Candidate, punctuality: Mapping[str, OnTime]) -> str:
    parts = [f"all by {iso(one.delivery, plant.zone)}", f"{one.shipments} shipment{'s'[: one.shipments > 1]}"]
    more = one.cost - planned.cost
    if more:
        parts.append(f"{round_money(abs(more)):f} {plant.currency} {'more' if more > 0 else 'less'}")
    if one.suppliers:
        records = {name: punctuality.get(name, OnTime()) for name in one.suppliers}
        told = (f"{name} (on time {r.said()})" if r.came else name for name, r in records.items())
        parts.append(f"from {' and '.join(told)}")
    if one.moved:
        parts.append(f"moves {one.moved} planned order{'s'[: one.moved > 1]} of others")
    return ", ".join(parts)

"""Small plants written as code, and documents' shorthand, for the planner's tests. Time 0 is a Thursday's midnight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from agents.planner.book import Book, Shop
from agents.planner.state import State
from knowledge.calendars import LeadTime
from knowledge.instants import DAY, Instant
from knowledge.plant import (
    Alternative,
    Bom,
    Customer,
    Item,
    LotRule,
    Offer,
    Plant,
    Replenishment,
    Route,
    Step,
    Supplier,
    WorkCentre,
    component,
)
from protocols.orders import LineClass, LineFacts, OrderFacts

NOW: Instant = 1000 * DAY
"""When every test begins."""


def day(number: int) -> Instant:
    """The midnight so many days after `NOW`."""
    return NOW + number * DAY


def made(code: str, days: int = 0, safety: int = 0, lot: LotRule | None = None) -> Item:
    """An item that is made, in so many days."""
    return Item(code, lead_time=LeadTime(days), safety_stock=safety, lot=lot or LotRule())


def bought(code: str, safety: int = 0) -> Item:
    """An item that is bought."""
    return Item(code, supply=Replenishment.BUY, safety_stock=safety)


def bom(parent: str, *parts: tuple[str, int]) -> Bom:
    """What one of the parent takes."""
    return Bom(parent, "", tuple(component(item, Decimal(n), Decimal(0), 0, 0) for item, n in parts))


def route(item: str, *steps: tuple[str, int]) -> Route:
    """Steps of (work centre, minutes a piece)."""
    return Route(
        item,
        "",
        tuple(Step(str(n * 10), (Alternative(c, run_minutes=Decimal(m)),)) for n, (c, m) in enumerate(steps, 1)),
    )


def offer(
    supplier: str,
    item: str,
    price: int = 1,
    *,
    days: int = 0,
    lot: LotRule | None = None,
    week: int | None = None,
    preference: int = 1,
    breaks: tuple[tuple[int, int], ...] = (),
) -> Offer:
    """An offer; `breaks` are (from, price) beyond the first price."""
    prices = ((0, Decimal(price)), *((begin, Decimal(p)) for begin, p in breaks))
    return Offer(supplier, item, prices, lot or LotRule(), LeadTime(days), week, preference)


def plant(
    items: Iterable[Item],
    *,
    boms: Iterable[Bom] = (),
    routes: Iterable[Route] = (),
    centres: Iterable[WorkCentre] = (),
    offers: Iterable[Offer] = (),
    suppliers: Iterable[Supplier] = (),
    customers: Iterable[Customer] = (),
    sourcing: str = "cost",
) -> Plant:
    """A plant of these parts."""
    by_item: dict[str, tuple[Offer, ...]] = {}
    for each in offers:
        by_item[each.item] = (*by_item.get(each.item, ()), each)
    found = {c.code: c for c in customers}
    return Plant(
        items={i.code: i for i in items},
        boms={b.parent: b for b in boms},
        routes={r.item: r for r in routes},
        work_centres={c.code: c for c in centres},
        offers=by_item,
        suppliers={s.code: s for s in suppliers},
        customers=found or None,
        sourcing=sourcing,
    )


def book(of: Plant, stock: Mapping[str, int] | None = None) -> Book:
    """An empty book of a plant."""
    return Book(Shop(of, NOW), NOW, dict(stock or {}))


def state(of: Plant, stock: Mapping[str, int] | None = None) -> State:
    """A planner's state with this stock, its safety stock planned."""
    begun = State(of, NOW)
    begun.begin(NOW)
    for item, units in (stock or {}).items():
        begun.set_on_hand(item, units)
    begun.adopt(begun.book.shop.groups)
    return begun


_CLASS = LineClass(line="1", classified_as="make")


def facts(
    number: int, *lines: tuple[str, int, Instant | None], customer: str = "C", price: str | None = "10"
) -> OrderFacts:
    """An order t/number of lines (item, quantity, requested)."""
    return OrderFacts(
        order=f"t/{number}",
        sequence=number,
        source="t",
        number=str(number),
        customer=customer,
        received=NOW,
        currency="EUR",
        ship_to="",
        lines=tuple(_line(n, *line, price) for n, line in enumerate(lines, 1)),
    )


def _line(number: int, item: str, quantity: int, requested: Instant | None, price: str | None) -> LineFacts:
    return LineFacts(
        line=str(number),
        item=item,
        description="",
        ordered=str(quantity),
        requested=requested,
        wants=((quantity, requested),),
        unit_price=price,
    )


def place(
    planner: State, number: int, *lines: tuple[str, int, Instant | None], customer: str = "C", price: str = "10"
) -> None:
    """Plan an order, as one decision."""
    asked = facts(number, *lines, customer=customer, price=price)
    planner.begin(planner.now)
    planner.plan_order(asked, [_CLASS.model_copy(update={"line": line.line}) for line in asked.lines])


def drop(planner: State, number: int) -> None:
    """Cancel an order, as one decision."""
    planner.begin(planner.now)
    planner.cancel(f"t/{number}")


def promised(planner: State, number: int) -> list[tuple[int, Instant]]:
    """(quantity, promised time) of an order, in order of time."""
    found = [r for r in planner.releases.values() if r.order == f"t/{number}"]
    return sorted(((r.quantity, r.promised or 0) for r in found), key=lambda p: p[1])


def supply(planner: State) -> dict[str, tuple[str, int, Instant, Instant]]:
    """(item, quantity, begin, due) of planned supply by document."""
    return {
        document: (s.item, s.receipt, s.begin, s.time)
        for members in planner.planned.values()
        for document, s in members.items()
    }


def with_customer(of: Plant, customer: Customer) -> Plant:
    """The plant with one customer."""
    return replace(of, customers={customer.code: customer})

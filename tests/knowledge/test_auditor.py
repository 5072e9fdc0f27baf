"""The auditor finds every breach that is made in sound books, and nothing in the books themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from knowledge.auditor import Books, audit
from knowledge.calendars import Calendar, Shift
from knowledge.instants import DAY, HOUR, MINUTE
from knowledge.plant import (
    Bom,
    Item,
    LotRule,
    Offer,
    Plant,
    Replenishment,
    SupplyStatus,
    WorkCentre,
    component,
)
from knowledge.supply import OperationSlot, PurchaseRow, WorkOrder

PLANT = Plant(
    items={"A": Item("A", lot=LotRule(multiple=5)), "R": Item("R", supply=Replenishment.BUY)},
    boms={"A": Bom("A", "", (component("R", Decimal(2), Decimal(0), 0, 0),))},
    work_centres={"W": WorkCentre("W")},
    offers={"R": (Offer("S", "R", ((0, Decimal(3)),), LotRule(multiple=10), capacity_per_week=30),)},
)
SLOT = OperationSlot("10", "W", 1, 2 * DAY, 2 * DAY + HOUR, 60)
MADE = WorkOrder("W1", "A", 5, 2 * DAY, 2 * DAY + HOUR, SupplyStatus.PLANNED, (("R", 10),), (SLOT,), cause="t/1/1")
BOUGHT = PurchaseRow("P1", 1, "S", "R", 10, Decimal(3), "EUR", 2 * DAY, 2 * DAY, SupplyStatus.PLANNED, "W1")
PROMISE = {"order": "t/1", "line": "1", "item": "A", "quantity": "5", "requested": 3 * DAY, "promised": 3 * DAY}
FAR = 4000 * DAY
SHIPMENT = {"shipping_order": "SH1", "line": "t/1/1", "item": "A", "quantity": 5, "ship": 3 * DAY, "customer": "C"}


def event(item: str, document: str, time: int, quantity: int) -> dict[str, Any]:
    """A dated event."""
    return {"item": item, "document": document, "time": time, "quantity": quantity, "status": "firm"}


SOUND = Books(
    PLANT,
    DAY,
    {},
    [
        event("A", "W1", MADE.finish, 5),
        event("A", "t/1/1", 3 * DAY, -5),
        event("R", "P1", BOUGHT.due, 10),
        event("R", "W1", MADE.start, -10),
    ],
    [{"order": "t/1", "source": "t", "number": "1"}],
    [{**PROMISE, "status": "promised"}],
    [{**SHIPMENT, "status": "planned"}],
    [MADE],
    [BOUGHT],
)


def laws(books: Books) -> set[str]:
    """The laws that are broken."""
    return {finding.law for finding in audit(books)}


def work(**values: Any) -> Callable[[Books], Books]:
    """The books with another work order."""
    return lambda books: replace(books, work_orders=[replace(MADE, **values)])


def purchase(**values: Any) -> Callable[[Books], Books]:
    """The books with another purchase."""
    return lambda books: replace(books, purchases=[replace(BOUGHT, **values)])


def promise(**values: Any) -> Callable[[Books], Books]:
    """The books with another promise."""
    return lambda books: replace(books, promises=[{**books.promises[0], **values}])


def shipment(**values: Any) -> Callable[[Books], Books]:
    """The books with another shipment."""
    return lambda books: replace(books, shipping=[{**books.shipping[0], **values}])


def slot(**values: Any) -> Callable[[Books], Books]:
    """The books with another operation."""
    return work(operations=(replace(SLOT, **values),))


def test_work_further_ahead_than_calendars_are_looked_at_may_be_at_any_time() -> None:
    mornings = Calendar("mornings", tuple(Shift(day, 6 * 60, 12 * 60) for day in range(1, 8)))
    plant = replace(PLANT, work_centres={"W": WorkCentre("W", calendar=mornings)})
    for evening, found in ((2 * DAY + 20 * HOUR, True), (FAR + 20 * HOUR, False)):
        books = slot(start=evening, finish=evening + HOUR)(replace(SOUND, plant=plant))
        assert ("open time" in laws(books)) == found


def test_nothing_is_found_in_sound_books() -> None:
    assert audit(SOUND) == []


@pytest.mark.parametrize(
    ("law", "spoil"),
    [
        ("promised twice", lambda books: replace(books, on_hand={"R": -1})),
        ("events", work(quantity=10)),
        ("events", lambda books: replace(books, events=books.events[:-1])),
        ("pegs", lambda books: replace(books, events=books.events[1:])),
        ("not needed", lambda books: replace(books, on_hand={"R": 10})),
        ("overdue", lambda books: replace(books, now=2 * DAY + 1)),
        ("promises", promise(quantity="4")),
        ("early", promise(requested=4 * DAY)),
        ("shipments", shipment(ship=4 * DAY)),
        ("sequence", slot(finish=3 * DAY)),
        ("machines", slot(machine=2)),
        ("machines", lambda books: replace(books, work_orders=[MADE, replace(MADE, number="W2")])),
        ("open time", slot(minutes=59)),
        ("open time", lambda books: replace(books, downtimes={"W": ((2 * DAY, 2 * DAY + 60),)})),
        ("open time", slot(start=FAR, finish=FAR + 59 * MINUTE)),
        ("lots", work(quantity=6)),
        ("bill", work(components=(("R", 9),))),
        ("offers", purchase(supplier="T")),
        ("offers", purchase(quantity=5)),
        ("offers", purchase(unit_price=Decimal(2))),
        ("offers", purchase(order_by=3 * DAY)),
        ("capacity", purchase(quantity=40)),
        ("purchase rows", lambda books: replace(books, purchases=[BOUGHT, replace(BOUGHT, row=2)])),
        ("purchase rows", lambda books: replace(books, purchases=[BOUGHT, replace(BOUGHT, number="P2", item="A")])),
        ("numbers", lambda books: replace(books, work_orders=[MADE, MADE])),
    ],
)
def test_a_breach_is_found(law: str, spoil: Callable[[Books], Books]) -> None:
    assert law in laws(spoil(SOUND))


def test_a_peg_that_comes_too_late_is_found() -> None:
    late = [event("A", "W1", 4 * DAY, 5), *SOUND.events[1:]]
    assert "late peg" in laws(replace(SOUND, events=late))


def test_a_finding_says_which_law_which_document_and_how() -> None:
    [finding] = [f for f in audit(promise(quantity="4")(SOUND)) if f.law == "promises"]
    assert str(finding) == "promises: t/1/1: promised 4, to ship 5"
    assert audit(promise(status="at_risk")(SOUND)) == []

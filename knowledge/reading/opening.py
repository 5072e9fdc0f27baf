"""Reads the opening balances: stock.csv and open_orders.csv."""

from __future__ import annotations

import datetime as dt

from knowledge.plant import OpenOrder, OpenOrderKind, SupplyStatus
from knowledge.quantities import Units
from knowledge.reading.cells import Known, choice, code, instant, quoted
from knowledge.reading.items import Items
from knowledge.reading.tables import Row, Table

KIND = choice(OpenOrderKind)
STATUS = choice(SupplyStatus, SupplyStatus.PLANNED, SupplyStatus.FIRM, SupplyStatus.RELEASED)


def read_stock(table: Table, items: Items, customers: Known) -> tuple[dict[str, Units], dict[tuple[str, str], Units]]:
    """What lies in stock of each item, and what of it is reserved, by item and customer."""
    stock: dict[str, Units] = {}
    reserved: dict[tuple[str, str], Units] = {}
    for row in table:
        item = row.need("item", items.known)
        quantity = row.need("quantity", items.units(item, least=0))
        customer = row.read("customer", customers, None)
        if item is None or not _is_first(row, item) or quantity is None:
            continue
        stock[item] = stock.get(item, 0) + quantity
        if customer is not None and quantity:
            reserved[item, customer] = quantity
    return stock, reserved


def _is_first(row: Row, item: str) -> bool:
    """Whether no row before is of the same item and customer."""
    customer = row.given("customer")
    what = f"the stock of {quoted(item)}" + (f" for {quoted(customer)}" if customer else "")
    return row.first((item, customer), "item", what)


def read_open_orders(table: Table, items: Items, suppliers: Known, zone: dt.tzinfo) -> tuple[OpenOrder, ...]:
    """The open orders in file order."""
    numbers: dict[str, tuple[OpenOrderKind, str, int]] = {}
    orders = []
    for row in table:
        order = _open_order(row, items, suppliers, zone)
        if order is not None and _is_new(row, order, numbers):
            orders.append(order)
    return tuple(orders)


def _open_order(row: Row, items: Items, suppliers: Known, zone: dt.tzinfo) -> OpenOrder | None:
    kind, number, item = row.need("kind", KIND), row.need("number", code), row.need("item", items.known)
    quantity = row.need("quantity", items.units(item, above=0))
    start, due = row.read("start", instant(zone), None), row.need("due", instant(zone))
    supplier = row.read("supplier", suppliers, None)
    status = row.read("status", STATUS, SupplyStatus.RELEASED)
    if start is not None and due is not None and start > due:
        row.wrong("start", f"{row.given('start')} is after the due time {row.given('due')}")
    if kind is None or number is None or item is None or due is None:
        return None
    return OpenOrder(kind, number, item, quantity or 0, due, start, supplier, status)


def _is_new(row: Row, order: OpenOrder, numbers: dict[str, tuple[OpenOrderKind, str, int]]) -> bool:
    """A work order has one row; a purchase order one a delivery, all of one supplier."""
    shown, given = quoted(order.number), row.given("supplier")
    kind, supplier, before = numbers.setdefault(order.number, (order.kind, given, row.number))
    if before != row.number and OpenOrderKind.WORK_ORDER in (kind, order.kind):
        row.wrong("number", f"order {shown} is given in row {before} already")
        return False
    if supplier != given:
        row.wrong("supplier", f"purchase order {shown} has another supplier in row {before}")
        return False
    return row.first((order.number, order.item, order.due), "item", f"this delivery of purchase order {shown}")

"""The contract's tables from a database."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from knowledge.plant import Item, Plant
from knowledge.store.database import Store, Write
from knowledge.store.export import COLUMNS, Rows, export, write_tables
from knowledge.store.tables import (
    CustomerOrderRow,
    InventoryEventRow,
    OnHandRow,
    PromiseRow,
    PurchaseOrderRow,
    QuarantineRow,
    ShippingOrderRow,
)

PLANT = Plant(items={"A": Item("A", decimals=1, safety_stock=10)})
_DAY = 86400

ORDER = {
    "order": "t/1",
    "sequence": 1,
    "source": "t",
    "number": "1",
    "customer": "C",
    "received": 0,
    "status": "open",
    "document": "{}",
}
PROMISE = {
    "order": "t/1",
    "line": "1",
    "part": 0,
    "sequence": 1,
    "line_sequence": 0,
    "item": "A",
    "classified_as": "buy",
    "quantity": "5",
    "requested": _DAY,
    "promised": _DAY,
    "status": "promised",
    "reason": "",
}
ROW = {
    "purchase_order": "PO 1",
    "row": 1,
    "supplier": "S",
    "item": "A",
    "quantity": 55,
    "unit_price": "1.50",
    "currency": "EUR",
    "order_by": 0,
    "due": _DAY,
    "status": "planned",
    "cause": "",
    "received": 0,
}


def event(document: str, time: int, quantity: int) -> Write:
    """A dated event of A."""
    row = {"item": "A", "document": document, "time": time, "quantity": quantity, "status": "firm", "owner": "planner"}
    return Write(InventoryEventRow, row)


def tables(*writes: Write) -> dict[str, Rows]:
    """The tables of these rows."""
    store = Store()
    store.write(writes)
    try:
        return export(store, PLANT, 0)
    finally:
        store.close()


def promise(**values: Any) -> list[Write]:
    return [Write(CustomerOrderRow, ORDER), Write(PromiseRow, {**PROMISE, **values})]


def test_an_empty_database_gives_every_table() -> None:
    assert list(tables()) == list(COLUMNS)
    assert tables()["availability"] == [
        {"item": "A", "time": "1970-01-01T00:00:00+00:00", "projected": "0", "promisable": "0"}
    ]


def test_what_of_a_line_comes_off_the_shelf_is_told_apart() -> None:
    writes = [*promise(), Write(OnHandRow, {"item": "A", "quantity": 20}), event("t/1/1", _DAY, -50)]
    found = [(row["classified_as"], row["quantity"]) for row in tables(*writes)["promises"]]
    assert found == [("stock", "2"), ("buy", "3")]


def left(number: int, quantity: int) -> list[Write]:
    """An order of 5 A of which so much, in tenths, has left."""
    order, key = f"t/{number}", {"order": f"t/{number}"}
    row = {"shipping_order": f"SH-{number:06d}", "line": f"{order}/1", "release": 1, "item": "A", "quantity": quantity}
    shipped = {**row, **key, "customer": "C", "ship_to": "", "ship": _DAY, "status": "done"}
    asked = [Write(CustomerOrderRow, {**ORDER, **key, "number": str(number), "sequence": number})]
    return [*asked, Write(PromiseRow, {**PROMISE, **key, "sequence": number}), Write(ShippingOrderRow, shipped)]


def classes(*writes: Write) -> list[tuple[str, str, str]]:
    """(order, class, quantity) of every promise."""
    return [(row["order"], row["classified_as"], row["quantity"]) for row in tables(*writes)["promises"]]


def came(cause: str, quantity: int) -> Write:
    """A purchase row that was bought for a line and has come."""
    return Write(
        PurchaseOrderRow, {**ROW, "cause": cause, "quantity": quantity, "received": quantity, "status": "done"}
    )


def test_what_left_the_shelf_stays_stock() -> None:
    assert classes(*left(1, 50)) == [("t/1", "stock", "5")]


def test_what_was_bought_for_a_line_that_has_left_stays_bought() -> None:
    assert classes(*left(1, 50), came("t/1/1", 50)) == [("t/1", "buy", "5")]
    assert classes(*left(1, 50), came("t/1/1#2", 30)) == [("t/1", "stock", "2"), ("t/1", "buy", "3")]


def test_what_was_bought_for_two_lines_at_once_stays_bought_for_both() -> None:
    assert classes(*left(1, 50), *left(2, 50), came("t/1/1", 100)) == [("t/1", "buy", "5"), ("t/2", "buy", "5")]


def test_what_is_bought_later_is_not_for_what_has_left() -> None:
    assert classes(*left(1, 50), *left(2, 50), came("t/2/1", 100)) == [("t/1", "stock", "5"), ("t/2", "buy", "5")]


def test_a_line_that_is_not_planned_keeps_its_class() -> None:
    [row] = tables(*promise(status="question", promised=None, reason="why?"))["promises"]
    assert (row["order"], row["classified_as"], row["promised"], row["reason"]) == ("t/1", "buy", "", "why?")


def test_supply_names_what_it_is_for_percent_encoded_and_in_the_items_unit() -> None:
    writes = [
        *promise(),
        Write(PurchaseOrderRow, ROW),
        event("PO%201", _DAY, 55),
        event("t/1/1", _DAY, -30),
        event("t/1/1#2", 2 * _DAY, -10),
    ]
    [row] = tables(*writes)["purchase_orders"]
    assert (row["purchase_order"], row["quantity"]) == ("PO 1", "5.5")
    assert row["pegged_to"] == "t/1/1=4 safety_stock=1 stock=0.5"


def test_availability_has_every_step_in_the_items_unit() -> None:
    rows = tables(Write(OnHandRow, {"item": "A", "quantity": 20}), event("d", _DAY, -15))["availability"]
    assert [(row["projected"], row["promisable"]) for row in rows] == [("2", "0.5"), ("0.5", "0.5")]


def test_tables_are_written_with_their_columns_and_equal_bytes(tmp_path: Path) -> None:
    found = tables(Write(QuarantineRow, {"sequence": 1, "document": 'a"b', "reason": "no, it is not", "text": ""}))
    for name in ("one", "two"):
        write_tables(found, tmp_path / name)
    assert {p.name: p.read_bytes() for p in (tmp_path / "one").iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "two").iterdir()
    }
    with (tmp_path / "one" / "quarantine.csv").open(newline="") as handle:
        assert list(csv.DictReader(handle)) == [{"document": 'a"b', "reason": "no, it is not"}]

"""Laws of what belongs to somebody, on random plants: custom lines, reserved stock, reports, counts and shipments."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.sources.reading import read_paths
from knowledge.auditor import Books
from knowledge.earmarks import customer_holder
from knowledge.instants import parse
from knowledge.reading import read_folder
from knowledge.store.books import books_of
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from knowledge.store.tables import EarmarkRow, OnHandRow, ShippingOrderRow, WorkOrderRow
from knowledge.supply import STOCK, base_document
from simulations.processing import Processing
from simulations.torture.documents import DAY_MINUTES, after, cancel, change, order
from simulations.torture.moments import promises, worse
from tests.effort import times
from tests.random_plants import Case, items_of, plants
from tests.test_properties import findings, society, take

LAW = settings(
    max_examples=times(12, 1000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

SCENARIOS = sorted((Path(__file__).parent / "scenarios" / "pegs").iterdir())
_CUSTOMERS = ("ANY", "WHOLE", "FEW")
_DAYS = st.one_of(st.integers(0, 30), st.none())
_KINDS = ("order", "order", "custom", "custom", "change", "change", "cancel", "count", "report", "report", "ship")


@st.composite
def reserving_plants(draw: st.DrawFn) -> dict[str, str]:
    """The files of a plant, some of whose stock is reserved for customers."""
    files = draw(plants())
    rows = [f"{row}," for row in files["stock.csv"].splitlines()[1:]]
    for item in items_of(files):
        rows.extend(f"{item},{draw(st.integers(1, 12))},{who}" for who in draw(st.sets(st.sampled_from(_CUSTOMERS))))
    return {**files, "stock.csv": "\n".join(["item,quantity,customer", *sorted(rows), ""])}


class Stream:
    """Documents drawn one by one, since reports speak of what the society has made of those before."""

    def __init__(self, processing: Processing, draw: st.DataObject) -> None:
        self.processing = processing
        self.draw = draw.draw
        self.items = items_of(processing.files)
        self.made = [row.split(",")[0] for row in processing.files["items.csv"].splitlines() if ",make," in row]
        self.orders = 0

    def next(self, minutes: int) -> Iterable[dict[str, Any]]:
        """The next documents, received at a time."""
        kind = self.draw(st.sampled_from(_KINDS)) if self.orders else self.draw(st.sampled_from(("order", "custom")))
        number = str(self.draw(st.integers(1, max(1, self.orders))))
        units, day = self.draw(st.integers(1, 20)), self.draw(_DAYS)
        if kind in ("order", "custom"):
            self.orders += 1
            item = self.draw(st.sampled_from(self.made if kind == "custom" else self.items))
            asked = order(str(self.orders), self.draw(st.sampled_from(_CUSTOMERS)), [(item, units, day)], minutes)
            if kind == "custom":
                asked["lines"][0].update(item=None, description="special")
            yield asked
            if kind == "custom":
                yield {"type": "engineering_release", "source": "t", "number": str(self.orders), "line": "1"} | {
                    "item": item,
                    "received": after(minutes),
                }
        elif kind == "change":
            yield change(number, "1", self.draw(st.integers(0, 20)), day, minutes)
        elif kind == "cancel":
            yield cancel(number, minutes)
        elif kind == "count":
            item = self.draw(st.sampled_from(self.items))
            yield {"type": "stock_count", "item": item, "quantity": str(units), "received": after(minutes)}
        else:
            yield from self._report(kind, minutes)

    def _report(self, kind: str, minutes: int) -> Iterable[dict[str, Any]]:
        store = self.processing.store
        if kind == "ship":
            there = {row["item"]: row["quantity"] for row in store.rows(OnHandRow)}
            rows = [row for row in store.rows(ShippingOrderRow) if row["status"] in ("planned", "released")]
            short = {row["shipping_order"] for row in rows if row["quantity"] > there.get(row["item"], 0)}
            open_ = sorted({row["shipping_order"] for row in rows} - short)
            if open_:
                number = self.draw(st.sampled_from(open_))
                time = after(minutes)
                yield {"type": "shipment_report", "shipping_order": number, "shipped": time, "received": time}
            return
        orders = [row for row in store.rows(WorkOrderRow) if row["status"] in ("planned", "released")]
        if orders:
            row = self.draw(st.sampled_from(orders))
            good = self.draw(st.integers(0, row["quantity"]))
            report = {"type": "operation_report", "work_order": row["work_order"], "good": str(good)}
            scrap, complete = self.draw(st.integers(0, 2)), self.draw(st.booleans())
            yield {**report, "scrap": str(scrap), "complete": complete, "received": after(minutes)}


def stolen(books: Books) -> list[str]:
    """Pegs of what belongs to somebody else."""
    found = []
    marks = books.earmarks()
    whose = {f"{row['order']}/{row['line']}": row["customer"] for row in _lines(books)}
    for item, _, pegs in books.pegs():
        if item not in marks:
            continue
        shelf = marks[item].shelf
        lines = {owned.document: (owned.line, owned.units) for owned in marks[item].work}
        free = max(0, books.on_hand.get(item, 0) - sum(shelf.values()))
        for supply, need, units in pegs.pegs:
            line = base_document(need)
            if supply == STOCK:
                own = shelf.get(line, 0) + shelf.get(customer_holder(whose.get(line, "")), 0)
                if units > own + free:
                    found.append(f"{need} takes {units} of {item} from stock, but {own} are its own and {free} free")
            elif supply in lines and line != lines[supply][0]:
                order = next(o for o in books.work_orders if o.document == supply)
                if units > order.receipt - lines[supply][1]:
                    found.append(f"{need} takes {units} of {supply}, which is for {lines[supply][0]}")
    return found


def _lines(books: Books) -> list[dict[str, Any]]:
    customers = {row["order"]: row["customer"] for row in books.orders}
    return [{**row, "customer": customers[row["order"]]} for row in books.promises]


@LAW
@given(st.data())
def test_what_belongs_to_somebody_is_pegged_to_nobody_else_and_every_law_holds(data: st.DataObject) -> None:
    files = data.draw(reserving_plants())
    processing = society(Case(files, ()))
    assert not findings(processing)
    stream, minutes = Stream(processing, data), 0
    for _ in range(data.draw(st.integers(1, 8))):
        for document in stream.next(minutes):
            take(processing, document)
            found = [text for text in findings(processing) if not text.startswith("overdue")]
            assert not found, (found, document)
            assert not stolen(books_of(processing.store, processing.plant_now(), processing.now)), document
        minutes += data.draw(st.sampled_from((0, 60, DAY_MINUTES, 4 * DAY_MINUTES)))


@LAW
@given(st.data())
def test_orders_changes_and_cancels_make_no_other_promise_worse(data: st.DataObject) -> None:
    files = data.draw(reserving_plants())
    processing = society(Case(files, ()))
    stream = Stream(processing, data)
    for _ in range(data.draw(st.integers(2, 7))):
        for document in stream.next(0):
            before = promises(processing)
            take(processing, document)
            if document["type"] in ("customer_order", "engineering_release", "order_change", "order_cancel"):
                now = promises(processing)
                number = f"t/{document['number']}"
                others = {key: parts for key, parts in before.items() if key[0] != number}
                assert not worse(others, now), document


@pytest.mark.parametrize("folder", SCENARIOS, ids=[folder.name for folder in SCENARIOS])
def test_restarts_in_between_keep_what_belongs_to_whom(folder: Path) -> None:
    files, now = read_folder(folder / "knowledge"), parse((folder / "now.txt").read_text(encoding="utf-8").strip())
    whole, parts = (Processing(Store(), files, now) for _ in range(2))
    for read in read_paths([folder / "documents.jsonl"]):
        list(whole.run([read]))
        list(parts.run([read]))
        parts = Processing(parts.store, files, parts.now)
        assert shown(parts) == shown(whole)
        assert parts.store.rows(EarmarkRow) == whole.store.rows(EarmarkRow)


def shown(processing: Processing) -> dict[str, Rows]:
    """The tables as they are now."""
    return export(processing.store, processing.plant_now(), processing.now)

"""Orders that were open before the society began, and are in the past."""

from __future__ import annotations

import pytest

from knowledge.auditor import audit
from knowledge.instants import Instant, parse
from knowledge.store.books import books_of
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow, WorkOrderRow
from simulations.processing import Processing
from tests.agents.runtime.town import small_plant

NOW: Instant = parse("2026-03-02T08:00:00Z")


@pytest.mark.parametrize("status", ["planned", "firm", "released"])
def test_a_work_order_that_should_be_done_long_since_is_expected_for_when_it_can_be(status: str) -> None:
    files, store = small_plant(), Store()
    row = f"work_order,WO-1,STOOL,40,2026-01-05,2026-01-06,,{status}"
    files["open_orders.csv"] = f"kind,number,item,quantity,start,due,supplier,status\n{row}\n"
    society = Processing(store, files, NOW)
    found = {order["work_order"]: order["finish"] for order in store.rows(WorkOrderRow)}
    assert store.rows(MessageRow, "kind", "error", status="dead") == []
    assert audit(books_of(store, society.plant_now(), society.now)) == []
    assert ("WO-1" in found) is (status != "planned")  # a number that is free to be given again
    assert status == "planned" or found["WO-1"] > NOW

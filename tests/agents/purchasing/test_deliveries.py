"""What purchasing learns of its suppliers from confirmations and receipts, and who is told of it."""

from __future__ import annotations

from knowledge.awards import Policy
from knowledge.deliveries import OnTime
from knowledge.store.database import Store
from knowledge.store.export import export
from knowledge.store.tables import ApprovalRow, DeliveryRow
from tests.explaining import document, order, society

PLANT_FILE = 'name = "t"\nrelease_horizon_days = 90\n'
ISSUE = {"plant.toml": PLANT_FILE}
ASK = {
    "plant.toml": PLANT_FILE
    + '[[approvals]]\ndecision = "purchase"\nwhen = { customer = "B" }\naction = "ask"\non_silence = "reject"\n'
}
ORDER = order("1", "1", "2024-02-01")
"""It takes two R, asked for on 31 January."""


def confirmed(due: str, **fields: str) -> dict[str, object]:
    """The supplier confirms the purchase for a day."""
    return document("supplier_confirmation", "01-02T00:00:00", purchase_order="PO-000001", due=due, **fields)


def came(at: str, quantity: str) -> dict[str, object]:
    """So much of the purchase comes."""
    return document("goods_receipt", at, purchase_order="PO-000001", quantity=quantity)


def test_a_row_that_comes_late_is_late_against_what_was_asked_and_what_was_confirmed() -> None:
    found = society([ORDER, confirmed("2024-02-02"), came("02-05T09:00:00", "2")], ISSUE)
    [row] = found.store.rows(DeliveryRow, purchase_order="PO-000001")
    assert (row["supplier"], row["item"]) == ("S", "R")
    assert found.books.punctuality["S"] == OnTime(1, 1, 5, 1, 1, 3)


def test_a_row_that_came_in_part_is_not_counted_before_the_rest_is_there() -> None:
    assert society([ORDER, came("01-20T09:00:00", "1")], ISSUE).books.punctuality["S"].came == 0
    both = society([ORDER, came("01-20T09:00:00", "1"), came("01-21T09:00:00", "1")], ISSUE)
    assert both.books.punctuality["S"] == OnTime(came=1)


def test_a_row_that_its_supplier_cancels_leaves_no_record() -> None:
    off = document("supplier_confirmation", "01-02T00:00:00", purchase_order="PO-000001", quantity="0")
    rows = society([ORDER, off], ISSUE).store.rows(DeliveryRow)
    assert "PO-000001" not in {row["purchase_order"] for row in rows}


def test_a_manager_who_is_asked_for_a_purchase_sees_its_policy_and_its_suppliers_record() -> None:
    again = order("2", "1", "2024-06-01", at="02-06T00:00:00", customer="B")
    received = [ORDER, came("02-05T09:00:00", "2")]
    told = "purchase PO-000002, worth 6.00 EUR, from S; R: only offer, 6.00 EUR; on time: 0 of 1 as asked, "
    [asked] = society([*received, again], ASK).store.rows(ApprovalRow)
    assert asked["reason"] == told + "the late by 5 days"
    store = Store("sqlite://")  # the same after a restart
    society(received, ASK, store=store)
    [asked] = society([again], ASK, store=store, now="2024-02-05T10:00:00Z").store.rows(ApprovalRow)
    assert asked["reason"] == told + "the late by 5 days"


def test_a_purchase_order_is_explained_by_its_award_and_its_suppliers_record() -> None:
    offers = "supplier,item,unit_price,lead_time_days\nS,R,3,20\nT,R,4,9\n"
    two = {"suppliers.csv": "supplier\nS\nT\n", "offers.csv": offers}
    [answer] = society([ORDER], ISSUE, two).why("PO-000001").supplies
    assert answer.award is not None
    assert (answer.award.policy, answer.award.next_suppliers) == (Policy.CHEAPEST, ("T",))
    [answer] = society([ORDER, came("01-20T09:00:00", "2")], ISSUE, two).why("PO-000001").supplies
    assert answer.record == OnTime(came=1)


def test_the_table_of_purchases_says_why_and_how_punctual_the_supplier_is() -> None:
    found = society([ORDER, came("02-05T09:00:00", "2")], ISSUE)
    row = next(r for r in export(found.store, found.plant, found.books.now)["purchase_orders"])
    assert row["reason"] == ("only offer, 6.00 EUR; its supplier has been on time: 0 of 1 as asked, the late by 5 days")


def test_a_purchase_that_is_planned_no_more_is_not_explained_any_more() -> None:
    off = document("order_cancel", "01-02T00:00:00", source="t", number="1")
    assert society([ORDER], {}).books.awards
    assert not society([ORDER, off], {}).books.awards

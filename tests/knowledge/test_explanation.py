"""Explanations of what societies decided on small plants: what binds, what would cure it, what is pegged to what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from knowledge.explanation import UnknownDocumentError, explain
from knowledge.explanation.values import CauseKind, Cure, CureKind, DocumentKind, Part, PartState, Twig, Use
from knowledge.instants import DAY, HOUR
from knowledge.plant import SupplyStatus
from knowledge.supply import STOCK
from tests.explaining import Society, cured, document, kinds, line, lines, order, society, when

MACHINE = {
    "items.csv": "item,kind,supply\nF,finished,make\nG,finished,make\n",
    "bom.csv": "",
    "suppliers.csv": "",
    "offers.csv": "",
    "work_centres.csv": "work_centre,machines,cost_per_hour\nM,1,50\n",
    "routes.csv": "item,step,work_centre,run_minutes\nF,10,M,60\nG,10,M,60\n",
}
"""F and G take an hour each on the one machine of M, which is never closed."""

DAYTIME = {
    **MACHINE,
    "work_centres.csv": "work_centre,machines,calendar,cost_per_hour\nM,1,day,50\n",
    "calendars.csv": "calendar,weekday,start,end\n" + "".join(f"day,{day},08:00,16:00\n" for day in range(1, 6)),
}
"""The same, open eight hours a day from Monday to Friday."""

ASK = 'name = "t"\n[[approvals]]\ndecision = "{}"\naction = "ask"\nrole = "{}"\non_silence = "{}"\n'
ASK_CHANGES = {"plant.toml": ASK.format("change", "sales", "reject")}
ASK_PROMISES = {"plant.toml": ASK.format("promise", "boss", "approve")}
FULL_ONLY = {"customers.csv": "customer,partial_shipments\nA,no\n"}


def one(cures: list[Cure]) -> Cure:
    """The only cure there is."""
    [cure] = cures
    return cure


# -- late


def test_a_line_that_waits_for_a_purchase_names_its_item_supplier_date_and_lead_time() -> None:
    part = society([order()]).part("t/1/1")
    [cause] = part.causes
    assert part.state is PartState.LATE
    assert (cause.kind, cause.item, cause.supplier, cause.quantity) == (CauseKind.LEAD_TIME, "R", "S", 10)
    assert cause.documents == ("PO-000001",)
    assert cause.lead_time is not None
    assert cause.lead_time.days == 20
    assert (when(cause.since), when(cause.possible), when(cause.until)) == (
        "2024-01-01T00:00",
        "2024-01-21T00:00",
        "2024-01-21T00:00",
    )


def test_without_that_purchase_the_line_would_be_on_time_and_so_much_earlier_it_has_to_come() -> None:
    [cause] = society([order()]).part("t/1/1").causes
    assert (when(cause.earliest), when(cause.without)) == ("2024-01-23T00:00", "2024-01-11T00:00")
    expedite = one(cured([cause], CureKind.EXPEDITE))
    assert (expedite.document, when(expedite.time), expedite.seconds) == ("PO-000001", "2024-01-09T00:00", 12 * DAY)
    assert expedite.on_time


def test_a_purchase_that_could_have_been_ordered_earlier_is_no_cause_however_tight_it_is_planned() -> None:
    both = {
        "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,1\nR,raw,buy,\nQ,raw,buy,\n",
        "bom.csv": "parent,component,quantity\nF,R,1\nF,Q,1\n",
        "offers.csv": "supplier,item,unit_price,lead_time_days\nS,R,3,20\nS,Q,1,3\n",
    }
    found = society([order()], both)
    due = {row.item: row.due for row in found.books.purchases}
    assert due["Q"] == due["R"]
    assert [cause.item for cause in found.part("t/1/1").causes] == ["R"]


def test_that_is_so_after_it_was_ordered_too_but_then_it_has_to_come_earlier_as_well() -> None:
    both = {
        "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,1\nR,raw,buy,\nQ,raw,buy,\n",
        "bom.csv": "parent,component,quantity\nF,R,1\nF,Q,1\n",
        "offers.csv": "supplier,item,unit_price,lead_time_days\nS,R,3,20\nS,Q,1,12\n",
    }
    later = order("2", "1", "2024-03-01", at="01-10T00:00:00")
    found = society([order(requested="2024-01-14"), later], both)
    assert {row.item: row.status.value for row in found.books.purchases if row.order_by < found.books.now} == {
        "R": "released",
        "Q": "released",
    }
    assert [(cause.item, cause.by_now) for cause in found.part("t/1/1").causes] == [("R", False), ("Q", True)]


def test_what_binds_after_the_first_cause_comes_second() -> None:
    both = {
        "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,1\nR,raw,buy,\nQ,raw,buy,\n",
        "bom.csv": "parent,component,quantity\nF,R,1\nF,Q,1\n",
        "offers.csv": "supplier,item,unit_price,lead_time_days\nS,R,3,20\nS,Q,1,15\n",
    }
    first, second = society([order()], both).part("t/1/1").causes
    assert (first.item, when(first.earliest), when(first.without)) == ("R", "2024-01-22T00:00", "2024-01-17T00:00")
    assert (second.item, when(second.earliest), when(second.without)) == ("Q", "2024-01-17T00:00", "2024-01-11T00:00")
    assert [when(cure.time) for cure in cured([first, second], CureKind.EXPEDITE)] == ["2024-01-10T00:00"] * 2


def test_another_supplier_that_is_faster_by_now_is_named_with_what_it_costs_more() -> None:
    found = society([order()])
    faster = {
        "suppliers.csv": "supplier,order_cost\nS,0\nT,25\n",
        "offers.csv": "supplier,item,unit_price,minimum,lead_time_days\nS,R,3,,20\nT,R,4,12,5\n",
    }
    again = society([order("2", "1", "2024-03-01", at="01-02T00:00:00")], faster, store=found.store)
    cure = one(cured(again.part("t/1/1").causes, CureKind.OTHER_SUPPLIER))
    assert (cure.supplier, cure.quantity, when(cure.time)) == ("T", 12, "2024-01-07T00:00")
    assert cure.cost == Decimal(12 * 4 + 25 - 10 * 3)
    assert cure.on_time


def test_a_supplier_whose_weeks_are_full_is_named_as_such() -> None:
    limited = {"offers.csv": "supplier,item,unit_price,lead_time_days,capacity_per_week\nS,R,3,2,10\n"}
    found = society([order("1", "5", "2024-01-06"), order("2", "5", "2024-01-06")], limited)
    cause = found.part("t/2/1").causes[0]
    assert (cause.kind, cause.supplier, when(cause.until)) == (CauseKind.SUPPLIER_FULL, "S", "2024-01-08T00:00")
    assert cause.elsewhere == (("t/1/1", 10),)


def test_a_busy_machine_is_named_with_the_orders_that_stand_before() -> None:
    found = society([order("1", "100", "2024-01-05T04:00"), order("2", "10", "2024-01-03")], MACHINE)
    part = found.part("t/2/1")
    [cause] = part.causes
    assert (cause.kind, cause.work_centre) == (CauseKind.BUSY, "M")
    assert when(cause.until) == "2024-01-05T04:00"
    assert [before.lines for before in cause.before] == [("t/1/1",)]
    assert when(part.promised) == when(cause.earliest) == "2024-01-05T14:00"
    assert cured([cause], CureKind.OVERTIME) == []  # it is never closed


def test_orders_that_can_still_move_up_make_no_machine_busy() -> None:
    """The first order stands from Wednesday on, as late as keeps its date; what is late is late for its own work."""
    found = society([order("1", "24", "2024-01-04"), order("2", "72", "2024-01-02", item="G")], MACHINE, FULL_ONLY)
    assert kinds(found.part("t/2/1")) == [CauseKind.RUN_TIME]


def test_overtime_on_a_busy_work_centre_is_told_in_hours_and_money() -> None:
    found = society([order("1", "40", "2024-01-06"), order("2", "8", "2024-01-06")], DAYTIME)
    part = found.part("t/2/1")
    assert kinds(part) == [CauseKind.BUSY]
    cure = one(cured(part.causes, CureKind.OVERTIME))
    assert (cure.work_centre, cure.seconds, cure.cost, cure.on_time) == ("M", 8 * HOUR, Decimal(400), True)


def test_work_that_takes_too_long_even_begun_at_once_says_so() -> None:
    part = society([order("1", "24", "2024-01-02")], DAYTIME, FULL_ONLY).part("t/1/1")
    [cause] = part.causes
    assert (cause.kind, cause.work_centre, cause.seconds) == (CauseKind.RUN_TIME, "M", 24 * HOUR)
    assert (when(cause.since), when(cause.until)) == ("2024-01-01T00:00", "2024-01-03T16:00")
    assert one(cured([cause], CureKind.OVERTIME)).seconds == 8 * HOUR


def test_made_items_without_a_route_take_their_lead_time() -> None:
    made = {"items.csv": "item,kind,supply,lead_time_days\nF,finished,make,9\n", "bom.csv": "", "offers.csv": ""}
    part = society([order(requested="2024-01-04")], made).part("t/1/1")
    assert kinds(part) == [CauseKind.RUN_TIME]
    assert one(cured(part.causes, CureKind.EXPEDITE)).seconds == 5 * DAY


def test_a_work_centre_that_is_closed_is_named_with_the_time() -> None:
    closed = {**DAYTIME, "holidays.csv": "calendar,date\n" + "".join(f"day,2024-01-{day:02}\n" for day in range(1, 6))}
    [cause] = society([order("1", "4", "2024-01-03")], closed).part("t/1/1").causes
    assert (cause.kind, cause.work_centre) == (CauseKind.CLOSED, "M")
    assert (when(cause.since), when(cause.until)) == ("2024-01-01T00:00", "2024-01-08T08:00")


def test_a_machine_that_is_down_is_named_with_the_time() -> None:
    down = document(
        "machine_downtime",
        "01-01T00:00:00",
        work_centre="M",
        start="2024-01-01T01:00:00Z",
        end="2024-01-04T00:00:00Z",
    )
    [cause] = society([down, order("1", "10", "2024-01-01T11:00")], MACHINE, FULL_ONLY).part("t/1/1").causes
    assert (cause.kind, cause.work_centre) == (CauseKind.DOWN, "M")
    assert (when(cause.since), when(cause.until)) == ("2024-01-01T01:00", "2024-01-04T00:00")
    assert (when(cause.earliest), when(cause.without)) == ("2024-01-04T09:00", "2024-01-01T11:00")


def test_a_lot_that_is_larger_than_what_is_needed_is_named() -> None:
    lots = {**MACHINE, "items.csv": "item,kind,supply,lot_minimum\nF,finished,make,100\nG,finished,make,\n"}
    part = society([order("1", "5", "2024-01-02")], lots).part("t/1/1")
    assert kinds(part) == [CauseKind.LOT]
    assert (part.causes[0].quantity, part.causes[0].needed) == (100, 5)


def test_what_was_ordered_before_and_comes_on_its_date_is_named() -> None:
    given = {
        "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,1\nR,raw,stock,\n",
        "bom.csv": "parent,component,quantity\nF,R,1\n",
        "open_orders.csv": "kind,number,item,quantity,due,supplier,status\n"
        "purchase_order,P-7,R,9,2024-01-20,S,released\n",
    }
    [cause] = society([order()], given).part("t/1/1").causes
    assert (cause.kind, cause.documents, cause.quantity) == (CauseKind.ON_ORDER, ("P-7",), 5)
    assert one(cured([cause], CureKind.EXPEDITE)).seconds == 10 * DAY


def test_supply_that_has_not_come_when_it_was_due_is_overdue() -> None:
    later = order("2", "1", "2024-03-01", item="R", at="01-25T00:00:00")
    part = society([order(), later]).part("t/1/1")
    assert kinds(part) == [CauseKind.OVERDUE, CauseKind.RUN_TIME]
    assert (part.causes[0].documents, when(part.causes[0].until)) == (("PO-000001",), "2024-01-21T00:00")


def test_transit_that_is_longer_than_the_time_left_is_the_cause() -> None:
    far = {"customers.csv": "customer,transit_days\nA,8\n", "stock.csv": "item,quantity\nF,9\n"}
    part = society([order(requested="2024-01-04")], far).part("t/1/1")
    assert kinds(part) == [CauseKind.TRANSIT]
    assert part.causes[0].seconds == 8 * DAY


def test_a_line_wanted_as_soon_as_possible_says_what_decides_the_date() -> None:
    part = society([order(requested=None)]).part("t/1/1")
    assert part.state is PartState.ON_TIME
    assert kinds(part) == [CauseKind.LEAD_TIME]


# -- orders that go whole


def test_a_line_that_is_held_by_another_of_its_shipment_names_it() -> None:
    items = "item,kind,supply,lead_time_days\nF,finished,make,1\nK,intermediate,make,1\nR,raw,buy,\nX,finished,stock,\n"
    stocked = {**FULL_ONLY, "items.csv": items, "stock.csv": "item,quantity\nX,9\n"}
    asked = lines("1", line("1", "F", "20", "2024-01-10"), line("2", "X", "2", "2024-01-10"))
    held = society([asked], stocked).part("t/1/2")
    assert kinds(held) == [CauseKind.TOGETHER]
    assert (held.causes[0].line, held.causes[0].item) == ("1", "F")
    cure = one(cured(held.causes, CureKind.SHIP_APART))
    assert (when(cure.delivery), cure.on_time) == ("2024-01-11T00:00", True)


def test_a_line_that_is_held_because_another_is_wanted_later_says_so() -> None:
    asked = lines("1", line("1", "F", "2", "2024-02-10"), line("2", "K", "2", "2024-03-10"))
    held = society([asked], FULL_ONLY).part("t/1/1")
    assert kinds(held) == [CauseKind.TOGETHER]
    assert (held.causes[0].line, held.causes[0].text) == ("2", "wanted")


def test_the_part_that_could_go_in_time_is_told_where_the_customer_takes_no_parts() -> None:
    part = society([order()], {**FULL_ONLY, "stock.csv": "item,quantity\nR,7\n"}).part("t/1/1")
    assert kinds(part) == [CauseKind.LEAD_TIME]
    cure, later = part.cures
    assert (later.kind, later.delivery) == (CureKind.LATER, part.promised)
    assert (cure.kind, cure.quantity, when(cure.delivery)) == (CureKind.SPLIT, 3, "2024-01-11T00:00")


# -- at risk


def slipped() -> Society:
    """R is ordered on 9 January for the 29th, and put off to 2 February on the 20th; sales has to agree."""
    return society(
        [
            order(requested="2024-01-30"),
            document("supplier_confirmation", "01-20T00:00:00", purchase_order="PO-000001", due="2024-02-02"),
        ],
        ASK_CHANGES,
    )


def test_a_promise_at_risk_waits_for_an_answer_and_names_the_supplier_and_its_later_date() -> None:
    part = slipped().part("t/1/1")
    assert part.state is PartState.AT_RISK
    assert kinds(part) == [CauseKind.APPROVAL, CauseKind.SUPPLIER_DATE]
    approval, date = part.causes
    assert (approval.documents, approval.line) == (("AP-000001",), "sales")
    assert (date.documents, date.supplier, when(date.until)) == (("PO-000001",), "S", "2024-02-02T00:00")
    assert (when(part.promised), when(part.planned)) == ("2024-01-31T00:00", "2024-02-04T00:00")


def test_it_is_cured_by_the_answer_or_by_having_the_supply_as_early_as_it_was() -> None:
    causes = slipped().part("t/1/1").causes
    approve = one(cured(causes, CureKind.APPROVE))
    assert (approve.document, when(approve.delivery), approve.text) == ("AP-000001", "2024-02-04T00:00", "reject")
    expedite = one(cured(causes, CureKind.EXPEDITE))
    assert (expedite.seconds, when(expedite.time), expedite.on_time) == (4 * DAY, "2024-01-29T00:00", True)


def test_what_was_put_off_may_be_expedited_though_the_line_has_other_supply_by_now() -> None:
    """Put off so far that new supply is faster: the promise is made anew on that."""
    put_off = document("supplier_confirmation", "01-10T00:00:00", purchase_order="PO-000001", due="2024-03-01")
    part = society([order(requested="2024-01-24"), put_off]).part("t/1/1")
    assert kinds(part) == [CauseKind.LEAD_TIME]
    assert one(cured(part.causes, CureKind.EXPEDITE)).document == "PO-000002"
    assert one(cured(part.causes, CureKind.EXPEDITE_OTHER)).document == "PO-000001"


# -- open


def test_an_infeasible_line_names_what_nobody_offers_and_how_much_is_missing() -> None:
    part = society([order()], {"offers.csv": ""}).part("t/1/1")
    assert part.state is PartState.INFEASIBLE
    [cause] = part.causes
    assert (cause.kind, cause.item, cause.quantity) == (CauseKind.NO_OFFER, "R", 10)
    assert cause.cures[0].kind is CureKind.OFFER


def test_lines_of_one_shipment_that_cannot_all_be_had_say_what_is_missing_of_them_together() -> None:
    asked = lines("1", line("1", "R", "6", "2024-01-10"), line("2", "R", "5", "2024-01-10"))
    part = society([asked], FULL_ONLY, {"offers.csv": "", "stock.csv": "item,quantity\nR,9\n"}).part("t/1/2")
    assert kinds(part) == [CauseKind.TOGETHER, CauseKind.NO_OFFER]
    assert (part.causes[0].line, part.causes[1].quantity) == ("1", 2)


def test_what_is_missing_is_counted_over_every_place_where_it_is_needed() -> None:
    both = {
        "items.csv": "item,kind,supply\nF,finished,make\nA,intermediate,make\nR,raw,buy\n",
        "bom.csv": "parent,component,quantity\nF,A,1\nF,R,1\nA,R,2\n",
        "offers.csv": "",
        "stock.csv": "item,quantity\nA,1\nR,2\n",
    }
    [cause] = society([order(quantity="5")], both, FULL_ONLY).part("t/1/1").causes
    assert cause.quantity == 5 + 2 * (5 - 1) - 2


def test_a_stock_only_item_that_is_short_says_who_has_the_rest() -> None:
    items = {
        "items.csv": "item,kind,supply\nF,finished,stock\n",
        "bom.csv": "",
        "offers.csv": "",
        "stock.csv": "item,quantity\nF,7\n",
    }
    found = society([order("1", "4"), order("2", "5")], items)
    [promised, rest] = found.why("t/2/1").lines[0].parts
    assert (promised.state, promised.units) == (PartState.ON_TIME, 3)
    assert kinds(rest) == [CauseKind.STOCK_ONLY]
    assert rest.causes[0].quantity == 2
    assert rest.causes[0].elsewhere == (("t/1/1", 4),)
    assert [(cure.kind, cure.quantity) for cure in rest.cures] == [(CureKind.REDUCE, 3)]


def test_a_rejected_line_says_that_and_by_whom() -> None:
    no = document(
        "approval_answer", "01-01T01:00:00", approval="AP-000001", decision="reject", by="Kim", note="too late"
    )
    part = society([order(), no], ASK_PROMISES).part("t/1/1")
    assert part.state is PartState.INFEASIBLE
    assert kinds(part) == [CauseKind.REJECTED]
    assert "Kim" in part.causes[0].text


def test_a_custom_line_waits_for_engineering() -> None:
    part = society([order(item=None, description="a flange to a drawing")]).part("t/1/1")
    assert part.state is PartState.AWAITING_ENGINEERING
    assert kinds(part) == [CauseKind.ENGINEERING]
    assert one(cured(part.causes, CureKind.RELEASE_DESIGN)).document == "t/1/1"


def test_a_line_that_waits_for_approval_names_who_has_to_answer_and_what_is_promised_then() -> None:
    part = society([order(requested="2024-02-10")], ASK_PROMISES).part("t/1/1")
    assert part.state is PartState.AWAITING_APPROVAL
    assert kinds(part) == [CauseKind.APPROVAL]
    assert part.causes[0].line == "boss"
    cure = one(cured(part.causes, CureKind.APPROVE))
    assert (cure.document, when(cure.delivery), cure.text) == ("AP-000001", "2024-02-11T00:00", "approve")


def test_one_that_would_be_late_says_what_binds_it_besides() -> None:
    part = society([order()], ASK_PROMISES).part("t/1/1")
    assert kinds(part) == [CauseKind.APPROVAL, CauseKind.LEAD_TIME]


def test_a_change_that_waits_for_approval_holds_no_promise() -> None:
    change = document("order_change", "01-02T00:00:00", source="t", number="1", lines=[{"line": "1", "quantity": "6"}])
    found = society([order(requested="2024-02-10"), change], ASK_CHANGES)
    assert [row["status"] for row in found.books.approvals] == ["pending"]
    assert found.part("t/1/1").causes == ()


@pytest.mark.parametrize(
    ("asked", "missing", "named"),
    [
        (order(item="FF"), "item", "FF"),
        (order(unit_price=None), "price", "1"),
        (order(customer="B"), "customer", "B"),
    ],
)
def test_a_question_says_what_is_missing(asked: dict[str, object], missing: str, named: str) -> None:
    part = society([asked], {"customers.csv": "customer\nA\n"}).part("t/1/1")
    assert kinds(part) == [CauseKind.QUESTION]
    cure = one(cured(part.causes, CureKind.ANSWER))
    assert cure.document == missing
    assert named in (cure.item, cure.text)


def test_lines_that_wait_with_a_question_of_their_shipment_name_its_line() -> None:
    asked = lines("1", line("1", "F", "1", "2024-02-10"), {**line("2", "F", "1", "2024-02-10"), "unit_price": None})
    part = society([asked], FULL_ONLY).part("t/1/1")
    assert kinds(part) == [CauseKind.TOGETHER]
    assert part.causes[0].line == "2"


# -- on time


def test_a_line_from_stock_is_on_time_with_everything_on_the_shelf() -> None:
    part = society([order()], {"stock.csv": "item,quantity\nF,9\n"}).part("t/1/1")
    assert (part.state, part.causes) == (PartState.ON_TIME, ())
    assert part.slack is not None
    assert part.slack.supply is None
    assert [(twig.document, twig.units, twig.supply) for twig in part.twigs] == [(STOCK, 5, None)]


def test_a_line_on_time_tells_its_slack_and_where_it_is_tightest() -> None:
    part = society([order(requested="2024-01-25")]).part("t/1/1")
    assert part.slack is not None
    assert part.slack.supply is not None
    assert (part.slack.seconds, part.slack.supply.document, part.slack.done) == (3 * DAY, "PO-000001", False)
    assert when(part.slack.time) == "2024-01-04T00:00"


def test_what_is_on_order_is_tight_by_when_it_comes() -> None:
    later = order("2", "1", "2024-03-01", at="01-05T00:00:00")
    part = society([order(requested="2024-01-25"), later]).part("t/1/1")
    assert part.slack is not None
    assert (part.slack.seconds, part.slack.done, when(part.slack.time)) == (0, True, "2024-01-24T00:00")


def test_a_shipped_line_and_a_cancelled_one_ask_for_nothing() -> None:
    gone = [
        order("1"),
        document("shipment_report", "01-11T00:00:00", shipping_order="SH-000001"),
        order("2", at="01-11T00:00:00"),
        document("order_cancel", "01-12T00:00:00", source="t", number="2"),
    ]
    found = society(gone, {"stock.csv": "item,quantity\nF,9\n"})
    assert [found.part(f"t/{number}/1").state for number in (1, 2)] == [PartState.SHIPPED, PartState.CANCELLED]
    assert not found.part("t/1/1").causes
    assert found.why("SH-000001").status == "done"


# -- trees


def shape(twig: Twig) -> tuple[object, ...]:
    """A twig as document, item, units, and what is below."""
    return (twig.document, twig.item, twig.units, *(shape(each) for each in twig.twigs))


def test_a_line_partly_from_stock_is_shown_with_all_levels_below_it() -> None:
    stocked = {"stock.csv": "item,quantity\nF,2\nK,1\nR,3\n"}
    part = society([order(requested="2024-02-10")], stocked).part("t/1/1")
    assert [shape(twig) for twig in part.twigs] == [
        ("stock", "F", 2),
        (
            "WO-000001",
            "F",
            3,
            ("stock", "K", 1),
            ("WO-000002", "K", 2, ("stock", "R", 3), ("PO-000001", "R", 1)),
        ),
    ]


def test_what_binds_is_marked_in_the_tree() -> None:
    [made] = society([order()]).part("t/1/1").twigs
    [below] = made.twigs
    [bought] = below.twigs
    assert [twig.binding for twig in (made, below, bought)] == [False, False, True]


def planned(item: str, of: str, time: int, units: int) -> dict[str, object]:
    """A dated event."""
    return {"item": item, "document": of, "time": time, "quantity": units, "status": "planned"}


def purposes(use: Use) -> tuple[object, ...]:
    """A use as document, units, and what is above."""
    return (use.document, use.units, *(purposes(each) for each in use.uses))


def ends(uses: tuple[Use, ...]) -> Iterator[Use]:
    """The order lines that uses end in."""
    for use in uses:
        yield from [use] if use.state else ends(use.uses)


def test_a_purchase_order_that_two_orders_share_is_for_both_with_their_shares() -> None:
    found = society([order("1", "5", "2024-01-25T12:00"), order("2", "3", "2024-01-25T18:00")])
    [answer] = found.why("PO-000001").supplies
    assert answer.supply.quantity == 16
    assert [purposes(use) for use in answer.uses] == [
        ("WO-000002", 10, ("WO-000001", 5, ("t/1/1", 5))),
        ("WO-000004", 6, ("WO-000003", 3, ("t/2/1", 3))),
    ]


def test_what_of_a_supply_nobody_ordered_is_for_safety_stock_and_for_stock() -> None:
    kept = {
        "items.csv": "item,kind,supply,lead_time_days,safety_stock\n"
        "F,finished,make,1,\nK,intermediate,make,1,\nR,raw,buy,,4\n",
        "offers.csv": "supplier,item,unit_price,lead_time_days,minimum\nS,R,3,20,50\n",
    }
    found = society([order(requested="2024-01-25")], kept)
    [first, *_] = sorted(found.books.purchases, key=lambda row: row.due)
    uses = found.why(first.number).supplies[0].uses
    assert {use.document: use.units for use in uses} == {"WO-000002": 10, "safety_stock": 4, "stock": 36}


def test_a_purchase_says_which_lines_would_be_earlier_if_it_came_earlier() -> None:
    twenty = {"offers.csv": "supplier,item,unit_price,lead_time_days,minimum\nS,R,3,20,20\n"}
    found = society([order("1", "5"), order("2", "5", "2024-01-30")], twenty)
    [answer] = found.why("PO-000001").supplies
    assert {(use.document, use.state, use.binding) for use in ends(answer.uses)} == {
        ("t/1/1", PartState.LATE, True),
        ("t/2/1", PartState.ON_TIME, False),
    }


def test_a_supply_that_is_needed_twice_is_opened_once() -> None:
    twice = {
        "items.csv": "item,kind,supply,lead_time_days,lot_minimum\nF,finished,make,1,\nA,intermediate,make,1,\n"
        "B,intermediate,make,1,\nK,intermediate,make,1,50\nR,raw,buy,,\n",
        "bom.csv": "parent,component,quantity\nF,A,1\nF,B,1\nA,K,1\nB,K,1\nK,R,1\n",
    }
    [made] = society([order(requested="2024-02-10")], twice).part("t/1/1").twigs
    [one_way, other_way] = [twig.twigs[0] for twig in made.twigs]
    assert one_way.document == other_way.document
    assert (len(one_way.twigs), one_way.repeated) == (1, False)
    assert (len(other_way.twigs), other_way.repeated) == (0, True)


def test_a_circle_of_pegs_ends() -> None:
    found = society([order(requested="2024-02-10")])
    events = [
        *found.books.events,
        {"item": "F", "document": "WO-000002", "time": found.books.now, "quantity": -9, "status": "planned"},
    ]
    works = [
        replace(w, components=(*w.components, ("F", 9))) if w.number == "WO-000002" else w
        for w in found.books.work_orders
    ]
    explanation = explain(replace(found.books, events=events, work_orders=works), "t/1/1")
    assert explanation.lines[0].parts


def entangled(levels: int) -> Part:
    """A line below which are levels of two work orders, each of which needs both below: a billion ways, few pegs."""
    found = society([order(requested="2024-02-10")])
    [top] = [w for w in found.books.work_orders if w.number == "WO-000001"]
    items, orders = dict(found.plant.items), [top]
    events = [planned("F", "t/1/1", top.finish, -5), planned("F", "WO-000001", top.finish, 5)]
    above = [top]
    for level in range(levels):
        code, time = f"L{level}", above[0].start
        items[code] = replace(items["K"], code=code)
        below = [
            replace(top, number=f"W{level}{side}", item=code, quantity=3, start=time - 60, finish=time) for side in "ab"
        ]
        needs = [4, 2] if len(above) == 2 else [6]
        events.extend(planned(code, w.number, time, 3) for w in below)
        events.extend(planned(code, w.number, time, -need) for w, need in zip(above, needs, strict=True))
        orders.extend(below)
        above = below
    plant = replace(found.plant, items=items)
    books = replace(found.books, plant=plant, events=events, work_orders=orders, purchases=[])
    [part] = explain(books, "t/1/1").lines[0].parts
    return part


def every(twigs: tuple[Twig, ...]) -> Iterator[Twig]:
    """All twigs of a tree."""
    for twig in twigs:
        yield twig
        yield from every(twig.twigs)


def test_many_levels_that_share_their_components_make_no_more_twigs_than_pegs() -> None:
    twigs = list(every(entangled(30).twigs))
    assert 60 < len(twigs) <= 91
    assert not any(twig.cut for twig in twigs)


def test_a_tree_deeper_than_any_bill_is_cut_where_it_says_so() -> None:
    twigs = list(every(entangled(100).twigs))
    assert len(twigs) <= 3 * 61
    assert any(twig.cut for twig in twigs)


# -- names


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("t u/1 #2", DocumentKind.ORDER),
        ("t%20u/1%20%232", DocumentKind.ORDER),
        ("t u/1 #2/1", DocumentKind.LINE),
        ("t%20u/1%20%232/1", DocumentKind.LINE),
        ("WO-000001", DocumentKind.WORK_ORDER),
        ("PO-000001", DocumentKind.PURCHASE_ORDER),
        ("SH-000001", DocumentKind.SHIPPING_ORDER),
    ],
)
def test_documents_are_known_by_the_names_that_people_and_tables_use(name: str, kind: DocumentKind) -> None:
    asked = {**order("1 #2"), "source": "t u"}
    found = society([asked]).why(name)
    assert found.kind is kind
    assert found.lines or found.supplies


def test_a_name_that_may_be_two_documents_is_to_be_written_in_full() -> None:
    asked = [{**order("b"), "source": "t/a"}, {**order("a/b"), "source": "t"}]
    found = society(asked)
    with pytest.raises(UnknownDocumentError, match=r"may be any of t%2Fa/b, t/a%2Fb"):
        found.why("t/a/b")
    assert found.why("t/a%2Fb").lines


def test_a_name_that_nobody_knows_is_answered_with_those_near_it() -> None:
    found = society([order("SO-1001"), order("SO-1002")])
    for name in ("SO-1001", "T/so-1001", "t/SO-1003"):
        with pytest.raises(UnknownDocumentError, match=f"{name} is not known; near it are .*t/SO-1001"):
            found.why(name)
    with pytest.raises(UnknownDocumentError, match=r"is not known$"):
        found.why("zzzzzzzzzz")


def test_supply_that_is_done_is_for_nothing_any_more() -> None:
    life = [
        order(requested="2024-01-25"),
        document("goods_receipt", "01-24T00:00:00", purchase_order="PO-000001", quantity="10"),
    ]
    [answer] = society(life).why("PO-000001").supplies
    assert answer.supply.status is SupplyStatus.DONE
    assert answer.uses == ()

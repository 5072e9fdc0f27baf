"""Reports from the shop floor."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agents.planner.floor import FloorReportError, after_downtime, apply_report
from agents.planner.pushing import push_back
from agents.planner.state import State
from knowledge.documents import MachineDowntime, OperationReport
from knowledge.instants import iso
from knowledge.plant import SupplyStatus, WorkCentre
from knowledge.supply import OperationSlot, Supply, WorkOrder
from tests.agents.planner.plants import NOW, bom, bought, day, made, place, plant, route, state

_HOUR = 3600

PLANT = plant(
    [made("A"), bought("R")],
    boms=[bom("A", ("R", 1))],
    routes=[route("A", ("W", 60), ("X", 60))],
    centres=[WorkCentre("W"), WorkCentre("X")],
)


def begun() -> State:
    """Ten of A on order WO-000001, due as early as can be, components on the shelf."""
    planner = state(PLANT, {"R": 30})
    place(planner, 1, ("A", 10, NOW + 20 * _HOUR))
    planner.release_due()
    planner.begin(NOW)
    return planner


def report(planner: State, **values: object) -> WorkOrder | None:
    """Report on the order; what it is then, None where it is closed."""
    apply_report(planner, OperationReport.model_validate({"work_order": "WO-000001", **values}))
    found: Supply | None = planner.find_supply("WO-000001")
    return found if isinstance(found, WorkOrder) else None


def test_good_pieces_of_the_last_step_come_to_stock() -> None:
    planner = begun()
    order = report(planner, step="20", good="4")
    assert order is not None
    assert (order.made, order.receipt, planner.book.on_hand["A"]) == (4, 6, 4)


def test_a_report_of_the_whole_order_closes_it_when_all_is_there() -> None:
    planner = begun()
    assert report(planner, good="10") is None
    assert planner.closed["WO-000001"].status is SupplyStatus.DONE


def test_what_is_complete_brings_nothing_more() -> None:
    planner = begun()
    assert report(planner, good="7", complete=True) is None
    assert planner.book.on_hand["A"] == 7


def test_scrap_of_an_earlier_step_will_not_come() -> None:
    order = report(begun(), step="10", good="8", scrap="2")
    assert order is not None
    assert order.receipt == 8


def test_a_step_that_finished_late_pushes_the_next() -> None:
    order = report(begun(), step="10", good="10", finished=iso(NOW + 15 * _HOUR))
    assert order is not None
    assert [slot.finish for slot in order.operations] == [NOW + 15 * _HOUR, NOW + 25 * _HOUR]
    assert order.finish == NOW + 25 * _HOUR


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"work_order": "WO-9"}, "is not known"),
        ({"step": "99"}, "has no step 99, only 10, 20"),
        ({"good": "0.5"}, "is not a whole number"),
    ],
)
def test_a_report_that_cannot_be_true_is_refused_and_says_why(values: dict[str, object], problem: str) -> None:
    with pytest.raises(FloorReportError, match=problem):
        report(begun(), **values)


def downtime(planner: State, begin: int, end: int, work_centre: str = "W") -> set[int]:
    """A work centre is down."""
    return after_downtime(planner, MachineDowntime(work_centre=work_centre, start=iso(begin), end=iso(end)))


def test_firm_work_waits_for_the_machine() -> None:
    planner = begun()
    downtime(planner, NOW + 5 * _HOUR, NOW + 8 * _HOUR)
    order = planner.find_supply("WO-000001")
    assert isinstance(order, WorkOrder)
    assert [slot.finish for slot in order.operations] == [NOW + 13 * _HOUR, NOW + 23 * _HOUR]


def test_a_promise_that_the_downtime_breaks_is_given_anew() -> None:
    planner = begun()
    assert planner.repair(downtime(planner, NOW + 5 * _HOUR, NOW + 8 * _HOUR), "W is down", "W") == ["t/1"]
    assert [r.promised for r in planner.releases.values()] == [NOW + 23 * _HOUR]


@pytest.mark.parametrize("numbers", [("1", "2"), ("2", "1")])
def test_of_firm_work_that_begins_together_the_order_numbered_first_goes_first(numbers: tuple[str, str]) -> None:
    planner = state(PLANT)
    slot = OperationSlot("10", "W", 1, NOW, NOW + _HOUR, 60)
    for number in numbers:
        planner.set_firm(WorkOrder(number, "A", 1, NOW, NOW + _HOUR, SupplyStatus.FIRM, operations=(slot,)))
    push_back(planner, planner.book.firm_work_orders(["A"]))
    begins = {order.number: order.operations[0].start for order in planner.book.firm_work_orders(["A"])}
    assert begins == {"1": NOW, "2": NOW + _HOUR}


@pytest.mark.parametrize(("centre", "end", "problem"), [("Z", 1, "is not known"), ("W", -1, "ends before it begins")])
def test_a_downtime_that_cannot_be_is_refused(centre: str, end: int, problem: str) -> None:
    with pytest.raises(FloorReportError, match=problem):
        downtime(begun(), day(1), day(1 + end), centre)


def test_quantities_are_exact() -> None:
    assert Decimal("4") == OperationReport(work_order="x", good=Decimal(4)).good

"""The planner's decisions: what an order, a change, a fact makes of the plan, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from agents.planner.state import State
from knowledge.instants import HOUR, iso
from knowledge.plant import Customer, LotRule, Offer, SupplyStatus, WorkCentre
from knowledge.supply import PurchaseRow, WorkOrder
from tests.agents.planner.plants import (
    NOW,
    bom,
    bought,
    day,
    drop,
    made,
    offer,
    place,
    plant,
    promised,
    route,
    state,
    supply,
    with_customer,
)

TWO_LEVELS = plant(
    [made("A", 1), made("B", 1), bought("R")],
    boms=[bom("A", ("B", 1)), bom("B", ("R", 2))],
    offers=[offer("S", "R", days=2)],
)


def by_item(planner: State) -> dict[str, list[int]]:
    """Quantities of planned supply by item."""
    found: dict[str, list[int]] = {}
    for item, quantity, _, _ in supply(planner).values():
        found.setdefault(item, []).append(quantity)
    return found


def test_an_order_is_supplied_at_every_level_as_late_as_keeps_its_date() -> None:
    planner = state(TWO_LEVELS, {"B": 2})
    place(planner, 1, ("A", 5, day(10)))
    assert promised(planner, 1) == [(5, day(10))]
    rows = {item: rest for item, *rest in supply(planner).values()}
    assert rows == {"A": [5, day(9), day(10)], "B": [3, day(8), day(9)], "R": [6, day(6), day(8)]}


def test_an_order_that_cannot_be_in_time_is_promised_for_the_earliest_with_the_reason() -> None:
    planner = state(TWO_LEVELS)
    place(planner, 1, ("A", 5, day(2)))
    assert promised(planner, 1) == [(5, day(4))]
    [release] = planner.releases.values()
    assert release.reason.startswith("R cannot be bought by")


def test_a_cancelled_order_leaves_nothing() -> None:
    planner = state(TWO_LEVELS, {"B": 2})
    place(planner, 1, ("A", 5, day(10)))
    drop(planner, 1)
    assert (supply(planner), planner.releases, planner.orders) == ({}, {}, {})


def test_supply_keeps_its_number_while_its_need_grows() -> None:
    planner = state(TWO_LEVELS)
    place(planner, 1, ("A", 5, day(10)))
    before = set(supply(planner))
    place(planner, 1, ("A", 9, day(12)))
    assert set(supply(planner)) == before
    assert by_item(planner) == {"A": [9], "B": [9], "R": [18]}


def test_a_number_is_never_given_to_another_need() -> None:
    planner = state(TWO_LEVELS)
    place(planner, 1, ("A", 5, day(10)))
    drop(planner, 1)
    place(planner, 2, ("A", 5, day(10)))
    assert sorted(supply(planner)) == ["PO-000002", "WO-000003", "WO-000004"]


def test_a_decision_is_undone_exactly() -> None:
    planner = state(TWO_LEVELS, {"B": 2})
    place(planner, 1, ("A", 5, day(10)))
    kept = supply(planner), dict(planner.releases), dict(planner.orders), replace(planner.counters)
    place(planner, 2, ("A", 7, day(3)))
    planner.undo()
    assert (supply(planner), planner.releases, planner.orders, planner.counters) == kept


def test_an_unchanged_line_keeps_its_release_when_another_changes() -> None:
    planner = state(TWO_LEVELS)
    place(planner, 1, ("A", 5, day(10)), ("B", 3, day(10)))
    before = planner.releases["t/1/1"]
    place(planner, 1, ("A", 5, day(10)), ("B", 8, day(10)))
    assert planner.releases["t/1/1"] == before
    assert planner.releases["t/1/2"].quantity == 8


def test_safety_stock_is_planned_for_and_gives_way_before_an_order_is_late() -> None:
    planner = state(plant([bought("R", safety=5)], offers=[offer("S", "R", days=4)]), {"R": 5})
    assert supply(planner) == {}
    place(planner, 1, ("R", 5, day(1)))
    assert promised(planner, 1) == [(5, day(1))]
    assert by_item(planner) == {"R": [5]}


def test_lots_are_raised_and_cut() -> None:
    of = plant([made("A", 1, lot=LotRule(4, 10, 4))])
    planner = state(of)
    place(planner, 1, ("A", 13, day(5)))
    assert by_item(planner) == {"A": [8, 8]}


def released(number: str, item: str, quantity: int, due: int) -> PurchaseRow:
    """A purchase that was issued."""
    return PurchaseRow(number, 1, "S", item, quantity, Decimal(1), "EUR", NOW, due, SupplyStatus.RELEASED)


def fact(planner: State, row: PurchaseRow) -> list[str]:
    """The supplier confirms another date; the orders concerned."""
    planner.begin(NOW)
    planner.set_firm(row)
    return planner.repair([planner.book.shop.group_of[row.item]], "P has changed", row.document)


def test_a_promise_whose_supply_slips_is_given_anew_and_says_why() -> None:
    planner = state(plant([bought("R")]))
    fact(planner, released("P", "R", 5, day(3)))
    place(planner, 1, ("R", 5, day(4)))
    assert fact(planner, released("P", "R", 5, day(8))) == ["t/1"]
    assert promised(planner, 1) == [(5, day(8))]
    assert planner.releases["t/1/1"].reason.startswith("P has changed: promised")
    [message] = planner.messages.values()
    assert (message.action, message.document) == ("expedite", "P")


@pytest.mark.parametrize(
    ("quantity", "due", "offers", "said"),
    [
        (0, 3, [], "t/1/1 was promised for {four} and cannot be supplied any more"),
        (3, 3, [], "t/1/1 was promised for {four}; of 5, 2 cannot be supplied any more"),
        (5, 8, [], "t/1/1 was promised for {four}, now {eight}"),
        (3, 3, [offer("S", "R", days=8)], "t/1/1 was promised for {four}; of 5, 2 now for {eight}"),
        (3, 8, [], "t/1/1 was promised for {four}; of 5, 3 now for {eight}, 2 cannot be supplied any more"),
    ],
)
def test_the_message_on_a_slip_says_which_part_comes_when_and_what_never_comes(
    quantity: int, due: int, offers: list[Offer], said: str
) -> None:
    planner = state(plant([bought("R")], offers=offers))
    fact(planner, released("P", "R", 5, day(3)))
    place(planner, 1, ("R", 5, day(4)))
    fact(planner, released("P", "R", quantity, day(due)))
    [reason] = [m.reason for m in planner.messages.values() if m.action == "expedite"]
    zone = planner.plant.zone
    assert reason == "P has changed; " + said.format(four=iso(day(4), zone), eight=iso(day(8), zone))


def test_a_promise_that_still_holds_is_left_alone() -> None:
    planner = state(plant([bought("R")]))
    fact(planner, released("P", "R", 5, day(3)))
    place(planner, 1, ("R", 5, day(4)))
    before = dict(planner.releases)
    assert fact(planner, released("P", "R", 5, day(4))) == []
    assert planner.releases == before


@pytest.mark.parametrize("anew", [False, True])
def test_what_should_have_left_is_looked_at_once_a_day_whether_the_society_was_made_anew_or_not(anew: bool) -> None:
    planner, purchase = state(plant([bought("R")])), released("P", "R", 5, day(3))
    fact(planner, purchase)
    place(planner, 1, ("R", 5, day(3)))
    looks = [(day(4), []), (day(4) + HOUR, ["t/1/1"]), (day(4) + 2 * HOUR, []), (day(5), []), (day(5) + 1, ["t/1/1"])]
    for now, overdue in looks:
        planner.begin(now)
        planner.set_firm(replace(purchase, due=max(purchase.due, day(4))))  # what of it came first may say when it ends
        if anew:
            planner.remember_due()
        assert list(planner.late_departures()) == overdue


def test_each_promise_made_anew_names_the_overdue_supply_that_it_waits_for_itself() -> None:
    planner = state(plant([bought("R"), bought("Q")]))
    for number, (item, due) in enumerate((("R", 3), ("Q", 2)), 1):
        fact(planner, released(f"P{item}", item, 5, day(due)))
        place(planner, number, (item, 5, day(due)))
    planner.begin(day(3) + HOUR)
    assert planner.repair_overdue(lambda order: False) == ["t/1", "t/2"]
    assert {line: said.reason.partition(":")[0] for line, said in planner.releases.items()} == {
        "t/1/1": "PR for R is overdue",
        "t/2/1": "PQ for Q is overdue",
    }
    assert {(m.document, m.time) for m in planner.messages.values()} == {("PR", day(3)), ("PQ", day(2))}


def test_what_was_planned_before_a_restart_is_remembered_before_facts_change_it() -> None:
    planner = state(plant([bought("R"), bought("Q")], offers=[offer("S", "R", days=2)]))
    fact(planner, released("P", "R", 5, day(3)))
    place(planner, 1, ("R", 5, day(4)))
    planner.lives.clear()
    planner.plans.clear()
    planner.remember_plans()
    planner.begin(day(1))
    planner.set_firm(released("P", "R", 0, day(3)))
    assert [plan.feasible for plan in planner.plans.values()] == [True]
    assert planner.plans[0].buying == {}


def test_where_policy_asks_the_promise_stays_and_is_at_risk() -> None:
    planner = state(plant([bought("R")]))
    fact(planner, released("P", "R", 5, day(3)))
    place(planner, 1, ("R", 5, day(4)))
    planner.begin(NOW)
    planner.set_firm(released("P", "R", 5, day(8)))
    planner.repair([0], "P has changed", "P", lambda order: True)
    release = planner.releases["t/1/1"]
    assert (release.at_risk, release.promised, release.ship) == (True, day(4), day(8))
    planner.settle("t/1")
    assert promised(planner, 1) == [(5, day(8))]


def test_firm_supply_that_lost_its_need_gets_a_message_to_cancel_it() -> None:
    planner = state(plant([bought("R")]))
    fact(planner, released("P", "R", 5, day(3)))
    place(planner, 1, ("R", 5, day(4)))
    drop(planner, 1)
    [message] = planner.messages.values()
    assert (message.action, message.document, message.quantity) == ("cancel", "P", 5)


def test_supply_that_is_due_is_issued_and_draws_its_components() -> None:
    planner = state(plant([made("A", 2), bought("R")], boms=[bom("A", ("R", 1))]), {"R": 5})
    place(planner, 1, ("A", 5, day(2)))
    groups, stuck = planner.release_due()
    assert (len(groups), stuck) == (1, [])
    order = planner.find_supply("WO-000001")
    assert isinstance(order, WorkOrder)
    assert (order.status, order.drawn, planner.book.on_hand["R"]) == (SupplyStatus.RELEASED, True, 0)


def test_the_turn_of_a_planned_order_is_forgotten_once_it_is_issued() -> None:
    planner = state(plant([made("A", 1)]))
    for number in range(70):  # so many that new ones are placed besides those before them
        place(planner, number, ("A", 5, day(10 + number % 7)))
    assert planner.book.turns
    planner.begin(day(12))
    planner.release_due()
    planned = [s for s in planner.planned["A"].values() if isinstance(s, WorkOrder)]
    assert 0 < len(planned) < 70
    assert planner.book.turns == {order.key: order.turn for order in planned if order.turn}


def test_supply_that_waits_for_an_approval_is_not_issued() -> None:
    planner = state(plant([made("A", 2)]))
    place(planner, 1, ("A", 5, day(2)))
    planner.release_due(lambda order: True)
    assert [s.status for members in planner.planned.values() for s in members.values()] == [SupplyStatus.PLANNED]


def test_what_was_to_begin_and_could_not_is_stuck() -> None:
    planner = state(plant([made("A", 2), made("B")], boms=[bom("A", ("B", 1))]))
    place(planner, 1, ("A", 5, day(2)))
    planner.release_due()
    planner.begin(day(1))
    _, stuck = planner.release_due()
    assert [s.item for s in stuck] == ["A"]


@pytest.mark.parametrize(("partial", "dates"), [(True, [(2, NOW), (3, day(1))]), (False, [(5, day(1))])])
def test_partial_shipments_go_where_the_customer_takes_them(partial: bool, dates: list[tuple[int, int]]) -> None:
    of = with_customer(plant([made("A", 1)]), Customer("C", partial_shipments=partial))
    planner = state(of, {"A": 2})
    place(planner, 1, ("A", 5, NOW))
    assert promised(planner, 1) == dates


def test_transit_is_promised_and_shipped_ahead_of() -> None:
    of = with_customer(plant([made("A", 1)]), Customer("C", transit_days=Decimal(2)))
    planner = state(of)
    place(planner, 1, ("A", 5, day(6)))
    [release] = planner.releases.values()
    assert (release.ship, release.promised) == (day(4), day(6))


def test_machines_are_shared_without_breaking_earlier_promises() -> None:
    of = plant([made("A")], routes=[route("A", ("W", 60))], centres=[WorkCentre("W")])
    planner = state(of)
    place(planner, 1, ("A", 24, day(1)))
    place(planner, 2, ("A", 24, day(1)))
    assert promised(planner, 1) == [(24, day(1))]
    assert sum(quantity for quantity, _ in promised(planner, 2)) == 24
    assert promised(planner, 2)[-1][1] == day(2)


def test_a_rejected_order_is_infeasible_with_the_reason() -> None:
    planner = state(TWO_LEVELS)
    place(planner, 1, ("A", 5, day(10)))
    planner.begin(NOW)
    planner.reject("t/1", "too late")
    [missing] = planner.orders["t/1"].missing
    assert (missing.quantity, missing.reason, missing.status) == (5, "too late", "infeasible")
    assert supply(planner) == {}


def test_an_order_waits_until_every_decision_on_it_is_made() -> None:
    planner = state(TWO_LEVELS)
    place(planner, 1, ("A", 5, day(10)))
    planner.hold("t/1", ["t/1", "PO-000001"])
    planner.approve("t/1", "t/1")
    assert all(release.held for release in planner.releases.values())
    planner.approve("t/1", "PO-000001")
    assert not any(release.held for release in planner.releases.values())


def test_approved_supply_is_firm_and_a_growing_need_gets_a_new_order() -> None:
    planner = state(TWO_LEVELS)
    place(planner, 1, ("A", 5, day(10)))
    planner.firm_up("WO-000001")
    place(planner, 1, ("A", 9, day(10)))
    firm = planner.find_supply("WO-000001")
    assert firm is not None
    assert (firm.quantity, firm.status) == (5, SupplyStatus.FIRM)
    assert by_item(planner)["A"] == [4]


def test_what_could_not_be_placed_anew_is_placed_anew_as_soon_as_that_is_possible() -> None:
    planner = state(plant([made("A", 5)]))
    place(planner, 1, ("A", 3, day(20)))
    planner.book.fragile.add(planner.book.shop.group_of["A"])
    place(planner, 2, ("A", 3, day(10)))
    assert not planner.book.fragile

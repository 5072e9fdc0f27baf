"""What belongs to somebody: made for a custom line, or reserved for a customer."""

from __future__ import annotations

from dataclasses import replace

from agents.planner.floor import apply_report
from agents.planner.forward import Forward
from agents.planner.regenerate import Plan
from agents.planner.state import State
from knowledge.documents import OperationReport
from knowledge.earmarks import customer_holder
from knowledge.instants import Instant
from knowledge.plant import LotRule, SupplyStatus
from knowledge.supply import WorkOrder
from protocols.orders import LineClass
from tests.agents.planner.plants import NOW, bom, bought, day, drop, facts, made, offer, place, plant, promised, state

ONE = plant([made("A", 5)])
LINE = "t/1/1"


def custom(planner: State, number: int, *wants: tuple[int, Instant]) -> None:
    """Plan an order of one custom line of A, as one decision."""
    asked = facts(number, ("A", sum(units for units, _ in wants), None))
    line = asked.lines[0].model_copy(update={"wants": wants})
    planner.begin(planner.now)
    planner.plan_order(asked.model_copy(update={"lines": (line,)}), [LineClass(line="1", classified_as="custom")])


def reserve(planner: State, item: str, customer: str, units: int) -> None:
    """Reserve stock for a customer, as one decision."""
    planner.begin(planner.now)
    planner.earmark(item, customer_holder(customer), units)


def orders(planner: State) -> dict[str, WorkOrder]:
    """Open work orders by number."""
    return {s.number: s for s in planner._open_supply() if isinstance(s, WorkOrder)}


def kept(planner: State) -> dict[str, int]:
    """How much of each open work order is kept."""
    return {number: order.kept for number, order in orders(planner).items()}


def begin_work(planner: State, number: str) -> None:
    """Release a work order, as one decision."""
    planner.begin(planner.now)
    order = orders(planner)[number]
    planner.drop_planned(order)
    planner.set_firm(replace(order, status=SupplyStatus.RELEASED, drawn=True))
    planner.adopt(planner.book.shop.groups)


def report(planner: State, number: str, good: str, scrap: str = "0", *, complete: bool = False) -> None:
    """Take a report, as one decision."""
    planner.begin(planner.now)
    told = OperationReport(
        type="operation_report", work_order=number, good=good, scrap=scrap, complete=complete, received=None
    )
    planner.repair(apply_report(planner, told), "a report", number)


def test_a_work_order_is_kept_for_the_custom_line_that_it_is_made_for() -> None:
    planner = state(ONE)
    custom(planner, 1, (4, day(20)))
    place(planner, 2, ("A", 3, day(10)))
    assert kept(planner) == {"WO-000001": 4, "WO-000002": 0}


def test_excess_of_a_lot_is_kept_as_far_as_the_line_needs_it_later() -> None:
    planner = state(plant([made("A", 5, lot=LotRule(multiple=10))]))
    custom(planner, 1, (4, day(20)), (3, day(30)))
    assert kept(planner) == {"WO-000001": 7}
    place(planner, 2, ("A", 4, day(25)))
    assert [(o.quantity, o.kept) for o in orders(planner).values()] == [(10, 7), (10, 0)]
    assert planner.pegs("A").of_supply()["WO-000001"] == [("t/1/1", 4), ("t/2/1", 3), ("t/1/1#200", 3)]


def test_pieces_brought_to_stock_stay_the_lines_own_until_it_ships() -> None:
    planner = state(ONE)
    custom(planner, 1, (4, day(20)))
    begin_work(planner, "WO-000001")
    report(planner, "WO-000001", "3", "1")
    assert (planner.book.earmarks, planner.book.free("A")) == ({"A": {LINE: 3}}, 0)
    planner.begin(planner.now)
    first = min((r for r in planner.releases.values()), key=lambda r: r.document)
    planner.ship(first.document)
    planner.set_on_hand("A", 3 - first.quantity)
    planner.adopt(planner.book.shop.groups)
    assert planner.book.earmarks == {"A": {LINE: 3 - first.quantity} if first.quantity < 3 else {}}


def test_of_what_is_made_a_line_keeps_what_it_needs_and_not_what_is_owed() -> None:
    planner = state(ONE)
    custom(planner, 1, (2, day(5)), (1, day(20)))
    planner.begin(planner.now)
    planner.ship("t/1/1")  # before it was booked in
    planner.set_on_hand("A", -2)
    planner.adopt(planner.book.shop.groups)
    assert sum(order.quantity for order in orders(planner).values()) == 3
    assert sum(kept(planner).values()) == 1


def test_what_left_before_it_was_booked_in_is_owed_by_the_lines_own_work() -> None:
    planner = state(ONE)
    custom(planner, 1, (2, day(5)), (1, day(20)))
    begin_work(planner, "WO-000001")  # for what is to leave first
    assert kept(planner) == {"WO-000001": 2, "WO-000002": 1}
    planner.begin(planner.now)
    planner.ship("t/1/1")
    planner.set_on_hand("A", -2)
    planner.adopt(planner.book.shop.groups)
    assert kept(planner) == {"WO-000001": 0, "WO-000002": 1}
    report(planner, "WO-000001", "2")
    assert (planner.book.on_hand["A"], planner.book.earmarks) == (0, {})


def test_a_piece_that_somebody_else_took_ahead_is_on_nobodys_shelf() -> None:
    planner = state(ONE)
    custom(planner, 1, (2, day(20)))
    place(planner, 2, ("A", 1, day(10)))
    begin_work(planner, "WO-000001")
    planner.begin(planner.now)
    planner.ship("t/2/1")  # before its own work was booked in
    planner.set_on_hand("A", -1)
    planner.adopt(planner.book.shop.groups)
    report(planner, "WO-000001", "2")
    assert (planner.book.on_hand["A"], planner.book.earmarks) == (1, {"A": {LINE: 1}})


def test_scrap_is_missed_by_what_is_free_first() -> None:
    planner = state(plant([made("A", 5, lot=LotRule(multiple=5))]))
    custom(planner, 1, (3, day(20)))
    begin_work(planner, "WO-000001")
    report(planner, "WO-000001", "0", "2")
    assert kept(planner) == {"WO-000001": 3}
    report(planner, "WO-000001", "0", "1")
    assert kept(planner)["WO-000001"] == 2


def test_a_line_that_grows_again_takes_nothing_back() -> None:
    planner = state(ONE)
    custom(planner, 1, (4, day(20)))
    begin_work(planner, "WO-000001")
    drop(planner, 1)
    assert kept(planner) == {"WO-000001": 0}
    place(planner, 2, ("A", 4, day(21)))
    custom(planner, 1, (4, day(22)))
    assert planner.pegs("A").of_supply()["WO-000001"] == [("t/2/1", 4)]
    assert (promised(planner, 1), promised(planner, 2)) == ([(4, day(22))], [(4, day(21))])


def test_a_decision_that_is_taken_back_leaves_earmarks_as_they_were() -> None:
    planner = state(ONE, {"A": 4})
    reserve(planner, "A", "C", 3)
    planner.begin(planner.now)
    planner.set_on_hand("A", 1)
    assert planner.book.earmarks == {"A": {customer_holder("C"): 1}}
    planner.undo()
    assert planner.book.earmarks == {"A": {customer_holder("C"): 3}}


def test_a_count_loses_free_stock_first_then_what_customers_reserved_then_custom_parts() -> None:
    planner = state(ONE, {"A": 10})
    reserve(planner, "A", "C", 3)
    reserve(planner, "A", "D", 3)
    planner.earmark("A", LINE, 2)
    for units, left in ((9, (3, 3, 2)), (7, (2, 3, 2)), (4, (0, 2, 2)), (1, (0, 0, 1)), (-2, (0, 0, 0))):
        planner.set_on_hand("A", units)
        shelf = planner.book.earmarks["A"]
        assert tuple(shelf.get(h, 0) for h in (customer_holder("C"), customer_holder("D"), LINE)) == left


def test_reserved_stock_is_for_its_customer_alone() -> None:
    planner = state(ONE, {"A": 6})
    reserve(planner, "A", "C", 4)
    place(planner, 1, ("A", 3, day(1)), customer="D")
    assert promised(planner, 1) == [(2, day(1)), (1, day(5))]
    place(planner, 2, ("A", 5, day(1)), customer="C")
    assert promised(planner, 2) == [(4, day(1)), (1, day(5))]


def test_work_orders_do_not_draw_what_is_reserved() -> None:
    planner = state(
        plant([made("A", 5), bought("R")], boms=[bom("A", ("R", 1))], offers=[offer("S", "R", days=2)]), {"R": 6}
    )
    reserve(planner, "R", "C", 4)
    place(planner, 1, ("A", 3, day(5)), customer="D")
    assert promised(planner, 1) == [(2, day(5)), (1, day(7))]
    planner.begin(planner.now)
    planner.release_due()
    assert {o.quantity: o.status for o in orders(planner).values()} == {
        2: SupplyStatus.RELEASED,
        1: SupplyStatus.PLANNED,
    }
    assert planner.book.free("R") == 0


def test_what_may_be_promised_is_more_for_a_holder() -> None:
    planner = state(ONE, {"A": 6})
    reserve(planner, "A", "C", 4)
    ours = frozenset([customer_holder("C")])
    assert Forward(planner.book, Plan(0)).staircase("A") == [(NOW, 2)]
    assert Forward(planner.book, Plan(0), holders=ours).staircase("A") == [(NOW, 6)]
    place(planner, 1, ("A", 3, day(1)), customer="C")
    plan = planner.plans[planner.book.shop.group_of["A"]]
    assert Forward(planner.book, plan).staircase("A") == [(NOW, 2)]
    assert Forward(planner.book, plan, holders=ours).staircase("A") == [(NOW, 3)]


def test_parts_of_a_changed_line_are_named_apart_from_what_has_left() -> None:
    planner = state(ONE, {"A": 2})
    place(planner, 1, ("A", 5, day(1)))
    assert {d: r.quantity for d, r in planner.releases.items()} == {"t/1/1": 2, "t/1/1#2": 3}
    planner.begin(planner.now)
    planner.ship("t/1/1#2")
    planner.adopt(planner.book.shop.groups)
    place(planner, 1, ("A", 9, day(1)))
    assert sum(r.quantity for r in planner.releases.values()) == 9
    assert [r.quantity for r in planner.releases.values() if r.shipped] == [3]


def test_a_part_of_a_changed_line_is_split_again_when_its_work_brings_less() -> None:
    planner = state(ONE, {"A": 2})
    place(planner, 1, ("A", 5, day(1)))
    planner.begin(planner.now)
    planner.ship("t/1/1")
    planner.set_on_hand("A", 1)
    planner.adopt(planner.book.shop.groups)
    place(planner, 1, ("A", 9, day(1)))
    [part] = [document for document in planner.releases if document.count("#") == 2]
    number = next(name for name, order in orders(planner).items() if order.cause == part)
    begin_work(planner, number)
    planner.begin(day(2))
    report(planner, number, "1", complete=True)
    assert sum(r.quantity for r in planner.releases.values()) == 9
    assert planner.releases[part].quantity == 1


def test_what_begins_first_draws_first() -> None:
    boms = [bom("A", ("R", 1)), bom("B", ("R", 1))]
    planner = state(
        plant([made("A", 1), made("B", 3), bought("R")], boms=boms, offers=[offer("S", "R", days=2)]), {"R": 4}
    )
    place(planner, 1, ("A", 4, day(6)))
    place(planner, 2, ("B", 4, day(6)))
    planner.begin(day(5))
    planner.release_due()
    begun = [o.item for o in orders(planner).values() if o.status is SupplyStatus.RELEASED]
    assert begun == ["B"]

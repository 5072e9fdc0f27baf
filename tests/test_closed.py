"""What is closed does not stay in the agents' memory, and yet they know of it: they answer as if it did.

A society ships everything that it has promised, and then somebody comes back to it: with a change of an order that has
left, a report that was made already, the same document again. What it answers, and does, is the same whether its
planner forgets nothing, it is made anew from its database before every question, or it keeps as little as can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import agents.intake.orders
import agents.purchasing.agent
from agents.planner import past
from agents.planner.agent import PlannerAgent
from agents.planner.state import State
from agents.purchasing.agent import PurchasingAgent
from agents.runtime.simulated import SimulatedHost
from knowledge.deliveries import OnTime
from knowledge.instants import from_datetime
from knowledge.store.database import Store, Write
from knowledge.store.tables import (
    DeliveryRow,
    DemandRow,
    PromiseRow,
    PurchaseOrderRow,
    QuarantineRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from simulations.processing import Processing
from simulations.torture.documents import (
    DAY_MINUTES,
    START,
    cancel,
    change,
    confirmation,
    order,
    receipt,
    report,
    shipment,
)
from simulations.torture.moments import instant
from tests.effort import times
from tests.random_plants import Case, cases
from tests.test_histories import pass_time, tables_of
from tests.test_properties import society, take

_LONGEST_DAYS = 45
Question = Callable[[int], dict[str, Any]]


def run_out(processing: Processing, minutes: int) -> tuple[int, list[dict[str, Any]]]:
    """Report everything when it is due, until nothing is to leave any more; when that is, and the reports."""
    told: list[dict[str, Any]] = []
    for _ in range(_LONGEST_DAYS):
        minutes += DAY_MINUTES
        pass_time(processing, minutes)
        reports = list(_reports(processing, minutes + 1))
        for document in reports:
            take(processing, document)
        told += reports
        if not reports and not processing.store.rows(ShippingOrderRow, status=("planned", "released")):
            break
    return minutes + 2, told


def _reports(processing: Processing, minutes: int) -> Iterator[dict[str, Any]]:
    store, now = processing.store, instant(minutes)
    for row in store.rows(PurchaseOrderRow, status="released"):
        if row["due"] <= now:
            yield receipt(row["purchase_order"], row["item"], row["quantity"] - row["received"], minutes)
    for row in store.rows(WorkOrderRow, status="released"):
        if row["finish"] <= now:
            yield report(row["work_order"], None, row["quantity"] - row["made"], 0, minutes, complete=True)
    for number in sorted({row["shipping_order"] for row in store.rows(ShippingOrderRow, status="released")}):
        yield shipment(number, minutes)


@st.composite
def questions(draw: st.DrawFn, processing: Processing, told: list[dict[str, Any]], case: Case) -> list[Question]:
    """What somebody asks of what is closed, or as if it were not; each at some time."""
    store = processing.store
    known = sorted({d["number"] for d in case.documents if d["type"] == "customer_order"})
    orders = st.sampled_from(known)
    numbers = [row["work_order"] for row in store.rows(WorkOrderRow)]
    purchases = [(row["purchase_order"], row["item"]) for row in store.rows(PurchaseOrderRow)]
    shipments = [row["shipping_order"] for row in store.rows(ShippingOrderRow)]
    kinds: list[st.SearchStrategy[Question]] = [
        orders.map(lambda number: lambda at: cancel(number, at)),
        *[
            st.tuples(orders, st.sampled_from(["1", "1", "2", "3"]), st.sampled_from([0, 5, 26, 40, 60])).map(
                lambda drawn: lambda at: change(*drawn, None, at)
            )
        ]
        * 3,
        st.sampled_from([*case.documents, *told]).map(lambda document: lambda at: document),
        st.sampled_from([*shipments, "SH-000099"]).map(lambda number: lambda at: shipment(number, at)),
        st.sampled_from([*numbers, "WO-000099"]).map(lambda number: lambda at: report(number, None, 1, 0, at)),
    ]
    if purchases:
        kinds.append(st.sampled_from(purchases).map(lambda drawn: lambda at: receipt(*drawn, 1, at)))
        kinds.append(st.sampled_from(purchases).map(lambda drawn: lambda at: confirmation(*drawn, 2, None, at)))
    return draw(st.lists(st.one_of(kinds), min_size=3, max_size=6))


def again(processing: Processing, case: Case) -> Processing:
    """Another society that goes on from the database of one."""
    processing.host.stop()
    made = Processing(processing.store, case.files, from_datetime(START), outcome=processing.outcome)
    made.now = processing.now
    return made


def answers(case: Case, asked: list[Question] | None, restarted: bool) -> tuple[Any, ...]:
    """What a society answers, and the tables in the end."""
    processing = society(case)
    for document in case.documents:
        take(processing, document)
    minutes, told = run_out(processing, max(_minutes(processing), 1))
    if asked is None:
        return processing, told
    found: list[Any] = []
    for number, question in enumerate(asked):
        if restarted:
            processing = again(processing, case)
        take(processing, question(minutes + number * 60))
        outcome = processing.outcome
        found.append((outcome.accepted, outcome.duplicate, outcome.quarantined))
    said = [(row["document"], row["reason"]) for row in processing.store.rows(QuarantineRow)]
    return found, said, tables_of(processing)


def _minutes(processing: Processing) -> int:
    return (processing.now - from_datetime(START)) // 60 + 1


@settings(max_examples=times(4, 1000), deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(most=3), data=st.data())
def test_what_is_closed_is_answered_for_whether_it_is_remembered_or_not(case: Case, data: st.DataObject) -> None:
    processing, told = answers(case, None, restarted=False)
    asked = data.draw(questions(processing, told, case))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(past, "forget", lambda state, delta: [])
        one = answers(case, asked, restarted=False)
    note(f"{[question(0) for question in asked]}: {one[:2]}")
    assert answers(case, asked, restarted=True) == one
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agents.intake.orders, "AWAKE", 1)
        patch.setattr(agents.purchasing.agent, "AWAKE", 0)
        assert answers(case, asked, restarted=False) == one


@settings(max_examples=times(4, 500), deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(most=4))
def test_the_planner_remembers_what_it_would_if_it_were_made_anew_and_nothing_that_is_closed(case: Case) -> None:
    processing, _ = answers(case, None, restarted=False)
    state = planner(processing)
    open_ = {
        document for shelves in (state.planned, state.book.firm) for shelf in shelves.values() for document in shelf
    }
    assert set(state.item_of) == open_
    assert set(state.used) | set(state.needed) <= open_
    assert not state.closed
    assert all(not release.shipped or release.order in state.orders for release in state.releases.values())
    assert all(known.missing or _is_open(state, name) for name, known in state.orders.items())
    before = remembered(state)
    assert remembered(planner(again(processing, case))) == before


@pytest.mark.parametrize("restarted", [False, True])
def test_of_an_order_that_has_left_only_what_is_more_is_promised_anew(restarted: bool) -> None:
    items = "item,description,uom,decimals,kind,supply\nA,a,EA,0,finished,buy\n"
    case = Case({"items.csv": items, "customers.csv": "customer\nANY\n", "stock.csv": "item,quantity\nA,10\n"}, ())
    processing = society(case)
    take(processing, order("1", "ANY", [("A", 3, 0)], 0))
    minutes, _ = run_out(processing, 1)
    assert not planner(processing).releases
    if restarted:
        processing = again(processing, case)
    take(processing, change("1", "1", 5, None, minutes))
    shipped = {row["status"]: row["quantity"] for row in processing.store.rows(ShippingOrderRow)}
    assert shipped == {"done": 3, "released": 2}
    assert [row["quantity"] for row in processing.store.rows(PromiseRow)] == ["3", "2"]


def test_a_start_reads_no_more_however_much_is_closed() -> None:
    items = "item,description,uom,decimals,kind,supply\nA,a,EA,0,finished,buy\n"
    offers = {"offers.csv": "supplier,item,unit_price\nS,A,1\n", "suppliers.csv": "supplier\nS\n"}
    case = Case({"items.csv": items, "customers.csv": "customer\nANY\n", **offers}, ())
    processing, minutes = society(case), 0
    for number in range(3):
        take(processing, order(f"{number}", "ANY", [("A", 3, 0)], minutes))
        minutes, _ = run_out(processing, minutes + 1)
    take(processing, order("open", "ANY", [("A", 3, 90)], minutes))
    assert [len(processing.store.rows(table)) for table in (DemandRow, DeliveryRow)] == [4, 3]
    before = remembered(planner(processing))
    with pytest.MonkeyPatch.context() as patch:
        read: Counter[str] = Counter()
        _count(patch, read)
        processing = again(processing, case)
    assert (read["DemandRow"], read["DeliveryRow"]) == (1, 0)
    assert remembered(planner(processing)) == before
    assert planner(processing).punctuality["S"].came == 3


def test_purchasing_lets_go_of_a_purchase_order_once_all_of_it_has_come() -> None:
    items = "item,description,uom,decimals,kind,supply\nA,a,EA,0,finished,buy\n"
    offers = {"offers.csv": "supplier,item,unit_price\nS,A,1\n", "suppliers.csv": "supplier\nS\n"}
    processing = society(Case({"items.csv": items, "customers.csv": "customer\nANY\n", **offers}, ()))
    take(processing, order("1", "ANY", [("A", 3, 0)], 0))
    assert isinstance(processing.host, SimulatedHost)
    purchasing = processing.host.agents["purchasing"]
    assert isinstance(purchasing, PurchasingAgent)
    (number,) = purchasing.orders
    take(processing, receipt(number, "A", 2, 1))
    assert list(purchasing.orders) == [number]
    take(processing, receipt(number, "A", 1, 2))
    assert not purchasing.orders
    take(processing, receipt(number, "A", 1, 3))
    assert [row["reason"] for row in processing.store.rows(QuarantineRow)] == [
        f"purchase order {number} is done: nothing can be reported on it"
    ]


def test_a_record_that_is_not_kept_yet_is_made_of_what_came() -> None:
    case = Case({"items.csv": "item,description,uom,decimals,kind,supply\nA,a,EA,0,finished,buy\n"}, ())
    processing = society(case)
    row = {"purchase_order": "PO-9", "row": 1, "item": "A", "asked": 0, "confirmed": None, "came": 1}
    processing.store.write([Write(DeliveryRow, {**row, "supplier": "S"})])
    assert planner(again(processing, case)).punctuality == {"S": OnTime(came=1)}


def _count(patch: pytest.MonkeyPatch, read: Counter[str]) -> None:
    """Count the rows that are read from a store, by table."""
    for name in ("rows", "of"):
        method = getattr(Store, name)

        def counting(store: Store, model: type[Any], *rest: Any, _method: Any = method, **where: Any) -> Any:
            found = _method(store, model, *rest, **where)
            read[model.__name__] += len(found)
            return found

        patch.setattr(Store, name, counting)


def planner(processing: Processing) -> State:
    """What the planner of a society knows."""
    assert isinstance(processing.host, SimulatedHost)
    agent = processing.host.agents["planner"]
    assert isinstance(agent, PlannerAgent)
    return agent.state


def _is_open(state: State, name: str) -> bool:
    documents = state.by_order.get(name, {})
    return not documents or not all(state.releases[document].shipped for document in documents)


def remembered(state: State) -> dict[str, Any]:
    """What a planner keeps by document, without what is nothing."""
    registry = state.registry
    for supplier in list(registry.unread):
        registry.read(supplier)
    return {
        "orders": dict(state.orders.items()),
        "releases": state.releases,
        "by order": {name: set(documents) for name, documents in state.by_order.items() if documents},
        "items": state.item_of,
        "used": state.used,
        "needed": state.needed,
        "planned": {key: count for key, count in registry.planned.items() if count},
        "days": {number: set(days) for number, days in registry.days.items()},
        "by day": {day: set(numbers) for day, numbers in registry.by_day.items()},
        "lines": (state.book.custom, state.book.customers),
        "suppliers": state.suppliers,
        "punctuality": {name: record for name, record in state.punctuality.items() if record.came},
    }

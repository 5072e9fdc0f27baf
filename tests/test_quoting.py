"""What is quoted is what is then promised, and quoting leaves no trace: not in the records, not in the planner."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import count as counting
from itertools import zip_longest
from pathlib import Path
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from agents.intake.facts import facts_of
from agents.planner.agent import PlannerAgent, Round
from agents.planner.book import Shop
from agents.planner.jobs import Job
from agents.planner.live import Live
from agents.planner.timeline import Timeline
from agents.runtime.agent import Send, Turn
from agents.runtime.simulated import SimulatedHost
from agents.society import DOOR
from knowledge.documents import CustomerOrder
from knowledge.instants import DAY
from knowledge.quantities import from_units
from knowledge.reading import read_folder
from knowledge.store.database import Store
from knowledge.store.tables import PromiseRow
from knowledge.supply import order_document
from protocols.envelope import Envelope, Performative, ProtocolName
from protocols.orders import LineClass, PlanOrder
from protocols.quoting import DocumentsQuoted, OrdersQuoted, QuoteDocuments, QuoteOrders
from simulations.processing import Processing
from simulations.torture.documents import DAY_MINUTES, after, cancel, change, confirmation, count, downtime
from tests.bench.plant import write_plant
from tests.effort import LONG, times
from tests.random_plants import Case, items_of, plants, streams
from tests.serving import START, order
from tests.stored import rows_of
from tests.test_properties import society, take

_OF_A_LIVE_PLAN = (
    *("making", "buying", "names", "adopted", "entered", "now", "feasible", "large"),
    *("_adopted", "_rest", "_rests", "_last_turn", "_late", "_overdue", "_bought", "_alarms"),
)
"""All that a live plan says and decides by; the rest of it follows from that, or is an upper bound."""


def quoted(processing: Processing, *documents: dict[str, Any], alternatives: bool = False) -> DocumentsQuoted:
    """What would be promised for orders now."""
    assert isinstance(processing.host, SimulatedHost)
    content = QuoteDocuments.model_validate({"orders": documents, "alternatives": alternatives})
    answer = processing.host.ask("intake", content, DOOR)
    assert isinstance(answer, DocumentsQuoted), answer
    return answer


def planner(processing: Processing) -> PlannerAgent:
    assert isinstance(processing.host, SimulatedHost)
    agent = processing.host.agents["planner"]
    assert isinstance(agent, PlannerAgent)
    return agent


def whole(thing: object) -> list[tuple[str, Any]]:
    """All of an object, with whatever it refers to, in the order in which it is there; each value with its place."""
    return list(_walk("", thing, {}))


def _walk(place: str, thing: Any, seen: dict[int, Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(thing, (int, str, float, bytes, type, FunctionType, BuiltinFunctionType, type(None))):
        yield place, thing
    elif isinstance(thing, (Shop, counting)):
        yield place, type(thing).__name__
    elif isinstance(thing, (MethodType, BuiltinMethodType)):
        yield place, thing.__name__
    elif id(thing) in seen:
        yield place, "again"
    else:
        seen[id(thing)] = thing
        yield place, type(thing).__name__
        for name, value in _inside(thing):
            yield from _walk(f"{place}.{name}", value, seen)


def _inside(thing: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(thing, dict):
        return ((repr(key)[:80], value) for key, value in thing.items())
    if isinstance(thing, (set, frozenset)):
        return ((repr(value), None) for value in sorted(thing, key=repr))
    if isinstance(thing, (list, tuple)):
        return enumerate(thing)
    if isinstance(thing, Live):
        return [(name, _in_order(getattr(thing, name))) for name in _OF_A_LIVE_PLAN] + [("log", len(thing.log.log))]
    if isinstance(thing, Timeline):
        return [("work_centre", thing.work_centre)]
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    names = [name for name in (*vars_of(thing), *slots) if hasattr(thing, name)]
    return ((name, getattr(thing, name)) for name in names) if names else [("is", repr(thing))]


def _in_order(value: Any) -> Any:
    """What a live plan looks up by key is in no order."""
    return dict(sorted(value.items(), key=repr)) if isinstance(value, dict) else value


def vars_of(thing: Any) -> list[str]:
    return sorted(getattr(thing, "__dict__", ()))


def differing(before: list[tuple[str, Any]], now: list[tuple[str, Any]]) -> list[Any]:
    """Where two objects are not the same."""
    return [pair for pair in zip_longest(before, now) if pair[0] != pair[1]][:5]


@st.composite
def histories(draw: st.DrawFn) -> Case:
    """Orders, and news of stock, of what was bought and of machines, some days apart."""
    files = draw(plants(frozen=(0, 3)))
    items = items_of(files)
    documents = list(draw(streams(items, (0, 60, DAY_MINUTES), most=4)))
    minutes = 4 * DAY_MINUTES
    for _ in range(draw(st.integers(0, 3))):
        minutes += draw(st.sampled_from([0, 300, DAY_MINUTES]))
        kind = draw(st.sampled_from(["confirm", "count", "down", "order"]))
        if kind == "confirm":
            documents.append(confirmation("OLD-1", None, None, draw(st.integers(1, 20)) * DAY_MINUTES, minutes))
        elif kind == "count":
            documents.append(count(items[-1], draw(st.integers(0, 25)), minutes))
        elif kind == "down":
            documents.append(downtime("A", minutes, minutes + 600, minutes))
    return Case(files, tuple(documents))


def amended(case: Case, number: int, like: int) -> dict[str, Any]:
    """A change or a cancellation of an order that was taken."""
    orders = [document for document in case.documents[: number + 1] if document["type"] == "customer_order"]
    known = orders[like % len(orders)]["number"]
    if like % 2:
        return cancel(known, 0)
    return change(known, "1", like + 2, None, 0)


def another(case: Case, number: int, like: int) -> dict[str, Any]:
    """An order as one of a stream, that is not in it."""
    orders = [document for document in case.documents if document["type"] == "customer_order"]
    document = orders[like % len(orders)]
    return {**document, "number": f"quoted-{number}", "received": after(0)}


HISTORIES = settings(
    max_examples=times(8, 1000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@HISTORIES
@given(histories(), st.lists(st.integers(0, 3), max_size=8))
def test_a_quote_leaves_no_trace(case: Case, asked: list[int]) -> None:
    plain, asking = society(case), society(case)
    for number, document in enumerate(case.documents):
        take(plain, document)
        take(asking, document)
        for like in asked[number : number + 2]:
            agent, order = planner(asking), another(case, number, like)
            quoted(asking, order, amended(case, number, like))
            quoted(asking, order)  # live plans that a restart has left to be made are made at first
            before = whole([agent.state, agent.quotes_of])
            quoted(asking, amended(case, number, like), order)
            quoted(asking, order, alternatives=True)
            assert not (found := differing(before, whole([agent.state, agent.quotes_of]))), found
            event("a quote")
    assert rows_of(asking.store) == rows_of(plain.store)


@pytest.mark.skipif(not LONG, reason="takes a minute: SOCIETY_TESTS=long")
@pytest.mark.parametrize("load", [0.7, 0.95])
def test_a_quote_leaves_no_trace_where_orders_are_placed_in_turns(tmp_path: Path, load: float) -> None:
    write_plant(tmp_path, orders=250, families=1, load=load, days=30)
    documents = [json.loads(line) for line in (tmp_path / "orders.jsonl").read_text(encoding="utf-8").splitlines()]
    case = Case(dict(read_folder(tmp_path / "knowledge")), tuple(documents))
    plain, asking = society(case), society(case)
    for number, document in enumerate(documents):
        take(plain, document)
        take(asking, document)
        if number % 7 == 0:
            quoted(asking, another(case, number, 3 * number), amended(case, number, number))
    assert planner(plain).state.book.turns
    assert rows_of(asking.store) == rows_of(plain.store)


@HISTORIES
@given(histories(), st.integers(0, 5))
def test_what_a_change_is_quoted_to_do_is_what_it_does(case: Case, like: int) -> None:
    processing = society(case)
    for document in case.documents:
        take(processing, document)
    told = amended(case, len(case.documents), like)
    (found,) = quoted(processing, told).orders
    take(processing, {**told, "received": after((processing.now - society(case).now) // 60)})
    if found.outcome == "accepted":
        left = [row for row in promised(processing, told) if row["status"] != "cancelled"]
        assert sorted(map(_told, found.parts)) == sorted(_told(row) for row in left)


@HISTORIES
@given(histories(), st.integers(0, 5))
def test_what_is_quoted_is_what_is_promised(case: Case, like: int) -> None:
    processing = society(case)
    for document in case.documents:
        take(processing, document)
    order = another(case, 0, like)
    (found,) = quoted(processing, order).orders
    take(processing, {**order, "received": after((processing.now - society(case).now) // 60)})
    assert sorted(map(_told, found.parts)) == sorted(_told(row) for row in promised(processing, order))


def promised(processing: Processing, document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of promises of an order."""
    return processing.store.rows(PromiseRow, order=order_document(document["source"], document["number"]))


def _told(part: Any) -> str:
    values = part if isinstance(part, dict) else part.model_dump()
    names = ("line", "item", "quantity", "requested", "promised", "status", "reason")
    return str([values[name] for name in names])


PLANT = read_folder(Path(__file__).parent / "fixtures" / "small_plant")


def small(number: str, *lines: dict[str, Any]) -> dict[str, Any]:
    """An order to the small plant."""
    numbered = [{"line": f"{n}", "unit_price": "75", **line} for n, line in enumerate(lines, 1)]
    return order(number, customer="NEAR", lines=numbered)


@pytest.fixture
def plant() -> Processing:
    return Processing(Store(), PLANT, START)


def test_lines_that_cannot_be_planned_say_what_they_wait_for(plant: Processing) -> None:
    document = small(
        "1",
        {"item": "STOOL", "quantity": "3", "requested": "2026-04-20"},
        {"description": "a table with drawers", "quantity": "1"},
        {"item": "NOBODY-KNOWS", "quantity": "1"},
    )
    (found,) = quoted(plant, document).orders
    assert [part.status for part in found.parts] == ["promised", "awaiting_engineering", "question"]
    assert "engineering has not released" in found.parts[1].reason
    assert plant.store.rows(PromiseRow) == []


def test_a_known_order_is_a_duplicate_and_one_that_contradicts_it_is_not_taken(plant: Processing) -> None:
    document = small("1", {"item": "STOOL", "quantity": "3", "requested": "2026-04-20"})
    take(plant, {**document, "received": "2026-03-02T08:00:00Z"})
    other = small("1", {"item": "STOOL", "quantity": "4", "requested": "2026-04-20"})
    found = quoted(plant, document, other, small("2", {"item": "STOOL", "quantity": "1"})).orders
    assert [order.outcome for order in found] == ["duplicate", "quarantined", "accepted"]
    assert "send an order_change instead" in found[1].reason


def test_what_needs_approval_tells_its_date_and_who_is_asked(plant: Processing) -> None:
    document = small("1", {"item": "TABLE", "quantity": "900", "requested": "2026-08-20"})
    found = quoted(plant, document)
    (part,) = found.orders[0].parts
    assert part.status == "awaiting_approval"
    assert part.promised is None
    assert part.delivery is not None
    assert {approval.decision for approval in found.supply.approvals} == {"purchase"}
    items, suppliers = plant.plant.items, plant.plant.suppliers
    rows = [(from_units(r.quantity, items[r.item].decimals) * r.unit_price) for r in found.supply.purchases]
    days = {(row.supplier, row.order_by // DAY) for row in found.supply.purchases}
    assert found.supply.outlay == sum(rows, sum((suppliers[code].order_cost for code, _ in days), Decimal(0)))


def test_orders_quoted_together_are_planned_one_after_the_other(plant: Processing) -> None:
    documents = [small(n, {"item": "LAMP", "quantity": "40", "requested": "2026-03-20"}) for n in ("1", "2")]
    together = quoted(plant, *documents).orders
    alone = quoted(plant, documents[1]).orders
    take(plant, {**documents[0], "received": "2026-03-02T08:00:00Z"})
    assert quoted(plant, documents[1]).orders[0].parts == together[1].parts
    assert together[0].parts[0].delivery == alone[0].parts[0].delivery


def test_a_quote_waits_for_the_negotiation_that_is_under_way(plant: Processing) -> None:
    agent = planner(plant)
    document = CustomerOrder.model_validate(small("1", {"item": "STOOL", "quantity": "1"}))
    facts = facts_of(agent.state.plant, document, 1, START)
    asked = PlanOrder(order=facts, classes=(LineClass(line="1", classified_as="make"),))
    envelope = Envelope[Any](
        id="q1",
        conversation="c",
        protocol=ProtocolName.QUERY,
        performative=Performative.QUERY_REF,
        sender="intake",
        receiver="planner",
        sent=START,
        content=QuoteOrders(orders=(asked,)),
    )
    agent.round = Round(Job(1, envelope))
    assert list(agent.handle(envelope, START)) == []
    agent.round = None
    (answer,) = agent.answer_waiting(Turn(envelope, START))
    assert isinstance(answer, Send)
    assert isinstance(answer.content, OrdersQuoted)
    assert answer.receiver == "intake"

"""The planner's records: what it stores of a decision, and how it rebuilds itself from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar

from agents.planner.awarding import row_award
from agents.planner.delta import Delta
from agents.planner.kept import Message
from agents.planner.past import CLOSED, NAME, PLANNED, RELEASE, concerned, is_closed, order_key, releases_of
from agents.planner.state import State
from agents.runtime.agent import Records, Turn
from agents.runtime.ledger import WAITING
from knowledge.deliveries import Delivery, OnTime, records_of
from knowledge.documents import EngineeringRelease, OperationReport
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units
from knowledge.shelf_life import Lot
from knowledge.store.books import Tables
from knowledge.store.database import Store, Write
from knowledge.store.rows import (
    award_fields,
    operation_fields,
    purchase_of,
    reported_key,
    slots_by_order,
    work_order_fields,
    work_order_of,
)
from knowledge.store.tables import (
    ActionMessageRow,
    AgentStateRow,
    CustomerOrderRow,
    DeliveryRow,
    DemandRow,
    EarmarkRow,
    MessageRow,
    OperationRow,
    PurchaseAwardRow,
    PurchaseOrderRow,
    WorkOrderRow,
)
from knowledge.supply import PurchaseRow, Supply, WorkOrder, encode
from protocols.envelope import Content
from protocols.inventory import MoveStock, StockChanged
from protocols.messages import envelope_from
from protocols.orders import KnowledgeChanged
from protocols.supplying import Delivered, PlacePurchases

C = TypeVar("C", bound=Content)

_OPEN = (SupplyStatus.PLANNED, SupplyStatus.FIRM, SupplyStatus.RELEASED)


_NOTHING_MISSING = '"missing":[]'
"""So an order of which nothing is missing says: no text in it can, for there a quotation mark is escaped."""


def saves(turn: Turn[Any], state: State, delta: Delta) -> Iterator[Write]:
    """The rows that a decision changes."""
    for before, after in delta.work_orders():
        yield from _work_order(turn, before, after)
    yield from _awards(turn, state, delta)
    for document, (_, release) in delta.releases.items():
        if release is None:
            yield turn.remove(DemandRow, {"key": document})
        else:
            body = RELEASE.dump_json(release).decode()
            yield turn.save(DemandRow, {"key": document, "order": release.order, "body": body})
    for order in concerned(delta):
        yield from _order(turn, state, order, changed=order in delta.orders)
    for key, message in delta.messages.items():
        yield _message(turn, key, message)
    for (item, holder), units in delta.earmarks.items():
        mark = {"item": item, "holder": holder}
        yield turn.save(EarmarkRow, {**mark, "quantity": units}) if units else turn.remove(EarmarkRow, mark)
    for key, value in _facts(delta):
        if value is None:
            yield turn.remove(AgentStateRow, {"agent": NAME, "key": key})
        else:
            yield _state(turn, key, json.dumps(value))
    yield _state(turn, "looked", json.dumps(state.looked))
    yield _state(turn, "counters", json.dumps(asdict(state.counters)))
    yield _state(turn, "stuck", json.dumps(state.due.stuck))
    if state.spare:
        yield _state(turn, "spare", json.dumps([[*key, list(numbers)] for key, numbers in state.spare.items()]))


def _order(turn: Turn[Any], state: State, order: str, *, changed: bool) -> Iterator[Write]:
    """An order as it is known now, where it is looked for: one that is closed lies apart."""
    planned = state.orders.get(order)
    closed = planned is not None and is_closed(state, order)
    if not changed and not closed:
        return
    here, apart = ({"agent": name, "key": order_key(order)} for name in (NAME, CLOSED))
    body = "" if planned is None else PLANNED.dump_json(planned).decode()
    yield turn.save(AgentStateRow, {**here, "body": body}) if body and not closed else turn.remove(AgentStateRow, here)
    yield turn.save(AgentStateRow, {**apart, "body": body}) if closed else turn.remove(AgentStateRow, apart)


def reported(turn: Turn[Any], state: State, report: OperationReport) -> Iterator[Write]:
    """What was last reported of a step, as long as its work order is open."""
    document = encode(report.work_order)
    order = state.find_supply(document) or state.closed.get(document)
    steps = [slot.step for slot in order.operations] if isinstance(order, WorkOrder) else []
    if order is None or order.status in (SupplyStatus.DONE, SupplyStatus.CANCELLED):
        for step in steps:
            yield turn.remove(AgentStateRow, {"agent": NAME, "key": reported_key(report.work_order, step)})
    elif report.step is not None:
        body = report.model_dump_json(include={"good", "scrap", "started", "finished", "complete"})
        yield _state(turn, reported_key(report.work_order, report.step), body)


def _awards(turn: Turn[Any], state: State, delta: Delta) -> Iterator[Write]:
    """Why new and changed purchase rows are bought where they are; what is planned no more is not explained."""
    rows, gone = delta.purchases()
    for row in rows:
        found = row_award(state.book, state.bought, row)
        if found is not None:
            yield turn.save(PurchaseAwardRow, award_fields(row, found))
    for number, line in gone:
        yield turn.remove(PurchaseAwardRow, {"purchase_order": number, "row": line})


def _facts(delta: Delta) -> Iterator[tuple[str, object]]:
    """What else has changed, by the key that it is stored under."""
    kinds: dict[str, dict[str, Any]] = {
        "used": delta.used,
        "needed": delta.needed,
        "stock": delta.on_hand,
        "lots": delta.lots,
        "adopted": delta.adopted_at,
        "downtime": delta.downtimes,
        "answer": delta.answers,
    }
    for kind, values in kinds.items():
        yield from ((f"{kind}:{name}", value) for name, value in values.items())


def _state(turn: Turn[Any], key: str, body: str) -> Write:
    return turn.save(AgentStateRow, {"agent": NAME, "key": key, "body": body})


def _work_order(turn: Turn[Any], before: WorkOrder | None, after: WorkOrder | None) -> Iterator[Write]:
    gone = {slot.step for slot in before.operations} if before else set()
    order = after or before
    assert order is not None
    if after is None:
        yield turn.remove(WorkOrderRow, {"work_order": order.number})
    else:
        yield turn.save(WorkOrderRow, work_order_fields(after))
        for sequence, slot in enumerate(after.operations):
            gone.discard(slot.step)
            yield turn.save(OperationRow, operation_fields(after.number, sequence, slot))
    for step in sorted(gone):
        yield turn.remove(OperationRow, {"work_order": order.number, "step": step})


def _message(turn: Turn[Any], key: str, message: Message | None) -> Write:
    if message is None:
        return turn.remove(ActionMessageRow, {"key": key})
    sequence = int(turn.envelope.id[1:])
    return turn.save(ActionMessageRow, {"sequence": sequence, **asdict(message)})


def restore(state: State, store: Records, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rebuild the state from the records of every agent that it reckons with, without what is closed.

    `rows` are what the planner has kept of all kinds.
    """
    rows = list(rows)
    for row in rows:
        _restore_row(state, row["key"], row["body"])
    if state.downtimes:
        state.set_plant(state.plant)
        state.unseen.clear()  # there is nothing to plan with yet
    shelves: dict[str, dict[str, Units]] = {}
    for row in store.rows(EarmarkRow):
        shelves.setdefault(row["item"], {})[row["holder"]] = row["quantity"]
    for item, shelf in shelves.items():
        state.book.set_shelf(item, shelf)
    state.taken.update(order.number for order in state.plant.open_orders)
    for supply in stored_supply(store, _unheard(store, rows)):
        _take(state, supply)
    for release in sorted(releases_of(store, state.orders), key=lambda r: (r.sequence, r.order)):
        state.restore_release(release)
    state.highest = store.highest(CustomerOrderRow, "sequence")
    _close_numbers(state, store)
    for row in store.rows(ActionMessageRow):
        row.pop("sequence")
        state.messages[row["key"]] = Message(**row)
    _learn_punctuality(state, store)
    state.journal.log.clear()
    state.remember_due()


def punctuality(turn: Turn[Any], state: State, supplier: str) -> Write:
    """The record of a supplier, so that a start need not look at all that ever came."""
    return _state(turn, f"punctual:{supplier}", json.dumps(asdict(state.punctuality[supplier])))


def _learn_punctuality(state: State, store: Records) -> None:
    """The records of suppliers of which it is not kept yet: of what has come from them, and was told before."""
    left = set(store.different(DeliveryRow, "supplier")) - state.punctuality.keys()
    if left:
        waiting = store.rows(MessageRow, status=WAITING, kind=Delivered.__name__)
        told = {Delivered.model_validate_json(row["body"]).delivery for row in waiting}
        came = map(Delivery.of, store.rows(DeliveryRow, supplier=tuple(sorted(left))))
        known = (delivery for delivery in came if delivery not in told)
        state.punctuality.update(records_of(known, state.plant.zone))


def _restore_row(state: State, key: str, body: str) -> None:
    kind, _, name = key.partition(":")
    plain: dict[str, dict[str, Any]] = {
        "stock": state.book.on_hand,
        "used": state.used,
        "needed": state.needed,
        "adopted": state.adopted_at,
        "answer": state.release_answers,
    }
    if kind in plain:
        plain[kind][name] = json.loads(body)
        if plain[kind][name] is None:
            del plain[kind][name]
    elif kind == "lots":
        state.book.lots[name] = tuple(Lot(*lot) for lot in json.loads(body))
    elif kind == "order":
        state.orders.restore(name, body)
        if _NOTHING_MISSING not in body:
            state.short[name] = None
    elif kind == "downtime":
        state.downtimes[name] = tuple((a, b) for a, b in json.loads(body))
    elif kind == "punctual":
        state.punctuality[name] = OnTime(**json.loads(body))
    elif kind == "stuck":
        state.due.stuck = json.loads(body)
    elif kind == "looked":
        state.looked = json.loads(body)
    elif kind == "spare":
        state.spare = {(item, supplier): tuple(numbers) for item, supplier, numbers in json.loads(body)}
    elif kind == "counters":
        state.counters.work_order, state.counters.purchase_order = json.loads(body).values()


def _take(state: State, supply: Supply) -> None:
    if isinstance(supply, PurchaseRow) and supply.status is not SupplyStatus.PLANNED:
        state.suppliers.add(supply.supplier)
        state.registry.close(supply)
    if supply.status is SupplyStatus.PLANNED:
        state.restore_planned(supply)
        if isinstance(supply, WorkOrder) and supply.turn:
            state.book.turns[supply.key] = supply.turn
    elif supply.status in _OPEN:
        state.set_firm(supply)
        state.journal.log.clear()
        state.closed.clear()


def _close_numbers(state: State, store: Records) -> None:
    """What is closed counts only in the numbers of rows that are not given again, and in who was bought from."""
    closed = (SupplyStatus.DONE, SupplyStatus.CANCELLED)
    state.suppliers.update(store.different(PurchaseOrderRow, "supplier", status=closed))
    planned = {"status": SupplyStatus.PLANNED}
    for row in store.of(PurchaseOrderRow, "purchase_order", PurchaseOrderRow, planned, status=closed):
        state.registry.close(purchase_of(row))


def unheard_releases(store: Store) -> list[EngineeringRelease]:
    """What engineering has released that the planner has not decided on yet, in the order in which it is to."""
    jobs = store.starting(AgentStateRow, "key", "job:", agent=NAME)
    return [changed.release for changed in _undecided(store, jobs, KnowledgeChanged)]


def _undecided(store: Tables, rows: Iterable[Mapping[str, Any]], kind: type[C]) -> list[C]:
    """What of a kind the planner has been told, or is about to be, and has not decided on: `rows` have its jobs."""
    jobs = {int(row["key"][4:]): row["body"] for row in rows if row["key"].startswith("job:")}
    taken = (envelope_from(json.loads(body)).content for _, body in sorted(jobs.items()))
    waiting = store.rows(MessageRow, status=WAITING, kind=kind.__name__, receiver=NAME)
    told = (kind.model_validate_json(row["body"]) for row in waiting)
    return [content for content in (*taken, *told) if isinstance(content, kind)]


def _unheard(store: Records, rows: Iterable[Mapping[str, Any]]) -> list[PurchaseRow]:
    """Purchase rows as they were before facts that the planner has not reckoned with yet, the last of these first."""
    facts: list[MoveStock | StockChanged] = list(_undecided(store, rows, StockChanged))
    waiting = store.rows(MessageRow, status=WAITING, kind=MoveStock.__name__, receiver="inventory")
    facts += [MoveStock.model_validate_json(row["body"]) for row in waiting]
    return [row for fact in reversed(facts) for row in fact.was]


def stored_supply(store: Records, unheard: Iterable[PurchaseRow] = ()) -> Iterator[Supply]:
    """Every open work order and purchase row in the records, purchases as the planner last told purchasing, or heard.

    `unheard` are rows as they were before what it has not reckoned with, the last of these changes first.
    """
    slots = slots_by_order(store.of(OperationRow, "work_order", WorkOrderRow, {"status": _OPEN}))
    for row in store.rows(WorkOrderRow, status=_OPEN):
        yield work_order_of(row, slots.get(row["work_order"], ()))
    rows = store.rows(PurchaseOrderRow, status=_OPEN)
    purchases = {(row["purchase_order"], row["row"]): purchase_of(row) for row in rows}
    purchases.update(((row.number, row.row), row) for row in unheard)
    for row in store.rows(MessageRow, status=WAITING, kind=PlacePurchases.__name__):
        told = PlacePurchases.model_validate_json(row["body"])
        for key in told.gone:
            purchases.pop(key, None)
        for new in told.rows:
            key = new.number, new.row
            if key not in purchases:
                found = store.rows(PurchaseOrderRow, purchase_order=new.number, row=new.row)
                purchases[key] = next(map(purchase_of, found), new)
            purchases[key] = replace(new, received=max(new.received, purchases[key].received))
    yield from purchases.values()

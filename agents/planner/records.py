"""The planner's records: what it stores of a decision, and how it rebuilds itself from them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from agents.planner.awarding import row_award
from agents.planner.delta import Delta
from agents.planner.kept import Message, Planned
from agents.planner.state import State
from agents.runtime.agent import Records, Turn
from agents.runtime.ledger import WAITING
from knowledge.deliveries import Delivery, records_of
from knowledge.documents import OperationReport
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units
from knowledge.shelf_life import Lot
from knowledge.store.database import Write
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
    DeliveryRow,
    DemandRow,
    EarmarkRow,
    MessageRow,
    OperationRow,
    PurchaseAwardRow,
    PurchaseOrderRow,
    WorkOrderRow,
)
from knowledge.supply import PurchaseRow, Release, Supply, WorkOrder, encode
from protocols.supplying import PlacePurchases

_RELEASE = TypeAdapter(Release)
_PLANNED = TypeAdapter(Planned)
_NAME = "planner"


def saves(turn: Turn[Any], state: State, delta: Delta) -> Iterator[Write]:
    """The rows that a decision changes."""
    for before, after in delta.work_orders():
        yield from _work_order(turn, before, after)
    yield from _awards(turn, state, delta)
    for document, (_, release) in delta.releases.items():
        if release is None:
            yield turn.remove(DemandRow, {"key": document})
        else:
            body = _RELEASE.dump_json(release).decode()
            yield turn.save(DemandRow, {"key": document, "order": release.order, "body": body})
    for order, (_, planned) in delta.orders.items():
        if planned is None:
            yield turn.remove(AgentStateRow, {"agent": _NAME, "key": f"order:{order}"})
        else:
            yield _state(turn, f"order:{order}", _PLANNED.dump_json(planned).decode())
    for key, message in delta.messages.items():
        yield _message(turn, key, message)
    for (item, holder), units in delta.earmarks.items():
        mark = {"item": item, "holder": holder}
        yield turn.save(EarmarkRow, {**mark, "quantity": units}) if units else turn.remove(EarmarkRow, mark)
    for key, value in _facts(delta):
        yield _state(turn, key, json.dumps(value))
    yield _state(turn, "looked", json.dumps(state.looked))
    yield _state(turn, "counters", json.dumps(asdict(state.counters)))
    yield _state(turn, "stuck", json.dumps(state.due.stuck))
    if state.spare:
        yield _state(turn, "spare", json.dumps([[*key, list(numbers)] for key, numbers in state.spare.items()]))


def reported(turn: Turn[Any], state: State, report: OperationReport) -> Iterator[Write]:
    """What was last reported of a step, as long as its work order is open."""
    document = encode(report.work_order)
    order = state.find_supply(document) or state.closed.get(document)
    steps = [slot.step for slot in order.operations] if isinstance(order, WorkOrder) else []
    if order is None or order.status in (SupplyStatus.DONE, SupplyStatus.CANCELLED):
        for step in steps:
            yield turn.remove(AgentStateRow, {"agent": _NAME, "key": reported_key(report.work_order, step)})
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
    return turn.save(AgentStateRow, {"agent": _NAME, "key": key, "body": body})


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


def restore(state: State, store: Records) -> None:
    """Rebuild the state from the records of every agent that it reckons with."""
    for row in store.rows(AgentStateRow, agent=_NAME):
        _restore_row(state, row["key"], row["body"])
    if state.downtimes:
        state.set_plant(state.plant)
    shelves: dict[str, dict[str, Units]] = {}
    for row in store.rows(EarmarkRow):
        shelves.setdefault(row["item"], {})[row["holder"]] = row["quantity"]
    for item, shelf in shelves.items():
        state.book.set_shelf(item, shelf)
    _sort_orders(state)
    state.taken.update(order.number for order in state.plant.open_orders)
    for supply in stored_supply(store):
        _take(state, supply)
    releases = [_RELEASE.validate_json(row["body"]) for row in store.rows(DemandRow)]
    for release in sorted(releases, key=lambda r: (r.sequence, r.order)):
        state.restore_release(release)
    for row in store.rows(ActionMessageRow):
        row.pop("sequence")
        state.messages[row["key"]] = Message(**row)
    state.punctuality = records_of(map(Delivery.of, store.rows(DeliveryRow)), state.plant.zone)
    state.journal.log.clear()
    state.remember_due()


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
        state.orders[name] = planned = _PLANNED.validate_json(body)
        if planned.missing:
            state.short[name] = None
    elif kind == "downtime":
        state.downtimes[name] = tuple((a, b) for a, b in json.loads(body))
    elif kind == "stuck":
        state.due.stuck = json.loads(body)
    elif kind == "looked":
        state.looked = json.loads(body)
    elif kind == "spare":
        state.spare = {(item, supplier): tuple(numbers) for item, supplier, numbers in json.loads(body)}
    elif kind == "counters":
        state.counters.work_order, state.counters.purchase_order = json.loads(body).values()


def _sort_orders(state: State) -> None:
    """Orders in the order of their receipt, in which they were planned."""
    orders = sorted(state.orders.items(), key=lambda entry: entry[1].facts.sequence)
    state.orders.clear()
    state.orders.update(orders)


def _take(state: State, supply: Supply) -> None:
    if isinstance(supply, PurchaseRow) and supply.status is not SupplyStatus.PLANNED:
        state.suppliers.add(supply.supplier)
    if supply.status is SupplyStatus.PLANNED:
        state.restore_planned(supply)
        if isinstance(supply, WorkOrder) and supply.turn:
            state.book.turns[supply.key] = supply.turn
    elif supply.status in (SupplyStatus.FIRM, SupplyStatus.RELEASED):
        state.set_firm(supply)
        state.journal.log.clear()
    else:
        state.closed[supply.document] = supply
        if isinstance(supply, PurchaseRow):
            state.registry.close(supply)


def stored_supply(store: Records) -> Iterator[Supply]:
    """Every work order and purchase row in the records, purchases as the planner last told purchasing."""
    slots = slots_by_order(store.rows(OperationRow))
    for row in store.rows(WorkOrderRow):
        yield work_order_of(row, slots.get(row["work_order"], ()))
    purchases = {(row["purchase_order"], row["row"]): purchase_of(row) for row in store.rows(PurchaseOrderRow)}
    for row in store.rows(MessageRow, status=WAITING, kind=PlacePurchases.__name__):
        told = PlacePurchases.model_validate_json(row["body"])
        for key in told.gone:
            purchases.pop(key, None)
        for new in told.rows:
            old = purchases.get((new.number, new.row), new)
            purchases[new.number, new.row] = replace(new, received=max(new.received, old.received))
    yield from purchases.values()

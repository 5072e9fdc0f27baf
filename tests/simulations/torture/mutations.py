"""The society broken on purpose, one place at a time: what torture has to find, and by which law."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from sqlmodel import SQLModel

from agents.intake.agent import IntakeAgent
from agents.inventory.agent import InventoryAgent
from agents.planner.agent import PlannerAgent
from agents.planner.repair import Repair
from agents.planner.validator.gate import Gate
from agents.runtime.dispatch import Dispatcher
from agents.runtime.ledger import Ledger
from agents.runtime.outbox import BackOff
from knowledge.instants import DAY, HOUR
from knowledge.pegging import Pegs, peg
from knowledge.store.database import Write
from knowledge.store.tables import (
    ActionMessageRow,
    AgentStateRow,
    CustomerOrderRow,
    EarmarkRow,
    InventoryEventRow,
    OnHandRow,
    OperationRow,
    PromiseRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)

Row = dict[str, Any]
Change = Callable[[Row], Row | None]


@dataclass(frozen=True)
class Mutation:
    """A place that is broken, the invariant of the design or the law of the auditor that it breaks, and how."""

    name: str
    breaks: str
    finds: tuple[str, ...]
    """How what is found may begin; empty: in any way."""
    patches: Callable[[], Any]


@contextmanager
def recorded(model: type[SQLModel], change: Change) -> Iterator[None]:
    """What an agent writes into a table is changed under way; None: it is not written."""
    follow = Ledger.follow

    def wrong(self: Ledger, envelope: Any, effects: Any, now: int) -> None:
        follow(self, envelope, list(_changed(effects, model, change)), now)

    with patch.object(Ledger, "follow", wrong):
        yield


def _changed(effects: Any, model: type[SQLModel], change: Change) -> Iterator[Any]:
    for effect in effects:
        if isinstance(effect, Write) and effect.table is model and not effect.remove:
            row = change(dict(effect.row))
            if row is not None:
                yield replace(effect, row=row)
        else:
            yield effect


def _planned(**changes: Callable[[Any], Any]) -> Change:
    """Of planned supply these columns are written otherwise."""

    def change(row: Row) -> Row:
        return {**row, **{name: new(row[name]) for name, new in changes.items()}} if row["status"] == "planned" else row

    return change


def _always(**changes: Callable[[Any], Any]) -> Change:
    return lambda row: {**row, **{name: new(row[name]) for name, new in changes.items()}}


def _told_at_once(self: Dispatcher, now: int, *, patient: bool = False) -> Any:
    return self._inside(self.ledger.recorded(), now) + self.queries(now)


def _nothing_waits(self: Ledger) -> list[Any]:
    _WAITING(self)
    return []


_WAITING = Ledger.waiting
_APPLY = PlannerAgent._apply
_KEYS = itertools.count()


def _changes_ignored(self: PlannerAgent, content: Any) -> list[str]:
    return [] if getattr(content, "change", False) else _APPLY(self, content)


def _double_stock(self: Repair, item: str, units: int) -> None:
    _STOCK(self, item, 2 * units)


_STOCK = Repair.set_on_hand


def _careless() -> ExitStack:
    """A planner that counts everything twice, a gate that is open, and an inventory that holds what there is not."""
    stack = ExitStack()
    stack.enter_context(patch.object(Repair, "set_on_hand", _double_stock))
    stack.enter_context(patch.object(Gate, "check", lambda self, change: []))
    stack.enter_context(patch.object(InventoryAgent, "_try", lambda self, asked, now: (self._apply(asked, now), [])))
    return stack


def _last_peg_lost(*args: Any) -> Pegs:
    found = peg(*args)
    return replace(found, pegs=found.pegs[:-1])


@contextmanager
def _pegs_lost() -> Iterator[None]:
    """In the planner and in what is shown of it: the records keep no pegs, both derive them."""
    with patch("knowledge.auditor.peg", _last_peg_lost), patch("agents.planner.core.peg", _last_peg_lost):
        yield


LOST, TWICE, WHY, CARRIED, SAME = (
    "no accepted order is lost or processed twice",
    "no quantity is promised twice",
    "every supply is pegged, every late promise says why",
    "every change is carried through or raised",
    "the same inputs give the same outputs",
)

MUTATIONS = (
    Mutation(
        "what was on its way is forgotten at a restart",
        LOST,
        (),
        lambda: patch.object(Ledger, "waiting", _nothing_waits),
    ),
    Mutation(
        "the world is told before it is durable",
        LOST,
        ("outside",),
        lambda: patch.object(Dispatcher, "ahead", _told_at_once),
    ),
    Mutation(
        "a sink that failed is not tried again",
        LOST,
        ("dead letter",),
        lambda: patch.object(BackOff, "wait_s", lambda s, n: None),
    ),
    Mutation(
        "each try of a sink has a key of its own",
        LOST,
        ("outside",),
        lambda: patch("agents.runtime.simulated.idempotency_key", lambda envelope: f"{envelope.id}-{next(_KEYS)}"),
    ),
    Mutation(
        "a document that came before is taken again",
        LOST,
        (),
        lambda: patch.object(IntakeAgent, "seen", lambda s, d: False),
    ),
    Mutation("an order is not kept", LOST, (), lambda: recorded(CustomerOrderRow, lambda row: None)),
    Mutation(
        "parts of an order are not told",
        LOST,
        ("lost",),
        lambda: recorded(PromiseRow, lambda row: row if row["part"] < 2 else None),
    ),
    Mutation("stock is counted twice, and nobody looks", TWICE, ("promised twice",), _careless),
    Mutation(
        "inventory keeps no requirements",
        TWICE,
        ("events",),
        lambda: recorded(InventoryEventRow, lambda row: row if row["quantity"] > 0 else None),
    ),
    Mutation(
        "a hold is forgotten at a restart",
        TWICE,
        (),
        lambda: recorded(AgentStateRow, lambda row: None if row["key"].startswith("hold:") else row),
    ),
    Mutation(
        "stock on hand is not what came",
        TWICE,
        ("stock",),
        lambda: recorded(OnHandRow, _always(quantity=lambda units: units + 1)),
    ),
    Mutation(
        "a late promise gives no reason",
        WHY,
        ("worse without cause",),
        lambda: recorded(PromiseRow, _always(reason=lambda text: "")),
    ),
    Mutation("a peg is lost", "pegs add up", ("pegs",), _pegs_lost),
    Mutation(
        "orders that change are planned as they were",
        CARRIED,
        (),
        lambda: patch.object(PlannerAgent, "_apply", _changes_ignored),
    ),
    Mutation(
        "facts about stock and supply are passed over",
        CARRIED,
        (),
        lambda: patch.object(PlannerAgent, "_facts", lambda s, content: []),
    ),
    Mutation(
        "no action message is raised",
        CARRIED,
        ("worse without an action message",),
        lambda: recorded(ActionMessageRow, lambda row: None),
    ),
    Mutation(
        "issued supply is changed",
        CARRIED,
        ("issued supply changed",),
        lambda: recorded(
            PurchaseOrderRow, lambda row: {**row, "quantity": row["quantity"] + (row["status"] == "released")}
        ),
    ),
    Mutation(
        "what is said depends on chance",
        SAME,
        ("changed by faults",),
        lambda: recorded(PromiseRow, _always(reason=lambda text: f"{text} {next(_KEYS)}")),
    ),
    Mutation(
        "the planner does not keep what it knows of stock",
        SAME,
        ("rebuilt",),
        lambda: recorded(AgentStateRow, lambda row: None if row["key"].startswith("stock:") else row),
    ),
    Mutation(
        "an event is of another quantity",
        "events are supply and demand",
        ("events",),
        lambda: recorded(InventoryEventRow, _always(quantity=lambda units: units + 1)),
    ),
    Mutation(
        "receipts are later than they are needed",
        "pegs come in time",
        ("late peg",),
        lambda: recorded(InventoryEventRow, lambda row: {**row, "time": row["time"] + (row["quantity"] > 0) * 9 * DAY}),
    ),
    Mutation(
        "more belongs to somebody than there is",
        "earmarks are there and needed",
        ("earmarks",),
        lambda: recorded(EarmarkRow, _always(quantity=lambda units: units + 50)),
    ),
    Mutation(
        "needs are forgotten",
        "planned supply is needed",
        ("not needed",),
        lambda: recorded(InventoryEventRow, lambda row: row if row["quantity"] > 0 else None),
    ),
    Mutation(
        "work is planned for last year",
        "nothing is planned in the past",
        ("overdue",),
        lambda: recorded(WorkOrderRow, _planned(start=lambda time: time - 400 * DAY)),
    ),
    Mutation(
        "more is to be shipped than was promised",
        "what is promised is to be shipped",
        ("promises",),
        lambda: recorded(ShippingOrderRow, _always(quantity=lambda units: units + 1)),
    ),
    Mutation(
        "promises are earlier than asked for",
        "promises are not early",
        ("early",),
        lambda: recorded(PromiseRow, lambda row: {**row, "promised": row["promised"] and row["promised"] - 90 * DAY}),
    ),
    Mutation(
        "goods leave later than promised",
        "shipments keep promises",
        ("shipments",),
        lambda: recorded(ShippingOrderRow, _always(ship=lambda time: time + HOUR)),
    ),
    Mutation(
        "work ends before it begins",
        "work orders follow their operations",
        ("sequence",),
        lambda: recorded(WorkOrderRow, lambda row: {**row, "finish": row["start"] - 1}),
    ),
    Mutation(
        "a machine that there is not is used",
        "machines do one thing",
        ("machines",),
        lambda: recorded(OperationRow, _always(machine=lambda machine: 9)),
    ),
    Mutation(
        "operations take other minutes",
        "operations lie in open time",
        ("open time",),
        lambda: recorded(OperationRow, _always(minutes=lambda minutes: minutes + 7)),
    ),
    Mutation(
        "work orders are of no lot",
        "work orders obey lots and bills",
        ("lots",),
        lambda: recorded(WorkOrderRow, _planned(quantity=lambda units: units + 1)),
    ),
    Mutation(
        "work orders ask for what no bill says",
        "work orders obey lots and bills",
        ("bill",),
        lambda: recorded(WorkOrderRow, _planned(components=lambda text: "[]")),
    ),
    Mutation(
        "a price is not what was offered",
        "purchases obey offers",
        ("offers",),
        lambda: recorded(PurchaseOrderRow, _planned(unit_price=lambda price: "0.01")),
    ),
    Mutation(
        "more is bought than a supplier delivers in a week",
        "suppliers keep their capacity",
        ("capacity",),
        lambda: recorded(PurchaseOrderRow, _planned(quantity=lambda units: units * 100)),
    ),
    Mutation(
        "purchases of one day are two rows",
        "purchases of a day are one row",
        ("purchase rows",),
        lambda: recorded(PurchaseOrderRow, _planned(due=lambda due: 2_000_000_000)),
    ),
    Mutation(
        "two documents have one number",
        "numbers are given once",
        ("numbers",),
        lambda: recorded(PurchaseOrderRow, _planned(purchase_order=lambda number: "WO-000001")),
    ),
)
"""Every invariant of the design's first page, and every law of the auditor."""

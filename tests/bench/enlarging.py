"""A database with ten times the orders of another one: every family of the plant again, under other names.

Promising a hundred thousand orders takes an hour. This takes the database of a plant whose families have nothing in
common (`tests.bench.plant`), and writes every row again for families, orders, supply, messages of other numbers, as
if they had been promised, too. What is one for the whole plant (counters, quotes) is made to fit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

from knowledge.store.database import Store, Write
from knowledge.store.tables import (
    ActionMessageRow,
    AgentStateRow,
    CustomerOrderRow,
    DeliveryRow,
    DemandRow,
    InventoryEventRow,
    KnowledgeFile,
    MessageRow,
    OnHandRow,
    OperationRow,
    PromiseRow,
    PurchaseAwardRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)

_NAMES = re.compile(
    r"\b(?P<item>[CSP])(?P<family>\d+)-"
    r"|\b(?P<centre>ASM|MACH)(?P<of>\d+)\b"
    r"|\bSUP(?P<supplier>\d+)\b"
    r"|\bSO(?P<order>\d{6})\b"
    r"|\b(?P<kind>WO|PO|SH)-(?P<number>\d{6})\b"
    r"|\bm(?P<message>\d{8})\b"
)
_SEQUENCE = re.compile(r'"sequence": ?(\d+)')
_SUPPLY = 200_000
"""More numbers than supply of one kind of the plant that is taken again."""
_SUPPLIERS = 100
_ONE_BATCH = 20_000

_PLAIN: tuple[type[SQLModel], ...] = (
    CustomerOrderRow,
    PromiseRow,
    DemandRow,
    WorkOrderRow,
    OperationRow,
    PurchaseOrderRow,
    PurchaseAwardRow,
    DeliveryRow,
    ShippingOrderRow,
    OnHandRow,
    InventoryEventRow,
    ActionMessageRow,
    MessageRow,
)


@dataclass(frozen=True, slots=True)
class Again:
    """How everything is called the n-th time."""

    n: int
    families: int
    orders: int
    messages: int

    def text(self, text: str) -> str:
        """A text with the names of the n-th time."""
        return _SEQUENCE.sub(self._later, _NAMES.sub(self._named, text))

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row with the names and the numbers of the n-th time."""
        told: dict[str, Any] = {name: self.text(v) if isinstance(v, str) else v for name, v in row.items()}
        if "sequence" in told and "step" not in told:
            told["sequence"] += self.n * (self.messages if "message" in told or "action" in told else self.orders)
        return told

    def _later(self, found: re.Match[str]) -> str:
        return f'"sequence": {int(found[1]) + self.n * self.orders}'

    def _named(self, found: re.Match[str]) -> str:
        if found["item"]:
            return f"{found['item']}{int(found['family']) + self.n * self.families}-"
        if found["centre"]:
            return f"{found['centre']}{int(found['of']) + self.n * self.families}"
        if found["supplier"]:
            return f"SUP{int(found['supplier']) + self.n * _SUPPLIERS}"
        if found["order"]:
            return f"SO{int(found['order']) + self.n * self.orders:06d}"
        if found["kind"]:
            return f"{found['kind']}-{int(found['number']) + self.n * _SUPPLY:06d}"
        return f"m{int(found['message']) + self.n * self.messages:08d}"


def enlarge(store: Store, times: int, *, families: int, orders: int) -> None:
    """Have every family and order of a database so many times."""
    last = store.highest(MessageRow, "sequence")
    every = [Again(n, families, orders, last) for n in range(1, times)]
    for model in _PLAIN:
        rows = store.rows(model)
        _write(store, (Write(model, again.row(row)) for again in every for row in rows))
    files = {row["name"]: row["text"] for row in store.rows(KnowledgeFile)}
    _write(store, (Write(KnowledgeFile, {"name": n, "text": _file(text, every)}) for n, text in files.items()))
    _write(store, _states(store, every))


def _write(store: Store, writes: Iterator[Write]) -> None:
    batch: list[Write] = []
    for write in writes:
        batch.append(write)
        if len(batch) == _ONE_BATCH:
            store.write(batch)
            batch = []
    store.write(batch)


def _file(text: str, every: list[Again]) -> str:
    """A knowledge file with the rows of every family."""
    lines = text.splitlines()
    more = [named for again in every for line in lines if (named := again.text(line)) != line]
    return "\n".join([*lines, *more, ""])


def _states(store: Store, every: list[Again]) -> Iterator[Write]:
    merging: dict[str, Callable[[Any, list[Any]], Any]] = {
        "stuck": lambda own, others: {**own, **{k: v for other in others for k, v in other.items()}},
        "spare": lambda own, others: _chained([own, *others]),
    }
    for row in store.rows(AgentStateRow):
        key, body = row["key"], row["body"]
        if key in merging:
            others = [json.loads(again.text(body)) for again in every]
            yield Write(AgentStateRow, {**row, "body": json.dumps(merging[key](json.loads(body), others))})
        elif key == "conversations":
            yield Write(AgentStateRow, {**row, "body": json.dumps(_going_on(store, json.loads(body), every))})
        elif key == "counters":
            most = {name: value + len(every) * _SUPPLY for name, value in json.loads(body).items()}
            yield Write(AgentStateRow, {**row, "body": json.dumps(most)})
        elif (row["agent"], key) == ("shipping", "last"):
            yield Write(AgentStateRow, {**row, "body": str(int(body) + len(every) * _SUPPLY)})
        elif key.startswith("seen:"):
            yield from (Write(AgentStateRow, {**row, "key": f"{key}.{again.n}"}) for again in every)
        else:
            named = (again.row(row) for again in every)
            yield from (Write(AgentStateRow, again) for again in named if again["key"] != key)


def _going_on(store: Store, noted: list[Any], every: list[Again]) -> list[Any]:
    """What is noted of conversations: those that may be going on, in which anything was said since, every time."""
    until, names = noted
    end = store.highest(MessageRow, "sequence")
    said = store.after(MessageRow, "sequence", until, "sequence", "conversation", "protocol")
    last = every[0].messages if every else end
    names = {*names, *(row["conversation"] for row in said if row["sequence"] <= last and row["protocol"] != "timer")}
    return [end, sorted(names.union(again.text(name) for again in every for name in names))]


def _chained(lists: list[list[Any]]) -> list[Any]:
    return [each for some in lists for each in some]

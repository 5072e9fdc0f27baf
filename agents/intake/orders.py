"""Customer orders at the desk. They lie in the records, and cost neither memory nor time at a start."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from agents.runtime.agent import Records
from knowledge.documents import CustomerOrder
from knowledge.store.tables import CustomerOrderRow, PromiseRow
from knowledge.supply import order_document
from protocols.orders import LineClass, OrderFacts

AWAKE: Final = 1_000
"""So many orders are kept ready; the one that was asked for least recently is forgotten."""


@dataclass(slots=True)
class Order:
    """A customer order: the document as it stands now, and where its lines are."""

    document: CustomerOrder
    sequence: int
    received: int
    first: str  # the fingerprint of the order as it was first received
    cancelled: bool = False
    planned: bool = False
    classes: dict[str, LineClass] = field(default_factory=dict)
    designed: dict[str, str] = field(default_factory=dict)
    designing: list[str] = field(default_factory=list)
    facts: OrderFacts | None = None
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    shipped: list[str] = field(default_factory=list)  # lines of which everything has left
    as_of: int | None = None  # when it stood so with its source, where that tells of it again and again

    def text(self) -> str:
        """All that has no column of its own, in JSON."""
        body = {
            "document": self.document.model_dump(mode="json"),
            "first": self.first,
            "planned": self.planned,
            "classes": {line: kind.model_dump() for line, kind in self.classes.items()},
            "designed": self.designed,
            "designing": self.designing,
            "facts": self.facts.model_dump() if self.facts else None,
            "parts": self.parts,
            "rows": self.rows,
            "shipped": self.shipped,
            "as_of": self.as_of,
        }
        return json.dumps(body)

    @classmethod
    def of(cls, sequence: int, received: int, cancelled: bool, text: str) -> Order:
        """The order of a text and of what has columns of its own."""
        body = json.loads(text)
        return cls(
            CustomerOrder.model_validate(body.pop("document")),
            sequence,
            received,
            body.pop("first"),
            cancelled,
            body.pop("planned"),
            {line: LineClass.model_validate(kind) for line, kind in body.pop("classes").items()},
            facts=OrderFacts.model_validate(facts) if (facts := body.pop("facts")) else None,
            **body,
        )


class Orders:
    """Orders by document name. One that is asked for is awake from then on, and may be changed.

    After so many others it is forgotten again: a change that is to last is saved by the handler that makes it.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._awake: OrderedDict[str, Order] = OrderedDict()

    def __getitem__(self, key: str) -> Order:
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: str, order: Order) -> None:
        self._awake[key] = order
        self._awake.move_to_end(key)
        while len(self._awake) > AWAKE:
            self._awake.popitem(last=False)

    def get(self, key: str) -> Order | None:
        """An order; None where there is none."""
        found = self._awake.get(key)
        if found is not None:
            self._awake.move_to_end(key)
            return found
        for row in self._records.own(CustomerOrderRow, order=key):
            self[key] = Order.of(row["sequence"], row["received"], row["status"] == "cancelled", row["document"])
        return self._awake.get(key)

    def called(self, name: str) -> str | None:
        """The document name of the order that people call so: a source and a number, either of which may have a `/`."""
        parts = name.split("/")
        keys = (order_document("/".join(parts[:n]), "/".join(parts[n:])) for n in range(1, len(parts)))
        return next((key for key in keys if self.get(key) is not None), None)

    def asking(self) -> list[str]:
        """The orders of which a line is a question, in order of receipt."""
        rows = self._records.own(PromiseRow, status="question")
        return list(dict.fromkeys(order for _, order in sorted((row["sequence"], row["order"]) for row in rows)))

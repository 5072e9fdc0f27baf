"""Customer orders at the desk. Most of them rest: as text they are small, and cost no time at a start."""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from knowledge.documents import CustomerOrder
from knowledge.supply import readable
from protocols.orders import LineClass, OrderFacts

AWAKE: Final = 1_000
"""So many orders are kept ready; what was asked for least recently goes to rest."""

_USUAL: Final = json.dumps(
    {
        "document": {"received": "2026-01-05T00:00:00Z", "type": "customer_order", "source": "", "number": "",
                     "customer": "", "currency": "EUR", "ship_to": None,
                     "lines": [{"line": "1", "item": "", "description": None, "quantity": "", "uom": None,
                                "requested": "2026-01-05T00:00:00+00:00", "schedule": None, "unit_price": "0.00",
                                "configuration": None, "ship_to": None, "text": None}]},
        "first": "", "planned": True,
        "classes": {"1": {"line": "1", "classified_as": "make", "question": ""}},
        "designed": {}, "designing": [],
        "facts": {"order": "", "sequence": 1, "source": "", "number": "", "customer": "", "currency": "EUR",
                  "ship_to": "", "received": 1767571200,
                  "lines": [{"line": "1", "item": "", "description": "", "ordered": "1", "wants": [[1, 1773878011]],
                             "requested": 1773878011, "unit_price": "0.00", "question": ""}]},
        "parts": {"1": [{"line": "1", "item": "", "classified_as": "make", "quantity": "1", "requested": 1773878011,
                         "promised": 1773878011, "status": "promised", "reason": ""}]},
        "rows": {"1": 1}, "shipped": [],
    }
).encode()  # fmt: skip
"""What most texts have in common, so that they pack well: any other text packs, too."""


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


@dataclass(frozen=True, slots=True)
class _Resting:
    sequence: int
    received: int
    cancelled: bool
    text: str | bytes

    def plain(self) -> str:
        if isinstance(self.text, str):
            return self.text
        return zlib.decompressobj(zdict=_USUAL).decompress(self.text).decode()

    def order(self) -> Order:
        return Order.of(self.sequence, self.received, self.cancelled, self.plain())


class Orders:
    """Orders by document name. One that is asked for is awake from then on, and may be changed until it rests again."""

    def __init__(self) -> None:
        self._resting: dict[str, _Resting] = {}
        self._awake: OrderedDict[str, Order] = OrderedDict()

    def __iter__(self) -> Iterator[str]:
        yield from self._resting
        yield from self._awake

    def __getitem__(self, key: str) -> Order:
        found = self._awake.get(key)
        if found is None:
            self[key] = found = self._resting.pop(key).order()
        else:
            self._awake.move_to_end(key)
        return found

    def __setitem__(self, key: str, order: Order) -> None:
        self._awake[key] = order
        self._awake.move_to_end(key)
        while len(self._awake) > AWAKE:
            self._rest(*self._awake.popitem(last=False))

    def get(self, key: str) -> Order | None:
        """An order; None where there is none."""
        return self[key] if key in self._awake or key in self._resting else None

    def called(self, name: str) -> str | None:
        """The document name of the order that people call so."""
        return next((key for key in self if readable(key) == name), None)

    def saying(self, text: str) -> list[str]:
        """The orders in which a text occurs, in order of receipt."""
        found = [(order.sequence, key) for key, order in self._awake.items() if text in order.text()]
        found += [(order.sequence, key) for key, order in self._resting.items() if text in order.plain()]
        return [key for _, key in sorted(found)]

    def restore(self, row: dict[str, Any]) -> None:
        """Take an order from the records; it rests."""
        cancelled = row["status"] == "cancelled"
        self._resting[row["order"]] = _Resting(row["sequence"], row["received"], cancelled, row["document"])

    def _rest(self, key: str, order: Order) -> None:
        packer = zlib.compressobj(1, zdict=_USUAL)
        text = packer.compress(order.text().encode()) + packer.flush()
        self._resting[key] = _Resting(order.sequence, order.received, order.cancelled, text)

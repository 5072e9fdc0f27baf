"""Small plants written out as text, with documents run through the society, and what is explained of them then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.society import stored_plant
from agents.sources.reading import Read
from knowledge.auditor import Books, audit
from knowledge.documents import DOCUMENT
from knowledge.explanation import Explanation, explain
from knowledge.explanation.values import Cause, CauseKind, Cure, CureKind, Part
from knowledge.instants import iso, parse
from knowledge.plant import Plant
from knowledge.store.books import explained_books_of
from knowledge.store.database import Store
from simulations.processing import Processing

NOW = "2024-01-01T00:00:00Z"  # a Monday

PLANT = {
    "plant.toml": 'name = "t"\ntimezone = "UTC"\ncurrency = "EUR"\n',
    "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,1\nK,intermediate,make,1\nR,raw,buy,\n",
    "bom.csv": "parent,component,quantity\nF,K,1\nK,R,2\n",
    "suppliers.csv": "supplier\nS\n",
    "offers.csv": "supplier,item,unit_price,lead_time_days\nS,R,3,20\n",
}
"""F is made of K in a day, K of two R in a day, and R comes from S in twenty days."""


@dataclass(frozen=True)
class Society:
    """What a society came to."""

    books: Books
    plant: Plant
    store: Store

    def why(self, document: str) -> Explanation:
        return explain(self.books, document)

    def part(self, line: str, number: int = 0) -> Part:
        """A part of an order line."""
        [answer] = self.why(line).lines
        return answer.parts[number]


def society(
    documents: Sequence[Mapping[str, Any]], *changes: Mapping[str, str], now: str = NOW, store: Store | None = None
) -> Society:
    """Run documents through a society on the plant with changes; its books keep every law."""
    files = dict(PLANT)
    for change in changes:
        files.update(change)
    store = store or Store("sqlite://")
    processing = Processing(store, {name: text for name, text in files.items() if text}, parse(now))
    reads = [Read(f"{n}", DOCUMENT.validate_python(each), "", "") for n, each in enumerate(documents)]
    for _ in processing.run(reads):
        pass
    plant = stored_plant(store)
    books = explained_books_of(store, plant, processing.now)
    assert audit(books) == []
    assert not processing.outcome.quarantined
    return Society(books, plant, store)


def order(
    number: str = "1",
    quantity: str = "5",
    requested: str | None = "2024-01-10",
    item: str | None = "F",
    at: str = "01-01T00:00:00",
    customer: str = "A",
    **fields: Any,
) -> dict[str, Any]:
    """A customer order t/number of one line."""
    line = {"line": "1", "item": item, "quantity": quantity, "requested": requested, "unit_price": "100", **fields}
    return lines(number, line, at=at, customer=customer)


def lines(number: str, *of: Mapping[str, Any], at: str = "01-01T00:00:00", customer: str = "A") -> dict[str, Any]:
    """A customer order t/number of these lines."""
    return document("customer_order", at, source="t", number=number, customer=customer, currency="EUR", lines=list(of))


def line(number: str, item: str, quantity: str, requested: str) -> dict[str, Any]:
    return {"line": number, "item": item, "quantity": quantity, "requested": requested, "unit_price": "100"}


def document(kind: str, at: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "received": f"2024-{at}Z", **fields}


def kinds(part: Part) -> list[CauseKind]:
    """What binds a part, in order."""
    return [cause.kind for cause in part.causes]


def cured(causes: Sequence[Cause], kind: CureKind) -> list[Cure]:
    """The cures of a kind."""
    return [cure for cause in causes for cure in cause.cures if cure.kind is kind]


def when(instant: int | None) -> str:
    """A time to the minute."""
    return "never" if instant is None else iso(instant)[:16]

"""Which lines of an order can be planned, and why the others wait."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from knowledge.plant import Plant
from protocols.orders import LineClass, LineFacts, OrderFacts

_DESIGN = "engineering has not released drawings, BOM and route"


@dataclass(frozen=True, slots=True)
class Standing:
    """A line that cannot be planned yet, in the terms of the promises table; `design` where engineering is to know."""

    line: LineFacts
    classified_as: str
    status: str
    reason: str
    design: bool = False

    @property
    def item(self) -> str:
        """What people call it."""
        return self.line.item or self.line.description


def sort_lines(
    plant: Plant, facts: OrderFacts, classes: Mapping[str, LineClass], designed: Container[str] = ()
) -> tuple[list[Standing], tuple[LineFacts, ...]]:
    """The lines that wait, and those that can be planned; `designed` are the lines that engineering has released.

    Where a customer takes one shipment only, all lines wait for one that does.
    """
    standing, ready = [], []
    for line in facts.lines:
        kind = classes[line.line]
        if kind.question:
            standing.append(Standing(line, kind.classified_as, "question", kind.question))
        elif kind.classified_as == "custom" and line.line not in designed:
            standing.append(Standing(line, "custom", "awaiting_engineering", _DESIGN, design=True))
        else:
            ready.append(line)
    customer = plant.customer(facts.customer)
    if standing and customer is not None and not customer.partial_shipments:
        first = standing[0]
        reason = f"goes in one shipment with line {first.line.line}"
        standing += [Standing(line, classes[line.line].classified_as, first.status, reason) for line in ready]
        ready = []
    return standing, tuple(ready)

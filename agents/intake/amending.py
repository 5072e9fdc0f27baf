"""Changes and cancellations of orders: what an order would be then, and what cannot be changed any more."""

from __future__ import annotations

from collections.abc import Container, Mapping

from agents.intake.facts import OrderError, changed_order, facts_of, fingerprint
from agents.intake.orders import Order
from knowledge.documents import ChangedLine, CustomerOrder, OrderCancel, OrderChange, OrderLine
from knowledge.instants import Instant, from_datetime
from knowledge.plant import Action, Plant
from knowledge.policy import Facts, rule_for
from protocols.orders import LineClass, OrderFacts


def amended(order: Order, document: OrderChange | OrderCancel) -> CustomerOrder | None:
    """An order as it is after a document; None where nothing is left of it. Raises OrderError.

    Of one that was cancelled only the lines are there that the change gives a quantity.
    """
    new = changed_order(order.document, document) if isinstance(document, OrderChange) else None
    if new is None or not order.cancelled or isinstance(document, OrderCancel):
        return new
    wanted = {line.line for line in document.lines if line.quantity or line.schedule}
    lines = tuple(line for line in new.lines if line.line in wanted)
    if not lines:
        name = f"{document.source}/{document.number}"
        raise OrderError(f"order {name} is cancelled; quantities on its lines reopen it")
    return new.model_copy(update={"lines": lines})


def newer(order: Order, standing: CustomerOrder) -> OrderChange | None:
    """What an order that stands changes of the order as it is known; None where it says nothing new.

    Its customer stays; one that was cancelled is opened again.
    """
    known = order.document
    alike = standing.model_copy(update={"standing": known.standing, "customer": known.customer})
    if not order.cancelled and fingerprint(alike, with_time=False) == fingerprint(known, with_time=False):
        return None
    version = standing.model_dump(exclude={"type", "customer"})
    return OrderChange.model_validate({**version, "complete": True})


def as_of(document: CustomerOrder | OrderChange | OrderCancel) -> Instant | None:
    """The time for which a document says how an order stands with its source; None where it says no such thing."""
    return from_datetime(document.received) if document.standing and document.received is not None else None


def is_older(known: Instant | None, document: CustomerOrder | OrderChange | OrderCancel) -> bool:
    """Whether a document says how an order stood before the time of which it is known how it stands.

    The order as it was placed is older than any news of it.
    """
    if known is None or document.received is None:
        return False
    at = from_datetime(document.received)
    if isinstance(document, CustomerOrder) and not document.standing:
        return at <= known
    return document.standing and at < known


def understood(plant: Plant, order: Order, document: CustomerOrder) -> OrderFacts:
    """An order in the plant's terms, as a document of it says; a line that engineering has released is its item."""
    facts = facts_of(plant, document, order.sequence, order.received)
    lines = []
    for said, line in zip(document.lines, facts.lines, strict=True):
        item = order.designed.get(said.line)
        if item is not None:
            designed = said.model_copy(update={"item": item, "description": None, "uom": None})
            again = document.model_copy(update={"lines": (designed,)})
            line = facts_of(plant, again, order.sequence, order.received).lines[0]
        lines.append(line)
    return facts.model_copy(update={"lines": tuple(lines)})


def planned_as(facts: OrderFacts, classes: Mapping[str, LineClass], designed: Container[str]) -> tuple[LineClass, ...]:
    """What the planner is told that the lines are: what engineering has released stays custom."""
    return tuple(
        LineClass(line=line.line, classified_as="custom") if line.line in designed else classes[line.line]
        for line in facts.lines
    )


def asking_rule(plant: Plant, order: Order) -> int | None:
    """The rule by which somebody is asked before this order is changed."""
    if not plant.approvals or order.facts is None:
        return None
    index = rule_for(plant.approvals, change_facts(order.facts))
    return index if index is not None and plant.approvals[index].action is Action.ASK else None


def never_received(document: OrderChange | OrderCancel) -> OrderError:
    """What is said of a change of an order that nobody knows."""
    return OrderError(f"order {document.source}/{document.number} was never received")


def check_shipped(order: Order, document: OrderChange | OrderCancel) -> None:
    """What has wholly left can neither be changed nor cancelled: whoever asks for it has to be told."""
    name = f"order {document.source}/{document.number}"
    lines = {line.line: line for line in order.document.lines}
    if order.cancelled:
        return
    if isinstance(document, OrderCancel):
        if lines.keys() <= set(order.shipped):
            raise OrderError(f"{name} has been shipped: nothing of it can be cancelled")
        return
    for change in document.lines:
        old = lines.pop(change.line, None)
        if old is not None and change.line in order.shipped and _differs(old, change):
            raise OrderError(
                f"line {change.line} of {name} has been shipped and cannot be changed; add a line for more"
            )
    if document.complete and (gone := [line for line in lines if line in order.shipped]):
        raise OrderError(f"line {gone[0]} of {name} has been shipped and cannot be taken off")


def _differs(old: OrderLine, new: ChangedLine) -> bool:
    """Whether a line is to be another one, and not only to have more of the same."""
    if new.quantity is not None and old.quantity is not None and new.quantity > old.quantity:
        return False
    names = ("item", "description", "requested", "schedule", "quantity", "ship_to")
    return any(getattr(new, name) not in (None, getattr(old, name)) for name in names)


def change_facts(facts: OrderFacts) -> Facts:
    """What rules for changes look at before it is planned what a change does."""
    return Facts("change", customer=facts.customer, items=frozenset(line.item for line in facts.lines if line.item))

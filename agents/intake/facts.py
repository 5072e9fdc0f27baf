"""A customer order in the plant's terms: items by alias, quantities in smallest units, requested times."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from knowledge.documents import ChangedLine, CustomerOrder, Document, OrderCancel, OrderChange, OrderLine
from knowledge.errors import SocietyError
from knowledge.instants import Instant, parse
from knowledge.plant import Alias, Plant
from knowledge.quantities import LARGEST, Units, to_units
from knowledge.supply import order_document
from protocols.orders import LineFacts, OrderFacts

PIECES = frozenset(["EA", "PCE", "PC", "PCS", "C62", "H87", "NAR", "ST", "STK", "UN", "UNIT", "EACH"])
"""Codes that trading partners use for one piece (X12 355, UN/ECE Recommendation 20)."""

SAME_UNITS = {"KG": "KGM", "KGM": "KG", "M": "MTR", "MTR": "M", "L": "LTR", "LTR": "L", "G": "GRM", "GRM": "G"}


class OrderError(SocietyError):
    """A document that cannot be taken; its text says what is wrong and where."""


class SupersededError(SocietyError):
    """A document that says how an order stood before what is known of it."""

    def __init__(self, document: CustomerOrder | OrderChange | OrderCancel) -> None:
        super().__init__(f"of order {document.source}/{document.number} something newer is known")


def fingerprint(document: Document, *, with_time: bool) -> str:
    """What tells a document from another of other content. References and further numbers of an article are none.

    What a change of an order leaves out of its head is not in it: it is the same change as before there was a head.
    """
    left_out: dict[str, Any] = {} if with_time else {"received": True}
    if isinstance(document, CustomerOrder | OrderChange):
        left_out |= {"lines": {"__all__": {"other_items"}}, "reference": True}
    if isinstance(document, OrderChange):
        left_out |= {name: True for name in ("complete", "currency", "ship_to") if not getattr(document, name)}
    if isinstance(document, CustomerOrder | OrderChange | OrderCancel) and not document.standing:
        left_out["standing"] = True
    body = document.model_dump_json(exclude=left_out)
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def facts_of(plant: Plant, order: CustomerOrder, sequence: int, received: Instant) -> OrderFacts:
    """The order in the plant's terms. Raises OrderError for a quantity that no order can have."""
    customer = order.customer or ""
    question = _order_question(plant, order)
    return OrderFacts(
        order=order_document(order.source, order.number),
        sequence=sequence,
        source=order.source,
        number=order.number,
        customer=customer,
        currency=order.currency or "",
        ship_to=order.ship_to or "",
        received=received,
        lines=tuple(_line(plant, order, line, question) for line in order.lines),
    )


def _order_question(plant: Plant, order: CustomerOrder) -> str:
    if plant.customer(order.customer or "") is None:
        return f"customer {order.customer or '(none)'} is not known"
    needs_value = any(rule.value_over is not None for rule in plant.approvals)
    if needs_value and plant.rate(order.currency or "") is None:
        return f"no rate is known for {order.currency}"
    return ""


def alias_of(plant: Plant, source: str, customer: str, name: str) -> Alias | None:
    """The alias of a foreign number: of this source, of its format (before the colon), of a customer, or of anybody."""
    for key in (source, source.partition(":")[0], customer, ""):
        found = plant.aliases.get((key, name))
        if found is not None:
            return found
    return None


def _line(plant: Plant, order: CustomerOrder, line: OrderLine, question: str) -> LineFacts:
    alias, code = _item(plant, order, line)
    ordered = line.quantity if line.quantity is not None else sum((s.quantity for s in line.schedule or ()), Decimal(0))
    if ordered > LARGEST:
        raise OrderError(f"line {line.line}: quantity {ordered:.3g} is larger than any real quantity")
    wants: tuple[tuple[Units, Instant | None], ...] = ()
    item = plant.items.get(code) if code else None
    if item is not None:
        factor = _factor(plant, item.code, item.uom, line.uom)
        if factor is None:
            question = question or f"unit {line.uom} of {item.code} is not known: add it to uom_conversions"
        else:
            factor *= alias.factor if alias else 1
            try:
                wants = _wants(plant, line, factor, item.decimals)
            except ValueError as error:
                if "larger" in str(error):
                    raise OrderError(f"line {line.line}: {error}") from error
                question = question or f"quantity: {error}"
    requested = line.requested or (line.schedule[0].requested if line.schedule else None)
    return LineFacts(
        line=line.line,
        item=code,
        description=line.description or line.text or "",
        ordered=f"{ordered:f}",
        wants=wants,
        requested=None if requested is None else parse(requested, plant.zone, ends_day=True),
        unit_price=None if line.unit_price is None else f"{line.unit_price:f}",
        question=question,
        ship_to=line.ship_to or "",
    )


def _item(plant: Plant, order: CustomerOrder, line: OrderLine) -> tuple[Alias | None, str | None]:
    """The item of a line, and the alias that it is known by, if it is.

    Its further numbers count by an alias only: a customer's own number that happens to be one of ours is not ours.
    """
    known = {
        name: alias_of(plant, order.source, order.customer or "", name)
        for name in (line.item, *(line.other_items or ()))
        if name
    }
    if line.item and line.item in plant.items:
        alias = known[line.item]
    else:
        alias = next((found for found in known.values() if found), None)
    return alias, alias.item if alias else line.item or None


def _wants(plant: Plant, line: OrderLine, factor: Decimal, decimals: int) -> tuple[tuple[Units, Instant | None], ...]:
    if line.schedule:
        return tuple(
            (to_units(s.quantity * factor, decimals), parse(s.requested, plant.zone, ends_day=True))
            for s in line.schedule
        )
    assert line.quantity is not None
    requested = None if line.requested is None else parse(line.requested, plant.zone, ends_day=True)
    return ((to_units(line.quantity * factor, decimals), requested),)


def _factor(plant: Plant, item: str, own: str, unit: str | None) -> Decimal | None:
    """Units of the item's own unit in one of the line's; None where nobody said."""
    if unit is None or unit == own or unit.upper() == own.upper():
        return Decimal(1)
    factor = plant.uom_conversions.get((item, unit))
    if factor is not None:
        return factor
    if unit.upper() in PIECES and own.upper() in PIECES:
        return Decimal(1)
    return Decimal(1) if SAME_UNITS.get(unit.upper()) == own.upper() else None


def changed_order(order: CustomerOrder, change: OrderChange) -> CustomerOrder | None:
    """The order with a change made; None where no line is left. Raises OrderError."""
    before = {line.line: line for line in order.lines}
    lines = {} if change.complete else dict(before)
    for new in change.lines:
        if new.quantity is not None and new.quantity == 0:
            if new.line not in before and not change.complete:
                raise OrderError(f"line {new.line} is not on the order and cannot be removed")
            lines.pop(new.line, None)
            continue
        if change.complete and new.line in lines:
            raise OrderError(f"line {new.line} stands twice")
        lines[new.line] = _changed_line(lines.get(new.line), new)
    if not lines:
        return None
    body = order.model_dump()
    head = ("reference", "currency", "ship_to")
    body |= {name: value for name in head if (value := getattr(change, name)) is not None}
    body["lines"] = [line.model_dump() for line in lines.values()]
    try:
        return CustomerOrder.model_validate(body)
    except ValueError as error:
        raise OrderError(_first_line(error)) from error


def _changed_line(old: OrderLine | None, new: ChangedLine) -> OrderLine:
    """A line with its new values, or a whole new one where there is no old one."""
    given = {name: value for name, value in new.model_dump().items() if value is not None}
    merged = {**(old.model_dump() if old else {}), **given}
    if "schedule" in given:
        merged["quantity"] = given.get("quantity")
        merged["requested"] = given.get("requested")
    elif "requested" in given:
        merged["schedule"] = None
    elif "quantity" in given and old is not None and old.schedule:
        merged |= _another_quantity(old, new)
    if merged.get("quantity") is None and not merged.get("schedule"):
        raise OrderError(f"line {new.line} is new and has no quantity")
    try:
        return OrderLine.model_validate(merged)
    except ValueError as error:
        raise OrderError(_first_line(error)) from error


def _another_quantity(old: OrderLine, new: ChangedLine) -> dict[str, Any]:
    """The fields of a line that is delivered in parts and gets a quantity alone, which has to say of which."""
    deliveries = old.schedule or ()
    if new.quantity == sum(each.quantity for each in deliveries):
        return {}
    if len({each.requested for each in deliveries}) > 1:
        raise OrderError(f"line {new.line} is delivered in parts: which of them changes is not said; send its schedule")
    return {"schedule": None, "requested": deliveries[0].requested}


def _first_line(error: ValueError) -> str:
    text = str(error).splitlines()
    said = text[-2].strip() if len(text) > 2 else text[0]
    return said.removeprefix("Value error, ").split(" [type=")[0]

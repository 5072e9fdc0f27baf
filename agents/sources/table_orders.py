"""Rows of a table as orders: those with one number are one order, wherever they stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from agents.sources.drafts import PROBLEMS_SHOWN
from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, plain, product, unit_price
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.source import Transaction, attempt
from agents.sources.table_columns import OPTION
from agents.sources.table_config import LINE_FIELDS, ORDER_FIELDS
from agents.sources.table_rows import Row, item_rank
from agents.sources.texts import EXCERPT_LENGTH, quoted

_KINDS = {"customer_order": "order", "order_change": "change", "order_cancel": "cancel"}
_ALIKE = ("item", "description", "uom", "unit_price", "price_base", "ship_to", "text")
"""What rows of one line, each a delivery of it, have in common."""


def orders(rows: Iterable[Row], partner: str) -> list[Transaction]:
    """The orders of rows, in the order of their first rows; one with a fault in any of its rows is rejected whole."""
    groups: dict[tuple[str, str], list[Row]] = {}
    last: list[Row] | None = None
    for row in rows:
        if "number" in row.values:
            last = groups.setdefault((row.values.get("partner", ""), row.values["number"]), [])
        else:
            row.faults.append(
                f"row {row.name} has no number of an order: give it one, or, where the number stands in the first row "
                'of an order only, say fill_down = ["number"] in a mapping'
            )
            if last is None:  # else it may belong to the order above, which is not read without it
                last = groups.setdefault(("", ""), [])
        last.append(row)
    return [_transaction(group, partner) for group in groups.values()]


def _transaction(rows: Sequence[Row], partner: str) -> Transaction:
    return attempt(rows[0].name, as_csv(rows, partner), lambda: _order(rows))


def as_csv(rows: Sequence[Row], partner: str = "") -> str:
    """Rows as a CSV text with the fields' own names, which is read without a mapping.

    Where it is longer than what is kept of a text, it ends within a row, so that it is never read as a whole order.
    """
    there = {name for row in rows for name in row.values}
    known = [name for name in (*ORDER_FIELDS, *LINE_FIELDS) if name in there]
    names = [*known, *sorted(there.difference(known), key=lambda name: (name.startswith(OPTION), name))]
    if partner and "partner" not in names:
        names.insert(0, "partner")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.values.get(name, partner if name == "partner" else "") for name in names] for row in rows)
    return text.getvalue() if text.tell() <= EXCERPT_LENGTH else text.getvalue()[:EXCERPT_LENGTH].rstrip("\n")


def _order(rows: Sequence[Row]) -> OrderDraft:
    faults = [fault for row in rows for fault in row.faults]
    if len(sheets := list(dict.fromkeys(row.sheet for row in rows))) > 1:
        faults.append(f"the order stands in several sheets ({', '.join(map(quoted, sheets))}): put it into one")
    head = {name: _common(name, rows, faults) for name in ORDER_FIELDS}
    kind = _KINDS.get(head.pop("type") or "customer_order", "order")
    lines = _lines(rows, kind, head["currency"], faults) if kind != "cancel" else _cancelled(rows, faults)
    if faults:
        more = [f"and {len(faults) - PROBLEMS_SHOWN} problems more"] if len(faults) > PROBLEMS_SHOWN else []
        raise UnreadableError("; ".join([*faults[:PROBLEMS_SHOWN], *more]))
    places = {line["ship_to"] for line in lines} - {None}
    if len(places) == 1:
        for line in lines:
            line["ship_to"] = None
    ship_to = next(iter(places)) if len(places) == 1 else None
    return order_draft({**head, "partner": head["partner"] or "", "kind": kind, "ship_to": ship_to, "lines": lines})


def _common(name: str, rows: Sequence[Row], faults: list[str]) -> str | None:
    """What all rows say of their order that say anything."""
    first: Row | None = None
    for row in rows:
        if name not in row.values:
            continue
        if first is None:
            first = row
        elif row.values[name] != first.values[name]:
            said = f"{name} {quoted(row.values[name])}, but row {first.name} {quoted(first.values[name])}"
            faults.append(f"row {row.name} gives the {said}: rows of one order agree")
            break
    return first.values[name] if first is not None else None


def _cancelled(rows: Sequence[Row], faults: list[str]) -> list[dict[str, Any]]:
    if named := next((row for row in rows if "line" in row.values or "item" in row.values), None):
        faults.append(
            f"row {named.name} cancels, and names a line or an item, but a cancellation is of the whole order: take a "
            "line off by an order_change with the quantity 0"
        )
    return []


def _lines(rows: Sequence[Row], kind: str, currency: str | None, faults: list[str]) -> list[dict[str, Any]]:
    by_name: dict[str, list[Row]] = {}
    for ordinal, row in enumerate(rows, 1):
        if kind == "change" and "line" not in row.values:
            faults.append(f"row {row.name} changes an order, and names no line")
        _check_quantity(row, kind, faults)
        if kind == "order" and not ({"item", "description"} & (row.values.keys() | row.wrong)):
            faults.append(f"row {row.name} has neither item nor description")
        by_name.setdefault(row.values.get("line", str(ordinal)), []).append(row)
    if faults:
        return []
    found = []
    for name, several in by_name.items():
        try:
            found.append(_line(name, several, currency))
        except UnreadableError as error:
            faults.append(str(error))
    return found


def _check_quantity(row: Row, kind: str, faults: list[str]) -> None:
    if "quantity" in row.wrong:
        return
    quantity = row.number("quantity")
    if quantity is None:
        if kind == "order":
            faults.append(f"row {row.name} has no quantity")
    elif quantity < 0 or (quantity == 0 and kind == "order"):
        more = " (0 takes a line off by an order_change)" if quantity == 0 else ""
        faults.append(f"row {row.name} has the quantity {plain(quantity)}: more than 0 is wanted{more}")
    for name in ("unit_price", "price_base"):
        number = row.number(name)
        if number is not None and (number < 0 or (number == 0 and name == "price_base")):
            faults.append(f"row {row.name}: {name} is {plain(number)}, which is no price")


def _line(name: str, rows: Sequence[Row], currency: str | None) -> dict[str, Any]:
    first = rows[0]
    for row in rows:
        _check_amount(row, currency)
    schedule = _schedule(name, rows) if len(rows) > 1 else None
    values = first.values
    numbers = sorted((each for each in values if each == "item" or each.startswith("item.")), key=item_rank)
    return {
        "line": name,
        "items": list(dict.fromkeys(values[each] for each in numbers)),
        "description": values.get("description"),
        "quantity": sum(each["quantity"] for each in schedule) if schedule else first.number("quantity"),
        "uom": values.get("uom"),
        "requested": None if schedule else values.get("requested"),
        "schedule": schedule,
        "price": first.number("unit_price"),
        "price_base": first.number("price_base") or Decimal(1),
        "configuration": _options(first) or None,
        "ship_to": values.get("ship_to"),
        "text": values.get("text"),
    }


def _options(row: Row) -> dict[str, str]:
    return {name.removeprefix(OPTION): value for name, value in row.values.items() if name.startswith(OPTION)}


def _schedule(name: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The deliveries of a line that has a row for each."""
    first = rows[0]
    for row in rows[1:]:
        differing = [each for each in _ALIKE if row.values.get(each) != first.values.get(each)]
        if differing or _options(row) != _options(first):
            what = differing[0] if differing else "an option"
            raise UnreadableError(
                f"rows {first.name} and {row.name} are both line {quoted(name)}, but differ in {what}"
            )
    dates = [row.values.get("requested") for row in rows]
    if None in dates or len(set(dates)) < len(dates) or any(row.number("quantity") is None for row in rows):
        raise UnreadableError(
            f"rows {first.name} and {rows[1].name} are both line {quoted(name)}: several rows of a line are its "
            "deliveries, each with a date of its own"
        )
    return [{"quantity": row.number("quantity"), "requested": row.values["requested"]} for row in rows]


def _check_amount(row: Row, currency: str | None) -> None:
    """An amount that a row gives is its quantity × price."""
    amount, quantity, price = row.number("amount"), row.number("quantity"), row.number("unit_price")
    if amount is None or quantity is None or price is None:
        return
    one = unit_price(price, row.number("price_base") or Decimal(1), f"row {row.name}: price")
    if not adds_up(amount, (product(quantity, one),), currency):
        raise UnreadableError(
            f"row {row.name}: the amount is {plain(amount)}, but quantity × price is {plain(product(quantity, one))}"
        )

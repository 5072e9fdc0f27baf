"""What is answered to a WooCommerce shop: a note on the order, its metadata, and its status once all of it has left.

Notes are looked for before they are written, and what has left is kept in the order's own metadata by our shipping
order, so that the same answer changes nothing when it comes again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from agents.sources.answers import Verdict
from agents.sources.asking import answered, objects
from agents.sources.errors import SourceError
from agents.sources.exact import plain
from agents.sources.fetching import Response
from agents.sources.json_values import Json, children, text
from agents.sources.record_answers import RecordAnswer

PROMISED, LEFT = "_society_promised", "_society_left"
"""Keys of metadata: the day by which all is promised, and what has left."""

Ask: TypeAlias = Callable[[str, str, object], Response]
"""Sends a request: method, place, body."""


def write(answer: RecordAnswer, ask: Ask, shop: str, *, notify: bool, shipped_status: str) -> None:
    """Write an answer into a shop; with `notify` the customer is told of notes. Raises SourceError."""
    if not answer.reference.isdigit():
        raise SourceError(f"order {answer.number} came without the shop's own id: the shop cannot be told of it")
    place = f"orders/{answer.reference}"
    order = answered(ask("GET", place, None), shop)
    if not isinstance(order, dict):
        raise SourceError(f"{shop} answered no order {answer.reference}")
    change: dict[str, Any] = {"meta_data": [{"key": PROMISED, "value": str(answer.promised or "")}]}
    if answer.shipping_order:
        left = _left(order) | {answer.shipping_order: {each.line: plain(each.quantity) for each in answer.left}}
        change = {"meta_data": [{"key": LEFT, "value": json.dumps(left, sort_keys=True)}]}
        if shipped_status and _is_all(order, left):
            change["status"] = shipped_status
    ask("PUT", place, change)
    notes = objects(answered(ask("GET", f"{place}/notes", None), shop), "", shop)
    if not any(text(each, "note") == answer.text for each in notes):
        is_told = notify and answer.verdict is not Verdict.HELD  # a customer need not hear of every look at an order
        ask("POST", f"{place}/notes", {"note": answer.text, "customer_note": is_told})


def _left(order: Json) -> dict[str, dict[str, str]]:
    """What has left by the order's metadata: quantities by our shipping order and the shop's line."""
    told = next((text(each, "value") for each in children(order, "meta_data") if text(each, "key") == LEFT), "")
    try:
        found = json.loads(told or "{}")
    except ValueError:
        return {}
    return {name: lines for name, lines in found.items() if isinstance(lines, dict)} if isinstance(found, dict) else {}


def _is_all(order: Json, left: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether all lines of an order have left."""
    for line in children(order, "line_items"):
        gone = sum((_number(lines.get(text(line, "id"), "0")) for lines in left.values()), Decimal(0))
        if gone < _number(text(line, "quantity")):
            return False
    return True


def _number(told: str) -> Decimal:
    try:
        return Decimal(told)
    except InvalidOperation:
        return Decimal(0)

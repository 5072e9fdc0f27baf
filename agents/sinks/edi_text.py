"""Texts as interchanges can hold them: Latin letters without marks where the character set has no others."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from agents.sinks.sink import SinkError
from protocols.publishing import PurchaseOrderNews

_LETTERS = str.maketrans({"ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "€": "EUR"})


def folded(text: str) -> str:
    """A text in ASCII: letters lose their marks, everything else that it lacks becomes a question mark."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else "?" for c in kept).strip()


def control_number(order: PurchaseOrderNews, told: int) -> int:
    """A number of up to nine digits for an interchange: another for each purchase order, and each time it is sent."""
    digits = "".join(c for c in order.purchase_order if c.isascii() and c.isdigit())
    return (int(digits or "0") * 100 + told) % 10**9 or 1


def total(quantities: list[str]) -> str:
    """The sum of quantities, as a control total has it."""
    return f"{sum((Decimal(each) for each in quantities), Decimal(0)):f}"


def receiver(order: PurchaseOrderNews, known: Mapping[str, str]) -> str:
    """The supplier's identification as trading partner. Raises SinkError where that is too long for an envelope."""
    found = known.get(order.supplier, order.supplier)
    if len(found) > 15 or found != folded(found):
        raise SinkError(f"supplier {order.supplier}: {found} is no identification of a trading partner; set `partners`")
    return found

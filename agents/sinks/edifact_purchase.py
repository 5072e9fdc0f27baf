"""The sink that sends purchase orders to suppliers as EDIFACT ORDERS D.96A: original, replaced whole, or cancelled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from agents.sinks.buying import BuyingConfig, is_cancelled, issued
from agents.sinks.edi_text import control_number, receiver, total
from agents.sinks.json_sink import file_name
from agents.sinks.sink import News, Parcel, Sink
from protocols.publishing import PurchaseOrderNews, PurchaseRowNews, Topic

ORIGINAL, REPLACE, CANCELLATION = "9", "5", "1"
"""1225, functions of a message."""

UNITS = {"EA": "PCE", "PC": "PCE", "PCS": "PCE", "KG": "KGM", "M": "MTR", "L": "LTR", "G": "GRM"}
"""6411, for units that people write otherwise."""

_MARK = re.compile(r"([?+:'])")

Composite = Sequence[str] | str


class EdifactPurchaseConfig(BuyingConfig):
    """Who sends, and to whom, in the words of an interchange."""

    buyer: str = Field(max_length=35)
    qualifier: str = Field("", max_length=4)
    """Of the identifications of both, by data element 0007 (14: GLN); empty: as agreed."""
    partners: Mapping[str, str] = {}
    """Suppliers' identifications as trading partners, where these are not their numbers."""
    test: bool = False


class EdifactPurchase(Sink[EdifactPurchaseConfig]):
    """Purchase orders as interchanges of one ORDERS each, in the character set UNOC (Latin-1)."""

    kind = "edifact"
    title = "EDIFACT ORDERS to suppliers"
    Config = EdifactPurchaseConfig
    topics = frozenset({Topic.PURCHASE_ORDER})

    def parcels(self, news: News, told: int) -> Iterator[Parcel]:
        """One interchange of one purchase order."""
        found = issued(news, self.config)
        if found is None or (is_cancelled(found[1]) and not told):
            return
        order, rows = found
        text = "UNA:+.? '\n" + "".join(f"{_segment(each)}'\n" for each in self._interchange(order, rows, told))
        body = text.encode("latin-1")
        yield Parcel(f"{file_name(order)}.edi", body, "application/edifact")

    def _interchange(
        self, order: PurchaseOrderNews, rows: Sequence[PurchaseRowNews], told: int
    ) -> Iterator[Sequence[Composite]]:
        config, partner = self.config, receiver(order, self.config.partners)
        number, date = str(control_number(order, told)), min(row.order_by for row in rows)
        moment = (date[2:10].replace("-", ""), date[11:16].replace(":", ""))
        end: list[Composite] = ["", "", "", "", "", "1"] if config.test else []
        ours, theirs = (config.buyer, config.qualifier), (partner, config.qualifier)
        yield ["UNB", ("UNOC", "3"), ours, theirs, moment, number, *end]
        body = list(_order(order, rows, told, config))
        yield ["UNH", "1", ("ORDERS", "D", "96A", "UN")]
        yield from body
        yield ["UNT", str(len(body) + 2), "1"]
        yield ["UNZ", "1", number]


def _order(
    order: PurchaseOrderNews, rows: Sequence[PurchaseRowNews], told: int, config: EdifactPurchaseConfig
) -> Iterator[Sequence[Composite]]:
    wanted = [row for row in rows if row.status != "cancelled"]
    function = CANCELLATION if not wanted else REPLACE if told else ORIGINAL
    yield ["BGM", "220", order.purchase_order, function]
    yield ["DTM", ("137", min(row.order_by for row in rows)[:10].replace("-", ""), "102")]
    yield ["NAD", "BY", (config.buyer, "", "92"), "", config.buyer_name]
    yield ["NAD", "SU", (order.supplier, "", "92"), "", order.supplier_name]
    if order.currency:
        yield ["CUX", ("2", order.currency, "9")]
    for row in wanted:
        yield ["LIN", str(row.row), "", (row.item, "IN")]
        if row.description:
            yield ["IMD", "F", "", ("", "", "", row.description[:35], row.description[35:70])]
        yield ["QTY", ("21", row.quantity, UNITS.get(row.uom.upper(), row.uom))]
        yield ["DTM", ("2", row.due[:10].replace("-", ""), "102")]
        yield ["PRI", ("AAA", row.unit_price)]
    yield ["UNS", "S"]
    if wanted:
        yield ["CNT", ("1", total([row.quantity for row in wanted]))]
        yield ["CNT", ("2", str(len(wanted)))]


def _segment(parts: Sequence[Composite]) -> str:
    return "+".join(_whole([_composite(part) for part in parts]))


def _composite(part: Composite) -> str:
    values = [part] if isinstance(part, str) else part
    return ":".join(_whole([_MARK.sub(r"?\1", _latin(value)) for value in values]))


def _latin(text: str) -> str:
    """A text in the character set, on one line."""
    known = text.encode("latin-1", "replace").decode("latin-1")
    return " ".join("".join(c if c.isprintable() else " " for c in known).split())


def _whole(parts: list[str]) -> list[str]:
    """The parts without those at the end that are empty."""
    while parts and not parts[-1]:
        parts.pop()
    return parts

"""The sink that sends purchase orders to suppliers as X12 850: original, replaced as a whole, or cancelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from agents.sinks.buying import BuyingConfig, is_cancelled, issued
from agents.sinks.edi_text import control_number, folded, receiver, total
from agents.sinks.json_sink import file_name
from agents.sinks.sink import News, Parcel, Sink
from protocols.publishing import PurchaseOrderNews, PurchaseRowNews, Topic

ORIGINAL, REPLACE, CANCELLATION = "00", "05", "01"
"""353, purposes of a set."""

_MARKS = str.maketrans({"*": " ", "~": " ", ">": " "})


class X12PurchaseConfig(BuyingConfig):
    """Who sends, and to whom, in the words of an interchange."""

    buyer: str = Field(max_length=15)
    qualifier: str = Field("ZZ", min_length=2, max_length=2)
    """Of the identifications of both, by data element I05; ZZ: as agreed."""
    partners: Mapping[str, str] = {}
    """Suppliers' identifications as trading partners, where these are not their numbers."""
    test: bool = False


class X12Purchase(Sink[X12PurchaseConfig]):
    """Purchase orders as interchanges of one 850 each, version 004010."""

    kind = "x12"
    title = "X12 850 to suppliers"
    Config = X12PurchaseConfig
    topics = frozenset({Topic.PURCHASE_ORDER})

    def parcels(self, news: News, told: int) -> Iterator[Parcel]:
        """One interchange of one purchase order."""
        found = issued(news, self.config)
        if found is None or (is_cancelled(found[1]) and not told):
            return
        order, rows = found
        segments = list(self._interchange(order, rows, told))
        body = "".join(f"{'*'.join(parts).rstrip('*')}~\n" for parts in segments)
        yield Parcel(f"{file_name(order)}.x12", body.encode("ascii"), "application/edi-x12")

    def _interchange(
        self, order: PurchaseOrderNews, rows: Sequence[PurchaseRowNews], told: int
    ) -> Iterator[Sequence[str]]:
        config, partner = self.config, receiver(order, self.config.partners)
        number, date = control_number(order, told), min(row.order_by for row in rows)
        day, clock = date[:10].replace("-", ""), date[11:16].replace(":", "")
        parties = [config.qualifier, f"{config.buyer:15}", config.qualifier, f"{partner:15}"]
        isa = ["ISA", "00", " " * 10, "00", " " * 10, *parties, day[2:], clock, "U", "00401", f"{number:09}", "0"]
        yield [*isa, "T" if config.test else "P", ">"]
        yield ["GS", "PO", config.buyer, partner, day, clock, str(number), "X", "004010"]
        body = [[_text(part) for part in segment] for segment in _order(order, rows, told, config)]
        yield ["ST", "850", "0001"]
        yield from body
        yield ["SE", str(len(body) + 2), "0001"]
        yield ["GE", "1", str(number)]
        yield ["IEA", "1", f"{number:09}"]


def _order(
    order: PurchaseOrderNews, rows: Sequence[PurchaseRowNews], told: int, config: X12PurchaseConfig
) -> Iterator[Sequence[str]]:
    wanted = [row for row in rows if row.status != "cancelled"]
    purpose = CANCELLATION if not wanted else REPLACE if told else ORIGINAL
    day = min(row.order_by for row in rows)[:10].replace("-", "")
    yield ["BEG", purpose, "SA", order.purchase_order, "", day]
    if order.currency:
        yield ["CUR", "BY", order.currency]
    yield ["N1", "BY", config.buyer_name, "92", config.buyer]
    yield ["N1", "SE", order.supplier_name, "92", order.supplier]
    for row in wanted:
        yield ["PO1", str(row.row), row.quantity, row.uom or "EA", row.unit_price, "UM", "BP", row.item]
        if row.description:
            yield ["PID", "F", "", "", "", row.description[:80]]
        yield ["DTM", "002", row.due[:10].replace("-", "")]
    if wanted:
        yield ["CTT", str(len(wanted)), total([row.quantity for row in wanted])]


def _text(text: Any) -> str:
    return folded(str(text)).translate(_MARKS).strip()

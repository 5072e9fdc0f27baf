"""The sink that sends suppliers their purchase orders by e-mail, as a page that people read (the extra `pdf`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from agents.sinks.buying import BuyingConfig, is_cancelled, issued
from agents.sinks.json_sink import file_name
from agents.sinks.sink import News, Parcel, Sink, SinkError
from agents.sources.xml_text import clean
from protocols.publishing import PurchaseOrderNews, PurchaseRowNews, Topic

_COLUMNS = ("Row", "Item", "Quantity", "Unit price", "Amount", "Wanted on")
_WIDTHS = (30, 200, 75, 65, 70, 70)


class PdfPurchaseConfig(BuyingConfig):
    """Who writes to whom."""

    sender: str
    """The address that orders come from."""
    addresses: Mapping[str, str]
    """Suppliers' addresses, by their numbers. One without an address is an error, which a person sees."""


class PdfPurchase(Sink[PdfPurchaseConfig]):
    """Purchase orders as PDF, each an attachment of a message to its supplier."""

    kind = "pdf"
    title = "PDF to suppliers by e-mail"
    Config = PdfPurchaseConfig
    topics = frozenset({Topic.PURCHASE_ORDER})

    def __init__(self, config: PdfPurchaseConfig | None = None) -> None:
        super().__init__(config)
        if find_spec("reportlab") is None:
            raise SinkError("PDFs need the extra `pdf`: python -m pip install 'reportlab>=4.4,<6'")

    def parcels(self, news: News, told: int) -> Iterator[Parcel]:
        """One document for one purchase order."""
        found = issued(news, self.config)
        if found is None or (is_cancelled(found[1]) and not told):
            return
        order, rows = found
        to = self.config.addresses.get(order.supplier)
        if to is None:
            raise SinkError(f"supplier {order.supplier} has no address: set `addresses`")
        what = "cancelled" if is_cancelled(rows) else "changed" if told else ""
        subject = f"Purchase order {order.purchase_order}{f' ({what})' if what else ''}"
        headers = {"From": self.config.sender, "To": to, "Subject": subject}
        yield Parcel(f"{file_name(order)}.pdf", _page(order, rows, subject, self.config), "application/pdf", headers)


def _page(order: PurchaseOrderNews, rows: Sequence[PurchaseRowNews], title: str, config: PdfPurchaseConfig) -> bytes:
    """The same bytes for the same order."""
    platypus, styles = import_module("reportlab.platypus"), import_module("reportlab.lib.styles").getSampleStyleSheet()
    colors, pagesizes = import_module("reportlab.lib.colors"), import_module("reportlab.lib.pagesizes")

    def text(words: str, style: str = "BodyText") -> Any:
        return platypus.Paragraph(escape(clean(words)), styles[style])

    wanted = [row for row in rows if row.status != "cancelled"]
    amounts = [(Decimal(row.quantity) * Decimal(row.unit_price)).quantize(Decimal("0.01")) for row in wanted]
    lines = [
        [
            str(row.row),
            text(f"{row.item}  {row.description}"),
            f"{row.quantity} {row.uom}",
            row.unit_price,
            f"{amount}",
            row.due[:10],
        ]
        for row, amount in zip(wanted, amounts, strict=True)
    ]
    story = [
        text(title, "Title"),
        text(f"From: {config.buyer_name or config.buyer}"),
        text(f"To: {order.supplier_name or order.supplier} ({order.supplier})"),
        platypus.Spacer(1, 12),
    ]
    if lines:
        sum_of_all = ["", text("Total"), "", "", f"{sum(amounts, Decimal(0))} {order.currency}", ""]
        table = platypus.Table([list(_COLUMNS), *lines, sum_of_all], colWidths=_WIDTHS, repeatRows=1)
        table.setStyle(
            platypus.TableStyle(
                [
                    ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
                    ("LINEABOVE", (0, -1), (-1, -1), 0.8, colors.black),
                    ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ]
            )
        )
        story.append(table)
    else:
        story.append(text("Nothing of this order is wanted any more."))
    body = BytesIO()
    platypus.SimpleDocTemplate(
        body, pagesize=pagesizes.A4, leftMargin=40, rightMargin=40, title=title, invariant=1
    ).build(story)
    return body.getvalue()

"""Benchmark `sources`: how fast each format is read, on documents of many lines written out here."""

from __future__ import annotations

import datetime as dt
import io
import json
import time
from decimal import Decimal
from email.message import EmailMessage

import openpyxl

from agents.sources.reading import read_bytes
from knowledge.documents import CustomerOrder
from tests.bench.results import Result

_ORDERS = 20
_LINES = 100
_SECONDS = 1.0
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


def run() -> list[Result]:
    """Lines per CPU second of each format."""
    return [_measure(name, bodies) for name, bodies in documents().items()]


def _measure(name: str, bodies: list[bytes]) -> Result:
    lines, begin = 0, time.process_time()
    while time.process_time() - begin < _SECONDS:
        lines += sum(lines_of(name, body) for body in bodies)
    return Result(f"{name} lines", lines / (time.process_time() - begin), "lines/CPU s", "make bench sources")


def lines_of(name: str, body: bytes) -> int:
    """The lines of the orders of a body. Raises ValueError where one is not read as an order."""
    found = 0
    for read in read_bytes(name, body):
        if not isinstance(read.document, CustomerOrder):
            raise ValueError(f"{name} was not read: {read.reason}")
        found += len(read.document.lines)
    return found


def documents() -> dict[str, list[bytes]]:
    """The bodies of each format."""
    return {
        "X12": [x12(n) for n in range(_ORDERS)],
        "EDIFACT": [edifact(n) for n in range(_ORDERS)],
        "UBL": [ubl(n) for n in range(_ORDERS)],
        "cXML": [cxml(n) for n in range(_ORDERS)],
        "Shopify": [shopify(n) for n in range(_ORDERS)],
        "WooCommerce": [woocommerce(n) for n in range(_ORDERS)],
        "HubSpot": [hubspot(n) for n in range(_ORDERS)],
        "Salesforce": [salesforce(n) for n in range(_ORDERS)],
        "CSV": [csv_table()],
        "XLSX": [workbook()],
        "E-mail": [message()],
        "JSON": [contract(n) for n in range(_ORDERS)],
    }


def x12(number: int) -> bytes:
    """An interchange of one purchase order."""
    lines = [f"PO1*{n}*{n}*EA*9.50*PE*VP*ITEM-{n}" for n in range(1, _LINES + 1)]
    total = _LINES * (_LINES + 1) // 2
    body = [f"BEG*00*SA*PO{number}**20260105", "CUR*BY*EUR", "DTM*002*20260202", *lines, f"CTT*{_LINES}*{total}"]
    address = "*00*          *00*          *ZZ*NORTHBUY       *ZZ*MAKER          "
    segments = [
        f"ISA{address}*260105*0800*U*00401*{number:09d}*0*P*>",
        "GS*PO*NORTHBUY*MAKER*20260105*0800*70*X*004010",
        "ST*850*0001",
        *body,
        f"SE*{len(body) + 2}*0001",
        "GE*1*70",
        f"IEA*1*{number:09d}",
    ]
    return "".join(f"{segment}~\n" for segment in segments).encode()


def edifact(number: int) -> bytes:
    """An interchange of one ORDERS."""
    lines = [
        part
        for n in range(1, _LINES + 1)
        for part in (
            f"LIN+{n}++400{n:010d}:EN",
            f"PIA+5+ITEM-{n}:SA",
            f"IMD+F++:::Pump {n}",
            f"QTY+21:{n}:PCE",
            "PRI+AAA:9.50",
        )
    ]
    body = [f"BGM+220+PO{number}+9", "DTM+137:20260105:102", "DTM+2:20260202:102", "NAD+BY+NORTH", "CUX+2:EUR:9"]
    body += [*lines, "UNS+S", f"CNT+2:{_LINES}"]
    segments = [
        f"UNB+UNOC:3+NORTHBUY:14+MAKER:14+260105:0800+{number}",
        "UNH+1+ORDERS:D:96A:UN",
        *body,
        f"UNT+{len(body) + 2}+1",
        f"UNZ+1+{number}",
    ]
    return "".join(f"{segment}'" for segment in segments).encode()


def ubl(number: int) -> bytes:
    """A UBL order."""
    lines = "".join(
        f'<cac:OrderLine><cac:LineItem><cbc:ID>{n}</cbc:ID><cbc:Quantity unitCode="C62">{n}</cbc:Quantity>'
        '<cac:Price><cbc:PriceAmount currencyID="EUR">9.50</cbc:PriceAmount></cac:Price>'
        f"<cac:Item><cac:SellersItemIdentification><cbc:ID>ITEM-{n}</cbc:ID></cac:SellersItemIdentification>"
        "</cac:Item></cac:LineItem></cac:OrderLine>"
        for n in range(1, _LINES + 1)
    )
    return (
        f'<Order xmlns="{_UBL}Order-2" xmlns:cac="{_UBL}CommonAggregateComponents-2"'
        f' xmlns:cbc="{_UBL}CommonBasicComponents-2"><cbc:ID>PO-{number}</cbc:ID>'
        "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cac:BuyerCustomerParty><cac:Party>"
        "<cac:PartyIdentification><cbc:ID>NORTH</cbc:ID></cac:PartyIdentification></cac:Party>"
        f"</cac:BuyerCustomerParty>{lines}</Order>"
    ).encode()


def cxml(number: int) -> bytes:
    """A cXML order."""
    lines = "".join(
        f'<ItemOut quantity="{n}" lineNumber="{n}" requestedDeliveryDate="2026-02-02"><ItemID><SupplierPartID>ITEM-{n}'
        "</SupplierPartID></ItemID><ItemDetail><UnitPrice><Money>9.50</Money></UnitPrice><Description>An item"
        "</Description><UnitOfMeasure>EA</UnitOfMeasure><Extrinsic name='Seal'>Viton</Extrinsic></ItemDetail></ItemOut>"
        for n in range(1, _LINES + 1)
    )
    total = f"<Total><Money>{Decimal('9.50') * _LINES * (_LINES + 1) / 2}</Money></Total>"
    return (
        '<!DOCTYPE cXML SYSTEM "cXML.dtd"><cXML><Header><From><Credential><Identity>NORTH</Identity></Credential>'
        f'</From></Header><Request><OrderRequest><OrderRequestHeader orderID="PO-{number}" type="new">{total}'
        f"</OrderRequestHeader>{lines}</OrderRequest></Request></cXML>"
    ).encode()


def shopify(number: int) -> bytes:
    """A Shopify order."""
    lines = [{"id": n, "sku": f"ITEM-{n}", "quantity": n, "price": "9.50"} for n in range(1, _LINES + 1)]
    order = {
        "id": 900 + number,
        "name": f"#{number}",
        "currency": "EUR",
        "created_at": "2026-01-05T09:00:00+01:00",
        "order_status_url": "https://shop.example.com/1/orders/x",
        "customer": {"id": 5, "email": "ann@example.com"},
        "line_items": lines,
    }
    return json.dumps(order).encode()


_TABLE: list[list[object]] = [
    ["number", "customer", "line", "item", "quantity", "requested", "unit_price"],
    *(
        [f"SO-{order}", "NORTH", str(n), f"ITEM-{n}", n, dt.date(2026, 2, 2), 9.5]
        for order in range(_ORDERS)
        for n in range(1, _LINES + 1)
    ),
]


def csv_table() -> bytes:
    """Orders as rows of a CSV file."""
    return "".join(",".join(map(str, row)) + "\n" for row in _TABLE).encode()


def workbook() -> bytes:
    """The same rows as a workbook."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in _TABLE:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def woocommerce(number: int) -> bytes:
    """A WooCommerce order."""
    lines = [
        {"id": n, "sku": f"ITEM-{n}", "name": "Mug", "quantity": n, "total": f"{n * 950 // 100}.{n * 950 % 100:02}",
         "price": 9.5, "meta_data": [{"id": n, "key": "pa_color", "value": "black"}]}
        for n in range(1, _LINES + 1)
    ]  # fmt: skip
    order = {
        "id": 900 + number,
        "number": str(number),
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-01-05T08:00:00",
        "billing": {"email": "ann@example.com"},
        "line_items": lines,
    }
    return json.dumps(order).encode()


def hubspot(number: int) -> bytes:
    """A won deal of HubSpot's."""
    lines = [
        {"id": str(n), "properties": {"name": "Mug", "quantity": str(n), "price": "9.50", "hs_sku": f"ITEM-{n}",
         "amount": f"{n * 950 // 100}.{n * 950 % 100:02}"}}
        for n in range(1, _LINES + 1)
    ]  # fmt: skip
    deal = {"dealstage": "closedwon", "hs_object_id": str(number), "deal_currency_code": "EUR"}
    company = {"id": "7", "properties": {"name": "NEAR"}, "primary": True}
    return json.dumps(
        {"hubspot_deal": {"id": str(number), "properties": deal}, "line_items": lines, "companies": [company]}
    ).encode()


def salesforce(number: int) -> bytes:
    """An activated order of Salesforce's."""
    items = [
        {"OrderItemNumber": f"{n:010}", "Quantity": n, "UnitPrice": 9.5, "TotalPrice": n * 9.5,
         "Product2": {"Name": "Mug", "ProductCode": f"ITEM-{n}"}}
        for n in range(1, _LINES + 1)
    ]  # fmt: skip
    order = {
        "OrderNumber": f"{number:08}",
        "StatusCode": "Activated",
        "TotalAmount": _LINES * (_LINES + 1) // 2 * 9.5,
        "Account": {"AccountNumber": "NEAR"},
        "OrderItems": {"done": True, "records": items},
    }
    return json.dumps({"salesforce_order": order}).encode()


def message() -> bytes:
    """The rows as an attachment."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "ann@north.example", "Orders"
    mail.set_content("Please deliver.")
    mail.add_attachment(csv_table(), maintype="text", subtype="csv", filename="orders.csv")
    return mail.as_bytes()


def contract(number: int) -> bytes:
    """An order as the contract has it."""
    lines = [
        {"line": str(n), "item": f"ITEM-{n}", "quantity": str(n), "requested": "2026-02-02", "unit_price": "9.50"}
        for n in range(1, _LINES + 1)
    ]
    return json.dumps({"type": "customer_order", "source": "bench", "number": str(number), "lines": lines}).encode()

"""Small foreign documents, written out for tests: each builder gives a sound one, and lets a test spoil it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

from agents.sources.source import Rejected, Source, transactions
from knowledge.documents import CustomerOrder
from protocols.publishing import OrderNews, PartNews

ISA = "ISA*00*          *00*          *ZZ*NORTHBUY       *ZZ*MAKER          *260105*0800*U*00401*000000007*0*P*>"
GS = "GS*PO*NORTHBUY*MAKER*20260105*0800*70*X*004010"

LINES = ("PO1*1*3*EA*149.50*PE*VP*CAB-600", "PO1*2*2*EA*310.00**VP*TOP-2400")
HEADER = ("BEG*00*SA*45001**20260105", "CUR*BY*USD", "DTM*002*20260202")


def x12_set(body: Sequence[str], number: str = "0001", set_id: str = "850", count: int | None = None) -> list[str]:
    """The segments of one set, ST and SE included."""
    told = len(body) + 2 if count is None else count
    return [f"ST*{set_id}*{number}", *body, f"SE*{told}*{number}"]


def interchange(*sets: Sequence[str], ge: str = "", iea: str = "IEA*1*000000007", end: str = "~\n") -> bytes:
    """An interchange of one group of sets."""
    segments = [ISA, GS, *(segment for each in sets for segment in each), ge or f"GE*{len(sets)}*70", iea]
    return "".join(segment + end for segment in segments).encode()


def x12_order(
    *, header: Sequence[str] = HEADER, lines: Sequence[str] = LINES, summary: Sequence[str] = ("CTT*2*5",)
) -> bytes:
    """An interchange of one 850."""
    return interchange(x12_set([*header, *lines, *summary]))


BCH = "BCH*04*SA*45001**1*20260105*****20260110"


def x12_change(*lines: str, header: Sequence[str] = (BCH,), summary: Sequence[str] | None = None) -> bytes:
    """An interchange of one 860."""
    told = summary if summary is not None else [f"CTT*{sum(line.startswith('POC') for line in lines)}"]
    return interchange(x12_set([*header, *lines, *told], set_id="860"))


UNB = "UNB+UNOB:3+NORTHBUY:14+MAKER:14+260105:0800+7"

BGM = ("BGM+220+45001+9", "DTM+137:20260105:102", "DTM+2:20260202:102", "CUX+2:EUR:9")
LINS = (
    "LIN+1++CAB-600:SA", "QTY+21:3:PCE", "PRI+AAA:149.50",
    "LIN+2++TOP-2400:SA", "QTY+21:2:PCE", "PRI+AAA:310.00",
)  # fmt: skip


def edifact_message(
    body: Sequence[str], reference: str = "1", kind: str = "ORDERS", count: int | None = None
) -> list[str]:
    """The segments of one message, UNH and UNT included."""
    told = len(body) + 2 if count is None else count
    return [f"UNH+{reference}+{kind}:D:96A:UN", *body, f"UNT+{told}+{reference}"]


def edifact_interchange(*messages: Sequence[str], unb: str = UNB, unz: str = "", una: str = "") -> bytes:
    """An interchange of messages."""
    segments = [unb, *(segment for each in messages for segment in each), unz or f"UNZ+{len(messages)}+7"]
    return (una + "".join(f"{segment}'\n" for segment in segments)).encode()


def edifact_order(
    *, header: Sequence[str] = BGM, lines: Sequence[str] = LINS, summary: Sequence[str] = ("UNS+S", "CNT+2:2"),
    una: str = "", kind: str = "ORDERS",
) -> bytes:  # fmt: skip
    """An interchange of one ORDERS."""
    return edifact_interchange(edifact_message([*header, *lines, *summary], kind=kind), una=una)


def edifact_change(*lines: str, header: Sequence[str] = ("BGM+230+45001-1+4", "RFF+ON:45001")) -> bytes:
    """An interchange of one ORDCHG."""
    count = sum(line.startswith("LIN") for line in lines)
    return edifact_order(header=header, lines=lines, summary=("UNS+S", f"CNT+2:{count}"), kind="ORDCHG")


def part(
    quantity: str, requested: str | None, promised: str | None, *, line: str = "1", item: str = "PUMP",
    status: str = "promised", reason: str = "",
) -> PartNews:  # fmt: skip
    """A part of an order line as it is published."""
    return PartNews(
        line=line, item=item, quantity=quantity, requested=requested, promised=promised, status=status, reason=reason
    )


def order_news(lines: Sequence[dict[str, Any]], parts: Sequence[PartNews], number: str = "45001") -> OrderNews:
    """How an order stands, as it is published."""
    document = {"number": number, "currency": "EUR", "received": "2026-01-05T08:00:00Z", "lines": lines}
    return OrderNews(
        source="x12:NORTHBUY", number=number, customer="N-1", status="", lines=tuple(parts), document=document
    )


UBL_NAMESPACES = (
    'xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2" '
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)

UBL_ITEM = (
    "<cac:Item><cbc:Name>Pump</cbc:Name>"
    "<cac:SellersItemIdentification><cbc:ID>PUMP-10</cbc:ID></cac:SellersItemIdentification></cac:Item>"
)

UBL_PRICE = '<cac:Price><cbc:PriceAmount currencyID="EUR">310.00</cbc:PriceAmount></cac:Price>'


def ubl_line(
    *,
    number: str = "1",
    quantity: str = '<cbc:Quantity unitCode="C62">2</cbc:Quantity>',
    amount: str = "",
    delivery: str = "",
    price: str = UBL_PRICE,
    item: str = UBL_ITEM,
    note: str = "",
) -> str:
    """A cac:OrderLine."""
    body = f"<cbc:ID>{number}</cbc:ID>{quantity}{amount}{delivery}{price}{item}"
    return f"<cac:OrderLine>{note}<cac:LineItem>{body}</cac:LineItem></cac:OrderLine>"


UBL_BUYER = (
    "<cac:BuyerCustomerParty><cac:Party><cbc:EndpointID>0088:7300</cbc:EndpointID>"
    "<cac:PartyIdentification><cbc:ID>NORTH</cbc:ID></cac:PartyIdentification>"
    "<cac:PartyName><cbc:Name>North Ltd</cbc:Name></cac:PartyName></cac:Party></cac:BuyerCustomerParty>"
)


def ubl_order(
    *lines: str,
    number: str = "<cbc:ID>PO-7</cbc:ID>",
    head: str = "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>",
    buyer: str = UBL_BUYER,
    more: str = "",
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> bytes:
    """A UBL Order document."""
    body = f"<cbc:UBLVersionID>2.1</cbc:UBLVersionID>{number}{head}{buyer}{more}{''.join(lines or (ubl_line(),))}"
    return f"{prolog}<Order {UBL_NAMESPACES}>{body}</Order>".encode()


def shopify_line(**more: Any) -> dict[str, Any]:
    """A Shopify line item."""
    return {"id": 11, "sku": "MUG-1", "quantity": 2, "price": "9.50", "title": "Mug", "variant_title": "blue", **more}


def shopify_order(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A Shopify order object."""
    return {
        "id": 900,
        "name": "#1001",
        "currency": "EUR",
        "created_at": "2026-01-05T09:00:00+01:00",
        "order_status_url": "https://mugs.example.com/1/orders/x",
        "customer": {"id": 5, "email": "ann@example.com"},
        "line_items": list(lines or (shopify_line(),)),
        **more,
    }


def woocommerce_line(**more: Any) -> dict[str, Any]:
    """A WooCommerce line item."""
    line = {"id": 21, "name": "Mug", "product_id": 5, "variation_id": 0, "quantity": 2, "sku": "MUG-1"}
    return {**line, "subtotal": "19.00", "total": "19.00", "total_tax": "0.00", "price": 9.5, "meta_data": [], **more}


def woocommerce_order(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A WooCommerce order object."""
    return {
        "id": 700,
        "number": "700",
        "order_key": "wc_order_1",
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-01-05T08:00:00",
        "date_modified_gmt": "2026-01-05T08:30:00",
        "customer_id": 0,
        "customer_note": "",
        "billing": {"first_name": "Ann", "last_name": "Lee", "address_1": "1 Road", "email": "ann@example.com"},
        "shipping": {"first_name": "", "last_name": "", "address_1": ""},
        "meta_data": [],
        "line_items": list(lines or (woocommerce_line(),)),
        **more,
    }


def hubspot_line(number: str = "501", **more: Any) -> dict[str, Any]:
    """A line item of HubSpot's."""
    line = {"name": "Mug", "quantity": "2", "price": "9.50", "amount": "19.00", "hs_sku": "MUG-1"}
    return {"id": number, "properties": {**line, **more}}


def hubspot_deal(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A deal's record, which is won unless a stage is given."""
    deal = {"hs_object_id": "900", "dealstage": "closedwon", "deal_currency_code": "EUR"}
    deal["hs_lastmodifieddate"] = "2026-01-05T08:00:00.123Z"
    company = {"id": "7", "properties": {"name": "NEAR", "domain": "near.example"}, "primary": True}
    return {
        "hubspot_deal": {"id": "900", "properties": {**deal, **more}},
        "line_items": list(lines),
        "companies": [company],
        "contacts": [],
    }


def salesforce_item(**more: Any) -> dict[str, Any]:
    """An order item of Salesforce's."""
    article = {"Name": "Mug", "ProductCode": "MUG-1", "StockKeepingUnit": "SKU-1"}
    item = {"OrderItemNumber": "0000000001", "Quantity": 2.0, "UnitPrice": 9.5, "TotalPrice": 19.0, "Product2": article}
    return {**item, **more}


def salesforce_order(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An order's record, which is activated unless a code is given."""
    order = {
        "Id": "801000000000001AAA",
        "OrderNumber": "00000100",
        "Status": "Activated",
        "StatusCode": "Activated",
        "IsReductionOrder": False,
        "TotalAmount": 19.0,
        "SystemModstamp": "2026-01-05T08:00:00.000+0000",
        "CurrencyIsoCode": "EUR",
        "Account": {"Name": "Near Ltd", "AccountNumber": "NEAR"},
        "OrderItems": {"totalSize": 1, "done": True, "records": list(items or (salesforce_item(),))},
        **more,
    }
    return {"salesforce_order": order}


def contract_order(**more: Any) -> dict[str, Any]:
    """A customer order of the contract."""
    line = {"line": "1", "item": "PUMP-10", "quantity": "12", "requested": "2026-02-02", "unit_price": "310.00"}
    return {"type": "customer_order", "source": "manual", "number": "SO-1", "lines": [line], **more}


def as_json(value: object) -> bytes:
    """A value as a JSON body."""
    return json.dumps(value).encode()


def only(source: Source[Any], body: bytes) -> CustomerOrder:
    """The only order of a body."""
    [transaction] = transactions(source, {}, body)
    assert isinstance(transaction.outcome, CustomerOrder), transaction.outcome
    return transaction.outcome


def outcome(source: Source[Any], headers: Mapping[str, str], body: bytes) -> Any:
    """What the only transaction of a webhook comes to: a document, or why there is none."""
    [transaction] = transactions(source, headers, body)
    found = transaction.outcome
    return found.reason if isinstance(found, Rejected) else found


def reason(source: Source[Any], body: bytes) -> str:
    """The reason why the only transaction of a body was rejected."""
    [transaction] = transactions(source, {}, body)
    assert isinstance(transaction.outcome, Rejected), transaction.outcome
    return transaction.outcome.reason


def csv_table(*rows: str, end: str = "\n") -> bytes:
    """A CSV file of rows, the headers first."""
    return "".join(row + end for row in rows).encode()


HEADERS = "number,customer,line,item,quantity,requested,unit_price"
ROWS = ("SO-1,NORTH,1,PUMP-10,12,2026-02-02,310.00", "SO-1,NORTH,2,SEAL-3,4,2026-02-02,9.50", "SO-2,,,PUMP-10,1,,")


def workbook(*rows: Sequence[Any], title: str = "Orders", more: Mapping[str, Sequence[Sequence[Any]]] = {}) -> bytes:
    """A workbook as a spreadsheet program writes it; `more` are further sheets."""
    book = openpyxl.Workbook()
    for name, content in {title: rows, **more}.items():
        sheet = book.active if name == title else book.create_sheet(name)
        sheet.title = name
        for row in content:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def raw_workbook(
    data: str, *, after: str = "", strings: Sequence[str] = (), properties: str = "", members: Mapping[str, bytes] = {}
) -> bytes:
    """A workbook of one sheet whose XML is written out: `data` its rows, `after` what follows them."""
    shared = "".join(f"<si><t>{string}</t></si>" for string in strings)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">{properties}<sheets>'
        '<sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData>{after}</worksheet>',
    }
    return zipped({name: text.encode() for name, text in parts.items()} | dict(members))


def zipped(members: Mapping[str, bytes]) -> bytes:
    """An archive of members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def raw_row(number: int, *cells: str) -> str:
    """A row of a worksheet; a cell is its value, or XML where it begins so."""
    found = []
    for column, cell in zip("ABCDEFGHIJ", cells, strict=False):
        place = f"{column}{number}"
        inline = f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>'
        found.append(cell.replace("@", place) if cell.startswith("<") else inline)
    return f'<row r="{number}">{"".join(found)}</row>'

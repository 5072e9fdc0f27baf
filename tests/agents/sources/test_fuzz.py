"""Whatever happens to a file on its way: it is read whole, or rejected with a reason; never in part, never a crash."""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from agents.sources.reading import Read, read_bytes
from knowledge.documents import CustomerOrder, OrderChange
from tests.agents.sources.builders import (
    BGM,
    HEADER,
    HEADERS,
    LINES,
    LINS,
    ROWS,
    UNB,
    as_json,
    contract_order,
    csv_table,
    edifact_change,
    edifact_interchange,
    edifact_message,
    hubspot_deal,
    hubspot_line,
    interchange,
    raw_row,
    raw_workbook,
    salesforce_order,
    shopify_line,
    shopify_order,
    ubl_line,
    ubl_order,
    woocommerce_line,
    woocommerce_order,
    workbook,
    x12_change,
    x12_set,
    zipped,
)  # fmt: skip
from tests.agents.sources.xml_builders import cxml_line, cxml_order, cxml_total, ubl_change
from tests.effort import times

X12_BODY = interchange(x12_set([*HEADER, *LINES, "CTT*2*5", "AMT*TT*1068.50"]))
UBL_TOTAL = (
    '<cac:AnticipatedMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">1240.00</cbc:LineExtensionAmount>'
    "</cac:AnticipatedMonetaryTotal>"
)
UBL_BODY = ubl_order(ubl_line(), ubl_line(number="2"), more=UBL_TOTAL)
SHOPIFY_BODY = as_json(shopify_order(shopify_line(), shopify_line(id=12), total_line_items_price="38.00"))
UBL_CHANGE_BODY = ubl_change(ubl_line(), ubl_line(number="2"), more=UBL_TOTAL)
CXML_BODY = cxml_order(cxml_line(), cxml_line("2"), head=cxml_total("1240.00"))
WOOCOMMERCE_BODY = as_json(
    woocommerce_order(woocommerce_line(), woocommerce_line(id=22), total="38.00", total_tax="0.00")
)
CONTRACT_BODY = as_json(contract_order()) + b"\n" + as_json(contract_order(number="SO-2")) + b"\n"
# Rows of one order stand behind each other, so a file cut between them is only known by its totals: one row an order.
CSV_BODY = csv_table(HEADERS, *ROWS[1:], "Total,,,,5,,")
MAIL_BODY = (
    b"From: ann@north.example\nSubject: order\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    b"--b\nContent-Type: text/plain\n\nHello\n--b\nContent-Type: text/csv\nContent-Disposition: attachment;"
    b" filename=o.csv\nContent-Transfer-Encoding: 8bit\n\n" + CSV_BODY + b"\n--b--\n"
)
XLSX_BODY = workbook(*(row.split(",") for row in (HEADERS, *ROWS)))

X12_CHANGE = x12_change("POC*1*PQ*5**EA*9.50**VP*PUMP", "POC*2*DI*2", "POC*3*AI*1**EA*1**VP*CAB", summary=("CTT*3*8",))
EDIFACT_HEAD = f"{UNB}'".encode()
EDIFACT_BODY = edifact_interchange(edifact_message([*BGM, *LINS, "UNS+S", "MOA+86:1068.50", "CNT+2:2"]))
EDIFACT_CHANGE = edifact_change("LIN+1+3+CAB:SA", "QTY+21:5:PCE", "LIN+2+2", "LIN+3+1+TOP:SA", "QTY+21:1")
BODIES = {
    "edifact": EDIFACT_BODY,
    "edifact change": EDIFACT_CHANGE,
    "x12": X12_BODY,
    "x12 change": X12_CHANGE,
    "ubl": UBL_BODY,
    "ubl change": UBL_CHANGE_BODY,
    "cxml": CXML_BODY,
    "shopify": SHOPIFY_BODY,
    "woocommerce": WOOCOMMERCE_BODY,
    "hubspot": as_json(hubspot_deal(hubspot_line(), hubspot_line("502"))),
    "salesforce": as_json(salesforce_order()),
    "contract": CONTRACT_BODY,
    "csv": CSV_BODY,
    "mail": MAIL_BODY,
}
every_body = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)


def documents(reads: list[Read]) -> list[object]:
    """The documents read; each other read must say why it is none, in one line."""
    assert reads
    for read in reads:
        assert (read.document is None) == bool(read.reason)
        assert "\n" not in read.reason
        read.text.encode()
        read.name.encode()
    return [read.document for read in reads if read.document is not None]


@every_body
def test_a_file_cut_at_any_byte_gives_whole_documents_only(body: bytes) -> None:
    whole = documents(read_bytes("file", body))
    for end in range(len(body)):
        assert all(document in whole for document in documents(read_bytes("file", body[:end])))


@every_body
@given(data=st.data())
@settings(max_examples=times(60, 5_000))
def test_a_byte_changed_anywhere_never_crashes(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body) - 1))
    byte = data.draw(st.binary(min_size=0, max_size=3))
    documents(read_bytes("file", body[:at] + byte + body[at + 1 :]))


@every_body
def test_a_file_doubled_gives_nothing_new(body: bytes) -> None:
    whole = documents(read_bytes("file", body))
    assert all(document in whole for document in documents(read_bytes("file", body + body)))


@every_body
def test_latin_1_and_utf_16_are_told(body: bytes) -> None:
    for spoiled in (body.replace(b"MUG", b"M\xdcG").replace(b"PUMP", b"P\xdcMP").replace(b"CAB", b"C\xc4B"),
                    body.decode().encode("utf-16")):  # fmt: skip
        reads = read_bytes("file", spoiled)
        documents(reads)
        assert any("UTF" in read.reason for read in reads)


@pytest.mark.parametrize("body", [X12_BODY, EDIFACT_BODY], ids=["x12", "edifact"])
@given(data=st.data())
@settings(max_examples=times(60, 5_000))
def test_segments_lost_doubled_or_moved_never_give_a_half_order(body: bytes, data: st.DataObject) -> None:
    segments = body.decode().split("\n")[:-1]
    at, to = (data.draw(st.integers(2, len(segments) - 3)) for _ in range(2))
    change = data.draw(st.sampled_from(["lost", "doubled", "moved"]))
    segment = segments[at]
    spoiled = segments[:at] + segments[at + 1 :]
    if change == "doubled":
        spoiled = [*segments[:at], segment, *segments[at:]]
    if change == "moved":
        spoiled.insert(to, segment)
    for document in documents(read_bytes("file", "\n".join(spoiled).encode())):
        assert change == "moved"
        assert isinstance(document, CustomerOrder)
        amounts = [line.quantity * line.unit_price for line in document.lines if line.quantity and line.unit_price]
        assert sum(amounts) == Decimal("1068.50")


@given(st.data())
@settings(max_examples=times(40, 4_000))
def test_a_workbook_with_a_byte_changed_anywhere_is_read_whole_or_not_at_all(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(XLSX_BODY) - 1))
    byte = data.draw(st.binary(min_size=0, max_size=3))
    whole = documents(read_bytes("file", XLSX_BODY))
    found = documents(read_bytes("file", XLSX_BODY[:at] + byte + XLSX_BODY[at + 1 :]))
    assert found in ([], whole)


@given(st.data())
@settings(max_examples=times(40, 4_000))
def test_a_sheet_with_a_byte_changed_anywhere_never_crashes(data: st.DataObject) -> None:
    rows = raw_row(1, "number", "item", "quantity") + raw_row(
        2, '<c r="@" t="s"><v>0</v></c>', "A", "<c r='@'><v>5</v></c>"
    )
    body = raw_workbook(rows, after='<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>', strings=["SO-1"])
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(members)))
    at = data.draw(st.integers(0, len(members[name]) - 1))
    byte = data.draw(st.binary(min_size=0, max_size=3))
    documents(read_bytes("file", zipped(members | {name: members[name][:at] + byte + members[name][at + 1 :]})))


CELLS = st.sampled_from(["", "1", "SO-1", "1,5", '"', "2026-02-02", "=1", "Total", "-", "x\n", "\r", "#N/A"]) | st.text(
    max_size=3
)


@given(st.lists(st.lists(CELLS, max_size=7), max_size=4), st.sampled_from(",;\t|"))
@settings(max_examples=times(40, 4_000))
def test_any_cells_below_sound_headers_never_crash(rows: list[list[str]], delimiter: str) -> None:
    headers = HEADERS.replace(",", delimiter)
    documents(read_bytes("file.csv", csv_table(headers, *(delimiter.join(row) for row in rows))))


@given(st.binary(max_size=300))
def test_random_bytes_never_crash(body: bytes) -> None:
    documents(read_bytes("file", body))


@pytest.mark.parametrize(
    "head",
    [
        b"ISA*",
        b"UNA:+.? 'UNB+UNOC:3",
        EDIFACT_HEAD,
        b'{"',
        b"[",
        b"<Order ",
        b"<cXML><Header>",
        X12_BODY[:106],
        UBL_BODY[:300],
        SHOPIFY_BODY[:80],
    ],
)
@given(st.binary(max_size=200))
@settings(max_examples=times(30, 2_000))
def test_random_bytes_behind_a_true_beginning_never_crash(head: bytes, rest: bytes) -> None:
    documents(read_bytes("file", head + rest))


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":' * 200_000,
        b"[" * 1_000_000,
        b"[" + b"{}," * 100_000,
        b'{"type":"stock_count","item":"A","quantity":' + b"9" * 1_000_000 + b"}",
        b"<a>" * 200_000,
        b"<!--" * 200_000,
        b"<?" * 200_000,
        b"<cXML>" * 200_000,
        b"<!DOCTYPE cXML SYSTEM '" * 50_000,
        CXML_BODY[:80] + b"[<!ENTITY a 'b'>" + b"<!ENTITY c '&a;&a;&a;'>" * 9 + CXML_BODY[80:],
        X12_BODY[:107] + b"ST*850*1~" * 20_000,
        b"ISA*00*\n" * 20_000,
        EDIFACT_HEAD + b"UNH+1+ORDERS'" * 5_000,
        EDIFACT_HEAD + b"UNH+1+ORDERS:D:96A:UN'FTX+AAI+++" + b"?+" * 500_000,
        EDIFACT_HEAD + b"UNH+1+ORDERS:D:96A:UN'FTX+AAI+++" + b"?" * 500_000 + b"'",
        EDIFACT_HEAD + b":" * 1_000_000 + b"'",
        b"UNB+UNOA:3+A'" * 5_000,
        b"UNA:+.? '" * 5_000,
        b'{"a":[{},\n' * 20_000,
        b"number,item,quantity\n" + b"," * 1_000_000,
        b"number,item,quantity\n" + b'"' * 1_000_000,
        b"number,item,quantity\n" + b"\n" * 200_000,
        b"number,item,quantity\n" + b"x" * 1_000_000,
    ],
)
def test_bombs_are_told_in_a_moment(body: bytes) -> None:
    assert documents(read_bytes("file", body)) == []


@pytest.mark.parametrize("body", [UBL_BODY, UBL_CHANGE_BODY, CXML_BODY], ids=["ubl", "ubl change", "cxml"])
@given(data=st.data())
@settings(max_examples=times(40, 2000))
def test_elements_lost_or_doubled_never_give_a_half_order(body: bytes, data: st.DataObject) -> None:
    root = etree.fromstring(body)
    element = data.draw(st.sampled_from(list(root.iter())[1:]))
    parent = element.getparent()
    assert parent is not None
    if data.draw(st.booleans()):
        parent.insert(parent.index(element), deepcopy(element))
    else:
        parent.remove(element)
    for document in documents(read_bytes("file", etree.tostring(root))):
        assert isinstance(document, CustomerOrder | OrderChange)
        assert len(document.lines) == 2
        amounts = [line.quantity * line.unit_price for line in document.lines if line.quantity and line.unit_price]
        assert len(amounts) < 2 or sum(amounts) == Decimal(1240)  # a price that is lost is a question

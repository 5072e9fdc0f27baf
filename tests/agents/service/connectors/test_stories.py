"""Whole stories of what comes in files, and of partners who are hard to please: document in, promise, answer out.

EDI, UBL and cXML are in test_telling.py, shops and CRMs in test_shops.py.
"""

from __future__ import annotations

import json
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from tests.agents.service.connectors.test_receiving import eventually, rows
from tests.agents.service.connectors.test_shops import lines, until
from tests.agents.sources.builders import as_json, contract_order, interchange, workbook, x12_change, x12_order, x12_set
from tests.serving import API, served

HEADERS = ("number", "customer", "line", "item", "quantity", "requested", "unit_price", "currency")
ROW = ("NEAR", "1", "STOOL", "2", "2026-04-20", "75.00", "EUR")


def table(number: str) -> bytes:
    return ("\n".join((",".join(HEADERS), ",".join((number, *ROW)))) + "\n").encode()


def message(number: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Ann <ann@near.example>", "Our order"
    mail.set_content("Please deliver.")
    mail.add_attachment(table(number), maintype="text", subtype="csv", filename="order.csv")
    return mail.as_bytes()


def own(number: str) -> bytes:
    line = {"line": "1", "item": "STOOL", "quantity": "2", "requested": "2026-04-20", "unit_price": "75.00"}
    return as_json(contract_order(source="shop", number=number, customer="NEAR", currency="EUR", lines=[line]))


def told(folder: Path, begin: str) -> list[dict[str, Any]]:
    """What a folder was told of documents, the latest last."""
    found = sorted(folder.glob(f"{begin}*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [json.loads(path.read_text())["data"] for path in found]


def has_left(folder: Path, shipment: str) -> bool:
    """Whether a folder was told that a shipping order has left."""
    return any(each["status"] == "done" for each in told(folder, shipment))


def test_what_comes_in_tables_messages_and_json_is_promised_shipped_and_told(tmp_path: Path) -> None:
    dropped = {
        "csv": ("table", table("C1"), "table/C1"),
        "xlsx": ("table", workbook(HEADERS, ("X1", *ROW)), "table/X1"),
        "eml": ("mail", message("M1"), "table:ann@near.example/M1"),
        "json": ("json", own("J1"), "shop/J1"),
    }
    erp = tmp_path / "erp"
    for name in (*dropped, "erp"):
        (tmp_path / name).mkdir()
    sources = {
        name: {"kind": kind, "folder": str(tmp_path / name), "every_seconds": 1}
        for name, (kind, _, _) in dropped.items()
    }
    sinks = {"erp": {"kind": "json", "folder": str(erp), "topics": ["order", "shipping_order"]}}
    with served(tmp_path, sources=sources, sinks=sinks) as (_, client):
        for name, (_, body, _) in dropped.items():
            (tmp_path / name / f"order.{name}").write_bytes(body)
        for _, _, order in dropped.values():
            until(client, order, [("2", "promised")])
        shipments = [row["shipping_order"] for row in rows(client, "shipments")]
        assert len(shipments) == len(dropped)
        for shipment in shipments:
            report = {"type": "shipment_report", "shipping_order": shipment}
            client.post(f"{API}/shipment-reports", json=report, params={"wait": 10}).raise_for_status()
        for shipment in shipments:
            eventually(partial(has_left, erp, shipment))
        numbers = {
            data["number"] for data in told(erp, "order-") if data["lines"] and data["lines"][0]["status"] == "promised"
        }
        assert numbers == {"C1", "X1", "M1", "J1"}
        assert rows(client, "quarantine") == []


def test_the_floor_is_told_of_work_and_its_reports_come_back(tmp_path: Path) -> None:
    floor, back = tmp_path / "floor", tmp_path / "back"
    floor.mkdir()
    back.mkdir()
    sources = {"back": {"kind": "b2mml", "folder": str(back), "every_seconds": 1}}
    with served(tmp_path, sources=sources, sinks={"floor": {"kind": "b2mml", "folder": str(floor)}}) as (_, client):
        line = {"line": "1", "item": "STOOL", "quantity": "40", "requested": "2026-03-03", "unit_price": "75.00"}
        wanted = contract_order(source="shop", number="1", customer="NEAR", currency="EUR", lines=[line])
        client.post(f"{API}/orders", json=wanted, params={"wait": 10}).raise_for_status()
        schedule = etree.parse(eventually(lambda: sorted(floor.glob("WO-*.xml")))[-1]).getroot()
        work = schedule.findtext(".//{*}OperationsRequest/{*}ID")
        [produced] = [m for m in schedule.iter("{*}MaterialRequirement") if m.findtext("{*}MaterialUse") == "Produced"]
        (back / "done.xml").write_text(
            '<OperationsPerformance xmlns="http://www.mesa.org/xml/B2MML"><OperationsResponse>'
            f"<OperationsRequestID>{work}</OperationsRequestID><SegmentResponse><OperationsSegmentID>10"
            "</OperationsSegmentID><ActualEndTime>2026-03-02T07:30:00Z</ActualEndTime>"
            "<SegmentState>Completed</SegmentState><MaterialActual><MaterialUse>Produced</MaterialUse><Quantity>"
            f"<QuantityString>{produced.findtext('{*}Quantity/{*}QuantityString')}</QuantityString></Quantity>"
            "</MaterialActual></SegmentResponse></OperationsResponse></OperationsPerformance>"
        )
        eventually(lambda: [path for path in floor.glob(f"{work}-*.xml") if b">Completed<" in path.read_bytes()])
        assert rows(client, "quarantine") == []


STOOL = ("PO1*1*1*EA*75.00**VP*STOOL",)


def test_a_partner_who_is_hard_to_please_gets_a_question_or_a_true_reason(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    sources = {"edi": {"kind": "x12", "folder": str(drop), "every_seconds": 1}}

    def send(name: str, body: bytes) -> None:
        (drop / name).write_bytes(body.replace(b"NORTHBUY", b"NEAR    "))

    def reasons() -> list[str]:
        return [row["reason"] for row in rows(client, "quarantine")]

    with served(tmp_path, sources=sources) as (_, client):
        send("change-of-nothing", x12_change("POC*1*QI*4*3*EA"))
        eventually(lambda: any("order x12:NEAR/45001 was never received" in each for each in reasons()))

        foreign = ("BEG*00*SA*45002**20260105", "CUR*BY*JPY", "DTM*002*20260420")
        send("no-rate", x12_order(header=foreign, lines=STOOL, summary=("CTT*1*1",)))
        eventually(lambda: lines(client, "x12:NEAR/45002"))
        [line] = client.get(f"{API}/orders/x12:NEAR/45002").json()["lines"]
        assert (line["status"], line["reason"]) == ("question", "no rate is known for JPY")

        known = ("BEG*00*SA*45003**20260105", "CUR*BY*EUR", "DTM*002*20260420")
        send("order", x12_order(header=known, lines=STOOL, summary=("CTT*1*1",)))
        until(client, "x12:NEAR/45003", [("1", "promised")])
        [shipment] = rows(client, "shipments")
        report = {"type": "shipment_report", "shipping_order": shipment["shipping_order"]}
        client.post(f"{API}/shipment-reports", json=report, params={"wait": 10}).raise_for_status()
        send("cancel", interchange(x12_set(["BCH*01*SA*45003**1*20260106"], set_id="860")))
        eventually(lambda: any("order x12:NEAR/45003 has been shipped" in each for each in reasons()))
        assert lines(client, "x12:NEAR/45003") == [("1", "promised")]
        assert len(reasons()) == 2

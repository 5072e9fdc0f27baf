from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from lxml import etree
from pydantic import SecretStr

from agents.service.connectors.telling import configured, signed, signing_key
from agents.service.settings import ServiceError
from agents.sinks.sink import SinkError
from tests.agents.service.connectors.test_receiving import eventually
from tests.agents.sinks.test_purchases import purchase, row
from tests.agents.sources.builders import UBL_ITEM, ubl_line, ubl_order, x12_order
from tests.agents.sources.xml_builders import CXML_FROM, CXML_SENDER, cxml_line, cxml_order
from tests.serving import API, order, served

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@contextmanager
def purchasing_system(refusals: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A system that refuses what comes first; its address, and everything that came."""
    came: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(400 if len(came) <= refusals else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_is_posted_is_signed_as_standard_webhooks_have_it() -> None:
    key = signing_key(SecretStr(SECRET))
    headers = signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="  # from their documentation


def files(folder: Path, begin: str) -> list[dict[str, Any]]:
    """What was put into a folder, in order of the numbers of its messages."""
    found = sorted(folder.glob(f"{begin}*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [json.loads(path.read_text()) for path in found]


def test_a_folder_is_told_of_an_order_as_received_and_as_promised(tmp_path: Path) -> None:
    (tmp_path / "erp").mkdir()
    with served(tmp_path, sinks={"erp": {"kind": "json", "folder": str(tmp_path / "erp")}}) as (_, client):
        client.post(f"{API}/orders", json=order("1"), params={"wait": 10}).raise_for_status()
        told = eventually(lambda: files(tmp_path / "erp", "order-t-1"))
        assert told[-1]["type"] == "order.changed"
        assert eventually(lambda: files(tmp_path / "erp", "order-t-1")[-1]["data"]["lines"])[0]["status"] == "promised"
        assert told[-1]["data"]["document"]["number"] == "1"
        [taken] = eventually(lambda: files(tmp_path / "erp", "customer_order"))
        assert taken["data"]["document"]["lines"][0]["item"] == "STOOL"
    assert not list((tmp_path / "erp").glob(".*"))


def test_a_system_that_refuses_is_told_again_with_the_same_key_until_it_takes_it(tmp_path: Path) -> None:
    with purchasing_system(refusals=1) as (url, came):
        sink = {"kind": "json", "url": url, "signing_secret": SECRET, "topics": ["document"]}
        clock = iter(range(1_772_438_400, 2_000_000_000))
        with served(tmp_path, clock=lambda: next(clock), sinks={"buy": sink}) as (_, client):
            client.post(f"{API}/orders", json=order("1"), params={"wait": 10}).raise_for_status()
            eventually(lambda: len(came) >= 2)
        assert [json.loads(body)["type"] for _, body in came] == ["document.changed"] * 2
        keys = {headers["idempotency-key"] for headers, _ in came}
        assert len(keys) == 1
        for headers, body in came:
            said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            code = base64.b64encode(hmac.new(signing_key(SecretStr(SECRET)), said, hashlib.sha256).digest()).decode()
            assert headers["webhook-signature"] == f"v1,{code}"


def test_operations_tracking_is_told_of_work_orders_that_are_issued(tmp_path: Path) -> None:
    (tmp_path / "mes").mkdir()
    with served(tmp_path, sinks={"mes": {"kind": "b2mml", "folder": str(tmp_path / "mes")}}) as (_, client):
        client.post(f"{API}/orders", json=order("1", quantity="40", requested="2026-03-03"), params={"wait": 10})
        found = eventually(lambda: sorted((tmp_path / "mes").glob("WO-*.xml")))
        schedule = etree.parse(found[-1]).getroot()

    def texts(name: str) -> list[str | None]:
        return [node.text for node in schedule.iter(f"{{http://www.mesa.org/xml/B2MML}}{name}")]

    assert found[-1].name.startswith(f"{texts('ID')[1]}-")
    assert texts("RequestState") == ["Forecast"]  # firm: it waits for what it is made of
    assert texts("MaterialUse") == ["Consumed"] * (len(texts("MaterialUse")) - 1) + ["Produced"]
    assert len(texts("MaterialUse")) > 1


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"kind": "fax"}, "setting sinks.s.kind: sink 'fax' is not installed; there are json, b2mml"),
        ({"kind": "json"}, "setting sinks.s: it needs one of folder, url and smtp"),
        ({"kind": "json", "url": "http://example.com/"}, "setting sinks.s: https is needed"),
        ({"kind": "json", "folder": "/no/such"}, "setting sinks.s: there is no folder /no/such"),
        (
            {"kind": "json", "url": "https://a.example", "signing_secret": "ä"},
            "signing_secret: write whsec_ and base64",
        ),
        ({"kind": "b2mml", "url": "https://a.example", "topics": ["order"]}, "topics: b2mml does not tell of order"),
        ({"kind": "json", "url": "https://a.example", "colour": 1}, "setting sinks.s.colour: Extra inputs"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(tmp_path: Path, table: dict[str, Any], problem: str) -> None:
    with pytest.raises(ServiceError) as caught, served(tmp_path, sinks={"s": table}):
        pass
    assert problem in str(caught.value)


UBL_STOOL = ubl_line(
    item=UBL_ITEM.replace("PUMP-10", "STOOL"), quantity='<cbc:Quantity unitCode="C62">1</cbc:Quantity>'
)
X12_STOOL = x12_order(
    header=("BEG*00*SA*45001**20260105", "CUR*BY*EUR", "DTM*002*20260420"),
    lines=("PO1*1*1*EA*75.00**VP*STOOL",),
    summary=("CTT*1*1",),
)
EDIFACT_STOOL = (
    "UNA:+.? 'UNB+UNOC:3+NEAR:14+MAKER:14+260105:0800+7'UNH+1+ORDERS:D:96A:UN'BGM+220+45001+9'DTM+137:20260105:102'"
    "NAD+BY+NEAR::92'CUX+2:EUR:9'LIN+1++STOOL:SA'QTY+21:1:PCE'DTM+2:20260420:102'PRI+AAA:75.00'UNS+S'CNT+2:1'"
    "UNT+12+1'UNZ+1+7'"
)

CXML_STOOL = cxml_order(
    cxml_line(item="<SupplierPartID>STOOL</SupplierPartID>"),
    parties=CXML_FROM.replace("NORTH", "NEAR") + CXML_SENDER,
)


@pytest.mark.parametrize(
    ("kind", "order_sent", "at_once", "accepted", "announced"),
    [
        ("ubl", ubl_order(UBL_STOOL).replace(b"NORTH", b"NEAR"), "", "OrderResponseCode>AP<", "despatch-*"),
        ("x12", X12_STOOL.replace(b"NORTHBUY", b"NEAR    "), "997-*", "ACK*IA", "856-*"),
        ("edifact", EDIFACT_STOOL.encode(), "CONTRL-*", "BGM+231", "DESADV-*"),
        ("cxml", CXML_STOOL, "", 'type="accept"', "ship-notice-*"),
    ],
)
def test_an_order_that_is_dropped_is_answered_in_its_own_format_and_its_goods_are_announced(
    tmp_path: Path, kind: str, order_sent: bytes, at_once: str, accepted: str, announced: str
) -> None:
    drop, answers = tmp_path / "drop", tmp_path / "answers"
    drop.mkdir()
    answers.mkdir()
    (drop / "order").write_bytes(order_sent)
    own = {"seller": "MAKER"} if kind == "ubl" else {"own_id": "MAKER"}
    source = {"kind": kind, "folder": str(drop), "answers": str(answers), "every_seconds": 1, **own}
    with served(tmp_path, sources={"partner": source}) as (_, client):

        def told(pattern: str, text: str = "") -> list[Path]:
            return [path for path in answers.glob(pattern) if text.encode() in path.read_bytes()]

        eventually(lambda: told("*", accepted))
        assert not at_once or eventually(lambda: told(at_once))
        [shipment] = eventually(lambda: client.get(f"{API}/shipments").json()["rows"])
        report = {"type": "shipment_report", "shipping_order": shipment["shipping_order"]}
        client.post(f"{API}/shipment-reports", json=report, params={"wait": 10}).raise_for_status()
        eventually(lambda: told(announced, shipment["shipping_order"]))


def test_a_supplier_is_sent_a_page_by_e_mail_that_names_what_is_ordered() -> None:
    taken: list[Any] = []

    class Taker:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            taken.append(envelope)
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mailbox = Controller(Taker(), hostname="127.0.0.1", port=port)
    mailbox.start()
    try:
        config = {"buyer": "MAKER", "sender": "buying@maker.example", "addresses": {"STEELCO": "sales@steel.example"}}
        sink, way = configured("mail", {"kind": "pdf", "smtp": f"smtp://127.0.0.1:{port}", **config})
        [parcel] = sink.parcels(purchase(row(1, description="Rohr <40> & Ø")), 0)
        way.hand_over(parcel, "m1-abc")
    finally:
        mailbox.stop()
    [envelope] = taken
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert (envelope.rcpt_tos, message["Message-ID"]) == (["sales@steel.example"], "<m1-abc@maker.example>")
    assert message["Subject"] == "Purchase order PO-000042"
    [attached] = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()[:5]) == ("PO-000042.pdf", b"%PDF-")
    assert attached.get_content() == next(iter(sink.parcels(purchase(row(1, description="Rohr <40> & Ø")), 0))).body


def test_a_supplier_without_an_address_is_an_error_that_somebody_sees() -> None:
    config = {"buyer": "MAKER", "sender": "a@maker.example", "addresses": {}}
    sink, _ = configured("mail", {"kind": "pdf", "smtp": "smtp://127.0.0.1", **config})
    with pytest.raises(SinkError, match="STEELCO has no address"):
        list(sink.parcels(purchase(), 0))

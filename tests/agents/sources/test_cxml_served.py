"""A cXML order from its coming to its end, in a running service: order, update, deletion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.agents.service.connectors.test_receiving import eventually
from tests.agents.sources.test_cxml_parts import TYPE, parts
from tests.agents.sources.xml_builders import CXML_FROM, CXML_SENDER, cxml_line, cxml_order
from tests.serving import API, served

HUB = f"{API}/sources/hub"
ORDER = f"{API}/orders/cxml:NEAR/PO-7"
PARTIES = CXML_FROM.replace("NORTH", "NEAR") + CXML_SENDER
STOOL = "<SupplierPartID>STOOL</SupplierPartID>"


def document(payload: str, *quantities: str, **more: Any) -> bytes:
    lines = [cxml_line(f"{at}", quantity=quantity, item=STOOL) for at, quantity in enumerate(quantities, 1)]
    return cxml_order(*lines, parties=PARTIES, **more).replace(b"17@hub", payload.encode())


def lines(client: httpx.Client) -> dict[str, tuple[str, str]]:
    answer = client.get(ORDER)
    if answer.status_code == 404:
        return {}
    return {line["line"]: (line["quantity"], line["status"]) for line in answer.json()["lines"]}


def test_an_order_is_promised_updated_and_cancelled_as_its_buyer_says(tmp_path: Path) -> None:
    connectors = {"hub": {"kind": "cxml", "shared_secret": "abracadabra"}}
    with served(tmp_path, sources=connectors) as (_, client):
        order = parts(document("1", "2", "3"))
        assert client.post(HUB, content=order.replace(b"abracadabra", b"guessed"), headers=TYPE).status_code == 401
        for new in (True, False):
            answer = client.post(HUB, content=order, headers=TYPE)
            assert (answer.status_code, answer.json()) == (202, {"new": new})
        eventually(lambda: lines(client) == {"1": ("2", "promised"), "2": ("3", "promised")})
        client.post(HUB, content=document("2", "4", attributes='type="update"'))
        eventually(lambda: lines(client) == {"1": ("4", "promised"), "2": ("3", "cancelled")})
        client.post(HUB, content=document("3", attributes='type="delete"'))
        eventually(lambda: {status for _, status in lines(client).values()} == {"cancelled"})
        assert client.get(f"{API}/quarantine").json()["rows"] == []

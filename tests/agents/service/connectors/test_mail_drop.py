"""A message that is dropped into a maildir becomes an order, by the mapping of its connector."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from tests.agents.service.connectors.test_receiving import eventually, orders
from tests.serving import served

TABLE = "Nr.;Artikel;Menge;Termin\n77;STOOL;1.200;20.4.2026\n"


def test_a_table_that_is_mailed_becomes_an_order_of_its_sender(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    for name in ("tmp", "new", "cur"):
        (drop / name).mkdir(parents=True)
    message = EmailMessage()
    message["From"], message["Subject"] = "Ann <ann@near.example>", "Our order"
    message.set_content("Please deliver.")
    message.add_attachment(TABLE, subtype="csv", filename="order.csv")
    mapping = {
        "columns": {"number": "Nr.", "item": "Artikel", "quantity": "Menge", "requested": "Termin"},
        "thousands": ".",
        "decimal": ",",
        "date_format": "%d.%m.%Y",
    }
    desk = {"kind": "mail", "maildir": str(drop), "every_seconds": 1, "senders": {"@near.example": "NEAR"}}
    with served(tmp_path, sources={"desk": {**desk, "table": mapping}}) as (_, client):
        (drop / "new" / "1776600000.M1P1.host").write_bytes(message.as_bytes())
        [order] = eventually(lambda: orders(client))
        assert (order["source"], order["number"], order["customer"]) == ("table:NEAR", "77", "NEAR")
        assert eventually(lambda: list((drop / "cur").iterdir()))

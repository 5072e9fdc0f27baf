from __future__ import annotations

from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from typing import Any

import pytest

from agents.sources.mail import Mail, MailConfig
from agents.sources.reading import read_bytes, read_paths
from agents.sources.source import Rejected, Transaction, transactions
from knowledge.documents import CustomerOrder
from tests.agents.sources.builders import (
    as_json,
    contract_order,
    csv_table,
    ubl_order,
    workbook,
    x12_order,
    zipped,
)  # fmt: skip

TABLE = csv_table("number,item,quantity", "1,A,2")
XLSX = workbook(("number", "item", "quantity"), ("7", "A", 2))
PDF = b"%PDF-1.7\n"


def mail(
    *files: tuple[str, bytes], sender: str = "Ann <Ann@North.example>", text: str = "Please deliver."
) -> EmailMessage:
    """A message as a mail program writes it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "orders@maker.example", "Order"
    message["Date"] = "Mon, 5 Jan 2026 08:00:00 +0000"
    message.set_content(text)
    for name, body in files:
        message.add_attachment(body, maintype="application", subtype="octet-stream", filename=name)
    return message


def found(message: EmailMessage | bytes, **config: Any) -> list[Transaction]:
    body = message if isinstance(message, bytes) else message.as_bytes()
    return transactions(Mail(MailConfig.model_validate(config)), {}, body)


def orders(message: EmailMessage | bytes, **config: Any) -> list[CustomerOrder]:
    return [each.outcome for each in found(message, **config) if isinstance(each.outcome, CustomerOrder)]


def reason(message: EmailMessage | bytes, **config: Any) -> str:
    [only] = found(message, **config)
    assert isinstance(only.outcome, Rejected), only.outcome
    return only.outcome.reason


def test_each_attachment_is_read_by_the_source_that_recognises_it() -> None:
    message = mail(
        ("orders.csv", TABLE), ("order.xlsx", XLSX), ("order.edi", x12_order()), ("order.xml", ubl_order()),
        ("order.json", as_json(contract_order())),
    )  # fmt: skip
    assert [(each.position, order.source, order.number) for each, order in zip(
        found(message), orders(message), strict=True
    )] == [
        ("attachment orders.csv:2", "table:ann@north.example", "1"),
        ("attachment order.xlsx:2", "table:ann@north.example", "7"),
        ("attachment order.edi:0001", "x12:NORTHBUY", "45001"),
        ("attachment order.xml", "ubl:0088:7300", "PO-7"),
        ("attachment order.json", "manual", "SO-1"),
    ]  # fmt: skip


@pytest.mark.parametrize("senders", [{"ann@north.example": "NORTH"}, {"@NORTH.example": "NORTH"}])
def test_a_sender_is_mapped_to_a_customer_where_the_order_names_none(senders: dict[str, str]) -> None:
    [table, x12] = orders(mail(("orders.csv", TABLE), ("o.edi", x12_order())), senders=senders)
    assert (table.source, table.customer) == ("table:NORTH", "NORTH")
    assert (x12.source, x12.customer) == ("x12:NORTHBUY", "NORTHBUY")


def test_a_message_of_nobody_is_refused_unless_somebody_said_whose_orders_come_this_way() -> None:
    body = mail(("orders.csv", TABLE)).as_bytes().replace(b"From: ", b"X-From: ")
    assert "does not say whom it is from" in reason(body)
    assert orders(body, partner="NORTH")[0].source == "table:NORTH"


def test_strangers_are_refused_where_only_the_known_may_order() -> None:
    assert "the message is from 'ann@north.example'" in reason(mail(("o.csv", TABLE)), known_only=True)
    assert len(orders(mail(("o.csv", TABLE)), known_only=True, senders={"@north.example": "N"})) == 1


def test_a_table_that_is_refused_is_mended_in_its_text_with_its_partner_and_customer() -> None:
    [refused] = found(mail(("o.csv", TABLE.replace(b"2", b"two"))), senders={"@north.example": "NORTH"})
    [again] = read_bytes("again", refused.text.replace("two", "2").encode())
    assert isinstance(again.document, CustomerOrder)
    assert (again.document.source, again.document.customer) == ("table:NORTH", "NORTH")


def test_text_pictures_signatures_and_copies_to_look_at_are_left_alone() -> None:
    message = mail(("order.pdf", PDF), ("orders.csv", TABLE))
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(b"0", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    assert len(found(message)) == len(orders(message)) == 1


def test_what_is_meant_to_be_read_and_cannot_is_told_beside_what_is_read() -> None:
    message = mail(("orders.csv", TABLE), ("more.xls", b"\xd0\xcf\x11\xe0rest"), ("list.csv", b"a,b\n1,2\n"))
    said = {each.position: each.outcome.reason for each in found(message) if isinstance(each.outcome, Rejected)}
    assert "an old Excel file (XLS)" in said["attachment more.xls"]
    assert "there is no column number" in said["attachment list.csv"]
    assert len(orders(message)) == 1


def test_a_message_without_a_document_is_refused_with_what_came_instead() -> None:
    assert reason(mail()) == "the message has no attachment that can be read"
    assert "attachment order.pdf: the file is a PDF" in reason(mail(("order.pdf", PDF)))


def test_a_forwarded_message_brings_its_attachments() -> None:
    outer = mail()
    outer.add_attachment(mail(("orders.csv", TABLE), sender="bob@south.example"))
    [order] = orders(outer)
    assert order.source == "table:ann@north.example"


def test_an_archive_is_opened_once() -> None:
    inner = zipped({"more.csv": TABLE})
    archive = zipped({"a/orders.csv": TABLE, "__MACOSX/._orders.csv": b"x", "b/orders.csv": XLSX, "in.zip": inner})
    assert [each.position for each in found(mail(("all.zip", archive)))] == [
        "attachment orders.csv:2",
        "attachment orders.csv (2):2",
        "attachment in.zip",
    ]
    bomb = zipped({"orders.csv": b" " * 20 * 2**20})
    assert "it is taken for a bomb" in str(found(mail(("all.zip", bomb)))[0].outcome)


def test_the_encoding_that_a_message_names_is_that_of_its_table() -> None:
    message = mail()
    message.add_attachment("number,item,quantity\n1,MÜG,2\n", subtype="csv", charset="iso-8859-1", filename="ö.csv")
    [order] = orders(message)
    assert order.lines[0].item == "MÜG"
    assert found(message)[0].position == "attachment ö.csv:2"


def test_a_mapping_beside_messages_is_that_of_their_tables(tmp_path: Any) -> None:
    (tmp_path / "1767600000.M1P2.host").write_bytes(mail(("o.csv", csv_table("No,Was,Menge", "1,A,2"))).as_bytes())
    (tmp_path / "mapping.toml").write_text('columns = { number = "No", item = "Was", quantity = "Menge" }\n')
    [read] = read_paths([tmp_path])
    assert read.reason == ""
    assert read.name == "1767600000.M1P2.host:attachment o.csv:2"


def test_a_message_cut_anywhere_gives_nothing() -> None:
    body = mail(("orders.csv", TABLE), ("order.xlsx", XLSX)).as_bytes()
    for end in range(body.index(b"\n\n"), len(body) - 4, 101):
        assert orders(body[:end]) == []


def test_a_damaged_coding_is_told() -> None:
    body = mail(("orders.csv", TABLE)).as_bytes().replace(b"bnVtYmVy", b"bnVt!mVyA")
    assert "its coding is damaged" in reason(body)


def test_a_report_of_delivery_orders_nothing() -> None:
    report = MIMEMultipart("report")
    report["From"], report["Subject"] = "mailer-daemon@north.example", "Undelivered"
    report.attach(MIMEMessage(mail(("orders.csv", TABLE))))
    assert "reports on the delivery of another" in reason(report.as_bytes())


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        ("Content-Type: multipart/mixed; boundary=b", "--b\n\n" * 20_000, "more lines or parts"),
        ("X: 1", "\n" * 1_000_001, "more lines or parts"),
        ("X: 1", "Content-Type: multipart/mixed; boundary=b\n" * 100, "nested deeper"),
        ("Content-Type: a/b; " + "x" * 9_000, "", "a header of more than 2000 characters"),
        ("Content-Type: a/b;\r" + " x=y;\r" * 3_000, "", "a header of more than 2000 characters"),
        ("X: 1", ("\nContent-Type: a/b; " + "x" * 1_900) * 110, "or 60000 in all"),
    ],
)
def test_a_message_made_to_keep_its_reader_busy_is_refused(head: str, body: str, said: str) -> None:
    assert said in reason(f"From: a@b.example\nSubject: x\n{head}\n\n{body}".encode())


def test_messages_within_messages_end_somewhere() -> None:
    message = mail(("orders.csv", TABLE))
    for _ in range(6):
        outer = mail()
        outer.add_attachment(message)
        message = outer
    assert "nested deeper" in reason(message)


def test_very_many_attachments_are_refused() -> None:
    archive = zipped({f"{n}.csv": TABLE for n in range(101)})
    assert "send fewer" in reason(mail(("all.zip", archive)))

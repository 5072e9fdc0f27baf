"""Formats that are known but not read: each goes to quarantine by its name, never as "broken JSON" or "unknown"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agents.sources import xml_text
from agents.sources.source import Source, SourceConfig, Transaction, rejected
from agents.sources.texts import decode, quoted

MAGIC = {
    b"PK\x03\x04": "a ZIP archive",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file (XLS), an Outlook message (MSG) or an encrypted workbook",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"SQLite format 3": "a SQLite database",
}
"""How files that are no text begin."""


class NotRead(Source[SourceConfig]):
    """A source that recognises a format and rejects it whole, saying what it is."""

    kind = "unread"

    def __init__(self, title: str, reason: Callable[[bytes], str]) -> None:
        """`reason` gives that for a head of this format; empty for any other."""
        super().__init__()
        self.title, self.reason = title, reason  # type: ignore[misc]

    def recognises(self, head: bytes, name: str) -> bool:
        return bool(self.reason(head))

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        return [rejected("", decode(body), self.reason(body))]


def _xml(head: bytes) -> str:
    found = xml_text.head(head)
    if found is None:
        return ""
    if found.has_dtd:
        return f"XML document {quoted(found.root)} has a DTD (<!DOCTYPE …>): send it without one"
    if found.namespace.startswith("urn:oasis:names:specification:ubl:"):
        return f"UBL document {quoted(found.root)} is no order, and not read"
    space = f" of the namespace {quoted(found.namespace, 120)}" if found.namespace else " of no namespace"
    return f"XML with the root element {quoted(found.root)}{space} is not read: UBL orders and cXML are"


def _magic(head: bytes) -> str:
    name = next((name for magic, name in MAGIC.items() if head.startswith(magic)), "")
    return (
        f"the file is {name}, which is not read: send the order as XLSX, CSV, X12 850, UBL Order or JSON"
        if name
        else ""
    )


BINARY = NotRead("a binary file", _magic)
OTHER_XML = NotRead("other XML", _xml)
UNREAD = (BINARY, OTHER_XML)

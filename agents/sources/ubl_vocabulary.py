"""The vocabulary of UBL 2: its namespaces, and the quantities that stand everywhere in it."""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from agents.sources.exact import number
from agents.sources.xml_text import Reader, content

SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
UBL = Reader({"cac": f"{SCHEMA}CommonAggregateComponents-2", "cbc": f"{SCHEMA}CommonBasicComponents-2"})


def quantity_of(node: etree._Element, path: str, what: str) -> tuple[Decimal | None, str]:
    """The quantity at a path and its unit; None where there is none."""
    found = UBL.one(node, path)
    if found is None:
        return None, ""
    return number(content(found), f"{what}: {path}"), str(found.get("unitCode") or "").strip()

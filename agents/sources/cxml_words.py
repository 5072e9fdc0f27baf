"""Words of cXML: values, mixed text, addresses and money, as they stand everywhere in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from lxml import etree

from agents.sources.errors import UnreadableError
from agents.sources.exact import number
from agents.sources.texts import joined
from agents.sources.xml_text import Reader, content

CXML = Reader({})


def attribute(node: etree._Element, name: str) -> str:
    """The value of an attribute without blanks around it; empty where there is none."""
    return str(node.get(name) or "").strip()


def says_yes(node: etree._Element, name: str) -> bool:
    """Whether an attribute says yes."""
    return attribute(node, name).lower() == "yes"


def words(node: etree._Element) -> str:
    """All text of an element and what is in it, as one line."""
    return " ".join(" ".join(str(text) for text in node.itertext()).split())


def comments(node: etree._Element) -> str:
    """What a person wrote, and the addresses of what was attached, one comment a line."""
    return "\n".join(filter(None, map(_comment, CXML.all(node, "Comments"))))


def _comment(node: etree._Element) -> str:
    own = "".join((node.text or "", *(child.tail or "" for child in node)))
    attached = (words(url) for url in CXML.all(node, "Attachment/URL"))
    return " ".join(filter(None, (" ".join(own.split()), *attached)))


def money(node: etree._Element, path: str, what: str) -> Decimal | None:
    """The amount at a path, which ends in Money; None where there is none."""
    text = CXML.text(node, path)
    return number(text, f"{what}: {path}") if text else None


def currency(nodes: Iterable[etree._Element]) -> str | None:
    """The one currency of all Money in some elements. Raises UnreadableError where there are several."""
    found = dict.fromkeys(attribute(each, "currency") for node in nodes for each in node.iter("Money"))
    found.pop("", None)
    if len(found) > 1:
        raise UnreadableError(f"the order's amounts are in several currencies: {', '.join(found)}")
    return next(iter(found), None)


def extrinsics(node: etree._Element, path: str) -> dict[str, Any]:
    """What is said of an item beyond the vocabulary, by name; of one that stands several times, all values."""
    found: dict[str, list[str]] = {}
    for each in CXML.all(node, path):
        found.setdefault(attribute(each, "name") or "Extrinsic", []).append(words(each))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def ship_to(node: etree._Element) -> str | None:
    """Where an order or an item goes, as one line of text; the number of the address where nothing else is given."""
    address = CXML.one(node, "ShipTo/Address")
    if address is None:
        return None
    return joined(_address(address)) or attribute(address, "addressID") or None


def _address(address: etree._Element) -> Iterator[str]:
    yield CXML.first(address, "Name")
    yield from (content(part) for part in CXML.all(address, "PostalAddress/DeliverTo | PostalAddress/Street"))
    yield " ".join(filter(None, (CXML.first(address, f"PostalAddress/{part}") for part in ("PostalCode", "City"))))
    yield CXML.first(address, "PostalAddress/State")
    yield from (attribute(node, "isoCountryCode") or words(node) for node in CXML.all(address, "PostalAddress/Country"))

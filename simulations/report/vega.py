"""What Vega's SVG needs before it can stand in a page beside others: names of its own, titles, less noise."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NOISE = (
    _LINK,
    "role",
    "aria-roledescription",
    "aria-hidden",
    "aria-label",
    "class",
    "pointer-events",
    "cursor",
    "target",
)


def for_page(svg: str, label: str, name: str) -> str:
    """A chart as part of a page.

    What a mark describes becomes its `title`, which a pointer resting on it shows; identifiers are numbered from
    1 and begin with `name` (Vega goes on counting from chart to chart); links lead into the page again, where Vega
    puts an address of its own before them; the whole is one image with a label for those who do not see it.
    """
    root = etree.fromstring(svg.encode())
    names: dict[str, str] = {}
    for node in root.iter(etree.Element):
        if told := node.get("aria-label"):
            etree.SubElement(node, f"{_SVG}title").text = told
        if identifier := node.get("id"):
            node.set("id", names.setdefault(identifier, f"{name}-{len(names) + 1}"))
        if link := node.get(_LINK):
            node.set("href", f"#{str(link).partition('#')[2]}")
        for attribute in _NOISE:
            node.attrib.pop(attribute, "")
    for node in root.iter(etree.Element):
        _point_to(node, names)
    root.set("class", "chart")
    root.set("role", "img")
    root.set("aria-label", label)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _point_to(node: etree._Element, names: Mapping[str, str]) -> None:
    for attribute, value in node.attrib.items():
        text = str(value)
        if "url(#" in text:
            node.set(attribute, _REFERENCE.sub(lambda found: f"url(#{names[found[1]]})", text))

"""XML read safely: no DTD, no entities, no network, bounded depth and size; and what a head tells of its root."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from lxml import etree

from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted, start

ENCODINGS = {"UTF-8", "ASCII", "US-ASCII", "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252"}
"""What a document may declare; each agrees with ASCII, so that a DTD cannot hide from `head`."""

_TAG = re.compile(rb"<(?:([\w.-]+):)?([\w.-]+)([^<>]*)>?")
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+(?:[\w.-]+:)?([\w.-]+)")


class Head(NamedTuple):
    """What the beginning of an XML body says: the root's local name and namespace, and whether there is a DTD."""

    root: str
    namespace: str
    has_dtd: bool


def head(body: bytes) -> Head | None:
    """The head of an XML body; None where it does not begin as XML. With a DTD the root is what that names."""
    at, text = 0, start(body)
    while text.startswith((b"<?", b"<!--"), at):
        mark = b"?>" if text.startswith(b"<?", at) else b"-->"
        end = text.find(mark, at)
        if end < 0:
            return Head("", "", False)
        at = end + len(mark)
        while text[at : at + 1].isspace():
            at += 1
    if doctype := _DOCTYPE.match(text, at):
        return Head(doctype.group(1).decode("utf-8", "replace"), "", True)
    if tag := _TAG.match(text, at):
        prefix, name, attributes = tag.groups()
        declared = re.search(
            rb"\sxmlns" + (rb":" + re.escape(prefix) if prefix else b"") + rb"\s*=\s*[\"']([^\"']*)", attributes
        )
        namespace = declared.group(1).decode("utf-8", "replace") if declared else ""
        return Head(name.decode("utf-8", "replace"), namespace, False)
    return Head("", "", False) if at else None


def parse(body: bytes) -> etree._Element:
    """The root element. Raises UnreadableError for what is not well-formed, and for every DTD, harmless or not."""
    text = start(body)
    found = head(text)
    if found and found.has_dtd:
        raise UnreadableError("the document has a DTD (<!DOCTYPE …>), which could hide entities: send it without one")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(f"not well-formed XML: {_words(error)}") from error
    information = root.getroottree().docinfo
    if information.internalDTD is not None or information.externalDTD is not None:
        raise UnreadableError("the document has a DTD, which could hide entities: send it without one")
    if (encoding := (information.encoding or "UTF-8").upper()) not in ENCODINGS:
        raise UnreadableError(f"the document declares the encoding {quoted(encoding)}: send it in UTF-8")
    return root


def _words(error: Exception) -> str:
    """What the parser says, without its advice to lift the limits."""
    said = str(getattr(error, "msg", None) or error)
    said = said.replace(", try XML_PARSE_HUGE", "").replace(", use XML_PARSE_HUGE option", "")
    return f"{said}: save the file as UTF-8" if "character encoding" in said else said


@cache
def _xpath(path: str, namespaces: tuple[tuple[str, str], ...]) -> etree.XPath:
    return etree.XPath(path, namespaces=dict(namespaces))


class Reader:
    """Looks up elements and values by XPath in the namespaces of one vocabulary."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        self._namespaces = tuple(namespaces.items())

    def all(self, node: etree._Element, path: str) -> list[etree._Element]:
        """The elements at a path."""
        found = _xpath(path, self._namespaces)(node)
        return [each for each in found if isinstance(each, etree._Element)] if isinstance(found, list) else []

    def one(self, node: etree._Element, path: str) -> etree._Element | None:
        """The only element at a path, or None. Raises UnreadableError where several stand."""
        found = self.all(node, path)
        if len(found) > 1:
            raise UnreadableError(f"{path} stands {len(found)} times, where it may stand once")
        return found[0] if found else None

    def text(self, node: etree._Element, path: str) -> str:
        """The text of the only element at a path, without blanks around it; empty where there is none."""
        found = self.one(node, path)
        return "" if found is None else content(found)

    def first(self, node: etree._Element, *paths: str) -> str:
        """The first text that is not empty, of any elements at any of the paths, in that order."""
        texts = (content(each) for path in paths for each in self.all(node, path))
        return next((text for text in texts if text), "")


def content(node: etree._Element) -> str:
    """The text of an element that holds nothing else."""
    if len(node):
        raise UnreadableError(f"{etree.QName(node).localname} holds elements where a value is wanted")
    return (node.text or "").strip()

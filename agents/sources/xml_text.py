"""XML read safely: no DTD, no entities, no network, bounded depth and size; and what a head tells of its root.

A format whose documents have to name its DTD may name that one: it is never loaded, and may declare nothing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from lxml import etree

from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted, start

ENCODINGS = {"UTF-8", "ASCII", "US-ASCII", "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252"}
"""What a document may declare; each agrees with ASCII, so that a DTD cannot hide from `head`."""

_TAG = re.compile(rb"<(?:([\w.-]+):)?([\w.-]+)([^<>]*)>?")
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+(?:[\w.-]+:)?([\w.-]+)")
_LITERAL = rb"\s*(?:\"[^\"]*\"|'[^']*')"
_NAMED = re.compile(_DOCTYPE.pattern + rb"(?:\s+SYSTEM" + _LITERAL + rb"|\s+PUBLIC" + _LITERAL * 2 + rb")?\s*>")
_STRANGE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EARLY_MOST = 256 * 2**10
_OPTIONS: dict[str, Any] = {
    **dict.fromkeys(("resolve_entities", "load_dtd", "dtd_validation", "huge_tree"), False),
    **dict.fromkeys(("no_network", "remove_comments", "remove_pis"), True),
}


class Head(NamedTuple):
    """What the beginning of an XML body says: the root's local name and namespace, and whether there is a DTD."""

    root: str
    namespace: str
    has_dtd: bool


def head(body: bytes) -> Head | None:
    """The head of an XML body; None where it does not begin as XML. With a DTD the root is what that names."""
    text = start(body)
    at = _prolog(text)
    if at < 0:
        return Head("", "", False)
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


def _prolog(text: bytes) -> int:
    """Where the declaration and the comments in front of the root, or of a DTD, end; -1 where one of them does not."""
    at = 0
    while text.startswith((b"<?", b"<!--"), at):
        mark = b"?>" if text.startswith(b"<?", at) else b"-->"
        end = text.find(mark, at)
        if end < 0:
            return -1
        at = end + len(mark)
        while text[at : at + 1].isspace():
            at += 1
    return at


def parse(body: bytes, dtd: str = "") -> etree._Element:
    """The root element. Raises UnreadableError for what is not well-formed, and for every DTD, harmless or not.

    That of the name `dtd` may be named; it is taken out unread, so that nothing is declared and no entity known.
    """
    text = _without_dtd(start(body), dtd)
    try:
        root = etree.fromstring(text, etree.XMLParser(**_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(f"not well-formed XML: {_words(error)}") from error
    information = root.getroottree().docinfo
    if information.internalDTD is not None or information.externalDTD is not None:
        raise UnreadableError("the document has a DTD, which could hide entities: send it without one")
    if (encoding := (information.encoding or "UTF-8").upper()) not in ENCODINGS:
        raise UnreadableError(f"the document declares the encoding {quoted(encoding)}: send it in UTF-8")
    return root


def early(body: bytes, name: str, dtd: str = "") -> etree._Element | None:
    """The first element of a name, read no further than its end; None where none stands whole near the beginning.

    What is read is safe as for `parse`.
    """
    text = start(body[:_EARLY_MOST])
    closing = text.find(f"</{name}".encode())
    if closing < 0:
        return None
    try:
        parser = etree.XMLPullParser(("end",), tag=name, **_OPTIONS)
        parser.feed(_without_dtd(text[: text.find(b">", closing) + 1], dtd))
        return next((found for _, found in parser.read_events() if isinstance(found, etree._Element)), None)
    except (UnreadableError, etree.XMLSyntaxError, ValueError):
        return None


def _without_dtd(text: bytes, dtd: str) -> bytes:
    """A text with blanks instead of its DTD, which has to be one that is named `dtd` and says no more."""
    at = max(0, _prolog(text))
    doctype = _DOCTYPE.match(text, at)
    if doctype is None:
        return text
    if not dtd or doctype.group(1) != dtd.encode():
        raise UnreadableError("the document has a DTD (<!DOCTYPE …>), which could hide entities: send it without one")
    named = _NAMED.match(text, at)
    if named is None:
        raise UnreadableError(f"the document's DTD says more than an address: leave it at <!DOCTYPE {dtd} SYSTEM '…'>")
    return text[:at] + re.sub(rb"[^\n]", b" ", named.group()) + text[named.end() :]


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


def clean(text: str) -> str:
    """A text without the characters that XML has no place for."""
    return _STRANGE.sub("", text)


def content(node: etree._Element) -> str:
    """The text of an element that holds nothing else."""
    if len(node):
        raise UnreadableError(f"{etree.QName(node).localname} holds elements where a value is wanted")
    return (node.text or "").strip()

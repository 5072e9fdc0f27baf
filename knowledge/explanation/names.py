"""Finding a document by the name that people write, or by the percent-encoded one of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from knowledge.errors import SocietyError
from knowledge.explanation.network import Network
from knowledge.explanation.values import DocumentKind
from knowledge.supply import PurchaseRow, encode, readable

_MOST_NEAR = 5


class UnknownDocumentError(SocietyError):
    """A document that the records do not have; the message names those that are near."""


@dataclass(frozen=True, slots=True)
class Named:
    """A document of the records, by its encoded name."""

    document: str
    kind: DocumentKind


def find(network: Network, name: str) -> Named:
    """The document of a name. Raises UnknownDocumentError where there is none, or more than one."""
    known = _known(network)
    if name in known:
        return Named(name, known[name])
    meant = [document for document in known if readable(document) == name]
    if len(meant) == 1:
        return Named(meant[0], known[meant[0]])
    if meant:
        raise UnknownDocumentError(f"{name} may be any of {', '.join(sorted(meant))}: write it in that form")
    near = _near(name, known)
    told = f"; near it are {', '.join(near)}" if near else ""
    raise UnknownDocumentError(f"document {name} is not known{told}")


def _known(network: Network) -> dict[str, DocumentKind]:
    """Every document that may be asked for, by its encoded name."""
    known: dict[str, DocumentKind] = {}
    for row in network.books.shipping:
        known[encode(row["shipping_order"])] = DocumentKind.SHIPPING_ORDER
    for document, supply in network.every_supply.items():
        bought = isinstance(supply, PurchaseRow)
        known[document] = DocumentKind.PURCHASE_ORDER if bought else DocumentKind.WORK_ORDER
        if bought:
            known[encode(supply.number)] = DocumentKind.PURCHASE_ORDER
    for order in network.orders:
        known[order] = DocumentKind.ORDER
    for row in network.books.promises:
        known[network.line_of(row)] = DocumentKind.LINE
    for line in network.of_line:
        known.setdefault(line, DocumentKind.LINE)
    return known


def _near(name: str, known: dict[str, DocumentKind]) -> list[str]:
    """Names like it: the same in other letters, those that contain it, those that look like it."""
    names = {readable(document): None for document in known}
    lower = name.casefold()
    found = [other for other in names if other.casefold() == lower]
    found += [other for other in names if lower and lower in other.casefold()]
    by_lower = {other.casefold(): other for other in names}
    found += [by_lower[other] for other in get_close_matches(lower, by_lower, _MOST_NEAR)]
    return list(dict.fromkeys(found))[:_MOST_NEAR]

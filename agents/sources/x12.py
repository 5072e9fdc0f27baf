"""The source of X12 interchanges. Orders (850) and changes of them (860) are read, other sets quarantined by name."""

from __future__ import annotations

from collections.abc import Mapping

from agents.sources.edi import EdiConfig, refused_test
from agents.sources.source import Source, Transaction, attempt, rejected
from agents.sources.texts import decode, quoted, start
from agents.sources.x12_change import read_change
from agents.sources.x12_codes import SET_NAMES, UNREAD_SETS
from agents.sources.x12_envelope import TransactionSet, transaction_sets
from agents.sources.x12_order import read_order


class X12(Source[EdiConfig]):
    """The source of X12 850 and 860, in every version that has PO1 and POC: separators are the interchange's own."""

    kind = "x12"
    title = "X12"
    Config = EdiConfig

    def recognises(self, head: bytes, name: str) -> bool:
        text = start(head)
        return text.startswith(b"ISA") and not text[3:4].isalnum()

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        return [_transaction(each, self.config) for each in transaction_sets(decode(body))]


def _transaction(each: TransactionSet, config: EdiConfig) -> Transaction:
    if each.fault:
        return rejected(each.position, each.text, each.fault)
    if each.is_test and not config.test_orders and each.set_id in ("850", "860"):
        return rejected(each.position, each.text, refused_test("ISA15"))
    if each.set_id == "850":
        return attempt(each.position, each.text, lambda: read_order(each.segments, each.sender))
    if each.set_id == "860":
        return attempt(each.position, each.text, lambda: read_change(each.segments, each.sender))
    if each.set_id in UNREAD_SETS:
        name = f"{each.set_id} ({UNREAD_SETS[each.set_id]})"
        return rejected(each.position, each.text, f"X12 set {name} is not read: send the order as 850, a change as 860")
    name = SET_NAMES.get(each.set_id, "")
    shown = f"{quoted(each.set_id)}{f' ({name})' if name else ''}"
    return rejected(each.position, each.text, f"X12 set {shown} is not an order")

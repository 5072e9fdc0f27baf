"""The source of X12 interchanges. Orders (850) and changes of them (860) are read, other sets quarantined by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from agents.sources.answers import SHIPPED
from agents.sources.edi import EdiConfig, numbered, partner_of, refused_test
from agents.sources.source import Source, Transaction, attempt, ignored, rejected
from agents.sources.texts import decode, quoted, start
from agents.sources.x12_acknowledging import ACKNOWLEDGEMENT, acknowledgements
from agents.sources.x12_answers import Letterhead, order_acknowledgement, ship_notice
from agents.sources.x12_change import read_change
from agents.sources.x12_codes import SET_NAMES, UNREAD_SETS
from agents.sources.x12_envelope import INTERCHANGE_ACKNOWLEDGED, TransactionSet, transaction_sets
from agents.sources.x12_order import read_order
from protocols.publishing import News, OrderNews, Parcel, ShippingOrderNews

MEDIA = "application/edi-x12"


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

    def receipts(self, headers: Mapping[str, str], body: bytes, number: int, at: dt.datetime) -> Iterator[Parcel]:
        """A 997 for every group, and a TA1 for every interchange that is not sound, or wants one."""
        for count, (kind, each) in enumerate(acknowledgements(self, body, number * 10, at)):
            yield Parcel(f"{kind}-{number * 10 + count}.x12", each, MEDIA)

    def answers(self, news: News, told: int) -> Iterator[Parcel]:
        """An 855, again whenever a promise changes; an 856 when goods have left."""
        if isinstance(news, OrderNews):
            body = order_acknowledgement(news, self._letterhead(news), numbered(news, told), _at(news))
            yield Parcel(f"855-{news.number}-{told + 1}.x12", body, MEDIA)
        elif isinstance(news, ShippingOrderNews) and news.status == SHIPPED:
            body = ship_notice(news, self._letterhead(news), numbered(news, told), _at(news))
            yield Parcel(f"856-{news.shipping_order}.x12", body, MEDIA)

    def _letterhead(self, news: OrderNews | ShippingOrderNews) -> Letterhead:
        partner, config = partner_of(news, self.config), self.config
        ours, theirs = config.own_qualifier or "ZZ", config.partner_qualifier or "ZZ"
        return Letterhead((ours, config.own_id), (theirs, partner), config.own_id, partner)


def _at(news: News) -> dt.datetime:
    return dt.datetime.fromisoformat(news.at)


def _acknowledged(each: TransactionSet) -> Transaction:
    """What a partner says of what we sent: nothing is to be done where it took all of it."""
    told = [s.element(4) for s in each.segments if s.tag == "TA1"] + [
        s.element(1) for s in each.segments if s.tag == "AK9"
    ]
    what = f"X12 set {each.set_id} is not an order: it acknowledges what was sent"
    if told and all(code == "A" for code in told):
        return ignored(each.position, each.text, what)
    return rejected(each.position, each.text, f"{what}, and does not take all of it: see its AK and TA1 segments")


def _transaction(each: TransactionSet, config: EdiConfig) -> Transaction:
    if each.fault:
        return rejected(each.position, each.text, each.fault)
    if each.is_test and not config.test_orders and each.set_id in ("850", "860"):
        return rejected(each.position, each.text, refused_test("ISA15"))
    if each.set_id == "850":
        return attempt(each.position, each.text, lambda: read_order(each.segments, each.sender))
    if each.set_id == "860":
        return attempt(each.position, each.text, lambda: read_change(each.segments, each.sender))
    if each.set_id in (ACKNOWLEDGEMENT, INTERCHANGE_ACKNOWLEDGED):
        return _acknowledged(each)
    if each.set_id in UNREAD_SETS:
        name = f"{each.set_id} ({UNREAD_SETS[each.set_id]})"
        return rejected(each.position, each.text, f"X12 set {name} is not read: send the order as 850, a change as 860")
    name = SET_NAMES.get(each.set_id, "")
    shown = f"{quoted(each.set_id)}{f' ({name})' if name else ''}"
    return rejected(each.position, each.text, f"X12 set {shown} is not an order")

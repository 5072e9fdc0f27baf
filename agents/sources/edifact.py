"""The source of UN/EDIFACT interchanges. ORDERS and ORDCHG are read, other messages quarantined by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from agents.sources.answers import SHIPPED
from agents.sources.edi import EdiConfig, numbered, partner_of, refused_test
from agents.sources.edifact_answers import SYNTAX_REPORT, Letterhead, despatch_advice, order_response, syntax_reports
from agents.sources.edifact_codes import MESSAGE_NAMES, READ
from agents.sources.edifact_envelope import Message, messages
from agents.sources.edifact_order import read_change, read_order
from agents.sources.source import Source, Transaction, attempt, ignored, rejected
from agents.sources.texts import quoted, start
from protocols.publishing import News, OrderNews, Parcel, ShippingOrderNews

MEDIA = "application/edifact"


class Edifact(Source[EdiConfig]):
    """The source of EDIFACT ORDERS and ORDCHG of the directories from D.93A on, in syntax versions 1 to 4."""

    kind = "edifact"
    title = "UN/EDIFACT"
    Config = EdiConfig

    def recognises(self, head: bytes, name: str) -> bool:
        text = start(head)
        return text.startswith((b"UNA", b"UNB", b"UNG", b"UNH")) and bool(text[3:4].strip()) and not text[3:4].isalnum()

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        return [_transaction(each, self.config) for each in messages(body)]

    def receipts(self, headers: Mapping[str, str], body: bytes, number: int, at: dt.datetime) -> Iterator[Parcel]:
        """A CONTRL for every interchange."""
        for count, each in enumerate(syntax_reports(self, body, number * 10, at)):
            yield Parcel(f"CONTRL-{number * 10 + count}.edi", each, MEDIA)

    def answers(self, news: News, told: int) -> Iterator[Parcel]:
        """An ORDRSP, again whenever a promise changes; a DESADV when goods have left."""
        if isinstance(news, OrderNews):
            body = order_response(news, self._letterhead(news), numbered(news, told), _at(news))
            yield Parcel(f"ORDRSP-{news.number}-{told + 1}.edi", body, MEDIA)
        elif isinstance(news, ShippingOrderNews) and news.status == SHIPPED:
            body = despatch_advice(news, self._letterhead(news), numbered(news, told), _at(news))
            yield Parcel(f"DESADV-{news.shipping_order}.edi", body, MEDIA)

    def _letterhead(self, news: OrderNews | ShippingOrderNews) -> Letterhead:
        partner, config = partner_of(news, self.config), self.config
        return Letterhead((config.own_id, config.own_qualifier), (partner, config.partner_qualifier))


def _at(news: News) -> dt.datetime:
    return dt.datetime.fromisoformat(news.at)


def _reported(each: Message) -> Transaction:
    """What a partner says of what we sent: nothing is to be done where it took all of it."""
    told = [s.get(4) for s in each.segments if s.tag == "UCI"] + [s.get(3) for s in each.segments if s.tag == "UCM"]
    what = "EDIFACT message CONTRL is not an order: it reports on what was sent"
    if told and all(code in ("7", "8") for code in told):
        return ignored(each.position, each.text, what)
    return rejected(each.position, each.text, f"{what}, and does not take all of it: see its UC segments")


def _transaction(each: Message, config: EdiConfig) -> Transaction:
    if each.kind == SYNTAX_REPORT and not each.fault:
        return _reported(each)
    if each.kind and each.kind not in READ:
        name = MESSAGE_NAMES.get(each.kind, "")
        shown = f"{quoted(each.kind)}{f' ({name})' if name else ''}"
        return rejected(each.position, each.text, f"EDIFACT message {shown} is not an order")
    if each.fault:
        return rejected(each.position, each.text, each.fault)
    if each.is_test and not config.test_orders:
        return rejected(each.position, each.text, refused_test("UNB 0035"))
    if each.kind == "ORDCHG":
        return attempt(each.position, each.text, lambda: read_change(each))
    return attempt(each.position, each.text, lambda: read_order(each))

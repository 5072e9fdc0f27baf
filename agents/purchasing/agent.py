"""The purchasing agent: asks suppliers by contract net, keeps purchase orders, takes confirmations and receipts."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from agents.purchasing.learning import KEY, LeadTimes, row_of
from agents.purchasing.reports import SupplierReportError, confirm, receive
from agents.runtime.agent import Agent, Effects, Records, Turn, handles
from knowledge.deliveries import Delivery
from knowledge.documents import GoodsReceipt, SupplierConfirmation
from knowledge.instants import HOUR, Instant, local_date, parse
from knowledge.learning import asked_for
from knowledge.plant import Plant, SupplyStatus
from knowledge.quantities import Units
from knowledge.store.database import Write
from knowledge.store.rows import purchase_fields, purchase_of
from knowledge.store.tables import AgentStateRow, DeliveryRow, PurchaseOrderRow
from knowledge.supply import PurchaseRow
from protocols.envelope import Envelope, Performative, ProtocolName
from protocols.inventory import Event, MoveStock, StockMoved, StockRefused
from protocols.messages import Failed, envelope_body, envelope_from
from protocols.quoting import AskOffers, OffersTold
from protocols.supplying import (
    Delivered,
    DeliveriesWatched,
    IssuePurchase,
    NoOffer,
    Offers,
    OffersChanged,
    OffersStand,
    PlacePurchases,
    PurchaseIssued,
    PurchasesPlaced,
    Quote,
    QuoteItems,
    Quotes,
    ReportRefused,
    ReportTaken,
    SupplierReport,
    TakeOffers,
    Wake,
    WatchDeliveries,
)

QUOTE_HOURS = 24

_WATCHER = "watcher:"
_RUNS_OUT = "until:"
"""How it is kept which offers run out at a time."""
AWAKE = 20_000
"""So many purchase orders are kept ready."""

_MENTIONED = 3
"""So many items are named where offers run out."""

_CLOSED = (SupplyStatus.DONE, SupplyStatus.CANCELLED)

_AT_ONCE = 500
"""So many are read together."""


@dataclass(slots=True)
class Call:
    """A call for offers under way: who has still to answer, and what was offered so far."""

    asked: Envelope[Any]
    waiting: set[str]
    quotes: list[Quote]


class PurchasingAgent(Agent):
    """Reads and writes purchase orders. They lie in the records; those that were asked for last are in memory, too."""

    name = "purchasing"

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.orders: OrderedDict[str, dict[int, PurchaseRow]] = OrderedDict()
        self.calls: dict[str, Call] = {}
        self.asked: dict[str, Call] = {}
        self.watchers: dict[str, Envelope[Any]] = {}
        self.until: dict[Instant, set[str]] = {}
        self.lead_times = LeadTimes(plant)

    def restore(self, records: Records) -> None:
        """Rebuild the calls for offers under way."""
        self.records = records
        self.lead_times.restore(self.name, records)
        for row in records.rows(AgentStateRow, agent=self.name):
            if row["key"].startswith(KEY):
                continue
            body = json.loads(row["body"])
            if row["key"].startswith(_WATCHER):
                self.watchers[row["key"].removeprefix(_WATCHER)] = envelope_from(body)
                continue
            if row["key"].startswith(_RUNS_OUT):
                self.until[int(row["key"].removeprefix(_RUNS_OUT))] = set(body)
                continue
            quotes = [Quote.model_validate(quote) for quote in body["quotes"]]
            self.calls[row["key"]] = Call(envelope_from(body["asked"]), set(body["waiting"]), quotes)

    # -- offers, by contract net

    @handles(QuoteItems)
    def call_for_offers(self, turn: Turn[QuoteItems]) -> Effects:
        items = turn.content.items
        suppliers = sorted({o.supplier for item in items for o in self.plant.offers.get(item, ())})
        if not suppliers:
            yield turn.inform(Quotes(items=items, offers=()))
            return
        send = turn.open(
            f"supplier:{suppliers[0]}",
            Performative.CFP,
            ProtocolName.CONTRACT_NET,
            QuoteItems(items=items),
            reply_by=turn.now + QUOTE_HOURS * HOUR,
        )
        self.calls[send.conversation] = Call(turn.envelope, {f"supplier:{s}" for s in suppliers}, [])
        yield self._keep(turn, send.conversation)
        for supplier in suppliers:
            yield replace(send, receiver=f"supplier:{supplier}")
        yield turn.timer(turn.now + QUOTE_HOURS * HOUR + 1, self.name, Wake(what="offers", key=send.conversation))

    @handles(Offers)
    def offered(self, turn: Turn[Offers]) -> Effects:
        yield turn.reply(Performative.ACCEPT_PROPOSAL, TakeOffers(items=turn.content.items))
        yield from self._answered(turn, turn.content.offers)

    @handles(NoOffer, Failed)
    def not_offered(self, turn: Turn[Any]) -> Effects:
        if turn.envelope.protocol is ProtocolName.QUERY:
            yield from self._told(turn, ())
        else:
            yield from self._answered(turn, ())

    @handles(Wake)
    def time_is_up(self, turn: Turn[Wake]) -> Effects:
        """Silence excludes: who has not answered by now offers nothing. What has run out is to be asked for anew."""
        if turn.content.what == "until":
            yield from self._run_out(turn, int(turn.content.key))
        elif turn.content.key in self.calls:
            yield from self._quote(turn, turn.content.key)

    @handles(AskOffers)
    def ask_offers(self, turn: Turn[AskOffers]) -> Effects:
        """Somebody wants to know what is offered, and takes nothing up: a crash loses the question, and no more."""
        items = turn.content.items
        suppliers = sorted({o.supplier for item in items for o in self.plant.offers.get(item, ())})
        if not suppliers:
            yield turn.inform(OffersTold(items=items, offers=()))
        call = Call(turn.envelope, {f"supplier:{supplier}" for supplier in suppliers}, [])
        for supplier in sorted(call.waiting):
            asking = turn.query(supplier, AskOffers(items=items))
            self.asked[asking.conversation] = call
            yield asking

    @handles(OffersTold)
    def told(self, turn: Turn[OffersTold]) -> Effects:
        yield from self._told(turn, turn.content.offers)

    def _told(self, turn: Turn[Any], quotes: tuple[Quote, ...]) -> Effects:
        call = self.asked.pop(turn.envelope.conversation, None)
        if call is None:
            return
        call.quotes.extend(quotes)
        call.waiting.discard(turn.sender)
        if not call.waiting:
            items = call.asked.content.items
            yield turn.reply_to(
                call.asked, Performative.INFORM, OffersTold(items=items, offers=self._in_order(call.quotes))
            )

    def _in_order(self, quotes: list[Quote]) -> tuple[Quote, ...]:
        """By item, as the plant lists their suppliers; each with the lead time that its supplier keeps."""
        order = {o.supplier: n for offers in self.plant.offers.values() for n, o in enumerate(offers)}
        quotes = [self.lead_times.quote(quote) for quote in quotes]
        return tuple(sorted(quotes, key=lambda q: (q.item, order.get(q.supplier, 0), q.supplier)))

    def _answered(self, turn: Turn[Any], quotes: tuple[Quote, ...]) -> Effects:
        call = self.calls.get(turn.envelope.conversation)
        if call is None:
            return
        call.quotes.extend(quotes)
        call.waiting.discard(turn.sender)
        if call.waiting:
            yield self._keep(turn, turn.envelope.conversation)
        else:
            yield from self._quote(turn, turn.envelope.conversation)

    def _quote(self, turn: Turn[Any], conversation: str) -> Effects:
        call = self.calls.pop(conversation)
        yield turn.remove(AgentStateRow, {"agent": self.name, "key": conversation})
        items = call.asked.content.items
        offers = self._in_order([quote for quote in call.quotes if (quote.valid_until or turn.now + 1) > turn.now])
        yield turn.reply_to(call.asked, Performative.INFORM, Quotes(items=items, offers=offers))
        yield from self._remember_ends(turn, offers)

    def _remember_ends(self, turn: Turn[Any], offers: Iterable[Quote]) -> Effects:
        """Note when offers run out, to tell then who plans with them."""
        for until in sorted({quote.valid_until for quote in offers if quote.valid_until is not None}):
            if until not in self.until:
                yield turn.timer(until, self.name, Wake(what="until", key=str(until)), subject="")
            items = self.until.setdefault(until, set())
            items.update(quote.item for quote in offers if quote.valid_until == until)
            key = f"{_RUNS_OUT}{until}"
            yield turn.save(AgentStateRow, {"agent": self.name, "key": key, "body": json.dumps(sorted(items))})

    def _run_out(self, turn: Turn[Wake], until: Instant) -> Effects:
        items = tuple(sorted(self.until.pop(until, ())))
        yield turn.remove(AgentStateRow, {"agent": self.name, "key": f"{_RUNS_OUT}{until}"})
        some = ", ".join(items[:_MENTIONED]) + (" and others" if len(items) > _MENTIONED else "")
        changed = OffersChanged(items=items, reason=f"offers for {some} ran out")
        for watcher in self.watchers.values():
            yield turn.reply_to(watcher, Performative.INFORM, changed)

    def _keep(self, turn: Turn[Any], conversation: str) -> Write:
        call = self.calls[conversation]
        quotes = [quote.model_dump(mode="json") for quote in call.quotes]
        body = {"asked": envelope_body(call.asked), "waiting": sorted(call.waiting), "quotes": quotes}
        return turn.save(AgentStateRow, {"agent": self.name, "key": conversation, "body": json.dumps(body)})

    # -- orders

    @handles(PlacePurchases)
    def place(self, turn: Turn[PlacePurchases]) -> Effects:
        """Keep the rows as planned now, and send out what is released."""
        self._forget()
        issued: dict[str, list[PurchaseRow]] = {}
        content = turn.content
        concerned = {number for number, _ in content.gone} | {row.number for row in content.rows}
        self._read(concerned)
        for number, row in content.gone:
            self._rows(number).pop(row, None)
            yield turn.remove(PurchaseOrderRow, {"purchase_order": number, "row": row})
        for new in content.rows:
            rows = self._rows(new.number)
            old = rows.get(new.row)
            if old is not None and old.received > new.received:
                new = replace(new, received=old.received)
            rows[new.row] = new
            yield self._save(turn, new)
            if new.status is SupplyStatus.RELEASED and self._delivery(new) is None:
                yield self._note(turn, self._asked(new))
            if content.known:
                continue
            if new.status is SupplyStatus.RELEASED and (old is None or old.status is not SupplyStatus.RELEASED):
                issued.setdefault(new.number, []).append(new)
        for number, sent in issued.items():
            if sent[0].supplier in self.plant.suppliers:
                yield turn.request(f"supplier:{sent[0].supplier}", IssuePurchase(rows=tuple(sent)), subject=number)
        yield turn.inform(PurchasesPlaced())
        self._let_go(concerned)

    # -- reports

    @handles(SupplierReport)
    def report(self, turn: Turn[SupplierReport]) -> Effects:
        self._forget()
        report = turn.content.report
        try:
            row = self._find(report.purchase_order, report.item)
            if isinstance(report, GoodsReceipt):
                new, units = receive(self.plant, row, report, turn.now)
            else:
                new, units = self._confirmed(row, report), 0
        except SupplierReportError as problem:
            yield turn.refuse(ReportRefused(reason=str(problem)))
            return
        self._rows(new.number)[new.row] = new
        yield self._save(turn, new)
        yield from self._learn(turn, self._delivery(row) or self._asked(row), new)
        yield self._move(turn, row, new, units)
        yield turn.inform(ReportTaken())
        self._let_go([new.number])

    def _confirmed(self, row: PurchaseRow, report: SupplierConfirmation) -> PurchaseRow:
        """A row with what its supplier confirms. That it will come as asked says nothing of how it keeps that."""
        new = confirm(self.plant, row, report)
        delivery = self._delivery(row)
        zone = self.plant.zone
        if self.lead_times.wanted and delivery is not None and delivery.asked < row.due:
            as_asked = local_date(new.due, zone) == local_date(delivery.asked, zone)
            new = replace(new, due=row.due) if as_asked else new
        return new

    def _learn(self, turn: Turn[SupplierReport], delivery: Delivery, row: PurchaseRow) -> Effects:
        """Note what a supplier has confirmed, or brought; who watches is told of what has come whole."""
        if row.status is SupplyStatus.CANCELLED:
            yield turn.remove(DeliveryRow, {"purchase_order": row.number, "row": row.row})
            return
        report = turn.content.report
        if not isinstance(report, GoodsReceipt):
            due = row.due if report.due is None else parse(report.due, self.plant.zone)
            delivery = replace(delivery, confirmed=due)
        elif row.status is SupplyStatus.DONE:
            delivery = replace(delivery, came=turn.now)
            for watcher in self.watchers.values():
                yield turn.reply_to(watcher, Performative.INFORM, Delivered(delivery=delivery))
            if self.lead_times.wanted:
                yield from self._learn_lead_time(turn, row)
        yield self._note(turn, delivery)

    def _learn_lead_time(self, turn: Turn[SupplierReport], row: PurchaseRow) -> Effects:
        """Remember how long a row took that has come whole; who watches is told where that moves a lead time."""
        for learned in self.lead_times.learn(row, turn.now):
            for watcher in self.watchers.values():
                yield turn.reply_to(watcher, Performative.INFORM, learned)
        yield turn.save(AgentStateRow, row_of(self.name, row.supplier, self.lead_times))

    def _asked(self, row: PurchaseRow) -> Delivery:
        """A row that goes out."""
        return Delivery(row.number, row.row, row.supplier, row.item, asked_for(self.plant, row))

    def _delivery(self, row: PurchaseRow) -> Delivery | None:
        """What is known of when a row that has gone out comes, or came."""
        rows = self.records.own(DeliveryRow, purchase_order=row.number, row=row.row)
        return next(map(Delivery.of, rows), None)

    def _note(self, turn: Turn[Any], delivery: Delivery) -> Write:
        return turn.save(DeliveryRow, delivery.fields())

    @handles(WatchDeliveries)
    def watch(self, turn: Turn[WatchDeliveries]) -> Effects:
        self.watchers[turn.sender] = turn.envelope
        body = json.dumps(envelope_body(turn.envelope))
        yield turn.save(AgentStateRow, {"agent": self.name, "key": f"{_WATCHER}{turn.sender}", "body": body})
        yield turn.reply(Performative.AGREE, DeliveriesWatched())

    def _move(self, turn: Turn[Any], old: PurchaseRow, row: PurchaseRow, units: Units) -> Any:
        left = row.receipt if row.status in (SupplyStatus.FIRM, SupplyStatus.RELEASED) else 0
        event = Event(item=row.item, document=row.document, time=row.due, units=left, status=row.status.value)
        moves = ((row.item, units),) if units else ()
        content = MoveStock(document=row.document, moves=moves, events=(event,), supply=(row,), was=(old,))
        return turn.request("inventory", content, subject=row.number)

    def _find(self, number: str, item: str | None) -> PurchaseRow:
        """The open row that a report means: the first due of the item."""
        rows = [row for _, row in sorted(self._rows(number).items())]
        if not rows:
            raise SupplierReportError(f"purchase order {number} is not known")
        rows = [row for row in rows if item in (None, row.item)]
        if not rows:
            raise SupplierReportError(f"purchase order {number} has no item {item}")
        if len({row.item for row in rows}) > 1:
            raise SupplierReportError(
                f"purchase order {number} has several items; name one: {', '.join(sorted({r.item for r in rows}))}"
            )
        open_rows = [row for row in rows if row.status in (SupplyStatus.FIRM, SupplyStatus.RELEASED)]
        if not open_rows:
            status = rows[-1].status.value
            hint = "has not been issued yet" if status == "planned" else f"is {status}"
            raise SupplierReportError(f"purchase order {number} {hint}: nothing can be reported on it")
        return min(open_rows, key=lambda row: (row.due, row.row))

    @handles(StockMoved, StockRefused, PurchaseIssued, OffersStand)
    def noted(self, turn: Turn[Any]) -> Effects:
        yield from ()

    def _rows(self, number: str) -> dict[int, PurchaseRow]:
        """The rows of a purchase order; a change that is to last is saved by the handler that makes it."""
        found = self.orders.get(number)
        if found is None:
            rows = map(purchase_of, self.records.own(PurchaseOrderRow, purchase_order=number))
            found = self.orders[number] = {row.row: row for row in rows}
        self.orders.move_to_end(number)
        return found

    def _read(self, numbers: Iterable[str]) -> None:
        """Read purchase orders that are not in memory, all at once."""
        unknown = sorted(number for number in numbers if number not in self.orders)
        for begin in range(0, len(unknown), _AT_ONCE):
            some = tuple(unknown[begin : begin + _AT_ONCE])
            self.orders.update((number, {}) for number in some)
            for row in map(purchase_of, self.records.own(PurchaseOrderRow, purchase_order=some)):
                self.orders[row.number][row.row] = row

    def _forget(self) -> None:
        """Forget the purchase orders that were asked for least recently."""
        while len(self.orders) > AWAKE:
            self.orders.popitem(last=False)

    def _let_go(self, numbers: Iterable[str]) -> None:
        """Forget those of some purchase orders of which nothing is open: they are hardly asked for again."""
        for number in numbers:
            if all(row.status in _CLOSED for row in self.orders[number].values()):
                del self.orders[number]

    def _save(self, turn: Turn[Any], row: PurchaseRow) -> Write:
        return turn.save(PurchaseOrderRow, purchase_fields(row))

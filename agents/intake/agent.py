"""The intake agent: the order desk. Takes every document once, keeps customer orders and where their lines stand.

An order goes to the classifier; its custom lines to engineering, the others to the planner. Reports go to whoever
they concern. What cannot be taken is quarantined with the reason, and nothing of it is processed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from agents.intake.amending import (
    amended,
    as_of,
    asking_rule,
    change_facts,
    check_shipped,
    is_older,
    never_received,
    newer,
    planned_as,
    understood,
)
from agents.intake.facts import OrderError, SupersededError, changed_order, facts_of, fingerprint
from agents.intake.orders import Order, Orders
from agents.intake.quoting import Quoting, received_before, seen_mark
from agents.intake.sorting import sort_lines
from agents.runtime.agent import Effects, Records, Turn, handles
from agents.runtime.notices import tell
from knowledge.documents import (
    ApprovalAnswer,
    ApprovalDelegation,
    CustomerOrder,
    Document,
    EngineeringRelease,
    GoodsReceipt,
    MachineDowntime,
    OperationReport,
    OrderCancel,
    OrderChange,
    ShipmentReport,
    StockCount,
    SupplierConfirmation,
)
from knowledge.instants import Instant, from_datetime
from knowledge.plant import Plant
from knowledge.quantities import show_units
from knowledge.revision import revised
from knowledge.store.tables import AgentStateRow, CustomerOrderRow, PromiseRow, QuarantineRow
from knowledge.supply import order_document, readable
from protocols.envelope import Content, Performative, ProtocolName
from protocols.inventory import CountStock, StockRefused
from protocols.messages import Failed
from protocols.notices import Listeners, Notice, NoticeKind
from protocols.orders import (
    Acknowledged,
    Classified,
    ClassifyOrder,
    Designed,
    DesignLine,
    DesignQueued,
    DesignRefused,
    DropQuarantined,
    KnowledgeChanged,
    OrderFacts,
    OrderPlanned,
    PartState,
    PlanOrder,
    ReleaseDesign,
    SubmitDocument,
    SubmitMended,
    SubmitUnreadable,
    WatchAgreed,
    WatchPromises,
)
from protocols.supplying import (
    AnswerDecision,
    Approved,
    Decision,
    FloorReport,
    HandOver,
    Rejected,
    ReportRefused,
    ReportShipment,
    ReportTaken,
    SupplierReport,
    Wake,
)

_DEALT_WITH = "somebody has dealt with it already"
_PENDING, _LAST, _ENDED = "pending:", "quarantined:last", "ended:"


class IntakeAgent(Quoting):
    """Reads and writes customer orders, the state of their lines, and the quarantine."""

    name = "intake"

    def __init__(self, plant: Plant, listeners: Listeners = ()) -> None:
        super().__init__(plant)
        self.listeners = listeners
        self.pending: dict[str, dict[str, str]] = {}
        self.changes: dict[str, Document] = {}
        self.quarantined: set[int] = set()
        self.last_quarantined = 0

    def restore(self, records: Records) -> None:
        """Rebuild the desk: what it waits for, and which numbers are taken. Orders and marks stay in the records."""
        self.records, self.orders = records, Orders(records)
        self.last_order = records.highest(CustomerOrderRow, "sequence")
        for row in records.starting(AgentStateRow, "key", _PENDING, agent=self.name):
            self.pending[row["key"].removeprefix(_PENDING)] = json.loads(row["body"])
        for row in records.rows(AgentStateRow, agent=self.name, key=_LAST):
            self.last_quarantined = int(row["body"])
        self.quarantined = {row["sequence"] for row in records.rows(QuarantineRow, "sequence")}
        self.last_quarantined = max(self.quarantined | {self.last_quarantined})

    @handles(Wake)
    def start(self, turn: Turn[Wake]) -> Effects:
        """The society begins: ask the planner to tell of every promise that changes; or it knows more than before."""
        if turn.content.what == "replan":
            for key in self.orders.asking():
                order = self.orders[key]
                if not order.cancelled and any(_is_asked(parts) for parts in order.parts.values()):
                    yield from self._classify(turn, key, order)
            return
        yield turn.open("planner", Performative.SUBSCRIBE, ProtocolName.SUBSCRIBE, WatchPromises())

    # -- documents

    @handles(SubmitUnreadable)
    def unreadable(self, turn: Turn[SubmitUnreadable]) -> Effects:
        content = turn.content
        yield from self._quarantine(turn, content.name, content.reason, content.text)
        yield turn.inform(Acknowledged(name=content.name, outcome="quarantined", reason=content.reason))

    @handles(SubmitDocument)
    def submit(self, turn: Turn[SubmitDocument]) -> Effects:
        """Take a document, unless it was taken before, or cannot be taken at all."""
        name, document = turn.content.name, turn.content.document
        if self.seen(document):
            yield turn.inform(Acknowledged(name=name, outcome="duplicate", reason="the same document was taken before"))
            return
        yield self._keep(turn, seen_mark(document), "")
        yield from self._taken_or_kept(turn, name, document)

    @handles(SubmitMended)
    def mended(self, turn: Turn[SubmitMended]) -> Effects:
        """Take a document in place of one in quarantine, though it may have been seen before."""
        content = turn.content
        if content.sequence not in self.quarantined:
            yield turn.inform(Acknowledged(name=content.name, outcome="duplicate", reason=_DEALT_WITH))
            return
        yield from self._drop(turn, content.sequence)
        yield self._keep(turn, seen_mark(content.document), "")
        yield from self._taken_or_kept(turn, content.name, content.document)

    @handles(DropQuarantined)
    def drop(self, turn: Turn[DropQuarantined]) -> Effects:
        """Forget what is in quarantine."""
        content = turn.content
        known = content.sequence in self.quarantined
        if known:
            yield from self._drop(turn, content.sequence)
        outcome, reason = ("accepted", "") if known else ("duplicate", _DEALT_WITH)
        yield turn.inform(Acknowledged(name=content.name, outcome=outcome, reason=reason))

    def _drop(self, turn: Turn[Any], sequence: int) -> Effects:
        """Nothing gets this number again, though it is free."""
        self.quarantined.discard(sequence)
        yield turn.remove(QuarantineRow, {"sequence": sequence})
        yield self._keep(turn, _LAST, str(self.last_quarantined))

    def _taken_or_kept(self, turn: Turn[Any], name: str, document: Document) -> Effects:
        try:
            effects = list(self._take(turn, document))
        except SupersededError as problem:
            yield turn.inform(Acknowledged(name=name, outcome="duplicate", reason=str(problem)))
            return
        except OrderError as problem:
            yield from self._quarantine(turn, name, str(problem), turn.content.text or document.model_dump_json())
            yield turn.inform(Acknowledged(name=name, outcome="quarantined", reason=str(problem)))
            return
        yield from effects
        yield turn.inform(Acknowledged(name=name, outcome="accepted"))

    def _take(self, turn: Turn[SubmitDocument], document: Document) -> Effects:
        if isinstance(document, CustomerOrder):
            return self._order(turn, document)
        if isinstance(document, (OrderChange, OrderCancel)):
            return self._amend(turn, document)
        if isinstance(document, EngineeringRelease):
            return self._forward(turn, "engineering", ReleaseDesign(release=document))
        if isinstance(document, (SupplierConfirmation, GoodsReceipt)):
            return self._forward(turn, "purchasing", SupplierReport(report=document))
        if isinstance(document, (OperationReport, MachineDowntime)):
            return self._forward(turn, "planner", FloorReport(report=document))
        if isinstance(document, ShipmentReport):
            return self._forward(turn, "shipping", ReportShipment(report=document))
        if isinstance(document, StockCount):
            return self._forward(turn, "inventory", CountStock(count=document))
        if isinstance(document, ApprovalDelegation):
            return self._forward(turn, "approvals", HandOver(delegation=document))
        assert isinstance(document, ApprovalAnswer)
        return self._forward(turn, "approvals", AnswerDecision(answer=document))

    def _forward(self, turn: Turn[SubmitDocument], receiver: str, content: Content) -> Effects:
        """Hand a report on, and remember whose it was in case it is refused."""
        send = turn.request(receiver, content, subject=turn.content.name)
        text = turn.content.text or turn.content.document.model_dump_json()
        self.pending[send.conversation] = {"name": turn.content.name, "text": text}
        yield self._keep(turn, f"{_PENDING}{send.conversation}", json.dumps(self.pending[send.conversation]))
        yield send

    @handles(ReportTaken)
    def taken(self, turn: Turn[ReportTaken]) -> Effects:
        yield from self._settle(turn, "")

    @handles(ReportRefused, StockRefused, DesignRefused)
    def refused(self, turn: Turn[Any]) -> Effects:
        yield from self._settle(turn, turn.content.reason)

    @handles(Failed)
    def failed(self, turn: Turn[Failed]) -> Effects:
        """Somebody could not do it: a report goes to quarantine, an order's lines wait for a person."""
        if turn.envelope.protocol is ProtocolName.QUERY:
            yield from self.quote_failed(turn)
            return
        if turn.envelope.conversation in self.pending:
            yield from self._settle(turn, turn.content.reason)
            return
        key = self.orders.called(turn.envelope.subject)
        order = self.orders[key] if key else None
        if key is None or order is None or order.facts is None or order.cancelled:
            return
        if all(line.line in order.parts for line in order.facts.lines):
            reason = f"the change could not be planned, what was promised before stands: {turn.content.reason}"
            yield from self._quarantine(turn, readable(key), reason, order.document.model_dump_json())
        for line in order.facts.lines:
            if line.line not in order.parts:
                kind = order.classes[line.line].classified_as if line.line in order.classes else ""
                reason = f"{turn.sender} failed: {turn.content.reason}"
                self._stand(order, line.line, line.item or line.description, kind, "question", reason)
        yield from self._save_lines(turn, key)

    def _settle(self, turn: Turn[Any], reason: str) -> Effects:
        entry = self.pending.pop(turn.envelope.conversation, None)
        if entry is None:
            if reason:
                yield from self._unplanned(turn, reason)
            return
        yield self._forget(turn, f"{_PENDING}{turn.envelope.conversation}")
        if reason:
            yield from self._quarantine(turn, entry["name"], reason, entry["text"])

    def _unplanned(self, turn: Turn[Any], reason: str) -> Effects:
        """The planner failed on an order: its lines are a question to a person, not forgotten."""
        if turn.sender != "planner":
            return
        key = self.orders.called(turn.envelope.subject)
        order = self.orders[key] if key else None
        if key is None or order is None or order.facts is None:
            return
        for line in order.facts.lines:
            kind = order.classes[line.line].classified_as
            self._stand(order, line.line, line.item or line.description, kind, "question", f"planning failed: {reason}")
        yield from self._save_lines(turn, key)

    def _quarantine(self, turn: Turn[Any], name: str, reason: str, text: str) -> Effects:
        self.last_quarantined += 1
        self.quarantined.add(self.last_quarantined)
        row = {"sequence": self.last_quarantined, "document": name, "reason": reason, "text": text[:20000]}
        yield turn.save(QuarantineRow, row)
        if self.listeners:
            notice = Notice(kind=NoticeKind.QUARANTINED, title=f"quarantined: {name}", text=f"{name}: {reason}")
            yield from tell(turn, self.listeners, notice)

    # -- orders

    def _order(self, turn: Turn[SubmitDocument], document: CustomerOrder) -> Effects:
        key = order_document(document.source, document.number)
        first = fingerprint(document, with_time=False)
        known = self.orders.get(key)
        if is_older(known.as_of if known is not None else self._ended(key), document):
            raise SupersededError(document)
        if known is not None and document.standing:
            change = newer(known, document)
            if change is not None:
                yield from self._amend(turn, change)
            yield from self._note_standing(turn, key, document)
            return
        if known is not None:
            if known.first == first:
                return
            raise received_before(document)
        received = from_datetime(document.received) if document.received else turn.now
        facts_of(self.plant, document, 0, received)  # raises before anything is kept
        self.last_order += 1
        order = self.orders[key] = Order(document, self.last_order, received, first, as_of=as_of(document))
        yield from self._classify(turn, key, order)

    def _classify(self, turn: Turn[Any], key: str, order: Order) -> Effects:
        order.facts = understood(self.plant, order, order.document)
        yield self._save(turn, key)
        yield turn.request("classifier", ClassifyOrder(order=order.facts), subject=readable(key))

    @handles(Classified)
    def classified(self, turn: Turn[Classified]) -> Effects:
        if turn.envelope.protocol is ProtocolName.QUERY:
            yield from self.quote_classified(turn)
            return
        key = turn.content.order
        order = self.orders[key]
        order.classes = {line.line: line for line in turn.content.lines}
        if order.cancelled:  # it may have been, while it was looked at
            yield self._save(turn, key)
        else:
            yield from self._route(turn, key, order)

    def _route(self, turn: Turn[Any], key: str, order: Order) -> Effects:
        """Custom lines to engineering, what can be planned to the planner; the rest waits, and says for what."""
        facts = order.facts
        assert facts is not None
        standing, ready = sort_lines(self.plant, facts, order.classes, order.designed)
        for one in standing:
            self._stand(order, one.line.line, one.item, one.classified_as, one.status, one.reason)
            if one.design and one.line.line not in order.designing:
                order.designing.append(one.line.line)
                line = one.line
                design = DesignLine(order=key, line=line.line, description=line.description, quantity=line.ordered)
                yield turn.request("engineering", design, subject=readable(key))
        if ready or order.planned:
            yield self._plan(turn, key, order, facts.model_copy(update={"lines": ready}))
        yield from self._save_lines(turn, key)

    def _plan(self, turn: Turn[Any], key: str, order: Order, facts: OrderFacts) -> Any:
        classes = planned_as(facts, order.classes, order.designed)
        content = PlanOrder(order=facts, classes=classes, change=order.planned)
        order.planned = True
        return turn.request("planner", content, subject=readable(key))

    @handles(OrderPlanned)
    def planned(self, turn: Turn[OrderPlanned]) -> Effects:
        """Where the lines stand now; news of other lines than it names are not in it.

        Of what was called off meanwhile only what has left counts: the rest was said before the planner knew.
        """
        key = turn.content.order
        order = self.orders.get(key)
        if order is None or order.facts is None:
            return
        told: dict[str, list[dict[str, Any]]] = {}
        order.shipped = _wholly_shipped(turn.content.parts)
        wanted = () if order.cancelled else order.facts.lines
        stands = {line.line for line in wanted}
        for part in turn.content.parts:
            if part.shipped or part.line in stands:
                told.setdefault(part.line, []).append(self._shown(part.model_dump()))
        for gone in sorted(told.keys() - stands):
            self._stand_shipped(order, gone, told[gone])
        for line in wanted:
            state = order.parts.get(line.line, [{}])[0].get("status")
            if line.line in told:
                order.parts[line.line] = told[line.line]
            elif state not in ("question", "awaiting_engineering", "cancelled"):
                order.parts.pop(line.line, None)
        yield from self._save_lines(turn, key)

    def _shown(self, part: dict[str, Any]) -> dict[str, Any]:
        item = self.plant.items.get(part["item"])
        del part["shipped"]
        part["quantity"] = show_units(part["quantity"], item.decimals if item else 0)
        return part

    def _stand(self, order: Order, line: str, item: str, kind: str, status: str, reason: str) -> None:
        """A line that is not with the planner."""
        assert order.facts is not None
        facts = next(f for f in order.facts.lines if f.line == line)
        order.parts[line] = [
            {
                "line": line,
                "item": item,
                "classified_as": kind,
                "quantity": facts.ordered,
                "requested": facts.requested,
                "promised": None,
                "status": status,
                "reason": reason,
            }
        ]

    # -- changes

    def _amend(self, turn: Turn[SubmitDocument], document: OrderChange | OrderCancel) -> Effects:
        key = order_document(document.source, document.number)
        order = self.orders.get(key)
        if order is None and isinstance(document, OrderCancel) and document.standing:
            if (at := as_of(document)) is not None:
                yield self._keep(turn, f"{_ENDED}{key}", str(at))
            return
        if order is None:
            raise never_received(document)
        if is_older(order.as_of, document):
            raise SupersededError(document)
        check_shipped(order, document)
        new = changed_order(order.document, document) if isinstance(document, OrderChange) else None
        if new is not None:
            facts_of(self.plant, new, 0, order.received)
        rule = asking_rule(self.plant, order)
        if rule is not None:
            assert order.facts is not None
            decision = Decision.about(
                change_facts(order.facts), subject=key, order=key, text=f"change of order {readable(key)}", rule=rule
            )
            send = turn.open("approvals", Performative.PROPOSE, ProtocolName.PROPOSE, decision, subject=readable(key))
            entry = {"name": turn.content.name, "text": document.model_dump_json(), "change": document.type}
            self.pending[send.conversation] = entry
            yield self._keep(turn, f"{_PENDING}{send.conversation}", json.dumps(entry))
            yield send
        else:
            yield from self._amended(turn, key, document)
        yield from self._note_standing(turn, key, document)

    def _note_standing(self, turn: Turn[Any], key: str, document: CustomerOrder | OrderChange | OrderCancel) -> Effects:
        """For which time it is known how an order stands: what is older is not news any more."""
        order, at = self.orders[key], as_of(document)
        if at is not None and at != order.as_of:
            order.as_of = at
            yield self._save(turn, key)

    def _ended(self, key: str) -> Instant | None:
        """When an order that was never received was called off; None where it was not."""
        for row in self.records.own(AgentStateRow, agent=self.name, key=f"{_ENDED}{key}"):
            return int(row["body"])
        return None

    @handles(Approved)
    def approved(self, turn: Turn[Approved]) -> Effects:
        entry = self.pending.pop(turn.envelope.conversation, None)
        if entry is None:
            return
        yield self._forget(turn, f"{_PENDING}{turn.envelope.conversation}")
        kind = OrderChange if entry["change"] == "order_change" else OrderCancel
        try:
            yield from list(self._amended(turn, turn.content.subject, kind.model_validate_json(entry["text"])))
        except OrderError as problem:
            yield from self._quarantine(turn, entry["name"], str(problem), entry["text"])

    @handles(Rejected)
    def rejected(self, turn: Turn[Rejected]) -> Effects:
        entry = self.pending.pop(turn.envelope.conversation, None)
        if entry is not None:
            yield self._forget(turn, f"{_PENDING}{turn.envelope.conversation}")
            reason = f"rejected by {turn.content.by}" + (f": {turn.content.note}" if turn.content.note else "")
            yield from self._quarantine(turn, entry["name"], reason, entry["text"])

    def _amended(self, turn: Turn[Any], key: str, document: OrderChange | OrderCancel) -> Effects:
        order = self.orders[key]
        new = amended(order, document)
        if new is None:
            yield from self._cancel(turn, key, order)
            return
        gone = {line.line for line in order.document.lines} - {line.line for line in new.lines}
        order.cancelled = False
        for line in sorted(gone):
            self._stand_cancelled(order, line)
        order.document = new
        yield from self._classify(turn, key, order)

    def _stand_cancelled(self, order: Order, line: str) -> None:
        if order.facts is not None and any(f.line == line for f in order.facts.lines):
            item = next(f for f in order.facts.lines if f.line == line)
            kind = order.classes[line].classified_as if line in order.classes else ""
            self._stand(order, line, item.item or item.description, kind, "cancelled", "")

    def _stand_shipped(self, order: Order, line: str, shipped: list[dict[str, Any]]) -> None:
        """What had left before its line was cancelled stays promised; the rest is cancelled."""
        before = order.parts.get(line, [])
        rest = sum(Decimal(p["quantity"]) for p in before) - sum(Decimal(p["quantity"]) for p in shipped)
        cancelled = [{**p, "quantity": str(rest)} for p in before if p["status"] == "cancelled"]
        order.parts[line] = shipped + (cancelled[:1] if rest > 0 else [])

    def _cancel(self, turn: Turn[Any], key: str, order: Order) -> Effects:
        if order.cancelled:
            return
        order.cancelled = True
        assert order.facts is not None
        for line in order.facts.lines:
            self._stand_cancelled(order, line.line)
        if order.planned:
            nothing = order.facts.model_copy(update={"lines": ()})
            yield turn.request("planner", PlanOrder(order=nothing, classes=(), change=True), subject=readable(key))
            order.planned = False
        yield from self._save_lines(turn, key)

    # -- engineering

    @handles(DesignQueued, WatchAgreed)
    def noted(self, turn: Turn[Content]) -> Effects:
        yield from ()

    @handles(Designed)
    def designed(self, turn: Turn[Designed]) -> Effects:
        key = turn.content.order
        order = self.orders[key]
        order.designed[turn.content.line] = turn.content.item
        if turn.content.line in order.designing:
            order.designing.remove(turn.content.line)
        if not order.cancelled and any(line.line == turn.content.line for line in order.document.lines):
            order.facts = understood(self.plant, order, order.document)
            yield from self._route(turn, key, order)
        else:
            yield self._save(turn, key)

    @handles(KnowledgeChanged)
    def learn(self, turn: Turn[KnowledgeChanged]) -> Effects:
        self.plant = revised(self.plant, turn.content.release)
        yield turn.inform(ReportTaken())

    # -- records

    def _save_lines(self, turn: Turn[Any], key: str) -> Effects:
        order = self.orders[key]
        for sequence, (line, parts) in enumerate(order.parts.items()):
            for part, values in enumerate(parts):
                row = {"order": key, "part": part, "sequence": order.sequence, "line_sequence": sequence, **values}
                yield turn.save(PromiseRow, row)
            for part in range(len(parts), order.rows.get(line, 0)):
                yield turn.remove(PromiseRow, {"order": key, "line": line, "part": part})
            order.rows[line] = len(parts)
        for line in [line for line in order.rows if line not in order.parts]:
            for part in range(order.rows.pop(line)):
                yield turn.remove(PromiseRow, {"order": key, "line": line, "part": part})
        yield self._save(turn, key)

    def _save(self, turn: Turn[Any], key: str) -> Any:
        order = self.orders[key]
        row = {
            "order": key,
            "sequence": order.sequence,
            "source": order.document.source,
            "number": order.document.number,
            "customer": order.document.customer or "",
            "received": order.received,
            "status": "cancelled" if order.cancelled else "open",
            "document": order.text(),
        }
        return turn.save(CustomerOrderRow, row)

    def _keep(self, turn: Turn[Any], key: str, body: str) -> Any:
        return turn.save(AgentStateRow, {"agent": self.name, "key": key, "body": body})

    def _forget(self, turn: Turn[Any], key: str) -> Any:
        return turn.remove(AgentStateRow, {"agent": self.name, "key": key})


def _is_asked(parts: Iterable[dict[str, Any]]) -> bool:
    """Whether a line waits for somebody to say what nobody could know."""
    return any(part["status"] == "question" for part in parts)


def _wholly_shipped(parts: Iterable[PartState]) -> list[str]:
    """The lines of which every part has left."""
    left: dict[str, bool] = {}
    for part in parts:
        left[part.line] = part.shipped and left.get(part.line, True)
    return [line for line, shipped in left.items() if shipped]

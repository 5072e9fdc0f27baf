"""The order desk asked what would be promised: orders are understood as if they were taken, and are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agents.intake.amending import (
    amended,
    asking_rule,
    check_shipped,
    is_older,
    never_received,
    newer,
    planned_as,
    understood,
)
from agents.intake.facts import OrderError, SupersededError, facts_of, fingerprint
from agents.intake.orders import Order, Orders
from agents.intake.sorting import Standing, sort_lines
from agents.runtime.agent import Agent, Effects, Turn, handles
from knowledge.documents import CustomerOrder, Document, OrderCancel, OrderChange
from knowledge.instants import from_datetime, to_datetime
from knowledge.plant import Plant
from knowledge.quantities import show_units
from knowledge.store.tables import AgentStateRow
from knowledge.supply import order_document, readable
from protocols.envelope import Envelope, Performative
from protocols.messages import Failed
from protocols.orders import Classified, ClassifyOrder, LineClass, LineFacts, OrderFacts, PlanOrder
from protocols.quoting import (
    DocumentsQuoted,
    OrdersQuoted,
    ProspectivePart,
    Quotable,
    QuotedApproval,
    QuoteDocuments,
    QuotedOrder,
    QuotedPart,
    QuotedSupply,
    QuoteOrders,
)


@dataclass(slots=True)
class _Case:
    """One order that is asked about."""

    order: str
    outcome: str = "accepted"
    reason: str = ""
    facts: OrderFacts | None = None
    classes: dict[str, LineClass] = field(default_factory=dict)
    designed: dict[str, str] = field(default_factory=dict)
    change: bool = False
    """Whether it is with the planner already."""
    asked: bool = False
    """Whether policy asks before it is changed."""
    standing: list[Standing] = field(default_factory=list)
    ready: tuple[LineFacts, ...] = ()


@dataclass(slots=True)
class _Question:
    """What was asked, and how many orders have still to be classified."""

    asked: Envelope[QuoteDocuments]
    cases: list[_Case] = field(default_factory=list)
    waiting: int = 0


class Quoting(Agent):
    """A desk that answers what would be promised. What it was asked lives in memory: a crash loses nothing else."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.orders = Orders(self.records)
        self.last_order = 0
        self._questions: dict[str, tuple[_Question, _Case | None]] = {}

    def seen(self, document: Document) -> bool:
        """Whether the very same document was taken before."""
        mark = seen_mark(document)
        return bool(self.records.own(AgentStateRow, agent=self.name, key=mark))

    @handles(QuoteDocuments)
    def quote(self, turn: Turn[QuoteDocuments]) -> Effects:
        """Put every order into the plant's terms, and have its lines classified."""
        question = _Question(turn.envelope)
        for document in turn.content.orders:
            case = self._case(turn, document, question.cases)
            question.cases.append(case)
            if case.facts is not None:
                asking = turn.query("classifier", ClassifyOrder(order=case.facts))
                self._questions[asking.conversation] = question, case
                question.waiting += 1
                yield asking
        if not question.waiting:
            yield self._answer(turn, question, None)

    def _case(self, turn: Turn[QuoteDocuments], document: Quotable, before: list[_Case]) -> _Case:
        if document.received is None:
            document = document.model_copy(update={"received": to_datetime(turn.now)})
        case = _Case(order_document(document.source, document.number))
        known = self.orders.get(case.order)
        try:
            if self.seen(document):
                case.outcome, case.reason = "duplicate", "the same document was taken before"
            elif is_older(None if known is None else known.as_of, document):
                raise SupersededError(document)
            elif not isinstance(document, CustomerOrder):
                self._amendment(case, known, document)
            elif known is not None and document.standing:
                change = newer(known, document)
                if change is None:
                    case.outcome, case.reason = "duplicate", "the order stands so already"
                else:
                    self._amendment(case, known, change)
            elif known is not None and known.first == fingerprint(document, with_time=False):
                case.outcome, case.reason = "duplicate", "the same order was taken before"
            elif known is not None or any(other.order == case.order for other in before):
                raise received_before(document)
            else:
                assert document.received is not None
                sequence = self.last_order + len(before) + 1
                case.facts = facts_of(self.plant, document, sequence, from_datetime(document.received))
        except SupersededError as problem:
            case.outcome, case.reason = "duplicate", str(problem)
        except OrderError as problem:
            case.outcome, case.reason = "quarantined", str(problem)
        return case

    def _amendment(self, case: _Case, order: Order | None, document: OrderChange | OrderCancel) -> None:
        if order is None or order.facts is None:
            raise never_received(document)
        check_shipped(order, document)
        new = amended(order, document)
        nothing = order.facts.model_copy(update={"lines": ()})
        case.facts = nothing if new is None else understood(self.plant, order, new)
        case.designed, case.change = dict(order.designed), order.planned
        case.asked = asking_rule(self.plant, order) is not None

    def quote_classified(self, turn: Turn[Classified]) -> Effects:
        """What the lines of an order are; once all are known, what can be planned is asked of the planner."""
        question, case = self._questions.pop(turn.envelope.conversation, (None, None))
        if question is None or case is None or case.facts is None:
            return
        case.classes = {line.line: line for line in turn.content.lines}
        case.standing, case.ready = sort_lines(self.plant, case.facts, case.classes, case.designed)
        question.waiting -= 1
        if question.waiting:
            return
        orders = tuple(_to_plan(question.cases))
        if not orders:
            yield self._answer(turn, question, None)
            return
        asking = turn.query(
            "planner",
            QuoteOrders(orders=orders, at=question.asked.content.at, alternatives=question.asked.content.alternatives),
        )
        self._questions[asking.conversation] = question, None
        yield asking

    @handles(OrdersQuoted)
    def quote_planned(self, turn: Turn[OrdersQuoted]) -> Effects:
        """The planner has answered."""
        question, _ = self._questions.pop(turn.envelope.conversation, (None, None))
        if question is not None:
            yield self._answer(turn, question, turn.content)

    def quote_failed(self, turn: Turn[Failed]) -> Effects:
        """Somebody could not answer: nobody can be told what would be promised."""
        question, _ = self._questions.pop(turn.envelope.conversation, (None, None))
        if question is None:
            return
        for conversation in [name for name, (other, _) in self._questions.items() if other is question]:
            del self._questions[conversation]
        yield turn.reply_to(question.asked, Performative.FAILURE, turn.content)

    def _answer(self, turn: Turn[Any], question: _Question, planned: OrdersQuoted | None) -> Any:
        parts = dict(planned.parts) if planned is not None else {}
        orders = tuple(
            QuotedOrder(
                order=case.order,
                outcome=case.outcome,
                reason=case.reason,
                parts=tuple(self._parts(case, parts.get(case.order, ()))),
            )
            for case in question.cases
        )
        supply = QuotedSupply() if planned is None else planned.supply
        asked = tuple(_change_asked(case.order) for case in question.cases if case.asked)
        supply = supply.model_copy(update={"approvals": (*asked, *supply.approvals)})
        others = () if planned is None else planned.alternatives
        answer = DocumentsQuoted(orders=orders, supply=supply, alternatives=others)
        return turn.reply_to(question.asked, Performative.INFORM, answer)

    def _parts(self, case: _Case, planned: tuple[ProspectivePart, ...]) -> Iterator[QuotedPart]:
        """The parts of an order by line, as the order has them."""
        for line in case.facts.lines if case.facts is not None else ():
            yield from (_standing(one) for one in case.standing if one.line.line == line.line)
            yield from (self._planned(part) for part in planned if part.line == line.line)

    def _planned(self, part: ProspectivePart) -> QuotedPart:
        item = self.plant.items.get(part.item)
        quantity = show_units(part.quantity, item.decimals if item else 0)
        return QuotedPart.model_validate({**part.model_dump(exclude={"shipped"}), "quantity": quantity})


def seen_mark(document: Document) -> str:
    """Under which key it is noted that a document was taken."""
    return f"seen:{fingerprint(document, with_time=True)}"


def received_before(document: CustomerOrder) -> OrderError:
    """What is said of an order whose number another one has."""
    return OrderError(
        f"order {document.source}/{document.number} was received before with other content:"
        " send an order_change instead"
    )


def _to_plan(cases: list[_Case]) -> Iterator[PlanOrder]:
    for case in cases:
        if case.facts is not None and (case.ready or case.change):
            facts = case.facts.model_copy(update={"lines": case.ready})
            yield PlanOrder(order=facts, classes=planned_as(facts, case.classes, case.designed), change=case.change)


def _change_asked(order: str) -> QuotedApproval:
    return QuotedApproval(decision="change", subject=order, text=f"change of order {readable(order)}")


def _standing(one: Standing) -> QuotedPart:
    return QuotedPart(
        line=one.line.line,
        item=one.item,
        classified_as=one.classified_as,
        quantity=one.line.ordered,
        requested=one.line.requested,
        promised=None,
        status=one.status,
        reason=one.reason,
    )

"""The part of the planner that answers what would be promised: a decision, made for good but for being taken back.

Between jobs, never within a negotiation; inventory is not asked, for its answer is a hold. The gate is: what it refuses
would not be promised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from agents.planner import past
from agents.planner.decisions import Proposal, other_answers, proposals, row_value
from agents.planner.delta import Delta, delta_of
from agents.planner.improving.handling import Improving
from agents.planner.parts import part_of, parts_of
from agents.planner.state import State
from agents.planner.untouched import untouched
from agents.planner.validator.gate import Gate
from agents.planner.validator.of_state import change_of
from agents.planner.validator.values import Refusal
from agents.runtime.agent import Effects, Turn, handles
from knowledge.instants import Instant
from knowledge.plant import Customer
from knowledge.supply import PurchaseRow, Release, readable
from protocols.envelope import Content, Envelope, Performative
from protocols.orders import PartState, PlanOrder
from protocols.quoting import (
    AskOffers,
    OffersTold,
    OrdersQuoted,
    PromiseMoved,
    ProspectivePart,
    QuotedApproval,
    QuotedMessage,
    QuotedPurchase,
    QuotedSupply,
    QuoteOrders,
)
from protocols.supplying import Alternative, Quote, Quotes

Waiting = tuple[Envelope[QuoteOrders], Quotes | None]
"""A question, and what is offered of items whose offers the planner did not know."""


class Quoting(Improving):
    """A planner that answers what it would promise. Questions live in memory: a crash loses nothing else."""

    gate: Gate
    quotes_of: dict[str, tuple[Quote, ...]]
    _waiting: list[Waiting]
    _offers_asked: dict[str, Envelope[QuoteOrders]]

    def _unquoted(self, content: Content) -> tuple[str, ...]:
        """Bought items below those of a job, whose offers are not known yet."""
        raise NotImplementedError

    def _learn(self, quotes: Quotes) -> None:
        """Reckon with what is offered from now on."""
        raise NotImplementedError

    def _overdue(self) -> list[str]:
        """What should have begun by now and has not breaks what waits for it."""
        raise NotImplementedError

    @handles(QuoteOrders)
    def quote_orders(self, turn: Turn[QuoteOrders]) -> Effects:
        """Answer at once, unless a negotiation is under way or offers have to be asked for."""
        missing = sorted({item for order in turn.content.orders for item in self._unquoted(order)})
        if missing:
            asking = turn.query("purchasing", AskOffers(items=tuple(missing)))
            self._offers_asked[asking.conversation] = turn.envelope
            yield asking
        else:
            yield from self._quote_between(turn, turn.envelope, None)

    @handles(OffersTold)
    def offers_told(self, turn: Turn[OffersTold]) -> Effects:
        asked = self._offers_asked.pop(turn.envelope.conversation, None)
        if asked is not None:
            found = Quotes(items=turn.content.items, offers=turn.content.offers)
            yield from self._quote_between(turn, asked, found)

    def offers_failed(self, turn: Turn[Any]) -> Effects:
        """Purchasing cannot say what is offered: nobody can be told what would be promised."""
        asked = self._offers_asked.pop(turn.envelope.conversation, None)
        if asked is not None:
            yield turn.reply_to(asked, Performative.FAILURE, turn.content)

    def _quote_between(self, turn: Turn[Any], asked: Envelope[QuoteOrders], offers: Quotes | None) -> Effects:
        self._waiting.append((asked, offers))
        if self.round is None:
            yield from self.answer_waiting(turn)

    def answer_waiting(self, turn: Turn[Any]) -> Effects:
        """A negotiation is over: answer what was asked meanwhile."""
        while self._waiting and self.round is None:
            asked, offers = self._waiting.pop(0)
            answer = self._quoted(asked.content, offers, turn.now)
            yield turn.reply_to(asked, Performative.INFORM, answer)

    def _quoted(self, content: QuoteOrders, offers: Quotes | None, now: Instant) -> OrdersQuoted:
        """What would be promised; planned anew where the gate refuses it, and said to be impossible after that."""
        now, orders = max(now, content.at or now), self._in_turn(content.orders)
        closed = [o.order.order for o in orders if o.change and o.order.order not in self.state.orders]
        for order in orders:
            if order.change:
                past.recall(self.state, self.records, order.order)
        if offers is None:
            make_ready(self.state, orders, now)
        reason = ""
        for attempt in range(3):
            known = dict(self.quotes_of)
            with untouched(self.state, now, lambda: self._learn(offers) if offers is not None else None):
                if attempt:
                    self.state.lives.clear()
                answer, refusals = self._tried(orders, reason, content.alternatives)
            self.quotes_of = known
            for item in offers.items if offers is not None else ():
                self.state.book.shop.forget_prices(item)
            if not refusals:
                break
            reason = f"no plan for it keeps every law: {refusals[0]}" if attempt else ""
        for name in closed:
            past.let_go(self.state, name)
        return answer

    def _in_turn(self, orders: Sequence[PlanOrder]) -> list[PlanOrder]:
        """Orders received at one instant are planned by priority."""
        plant = self.state.plant
        return sorted(orders, key=lambda o: (plant.customer(o.order.customer) or Customer("")).priority)

    def _tried(
        self, orders: Sequence[PlanOrder], reason: str, alternatives: bool
    ) -> tuple[OrdersQuoted, list[Refusal]]:
        """Plan orders one after the other, and what the gate refuses of all of it. Nothing is planned for a reason."""
        state, journal = self.state, self.state.journal
        self._overdue()
        before: list[Any] = []
        asked: list[Proposal] = []
        others: tuple[Alternative, ...] = ()
        parts: dict[str, tuple[ProspectivePart, ...]] = {}
        for order in orders:
            before, journal.log = [*before, *journal.log], []
            name = order.order.order
            if order.change and not order.order.lines:
                state.cancel(name)
            elif reason:
                state.refuse(order.order, order.classes, reason)
            else:
                state.plan_order(order.order, order.classes)
            delta = delta_of(state) if name in state.orders else Delta()
            found = list(proposals(state, order.order, delta, alternatives=False)) if name in state.orders else []
            if alternatives and len(orders) == 1 and name in state.orders:
                others = other_answers(state, order.order)
            if subjects := [proposal.subject for proposal in found if proposal.asks]:
                state.hold(name, subjects)
            asked += [proposal for proposal in found if proposal.asks]
        journal.log[:0] = before
        for order in orders:
            parts[order.order.order] = tuple(_parts(state, order.order.order))
        delta = delta_of(state)
        refusals = self.gate.would_refuse(change_of(state, delta))
        supply = _supply(state, delta, asked, frozenset(parts))
        return OrdersQuoted(parts=tuple(parts.items()), supply=supply, alternatives=others), refusals


def make_ready(state: State, orders: Sequence[PlanOrder], now: Instant) -> None:
    """Make the live plans that orders need and that are not there, as the next decision about them would: for good."""
    group_of, before = state.book.shop.group_of, state.now
    items = (line.item for order in orders for line in order.order.lines)
    groups = sorted({group_of[item] for item in items if item in group_of} - state.lives.keys())
    if not groups:
        return
    state.look_at(groups)
    failed, plans = state.failed.copy(), state.plans.copy()
    state.book.now = state.now = max(now, before)
    for group in groups:
        if state.live(group) is not None:
            state.recognise(group)
    state.book.now = state.now = before
    state.failed, state.plans = failed, plans


def _parts(state: State, order: str) -> Iterator[ProspectivePart]:
    deliveries = [state.releases[document].delivery for document in state.documents(order)]
    for number, part in enumerate(parts_of(state, order)):  # the releases first
        delivery = deliveries[number] if number < len(deliveries) else None
        yield ProspectivePart(**part.model_dump(), delivery=delivery)


def _supply(state: State, delta: Delta, asked: Sequence[Proposal], orders: frozenset[str]) -> QuotedSupply:
    return QuotedSupply(
        purchases=tuple(_purchases(delta)),
        outlay=_outlay(state, delta),
        work_orders=sum(before is None for before, after in delta.work_orders() if after is not None),
        approvals=tuple(
            QuotedApproval(decision=p.decision.decision, subject=p.subject, text=p.decision.text) for p in asked
        ),
        messages=tuple(_messages(delta)),
        moved=tuple(_moved(state, delta, orders)),
    )


def _purchases(delta: Delta) -> Iterator[QuotedPurchase]:
    """New purchase rows, and what others have grown by."""
    for before, row in delta.supply.values():
        if not isinstance(row, PurchaseRow):
            continue
        more = row.quantity - (before.quantity if isinstance(before, PurchaseRow) else 0)
        if more > 0:
            yield QuotedPurchase(
                supplier=row.supplier,
                item=row.item,
                quantity=more,
                unit_price=row.unit_price,
                currency=row.currency,
                order_by=row.order_by,
                due=row.due,
            )


def _messages(delta: Delta) -> Iterator[QuotedMessage]:
    """What would be said to people that is not said, or not of so much, so far."""
    for message in delta.messages.values():
        if message is not None:
            yield QuotedMessage(
                action=message.action,
                document=readable(message.document),
                item=message.item,
                quantity=message.quantity,
                reason=message.reason,
            )


def _outlay(state: State, delta: Delta) -> Decimal:
    """What is bought costs so much more than before, with what suppliers charge for an order."""
    total, new, gone = Decimal(0), dict[str, int](), dict[str, PurchaseRow]()
    suppliers: dict[str, str] = {}
    for before, after in delta.supply.values():
        if isinstance(after, PurchaseRow):
            total += row_value(state.plant, after)
            new[after.number] = new.get(after.number, 0) + (before is None)
            suppliers[after.number] = after.supplier
        if isinstance(before, PurchaseRow):
            total -= row_value(state.plant, before)
            if after is None:
                gone[before.number] = before
    for number, supplier in suppliers.items():
        if new[number] and new[number] == _rows_of(state, number):
            total += _order_cost(state, supplier)
    return total - sum(
        (_order_cost(state, row.supplier) for n, row in gone.items() if not _rows_of(state, n)), Decimal(0)
    )


def _rows_of(state: State, number: str) -> int:
    """How many planned rows a purchase order has."""
    registry = state.registry
    return sum(registry.planned.get((number, day), 0) for day in registry.days.get(number, ()))


def _order_cost(state: State, supplier: str) -> Decimal:
    known = state.plant.suppliers.get(supplier)
    if known is None or not known.order_cost:
        return Decimal(0)
    rate = state.plant.rate(known.currency)
    return known.order_cost * (rate if rate is not None else 1)


def _moved(state: State, delta: Delta, orders: frozenset[str]) -> Iterator[PromiseMoved]:
    """What is promised to others that is not as it was."""
    for old, new in delta.releases.values():
        some = new or old
        if some is None or some.order in orders:
            continue
        before, after = _told(state, old), _told(state, new)
        if before != after:
            yield PromiseMoved(order=some.order, before=before, after=after)


def _told(state: State, release: Release | None) -> PartState | None:
    return None if release is None else part_of(state, release)

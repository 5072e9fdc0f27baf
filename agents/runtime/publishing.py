"""What of a handler's records is published: a message to each sink that subscribes to it, in the same commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlmodel import SQLModel

from agents.runtime.agent import Effect, Send
from knowledge.store.database import Write
from knowledge.store.tables import (
    CustomerOrderRow,
    PromiseRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from knowledge.supply import readable
from protocols.envelope import Envelope, Performative, ProtocolName
from protocols.orders import Acknowledged
from protocols.publishing import Changed, Subscriptions, Topic

_TOPICS: Mapping[type[SQLModel], tuple[Topic, str]] = {
    CustomerOrderRow: (Topic.ORDER, "order"),
    PromiseRow: (Topic.ORDER, "order"),
    WorkOrderRow: (Topic.WORK_ORDER, "work_order"),
    PurchaseOrderRow: (Topic.PURCHASE_ORDER, "purchase_order"),
    ShippingOrderRow: (Topic.SHIPPING_ORDER, "shipping_order"),
}
"""Of each table, what its rows tell of, and the column that names the document."""

_PLANNED = "planned"


def published(envelope: Envelope[Any], effects: Iterable[Effect], subscriptions: Subscriptions) -> Iterator[Send]:
    """The messages that tell sinks what handling a message changed, each a conversation of its own."""
    for topic, document, order in dict.fromkeys(_changed(effects)):
        for each in subscriptions:
            if topic in each.topics and _is_of(order, each.source):
                conversation = f"{envelope.id}.{topic}.{document}.{each.sink}"
                content = Changed(topic=topic, document=document)
                yield Send(conversation, ProtocolName.INFORM, Performative.INFORM, each.sink, content, document)


def _changed(effects: Iterable[Effect]) -> Iterator[tuple[Topic, str, str]]:
    """What is to be told: topics, documents (those that came by their conversation), and the order concerned."""
    for effect in effects:
        if isinstance(effect, Write):
            told = _TOPICS.get(effect.table)
            if told is not None and (effect.remove or effect.row.get("status") != _PLANNED):
                topic, column = told
                if not effect.remove or topic is Topic.ORDER:  # what is removed was only planned
                    yield topic, str(effect.row[column]), str(effect.row.get("order", ""))
        elif isinstance(effect.content, Acknowledged) and effect.content.outcome == "accepted":
            yield Topic.DOCUMENT, effect.conversation, ""


def _is_of(order: str, source: str) -> bool:
    """Whether a sink that wants to hear of one source's orders, or of one partner's of it, hears of this."""
    own = readable(order.partition("/")[0])
    return not source or own == source or own.startswith(f"{source}:")

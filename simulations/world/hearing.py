"""What the world hears of the society: as any sink that was subscribed, told which documents changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from protocols.envelope import Envelope
from protocols.notices import Listener, Listeners, Notice, NoticeKind
from protocols.publishing import Changed, Subscription, Subscriptions, Topic

NAME = "world"

LISTENERS: Listeners = (
    Listener(NAME, frozenset((NoticeKind.ASKED, NoticeKind.ADVISED, NoticeKind.DECIDED, NoticeKind.QUARANTINED))),
)


def subscriptions(designed: Iterable[str]) -> Subscriptions:
    """What the world wants to hear of; of orders only those of the sources of which some have to be engineered."""
    issued = frozenset((Topic.WORK_ORDER, Topic.PURCHASE_ORDER, Topic.SHIPPING_ORDER))
    orders = (Subscription(NAME, frozenset((Topic.ORDER,)), source) for source in designed)
    return (Subscription(NAME, issued), *orders)


class Ear:
    """A sink that only notes what it was told, each thing once, until somebody listens."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self.changed: dict[tuple[Topic, str], None] = {}
        self.notices: list[Notice] = []

    def deliver(self, envelope: Envelope[Any], key: str) -> None:
        """Note it. What is repeated with the same key says nothing new."""
        content = envelope.content
        if isinstance(content, Changed):
            self.changed[content.topic, content.document] = None
        elif isinstance(content, Notice) and key not in self._keys:
            self._keys.add(key)
            self.notices.append(content)

    def listen(self) -> tuple[list[tuple[Topic, str]], list[Notice]]:
        """What was told since somebody listened last."""
        changed, self.changed = list(self.changed), {}
        notices, self.notices = self.notices, []
        return changed, notices

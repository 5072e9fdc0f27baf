"""What keeps a database small: conversations that are over and old are forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agents.runtime.ledger import Ledger
from knowledge.instants import Instant
from knowledge.store.retention import forget_conversations
from protocols.conversation import Conversations

DAY_S: Final = 24 * 60 * 60


def retain(ledger: Ledger, now: Instant, days: int, lasting: Iterable[str] = ()) -> tuple[int, int]:
    """Forget conversations that ended more than some days before `now`; how many, and how many messages of theirs.

    Conversations going on stay, as do those named in `lasting` and whatever open orders have to do with (see
    `forget_conversations`). Call it where the ledger is written, between two commits.
    """
    ledger.flush()
    going_on = Conversations.replay(ledger.delivered()).going_on
    return forget_conversations(ledger.store, now - days * DAY_S, going_on | set(lasting))

"""A society on either host with a policy of its own, whose time passes when a test says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any

from agents.opening import Host, begin
from agents.runtime.agent import Send
from agents.runtime.outbox import Sink
from agents.society import DOOR
from knowledge.documents import DOCUMENT
from knowledge.instants import iso, parse
from knowledge.store.database import Store
from knowledge.store.tables import ApprovalRow, PromiseRow, QuarantineRow
from protocols.envelope import Performative, ProtocolName
from protocols.notices import Listeners
from protocols.orders import SubmitDocument
from tests.explaining import NOW, PLANT, order

FAST_AND_SLOW = {
    "suppliers.csv": "supplier\nFAST\nSLOW\n",
    "offers.csv": "supplier,item,unit_price,lead_time_days\nFAST,R,9,1\nSLOW,R,2,20\n",
}


def rule(**keys: str) -> str:
    """A policy of one rule that asks the manager about every promise; values as they stand in TOML."""
    lines = {"decision": '"promise"', "action": '"ask"', "role": '"manager"', **keys}
    return "[[approvals]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


class Queue:
    """A society that takes documents and answers at the times that it is told."""

    def __init__(
        self,
        policy: str,
        make_host: Callable[..., Host],
        *,
        store: Store | None = None,
        sinks: Mapping[str, Sink] | None = None,
        listeners: Listeners = (),
        now: str = NOW,
        **files: str,
    ) -> None:
        self.store = store or Store("sqlite://")
        known = {**PLANT, **FAST_AND_SLOW, **files}
        known["plant.toml"] = f'name = "t"\ntimezone = "UTC"\ncurrency = "EUR"\n{policy}'
        begun = begin(
            self.store,
            known,
            parse(now),
            lambda makers, ledger, at, heard: make_host(makers, ledger, at, heard, sinks),
            lambda envelope: None,
            listeners=listeners,
        )
        self.host, self.ledger = begun.host, begun.ledger

    def take(self, *documents: Mapping[str, Any]) -> None:
        """Take documents, each at the time that it was received."""
        for document in documents:
            read = DOCUMENT.validate_python(document)
            assert read.received is not None
            self.until(read.received.isoformat())
            name = f"document {self.ledger.sequence}"
            content = SubmitDocument(name=name, document=read)
            self.host.post([Send(name, ProtocolName.REQUEST, Performative.REQUEST, "intake", content)], DOOR)
            self.until(read.received.isoformat())

    def until(self, time: str) -> None:
        """Let time pass."""
        self.host.run_until(parse(time))

    def row(self, approval: str = "AP-000001") -> dict[str, Any]:
        """An approval as it stands."""
        (found,) = self.store.rows(ApprovalRow, approval=approval)
        return found

    def stands(self, approval: str = "AP-000001") -> tuple[str, str, str]:
        """(status, whom it was put to, by whom it was decided)."""
        row = self.row(approval)
        return row["status"], row["role"], row["by"]

    @property
    def promises(self) -> list[tuple[str, str]]:
        """(status, promised) of every part."""
        rows = self.store.rows(PromiseRow)
        return [(row["status"], "" if row["promised"] is None else iso(row["promised"])[:10]) for row in rows]

    @property
    def refused(self) -> list[str]:
        """Why documents are in quarantine."""
        return [row["reason"] for row in self.store.rows(QuarantineRow)]


@contextmanager
def queue(policy: str, make_host: Callable[..., Host], **more: Any) -> Any:
    """A queue whose threads end with the test."""
    found = Queue(policy, make_host, **more)
    try:
        yield found
    finally:
        found.host.stop()


WANTED = order("1", "5", "2024-01-12")


def answer(at: str, decision: str = "approve", **fields: str) -> dict[str, Any]:
    """An answer to the first approval, on a day of January."""
    said = {"type": "approval_answer", "received": f"2024-01-{at}:00Z", "decision": decision}
    return {**said, **({} if "subject" in fields else {"approval": "AP-000001"}), **fields}

"""What the API answers with. Times are ISO 8601 with offset, quantities and money decimal texts."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from agents.service.desk import Outcome
from agents.service.gatekeeper import How
from knowledge.documents import ChangedLine

T = TypeVar("T")


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Page(Answer, Generic[T]):
    """Some rows, and how many there are in all."""

    rows: list[T]
    total: int = Field(examples=[42])


class PartView(Answer):
    """A part of an order line with one status and one promise."""

    line: str = Field(examples=["10"])
    part: int = Field(examples=[0])
    item: str = Field(examples=["STOOL"])
    classified_as: str = Field(examples=["make"])
    quantity: str = Field(examples=["12"])
    requested: str | None = Field(examples=["2026-02-02T00:00:00+00:00"])
    promised: str | None = Field(examples=["2026-02-02T00:00:00+00:00"])
    status: str = Field(examples=["promised"])
    reason: str


class Submitted(Answer):
    """What became of one document. `order` and its lines are there where it is about an order, and known."""

    document: str = Field(description="Its name, by which the quarantine knows it.")
    conversation: str
    outcome: Outcome
    reason: str = ""
    status_url: str = Field(examples=["/api/v1/submissions/5f0c"])
    order: str | None = Field(None, examples=["manual/1"])
    order_url: str | None = Field(None, examples=["/api/v1/orders/manual/1"])
    lines: list[PartView] = Field(default_factory=list)


class Submission(Answer):
    """What became of the documents of a body. `settled`: nothing of it is under way any more."""

    settled: bool
    documents: list[Submitted]


class OrderSummary(Answer):
    order: str = Field(examples=["manual/1"])
    source: str
    number: str
    customer: str
    received: str | None
    status: str = Field(description="open or cancelled")
    lines: list[PartView]


class ShipmentView(Answer):
    shipping_order: str
    order: str
    release: int
    line: str
    item: str
    quantity: str
    customer: str
    ship_to: str
    ship: str | None
    status: str


class OrderView(OrderSummary):
    """An order: its document as it stands, its lines, and the shipping orders of its releases."""

    document: dict[str, Any]
    releases: list[ShipmentView]
    approvals: list[str] = Field(description="Approvals asked for it, by number.")


class MessageView(Answer):
    """A message of a conversation."""

    message: str
    conversation: str
    causation: str
    sent: str | None
    sender: str
    receiver: str
    protocol: str
    performative: str
    kind: str
    subject: str
    status: str
    error: str
    content: dict[str, Any]


class HistoryEntry(Answer):
    """Something that happened to an order."""

    time: str | None
    event: str = Field(examples=["customer_order", "planned", "approval asked", "approved"])
    text: str
    message: str


class AlternativeView(Answer):
    name: str
    labels: list[str]
    text: str
    delivery: str | None
    shipments: int
    purchases: str
    shipping: str
    late_cost: str | None
    automatic: bool = Field(description="Whether policy would let it pass without asking.")
    moved: int
    suppliers: list[str]
    releases: list[dict[str, Any]]


class ApprovalSummary(Answer):
    approval: str = Field(examples=["AP-000001"])
    decision: str
    subject: str
    order: str
    status: str
    role: str
    by: str
    reason: str
    asked: str | None = Field(description="When it was put to whoever is asked now.")
    deadline: str | None = Field(description="Until when it can be answered; null: for ever.")
    on_silence: str = Field(description="What happens then: approve, reject, escalate, alternative or wait.")
    escalate_to: str = Field(description="Who is asked next where nobody answers.")
    escalated: bool
    decided: str | None
    stand_ins: list[str] = Field(description="Who may answer for the role just now, by name.")


class ApprovalView(ApprovalSummary):
    """A decision with its alternatives; the first of them is what is planned."""

    text: str
    value: str | None
    currency: str
    alternatives: list[AlternativeView]
    on_the_date: list[str]


class ApprovalReply(BaseModel):
    """A person's answer. `alternative` chooses one by name or label; `lines` are what an amendment changes instead."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"decision": "approve", "alternative": "cheapest", "by": "M. Weber"}]},
    )
    decision: Literal["approve", "reject", "amend"]
    alternative: str | None = Field(None, max_length=200)
    by: str | None = Field(None, max_length=200)
    note: str | None = Field(None, max_length=2000)
    lines: list[ChangedLine] = Field(default_factory=list, max_length=1000)


class DelegationView(Answer):
    """Who stands in for a role, and when."""

    role: str = Field(examples=["manager"])
    to: str = Field(examples=["M. Weber"])
    start: str | None
    until: str | None
    by: str
    note: str
    in_force: bool


class NewDelegation(BaseModel):
    """A person is to stand in for a role; without `start` from now on. One whose `until` has passed ends it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"role": "manager", "to": "M. Weber", "until": "2026-08-14"}]},
    )
    role: str = Field(min_length=1, max_length=200)
    to: str = Field(min_length=1, max_length=200)
    start: str | None = Field(None, max_length=40)
    until: str = Field(max_length=40)
    by: str | None = Field(None, max_length=200)
    note: str | None = Field(None, max_length=2000)


class WorkOrderView(Answer):
    work_order: str
    item: str
    quantity: str
    start: str | None
    finish: str | None
    status: str


class OperationView(Answer):
    work_order: str
    step: str
    work_centre: str
    machine: int
    start: str | None
    finish: str | None


class PurchaseView(Answer):
    purchase_order: str
    row: int
    supplier: str
    item: str
    quantity: str
    received: str
    unit_price: str
    currency: str
    order_by: str | None
    due: str | None
    status: str


class ActionView(Answer):
    action: str
    document: str
    item: str
    quantity: str
    time: str | None
    reason: str


class QuarantineView(Answer):
    sequence: int
    document: str
    reason: str
    text: str


class DeadLetterView(Answer):
    """A message that was given up, with the traceback."""

    message: str
    sent: str | None
    sender: str
    receiver: str
    kind: str
    subject: str
    attempts: int
    body: dict[str, Any] = Field(description="What it says.")
    error: str


class Mended(BaseModel):
    """What a message is to say instead."""

    model_config = ConfigDict(extra="forbid")

    body: dict[str, Any] | None = Field(None, description="All of the message's content; without it, what it said.")


class MendedText(BaseModel):
    """What a document in quarantine is to say instead."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(None, max_length=100_000, description="The whole document; without it, as it was.")


class Resent(Answer):
    """A message that was given up, and the id under which it goes now."""

    message: str
    sent_as: str = Field(examples=["m00000043"])


class AgentView(Answer):
    agent: str
    inbox: int = Field(description="Messages that wait for it.")


class Alive(Answer):
    status: Literal["live", "ready", "standing by"]
    under_way: int = Field(description="Documents at the desk.")
    now: str | None = Field(description="The society's time; null where another process has the society.")


class Me(Answer):
    """Who asks."""

    name: str = Field(examples=["m.weber"])
    known_by: How
    roles: list[str]
    titles: list[str] = Field(
        description="Roles in rules of plant.toml, besides the roles, whose approvals they answer."
    )
    approves_up_to: str | None = Field(description="In the plant's currency; null: any value.")
    permissions: list[str]
    csrf: str | None = Field(description="What a change made with this session has to send as X-CSRF-Token.")


class AuditRecordView(Answer):
    """A person's decision. `hash` is made of all of it and of `previous`, the hash of the record before it."""

    sequence: int
    time: str
    person: str
    action: str = Field(examples=["approval_answer"])
    subject: str = Field(examples=["AP-000001"])
    detail: dict[str, Any]
    previous: str
    hash: str


class AuditCheck(Answer):
    """Whether the audit log is as it was written."""

    records: int
    head: str = Field(description="The hash of the last record.")
    sound: bool
    faults: list[str]

"""Approvals and delegations as people see them, from their rows: for the API, and for commands that read a database."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from agents.api.schemas import AlternativeView, ApprovalSummary, ApprovalView, DelegationView
from agents.approvals.waiting import outcome
from knowledge.delegation import Delegation, delegations_of, stand_ins
from knowledge.instants import Instant, iso
from knowledge.plant import Plant
from knowledge.quantities import show_units
from knowledge.store.database import Store
from knowledge.store.tables import AgentStateRow
from knowledge.supply import readable
from protocols.supplying import Alternative, Decision

Row = Mapping[str, Any]


def delegations_in(store: Store) -> list[Delegation]:
    """Every delegation that a database keeps."""
    return list(delegations_of(store.rows(AgentStateRow, agent="approvals")))


def decision_of(row: Row) -> Decision:
    """The decision that a row of the queue is about."""
    return Decision.model_validate(json.loads(row["body"])["decision"])


def already(row: Row) -> str:
    """Why a decision that was made cannot be answered any more; empty for one that waits."""
    if row["status"] == "pending":
        return ""
    return f"approval {row['approval']} has already been {outcome(row['status'], row['by'], row['reason'])}"


def summary_of(row: Row, plant: Plant, delegations: Collection[Delegation], now: Instant) -> ApprovalSummary:
    """A row of the queue."""
    return ApprovalSummary(**_summary(row, plant, delegations, now))


def view_of(row: Row, plant: Plant, delegations: Collection[Delegation], now: Instant) -> ApprovalView:
    """A decision with the alternatives to it."""
    decision = decision_of(row)
    return ApprovalView(
        **_summary(row, plant, delegations, now),
        text=decision.text,
        value=None if decision.value is None else f"{decision.value:f}",
        currency=plant.currency,
        alternatives=[alternative_view(plant, each) for each in decision.alternatives],
        on_the_date=list(decision.on_the_date),
    )


def delegation_view(delegation: Delegation, plant: Plant, now: Instant) -> DelegationView:
    """A delegation."""
    return DelegationView(
        role=delegation.role,
        to=delegation.to,
        start=iso(delegation.start, plant.zone),
        until=iso(delegation.until, plant.zone),
        by=delegation.by,
        note=delegation.note,
        in_force=delegation.start <= now < delegation.until,
    )


def _summary(row: Row, plant: Plant, delegations: Collection[Delegation], now: Instant) -> dict[str, Any]:
    body = json.loads(row["body"])
    terms = body.get("terms") or {}
    columns = ("approval", "decision", "subject", "status", "role", "by", "reason")
    times = {
        name: None if body.get(name) is None else iso(body[name], plant.zone)
        for name in ("asked", "deadline", "decided")
    }
    return {
        **{name: row[name] for name in columns},
        **times,
        "order": readable(body["decision"]["order"]),
        "on_silence": terms.get("on_silence", ""),
        "escalate_to": terms.get("escalate_to", ""),
        "escalated": body["escalated"],
        "stand_ins": list(stand_ins(delegations, row["role"], now)) if row["status"] == "pending" else [],
    }


def alternative_view(plant: Plant, each: Alternative) -> AlternativeView:
    """An answer to an order, with what it costs."""
    releases = [
        {
            "line": release.line,
            "item": release.item,
            "quantity": _units(plant, release.item, release.quantity),
            "ship": iso(release.ship, plant.zone),
            "delivery": iso(release.delivery, plant.zone),
        }
        for release in each.releases
    ]
    return AlternativeView(
        name=each.name,
        labels=list(each.labels),
        text=each.text,
        delivery=iso(each.delivery, plant.zone),
        shipments=each.shipments,
        purchases=f"{each.purchases:f}",
        shipping=f"{each.shipping:f}",
        late_cost=None if each.late_cost is None else f"{each.late_cost:f}",
        automatic=each.automatic,
        moved=each.moved,
        suppliers=list(each.suppliers),
        releases=releases,
    )


def _units(plant: Plant, item: str, units: int) -> str:
    known = plant.items.get(item)
    return show_units(units, known.decimals if known else 0)

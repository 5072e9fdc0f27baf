"""Until when a decision waits, what silence then means, and what becomes of an answer that comes too late."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agents.opening import Host
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from knowledge.store.database import Store
from knowledge.store.tables import PurchaseOrderRow
from tests.agents.approvals.queueing import WANTED, answer, queue, rule

HOSTS = (SimulatedHost, PykkaHost)
on_either_host = pytest.mark.parametrize("host", HOSTS)

Hosting = Callable[..., Host]

EIGHT = {"deadline_hours": "8"}
UNTIL_EIGHT = "asked of manager until 2024-01-01T08:00:00+00:00"
DIRECTOR = {"on_silence": '"escalate"', "escalate_to": '"director"'}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, ""),
        (EIGHT, f"{UNTIL_EIGHT}, then rejected"),
        ({**EIGHT, "on_silence": '"approve"'}, f"{UNTIL_EIGHT}, then approved"),
        ({**EIGHT, "on_silence": '"wait"'}, f"{UNTIL_EIGHT}, then still asked"),
        ({**EIGHT, **DIRECTOR}, f"{UNTIL_EIGHT}, then of director until 2024-01-01T16:00:00+00:00, then rejected"),
    ],
)
def test_a_proposal_says_from_the_first_moment_what_silence_will_mean(keys: dict[str, str], said: str) -> None:
    with queue(rule(**keys), SimulatedHost) as found:
        found.take(WANTED)
        reason = found.row()["reason"]
        assert reason.endswith(said)
        assert ("asked of" in reason) is bool(said)


@on_either_host
@pytest.mark.parametrize(
    ("keys", "outcome", "promised"),
    [
        (EIGHT, ("rejected", "manager", "silence"), ("infeasible", "")),
        ({**EIGHT, "on_silence": '"approve"'}, ("approved", "manager", "silence"), ("promised", "2024-01-13")),
        ({**EIGHT, "on_silence": '"wait"'}, ("pending", "manager", ""), ("awaiting_approval", "")),
        ({**EIGHT, **DIRECTOR}, ("pending", "director", ""), ("awaiting_approval", "")),
    ],
)
def test_silence_means_what_was_said(
    host: Hosting, keys: dict[str, str], outcome: tuple[str, str, str], promised: tuple[str, str]
) -> None:
    with queue(rule(**keys), host) as found:
        found.take(WANTED)
        found.until("2024-01-01T07:59:59Z")
        assert found.stands() == ("pending", "manager", "")
        found.until("2024-01-01T08:00:00Z")
        assert found.stands() == outcome
        assert found.promises == [promised]


@on_either_host
def test_after_an_escalation_the_other_role_has_the_same_time_and_then_it_is_rejected(host: Hosting) -> None:
    with queue(rule(**EIGHT, **DIRECTOR), host) as found:
        found.take(WANTED)
        found.until("2024-01-01T15:59:59Z")
        assert found.stands() == ("pending", "director", "")
        assert found.row()["reason"].endswith("; asked of director until 2024-01-01T16:00:00+00:00, then rejected")
        found.until("2024-01-01T16:00:00Z")
        assert found.stands() == ("rejected", "director", "silence")


DEAR = rule(decision='"purchase"', when="{ value_over = 50 }", **EIGHT, on_silence='"alternative"')
NONE = "rejected: no alternative goes without approval"


@on_either_host
def test_silence_takes_the_first_alternative_that_needs_no_approval(host: Hosting) -> None:
    """FAST is dear and in time; SLOW, who is cheap, is late: that is what silence takes."""
    with queue(DEAR, host) as found:
        found.take(WANTED)
        assert found.row()["reason"].endswith(f"{UNTIL_EIGHT}, then answered with 2 (cheapest)")
        found.until("2024-01-01T08:00:00Z")
        assert found.stands() == ("approved", "manager", "silence")
        assert found.promises == [("promised", "2024-01-24")]
        assert {row["supplier"] for row in found.store.rows(PurchaseOrderRow)} == {"SLOW"}


def test_silence_rejects_where_policy_would_ask_about_every_alternative() -> None:
    for late in ("", rule(when="{ late_over_days = 3 }")):
        with queue(DEAR.replace("50", "1" if not late else "50") + late, SimulatedHost) as found:
            found.take(WANTED)
            assert found.row()["reason"].endswith(f"{UNTIL_EIGHT}, then {NONE}")
            found.until("2024-01-01T08:00:00Z")
            assert found.stands() == ("rejected", "manager", "silence")


def test_a_manager_may_choose_another_alternative_than_the_purchase_that_is_asked_about() -> None:
    with queue(DEAR, SimulatedHost) as found:
        found.take(WANTED, answer("01T01:00", by="ann", alternative="cheapest"))
        assert found.promises == [("promised", "2024-01-24")]
    with queue(DEAR, SimulatedHost) as found:
        found.take(WANTED, answer("01T01:00", by="ann", alternative="as planned"))
        assert found.promises == [("promised", "2024-01-13")]


@on_either_host
def test_an_answer_in_time_ends_the_waiting_and_the_timers_find_nothing_to_do(host: Hosting) -> None:
    with queue(rule(**EIGHT, **DIRECTOR), host) as found:
        found.take(WANTED, answer("01T07:59", by="ann"))
        found.until("2024-01-03T00:00:00Z")
        assert found.stands() == ("approved", "manager", "ann")
        assert found.promises == [("promised", "2024-01-13")]


@on_either_host
@pytest.mark.parametrize("meant", [{"approval": "AP-000001"}, {"subject": "t/1"}])
def test_an_answer_after_the_deadline_is_refused_with_what_was_decided(host: Hosting, meant: dict[str, str]) -> None:
    with queue(rule(**EIGHT), host) as found:
        found.take(WANTED, answer("01T08:01", by="ann", **meant))
        assert found.refused == [
            "approval AP-000001 has already been rejected by silence: nobody answered by 2024-01-01T08:00:00+00:00"
        ]
        assert found.stands() == ("rejected", "manager", "silence")


@on_either_host
def test_of_two_answers_at_one_time_the_first_holds_and_the_other_is_told(host: Hosting) -> None:
    with queue(rule(**EIGHT), host) as found:
        found.take(WANTED, answer("01T01:00", by="ann", note="go"), answer("01T01:00", "reject", by="bob"))
        assert found.stands() == ("approved", "manager", "ann")
        assert found.refused == ["approval AP-000001 has already been approved by ann: go"]


def test_a_decision_that_goes_on_waiting_can_still_be_answered() -> None:
    with queue(rule(**EIGHT, on_silence='"wait"'), SimulatedHost) as found:
        found.take(WANTED)
        found.until("2024-01-02T00:00:00Z")
        said = "; nobody answered by 2024-01-01T08:00:00+00:00, still asked of manager"
        assert found.row()["reason"].endswith(said)
        found.take(answer("02T01:00", by="ann"))
        assert found.stands() == ("approved", "manager", "ann")


@on_either_host
@pytest.mark.parametrize("stopped", ["01T00:00", "01T03:00", "01T09:00", "02T00:00"])
def test_a_restart_at_any_time_loses_no_deadline(host: Hosting, stopped: str) -> None:
    store = Store("sqlite://")
    with queue(rule(**EIGHT, **DIRECTOR), host, store=store) as found:
        found.take(WANTED)
        found.until(f"2024-01-{stopped}:00Z")
    with queue(rule(**EIGHT, **DIRECTOR), host, store=store, now="2024-01-05T00:00:00Z") as found:
        assert found.stands() == ("rejected", "director", "silence")
        body = json.loads(found.row()["body"])
        assert body["decided"] - body["asked"] == 8 * 3600


@pytest.mark.parametrize("policy", ["", rule(action='"advise"'), rule(decision='"purchase"', deadline_hours="1")])
def test_what_was_said_of_silence_holds_though_policy_changes_meanwhile(policy: str) -> None:
    store = Store("sqlite://")
    with queue(rule(**EIGHT, **DIRECTOR), SimulatedHost, store=store) as found:
        found.take(WANTED)
    with queue(policy, SimulatedHost, store=store, now="2024-01-01T01:00:00Z") as found:
        found.until("2024-01-01T08:00:00Z")
        assert found.stands() == ("pending", "director", "")
        found.until("2024-01-01T16:00:00Z")
        assert found.stands() == ("rejected", "director", "silence")


def test_an_order_changed_while_it_waits_is_asked_anew_with_the_whole_time() -> None:
    change: dict[str, Any] = {
        "type": "order_change",
        "source": "t",
        "number": "1",
        "received": "2024-01-01T07:00:00Z",
        "lines": [{"line": "1", "quantity": "6"}],
    }
    with queue(rule(**EIGHT), SimulatedHost) as found:
        found.take(WANTED, change)
        found.until("2024-01-01T14:59:59Z")
        assert [found.stands(name)[0] for name in ("AP-000001", "AP-000002")] == ["superseded", "pending"]
        found.until("2024-01-01T15:00:00Z")
        assert found.stands("AP-000002") == ("rejected", "manager", "silence")
        found.take(answer("01T16:00"))
        assert found.refused == ["approval AP-000001 has already been superseded: it was changed, and asked anew"]

"""A manager who is away hands over for a time."""

from __future__ import annotations

from typing import Any

import pytest

from agents.runtime.simulated import SimulatedHost
from knowledge.delegation import delegations_of, stand_ins
from knowledge.instants import parse
from knowledge.store.database import Store
from knowledge.store.tables import AgentStateRow
from tests.agents.approvals.queueing import Queue, queue, rule


def hand_over(at: str = "01T00:00", **fields: str) -> dict[str, Any]:
    """The manager hands over to ann until the 5th of January."""
    said = {"role": "manager", "to": "ann", "until": "2024-01-05", **fields}
    return {"type": "approval_delegation", "received": f"2024-01-{at}:00Z", **said}


def there(found: Queue, at: str, role: str = "manager") -> tuple[str, ...]:
    """Who stands in on a day of January."""
    kept = list(delegations_of(found.store.rows(AgentStateRow, agent="approvals")))
    return stand_ins(kept, role, parse(f"2024-01-{at}:00Z"))


def test_somebody_stands_in_from_the_start_and_no_longer_at_the_end() -> None:
    with queue(rule(), SimulatedHost) as found:
        found.take(hand_over(start="2024-01-03"), hand_over(to="bob", until="2024-01-02T12:00:00Z"))
        assert found.refused == []
        assert there(found, "02T11:59") == ("bob",)
        assert there(found, "02T12:00") == ()
        assert there(found, "03T00:00") == ("ann",)
        assert there(found, "04T23:59") == ("ann",)
        assert there(found, "05T00:00") == ()
        assert there(found, "04T00:00", role="director") == ()


def test_the_last_word_about_a_role_and_a_person_holds_and_can_end_it() -> None:
    with queue(rule(), SimulatedHost) as found:
        found.take(hand_over(), hand_over("02T00:00", until="2024-01-09"))
        assert there(found, "08T00:00") == ("ann",)
        found.take(hand_over("03T00:00", until="2024-01-03T00:00:00Z"))
        assert there(found, "03T00:00") == ()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"role": "manger"}, "policy never asks manger: it asks director, manager"),
        ({"start": "2024-01-06"}, "until 2024-01-05T00:00:00+00:00 is not after start 2024-01-06T00:00:00+00:00"),
        ({"until": "2023-12-31"}, "until 2023-12-31T00:00:00+00:00 has passed, and there is nothing to end"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(said: dict[str, str], why: str) -> None:
    with queue(rule(deadline_hours="8", escalate_to='"director"'), SimulatedHost) as found:
        found.take(hand_over(**said))
        assert found.refused == [why]
        assert there(found, "04T00:00") == ()


def test_a_restart_forgets_no_delegation() -> None:
    store = Store("sqlite://")
    with queue(rule(), SimulatedHost, store=store) as found:
        found.take(hand_over())
    with queue(rule(), SimulatedHost, store=store, now="2024-01-02T00:00:00Z") as found:
        found.take(hand_over("02T01:00", until="2024-01-02T01:00:00Z"))
        assert found.refused == []
        assert there(found, "02T01:00") == ()

"""Torture's database answers as any store does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow, MessageRow, OnHandRow, OperationRow, WorkOrderRow
from simulations.torture.faults import Faults, MortalStore
from simulations.torture.ordeal import Ordeal
from simulations.torture.story import Story


@pytest.fixture(scope="module")
def lived() -> MortalStore:
    """The database of a story."""
    story = Story(6)
    ordeal = Ordeal(story.files, story.next)
    ordeal.run()
    return ordeal.store


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.rows(WorkOrderRow),
        lambda store: store.rows(WorkOrderRow, "work_order", "drawn", drawn=True),
        lambda store: store.rows(WorkOrderRow, status=("planned", "released")),
        lambda store: store.rows(MessageRow, "kind", status="handled"),
        lambda store: store.rows(MessageRow, "kind", status="waiting"),
        lambda store: store.rows(MessageRow, "kind", "subject", receiver="planner", reply_by=None),
        lambda store: store.starting(AgentStateRow, "key", "stock:", agent="planner"),
        lambda store: store.of(OperationRow, "work_order", WorkOrderRow, {"status": "released"}),
        lambda store: sorted(store.different(MessageRow, "kind", sender="planner")),
        lambda store: store.after(MessageRow, "sequence", 40, "kind"),
        lambda store: store.clock(),
    ],
)
def test_what_is_asked_is_answered_in_the_same_way(lived: MortalStore, ask: Callable[[Store], Any]) -> None:
    plain = Store()
    copy = plain.engine.raw_connection().driver_connection
    assert isinstance(copy, sqlite3.Connection)
    lived._driver.backup(copy)
    for _ in range(2):
        assert ask(lived) == ask(plain)


def test_a_database_that_begins_anew_holds_nothing_and_takes_what_is_written() -> None:
    store, faults = MortalStore(Faults()), Faults()
    for units in (5, 6):
        store.write([Write(OnHandRow, {"item": "A", "quantity": units})])
        assert [row["quantity"] for row in store.rows(OnHandRow)] == [units]
        store.begin_anew(faults)
        assert (store.rows(OnHandRow), store.written, store.faults) == ([], set(), faults)

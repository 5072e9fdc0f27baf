"""Agents find in the records what they have written, whether it is durable yet or not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime.recorded import Recorded
from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow


def row(key: str, body: str = "") -> dict[str, str]:
    return {"agent": "a", "key": key, "body": body}


def gone(key: str) -> Write:
    return Write(AgentStateRow, {"agent": "a", "key": key}, remove=True)


@pytest.fixture
def store() -> Store:
    return Store()


def test_what_was_just_written_is_found_before_it_is_durable(store: Store) -> None:
    records = Recorded(store)
    records.wrote([Write(AgentStateRow, row("one", "1"))])
    assert records.own(AgentStateRow, agent="a", key="one") == [row("one", "1")]
    assert records.rows(AgentStateRow) == []


def test_a_row_that_is_changed_but_not_durable_is_found_as_it_is_now(store: Store) -> None:
    store.write([Write(AgentStateRow, row("one", "old")), Write(AgentStateRow, row("two", "old"))])
    records = Recorded(store)
    records.wrote([Write(AgentStateRow, row("one", "new")), gone("two")])
    assert records.own(AgentStateRow, agent="a") == [row("one", "new")]
    assert records.own(AgentStateRow, body="old") == []
    assert records.own(AgentStateRow, key=("one", "two")) == [row("one", "new")]


def test_a_later_change_is_not_lost_when_an_earlier_one_becomes_durable(store: Store) -> None:
    records = Recorded(store)
    first, second = Write(AgentStateRow, row("one", "1")), Write(AgentStateRow, row("one", "2"))
    records.wrote([first])
    records.wrote([second])
    store.write([first])
    records.durable([first])
    assert records.own(AgentStateRow, key="one") == [row("one", "2")]


STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from("xyz"), st.sampled_from("12")),
    st.tuples(st.just("remove"), st.sampled_from("xyz"), st.just("")),
    st.tuples(st.just("commit"), st.just(""), st.just("")),
)


@given(steps=st.lists(STEPS, max_size=12))
def test_after_any_writes_and_commits_rows_are_found_as_they_were_written_last(steps: list[Any]) -> None:
    store, expected = Store(), dict[str, str]()
    records, waiting = Recorded(store), list[Write]()
    for kind, key, body in steps:
        if kind == "commit":
            store.write(waiting)
            records.durable(waiting)
            waiting = []
            continue
        write = Write(AgentStateRow, row(key, body)) if kind == "write" else gone(key)
        records.wrote([write])
        waiting.append(write)
        expected.pop(key, None)
        if kind == "write":
            expected[key] = body
        assert records.own(AgentStateRow, agent="a") == [row(k, expected[k]) for k in sorted(expected)]
        assert records.own(AgentStateRow, agent=("a", "b")) == [row(k, expected[k]) for k in sorted(expected)]
        assert records.own(AgentStateRow, body="1") == [row(k, "1") for k in sorted(expected) if expected[k] == "1"]
    store.close()

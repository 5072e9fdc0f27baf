"""The host in virtual time: in waves, timers one by one, and what crashes is made anew."""

from __future__ import annotations

import pytest

from agents.runtime.ledger import Ledger
from agents.runtime.simulated import SimulatedHost
from knowledge.store.database import Store
from knowledge.store.tables import AgentStateRow, MessageRow
from protocols.supplying import Wake
from tests.agents.runtime.chat import NOW, Hearing, request, timer


class Stage(Hearing):
    """A host in virtual time with small agents, and what they tell the world."""

    host: SimulatedHost

    def __init__(self, store: Store | None = None, stumbles: list[int] | None = None) -> None:
        super().__init__(store)
        self.host = SimulatedHost(self.makers(stumbles=stumbles), Ledger(self.store), NOW, self.hear)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_nothing_happens_before_the_clock_runs(stage: Stage) -> None:
    stage.ask("echo", "a")
    assert stage.told == []
    stage.host.settle()
    assert stage.told == ["a: 1 at 0"]


def test_answers_find_their_way_back_through_several_agents(stage: Stage) -> None:
    stage.ask("relay", "a", "b")
    stage.host.settle()
    assert stage.told == ["a: 1 at 0", "b: 2 at 0"]
    assert {row["status"] for row in stage.store.rows(MessageRow)} == {"handled"}


def test_time_moves_to_each_timer_in_order_and_stops_where_it_is_told_to(stage: Stage) -> None:
    stage.ask("sleeper", "late", key="30")
    stage.ask("sleeper", "soon", key="10")
    stage.host.run_until(NOW + 20)
    assert stage.sleeper.order == ["late 0", "soon 0", "soon 10"]
    assert stage.host.now == NOW + 20
    stage.host.run_until(NOW + 30)
    assert stage.sleeper.order[-1] == "late 30"


def test_the_clock_never_goes_back(stage: Stage) -> None:
    stage.host.run_until(NOW + 20)
    stage.host.run_until(NOW)
    assert stage.host.now == NOW + 20


def test_all_messages_of_an_instant_come_before_its_timers(stage: Stage) -> None:
    stage.host.post([timer("echo", NOW, "ring"), request("relay", Wake(what="a"))], "door")
    stage.host.settle()
    assert stage.told == ["a: 1 at 0"]
    assert [row["body"] for row in stage.store.rows(AgentStateRow)] == ["2"]


@pytest.mark.parametrize("stumble", [1, 2, 3, 4])
def test_a_handler_that_raises_once_loses_nothing(stage: Stage, stumble: int) -> None:
    stumbling = Stage(stumbles=[stumble])
    for some in (stage, stumbling):
        some.ask("relay", "a", "b")
        some.ask("echo", "c", "d")
        some.host.settle()
    assert stumbling.told == stage.told
    assert stumbling.store.rows(AgentStateRow) == stage.store.rows(AgentStateRow)
    assert stumbling.host.ledger.buried == 0


def test_an_agent_that_never_stops_raising_is_given_up_message_by_message() -> None:
    stage = Stage(stumbles=[1, 1, 1])
    stage.ask("echo", "a", "b")
    stage.host.settle()
    assert stage.told == ["b: 1 at 0"]
    assert [row["status"] for row in stage.store.rows(MessageRow, receiver="echo")] == ["dead", "handled"]


def test_what_waited_when_the_process_ended_is_done_by_the_next_one(stage: Stage) -> None:
    stage.ask("sleeper", "a", key="10")
    stage.ask("echo", "b")
    again = Stage(stage.store)
    again.host.run_until(NOW + 10)
    assert again.told == ["b: 1 at 0"]
    assert again.sleeper.order == ["a 0", "a 10"]


def test_after_a_run_there_is_nothing_left_that_is_not_durable(stage: Stage) -> None:
    stage.ask("echo", "a")
    stage.host.settle()
    assert {row["status"] for row in stage.store.rows(MessageRow)} == {"handled"}
    assert stage.host.ledger.commit() == []


def test_a_host_without_threads_has_nothing_to_stop(stage: Stage) -> None:
    stage.host.stop()
    stage.ask("echo", "a")
    stage.host.settle()
    assert stage.told == ["a: 1 at 0"]

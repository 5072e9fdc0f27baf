"""Improving through the whole society: nothing promised gets later, every law holds, and nothing else depends on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.improving.hosting import Beside, InRounds
from agents.planner.sequencing import Failed, Improved
from agents.runtime.pykka_host import PykkaHost
from agents.society import DOOR, improving
from agents.sources.reading import Read, read_paths
from knowledge.instants import MINUTE, from_datetime
from knowledge.reading import read_folder
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from knowledge.store.tables import PromiseRow
from simulations.processing import Processing, earliest
from simulations.torture.documents import START, cancel, downtime, order
from simulations.torture.moments import promises, worse
from tests.bench.setups import write_shop
from tests.effort import times
from tests.random_plants import Case, items_of, plants
from tests.test_properties import LAW, findings, society, take


@dataclass
class Society(Processing):
    """A society that improves with what it is given."""

    making: Callable[[], Any] = field(default=lambda: InRounds(1))

    def _improver(self) -> Callable[[], Any]:
        return self.making


def shop(place: Path, store: Store | None = None, orders: int = 16, **more: Any) -> tuple[Society, list[Read]]:
    """A paint shop, and the orders that come to it."""
    write_shop(place, orders=orders, days=2.7, seed=4)
    reads = read_paths([place / "orders.jsonl"])
    files = read_folder(place / "knowledge")
    return Society(store or Store(), files, earliest(reads), improve_seconds=1, **more), reads


def run(processing: Processing, reads: list[Read]) -> None:
    for _ in processing.run(reads):
        pass


def tables(processing: Processing) -> dict[str, Rows]:
    return export(processing.store, processing.plant_now(), processing.now)


def late_hours(processing: Processing) -> float:
    """How late everything is that is promised, in sum."""
    rows = processing.store.rows(PromiseRow)
    return float(sum(max(0, row["promised"] - row["requested"]) for row in rows if row["promised"])) / 3600


# -- what it brings


def test_late_promises_get_earlier_where_colours_stand_together(tmp_path: Path) -> None:
    processing, reads = shop(tmp_path)
    run(processing, reads)
    before, hours = promises(processing), late_hours(processing)
    processing.improve()
    assert late_hours(processing) < hours * 0.7
    assert not worse(before, promises(processing))
    assert findings(processing) == []
    assert {row["order"] for row in processing.store.rows(PromiseRow) if "improving" in row["reason"]}


def test_without_being_asked_nothing_changes(tmp_path: Path) -> None:
    processing, reads = shop(tmp_path)
    run(processing, reads)
    before = tables(processing)
    processing.host.run_until(processing.now)
    assert tables(processing) == before


def test_orders_that_come_after_improving_find_a_plan_that_holds(tmp_path: Path) -> None:
    processing, reads = shop(tmp_path)
    run(processing, reads[:12])
    processing.improve()
    before = promises(processing)
    run(processing, reads[12:])
    assert not worse(before, promises(processing))
    processing.improve()
    assert findings(processing) == []
    assert not worse(before, promises(processing))


# -- the same bytes


def test_the_same_seed_gives_the_same_tables(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        processing, reads = shop(tmp_path)
        run(processing, reads)
        processing.improve()
        found.append(tables(processing))
    assert found[0] == found[1]


def test_a_restart_before_improving_changes_nothing(tmp_path: Path) -> None:
    found = []
    for number, restarts in enumerate((False, True)):
        url = f"sqlite:///{tmp_path / f'{number}.db'}"
        processing, reads = shop(tmp_path, Store(url))
        run(processing, reads)
        if restarts:
            processing.host.stop()
            processing.store.close()
            processing = Society(Store(url), processing.files, processing.now, improve_seconds=1)
        processing.improve()
        found.append(tables(processing))
        processing.store.close()
    assert found[0] == found[1]


def test_a_restart_after_improving_finds_the_same_plan(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'plant.db'}"
    processing, reads = shop(tmp_path, Store(url))
    run(processing, reads[:14])
    processing.improve()
    going_on: list[dict[str, Rows]] = []
    again: list[dict[str, Rows]] = []
    processing.store.close()
    for _ in range(2):
        copy = tmp_path / f"copy{len(going_on)}{len(again)}.db"
        copy.write_bytes((tmp_path / "plant.db").read_bytes())
        society_ = Society(Store(f"sqlite:///{copy}"), processing.files, processing.now, improve_seconds=1)
        run(society_, reads[14:])
        (again if going_on else going_on).append(tables(society_))
        assert findings(society_) == []
        society_.store.close()
    assert going_on == again


# -- what goes wrong


@dataclass
class Crashing(InRounds):
    """Fails when it is looked at."""

    def __init__(self) -> None:
        super().__init__(1)

    def poll(self) -> Improved | Failed | None:
        raise RuntimeError("the engine is broken")


class Failing(InRounds):
    """Comes to nothing."""

    def poll(self) -> Improved | Failed | None:
        return Failed("the process died with exit code -9")


@pytest.mark.parametrize("broken", [Crashing, lambda: Failing(1)])
def test_an_engine_that_fails_leaves_everything_as_it_was(broken: Callable[[], Any], tmp_path: Path) -> None:
    processing, reads = shop(tmp_path, making=broken)
    run(processing, reads)
    before = tables(processing)
    processing.improve()
    assert tables(processing) == before
    assert processing.outcome.dead == 0


def test_a_plan_that_the_gate_refuses_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agents import society as composition
    from agents.planner.agent import PlannerAgent, Round
    from agents.planner.delta import Delta
    from agents.planner.validator.of_state import whole_of
    from agents.planner.validator.values import Law, Refusal
    from tests.guarding import same

    refused: list[Refusal] = []

    class Refusing(PlannerAgent):
        def _check(self, round_: Round, delta: Delta) -> list[Refusal]:
            found = super()._check(round_, delta)
            if round_.job.improves and delta.releases:
                found = [Refusal(Law.OVERLAP, "t", "it is not to be")]
                refused.extend(found)
            return found

    monkeypatch.setattr(composition, "PlannerAgent", Refusing)
    processing, reads = shop(tmp_path)
    run(processing, reads)
    before, agent = tables(processing), processing.host.agents["planner"]  # type: ignore[attr-defined]
    kept, turns = whole_of(agent.state), dict(agent.state.book.turns)
    processing.improve()
    assert refused
    assert tables(processing) == before
    assert same(whole_of(agent.state), kept)
    assert agent.state.book.turns == turns
    assert processing.outcome.dead == 0


class Slow(InRounds):
    """Is not done when it is looked at first, and has to be looked at again in a minute."""

    wait_seconds = MINUTE

    def __init__(self) -> None:
        super().__init__(1)
        self.looked = 0

    def poll(self) -> Improved | Failed | None:
        self.looked += 1
        return super().poll() if self.looked > 1 else None


def test_what_was_found_is_judged_by_the_facts_that_came_meanwhile(tmp_path: Path) -> None:
    processing, reads = shop(tmp_path, making=Slow)
    run(processing, reads)
    processing.improve()
    gone = {**cancel("006", 0), "source": "shop"}
    take(processing, {**gone, "received": "2026-01-05T00:01:30Z"})
    before = promises(processing)
    processing.host.run_until(processing.now + 10 * MINUTE)
    assert processing.host.agents["planner"].improving is None  # type: ignore[attr-defined]
    assert findings(processing) == []
    after = promises(processing)
    assert not worse(before, after)
    assert after != before


# -- beside the society


def test_in_service_a_process_improves_while_the_society_goes_on(tmp_path: Path) -> None:
    processing, reads = shop(tmp_path, make_host=PykkaHost, making=lambda: Beside(2))
    try:
        run(processing, reads)
        hours, before = late_hours(processing), promises(processing)
        processing.host.post([improving("now")], DOOR)
        now, patience = processing.now, time.monotonic() + 100
        while late_hours(processing) >= hours and time.monotonic() < patience:
            now += 1
            processing.host.run_until(now)
            time.sleep(0.05)
        assert late_hours(processing) < hours
        assert not worse(before, promises(processing))
    finally:
        processing.host.stop()


def test_when_the_service_ends_nothing_goes_on_improving(tmp_path: Path) -> None:
    engine = Beside(1000)
    processing, reads = shop(tmp_path, make_host=PykkaHost, making=lambda: engine)
    try:
        run(processing, reads)
        processing.host.post([improving("now")], DOOR)
        processing.host.run_until(processing.now)
        running = engine.running
        assert running is not None
        assert not running.done()
    finally:
        processing.host.stop()
    assert running.result(60) is not None


# -- on random plants


@st.composite
def crowded(draw: st.DrawFn) -> Case:
    """A plant, with set-up tables or without, and more orders than it can make in time."""
    files = draw(plants())
    items = items_of(files)
    if draw(st.booleans()):
        head, *rows = files["items.csv"].splitlines()
        groups = draw(st.lists(st.sampled_from("ab"), min_size=len(rows), max_size=len(rows)))
        rows = [f"{row},{group}" for row, group in zip(rows, groups, strict=True)]
        files["items.csv"] = "\n".join([f"{head},group", *rows]) + "\n"
        long = draw(st.integers(1, 4)) * 60
        files["setups.csv"] = f"work_centre,from_group,to_group,minutes\nW0,a,a,0\nW0,b,b,0\nW0,a,b,{long}\nW0,b,a,30\n"
    wanted = st.tuples(st.sampled_from(items[:2]), st.integers(3, 25), st.integers(1, 6))
    lines = draw(st.lists(wanted, min_size=4, max_size=9))
    documents = [
        order(str(number), draw(st.sampled_from(["ANY", "WHOLE"])), [line], 0) for number, line in enumerate(lines, 1)
    ]
    if draw(st.booleans()):
        documents.append(cancel(str(draw(st.integers(1, len(lines)))), 0))
    return Case(files, tuple(documents))


FEW = settings(LAW, max_examples=times(6, 300))
"""An example takes the engine about a second."""


@FEW
@given(crowded(), st.booleans())
def test_improving_makes_nothing_later_and_breaks_no_law(case: Case, breaks: bool) -> None:
    processing = Society(Store(), case.files, from_datetime(START), improve_seconds=1)
    for document in case.documents:
        take(processing, document)
    before = promises(processing)
    processing.improve()
    after = promises(processing)
    assert not worse(before, after)
    assert findings(processing) == []
    if breaks:
        take(processing, downtime("W0", 300, 900, 0))
        assert findings(processing) == []
        after = promises(processing)
    again = order("late", "ANY", [(items_of(case.files)[0], 5, None)], 0)
    take(processing, again)
    assert not worse(after, promises(processing))
    assert findings(processing) == []


def test_a_society_that_is_not_to_improve_has_nothing_to_improve_with() -> None:
    files = {"plant.toml": 'name = "t"\n', "items.csv": "item,kind,supply\nF,finished,make\n"}
    processing = society(Case(files, ()))
    processing.improve()
    assert processing.host.agents["planner"].improver is None  # type: ignore[attr-defined]


@FEW
@given(crowded())
def test_a_restart_in_between_gives_the_same_tables_on_random_plants(case: Case) -> None:
    found = []
    for restarts in (False, True):
        processing = Society(Store(), case.files, from_datetime(START), improve_seconds=1)
        for document in case.documents:
            take(processing, document)
        if restarts:
            processing = Society(processing.store, case.files, processing.now, improve_seconds=1)
        processing.improve()
        found.append(tables(processing))
    assert found[0] == found[1]

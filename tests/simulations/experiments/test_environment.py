"""A plant is steered step by step: what is set reaches the society, and the same seed and actions give the same run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from knowledge.errors import SocietyError
from simulations.experiments.environment import Environment, Period, cost
from simulations.experiments.levers import Lever, Priority, SafetyStock, Sourcing, with_cell

LEVERS: tuple[Lever, ...] = (SafetyStock("STOOL", 80), Priority("PRIVAT"), Sourcing("BEECH", ("WALD", "FERN")))


@pytest.fixture
def workshop() -> Iterator[Environment]:
    """The tutorial for two days, in steps of one."""
    found = Environment("tutorial", LEVERS, days=2, period_days=1)
    yield found
    found.close()


def test_what_is_set_reaches_the_society_and_not_the_world(workshop: Environment) -> None:
    workshop.reset(seed=3)
    workshop.step({"safety_stock.STOOL": 40, "sourcing.BEECH": 1})
    world = workshop._running(over=True)
    known = world.society.plant_now()
    assert known.items["STOOL"].safety_stock == 40
    preferred = min(known.offers["BEECH"], key=lambda offer: offer.preference)
    assert preferred.supplier == "FERN"
    assert world.setting.plant.items["STOOL"].safety_stock != 40


def test_what_is_set_stays_when_offers_move() -> None:
    """Suppliers name new prices every day, beside what is loaded into the society."""
    quiet = {f"customers.{segment}.share": 0.01 for segment in ("low", "mid", "high")}
    levers, parameters = [SafetyStock("MEMORY-300", 5_000)], {**quiet, "suppliers.market.every_days": 1}
    assembler = Environment("pc-assembler", levers, days=2, period_days=2, parameters=parameters)
    assembler.reset(seed=1)
    world = assembler._running(over=True)
    offers = world.offered["offers.csv"]
    assembler.step({"safety_stock.MEMORY-300": 4_321})
    assert world.offered["offers.csv"] != offers
    assert world.society.plant_now().items["MEMORY-300"].safety_stock == 4_321
    assembler.close()


def test_the_same_seed_and_actions_give_the_same_run(workshop: Environment) -> None:
    runs = []
    for _ in range(2):
        seen = [workshop.reset(seed=5)]
        answers = [workshop.step([30, 2, 0]), workshop.step([10, 3, 1])]
        runs.append((seen, answers, workshop.result()))
    assert runs[0] == runs[1]
    (observation, _), *_ = runs[0][0]
    first, second = runs[0][1]
    assert list(observation) == list(first[0]) == list(second[0])
    assert [each[2:4] for each in (first, second)] == [(False, False), (False, True)]
    assert second[0]["day"] == 2
    assert first[0]["messages"] > 0


def test_without_a_seed_a_run_is_another_one(workshop: Environment) -> None:
    assert [workshop.reset(seed=7)[1]["seed"], workshop.reset()[1]["seed"]] == [7, 8]


def test_what_is_no_action_is_refused_with_what_would_be_one(workshop: Environment) -> None:
    with pytest.raises(SocietyError, match="call reset first"):
        workshop.step([0, 1, 0])
    workshop.reset(seed=1)
    for action, told in (
        ([1, 2], r"has 2 values, and there are 3 levers"),
        ({"safety_stock.CHAIR": 3}, r"there is no lever safety_stock.CHAIR; there are safety_stock.STOOL, priority"),
        ({"priority.PRIVAT": 0}, r"priority.PRIVAT is a whole number from 1 to 9, not 0"),
        ({"safety_stock.STOOL": 2.5}, r"is a whole number from 0 to 80, not 2.5"),
    ):
        with pytest.raises(SocietyError, match=told):
            workshop.step(action)  # type: ignore[arg-type]


def test_levers_of_things_that_are_not_there_are_refused() -> None:
    for lever, told in (
        (SafetyStock("CHAIR", 9), r"safety_stock.CHAIR: the plant has no item CHAIR; there are BEECH, BENCH"),
        (Priority("NOBODY"), r"priority.NOBODY: the plant has no customer NOBODY; there are HAUS"),
        (Sourcing("BEECH", ("WALD", "KONTOR")), r"no supplier of BEECH KONTOR; there are FERN, WALD"),
    ):
        with pytest.raises(SocietyError, match=told):
            Environment("tutorial", [lever], days=4, period_days=2)
    with pytest.raises(SocietyError, match=r"a run of 4 days has no period of 7"):
        Environment("tutorial", [], days=4)


def test_the_reward_is_what_lateness_and_stock_cost_unless_another_is_given() -> None:
    before = {"inventory_value": 1_000.0, "work_in_process_value": 0.0}
    after = {"inventory_value": 2_000.0, "work_in_process_value": 460.0}
    assert cost(Period(before, after, 73, 11.0)) == pytest.approx(-11 - 1_730 * 0.25 / 5)


def test_a_cell_is_set_and_everything_else_stays() -> None:
    files = {"a.csv": '\ufeffitem,note\nX,"a, b"\nY,\n', "b.csv": "untouched"}
    found = with_cell(files, "a.csv", {"item": "Y"}, "priority", "3")
    assert found == {"a.csv": 'item,note,priority\nX,"a, b",\nY,,3\n', "b.csv": "untouched"}

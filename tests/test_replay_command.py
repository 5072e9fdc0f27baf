"""`replay` from the command line: the work orders of a log under a policy, against what really happened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.errors import SocietyError
from run_agents import DONE, UNUSABLE
from simulations.learning.folder import write_learned
from simulations.learning.learned import learn
from simulations.learning.mapping import LogMapping
from simulations.learning.replay import figures, read_happened, replayed
from simulations.world.reading import ScenarioError, gallery, read_setting
from simulations.world.running import Trial, run_trial
from tests.simulations.learning.shop_logs import csv_of, shop_log
from tests.test_run_agents import run


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is learned of a made-up shop, whose floor took one order after the other."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "floor.csv").write_text(csv_of(shop_log(25)))
    write_learned(learn(folder / "floor.csv", LogMapping()), folder / "learned")
    return folder / "learned"


def test_the_planner_is_compared_with_what_happened(shop: Path) -> None:
    told = json.loads(run("replay", shop, "--json").stdout)
    real, ours, standard = told["outcomes"]
    assert (real["name"], ours["name"], standard["name"]) == (
        "what happened",
        "planner",
        "planner-told, by standard times",
    )
    assert {each["orders"] for each in told["outcomes"]} == {25}
    assert (real["later"], real["later_mean"]) == (0, 0)
    assert told["unfinished"] == {}
    assert 0 < ours["lead_mean"] < 1.25 * real["lead_mean"]
    assert ours["makespan"] < real["makespan"] + 1
    shown = run("replay", shop, "--policy", "fcfs")
    assert shown.exit_code == DONE
    assert "what happened" in shown.stdout
    assert "fcfs" in shown.stdout


def test_nothing_is_over_before_its_work_could_be_done(shop: Path) -> None:
    happened, outcome = read_happened(shop), replayed(shop, "planner")
    assert outcome.over.keys() == happened.over.keys()
    assert all(outcome.over[case] - happened.begun[case] >= happened.work[case] for case in outcome.over)
    again = replayed(shop, "planner")
    assert figures(shop, [again]) == figures(shop, [outcome])


def test_a_folder_that_was_not_learned_and_routes_that_are_not_there_are_refused(shop: Path, tmp_path: Path) -> None:
    refused = run("replay", tmp_path)
    assert refused.exit_code == UNUSABLE
    assert "give a folder that knowledge learn has written" in " ".join(refused.stderr.split())
    missing = (("policy.routes", str(tmp_path / "none.csv")),)
    with pytest.raises(SocietyError, match=r"none\.csv cannot be read"):
        run_trial(Trial(str(shop / "learned" / "replay"), "planner-told", 1, 1, missing))


def test_a_learned_shop_is_a_scenario_and_the_one_of_the_gallery_is_learned(shop: Path, tmp_path: Path) -> None:
    trial = Trial(str(shop / "learned" / "scenario"), "planner", 1, 5, (("warm_up_days", 0),))
    measures = run_trial(trial).measures
    assert (measures["orders"] or 0) > 0
    assert measures["dead_letters"] == 0
    (tmp_path / "machine-shop.csv").write_text(csv_of(shop_log(150, seed=7)))
    write_learned(learn(tmp_path / "machine-shop.csv", LogMapping()), tmp_path / "learned")
    assert "machine-shop" in gallery()
    shipped, made = read_setting("machine-shop"), read_setting(str(tmp_path / "learned" / "learned" / "scenario"))
    assert shipped.files == made.files
    assert shipped.scenario == made.scenario.model_copy(update={"plant": "plant"})


ORDER = {"type": "customer_order", "source": "s", "number": "1", "lines": [{"line": "1", "item": "X", "quantity": "1"}]}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"type": "order_cancel", "source": "s", "number": "1"}', "only these are given"),
        ("{", "orders.jsonl"),
        (json.dumps(ORDER), "does not say when it is received"),
        (json.dumps({**ORDER, "received": "2026-01-05T08:00:00Z"}), "X is not in items.csv of the plant"),
    ],
)
def test_orders_that_cannot_be_given_are_named_with_their_place(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "plant").mkdir()
    (tmp_path / "plant" / "items.csv").write_text("item\nY\n")
    head = 'title = "t"\nplant = "plant"\nstart = 2026-01-05\ndays = 1\n'
    (tmp_path / "scenario.toml").write_text(head + 'documents = "orders.jsonl"\n')
    with pytest.raises(ScenarioError, match=r"documents: .*orders\.jsonl is no file"):
        read_setting(str(tmp_path))
    (tmp_path / "orders.jsonl").write_text(line + "\n")
    with pytest.raises(ScenarioError) as refused:
        read_setting(str(tmp_path))
    assert told in str(refused.value)
    (tmp_path / "scenario.toml").write_text(head)
    with pytest.raises(ScenarioError, match="nobody orders anything"):
        read_setting(str(tmp_path))

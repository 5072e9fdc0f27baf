"""Scenarios: those of the gallery can be read, and what cannot be played is told by file, key and cure."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from simulations.experiments.definitions import definitions
from simulations.world.reading import GALLERY, ScenarioError, gallery, read_setting


@pytest.mark.parametrize("name", [name for name in gallery() if name != "machine-shop"])
def test_every_scenario_of_the_gallery_can_be_read(name: str) -> None:
    setting = read_setting(name)
    assert setting.scenario.title
    assert setting.scenario.warm_up_days < setting.scenario.days


def test_the_pc_assembler_is_the_one_of_the_game() -> None:
    plant = read_setting("pc-assembler").plant
    costs = [plant.items[code].unit_cost for code in ("PC-1", "PC-8", "PC-16")]
    assert [str(cost) for cost in costs] == ["1650.00", "2350.00", "2350.00"]
    minutes = [plant.routes[f"PC-{n}"].steps[0].alternatives[0].run_minutes for n in range(1, 17)]
    cycles = [round(float(each) * 2000 / (24 * 60), 6) for each in minutes]
    assert cycles == [4, 5, 5, 6, 5, 6, 6, 7] * 2
    assert {part.item for part in plant.boms["PC-9"].components} == {"CPU-110", "BOARD-210", "MEMORY-300", "DISK-400"}


def test_parameters_give_keys_other_values() -> None:
    found = read_setting("tutorial", [("customers.shops.rate", 20), ("floor.time_factor.cv", 0.5)]).scenario
    assert found.customers["shops"].rate == 20
    assert found.floor.time_factor.draw is not None
    assert found.floor.time_factor.model_dump()["cv"] == 0.5


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("customers.shops.rat", 20, r"customers\.shops\.rat: there is no such key here; the keys are customers, rate"),
        ("customers.shops.rate", -1, r"customers\.shops\.rate: input should be greater than or equal to 0"),
        ("customers.shops.cancel.chance", 2, r"customers\.shops\.cancel\.chance: .*less than or equal to 1"),
        ("floor.time_factor.cv", "much", r"floor\.time_factor\.cv: .*number"),
        ("suppliers.each.NOBODY.late.chance", 0.5, r"suppliers\.each\.NOBODY: NOBODY is not in suppliers\.csv"),
        ("start", "yesterday", r"start: .*date"),
        ("plant", "nowhere", r"plant: .*nowhere is no folder"),
    ],
)
def test_what_cannot_be_played_is_told_with_its_key(key: str, value: str | float, said: str) -> None:
    with pytest.raises(ScenarioError, match=r"scenario\.toml: " + said):
        read_setting("tutorial", [(key, value)])


def test_an_unknown_scenario_names_those_there_are() -> None:
    with pytest.raises(ScenarioError, match=r"scenario nowhere: .*there are .*tutorial"):
        read_setting("nowhere")


def test_a_scenario_of_ones_own_is_found_by_its_path(tmp_path: Path) -> None:
    shutil.copytree(GALLERY / "tutorial", tmp_path / "mine")
    assert read_setting(str(tmp_path / "mine")).scenario == read_setting("tutorial").scenario
    (tmp_path / "mine" / "scenario.toml").write_text("title = ", encoding="utf-8")
    with pytest.raises(ScenarioError, match="cannot be read as TOML"):
        read_setting(str(tmp_path / "mine"))


def test_the_scenario_and_the_measures_of_the_documentation_are_those_there_are(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "laboratory.md").read_text(encoding="utf-8")
    [text] = re.findall(r"<!-- file: scenario.toml -->\n```toml\n(.*?)```", page, re.DOTALL)
    shutil.copytree(GALLERY / "tutorial" / "plant", tmp_path / "plant")
    (tmp_path / "scenario.toml").write_text(text, encoding="utf-8")
    assert read_setting(str(tmp_path)).scenario.customers["retail"].rate == 6
    for name, known in definitions().items():
        assert f"| `{name}` | {known.meaning} |" in page


def test_what_a_scenario_names_has_to_be_in_its_plant(tmp_path: Path) -> None:
    shutil.copytree(GALLERY / "tutorial", tmp_path / "mine")
    file = tmp_path / "mine" / "scenario.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"SCHULE"', '"KITA"').replace("CUSHION = 3", "PILLOW = 3"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_setting(str(tmp_path / "mine"))
    assert "customers.school.customers: KITA is not in customers.csv of the plant" in str(caught.value)
    assert "customers.walk_in.items: PILLOW is not in items.csv of the plant" in str(caught.value)
